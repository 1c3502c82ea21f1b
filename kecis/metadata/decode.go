package metadata

import (
	"time"

	"github.com/kecis/sdk/kecis/xmlsig"
	"github.com/kecis/sdk/kecis/xmltree"
)

// Decode reads an entity's metadata from what its signature covers; the document
// must have been verified with [xmlsig.Metadata]. It does not look at a clock:
// see [Entity.Check].
func Decode(v xmlsig.Verified) (*Entity, error) {
	root, err := v.Root()
	if err != nil {
		return nil, err
	}
	r := &reader{}
	e := &Entity{}
	if !root.Is(nsMD, "EntityDescriptor") {
		r.refuse(ErrUnsupported, root, "md:EntityDescriptor", quote(root.Local()))
	}
	r.entity(e, nil, root)
	if r.err == nil {
		r.fail(root, unlikeScope(e, v.Key()))
	}
	if r.err != nil {
		return nil, r.err
	}
	return e, nil
}

// unlikeScope refuses metadata that a key of another scope has signed
// (KECIS-SIG-029). A key that stands no longer in the document may sign it: that
// is how a key is given up.
func unlikeScope(e *Entity, signer *xmlsig.PublicKey) *Error {
	for i := range e.Keys {
		if k := &e.Keys[i]; signer != nil && k.Key.ID() == signer.ID() && k.Scope != xmlsig.ScopeMetadata {
			return &Error{code: ErrKeyScope, expected: "a signature by a key of the scope metadata", found: scopeName(k.Scope)}
		}
	}
	return nil
}

// DecodeAggregate reads an aggregate from what its signature covers. Whose key
// may sign one is the verifier's matter: a trust anchor's, never a partner's
// (KECIS-META-022).
func DecodeAggregate(v xmlsig.Verified) (*Aggregate, error) {
	root, err := v.Root()
	if err != nil {
		return nil, err
	}
	r := &reader{}
	a := &Aggregate{}
	if !root.Is(nsMD, "EntitiesDescriptor") {
		r.refuse(ErrUnsupported, root, "md:EntitiesDescriptor", quote(root.Local()))
	}
	r.aggregate(a, root)
	if r.err != nil {
		return nil, r.err
	}
	return a, nil
}

// aggregate reads md:EntitiesDescriptor.
func (r *reader) aggregate(a *Aggregate, root xmltree.Element) {
	at := r.attributes(root)
	at.need("ID")
	a.Name = at.uri("Name")
	a.ValidUntil = at.instant("validUntil")
	at.end()
	c := r.children(root)
	r.skipSignature(c)
	extensions := c.need(nsMD, "Extensions")
	r.attributes(extensions).end()
	inner := r.children(extensions)
	registry := inner.need(nsKECIS, "Registry")
	inner.end("Registry")
	r.empty(registry)
	serial := r.attributes(registry)
	a.Serial = serial.number("Serial", 1, MaxSerial)
	serial.end()
	seen := map[string]bool{}
	c.many(nsMD, "EntityDescriptor", 1, func(e xmltree.Element) {
		l := Listing{Entity: &Entity{}}
		r.entity(l.Entity, &l.Grant, e)
		if seen[l.Entity.ID] {
			r.refuse(ErrGrant, e, "each entity once", quote(l.Entity.ID))
		}
		seen[l.Entity.ID] = true
		a.Listings = append(a.Listings, l)
	})
	c.end("Extensions", "EntityDescriptor")
}

// entity reads md:EntityDescriptor: with a grant and without an ID where it is
// listed in an aggregate, with an ID and without a grant where it stands alone.
func (r *reader) entity(e *Entity, grant *Grant, root xmltree.Element) {
	at := r.attributes(root)
	if grant == nil {
		at.need("ID")
	}
	e.ID = at.uri("entityID")
	e.ValidUntil = at.instant("validUntil")
	at.end()
	c := r.children(root)
	if grant == nil {
		r.skipSignature(c)
	}
	r.extensions(e, grant, c.need(nsMD, "Extensions"))
	c.many(nsMD, "RoleDescriptor", 1, func(d xmltree.Element) {
		var role Role
		r.role(&role, d)
		if _, twice := e.Role(role.Name); twice {
			r.refuse(ErrRole, d, "each role once", string(role.Name))
		}
		e.Roles = append(e.Roles, role)
	})
	if o, ok := c.option(nsMD, "Organization"); ok {
		r.organization(&e.Organization, o)
	}
	c.end("Extensions", "RoleDescriptor", "Organization")
	if r.err == nil {
		r.fail(root, e.checkKeys())
	}
}

func (r *reader) extensions(e *Entity, grant *Grant, extensions xmltree.Element) {
	r.attributes(extensions).end()
	c := r.children(extensions)
	own := c.need(nsKECIS, "Entity")
	at := r.attributes(own)
	e.Serial = at.number("Serial", 1, MaxSerial)
	at.end()
	keys := r.children(own)
	keys.many(nsMD, "KeyDescriptor", 1, func(d xmltree.Element) { e.Keys = append(e.Keys, r.signingKey(d)) })
	keys.end("KeyDescriptor")
	if grant != nil {
		r.grant(grant, c.need(nsKECIS, "Grant"))
	}
	c.end("Entity")
}

// grant reads kecis:Grant (KECIS-META-023).
func (r *reader) grant(g *Grant, e xmltree.Element) {
	at := r.attributes(e)
	g.ReadsInstruments = at.bool("ReadsInstruments")
	g.Roles = choices(at, "Roles", roleNames()...)
	at.end()
	c := r.children(e)
	c.many(nsKECIS, "Status", 1, func(s xmltree.Element) {
		at := r.attributes(s)
		change := StatusChange{From: at.instant("From"), Status: choice(at, "Value", Active, Suspended, Compromised)}
		at.end()
		r.empty(s)
		g.Statuses = append(g.Statuses, change)
	})
	c.many(nsKECIS, "CompromisedKey", 0, func(k xmltree.Element) {
		name := r.word(k)
		if !keyName(name) {
			r.refuse(ErrValue, k, `"sha256:" and 64 hexadecimal digits`, quote(name))
		}
		g.CompromisedKeys = append(g.CompromisedKeys, name)
	})
	c.end("Status", "CompromisedKey")
	if r.err == nil {
		r.fail(e, g.check())
	}
}

// check refuses states that are not in the order of time.
func (g *Grant) check() *Error {
	var last time.Time
	for i, s := range g.Statuses {
		if i > 0 && !last.Before(s.From) {
			return &Error{code: ErrGrant, expected: "states in the order of time", found: formatInstant(s.From) + " after " + formatInstant(last)}
		}
		last = s.From
	}
	return nil
}

// organization reads md:Organization.
func (r *reader) organization(o *Organization, e xmltree.Element) {
	r.attributes(e).end()
	c := r.children(e)
	for _, part := range []struct {
		local string
		to    *Texts
	}{{"OrganizationName", &o.Name}, {"OrganizationDisplayName", &o.DisplayName}, {"OrganizationURL", &o.URL}} {
		c.many(nsMD, part.local, 1, func(t xmltree.Element) { r.localized(part.to, t) })
	}
	c.end("OrganizationName", "OrganizationDisplayName", "OrganizationURL")
}

// localized reads a text in one of the two languages.
func (r *reader) localized(t *Texts, e xmltree.Element) {
	at := r.attributes(e)
	to := &t.En
	switch lang := at.needNS(nsXML, "lang"); lang {
	case "en":
	case "ko":
		to = &t.Ko
	default:
		r.refuse(ErrUnsupported, e, "xml:lang en or ko", quote(lang))
	}
	at.end()
	s := r.text(e)
	switch {
	case !validText(s):
		r.refuse(ErrValue, e, textForm, quote(s))
	case *to != "":
		r.refuse(ErrStructure, e, "one text in each language", "two")
	}
	*to = s
}
