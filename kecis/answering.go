package kecis

import (
	"strings"
	"time"

	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/xmlenc"
)

// answer returns a refusal of the request, in the form of its kind; of one that
// could not be read, a RefusalResponse.
func (in *received) answer(entity string, code Code) Message {
	header := in.header.answer(entity, code)
	header.Status = statusFor(code)
	switch m := in.message.(type) {
	case *PaymentRequest:
		return &PaymentResponse{ResponseHeader: header, OrderRef: m.OrderRef}
	case *CaptureRequest:
		return &CaptureResponse{ResponseHeader: header, OrderRef: m.OrderRef}
	case *CancellationRequest:
		return &CancellationResponse{ResponseHeader: header, OrderRef: m.OrderRef}
	case *ReversalRequest:
		return &ReversalResponse{ResponseHeader: header, OrderRef: m.OrderRef, Original: m.Original}
	case *InquiryRequest:
		return &InquiryResponse{ResponseHeader: header, Original: m.Original}
	case *FeedRequest:
		return &FeedResponse{ResponseHeader: header, After: m.After, Next: m.After}
	case *ReconciliationRequest:
		return &ReconciliationResponse{ResponseHeader: header, From: m.From, Until: m.Until, Page: m.Page}
	case *PaymentOrder:
		header.Destination = in.returnTo
		return &OrderResponse{ResponseHeader: header, OrderRef: m.OrderRef}
	case *NotificationRequest:
		return &NotificationResponse{ResponseHeader: header, EventID: m.Event.ID}
	case *AuthenticationRequest:
		return &AuthenticationResponse{ResponseHeader: header, OrderRef: m.OrderRef}
	case *ConfirmationRequest:
		return &AuthenticationResponse{ResponseHeader: header, OrderRef: m.OrderRef}
	}
	return &RefusalResponse{ResponseHeader: header}
}

// catalogued is a code of any package.
type catalogued interface {
	~string
	Outcome() string
	Retry() string
	Text(language string) string
}

// statusFor is NewStatus for a code of any layer that reads messages.
func statusFor(code Code) Status {
	for _, status := range []Status{NewStatus(code), foreignStatus(ecml.Code(code)), foreignStatus(xmlenc.Code(code))} {
		if status.Outcome != 0 {
			return status
		}
	}
	return NewStatus(ErrUnsupported)
}

func foreignStatus[C catalogued](code C) Status {
	return Status{
		Top: Requester, Code: Code(code),
		Outcome: Outcome(indexOf(outcomes, code.Outcome())), Retry: Retry(indexOf(retries, code.Retry())),
		Korean: code.Text("ko"), English: code.Text("en"),
	}
}

// outcomeOf returns the outcome that an answer with the code has.
func outcomeOf(code Code) Outcome {
	status := statusFor(code)
	return status.Outcome
}

// signed gives a message of ours an ID and a time, and signs it.
func (s *Server) signed(m Message) ([]byte, error) {
	return s.signedAt(m, s.clock.Now())
}

func (s *Server) signedAt(m Message, now time.Time) ([]byte, error) {
	id, err := NewID(s.config.Random)
	if err != nil {
		return nil, err
	}
	signer, err := s.config.Keys.Signer(now)
	if err != nil {
		return nil, err
	}
	h := m.common()
	h.ID, h.IssueInstant = id, now
	return Sign(m, signer)
}

// row returns a new row for the request.
func (in *received) row(now time.Time) *journal.Request {
	row := &journal.Request{
		Sender: in.header.Sender, ID: string(in.header.ID), Digest: journal.Digest(in.header.digest),
		Issued: in.header.IssueInstant, Deadline: in.header.NotOnOrAfter, Claimed: now, Epoch: 1,
	}
	if in.message != nil {
		row.Kind = in.message.kind().String()
		row.Details = detailsOf(in.message).encode()
	}
	if row.Deadline.IsZero() { // of a message that could not be read
		row.Kind, row.Issued, row.Deadline = unreadableKind, now, now.Add(MaxWindow)
	}
	return row
}

// unreadableKind stands in the row of a request that could not be read.
const unreadableKind = "unreadable"

// conclude writes what the code says into a row.
func conclude(row *journal.Request, code Code) {
	status := statusFor(code)
	row.Code, row.Outcome, row.Retry = string(status.Code), status.Outcome.String(), status.Retry.String()
}

// exhibit puts a request and its answer among the evidence.
func (s *Server) exhibit(tx journal.Tx, row *journal.Request, signer [32]byte, serial int64) error {
	now := s.clock.Now()
	err := tx.AddEvidence(&journal.Exhibit{
		At: now, Peer: row.Sender, MessageID: row.ID, Kind: row.Kind, Document: row.Document, Signer: signer, Serial: serial,
	})
	if err != nil {
		return err
	}
	own, err := s.config.Keys.Signer(now)
	if err != nil {
		return err
	}
	return tx.AddEvidence(&journal.Exhibit{
		At: now, Sent: true, Peer: row.Sender, MessageID: row.ID, Kind: answerKind(row.Kind), Document: row.Answer, Signer: own.Public().ID(),
	})
}

// answerKind names the answer to a kind of request.
func answerKind(kind string) string {
	if kind == ConfirmationRequestKind.String() {
		return AuthenticationResponseKind.String()
	}
	if name, ok := strings.CutSuffix(kind, "Request"); ok {
		return name + "Response"
	}
	if kind == PaymentOrderKind.String() {
		return OrderResponseKind.String()
	}
	return RefusalResponseKind.String()
}
