package sqljournal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/kecis/sdk/kecis/journal"
)

// The types below take a column into a field. They are what database/sql offers
// to come by its conversions, which go through text.

type textColumn struct{ to *string }

// Scan takes a text.
func (c textColumn) Scan(v any) error {
	switch v := v.(type) {
	case string:
		*c.to = v
	case []byte:
		*c.to = string(v)
	default:
		return fmt.Errorf("sqljournal: %T in a column of texts", v)
	}
	return nil
}

type numberColumn[N ~int | ~int64 | ~uint8] struct{ to *N }

// Scan takes a number.
func (c numberColumn[N]) Scan(v any) error {
	n, ok := v.(int64)
	if !ok {
		return fmt.Errorf("sqljournal: %T in a column of numbers", v)
	}
	*c.to = N(n)
	return nil
}

func number[N ~int | ~int64 | ~uint8](to *N) numberColumn[N] { return numberColumn[N]{to} }

type truthColumn struct{ to *bool }

// Scan takes 0 or 1.
func (c truthColumn) Scan(v any) error {
	switch v := v.(type) {
	case int64:
		*c.to = v != 0
	case bool:
		*c.to = v
	default:
		return fmt.Errorf("sqljournal: %T in a column of truths", v)
	}
	return nil
}

type timeColumn struct{ to *time.Time }

// Scan takes milliseconds since 1970, 0 for none.
func (c timeColumn) Scan(v any) error {
	n, ok := v.(int64)
	switch {
	case !ok:
		return fmt.Errorf("sqljournal: %T in a column of times", v)
	case n == 0:
		*c.to = time.Time{}
	default:
		*c.to = time.UnixMilli(n).UTC()
	}
	return nil
}

type octetsColumn struct{ to *[]byte }

// Scan takes octets; none are nil.
func (c octetsColumn) Scan(v any) error {
	*c.to = nil
	if v == nil {
		return nil
	}
	b, ok := v.([]byte)
	if !ok {
		return fmt.Errorf("sqljournal: %T in a column of octets", v)
	}
	if len(b) > 0 {
		*c.to = append([]byte(nil), b...)
	}
	return nil
}

type digestColumn struct{ to *journal.Digest }

// Scan takes a digest; NULL is the zero one.
func (c digestColumn) Scan(v any) error {
	*c.to = journal.Digest{}
	if v == nil {
		return nil
	}
	b, ok := v.([]byte)
	if !ok || len(b) != len(c.to) {
		return fmt.Errorf("sqljournal: %T of %d octets in a column of digests", v, len(b))
	}
	copy(c.to[:], b)
	return nil
}

// milliseconds is a time as its column holds it.
func milliseconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return max(0, t.UnixMilli())
}

// digest is a digest as its column holds it, in a copy.
func digest(d *journal.Digest) any {
	if *d == (journal.Digest{}) {
		return nil
	}
	return bytes.Clone(d[:])
}

// octets are octets as their column holds them, in a copy: they may be written
// after the caller has gone on.
func octets(b []byte) any {
	if len(b) == 0 {
		return nil
	}
	return bytes.Clone(b)
}

// filled are octets as a column holds them that is never NULL, in a copy.
func filled(b []byte) []byte { return append(make([]byte, 0, len(b)), b...) }

// bounded is a limit as statements take it.
func bounded(limit int) int64 { return int64(max(0, limit)) }

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// part is a part of an order as its column holds it.
type part struct {
	Part        int    `json:"part"`
	Attempt     int    `json:"attempt"`
	Transaction string `json:"transaction"`
	Live        int64  `json:"live"`
	Ended       bool   `json:"ended"`
}

func partsText(parts []journal.Part) (string, error) {
	rows := make([]part, len(parts))
	for i, p := range parts {
		rows[i] = part(p)
	}
	text, err := json.Marshal(rows)
	return string(text), err
}

func textParts(text string) ([]journal.Part, error) {
	var rows []part
	if err := json.Unmarshal([]byte(text), &rows); err != nil || len(rows) == 0 {
		return nil, err
	}
	parts := make([]journal.Part, len(rows))
	for i, p := range rows {
		parts[i] = journal.Part(p)
	}
	return parts, nil
}
