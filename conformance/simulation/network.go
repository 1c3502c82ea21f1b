package simulation

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/kecis/sdk/conformance"
)

// network carries requests from process to process and loses, repeats and delays
// them. It notes every transmission.
type network struct {
	*world
	hosts map[string]*process
	// sent is everything that was ever sent, once for each message, to be sent
	// again at the end.
	sent  []*parcel
	known map[string]bool
	// latest is when the last parcel to have arrived between two parties was sent.
	latest map[[2]string]time.Time
}

// parcel is one transmission.
type parcel struct {
	from, to *process
	request  *http.Request
	body     []byte
	// exchange is its place in the recording; of what a browser sends, aside stands
	// for it, since the judge knows of messages alone.
	exchange int
	page     bool
	aside    conformance.Exchange
	kind     string
	// sender waits for the answer; nil if nobody does.
	sender *actor
	sentAt time.Time
	reply  *http.Response
	failed error
	// answerLost is the fate of the answer, answerDelay the time it takes.
	answerLost  bool
	answerDelay time.Duration
}

// line is the network as one process sees it.
type line struct {
	*network
	from *process
}

var (
	errRefused = errors.New("connection refused")
	errHungUp  = errors.New("the connection was closed without an answer")
	errNobody  = errors.New("no such host")
)

// patience is how long a sender waits that has set no limit by itself.
const patience = time.Minute

// RoundTrip sends a request and waits for its answer.
func (l *line) RoundTrip(request *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	_ = request.Body.Close() // it has been read
	l.pass()
	to := l.hosts[request.URL.Host]
	if to == nil {
		return nil, fmt.Errorf("%w: %s", errNobody, request.URL.Host)
	}
	p := &parcel{from: l.from, to: to, request: request, body: body, kind: rootName(body), sender: l.current}
	l.send(p)
	ctx, cancel := l.from.clock.WithTimeout(request.Context(), patience)
	defer cancel()
	for p.reply == nil && p.failed == nil && ctx.Err() == nil {
		l.wait(ctx, "an answer to "+p.kind)
	}
	p.sender = nil
	switch {
	case p.failed != nil:
		return nil, p.failed
	case p.reply == nil:
		return nil, ctx.Err()
	}
	return p.reply, nil
}

// send lets a request meet its fate.
func (n *network) send(p *parcel) {
	fault, r := n.plan.fault("network "+p.kind, n.plan.messageChance(), messageFaults())
	delay := between(time.Millisecond, 20*time.Millisecond, n.random.Uint64())
	switch fault {
	case lostAnswer:
		p.answerLost = true
	case late:
		p.answerDelay = between(time.Second, 40*time.Second, r)
	case reordered:
		delay = between(100*time.Millisecond, 50*time.Second, r)
	case beyondWindow:
		delay = between(11*time.Minute, 30*time.Minute, r)
	case beyondRetention:
		delay = n.retention + between(time.Minute, time.Hour, r)
	}
	n.post(p, fault)
	switch fault {
	case lostRequest:
		return
	case repeated:
		again := *p
		again.sender = nil
		n.after(between(time.Millisecond, 4*time.Minute, r), func() { n.repeat(&again) })
	}
	n.deliverAfter(p, delay)
}

// post notes a transmission.
func (n *network) post(p *parcel, fault string) {
	p.sentAt = n.now
	if fault != reordered {
		n.plan.count(p.kind, fault)
	}
	if p.page {
		n.sent = append(n.sent, p)
		n.logf("%s sends a %s to %s%s: %s", p.from.name, p.kind, p.to.name, suffix(fault), p.request.URL.Path)
		return
	}
	e := conformance.Exchange{Number: len(n.recording.Exchanges) + 1, From: p.from.entity, To: p.to.entity, Sent: n.now, Request: requestOf(p.body)}
	p.exchange = len(n.recording.Exchanges)
	n.recording.Exchanges = append(n.recording.Exchanges, e)
	if !n.known[e.Request.ID] {
		n.known[e.Request.ID] = true
		n.sent = append(n.sent, p)
	}
	n.paper(p, p.body)
	n.noteSecret(p.body, &e.Request)
	n.logf("%s sends %s %s to %s%s", p.from.name, p.kind, n.short(e.Request.ID), p.to.name, suffix(fault))
}

// suffix is a fault for a line of the history.
func suffix(fault string) string {
	if fault != "" {
		fault = ": " + fault
	}
	return fault
}

// noted is what was noted of a transmission.
func (n *network) noted(p *parcel) *conformance.Exchange {
	if p.page {
		return &p.aside
	}
	return &n.recording.Exchanges[p.exchange]
}

// repeat sends a copy of what was sent before.
func (n *network) repeat(p *parcel) {
	n.post(p, "")
	n.deliverAfter(p, time.Millisecond)
}

func (n *network) deliverAfter(p *parcel, delay time.Duration) {
	n.inFlight++
	n.after(delay, func() {
		n.inFlight--
		n.arrive(p)
	})
}

// arrive hands a request to its recipient, in an actor of its own.
func (n *network) arrive(p *parcel) {
	pair := [2]string{p.from.entity, p.to.entity}
	if p.sentAt.Before(n.latest[pair]) {
		n.plan.count(p.kind, reordered)
	} else {
		n.latest[pair] = p.sentAt
	}
	if p.to.handler == nil {
		n.logf("%s is down: %s from %s is refused", p.to.name, p.kind, p.from.name)
		n.answer(p, nil, errRefused)
		return
	}
	handler := p.to.handler
	n.inFlight++
	e := n.noted(p)
	e.Arrived, e.Deliveries = n.now, e.Deliveries+1
	over := false
	worker := n.spawn(p.to, p.to.name+" "+p.kind+" "+n.short(e.Request.ID), func() {
		w := &response{header: http.Header{}}
		request := p.request.Clone(n.context)
		request.Body = io.NopCloser(bytes.NewReader(p.body))
		request.RequestURI = request.URL.RequestURI()
		handler.ServeHTTP(w, request)
		over = true
		n.answered(p, w)
	})
	worker.end = func() {
		n.inFlight--
		if !over {
			n.answer(p, nil, errHungUp)
		}
	}
}

// answered notes an answer and lets it meet its fate.
func (n *network) answered(p *parcel, w *response) {
	e := n.noted(p)
	doc := w.body.Bytes()
	n.paper(p, doc)
	e.HTTPStatus, e.Answered, e.Answer = w.status(), n.now, answerOf(doc)
	what := fmt.Sprintf("HTTP %d", e.HTTPStatus)
	if e.Answer != nil {
		what = e.Answer.Code + " (" + e.Answer.Outcome + ")"
	}
	if p.answerLost {
		n.logf("%s answers %s %s: %s; the answer is lost", p.to.name, p.kind, n.short(e.Request.ID), what)
		return
	}
	n.logf("%s answers %s %s: %s", p.to.name, p.kind, n.short(e.Request.ID), what)
	reply := &http.Response{
		Status: http.StatusText(w.status()), StatusCode: w.status(), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.header, Body: io.NopCloser(bytes.NewReader(doc)), ContentLength: int64(len(doc)), Request: p.request,
	}
	if p.answerDelay > 0 {
		n.after(p.answerDelay, func() { n.answer(p, reply, nil) })
		return
	}
	n.answer(p, reply, nil)
}

// answer gives the sender its answer, if it still waits.
func (n *network) answer(p *parcel, reply *http.Response, failed error) {
	if p.sender == nil || p.sender.dead {
		return
	}
	if reply != nil {
		n.noted(p).Received = n.now
	}
	p.reply, p.failed = reply, failed
	n.resume(p.sender)
}

// response takes what a handler writes.
type response struct {
	header http.Header
	code   int
	body   bytes.Buffer
}

// Header returns the header that will be sent.
func (w *response) Header() http.Header { return w.header }

// Write takes a part of the body.
func (w *response) Write(b []byte) (int, error) { return w.body.Write(b) }

// WriteHeader takes the status.
func (w *response) WriteHeader(code int) {
	if w.code == 0 {
		w.code = code
	}
}

func (w *response) status() int {
	if w.code == 0 {
		return http.StatusOK
	}
	return w.code
}
