package amountauth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"github.com/kecis/sdk/kecis/journal"
)

// maxRecent bounds the drawn values that are remembered of a card. A holder who
// has more successful sessions than that in 30 days may see one again.
const maxRecent = 32

// card is what is counted of an instrument, by its token.
type card struct {
	Sessions []counted `json:"sessions"`
}

// counted is a session of a card.
type counted struct {
	ID string    `json:"id"`
	At time.Time `json:"at"`
	// Void says that it does not count as failed: it was verified, or no hold was
	// ever made. All others do: what is still open may be left.
	Void bool `json:"void"`
	// Locked says that it ended by wrong values.
	Locked bool   `json:"locked"`
	KeyID  string `json:"keyID"`
	Drawn  []byte `json:"drawn"` // keyed digest of the drawn value
}

// cardKey names the row of a token.
func cardKey(token string) string {
	sum := sha256.Sum256([]byte("card\n" + token))
	return hex.EncodeToString(sum[:])
}

// loadCard reads the row of a token, without what is too old to matter.
func loadCard(tx journal.Records, key string, now time.Time) (*card, error) {
	c, err := load[card](tx, spaceCard, key)
	if errors.Is(err, journal.ErrNotFound) {
		return &card{}, nil
	}
	if err != nil {
		return nil, err
	}
	kept := c.Sessions[:0]
	for _, s := range c.Sessions {
		if now.Before(s.At.Add(cardWindow)) {
			kept = append(kept, s)
		}
	}
	c.Sessions = kept
	return c, nil
}

func (c *card) save(tx journal.Records, key string) error {
	if len(c.Sessions) == 0 {
		return tx.Delete(spaceCard, key)
	}
	return save(tx, spaceCard, key, c)
}

// failed counts the sessions that have failed, were left, or are open.
func (c *card) failed() (n int) {
	for _, s := range c.Sessions {
		if !s.Void {
			n++
		}
	}
	return n
}

// recent reports whether a value was drawn of late.
func (c *card) recent(keys ring, key string, v Variant, form string) bool {
	found := false
	for _, s := range c.Sessions {
		if k, ok := keys.find(s.KeyID); ok && hmac.Equal(s.Drawn, k.mac(purposeRecent, key, string(v), form)) {
			found = true
		}
	}
	return found
}

// count adds a session. Of those that do not count the oldest is forgotten when
// there are too many.
func (c *card) count(s counted) {
	if len(c.Sessions) >= maxRecent {
		for i := range c.Sessions {
			if c.Sessions[i].Void {
				c.Sessions = append(c.Sessions[:i], c.Sessions[i+1:]...)
				break
			}
		}
	}
	c.Sessions = append(c.Sessions, s)
}

// settle writes into the card's rows how a session has ended.
func (r *record) settle(tx journal.Records, now time.Time) error {
	for _, key := range r.Cards {
		c, err := loadCard(tx, key, now)
		if err != nil {
			return err
		}
		for i := range c.Sessions {
			if s := &c.Sessions[i]; s.ID == r.id {
				s.Void = r.State == Verified || r.State == NotStarted
				s.Locked = r.State == Locked
			}
		}
		if err := c.save(tx, key); err != nil {
			return err
		}
	}
	return nil
}
