package metadata

import (
	"slices"
	"strconv"
	"strings"

	"github.com/kecis/sdk/kecis/xmltree"
)

func roleNames() []RoleName { return []RoleName{Requester, PG, Issuer, Authentication} }

// typeName is the local name of a role's type, which xsi:type names.
func typeName(role RoleName) string {
	switch role {
	case Requester:
		return "RequesterDescriptorType"
	case PG:
		return "PGDescriptorType"
	case Issuer:
		return "IssuerDescriptorType"
	}
	return "AuthenticationDescriptorType"
}

// role reads md:RoleDescriptor. That the prefix of xsi:type stands in the signed
// octets has been seen to by the verifier (KECIS-SIG-021); here its binding and
// the type are held against kecis:role (KECIS-META-007).
func (r *reader) role(role *Role, e xmltree.Element) {
	at := r.attributes(e)
	role.Name = RoleName(at.needNS(nsKECIS, "role"))
	if !slices.Contains(roleNames(), role.Name) {
		r.refuse(ErrUnsupported, e, "kecis:role to be one of"+joined(roleNames()), quote(string(role.Name)))
	}
	prefix, local, _ := strings.Cut(at.needNS(nsXSI, "type"), ":")
	if space, _ := e.Resolve(prefix); space != nsKECIS || local != typeName(role.Name) {
		r.refuse(ErrRole, e, "xsi:type to name the type of the role "+string(role.Name), quote("{"+space+"}"+local))
	}
	role.Versions = r.versions(at)
	at.end()
	r.roleContent(role, e)
	if r.err == nil {
		r.fail(e, role.check())
	}
}

// versions reads protocolSupportEnumeration.
func (r *reader) versions(at *attributes) []string {
	const local = "protocolSupportEnumeration"
	s := at.need(local)
	versions := strings.Split(s, " ")
	seen := map[string]bool{}
	for _, v := range versions {
		if !validURI(v) || seen[v] {
			at.bad(local, "URIs, each once, separated by one blank", s)
		}
		seen[v] = true
	}
	return versions
}

func (r *reader) roleContent(role *Role, e xmltree.Element) {
	c := r.children(e)
	c.many(nsMD, "KeyDescriptor", 0, func(d xmltree.Element) {
		role.EncryptionKeys = append(role.EncryptionKeys, r.encryptionKey(d))
	})
	c.many(nsKECIS, "Endpoint", 0, func(p xmltree.Element) { role.Endpoints = append(role.Endpoints, r.endpoint(p)) })
	if p, ok := c.option(nsKECIS, "Payments"); ok {
		r.payments(role, p)
	}
	if p, ok := c.option(nsKECIS, "AuthenticationPolicy"); ok {
		r.policy(role, p)
	}
	r.security(role, c.need(nsKECIS, "Security"))
	c.many(nsKECIS, "RoutesTo", 0, func(t xmltree.Element) { r.routesTo(role, t) })
	c.end("KeyDescriptor", "Endpoint", "Payments", "AuthenticationPolicy", "Security", "RoutesTo")
}

func services() []Service {
	return []Service{
		ServicePayment, ServiceCapture, ServiceCancellation, ServiceReversal, ServiceInquiry,
		ServiceNotification, ServiceFeed, ServiceReconciliation, ServiceAuthentication, ServiceOrder, ServiceConfirmation,
	}
}

func (r *reader) endpoint(e xmltree.Element) Endpoint {
	at := r.attributes(e)
	p := Endpoint{
		Binding:  choice(at, "Binding", BindingXML, BindingSOAP, BindingForm),
		Location: at.uri("Location"),
		Service:  choice(at, "Service", services()...),
	}
	at.end()
	r.empty(e)
	return p
}

func methods() []Method { return []Method{MethodCard, MethodAccount, MethodEMoney} }

// payments reads what a payment may be.
func (r *reader) payments(role *Role, e xmltree.Element) {
	at := r.attributes(e)
	if _, ok := e.Attr("Captures"); ok {
		role.Captures = choice(at, "Captures", CapturesFinal, CapturesSeveral)
	}
	role.HoldTime = at.seconds("HoldTime")
	role.Lookup = at.bool("Lookup")
	role.Methods = choices(at, "Methods", methods()...)
	role.PartialCancellation = at.bool("PartialCancellation")
	role.Parts = at.bool("Parts")
	role.ReversalCutOff = at.seconds("ReversalCutOff")
	at.end()
	c := r.children(e)
	c.many(nsKECIS, "Currency", 1, func(m xmltree.Element) {
		at := r.attributes(m)
		limits := CurrencyLimits{Currency: at.currency("Code"), Max: at.number("Max", 1, maxMinor), Min: at.number("Min", 1, maxMinor)}
		at.end()
		r.empty(m)
		role.Currencies = append(role.Currencies, limits)
	})
	if i, ok := c.option(nsKECIS, "Instalments"); ok {
		at := r.attributes(i)
		role.Instalments.From = at.number("From", 0, maxMinor)
		role.Instalments.InterestFree = at.bool("InterestFree")
		role.Instalments.Months = at.months("Months")
		at.end()
		r.empty(i)
	}
	c.end("Currency", "Instalments")
}

func (a *attributes) currency(local string) string {
	s := a.need(local)
	if !currency(s) {
		a.bad(local, "an alphabetic code of ISO 4217", s)
	}
	return s
}

// months reads numbers of months in rising order.
func (a *attributes) months(local string) (months []int) {
	s := a.need(local)
	last := minMonths - 1
	for word := range strings.SplitSeq(s, " ") {
		n, err := strconv.Atoi(word)
		if err != nil || strconv.Itoa(n) != word || n <= last || n > maxMonths {
			a.bad(local, "numbers from 2 to 60 in rising order, separated by one blank", s)
			return nil
		}
		months = append(months, n)
		last = n
	}
	return months
}

func authenticationMethods() []AuthenticationMethod {
	return []AuthenticationMethod{ByAmount, ByCertificate, ByPassword, By3DSecure, ByApp}
}

// policy reads from which amounts a payment needs which authentication.
func (r *reader) policy(role *Role, e xmltree.Element) {
	r.attributes(e).end()
	c := r.children(e)
	c.many(nsKECIS, "Rule", 0, func(rule xmltree.Element) {
		at := r.attributes(rule)
		read := AuthenticationRule{Currency: at.currency("Currency")}
		if _, ok := rule.Attr("Exemptions"); ok {
			read.Exemptions = choices(at, "Exemptions", ExemptProfile, ExemptReference, ExemptEMoney, ExemptFixedPayee)
		}
		read.From = at.number("From", 1, maxMinor)
		read.Methods = choices(at, "Methods", authenticationMethods()...)
		at.end()
		r.empty(rule)
		role.Authentication = append(role.Authentication, read)
	})
	c.many(nsKECIS, "AmountFloor", 0, func(f xmltree.Element) {
		at := r.attributes(f)
		floor := Floor{Currency: at.currency("Currency"), Least: at.number("Least", 1, maxMinor)}
		at.end()
		r.empty(f)
		role.AmountFloors = append(role.AmountFloors, floor)
	})
	if len(role.Authentication)+len(role.AmountFloors) == 0 {
		c.need(nsKECIS, "Rule")
	}
	c.end("Rule", "AmountFloor")
}

// security reads the level, TLS and the algorithms.
func (r *reader) security(role *Role, e xmltree.Element) {
	at := r.attributes(e)
	if _, ok := e.Attr("Level"); ok {
		role.SecurityLevel = int(at.number("Level", 1, maxLevel))
	}
	role.MutualTLS = at.bool("MutualTLS")
	at.end()
	c := r.children(e)
	c.many(nsKECIS, "Algorithm", 1, func(a xmltree.Element) {
		uri := r.word(a)
		if !validURI(uri) {
			r.refuse(ErrValue, a, uriForm, quote(uri))
		}
		role.Algorithms = append(role.Algorithms, uri)
	})
	c.end("Algorithm")
}

// routesTo reads the lines of the routing table that lead to one issuer.
func (r *reader) routesTo(role *Role, e xmltree.Element) {
	at := r.attributes(e)
	issuer := at.uri("Issuer")
	at.end()
	c := r.children(e)
	var keys []EncryptionKey
	c.many(nsMD, "KeyDescriptor", 1, func(d xmltree.Element) { keys = append(keys, r.encryptionKey(d)) })
	c.many(nsKECIS, "Route", 1, func(l xmltree.Element) {
		at := r.attributes(l)
		line := Route{Issuer: issuer, Keys: keys}
		line.Brand, _ = at.option("Brand")
		line.Kind = choice(at, "Kind", methods()...)
		line.Prefix = at.need("Prefix")
		at.end()
		r.empty(l)
		role.Routes = append(role.Routes, line)
	})
	c.end("KeyDescriptor", "Route")
}
