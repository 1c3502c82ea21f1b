package kecis

import (
	"errors"
	"math"
	"testing"
)

func TestParseMinor(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]int64{
		"1":               1,
		"50000":           50000,
		"999999999999999": MaxMinor,
		"0":               0, "": 0, "00": 0, "01": 0, "+1": 0, "-1": 0, "1.0": 0, "1e3": 0, "1,000": 0, " 1": 0, "1 ": 0,
		"0x10": 0, "１": 0, "٣": 0, "1000000000000000": 0, "9223372036854775808": 0, "18446744073709551617": 0,
	} {
		got, err := ParseMinor(s)
		if want == 0 {
			if !errors.Is(err, ErrAmount) {
				t.Errorf("ParseMinor(%q) = %d, %v, want %s", s, got, err, string(ErrAmount))
			}
			continue
		}
		if err != nil || got != want {
			t.Errorf("ParseMinor(%q) = %d, %v, want %d", s, got, err, want)
		}
	}
}

func TestNewMoney(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		minor    int64
		currency Currency
		want     error
	}{
		{1, KRW, nil}, {MaxMinor, "KWD", nil},
		{0, KRW, ErrAmount}, {-1, KRW, ErrAmount}, {MaxMinor + 1, KRW, ErrAmount}, {math.MinInt64, KRW, ErrAmount},
		{1, "", ErrCurrency}, {1, "krw", ErrCurrency}, {1, "XXX", ErrCurrency}, {1, "XAU", ErrCurrency}, {1, "KRWX", ErrCurrency},
	} {
		if _, err := NewMoney(c.minor, c.currency); !errors.Is(err, c.want) {
			t.Errorf("NewMoney(%d, %q): %v, want %v", c.minor, c.currency, err, c.want)
		}
	}
}

func TestExponents(t *testing.T) {
	t.Parallel()
	for currency, want := range map[Currency]int{
		KRW: 0, JPY: 0, "VND": 0, USD: 2, EUR: 2, CNY: 2, "MGA": 2, "KWD": 3, "BHD": 3, "TND": 3, "krw": -1, "ABC": -1, "": -1,
	} {
		if got := currency.Exponent(); got != want {
			t.Errorf("%q: %d, want %d", currency, got, want)
		}
	}
}

func TestMoneyAdd(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b, want Money
		err        error
	}{
		{Won(1), Won(2), Won(3), nil},
		{Won(5), Won(-5), Won(0), nil},
		{Won(MaxMinor - 1), Won(1), Won(MaxMinor), nil},
		{Won(MaxMinor), Won(1), Money{}, ErrAmount},
		{Won(-MaxMinor), Won(-1), Money{}, ErrAmount},
		{Won(math.MaxInt64), Won(1), Money{}, ErrAmount},
		{Won(math.MaxInt64), Won(math.MinInt64), Money{}, ErrAmount},
		{Won(1), Money{1, USD}, Money{}, ErrCurrency},
	} {
		got, err := c.a.Add(c.b)
		if got != c.want || !errors.Is(err, c.err) {
			t.Errorf("%v + %v = %v, %v, want %v, %v", c.a, c.b, got, err, c.want, c.err)
		}
	}
	if _, err := Won(0).Sub(Won(math.MinInt64)); !errors.Is(err, ErrAmount) {
		t.Errorf("0 - MinInt64: %v, want %s", err, string(ErrAmount))
	}
	if got, err := Won(3).Sub(Won(5)); err != nil || got != Won(-2) {
		t.Errorf("3 - 5 = %v, %v", got, err)
	}
}

func TestMoneyFormat(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		m               Money
		korean, english string
		plain           string
	}{
		{Won(50000), "50,000원", "₩50,000", "KRW 50000"},
		{Won(999), "999원", "₩999", "KRW 999"},
		{Won(-1234567), "-1,234,567원", "-₩1,234,567", "KRW -1234567"},
		{Won(0), "0원", "₩0", "KRW 0"},
		{Money{1234, USD}, "12.34달러", "$12.34", "USD 12.34"},
		{Money{5, USD}, "0.05달러", "$0.05", "USD 0.05"},
		{Money{123456789, "KWD"}, "123,456.789 KWD", "KWD 123,456.789", "KWD 123456.789"},
		{Money{1000, JPY}, "1,000엔", "¥1,000", "JPY 1000"},
		{Money{-7, EUR}, "-0.07유로", "-€0.07", "EUR -0.07"},
	} {
		if got := c.m.Format("ko-KR"); got != c.korean {
			t.Errorf("Korean %q, want %q", got, c.korean)
		}
		if got := c.m.Format("en"); got != c.english {
			t.Errorf("English %q, want %q", got, c.english)
		}
		if got := c.m.String(); got != c.plain {
			t.Errorf("String %q, want %q", got, c.plain)
		}
	}
}
