package xmlsig

import (
	"context"
	"errors"

	"github.com/kecis/sdk/kecis/xmltree"
)

// The checks of a Report, in the order in which Verify makes them.
const (
	CheckWellFormed = "well-formed"   // the document is strict XML (KECIS-XML)
	CheckRoot       = "root"          // the root is one that the profile accepts
	CheckOne        = "one-signature" // there is one signature, and only one
	CheckPosition   = "position"      // it stands where the profile puts it
	CheckIdentifier = "identifier"    // the signed element has one usable ID
	CheckShape      = "shape"         // the signature has exactly the parts of the profile
	CheckAlgorithm  = "algorithm"     // its algorithms are of the profile
	CheckSender     = "sender"        // the document names its sender
	CheckKey        = "key"           // a key of the sender is known and fits the algorithm
	CheckDigest     = "digest"        // the content is the one that was signed
	CheckSignature  = "signature"     // the signature was made with that key
	CheckTypes      = "types"         // metadata: each xsi:type is protected
)

// CheckState says how a check ended.
type CheckState uint8

// The states of a check. One is not made if it needs what an earlier one did
// not find, or a key when none was given.
const (
	NotChecked CheckState = iota
	Passed
	Failed
)

// String returns "not-checked", "passed" or "failed".
func (s CheckState) String() string {
	switch s {
	case Passed:
		return "passed"
	case Failed:
		return "failed"
	}
	return "not-checked"
}

// Check is one check of a Report.
type Check struct {
	Name   string
	Clause string // the clause that is broken, or else the main one of the check
	State  CheckState
	Err    error // why it failed: *xmltree.Error, *Error, or that of the KeySource
}

// Report tells of each check on a document. It proves nothing: what is to be
// acted on comes from Verify.
type Report struct {
	Checks    []Check
	Sender    string     // the entity that the document names; "" if it names none
	ID        string     // of the signed element; "" if there is none
	Algorithm Algorithm  // that the signature names; "" if its shape is wrong
	Key       *PublicKey // that the signature was made with; nil if it is not known
}

// Err returns why the first failed check failed, which is what Verify refuses
// the document with; nil if none failed.
func (r Report) Err() error {
	for _, c := range r.Checks {
		if c.State == Failed {
			return c.Err
		}
	}
	return nil
}

// Inspect makes the checks of Verify and goes on where one fails, as far as the
// rest can be checked without it. A source of nil leaves out the checks that
// need a key.
func (v *Verifier) Inspect(ctx context.Context, doc []byte, keys KeySource) Report {
	p := v.Profile
	r := newReport(p)
	tree, err := (&xmltree.Parser{Limits: v.Limits}).Parse(doc)
	if !r.settle(err, CheckWellFormed) {
		return r
	}
	signed, err := p.signed(tree.Root())
	if !r.settle(err, CheckRoot) {
		return r
	}
	id, err := p.identify(tree, signed)
	if r.settle(err, CheckIdentifier) {
		r.ID = id
	}
	sender, err := p.sender(signed)
	if r.settle(err, CheckSender) {
		r.Sender = sender
	}
	element, err := p.find(tree, signed)
	if !r.settle(err, CheckOne, CheckPosition) || r.ID == "" {
		return r
	}
	w := new(workspace)
	s, err := p.read(w, element, id)
	if !r.settleShape(err) {
		return r
	}
	r.Algorithm = s.method
	r.inspectContent(v, tree, signed, &s)
	r.inspectKey(ctx, v, tree, signed, &s, keys)
	if p.scope == ScopeMetadata {
		r.settle(protectedTypes(tree, signed, s.contentPrefixes), CheckTypes)
	}
	return r
}

// inspectContent compares the digest, for which no key is needed.
func (r *Report) inspectContent(v *Verifier, tree *xmltree.Tree, signed xmltree.Element, s *signature) {
	_, err := v.Profile.content(new(workspace), maxCanonical(v.Limits), tree, signed, s)
	r.settle(err, CheckDigest)
}

// inspectKey checks the signature over ds:SignedInfo, also where the content
// has been changed: then it tells whose content it was.
func (r *Report) inspectKey(ctx context.Context, v *Verifier, tree *xmltree.Tree, signed xmltree.Element, s *signature, keys KeySource) {
	if keys == nil || r.Sender == "" && !v.Profile.entityName {
		return
	}
	trusted, err := v.keys(ctx, keys, signed, r.Sender, s)
	if !r.settle(err, CheckKey) {
		return
	}
	key, err := s.check(new(workspace), tree, trusted)
	if r.settle(err, CheckSignature) {
		r.Key = key
	}
}

func newReport(p Profile) Report {
	checks := []Check{
		{Name: CheckWellFormed, Clause: xmltree.ErrNotWellFormed.Clause()},
		{Name: CheckRoot, Clause: ErrRoot.Clause()},
		{Name: CheckOne, Clause: ErrMultiple.Clause()},
		{Name: CheckPosition, Clause: ErrPosition.Clause()},
		{Name: CheckIdentifier, Clause: ErrID.Clause()},
		{Name: CheckShape, Clause: ErrStructure.Clause()},
		{Name: CheckAlgorithm, Clause: ErrAlgorithm.Clause()},
		{Name: CheckSender, Clause: ErrSender.Clause()},
		{Name: CheckKey, Clause: ErrNoKey.Clause()},
		{Name: CheckDigest, Clause: ErrDigestMismatch.Clause()},
	}
	checks = append(checks, Check{Name: CheckSignature, Clause: ErrInvalid.Clause()})
	if p.scope == ScopeMetadata {
		checks = append(checks, Check{Name: CheckTypes, Clause: ErrTypePrefix.Clause()})
	}
	return Report{Checks: checks}
}

// settle records what one step of the verification found out about the checks
// that it makes, in their order: without an error all have passed; with one,
// the check that it belongs to has failed and those before it have passed. It
// reports whether there was no error.
func (r *Report) settle(err error, names ...string) bool {
	failed := names[0]
	switch {
	case errors.Is(err, ErrPosition):
		failed = CheckPosition
	case errors.Is(err, ErrTypePrefix):
		failed = CheckTypes
	}
	for _, name := range names {
		if err != nil && name == failed {
			r.set(name, Failed, err)
			return false
		}
		r.set(name, Passed, nil)
	}
	return true
}

// settleShape parts the refusals of an algorithm from those of the shape. Both
// are found in one pass, so that with the one failed the other is not known.
func (r *Report) settleShape(err error) bool {
	switch {
	case err == nil:
		return r.settle(nil, CheckShape, CheckAlgorithm)
	case errors.Is(err, ErrAlgorithm), errors.Is(err, ErrCanonicalization), errors.Is(err, ErrDigestMethod):
		return r.settle(err, CheckAlgorithm)
	}
	return r.settle(err, CheckShape)
}

func (r *Report) set(name string, state CheckState, err error) {
	for i := range r.Checks {
		c := &r.Checks[i]
		if c.Name != name {
			continue
		}
		c.State, c.Err = state, err
		var refusal interface{ Clause() string }
		if errors.As(err, &refusal) {
			c.Clause = refusal.Clause()
		}
	}
}
