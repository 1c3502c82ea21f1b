package kecis

import (
	"strconv"

	"github.com/kecis/sdk/kecis/xmlsig"
	"github.com/kecis/sdk/kecis/xmltree"
)

// FeedRequest asks for the events of the sender's own transactions, in the order
// of their cursors (chapter 55).
type FeedRequest struct {
	RequestHeader
	// After is the cursor of the last event that the sender has; 0 for none.
	After int64
	// Limit is the most events that the answer may hold, from 1 to MaxPage.
	Limit int
}

const (
	feedRequestContent  = requestStart + "kecis:Feed "
	feedResponseContent = responseStart + "kecis:Feed kecis:Event "
)

func (p *FeedRequest) kind() Kind { return FeedRequestKind }

func (p *FeedRequest) decode(d *decoder, root xmltree.Element) {
	c := d.request(&p.RequestHeader, root, feedRequestContent)
	if e := c.need(Namespace, "Feed"); !e.IsZero() {
		a := d.attributes(e)
		p.After = a.after("After")
		p.Limit = a.count("Limit", MaxPage)
		a.end(" After Limit ")
		d.empty(e)
	}
	c.end()
}

func (p *FeedRequest) encode(e *encoder) {
	e.request("FeedRequest", &p.RequestHeader)
	e.start("kecis", "Feed")
	e.after("After", p.After)
	e.count("Limit", p.Limit, MaxPage)
	e.w.End()
	e.w.End()
}

// DecodeFeedRequest is Decode for one kind; another is refused with ErrKind.
func DecodeFeedRequest(v xmlsig.Verified) (*FeedRequest, error) {
	return decodeAs[FeedRequest](v)
}

// Answer returns an answer to the request that is bound to it (P5), sent by
// entity, with the status of that code, and without events. The caller adds ID,
// IssueInstant, and with Listed the events, Next and More.
func (p *FeedRequest) Answer(entity string, code Code) *FeedResponse {
	return &FeedResponse{ResponseHeader: p.answer(entity, code), After: p.After, Next: p.After}
}

// FeedResponse is the answer to a FeedRequest.
type FeedResponse struct {
	ResponseHeader
	// After is that of the request.
	After int64
	// Events have ascending cursors, all greater than After.
	Events []Event
	// Next is the cursor to go on from: that of the last event, or After.
	Next int64
	// More tells that there were further events when the answer was made.
	More bool
}

func (p *FeedResponse) kind() Kind { return FeedResponseKind }

func (p *FeedResponse) decode(d *decoder, root xmltree.Element) {
	c := d.response(&p.ResponseHeader, root, feedResponseContent)
	if e := c.need(Namespace, "Feed"); !e.IsZero() {
		a := d.attributes(e)
		p.After = a.after("After")
		p.More = a.choice("More", booleans) == 2
		p.Next = a.after("Next")
		a.end(" After More Next ")
		d.empty(e)
	}
	if n := c.page("Event"); n > 0 && d.err == nil {
		p.Events = make([]Event, n)
		for i := range p.Events {
			d.event(&p.Events[i], c.need(Namespace, "Event"))
		}
	}
	c.end()
	if d.err == nil {
		d.check(p.check(), root)
	}
}

func (p *FeedResponse) encode(e *encoder) {
	e.response("FeedResponse", &p.ResponseHeader)
	e.keep(p.check())
	e.start("kecis", "Feed")
	e.after("After", p.After)
	e.bool("More", p.More)
	e.after("Next", p.Next)
	e.w.End()
	for i := range p.Events {
		e.event(&p.Events[i])
	}
	e.w.End()
}

// DecodeFeedResponse is Decode for one kind; another is refused with ErrKind.
func DecodeFeedResponse(v xmlsig.Verified) (*FeedResponse, error) {
	return decodeAs[FeedResponse](v)
}

// check refuses events out of order, a Next from which a reader would miss or
// repeat some, and events of an answer that is not done (KECIS-EVT-020, 021).
func (p *FeedResponse) check() *Error {
	last, cancellations := p.After, 0
	for i := range p.Events {
		v := &p.Events[i]
		if v.Cursor <= last {
			return &Error{code: ErrFeed, expected: "a cursor above " + strconv.FormatInt(last, 10), found: strconv.FormatInt(v.Cursor, 10)}
		}
		last = v.Cursor
		cancellations += len(v.Cancelled)
		for j := range i {
			if err := v.checkAfter(&p.Events[j]); err != nil {
				return err
			}
		}
	}
	switch {
	case p.Status.Outcome != Done && (len(p.Events) > 0 || p.More):
		return &Error{code: ErrStatus, expected: "events only where the outcome is done", found: p.Status.Outcome.String()}
	case p.Next != last:
		return &Error{code: ErrFeed, expected: "Next " + strconv.FormatInt(last, 10), found: strconv.FormatInt(p.Next, 10)}
	case p.More && len(p.Events) == 0:
		return &Error{code: ErrFeed, expected: "an event where there are more"}
	}
	return checkPage(len(p.Events), cancellations)
}

// checkAfter refuses an event that cannot come after an earlier one.
func (v *Event) checkAfter(earlier *Event) *Error {
	switch {
	case v.ID == earlier.ID:
		return &Error{code: ErrFeed, expected: "each event once", found: quote(v.ID)}
	case v.Transaction.ID == earlier.Transaction.ID && v.Sequence <= earlier.Sequence:
		return &Error{code: ErrFeed, expected: "a sequence above " + strconv.Itoa(earlier.Sequence), found: strconv.Itoa(v.Sequence)}
	}
	return nil
}

// AnswerTo reports whether the answer belongs to the request: its ID, sender and
// digest, where it begins, and how much was asked for (P5). Else the error is
// ErrAnswer, and nothing in the answer may be relied on.
func (p *FeedResponse) AnswerTo(request *FeedRequest) error {
	if err := p.answerTo(&request.Header); err != nil {
		return err
	}
	switch {
	case p.After != request.After:
		return &Error{code: ErrAnswer, expected: "After " + strconv.FormatInt(request.After, 10), found: strconv.FormatInt(p.After, 10)}
	case len(p.Events) > request.Limit:
		return &Error{code: ErrAnswer, expected: "at most " + strconv.Itoa(request.Limit) + " events", found: strconv.Itoa(len(p.Events))}
	}
	return nil
}
