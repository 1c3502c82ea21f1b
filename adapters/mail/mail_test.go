package mail_test

import (
	"bufio"
	"context"
	"encoding/base64"
	"io"
	"mime"
	"net"
	netmail "net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kecis/sdk/adapters/mail"
	"github.com/kecis/sdk/kecis/amountauth"
	"github.com/kecis/sdk/kecis/kecistest"
)

const link = "https://pg.example/authenticate/link/k1.abc.0123"

func letter() *amountauth.LinkMail {
	return &amountauth.LinkMail{
		To: "buyer@example.org", Subject: "[결제 회사] 인증 이어서 하기", Link: link,
		Text: "꽃집, 주문 금액 300,000원\n\n아래 링크를 열면 인증을 이어서 할 수 있습니다.\n" + link + "\n",
	}
}

// read is a mail as its reader sees it.
func read(t *testing.T, text string) (head netmail.Header, body string) {
	t.Helper()
	m, err := netmail.ReadMessage(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, m.Body))
	if err != nil {
		t.Fatal(err)
	}
	return m.Header, string(raw)
}

func TestFolder(t *testing.T) {
	f := &mail.Folder{Path: filepath.Join(t.TempDir(), "mails"), From: "PG <no-reply@pg.example>", Clock: kecistest.NewClock(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC))}
	if err := f.Check(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := f.MailLink(t.Context(), letter()); err != nil {
			t.Fatal(err)
		}
	}
	files, err := filepath.Glob(filepath.Join(f.Path, "*.eml"))
	if err != nil || len(files) != 2 {
		t.Fatalf("%v, %v", files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	head, body := read(t, string(text))
	subject, err := new(mime.WordDecoder).DecodeHeader(head.Get("Subject"))
	if err != nil || subject != letter().Subject || head.Get("To") != "<buyer@example.org>" || head.Get("From") != `"PG" <no-reply@pg.example>` {
		t.Errorf("%v, %q, %v", head, subject, err)
	}
	if body != strings.ReplaceAll(letter().Text, "\n", "\r\n") {
		t.Errorf("the mail says %q", body)
	}
	if info, err := os.Stat(files[0]); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others can read it: %v, %v", info, err)
	}
}

// TestHead: nothing that is typed gets into the head of a mail.
func TestHead(t *testing.T) {
	f := &mail.Folder{Path: t.TempDir(), From: "pg@pg.example"}
	for _, m := range []amountauth.LinkMail{
		{To: "a@b.example\r\nBcc: c@d.example", Subject: "x"}, {To: "nobody", Subject: "x"}, {To: "a@b.example", Subject: "x\r\nBcc: c@d.example"},
	} {
		if err := f.MailLink(t.Context(), &m); err == nil {
			t.Errorf("%q was sent", m.To)
		}
	}
	if (&mail.Folder{From: "nobody"}).Check() == nil || (&mail.SMTP{Address: "host", From: "a@b.example"}).Check() == nil || (&mail.SMTP{Address: "host:25"}).Check() == nil {
		t.Error("a configuration that cannot work is taken")
	}
}

// server is an SMTP server of this machine that takes one mail, without TLS.
func server(t *testing.T, answers map[string]string) (address string, taken <-chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	out := make(chan string, 1)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		_, _ = io.WriteString(conn, "220 mail.example\r\n")
		lines := bufio.NewScanner(conn)
		var text strings.Builder
		for inData := false; lines.Scan(); {
			word, _, _ := strings.Cut(lines.Text(), " ")
			switch {
			case inData && lines.Text() == ".":
				inData = false
				out <- text.String()
				_, _ = io.WriteString(conn, "250 taken\r\n")
			case inData:
				text.WriteString(lines.Text() + "\r\n")
			case answers[word] != "":
				_, _ = io.WriteString(conn, answers[word]+"\r\n")
			case word == "DATA":
				inData = true
				_, _ = io.WriteString(conn, "354 go on\r\n")
			default:
				_, _ = io.WriteString(conn, "250 fine\r\n")
			}
		}
	}()
	return l.Addr().String(), out
}

func TestSMTP(t *testing.T) {
	address, taken := server(t, nil)
	s := &mail.SMTP{Address: address, From: "PG <no-reply@pg.example>"}
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	if err := s.MailLink(t.Context(), letter()); err != nil {
		t.Fatal(err)
	}
	if _, body := read(t, <-taken); !strings.Contains(body, link) {
		t.Errorf("the mail says %q", body)
	}
}

// TestSMTPRefused: a server that does not take the mail is told, without the link.
func TestSMTPRefused(t *testing.T) {
	for word, answer := range map[string]string{"MAIL": "550 no", "RCPT": "550 no such user", "DATA": "451 later", "EHLO": "421 closing"} {
		address, _ := server(t, map[string]string{word: answer, "HELO": "421 closing"})
		err := (&mail.SMTP{Address: address, From: "pg@pg.example"}).MailLink(t.Context(), letter())
		if err == nil || strings.Contains(err.Error(), link) {
			t.Errorf("%s: %v", word, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := (&mail.SMTP{Address: "127.0.0.1:1", From: "pg@pg.example"}).MailLink(ctx, letter()); err == nil {
		t.Error("sent to nobody")
	}
}
