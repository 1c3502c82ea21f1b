package kecis

import (
	"context"
	"crypto/sha256"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmlsig"
)

// received is a request whose sender is known.
type received struct {
	message  Message // nil if it could not be read
	header   RequestHeader
	document []byte
	soap     bool
	signer   [sha256.Size]byte
	partner  *metadata.Partner
	// returnTo is the requester's front address, of an order.
	returnTo string
	// unreadable says why the message could not be read.
	unreadable error
}

// answer is the way of a request through a provider: verify and decode what was
// signed, look for what was recorded before, look at deadline and destination,
// and let the service work between a claim and a seal.
func (s *Server) answer(r *http.Request, document []byte, soap bool) reply {
	began := s.clock.Now()
	ctx := s.config.Observer.Begin(r.Context())
	in, answer := s.open(ctx, document, soap)
	if in != nil {
		answer = s.serve(ctx, in)
	}
	s.observe(ctx, in, answer, began)
	return answer
}

// serve answers a request whose sender is known. One about money goes on to its
// end even if its requester has gone away. A repeated one is looked for before
// anything is refused (P9); where nothing is, the claim finds it.
func (s *Server) serve(ctx context.Context, in *received) reply {
	if in.message == nil || moves(in.message) {
		ctx = context.WithoutCancel(ctx)
	}
	if code := s.admissible(in); code != "" {
		if answer, known := s.recorded(ctx, in); known {
			return answer
		}
		return s.refuse(ctx, in, code)
	}
	switch m := in.message.(type) {
	case *PaymentRequest:
		return s.operate(ctx, in, paying{}, m)
	case *CaptureRequest:
		return s.operate(ctx, in, capturing{}, m)
	case *CancellationRequest:
		return s.operate(ctx, in, cancelling{}, m)
	case *ReversalRequest:
		return s.reverse(ctx, in, m)
	case *AuthenticationRequest:
		return s.operate(ctx, in, authenticating{}, m)
	case *ConfirmationRequest:
		return s.operate(ctx, in, confirming{}, m)
	case *InquiryRequest:
		return s.inquire(ctx, in, m)
	case *FeedRequest:
		return s.feed(ctx, in, m)
	case *ReconciliationRequest:
		return s.reconcile(ctx, in, m)
	case *NotificationRequest:
		return s.receiver.take(ctx, in, m)
	}
	return s.refuse(ctx, in, ErrNotServed)
}

// open finds the sender's keys, verifies, and decodes from what was signed. It
// returns nil and an unsigned answer if the sender is not known then.
func (s *Server) open(ctx context.Context, document []byte, soap bool) (*received, reply) {
	verifier := s.plain
	if soap {
		verifier = s.soap
	}
	v, err := verifier.Verify(ctx, document, s.source)
	if err != nil {
		return nil, s.refuseEarly(ctx, err)
	}
	defer v.Release()
	in := &received{document: document, soap: soap, signer: v.Key().ID()}
	if in.partner, err = s.config.Partners.Partner(ctx, v.Sender()); err != nil {
		s.log.ErrorContext(ctx, "partners cannot be read", slog.String("sender", v.Sender()), slog.Any("error", err))
		return nil, unavailable()
	}
	if in.message, err = Decode(v); err != nil {
		return s.unreadable(ctx, in, v, err)
	}
	in.header = *headerOfRequest(in.message)
	return in, reply{}
}

// unreadable keeps of a message that breaks the standard only what its answer
// needs: who signed it, and its ID.
func (s *Server) unreadable(ctx context.Context, in *received, v xmlsig.Verified, cause error) (*received, reply) {
	root, err := v.Root()
	if err != nil {
		return nil, s.malformed(ctx, "root", err)
	}
	id, _ := root.Attr("ID")
	if !validID(id) {
		return nil, s.malformed(ctx, "ID", cause)
	}
	in.unreadable = cause
	in.header = RequestHeader{Header: Header{ID: ID(id), Sender: v.Sender(), digest: v.Digest()}}
	return in, reply{}
}

// coded is what the errors of all layers tell.
type coded interface {
	error
	Code() string
}

// refuseEarly answers what cannot be attributed to a sender, by the code's way
// of travelling (KECIS-ERR-007).
func (s *Server) refuseEarly(ctx context.Context, err error) reply {
	wire := ""
	if e, ok := errors.AsType[*xmlsig.Error](err); ok {
		wire = xmlsig.Code(e.Code()).Wire()
	} else if _, ok := errors.AsType[coded](err); ok {
		wire = earlyMalformed
	}
	switch wire {
	case earlyMalformed:
		return s.malformed(ctx, "not a message", err)
	case earlyNotAuthenticated:
		return s.early(ctx, http.StatusForbidden, earlyNotAuthenticated, "not authenticated", err)
	}
	s.log.ErrorContext(ctx, "the keys of partners cannot be read", slog.Any("error", err))
	return unavailable()
}

// admissible looks at what the header promises (chapter 25): the message was
// readable, is meant for this address, and is in time.
func (s *Server) admissible(in *received) Code {
	if in.unreadable != nil {
		return codeOf(in.unreadable)
	}
	now := s.clock.Now()
	switch {
	case in.header.Destination != s.config.Endpoint:
		return ErrWrongDestination
	case in.header.IssueInstant.After(now.Add(MaxSkew)):
		return ErrIssuedInFuture
	case s.forgotten(in.header.IssueInstant):
		return ErrRequestClosed
	case !now.Before(in.header.NotOnOrAfter):
		return ErrDeadlinePassed
	case !in.partner.MayUse(serviceOf(in.message)):
		return ErrPartnerSuspended
	}
	return ""
}

// forgotten reports whether what became of a request that was issued then may be
// forgotten already: then nothing can be promised of it (P14, P16).
func (s *Server) forgotten(issued time.Time) bool {
	return issued.Before(s.clock.Now().Add(MaxSkew - s.config.Retention))
}

// codeOf returns the code of a refusal, which travels in a signed answer.
func codeOf(err error) Code {
	if e, ok := errors.AsType[coded](err); ok {
		return Code(e.Code())
	}
	return ErrUnsupported
}

// serviceOf names the service of a request.
func serviceOf(m Message) metadata.Service { return serviceOfKind(m.kind().String()) }

func serviceOfKind(kind string) metadata.Service {
	switch kind {
	case PaymentRequestKind.String():
		return metadata.ServicePayment
	case CaptureRequestKind.String():
		return metadata.ServiceCapture
	case CancellationRequestKind.String():
		return metadata.ServiceCancellation
	case ReversalRequestKind.String():
		return metadata.ServiceReversal
	case NotificationRequestKind.String():
		return metadata.ServiceNotification
	case FeedRequestKind.String():
		return metadata.ServiceFeed
	case ReconciliationRequestKind.String():
		return metadata.ServiceReconciliation
	case PaymentOrderKind.String():
		return metadata.ServiceOrder
	case AuthenticationRequestKind.String():
		return metadata.ServiceAuthentication
	case ConfirmationRequestKind.String():
		return metadata.ServiceConfirmation
	}
	return metadata.ServiceInquiry
}

// moves reports whether a request is about money, and therefore recorded.
func moves(m Message) bool {
	switch m.(type) {
	case *InquiryRequest, *FeedRequest, *ReconciliationRequest, *NotificationRequest:
		return false
	}
	return true
}

// headerOfRequest returns the header of a request.
func headerOfRequest(m Message) *RequestHeader {
	switch m := m.(type) {
	case *PaymentRequest:
		return &m.RequestHeader
	case *CaptureRequest:
		return &m.RequestHeader
	case *CancellationRequest:
		return &m.RequestHeader
	case *ReversalRequest:
		return &m.RequestHeader
	case *InquiryRequest:
		return &m.RequestHeader
	case *FeedRequest:
		return &m.RequestHeader
	case *ReconciliationRequest:
		return &m.RequestHeader
	case *NotificationRequest:
		return &m.RequestHeader
	case *AuthenticationRequest:
		return &m.RequestHeader
	case *ConfirmationRequest:
		return &m.RequestHeader
	}
	return nil
}

// observe tells the observer.
func (s *Server) observe(ctx context.Context, in *received, a reply, began time.Time) {
	o := Observation{Outcome: a.outcome, Code: string(a.code), Repeated: a.repeated, Took: s.clock.Now().Sub(began)}
	if in != nil {
		o.Peer, o.ID = in.header.Sender, in.header.ID
		if in.message != nil {
			o.Kind = in.message.kind().String()
		}
	}
	if a.early != "" {
		o.Code = a.early
	}
	s.config.Observer.End(ctx, o)
}
