package kecis_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/kecistest"
	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmltree"
)

// counted counts what a bank is asked to do.
type counted struct {
	*bank

	effects atomic.Int64
}

func (c *counted) Pay(ctx context.Context, a kecis.Attempt, p *kecis.PaymentRequest) (*kecis.Approval, error) {
	c.effects.Add(1)
	return c.bank.Pay(ctx, a, p)
}

func (c *counted) Capture(ctx context.Context, a kecis.Attempt, p *kecis.CaptureRequest) (*kecis.CaptureResult, error) {
	c.effects.Add(1)
	return c.bank.Capture(ctx, a, p)
}

func (c *counted) Cancel(ctx context.Context, a kecis.Attempt, p *kecis.CancellationRequest) (*kecis.CancelResult, error) {
	c.effects.Add(1)
	return c.bank.Cancel(ctx, a, p)
}

func (c *counted) Reverse(ctx context.Context, key string) error {
	c.effects.Add(1)
	return c.bank.Reverse(ctx, key)
}

// house is a market whose PG stands behind TLS, with other partners beside the
// shop: one that is suspended, one whose keys are compromised, another shop, and
// a stranger.
type house struct {
	*market

	service                                 *counted
	suspended, compromised, other, stranger *kecistest.Party
	web                                     *httptest.Server
}

func newHouse(t *testing.T, edit func(*kecis.ServerConfig)) *house {
	t.Helper()
	return newHouseAt(t, time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC), edit)
}

func newHouseAt(t *testing.T, at time.Time, edit func(*kecis.ServerConfig)) *house {
	t.Helper()
	h := &house{}
	party := func(name string, status metadata.Status) *kecistest.Party {
		p := kecistest.NewParty(t, "https://"+name+".example/kecis", kecistest.Role(metadata.Requester), at)
		p.Partner.Status = status
		return p
	}
	h.suspended, h.compromised = party("suspended", metadata.Suspended), party("compromised", metadata.Compromised)
	h.other, h.stranger = party("other", metadata.Active), party("stranger", metadata.Active)
	h.market = newMarketOf(t, func(c *kecis.ServerConfig) {
		shop, _ := c.Partners.Partner(t.Context(), shopID)
		pg, _ := c.Partners.Partner(t.Context(), pgID)
		c.Partners = metadata.Fixed(shop, pg, h.suspended.Partner, h.compromised.Partner, h.other.Partner)
		b, _ := c.Payments.(*bank)
		h.service = &counted{bank: b}
		c.Payments, c.Captures, c.Cancellations = h.service, h.service, h.service
		if edit != nil {
			edit(c)
		}
	})
	h.web = httptest.NewTLSServer(h.server)
	t.Cleanup(h.web.Close)
	return h
}

// answer is what came back over HTTP.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// send posts a document.
func (h *house) send(t testing.TB, document []byte, media string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.web.URL, bytes.NewReader(document))
	if err != nil {
		t.Fatal(err)
	}
	if media != "" {
		r.Header.Set("Content-Type", media)
	}
	return h.do(t, r)
}

func (h *house) do(t testing.TB, r *http.Request) answer {
	t.Helper()
	response, err := h.web.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, body}
}

const xmlMedia = "application/xml; charset=utf-8"

// by is a request of a party, signed, after edit.
func (h *house) by(t *testing.T, from *kecistest.Party, r kecis.Message, edit func(*kecis.RequestHeader)) []byte {
	t.Helper()
	h.address(t, from, r)
	if edit != nil {
		edit(headerOf(r))
	}
	return signedBy(t, from, r)
}

// paid is a payment that was made.
func (h *house) paid(t *testing.T, id string, capture kecis.Capture) *kecis.PaymentRequest {
	t.Helper()
	p := h.order(id, capture)
	if a := h.send(t, h.signed(t, p), xmlMedia); h.read(t, bytes.NewReader(a.body)).Status.Outcome != kecis.Done {
		t.Fatalf("not paid: %s", a.body)
	}
	return p
}

// edited is an order that edit has changed.
func (h *house) edited(edit func(*kecis.PaymentRequest)) *kecis.PaymentRequest {
	p := h.order("ORD-0001", kecis.CaptureAutomatic)
	edit(p)
	return p
}

func amount(minor int64) func(*kecis.PaymentRequest) {
	return func(p *kecis.PaymentRequest) {
		p.Amount, p.OrderAmount, p.Tax = kecis.Won(minor), kecis.Won(minor), kecis.Tax{TaxFree: minor}
	}
}

func byCard(months kecis.Instalments) func(*kecis.PaymentRequest) {
	return func(p *kecis.PaymentRequest) {
		p.Terms.Instalments = months
		p.Instrument.Kind, p.Instrument.Brand, p.Instrument.First6, p.Instrument.Last4 = kecis.Card, "BC", "433012", "1234"
	}
}

// TestBadInput sends requests that are refused, over TLS: each gets its own
// code, outcome and retry rule in a signed answer, nothing is done, and a
// refusal that promises so is recorded.
func TestBadInput(t *testing.T) {
	const never, anew, inquire = kecis.RetryNever, kecis.RetryNewID, kecis.RetryInquire
	type h = *house
	for _, test := range []struct {
		name    string
		make    func(*testing.T, h) []byte
		code    kecis.Code
		outcome kecis.Outcome
		retry   kecis.Retry
	}{
		{"exponent", changed(`Exponent="0"`, `Exponent="2"`), kecis.ErrExponent, kecis.NotDone, anew},
		{"currency that is none", changed(`Currency="KRW"`, `Currency="KRX"`), kecis.ErrCurrency, kecis.NotDone, anew},
		{"sum of the tax", changed(`VAT="4545"`, `VAT="4544"`), kecis.ErrTax, kecis.NotDone, anew},
		{"sum of the lines", func(t *testing.T, h h) []byte {
			t.Helper()
			p := h.edited(func(p *kecis.PaymentRequest) {
				p.Lines = []kecis.Line{{Kind: kecis.LineItem, Name: "꽃", Quantity: 1, Amount: 50_000}}
			})
			return h.resigned(t, h.signed(t, p), `<kecis:Line Amount="50000"`, `<kecis:Line Amount="49999"`)
		}, kecis.ErrLines, kecis.NotDone, anew},
		{"amount zero", changed(`>50000<`, `>0<`), kecis.ErrAmount, kecis.NotDone, anew},
		{"amount negative", changed(`>50000<`, `>-50000<`), kecis.ErrAmount, kecis.NotDone, anew},
		{"amount of 16 digits", changed(`>50000<`, `>1000000000000000<`), kecis.ErrAmount, kecis.NotDone, anew},
		{"amount above its order", changed(`Order="50000"`, `Order="49999"`), kecis.ErrOrderAmount, kecis.NotDone, anew},
		{"element that is unknown", changed(`<kecis:Buyer>`, `<kecis:Gift></kecis:Gift><kecis:Buyer>`), kecis.ErrUnsupported, kecis.NotDone, anew},
		{"attribute that is unknown", changed(`Capture="automatic"`, `Capture="automatic" Gift="true"`), kecis.ErrUnsupported, kecis.NotDone, anew},
		{"value that is unknown", changed(`Kind="account"`, `Kind="cash"`), kecis.ErrUnsupported, kecis.NotDone, anew},
		{"window of more than 5 minutes", changed(`NotOnOrAfter="2026-11-24T09:01:00Z"`, `NotOnOrAfter="2026-11-24T09:05:01Z"`), kecis.ErrWindow, kecis.NotDone, anew},
		{"amount below the limits", ordered(amount(99)), kecis.ErrInvalidAmount, kecis.NotDone, anew},
		{"amount above the limits", ordered(amount(100_000_001)), kecis.ErrInvalidAmount, kecis.NotDone, anew},
		{"currency that is not taken", ordered(func(p *kecis.PaymentRequest) {
			p.Amount, p.OrderAmount, p.Tax = kecis.Money{Minor: 5, Currency: kecis.EUR}, kecis.Money{Minor: 5, Currency: kecis.EUR}, kecis.Tax{TaxFree: 5}
		}), kecis.ErrNotServed, kecis.NotDone, never},
		{"method that is not declared", ordered(func(p *kecis.PaymentRequest) { p.Instrument.Kind = kecis.EMoney }), kecis.ErrNotServed, kecis.NotDone, never},
		{"part where there are none", ordered(func(p *kecis.PaymentRequest) { p.OrderRef.Part = 2 }), kecis.ErrNotServed, kecis.NotDone, never},
		{"instalments that are not offered", ordered(byCard(5)), kecis.ErrInvalidInstalment, kecis.NotDone, anew},
		{"instalments of a small amount", ordered(func(p *kecis.PaymentRequest) { amount(49_999)(p); byCard(3)(p) }), kecis.ErrInvalidInstalment, kecis.NotDone, anew},
		{"wrong destination", func(t *testing.T, h h) []byte {
			t.Helper()
			return h.by(t, h.shop, h.order("ORD-0001", kecis.CaptureAutomatic), func(r *kecis.RequestHeader) { r.Destination = pgID + "/" })
		}, kecis.ErrWrongDestination, kecis.NotDone, anew},
		{"past its deadline", issued(-time.Minute), kecis.ErrDeadlinePassed, kecis.NotDone, anew},
		{"issued in the future", issued(61 * time.Second), kecis.ErrIssuedInFuture, kecis.NotDone, anew},
		{"suspended partner", func(t *testing.T, h h) []byte {
			t.Helper()
			return h.by(t, h.suspended, h.order("ORD-0001", kecis.CaptureAutomatic), nil)
		}, kecis.ErrPartnerSuspended, kecis.NotDone, never},
		{"another amount of the order", func(t *testing.T, h h) []byte {
			t.Helper()
			h.paid(t, "ORD-0001", kecis.CaptureAutomatic)
			return h.signed(t, h.edited(amount(60_000)))
		}, kecis.ErrOrderMismatch, kecis.NotDone, anew},
		{"second attempt of an approved order", func(t *testing.T, h h) []byte {
			t.Helper()
			h.paid(t, "ORD-0001", kecis.CaptureAutomatic)
			return h.signed(t, h.edited(func(p *kecis.PaymentRequest) { p.OrderRef.Attempt = 2 }))
		}, kecis.ErrDuplicate, kecis.NotDone, never},
		{"second attempt while the first is unknown", func(t *testing.T, h h) []byte {
			t.Helper()
			h.bank.pay = func(kecis.Attempt, *kecis.PaymentRequest) error { return errNoSuchKey }
			h.send(t, h.signed(t, h.order("ORD-0001", kecis.CaptureAutomatic)), xmlMedia)
			return h.signed(t, h.edited(func(p *kecis.PaymentRequest) { p.OrderRef.Attempt = 2 }))
		}, kecis.ErrAttemptLive, kecis.NotDone, anew},
		{"capture over the hold", func(t *testing.T, h h) []byte {
			t.Helper()
			return h.signed(t, h.capture(h.paid(t, "ORD-0001", kecis.CaptureManual), 50_001, true))
		}, kecis.ErrExceedsHold, kecis.NotDone, anew},
		{"capture of what is captured", func(t *testing.T, h h) []byte {
			t.Helper()
			return h.signed(t, h.capture(h.paid(t, "ORD-0001", kecis.CaptureAutomatic), 1, true))
		}, kecis.ErrAlreadyCaptured, kecis.NotDone, never},
		{"capture in another currency", func(t *testing.T, h h) []byte {
			t.Helper()
			c := h.capture(h.paid(t, "ORD-0001", kecis.CaptureManual), 100, true)
			c.Amount.Currency = kecis.USD
			return h.signed(t, c)
		}, kecis.ErrCurrency, kecis.NotDone, anew},
		{"capture of an unknown payment", func(t *testing.T, h h) []byte {
			t.Helper()
			return h.signed(t, h.capture(h.order("ORD-0001", kecis.CaptureManual), 100, true))
		}, kecis.ErrOriginalNotFound, kecis.NotDone, never},
		{"capture of another's payment", func(t *testing.T, h h) []byte {
			t.Helper()
			return h.by(t, h.other, h.capture(h.paid(t, "ORD-0001", kecis.CaptureManual), 100, true), nil)
		}, kecis.ErrOriginalNotFound, kecis.NotDone, never},
		{"cancellation over the balance", func(t *testing.T, h h) []byte {
			t.Helper()
			c := h.cancelAll(h.paid(t, "ORD-0001", kecis.CaptureAutomatic))
			c.Amount, c.Tax, c.ExpectedBalance = kecis.Won(50_001), kecis.Tax{TaxFree: 50_001}, 0
			return h.signed(t, c)
		}, kecis.ErrExceedsBalance, kecis.NotDone, anew},
		{"cancellation of another balance", func(t *testing.T, h h) []byte {
			t.Helper()
			c := h.cancelAll(h.paid(t, "ORD-0001", kecis.CaptureAutomatic))
			c.Amount, c.Tax, c.Scope, c.ExpectedBalance = kecis.Won(1), kecis.Tax{TaxFree: 1}, kecis.CancelPart, 49_999
			return h.signed(t, c)
		}, kecis.ErrBalanceMismatch, kecis.NotDone, anew},
		{"cancellation of an unknown payment", func(t *testing.T, h h) []byte {
			t.Helper()
			return h.signed(t, h.cancelAll(h.order("ORD-0001", kecis.CaptureAutomatic)))
		}, kecis.ErrOriginalNotFound, kecis.NotDone, never},
		{"cancellation of another's payment", func(t *testing.T, h h) []byte {
			t.Helper()
			return h.by(t, h.other, h.cancelAll(h.paid(t, "ORD-0001", kecis.CaptureAutomatic)), nil)
		}, kecis.ErrOriginalNotFound, kecis.NotDone, never},
		{"reversal of a cancellation", func(t *testing.T, h h) []byte {
			t.Helper()
			p := h.paid(t, "ORD-0001", kecis.CaptureAutomatic)
			c := h.cancelAll(p)
			h.send(t, h.signed(t, c), xmlMedia)
			return h.signed(t, &kecis.ReversalRequest{OrderRef: p.OrderRef, Original: c.ID, OriginalInstant: c.IssueInstant, Reason: kecis.ReasonNoAnswer})
		}, kecis.ErrNotReversible, kecis.NotDone, never},
		{"inquiry about an unknown request", func(t *testing.T, h h) []byte {
			t.Helper()
			return h.signed(t, &kecis.InquiryRequest{Original: kecis.Original{RequestID: h.order("ORD-0001", 1).ID}})
		}, kecis.ErrNotFound, kecis.Unknown, kecis.RetryReverseFirst},
		{"inquiry about another's request", func(t *testing.T, h h) []byte {
			t.Helper()
			p := h.paid(t, "ORD-0001", kecis.CaptureAutomatic)
			return h.by(t, h.other, &kecis.InquiryRequest{Original: kecis.Original{RequestID: p.ID}}, nil)
		}, kecis.ErrNotFound, kecis.Unknown, kecis.RetryReverseFirst},
		{"ID of another request", func(t *testing.T, h h) []byte {
			t.Helper()
			p := h.paid(t, "ORD-0001", kecis.CaptureAutomatic)
			q := h.order("ORD-0002", kecis.CaptureAutomatic)
			q.ID = p.ID
			return h.signed(t, q)
		}, kecis.ErrIDReused, kecis.Unknown, inquire},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, func(c *kecis.ServerConfig) {
				c.Role.Methods, c.Role.Parts = []metadata.Method{metadata.MethodCard, metadata.MethodAccount}, false
			})
			document := test.make(t, h)
			before := h.service.effects.Load()
			a := h.send(t, document, xmlMedia)
			if a.status != http.StatusOK {
				t.Fatalf("status %d: %s", a.status, a.body)
			}
			s := h.read(t, bytes.NewReader(a.body)).Status
			if s.Code != test.code || s.Outcome != test.outcome || s.Retry != test.retry {
				t.Errorf("%s, outcome %s, retry %s", s.Code, s.Outcome, s.Retry)
			}
			if s.Korean == "" || s.English == "" {
				t.Error("a text is missing")
			}
			if again := h.send(t, document, xmlMedia); test.outcome == kecis.NotDone && !bytes.Equal(again.body, a.body) {
				t.Error("the refusal was not recorded: it comes anew")
			}
			if n := h.service.effects.Load() - before; n != 0 {
				t.Errorf("the service was asked to do something %d times", n)
			}
		})
	}
}

// changed is a payment of which one place was changed before it was signed.
func changed(from, to string) func(*testing.T, *house) []byte {
	return func(t *testing.T, h *house) []byte {
		t.Helper()
		return h.resigned(t, h.signed(t, h.order("ORD-0001", kecis.CaptureAutomatic)), from, to)
	}
}

// ordered is a payment that edit has changed.
func ordered(edit func(*kecis.PaymentRequest)) func(*testing.T, *house) []byte {
	return func(t *testing.T, h *house) []byte {
		t.Helper()
		return h.signed(t, h.edited(edit))
	}
}

// issued is a payment that is valid for a minute from so long after now.
func issued(after time.Duration) func(*testing.T, *house) []byte {
	return func(t *testing.T, h *house) []byte {
		t.Helper()
		return h.by(t, h.shop, h.order("ORD-0001", kecis.CaptureAutomatic), func(r *kecis.RequestHeader) {
			r.IssueInstant = r.IssueInstant.Add(after)
			r.NotOnOrAfter = r.IssueInstant.Add(time.Minute)
		})
	}
}

var correlation = regexp.MustCompile(`[0-9a-f]{32}`)

// TestEarlyRefusals sends what cannot be attributed to a sender. Two bodies come
// back, whatever the reason, which hold nothing of the request; and the ID of a
// refused message is not used up (KECIS-ERR-008 to 013).
func TestEarlyRefusals(t *testing.T) {
	h := newHouse(t, nil)
	p := h.order("ORD-0001", kecis.CaptureAutomatic)
	good := h.signed(t, p)
	impostor := kecistest.NewParty(t, shopID, kecistest.Role(metadata.Requester), h.clock.Now())
	const malformed, unauthenticated = `{"code":"malformed","correlation":"*"}`, `{"code":"not-authenticated","correlation":"*"}`
	for _, test := range []struct {
		name     string
		document []byte
		media    string
		status   int
		body     string
	}{
		{"unknown partner", h.by(t, h.stranger, h.order("ORD-0002", 1), nil), xmlMedia, 403, unauthenticated},
		{"compromised partner", h.by(t, h.compromised, h.order("ORD-0002", 1), nil), xmlMedia, 403, unauthenticated},
		{"key of another", h.by(t, impostor, h.order("ORD-0002", 1), nil), xmlMedia, 403, unauthenticated},
		{"changed after it was signed", bytes.Replace(good, []byte(`>50000<`), []byte(`>50001<`), 1), xmlMedia, 403, unauthenticated},
		{"sender of another role", h.by(t, h.pg, h.order("ORD-0002", 1), nil), xmlMedia, 403, unauthenticated},
		{"garbage", []byte("{\"pay\": 1}"), xmlMedia, 400, malformed},
		{"nothing", nil, xmlMedia, 400, malformed},
		{"XML that is no message", []byte("<a></a>"), xmlMedia, 403, unauthenticated},
		{"document type", append([]byte("<!DOCTYPE a>"), good...), xmlMedia, 400, malformed},
		{"no signature", regexp.MustCompile(`(?s)<ds:Signature .*</ds:Signature>`).ReplaceAll(good, nil), xmlMedia, 0, ""},
		{"half a message", good[:len(good)/2], xmlMedia, 400, malformed},
		{"other content type", good, "application/json", 400, malformed},
		{"no content type", good, "", 400, malformed},
		{"too long", append(bytes.Clone(good), bytes.Repeat([]byte(" "), xmltree.MaxBytes+5<<10)...), xmlMedia, 413, malformed},
		{"answer in place of a request", signedBy(t, h.shop, answerOf(t, h, p)), xmlMedia, 403, unauthenticated},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := h.send(t, test.document, test.media)
			body := correlation.ReplaceAllString(string(a.body), "*")
			if test.status == 0 {
				if (a.status != 400 || body != malformed) && (a.status != 403 || body != unauthenticated) {
					t.Errorf("status %d: %s", a.status, a.body)
				}
			} else if a.status != test.status || body != test.body {
				t.Errorf("status %d: %s", a.status, a.body)
			}
			names := []string{}
			for name := range a.header {
				if name != "Date" && name != "Connection" {
					names = append(names, name+": "+strings.Join(a.header[name], ","))
				}
			}
			for _, name := range names {
				if !strings.HasPrefix(name, "Content-Length") && !strings.HasPrefix(name, "Content-Type: application/json") &&
					!strings.HasPrefix(name, "Cache-Control") && !strings.HasPrefix(name, "X-Content-Type-Options") {
					t.Errorf("the header says %s", name)
				}
			}
			if !json.Valid(a.body) {
				t.Error("the body is no JSON")
			}
		})
	}
	if n := h.service.effects.Load(); n != 0 {
		t.Errorf("the service was asked to do something %d times", n)
	}
	if a := h.send(t, good, xmlMedia); h.read(t, bytes.NewReader(a.body)).Status.Outcome != kecis.Done {
		t.Errorf("the valid message with an ID that was refused before: %s", a.body)
	}
}

// answerOf is an answer of the PG to a payment, as a shop could send it back.
func answerOf(t *testing.T, h *house, p *kecis.PaymentRequest) kecis.Message {
	t.Helper()
	m := p.Answer(shopID, kecis.ErrDeclinedLimit)
	m.ID, m.IssueInstant = h.order("ORD-0003", 1).ID, h.clock.Now()
	return m
}

func TestOtherMethods(t *testing.T) {
	h := newHouse(t, nil)
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete, http.MethodHead} {
		r, err := http.NewRequestWithContext(t.Context(), method, h.web.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		if a := h.do(t, r); a.status != http.StatusMethodNotAllowed || a.header.Get("Allow") != http.MethodPost {
			t.Errorf("%s: status %d, Allow %q", method, a.status, a.header.Get("Allow"))
		}
	}
}

// TestTruncatedBody: the sender says how long the message is, and stops before.
func TestTruncatedBody(t *testing.T) {
	h := newHouse(t, nil)
	document := h.signed(t, h.order("ORD-0001", kecis.CaptureAutomatic))
	pool := h.web.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	dialer := tls.Dialer{Config: &tls.Config{RootCAs: pool, ServerName: "example.com", MinVersion: tls.VersionTLS12}}
	plain, err := dialer.DialContext(t.Context(), "tcp", h.web.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	c, _ := plain.(*tls.Conn)
	defer func() { _ = c.Close() }()
	fmt.Fprintf(c, "POST / HTTP/1.1\r\nHost: pg\r\nContent-Type: application/xml\r\nContent-Length: %d\r\n\r\n%s", len(document), document[:len(document)-1])
	if err := c.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(text), "HTTP/1.1 400 ") || h.service.effects.Load() != 0 {
		t.Errorf("the answer is %s", text)
	}
}

// TestSOAP: the SOAP binding gives the same answer, byte for byte inside.
func TestSOAP(t *testing.T) {
	h := newHouse(t, nil)
	const start, end = `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>`, `</soap:Body></soap:Envelope>`
	inSOAP := func(document []byte) []byte { return []byte(start + string(document) + end) }
	for _, test := range []struct {
		name     string
		document []byte
	}{
		{"payment", h.signed(t, h.order("ORD-0001", kecis.CaptureAutomatic))},
		{"refusal", h.signed(t, h.edited(amount(99)))},
		{"unreadable", changed(`VAT="4545"`, `VAT="4544"`)(t, h)},
	} {
		first := h.send(t, inSOAP(test.document), "text/xml; charset=utf-8")
		second := h.send(t, test.document, xmlMedia)
		inner, ok := strings.CutPrefix(string(first.body), start)
		inner, ok2 := strings.CutSuffix(inner, end)
		if !ok || !ok2 || first.header.Get("Content-Type") != "text/xml; charset=utf-8" {
			t.Errorf("%s: no envelope: %s", test.name, first.body)
		}
		if diff := cmp.Diff(string(second.body), inner); diff != "" || second.status != http.StatusOK {
			t.Errorf("%s: the bindings differ: %s", test.name, diff)
		}
	}
	if n := h.service.effects.Load(); n != 1 {
		t.Errorf("%d effects", n)
	}
	early := h.send(t, inSOAP(h.by(t, h.stranger, h.order("ORD-0009", 1), nil)), "text/xml")
	if early.status != http.StatusForbidden || !json.Valid(early.body) {
		t.Errorf("an early refusal under SOAP: %d %s", early.status, early.body)
	}
}

// TestOverload: what there is no room for gets a quick 503, and is unknown to
// nobody: sent again it is carried out.
func TestOverload(t *testing.T) {
	h := newHouse(t, func(c *kecis.ServerConfig) { c.MaxConcurrent = 1 })
	entered, leave := make(chan struct{}), make(chan struct{})
	h.bank.pay = func(kecis.Attempt, *kecis.PaymentRequest) error {
		entered <- struct{}{}
		<-leave
		return nil
	}
	first := make(chan answer)
	one, two := h.signed(t, h.order("ORD-0001", kecis.CaptureAutomatic)), h.signed(t, h.order("ORD-0002", kecis.CaptureAutomatic))
	go func() { first <- h.send(t, one, xmlMedia) }()
	<-entered
	for range 3 {
		h.unrecorded(t, h.send(t, two, xmlMedia))
	}
	close(leave)
	<-first
	h.bank.pay = nil
	if a := h.send(t, two, xmlMedia); h.read(t, bytes.NewReader(a.body)).Status.Outcome != kecis.Done {
		t.Errorf("sent again: %s", a.body)
	}
	if err := h.server.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.unrecorded(t, h.send(t, one, xmlMedia))
}

// unrecorded holds an answer against the form of a 503.
func (h *house) unrecorded(t testing.TB, a answer) {
	t.Helper()
	if a.status != http.StatusServiceUnavailable || len(a.body) != 0 || !regexp.MustCompile(`^[1-9][0-9]*$`).MatchString(a.header.Get("Retry-After")) {
		t.Errorf("status %d, Retry-After %q: %s", a.status, a.header.Get("Retry-After"), a.body)
	}
}
