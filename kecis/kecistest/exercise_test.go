package kecistest_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/kecistest"
)

// till is a back end that keeps its promises: it remembers under the key what it
// did, and what it may not do any more.
type till struct {
	mu    sync.Mutex
	sales map[string]*sale
	// of captures and cancellations: the payment's key
	captured, cancelled, voided map[string]string
}

type sale struct {
	charged  int64
	approval *kecis.Approval
	undone   bool
}

func newTill() *till {
	return &till{
		sales: map[string]*sale{}, captured: map[string]string{}, cancelled: map[string]string{}, voided: map[string]string{},
	}
}

var errUnknownKey = errors.New("unknown key")

func (b *till) Pay(_ context.Context, a kecis.Attempt, p *kecis.PaymentRequest) (*kecis.Approval, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if s := b.sales[a.Key]; s != nil && s.undone {
		return nil, kecis.Refuse(kecis.ErrDeclinedIssuer)
	} else if s != nil {
		return s.approval, nil
	}
	b.sales[a.Key] = &sale{charged: p.Amount.Minor, approval: &kecis.Approval{ApprovalCode: fmt.Sprintf("%08d", len(b.sales))}}
	return b.sales[a.Key].approval, nil
}

func (b *till) Lookup(_ context.Context, key string) (*kecis.Approval, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch s := b.sales[key]; {
	case s == nil:
		return nil, errUnknownKey
	case s.undone:
		return nil, kecis.Refuse(kecis.ErrDeclinedIssuer)
	default:
		return s.approval, nil
	}
}

func (b *till) Reverse(_ context.Context, key string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sales[key] = &sale{undone: true}
	return nil
}

func (b *till) Capture(_ context.Context, a kecis.Attempt, _ *kecis.CaptureRequest) (*kecis.CaptureResult, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, voided := b.voided[a.Key]; voided {
		return nil, kecis.Refuse(kecis.ErrNotCapturable)
	}
	b.captured[a.Key] = a.PaymentKey
	return &kecis.CaptureResult{}, nil
}

func (b *till) LookupCapture(_ context.Context, key string) (*kecis.CaptureResult, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, done := b.captured[key]; !done {
		return nil, errUnknownKey
	}
	return &kecis.CaptureResult{}, nil
}

func (b *till) ReverseCapture(_ context.Context, key string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.voided[key] = b.captured[key]
	delete(b.captured, key)
	return nil
}

func (b *till) Cancel(_ context.Context, a kecis.Attempt, p *kecis.CancellationRequest) (*kecis.CancelResult, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, done := b.cancelled[a.Key]; !done {
		b.cancelled[a.Key] = a.PaymentKey
		b.sales[a.PaymentKey].charged -= p.Amount.Minor
	}
	return &kecis.CancelResult{}, nil
}

func (b *till) LookupCancel(_ context.Context, key string) (*kecis.CancelResult, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, done := b.cancelled[key]; !done {
		return nil, errUnknownKey
	}
	return &kecis.CancelResult{}, nil
}

func (b *till) Charged(_ context.Context, key string) (int64, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if s := b.sales[key]; s != nil {
		return s.charged, nil
	}
	return 0, nil
}

func TestExercise(t *testing.T) {
	kecistest.Exercise(t, newTill())
}

// plain offers payments alone, and shows no books.
type plain struct{ kecis.Payments }

func TestExercisePaymentsAlone(t *testing.T) {
	kecistest.Exercise(t, plain{newTill()})
}

// witness is a testing.TB that keeps what a test said of a bad service.
type witness struct {
	testing.TB

	said []string
}

func (w *witness) Helper()                   {}
func (w *witness) Logf(string, ...any)       {}
func (w *witness) Error(args ...any)         { w.said = append(w.said, fmt.Sprint(args...)) }
func (w *witness) Errorf(f string, a ...any) { w.said = append(w.said, fmt.Sprintf(f, a...)) }
func (w *witness) Fatalf(f string, a ...any) {
	w.Errorf(f, a...)
	runtime.Goexit()
}

// exercised returns what Exercise says of a service.
func exercised(t *testing.T, fresh func(journal.Journal) kecis.Payments) []string {
	t.Helper()
	w := &witness{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		kecistest.Exercising{}.Run(w, fresh)
	}()
	<-done
	return w.said
}

// A bad service is a till with one promise broken.

type chargesInLookup struct{ *till }

func (b chargesInLookup) Lookup(ctx context.Context, key string) (*kecis.Approval, error) {
	a, err := b.till.Lookup(ctx, key)
	if err == nil {
		b.sales[key].charged += 50_000
	}
	return a, err
}

type chargesAgain struct{ *till }

func (b chargesAgain) Cancel(ctx context.Context, a kecis.Attempt, p *kecis.CancellationRequest) (*kecis.CancelResult, error) {
	delete(b.cancelled, a.Key) // not idempotent on the key
	return b.till.Cancel(ctx, a, p)
}

type forgets struct{ *till }

func (b forgets) Lookup(context.Context, string) (*kecis.Approval, error) { return nil, errUnknownKey }

type reversesNothing struct{ *till }

func (b reversesNothing) Reverse(context.Context, string) error { return nil }

type reversesOnlyWhatItKnows struct{ *till }

func (b reversesOnlyWhatItKnows) Reverse(ctx context.Context, key string) error {
	if _, known := b.sales[key]; !known {
		return nil
	}
	return b.till.Reverse(ctx, key)
}

type reversesOnce struct{ *till }

func (b reversesOnce) Reverse(ctx context.Context, key string) error {
	if s := b.sales[key]; s != nil && s.undone {
		return errors.New("already reversed")
	}
	return b.till.Reverse(ctx, key)
}

type neverReverses struct{ *till }

func (b neverReverses) Reverse(context.Context, string) error { return errors.New("not supported") }

type refusesAfterCharging struct{ *till }

func (b refusesAfterCharging) Pay(ctx context.Context, a kecis.Attempt, p *kecis.PaymentRequest) (*kecis.Approval, error) {
	approval, err := b.till.Pay(ctx, a, p)
	if len(b.sales)%3 == 0 {
		return nil, kecis.Refuse(kecis.ErrDeclinedIssuer)
	}
	return approval, err
}

type refusesWhatItDoesNotKnow struct{ *till }

func (b refusesWhatItDoesNotKnow) Lookup(ctx context.Context, key string) (*kecis.Approval, error) {
	a, err := b.till.Lookup(ctx, key)
	if errors.Is(err, errUnknownKey) {
		err = kecis.Refuse(kecis.ErrDeclinedIssuer)
	}
	return a, err
}

type approvesEverything struct{ *till }

func (b approvesEverything) Lookup(context.Context, string) (*kecis.Approval, error) {
	return &kecis.Approval{}, nil
}

type approvesUncharged struct{ *till }

func (b approvesUncharged) Pay(context.Context, kecis.Attempt, *kecis.PaymentRequest) (*kecis.Approval, error) {
	return &kecis.Approval{}, nil
}

type oneKey struct{ *till }

func (b oneKey) Pay(ctx context.Context, a kecis.Attempt, p *kecis.PaymentRequest) (*kecis.Approval, error) {
	a.Key = p.OrderRef.OrderID // of its own choosing
	return b.till.Pay(ctx, a, p)
}

type forgetsCaptures struct{ *till }

func (b forgetsCaptures) LookupCapture(context.Context, string) (*kecis.CaptureResult, error) {
	return nil, nil //nolint:nilnil // that is the fault
}

type keepsCaptures struct{ *till }

func (b keepsCaptures) ReverseCapture(context.Context, string) error { return nil }

type approvesAnotherAmount struct{ *till }

func (b approvesAnotherAmount) Pay(ctx context.Context, a kecis.Attempt, p *kecis.PaymentRequest) (*kecis.Approval, error) {
	approval, err := b.till.Pay(ctx, a, p)
	if err == nil {
		other := *approval
		other.Amount = kecis.Won(p.Amount.Minor - 1)
		approval = &other
	}
	return approval, err
}

type refundsInLookup struct{ *till }

func (b refundsInLookup) LookupCancel(context.Context, string) (*kecis.CancelResult, error) {
	return &kecis.CancelResult{}, nil // says yes to what never came
}

func TestExerciseFindsBadServices(t *testing.T) {
	for _, test := range []struct {
		name string
		make func(*till) kecis.Payments
		says string
	}{
		{"charges once more when it is asked", func(b *till) kecis.Payments { return chargesInLookup{b} }, "the books say"},
		{"gives money back twice on one key", func(b *till) kecis.Payments { return chargesAgain{b} }, "the books say"},
		{"forgets what it did", func(b *till) kecis.Payments { return forgets{b} }, "Lookup does not say so any more"},
		{"reverses nothing", func(b *till) kecis.Payments { return reversesNothing{b} }, "Lookup says that it was carried out"},
		{"reverses only what it knows", func(b *till) kecis.Payments { return reversesOnlyWhatItKnows{b} }, "Lookup says that it was carried out"},
		{"reverses once", func(b *till) kecis.Payments { return reversesOnce{b} }, "it must work any number of times"},
		{"never reverses", func(b *till) kecis.Payments { return neverReverses{b} }, "still unknown"},
		{"refuses after it has charged", func(b *till) kecis.Payments { return refusesAfterCharging{b} }, "Lookup says that it was carried out"},
		{"refuses what it does not know yet", func(b *till) kecis.Payments { return refusesWhatItDoesNotKnow{b} }, "Lookup says that it was carried out"},
		{"approves whatever it is asked about", func(b *till) kecis.Payments { return approvesEverything{b} }, "Lookup says that it was carried out"},
		{"approves and charges nothing", func(b *till) kecis.Payments { return approvesUncharged{b} }, "Lookup does not say so any more"},
		{"keeps another key", func(b *till) kecis.Payments { return oneKey{b} }, "Lookup does not say so any more"},
		{"finds nil for a capture", func(b *till) kecis.Payments { return forgetsCaptures{b} }, "LookupCapture does not say so any more"},
		{"keeps what was captured", func(b *till) kecis.Payments { return keepsCaptures{b} }, "LookupCapture says that it was carried out"},
		{"approves another amount", func(b *till) kecis.Payments { return approvesAnotherAmount{b} }, "must approve a plain payment"},
		{"finds cancellations that never came", func(b *till) kecis.Payments { return refundsInLookup{b} }, "the books say"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			service := test.make(newTill())
			said := exercised(t, func(journal.Journal) kecis.Payments { return service })
			if !strings.Contains(strings.Join(said, "\n"), test.says) {
				t.Errorf("Exercise says\n\t%s\nand nothing of %q", strings.Join(said, "\n\t"), test.says)
			}
		})
	}
}
