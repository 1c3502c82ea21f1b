// Package issuer is the reference issuer: what a card company, a bank or an
// issuer of prepaid electronic money has behind the SDK. It is certified by the
// suite like any other issuer, it is the issuer of the demo and of the
// simulation, and the defects of the suite are made of it.
//
// An [Issuer] implements kecis.Payments, kecis.Captures, kecis.Cancellations and
// kecis.Planner on the records of the journal that the Server has too, so that
// holds, limits, the ledger's postings and the cardholder's message are one
// commit with the claim of the request. It has no state of its own beside that
// but a cache: any number of issuers may work on one journal.
//
// Card and account numbers are read once, when an instrument is decrypted, and
// never kept: what is stored is keyed by a keyed digest of the number, with the
// first six and last four digits beside it for people.
package issuer

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/kecis/sdk/conformance/reference/ledger"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmlenc"
	"github.com/kecis/sdk/kecis/xmlsig"
	"github.com/kecis/sdk/kecis/xmltree"
)

// Config is what an Issuer is made of.
type Config struct {
	// Entity is the issuer's entityID.
	Entity string
	// Journal is the one that the Server has.
	Journal journal.Journal
	Clock   kecis.Clock
	// Random makes InstrumentRefs. It must be a cryptographic source that
	// several goroutines may read; nil is crypto/rand.
	Random io.Reader
	// Keys decrypt instruments.
	Keys xmlenc.KeyFinder
	// NumberKey keys the digests under which numbers are stored: at least 32
	// secret bytes, kept as long as the records.
	NumberKey []byte
	// Shops are those whose signature under a mandate is checked
	// (KECIS-PAY-023); nil for none. It must answer from memory.
	Shops metadata.Partners
	// HoldTime is how long an amount that is not captured stays held; zero is
	// DefaultHoldTime.
	HoldTime time.Duration
	// Name stands before every message to a cardholder; "" is DefaultName.
	Name string
}

const (
	// DefaultHoldTime is how long Korean issuers usually wait for the capture.
	DefaultHoldTime = 7 * 24 * time.Hour
	// DefaultName is the name of the reference issuer.
	DefaultName = "KECIS카드"
	// minNumberKey is the length of the digest that it keys.
	minNumberKey = 32
	// refundPeriod is how long after its capture a payment can be refunded:
	// Korean card companies take cancellations for a year.
	refundPeriod = 365 * 24 * time.Hour
)

// Issuer is the service. Its methods may be called from several goroutines.
type Issuer struct {
	config   Config
	vault    vault
	books    ledger.Ledger
	evidence *xmlsig.Verifier
	parser   xmltree.Parser
	subjects subjects
}

var (
	_ kecis.Payments      = (*Issuer)(nil)
	_ kecis.Captures      = (*Issuer)(nil)
	_ kecis.Cancellations = (*Issuer)(nil)
	_ kecis.Planner       = (*Issuer)(nil)
)

// New returns an Issuer. Instruments are made known to it by Enrol.
func New(c Config) (*Issuer, error) {
	switch {
	case c.Entity == "" || c.Journal == nil || c.Clock == nil || c.Keys == nil:
		return nil, errors.New("issuer: Entity, Journal, Clock and Keys are needed")
	case len(c.NumberKey) < minNumberKey:
		return nil, fmt.Errorf("issuer: NumberKey needs %d bytes or more", minNumberKey)
	case c.HoldTime < 0:
		return nil, errors.New("issuer: HoldTime is negative")
	}
	if c.Random == nil {
		c.Random = rand.Reader
	}
	if c.HoldTime == 0 {
		c.HoldTime = DefaultHoldTime
	}
	if c.Name == "" {
		c.Name = DefaultName
	}
	return &Issuer{
		config:   c,
		vault:    vault{key: append([]byte(nil), c.NumberKey...)},
		books:    ledger.New("issuer"),
		evidence: &xmlsig.Verifier{Profile: xmlsig.Message(kecis.PaymentRequestKind.Root(), kecis.PaymentOrderKind.Root(), kecis.AuthenticationRequestKind.Root())},
	}, nil
}

// Ledger returns the issuer's books, for who wants to audit them.
func (s *Issuer) Ledger() ledger.Ledger { return s.books }

// now is the issuer's time to the millisecond, as the journal keeps times.
func (s *Issuer) now() time.Time { return s.config.Clock.Now().UTC().Truncate(time.Millisecond) }

// update runs change in one commit.
func (s *Issuer) update(ctx context.Context, change func(tx journal.Tx) error) error {
	return s.config.Journal.Update(ctx, change)
}
