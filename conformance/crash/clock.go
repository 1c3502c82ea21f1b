package crash

import (
	"context"
	"time"

	"github.com/kecis/sdk/kecis"
)

// swift is a clock that began with the machine's at an epoch and is faster than
// it by a factor. All processes of a run have the same.
type swift struct {
	epoch time.Time
	pace  int
}

// Now returns the time.
func (c swift) Now() time.Time {
	return c.epoch.Add(machine().Now().Sub(c.epoch) * time.Duration(c.pace))
}

// Sleep waits for d of this clock.
func (c swift) Sleep(ctx context.Context, d time.Duration) error {
	return machine().Sleep(ctx, d/time.Duration(c.pace))
}

// WithTimeout is context.WithTimeout with d of this clock.
func (c swift) WithTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return machine().WithTimeout(ctx, d/time.Duration(c.pace))
}

// machine is the clock of the operating system.
func machine() kecis.Clock { return kecis.SystemClock{} }
