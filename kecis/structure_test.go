package kecis

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/kecis/sdk/conformance/foreign"
	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis/xmlenc"
	"github.com/kecis/sdk/kecis/xmltree"
)

// part is an element of a message that a test can bend.
type part struct {
	name  string // with prefix
	attrs [][2]string
	text  string
	parts []*part
	raw   string // in place of everything else
}

func readPart(e xmltree.Element) *part {
	p := &part{name: e.Local()}
	if e.Prefix() != "" {
		p.name = e.Prefix() + ":" + e.Local()
	}
	for a := range e.Attrs() {
		name := a.Local
		if a.Space == Namespace {
			name = "kecis:" + name
		}
		p.attrs = append(p.attrs, [2]string{name, a.Value})
	}
	for c := range e.Children() {
		p.parts = append(p.parts, readPart(c))
	}
	if len(p.parts) == 0 {
		p.text = e.Text()
	}
	return p
}

const declarations = ` xmlns:kecis="` + Namespace + `" xmlns:saml="` + nsSAML + `" xmlns:samlp="` + nsSAMLP +
	`" xmlns:xenc="` + nsXENC + `" xmlns:xenc11="http://www.w3.org/2009/xmlenc11#" xmlns:ds="http://www.w3.org/2000/09/xmldsig#"` +
	` xmlns:dsig11="http://www.w3.org/2009/xmldsig11#" xmlns:x="urn:example:points"`

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", `"`, "&quot;", "\n", "&#10;", "\t", "&#9;")

func (p *part) write(b *strings.Builder, root bool) {
	if p.raw != "" {
		b.WriteString(p.raw)
		return
	}
	b.WriteString("<" + p.name)
	if root {
		b.WriteString(declarations)
	}
	for _, a := range p.attrs {
		b.WriteString(" " + a[0] + `="` + escaper.Replace(a[1]) + `"`)
	}
	b.WriteString(">" + escaper.Replace(p.text))
	for _, c := range p.parts {
		c.write(b, false)
	}
	b.WriteString("</" + p.name + ">")
}

func (p *part) document() string {
	var b strings.Builder
	p.write(&b, true)
	return b.String()
}

// signed returns the document with a signature that the schema takes. It is not
// valid, which no schema sees.
func (p *part) signed(signature string) string {
	doc := p.document()
	if at := strings.Index(doc, "</saml:Issuer>"); at >= 0 {
		at += len("</saml:Issuer>")
		return doc[:at] + signature + doc[at:]
	}
	at := strings.IndexByte(doc, '>') + 1
	return doc[:at] + signature + doc[at:]
}

func (p *part) clone() *part {
	c := *p
	c.attrs = slices.Clone(p.attrs)
	c.parts = make([]*part, len(p.parts))
	for i := range p.parts {
		c.parts[i] = p.parts[i].clone()
	}
	return &c
}

// at follows a path of indices.
func (p *part) at(path []int) *part {
	for _, i := range path {
		p = p.parts[i]
	}
	return p
}

// places returns the paths of all elements whose structure this package reads.
func (p *part) places(path []int) [][]int {
	list := [][]int{slices.Clone(path)}
	switch p.name {
	case "xenc:EncryptedData", "Ecom", "samlp:Extensions":
		return list
	}
	for i, c := range p.parts {
		list = append(list, c.places(append(path, i))...)
	}
	return list
}

func partOf(t testing.TB, m Message) *part {
	t.Helper()
	doc, _, err := marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := xmltree.Parse(doc)
	if err != nil {
		t.Fatal(err)
	}
	return readPart(tree.Root())
}

// What may be left out, and what may stand again, by names of parent and child.
var (
	optionalParts = map[string]bool{
		"PaymentRequest/samlp:Extensions": true, "PaymentRequest/kecis:Lines": true, "PaymentRequest/kecis:Evidence": true,
		"PaymentOrder/samlp:Extensions": true, "PaymentOrder/kecis:Lines": true, "PaymentOrder/kecis:Buyer": true,
		"Lines/kecis:Line":                   true, // while others remain
		"Detail/kecis:Upstream":              true,
		"Transaction/kecis:InstrumentRef":    true,
		"ReversalResponse/kecis:Transaction": true,

		"AuthenticationRequest/samlp:Extensions": true, "AuthenticationRequest/kecis:Buyer": true,
		"AuthenticationRequest/kecis:Audience": true, "AuthenticationRequest/kecis:Evidence": true,
		"Proof/kecis:Audience":      true, // while others remain
		"Proof/kecis:InstrumentRef": true, "PaymentResponse/kecis:Accepted": true,
	}
	optionalAttrs = map[string]bool{
		"Payee/Business": true, "Payee/Category": true, "Payee/Merchant": true,
		"Instrument/Last4": true, "Authentication/Reason": true, "Upstream/Text": true, "Ecom/SchemaVersion": true,
		"Period/Page": true, "Period/Next": true,
		"Transaction/ApprovalCode": true, "Transaction/Page": true, "Terms/Brand": true,
		"Terms/Descriptor": true, "Terms/Exemption": true, "Authentication/Page": true, "Authentication/TriesLeft": true,
	}
)

// localOf cuts the prefix off a name.
func localOf(name string) string { return name[strings.IndexByte(name, ':')+1:] }

// bend is one way to break a message, with the code that must refuse it and a
// piece of the place that must be told. The
// schema must refuse it too, unless it cannot express the rule.
type bend struct {
	name, doc, signed string
	code              error // nil where it stays good
	place             string
	beyondSchema      bool
}

// bends breaks every element of a message in every way.
func bends(root *part, signature string) []bend {
	var list []bend
	add := func(name string, bent *part, code error, place string, beyondSchema bool) {
		list = append(list, bend{name, bent.document(), bent.signed(signature), code, place, beyondSchema})
	}
	for _, path := range root.places(nil) {
		p := root.at(path)
		local := localOf(p.name)
		// What SAML's own types leave open, the schema cannot close.
		open := strings.HasPrefix(p.name, "samlp:") || p.name == "saml:Issuer"
		opaque := p.name == "xenc:EncryptedData" || p.name == "Ecom" || p.name == "samlp:Extensions"

		bent := root.clone()
		q := bent.at(path)
		q.attrs = append(q.attrs, [2]string{"unknown", "1"})
		add("unknown attribute of "+local, bent, codeInside(p, ErrUnsupported), local, p.name == "xenc:EncryptedData")

		bent = root.clone()
		q = bent.at(path)
		q.attrs = append(q.attrs, [2]string{"x:unknown", "1"})
		add("foreign attribute of "+local, bent, codeInside(p, ErrUnsupported), local, p.name == "xenc:EncryptedData")

		for i, a := range p.attrs {
			bent = root.clone()
			q = bent.at(path)
			q.attrs = append(q.attrs, [2]string{"x:" + localOf(a[0]), a[1]})
			add("foreign "+local+"/@"+a[0], bent, codeInside(p, ErrUnsupported), local, p.name == "xenc:EncryptedData")

			bent = root.clone()
			q = bent.at(path)
			q.attrs = slices.Delete(q.attrs, i, i+1)
			var code error = ErrMissing
			switch {
			case optionalAttrs[local+"/"+a[0]]:
				code = nil
			case local == "Instrument" && (a[0] == "Brand" || a[0] == "First6"):
				code = ErrInstrument // of a card
			case local == "Cancel" && a[0] == "ExpectedBalance":
				code = ErrBalance
			case local == "Transaction" && a[0] == "Expires":
				code = ErrTransaction
			case local == "Terms" && a[0] == "Purpose":
				code = ErrTerms
			case a[0] == "Variant", local == "Authentication" && a[0] == "Expires":
				code = ErrAuthentication
			case p.name == "xenc:EncryptedData":
				code = xmlenc.ErrAttribute
			}
			if local == "Instrument" && a[0] == "Last4" && hasAttr(p, "Kind", "card") {
				code = ErrInstrument
			}
			beyond := code == ErrInstrument || code == xmlenc.ErrAttribute || code == ErrBalance || code == ErrTransaction || code == ErrTerms || code == ErrAuthentication
			add("no "+local+"/@"+a[0], bent, code, local, beyond)
		}
		if opaque {
			continue
		}
		for _, unknown := range []string{"<kecis:Unknown/>", "<x:Unknown/>", "<Unknown/>"} {
			bent = root.clone()
			q = bent.at(path)
			q.parts = append(q.parts, &part{raw: unknown})
			add("unknown child of "+local, bent, ErrUnsupported, local, p.name == "samlp:StatusDetail")
		}
		bent = root.clone()
		q = bent.at(path)
		q.parts = append(q.parts, &part{raw: "text"})
		var code error = ErrStrayText
		if p.text != "" {
			code = nil // refused for its value, or good; other tests look at values
		}
		if code != nil {
			add("text in "+local, bent, code, local, false)
		}
		for i, c := range p.parts {
			key := local + "/" + c.name
			bent = root.clone()
			q = bent.at(path)
			q.parts = slices.Delete(q.parts, i, i+1)
			var code error = ErrMissing
			if optionalParts[key] {
				code = nil
			}
			if key == "Lines/kecis:Line" {
				code = ErrLines
				if p.parts[i].attrs[0][1] == "0" {
					code = nil // of no value
				}
			}
			switch key {
			case "CancellationResponse/kecis:Transaction", "CancellationResponse/kecis:Cancelled",
				"PaymentResponse/kecis:Transaction", "OrderResponse/kecis:Transaction", "CaptureResponse/kecis:Transaction", "InquiryResponse/kecis:Result", "InquiryResponse/kecis:OrderRef":
				code = ErrStatus
			case "AuthenticationResponse/kecis:Authentication":
				if code = ErrStatus; hasAttr(c, "State", "locked") {
					code = nil // a refusal may state it or not
				}
			case "AuthenticationRequest/kecis:Instrument", "Authentication/kecis:Proof", "Proof/kecis:Certificate":
				code = ErrAuthentication
			case "InquiryResponse/kecis:Authentication":
				code = nil
			case "InquiryResponse/kecis:Transaction":
				code = ErrStatus // cancellations of nothing
			case "InquiryResponse/kecis:Cancelled":
				code = nil // its list may be left out
			case "FeedResponse/kecis:Event", "ReconciliationResponse/kecis:Entry", "ReconciliationResponse/kecis:Total",
				"Event/kecis:Cancelled", "Entry/kecis:Cancelled":
				code = missingInPage(p, c)
			}
			add("no "+key, bent, code, local, open || code != ErrMissing)

			bent = root.clone()
			q = bent.at(path)
			q.parts = slices.Insert(q.parts, i+1, c.clone())
			code, beyond := error(ErrRepeated), p.name == "samlp:StatusDetail"
			switch key {
			case "PaymentRequest/kecis:Evidence", "AuthenticationRequest/kecis:Evidence", "AuthenticationRequest/kecis:Audience", "Proof/kecis:Audience":
				code = nil // up to four
			case "Lines/kecis:Line":
				code, beyond = ErrLines, true
				if c.attrs[0][1] == "0" {
					code = nil
				}
			case "InquiryResponse/kecis:Cancelled", "Event/kecis:Cancelled", "Entry/kecis:Cancelled":
				code, beyond = ErrTransaction, true
			case "FeedResponse/kecis:Event":
				code, beyond = ErrFeed, true
			case "ReconciliationResponse/kecis:Entry":
				code, beyond = ErrEntry, true
			case "ReconciliationResponse/kecis:Total":
				code, beyond = ErrTotal, true
			}
			add("twice "+key, bent, code, local, beyond)

			if i+1 < len(p.parts) && p.parts[i+1].name != c.name {
				bent = root.clone()
				q = bent.at(path)
				q.parts[i], q.parts[i+1] = q.parts[i+1], q.parts[i]
				code = ErrOrder
				if i > 0 && p.parts[i-1].name == c.name {
					code = ErrRepeated // its list had ended
				}
				add(key+" after "+p.parts[i+1].name, bent, code, local, false)
			}
		}
	}
	return list
}

// missingInPage returns the code for what a list of events or entries lacks.
func missingInPage(p, c *part) error {
	switch c.name {
	case "kecis:Cancelled":
		return ErrTransaction // not all that is cancelled
	case "kecis:Event":
		if hasAttr(c, "Cursor", "7") {
			return nil // nobody can tell
		}
		return ErrFeed
	case "kecis:Total":
		if hasAttr(c, "Currency", "EUR") {
			return nil // of other pages
		}
		return ErrTotal
	}
	if len(p.parts) > 6 {
		return ErrTotal
	}
	return ErrEntry // none, and yet a next page
}

func hasAttr(p *part, name, value string) bool {
	return slices.Contains(p.attrs, [2]string{name, value})
}

// codeInside returns the code for what other packages refuse.
func codeInside(p *part, code error) error {
	switch p.name {
	case "xenc:EncryptedData":
		return xmlenc.ErrAttribute
	case "Ecom":
		return ecml.ErrUnknown
	}
	return code
}

func TestStructure(t *testing.T) {
	t.Parallel()
	s := newSigning(t)
	total := 0
	for name, m := range samples(t) {
		root := partOf(t, m)
		if _, err := decodeDocument(t, root.document()); err != nil {
			t.Fatalf("%s, unbent: %v", name, err)
		}
		signature := signatureOf(t, s, m)
		list := bends(root, signature)
		total += len(list)
		for _, b := range list {
			_, err := decodeDocument(t, b.doc)
			checkBend(t, name+": "+b.name, b, err)
		}
	}
	if total < 1000 {
		t.Errorf("%d ways to break a message, want a thousand and more", total)
	}
}

func checkBend(t *testing.T, name string, b bend, err error) {
	t.Helper()
	if b.code == nil {
		if err != nil {
			t.Errorf("%s: %v, want it taken", name, err)
		}
		return
	}
	if !errors.Is(err, b.code) {
		t.Errorf("%s: %v, want %v\n%s", name, err, b.code, b.doc)
		return
	}
	var refusal *Error
	if errors.As(err, &refusal) && !strings.Contains(refusal.Place(), b.place) {
		t.Errorf("%s: at %q, want a place with %s", name, refusal.Place(), b.place)
	}
}

func signatureOf(t testing.TB, s signing, m Message) string {
	t.Helper()
	doc, err := Sign(m, s.signer)
	if err != nil {
		t.Fatal(err)
	}
	from, to := strings.Index(string(doc), "<ds:Signature "), strings.Index(string(doc), "</ds:Signature>")
	return string(doc[from : to+len("</ds:Signature>")])
}

// The schema and the decoder must agree on structure, so that an implementation
// that checks by the schema refuses what this one refuses.
func TestStructureBySchema(t *testing.T) {
	t.Parallel()
	l := lint(t)
	s := newSigning(t)
	for name, m := range samples(t) {
		list := bends(partOf(t, m), signatureOf(t, s, m))
		docs := make([][]byte, len(list))
		for i := range list {
			docs[i] = []byte(list[i].signed)
		}
		refused := refusedBySchema(t, l, docs)
		for i, b := range list {
			switch {
			case b.code == nil && refused[i]:
				t.Errorf("%s: %s: the schema refuses what the decoder takes\n%s", name, b.name, b.signed)
			case b.code != nil && !b.beyondSchema && !refused[i]:
				t.Errorf("%s: %s: the schema takes what the decoder refuses (%v)\n%s", name, b.name, b.code, b.signed)
			}
		}
	}
}

// refusedBySchema reports which documents the schema refuses, from one run of
// xmllint for all of them.
func refusedBySchema(t *testing.T, l *foreign.Lint, docs [][]byte) map[int]bool {
	t.Helper()
	refused := map[int]bool{}
	err := l.Validate(schema, docs...)
	if err == nil {
		return refused
	}
	var refusal *foreign.Refusal
	if !errors.As(err, &refusal) {
		t.Fatal(err)
	}
	text := refusal.Error()
	for i := range docs {
		refused[i] = strings.Contains(text, fmt.Sprintf("valid-%d.xml fails to validate", i))
	}
	return refused
}
