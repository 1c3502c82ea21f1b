package load

import (
	"bytes"
	"context"
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

// Floor is what no implementation can be faster than: the cryptography of a
// payment and its durable commits.
type Floor struct {
	Payments int
	Took     time.Duration
	// Crypto is the processor time of one payment's cryptography.
	Crypto time.Duration
}

// Rate is payments per second.
func (f *Floor) Rate() float64 { return float64(f.Payments) / f.Took.Seconds() }

// The sizes of what is signed and encrypted, in bytes, as in the payments of a
// run: two requests (the PG's holds the shop's as evidence) and two answers.
const (
	shopRequest = 4 << 10
	pgRequest   = 9 << 10
	answerBytes = 2 << 10
	cardPayload = 1 << 10
)

// floorTime is how long the floor is measured.
const floorTime = 3 * time.Second

// floor makes the cryptography of payments, and as many durable commits as they
// take: two at each provider, grouped like theirs.
func (m *market) floor(ctx context.Context, c *Config) (f Floor, err error) {
	f.Crypto, err = m.cryptography()
	if err != nil {
		return f, err
	}
	var files [2]*commits
	for i, name := range []string{"floor-pg.log", "floor-issuer.log"} {
		if files[i], err = openCommits(filepath.Join(c.Folder, name)); err != nil {
			return f, err
		}
		defer files[i].close()
	}
	var done atomic.Int64
	var failed atomic.Pointer[error]
	var workers sync.WaitGroup
	began := c.Clock.Now()
	for range c.Concurrency {
		workers.Go(func() {
			for c.Clock.Now().Sub(began) < floorTime && failed.Load() == nil && ctx.Err() == nil {
				if err := m.floorPayment(files); err != nil {
					failed.CompareAndSwap(nil, &err)
				}
				done.Add(1)
			}
		})
	}
	workers.Wait()
	f.Payments, f.Took = int(done.Load()), c.Clock.Now().Sub(began)
	if err := failed.Load(); err != nil {
		return f, *err
	}
	return f, nil
}

// floorPayment is one payment of the floor, in the order of a real one: the shop
// conceals the card and signs; the PG verifies, signs on, and commits its claim;
// the issuer verifies both signatures, opens the card, claims and seals; the PG
// verifies, signs and seals; the shop verifies.
func (m *market) floorPayment(files [2]*commits) error {
	if err := m.cryptographyOfRequests(); err != nil {
		return err
	}
	for _, file := range []*commits{files[0], files[1], files[1]} {
		if err := file.commit(); err != nil {
			return err
		}
	}
	if err := m.cryptographyOfAnswers(); err != nil {
		return err
	}
	return files[0].commit()
}

func (m *market) cryptographyOfRequests() error {
	if err := m.seal(); err != nil {
		return err
	}
	if err := exchange(m.shop, shopRequest, 2); err != nil { // the issuer verifies it too, as evidence
		return err
	}
	return exchange(m.pg, pgRequest, 1)
}

func (m *market) cryptographyOfAnswers() error {
	if err := exchange(m.issuer, answerBytes, 1); err != nil {
		return err
	}
	return exchange(m.pg, answerBytes, 1)
}

// cryptography measures one payment's cryptography on one processor.
func (m *market) cryptography() (time.Duration, error) {
	const rounds = 200
	before := processorTime()
	for range rounds {
		if err := m.cryptographyOfRequests(); err != nil {
			return 0, err
		}
		if err := m.cryptographyOfAnswers(); err != nil {
			return 0, err
		}
	}
	return (processorTime() - before) / rounds, nil
}

// exchange hashes and signs a message, and hashes and verifies it as often as it
// is verified.
func exchange(p *party, size, verified int) error {
	message := make([]byte, size)
	digest := sha256.Sum256(message)
	signature, err := p.key.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		return err
	}
	for range verified {
		digest = sha256.Sum256(message)
		good := false
		switch key := p.key.Public().(type) {
		case *ecdsa.PublicKey:
			good = ecdsa.VerifyASN1(key, digest[:], signature)
		case *rsa.PublicKey:
			good = rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], signature) == nil
		}
		if !good {
			return errFloor
		}
	}
	return nil
}

var errFloor = errors.New("load: the floor's cryptography does not hold together")

// seal encrypts a card to the issuer, and opens it there.
func (m *market) seal() error {
	if key, ok := m.issuer.opener.(*rsa.PrivateKey); ok {
		wrapped, err := rsa.EncryptOAEP(sha256.New(), rand.Reader, &key.PublicKey, make([]byte, 32), nil)
		if err != nil {
			return err
		}
		content, err := rsa.DecryptOAEP(sha256.New(), nil, key, wrapped, nil)
		if err != nil {
			return err
		}
		return sealAndOpen(content)
	}
	key, _ := m.issuer.opener.(*ecdsa.PrivateKey)
	own, err := key.ECDH()
	if err != nil {
		return err
	}
	passing, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	sent, err := passing.ECDH(own.PublicKey())
	if err != nil {
		return err
	}
	got, err := own.ECDH(passing.PublicKey())
	if err != nil || !bytes.Equal(sent, got) {
		return errFloor
	}
	return sealAndOpen(got)
}

func sealAndOpen(key []byte) error {
	block, err := aes.NewCipher(key)
	if err != nil {
		return err
	}
	gcm, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return err
	}
	_, err = gcm.Open(nil, nil, gcm.Seal(nil, nil, make([]byte, cardPayload), nil), nil) //nolint:gosec // the nonce is drawn inside
	return err
}

// commits is a file that waiting writers append to in one durable write, as a
// database does with waiting transactions.
type commits struct {
	file    *os.File
	mu      sync.Mutex
	waiting []chan error
	busy    bool
}

func openCommits(path string) (*commits, error) {
	file, err := os.OpenFile(filepath.Clean(path), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	return &commits{file: file}, err
}

func (c *commits) close() { _ = c.file.Close() }

// commitBytes is what one commit writes: the rows and documents of a claim or a
// seal, about.
const commitBytes = 8 << 10

// commit returns when what it wrote is on the disk. One of those that wait writes
// for all.
func (c *commits) commit() error {
	mine := make(chan error, 1)
	c.mu.Lock()
	c.waiting = append(c.waiting, mine)
	if c.busy {
		c.mu.Unlock()
		return <-mine
	}
	c.busy = true
	for len(c.waiting) > 0 {
		group := c.waiting
		c.waiting = nil
		c.mu.Unlock()
		_, err := c.file.Write(make([]byte, commitBytes*len(group)))
		if err == nil {
			err = c.file.Sync()
		}
		for _, w := range group {
			w <- err
		}
		c.mu.Lock()
	}
	c.busy = false
	c.mu.Unlock()
	return <-mine
}
