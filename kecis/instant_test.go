package kecis

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"time"
)

func TestParseInstant(t *testing.T) {
	t.Parallel()
	for s, good := range map[string]bool{
		"2026-11-24T07:00:00Z": true,
		"2024-02-29T23:59:59Z": true,
		"2000-02-29T00:00:00Z": true,
		"0001-01-01T00:00:00Z": true,
		"9999-12-31T23:59:59Z": true,

		"":                          false,
		"2026-11-24T07:00:00":       false, // no zone
		"2026-11-24T07:00:00z":      false,
		"2026-11-24t07:00:00Z":      false,
		"2026-11-24 07:00:00Z":      false,
		"2026-11-24T16:00:00+09:00": false,
		"2026-11-24T07:00:00+00:00": false,
		"2026-11-24T07:00:00.000Z":  false,
		"2026-11-24T07:00:00.5Z":    false,
		"2026-11-24T07:00Z":         false,
		"2026-12-31T23:59:60Z":      false, // leap second
		"2026-11-24T24:00:00Z":      false,
		"2026-11-24T07:60:00Z":      false,
		"2026-00-24T07:00:00Z":      false,
		"2026-13-24T07:00:00Z":      false,
		"2026-11-00T07:00:00Z":      false,
		"2026-11-31T07:00:00Z":      false,
		"2026-02-29T07:00:00Z":      false,
		"1900-02-29T07:00:00Z":      false,
		"0000-01-01T00:00:00Z":      false,
		"-026-11-24T07:00:00Z":      false,
		"12026-11-24T07:00:00Z":     false,
		"2026-11-24T07:00:0:Z":      false,
		" 2026-11-24T07:00:00Z":     false,
		"２026-11-24T07:00:00Z":      false,
	} {
		got, err := ParseInstant(s)
		switch {
		case good && (err != nil || FormatInstant(got) != s):
			t.Errorf("ParseInstant(%q) = %v, %v", s, got, err)
		case !good && !errors.Is(err, ErrTime):
			t.Errorf("ParseInstant(%q) = %v, %v, want %s", s, got, err, string(ErrTime))
		}
		standard, err := time.Parse("2006-01-02T15:04:05Z", s)
		if good && (err != nil || !standard.Equal(got)) {
			t.Errorf("ParseInstant(%q) = %v, time.Parse says %v", s, got, standard)
		}
	}
}

func TestFormatInstant(t *testing.T) {
	t.Parallel()
	seoul := time.FixedZone("KST", 9*3600)
	for _, c := range []struct {
		t    time.Time
		want string
	}{
		{time.Date(2026, 11, 24, 16, 0, 0, 999_999_999, seoul), "2026-11-24T07:00:00Z"},
		{time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), "0001-01-01T00:00:00Z"},
		{time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), "9999-12-31T23:59:59Z"},
		{time.Date(0, 12, 31, 23, 59, 59, 0, time.UTC), ""},
		{time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), ""},
		{time.Date(1, 1, 1, 0, 0, 0, 0, seoul), ""},
	} {
		if got := FormatInstant(c.t); got != c.want {
			t.Errorf("%v: %q, want %q", c.t, got, c.want)
		}
	}
}

func TestIDs(t *testing.T) {
	t.Parallel()
	id, err := NewID(bytes.NewReader(bytes.Repeat([]byte{0xa5}, idBytes)))
	if want := ID("_a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5"); err != nil || id != want {
		t.Errorf("NewID = %q, %v, want %q", id, err, want)
	}
	if _, err := NewID(bytes.NewReader(make([]byte, idBytes-1))); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("NewID of too little randomness: %v", err)
	}
	for s, good := range map[string]bool{
		"_a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5":  true,
		"_A5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5":  false,
		"a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a":  false,
		"_a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a":   false,
		"_a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a": false,
		"_g5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5":  false,
		"": false,
	} {
		if _, err := ParseID(s); good != (err == nil) || (!good && !errors.Is(err, ErrID)) {
			t.Errorf("ParseID(%q): %v", s, err)
		}
	}
}
