// Package mail sends the links of amount authentication by e-mail: over SMTP, or into
// a folder where tests, demos and a program of the provider's own take them.
//
//	mailer := &mail.SMTP{Address: "smtp.example.org:587", From: "PG <no-reply@pg.example>"}
//	pages, err := amountauth.NewPages(amountauth.PagesConfig{Mailer: mailer})
package mail

import (
	"bytes"
	"encoding/base64"
	"errors"
	"mime"
	"net/mail"
	"strings"
	"time"

	"github.com/kecis/sdk/kecis/amountauth"
)

// lineLength is the longest line of base64 in a mail (RFC 2045, 6.8).
const lineLength = 76

// message is a mail as it is sent: text in UTF-8.
func message(from *mail.Address, m *amountauth.LinkMail, now time.Time, id string) ([]byte, error) {
	to, err := mail.ParseAddress(m.To)
	if err != nil || strings.ContainsAny(m.Subject, "\r\n") {
		return nil, errors.New("mail: not the head of a mail")
	}
	var b bytes.Buffer
	for _, field := range []struct{ name, value string }{
		{"From", from.String()},
		{"To", to.String()},
		{"Subject", mime.BEncoding.Encode("utf-8", m.Subject)},
		{"Date", now.Format(time.RFC1123Z)},
		{"Message-ID", "<" + id + "@" + domain(from) + ">"},
		{"MIME-Version", "1.0"},
		{"Content-Type", "text/plain; charset=utf-8"},
		{"Content-Transfer-Encoding", "base64"},
		{"Auto-Submitted", "auto-generated"}, // nobody answers it by a programme (RFC 3834)
	} {
		b.WriteString(field.name + ": " + field.value + "\r\n")
	}
	b.WriteString("\r\n")
	body := base64.StdEncoding.EncodeToString([]byte(strings.ReplaceAll(m.Text, "\n", "\r\n")))
	for len(body) > lineLength {
		b.WriteString(body[:lineLength] + "\r\n")
		body = body[lineLength:]
	}
	b.WriteString(body + "\r\n")
	return b.Bytes(), nil
}

// domain is the part of an address behind the @.
func domain(a *mail.Address) string {
	return a.Address[strings.LastIndex(a.Address, "@")+1:]
}
