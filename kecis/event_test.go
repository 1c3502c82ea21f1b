package kecis

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kecis/sdk/kecis/xmltree"
)

// provided makes a header as a provider's request to the shop has it.
func provided(n byte) RequestHeader {
	h := requestHeader(n)
	h.Sender, h.Destination = pg, "https://shop.example/kecis/events"
	return h
}

// event is the first event of a payment that was captured at once.
func event() Event {
	return Event{
		ID: "E20261124-000001", Cursor: 7, Sequence: 1, At: made.Add(time.Second), Kind: EventPaid,
		OrderRef: orderRef(), RequestID: testID('a'), Transaction: transaction(),
	}
}

// eventOfCancellation follows it.
func eventOfCancellation() Event {
	v := event()
	v.ID, v.Cursor, v.Sequence, v.Kind = "E20261124-000002", 12, 2, EventCancelled
	v.Transaction.Cancelled, v.Transaction.Cancellable = 20000, 30000
	v.Cancelled = []Cancellation{cancellation()}
	return v
}

func notification() *NotificationRequest {
	return &NotificationRequest{RequestHeader: provided('1'), Event: eventOfCancellation()}
}

func acknowledgement() *NotificationResponse {
	p := notification().Answer(shop, Acknowledged)
	bind(&p.ResponseHeader)
	return p
}

func feed() *FeedRequest {
	return &FeedRequest{RequestHeader: requestHeader('2'), After: 5, Limit: 100}
}

func feedRead() *FeedResponse {
	p := feed().Answer(pg, Listed)
	bind(&p.ResponseHeader)
	p.Events, p.Next, p.More = []Event{event(), eventOfCancellation()}, 12, true
	return p
}

func feedEmpty() *FeedResponse {
	p := (&FeedRequest{RequestHeader: requestHeader('2'), Limit: 1}).Answer(pg, Listed)
	bind(&p.ResponseHeader)
	return p
}

// reconciliation asks for the month before the messages were made.
func reconciliation() *ReconciliationRequest {
	return &ReconciliationRequest{RequestHeader: requestHeader('3'), From: made.Add(-MaxPeriod), Until: made, Page: "p_2-x", Limit: 50}
}

func entry() Entry {
	return Entry{Made: made.Add(-time.Hour), RequestID: testID('a'), OrderRef: orderRef(), Transaction: transaction()}
}

// reconciled is a whole answer, of three transactions in two currencies.
func reconciled() *ReconciliationResponse {
	request := reconciliation()
	request.Page = ""
	p := request.Answer(pg, Listed)
	bind(&p.ResponseHeader)
	first, second, third := entry(), entry(), entry()
	second.Transaction.ID, second.Cancelled = "T20261124-000002", []Cancellation{cancellation()}
	second.Transaction.Cancelled, second.Transaction.Cancellable = 20000, 30000
	third.Made = made.Add(-time.Second)
	third.Transaction.ID, third.Transaction.Amount = "T20261124-000000", Money{12345, USD}
	third.Transaction.State, third.Transaction.Captured, third.Transaction.Cancellable = StateDeclined, 0, 0
	p.Entries = []Entry{first, second, third}
	p.Totals = []Total{
		{Currency: KRW, Count: 2, Approved: 100000, Captured: 100000, Cancelled: 20000},
		{Currency: USD, Count: 1},
	}
	return p
}

// reconciledPage is one page of several.
func reconciledPage() *ReconciliationResponse {
	p := reconciliation().Answer(pg, Listed)
	bind(&p.ResponseHeader)
	p.Entries, p.Next = []Entry{entry()}, "p_3-x"
	p.Totals = []Total{
		{Currency: "EUR", Count: maxCount, Approved: MaxSum, Captured: MaxSum, Cancelled: MaxSum},
		{Currency: KRW, Count: 1, Approved: 50000, Captured: 50000},
	}
	return p
}

func reconciledNothing() *ReconciliationResponse {
	request := reconciliation()
	request.Page = ""
	p := request.Answer(pg, Listed)
	bind(&p.ResponseHeader)
	return p
}

func reconciliationRefused() *ReconciliationResponse {
	p := reconciliation().Answer(pg, ErrPageUnknown)
	bind(&p.ResponseHeader)
	return p
}

// checkWritten holds that a message is refused with the code, or not, by the
// encoder, and by the decoder where the encoder takes it.
func checkWritten(t *testing.T, name string, m Message, want Code) {
	t.Helper()
	doc, _, err := marshal(m)
	if want == "" && err == nil {
		_, err = decodeDocument(t, string(doc))
	}
	if want == "" && err != nil || want != "" && !errors.Is(err, want) {
		t.Errorf("%s: %v, want %q", name, err, string(want))
	}
}

// Each kind goes with the states that it leads to, and no others.
func TestEventKinds(t *testing.T) {
	t.Parallel()
	type after struct {
		state     State
		cancelled int64
	}
	states := map[State]func(*Transaction){
		StatePending: func(v *Transaction) {
			v.Captured, v.Cancellable, v.Expires = 0, 0, deadline
		},
		StateAuthorised: func(v *Transaction) { v.Captured = 0 },
		StateCaptured:   func(*Transaction) {},
		StateCancelled:  func(v *Transaction) { v.Cancellable = 0 },
		StateDeclined:   func(v *Transaction) { v.Captured, v.Cancellable = 0, 0 },
		StateReversed:   func(v *Transaction) { v.Captured, v.Cancellable = 0, 0 },
		StateExpired:    func(v *Transaction) { v.Captured, v.Cancellable = 0, 0 },
		StateResolving:  func(v *Transaction) { v.Captured, v.Cancellable = 0, 0 },
	}
	good := map[EventKind][]after{
		EventAuthorised: {{StateAuthorised, 0}},
		EventPaid:       {{StateCaptured, 0}},
		EventCaptured:   {{StateCaptured, 0}, {StateCaptured, 20000}},
		EventCancelled:  {{StateAuthorised, 20000}, {StateCaptured, 20000}, {StateCancelled, 20000}},
		EventReversed:   {{StateReversed, 0}, {StateAuthorised, 0}, {StateCaptured, 0}, {StateAuthorised, 20000}, {StateCaptured, 20000}},
		EventDeclined:   {{StateDeclined, 0}},
		EventExpired:    {{StateExpired, 0}},
		EventResolving:  {{StateResolving, 0}},
	}
	for kind := EventAuthorised; kind <= EventResolving; kind++ {
		for state, change := range states {
			for _, cancelled := range []int64{0, 20000} {
				if cancelled > 0 && state != StateAuthorised && state != StateCaptured && state != StateCancelled ||
					cancelled == 0 && state == StateCancelled {
					continue // no state that a transaction has
				}
				v := event()
				v.Kind, v.Transaction.State, v.Transaction.Cancelled = kind, state, cancelled
				if cancelled > 0 {
					v.Transaction.Cancellable = 30000
					v.Cancelled = []Cancellation{cancellation()}
				}
				change(&v.Transaction)
				want := ErrEvent
				for _, a := range good[kind] {
					if a == (after{state, cancelled}) {
						want = ""
					}
				}
				checkWritten(t, fmt.Sprintf("%s, %s, %d cancelled", kind, state, cancelled),
					&NotificationRequest{RequestHeader: provided('1'), Event: v}, want)
			}
		}
	}
}

// Each change makes one event, of a kind that the state after it goes with.
func TestEventOf(t *testing.T) {
	t.Parallel()
	in := func(state State, captured, cancelled int64) Transaction {
		v := transaction()
		v.State, v.Captured, v.Cancelled, v.Cancellable = state, captured, cancelled, 0
		return v
	}
	var none Transaction
	pending, authorised, captured := in(StatePending, 0, 0), in(StateAuthorised, 0, 0), in(StateCaptured, 50000, 0)
	for name, c := range map[string]struct {
		before, after Transaction
		want          EventKind
	}{
		"authorised at once":          {none, authorised, EventAuthorised},
		"paid at once":                {none, captured, EventPaid},
		"declined at once":            {none, in(StateDeclined, 0, 0), EventDeclined},
		"unknown at once":             {none, in(StateResolving, 0, 0), EventResolving},
		"pending":                     {none, pending, 0},
		"pending still":               {pending, pending, 0},
		"pending, authorised":         {pending, authorised, EventAuthorised},
		"pending, paid":               {pending, captured, EventPaid},
		"pending, declined":           {pending, in(StateDeclined, 0, 0), EventDeclined},
		"pending, expired":            {pending, in(StateExpired, 0, 0), EventExpired},
		"pending, reversed":           {pending, in(StateReversed, 0, 0), EventReversed},
		"captured":                    {authorised, captured, EventCaptured},
		"captured in part":            {authorised, in(StateCaptured, 1, 0), EventCaptured},
		"captured again":              {in(StateCaptured, 1, 0), in(StateCaptured, 2, 0), EventCaptured},
		"nothing changed":             {captured, captured, 0},
		"nothing changed, authorised": {authorised, authorised, 0},
		"voided in part":              {authorised, in(StateAuthorised, 0, 1), EventCancelled},
		"voided":                      {authorised, in(StateCancelled, 0, 50000), EventCancelled},
		"refunded in part":            {captured, in(StateCaptured, 50000, 1), EventCancelled},
		"refunded again":              {in(StateCaptured, 50000, 1), in(StateCaptured, 50000, 2), EventCancelled},
		"refunded":                    {in(StateCaptured, 50000, 1), in(StateCancelled, 50000, 50000), EventCancelled},
		"capture reversed":            {captured, authorised, EventReversed},
		"capture of several reversed": {in(StateCaptured, 2, 0), in(StateCaptured, 1, 0), EventReversed},
		"reversed":                    {captured, in(StateReversed, 0, 0), EventReversed},
		"reversal accepted":           {captured, in(StateResolving, 0, 0), EventResolving},
		"reversed at last":            {in(StateResolving, 0, 0), in(StateReversed, 0, 0), EventReversed},
		"resolving still":             {in(StateResolving, 0, 0), in(StateResolving, 0, 0), 0},
		"expired":                     {authorised, in(StateExpired, 0, 0), EventExpired},
	} {
		got := EventOf(&c.before, &c.after)
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		v := Event{Kind: got, Transaction: c.after}
		if err := v.check(); got != 0 && err != nil && err.code == ErrEvent {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEventContradictions(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*Event)
		want   Code
	}{
		"as it is":                  {func(*Event) {}, ""},
		"without its cancellations": {func(v *Event) { v.Cancelled = nil }, ErrTransaction},
		"cancellations of more":     {func(v *Event) { v.Cancelled = append(v.Cancelled, cancellation()) }, ErrTransaction},
		"cancellations in yen":      {func(v *Event) { v.Cancelled[0].Amount.Currency = JPY }, ErrCurrency},
		"no transaction":            {func(v *Event) { v.Transaction = Transaction{} }, ErrEvent},
		"no kind":                   {func(v *Event) { v.Kind = 0 }, ErrEvent},
		"no ID":                     {func(v *Event) { v.ID = "" }, ErrValue},
		"no request":                {func(v *Event) { v.RequestID = "" }, ErrID},
		"no time":                   {func(v *Event) { v.At = time.Time{} }, ErrTime},
		"cursor 0":                  {func(v *Event) { v.Cursor = 0 }, ErrValue},
		"the last cursor":           {func(v *Event) { v.Cursor = MaxCursor }, ""},
		"a cursor too large":        {func(v *Event) { v.Cursor = MaxCursor + 1 }, ErrValue},
		"sequence 0":                {func(v *Event) { v.Sequence = 0 }, ErrValue},
		"the last sequence":         {func(v *Event) { v.Sequence = maxSequence }, ""},
		"a sequence too large":      {func(v *Event) { v.Sequence = maxSequence + 1 }, ErrValue},
	} {
		p := notification()
		c.change(&p.Event)
		checkWritten(t, name, p, c.want)
	}
}

// A reader that goes on from Next misses none and meets none twice.
func TestFeedContradictions(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*FeedResponse)
		want   Code
	}{
		"as it is":                     {func(*FeedResponse) {}, ""},
		"the last page":                {func(p *FeedResponse) { p.More = false }, ""},
		"a gap":                        {func(p *FeedResponse) { p.Events[1].Cursor, p.Next = 99, 99 }, ""},
		"at After":                     {func(p *FeedResponse) { p.Events[0].Cursor = p.After }, ErrFeed},
		"right after After":            {func(p *FeedResponse) { p.Events[0].Cursor = p.After + 1 }, ""},
		"one cursor twice":             {func(p *FeedResponse) { p.Events[1].Cursor, p.Next = 7, 7 }, ErrFeed},
		"descending":                   {func(p *FeedResponse) { p.Events[1].Cursor, p.Next = 6, 6 }, ErrFeed},
		"one event twice":              {func(p *FeedResponse) { p.Events[1].ID = p.Events[0].ID }, ErrFeed},
		"one sequence twice":           {func(p *FeedResponse) { p.Events[1].Sequence = 1 }, ErrFeed},
		"sequence turned round":        {func(p *FeedResponse) { p.Events[0].Sequence = 3 }, ErrFeed},
		"a later sequence":             {func(p *FeedResponse) { p.Events[1].Sequence = 5 }, ""},
		"sequences of two":             {func(p *FeedResponse) { p.Events[1].Sequence, p.Events[1].Transaction.ID = 1, "T2" }, ""},
		"Next too far":                 {func(p *FeedResponse) { p.Next = 13 }, ErrFeed},
		"Next too near":                {func(p *FeedResponse) { p.Next = 7 }, ErrFeed},
		"more of nothing":              {func(p *FeedResponse) { p.Events, p.Next = nil, p.After }, ErrFeed},
		"nothing":                      {func(p *FeedResponse) { p.Events, p.Next, p.More = nil, p.After, false }, ""},
		"nothing, and on":              {func(p *FeedResponse) { p.Events, p.More = nil, false }, ErrFeed},
		"refused, with events":         {func(p *FeedResponse) { p.Status = NewStatus(ErrUnavailable) }, ErrStatus},
		"refused, with more":           {func(p *FeedResponse) { p.Status, p.Events, p.Next = NewStatus(ErrUnavailable), nil, p.After }, ErrStatus},
		"a negative start":             {func(p *FeedResponse) { p.After = -1 }, ErrValue},
		"an event that is none":        {func(p *FeedResponse) { p.Events[1].Kind = EventPaid }, ErrEvent},
		"two currencies in one answer": {func(p *FeedResponse) { p.Events[0].Transaction.Amount.Currency, p.Events[0].Transaction.ID = JPY, "T2" }, ""},
	} {
		p := feedRead()
		c.change(p)
		checkWritten(t, name, p, c.want)
	}
}

func TestPeriods(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		from, until time.Time
		want        Code
	}{
		"31 days":            {made.Add(-MaxPeriod), made, ""},
		"a second more":      {made.Add(-MaxPeriod - time.Second), made, ErrPeriodInvalid},
		"a second":           {made.Add(-time.Second), made, ""},
		"nothing":            {made, made, ErrPeriodInvalid},
		"turned round":       {made, made.Add(-time.Second), ErrPeriodInvalid},
		"not over yet":       {made.Add(-time.Hour), made.Add(time.Second), ErrPeriodInvalid},
		"half a second":      {made.Add(-time.Hour), made.Add(-time.Second / 2), ErrPeriodInvalid},
		"from half a second": {made.Add(-time.Second / 2), made, ErrPeriodInvalid},
		"no time":            {time.Time{}, time.Time{}.Add(time.Second), ErrTime},
	} {
		p := reconciliation()
		p.From, p.Until = c.from, c.until
		checkWritten(t, name, p, c.want)
	}
}

func TestReconciliationContradictions(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*ReconciliationResponse)
		want   Code
	}{
		"as it is":               {func(*ReconciliationResponse) {}, ""},
		"made at From":           {func(p *ReconciliationResponse) { p.Entries[0].Made = p.From }, ""},
		"made before":            {func(p *ReconciliationResponse) { p.Entries[0].Made = p.From.Add(-time.Second) }, ErrEntry},
		"made at Until":          {func(p *ReconciliationResponse) { p.Entries[2].Made = p.Until }, ErrEntry},
		"made just before Until": {func(p *ReconciliationResponse) { p.Entries[2].Made = p.Until.Add(-1) }, ""},
		"one twice":              {func(p *ReconciliationResponse) { p.Entries[1].Transaction.ID = p.Entries[0].Transaction.ID }, ErrEntry},
		"IDs descending":         {func(p *ReconciliationResponse) { p.Entries[0].Transaction.ID = "T3" }, ErrEntry},
		"times descending":       {func(p *ReconciliationResponse) { p.Entries[0].Made = p.Entries[2].Made.Add(time.Second - 1) }, ErrEntry},
		"in the order of fractions": {func(p *ReconciliationResponse) {
			p.Entries[0].Transaction.ID, p.Entries[1].Made = "T3", p.Entries[0].Made.Add(1)
		}, ErrEntry}, // as the message, which has none, would say
		"no cancellations":          {func(p *ReconciliationResponse) { p.Entries[1].Cancelled = nil }, ErrTransaction},
		"no transaction":            {func(p *ReconciliationResponse) { p.Entries[2].Transaction = Transaction{} }, ErrTotal},
		"a total too high":          {func(p *ReconciliationResponse) { p.Totals[0].Approved++ }, ErrTotal},
		"a total too low":           {func(p *ReconciliationResponse) { p.Totals[0].Cancelled-- }, ErrTotal},
		"one too many":              {func(p *ReconciliationResponse) { p.Totals[0].Count++ }, ErrTotal},
		"no total of a currency":    {func(p *ReconciliationResponse) { p.Totals = p.Totals[:1] }, ErrTotal},
		"a total of nothing":        {func(p *ReconciliationResponse) { p.Totals[1].Currency = "VND" }, ErrTotal},
		"totals turned round":       {func(p *ReconciliationResponse) { p.Totals[0], p.Totals[1] = p.Totals[1], p.Totals[0] }, ErrTotal},
		"a total twice":             {func(p *ReconciliationResponse) { p.Totals[1] = p.Totals[0] }, ErrTotal},
		"more captured":             {func(p *ReconciliationResponse) { p.Totals[0].Captured = 100001 }, ErrTotal},
		"more cancelled":            {func(p *ReconciliationResponse) { p.Totals[0].Cancelled = 100001 }, ErrTotal},
		"further pages":             {func(p *ReconciliationResponse) { p.Next, p.Totals[0].Approved = "p2", 100001 }, ""},
		"further pages, too low":    {func(p *ReconciliationResponse) { p.Next, p.Totals[0].Approved = "p2", 99999 }, ErrTotal},
		"further pages, too few":    {func(p *ReconciliationResponse) { p.Next, p.Totals[0].Count = "p2", 1 }, ErrTotal},
		"a later page":              {func(p *ReconciliationResponse) { p.Page, p.Totals[0].Count = "p2", 3 }, ""},
		"a later page, too low":     {func(p *ReconciliationResponse) { p.Page, p.Totals[0].Captured = "p2", 99999 }, ErrTotal},
		"a page that is its next":   {func(p *ReconciliationResponse) { p.Page, p.Next = "p2", "p2" }, ErrEntry},
		"an empty page with a next": {func(p *ReconciliationResponse) { p.Next, p.Entries = "p2", nil }, ErrEntry},
		"totals of an empty page":   {func(p *ReconciliationResponse) { p.Page, p.Entries = "p2", nil }, ""},
		"a sum of 18 digits":        {func(p *ReconciliationResponse) { p.Next, p.Totals[0].Approved = "p2", MaxSum }, ""},
		"a sum of 19 digits":        {func(p *ReconciliationResponse) { p.Next, p.Totals[0].Approved = "p2", MaxSum+1 }, ErrAmount},
		"a count of 10 digits":      {func(p *ReconciliationResponse) { p.Next, p.Totals[0].Count = "p2", maxCount+1 }, ErrValue},
		"refused, with entries":     {func(p *ReconciliationResponse) { p.Status = NewStatus(ErrPageUnknown) }, ErrStatus},
		"refused, with totals":      {func(p *ReconciliationResponse) { p.Status, p.Entries = NewStatus(ErrPageUnknown), nil }, ErrStatus},
		"refused, with a next": {func(p *ReconciliationResponse) {
			p.Status, p.Entries, p.Totals, p.Next = NewStatus(ErrPageUnknown), nil, nil, "p2"
		}, ErrStatus},
		"a period too long":    {func(p *ReconciliationResponse) { p.From = p.From.Add(-time.Second) }, ErrPeriodInvalid},
		"a token with a blank": {func(p *ReconciliationResponse) { p.Next = "p 2" }, ErrValue},
	} {
		p := reconciled()
		c.change(p)
		checkWritten(t, name, p, c.want)
	}
}

// Which states count as approved.
func TestTotalsByState(t *testing.T) {
	t.Parallel()
	for state, approved := range map[State]int64{
		StatePending: 0, StateAuthorised: 50000, StateCaptured: 50000, StateCancelled: 50000,
		StateDeclined: 0, StateReversed: 0, StateExpired: 0, StateResolving: 0,
	} {
		var got Total
		v := transaction()
		v.State = state
		got.add(&v)
		if got.Count != 1 || got.Approved != approved {
			t.Errorf("%s: %d transactions, %d approved, want 1 and %d", state, got.Count, got.Approved, approved)
		}
	}
}

func TestPageBounds(t *testing.T) {
	t.Parallel()
	filled := func(n, each int) *FeedResponse {
		p := feedRead()
		p.Events = nil
		for i := range n {
			v := eventOfCancellation()
			v.ID, v.Cursor, v.Transaction.ID = "E"+strconv.Itoa(i), int64(i+10), "T"+strconv.Itoa(i)
			v.Cancelled = make([]Cancellation, each)
			for j := range v.Cancelled {
				v.Cancelled[j] = cancellation()
				v.Cancelled[j].Amount, v.Cancelled[j].Tax = Won(100), Tax{TaxFree: 100}
			}
			v.Transaction.Cancelled = int64(each) * 100
			p.Events, p.Next = append(p.Events, v), v.Cursor
		}
		return p
	}
	checkWritten(t, "100 events", filled(100, 10), "")
	checkWritten(t, "101 events", filled(101, 1), ErrTooMany)
	checkWritten(t, "1,000 cancellations", filled(10, 100), "")
	checkWritten(t, "1,001 cancellations", func() *FeedResponse {
		p, last := filled(10, 100), filled(11, 1)
		p.Events, p.Next = append(p.Events, last.Events[10]), last.Next
		return p
	}(), ErrTooMany)

	for _, c := range []struct {
		m     Message
		place string
		child string
		most  int
	}{
		{feedRead(), "FeedResponse", "kecis:Event", MaxPage},
		{reconciled(), "ReconciliationResponse", "kecis:Entry", MaxPage},
		{reconciled(), "ReconciliationResponse", "kecis:Total", MaxTotals},
	} {
		for _, n := range []int{c.most, c.most + 1} {
			root := partOf(t, c.m)
			root.repeat(c.place, c.child, n)
			_, err := decodeDocument(t, root.document())
			if tooMany := errors.Is(err, ErrTooMany); tooMany != (n > c.most) {
				t.Errorf("%d %s: %v", n, c.child, err)
			}
		}
	}
	p := reconciled()
	p.Totals = make([]Total, MaxTotals+1)
	checkWritten(t, "201 totals", p, ErrTooMany)
}

// The largest page can be read: what is within the bounds of this standard is
// within those of a document.
func TestLargestPage(t *testing.T) {
	t.Parallel()
	s := newSigning(t)
	p := feedRead()
	p.Events = nil
	for i := range MaxPage {
		v := eventOfCancellation()
		v.ID, v.Cursor = strings.Repeat("E", maxToken-3)+fmt.Sprintf("%03d", i), MaxCursor-MaxPage+int64(i)
		v.OrderRef.Requester, v.OrderRef.OrderID = uriOf(maxURI), strings.Repeat("o", maxOrderID)
		v.Transaction.ID = strings.Repeat("T", maxToken-3) + fmt.Sprintf("%03d", i)
		v.Transaction.Amount.Minor, v.Transaction.Captured = MaxMinor, MaxMinor
		v.Transaction.InstrumentRef, v.Transaction.ApprovalCode = strings.Repeat("r", maxRef), strings.Repeat("9", maxApproval)
		v.Transaction.Cancelled, v.Transaction.Cancellable = 0, 0
		v.Cancelled = nil
		for range maxPageCancellations / MaxPage {
			c := cancellation()
			c.ID, c.Amount, c.Tax = strings.Repeat("C", maxToken), Won(99_999_999_999_999), Tax{TaxFree: 99_999_999_999_999}
			v.Cancelled, v.Transaction.Cancelled = append(v.Cancelled, c), v.Transaction.Cancelled+c.Amount.Minor
		}
		p.Events, p.Next = append(p.Events, v), v.Cursor
	}
	doc, err := Sign(p, s.signer)
	if err != nil {
		t.Fatal(err)
	}
	if len(doc) > xmltree.MaxBytes/4 {
		t.Errorf("%d bytes, want at most a quarter of %d", len(doc), xmltree.MaxBytes)
	}
	if _, err := Open(context.Background(), s.verifier, doc, s.keys); err != nil {
		t.Error(err)
	}
}

// Answers of these kinds are bound to what was asked for.
func TestAnswersOfEvents(t *testing.T) {
	t.Parallel()
	s := newSigning(t)
	n, f, r := notification(), feed(), reconciliation()
	for _, m := range []Message{n, f, r} {
		if _, err := Sign(m, s.signer); err != nil {
			t.Fatal(err)
		}
	}
	f.Limit, r.Limit = 2, 1
	check := func(name string, err, want error) {
		t.Helper()
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", name, err, want)
		}
	}
	for name, change := range map[string]func(*NotificationResponse){
		"another event":   func(a *NotificationResponse) { a.EventID = "E2" },
		"another request": func(a *NotificationResponse) { a.InResponseTo = testID('f') },
		"another digest":  func(a *NotificationResponse) { a.RequestDigest[0] ^= 1 },
	} {
		a := n.Answer(shop, Acknowledged)
		check("acknowledged", a.AnswerTo(n), nil)
		change(a)
		check(name, a.AnswerTo(n), ErrAnswer)
	}
	for name, change := range map[string]func(*FeedResponse){
		"another start":      func(a *FeedResponse) { a.After++ },
		"another request":    func(a *FeedResponse) { a.InResponseTo = testID('f') },
		"more than were due": func(a *FeedResponse) { a.Events = make([]Event, 3) },
	} {
		a := f.Answer(pg, Listed)
		a.Events = make([]Event, 2)
		check("listed", a.AnswerTo(f), nil)
		change(a)
		check(name, a.AnswerTo(f), ErrAnswer)
	}
	for name, change := range map[string]func(*ReconciliationResponse){
		"another From":       func(a *ReconciliationResponse) { a.From = a.From.Add(time.Second) },
		"another Until":      func(a *ReconciliationResponse) { a.Until = a.Until.Add(-time.Second) },
		"another page":       func(a *ReconciliationResponse) { a.Page = "" },
		"another request":    func(a *ReconciliationResponse) { a.InResponseTo = testID('f') },
		"more than were due": func(a *ReconciliationResponse) { a.Entries = make([]Entry, 2) },
	} {
		a := r.Answer(pg, Listed)
		a.From, a.Entries = a.From.In(time.FixedZone("KST", 9*60*60)), make([]Entry, 1)
		check("listed", a.AnswerTo(r), nil)
		change(a)
		check(name, a.AnswerTo(r), ErrAnswer)
	}
}
