package pg_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/kecis/sdk/conformance/reference/issuer"
	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/xmlenc"
	"github.com/kecis/sdk/kecis/xmlsig"
)

// TestNumbersUnseen: no byte that the PG keeps holds a number.
func TestNumbersUnseen(t *testing.T) {
	w := newWorld(t)
	for i, id := range []string{"card-approve", "card-declined", "account-approve", "e-money-approve"} {
		_, _ = w.shop.Pay(t.Context(), w.order(fmt.Sprintf("ORD-%04d", i), id)) // either way it leaves traces
	}
	w.rest()
	var kept bytes.Buffer
	err := w.pg.journal.View(t.Context(), func(tx journal.Tx) error {
		rows, err := tx.ListEvidence(0, 1000)
		if err != nil {
			return err
		}
		for _, e := range rows {
			document, err := tx.Document(e.Document)
			if err != nil {
				return err
			}
			kept.Write(document)
		}
		for _, space := range []string{"pg/merchants", "pg/payments", "pg/refs", "pg/entries", "pg/balances"} {
			records, err := tx.Range(space, "", "", 1000)
			if err != nil {
				return err
			}
			for _, r := range records {
				kept.WriteString(r.Key)
				kept.Write(r.Value)
			}
		}
		list, err := tx.ListTransactions(shopID, w.clock.Now().AddDate(-1, 0, 0), w.clock.Now().AddDate(1, 0, 0), w.clock.Now().AddDate(-1, 0, 0), "", 100)
		if err != nil {
			return err
		}
		return json.NewEncoder(&kept).Encode(list)
	})
	if err != nil || kept.Len() < 10_000 {
		t.Fatalf("%d bytes were found, %v", kept.Len(), err)
	}
	for _, i := range issuer.TestInstruments() {
		number := []byte(i.Number)
		if bytes.Contains(kept.Bytes(), number) || bytes.Contains(kept.Bytes(), []byte(base64.StdEncoding.EncodeToString(number))) {
			t.Errorf("the number of %s is kept", i.ID)
		}
	}
}

// TestConceal: what a shop enters goes to its issuer, or nowhere, and shows
// itself to nobody.
func TestConceal(t *testing.T) {
	w := newWorld(t)
	p := w.order("ORD-0001", "card-approve")
	if i := p.Instrument; i.Issuer != issuerID || i.Brand != "VISA" || i.Masked() != "400000******0016" || i.Encrypted == nil {
		t.Errorf("concealed: %+v", i)
	}
	for name, test := range map[string]struct {
		edit func(*kecis.PlainInstrument)
		code kecis.Code
	}{
		"unknown BIN":  {func(i *kecis.PlainInstrument) { i.Number = ecml.NewCardNumber("4111111111111111") }, kecis.ErrNoRoute},
		"check digit":  {func(i *kecis.PlainInstrument) { i.Number = ecml.NewCardNumber("4000001200000017") }, kecis.ErrInvalidCard},
		"no number":    {func(i *kecis.PlainInstrument) { i.Number = ecml.CardNumber{} }, kecis.ErrInvalidCard},
		"month":        {func(i *kecis.PlainInstrument) { i.ExpMonth = 13 }, kecis.ErrInvalidCard},
		"year":         {func(i *kecis.PlainInstrument) { i.ExpYear = 29 }, kecis.ErrInvalidCard},
		"no kind":      {func(i *kecis.PlainInstrument) { i.Kind = 0 }, kecis.ErrInvalidCard},
		"unknown bank": {func(i *kecis.PlainInstrument) { i.Kind, i.Institution = kecis.Account, "099" }, kecis.ErrNoRoute},
		"letters": {func(i *kecis.PlainInstrument) {
			i.Kind, i.Institution, i.Number = kecis.Account, bankCode, ecml.NewCardNumber("1000-00000001")
		}, kecis.ErrInvalidCard},
		"a short account": {func(i *kecis.PlainInstrument) {
			i.Kind, i.Institution, i.Number = kecis.Account, bankCode, ecml.NewCardNumber("100000001")
		}, kecis.ErrInvalidCard},
	} {
		i := plain(t, "card-approve")
		test.edit(i)
		_, err := w.shop.Conceal(t.Context(), p, i)
		if want := kecis.Refuse(test.code); err == nil || err.Error() != want.Error() {
			t.Errorf("%s: %v, want %v", name, err, want)
		}
	}
	i := plain(t, "card-approve")
	var out bytes.Buffer
	slog.New(slog.NewJSONHandler(&out, nil)).Info("card", "card", *i)
	text := fmt.Sprintf("%v %+v %#v %s", i, *i, *i, out.String())
	if strings.Contains(text, i.Number.Reveal()) || strings.Contains(text, "123") {
		t.Errorf("it shows itself: %s", text)
	}
}

// TestConcealedForOrder: a concealed instrument pays no other order.
func TestConcealedForOrder(t *testing.T) {
	w := newWorld(t)
	p := w.order("ORD-0001", "card-approve")
	other := w.order("ORD-0002", "card-approve")
	other.Instrument.Encrypted = p.Instrument.Encrypted
	_, err := w.shop.Pay(t.Context(), other)
	if f := refused(t, err, kecis.NotDone, kecis.Code(xmlenc.ErrFailed)); f.Retry != kecis.RetryNever {
		t.Errorf("retry %v", f.Retry)
	}
}

// TestEvidence: the issuer has the shop's request from the PG as the shop signed
// it, with and without SOAP.
func TestEvidence(t *testing.T) {
	for _, soap := range []bool{false, true} {
		w := newWorld(t)
		p := w.order("ORD-0001", "card-approve", func(p *kecis.PaymentRequest) {
			p.Payee.Merchant, p.Payee.Category = "M-1", "5992"
			p.Terms.Instalments, p.Terms.InterestFree = 3, true
		})
		p.Destination, p.IssueInstant, p.NotOnOrAfter = pgID, w.clock.Now(), w.clock.Now().Add(kecis.DefaultWindow)
		signed, err := kecis.Sign(p, w.parties[shopID].Signer)
		if err != nil {
			t.Fatal(err)
		}
		if answer := w.post(signed, soap); !bytes.Contains(answer, []byte(`State="captured"`)) {
			t.Errorf("SOAP %t: the answer is %s", soap, answer)
		}
		w.rest()
		sent, mandates := w.sent()
		if len(mandates) != 1 || mandates[0].ID != p.ID {
			t.Fatalf("SOAP %t: %d mandates", soap, len(mandates))
		}
		want := p.Payee
		want.Merchant = ""
		if sent[0].Payee != want || sent[0].Tax != p.Tax || sent[0].Terms != p.Terms || sent[0].OrderRef != p.OrderRef {
			t.Errorf("SOAP %t: the PG sent %+v", soap, sent[0])
		}
	}
}

// post sends a document to the PG by hand.
func (w *world) post(document []byte, soap bool) []byte {
	w.t.Helper()
	media := "application/xml"
	if soap {
		media = "text/xml"
		document = slices.Concat([]byte(`<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:x="urn:x"><s:Body>`), document, []byte(`</s:Body></s:Envelope>`))
	}
	answer, err := w.network.Client().Post(pgID, media, bytes.NewReader(document))
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return body
}

// sent opens what the issuer received from the PG, and the shop's requests in it.
func (w *world) sent() (outer, inner []*kecis.PaymentRequest) {
	w.t.Helper()
	verifier := &xmlsig.Verifier{Profile: xmlsig.Message(kecis.PaymentRequestKind.Root())}
	open := func(document []byte, by string) *kecis.PaymentRequest {
		m, err := kecis.Open(w.t.Context(), verifier, document, xmlsig.Keys{w.parties[by].Signer.Public()})
		if err != nil {
			w.t.Fatal(err)
		}
		return m.(*kecis.PaymentRequest)
	}
	err := w.books.View(w.t.Context(), func(tx journal.Tx) error {
		rows, err := tx.ListEvidence(0, 100)
		for _, e := range rows {
			if document, err := tx.Document(e.Document); err != nil {
				return err
			} else if e.Kind == kecis.PaymentRequestKind.String() {
				p := open(document, pgID)
				outer, inner = append(outer, p), append(inner, open(p.Evidence[0].Document, shopID))
			}
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return outer, inner
}
