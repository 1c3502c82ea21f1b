package pg_test

import (
	"context"
	"encoding/base64"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/metadata"
)

const (
	pgFront   = "https://pg.example/orders"
	shopFront = "https://shop.example/paid"
)

// till is a page on which the buyer pays by one test instrument.
type till struct {
	t          *testing.T
	instrument string
	months     kecis.Instalments
}

func (p *till) ServePage(w http.ResponseWriter, r *http.Request, v *kecis.Visit) {
	if r.Method == http.MethodGet {
		_, _ = io.WriteString(w, "pay here")
		return
	}
	concealed, err := v.Conceal(r.Context(), plain(p.t, p.instrument))
	if err == nil {
		err = v.Pay(w, r, kecis.Choice{Instrument: concealed, Instalments: p.months})
	}
	if err != nil {
		p.t.Error(err)
	}
}

// sites is the network as a browser uses it: all below an address goes to it.
type sites map[string]http.Handler

func (s sites) RoundTrip(r *http.Request) (*http.Response, error) {
	for address, h := range s {
		if strings.HasPrefix(r.URL.String(), address) {
			return answer(h, r), nil
		}
	}
	return nil, io.ErrUnexpectedEOF
}

// TestCheckout pays orders on the PG's page, by instruments that the PG passes on
// concealed, with the shop's order as the mandate.
func TestCheckout(t *testing.T) {
	w := newWorld(t)
	front := func(entity, location string) {
		role := &w.parties[entity].Partner.Entity.Roles[0]
		role.Endpoints = append(role.Endpoints, metadata.Endpoint{Service: metadata.ServiceOrder, Binding: metadata.BindingForm, Location: location})
	}
	front(pgID, pgFront)
	front(shopID, shopFront)
	page := &till{t: t, instrument: "card-approve", months: 3}
	role, _ := w.parties[pgID].Partner.Role(metadata.PG)
	w.pg.server = w.serve(pgID, w.pg.journal, kecis.ServerConfig{
		Role: *role, Payments: w.pg.pg, Captures: w.pg.pg, Cancellations: w.pg.pg, Client: w.client(pgID, w.pg.journal),
		Checkout: kecis.Checkout{Location: pgFront, Page: page},
	})
	var last *kecis.Returned
	back := &kecis.OrderReturn{Client: w.shop, Location: shopFront, Show: func(_ http.ResponseWriter, _ *http.Request, r *kecis.Returned) { last = r }}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar, Transport: sites{pgFront: w.pg.server.Checkout(), shopFront: back}}
	post := func(address string, values url.Values) (at, body string) {
		t.Helper()
		r, err := browser.PostForm(address, values)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = r.Body.Close() }()
		text, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		return r.Request.URL.String(), string(text)
	}
	value := regexp.MustCompile(`name="KECISResponse" value="([^"]*)"`)
	pay := func(id string) *kecis.PaymentOrder {
		t.Helper()
		p := w.shop.NewOrder(pgID)
		from := w.orderAt(w.shop, pgID, id, page.instrument)
		p.OrderRef, p.Payee, p.Amount, p.OrderAmount, p.Tax = from.OrderRef, from.Payee, from.Amount, from.OrderAmount, from.Tax
		p.Terms = kecis.Terms{Capture: kecis.CaptureAutomatic, Instalments: 6}
		form, err := w.shop.OpenOrder(context.Background(), p, "")
		if err != nil {
			t.Fatal(err)
		}
		at, _ := post(form.Action, url.Values{form.Field: {form.Value}})
		_, answered := post(at, nil)
		found := value.FindStringSubmatch(answered)
		if found == nil {
			t.Fatalf("no answer: %s", answered)
		}
		post(shopFront, url.Values{"KECISResponse": {html.UnescapeString(found[1])}})
		return p
	}

	order := pay("ORD-0001")
	if last == nil || last.Err != nil || last.Answer.Transaction.Terms.Instalments != 3 || last.Answer.Transaction.State != kecis.StateCaptured {
		t.Fatalf("paid by card: %+v", last)
	}
	if found := w.inquire(w.shop, pgID, order.ID); found.Transaction != last.Answer.Transaction {
		t.Errorf("the back channel says %+v", found.Transaction)
	}
	w.forwardedOrder(t, order)

	page.months = 0
	page.instrument = "card-limit"
	pay("ORD-0002")
	if last.Err == nil || last.Answer.Status.Outcome != kecis.NotDone {
		t.Errorf("declined: %+v", last)
	}
	w.rest()
	w.agreed()
}

// forwardedOrder says that the issuer has the shop's order as it was signed.
func (w *world) forwardedOrder(t *testing.T, order *kecis.PaymentOrder) {
	t.Helper()
	w.rest()
	err := w.books.View(t.Context(), func(tx journal.Tx) error {
		list, err := tx.ListEvidence(0, 100)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(list, func(e *journal.Exhibit) bool { return e.Kind == "PaymentRequest" })
		if at < 0 {
			t.Fatal("the issuer was asked for nothing")
		}
		document, err := tx.Document(list[at].Document)
		if err != nil {
			return err
		}
		evidence := regexp.MustCompile(`Kind="request">([^<]*)<`).FindSubmatch(document)
		if evidence == nil {
			t.Fatalf("no evidence: %s", document)
		}
		inner, err := base64.StdEncoding.DecodeString(string(evidence[1]))
		if err != nil || !strings.Contains(string(inner), "<kecis:PaymentOrder ") || !strings.Contains(string(inner), string(order.ID)) {
			t.Errorf("the evidence is %s, %v", inner, err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// answer is what the handler answers.
func answer(h http.Handler, r *http.Request) *http.Response {
	w := httptest.NewRecorder()
	in := r.Clone(r.Context())
	in.RequestURI = r.URL.RequestURI()
	h.ServeHTTP(w, in)
	out := w.Result()
	out.Request = r
	return out
}
