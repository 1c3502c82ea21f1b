package kecis

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"

	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmlsig"
)

// eventSpace is the space of the journal's records that keeps which events have
// been taken.
const eventSpace = "kecis.event"

// ReceiverConfig is what a Receiver is made of. Entity, Endpoint, Keys, Partners,
// Journal and Take must be set.
type ReceiverConfig struct {
	// Entity is the requester's entityID, Endpoint the address of its receiver as
	// its metadata state it.
	Entity, Endpoint string
	Keys             Keyring
	Partners         metadata.Partners
	Journal          journal.Journal
	// Take is given each event at least once, and mostly exactly once: a crash
	// behind it, before it is written down, brings the event again. An error lets
	// the provider send it again later. Events of one transaction may come out of
	// order after a failure: each holds the whole state, and Sequence its place.
	Take func(ctx context.Context, provider string, e *Event) error
	// Clock, Random, Log, Observer and MaxConcurrent are as a Server's.
	Clock         Clock
	Random        io.Reader
	Log           *slog.Logger
	Observer      Observer
	MaxConcurrent int
}

// Receiver takes the notifications of providers: an http.Handler that verifies
// them, tells repeats by the event's ID, and acknowledges by a signed answer
// (P18). A notification is a hint, not a proof: who needs to be sure asks the
// provider, by Inquire or Events.
type Receiver struct {
	server *Server
	config ReceiverConfig
}

// NewReceiver makes a Receiver. Its errors wrap ErrConfiguration.
func NewReceiver(config ReceiverConfig) (*Receiver, error) {
	if config.Take == nil {
		return nil, &configurationError{"ReceiverConfig.Take"}
	}
	c := ServerConfig{
		Entity: config.Entity, Endpoint: config.Endpoint, Keys: config.Keys, Partners: config.Partners, Journal: config.Journal,
		Clock: config.Clock, Random: config.Random, Log: config.Log, Observer: config.Observer, MaxConcurrent: config.MaxConcurrent,
	}
	if err := c.checkParty(); err != nil {
		return nil, err
	}
	c.fill()
	s := &Server{config: c, clock: c.Clock, log: c.Log.With(slog.String("entity", c.Entity)), source: metadata.Keys(c.Partners, c.Clock.Now)}
	profile := xmlsig.Message(NotificationRequestKind.Root())
	s.plain, s.soap = &xmlsig.Verifier{Profile: profile}, &xmlsig.Verifier{Profile: xmlsig.SOAP(profile)}
	r := &Receiver{server: s, config: config}
	s.receiver = r
	return r, nil
}

// ServeHTTP takes one notification.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	r.server.ServeHTTP(w, request)
}

// take gives an event to the program, once, and acknowledges it.
func (r *Receiver) take(ctx context.Context, in *received, m *NotificationRequest) reply {
	key := in.header.Sender + " " + m.Event.ID
	err := r.config.Journal.View(ctx, func(tx journal.Tx) error {
		_, err := tx.Get(eventSpace, key)
		return err
	})
	switch {
	case err == nil:
		return r.server.sign(ctx, in, Acknowledged)
	case !errors.Is(err, journal.ErrNotFound):
		r.server.log.ErrorContext(ctx, "the journal cannot be read", slog.String("event", m.Event.ID), slog.Any("error", err))
		return unavailable()
	}
	_, err = guarded(ctx, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, r.config.Take(ctx, in.header.Sender, &m.Event)
	})
	if err != nil {
		r.server.log.WarnContext(ctx, "an event was not taken", slog.String("event", m.Event.ID), slog.Any("error", err))
		return unavailable()
	}
	at := FormatInstant(r.server.clock.Now())
	if err := r.config.Journal.Update(ctx, func(tx journal.Tx) error { return tx.Put(eventSpace, key, []byte(at)) }); err != nil {
		r.server.log.ErrorContext(ctx, "an event could not be written down", slog.String("event", m.Event.ID), slog.Any("error", err))
		return unavailable()
	}
	return r.server.sign(ctx, in, Acknowledged)
}
