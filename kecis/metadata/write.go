package metadata

import (
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kecis/sdk/kecis/xmltree"
)

// writer writes one document. It refuses only what it cannot write; sign has the
// whole read by a reader.
type writer struct {
	w   *xmltree.Writer
	at  int // where ds:Signature belongs
	err error
}

func newWriter() *writer {
	return &writer{w: xmltree.NewWriter(nil,
		xmltree.Namespace{Prefix: "md", URI: nsMD},
		xmltree.Namespace{Prefix: "kecis", URI: nsKECIS},
		xmltree.Namespace{Prefix: "ds", URI: nsDS},
		xmltree.Namespace{Prefix: "ds11", URI: nsDS11},
		xmltree.Namespace{Prefix: "xsi", URI: nsXSI},
	)}
}

func (w *writer) start(prefix, local string) { w.w.Start(prefix, local) }

func (w *writer) end() { w.w.End() }

func (w *writer) attr(local, value string) { w.w.Attr("", local, value) }

func (w *writer) number(local string, n int64) { w.attr(local, strconv.FormatInt(n, 10)) }

func (w *writer) bool(local string, b bool) { w.attr(local, strconv.FormatBool(b)) }

func (w *writer) instant(local string, t time.Time) {
	if t.IsZero() && w.err == nil {
		w.err = &Error{code: ErrMissing, expected: "a time for " + local, found: "none"}
	}
	w.attr(local, formatInstant(t))
}

// seconds writes a duration, if there is one.
func (w *writer) seconds(local string, d time.Duration) {
	if d%time.Second != 0 && w.err == nil {
		w.err = &Error{code: ErrValue, expected: "whole seconds of " + local, found: d.String()}
	}
	if d != 0 {
		w.number(local, int64(d/time.Second))
	}
}

// writeChoices writes a list in the order of the set. Values that are not in the set
// stand behind, so that a reader refuses them.
func writeChoices[T ~string](w *writer, local string, values []T, set []T) {
	ordered := slices.Clone(values)
	slices.SortStableFunc(ordered, func(a, b T) int { return place(set, a) - place(set, b) })
	w.attr(local, strings.TrimPrefix(joined(ordered), " "))
}

func place[T ~string](set []T, v T) int {
	if i := slices.Index(set, v); i >= 0 {
		return i
	}
	return len(set)
}

func (w *writer) aggregate(a *Aggregate, id string) {
	w.start("md", "EntitiesDescriptor")
	w.attr("ID", id)
	w.attr("Name", a.Name)
	w.instant("validUntil", a.ValidUntil)
	w.at = w.w.Len()
	w.start("md", "Extensions")
	w.start("kecis", "Registry")
	w.number("Serial", a.Serial)
	w.end()
	w.end()
	for i := range a.Listings {
		w.entity(a.Listings[i].Entity, &a.Listings[i].Grant, "")
	}
	w.end()
}

func (w *writer) entity(e *Entity, grant *Grant, id string) {
	w.start("md", "EntityDescriptor")
	if grant == nil {
		w.attr("ID", id)
	}
	w.attr("entityID", e.ID)
	w.instant("validUntil", e.ValidUntil)
	if grant == nil {
		w.at = w.w.Len()
	}
	w.start("md", "Extensions")
	w.start("kecis", "Entity")
	w.number("Serial", e.Serial)
	for i := range e.Keys {
		w.signingKey(&e.Keys[i])
	}
	w.end()
	if grant != nil {
		w.grant(grant)
	}
	w.end()
	for i := range e.Roles {
		w.role(&e.Roles[i])
	}
	w.organization(&e.Organization)
	w.end()
}

func (w *writer) grant(g *Grant) {
	w.start("kecis", "Grant")
	w.bool("ReadsInstruments", g.ReadsInstruments)
	writeChoices(w, "Roles", g.Roles, roleNames())
	for _, s := range g.Statuses {
		w.start("kecis", "Status")
		w.instant("From", s.From)
		w.attr("Value", string(s.Status))
		w.end()
	}
	for _, k := range g.CompromisedKeys {
		w.w.Leaf("kecis", "CompromisedKey", k)
	}
	w.end()
}

func (w *writer) organization(o *Organization) {
	if *o == (Organization{}) {
		return
	}
	w.start("md", "Organization")
	w.texts("OrganizationName", o.Name)
	w.texts("OrganizationDisplayName", o.DisplayName)
	w.texts("OrganizationURL", o.URL)
	w.end()
}

func (w *writer) texts(local string, t Texts) {
	for _, one := range []struct{ lang, text string }{{"en", t.En}, {"ko", t.Ko}} {
		if one.text != "" {
			w.start("md", local)
			w.w.Attr("xml", "lang", one.lang)
			w.w.Text(one.text)
			w.end()
		}
	}
}

func (w *writer) role(r *Role) {
	w.start("md", "RoleDescriptor")
	w.w.Attr("kecis", "role", string(r.Name))
	w.attr("protocolSupportEnumeration", strings.Join(r.Versions, " "))
	w.w.Attr("xsi", "type", "kecis:"+typeName(r.Name))
	for i := range r.EncryptionKeys {
		w.encryptionKey(&r.EncryptionKeys[i])
	}
	for _, p := range r.Endpoints {
		w.start("kecis", "Endpoint")
		w.attr("Binding", string(p.Binding))
		w.attr("Location", p.Location)
		w.attr("Service", string(p.Service))
		w.end()
	}
	w.payments(r)
	w.policy(r)
	w.start("kecis", "Security")
	if r.SecurityLevel != 0 {
		w.number("Level", int64(r.SecurityLevel))
	}
	w.bool("MutualTLS", r.MutualTLS)
	for _, a := range r.Algorithms {
		w.w.Leaf("kecis", "Algorithm", a)
	}
	w.end()
	w.routes(r.Routes)
	w.end()
}

func (w *writer) payments(r *Role) {
	if len(r.Methods) == 0 && len(r.Currencies) == 0 {
		if r.Captures != "" || r.HoldTime != 0 || r.ReversalCutOff != 0 || r.Lookup || r.Parts || r.PartialCancellation || len(r.Instalments.Months) > 0 {
			w.err = &Error{code: ErrMissing, expected: "methods and currencies of a role that describes payments", place: string(r.Name)}
		}
		return
	}
	w.start("kecis", "Payments")
	if r.Captures != "" {
		w.attr("Captures", string(r.Captures))
	}
	w.seconds("HoldTime", r.HoldTime)
	w.bool("Lookup", r.Lookup)
	writeChoices(w, "Methods", r.Methods, methods())
	w.bool("PartialCancellation", r.PartialCancellation)
	w.bool("Parts", r.Parts)
	w.seconds("ReversalCutOff", r.ReversalCutOff)
	for _, c := range r.Currencies {
		w.start("kecis", "Currency")
		w.attr("Code", c.Currency)
		w.number("Max", c.Max)
		w.number("Min", c.Min)
		w.end()
	}
	if i := &r.Instalments; len(i.Months) > 0 {
		w.start("kecis", "Instalments")
		w.number("From", i.From)
		w.bool("InterestFree", i.InterestFree)
		months := make([]string, len(i.Months))
		for j, n := range i.Months {
			months[j] = strconv.Itoa(n)
		}
		w.attr("Months", strings.Join(months, " "))
		w.end()
	}
	w.end()
}

func (w *writer) policy(r *Role) {
	if len(r.Authentication)+len(r.AmountFloors) == 0 {
		return
	}
	w.start("kecis", "AuthenticationPolicy")
	for i := range r.Authentication {
		rule := &r.Authentication[i]
		w.start("kecis", "Rule")
		w.attr("Currency", rule.Currency)
		if len(rule.Exemptions) > 0 {
			writeChoices(w, "Exemptions", rule.Exemptions, []Exemption{ExemptProfile, ExemptReference, ExemptEMoney, ExemptFixedPayee})
		}
		w.number("From", rule.From)
		writeChoices(w, "Methods", rule.Methods, authenticationMethods())
		w.end()
	}
	for _, f := range r.AmountFloors {
		w.start("kecis", "AmountFloor")
		w.attr("Currency", f.Currency)
		w.number("Least", f.Least)
		w.end()
	}
	w.end()
}

// routes writes the routing table, lines of one issuer and the same keys that
// follow each other together: tables have thousands of lines and few issuers.
func (w *writer) routes(lines []Route) {
	for i := range lines {
		line := &lines[i]
		if i == 0 || lines[i-1].Issuer != line.Issuer || !slices.Equal(lines[i-1].Keys, line.Keys) {
			if i > 0 {
				w.end()
			}
			w.start("kecis", "RoutesTo")
			w.attr("Issuer", line.Issuer)
			for j := range line.Keys {
				w.encryptionKey(&line.Keys[j])
			}
		}
		w.start("kecis", "Route")
		if line.Brand != "" {
			w.attr("Brand", line.Brand)
		}
		w.attr("Kind", string(line.Kind))
		w.attr("Prefix", line.Prefix)
		w.end()
	}
	if len(lines) > 0 {
		w.end()
	}
}

func (w *writer) signingKey(k *SigningKey) {
	if k.Key == nil {
		w.err = &Error{code: ErrKey, expected: "a signing key", found: "none"}
		return
	}
	w.key("signing", k.Key.Public(), func() {
		if !k.NotBefore.IsZero() {
			w.instant("NotBefore", k.NotBefore)
		}
		if !k.NotOnOrAfter.IsZero() {
			w.instant("NotOnOrAfter", k.NotOnOrAfter)
		}
		w.attr("Scope", scopeName(k.Scope))
	})
}

func (w *writer) encryptionKey(k *EncryptionKey) {
	if k.Recipient == nil {
		w.err = &Error{code: ErrKey, expected: "an encryption key", found: "none"}
		return
	}
	w.key("encryption", k.Recipient.Public(), func() { w.instant("NotOnOrAfter", k.NotOnOrAfter) })
}

// key writes md:KeyDescriptor. A key stands there as its SubjectPublicKeyInfo:
// one form for every kind of key, and the very bytes that its name is worked out
// from; a certificate would add dates and names that do not count.
func (w *writer) key(use string, public crypto.PublicKey, terms func()) {
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		w.err = &Error{code: ErrKey, expected: "a key that can be encoded", found: "one that cannot", cause: err}
		return
	}
	w.start("md", "KeyDescriptor")
	w.attr("use", use)
	w.start("ds", "KeyInfo")
	w.start("kecis", "KeyTerms")
	terms()
	w.end()
	w.w.Leaf("ds11", "DEREncodedKeyValue", base64.StdEncoding.EncodeToString(der))
	w.end()
	w.end()
}
