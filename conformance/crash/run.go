package crash

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"github.com/kecis/sdk/kecis/metadata"
)

// Config says what to run.
type Config struct {
	// Rounds is how many rounds of load, kills and judgement there are; Purchases
	// how many orders a round has, of which Concurrency are at work at a time.
	Rounds, Purchases, Concurrency int
	Seed                           uint64
	// PGs is how many processes serve as the PG, on one journal; 0 is one. More
	// need PostgreSQL.
	PGs int
	// Pace is how many times faster than the machine's the clock of the run is.
	Pace int
	// Folder takes the logs, the setting, and the files of SQLite; Postgres, if not
	// "", is the URL of a database that is used instead.
	Folder, Postgres string
	// Command makes the process that calls RunParty with these arguments.
	Command func(ctx context.Context, file, name string) *exec.Cmd
	// Fault is planted; "" for none.
	Fault Fault
	// Progress is told of each round; nil for nobody.
	Progress func(*Round)
}

// Market is the parties of a run: PG and issuer as processes behind gateways, and
// shops in the process of the run.
type Market struct {
	config    Config
	setting   *setting
	tap       *tap
	pg        *gateway
	issuer    *gateway
	processes []*process
	shops     []*shop
	reader    *reader
	random    *rand.Rand
	rounds    int
	// cursors are where the next round goes on in the PG's feed, by recipient.
	cursors map[string]int64
	// cover is the number of purchases so far.
	orders int
}

// shops is how many requesters there are.
const shops = 2

// The defaults of a Config.
const (
	defaultPurchases   = 24
	defaultConcurrency = 8
	defaultPace        = 20
)

// Open starts the PG and the issuer. Close ends them.
func Open(ctx context.Context, c Config) (m *Market, err error) {
	c.fill()
	m = &Market{
		config: c, tap: new(tap), cursors: map[string]int64{},
		random:  rand.New(rand.NewPCG(c.Seed, 1)), //nolint:gosec // it is to be the same again by its seed
		setting: &setting{Epoch: machine().Now().Truncate(time.Second), Pace: c.Pace, Fault: c.Fault},
	}
	defer func() {
		if err != nil {
			m.Close()
		}
	}()
	if m.pg, err = newGateway(ctx, m.tap); err != nil {
		return m, err
	}
	if m.issuer, err = newGateway(ctx, m.tap); err != nil {
		return m, err
	}
	if err := m.addParties(); err != nil {
		return m, err
	}
	file, err := m.setting.save(c.Folder)
	if err != nil {
		return m, err
	}
	for _, g := range []*gateway{m.pg, m.issuer} {
		g.open(m.setting.clock())
	}
	m.addProcess(file, issuerName, m.issuer, 0)
	for i := range c.PGs {
		m.addProcess(file, pgName, m.pg, i)
	}
	for _, p := range m.processes {
		if err := p.start(ctx); err != nil {
			return m, err
		}
	}
	return m, m.openShops(ctx)
}

func (c *Config) fill() {
	for _, f := range []struct {
		value     *int
		otherwise int
	}{{&c.Purchases, defaultPurchases}, {&c.Concurrency, defaultConcurrency}, {&c.Pace, defaultPace}, {&c.PGs, 1}} {
		if *f.value == 0 {
			*f.value = f.otherwise
		}
	}
}

func (m *Market) addParties() error {
	add := func(name string, role metadata.RoleName, entity string) error {
		p, err := newParty(name, role, entity)
		p.Journal = "sqlite:" + filepath.Join(m.config.Folder, name+".db")
		if m.config.Postgres != "" {
			p.Journal = m.config.Postgres
		}
		m.setting.Parties = append(m.setting.Parties, p)
		return err
	}
	for i := range shops {
		name := fmt.Sprintf("shop%d", i+1)
		if err := add(name, metadata.Requester, "https://"+name+".example/kecis"); err != nil {
			return err
		}
	}
	return errors.Join(add(pgName, metadata.PG, m.pg.entity), add(issuerName, metadata.Issuer, m.issuer.entity))
}

func (m *Market) addProcess(file, name string, g *gateway, slot int) {
	m.processes = append(m.processes, &process{
		name: fmt.Sprintf("%s-%d", name, slot+1), gateway: g, slot: slot, log: filepath.Join(m.config.Folder, fmt.Sprintf("%s-%d.log", name, slot+1)),
		command: func(ctx context.Context) *exec.Cmd { return m.config.Command(ctx, file, name) },
	})
}

func (m *Market) openShops(ctx context.Context) error {
	partners, err := m.setting.partners()
	if err != nil {
		return err
	}
	m.reader = newReader(partners, m.setting.clock())
	for i := range m.setting.Parties {
		party := &m.setting.Parties[i]
		if party.Role != metadata.Requester {
			continue
		}
		log, err := os.OpenFile(filepath.Clean(filepath.Join(m.config.Folder, party.Name+".log")), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		p, err := m.setting.open(ctx, party.Name, slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})))
		if err != nil {
			return err
		}
		m.shops = append(m.shops, &shop{program: p, client: p.client(), pg: m.pg.entity, logFile: log})
	}
	return nil
}

// Close kills the processes and closes the shops' journals.
func (m *Market) Close() {
	for _, p := range m.processes {
		p.kill()
	}
	for _, g := range []*gateway{m.pg, m.issuer} {
		if g != nil {
			g.close()
		}
	}
	for _, s := range m.shops {
		_ = s.journal.Close()
		_ = s.logFile.Close()
	}
}

// Run runs rounds until all are run or one has findings. Its error is of the
// machine, not of the parties.
func Run(ctx context.Context, c Config) (*Report, error) {
	m, err := Open(ctx, c)
	if err != nil {
		return nil, err
	}
	defer m.Close()
	r := &Report{Seed: c.Seed}
	for range c.Rounds {
		round, err := m.Round(ctx)
		if err != nil {
			return r, fmt.Errorf("seed %d, round %d: %w", c.Seed, r.Rounds+1, err)
		}
		r.add(round)
		if c.Progress != nil {
			c.Progress(round)
		}
		if len(round.Findings) > 0 {
			break
		}
	}
	return r, nil
}

// load lets the shops sell, with the background work of their clients.
func (m *Market) load(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, loadLimit, errLoad)
	defer cancel()
	type order struct {
		shop     *shop
		purchase *purchase
	}
	orders := make(chan order, m.config.Purchases)
	for range m.config.Purchases {
		m.orders++
		s := m.shops[m.random.IntN(len(m.shops))]
		orders <- order{s, draw(m.random, fmt.Sprintf("ORDER-%d", m.orders))}
	}
	close(orders)
	background, stop := context.WithCancel(ctx)
	var behind, workers sync.WaitGroup
	for _, s := range m.shops {
		behind.Go(func() { s.keepWorking(background, s.client.RunOnce) })
	}
	errs := make([]error, m.config.Concurrency)
	for i := range errs {
		workers.Go(func() {
			for o := range orders {
				if err := o.shop.buy(ctx, o.purchase); err != nil {
					errs[i] = fmt.Errorf("order %s: %w", o.purchase.id, err)
					return
				}
			}
		})
	}
	workers.Wait()
	stop()
	behind.Wait()
	return errors.Join(errs...)
}

// loadLimit is how long the load of a round may last, by the machine's clock; it
// lasts some seconds.
const loadLimit = 3 * time.Minute

var errLoad = errors.New("crash: the purchases of a round did not come to their end")
