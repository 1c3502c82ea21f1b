package kecis

import (
	"context"
	"crypto/sha256"

	"github.com/kecis/sdk/kecis/xmlsig"
	"github.com/kecis/sdk/kecis/xmltree"
)

// Kind is a kind of message: the local name of its root element.
type Kind uint8

// The kinds of message of version 1.0-draft.
const (
	PaymentRequestKind Kind = iota + 1
	PaymentResponseKind
	CancellationRequestKind
	CancellationResponseKind
	InquiryRequestKind
	InquiryResponseKind
	CaptureRequestKind
	CaptureResponseKind
	ReversalRequestKind
	ReversalResponseKind
	NotificationRequestKind
	NotificationResponseKind
	FeedRequestKind
	FeedResponseKind
	ReconciliationRequestKind
	ReconciliationResponseKind
	RefusalResponseKind
	PaymentOrderKind
	OrderResponseKind
	AuthenticationRequestKind
	AuthenticationResponseKind
	ConfirmationRequestKind
)

const messageKinds = " PaymentRequest PaymentResponse CancellationRequest CancellationResponse InquiryRequest InquiryResponse " +
	"CaptureRequest CaptureResponse ReversalRequest ReversalResponse " +
	"NotificationRequest NotificationResponse FeedRequest FeedResponse ReconciliationRequest ReconciliationResponse RefusalResponse " +
	"PaymentOrder OrderResponse AuthenticationRequest AuthenticationResponse ConfirmationRequest "

// String returns the local name of the root element.
func (k Kind) String() string { return valueOf(messageKinds, int(k)) }

// Root returns the expanded name of the root element, for xmlsig.Message.
func (k Kind) Root() xmlsig.Name { return xmlsig.Name{Space: Namespace, Local: k.String()} }

// Kinds returns all kinds of message.
func Kinds() []Kind {
	return []Kind{
		PaymentRequestKind, PaymentResponseKind, CancellationRequestKind,
		CancellationResponseKind, InquiryRequestKind, InquiryResponseKind,
		CaptureRequestKind, CaptureResponseKind, ReversalRequestKind, ReversalResponseKind,
		NotificationRequestKind, NotificationResponseKind, FeedRequestKind, FeedResponseKind,
		ReconciliationRequestKind, ReconciliationResponseKind, RefusalResponseKind,
		PaymentOrderKind, OrderResponseKind,
		AuthenticationRequestKind, AuthenticationResponseKind, ConfirmationRequestKind,
	}
}

// Message is one of *PaymentRequest, *PaymentResponse, *CancellationRequest,
// *CancellationResponse, *InquiryRequest, *InquiryResponse, *CaptureRequest,
// *CaptureResponse, *ReversalRequest, *ReversalResponse, *NotificationRequest,
// *NotificationResponse, *FeedRequest, *FeedResponse, *ReconciliationRequest,
// *ReconciliationResponse, *RefusalResponse, *PaymentOrder, *OrderResponse,
// *AuthenticationRequest, *AuthenticationResponse and *ConfirmationRequest.
type Message interface {
	common() *Header
	kind() Kind
	decode(d *decoder, root xmltree.Element)
	encode(e *encoder)
}

// KindOf returns the kind of a message.
func KindOf(m Message) Kind { return m.kind() }

// HeaderOf returns the header that all messages have.
func HeaderOf(m Message) *Header { return m.common() }

// Decode reads whichever message was verified. It refuses a root that is none
// of ours with ErrKind, one of another version of the namespace with ErrVersion,
// and what else breaks the standard with an *Error of this package, of ecml or
// of xmlenc. The message stays valid after v.Release.
func Decode(v xmlsig.Verified) (Message, error) {
	root, err := v.Root()
	if err != nil {
		return nil, err
	}
	m, err := newMessage(root)
	if err != nil {
		return nil, err
	}
	if err := decode(m, root, v.Digest()); err != nil {
		return nil, err
	}
	return m, nil
}

// message is a pointer to a type of message.
type message[T any] interface {
	*T
	Message
}

// decodeAs decodes a message whose kind is known.
func decodeAs[T any, M message[T]](v xmlsig.Verified) (M, error) {
	root, err := v.Root()
	if err != nil {
		return nil, err
	}
	m := M(new(T))
	if !root.Is(Namespace, m.kind().String()) {
		return nil, wrongKind(m.kind().String(), root)
	}
	if err := decode(m, root, v.Digest()); err != nil {
		return nil, err
	}
	return m, nil
}

// DecodePaymentRequest is Decode for one kind; another is refused with ErrKind.
func DecodePaymentRequest(v xmlsig.Verified) (*PaymentRequest, error) {
	return decodeAs[PaymentRequest](v)
}

// DecodePaymentResponse is Decode for one kind; another is refused with ErrKind.
func DecodePaymentResponse(v xmlsig.Verified) (*PaymentResponse, error) {
	return decodeAs[PaymentResponse](v)
}

// DecodeCancellationRequest is Decode for one kind; another is refused with ErrKind.
func DecodeCancellationRequest(v xmlsig.Verified) (*CancellationRequest, error) {
	return decodeAs[CancellationRequest](v)
}

// DecodeCancellationResponse is Decode for one kind; another is refused with ErrKind.
func DecodeCancellationResponse(v xmlsig.Verified) (*CancellationResponse, error) {
	return decodeAs[CancellationResponse](v)
}

// DecodeInquiryRequest is Decode for one kind; another is refused with ErrKind.
func DecodeInquiryRequest(v xmlsig.Verified) (*InquiryRequest, error) {
	return decodeAs[InquiryRequest](v)
}

// DecodeInquiryResponse is Decode for one kind; another is refused with ErrKind.
func DecodeInquiryResponse(v xmlsig.Verified) (*InquiryResponse, error) {
	return decodeAs[InquiryResponse](v)
}

// DecodeCaptureRequest is Decode for one kind; another is refused with ErrKind.
func DecodeCaptureRequest(v xmlsig.Verified) (*CaptureRequest, error) {
	return decodeAs[CaptureRequest](v)
}

// DecodeCaptureResponse is Decode for one kind; another is refused with ErrKind.
func DecodeCaptureResponse(v xmlsig.Verified) (*CaptureResponse, error) {
	return decodeAs[CaptureResponse](v)
}

// DecodeReversalRequest is Decode for one kind; another is refused with ErrKind.
func DecodeReversalRequest(v xmlsig.Verified) (*ReversalRequest, error) {
	return decodeAs[ReversalRequest](v)
}

// DecodeReversalResponse is Decode for one kind; another is refused with ErrKind.
func DecodeReversalResponse(v xmlsig.Verified) (*ReversalResponse, error) {
	return decodeAs[ReversalResponse](v)
}

// DecodeAuthenticationRequest is Decode for one kind; another is refused with ErrKind.
func DecodeAuthenticationRequest(v xmlsig.Verified) (*AuthenticationRequest, error) {
	return decodeAs[AuthenticationRequest](v)
}

// DecodeAuthenticationResponse is Decode for one kind; another is refused with ErrKind.
func DecodeAuthenticationResponse(v xmlsig.Verified) (*AuthenticationResponse, error) {
	return decodeAs[AuthenticationResponse](v)
}

// DecodeConfirmationRequest is Decode for one kind; another is refused with ErrKind.
func DecodeConfirmationRequest(v xmlsig.Verified) (*ConfirmationRequest, error) {
	return decodeAs[ConfirmationRequest](v)
}

// newMessage returns an empty message of the root's kind.
func newMessage(root xmltree.Element) (Message, error) {
	if root.Space() == Namespace {
		if m := newRequest(root.Local()); m != nil {
			return m, nil
		}
		if m := newResponse(root.Local()); m != nil {
			return m, nil
		}
	}
	return nil, wrongKind("a message of "+Namespace, root)
}

// newRequest returns an empty message that asks for something; nil if there is none
// of that name.
func newRequest(local string) Message {
	switch local {
	case "PaymentRequest":
		return new(PaymentRequest)
	case "CancellationRequest":
		return new(CancellationRequest)
	case "InquiryRequest":
		return new(InquiryRequest)
	case "CaptureRequest":
		return new(CaptureRequest)
	case "ReversalRequest":
		return new(ReversalRequest)
	case "NotificationRequest":
		return new(NotificationRequest)
	case "FeedRequest":
		return new(FeedRequest)
	case "ReconciliationRequest":
		return new(ReconciliationRequest)
	case "PaymentOrder":
		return new(PaymentOrder)
	case "AuthenticationRequest":
		return new(AuthenticationRequest)
	case "ConfirmationRequest":
		return new(ConfirmationRequest)
	}
	return nil
}

// newResponse returns an empty answer; nil if there is none of that name.
func newResponse(local string) Message {
	switch local {
	case "PaymentResponse":
		return new(PaymentResponse)
	case "CancellationResponse":
		return new(CancellationResponse)
	case "InquiryResponse":
		return new(InquiryResponse)
	case "CaptureResponse":
		return new(CaptureResponse)
	case "ReversalResponse":
		return new(ReversalResponse)
	case "RefusalResponse":
		return new(RefusalResponse)
	case "NotificationResponse":
		return new(NotificationResponse)
	case "FeedResponse":
		return new(FeedResponse)
	case "ReconciliationResponse":
		return new(ReconciliationResponse)
	case "OrderResponse":
		return new(OrderResponse)
	case "AuthenticationResponse":
		return new(AuthenticationResponse)
	}
	return nil
}

// wrongKind tells a message of another version of the namespace from what is no
// message of this standard, or not the one expected.
func wrongKind(expected string, root xmltree.Element) error {
	const family, protocol = "urn:kecis:", ":protocol"
	space := root.Space()
	if space != Namespace && len(space) > len(family)+len(protocol) && space[:len(family)] == family && space[len(space)-len(protocol):] == protocol {
		return &Error{code: ErrVersion, expected: Namespace, found: quote(space), place: root.Path()}
	}
	return &Error{code: ErrKind, expected: expected, found: quote(root.Local()), place: root.Path()}
}

// decode fills m from what was signed.
func decode(m Message, root xmltree.Element, digest Digest) error {
	var d decoder
	m.decode(&d, root)
	if d.err != nil {
		return d.err
	}
	m.common().digest = digest
	return nil
}

// Open verifies and decodes the message that doc is, and frees what that took.
// The verifier's profile says which kinds are taken. The error is one of xmltree
// or xmlsig, or one of Decode's once the sender is known.
func Open(ctx context.Context, verifier *xmlsig.Verifier, doc []byte, keys xmlsig.KeySource) (Message, error) {
	v, err := verifier.Verify(ctx, doc, keys)
	if err != nil {
		return nil, err
	}
	defer v.Release()
	return Decode(v)
}

// Sign writes a message and signs it. It refuses, with an *Error of this
// package, whatever a decoder would refuse (KECIS-MSG-026); of a request it
// keeps the digest, by which AnswerTo knows the answer. Other errors are the
// signer's.
func Sign(m Message, signer *xmlsig.Signer) ([]byte, error) {
	canonical, at, err := marshal(m)
	if err != nil {
		return nil, err
	}
	switch m.kind() {
	case PaymentRequestKind, CancellationRequestKind, InquiryRequestKind, CaptureRequestKind, ReversalRequestKind,
		NotificationRequestKind, FeedRequestKind, ReconciliationRequestKind, PaymentOrderKind, AuthenticationRequestKind, ConfirmationRequestKind:
		m.common().digest = sha256.Sum256(canonical)
	}
	return signer.Insert(canonical, at, string(m.common().ID))
}

// messageRoom is what most messages take with their signature, in bytes, so
// that they are written and signed without growing the buffer.
const messageRoom = 6 << 10

// marshal writes a message in canonical form, without its signature, and tells
// where that belongs.
func marshal(m Message) (canonical []byte, at int, err error) {
	e := newEncoder(make([]byte, 0, messageRoom))
	m.encode(e)
	if e.err != nil {
		return nil, 0, e.err
	}
	canonical, err = e.w.Bytes()
	if err != nil {
		return nil, 0, err
	}
	return canonical, e.at, nil
}
