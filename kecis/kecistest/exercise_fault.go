package kecistest

import (
	"errors"
	"fmt"
)

// place is where something can go wrong.
type place string

const (
	atCall   place = "call of the service"
	atCommit place = "commit"
)

// mode is what goes wrong.
type mode string

// At a call of the service.
const (
	callLost    mode = "did not arrive"
	callLate    mode = "came only after everything else"
	answerLost  mode = "was carried out, and its answer was lost"
	answerLate  mode = "was answered after the deadline"
	panicBefore mode = "panicked before it did anything"
	panicAfter  mode = "was carried out and panicked"
	killBefore  mode = "met a server that was killed before it"
	killAfter   mode = "was carried out, and the server was killed"
)

// At a commit.
const (
	killUncommitted mode = "met a server that was killed before it"
	killCommitted   mode = "was done, and the server was killed"
	failed          mode = "failed"
	uncertain       mode = "was done, and the journal could not say so"
)

func faultsAt(where place) []mode {
	if where == atCall {
		return []mode{answerLost, callLost, callLate, answerLate, panicBefore, panicAfter, killBefore, killAfter}
	}
	return []mode{killUncommitted, killCommitted, failed, uncertain}
}

// fault is one thing that goes wrong, at the nth place of its kind; the zero
// fault is none.
type fault struct {
	where place
	n     int
	how   mode
}

// killed is what a server that is killed panics with; it passes through the SDK's
// guard of services.
type killed struct{}

func (killed) PassThrough() {}

var (
	errNotReached = errors.New("kecistest: the back end was not reached")
	errNoReply    = errors.New("kecistest: the back end's answer was lost")
	errJournal    = errors.New("kecistest: the journal failed")
)

// strike counts a place, and reports what goes wrong there.
func (s *stage) strike(where place, what string) (mode, bool) {
	if !s.counting || s.fault.where != where {
		return "", false
	}
	if s.passed++; s.passed != s.fault.n {
		return "", false
	}
	s.struck = fmt.Sprintf("where the %s %s %s", ordinal(s.fault.n), where, s.fault.how)
	if what != "" {
		s.struck = fmt.Sprintf("where the %s %s, %s, %s", ordinal(s.fault.n), where, what, s.fault.how)
	}
	return s.fault.how, true
}

func ordinal(n int) string {
	switch {
	case n%100 >= 11 && n%100 <= 13:
	case n%10 == 1:
		return fmt.Sprintf("%dst", n)
	case n%10 == 2:
		return fmt.Sprintf("%dnd", n)
	case n%10 == 3:
		return fmt.Sprintf("%drd", n)
	}
	return fmt.Sprintf("%dth", n)
}

// kill ends the server: what runs in it never goes on.
func (s *stage) kill() {
	s.server = nil
	s.life++
	panic(killed{}) //nolint:forbidigo // that is how a process ends in a test
}

// survive reports whether f ended without its server being killed.
func (s *stage) survive(f func()) (alive bool) {
	defer func() {
		switch dead := recover().(type) {
		case nil, killed:
		default:
			panic(dead) //nolint:forbidigo // a fault of the SDK itself
		}
	}()
	f()
	return true
}

// hook breaks commits of the SDK. A service that commits in the same journal is
// not killed there, since it may hold locks of its own.
func (s *stage) hook() {
	s.journal.BeforeCommit = func() error {
		if s.fault.how != killUncommitted && s.fault.how != failed {
			return nil
		}
		if _, now := s.strike(atCommit, ""); !now {
			return nil
		}
		if s.fault.how == killUncommitted && s.inService == 0 {
			s.kill()
		}
		return errJournal
	}
	s.journal.AfterCommit = func() error {
		if s.fault.how != killCommitted && s.fault.how != uncertain {
			return nil
		}
		if _, now := s.strike(atCommit, ""); !now {
			return nil
		}
		if s.fault.how == killCommitted && s.inService == 0 {
			s.kill()
		}
		return errJournal
	}
}
