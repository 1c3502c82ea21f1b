package simulation

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// scheduler lets one actor run at a time. Its fields belong to whoever has the
// baton.
type scheduler struct {
	random *rand.Rand
	// orderly lets actors run in the order in which they became ready: the
	// simplest history of a world.
	orderly bool
	now     time.Time
	// steps counts how often the baton passed, and limit bounds it.
	steps, limit int

	current *actor
	all     []*actor // in the order of their start
	ready   []*actor
	timers  []timer // a heap by (at, number)
	count   uint64  // of timers and actors so far

	// free are carriers without an actor.
	free []*carrier

	stopping bool
	failure  error
	ended    chan struct{}
}

// carrier is a goroutine that plays one actor after the other: a new one would
// have to grow its stack anew.
type carrier struct {
	wake  chan struct{}
	actor *actor
}

// actor is something that runs in the world by itself.
type actor struct {
	name    string
	owner   *process // nil for none
	carrier *carrier
	// dead is set when its process has crashed: it ends as soon as it gets the
	// baton.
	dead bool
	// waits says what it waits for; "" if it is ready or has the baton.
	waits string
	// ctx ends a wait early; nil for none.
	ctx context.Context //nolint:containedctx // it belongs to the one call that waits
	// pause is the number of the timer that ends its sleep, 0 for none.
	pause uint64
	work  func()
	// end, if set, is called when the actor has ended, in whatever way.
	end func()
	// inside is set within a transaction of a journal, where the baton stays.
	inside bool
}

// timer calls something at a time.
type timer struct {
	at     time.Time
	number uint64
	fire   func()
}

// tick is what each step takes, so that no two steps have the same time.
const tick = time.Microsecond

// stepLimit bounds a world: one that needs more goes in circles.
const stepLimit = 300_000

var (
	errDeadlock = errors.New("deadlock")
	errEndless  = errors.New("the world does not come to an end")
)

func newScheduler(seed uint64, start time.Time) *scheduler {
	return &scheduler{random: rand.New(rand.NewPCG(seed, stream)), now: start, limit: stepLimit, ended: make(chan struct{})} //nolint:gosec // a world is to be repeatable
}

// stream is the second half of the scheduler's seed.
const stream = 0x6b65636973 // "kecis"

// run starts the world with one actor and returns when that has ended, with all
// others. Its error is a deadlock, an endless world, or a panic.
func (s *scheduler) run(first func()) error {
	s.spawn(nil, "world", func() {
		first()
		s.stop(nil)
	})
	s.choose().wake()
	<-s.ended
	for _, c := range s.free {
		c.actor = nil
		c.wake <- struct{}{}
	}
	return s.failure
}

// spawn starts an actor. It runs once it is chosen.
func (s *scheduler) spawn(owner *process, name string, work func()) *actor {
	a := &actor{name: name, owner: owner, work: work}
	if last := len(s.free) - 1; last >= 0 {
		a.carrier, s.free = s.free[last], s.free[:last]
		a.carrier.actor = a
	} else {
		a.carrier = &carrier{wake: make(chan struct{}, 1), actor: a}
		go s.carry(a.carrier)
	}
	s.all = append(s.all, a)
	s.ready = append(s.ready, a)
	return a
}

// carry plays the actors that are given to a carrier, until it is woken without
// one or an actor ends in the middle of its work.
func (s *scheduler) carry(c *carrier) {
	for {
		<-c.wake
		if c.actor == nil {
			return
		}
		s.play(c.actor)
	}
}

func (s *scheduler) play(a *actor) {
	whole := false
	defer func() {
		if whole {
			s.free = append(s.free, a.carrier)
		}
		s.exit(a)
	}()
	defer func() {
		if p := recover(); p != nil {
			whole = true
			s.stop(fmt.Errorf("%s panics: %v\n%s", a.name, p, debug.Stack()))
		}
	}()
	if !a.dead && !s.stopping {
		a.work()
	}
	whole = true
}

// wake gives an actor the baton.
func (a *actor) wake() { a.carrier.wake <- struct{}{} }

// exit takes an actor that has ended off and gives the baton on.
func (s *scheduler) exit(a *actor) {
	if a.end != nil && !s.stopping {
		a.end()
	}
	s.all, s.ready = without(s.all, a), without(s.ready, a)
	if next := s.choose(); next != nil {
		next.wake()
		return
	}
	close(s.ended)
}

// without takes an actor out of a list and keeps the order of the others.
func without(list []*actor, a *actor) []*actor {
	if i := slices.Index(list, a); i >= 0 {
		return slices.Delete(list, i, i+1)
	}
	return list
}

// stop ends the world: each actor ends when it next gets the baton.
func (s *scheduler) stop(failure error) {
	if s.stopping {
		return
	}
	s.stopping, s.failure = true, failure
}

// pass lets others run.
func (s *scheduler) pass() {
	a := s.current
	if a.inside {
		return
	}
	s.leave(a)
	s.ready = append(s.ready, a)
	s.suspend(a)
}

// wait takes the current actor off until resume is called for it, or ctx is done.
func (s *scheduler) wait(ctx context.Context, why string) {
	a := s.current
	s.leave(a)
	if ctx.Err() != nil {
		s.pass()
		return
	}
	a.waits, a.ctx = why, ctx
	s.suspend(a)
}

// resume makes a waiting actor ready.
func (s *scheduler) resume(a *actor) {
	if a.waits == "" {
		return
	}
	a.waits, a.ctx, a.pause = "", nil, 0
	s.ready = append(s.ready, a)
}

// sleep waits for d of the world's time, or until ctx is done.
func (s *scheduler) sleep(ctx context.Context, d time.Duration) {
	a := s.current
	if d > 0 {
		var number uint64
		number = s.after(d, func() {
			if a.pause == number {
				s.resume(a)
			}
		})
		a.pause = number
		s.wait(ctx, "a time")
		return
	}
	s.pass()
}

// idle is sleep without a context.
func (s *scheduler) idle(d time.Duration) { s.sleep(context.Background(), d) }

// await is wait without a context.
func (s *scheduler) await(why string) { s.wait(context.Background(), why) }

// suspend gives the baton to the next actor and waits to get it back.
func (s *scheduler) suspend(a *actor) {
	if next := s.choose(); next != a {
		next.wake()
		<-a.carrier.wake
	}
	s.leave(a)
}

// leave ends the actor if its process has crashed, or the world has come to its
// end; nothing that it might recover from is thrown.
func (s *scheduler) leave(a *actor) {
	if a.dead || s.stopping {
		runtime.Goexit()
	}
}

// choose takes the next actor: one that is ready, or after the time has gone on
// to the next timer, one that has become so. It returns nil when all have ended.
func (s *scheduler) choose() *actor {
	s.steps++
	s.now = s.now.Add(tick)
	if s.steps > s.limit {
		s.stop(fmt.Errorf("%w: %d steps", errEndless, s.steps))
	}
	for !s.stopping {
		for len(s.timers) > 0 && !s.timers[0].at.After(s.now) {
			s.popTimer().fire()
		}
		if len(s.ready) > 0 {
			i := 0
			if !s.orderly && len(s.ready) > 1 {
				i = s.random.IntN(len(s.ready))
			}
			next := s.ready[i]
			s.ready = append(s.ready[:i], s.ready[i+1:]...)
			s.current = next
			return next
		}
		if len(s.timers) == 0 {
			s.stop(fmt.Errorf("%w: %s", errDeadlock, s.waiting()))
			break
		}
		s.now = s.timers[0].at
	}
	if len(s.all) == 0 {
		return nil
	}
	s.current = s.all[0]
	return s.current
}

// waiting says who waits for what.
func (s *scheduler) waiting() string {
	var list []string
	for _, a := range s.all {
		list = append(list, a.name+" waits for "+a.waits)
	}
	return strings.Join(list, "; ")
}

// after calls fire once d has passed, by whoever has the baton then: it must not
// wait. It returns the number of the timer.
func (s *scheduler) after(d time.Duration, fire func()) uint64 {
	s.count++
	s.pushTimer(timer{s.now.Add(d), s.count, fire})
	return s.count
}

// kill ends all actors of a process. The current one, if it is among them, ends
// at its next call.
func (s *scheduler) kill(p *process) {
	for _, a := range s.all {
		if a.owner == p {
			a.dead = true
			s.resume(a)
		}
	}
}

// cancelled makes those ready whose wait was ended by a context.
func (s *scheduler) cancelled() {
	for _, a := range s.all {
		if a.waits != "" && a.ctx != nil && a.ctx.Err() != nil {
			s.resume(a)
		}
	}
}

func (t timer) compare(o timer) int {
	if c := t.at.Compare(o.at); c != 0 {
		return c
	}
	return cmp.Compare(t.number, o.number)
}

func (s *scheduler) pushTimer(t timer) {
	i, _ := slices.BinarySearchFunc(s.timers, t, timer.compare)
	s.timers = slices.Insert(s.timers, i, t)
}

func (s *scheduler) popTimer() timer {
	t := s.timers[0]
	s.timers = append(s.timers[:0], s.timers[1:]...)
	return t
}
