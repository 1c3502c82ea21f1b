package kecis

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/metadata"
)

// Defaults of a Client.
const (
	// DefaultWindow is how long a request has to take effect: enough for a slow
	// issuer, and soon over for a buyer who waits.
	DefaultWindow = time.Minute
	// DefaultTransmission bounds one transmission: the providers' 25 seconds and
	// the way there and back.
	DefaultTransmission = 30 * time.Second
)

// Client makes requests of one entity to providers. Every request stands in the
// journal before its first byte leaves, so that after a crash it is known what
// is to be asked about or reversed. A Client may be used by several goroutines;
// its fields must not change after first use.
type Client struct {
	// Entity is the entityID of the party that asks.
	Entity   string
	Keys     Keyring
	Partners metadata.Partners
	// Journal must be durable; without one a Client makes no request.
	Journal journal.Journal
	// HTTP sends the messages. If nil, a client is used that takes TLS 1.2 and
	// later, and follows no redirect.
	HTTP *http.Client
	// Clock is the machine's if nil, Random crypto/rand, Log slog.Default.
	Clock    Clock
	Random   io.Reader
	Log      *slog.Logger
	Observer Observer
	// Window is how long a request has to take effect, at most 5 minutes
	// (KECIS-MSG-009). 0 is DefaultWindow.
	Window time.Duration
	// Transmission bounds one transmission. 0 is DefaultTransmission.
	Transmission time.Duration

	once sync.Once
	own  *http.Client
}

func (c *Client) clock() Clock {
	if c.Clock == nil {
		return SystemClock{}
	}
	return c.Clock
}

func (c *Client) random() io.Reader {
	if c.Random == nil {
		return rand.Reader
	}
	return c.Random
}

func (c *Client) log() *slog.Logger {
	if c.Log == nil {
		return slog.Default() //nolint:forbidigo // the zero Client logs as the program does
	}
	return c.Log
}

func (c *Client) observer() Observer {
	if c.Observer == nil {
		return noObserver{}
	}
	return c.Observer
}

// check refuses a client that could lose a payment.
func (c *Client) check() error {
	switch {
	case !validURI(c.Entity):
		return &configurationError{"Client.Entity"}
	case c.Keys == nil:
		return &configurationError{"Client.Keys"}
	case c.Partners == nil:
		return &configurationError{"Client.Partners"}
	case c.Journal == nil:
		return &configurationError{"Client.Journal: a client of money needs a durable one, as adapters/sqljournal; a test may use kecistest.NewJournal"}
	}
	return nil
}

// http returns the client that sends.
func (c *Client) http() *http.Client {
	if c.HTTP != nil {
		return c.HTTP
	}
	c.once.Do(func() {
		c.own = &http.Client{
			Transport: &http.Transport{
				TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12},
				MaxIdleConnsPerHost: idleConnections,
				IdleConnTimeout:     idleTimeout,
				ForceAttemptHTTP2:   true,
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	})
	return c.own
}

const (
	// idleConnections is how many connections to one provider are kept: about as
	// many requests as one process has on their way.
	idleConnections = 64
	// idleTimeout is below the minute after which many servers close.
	idleTimeout = 45 * time.Second
)

// NewPayment returns a payment request to the provider, with an ID of its own.
// The caller fills in what is to be paid; Pay gives it times and Destination.
func (c *Client) NewPayment(provider string) *PaymentRequest {
	return &PaymentRequest{RequestHeader: c.header(provider)}
}

// NewCapture returns a capture request to the provider.
func (c *Client) NewCapture(provider string) *CaptureRequest {
	return &CaptureRequest{RequestHeader: c.header(provider)}
}

// NewCancellation returns a cancellation request to the provider.
func (c *Client) NewCancellation(provider string) *CancellationRequest {
	return &CancellationRequest{RequestHeader: c.header(provider)}
}

// header begins a request. A source of randomness that fails leaves the ID
// empty, and the request is refused before it is sent.
func (c *Client) header(provider string) RequestHeader {
	id, _ := NewID(c.random())
	return RequestHeader{Header: Header{ID: id, Sender: c.Entity, to: provider}}
}

// Pay sends a payment request and returns the answer. The error is nil if the
// payment is done, else a *Fault that says what is known: of an outcome that is
// Unknown, call Settle. Requests that cannot be made are other errors; of them
// nothing was sent.
func (c *Client) Pay(ctx context.Context, p *PaymentRequest) (*PaymentResponse, error) {
	m, err := c.request(ctx, p)
	answer, _ := m.(*PaymentResponse)
	return answer, err
}

// errTerms is the cause of an unknown outcome: what was approved is not what was
// asked for (KECIS-PAY-012).
var errTerms = errors.New("kecis: the answer states another amount or other terms than asked for")

// Capture sends a capture request, as Pay does a payment.
func (c *Client) Capture(ctx context.Context, p *CaptureRequest) (*CaptureResponse, error) {
	m, err := c.request(ctx, p)
	answer, _ := m.(*CaptureResponse)
	return answer, err
}

// Cancel sends a cancellation request, as Pay does a payment.
func (c *Client) Cancel(ctx context.Context, p *CancellationRequest) (*CancellationResponse, error) {
	m, err := c.request(ctx, p)
	answer, _ := m.(*CancellationResponse)
	return answer, err
}

// Inquire asks a provider for a state. An outcome of not-found is a *Fault with
// the code ErrNotFound, which promises nothing: see Settle.
func (c *Client) Inquire(ctx context.Context, provider string, about Original) (*InquiryResponse, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	o, err := c.outgoing(ctx, provider, &InquiryRequest{Original: about}, "", time.Time{})
	if err != nil {
		return nil, err
	}
	m, err := c.Exchange(ctx, o)
	if err != nil {
		return nil, err
	}
	answer, ok := m.(*InquiryResponse)
	if !ok {
		return nil, refusedFault(m)
	}
	return answer, answer.Status.Err()
}

// request journals a request, sends it until there is an answer, and journals
// that.
func (c *Client) request(ctx context.Context, m Message) (Message, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	h := headerOfRequest(m)
	o, err := c.outgoing(ctx, h.to, m, string(h.ID), time.Time{})
	if err != nil {
		return nil, err
	}
	now := c.clock().Now()
	o.row.Due = o.row.Deadline.Add(abandonedAfter)
	if err := c.Journal.Update(ctx, func(tx journal.Tx) error { return o.insert(tx, now) }); err != nil {
		return nil, err
	}
	answer, err := c.Exchange(ctx, o)
	if err != nil {
		return nil, err
	}
	err = c.Journal.Update(ctx, func(tx journal.Tx) error {
		if err := o.record(tx, c.clock().Now()); err != nil || statusOf(answer).Outcome != Done {
			return err
		}
		if owed, err := reversalIsOwed(tx, &o.row); owed || err != nil {
			return errors.Join(errReversalOwed, err)
		}
		return nil
	})
	if errors.Is(err, errReversalOwed) { // background work has given it up in the meantime
		return answer, unknownFault(err)
	}
	if err != nil { // it comes again, by background work
		c.log().ErrorContext(ctx, "an answer could not be journaled", slog.String("id", o.row.ID), slog.Any("error", err))
	}
	if refusal, ok := answer.(*RefusalResponse); ok {
		return nil, refusal.Status.Err()
	}
	status := statusOf(answer)
	if paid, ok := answer.(*PaymentResponse); ok && status.Outcome == Done && !o.asAsked(&paid.Transaction) {
		return answer, unknownFault(errTerms)
	}
	return answer, status.Err()
}

// abandonedAfter is how long after its deadline a request without an answer is
// left to the program that made it, before background work settles it.
const abandonedAfter = time.Minute

// statusOf returns the status of an answer; nil of a request.
func statusOf(m Message) *Status {
	if h := headerOfResponse(m); h != nil {
		return &h.Status
	}
	return nil
}

// headerOfResponse returns the header of an answer; nil of a request.
func headerOfResponse(m Message) *ResponseHeader {
	switch m := m.(type) {
	case *PaymentResponse:
		return &m.ResponseHeader
	case *CaptureResponse:
		return &m.ResponseHeader
	case *CancellationResponse:
		return &m.ResponseHeader
	case *ReversalResponse:
		return &m.ResponseHeader
	case *InquiryResponse:
		return &m.ResponseHeader
	case *FeedResponse:
		return &m.ResponseHeader
	case *ReconciliationResponse:
		return &m.ResponseHeader
	case *NotificationResponse:
		return &m.ResponseHeader
	case *RefusalResponse:
		return &m.ResponseHeader
	case *OrderResponse:
		return &m.ResponseHeader
	case *AuthenticationResponse:
		return &m.ResponseHeader
	}
	return nil
}

// unknownFault is the fault of a request of which it is not known what became.
func unknownFault(cause error) *Fault {
	status := NewStatus(ErrOutcomeUnknown)
	return &Fault{
		Outcome: Unknown, Retry: status.Retry, Code: status.Code, Korean: status.Korean, English: status.English, cause: cause,
	}
}

// refusedFault is the fault that an answer of another kind than asked for says.
func refusedFault(m Message) error {
	if status := statusOf(m); status != nil && status.Outcome != Done {
		return status.Err()
	}
	return unknownFault(nil)
}
