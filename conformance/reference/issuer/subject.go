package issuer

import (
	"context"
	"errors"
	"sync"

	"github.com/kecis/sdk/kecis"
)

// subject is what a payment request is about, as far as the request itself tells:
// found without the books, and without anything kept of the number.
type subject struct {
	// refusal is why nothing more is looked at; nil if there is no reason.
	refusal *kecis.Refusal
	// instrument is the issuer's name of what was decrypted; "" for an
	// InstrumentRef.
	instrument        string
	expMonth, expYear int
	verification      string
}

// subjectOf checks the mandate and decrypts the instrument of a payment that has
// been claimed. A journal that runs a change again asks again: the answer is
// remembered by the attempt's key, since decryption is the dearest step of all.
func (s *Issuer) subjectOf(ctx context.Context, a *kecis.Attempt, p *kecis.PaymentRequest) (subject, error) {
	if known, ok := s.subjects.get(a.Key); ok {
		return known, nil
	}
	found, err := s.examine(ctx, a, p)
	if err == nil {
		s.subjects.put(a.Key, found)
	}
	return found, err
}

func (s *Issuer) examine(ctx context.Context, a *kecis.Attempt, p *kecis.PaymentRequest) (subject, error) {
	if p.Instrument.Issuer != s.config.Entity {
		return subject{refusal: kecis.Refuse(kecis.ErrInvalidCard)}, nil
	}
	if err := s.checkMandate(ctx, a.Sender, p); err != nil {
		return refusedFor(err)
	}
	if p.Instrument.Encrypted == nil {
		return subject{}, nil
	}
	return s.decrypt(p)
}

// decrypt opens the instrument for this payment and no other (P8). All that
// depends on the key or the plaintext is one refusal (KECIS-ENC-021).
func (s *Issuer) decrypt(p *kecis.PaymentRequest) (subject, error) {
	plain, err := p.Reveal(s.config.Keys, s.now())
	if err != nil {
		return refusedFor(err)
	}
	id := s.vault.instrument(plain.Kind, plain.Number)
	return subject{
		instrument: id,
		expMonth:   plain.ExpMonth, expYear: plain.ExpYear,
		verification: s.vault.verification(id, plain.Verification),
	}, nil
}

// refusedFor makes a refusal a finding, which can be remembered; another error
// is a fault.
func refusedFor(err error) (subject, error) {
	if refusal, ok := errors.AsType[*kecis.Refusal](err); ok {
		return subject{refusal: refusal}, nil
	}
	return subject{}, err
}

// maxSubjects bounds what is remembered: the attempts that can be in hand at
// once, with room.
const maxSubjects = 1024

// subjects remembers those of the latest attempts. The zero value is ready.
type subjects struct {
	mu    sync.Mutex
	byKey map[string]subject
	order []string // oldest first
}

func (c *subjects) get(key string) (subject, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v, ok := c.byKey[key]
	return v, ok
}

func (c *subjects) put(key string, v subject) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byKey == nil {
		c.byKey = map[string]subject{}
	}
	if _, known := c.byKey[key]; !known {
		c.order = append(c.order, key)
	}
	c.byKey[key] = v
	if len(c.order) > maxSubjects {
		delete(c.byKey, c.order[0])
		c.order = c.order[1:]
	}
}
