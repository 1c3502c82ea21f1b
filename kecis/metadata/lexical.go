package metadata

import (
	"net"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The bounds of values in metadata (KECIS-META-004).
const (
	// maxURI bounds an entityID or address (SAML metadata 2.2.1: 1,024).
	maxURI = 1024
	// MaxSerial bounds a serial: 15 digits hold the milliseconds of a clock for
	// 30,000 years, and every language's numbers.
	MaxSerial = 999_999_999_999_999
	// maxMinor bounds an amount in minor units, as in messages: 15 digits.
	maxMinor = 999_999_999_999_999
	// maxMonths bounds instalments: messages carry two digits, contracts 60 months.
	maxMonths = 60
	// minMonths is the least that is an instalment; 1 is at once.
	minMonths = 2
	// maxSeconds bounds durations: ten years, past every hold and cut-off.
	maxSeconds = 10 * 366 * 24 * 3600
	// maxText bounds a name or a site, in characters.
	maxText = 200
	// maxLevel is the highest security level of ITU-T Y.2740.
	maxLevel = 4
)

const (
	uriForm     = "an absolute URI in ASCII of at most 1024 bytes"
	instantForm = "a UTC time as 2006-01-02T15:04:05Z"
	textForm    = "a text of 1 to 200 characters without blanks around it or control characters"
)

const instantLayout = "2006-01-02T15:04:05Z"

// instant reads a time in its one form. The first second of the year 1 is none:
// in Go it stands for no time, so an end then would be read as no end.
func instant(s string) (time.Time, bool) {
	t, err := time.Parse(instantLayout, s)
	return t, err == nil && formatInstant(t) == s && !t.IsZero()
}

func formatInstant(t time.Time) string { return t.UTC().Format(instantLayout) }

// validURI reports whether s is absolute and holds only characters that a URI
// may hold (RFC 3986), which keeps comparison byte by byte meaningful.
func validURI(s string) bool {
	if len(s) > maxURI || strings.ContainsFunc(s, notInURI) {
		return false
	}
	u, err := url.Parse(s)
	return err == nil && u.IsAbs() && s != u.Scheme+":" && u.Scheme == s[:len(u.Scheme)]
}

func notInURI(c rune) bool {
	return c <= ' ' || c >= 0x7f || strings.ContainsRune("\"<>\\^`{|}", c)
}

// secure reports whether messages may be sent to the address: https, or http to
// this machine (KECIS-META-011).
func secure(location string) bool {
	u, err := url.Parse(location)
	if err != nil || !validURI(location) || u.Host == "" || u.User != nil || u.Fragment != "" || strings.HasSuffix(location, "#") {
		return false
	}
	host := u.Hostname()
	ip := net.ParseIP(host)
	return u.Scheme == "https" && host != "" || u.Scheme == "http" && (host == "localhost" || ip != nil && ip.IsLoopback())
}

// validText reports whether s is a line of text that people read as it was
// signed: without control characters, those of writing direction among them.
func validText(s string) bool {
	if s == "" || s != strings.TrimSpace(s) || !utf8.ValidString(s) || utf8.RuneCountInString(s) > maxText {
		return false
	}
	return !strings.ContainsFunc(s, func(c rune) bool {
		return unicode.Is(unicode.Cc, c) || unicode.Is(unicode.Bidi_Control, c) || c == 0x2028 || c == 0x2029
	})
}

// capitals reports whether s has from least to most of A-Z 0-9.
func capitals(s string, least, most int) bool {
	return len(s) >= least && len(s) <= most && !strings.ContainsFunc(s, func(c rune) bool {
		return (c < 'A' || c > 'Z') && (c < '0' || c > '9')
	})
}

// brand reports whether s can name the brand of a card: no number of a card can.
func brand(s string) bool {
	letters := strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' {
			return -1
		}
		return c
	}, s)
	return capitals(s, 2, 16) && len(s)-len(letters) <= 4
}

// digits reports whether s has from least to most digits.
func digits(s string, least, most int) bool {
	return len(s) >= least && len(s) <= most && !strings.ContainsFunc(s, func(c rune) bool { return c < '0' || c > '9' })
}

// currency reports whether s is three capitals; which ones ISO 4217 lists is the
// matter of those who take money.
func currency(s string) bool {
	return len(s) == 3 && !strings.ContainsFunc(s, func(c rune) bool { return c < 'A' || c > 'Z' })
}

// keyName reports whether s is the name of a key.
func keyName(s string) bool {
	hexadecimal, ok := strings.CutPrefix(s, "sha256:")
	return ok && len(hexadecimal) == 64 && !strings.ContainsFunc(hexadecimal, func(c rune) bool {
		return (c < '0' || c > '9') && (c < 'a' || c > 'f')
	})
}
