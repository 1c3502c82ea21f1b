package amountauth_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/amountauth"
)

func TestLinkMovesTheBrowser(t *testing.T) {
	w := newWorld(t)
	s := w.begin("a")
	if _, err := w.engine.Visit(t.Context(), s.ID, "first", ""); err != nil {
		t.Fatal(err)
	}
	_, err := w.confirm(s.ID, "1", "999")
	isCode(t, err, amountauth.ErrWrong)
	for _, secret := range []string{"second", ""} {
		_, err = w.engine.Visit(t.Context(), s.ID, secret, "")
		isCode(t, err, amountauth.ErrOtherBrowser)
	}
	_, err = w.engine.Visit(t.Context(), s.ID, "first", "https://other.example")
	isCode(t, err, amountauth.ErrOtherMerchant)
	token, err := w.engine.Link(t.Context(), s.ID)
	if err != nil {
		t.Fatal(err)
	}
	moved, err := w.engine.Move(t.Context(), token, "second")
	if err != nil || moved.TriesLeft != 2 || moved.Amount != s.Amount || moved.Payee != s.Payee || !moved.Expires.Equal(s.Expires) {
		t.Errorf("%+v, %v", moved, err)
	}
	if _, err := w.engine.Visit(t.Context(), s.ID, "second", ""); err != nil {
		t.Error(err)
	}
	_, err = w.engine.Visit(t.Context(), s.ID, "first", "")
	isCode(t, err, amountauth.ErrOtherBrowser)
}

func TestLinkIsSigned(t *testing.T) {
	w := newWorld(t)
	s, other := w.begin("a"), w.begin("b", ofCard("card-2"))
	token, err := w.engine.Link(t.Context(), s.ID)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(token, ".")
	for name, bad := range map[string]string{
		"another session": strings.Replace(token, s.ID, other.ID, 1),
		"a longer time":   strings.Replace(token, parts[1], "zzzzzz", 1),
		"another key":     "k2" + strings.TrimPrefix(token, "k1"),
		"cut":             token[:len(token)-1],
		"flipped":         token[:len(token)-2] + "AA",
		"empty":           "",
		"long":            token + strings.Repeat("A", 300),
	} {
		if _, err := w.engine.OpenLink(t.Context(), bad); err == nil || err.Error() != amountauth.ErrLink.Error() && !strings.Contains(err.Error(), "aa-link ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.clock.Advance(20 * time.Minute)
	_, err = w.engine.OpenLink(t.Context(), token)
	isCode(t, err, amountauth.ErrLinkExpired)
	w.runAll()
	_, err = w.engine.Link(t.Context(), s.ID)
	isCode(t, err, amountauth.ErrLate)
}

func TestProfile(t *testing.T) {
	enrolled := func(t *testing.T) (*world, *amountauth.Profile, *amountauth.Skip) {
		t.Helper()
		w := newWorld(t)
		s := w.begin("a")
		if _, _, err := w.engine.Enrol(t.Context(), s.ID, kecis.Won(100_000), time.Hour); err == nil {
			t.Fatal("a session that is not verified makes a profile")
		}
		if _, err := w.confirm(s.ID, "1", w.bank.sms(s.ID)...); err != nil {
			t.Fatal(err)
		}
		p, token, err := w.engine.Enrol(t.Context(), s.ID, kecis.Won(100_000), 24*time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		return w, p, &amountauth.Skip{
			Key: "s1", Token: token, InstrumentRef: "ref-card-1", Payee: s.Payee.Entity, Amount: kecis.Won(100_000), Month: 9, Year: 2030,
		}
	}
	for _, c := range []struct {
		name   string
		change func(w *world, p *amountauth.Profile, s *amountauth.Skip)
		want   amountauth.Code
	}{
		{"as enrolled", func(*world, *amountauth.Profile, *amountauth.Skip) {}, ""},
		{"a copied cookie alone", func(_ *world, _ *amountauth.Profile, s *amountauth.Skip) { s.Month, s.Year = 0, 0 }, amountauth.ErrProfileExpiry},
		{"another secret", func(_ *world, p *amountauth.Profile, s *amountauth.Skip) {
			s.Token = p.ID + "." + strings.Repeat("0", 64)
		}, amountauth.ErrProfile},
		{"no secret", func(_ *world, p *amountauth.Profile, s *amountauth.Skip) { s.Token = p.ID }, amountauth.ErrProfile},
		{"another card", func(_ *world, _ *amountauth.Profile, s *amountauth.Skip) { s.InstrumentRef = "ref-card-2" }, amountauth.ErrProfile},
		{"another payee", func(_ *world, _ *amountauth.Profile, s *amountauth.Skip) { s.Payee = "https://other.example" }, amountauth.ErrProfile},
		{"more than the cap", func(_ *world, _ *amountauth.Profile, s *amountauth.Skip) { s.Amount.Minor++ }, amountauth.ErrProfile},
		{"another currency", func(_ *world, _ *amountauth.Profile, s *amountauth.Skip) { s.Amount.Currency = kecis.USD }, amountauth.ErrProfile},
		{"too late", func(w *world, _ *amountauth.Profile, _ *amountauth.Skip) { w.clock.Advance(24 * time.Hour) }, amountauth.ErrProfile},
		{"revoked", func(w *world, p *amountauth.Profile, _ *amountauth.Skip) {
			if err := w.engine.Revoke(w.t.Context(), p.ID); err != nil {
				w.t.Error(err)
			}
		}, amountauth.ErrProfile},
		{"after a failed session", func(w *world, _ *amountauth.Profile, _ *amountauth.Skip) {
			w.clock.Advance(time.Second)
			s := w.begin("b")
			for i := range 3 {
				_, _ = w.confirm(s.ID, fmt.Sprint(i), "999")
			}
		}, amountauth.ErrProfile},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, p, s := enrolled(t)
			c.change(w, p, s)
			_, err := w.engine.Skip(t.Context(), s)
			if c.want == "" && err != nil {
				t.Fatal(err)
			}
			if c.want != "" {
				isCode(t, err, c.want)
			}
		})
	}
	t.Run("three wrong expiries", func(t *testing.T) {
		w, _, s := enrolled(t)
		for i := range 3 {
			s.Key, s.Month = fmt.Sprintf("wrong-%d", i), i+1
			_, err := w.engine.Skip(t.Context(), s)
			isCode(t, err, amountauth.ErrProfileExpiry)
			right := *s
			right.Key, right.Month = fmt.Sprintf("right-%d", i), 9
			_, err = w.engine.Skip(t.Context(), &right) // a right one between gives no further tries
			if i < 2 && err != nil {
				t.Fatal(err)
			}
			if i == 2 {
				isCode(t, err, amountauth.ErrProfile)
			}
		}
	})
	t.Run("counted before the issuer is asked", func(t *testing.T) {
		w, _, s := enrolled(t)
		w.bank.fault = func(string) fault { return answerLost }
		for i := range 3 {
			s.Key, s.Month = fmt.Sprintf("lost-%d", i), i+1
			if _, err := w.engine.Skip(t.Context(), s); err == nil {
				t.Fatal("an answer that never came is taken")
			}
		}
		w.bank.fault = nil
		s.Key, s.Month = "right", 9
		_, err := w.engine.Skip(t.Context(), s)
		isCode(t, err, amountauth.ErrProfile)
	})
}
