// Package otel tells OpenTelemetry and Prometheus of the exchanges of a KECIS
// server or client: a span for each, with what came of it, and metrics by kind,
// direction, outcome and code.
//
// Nothing of it names an amount, a buyer, an instrument or an order. The span names
// the partner and the message's ID, the metrics do not: a hundred thousand
// merchants would be as many time series.
//
// The package is in the main module, because the program cmd/kecis serves its
// metrics; who imports package kecis alone has none of what it needs.
package otel

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/spec"
)

// Names of the attributes of a span. The kind of message, its direction, outcome
// and code are labels of the metrics, too.
const (
	attributeKind      = attribute.Key("kecis.kind")
	attributeDirection = attribute.Key("kecis.direction")
	attributePeer      = attribute.Key("kecis.peer")
	attributeMessage   = attribute.Key("kecis.message_id")
	attributeOutcome   = attribute.Key("kecis.outcome")
	attributeCode      = attribute.Key("kecis.code")
	attributeRepeated  = attribute.Key("kecis.repeated")
)

// Labels of the metrics and their values. What others may choose is never one of
// them: a foreign kind or code counts as "other".
const (
	labelKind, labelDirection, labelOutcome, labelCode = "kind", "direction", "outcome", "code"

	sent, received = "sent", "received"
	none, other    = "none", "other"
)

// spanName is a span's name until the kind of message is known.
const spanName = "kecis"

// Observer is a kecis.Observer. It may be used by several goroutines, and by a
// server and its client together.
type Observer struct {
	tracer    trace.Tracer
	exchanges *prometheus.CounterVec
	durations *prometheus.HistogramVec
	repeated  *prometheus.CounterVec
	early     *prometheus.CounterVec
	kinds     map[string]bool
	codes     map[string]bool
}

var _ kecis.Observer = (*Observer)(nil)

// New makes an Observer that starts its spans with the tracer and registers its
// metrics; nil for either leaves that out. An error is the registry's: metrics of
// these names stand there already.
func New(tracer trace.Tracer, registry prometheus.Registerer) (*Observer, error) {
	o := &Observer{
		tracer: tracer,
		exchanges: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "kecis_exchanges_total", Help: "Exchanges of a request and its answer, by kind of request, direction, outcome and code of the answer.",
		}, []string{labelKind, labelDirection, labelOutcome, labelCode}),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "kecis_exchange_duration_seconds", Help: "How long exchanges took.", Buckets: buckets(),
		}, []string{labelKind, labelDirection, labelOutcome}),
		repeated: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "kecis_repeated_answers_total", Help: "Recorded answers that were given again.",
		}, []string{labelKind}),
		early: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "kecis_early_refusals_total", Help: "Requests that were refused before their sender was known.",
		}, []string{labelCode}),
		kinds: map[string]bool{}, codes: map[string]bool{},
	}
	for _, k := range kecis.Kinds() {
		o.kinds[k.String()] = true
	}
	for _, e := range spec.Errors() {
		o.codes[e.Code] = true
	}
	if registry == nil {
		return o, nil
	}
	for _, c := range []prometheus.Collector{o.exchanges, o.durations, o.repeated, o.early} {
		if err := registry.Register(c); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// buckets are bounds in seconds: a repeated answer takes a millisecond, one of a
// slow issuer up to the 25 seconds of kecis.DefaultAnswerWithin.
func buckets() []float64 {
	return []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 25, 30}
}

// Begin starts a span under that of the context, as one of otelhttp.
func (o *Observer) Begin(ctx context.Context) context.Context {
	if o.tracer == nil {
		return ctx
	}
	ctx, _ = o.tracer.Start(ctx, spanName) //nolint:spancheck // End ends it
	return ctx
}

// End ends the span that Begin started, and counts.
func (o *Observer) End(ctx context.Context, seen kecis.Observation) {
	kind, outcome, direction := none, none, received
	switch {
	case o.kinds[seen.Kind]:
		kind = seen.Kind
	case seen.Kind != "":
		kind = other
	}
	if seen.Outcome != 0 {
		outcome = seen.Outcome.String()
	}
	if seen.Sent {
		direction = sent
	}
	code := o.code(seen.Code)
	o.exchanges.WithLabelValues(kind, direction, outcome, code).Inc()
	o.durations.WithLabelValues(kind, direction, outcome).Observe(seen.Took.Seconds())
	if seen.Repeated {
		o.repeated.WithLabelValues(kind).Inc()
	}
	if refusedEarly(&seen) {
		o.early.WithLabelValues(code).Inc()
	}
	if o.tracer != nil {
		endSpan(trace.SpanFromContext(ctx), &seen, kind, direction, outcome)
	}
}

// code is a code of the catalogue, or one of the two of early refusals; all
// others count as one.
func (o *Observer) code(code string) string {
	switch {
	case code == "":
		return none
	case o.codes[code] || code == earlyMalformed || code == earlyNotAuthenticated:
		return code
	}
	return other
}

// The codes of early refusals (KECIS-ERR-008).
const (
	earlyMalformed        = "malformed"
	earlyNotAuthenticated = "not-authenticated"
)

// refusedEarly reports whether a request that was received got an unsigned
// refusal.
func refusedEarly(seen *kecis.Observation) bool {
	return !seen.Sent && seen.Outcome == 0 && seen.Code != ""
}

// endSpan writes what came of an exchange into its span. An error is what needs a
// look: an unknown outcome, and no answer at all. A refusal is an answer.
func endSpan(span trace.Span, seen *kecis.Observation, kind, direction, outcome string) {
	if kind != none {
		span.SetName(spanName + " " + kind)
	}
	span.SetAttributes(
		attributeKind.String(kind), attributeDirection.String(direction), attributeOutcome.String(outcome),
		attributeRepeated.Bool(seen.Repeated),
	)
	if seen.Peer != "" {
		span.SetAttributes(attributePeer.String(seen.Peer))
	}
	if seen.ID != "" {
		span.SetAttributes(attributeMessage.String(string(seen.ID)))
	}
	if seen.Code != "" {
		span.SetAttributes(attributeCode.String(seen.Code))
	}
	switch {
	case seen.Outcome == kecis.Unknown:
		span.SetStatus(codes.Error, "the outcome is unknown")
	case seen.Sent && seen.Outcome == 0:
		span.SetStatus(codes.Error, "no answer that counts")
	}
	span.End()
}
