package crash

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/kecis/sdk/conformance/reference/issuer"
	"github.com/kecis/sdk/kecis/xmltree"
)

// gateway is the address of a provider: it passes requests on to the processes
// behind it, in turn, and notes what passes. While none of them runs it closes
// the connection, as a machine does that is down.
type gateway struct {
	entity string
	clock  swift
	listen net.Listener
	web    *http.Server
	client *http.Client
	tap    *tap

	mu     sync.Mutex
	behind []string // addresses, "" of a process that is down
	next   int
}

// tap notes the transmissions of all gateways.
type tap struct {
	mu   sync.Mutex
	list []*transmission
	// each is told how many there were since begin, as each begins; nil for nobody.
	each func(n int)
}

// transmission is one request that passed a gateway, with what came back.
type transmission struct {
	to                       string
	document, answer         []byte
	status                   int
	sent, answered, received time.Time
	// arrived is when a process took it; deliveries is then 1.
	arrived    time.Time
	deliveries int
	// over says that its sender waits no longer.
	over bool
}

func newGateway(ctx context.Context, t *tap) (*gateway, error) {
	var network net.ListenConfig
	listen, err := network.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	g := &gateway{
		entity: "http://" + listen.Addr().String() + "/kecis", listen: listen, tap: t,
		client: &http.Client{
			Transport:     &http.Transport{MaxIdleConnsPerHost: idleConnections},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	g.web = &http.Server{Handler: g, ReadHeaderTimeout: time.Minute}
	return g, nil
}

// idleConnections is as many as shops work at a time, and more.
const idleConnections = 64

// open begins to serve, by the clock of the run.
func (g *gateway) open(clock swift) {
	g.clock = clock
	go func() { _ = g.web.Serve(g.listen) }()
}

func (g *gateway) close() { _ = g.web.Close() }

func (g *gateway) attach(slot int, address string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for len(g.behind) <= slot {
		g.behind = append(g.behind, "")
	}
	g.behind[slot] = address
}

func (g *gateway) detach(slot int) { g.attach(slot, "") }

// choose returns the addresses to try, the next in turn first.
func (g *gateway) choose() (list []string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.next++
	for i := range g.behind {
		if a := g.behind[(g.next+i)%len(g.behind)]; a != "" {
			list = append(list, a)
		}
	}
	return list
}

// ServeHTTP passes a request on.
func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	document, err := io.ReadAll(http.MaxBytesReader(w, r.Body, xmltree.MaxBytes+1))
	if err != nil {
		issuer.AbortConnection(w)
	}
	t := &transmission{to: g.entity, document: document, sent: g.clock.Now()}
	g.tap.begin(t)
	defer g.tap.end(func() { t.over = true })
	answer, err := g.pass(r, t)
	if err != nil {
		issuer.AbortConnection(w)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		issuer.AbortConnection(w)
	}
	g.tap.end(func() { t.answer, t.status, t.answered = body, answer.StatusCode, g.clock.Now() })
	for _, name := range []string{"Content-Type", "Retry-After"} {
		if value := answer.Header.Get(name); value != "" {
			w.Header().Set(name, value)
		}
	}
	w.WriteHeader(answer.StatusCode)
	if _, err := w.Write(body); err == nil && r.Context().Err() == nil {
		g.tap.end(func() { t.received = g.clock.Now() })
	}
}

var errDown = errors.New("crash: no process is there")

// pass hands a request to the next process that takes the connection.
func (g *gateway) pass(r *http.Request, t *transmission) (*http.Response, error) {
	for _, address := range g.choose() {
		// What was taken goes on even if its sender is gone.
		request, err := http.NewRequestWithContext(context.WithoutCancel(r.Context()), r.Method, "http://"+address+r.URL.RequestURI(), bytes.NewReader(t.document)) //nolint:gosec // the address is that of a process of the run
		if err != nil {
			return nil, err
		}
		request.Header.Set("Content-Type", r.Header.Get("Content-Type"))
		answer, err := g.client.Do(request) //nolint:gosec // as said above
		var dial *net.OpError
		if errors.As(err, &dial) && dial.Op == "dial" {
			continue
		}
		g.tap.end(func() {
			if t.deliveries = 1; err == nil {
				t.arrived = t.sent.Add(time.Nanosecond)
			}
		})
		return answer, err
	}
	return nil, errDown
}

func (t *tap) begin(x *transmission) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.list = append(t.list, x)
	if t.each != nil {
		t.each(len(t.list))
	}
}

func (t *tap) end(change func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	change()
}

// watch begins to note anew, and tells each how many there were.
func (t *tap) watch(each func(n int)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.list, t.each = nil, each
}

// unwatch tells nobody any more.
func (t *tap) unwatch() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.each = nil
}

// snapshot copies what was noted so far.
func (t *tap) snapshot() []transmission {
	t.mu.Lock()
	defer t.mu.Unlock()
	list := make([]transmission, len(t.list))
	for i, x := range t.list {
		list[i] = *x
	}
	return list
}

// open counts the requests that were sent and have no answer yet.
func (t *tap) open() (n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, x := range t.list {
		if !x.over {
			n++
		}
	}
	return n
}

// post sends a document to an address and drops what comes back.
func post(ctx context.Context, address string, document []byte) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(document))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/xml; charset=utf-8")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil // of a test instrument the answers are lost
	}
	defer func() { _ = answer.Body.Close() }()
	_, err = io.Copy(io.Discard, answer.Body)
	return err
}
