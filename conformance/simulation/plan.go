package simulation

import (
	"hash/fnv"
	"strconv"
	"strings"
	"time"
)

// plan decides by the seed which faults a world has. Each decision stands by
// itself, under the name of its site and its number there, so that a world can
// be run again without one of them and the others stay (see shrink).
type plan struct {
	seed uint64
	// network and writes are the chances of a fault, of 1000: of a message, and
	// of a commit.
	network, writes uint64
	phase           phase
	// without names decisions that are not carried out.
	without map[string]bool
	taken   map[string]int
	// injected names the faults so far.
	injected []string
	cells    map[Cell]int
}

// phase is a part of a world, by what may go wrong in it.
type phase int

const (
	// storm is while buyers buy: everything may.
	storm phase = iota
	// calm is when the world is left to heal: nothing but clean-up, which comes
	// late and that everything must survive.
	calm
	// again is when everything is sent once more: parties crash, and still nothing
	// may change.
	again
)

// Cell is one combination of a site and a fault, for the count of a run.
type Cell struct {
	// Site is a kind of message, or who commits and what: "pg: claim Payment running".
	Site  string
	Fault string
}

// The faults of messages.
const (
	lostRequest     = "lost request"
	lostAnswer      = "lost answer"
	repeated        = "repeated"
	late            = "late"
	beyondWindow    = "beyond the window"
	beyondRetention = "beyond retention"
	reordered       = "reordered"
)

// The faults of commits.
const (
	crashBefore = "crash before the commit"
	crashAfter  = "crash after the commit"
	uncertain   = "uncertain, applied"
	uncertainNo = "uncertain, not applied"
	storeFault  = "store fails"
	stall       = "sleeps beyond its lease"
)

// messageFaults are those that a message can meet, so that each is as likely as
// its number here. Reordering is counted where it happens.
func messageFaults() []string {
	return []string{lostRequest, lostRequest, lostAnswer, lostAnswer, repeated, repeated, late, reordered, reordered, reordered, beyondWindow, beyondRetention}
}

// writeFaults are those that a commit can meet.
func writeFaults() []string {
	return []string{crashBefore, crashBefore, crashAfter, crashAfter, uncertain, uncertainNo, storeFault, stall}
}

func newPlan(seed uint64, without map[string]bool) *plan {
	p := &plan{seed: seed, without: without, taken: map[string]int{}, cells: map[Cell]int{}}
	// Some worlds have no fault of a kind, some have few, and some are a storm:
	// what hides behind many faults shows behind few, and the other way round.
	chances := []uint64{0, 40, 150, 350}
	p.network = chances[p.draw("network")%uint64(len(chances))]
	p.writes = []uint64{0, 20, 80}[p.draw("writes")%3]
	return p
}

// draw returns the next number of a site.
func (p *plan) draw(site string) uint64 {
	_, r := p.decide(site)
	return r
}

// peek returns the first number of a site, each time.
func (p *plan) peek(site string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(site)) // a hash takes everything
	return mix(p.seed ^ mix(h.Sum64()))
}

// decide returns the name and the number of the next decision of a site.
func (p *plan) decide(site string) (string, uint64) {
	n := p.taken[site]
	p.taken[site] = n + 1
	h := fnv.New64a()
	_, _ = h.Write([]byte(site)) // a hash takes everything
	return site + " #" + strconv.Itoa(n), mix(p.seed ^ mix(h.Sum64()+uint64(n)))
}

// mix spreads the bits of a number (splitmix64).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// messageChance is the chance that a message meets a fault now, of 1000.
func (p *plan) messageChance() uint64 {
	if p.phase != storm {
		return 0
	}
	return p.network
}

// commitChance is the chance that a commit meets a fault now, of 1000. What is
// seldom committed meets one the more often.
func (p *plan) commitChance(site string) uint64 {
	if p.writes == 0 || p.phase == calm && !strings.HasSuffix(site, cleanUp) {
		return 0
	}
	return max(p.writes, min(20*rarity(site), 500))
}

// fault decides whether the next event of a site meets a fault, and which: one
// of kinds, or "". The number is for what the fault still has to choose.
func (p *plan) fault(site string, chance uint64, kinds []string) (string, uint64) {
	if chance == 0 {
		return "", 0
	}
	name, r := p.decide(site)
	if r%1000 >= chance {
		return "", r
	}
	kind := kinds[r/1000%uint64(len(kinds))]
	name += ": " + kind
	if p.without[name] {
		return "", r
	}
	p.injected = append(p.injected, name)
	return kind, mix(r)
}

// count counts a fault that happened, or with "" an event that could have had
// one.
func (p *plan) count(site, fault string) { p.cells[Cell{site, fault}]++ }

// between picks a time by a number.
func between(low, high time.Duration, r uint64) time.Duration {
	return low + time.Duration(r%uint64(high-low))
}
