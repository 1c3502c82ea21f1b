package kecistest

import (
	"net/http"
	"strings"

	"github.com/kecis/sdk/kecis"
)

// play is something that a shop does, at each step of which something can go
// wrong.
type play struct {
	name string
	// captures and cancellations say what the service must offer beside payments.
	captures, cancellations bool
	// background says that the work behind the requests is part of the play, and
	// goes wrong too.
	background bool
	act        func(*stage)
}

// plays are those that Exercise performs, the plain ones first.
func plays() []play {
	return []play{
		{name: "a payment", act: func(s *stage) { s.pay(kecis.CaptureAutomatic) }},
		{name: "a payment that comes three times", act: func(s *stage) {
			s.network.Fault(func(*http.Request) Fault { return RequestTwice })
			p := s.pay(kecis.CaptureAutomatic)
			s.again(p)
		}},
		{name: "a payment reversed twice", act: func(s *stage) {
			p := s.pay(kecis.CaptureAutomatic)
			s.reverse(p)
			s.reverse(p)
			s.again(p)
		}},
		{name: "a reversal that comes before its payment", act: reversedFirst},
		{name: "a reversal while Pay is on its way", act: func(s *stage) { reversedDuring(s, true) }},
		{name: "a reversal while Pay is coming back", act: func(s *stage) { reversedDuring(s, false) }},
		{name: "a payment that comes again while Pay is on its way", act: func(s *stage) {
			s.meanwhile = &meanwhile{"Pay", true, func() { s.again(s.asked[len(s.asked)-1]) }}
			s.pay(kecis.CaptureAutomatic)
		}},
		{name: "a payment whose Pay never arrives", background: true, act: func(s *stage) {
			s.away = methods("Pay")
			s.pay(kecis.CaptureAutomatic)
		}},
		{name: "a payment after which the back end is away until its deadline", background: true, act: backEndAway},
		{name: "an authorisation and its capture", captures: true, act: func(s *stage) {
			s.capture(s.pay(kecis.CaptureManual))
		}},
		{name: "a capture, then its reversal", captures: true, act: func(s *stage) {
			s.reverse(s.capture(s.pay(kecis.CaptureManual)))
		}},
		{name: "a capture after which the back end is away until its deadline", captures: true, background: true, act: func(s *stage) {
			p := s.pay(kecis.CaptureManual)
			s.meanwhile = &meanwhile{"Capture", false, func() { s.away = methods("LookupCapture"); s.clock.Advance(kecis.MaxWindow) }}
			s.capture(p)
		}},
		{name: "an authorisation that is reversed", captures: true, act: func(s *stage) { s.reverse(s.pay(kecis.CaptureManual)) }},
		{name: "a payment and its cancellation", cancellations: true, act: func(s *stage) {
			p := s.pay(kecis.CaptureAutomatic)
			s.cancel(p, p.amount.Minor, p.amount.Minor)
		}},
		{name: "a payment cancelled in two parts", cancellations: true, act: func(s *stage) {
			p := s.pay(kecis.CaptureAutomatic)
			part := p.amount.Minor / 3
			s.cancel(p, part, p.amount.Minor)
			s.cancel(p, p.amount.Minor-part, p.amount.Minor-part)
		}},
		{name: "a cancellation that comes three times", cancellations: true, act: func(s *stage) {
			p := s.pay(kecis.CaptureAutomatic)
			s.network.Fault(func(*http.Request) Fault { return RequestTwice })
			s.again(s.cancel(p, p.amount.Minor, p.amount.Minor))
		}},
		{name: "a cancellation after which the back end is away until its deadline", cancellations: true, background: true, act: func(s *stage) {
			p := s.pay(kecis.CaptureAutomatic)
			s.meanwhile = &meanwhile{"Cancel", false, func() {
				s.away = methods("LookupCancel")
				s.clock.Advance(kecis.MaxWindow)
			}}
			s.cancel(p, p.amount.Minor, p.amount.Minor)
			s.away = nil
		}},
	}
}

// reversedFirst: the payment is on its way, its reversal overtakes it.
func reversedFirst(s *stage) {
	s.network.Fault(func(*http.Request) Fault { return RequestLost })
	p := s.pay(kecis.CaptureAutomatic)
	s.network.Fault(nil)
	s.reverse(p)
	s.again(p)
}

// reversedDuring: the shop has given up while the service works.
func reversedDuring(s *stage, before bool) {
	s.meanwhile = &meanwhile{"Pay", before, func() { s.reverse(s.asked[len(s.asked)-1]) }}
	s.pay(kecis.CaptureAutomatic)
}

// backEndAway: Pay takes effect, then nothing can be asked until too late.
func backEndAway(s *stage) {
	s.meanwhile = &meanwhile{"Pay", false, func() {
		s.away = methods("Lookup")
		s.clock.Advance(kecis.MaxWindow)
	}}
	s.pay(kecis.CaptureAutomatic)
	s.away = nil
}

// methods says yes to some methods.
func methods(names ...string) func(string) bool {
	list := " " + strings.Join(names, " ") + " "
	return func(method string) bool { return strings.Contains(list, " "+method+" ") }
}
