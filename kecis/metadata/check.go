package metadata

import (
	"slices"
	"strconv"

	"github.com/kecis/sdk/kecis/xmlsig"
)

// MaxKeys bounds the signing keys of one scope: a verifier tries no more, and
// current and next key of a roll-over need two.
const MaxKeys = 8

// minFloor is the least floor of amount authentication, in minor units: three
// tries among 2,000 amounts are a chance of 0.15 % (KECIS-META-015).
const minFloor = 2001

// checkKeys refuses keys with two uses, and scopes without a key
// (KECIS-META-009).
func (e *Entity) checkKeys() *Error {
	use := map[[32]byte]bool{}
	count := map[xmlsig.Scope]int{}
	for i := range e.Keys {
		k := &e.Keys[i]
		if use[k.Key.ID()] {
			return &Error{code: ErrKeyScope, expected: "each signing key once", found: k.Key.String()}
		}
		use[k.Key.ID()] = true
		if count[k.Scope]++; count[k.Scope] > MaxKeys {
			return &Error{code: ErrKey, expected: "at most " + strconv.Itoa(MaxKeys) + " keys of one scope", found: "more"}
		}
	}
	if count[xmlsig.ScopeMetadata] == 0 || count[xmlsig.ScopeMessage] == 0 {
		return &Error{code: ErrKeyScope, expected: "a key of the scope metadata and one of the scope message", found: "none"}
	}
	signing := map[string]bool{}
	for i := range e.Keys {
		signing[e.Keys[i].Key.String()] = true
	}
	for k := range e.encryptionKeys() {
		if signing[k.Recipient.KeyName()] {
			return &Error{code: ErrKeyScope, expected: "encryption keys that sign nothing", found: k.Recipient.KeyName()}
		}
	}
	return nil
}

// encryptionKeys yields all that the document announces.
func (e *Entity) encryptionKeys() func(func(*EncryptionKey) bool) {
	return func(yield func(*EncryptionKey) bool) {
		for i := range e.Roles {
			role := &e.Roles[i]
			if !each(role.EncryptionKeys, yield) {
				return
			}
			for j := range role.Routes {
				line := &role.Routes[j]
				shared := j > 0 && len(line.Keys) > 0 && len(role.Routes[j-1].Keys) > 0 && &line.Keys[0] == &role.Routes[j-1].Keys[0]
				if !shared && !each(line.Keys, yield) {
					return
				}
			}
		}
	}
}

func each(keys []EncryptionKey, yield func(*EncryptionKey) bool) bool {
	for i := range keys {
		if !yield(&keys[i]) {
			return false
		}
	}
	return true
}

// check refuses what contradicts itself in one role.
func (r *Role) check() *Error {
	for _, check := range []func() *Error{r.checkEndpoints, r.checkPayments, r.checkPolicy, r.checkRoutes} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// offers are the services that each role may have endpoints for.
func offers(role RoleName) []Service {
	switch role {
	case Requester:
		return []Service{ServiceNotification, ServiceOrder}
	case PG:
		return services()
	case Issuer:
		return []Service{
			ServicePayment, ServiceCapture, ServiceCancellation, ServiceReversal, ServiceInquiry,
			ServiceFeed, ServiceReconciliation, ServiceAuthentication, ServiceConfirmation,
		}
	}
	return []Service{ServiceReversal, ServiceInquiry, ServiceFeed, ServiceAuthentication, ServiceOrder, ServiceConfirmation}
}

// checkEndpoints refuses addresses that are not secure, services of other roles,
// and a front channel that shares an address with a back channel
// (KECIS-META-011).
func (r *Role) checkEndpoints() *Error {
	type key struct {
		service Service
		binding Binding
	}
	seen := map[key]bool{}
	front := map[string]bool{} // by location
	for _, e := range r.Endpoints {
		isFront, known := front[e.Location]
		switch {
		case !secure(e.Location):
			return refuseEndpoint("https, or http to this machine, without user or fragment", e.Location)
		case !slices.Contains(offers(r.Name), e.Service):
			return refuseEndpoint("a service of the role "+string(r.Name), string(e.Service))
		case seen[key{e.Service, e.Binding}]:
			return refuseEndpoint("one endpoint for a service and binding", string(e.Service)+" "+string(e.Binding))
		case e.Binding == BindingForm && e.Service != ServiceOrder && e.Service != ServiceAuthentication:
			return refuseEndpoint("the binding form only of order and authentication", string(e.Service))
		case e.Service == ServiceOrder && e.Binding != BindingForm:
			return refuseEndpoint("the binding form of order", string(e.Binding))
		case known && isFront != (e.Binding == BindingForm):
			return refuseEndpoint("front-channel endpoints with addresses of their own", e.Location)
		}
		seen[key{e.Service, e.Binding}] = true
		front[e.Location] = e.Binding == BindingForm
	}
	return nil
}

func refuseEndpoint(expected, found string) *Error {
	return &Error{code: ErrEndpoint, expected: expected, found: quote(found)}
}

// checkPayments refuses payments that are not described, and limits that
// contradict each other (KECIS-META-013).
func (r *Role) checkPayments() *Error {
	offered := slices.ContainsFunc(r.Endpoints, func(e Endpoint) bool { return e.Service == ServicePayment })
	captures := slices.ContainsFunc(r.Endpoints, func(e Endpoint) bool { return e.Service == ServiceCapture })
	switch {
	case offered && (len(r.Methods) == 0 || len(r.Currencies) == 0):
		return &Error{code: ErrMissing, expected: "Payments, with methods and currencies, of a role that offers payment"}
	case captures != (r.Captures != ""):
		return &Error{code: ErrMissing, expected: "Captures and an endpoint for capture, or neither"}
	case r.Captures != "" && r.HoldTime == 0:
		return &Error{code: ErrMissing, expected: "HoldTime of a role that leaves capture to the requester"}
	}
	seen := map[string]bool{}
	for _, c := range r.Currencies {
		if c.Min > c.Max || seen[c.Currency] {
			return &Error{code: ErrValue, expected: "each currency once, with Min up to Max", found: quote(c.Currency)}
		}
		seen[c.Currency] = true
	}
	return nil
}

// checkPolicy refuses rules that cannot be kept (KECIS-META-015).
func (r *Role) checkPolicy() *Error {
	floors := map[string]int64{}
	for _, f := range r.AmountFloors {
		if f.Least < minFloor || floors[f.Currency] != 0 {
			return &Error{code: ErrPolicy, expected: "each floor once, of " + strconv.Itoa(minFloor) + " minor units at least", found: quote(f.Currency)}
		}
		floors[f.Currency] = f.Least
	}
	for _, rule := range r.Authentication {
		floor, byAmount := floors[rule.Currency], slices.Contains(rule.Methods, ByAmount)
		switch {
		case byAmount && floor == 0:
			return &Error{code: ErrPolicy, expected: "a floor of amount authentication in " + rule.Currency, found: "none"}
		case byAmount && len(rule.Methods) == 1 && rule.From < floor:
			return &Error{code: ErrPolicy, expected: "another method below the floor of " + rule.Currency, found: "amount alone"}
		}
	}
	return nil
}

// checkRoutes refuses lines that nobody can follow, or two ways
// (KECIS-META-012).
func (r *Role) checkRoutes() *Error {
	type key struct {
		kind   Method
		prefix string
	}
	if r.Name != PG && len(r.Routes) > 0 {
		return refuseRoute("a routing table of a PG alone", string(r.Name))
	}
	seen := map[key]bool{}
	for i := range r.Routes {
		line := &r.Routes[i]
		card := line.Kind == MethodCard
		switch {
		case card && !digits(line.Prefix, 6, 8):
			return refuseRoute("6 to 8 digits of a card number", line.Prefix)
		case !card && !capitals(line.Prefix, 2, 11):
			return refuseRoute("a code of 2 to 11 of A-Z 0-9", line.Prefix)
		case card && !brand(line.Brand), !card && line.Brand != "":
			return refuseRoute("a brand of 2 to 16 of A-Z 0-9, at most 4 of them digits, for cards, none for others", line.Brand)
		case seen[key{line.Kind, line.Prefix}]:
			return refuseRoute("each prefix once", line.Prefix)
		}
		seen[key{line.Kind, line.Prefix}] = true
	}
	return nil
}

func refuseRoute(expected, found string) *Error {
	return &Error{code: ErrRoute, expected: expected, found: quote(found)}
}
