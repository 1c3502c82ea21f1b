package kecis

import (
	"context"
	"crypto/sha256"
	"errors"
	"testing"

	"github.com/kecis/sdk/kecis/xmlsig"
	"github.com/kecis/sdk/kecis/xmltree"
)

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	s := newSigning(t)
	for name, want := range samples(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc, err := Sign(want, s.signer)
			if err != nil {
				t.Fatal(err)
			}
			got, err := Open(context.Background(), s.verifier, doc, s.keys)
			if err != nil {
				t.Fatalf("%v\n%s", err, doc)
			}
			if diff := same(want, got); diff != "" {
				t.Errorf("decoded differs (-want +got):\n%s", diff)
			}
			canonical, _, err := marshal(want)
			if err != nil {
				t.Fatal(err)
			}
			if got := HeaderOf(got).Digest(); got != sha256.Sum256(canonical) {
				t.Errorf("digest %v is not that of the canonical octets", got)
			}
		})
	}
}

// What is written must be canonical as it stands, or no other implementation
// could verify it.
func TestWrittenCanonical(t *testing.T) {
	t.Parallel()
	for name, m := range samples(t) {
		doc, _, err := marshal(m)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		tree, err := xmltree.Parse(doc)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := tree.Root().AppendCanonical(nil); string(got) != string(doc) {
			t.Errorf("%s: written\n%s\ncanonical\n%s", name, doc, got)
		}
	}
}

func TestZeroVerified(t *testing.T) {
	t.Parallel()
	var none xmlsig.Verified
	for name, decode := range map[string]func() error{
		"any":                    func() error { _, err := Decode(none); return err },
		"PaymentRequest":         func() error { _, err := DecodePaymentRequest(none); return err },
		"PaymentResponse":        func() error { _, err := DecodePaymentResponse(none); return err },
		"CancellationRequest":    func() error { _, err := DecodeCancellationRequest(none); return err },
		"CancellationResponse":   func() error { _, err := DecodeCancellationResponse(none); return err },
		"InquiryRequest":         func() error { _, err := DecodeInquiryRequest(none); return err },
		"InquiryResponse":        func() error { _, err := DecodeInquiryResponse(none); return err },
		"CaptureRequest":         func() error { _, err := DecodeCaptureRequest(none); return err },
		"CaptureResponse":        func() error { _, err := DecodeCaptureResponse(none); return err },
		"ReversalRequest":        func() error { _, err := DecodeReversalRequest(none); return err },
		"ReversalResponse":       func() error { _, err := DecodeReversalResponse(none); return err },
		"RefusalResponse":        func() error { _, err := DecodeRefusalResponse(none); return err },
		"PaymentOrder":           func() error { _, err := DecodePaymentOrder(none); return err },
		"OrderResponse":          func() error { _, err := DecodeOrderResponse(none); return err },
		"NotificationRequest":    func() error { _, err := DecodeNotificationRequest(none); return err },
		"NotificationResponse":   func() error { _, err := DecodeNotificationResponse(none); return err },
		"FeedRequest":            func() error { _, err := DecodeFeedRequest(none); return err },
		"FeedResponse":           func() error { _, err := DecodeFeedResponse(none); return err },
		"ReconciliationRequest":  func() error { _, err := DecodeReconciliationRequest(none); return err },
		"ReconciliationResponse": func() error { _, err := DecodeReconciliationResponse(none); return err },
	} {
		if err := decode(); !errors.Is(err, xmlsig.ErrNotVerified) {
			t.Errorf("%s: %v, want %v", name, err, xmlsig.ErrNotVerified)
		}
	}
}

func TestWrongKind(t *testing.T) {
	t.Parallel()
	s := newSigning(t)
	doc, err := Sign(inquiry(), s.signer)
	if err != nil {
		t.Fatal(err)
	}
	v, err := s.verifier.Verify(context.Background(), doc, s.keys)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Release()
	if _, err := DecodePaymentRequest(v); !errors.Is(err, ErrKind) {
		t.Errorf("an inquiry taken for a payment: %v", err)
	}
	if _, err := DecodeInquiryRequest(v); err != nil {
		t.Errorf("an inquiry: %v", err)
	}
}

func TestUnknownRoots(t *testing.T) {
	t.Parallel()
	for doc, want := range map[string]Code{
		`<k:Settlement xmlns:k="urn:kecis:1.0:protocol"></k:Settlement>`:         ErrKind,
		`<k:PaymentRequest xmlns:k="urn:kecis:2.0:protocol"></k:PaymentRequest>`: ErrVersion,
		`<k:PaymentRequest xmlns:k="urn:example:protocol"></k:PaymentRequest>`:   ErrKind,
		`<PaymentRequest></PaymentRequest>`:                                      ErrKind,
	} {
		if _, err := decodeDocument(t, doc); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", doc, err, want)
		}
	}
}

// decodeDocument decodes a document as if it had been verified.
func decodeDocument(t testing.TB, doc string) (Message, error) {
	t.Helper()
	tree, err := xmltree.Parse([]byte(doc))
	if err != nil {
		t.Fatalf("%v\n%s", err, doc)
	}
	m, err := newMessage(tree.Root())
	if err != nil {
		return nil, err
	}
	return m, decode(m, tree.Root(), Digest{1})
}
