package otel_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/kecis/sdk/adapters/otel"
	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/kecistest"
	"github.com/kecis/sdk/kecis/metadata"
)

const (
	shopID = "https://shop.example/kecis"
	pgID   = "https://pg.example/kecis"
)

// till is a back end that approves what is asked for, unless it is told not to.
type till struct{ err error }

func (b *till) Pay(context.Context, kecis.Attempt, *kecis.PaymentRequest) (*kecis.Approval, error) {
	return &kecis.Approval{ApprovalCode: "1"}, b.err
}

func (b *till) Lookup(context.Context, string) (*kecis.Approval, error) {
	return nil, errors.New("no such key")
}
func (b *till) Reverse(context.Context, string) error { return nil }

// observed is a shop and a PG whose exchanges are observed, on both sides.
type observed struct {
	till    till
	clock   *kecistest.Clock
	network *kecistest.Network
	client  *kecis.Client
	spans   *tracetest.InMemoryExporter
	tracing *sdktrace.TracerProvider
	metrics *prometheus.Registry
	orders  int
}

func newObserved(t *testing.T) *observed {
	t.Helper()
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	o := &observed{
		clock: kecistest.NewClock(at), network: kecistest.NewNetwork(),
		spans: tracetest.NewInMemoryExporter(), metrics: prometheus.NewRegistry(),
	}
	o.tracing = sdktrace.NewTracerProvider(sdktrace.WithSyncer(o.spans))
	observer, err := otel.New(o.tracing.Tracer("kecis"), o.metrics)
	if err != nil {
		t.Fatal(err)
	}
	shop := kecistest.NewParty(t, shopID, kecistest.Role(metadata.Requester), at)
	pg := kecistest.NewParty(t, pgID, kecistest.Role(metadata.PG), at)
	partners := metadata.Fixed(shop.Partner, pg.Partner)
	quiet := slog.New(slog.DiscardHandler)
	server, err := kecis.NewServer(kecis.ServerConfig{
		Entity: pgID, Endpoint: pgID, Keys: pg.Keys, Partners: partners, Journal: kecistest.NewJournal(),
		Role: kecistest.Role(metadata.PG), Payments: &o.till, Clock: o.clock, Log: quiet, Observer: observer,
	})
	if err != nil {
		t.Fatal(err)
	}
	o.network.Handle(pgID, server)
	o.client = &kecis.Client{
		Entity: shopID, Keys: shop.Keys, Partners: partners, Journal: kecistest.NewJournal(),
		HTTP: o.network.Client(), Clock: o.clock, Log: quiet, Observer: observer,
	}
	return o
}

func (o *observed) pay(ctx context.Context) (*kecis.PaymentRequest, error) {
	o.orders++
	p := o.client.NewPayment(pgID)
	p.OrderRef = kecis.OrderRef{Requester: shopID, OrderID: "ORD-000" + string(rune('0'+o.orders)), Attempt: 1, Part: 1}
	p.Payee = kecis.Payee{Entity: shopID, Name: "꽃집"}
	p.Amount, p.OrderAmount, p.Tax = kecis.Won(50_000), kecis.Won(50_000), kecis.Tax{TaxFree: 50_000}
	p.Terms = kecis.Terms{Capture: kecis.CaptureAutomatic}
	p.Instrument = kecis.Instrument{Issuer: "https://issuer.example/kecis", Kind: kecis.Account, Ref: "ref_0123456789abcdef"}
	p.Buyer = &ecml.Ecom{}
	_, err := o.client.Pay(ctx, p)
	return p, err
}

// exposition is what Prometheus reads over HTTP, without comments and the
// buckets.
func (o *observed) exposition(t *testing.T) (lines []string, whole string) {
	t.Helper()
	site := httptest.NewServer(promhttp.HandlerFor(o.metrics, promhttp.HandlerOpts{}))
	defer site.Close()
	answer, err := http.Get(site.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(body)) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "#") && !strings.Contains(line, "_bucket{") && !strings.Contains(line, "_sum{") {
			lines = append(lines, line)
		}
	}
	return lines, string(body)
}

func TestMetrics(t *testing.T) {
	o := newObserved(t)
	if _, err := o.pay(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.till.err = kecis.Refuse(kecis.ErrDeclinedLimit)
	if _, err := o.pay(t.Context()); !errors.Is(err, kecis.ErrDeclinedLimit) {
		t.Fatal(err)
	}
	o.till.err = nil
	// The answer is lost, and the recorded one is given again.
	lost := false
	o.network.Fault(func(*http.Request) kecistest.Fault {
		if lost {
			return kecistest.Delivered
		}
		lost = true
		return kecistest.AnswerLost
	})
	if _, err := o.pay(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{"<x/>", "", strings.Repeat("x", 10)} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, pgID, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/xml")
		answer, err := o.network.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
	}
	want := []string{
		`kecis_early_refusals_total{code="malformed"} 2`,
		`kecis_early_refusals_total{code="not-authenticated"} 1`,
		`kecis_exchange_duration_seconds_count{direction="received",kind="PaymentRequest",outcome="done"} 3`,
		`kecis_exchange_duration_seconds_count{direction="received",kind="PaymentRequest",outcome="not-done"} 1`,
		`kecis_exchange_duration_seconds_count{direction="received",kind="none",outcome="none"} 3`,
		`kecis_exchange_duration_seconds_count{direction="sent",kind="PaymentRequest",outcome="done"} 2`,
		`kecis_exchange_duration_seconds_count{direction="sent",kind="PaymentRequest",outcome="none"} 1`,
		`kecis_exchange_duration_seconds_count{direction="sent",kind="PaymentRequest",outcome="not-done"} 1`,
		`kecis_exchanges_total{code="approved",direction="received",kind="PaymentRequest",outcome="done"} 3`,
		`kecis_exchanges_total{code="approved",direction="sent",kind="PaymentRequest",outcome="done"} 2`,
		`kecis_exchanges_total{code="declined-limit",direction="received",kind="PaymentRequest",outcome="not-done"} 1`,
		`kecis_exchanges_total{code="declined-limit",direction="sent",kind="PaymentRequest",outcome="not-done"} 1`,
		`kecis_exchanges_total{code="malformed",direction="received",kind="none",outcome="none"} 2`,
		`kecis_exchanges_total{code="none",direction="sent",kind="PaymentRequest",outcome="none"} 1`,
		`kecis_exchanges_total{code="not-authenticated",direction="received",kind="none",outcome="none"} 1`,
		`kecis_repeated_answers_total{kind="PaymentRequest"} 1`,
	}
	lines, whole := o.exposition(t)
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, secret := range []string{"shop.example", "ORD-", "50000", "꽃집"} {
		if strings.Contains(whole, secret) {
			t.Errorf("the metrics tell %q", secret)
		}
	}
}

// attributes of a span by name.
func attributes(s tracetest.SpanStub) map[attribute.Key]string {
	all := map[attribute.Key]string{}
	for _, a := range s.Attributes {
		all[a.Key] = a.Value.String()
	}
	return all
}

func TestSpans(t *testing.T) {
	o := newObserved(t)
	ctx, checkout := o.tracing.Tracer("shop").Start(t.Context(), "checkout")
	p, err := o.pay(ctx)
	if err != nil {
		t.Fatal(err)
	}
	checkout.End()
	spans := o.spans.GetSpans()
	if len(spans) != 3 {
		t.Fatalf("%d spans", len(spans))
	}
	for _, s := range spans[:2] { // the PG's ends before the shop's
		if s.Name != "kecis PaymentRequest" || s.Status.Code != codes.Unset {
			t.Errorf("a span %s, %v", s.Name, s.Status)
		}
	}
	want := map[attribute.Key]string{
		"kecis.kind": "PaymentRequest", "kecis.direction": "received", "kecis.peer": shopID, "kecis.message_id": string(p.ID),
		"kecis.outcome": "done", "kecis.code": "approved", "kecis.repeated": "false",
	}
	if diff := cmp.Diff(want, attributes(spans[0])); diff != "" {
		t.Errorf("the PG's span (-want +got):\n%s", diff)
	}
	want["kecis.direction"], want["kecis.peer"] = "sent", pgID
	if diff := cmp.Diff(want, attributes(spans[1])); diff != "" {
		t.Errorf("the shop's span (-want +got):\n%s", diff)
	}
	if spans[1].Parent.SpanID() != checkout.SpanContext().SpanID() {
		t.Error("the shop's span is not under its own")
	}
	o.spans.Reset()
	o.network.Fault(func(*http.Request) kecistest.Fault { return kecistest.RequestLost })
	if _, err := o.pay(t.Context()); err == nil {
		t.Fatal("a lost payment succeeded")
	}
	for _, s := range o.spans.GetSpans() {
		if s.Status.Code != codes.Error || attributes(s)["kecis.outcome"] != "none" {
			t.Errorf("a lost exchange: %v %v", s.Status, attributes(s))
		}
	}
}

// TestForeign: what partners choose makes no time series of its own.
func TestForeign(t *testing.T) {
	metrics := prometheus.NewRegistry()
	observer, err := otel.New(nil, metrics)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []string{"a", "b", "c"} {
		ctx := observer.Begin(t.Context())
		observer.End(ctx, kecis.Observation{Kind: "Kind" + n, Code: "code-" + n, Outcome: kecis.NotDone, Peer: n, ID: kecis.ID(n)})
	}
	lines, _ := (&observed{metrics: metrics}).exposition(t)
	want := []string{
		`kecis_exchange_duration_seconds_count{direction="received",kind="other",outcome="not-done"} 3`,
		`kecis_exchanges_total{code="other",direction="received",kind="other",outcome="not-done"} 3`,
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, err := otel.New(nil, metrics); err == nil {
		t.Error("the same metrics twice in one registry")
	}
}

// TestNothing: an observer of nothing does no harm.
func TestNothing(t *testing.T) {
	observer, err := otel.New(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	observer.End(observer.Begin(t.Context()), kecis.Observation{Kind: "PaymentRequest", Took: time.Second})
}
