package amountauth

import (
	"crypto/sha256"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/kecis/sdk/kecis"
)

func seeded(seed string) *rand.ChaCha8 { return rand.NewChaCha8(sha256.Sum256([]byte(seed))) }

// drawMany counts so many draws.
func drawMany(t *testing.T, draws int, v Variant, r Range, order kecis.Money, recent func(string) bool) map[string]int {
	t.Helper()
	counts := map[string]int{}
	random := seeded(t.Name())
	for range draws {
		_, form, err := Policy{}.draw(random, v, r, order, recent)
		if err != nil {
			t.Fatal(err)
		}
		counts[form]++
	}
	return counts
}

// chiSquare reports by how many standard deviations the counts of so many values are
// off from even ones: of chi-square with k-1 degrees of freedom, which has that mean
// and twice as much variance.
func chiSquare(counts map[string]int, values int) float64 {
	total := 0
	for _, n := range counts {
		total += n
	}
	want := float64(total) / float64(values)
	sum := float64(values-len(counts)) * want // of those that never came
	for _, n := range counts {
		sum += (float64(n) - want) * (float64(n) - want) / want
	}
	k := float64(values - 1)
	return (sum - k) / math.Sqrt(2*k)
}

// uneven is beyond what a fair draw gives once in ten thousand runs.
const uneven = 4

func TestDrawIsUniform(t *testing.T) {
	won := DefaultRanges()[kecis.KRW]
	none := func(string) bool { return false }
	some := map[string]bool{"1000": true, "1234": true, "3499": true}
	for _, c := range []struct {
		name   string
		v      Variant
		order  int64
		recent func(string) bool
		draws  int
		values int
		lowest string
		last   string
	}{
		{"the smallest order", Amount, 3500, none, 1_000_000, 2500, "1000", "3499"},
		{"without recent ones", Amount, 3500, func(f string) bool { return some[f] }, 250_000, 2497, "1001", "3498"},
		{"not a power of two", Amount, 2999, none, 250_000, 1999, "1000", "2998"},
		{"codes", Descriptor, 50_000, none, 250_000, 10_000, "0000", "9999"},
		{"pairs of deposits", Deposits, 50_000, none, 250_000, 4950, "1+1", "99+99"},
	} {
		t.Run(c.name, func(t *testing.T) {
			counts := drawMany(t, c.draws, c.v, won, kecis.Won(c.order), c.recent)
			if off := chiSquare(counts, c.values); math.Abs(off) > uneven {
				t.Errorf("off by %.1f standard deviations", off)
			}
			if len(counts) != c.values || counts[c.lowest] == 0 || counts[c.last] == 0 {
				t.Errorf("%d values, %d of the lowest, %d of the last", len(counts), counts[c.lowest], counts[c.last])
			}
			for form := range some {
				if c.recent(form) && counts[form] != 0 {
					t.Errorf("%s was drawn again", form)
				}
			}
		})
	}
}

// TestChiSquareFindsABias: the remainder that a draw by modulo favours is found.
func TestChiSquareFindsABias(t *testing.T) {
	counts := map[string]int{}
	random := rand.New(seeded("bias"))
	for range 1_000_000 {
		counts[canonical(int64(random.IntN(1<<13)%2500))]++ // 3 or 4 of 8,192 for each
	}
	if off := chiSquare(counts, 2500); math.Abs(off) < uneven {
		t.Errorf("the bias is %.1f standard deviations", off)
	}
}

func TestPairs(t *testing.T) {
	seen := map[[2]int64]bool{}
	for n := range int64(4950) {
		low, high := pair(n)
		if low < 0 || low > high || high > 98 || seen[[2]int64{low, high}] {
			t.Fatalf("%d is %d and %d", n, low, high)
		}
		seen[[2]int64{low, high}] = true
	}
}

func TestTyped(t *testing.T) {
	for _, c := range []struct {
		text     string
		currency kecis.Currency
		want     int64
		code     Code
	}{
		{"1234", kecis.KRW, 1234, ""},
		{"1,234", kecis.KRW, 1234, ""},
		{"1,234원", kecis.KRW, 1234, ""},
		{"₩1,234", kecis.KRW, 1234, ""},
		{"￦ 1,234", kecis.KRW, 1234, ""},
		{`\1234`, kecis.KRW, 1234, ""},
		{"KRW 1234", kecis.KRW, 1234, ""},
		{"１，２３４원", kecis.KRW, 1234, ""},
		{"　1 234 ", kecis.KRW, 1234, ""},
		{"01234", kecis.KRW, 1234, ""},
		{"0", kecis.KRW, 0, ""},
		{"1,234,567", kecis.KRW, 1_234_567, ""},
		{"12.34", kecis.USD, 1234, ""},
		{"$12.34", kecis.USD, 1234, ""},
		{"12", kecis.USD, 1200, ""},
		{"1,234.50달러", kecis.USD, 123_450, ""},
		{"", kecis.KRW, 0, ErrTypedEmpty},
		{" 　", kecis.KRW, 0, ErrTypedEmpty},
		{"원", kecis.KRW, 0, ErrTypedLetters},
		{"천이백", kecis.KRW, 0, ErrTypedLetters},
		{"12a4", kecis.KRW, 0, ErrTypedLetters},
		{"١٢٣٤", kecis.KRW, 0, ErrTypedLetters},
		{"1234원원", kecis.KRW, 0, ErrTypedLetters},
		{"$1234", kecis.KRW, 0, ErrTypedLetters},
		{"-1234", kecis.KRW, 0, ErrTypedSign},
		{"+1234", kecis.KRW, 0, ErrTypedSign},
		{"−1234", kecis.KRW, 0, ErrTypedSign},
		{"1234.00", kecis.KRW, 0, ErrTypedDecimals},
		{"1.234", kecis.KRW, 0, ErrTypedDecimals},
		{"12.3", kecis.USD, 0, ErrTypedDecimals},
		{".34", kecis.USD, 0, ErrTypedDecimals},
		{"1.2.3", kecis.USD, 0, ErrTypedDecimals},
		{"12,34", kecis.KRW, 0, ErrTypedGrouping},
		{",234", kecis.KRW, 0, ErrTypedGrouping},
		{"1,234,", kecis.KRW, 0, ErrTypedGrouping},
		{"1234,567", kecis.KRW, 0, ErrTypedGrouping},
		{"1234567890123456", kecis.KRW, 0, ErrTypedLength},
	} {
		got, err := typedAmount(c.text, c.currency)
		var code Code
		if err != nil {
			code = err.(*Error).code
		}
		if got != c.want || code != c.code {
			t.Errorf("%q: %d, %q, want %d, %q", c.text, got, code, c.want, c.code)
		}
	}
	for text, want := range map[string]Code{"1234": "", "１２ ３４": "", "123": ErrTypedLength, "12345": ErrTypedLength, "123a": ErrTypedLetters, "": ErrTypedEmpty} {
		_, err := typedCode(text)
		if code, _ := err.(*Error); err != nil && code.code != want || err == nil && want != "" {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	if _, err := typed(Deposits, kecis.KRW, []string{"1"}); err == nil {
		t.Error("one deposit is enough")
	}
	a, _ := typed(Deposits, kecis.KRW, []string{"12", "34원"})
	for _, text := range []string{"12 34", "34+12", "12원, 34원", "34 / 12"} {
		if b, err := typed(Deposits, kecis.KRW, []string{text}); err != nil || b != a {
			t.Errorf("%q: %s, %v", text, b, err)
		}
	}
	if b, _ := typed(Deposits, kecis.KRW, []string{"34", "12"}); a != b {
		t.Errorf("%s and %s", a, b)
	}
}

func FuzzTyped(f *testing.F) {
	for _, text := range []string{"1,234원", "₩1", "１２３", "-1", "\\"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := typedAmount(text, kecis.KRW)
		if n < 0 || n > kecis.MaxMinor || err != nil && n != 0 {
			t.Errorf("%q: %d, %v", text, n, err)
		}
		if err != nil {
			return
		}
		if again, err := typedAmount(kecis.Won(n).Format("ko"), kecis.KRW); err != nil || again != n {
			t.Errorf("%q: %d is read as %d, %v", text, n, again, err)
		}
	})
}
