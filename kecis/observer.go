package kecis

import (
	"context"
	"time"
)

// Observation is one exchange as its end saw it. It holds no amounts and nothing
// of a buyer.
type Observation struct {
	// Kind is the request's; "" if it could not be told.
	Kind string
	// Peer is the entityID of the other party, ID the request's; "" if not known.
	Peer string
	ID   ID
	// Sent says that the request was sent, else it was received.
	Sent bool
	// Outcome and Code are those of the answer. Early refusals have no outcome.
	Outcome Outcome
	Code    string
	// Repeated says that a recorded answer was given again.
	Repeated bool
	// Took is how long it took.
	Took time.Duration
}

// Observer is told of every exchange, for metrics and traces. It may be called
// from several goroutines and must not wait.
type Observer interface {
	// Begin is called when an exchange begins; the context that it returns goes
	// along, so that what is done under it can be traced.
	Begin(ctx context.Context) context.Context
	// End is called when it has ended.
	End(ctx context.Context, o Observation)
}

type noObserver struct{}

func (noObserver) Begin(ctx context.Context) context.Context { return ctx }
func (noObserver) End(context.Context, Observation)          {}
