package simulation

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/kecis/sdk/conformance"
)

// paper is a text that somebody got who must not learn what was drawn: a message to
// or from a shop, a page, a mail.
type paper struct {
	text  []byte
	where string
}

// holdSecret is what the issuer was asked to hold for an authentication.
type holdSecret struct {
	// value is the drawn amount, code or deposits, as a buyer who reads it types it.
	value string
	// searched says that its occurrence in a text is no chance.
	searched bool
}

// paper keeps a text for the search of secrets.
func (n *network) paper(p *parcel, text []byte) {
	if n.authenticates && (p.from.role == "shop" || p.to.role == "shop" || p.page) {
		n.papers = append(n.papers, paper{text, p.kind + " between " + p.from.name + " and " + p.to.name})
	}
}

// noteSecret reads what a hold of an authentication is about.
func (n *network) noteSecret(body []byte, r *conformance.Request) {
	if !r.Authentication || n.secrets == nil {
		return
	}
	terms := element(body, "kecis:Terms")
	code, deposits := attribute(terms, "Descriptor"), attribute(terms, "Deposits")
	s := holdSecret{value: strconv.FormatInt(r.Amount, 10)}
	switch {
	case code != "":
		s.value = code
	case deposits != "":
		s.value = deposits
	}
	// Two digits stand everywhere, and some numbers stand in every message.
	s.searched = deposits == "" && !common(s.value)
	n.secrets[r.Order] = s
}

// common reports a number that stands in texts for another reason: a year, a port, the
// digits of a card, a round amount.
func common(value string) bool {
	if strings.HasSuffix(value, "000") || strings.HasSuffix(value, "600") || value == "2026" || value == "2099" {
		return true
	}
	for _, i := range instruments() {
		if strings.HasSuffix(i.Number, value) {
			return true
		}
	}
	return false
}

// tells reports whether a number stands in a text by itself, with or without commas.
func tells(text []byte, value string) bool {
	n, _ := strconv.ParseInt(value, 10, 64)
	grouped := value
	if len(value) > 3 && n >= 1000 {
		grouped = value[:len(value)-3] + "," + value[len(value)-3:]
	}
	return stands(text, value) || grouped != value && stands(text, grouped)
}

func stands(text []byte, number string) bool {
	for rest := text; ; {
		i := bytes.Index(rest, []byte(number))
		if i < 0 {
			return false
		}
		before, behind := byte(' '), byte(' ')
		if i > 0 {
			before = rest[i-1]
		}
		if end := i + len(number); end < len(rest) {
			behind = rest[end]
		}
		if !inside(before) && !inside(behind) {
			return true
		}
		rest = rest[i+1:]
	}
}

// inside reports an octet that makes a number a part of something longer.
func inside(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || strings.IndexByte("+/=_-.,:", c) >= 0
}
