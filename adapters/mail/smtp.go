package mail

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/smtp"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/amountauth"
)

// SMTP hands mails to a server of the provider's (RFC 5321). It waits until the server
// has taken the mail, which then sees to it. A link is worth the session: it leaves this
// machine over TLS alone.
type SMTP struct {
	// Address is host:port. On port 465 TLS is from the beginning (RFC 8314), on others
	// by STARTTLS, which a server has unless it is on this machine.
	Address string
	// From is the sender: "PG <no-reply@pg.example>".
	From string
	// User and Password are for AUTH PLAIN; without User there is none.
	User, Password string
	// TLS is how the server is known; nil is by the host's name and the system's roots.
	TLS *tls.Config
	// Clock is the machine's if nil.
	Clock kecis.Clock
}

var _ amountauth.Mailer = (*SMTP)(nil)

// smtpTime bounds one mail: a buyer waits before the page.
const smtpTime = 15 * time.Second

// implicitTLS is the port on which TLS comes first.
const implicitTLS = "465"

// ErrInsecure is the error of a server that has no TLS.
var ErrInsecure = errors.New("mail: the server has no TLS, and is not on this machine")

// Check looks at the configuration, and sends nothing.
func (s *SMTP) Check() error {
	if _, _, err := net.SplitHostPort(s.Address); err != nil {
		return fmt.Errorf("mail: Address: %w", err)
	}
	if _, err := mail.ParseAddress(s.From); err != nil {
		return fmt.Errorf("mail: From: %w", err)
	}
	return nil
}

// MailLink sends a mail. Its error does not tell the link.
func (s *SMTP) MailLink(ctx context.Context, m *amountauth.LinkMail) error {
	from, err := mail.ParseAddress(s.From)
	if err != nil {
		return fmt.Errorf("mail: From: %w", err)
	}
	to, err := mail.ParseAddress(m.To)
	if err != nil {
		return fmt.Errorf("mail: To: %w", err)
	}
	clock := s.clock()
	text, err := message(from, m, clock.Now(), rand.Text())
	if err != nil {
		return err
	}
	ctx, cancel := clock.WithTimeout(ctx, smtpTime)
	defer cancel()
	client, done, err := s.dial(ctx)
	if err != nil {
		return err
	}
	defer done()
	if s.User != "" {
		host, _, _ := net.SplitHostPort(s.Address)
		if err := client.Auth(smtp.PlainAuth("", s.User, s.Password, host)); err != nil {
			return err
		}
	}
	if err := client.Mail(from.Address); err != nil {
		return err
	}
	if err := client.Rcpt(to.Address); err != nil {
		return err
	}
	w, err := client.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(text); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	_ = client.Quit() // the server has taken the mail
	return nil
}

func (s *SMTP) clock() kecis.Clock {
	if s.Clock == nil {
		return kecis.SystemClock{}
	}
	return s.Clock
}

// dial connects, over TLS unless the server is on this machine. What is done with the
// connection ends with ctx.
func (s *SMTP) dial(ctx context.Context) (client *smtp.Client, done func(), err error) {
	host, port, err := net.SplitHostPort(s.Address)
	if err != nil {
		return nil, nil, fmt.Errorf("mail: Address: %w", err)
	}
	secure := s.secure(host)
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.Address)
	if err != nil {
		return nil, nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	done = func() {
		stop()
		_ = conn.Close() // after QUIT it is of no more use
	}
	stream := conn
	if port == implicitTLS {
		stream = tls.Client(conn, secure)
	}
	if client, err = smtp.NewClient(stream, host); err == nil && port != implicitTLS {
		err = startTLS(client, host, secure)
	}
	if err != nil {
		done()
		return nil, nil, err
	}
	return client, done, nil
}

// startTLS changes to TLS where the server has it, and goes on without on this machine
// alone.
func startTLS(client *smtp.Client, host string, secure *tls.Config) error {
	if offered, _ := client.Extension("STARTTLS"); offered {
		return client.StartTLS(secure)
	}
	if ip := net.ParseIP(host); host == "localhost" || ip != nil && ip.IsLoopback() {
		return nil
	}
	return ErrInsecure
}

func (s *SMTP) secure(host string) *tls.Config {
	secure := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.TLS != nil {
		secure = s.TLS.Clone()
	}
	if secure.ServerName == "" {
		secure.ServerName = host
	}
	return secure
}
