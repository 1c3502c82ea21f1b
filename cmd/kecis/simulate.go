package main

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kecis/sdk/conformance"
	"github.com/kecis/sdk/conformance/simulation"
)

const (
	// defaultWorlds takes some seconds.
	defaultWorlds = 1000
	// simulated is how many worlds are run between two lines of progress.
	simulated = 100
	// garbage is how much the heap may grow before it is cleared up, in percent: a
	// world is small, forgotten at its end, and not to be cleared up in between.
	garbage = 800
	// shrunk is how many worlds may be run to shorten a history.
	shrunk = 200
)

func (a *app) simulateCommand() *cobra.Command {
	var worlds, workers int
	var seed uint64
	var plants, sqlite bool
	cmd := &cobra.Command{
		Use:   "simulate",
		Short: a.say(phrase{"run shops, PGs and an issuer through every fault, and judge them", "상점, PG, 발급사를 모든 장애 속에서 실행하고 판정"}),
		Long: a.say(phrase{
			`Runs worlds in which messages get lost, come late, twice or in another order, and
programs crash at every write. All of a world follows from its seed: the same seed
gives the same history. Each world is judged by the rules of money.

Ends with 0 if no rule was broken. A world that fails is told with its seed and the
shortest history that was found. With --plants a fault is planted on purpose, one
after the other, and each must be found.`,
			`메시지가 유실되고, 늦고, 두 번 오고, 순서가 바뀌며, 프로그램이 모든 기록 지점에서
죽는 세계를 실행합니다. 시드가 같으면 역사도 같습니다. 세계마다 돈의 규칙으로
판정합니다.

어긴 규칙이 없으면 0으로 끝납니다. 실패한 세계는 시드와 가장 짧은 역사를 보여 줍니다.
--plants를 쓰면 결함을 하나씩 일부러 심고, 모두 찾아내야 합니다.`}),
		Example: `  kecis simulate --worlds 1000
  kecis simulate --seed 4711 --worlds 1
  kecis simulate --plants --worlds 2000`,
		Args: a.arguments(),
	}
	cmd.Flags().IntVar(&worlds, "worlds", defaultWorlds, a.say(phrase{"how many worlds; with --plants at most so many for each fault", "세계의 수. --plants에서는 결함마다 최대 수"}))
	cmd.Flags().Uint64Var(&seed, "seed", 1, a.say(phrase{"seed of the first world", "첫 세계의 시드"}))
	cmd.Flags().BoolVar(&plants, "plants", false, a.say(phrase{"plant faults, and see whether they are found", "결함을 심고 찾아내는지 보기"}))
	cmd.Flags().BoolVar(&sqlite, "sqlite", false, a.say(phrase{"keep the parties' journals in SQLite, closed at each crash; slower", "당사자의 저널을 SQLite에 두고, 죽을 때마다 닫음. 더 느림"}))
	cmd.Flags().IntVar(&workers, "workers", runtime.NumCPU(), a.say(phrase{"how many worlds run at a time", "동시에 실행할 세계의 수"}))
	return a.does(cmd, func(ctx context.Context, _ []string) (answer, error) {
		if worlds < 1 {
			return nil, a.usage(a.say(phrase{"--worlds begins at 1", "--worlds는 1 이상이어야 합니다"}), "")
		}
		defer debug.SetGCPercent(debug.SetGCPercent(garbage))
		keys, err := simulation.NewKeys()
		if err != nil {
			return nil, err
		}
		if plants {
			return a.sow(ctx, keys, worlds, workers)
		}
		config := simulation.Config{Worlds: worlds, FirstSeed: seed, Workers: workers, Keys: keys, Shrink: shrunk}
		if sqlite {
			if config.Files, err = os.MkdirTemp("", "kecis-simulate"); err != nil {
				return nil, err
			}
			defer os.RemoveAll(config.Files) //nolint:errcheck // what remains is in the folder of temporary files
		}
		return a.simulate(ctx, config)
	})
}

// simulatedWorlds is the answer of simulate.
type simulatedWorlds struct {
	Worlds    int            `json:"worlds"`
	FirstSeed uint64         `json:"firstSeed"`
	Purchases int            `json:"purchases"`
	Exchanges int            `json:"exchanges"`
	Steps     int            `json:"steps"`
	Faults    int            `json:"faults"`
	Unmet     []string       `json:"unmet,omitempty"`
	Failures  []failedWorld  `json:"failures,omitempty"`
	Counts    map[string]int `json:"counts,omitempty"`
	Rules     []judgedRule   `json:"rules"`

	text string
}

// failedWorld is a world that broke a rule.
type failedWorld struct {
	Seed    uint64   `json:"seed"`
	Rules   []string `json:"rules"`
	Faults  []string `json:"faults"`
	History string   `json:"history"`
}

func (s *simulatedWorlds) print(p *page) { p.plain(strings.TrimRight(s.text, "\n")) }

// simulate runs the worlds in portions, with a line of progress between them.
func (a *app) simulate(ctx context.Context, c simulation.Config) (answer, error) {
	total := &simulation.Report{Cells: map[simulation.Cell]int{}, Looked: map[string]int{}}
	portion := c
	for total.Worlds < c.Worlds && len(total.Failures) == 0 {
		portion.FirstSeed = c.FirstSeed + uint64(total.Worlds)
		portion.Worlds = min(simulated, c.Worlds-total.Worlds)
		report, err := simulation.Run(ctx, portion)
		if err != nil {
			return nil, err
		}
		total.Worlds += report.Worlds
		total.Steps += report.Steps
		total.Exchanges += report.Exchanges
		total.Purchases += report.Purchases
		total.Failures = append(total.Failures, report.Failures...)
		for cell, n := range report.Cells {
			total.Cells[cell] += n
		}
		for rule, n := range report.Looked {
			total.Looked[rule] += n
		}
		a.progress(phrase{"%d of %d worlds, %d purchases", "세계 %d/%d, 구매 %d건"}, total.Worlds, c.Worlds, total.Purchases)
	}
	a.progressDone()
	return a.simulatedAnswer(total, c.FirstSeed)
}

func (a *app) simulatedAnswer(r *simulation.Report, first uint64) (answer, error) {
	out := &simulatedWorlds{
		Worlds: r.Worlds, FirstSeed: first, Purchases: r.Purchases, Exchanges: r.Exchanges, Steps: r.Steps, Counts: map[string]int{},
	}
	var text bytes.Buffer
	if _, err := r.WriteTo(&text); err != nil {
		return nil, err
	}
	out.text = text.String()
	for cell, n := range maps.All(r.Cells) {
		out.Counts[strings.TrimSuffix(cell.Site+" / "+cell.Fault, " / ")] = n
		if cell.Fault != "" {
			out.Faults += n
		}
	}
	broken := map[string]*conformance.Finding{}
	for i := range r.Failures {
		for j := range r.Failures[i].Findings {
			f := &r.Failures[i].Findings[j]
			broken[f.Rule] = f
		}
	}
	for _, rule := range simulation.Rules() {
		out.Rules = append(out.Rules, judged(&rule, r.Looked[rule.Name], broken[rule.Name]))
	}
	for _, cell := range r.Empty() {
		out.Unmet = append(out.Unmet, cell.Site+" / "+cell.Fault)
	}
	for i := range r.Failures {
		f := &r.Failures[i]
		world := failedWorld{Seed: f.Seed, Rules: []string{}, Faults: f.Faults, History: f.History}
		for _, finding := range f.Findings {
			world.Rules = append(world.Rules, finding.Rule)
		}
		out.Failures = append(out.Failures, world)
	}
	switch {
	case len(out.Failures) > 0:
		return out, a.refused(a.say(phrase{"%d worlds failed", "세계 %d개가 실패했습니다"}, len(out.Failures)),
			a.say(phrase{"see one again: kecis simulate --worlds 1 --seed %d", "다시 보기: kecis simulate --worlds 1 --seed %d"}, out.Failures[0].Seed))
	case len(out.Unmet) > 0:
		return out, a.refused(a.say(phrase{"no rule was broken, but %d faults never happened, the first: %s", "어긴 규칙은 없으나 일어나지 않은 장애가 %d가지입니다. 첫째: %s"}, len(out.Unmet), out.Unmet[0]),
			a.say(phrase{"the simulation no longer leads there, or no longer makes the fault", "시뮬레이션이 그 지점에 이르지 못하거나 그 장애를 일으키지 않습니다"}))
	}
	return out, nil
}

// sownPlants is the answer of simulate --plants.
type sownPlants struct {
	Plants []sownPlant `json:"plants"`
}

type sownPlant struct {
	Name   string `json:"name"`
	What   string `json:"what"`
	Worlds int    `json:"worlds"`
	Seed   uint64 `json:"seed,omitempty"`
	Rule   string `json:"rule,omitempty"`
	Found  string `json:"found,omitempty"`
}

func (s *sownPlants) print(p *page) {
	for _, plant := range s.Plants {
		if plant.Worlds == 0 {
			p.row(plant.Name, p.say(phrase{"NOT FOUND", "찾지 못함"}), "", plant.What)
			continue
		}
		p.row(plant.Name, plant.Rule, p.say(phrase{"%d worlds", "세계 %d개"}, plant.Worlds), plant.What)
	}
}

// sow plants each fault and reports how it was found.
func (a *app) sow(ctx context.Context, keys *simulation.Keys, worlds, workers int) (answer, error) {
	out := &sownPlants{Plants: []sownPlant{}}
	missed := 0
	all := simulation.Plants()
	for i := range all {
		sown, err := simulation.Sow(ctx, keys, all[i:i+1], worlds, workers)
		if err != nil {
			return nil, err
		}
		for _, s := range sown {
			out.Plants = append(out.Plants, sownPlant{s.Name, s.What, s.Worlds, s.Seed, s.Rule, s.Found})
			if s.Worlds == 0 {
				missed++
			}
		}
		a.progress(phrase{"%d of %d planted faults", "심은 결함 %d/%d"}, i+1, len(all))
	}
	a.progressDone()
	if missed > 0 {
		return out, a.refused(a.say(phrase{"%d planted faults were not found", "심은 결함 %d개를 찾지 못했습니다"}, missed),
			a.say(phrase{"run more worlds", "더 많은 세계를 실행하십시오"}))
	}
	return out, nil
}

// progress writes over one line of a terminal; elsewhere it is left out.
func (a *app) progress(text phrase, values ...any) {
	if !a.json && isTerminal(a.stderr) {
		fmt.Fprint(a.stderr, "\r\x1b[K"+a.say(text, values...))
	}
}

// progressDone leaves the line empty.
func (a *app) progressDone() {
	if !a.json && isTerminal(a.stderr) {
		fmt.Fprint(a.stderr, "\r\x1b[K")
	}
}
