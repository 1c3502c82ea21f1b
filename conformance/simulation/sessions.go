package simulation

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"

	"github.com/kecis/sdk/conformance"
	"github.com/kecis/sdk/kecis"
)

// The spaces of the engine of amount authentication.
const (
	sessionRows    = "kecis.aa.session"
	completionRows = "kecis.aa.completion"
	profileRows    = "kecis.aa.profile"
)

// sessionRow is what is read of a session as its engine keeps it.
type sessionRow struct {
	State   string                  `json:"state"`
	Hold    string                  `json:"hold"`
	Variant string                  `json:"variant"`
	Order   kecis.OrderRef          `json:"order"`
	Amount  kecis.Money             `json:"amount"`
	Payee   struct{ Entity string } `json:"payee"`
	Began   time.Time               `json:"began"`
	Browser []byte                  `json:"browser"`
	Mails   int                     `json:"mails"`
	Answers []answeredTry           `json:"answers"`
	Pays    bool                    `json:"pays"`
	Details json.RawMessage         `json:"details"`
}

type answeredTry struct {
	Known bool `json:"known"`
}

// final reports whether nothing follows the state.
func (r *sessionRow) final() bool { return r.State != "starting" && r.State != "open" }

// session is what was seen of an authentication in the commits of its PG.
type session struct {
	id    string
	party *process
	row   sessionRow
	// began, opened and ended are when it was written to be so; zero for never.
	began, opened, ended time.Time
	// completion is the state of the payment that follows; "" for none.
	completion string
	// left says what came after its end, which nothing may.
	left string
}

// order is that of the recording.
func (s *session) order() conformance.Order { return conformance.Order(s.row.Order) }

// verifiedAt is when its buyer was authenticated.
func (s *session) verifiedAt() time.Time {
	if s.row.State != "verified" {
		return time.Time{}
	}
	return s.ended
}

// watchSession names what a commit does to an authentication, and notes it.
func (w *watchedTx) watchSession(space, key string, value []byte) {
	switch space {
	case sessionRows:
		var row sessionRow
		if json.Unmarshal(value, &row) != nil { //nolint:musttag // as the engine keeps them
			return
		}
		w.session = "AA " + w.process.stepOf(key, &row)
		w.facts = append(w.facts, func() { w.process.noteSession(key, &row) })
	case completionRows:
		var row struct {
			State string `json:"state"`
		}
		if json.Unmarshal(value, &row) != nil {
			return
		}
		if w.session == "" {
			w.session = "AA payment " + row.State
		}
		w.facts = append(w.facts, func() {
			if s := w.process.sessions[key]; s != nil {
				s.completion = row.State
			}
		})
	case profileRows:
		w.session = "AA profile"
	}
}

// stepOf names the change from what was seen of a session last.
func (p *process) stepOf(id string, row *sessionRow) string {
	s := p.sessions[id]
	switch {
	case s == nil:
		return "begun"
	case len(row.Answers) > len(s.row.Answers):
		return "try"
	case !bytes.Equal(row.Browser, s.row.Browser):
		return "browser"
	case row.Mails != s.row.Mails:
		return "mail"
	}
	return row.State + " " + row.Hold
}

func (p *process) noteSession(id string, row *sessionRow) {
	s := p.sessions[id]
	if s == nil {
		s = &session{id: id, party: p, began: p.now}
		p.sessions[id] = s
		p.authentications = append(p.authentications, s)
	}
	if s.ended.IsZero() && row.final() {
		s.ended = p.now
	} else if !s.ended.IsZero() && s.left == "" && row.State != s.row.State {
		s.left = s.row.State + ", and then " + row.State
	}
	if s.opened.IsZero() && row.State == "open" {
		s.opened = p.now
	}
	if s.row.State != row.State || s.row.Hold != row.Hold {
		p.logf("%s has the authentication of %s %s, hold %s", p.name, row.Order.OrderID, row.State, row.Hold)
	}
	s.row = *row
}

// sessionFor returns the session of an order, at whatever PG; nil for none.
func (w *world) sessionFor(o conformance.Order) *session {
	i := slices.IndexFunc(w.authentications, func(s *session) bool { return s.order() == o })
	if i < 0 {
		return nil
	}
	return w.authentications[i]
}
