package simulation

import (
	"context"
	"time"
)

// partyClock is the clock of a process: the world's time and its own error.
type partyClock struct {
	*scheduler
	skew time.Duration
}

// Now returns the time and lets others run.
func (c *partyClock) Now() time.Time {
	c.pass()
	return c.now.Add(c.skew)
}

// Sleep waits for d of the world's time.
func (c *partyClock) Sleep(ctx context.Context, d time.Duration) error {
	c.sleep(ctx, d)
	return context.Cause(ctx)
}

// WithTimeout returns a context that is done after d of the world's time.
func (c *partyClock) WithTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	inner, cancel := context.WithCancelCause(ctx)
	out := &limited{Context: inner, deadline: c.now.Add(c.skew).Add(d)}
	c.after(d, func() {
		if inner.Err() == nil {
			out.passed = true
			cancel(context.DeadlineExceeded)
			c.cancelled()
		}
	})
	return out, func() { cancel(context.Canceled) }
}

// limited is a context with a deadline in the world's time.
type limited struct {
	context.Context //nolint:containedctx // it is a context

	deadline time.Time
	passed   bool
}

// Deadline returns none: what would set a timer by it would set one of the
// machine's time.
func (l *limited) Deadline() (time.Time, bool) { return time.Time{}, false }

// Err tells a passed deadline from a cancellation.
func (l *limited) Err() error {
	if l.passed {
		return context.DeadlineExceeded
	}
	return l.Context.Err()
}
