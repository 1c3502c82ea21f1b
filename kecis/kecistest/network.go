package kecistest

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
)

// Network connects parties in memory: requests to an address go to its handler.
// It may be used by several goroutines.
type Network struct {
	mu       sync.Mutex
	handlers map[string]http.Handler
	fault    func(*http.Request) Fault
}

// Fault is what happens to one exchange.
type Fault int

// The faults.
const (
	// Delivered: nothing happens to it.
	Delivered Fault = iota
	// RequestLost: the request does not arrive.
	RequestLost
	// AnswerLost: the request arrives, and its answer is lost.
	AnswerLost
	// RequestTwice: the request arrives twice; the second answer is given.
	RequestTwice
)

// ErrLost is the transport's error of a lost request or answer.
var ErrLost = errors.New("kecistest: lost on the way")

// NewNetwork returns a network without parties.
func NewNetwork() *Network { return &Network{handlers: map[string]http.Handler{}} }

// Handle puts a handler at an address.
func (n *Network) Handle(address string, h http.Handler) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.handlers[address] = h
}

// Fault lets choose decide what happens to each exchange from now on; nil lets
// all arrive.
func (n *Network) Fault(choose func(*http.Request) Fault) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.fault = choose
}

// Client returns an HTTP client on the network, for kecis.Client.
func (n *Network) Client() *http.Client { return &http.Client{Transport: n} }

// RoundTrip implements http.RoundTripper.
func (n *Network) RoundTrip(r *http.Request) (*http.Response, error) {
	n.mu.Lock()
	handler, fault := n.handlers[r.URL.String()], Delivered
	if n.fault != nil {
		fault = n.fault(r)
	}
	n.mu.Unlock()
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if handler == nil || fault == RequestLost {
		return nil, fmt.Errorf("%w: %s", ErrLost, r.URL.Host)
	}
	answer, err := serve(handler, r, fault == RequestTwice)
	if err == nil && fault == AnswerLost {
		return nil, fmt.Errorf("%w: the answer of %s", ErrLost, r.URL.Host)
	}
	return answer, err
}

// serve gives a request to a handler, as a server would read it.
func serve(h http.Handler, r *http.Request, twice bool) (*http.Response, error) {
	once := func() (*http.Response, error) {
		in := r.Clone(r.Context())
		if r.GetBody != nil {
			body, err := r.GetBody()
			if err != nil {
				return nil, err
			}
			in.Body = body
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, in)
		return w.Result(), nil
	}
	if twice {
		if _, err := once(); err != nil {
			return nil, err
		}
	}
	return once()
}
