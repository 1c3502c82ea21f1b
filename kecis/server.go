package kecis

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmlsig"
	"github.com/kecis/sdk/kecis/xmltree"
)

// Defaults of a Server.
const (
	// DefaultAnswerWithin is below the 30 seconds that Korean PGs tell their
	// merchants to wait for an answer.
	DefaultAnswerWithin = 25 * time.Second
	// DefaultMaxConcurrent bounds the requests that are worked on at a time: each
	// holds a few tens of kilobytes.
	DefaultMaxConcurrent = 1024
	// DefaultAnswerRetention is how long a recorded answer is kept (P16).
	DefaultAnswerRetention = 30 * 24 * time.Hour
	// DefaultRetention is how long transactions are kept: 5 years, as Korean law
	// asks for records of payments (Act on Consumer Protection in Electronic
	// Commerce, decree, article 6).
	DefaultRetention = 5 * 365 * 24 * time.Hour
	// DefaultReversalCutOff is how long a payment can be reversed where the role
	// says nothing: a day's settlement.
	DefaultReversalCutOff = 24 * time.Hour
	// DefaultHoldTime is how long an authorisation holds money where the role says
	// nothing: Korean issuers wait a week for the capture.
	DefaultHoldTime = 7 * 24 * time.Hour
)

// The times of the standard that are the same for all (chapter 25).
const (
	// MaxSkew is how far ahead of the recipient's clock an IssueInstant may lie.
	MaxSkew = 60 * time.Second
	// RepeatWindow is how long after its deadline a repeated request still gets
	// the recorded answer (P9).
	RepeatWindow = 5 * time.Minute
	// CaptureMargin is how much earlier than the issuer's hold ends a PG stops
	// capturing (KECIS-CAP-008): the clocks of the two and the way of a message lie
	// in between.
	CaptureMargin = 5 * time.Minute
)

// ServerConfig is what a Server is made of. Entity, Endpoint, Keys, Partners,
// Journal, Role and at least Payments, or Authentications for a Role of
// authentication, must be set.
type ServerConfig struct {
	// Entity is the provider's entityID, Endpoint the address of the back
	// channel, which requests must name as their Destination.
	Entity, Endpoint string
	Keys             Keyring
	Partners         metadata.Partners
	// Journal must be durable: a Server remembers nothing by itself.
	Journal journal.Journal
	// Role is what the metadata declare; what they do not is refused
	// (KECIS-PAY-007). Its endpoints and versions are filled in by the Server, and
	// its algorithms too if it names none.
	Role metadata.Role

	// Description is what the metadata say beside that, see Server.Metadata; nil
	// for a Server that publishes none.
	Description *Description

	// Payments is the service. Captures and Cancellations may be nil; then they
	// are not declared. If Payments also implements Planner, Forwarder or Poster,
	// these are used.
	Payments      Payments
	Captures      Captures
	Cancellations Cancellations
	// Authentications is the service of authentication (chapter 58); nil for none.
	// If it also implements Confirmations or Exempter, these are used. Several
	// methods are joined by AuthenticationMethods. For a Role of authentication it
	// stands alone, and Payments is nil.
	Authentications Authentications
	// Checkout takes orders on the front channel (chapter 57); the zero Checkout
	// takes none, and declares none.
	Checkout Checkout

	// Clock is the machine's if nil, Random crypto/rand, Log slog.Default.
	Clock  Clock
	Random io.Reader
	Log    *slog.Logger
	// Observer is told of exchanges; nil for none.
	Observer Observer
	// Client sends notifications, and what a Forwarder forwards; nil makes one of
	// the same entity and journal.
	Client *Client

	// AnswerWithin is how long a requester waits for an answer at most; then it
	// is told that the outcome is unknown. 0 is DefaultAnswerWithin.
	AnswerWithin time.Duration
	// MaxConcurrent bounds the requests at a time; those above get a 503. 0 is
	// DefaultMaxConcurrent.
	MaxConcurrent int
	// AnswerRetention and Retention say how long recorded answers and
	// transactions are kept; 0 is the default.
	AnswerRetention, Retention time.Duration
}

// Server is a provider of KECIS services: an http.Handler that takes signed
// requests and gives signed answers, around a vendor's service. It keeps no
// state of its own; several Servers may share one journal.
type Server struct {
	config    ServerConfig
	clock     Clock
	log       *slog.Logger
	source    xmlsig.KeySource
	plain     *xmlsig.Verifier
	soap      *xmlsig.Verifier
	orders    *xmlsig.Verifier
	planner   Planner
	poster    Poster
	forwarder Forwarder
	client    *Client
	receiver  *Receiver // of a Receiver's server alone

	working   atomic.Int64
	draining  atomic.Bool
	nextSweep atomic.Int64 // Unix time in nanoseconds
}

// ErrConfiguration is the error of a configuration that cannot work; it is
// wrapped with what is missing.
var ErrConfiguration = errors.New("kecis: the configuration is incomplete")

// NewServer makes a Server. Its errors wrap ErrConfiguration.
func NewServer(config ServerConfig) (*Server, error) {
	if err := config.check(); err != nil {
		return nil, err
	}
	config.fill()
	s := &Server{config: config, clock: config.Clock, log: config.Log.With(slog.String("entity", config.Entity))}
	s.source = metadata.Keys(config.Partners, s.clock.Now)
	requests := xmlsig.Message(config.kinds()...)
	from := string(metadata.Requester)
	switch config.Role.Name {
	case metadata.Issuer:
		from = string(metadata.PG)
	case metadata.Authentication: // of shops and PGs
		from = ""
	}
	s.plain = &xmlsig.Verifier{Profile: requests, Role: from}
	s.soap = &xmlsig.Verifier{Profile: xmlsig.SOAP(requests), Role: from}
	s.orders = &xmlsig.Verifier{Profile: xmlsig.Message(PaymentOrderKind.Root()), Role: string(metadata.Requester)}
	s.planner, _ = config.Payments.(Planner)
	s.poster, _ = config.Payments.(Poster)
	s.forwarder, _ = config.Payments.(Forwarder)
	if s.client = config.Client; s.client == nil {
		s.client = &Client{
			Entity: config.Entity, Keys: config.Keys, Partners: config.Partners, Journal: config.Journal,
			Clock: config.Clock, Random: config.Random, Log: config.Log,
		}
	}
	return s, nil
}

// check names the first thing that is missing.
func (c *ServerConfig) check() error {
	if err := c.checkParty(); err != nil {
		return err
	}
	if c.Role.Name == metadata.Authentication {
		return c.checkAuthentication()
	}
	switch {
	case c.Role.Name != metadata.PG && c.Role.Name != metadata.Issuer:
		return &configurationError{"ServerConfig.Role.Name: pg, issuer or authentication"}
	case len(c.Role.Methods) == 0:
		return &configurationError{"ServerConfig.Role.Methods"}
	case len(c.Role.Currencies) == 0:
		return &configurationError{"ServerConfig.Role.Currencies"}
	case c.Payments == nil:
		return &configurationError{"ServerConfig.Payments"}
	case c.Description != nil && c.Description.Signer == nil:
		return &configurationError{"ServerConfig.Description.Signer"}
	}
	return c.Checkout.check(c.Endpoint)
}

// checkAuthentication names what is missing or too much of a provider of
// authentication alone.
func (c *ServerConfig) checkAuthentication() error {
	switch {
	case c.Authentications == nil:
		return &configurationError{"ServerConfig.Authentications"}
	case c.Payments != nil || c.Captures != nil || c.Cancellations != nil || c.Checkout.Page != nil:
		return &configurationError{"ServerConfig.Payments: a role of authentication has none"}
	case c.Description != nil && c.Description.Signer == nil:
		return &configurationError{"ServerConfig.Description.Signer"}
	}
	return nil
}

// confirms reports whether the service takes what the buyer typed.
func (c *ServerConfig) confirms() bool {
	if several, ok := c.Authentications.(*AuthenticationMethods); ok {
		return several.confirms()
	}
	_, ok := c.Authentications.(Confirmations)
	return ok
}

// checkParty names the first thing that is missing of what every party has.
func (c *ServerConfig) checkParty() error {
	for _, field := range []struct {
		name    string
		missing bool
	}{
		{"Entity", !validURI(c.Entity)},
		{"Endpoint", !validURI(c.Endpoint)},
		{"Keys", c.Keys == nil},
		{"Partners", c.Partners == nil},
		{"Journal: a server of money needs a durable one, as adapters/sqljournal; a test may use kecistest.NewJournal", c.Journal == nil},
	} {
		if field.missing {
			return &configurationError{field.name}
		}
	}
	return nil
}

type configurationError struct{ field string }

func (e *configurationError) Error() string { return ErrConfiguration.Error() + ": " + e.field }
func (e *configurationError) Unwrap() error { return ErrConfiguration }

// fill puts the defaults in.
func (c *ServerConfig) fill() {
	if c.Clock == nil {
		c.Clock = SystemClock{}
	}
	if c.Random == nil {
		c.Random = rand.Reader
	}
	if c.Log == nil {
		c.Log = slog.Default() //nolint:forbidigo // the zero configuration logs as the program does
	}
	if c.Observer == nil {
		c.Observer = noObserver{}
	}
	c.AnswerWithin = orDefault(c.AnswerWithin, DefaultAnswerWithin)
	c.MaxConcurrent = orDefault(c.MaxConcurrent, DefaultMaxConcurrent)
	c.AnswerRetention = orDefault(c.AnswerRetention, DefaultAnswerRetention)
	c.Retention = orDefault(c.Retention, DefaultRetention)
	if c.Payments != nil {
		c.Role.ReversalCutOff = orDefault(c.Role.ReversalCutOff, DefaultReversalCutOff)
	}
	if c.Role.Captures != "" {
		c.Role.HoldTime = orDefault(c.Role.HoldTime, DefaultHoldTime)
	}
	c.Role.Endpoints = c.endpoints()
	c.Role.Versions = []string{Namespace}
	if len(c.Role.Algorithms) == 0 {
		for _, a := range xmlsig.Algorithms() {
			c.Role.Algorithms = append(c.Role.Algorithms, string(a))
		}
	}
}

func orDefault[T ~int | ~int64](value, otherwise T) T {
	if value == 0 {
		return otherwise
	}
	return value
}

// services are those that the configuration offers.
func (c *ServerConfig) services() []metadata.Service {
	list := []metadata.Service{metadata.ServiceReversal, metadata.ServiceInquiry, metadata.ServiceFeed}
	if c.Payments != nil {
		list = append([]metadata.Service{metadata.ServicePayment}, append(list, metadata.ServiceReconciliation)...)
	}
	if c.Authentications != nil {
		list = append(list, metadata.ServiceAuthentication)
	}
	if c.confirms() {
		list = append(list, metadata.ServiceConfirmation)
	}
	if c.Captures != nil {
		list = append(list, metadata.ServiceCapture)
	}
	if c.Cancellations != nil {
		list = append(list, metadata.ServiceCancellation)
	}
	return list
}

// endpoints are the addresses of the services: one, in both bindings of the back
// channel, since the body tells them apart.
func (c *ServerConfig) endpoints() []metadata.Endpoint {
	var list []metadata.Endpoint
	for _, service := range c.services() {
		for _, binding := range []metadata.Binding{metadata.BindingXML, metadata.BindingSOAP} {
			list = append(list, metadata.Endpoint{Service: service, Binding: binding, Location: c.Endpoint})
		}
	}
	if c.Checkout.Page != nil {
		list = append(list, metadata.Endpoint{Service: metadata.ServiceOrder, Binding: metadata.BindingForm, Location: c.Checkout.Location})
	}
	return list
}

// kinds are the roots that are taken. All are, so that one that is not served is
// told so in a signed answer.
func (c *ServerConfig) kinds() []xmlsig.Name {
	return []xmlsig.Name{
		PaymentRequestKind.Root(), CaptureRequestKind.Root(), CancellationRequestKind.Root(),
		ReversalRequestKind.Root(), InquiryRequestKind.Root(), FeedRequestKind.Root(), ReconciliationRequestKind.Root(),
		AuthenticationRequestKind.Root(), ConfirmationRequestKind.Root(),
	}
}

// Drain makes the Server refuse new requests with a 503 from now on and returns
// when those at work have ended, or with the context's error.
func (s *Server) Drain(ctx context.Context) error {
	s.draining.Store(true)
	for s.working.Load() > 0 {
		if err := s.clock.Sleep(ctx, drainPoll); err != nil {
			return err
		}
	}
	return nil
}

// AtWork returns how many requests are being worked on at this moment.
func (s *Server) AtWork() int { return int(s.working.Load()) }

// drainPoll is how often Drain looks: an answer takes milliseconds.
const drainPoll = 10 * time.Millisecond

// admit counts a request in, or reports that there is no room for it.
func (s *Server) admit() bool {
	if s.working.Add(1) > int64(s.config.MaxConcurrent) || s.draining.Load() {
		s.working.Add(-1)
		return false
	}
	return true
}

// maxBody bounds the body of a request: the largest document and a SOAP envelope.
const maxBody = xmltree.MaxBytes + 4<<10
