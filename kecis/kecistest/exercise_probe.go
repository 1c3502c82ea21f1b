package kecistest

import (
	"context"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
)

// probe stands between the SDK and the service: it sees each call, and is where
// calls go wrong.
type probe struct {
	stage         *stage
	payments      kecis.Payments
	captures      kecis.Captures
	cancellations kecis.Cancellations
}

// planningProbe is a probe for a service that plans.
type planningProbe struct {
	*probe
	planner kecis.Planner
}

// asConfigured is the probe as a server takes it: it plans and posts if the
// service does.
func (p *probe) asConfigured() kecis.Payments {
	planner, plans := p.payments.(kecis.Planner)
	poster, posts := p.payments.(kecis.Poster)
	switch {
	case plans && posts:
		return &struct {
			*planningProbe
			kecis.Poster
		}{&planningProbe{p, planner}, poster}
	case plans:
		return &planningProbe{p, planner}
	case posts:
		return &struct {
			*probe
			kecis.Poster
		}{p, poster}
	}
	return p
}

// through makes one call of the service, or what is left of it.
func through[T any](ctx context.Context, p *probe, method string, effect bool, call func(context.Context) (T, error)) (value T, err error) {
	s := p.stage
	if s.away != nil && s.away(method) {
		return value, errNotReached
	}
	how, now := s.strike(atCall, method)
	if now && how == callLate && !effect {
		how = callLost
	}
	switch how {
	case callLost:
		return value, errNotReached
	case callLate:
		s.late = append(s.late, func() { _, _ = call(context.WithoutCancel(ctx)) })
		return value, errNotReached
	case panicBefore:
		panic("kecistest: before " + method) //nolint:forbidigo // a service may
	case killBefore:
		s.kill()
	}
	s.reach(method, true)
	value, err = served(ctx, s, call)
	s.reach(method, false)
	var none T
	switch how {
	case answerLost:
		return none, errNoReply
	case answerLate:
		s.clock.Advance(kecis.MaxWindow)
	case panicAfter:
		panic("kecistest: after " + method) //nolint:forbidigo // a service may
	case killAfter:
		s.kill()
	}
	return value, err
}

// served calls the service itself.
func served[T any](ctx context.Context, s *stage, call func(context.Context) (T, error)) (T, error) {
	s.inService++
	defer func() { s.inService-- }()
	return call(ctx)
}

// meanwhile is something that happens once, while the service is called.
type meanwhile struct {
	method string
	before bool
	do     func()
}

// reach lets happen what is to happen before or behind the effect of a call.
func (s *stage) reach(method string, before bool) {
	m := s.meanwhile
	if m == nil || m.method != method || m.before != before {
		return
	}
	s.meanwhile = nil
	life := s.life
	m.do()
	if s.life != life { // the server was killed by what happened: nothing here goes on
		panic(killed{}) //nolint:forbidigo // that is how a process ends in a test
	}
}

func (p *probe) Pay(ctx context.Context, a kecis.Attempt, r *kecis.PaymentRequest) (*kecis.Approval, error) {
	p.stage.keys[r.ID] = a.Key
	p.stage.paid[a.Key]++
	return through(ctx, p, "Pay", true, func(ctx context.Context) (*kecis.Approval, error) { return p.payments.Pay(ctx, a, r) })
}

func (p *probe) Lookup(ctx context.Context, key string) (*kecis.Approval, error) {
	return through(ctx, p, "Lookup", false, func(ctx context.Context) (*kecis.Approval, error) { return p.payments.Lookup(ctx, key) })
}

func (p *probe) Reverse(ctx context.Context, key string) error {
	_, err := through(ctx, p, "Reverse", true, func(ctx context.Context) (struct{}, error) { return struct{}{}, p.payments.Reverse(ctx, key) })
	return err
}

func (p *probe) Capture(ctx context.Context, a kecis.Attempt, r *kecis.CaptureRequest) (*kecis.CaptureResult, error) {
	p.stage.keys[r.ID] = a.Key
	p.stage.paid[a.Key]++
	return through(ctx, p, "Capture", true, func(ctx context.Context) (*kecis.CaptureResult, error) { return p.captures.Capture(ctx, a, r) })
}

func (p *probe) LookupCapture(ctx context.Context, key string) (*kecis.CaptureResult, error) {
	return through(ctx, p, "LookupCapture", false, func(ctx context.Context) (*kecis.CaptureResult, error) { return p.captures.LookupCapture(ctx, key) })
}

func (p *probe) ReverseCapture(ctx context.Context, key string) error {
	_, err := through(ctx, p, "ReverseCapture", true, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, p.captures.ReverseCapture(ctx, key)
	})
	return err
}

func (p *probe) Cancel(ctx context.Context, a kecis.Attempt, r *kecis.CancellationRequest) (*kecis.CancelResult, error) {
	p.stage.keys[r.ID] = a.Key
	return through(ctx, p, "Cancel", true, func(ctx context.Context) (*kecis.CancelResult, error) { return p.cancellations.Cancel(ctx, a, r) })
}

func (p *probe) LookupCancel(ctx context.Context, key string) (*kecis.CancelResult, error) {
	return through(ctx, p, "LookupCancel", false, func(ctx context.Context) (*kecis.CancelResult, error) { return p.cancellations.LookupCancel(ctx, key) })
}

// What is planned happens within a commit of the SDK, whose faults are those of
// commits.

func (p *planningProbe) PlanPayment(ctx context.Context, tx journal.Tx, a kecis.Attempt, r *kecis.PaymentRequest) (*kecis.Approval, error) {
	p.stage.keys[r.ID] = a.Key
	return p.planner.PlanPayment(ctx, tx, a, r)
}

func (p *planningProbe) PlanCapture(ctx context.Context, tx journal.Tx, a kecis.Attempt, r *kecis.CaptureRequest) (*kecis.CaptureResult, error) {
	p.stage.keys[r.ID] = a.Key
	return p.planner.PlanCapture(ctx, tx, a, r)
}

func (p *planningProbe) PlanCancel(ctx context.Context, tx journal.Tx, a kecis.Attempt, r *kecis.CancellationRequest) (*kecis.CancelResult, error) {
	p.stage.keys[r.ID] = a.Key
	return p.planner.PlanCancel(ctx, tx, a, r)
}
