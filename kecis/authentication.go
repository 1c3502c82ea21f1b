package kecis

import (
	"strconv"
	"time"

	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmltree"
)

// AuthenticationState is the state of an authentication (KECIS-AUT-007).
type AuthenticationState uint8

const (
	// AuthenticationPending: waits for the buyer, until a stated time.
	AuthenticationPending AuthenticationState = iota + 1
	// Authenticated: the buyer has shown who they are.
	Authenticated
	// AuthenticationFailed: it was given up, or ended without success.
	AuthenticationFailed
	// AuthenticationLocked: too many tries.
	AuthenticationLocked
	// AuthenticationExpired: its time is over.
	AuthenticationExpired
	// AuthenticationDeclined: the issuer or the method would not have it.
	AuthenticationDeclined
)

// Final reports whether nothing follows the state.
func (s AuthenticationState) Final() bool { return s > AuthenticationPending }

// Variant is a way of amount authentication (KECIS-AUT-004).
type Variant uint8

const (
	// VariantAmount: the amount of a hold.
	VariantAmount Variant = iota + 1
	// VariantDescriptor: a code of four digits beside the payee's name.
	VariantDescriptor
	// VariantDeposits: two small deposits on an account.
	VariantDeposits
)

const (
	authenticationStates  = " pending authenticated failed locked expired declined "
	authenticationMethods = " amount certificate password 3-d-secure app "
	variants              = " amount descriptor-code deposits "
)

// String returns the value as messages carry it.
func (s AuthenticationState) String() string { return valueOf(authenticationStates, int(s)) }

// String returns the value as messages carry it.
func (v Variant) String() string { return valueOf(variants, int(v)) }

const (
	// EvidenceLife is how long after its success an authentication can be relied
	// on (P23, KECIS-AUT-010): a declined payment can be tried again within it.
	EvidenceLife = 10 * time.Minute
	// MaxTries bounds the tries that an answer may state: one digit.
	MaxTries = 9
	// MaxAudience bounds those who may rely on one authentication: the requester,
	// a PG, an issuer, the provider itself, and as many again.
	MaxAudience = 8
)

// Authentication is the state of an authentication as its provider states it
// (KECIS-AUT-007 to 010). One whose ID is "" is none.
type Authentication struct {
	// ID is the provider's own, 1 to 40 of A-Z a-z 0-9 - _.
	ID    string
	State AuthenticationState
	// Method is what was asked for, Variant that of an amount authentication.
	Method  metadata.AuthenticationMethod
	Variant Variant
	// At is when it came into the state.
	At time.Time
	// Expires is when a pending one ends by itself; zero in other states.
	Expires time.Time
	// Page is where the buyer can complete a pending one; "" for none. It
	// authorises nothing by itself.
	Page string
	// TriesLeft counts the tries of a pending one, 1 to MaxTries; 0 if it has none.
	TriesLeft int
	// Reason is the code of why the last try was refused (KECIS-CRT-048); "" if it is
	// not told, and of an Authenticated one.
	Reason string
	// Proof is set exactly where the state is Authenticated.
	Proof *Proof
}

// Proof is what makes a signed Authentication evidence: who was authenticated
// for what, and who may rely on it until when. The order is that of the OrderRef
// beside it, whose attempt is not bound.
type Proof struct {
	// Payee is the entityID of who is to be paid, OrderAmount that of the whole order.
	Payee       string
	OrderAmount Money
	// InstrumentRef is the token of the instrument that the buyer was
	// authenticated for; "" if the method has none. A payment that relies on the
	// proof names the same.
	InstrumentRef string
	// Certificate is set exactly where the method is certificate.
	Certificate *CertificateProof
	// NotOnOrAfter ends its use.
	NotOnOrAfter time.Time
	// Audience are the entityIDs of those who may rely on it.
	Audience []string
}

func (d *decoder) authentication(v *Authentication, e xmltree.Element) {
	if e.IsZero() {
		return
	}
	a := d.attributes(e)
	v.At = a.instant("At")
	v.ID = a.token("AuthenticationID", 1, maxToken, tokenForm)
	if s, ok := a.option("Expires"); ok {
		if v.Expires, ok = instant(s); !ok {
			a.bad(ErrTime, "Expires", instantForm, s)
		}
	}
	a.method(&v.Method, &v.Variant)
	var ok bool
	if v.Page, ok = a.option("Page"); ok && !validURI(v.Page) {
		a.bad(ErrValue, "Page", uriForm, v.Page)
	}
	if v.Reason, ok = a.option("Reason"); ok && !validCode(v.Reason) {
		a.bad(ErrValue, "Reason", codeForm, v.Reason)
	}
	v.State = AuthenticationState(a.choice("State", authenticationStates))
	if s, ok := a.option("TriesLeft"); ok {
		if v.TriesLeft, ok = count(s, MaxTries); !ok {
			a.bad(ErrValue, "TriesLeft", triesForm, s)
		}
	}
	a.end(" At AuthenticationID Expires Method Page Reason State TriesLeft Variant ")
	c := d.content(e, "kecis:Proof ")
	if p, ok := c.option(Namespace, "Proof"); ok {
		v.Proof = &Proof{}
		d.proof(v.Proof, p)
		if d.err == nil {
			d.check(v.checkCertificate(), p)
		}
	}
	c.end()
	if d.err == nil {
		d.check(v.check(), e)
	}
}

const triesForm = "1 to 9"

// method reads how a buyer is authenticated.
func (a *attributes) method(m *metadata.AuthenticationMethod, v *Variant) {
	*m = metadata.AuthenticationMethod(valueOf(authenticationMethods, a.choice("Method", authenticationMethods)))
	if s, ok := a.option("Variant"); ok {
		if *v = Variant(indexOf(variants, s)); *v == 0 {
			a.bad(ErrUnsupported, "Variant", "one of"+variants[:len(variants)-1], s)
		}
	}
}

func (e *encoder) method(m metadata.AuthenticationMethod, v Variant) {
	if indexOf(authenticationMethods, string(m)) == 0 {
		e.refuse(ErrUnsupported, "Method", "one of"+authenticationMethods[:len(authenticationMethods)-1], string(m))
	}
	e.attr("Method", string(m))
	if v != 0 {
		e.choice("Variant", v.String())
	}
}

func (d *decoder) proof(p *Proof, e xmltree.Element) {
	a := d.attributes(e)
	p.NotOnOrAfter = a.instant("NotOnOrAfter")
	p.Payee = a.uri("Payee")
	a.end(" NotOnOrAfter Payee ")
	c := d.content(e, "kecis:Amount kecis:InstrumentRef kecis:Certificate kecis:Audience ")
	d.amount(&p.OrderAmount, nil, c.need(Namespace, "Amount"))
	if ref, ok := c.option(Namespace, "InstrumentRef"); ok {
		p.InstrumentRef = d.reference(ref)
	}
	if certificate, ok := c.option(Namespace, "Certificate"); ok {
		p.Certificate = &CertificateProof{}
		d.certificateProof(p.Certificate, certificate)
	}
	p.Audience = d.audience(&c)
	if len(p.Audience) == 0 {
		c.need(Namespace, "Audience")
	}
	c.end()
}

// audience reads the entityIDs of those who are to rely on an authentication.
func (d *decoder) audience(c *content) (list []string) {
	for {
		e, ok := c.option(Namespace, "Audience")
		if !ok || d.err != nil {
			return list
		}
		if len(list) == MaxAudience {
			d.refuse(ErrTooMany, "an audience of at most "+strconv.Itoa(MaxAudience), "", e.Path())
			return nil
		}
		a := d.attributes(e)
		a.end("")
		entity := d.text(e)
		if !validURI(entity) {
			d.refuseText(e, ErrValue, uriForm, entity)
		}
		list = append(list, entity)
	}
}

func (e *encoder) audience(list []string) {
	if len(list) > MaxAudience {
		e.refuse(ErrTooMany, "Audience", "at most "+strconv.Itoa(MaxAudience), strconv.Itoa(len(list)))
	}
	for _, entity := range list {
		e.in = "Audience"
		if !validURI(entity) {
			e.refuse(ErrValue, "text()", uriForm, entity)
		}
		e.w.Leaf("kecis", "Audience", entity)
	}
}

func (e *encoder) authentication(v *Authentication) {
	if v.ID == "" {
		return
	}
	e.start("kecis", "Authentication")
	e.keep(v.check())
	e.keep(v.checkCertificate())
	e.instant("At", v.At)
	e.token("AuthenticationID", v.ID, 1, maxToken, tokenForm)
	if !v.Expires.IsZero() {
		e.instant("Expires", v.Expires)
	}
	e.method(v.Method, v.Variant)
	if v.Page != "" {
		e.uri("Page", v.Page)
	}
	if v.Reason != "" {
		if !validCode(v.Reason) {
			e.refuse(ErrValue, "Reason", codeForm, v.Reason)
		}
		e.attr("Reason", v.Reason)
	}
	e.choice("State", v.State.String())
	if v.TriesLeft != 0 {
		e.count("TriesLeft", v.TriesLeft, MaxTries)
	}
	if p := v.Proof; p != nil {
		e.start("kecis", "Proof")
		e.instant("NotOnOrAfter", p.NotOnOrAfter)
		e.uri("Payee", p.Payee)
		e.amount(p.OrderAmount, nil)
		if p.InstrumentRef != "" {
			e.reference(p.InstrumentRef)
		}
		if p.Certificate != nil {
			e.certificateProof(p.Certificate)
		}
		if len(p.Audience) == 0 {
			e.refuse(ErrMissing, "Audience", "an audience", "none")
		}
		e.audience(p.Audience)
		e.w.End()
	}
	e.w.End()
}

// check refuses what contradicts the state (KECIS-AUT-008, 009).
func (v *Authentication) check() *Error {
	pending := v.State == AuthenticationPending
	switch {
	case pending == v.Expires.IsZero():
		return contradictsState("Expires exactly where the state is pending", v.State)
	case !pending && (v.Page != "" || v.TriesLeft != 0):
		return contradictsState("Page and TriesLeft only where the state is pending", v.State)
	case v.State == Authenticated && v.Reason != "":
		return contradictsState("Reason only where the state is another than authenticated", v.State)
	case (v.State == Authenticated) != (v.Proof != nil):
		return contradictsState("Proof exactly where the state is authenticated", v.State)
	case pending && !v.Expires.After(v.At):
		return contradictsState("Expires after At", v.State)
	case v.Proof != nil && (!v.Proof.NotOnOrAfter.After(v.At) || v.Proof.NotOnOrAfter.After(v.At.Add(EvidenceLife))):
		return contradictsState("a proof that ends at most "+EvidenceLife.String()+" after At", v.State)
	}
	return checkVariant(v.Method, v.Variant)
}

// checkVariant: an amount authentication has a variant, others have none
// (KECIS-AUT-004).
func checkVariant(m metadata.AuthenticationMethod, v Variant) *Error {
	if (m == metadata.ByAmount) != (v != 0) {
		return &Error{code: ErrAuthentication, expected: "Variant exactly where the method is amount", found: quote(string(m))}
	}
	return nil
}

func contradictsState(expected string, state AuthenticationState) *Error {
	return &Error{code: ErrAuthentication, expected: expected, found: quote(state.String())}
}

// outcome is that of a request whose authentication is in the state.
func (s AuthenticationState) outcome() Outcome {
	switch s {
	case 0:
		return 0
	case AuthenticationPending:
		return Pending
	case Authenticated:
		return Done
	}
	return NotDone
}

// code is that of an answer about an authentication in the state.
func (s AuthenticationState) code() Code {
	switch s {
	case AuthenticationPending:
		return ErrPending
	case Authenticated:
		return AuthenticationDone
	case AuthenticationLocked:
		return ErrAuthenticationLocked
	case AuthenticationExpired:
		return ErrAuthenticationExpired
	case AuthenticationDeclined:
		return ErrAuthenticationDeclined
	}
	return ErrAuthenticationFailed
}
