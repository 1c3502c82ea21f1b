package issuer_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/kecis/sdk/conformance/reference/issuer"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/metadata"
)

// broken is a source of partners that has a fault.
type broken struct{}

func (broken) Partner(context.Context, string) (*metadata.Partner, error) {
	return nil, errors.New("the database is gone")
}

func (w *world) get(path string, header http.Header) *httptest.ResponseRecorder {
	w.t.Helper()
	h, err := w.issuer.InboxHandler()
	if err != nil {
		w.t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(w.t.Context(), http.MethodGet, path, nil)
	r.Header = header
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	return rec
}

// TestInboxRetention: notices are deleted once they are older than the retention,
// also those of a holder who never comes back.
func TestInboxRetention(t *testing.T) { onEachStore(t, inboxRetention) }

func inboxRetention(t *testing.T, w *world) {
	t.Helper()
	count := func() int {
		t.Helper()
		for worked := true; worked; {
			var err error
			if worked, err = w.issuer.RunOnce(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		notices, err := w.issuer.Inbox(t.Context(), "hong", 10)
		if err != nil {
			t.Fatal(err)
		}
		return len(notices)
	}
	w.pay("card-approve", 50_000)
	w.clock.forward(24 * time.Hour)
	w.pay("card-approve", 7_000)
	w.clock.forward(issuer.DefaultNoticeRetention - 24*time.Hour - time.Second)
	if n := count(); n != 2 {
		t.Errorf("%d notices a second before the first is old", n)
	}
	w.clock.forward(2 * time.Hour)
	if n := count(); n != 1 {
		t.Errorf("%d notices when the first is old", n)
	}
	w.clock.forward(24 * time.Hour)
	if n := count(); n != 0 {
		t.Errorf("%d notices when both are old", n)
	}
}

func TestInbox(t *testing.T) { onEachStore(t, inbox) }

func inbox(t *testing.T, w *world) {
	t.Helper()
	a, _ := w.pay("card-approve", 50_000, instalments(3), func(p *kecis.PaymentRequest) { p.Payee.Name = "<꽃집>" })
	w.clock.forward(1)
	if err := w.cancel(w.about(a), 20_000); err != nil {
		t.Fatal(err)
	}
	w.pay("account-approve", 7_000)
	w.refused(kecis.ErrDeclinedLimit, "card-limit", 12_345)

	var got struct {
		Notices []struct{ Kind, Ko, En, Instrument string }
	}
	rec := w.get("/api/inbox/hong", nil)
	if err := json.Unmarshal(rec.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, n := range got.Notices {
		texts = append(texts, n.Ko, n.En)
	}
	all := strings.Join(texts, "\n")
	for _, want := range []string{
		"[KECIS카드] 12/31 14:03 50,000원 승인 (3개월) <꽃집>, 카드 400000******0016",
		"[KECIS카드] 12/31 14:03 ₩50,000 approved (3 months) <꽃집>, card 400000******0016",
		"[KECIS카드] 12/31 14:03 20,000원 취소 <꽃집>, 카드 400000******0016",
		"[KECIS카드] 12/31 14:03 7,000원 승인 꽃집, 계좌 ******0011",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("no notice %q in\n%s", want, all)
		}
	}
	kim := w.get("/inbox/kim", nil).Body.String()
	if want := "12,345원 승인거절 (일시불) 꽃집, 카드 400000******0107: 결제 수단의 한도 또는 잔액이 부족합니다."; !strings.Contains(kim, want) {
		t.Errorf("no %q in\n%s", want, kim)
	}
}

func TestInboxPage(t *testing.T) {
	w := newWorld(t)
	w.pay("card-approve", 50_000, func(p *kecis.PaymentRequest) { p.Payee.Name = "<script>" })
	rec := w.get("/inbox/hong", http.Header{"Accept-Language": {"en-US,en;q=0.9"}})
	page := rec.Body.String()
	if !strings.Contains(page, `<html lang="en">`) || !strings.Contains(page, "₩50,000 approved") {
		t.Errorf("English page:\n%s", page)
	}
	if strings.Contains(page, "<script") {
		t.Errorf("the payee's name is not escaped:\n%s", page)
	}
	policy := rec.Header().Get("Content-Security-Policy")
	if !strings.HasPrefix(policy, "default-src 'none'; style-src 'sha256-") || strings.Contains(policy, "unsafe") {
		t.Errorf("policy %q", policy)
	}
	if korean := w.get("/inbox/hong?lang=ko", rec.Header()).Body.String(); !strings.Contains(korean, `<html lang="ko">`) {
		t.Errorf("Korean page:\n%s", korean)
	}
	if empty := w.get("/inbox/nobody", nil).Body.String(); !strings.Contains(empty, "받은 문자가 없습니다.") {
		t.Errorf("empty page:\n%s", empty)
	}
	if rec := w.get("/inbox/NOBODY", nil); rec.Code != http.StatusNotFound {
		t.Errorf("status %d of a name that no holder can have", rec.Code)
	}
}

// TestLossy: the payment is carried out, and the answer does not arrive.
func TestLossy(t *testing.T) {
	for id, want := range map[string][]bool{ // whether each transmission gets an answer
		"card-approve":   {true, true},
		"card-lost-once": {false, true, true},
		"card-lost":      {false, false, false},
	} {
		t.Run(id, func(t *testing.T) {
			w := newWorld(t)
			a, p := w.attempt(), w.payment(id, 1000)
			server := httptest.NewServer(issuer.Lossy(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				if body, err := io.ReadAll(r.Body); err != nil || string(body) != "payment" {
					_, _ = io.WriteString(rw, "another message")
					return
				}
				_, err := claim(w, func(tx journal.Tx) (*kecis.Approval, error) { return w.issuer.PlanPayment(r.Context(), tx, a, p) })
				if err != nil {
					t.Error(err)
				}
				rw.Header().Set("Content-Type", "application/xml")
				rw.WriteHeader(http.StatusAccepted)
				_, _ = io.WriteString(rw, "answer")
			}), issuer.AbortConnection))
			defer server.Close()
			server.Config.ErrorLog = nil
			for i, arrives := range want {
				text, err := post(t, server.URL, "payment")
				if arrives != (err == nil) || arrives && text != "202 application/xml answer" {
					t.Errorf("transmission %d: %q, %v", i+1, text, err)
				}
			}
			if text, err := post(t, server.URL, "inquiry"); err != nil || !strings.HasSuffix(text, "another message") {
				t.Errorf("another message: %q, %v", text, err)
			}
			if book := w.book(a); book.Held != 1000 {
				t.Errorf("books: %+v", book)
			}
		})
	}
}

func post(t *testing.T, url, body string) (string, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	return strings.Join([]string{answer.Status[:3], answer.Header.Get("Content-Type"), string(text)}, " "), err
}
