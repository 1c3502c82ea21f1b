package kecis

import (
	"strconv"
	"time"

	"github.com/kecis/sdk/kecis/xmlsig"
	"github.com/kecis/sdk/kecis/xmltree"
)

const (
	// MaxPeriod bounds the period of a reconciliation: the longest month.
	MaxPeriod = 31 * 24 * time.Hour
	// MaxTotals bounds the totals of an answer: ISO 4217 has fewer currencies.
	MaxTotals = 200
	// MaxSum bounds a sum of amounts: 18 digits. A thousand times the largest
	// amount, and the most digits that an int64 always holds.
	MaxSum = 999_999_999_999_999_999
	// maxCount bounds the transactions of a period: nine digits. All the cards
	// of Korea together make some billions a month, one requester far fewer.
	maxCount = 999_999_999
	// maxPageToken bounds the token of a page: a sort key of some 50 bytes and a
	// MAC of 32, in base64url, with room.
	maxPageToken = 256

	pageForm = "1 to 256 of A-Z a-z 0-9 - _"
	sumForm  = "0, or 1 to 18 digits, the first not 0, in minor units"
)

// ReconciliationRequest asks for all transactions that the sender made in a
// period, page by page (chapter 56).
type ReconciliationRequest struct {
	RequestHeader
	// From and Until bound when the transactions were made: at From or later,
	// and before Until. They are whole seconds, at most MaxPeriod apart, and
	// Until is not later than IssueInstant.
	From, Until time.Time
	// Page is the token of the last answer; "" asks for the first page.
	Page string
	// Limit is the most entries that the answer may hold, from 1 to MaxPage.
	Limit int
}

const (
	reconciliationRequestContent  = requestStart + "kecis:Period "
	reconciliationResponseContent = responseStart + "kecis:Period kecis:Entry kecis:Total "
)

func (p *ReconciliationRequest) kind() Kind { return ReconciliationRequestKind }

func (p *ReconciliationRequest) decode(d *decoder, root xmltree.Element) {
	c := d.request(&p.RequestHeader, root, reconciliationRequestContent)
	if e := c.need(Namespace, "Period"); !e.IsZero() {
		a := d.attributes(e)
		p.From = a.instant("From")
		p.Limit = a.count("Limit", MaxPage)
		p.Page = a.page("Page")
		p.Until = a.instant("Until")
		a.end(" From Limit Page Until ")
		d.empty(e)
		if d.err == nil {
			d.check(p.check(), e)
		}
	}
	c.end()
}

func (p *ReconciliationRequest) encode(e *encoder) {
	e.request("ReconciliationRequest", &p.RequestHeader)
	e.start("kecis", "Period")
	e.keep(p.check())
	e.instant("From", p.From)
	e.count("Limit", p.Limit, MaxPage)
	e.page("Page", p.Page)
	e.instant("Until", p.Until)
	e.w.End()
	e.w.End()
}

// DecodeReconciliationRequest is Decode for one kind; another is refused with ErrKind.
func DecodeReconciliationRequest(v xmlsig.Verified) (*ReconciliationRequest, error) {
	return decodeAs[ReconciliationRequest](v)
}

// check refuses a period that is none, or has not ended (KECIS-REC-002).
func (p *ReconciliationRequest) check() *Error {
	if p.Until.Unix() > p.IssueInstant.Unix() {
		return &Error{code: ErrPeriodInvalid, expected: "Until at most IssueInstant, " + FormatInstant(p.IssueInstant), found: FormatInstant(p.Until)}
	}
	return checkPeriod(p.From, p.Until)
}

func checkPeriod(from, until time.Time) *Error {
	length := until.Sub(from)
	switch {
	case from.Nanosecond() != 0 || until.Nanosecond() != 0:
		return &Error{code: ErrPeriodInvalid, expected: "a period of whole seconds"}
	case length <= 0 || length > MaxPeriod:
		return &Error{code: ErrPeriodInvalid, expected: "Until after From by at most 31 days", found: length.String()}
	}
	return nil
}

// Answer returns an answer to the request that is bound to it (P5), sent by
// entity, with the status of that code, and without entries. The caller adds ID,
// IssueInstant, and with Listed the entries, totals and Next.
func (p *ReconciliationRequest) Answer(entity string, code Code) *ReconciliationResponse {
	return &ReconciliationResponse{ResponseHeader: p.answer(entity, code), From: p.From, Until: p.Until, Page: p.Page}
}

// Entry is a transaction as a reconciliation tells it.
type Entry struct {
	// Made is when the transaction was made; it never changes.
	Made time.Time
	// RequestID is the ID of the payment request that made it.
	RequestID ID
	// OrderRef is that of the payment.
	OrderRef OrderRef
	// Transaction is its state now, and Cancelled are all its cancellations so
	// far, oldest first.
	Transaction Transaction
	Cancelled   []Cancellation
}

// Total sums up all transactions of one currency in the whole period.
type Total struct {
	Currency Currency
	// Count is the number of transactions, in whatever state.
	Count int
	// Approved is the sum of the amounts of those in state authorised, captured
	// or cancelled; Captured and Cancelled are the sums of what all balances say
	// is captured and cancelled. They are in minor units, at most MaxSum.
	Approved, Captured, Cancelled int64
}

// ReconciliationResponse is the answer to a ReconciliationRequest. Entries and
// totals are of one moment.
type ReconciliationResponse struct {
	ResponseHeader
	// From, Until and Page are those of the request.
	From, Until time.Time
	Page        string
	// Entries are ordered by Made, and among those of one second by the ID of
	// the transaction.
	Entries []Entry
	// Totals are of the whole period, whichever page this is: one for each
	// currency, ordered by currency.
	Totals []Total
	// Next is the token of the next page; "" if this is the last.
	Next string
}

func (p *ReconciliationResponse) kind() Kind { return ReconciliationResponseKind }

func (p *ReconciliationResponse) decode(d *decoder, root xmltree.Element) {
	c := d.response(&p.ResponseHeader, root, reconciliationResponseContent)
	if e := c.need(Namespace, "Period"); !e.IsZero() {
		a := d.attributes(e)
		p.From = a.instant("From")
		p.Next = a.page("Next")
		p.Page = a.page("Page")
		p.Until = a.instant("Until")
		a.end(" From Next Page Until ")
		d.empty(e)
	}
	if n := c.page("Entry"); n > 0 && d.err == nil {
		p.Entries = make([]Entry, n)
		for i := range p.Entries {
			d.entry(&p.Entries[i], c.need(Namespace, "Entry"))
		}
	}
	d.totals(&p.Totals, &c)
	c.end()
	if d.err == nil {
		d.check(p.check(), root)
	}
}

func (p *ReconciliationResponse) encode(e *encoder) {
	e.response("ReconciliationResponse", &p.ResponseHeader)
	e.keep(p.check())
	e.start("kecis", "Period")
	e.instant("From", p.From)
	e.page("Next", p.Next)
	e.page("Page", p.Page)
	e.instant("Until", p.Until)
	e.w.End()
	for i := range p.Entries {
		e.entry(&p.Entries[i])
	}
	for i := range p.Totals {
		e.total(&p.Totals[i])
	}
	e.w.End()
}

// DecodeReconciliationResponse is Decode for one kind; another is refused with ErrKind.
func DecodeReconciliationResponse(v xmlsig.Verified) (*ReconciliationResponse, error) {
	return decodeAs[ReconciliationResponse](v)
}

func (d *decoder) entry(v *Entry, e xmltree.Element) {
	if e.IsZero() {
		return
	}
	a := d.attributes(e)
	v.Made = a.instant("Made")
	v.RequestID = a.id("RequestID")
	a.end(" Made RequestID ")
	c := d.content(e, recordContent)
	d.record(&v.OrderRef, &v.Transaction, &v.Cancelled, &c)
	c.end()
	if d.err == nil {
		d.check(checkRecord(&v.Transaction, v.Cancelled), e)
	}
}

func (e *encoder) entry(v *Entry) {
	e.start("kecis", "Entry")
	e.keep(checkRecord(&v.Transaction, v.Cancelled))
	e.instant("Made", v.Made)
	e.id("RequestID", v.RequestID)
	e.record(&v.OrderRef, &v.Transaction, v.Cancelled)
	e.w.End()
}

func (d *decoder) totals(list *[]Total, c *content) {
	for {
		e, ok := c.option(Namespace, "Total")
		if !ok || d.err != nil {
			return
		}
		if len(*list) == MaxTotals {
			d.refuse(ErrTooMany, "at most "+strconv.Itoa(MaxTotals)+" totals", "", e.Path())
			return
		}
		*list = append(*list, d.total(e))
	}
}

func (d *decoder) total(e xmltree.Element) Total {
	a := d.attributes(e)
	v := Total{Approved: a.sum("Approved"), Cancelled: a.sum("Cancelled"), Captured: a.sum("Captured")}
	s := a.need("Count")
	n, ok := numeral(s, len("999999999"))
	if !ok || n == 0 {
		a.bad(ErrValue, "Count", "1 to 9 digits, the first not 0", s)
	}
	v.Count = int(n)
	code := a.need("Currency")
	v.Currency = Currency(code)
	exponent, known := exponentOf(code)
	if !known {
		a.bad(ErrCurrency, "Currency", currencyForm, code)
	}
	if s := a.need("Exponent"); len(s) != 1 || s[0] != byte('0'+exponent) {
		a.bad(ErrExponent, "Exponent", strconv.Itoa(exponent), s)
	}
	a.end(" Approved Cancelled Captured Count Currency Exponent ")
	d.empty(e)
	return v
}

func (e *encoder) total(v *Total) {
	e.start("kecis", "Total")
	e.sum("Approved", v.Approved)
	e.sum("Cancelled", v.Cancelled)
	e.sum("Captured", v.Captured)
	if v.Count < 1 || v.Count > maxCount {
		e.refuse(ErrValue, "Count", "1 to "+strconv.Itoa(maxCount), strconv.Itoa(v.Count))
	}
	e.number("Count", int64(v.Count))
	exponent := v.Currency.Exponent()
	if exponent < 0 {
		e.refuse(ErrCurrency, "Currency", currencyForm, string(v.Currency))
	}
	e.attr("Currency", string(v.Currency))
	e.number("Exponent", int64(exponent))
	e.w.End()
}

// check refuses entries outside the period or out of order, totals that cannot
// hold them, and either in an answer that is not done (KECIS-REC-005, 006, 008).
func (p *ReconciliationResponse) check() *Error {
	listed := len(p.Entries) > 0 || len(p.Totals) > 0 || p.Next != ""
	if p.Status.Outcome != Done && listed {
		return &Error{code: ErrStatus, expected: "entries, totals and Next only where the outcome is done", found: p.Status.Outcome.String()}
	}
	if err := checkPeriod(p.From, p.Until); err != nil {
		return err
	}
	if p.Next != "" && (len(p.Entries) == 0 || p.Next == p.Page) {
		return &Error{code: ErrEntry, expected: "a next page that leads on"}
	}
	cancellations := 0
	for i := range p.Entries {
		v := &p.Entries[i]
		cancellations += len(v.Cancelled)
		if made := v.Made.Unix(); made < p.From.Unix() || made >= p.Until.Unix() {
			return &Error{code: ErrEntry, expected: "a transaction made in the period", found: FormatInstant(v.Made)}
		}
		if i > 0 && !v.follows(&p.Entries[i-1]) {
			return &Error{code: ErrEntry, expected: "entries in order, each transaction once", found: quote(v.Transaction.ID)}
		}
	}
	if err := checkPage(len(p.Entries), cancellations); err != nil {
		return err
	}
	return p.checkTotals()
}

// follows reports whether the entry stands behind another in the order of the
// answer. Fractions of a second, which no message carries, do not count.
func (v *Entry) follows(earlier *Entry) bool {
	a, b := earlier.Made.Unix(), v.Made.Unix()
	return a < b || a == b && earlier.Transaction.ID < v.Transaction.ID
}

// AnswerTo reports whether the answer belongs to the request: its ID, sender and
// digest, period, page, and how much was asked for (P5). Else the error is
// ErrAnswer, and nothing in the answer may be relied on.
func (p *ReconciliationResponse) AnswerTo(request *ReconciliationRequest) error {
	if err := p.answerTo(&request.Header); err != nil {
		return err
	}
	switch {
	case !p.From.Equal(request.From) || !p.Until.Equal(request.Until):
		return &Error{code: ErrAnswer, expected: "the period of the request", found: "another"}
	case p.Page != request.Page:
		return &Error{code: ErrAnswer, expected: "the page of the request", found: quote(p.Page)}
	case len(p.Entries) > request.Limit:
		return &Error{code: ErrAnswer, expected: "at most " + strconv.Itoa(request.Limit) + " entries", found: strconv.Itoa(len(p.Entries))}
	}
	return nil
}

// page reads the token of a page, "" where there is none.
func (a *attributes) page(local string) string {
	s, ok := a.option(local)
	if ok && !token(s, 1, maxPageToken) {
		a.bad(ErrValue, local, pageForm, s)
	}
	return s
}

func (e *encoder) page(local, s string) {
	if s != "" {
		e.token(local, s, 1, maxPageToken, pageForm)
	}
}

// sum reads a sum of amounts, which may be 0.
func (a *attributes) sum(local string) int64 {
	s := a.need(local)
	n, ok := numeral(s, len("999999999999999999"))
	if !ok {
		a.bad(ErrAmount, local, sumForm, s)
	}
	return n
}

func (e *encoder) sum(local string, n int64) {
	if n < 0 || n > MaxSum {
		e.refuse(ErrAmount, local, sumForm, strconv.FormatInt(n, 10))
	}
	e.number(local, n)
}
