package kecis

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// value is a value that stands where another stood, and what must come of it.
type value struct {
	message func(testing.TB) Message
	element string // local name; the first with the attribute is bent
	attr    string // "" for the text
	value   string
	code    Code // "" where the value is good
	// beyondSchema says that the schema cannot tell.
	beyondSchema bool
}

func full(tb testing.TB) Message {
	tb.Helper()
	return fullPayment(tb)
}

func small(testing.TB) Message        { return minimalPayment() }
func approved(testing.TB) Message     { return approval() }
func refused(testing.TB) Message      { return declined() }
func waits(testing.TB) Message        { return pendingPayment() }
func part1(testing.TB) Message        { return partialCancellation() }
func whole(testing.TB) Message        { return fullCancellation() }
func cancels(testing.TB) Message      { return cancelledPartly() }
func asks(testing.TB) Message         { return inquiry() }
func finds(testing.TB) Message        { return found() }
func notifies(testing.TB) Message     { return notification() }
func acknowledges(testing.TB) Message { return acknowledgement() }
func reads(testing.TB) Message        { return feed() }
func feeds(testing.TB) Message        { return feedRead() }
func reconciles(testing.TB) Message   { return reconciliation() }
func lists(testing.TB) Message        { return reconciledPage() }
func long(n int) string               { return strings.Repeat("가", n) }
func uriOf(n int) string              { return "https://" + strings.Repeat("a", n-len("https://")) }
func amounts(attr string, code Code) []value {
	var list []value
	for _, s := range []string{"", "0", "00", "050000", "+50000", "-50000", "50000.0", "50000.00", "5e4", "50,000", " 50000", "50000 ", "5 0000", "１0000", "0x1", "1000000000000000", "99999999999999999999"} {
		list = append(list, value{small, "Amount", attr, s, code, false})
	}
	return list
}

func values() []value {
	list := []value{
		{small, "PaymentRequest", "Version", "2.1", ErrVersion, false},
		{small, "PaymentRequest", "Version", "2", ErrVersion, false},
		{small, "PaymentRequest", "ID", "_A123456789abcdef0123456789abcdef01234567", ErrID, false},
		{small, "PaymentRequest", "ID", "_short", ErrID, false},
		{small, "PaymentRequest", "Destination", "/kecis", ErrValue, false},
		{small, "PaymentRequest", "Destination", "https://pg.example/ {x}", ErrValue, false},
		{small, "PaymentRequest", "Destination", "https://결제.example/", ErrValue, false},
		{small, "PaymentRequest", "Destination", uriOf(1024), "", false},
		{small, "PaymentRequest", "Destination", uriOf(1025), ErrValue, false},
		{small, "PaymentRequest", "Destination", "", ErrValue, false},
		{small, "Issuer", "", "not a URI", ErrValue, true},
		{small, "PaymentRequest", "IssueInstant", "2026-11-24T07:00:00", ErrTime, false},
		{small, "PaymentRequest", "IssueInstant", "2026-11-24T16:00:00+09:00", ErrTime, false},
		{small, "PaymentRequest", "IssueInstant", "2026-11-24T07:00:00.000Z", ErrTime, false},
		{small, "PaymentRequest", "IssueInstant", "2026-11-23T24:00:00Z", ErrTime, false},
		{small, "PaymentRequest", "IssueInstant", "2026-11-31T07:00:00Z", ErrTime, false},
		{small, "PaymentRequest", "NotOnOrAfter", "2026-11-24T07:00:60Z", ErrTime, false},
		{small, "PaymentRequest", "NotOnOrAfter", "2026-11-24T07:00:00Z", ErrWindow, true},
		{small, "PaymentRequest", "NotOnOrAfter", "2026-11-24T06:59:59Z", ErrWindow, true},
		{small, "PaymentRequest", "NotOnOrAfter", "2026-11-24T07:00:01Z", "", false},
		{small, "PaymentRequest", "NotOnOrAfter", "2026-11-24T07:05:00Z", "", false},
		{small, "PaymentRequest", "NotOnOrAfter", "2026-11-24T07:05:01Z", ErrWindow, true},

		{small, "OrderRef", "OrderID", "abc12", ErrValue, false},
		{small, "OrderRef", "OrderID", "abc123", "", false},
		{small, "OrderRef", "OrderID", strings.Repeat("a", 40), "", false},
		{small, "OrderRef", "OrderID", strings.Repeat("a", 41), ErrValue, false},
		{small, "OrderRef", "OrderID", "주문-1234", ErrValue, false},
		{small, "OrderRef", "OrderID", "order 1", ErrValue, false},
		{small, "OrderRef", "Attempt", "0", ErrValue, false},
		{small, "OrderRef", "Attempt", "01", ErrValue, false},
		{small, "OrderRef", "Attempt", "99", "", false},
		{small, "OrderRef", "Attempt", "100", ErrValue, false},
		{small, "OrderRef", "Part", "", ErrValue, false},
		{small, "OrderRef", "Part", "+1", ErrValue, false},
		{small, "OrderRef", "Requester", "shop", ErrValue, false},

		{small, "Payee", "Name", long(100), "", false},
		{small, "Payee", "Name", long(101), ErrValue, false},
		{small, "Payee", "Name", " shop", ErrValue, false},
		{small, "Payee", "Name", "shop ", ErrValue, false},
		{small, "Payee", "Name", "", ErrValue, false},
		{small, "Payee", "Name", "a\nb", ErrValue, false},
		{small, "Payee", "Name", "a\tb", ErrValue, false},
		{small, "Payee", "Name", "gro\u202epohs", ErrValue, false},
		{small, "Payee", "Name", "a\u2069b", ErrValue, false},
		{small, "Payee", "Name", "a\u0085b", ErrValue, false},
		{small, "Payee", "Name", "a\u007fb", ErrValue, false},
		{full, "Payee", "Business", "123456789", ErrValue, false},
		{full, "Payee", "Business", "123-45-67890", ErrValue, false},
		{full, "Payee", "Category", "58140", ErrValue, false},
		{full, "Payee", "Merchant", "", ErrValue, false},
		{full, "Payee", "Merchant", "가맹점", ErrValue, false},

		{small, "Amount", "Currency", "USD", ErrExponent, true},
		{small, "Amount", "Currency", "JPY", "", false},
		{small, "Amount", "Currency", "krw", ErrCurrency, false},
		{small, "Amount", "Currency", "KRX", ErrCurrency, true},
		{small, "Amount", "Currency", "XXX", ErrCurrency, true},
		{small, "Amount", "Currency", "410", ErrCurrency, false},
		{small, "Amount", "Currency", "", ErrCurrency, false},
		{small, "Amount", "Exponent", "2", ErrExponent, true},
		{small, "Amount", "Exponent", "", ErrExponent, false},
		{small, "Amount", "Exponent", "00", ErrExponent, false},
		{small, "Amount", "Exponent", "-0", ErrExponent, false},
		{small, "Amount", "", "50001", ErrOrderAmount, true},
		{small, "Amount", "", "49999", ErrTax, true},
		{small, "Amount", "Order", "50001", "", false},
		{small, "Amount", "Order", "49999", ErrOrderAmount, true},
		{small, "Amount", "Order", "999999999999999", "", false},
		{small, "Tax", "VAT", "4546", ErrTax, true},
		{small, "Tax", "VAT", "04545", ErrAmount, false},
		{small, "Tax", "VAT", "-4545", ErrAmount, false},
		{small, "Tax", "Service", "", ErrAmount, false},
		{small, "Tax", "Service", "00", ErrAmount, false},
		{small, "Tax", "TaxFree", "999999999999999", ErrTax, true},
		{full, "Line", "Amount", "79999", ErrLines, true},
		{full, "Line", "Amount", "-1", ErrAmount, false},
		{full, "Line", "Quantity", "0", ErrValue, false},
		{full, "Line", "Quantity", "999999", "", false},
		{full, "Line", "Quantity", "1000000", ErrValue, false},
		{full, "Line", "Quantity", "1.5", ErrValue, false},
		{full, "Line", "Kind", "gift", ErrUnsupported, false},

		{full, "Terms", "Instalments", "00", "", false},
		{full, "Terms", "Instalments", "02", "", false},
		{full, "Terms", "Instalments", "01", ErrValue, false},
		{full, "Terms", "Instalments", "13", ErrValue, false},
		{full, "Terms", "Instalments", "3", ErrValue, false},
		{full, "Terms", "Instalments", "003", ErrValue, false},
		{small, "Terms", "Instalments", "03", ErrInstrument, true}, // of an account
		{full, "Terms", "Capture", "Automatic", ErrUnsupported, false},
		{full, "Terms", "Capture", "", ErrUnsupported, false},
		{full, "Terms", "InterestFree", "1", ErrUnsupported, false},
		{full, "Terms", "InterestFree", "TRUE", ErrUnsupported, false},

		{full, "Instrument", "Kind", "wallet", ErrUnsupported, false},
		{full, "Instrument", "Kind", "account", ErrInstrument, true}, // with a brand
		{small, "Instrument", "Kind", "card", ErrInstrument, true},   // without one
		{small, "Instrument", "Kind", "e-money", "", false},
		{full, "Instrument", "First6", "43301", ErrValue, false},
		{full, "Instrument", "First6", "4330123", ErrValue, false},
		{full, "Instrument", "Last4", "12345", ErrValue, false},
		{full, "Instrument", "Last4", "12a4", ErrValue, false},
		{full, "Instrument", "Brand", "visa", ErrValue, false},
		{full, "Instrument", "Brand", "V", ErrValue, false},
		{full, "Instrument", "Issuer", "issuer", ErrValue, false},
		{small, "InstrumentRef", "", strings.Repeat("a", 15), ErrValue, false},
		{small, "InstrumentRef", "", strings.Repeat("a", 64), "", false},
		{small, "InstrumentRef", "", strings.Repeat("a", 65), ErrValue, false},
		{small, "InstrumentRef", "", "0123456789abcde+", ErrValue, false},

		{full, "Evidence", "Kind", "receipt", ErrUnsupported, false},
		{full, "Evidence", "Digest", strings.Repeat("A", 43) + "=", ErrEvidence, true},
		{full, "Evidence", "Digest", strings.Repeat("A", 42) + "B=", ErrValue, false}, // padding bits
		{full, "Evidence", "Digest", strings.Repeat("A", 44), ErrValue, false},
		{full, "Evidence", "Digest", strings.Repeat("A", 42) + "\n=", ErrValue, false},
		{full, "Evidence", "", "PGE+DQoA/zwvYT5=", ErrValue, true},
		{full, "Evidence", "", "PGE+\nDQoA/zwvYT4=", ErrValue, false},
		{full, "Evidence", "", "", ErrValue, false},
		{full, "Evidence", "", "PGE_DQoA_zwvYT4=", ErrValue, false},

		{approved, "PaymentResponse", "InResponseTo", "", ErrID, false},
		{approved, "PaymentResponse", "Recipient", "shop", ErrValue, false},
		{approved, "PaymentResponse", "RequestDigest", "AAAA", ErrValue, false},
		{approved, "StatusCode", "Value", statusPrefix + "Responder", ErrStatus, true},
		{approved, "StatusCode", "Value", statusPrefix + "AuthnFailed", ErrUnsupported, true},
		{approved, "StatusCode", "Value", "Success", ErrUnsupported, true},
		{refused, "StatusCode", "Value", statusPrefix + "Success", ErrStatus, true},
		{refused, "StatusCode", "Value", statusPrefix + "Requester", "", false},
		{refused, "Detail", "Outcome", "failed", ErrUnsupported, false},
		{refused, "Detail", "Outcome", "done", ErrStatus, true},
		{refused, "Detail", "Outcome", "unknown", ErrStatus, true}, // never
		{refused, "Detail", "Retry", "new-id", "", false},
		{refused, "Detail", "Retry", "same-id", ErrStatus, true},
		{refused, "Detail", "Retry", "reverse-first", ErrStatus, true},
		{refused, "Detail", "Retry", "later", ErrUnsupported, false},
		{refused, "Korean", "", long(400), "", false},
		{refused, "Korean", "", long(401), ErrValue, false},
		{refused, "English", "", " x", ErrValue, false},
		{refused, "Upstream", "System", "", ErrValue, false},
		{refused, "Upstream", "Code", long(41), ErrValue, false},
		{refused, "Upstream", "Text", "", ErrValue, false},

		{approved, "Transaction", "State", "paid", ErrUnsupported, false},
		{approved, "Transaction", "State", "authorised", ErrTransaction, true},
		{approved, "Transaction", "State", "declined", ErrTransaction, true},
		{approved, "Transaction", "TransactionID", "", ErrValue, false},
		{approved, "Transaction", "At", "2026-11-24", ErrTime, false},
		{approved, "Transaction", "ApprovalCode", "3001-2345", ErrValue, false},
		{approved, "Balance", "Captured", "50001", ErrTransaction, true},
		{approved, "Balance", "Captured", "0", ErrTransaction, true},
		{approved, "Balance", "Cancellable", "50001", ErrTransaction, true},
		{approved, "Balance", "Cancelled", "1", ErrTransaction, true},
		{approved, "Terms", "Method", "account", ErrTransaction, true},
		{approved, "Terms", "Brand", "bc", ErrValue, false},
		{waits, "Transaction", "Expires", "2026-11-24T08:00:00+00:00", ErrTime, false},
		{waits, "Transaction", "State", "resolving", ErrTransaction, true},
		{waits, "Transaction", "Page", "pay", ErrValue, false},
		{waits, "Detail", "Retry", "never", ErrStatus, true},

		{part1, "Cancel", "Scope", "all", ErrUnsupported, false},
		{part1, "Cancel", "Reason", "", ErrUnsupported, false},
		{part1, "Cancel", "ExpectedBalance", "20000", "", false},
		{part1, "Cancel", "ExpectedBalance", "19999", ErrBalance, true},
		{part1, "Cancel", "ExpectedBalance", "0", ErrAmount, false},
		{part1, "Cancel", "Scope", "full", ErrBalance, true},
		{part1, "TransactionID", "", "", ErrValue, false},
		{whole, "RequestID", "", "_1", ErrID, false},
		{whole, "Cancel", "Scope", "partial", ErrBalance, true},
		{cancels, "Cancelled", "Kind", "reversal", ErrUnsupported, false},
		{cancels, "Cancelled", "CancellationID", "C 1", ErrValue, false},
		{cancels, "Balance", "Cancelled", "19999", ErrTransaction, true},
		{asks, "RequestID", "", "", ErrID, false},
		{finds, "Result", "Code", "Approved", ErrValue, false},
		{finds, "Result", "Code", "something-new", "", false},
		{finds, "Result", "Code", "3d-secure-2", "", false},
		{finds, "Result", "Code", strings.Repeat("a", 64), "", false},
		{finds, "Result", "Code", strings.Repeat("a", 65), ErrValue, false},
		{finds, "Result", "Code", "-new", ErrValue, false},
		{finds, "Result", "Code", "new-", ErrValue, false},
		{finds, "Result", "Code", "some--new", ErrValue, false},
		{finds, "Result", "Outcome", "not-done", "", false},
		{finds, "Result", "Outcome", "pending", ErrStatus, true},
		{finds, "Result", "Retry", "same-id", ErrStatus, true},

		{notifies, "Event", "EventID", "", ErrValue, false},
		{notifies, "Event", "EventID", strings.Repeat("e", 40), "", false},
		{notifies, "Event", "EventID", strings.Repeat("e", 41), ErrValue, false},
		{notifies, "Event", "Cursor", "0", ErrValue, false},
		{notifies, "Event", "Cursor", "999999999999999", "", false},
		{notifies, "Event", "Cursor", "1000000000000000", ErrValue, false},
		{notifies, "Event", "Cursor", "01", ErrValue, false},
		{notifies, "Event", "Sequence", "0", ErrValue, false},
		{notifies, "Event", "Sequence", "9999", "", false},
		{notifies, "Event", "Sequence", "10000", ErrValue, false},
		{notifies, "Event", "At", "2026-11-24", ErrTime, false},
		{notifies, "Event", "Kind", "pending", ErrUnsupported, false},
		{notifies, "Event", "Kind", "paid", ErrEvent, true},
		{notifies, "Event", "RequestID", "_1", ErrID, false},
		{acknowledges, "EventID", "", "", ErrValue, false},
		{acknowledges, "EventID", "", strings.Repeat("e", 41), ErrValue, false},
		{acknowledges, "EventID", "", "E 1", ErrValue, false},
		{reads, "Feed", "After", "-1", ErrValue, false},
		{reads, "Feed", "After", "0", "", false},
		{reads, "Feed", "After", "00", ErrValue, false},
		{reads, "Feed", "After", "1000000000000000", ErrValue, false},
		{reads, "Feed", "Limit", "0", ErrValue, false},
		{reads, "Feed", "Limit", "101", ErrValue, false},
		{reads, "Feed", "Limit", "010", ErrValue, false},
		{feeds, "Feed", "More", "1", ErrUnsupported, false},
		{feeds, "Feed", "More", "false", "", false},
		{feeds, "Feed", "Next", "13", ErrFeed, true},
		{feeds, "Feed", "Next", "+12", ErrValue, false},
		{feeds, "Event", "Cursor", "5", ErrFeed, true},
		{feeds, "Event", "Cursor", "12", ErrFeed, true},
		{feeds, "Event", "Cursor", "11", "", false},
		{reconciles, "Period", "From", "2026-10-24T06:59:59Z", ErrPeriodInvalid, true},
		{reconciles, "Period", "From", "2026-10-24", ErrTime, false},
		{reconciles, "Period", "Until", "2026-11-24T07:00:01Z", ErrPeriodInvalid, true},
		{reconciles, "Period", "Page", "", ErrValue, false},
		{reconciles, "Period", "Page", strings.Repeat("p", 256), "", false},
		{reconciles, "Period", "Page", strings.Repeat("p", 257), ErrValue, false},
		{reconciles, "Period", "Page", "p=", ErrValue, false},
		{reconciles, "Period", "Limit", "100", "", false},
		{reconciles, "Period", "Limit", "101", ErrValue, false},
		{lists, "Entry", "Made", "2026-11-24T07:00:00Z", ErrEntry, true},
		{lists, "Entry", "Made", "2026-10-24T07:00:00Z", "", false},
		{lists, "Entry", "RequestID", "", ErrID, false},
		{lists, "Total", "Count", "0", ErrValue, false},
		{lists, "Total", "Count", "999999998", "", false},
		{lists, "Total", "Count", "1000000000", ErrValue, false},
		{lists, "Total", "Approved", "1000000000000000000", ErrAmount, false},
		{lists, "Total", "Approved", "9999999999999999999", ErrAmount, false},
		{lists, "Total", "Approved", "999999999999999998", ErrTotal, true}, // less than captured
		{lists, "Total", "Captured", "-1", ErrAmount, false},
		{lists, "Total", "Captured", "999999999999999998", "", false},
		{lists, "Total", "Cancelled", "01", ErrAmount, false},
		{lists, "Total", "Currency", "eur", ErrCurrency, false},
		{lists, "Total", "Currency", "KRW", ErrExponent, true},
		{lists, "Total", "Currency", "USD", ErrTotal, true}, // out of order
		{lists, "Total", "Currency", "XXX", ErrCurrency, true},
		{lists, "Total", "Exponent", "0", ErrExponent, true},
		{lists, "Total", "Exponent", "4", ErrExponent, false},
	}
	list = append(list, amounts("", ErrAmount)...)
	return append(list, amounts("Order", ErrAmount)...)
}

// bend replaces the value in the first element that has it.
func (v *value) bend(root *part) bool {
	if localOf(root.name) == v.element {
		if v.attr == "" {
			root.text = v.value
			return true
		}
		for i := range root.attrs {
			if root.attrs[i][0] == v.attr {
				root.attrs[i][1] = v.value
				return true
			}
		}
	}
	return slices.ContainsFunc(root.parts, v.bend)
}

func (v *value) String() string {
	return fmt.Sprintf("%s/@%s = %.60q", v.element, v.attr, v.value)
}

func TestValues(t *testing.T) {
	t.Parallel()
	for _, v := range values() {
		root := partOf(t, v.message(t))
		if !v.bend(root) {
			t.Fatalf("%s: the message has no such value", &v)
		}
		_, err := decodeDocument(t, root.document())
		b := bend{doc: root.document()}
		if v.code != "" {
			b.code = v.code
		}
		if v.code != ErrStatus && v.code != ErrTransaction && v.code != ErrInstrument && v.code != ErrTax &&
			v.code != ErrFeed && v.code != ErrEntry && v.code != ErrTotal {
			b.place = v.element
		}
		checkBend(t, v.String(), b, err)
	}
}

func TestValuesBySchema(t *testing.T) {
	t.Parallel()
	l := lint(t)
	s := newSigning(t)
	list := values()
	docs := make([][]byte, len(list))
	for i := range list {
		m := list[i].message(t)
		root := partOf(t, m)
		list[i].bend(root)
		docs[i] = []byte(root.signed(signatureOf(t, s, m)))
	}
	refused := refusedBySchema(t, l, docs)
	for i := range list {
		switch {
		case list[i].code == "" && refused[i]:
			t.Errorf("%s: the schema refuses what the decoder takes", &list[i])
		case list[i].code != "" && refused[i] == list[i].beyondSchema:
			t.Errorf("%s: the decoder says %s; the schema refuses: %v", &list[i], string(list[i].code), refused[i])
		}
	}
}

// White space between elements means nothing.
func TestWhiteSpace(t *testing.T) {
	t.Parallel()
	for name, m := range samples(t) {
		root := partOf(t, m)
		want, err := decodeDocument(t, root.document())
		if err != nil {
			t.Fatal(err)
		}
		spread(root)
		got, err := decodeDocument(t, root.document())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := same(want, got); diff != "" && !strings.HasSuffix(name, ", full") { // whose extension is kept as it stands
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func spread(p *part) {
	if len(p.parts) == 0 || p.name == "xenc:EncryptedData" {
		return
	}
	var list []*part
	for _, c := range p.parts {
		spread(c)
		list = append(list, &part{raw: "\n\t "}, c)
	}
	list = append(list, &part{raw: "\r\n"})
	p.parts = list
}

func TestTooMany(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		m     Message
		place string
		child string
		most  int
	}{
		{"lines", fullPayment(t), "Lines", "kecis:Line", MaxLines},
		{"evidence", fullPayment(t), "PaymentRequest", "kecis:Evidence", MaxEvidence},
		{"extensions", fullPayment(t), "Extensions", "x:Points", MaxExtensions},
	} {
		for _, n := range []int{c.most, c.most + 1} {
			root := partOf(t, c.m)
			root.repeat(c.place, c.child, n)
			_, err := decodeDocument(t, root.document())
			if tooMany := errors.Is(err, ErrTooMany); tooMany != (n > c.most) {
				t.Errorf("%d %s: %v", n, c.name, err)
			}
		}
	}
	p := found()
	for _, n := range []int{MaxCancellations, MaxCancellations + 1} {
		p.Cancelled = make([]Cancellation, n)
		for i := range p.Cancelled {
			p.Cancelled[i] = cancellation()
			p.Cancelled[i].Amount, p.Cancelled[i].Tax = Won(100), Tax{TaxFree: 100}
		}
		p.Transaction.Cancelled = int64(n) * 100
		_, _, err := marshal(p)
		if tooMany := errors.Is(err, ErrTooMany); tooMany != (n > MaxCancellations) {
			t.Errorf("%d cancellations: %v", n, err)
		}
	}
}

// repeat makes the element hold n of the child.
func (p *part) repeat(place, child string, n int) {
	if localOf(p.name) == place {
		at := 0
		for p.parts[at].name != child {
			at++
		}
		end := at
		for end < len(p.parts) && p.parts[end].name == child {
			end++
		}
		var list []*part
		for range n {
			list = append(list, p.parts[at])
		}
		p.parts = append(append(p.parts[:at:at], list...), p.parts[end:]...)
		return
	}
	for _, c := range p.parts {
		c.repeat(place, child, n)
	}
}

// The largest document goes in, one byte more does not.
func TestEvidenceSize(t *testing.T) {
	t.Parallel()
	p := fullPayment(t)
	p.Evidence = []Evidence{{Kind: EvidenceRequest, Document: make([]byte, MaxEvidenceBytes)}}
	root := partOf(t, p)
	if _, err := decodeDocument(t, root.document()); err != nil {
		t.Errorf("%d bytes: %v", MaxEvidenceBytes, err)
	}
	v := value{element: "Evidence", value: base64.StdEncoding.EncodeToString(make([]byte, MaxEvidenceBytes+3))}
	v.bend(root)
	if _, err := decodeDocument(t, root.document()); !errors.Is(err, ErrValue) {
		t.Errorf("three bytes more: %v", err)
	}
	p.Evidence[0].Document = make([]byte, MaxEvidenceBytes+1)
	if _, _, err := marshal(p); !errors.Is(err, ErrValue) {
		t.Errorf("one byte more, written: %v", err)
	}
}
