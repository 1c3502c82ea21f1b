package conformance

import (
	"errors"
	"fmt"

	"github.com/kecis/sdk/spec"
)

// Case is one test of the standard: a valid message, the one fault that is put
// into it, and the reason for which it must then be refused; or a message that
// must be accepted although others have refused it.
type Case struct {
	// ID is unique and never changes: lower-case words joined by hyphens.
	ID string
	// Clauses are the clauses that the case tests, the broken one first.
	Clauses []string
	// Level is that of the first clause.
	Level spec.Level
	// Roles are the roles that the case applies to; none means all.
	Roles []Role
	// Needs are the capabilities without which the case does not apply.
	Needs []Feature
	// Sources tell where the fault is known from: an entry of the list of attacks
	// (cases.Attacks: W1, C4, P6, K12, E3, L20, D8), a CVE, an RFC, a principle
	// of the protocol.
	Sources []string
	// Note is one sentence for people: what is special.
	Note string

	// Happy makes the valid message.
	Happy Happy
	// Twin changes the valid message without putting a fault in: up to a limit,
	// for instance. Without it the valid message is the twin. The twin must be
	// accepted; it binds the reason of the refusal to the one fault.
	Twin Edit
	// Fault bends the valid message. Without it the twin itself is the case,
	// which must be accepted.
	Fault Edit
	// Expect is what must become of the bent message.
	Expect Expect
	// Killers are the names of the defects that this case must show.
	Killers []string
}

// Happy is a valid message with a name of its own, from which cases are made.
type Happy struct {
	ID   string
	Note string
	Make func(*Keyring) (*Message, error)
}

// Edit changes a message. It returns an error only if the message is not one
// that it can change, which is a fault of the case.
type Edit func(*Message) error

// Role is the role in which a party takes part.
type Role string

// The roles of version 1.0.
const (
	Requester              Role = "requester"
	PG                     Role = "pg"
	Issuer                 Role = "issuer"
	AuthenticationProvider Role = "authentication-provider"
)

// Feature is a capability that an implementation declares in its metadata.
type Feature string

// The capabilities that cases of documents need.
const (
	SOAPBinding  Feature = "soap"
	SAMLServices Feature = "saml"
)

// Expect says what must become of a message.
type Expect struct {
	// Layer is the layer that must refuse, not one before and not one after;
	// "" if the message must be accepted.
	Layer Layer
	// Code is the code of the refusal, as in spec/errors.json.
	Code string
	// Canonical is the exact canonical form of an accepted document, for the
	// operation Canonicalize.
	Canonical string
}

// Layer is a stage in which a recipient looks at a message (spec.Layers).
type Layer string

// The layers of this version, in their order.
const (
	XML        Layer = "xml"
	Signature  Layer = "signature"
	Encryption Layer = "encryption"
	ECML       Layer = "ecml"
	Body       Layer = "message"
)

// Accepted reports whether the message must be accepted.
func (e Expect) Accepted() bool { return e.Code == "" }

// Refusal is what a refusal of the SDK tells of itself; the Error types of all
// its packages have it.
type Refusal interface {
	error
	Code() string
	Clause() string
}

// Judge compares what came of a message with what must: err is what Read
// returned. It returns nil only if the message was accepted as it must be, or
// refused for the reason that the case is bound to. Each code
// belongs to one layer.
func (e Expect) Judge(err error) error {
	var refusal Refusal
	switch {
	case e.Accepted() && err == nil:
		return nil
	case e.Accepted():
		return fmt.Errorf("must be accepted, but was refused: %w", err)
	case err == nil:
		return fmt.Errorf("must be refused with %s, but was accepted", e.Code)
	case !errors.As(err, &refusal):
		return fmt.Errorf("must be refused with %s, but ended in an error without a code: %w", e.Code, err)
	case refusal.Code() != e.Code:
		return fmt.Errorf("must be refused with %s, but was refused for another reason: %w", e.Code, err)
	}
	return nil
}

// Valid makes the valid message, or its twin if the case has one.
func (c Case) Valid(keys *Keyring) (*Message, error) {
	m, err := c.Happy.Make(keys)
	if err != nil {
		return nil, fmt.Errorf("%s: the valid message: %w", c.ID, err)
	}
	if c.Twin != nil {
		if err := c.Twin(m); err != nil {
			return nil, fmt.Errorf("%s: the twin: %w", c.ID, err)
		}
	}
	return m, nil
}

// Bent makes the message that the case is about: the valid one with its fault.
func (c Case) Bent(keys *Keyring) (*Message, error) {
	if c.Fault == nil {
		return c.Valid(keys)
	}
	m, err := c.Happy.Make(keys)
	if err != nil {
		return nil, fmt.Errorf("%s: the valid message: %w", c.ID, err)
	}
	if err := c.Fault(m); err != nil {
		return nil, fmt.Errorf("%s: the fault: %w", c.ID, err)
	}
	return m, nil
}
