package simulation

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/kecis/sdk/conformance"
	"github.com/kecis/sdk/kecis/journal"
)

// world is one run of everything.
type world struct {
	*scheduler
	context   context.Context //nolint:containedctx // the world is the root of all its contexts
	plan      *plan
	net       *network
	recording *conformance.Recording
	// retention is how long parties keep recorded answers.
	retention time.Duration
	// inFlight counts requests that travel or are worked on.
	inFlight int
	// processes are the parties' programs, in the order in which they were added.
	processes []*process
	byEntity  map[string]*process
	// history takes a line for each event; nil for none.
	history io.Writer
	// names are short names of message IDs, for the history.
	names map[string]string
	// authentications are those of all PGs, in the order in which they were begun,
	// and buyers those who do them.
	authentications []*session
	buyers          []*buyer
	// papers are the texts in which no secret may stand.
	papers []paper
	// authenticates: the world has buyers that authenticate by an amount; secrets are
	// what was held for them, by their orders.
	authenticates bool
	secrets       map[conformance.Order]holdSecret
}

// epoch is when every world begins.
func epoch() time.Time { return time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC) }

func newWorld(seed uint64, without map[string]bool, history io.Writer) *world {
	w := &world{
		scheduler: newScheduler(seed, epoch()), context: context.Background(), plan: newPlan(seed, without),
		recording: &conformance.Recording{Format: conformance.RecordingFormat, Seed: seed}, retention: answerRetention,
		history: history, names: map[string]string{}, byEntity: map[string]*process{},
	}
	w.net = &network{world: w, hosts: map[string]*process{}, known: map[string]bool{}, latest: map[[2]string]time.Time{}}
	return w
}

// answerRetention is short, so that a world sees what is beyond it.
const answerRetention = 2 * time.Hour

// logf writes a line of the history.
func (w *world) logf(format string, args ...any) {
	if w.history == nil {
		return
	}
	fmt.Fprintf(w.history, "%s  %s\n", w.now.Format("02 15:04:05.000000"), fmt.Sprintf(format, args...))
}

// short names a message ID by its number in the world.
func (w *world) short(id string) string {
	if w.history == nil {
		return ""
	}
	name, ok := w.names[id]
	if !ok {
		name = fmt.Sprintf("m%d", len(w.names)+1)
		w.names[id] = name
	}
	return name
}

// add adds a party's program to the world, which store survives.
func (w *world) add(p *process, skew time.Duration) *process {
	p.world = w
	p.clock = &partyClock{w.scheduler, skew}
	p.journal = &unsafeJournal{process: p, inner: p.store}
	p.books, p.transactions, p.sessions = newBooks(), map[string]journal.Transaction{}, map[string]*session{}
	w.net.hosts[p.host] = p
	w.byEntity[p.entity] = p
	w.processes = append(w.processes, p)
	provider := p.role == "pg" || p.role == "issuer"
	w.recording.Parties = append(w.recording.Parties, conformance.Party{
		Entity: p.entity, Role: p.conformanceRole(), Skew: skew, Books: provider, States: true,
	})
	return p
}
