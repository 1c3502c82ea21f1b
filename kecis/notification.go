package kecis

import (
	"github.com/kecis/sdk/kecis/xmlsig"
	"github.com/kecis/sdk/kecis/xmltree"
)

// NotificationRequest tells a requester of an event (chapter 55). Its sender is
// the provider, its recipient the party that made the transaction; every attempt
// to deliver the event is a message of its own, with a fresh ID and signature.
type NotificationRequest struct {
	RequestHeader
	Event Event
}

const notificationRequestContent = requestStart + "kecis:Event "

func (p *NotificationRequest) kind() Kind { return NotificationRequestKind }

func (p *NotificationRequest) decode(d *decoder, root xmltree.Element) {
	c := d.request(&p.RequestHeader, root, notificationRequestContent)
	d.event(&p.Event, c.need(Namespace, "Event"))
	c.end()
}

func (p *NotificationRequest) encode(e *encoder) {
	e.request("NotificationRequest", &p.RequestHeader)
	e.event(&p.Event)
	e.w.End()
}

// DecodeNotificationRequest is Decode for one kind; another is refused with ErrKind.
func DecodeNotificationRequest(v xmlsig.Verified) (*NotificationRequest, error) {
	return decodeAs[NotificationRequest](v)
}

// Answer returns an answer to the request that is bound to it (P5), sent by
// entity, with the status of that code; Acknowledged only once the event is
// durable. The caller adds ID and IssueInstant.
func (p *NotificationRequest) Answer(entity string, code Code) *NotificationResponse {
	return &NotificationResponse{ResponseHeader: p.answer(entity, code), EventID: p.Event.ID}
}

// NotificationResponse is the answer to a NotificationRequest. One with outcome
// Done acknowledges the event: it is not delivered again.
type NotificationResponse struct {
	ResponseHeader
	// EventID is that of the event.
	EventID string
}

const notificationResponseContent = responseStart + "kecis:EventID "

func (p *NotificationResponse) kind() Kind { return NotificationResponseKind }

func (p *NotificationResponse) decode(d *decoder, root xmltree.Element) {
	c := d.response(&p.ResponseHeader, root, notificationResponseContent)
	if e := c.need(Namespace, "EventID"); !e.IsZero() {
		a := d.attributes(e)
		a.end("")
		if p.EventID = d.text(e); !token(p.EventID, 1, maxToken) {
			d.refuseText(e, ErrValue, tokenForm, p.EventID)
		}
	}
	c.end()
}

func (p *NotificationResponse) encode(e *encoder) {
	e.response("NotificationResponse", &p.ResponseHeader)
	e.in = "EventID"
	if !token(p.EventID, 1, maxToken) {
		e.refuse(ErrValue, "text()", tokenForm, p.EventID)
	}
	e.w.Leaf("kecis", "EventID", p.EventID)
	e.w.End()
}

// DecodeNotificationResponse is Decode for one kind; another is refused with ErrKind.
func DecodeNotificationResponse(v xmlsig.Verified) (*NotificationResponse, error) {
	return decodeAs[NotificationResponse](v)
}

// AnswerTo reports whether the answer belongs to the request: its ID, sender,
// digest and event (P5). Else the error is ErrAnswer, and the event is not
// acknowledged.
func (p *NotificationResponse) AnswerTo(request *NotificationRequest) error {
	if err := p.answerTo(&request.Header); err != nil {
		return err
	}
	if p.EventID != request.Event.ID {
		return &Error{code: ErrAnswer, expected: "the EventID of the request", found: quote(p.EventID)}
	}
	return nil
}
