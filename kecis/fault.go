package kecis

import "strings"

// Fault is the error of a request whose effect is not done: refused, pending or
// unknown. Act by Outcome and Retry; show the texts to people.
//
//	if f, ok := errors.AsType[*kecis.Fault](err); ok && f.Outcome == kecis.Unknown { ... }
type Fault struct {
	Outcome         Outcome
	Retry           Retry
	Code            Code
	Korean, English string
	// Upstream is the reason of a system behind the answering one, if any.
	Upstream Upstream

	cause error // why nothing is known, where there was no answer
}

// Unwrap returns why there was no answer that counts, if that is so.
func (f *Fault) Unwrap() error { return f.cause }

// Error returns code, outcome, retry rule and the English text in one line.
func (f *Fault) Error() string {
	var b strings.Builder
	b.WriteString(string(f.Code))
	b.WriteString(" (")
	b.WriteString(f.Outcome.String())
	b.WriteString(", retry ")
	b.WriteString(f.Retry.String())
	b.WriteString("): ")
	b.WriteString(f.English)
	if f.Upstream.Code != "" {
		b.WriteString(" [")
		b.WriteString(f.Upstream.System)
		b.WriteByte(' ')
		b.WriteString(quote(f.Upstream.Code))
		b.WriteByte(']')
	}
	return b.String()
}

// Text returns the text in Korean for "ko", else in English.
func (f *Fault) Text(language string) string {
	if language == "ko" || strings.HasPrefix(language, "ko-") {
		return f.Korean
	}
	return f.English
}

// Is reports whether target is the fault's Code, so that
// errors.Is(err, kecis.ErrDeclinedLimit) works.
func (f *Fault) Is(target error) bool {
	code, ok := target.(Code)
	return ok && code == f.Code
}
