package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/kecis/sdk/conformance/reference/issuer"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmlenc"
)

// issuerSettings are the configuration of an issuer.
type issuerSettings struct {
	Party  partySettings  `yaml:",inline"`
	Server serverSettings `yaml:",inline"`

	// NumberKey is the file of the secret under which card numbers are digested.
	NumberKey   string             `yaml:"numberKey"`
	Name        string             `yaml:"name"`
	Inbox       bool               `yaml:"inbox"`
	Instruments instrumentSettings `yaml:"instruments"`
}

// instrumentSettings say which test instruments are issued, and their limits.
type instrumentSettings struct {
	// Test are names of docs/test-instruments.md; "all" is all of them.
	Test   []string                  `yaml:"test"`
	Limits map[string]limitsSettings `yaml:"limits"`
}

// limitsSettings are in minor units of the instrument's currency.
type limitsSettings struct {
	Payment int64 `yaml:"payment"`
	Day     int64 `yaml:"day"`
	Month   int64 `yaml:"month"`
}

func (a *app) buildIssuer(ctx context.Context, name string) (*provider, error) {
	s := &issuerSettings{}
	f, err := a.settings(name, s)
	if err != nil {
		return nil, err
	}
	enrolments, err := f.enrolments(&s.Instruments)
	if err != nil {
		return nil, err
	}
	p, err := f.opened(ctx, "issuer", &s.Party, &s.Server)
	if err != nil {
		return nil, err
	}
	private, public, err := f.encryptionKeys(s.Party.Keys.Encryption)
	if err != nil {
		return p.abandon(err)
	}
	config, err := f.serverConfig(p, &s.Party, issuer.Role(s.Server.HoldTime, public...))
	if err != nil {
		return p.abandon(err)
	}
	numberKey, err := f.numberKey(ctx, p.journal, s.NumberKey)
	if err != nil {
		return p.abandon(err)
	}
	service, err := issuer.New(issuer.Config{
		Entity: s.Party.Entity, Journal: p.journal, Clock: kecis.SystemClock{}, Random: a.random, Keys: private,
		NumberKey: numberKey, Shops: p.partners, HoldTime: s.Server.HoldTime, Name: s.Name,
		NoticeRetention: s.Server.Retention.Transactions,
	})
	if err == nil {
		err = service.Enrol(ctx, enrolments...)
	}
	if err != nil {
		return p.abandon(err)
	}
	config.Payments, config.Captures, config.Cancellations = service, service, service
	if p.server, err = kecis.NewServer(config); err != nil {
		return p.abandon(f.because(nil, err))
	}
	return f.completed(p, s, service, public)
}

// completed adds what stands around an issuer's server.
func (f *settingsFile) completed(p *provider, s *issuerSettings, service *issuer.Issuer, public []metadata.EncryptionKey) (*provider, error) {
	p.handler, p.issuer = p.server, service
	if len(s.Instruments.Test) > 0 {
		p.handler = issuer.Lossy(p.server, issuer.AbortConnection)
	}
	if s.Inbox {
		inbox, err := service.InboxHandler()
		if err != nil {
			return p.abandon(err)
		}
		p.more["GET /inbox/"], p.more["GET /api/inbox/"] = inbox, inbox
	}
	p.work["holds"] = service.RunOnce
	p.health.EncryptionUntil = lastUntil(public)
	return p, nil
}

// encryptionKeys reads the keys that instruments are encrypted to. One without
// "until" is good for 30 days from when its file was made, the longest that is
// allowed (KECIS-ENC-015).
func (f *settingsFile) encryptionKeys(list []timedKeySettings) (private xmlenc.KeyRing, public []metadata.EncryptionKey, err error) {
	if len(list) == 0 {
		return nil, nil, f.missing("keys", "encryption")
	}
	now := f.a.now()
	for i, k := range list {
		path := []any{"keys", "encryption", i}
		if k.File == "" {
			return nil, nil, f.missing(append(path, "file")...)
		}
		key, err := f.a.privateKey(f.file(k.File), useEncryption)
		if err != nil {
			return nil, nil, f.because(path, err)
		}
		opener, err := xmlenc.NewPrivateKey(key)
		if err != nil {
			return nil, nil, f.because(path, err)
		}
		until := k.Until
		if until.IsZero() {
			info, err := os.Stat(f.file(k.File))
			if err != nil {
				return nil, nil, f.because(path, err)
			}
			until = info.ModTime().Add(metadata.MaxEncryptionKeyLife).Truncate(time.Second)
		}
		if until.After(now.Add(metadata.MaxEncryptionKeyLife)) {
			return nil, nil, f.at(path, phrase{"an encryption key is good for 30 days at most: until is later", "암호화 키는 최대 30일까지 쓸 수 있습니다. until이 그보다 늦습니다"})
		}
		private = append(private, opener)
		if now.Before(until) {
			public = append(public, metadata.EncryptionKey{Recipient: opener.Recipient(), NotOnOrAfter: until})
		}
	}
	if len(public) == 0 {
		return nil, nil, f.at([]any{"keys", "encryption"}, phrase{"every encryption key is over: make another with: kecis keygen --use encryption NAME", "모든 암호화 키의 기한이 지났습니다. 다음으로 새로 만드십시오: kecis keygen --use encryption 이름"})
	}
	return private, public, nil
}

// enrolments are the test instruments that the configuration names, with its limits.
func (f *settingsFile) enrolments(s *instrumentSettings) (list []issuer.Enrolment, err error) {
	names := map[string]bool{}
	table := issuer.TestInstruments()
	for _, t := range table {
		names[t.ID] = true
	}
	for i, name := range s.Test {
		if name != "all" && !names[name] {
			return nil, f.at([]any{"instruments", "test", i}, phrase{"there is no test instrument %q: see docs/test-instruments.md", "그런 시험용 결제 수단이 없습니다: %q. docs/test-instruments.md를 보십시오"}, shown(name))
		}
	}
	for name := range s.Limits {
		if !names[name] {
			return nil, f.at([]any{"instruments", "limits", name}, phrase{"there is no test instrument %q: see docs/test-instruments.md", "그런 시험용 결제 수단이 없습니다: %q. docs/test-instruments.md를 보십시오"}, shown(name))
		}
	}
	for _, t := range table {
		if t.Unknown || !slices.Contains(s.Test, "all") && !slices.Contains(s.Test, t.ID) {
			continue
		}
		e := t.Enrolment()
		if limits, ok := s.Limits[t.ID]; ok {
			e.Limits = issuer.Limits(limits)
		}
		list = append(list, e)
	}
	return list, nil
}

// numberKeySpace is where the journal keeps the name of the key that its numbers
// are digested with.
const numberKeySpace = "kecis.serve"

// numberKeyBytes is the length of that key: that of the digest.
const numberKeyBytes = 32

// defaultNumberKey is the file of the key if the configuration names none.
const defaultNumberKey = "issuer.number.key"

// numberKey reads the secret under which numbers are digested, and makes it for a
// new journal. Another key than the journal was begun with would find no card.
func (f *settingsFile) numberKey(ctx context.Context, j journal.Journal, name string) ([]byte, error) {
	if name == "" {
		name = defaultNumberKey
	}
	file := f.file(name)
	var kept []byte
	err := j.View(ctx, func(tx journal.Tx) (err error) {
		kept, err = tx.Get(numberKeySpace, "number-key")
		return err
	})
	if err != nil && !errors.Is(err, journal.ErrNotFound) {
		return nil, err
	}
	if _, missing := os.Stat(file); errors.Is(missing, fs.ErrNotExist) && kept == nil {
		fresh := make([]byte, numberKeyBytes)
		if _, err := io.ReadFull(f.a.random, fresh); err != nil {
			return nil, err
		}
		if err := f.a.write(file, []byte(hex.EncodeToString(fresh)+"\n"), modeSecret, false); err != nil {
			return nil, err
		}
	}
	content, err := f.a.read(file, "number key")
	if err != nil {
		return nil, f.because([]any{"numberKey"}, err)
	}
	key, err := hex.DecodeString(string(bytes.TrimSpace(content)))
	if err != nil || len(key) < numberKeyBytes {
		return nil, f.at([]any{"numberKey"}, phrase{"%s does not hold %d bytes in hexadecimal digits", "%s에 16진수 %d바이트가 없습니다"}, shown(name), numberKeyBytes)
	}
	digest := sha256.Sum256(key)
	if kept != nil && !bytes.Equal(kept, digest[:]) {
		return nil, f.at([]any{"numberKey"}, phrase{"%s is not the key that this journal was begun with: restore it from the backup", "%s은(는) 이 저널을 시작할 때의 키가 아닙니다. 백업에서 복구하십시오"}, shown(name))
	}
	if kept != nil {
		return key, nil
	}
	return key, j.Update(ctx, func(tx journal.Tx) error { return tx.Put(numberKeySpace, "number-key", digest[:]) })
}
