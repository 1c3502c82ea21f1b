package kecis_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/kecistest"
	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmlsig"
)

// What a test does with the octets of messages.

// address gives a request of a party its header for the market's PG, as of now.
func (m *market) address(t testing.TB, from *kecistest.Party, r kecis.Message) {
	t.Helper()
	h := headerOf(r)
	if h.ID == "" {
		id, err := kecis.NewID(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		h.ID = id
	}
	h.Sender, h.Destination = from.Entity, pgID
	h.IssueInstant = m.clock.Now().Truncate(time.Second)
	h.NotOnOrAfter = h.IssueInstant.Add(time.Minute)
}

func headerOf(r kecis.Message) *kecis.RequestHeader {
	switch r := r.(type) {
	case *kecis.PaymentRequest:
		return &r.RequestHeader
	case *kecis.CaptureRequest:
		return &r.RequestHeader
	case *kecis.CancellationRequest:
		return &r.RequestHeader
	case *kecis.ReversalRequest:
		return &r.RequestHeader
	case *kecis.InquiryRequest:
		return &r.RequestHeader
	}
	panic("no request")
}

// signed addresses and signs a request of the shop.
func (m *market) signed(t testing.TB, r kecis.Message) []byte {
	t.Helper()
	m.address(t, m.shop, r)
	return signedBy(t, m.shop, r)
}

func signedBy(t testing.TB, from *kecistest.Party, r kecis.Message) []byte {
	t.Helper()
	document, err := kecis.Sign(r, from.Signer)
	if err != nil {
		t.Fatal(err)
	}
	return document
}

// resigned changes a signed document and signs it again: what Sign refuses.
func (m *market) resigned(t testing.TB, document []byte, from, to string) []byte {
	t.Helper()
	if !bytes.Contains(document, []byte(from)) {
		t.Fatalf("no %q in %s", from, document)
	}
	changed := bytes.Replace(document, []byte(from), []byte(to), 1)
	start, end := bytes.Index(changed, []byte("<ds:Signature")), bytes.Index(changed, []byte("</ds:Signature>"))
	bare := append(bytes.Clone(changed[:start]), changed[end+len("</ds:Signature>"):]...)
	id := bytes.Index(bare, []byte(` ID="`)) + len(` ID="`)
	again, err := m.shop.Signer.Insert(bare, start, string(bare[id:id+bytes.IndexByte(bare[id:], '"')]))
	if err != nil {
		t.Fatal(err)
	}
	return again
}

// postWithin sends a document to the PG's handler and returns what comes back.
func (m *market) postWithin(ctx context.Context, t testing.TB, document []byte) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, pgID, bytes.NewReader(document))
	r.Header.Set("Content-Type", "application/xml")
	w := httptest.NewRecorder()
	m.server.ServeHTTP(w, r)
	return w
}

// post sends a document and returns the header of the signed answer.
func (m *market) post(t testing.TB, document []byte) *kecis.ResponseHeader {
	t.Helper()
	w := m.postWithin(t.Context(), t, document)
	if w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	return m.read(t, w.Body)
}

// read verifies and reads an answer of the PG.
func (m *market) read(t testing.TB, body io.Reader) *kecis.ResponseHeader {
	t.Helper()
	document, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	answer := m.opened(t, document)
	switch a := answer.(type) {
	case *kecis.PaymentResponse:
		return &a.ResponseHeader
	case *kecis.CaptureResponse:
		return &a.ResponseHeader
	case *kecis.CancellationResponse:
		return &a.ResponseHeader
	case *kecis.ReversalResponse:
		return &a.ResponseHeader
	case *kecis.InquiryResponse:
		return &a.ResponseHeader
	case *kecis.RefusalResponse:
		return &a.ResponseHeader
	}
	t.Fatalf("the answer is a %T", answer)
	return nil
}

func (m *market) opened(t testing.TB, document []byte) kecis.Message {
	t.Helper()
	var names []xmlsig.Name
	for _, kind := range kecis.Kinds() {
		names = append(names, kind.Root())
	}
	keys := metadata.Keys(metadata.Fixed(m.pg.Partner), m.clock.Now)
	answer, err := kecis.Open(t.Context(), &xmlsig.Verifier{Profile: xmlsig.Message(names...)}, document, keys)
	if err != nil {
		t.Fatalf("%v: %s", err, document)
	}
	return answer
}

// capture is the capture of so much of a payment.
func (m *market) capture(p *kecis.PaymentRequest, minor int64, final bool) *kecis.CaptureRequest {
	c := m.client.NewCapture(pgID)
	c.OrderRef, c.Original = p.OrderRef, kecis.Original{RequestID: p.ID}
	c.Amount, c.Tax, c.Final = kecis.Won(minor), kecis.Tax{TaxFree: minor}, final
	return c
}
