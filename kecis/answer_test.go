package kecis

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis/xmlenc"
	"github.com/kecis/sdk/spec"
)

// exchange signs and opens a request and its answer, as two parties would.
func exchange(t *testing.T, request *PaymentRequest, answer func(*PaymentRequest) *PaymentResponse) *PaymentResponse {
	t.Helper()
	s := newSigning(t)
	doc, err := Sign(request, s.signer)
	if err != nil {
		t.Fatal(err)
	}
	m, err := Open(context.Background(), s.verifier, doc, s.keys)
	if err != nil {
		t.Fatal(err)
	}
	received, ok := m.(*PaymentRequest)
	if !ok {
		t.Fatalf("got a %T", m)
	}
	a := answer(received)
	if doc, err = Sign(a, s.signer); err != nil {
		t.Fatal(err)
	}
	if m, err = Open(context.Background(), s.verifier, doc, s.keys); err != nil {
		t.Fatal(err)
	}
	got, ok := m.(*PaymentResponse)
	if !ok {
		t.Fatalf("got a %T", m)
	}
	return got
}

func TestAnswerBinding(t *testing.T) {
	t.Parallel()
	approve := func(p *PaymentRequest) *PaymentResponse {
		a := p.Answer(pg, Approved)
		bind(&a.ResponseHeader)
		a.Transaction = transaction()
		return a
	}
	for name, c := range map[string]struct {
		change func(*PaymentResponse)
		want   error
	}{
		"as it is":          {func(*PaymentResponse) {}, nil},
		"another request":   {func(a *PaymentResponse) { a.InResponseTo = testID('f') }, ErrAnswer},
		"another recipient": {func(a *PaymentResponse) { a.Recipient = issuer }, ErrAnswer},
		"another digest":    {func(a *PaymentResponse) { a.RequestDigest[31] ^= 1 }, ErrAnswer},
		"another attempt":   {func(a *PaymentResponse) { a.OrderRef.Attempt++ }, ErrAnswer},
		"another part":      {func(a *PaymentResponse) { a.OrderRef.Part++ }, ErrAnswer},
	} {
		request := minimalPayment()
		got := exchange(t, request, func(p *PaymentRequest) *PaymentResponse {
			a := approve(p)
			c.change(a)
			return a
		})
		if err := got.AnswerTo(request); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	// Neither has a digest, which must not count as the same one.
	if err := minimalPayment().Answer(pg, Approved).AnswerTo(minimalPayment()); !errors.Is(err, ErrAnswer) {
		t.Errorf("a request that was never signed: %v", err)
	}
}

func TestAnswerOfOtherKinds(t *testing.T) {
	t.Parallel()
	s := newSigning(t)
	c, q := partialCancellation(), inquiry()
	for _, m := range []Message{c, q} {
		if _, err := Sign(m, s.signer); err != nil {
			t.Fatal(err)
		}
	}
	good, other := c.Answer(pg, ErrBalanceMismatch), c.Answer(pg, ErrBalanceMismatch)
	other.OrderRef.OrderID = "another-order"
	if err := errors.Join(good.AnswerTo(c)); err != nil {
		t.Error(err)
	}
	if err := other.AnswerTo(c); !errors.Is(err, ErrAnswer) {
		t.Errorf("another order: %v", err)
	}
	captures, reverses := capture(), undoing()
	for _, m := range []Message{captures, reverses} {
		if _, err := Sign(m, s.signer); err != nil {
			t.Fatal(err)
		}
	}
	caught, missed := captures.Answer(pg, ErrExceedsHold), captures.Answer(pg, ErrExceedsHold)
	missed.OrderRef.Part++
	if err := caught.AnswerTo(captures); err != nil {
		t.Error(err)
	}
	if err := missed.AnswerTo(captures); !errors.Is(err, ErrAnswer) {
		t.Errorf("a capture of another part: %v", err)
	}
	undone, another, foreign := reverses.Answer(pg, Reversed), reverses.Answer(pg, Reversed), reverses.Answer(pg, Reversed)
	another.Original = testID('0')
	foreign.OrderRef.Part++
	if err := undone.AnswerTo(reverses); err != nil {
		t.Error(err)
	}
	for _, answer := range []*ReversalResponse{another, foreign} {
		if err := answer.AnswerTo(reverses); !errors.Is(err, ErrAnswer) {
			t.Errorf("a reversal of something else: %v", err)
		}
	}
	told, elsewhere := q.Answer(pg, ErrNotFound), q.Answer(pg, ErrNotFound)
	elsewhere.Original = Original{TransactionID: "T2"}
	if err := told.AnswerTo(q); err != nil {
		t.Error(err)
	}
	if err := elsewhere.AnswerTo(q); !errors.Is(err, ErrAnswer) {
		t.Errorf("another original: %v", err)
	}
}

func TestFault(t *testing.T) {
	t.Parallel()
	if err := approval().Status.Err(); err != nil {
		t.Errorf("an approval is an error: %v", err)
	}
	err := declined().Status.Err()
	var f *Fault
	if !errors.As(err, &f) || f.Outcome != NotDone || f.Retry != RetryNever || !errors.Is(err, ErrDeclinedLimit) || errors.Is(err, ErrDeclinedIssuer) {
		t.Errorf("a decline: %#v", err)
	}
	want := `declined-limit (not-done, retry never): The limit or balance of the payment instrument does not suffice. [iso8583 "51"]`
	if err.Error() != want {
		t.Errorf("%s\nwant\n%s", err, want)
	}
	if f.Text("ko-KR") != ErrDeclinedLimit.Text("ko") || f.Text("fr") != ErrDeclinedLimit.Text("en") {
		t.Errorf("texts %q, %q", f.Text("ko-KR"), f.Text("fr"))
	}
}

// Every reason of the catalogue that can travel in an answer makes a status
// that decoders take, and says what the catalogue says.
func TestStatusOfEveryCode(t *testing.T) {
	t.Parallel()
	n := 0
	for _, e := range spec.Errors() {
		if e.Package != "kecis" || e.Wire != "signed" {
			continue
		}
		n++
		s := NewStatus(Code(e.Code))
		if err := s.check(); err != nil {
			t.Errorf("%s: %v", e.Code, err)
		}
		if s.Outcome.String() != e.Outcome || s.Retry.String() != e.Retry || s.Korean != e.Ko || s.English != e.En {
			t.Errorf("%s: %+v, want as in the catalogue", e.Code, s)
		}
		if !validCode(e.Code) || !validText(e.Ko, maxText) || !validText(e.En, maxText) {
			t.Errorf("%s: code or texts cannot travel", e.Code)
		}
	}
	if n < 40 {
		t.Errorf("%d codes, want 40 and more", n)
	}
}

// The outcomes and retry rules of messages are those of the catalogue.
func TestClosedSets(t *testing.T) {
	t.Parallel()
	if got := strings.Fields(outcomes); !slices.Equal(got, spec.Outcomes()) {
		t.Errorf("outcomes %q, the catalogue has %q", got, spec.Outcomes())
	}
	if got := strings.Fields(retries); !slices.Equal(got, spec.Retries()) {
		t.Errorf("retries %q, the catalogue has %q", got, spec.Retries())
	}
	for _, s := range spec.Outcomes() {
		if o, err := ParseOutcome(s); err != nil || o.String() != s {
			t.Errorf("ParseOutcome(%q) = %v, %v", s, o, err)
		}
	}
	for _, s := range spec.Retries() {
		if r, err := ParseRetry(s); err != nil || r.String() != s {
			t.Errorf("ParseRetry(%q) = %v, %v", s, r, err)
		}
	}
	for _, s := range []string{"", " ", "Done", "done ", "not-done pending", "failed"} {
		if _, err := ParseOutcome(s); !errors.Is(err, ErrUnsupported) {
			t.Errorf("ParseOutcome(%q): %v", s, err)
		}
	}
	if got := Outcome(0).String() + Outcome(9).String() + Kind(0).String(); got != "" {
		t.Errorf("values outside the sets are named %q", got)
	}
}

// A reason that this version does not know is taken; one that is no code is not.
func TestReasonCodes(t *testing.T) {
	t.Parallel()
	doc := partOf(t, declined()).document()
	for value, want := range map[string]error{
		reasonPrefix + "declined-limit":       nil,
		reasonPrefix + "declined-by-moon":     nil,
		reasonPrefix + "Declined":             ErrValue,
		reasonPrefix:                          ErrValue,
		"declined-limit":                      ErrValue,
		statusPrefix + "RequestDenied":        ErrValue,
		"urn:kecis:2.0:status:declined-limit": ErrValue,
	} {
		m, err := decodeDocument(t, strings.Replace(doc, reasonPrefix+"declined-limit", value, 1))
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", value, err, want)
			continue
		}
		if p, ok := m.(*PaymentResponse); want == nil && (!ok || reasonPrefix+string(p.Status.Code) != value) {
			t.Errorf("%s: read as %+v", value, m)
		}
	}
}

// All pairs of outcome and retry rule: which the standard allows.
func TestOutcomeAndRetry(t *testing.T) {
	t.Parallel()
	good := map[string]bool{
		"done never": true, "not-done never": true, "not-done new-id": true, "pending inquire": true,
		"unknown same-id": true, "unknown reverse-first": true, "unknown inquire": true,
	}
	for o := Done; o <= Unknown; o++ {
		for r := RetryNever; r <= RetryInquire; r++ {
			s := Status{Top: Responder, Outcome: o, Retry: r}
			if o == Done {
				s.Top = Success
			}
			if got := s.check() == nil; got != good[o.String()+" "+r.String()] {
				t.Errorf("%s with %s: taken %v", o, r, got)
			}
		}
	}
}

// All pairs of outcome and state: which answers to a payment can say.
func TestOutcomeAndState(t *testing.T) {
	t.Parallel()
	good := map[string]bool{
		"approved authorised": true, "approved captured": true,
		"pending pending":  true,
		"declined-issuer ": true, "declined-issuer declined": true, "declined-issuer reversed": true, "declined-issuer expired": true,
		"timeout ": true, "timeout resolving": true,
	}
	for _, code := range []Code{Approved, ErrPending, ErrDeclinedIssuer, ErrTimeout} {
		for state := State(0); state <= StateResolving; state++ {
			status := NewStatus(code)
			if got := checkPaid(status.Outcome, state) == nil; got != good[string(code)+" "+state.String()] {
				t.Errorf("%s with state %q: taken %v", string(code), state, got)
			}
		}
	}
}

// Nothing is signed that a decoder would refuse.
func TestSignRefuses(t *testing.T) {
	t.Parallel()
	s := newSigning(t)
	payment := func(change func(*PaymentRequest)) Message {
		p := fullPayment(t)
		change(p)
		return p
	}
	answer := func(change func(*PaymentResponse)) Message {
		p := approval()
		change(p)
		return p
	}
	for name, c := range map[string]struct {
		m    Message
		want error
	}{
		"no ID":              {payment(func(p *PaymentRequest) { p.ID = "" }), ErrID},
		"no time":            {payment(func(p *PaymentRequest) { p.IssueInstant, p.NotOnOrAfter = time.Time{}, time.Time{}.Add(time.Minute) }), ErrTime},
		"no destination":     {payment(func(p *PaymentRequest) { p.Destination = "" }), ErrValue},
		"no sender":          {payment(func(p *PaymentRequest) { p.Sender = "" }), ErrValue},
		"no window":          {payment(func(p *PaymentRequest) { p.NotOnOrAfter = p.IssueInstant }), ErrWindow},
		"too long a window":  {payment(func(p *PaymentRequest) { p.NotOnOrAfter = p.IssueInstant.Add(MaxWindow + 1e9) }), ErrWindow},
		"order ID":           {payment(func(p *PaymentRequest) { p.OrderRef.OrderID = "1" }), ErrValue},
		"attempt":            {payment(func(p *PaymentRequest) { p.OrderRef.Attempt = 0 }), ErrValue},
		"amount 0":           {payment(func(p *PaymentRequest) { p.Amount.Minor = 0 }), ErrAmount},
		"amount too large":   {payment(func(p *PaymentRequest) { p.Amount.Minor = MaxMinor + 1 }), ErrAmount},
		"currency":           {payment(func(p *PaymentRequest) { p.Amount.Currency = "ABC" }), ErrCurrency},
		"currency of order":  {payment(func(p *PaymentRequest) { p.OrderAmount.Currency = USD }), ErrCurrency},
		"more than order":    {payment(func(p *PaymentRequest) { p.Amount.Minor = p.OrderAmount.Minor + 1 }), ErrOrderAmount},
		"tax":                {payment(func(p *PaymentRequest) { p.Tax.VAT++ }), ErrTax},
		"negative tax":       {payment(func(p *PaymentRequest) { p.Tax.VAT -= 5000; p.Tax.Supply += 5000 }), ErrAmount},
		"lines":              {payment(func(p *PaymentRequest) { p.Lines[0].Amount++ }), ErrLines},
		"line kind":          {payment(func(p *PaymentRequest) { p.Lines[0].Kind = 0 }), ErrMissing},
		"instalments":        {payment(func(p *PaymentRequest) { p.Terms.Instalments = 1 }), ErrValue},
		"many instalments":   {payment(func(p *PaymentRequest) { p.Terms.Instalments = 200 }), ErrValue},
		"capture":            {payment(func(p *PaymentRequest) { p.Terms.Capture = 0 }), ErrMissing},
		"no instrument":      {payment(func(p *PaymentRequest) { p.Instrument.Encrypted = nil }), ErrInstrument},
		"two instruments":    {payment(func(p *PaymentRequest) { p.Instrument.Ref = "0123456789abcdef" }), ErrInstrument},
		"a card as Ref":      {payment(func(p *PaymentRequest) { p.Instrument.Encrypted, p.Instrument.Ref = nil, "4330 1234 1234 1234" }), ErrValue},
		"a card as Last4":    {payment(func(p *PaymentRequest) { p.Instrument.Last4 = "4330123412341234" }), ErrValue},
		"a card in ECML":     {payment(func(p *PaymentRequest) { p.Buyer = cardInClear() }), ecml.ErrProfileClear},
		"ECML that is wrong": {payment(func(p *PaymentRequest) { p.Buyer.BillTo[0].Postal[0].CountryCode = "Korea" }), ecml.ErrCountry},
		"no buyer":           {payment(func(p *PaymentRequest) { p.Buyer = nil }), ErrMissing},
		"no evidence":        {payment(func(p *PaymentRequest) { p.Evidence[0].Document = nil }), ErrValue},
		"much evidence":      {payment(func(p *PaymentRequest) { p.Evidence = make([]Evidence, MaxEvidence+1) }), ErrTooMany},
		"extension":          {payment(func(p *PaymentRequest) { p.Extensions[0].XML = []byte("<x") }), ErrValue},
		"other extension":    {payment(func(p *PaymentRequest) { p.Extensions[0].Critical = true }), ErrValue},
		"many extensions":    {payment(func(p *PaymentRequest) { p.Extensions = slices.Repeat(p.Extensions, MaxExtensions+1) }), ErrTooMany},
		"control character":  {payment(func(p *PaymentRequest) { p.Payee.Name = "a\x00b" }), ErrValue},
		"not UTF-8":          {payment(func(p *PaymentRequest) { p.Payee.Name = "a\xffb" }), ErrValue},
		"no digest":          {answer(func(p *PaymentResponse) { p.RequestDigest = Digest{} }), ErrMissing},
		"unknown code":       {answer(func(p *PaymentResponse) { p.Status = NewStatus("no-such-code") }), ErrStatus},
		"no code":            {answer(func(p *PaymentResponse) { p.Status.Code = "" }), ErrValue},
		"no Korean text":     {answer(func(p *PaymentResponse) { p.Status.Korean = "" }), ErrValue},
		"no transaction":     {answer(func(p *PaymentResponse) { p.Transaction = Transaction{} }), ErrStatus},
		"over-captured":      {answer(func(p *PaymentResponse) { p.Transaction.Captured++ }), ErrTransaction},
		"no original":        {&CancellationRequest{RequestHeader: requestHeader('d'), OrderRef: orderRef(), Amount: Won(1), Tax: Tax{TaxFree: 1}, Scope: CancelFull, Reason: ReasonBuyer}, ErrMissing},
		"no reversal reason": {func() Message {
			p := undoing()
			p.Reason = 0
			return p
		}(), ErrMissing},
		"no time of the original": {func() Message {
			p := undoing()
			p.OriginalInstant = time.Time{}
			return p
		}(), ErrTime},
		"no request to reverse": {func() Message {
			p := undoing()
			p.Original = ""
			return p
		}(), ErrMissing},
		"a wrong request to reverse": {func() Message {
			p := undoing()
			p.Original = "4330123412341234"
			return p
		}(), ErrID},
		"refused and done": {func() Message {
			p := refusal()
			p.Status = NewStatus(Approved)
			return p
		}(), ErrStatus},
		"refused and pending": {func() Message {
			p := refusal()
			p.Status = NewStatus(ErrPending)
			return p
		}(), ErrStatus},
		"captured nothing": {func() Message {
			p := captured()
			p.Transaction.State = StateAuthorised
			return p
		}(), ErrStatus},
		"no balance": {func() Message {
			p := partialCancellation()
			p.ExpectedBalance = 0
			return p
		}(), ErrBalance},
	} {
		_, err := Sign(c.m, s.signer)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), "43301234") {
			t.Errorf("%s: a card number is told: %v", name, err)
		}
	}
}

func cardInClear() *ecml.Ecom {
	card := ecml.Card{Number: ecml.NewCardNumber("4330123412341234")}
	return &ecml.Ecom{Payment: []ecml.Payment{{Card: &card}}}
}

func TestExtensions(t *testing.T) {
	t.Parallel()
	for xml, want := range map[string]Code{
		`<x:Points kecis:critical="false"/>`:                      "",
		`<x:Points kecis:critical="true"/>`:                       ErrExtension,
		`<x:Points/>`:                                             ErrExtension,
		`<x:Points kecis:critical="0"/>`:                          ErrUnsupported,
		`<x:Points critical="false"/>`:                            ErrExtension,
		`<Points kecis:critical="false"/>`:                        ErrUnsupported,
		`<kecis:Points kecis:critical="false"/>`:                  ErrUnsupported,
		`<saml:Assertion kecis:critical="false"/>`:                ErrUnsupported,
		`<samlp:Status kecis:critical="false"/>`:                  ErrUnsupported,
		`<x:Points kecis:critical="false"/>text`:                  ErrStrayText,
		``:                                                        ErrMissing,
		`<x:A kecis:critical="false"/><x:B/>`:                     ErrExtension,
		`<x:A kecis:critical="false"/><x:B kecis:critical="no"/>`: ErrUnsupported,
	} {
		root := partOf(t, fullPayment(t))
		for _, p := range root.parts {
			if p.name == "samlp:Extensions" {
				p.parts = []*part{{raw: xml + " "}}
			}
		}
		m, err := decodeDocument(t, root.document())
		if want == "" {
			if err != nil {
				t.Errorf("%s: %v", xml, err)
			} else if h := HeaderOf(m); len(h.Extensions) != 1 || h.Extensions[0].Local != "Points" || h.Extensions[0].Critical {
				t.Errorf("%s: read as %+v", xml, h.Extensions)
			}
			continue
		}
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %s", xml, err, string(want))
		}
	}
}

// What other packages refuse keeps its own code.
func TestOtherPackagesRefuse(t *testing.T) {
	t.Parallel()
	root := partOf(t, fullPayment(t)).document()
	for name, c := range map[string]struct {
		old, new string
		want     error
	}{
		"an id inside Ecom":     {`First="길동"`, `First="길동" id="_1"`, ecml.ErrProfileID},
		"a country of no one":   {`CountryCode="KR"`, `CountryCode="KOR"`, ecml.ErrCountry},
		"a name with a blank":   {`First="길동"`, `First="길 동"`, ecml.ErrNMToken},
		"an unknown attribute":  {`First="길동"`, `Fist="길동"`, ecml.ErrUnknown},
		"a cipher of no use":    {"xmlenc11#aes256-gcm", "xmlenc11#aes128-gcm", xmlenc.ErrAlgorithm},
		"a card that is asked":  {"<BillTo>", `<BillTo Mode="Query">`, ecml.ErrProfileQuery},
		"encrypted data, shape": {"<xenc:CipherData>", `<xenc:CipherData a="1">`, xmlenc.ErrAttribute},
	} {
		if !strings.Contains(root, c.old) {
			t.Fatalf("%s: no %s to replace", name, c.old)
		}
		if _, err := decodeDocument(t, strings.Replace(root, c.old, c.new, 1)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// What may stand in the clear beside which kind of instrument.
func TestInstrumentClear(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		i    Instrument
		good bool
	}{
		{Instrument{Kind: Card, Brand: "BC", First6: "940915", Last4: "1234"}, true},
		{Instrument{Kind: Card, First6: "940915", Last4: "1234"}, false},
		{Instrument{Kind: Card, Brand: "BC", Last4: "1234"}, false},
		{Instrument{Kind: Card, Brand: "BC", First6: "940915"}, false},
		{Instrument{Kind: Account}, true},
		{Instrument{Kind: Account, Last4: "1234"}, true},
		{Instrument{Kind: Account, First6: "940915"}, false},
		{Instrument{Kind: Account, Brand: "BC"}, false},
		{Instrument{Kind: EMoney, Last4: "1234"}, true},
		{Instrument{Kind: EMoney, First6: "940915"}, false},
	} {
		if err := c.i.check(); (err == nil) != c.good {
			t.Errorf("%+v: %v", c.i, err)
		}
	}
}

// An instrument shows six digits and four, and no more, however it is printed.
func TestMasked(t *testing.T) {
	t.Parallel()
	i := fullPayment(t).Instrument
	if got := i.Masked(); got != "433012******1234" {
		t.Errorf("Masked = %q", got)
	}
	i = Instrument{Kind: Account, Last4: "9876"}
	if got := i.Masked(); got != "******9876" {
		t.Errorf("Masked = %q", got)
	}
}
