package crash

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/kecis/sdk/kecis/journal"
)

// openBooks opens the journals of the providers, which their processes have open
// too, while nobody is killed.
func (m *Market) openBooks(ctx context.Context) (*books, error) {
	b := &books{Market: m}
	silent := slog.New(slog.DiscardHandler)
	for name, to := range map[string]**program{pgName: &b.pgBooks, issuerName: &b.issuerBooks} {
		p, err := m.setting.open(ctx, name, silent)
		if err != nil {
			b.close()
			return nil, err
		}
		*to = p
	}
	return b, nil
}

// books are the journals of the providers, as the run reads them.
type books struct {
	*Market
	pgBooks, issuerBooks *program
}

func (b *books) close() {
	for _, p := range []*program{b.pgBooks, b.issuerBooks} {
		if p != nil && p.journal != nil {
			_ = p.journal.Close()
		}
	}
}

const (
	// restLimit is how long a round may take to come to rest, by the machine's
	// clock.
	restLimit = 3 * time.Minute
	// restPause is between two looks.
	restPause = 100 * time.Millisecond
	// horizon is beyond every pause of background work, and before the end of
	// holds.
	horizon = 24 * time.Hour
)

// rest waits until no party has anything left to do.
func (b *books) rest(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, restLimit)
	defer cancel()
	background, stop := context.WithCancel(ctx)
	var behind sync.WaitGroup
	defer behind.Wait()
	defer stop()
	for _, s := range b.shops {
		behind.Go(func() { s.keepWorking(background, s.client.RunOnce) })
	}
	for quiet := 0; quiet < 2; {
		left, err := b.left(ctx)
		switch {
		case err != nil:
			return err
		case len(left) == 0:
			quiet++
		default:
			quiet = 0
		}
		if machine().Sleep(ctx, restPause) != nil {
			return fmt.Errorf("crash: not at rest after %v: %s", restLimit, strings.Join(left, "; "))
		}
	}
	return nil
}

// left returns what is still to be done, in words. Notifications are not waited
// for: they tell what is already done.
func (b *books) left(ctx context.Context) (list []string, err error) {
	programs := []*program{b.pgBooks, b.issuerBooks}
	for _, s := range b.shops {
		programs = append(programs, s.program)
	}
	until := b.setting.clock().Now().Add(horizon)
	for _, p := range programs {
		err := p.journal.View(ctx, func(tx journal.Tx) error {
			requests, err := tx.DueRequests(until, 1)
			if err != nil {
				return err
			}
			for _, r := range requests {
				list = append(list, fmt.Sprintf("%s: %s %s (%s %s), try %d", p.Name, r.Kind, r.ID, r.Outcome, r.Code, r.Tries))
			}
			sent, err := tx.DueSent(until, 1)
			if err != nil {
				return err
			}
			for _, r := range sent {
				list = append(list, fmt.Sprintf("%s: sent %s %s (%s %s), try %d", p.Name, r.Kind, r.ID, r.Outcome, r.Code, r.Tries))
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}
