package suite_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/kecis/sdk/conformance"
	"github.com/kecis/sdk/conformance/suite"
	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmlsig"
)

// faulty is a journal with something before each of its changes.
type faulty struct {
	journal.Journal

	wrap func(journal.Tx) journal.Tx
}

func (f faulty) Update(ctx context.Context, change func(journal.Tx) error) error {
	return f.Journal.Update(ctx, func(tx journal.Tx) error { return change(f.wrap(tx)) })
}

func forgetting(wrap func(journal.Tx) journal.Tx) func(journal.Journal) journal.Journal {
	return func(j journal.Journal) journal.Journal { return faulty{j, wrap} }
}

// noOrders does not know which orders are paid.
type noOrders struct{ journal.Tx }

func (t noOrders) Order(requester, id string) (*journal.Order, error) {
	return &journal.Order{Requester: requester, OrderID: id}, nil
}

// noSealed does not know the requests that are answered.
type noSealed struct{ journal.Tx }

func (t noSealed) Request(sender, id string) (*journal.Request, error) {
	r, err := t.Tx.Request(sender, id)
	if err == nil && r.State == journal.Sealed {
		return nil, journal.ErrNotFound
	}
	return r, err
}

func (t noSealed) InsertRequest(r *journal.Request) error {
	err := t.Tx.InsertRequest(r)
	if errors.Is(err, journal.ErrExists) {
		before, err := t.Tx.Request(r.Sender, r.ID)
		if err != nil {
			return err
		}
		r.Epoch = before.Epoch
		return t.UpdateRequest(r)
	}
	return err
}

// before changes a request in front of the endpoint.
func before(change func(*http.Request)) func(http.Handler) http.Handler {
	return func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			change(r)
			h.ServeHTTP(w, r)
		})
	}
}

// behind changes an answer behind the endpoint; request is what was asked.
func behind(change func(request []byte, w *httptest.ResponseRecorder)) func(http.Handler) http.Handler {
	return func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body) // of a test
			r.Body = io.NopCloser(bytes.NewReader(body))
			kept := httptest.NewRecorder()
			h.ServeHTTP(kept, r)
			change(body, kept)
			maps.Copy(w.Header(), kept.Header())
			w.WriteHeader(kept.Code)
			_, _ = w.Write(kept.Body.Bytes())
		})
	}
}

// trusting has the implementation take another key of the ring for the sender's.
func trusting(name string) func(*metadata.Partner, *conformance.Keyring) {
	return func(p *metadata.Partner, ring *conformance.Keyring) {
		key, err := xmlsig.NewPublicKey((*ring)[name].Public)
		if err == nil {
			p.Entity.Keys = append(p.Entity.Keys, metadata.SigningKey{Key: key, Scope: xmlsig.ScopeMessage})
		}
	}
}

// doubling sends each message twice.
type doubling struct{ next http.RoundTripper }

func (d doubling) RoundTrip(r *http.Request) (*http.Response, error) {
	if body, err := r.GetBody(); err == nil {
		again := r.Clone(r.Context())
		again.Body = body
		if first, err := d.next.RoundTrip(again); err == nil {
			_ = first.Body.Close()
		}
	}
	return d.next.RoundTrip(r)
}

// TestDefects: each defect is shown by the case that is about it, which the same
// implementation without the defect passes.
func TestDefects(t *testing.T) {
	for name, test := range map[string]struct {
		role   conformance.Role
		defect defect
		cases  []string
	}{
		"order forgotten":         {conformance.PG, defect{journal: forgetting(func(tx journal.Tx) journal.Tx { return noOrders{tx} })}, []string{"payment-order-live"}},
		"order forgotten, issuer": {conformance.Issuer, defect{journal: forgetting(func(tx journal.Tx) journal.Tx { return noOrders{tx} })}, []string{"payment-order-live"}},
		"answers forgotten":       {conformance.Issuer, defect{journal: forgetting(func(tx journal.Tx) journal.Tx { return noSealed{tx} })}, []string{"repeat-same", "repeat-id", "reversal-then-original"}},
		"GET is answered": {conformance.PG, defect{around: func(h http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodPost {
					h.ServeHTTP(w, r)
				}
			})
		}}, []string{"binding-get"}},
		"any content type": {conformance.PG, defect{around: before(func(r *http.Request) { r.Header.Set("Content-Type", "application/xml") })}, []string{"binding-content-type"}},
		"echo in a refusal": {conformance.PG, defect{around: behind(func(request []byte, w *httptest.ResponseRecorder) {
			if w.Code == http.StatusBadRequest {
				w.Body.Write(request)
			}
		})}, []string{"binding-not-xml", "xml-doctype-empty"}},
		"one status for all refusals": {conformance.Issuer, defect{around: behind(func(_ []byte, w *httptest.ResponseRecorder) {
			if w.Code == http.StatusForbidden {
				w.Code = http.StatusBadRequest
			}
		})}, []string{"header-stranger", "wrapping-original-in-signature"}},
		"takes a stranger's signature": {conformance.PG, defect{known: trusting("stranger-p256")}, []string{"header-stranger"}},
		"takes the metadata's key":     {conformance.Issuer, defect{known: trusting("shop-metadata")}, []string{"header-key-of-metadata"}},
		"does not know the next key":   {conformance.PG, defect{known: func(p *metadata.Partner, _ *conformance.Keyring) { p.Entity.Keys = p.Entity.Keys[:2] }}, []string{"header-key-next"}},
		"loses captures": {conformance.PG, defect{around: behind(func(request []byte, w *httptest.ResponseRecorder) {
			if bytes.Contains(request, []byte("CaptureRequest")) {
				w.Code, w.Body = http.StatusServiceUnavailable, new(bytes.Buffer)
			}
		})}, []string{"capture-full"}},
		"pays at the issuer twice": {conformance.PG, defect{line: func(next http.RoundTripper) http.RoundTripper { return doubling{next} }}, []string{"payment-approved", "repeat-same"}},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLaboratory(t, test.role, test.defect)
			list, unknown, err := suite.Cases(test.role, l.stage.Cast.Ring, test.cases...)
			if err != nil || unknown != "" || len(list) != len(test.cases) {
				t.Fatal(len(list), unknown, err)
			}
			for _, r := range l.stage.Run(t.Context(), list, 1, nil).Results {
				if r.Verdict != suite.Fail || len(r.Findings) == 0 {
					t.Errorf("%s: %s %s, although %s", r.Case, r.Verdict, r.Note, name)
				}
			}
		})
	}
}
