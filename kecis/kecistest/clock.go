package kecistest

import (
	"context"
	"sync"
	"time"
)

// Clock is a kecis.Clock that stands still until it is moved. Sleep does not
// wait: it moves the clock, so that a test of deadlines takes no time. It may be
// used by several goroutines.
type Clock struct {
	mu     sync.Mutex
	now    time.Time
	timers []*timer
}

type timer struct {
	at     time.Time
	cancel context.CancelCauseFunc
}

// NewClock returns a clock that stands at that time.
func NewClock(at time.Time) *Clock { return &Clock{now: at} }

// Now returns the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock forward; contexts whose time is over are then done.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	left := c.timers[:0]
	for _, t := range c.timers {
		if t.at.After(c.now) {
			left = append(left, t)
		} else {
			t.cancel(context.DeadlineExceeded)
		}
	}
	c.timers = left
}

// Sleep moves the clock by d, or fails if ctx is done by then.
func (c *Clock) Sleep(ctx context.Context, d time.Duration) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	c.Advance(d)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

// WithTimeout returns a context that is done when the clock has moved by d.
func (c *Clock) WithTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	t := &timer{at: c.now.Add(d), cancel: cancel}
	c.timers = append(c.timers, t)
	return ctx, func() {
		c.drop(t)
		cancel(context.Canceled)
	}
}

func (c *Clock) drop(gone *timer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, t := range c.timers {
		if t == gone {
			c.timers = append(c.timers[:i], c.timers[i+1:]...)
			return
		}
	}
}
