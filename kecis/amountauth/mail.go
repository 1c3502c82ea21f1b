package amountauth

import (
	_ "embed"
	"fmt"
	"strings"
	"text/template"
)

//go:embed mail.txt
var mailText string

// MailTemplate returns the template of the mails with a link, in both languages, to be
// replaced by one of the same fields: its first line is the subject, the rest behind an
// empty line the text.
func MailTemplate() (*template.Template, error) { return template.New("mail").Parse(mailText) }

// MailView is what a template of mails shows. No field tells anything of the value.
type MailView struct {
	// Korean says in which language.
	Korean bool
	// Name is the provider's, Payee and Amount are the order's.
	Name, Payee, Amount string
	// Until is the end of the session, in words; Link gives the session to whoever has it.
	Until, Link string
}

// mail is subject and text of a mail.
func (p *Pages) mail(v *MailView) (subject, text string, err error) {
	var b strings.Builder
	if err := p.mails.Execute(&b, v); err != nil {
		return "", "", fmt.Errorf("amountauth: the template of mails: %w", err)
	}
	subject, text, _ = strings.Cut(b.String(), "\n")
	// A header field is one line, whatever the provider calls itself.
	return oneLine(subject), strings.TrimLeft(text, "\n"), nil
}

// oneLine has no line breaks and no blanks beside each other.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
