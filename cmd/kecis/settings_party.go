package main

import (
	"context"
	"strings"
	"time"

	"github.com/kecis/sdk/adapters/sqljournal"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/xmlsig"
)

// partySettings are what every party configures: who it is, its keys, its
// journal, whom it knows.
type partySettings struct {
	Entity       string           `yaml:"entity"`
	Organization settingsOrg      `yaml:"organization"`
	Keys         keySettings      `yaml:"keys"`
	Journal      string           `yaml:"journal"`
	Partners     partnersSettings `yaml:"partners"`
}

type settingsOrg struct {
	Name        settingsText `yaml:"name"`
	DisplayName settingsText `yaml:"displayName"`
	URL         settingsText `yaml:"url"`
}

type settingsText struct {
	En string `yaml:"en"`
	Ko string `yaml:"ko"`
}

type keySettings struct {
	Message    []timedKeySettings `yaml:"message"`
	Metadata   []timedKeySettings `yaml:"metadata"`
	Encryption []timedKeySettings `yaml:"encryption"`
}

type timedKeySettings struct {
	File  string    `yaml:"file"`
	From  time.Time `yaml:"from"`
	Until time.Time `yaml:"until"`
}

// checkParty refuses what is missing of every party.
func (f *settingsFile) checkParty(s *partySettings) error {
	switch {
	case s.Entity == "":
		return f.missing("entity")
	case !strings.Contains(s.Entity, ":"):
		return f.at([]any{"entity"}, phrase{"an entity is named by a URI, as https://shop.example/kecis", "entity는 https://shop.example/kecis 같은 URI여야 합니다"})
	case len(s.Keys.Message) == 0:
		return f.missing("keys", "message")
	case s.Journal == "":
		return f.missing("journal")
	}
	return nil
}

// messageKeys reads the keys that sign messages.
func (f *settingsFile) messageKeys(list []timedKeySettings) (kecis.Keyring, error) {
	keys := make([]kecis.TimedKey, 0, len(list))
	for i, k := range list {
		signer, err := f.signer("message", i, k)
		if err != nil {
			return nil, err
		}
		keys = append(keys, kecis.TimedKey{Signer: signer, From: k.From, Until: k.Until})
	}
	ring := kecis.KeysInTurn(keys...)
	if _, err := ring.Signer(f.a.now()); err != nil {
		return nil, f.at([]any{"keys", "message"}, phrase{"none of the message keys is in use now", "지금 사용할 수 있는 메시지 키가 없습니다"})
	}
	return ring, nil
}

// signer reads one key that signs.
func (f *settingsFile) signer(scope string, i int, k timedKeySettings) (*xmlsig.Signer, error) {
	if k.File == "" {
		return nil, f.missing("keys", scope, i, "file")
	}
	signer, err := f.a.signer(f.file(k.File), "")
	if err != nil {
		return nil, f.because([]any{"keys", scope, i}, err)
	}
	return signer, nil
}

// because makes a failure of a configuration of why a file in it is no use.
func (f *settingsFile) because(path []any, err error) error {
	known := f.a.classified(err)
	return &failure{exit: exitSettings, text: f.place(f.line(path)) + known.text, remedy: known.remedy, cause: err}
}

// openJournal opens the journal that the configuration names.
func (f *settingsFile) openJournal(ctx context.Context, location string) (*sqljournal.Journal, error) {
	j, err := f.a.openJournal(ctx, f.journalURL(location))
	if err != nil {
		return nil, f.because([]any{"journal"}, err)
	}
	return j, nil
}

// openJournal opens a journal by its URL. A password in the URL is not repeated.
func (a *app) openJournal(ctx context.Context, location string) (*sqljournal.Journal, error) {
	j, err := sqljournal.Open(ctx, location, sqljournal.Options{})
	if err == nil {
		return j, nil
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return nil, &failure{
		exit:   exitIO,
		text:   a.say(phrase{"the journal cannot be opened: %s", "저널을 열 수 없습니다: %s"}, shown(strings.TrimPrefix(err.Error(), "sqljournal: "))),
		remedy: a.say(phrase{"name a file as sqlite:NAME.db, or a database as postgres://user@host/name", "파일은 sqlite:이름.db, 데이터베이스는 postgres://사용자@호스트/이름으로 쓰십시오"}),
		cause:  err,
	}
}
