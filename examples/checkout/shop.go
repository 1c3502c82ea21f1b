package main

import (
	"crypto/rand"
	"fmt"
	"html/template"
	"net/http"
	"net/url"

	"github.com/kecis/sdk/kecis"
)

// store is the shop: an offer, an order, and a page that tells what became of it.
type store struct{ client *kecis.Client }

func (s *store) offer(w http.ResponseWriter, _ *http.Request) {
	_, _ = fmt.Fprint(w, orderText)
}

// buy signs the order, which is journaled before the browser gets it.
func (s *store) buy(w http.ResponseWriter, r *http.Request) {
	p := s.client.NewOrder(pgEntity)
	p.OrderRef = kecis.OrderRef{Requester: shopEntity, OrderID: "ORD-" + rand.Text(), Attempt: 1, Part: 1}
	p.Payee = kecis.Payee{Entity: shopEntity, Name: "꽃집"}
	p.Amount, p.OrderAmount = kecis.Won(35_000), kecis.Won(35_000)
	p.Tax = kecis.Tax{TaxFree: 35_000} // flowers have no VAT in Korea
	p.Terms = kecis.Terms{Capture: kecis.CaptureAutomatic}
	form, err := s.client.OpenOrder(r.Context(), p, "")
	if err != nil {
		http.Error(w, "cannot be paid now", http.StatusServiceUnavailable)
		return
	}
	form.Script = "/submit.js"
	form.ServeHTTP(w, r)
}

// paid is given the verified answer. A real shop marks the order as paid here,
// once for each OrderRef, and ships only where back.Err is nil.
func (s *store) paid(w http.ResponseWriter, r *http.Request, back *kecis.Returned) {
	result := "paid"
	if back.Err != nil {
		result = back.Err.Error()
	}
	http.Redirect(w, r, "/thanks?"+url.Values{"order": {back.Answer.OrderRef.OrderID}, "result": {result}}.Encode(), http.StatusSeeOther)
}

type thanksPage struct{ Order, Result string }

// orderText is the page of the one thing that the shop sells.
const orderText = `<!DOCTYPE html><html lang="ko"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>꽃집</title>
<h1>꽃집</h1><p>장미 한 다발, 35,000원</p><form method="post" action="/buy"><button>주문하기</button></form>`

const thanksText = `<!DOCTYPE html><html lang="ko"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>꽃집</title><p>{{.Order}}: {{.Result}}</p>`

func (s *store) thanks(w http.ResponseWriter, r *http.Request) {
	page := thanksPage{Order: r.FormValue("order"), Result: r.FormValue("result")} // a real shop reads its own database
	if err := template.Must(template.New("thanks").Parse(thanksText)).Execute(w, page); err != nil {
		http.Error(w, "no page", http.StatusInternalServerError)
	}
}
