package kecis

import (
	"context"
	"time"
)

// Clock is the time that a Server and a Client live by.
type Clock interface {
	// Now returns the time.
	Now() time.Time
	// Sleep returns after d, or with the cause when ctx is done.
	Sleep(ctx context.Context, d time.Duration) error
	// WithTimeout returns a context that is done after d, as context.WithTimeout.
	WithTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc)
}

// SystemClock is the Clock of the machine.
type SystemClock struct{}

// Now returns the machine's time.
func (SystemClock) Now() time.Time { return time.Now() } //nolint:forbidigo // this is the clock that is passed in

// Sleep waits for d of the machine's time.
func (SystemClock) Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d) //nolint:forbidigo // as Now
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// WithTimeout is context.WithTimeout.
func (SystemClock) WithTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, d)
}
