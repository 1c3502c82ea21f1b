package mail

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/mail"
	"os"
	"path/filepath"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/amountauth"
)

// Folder writes each mail as a file of its own, named by the time and ending in
// .eml, readable by the owner alone.
type Folder struct {
	Path string
	// From is the sender.
	From string
	// Clock is the machine's if nil.
	Clock kecis.Clock
}

var _ amountauth.Mailer = (*Folder)(nil)

// modeOwner lets nobody else read a link.
const (
	modeOwner  = 0o600
	modeFolder = 0o700
)

// Check looks at the configuration, and writes nothing.
func (f *Folder) Check() error {
	if _, err := mail.ParseAddress(f.From); err != nil {
		return fmt.Errorf("mail: From: %w", err)
	}
	return nil
}

// MailLink writes a mail.
func (f *Folder) MailLink(_ context.Context, m *amountauth.LinkMail) error {
	from, err := mail.ParseAddress(f.From)
	if err != nil {
		return fmt.Errorf("mail: From: %w", err)
	}
	clock := f.Clock
	if clock == nil {
		clock = kecis.SystemClock{}
	}
	now, id := clock.Now(), rand.Text()
	text, err := message(from, m, now, id)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(f.Path, modeFolder); err != nil {
		return err
	}
	// A reader that looks for *.eml finds whole mails alone.
	name := filepath.Join(f.Path, now.UTC().Format("20060102T150405.000000")+"-"+id)
	if err := os.WriteFile(name, text, modeOwner); err != nil {
		return err
	}
	return os.Rename(name, name+".eml")
}
