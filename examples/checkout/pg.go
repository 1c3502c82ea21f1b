package main

import (
	"context"
	"errors"
	"html/template"
	"net/http"

	"github.com/kecis/sdk/kecis"
)

// purse is a back end that always has money, and forgets what it did.
type purse struct{}

func (purse) Pay(context.Context, kecis.Attempt, *kecis.PaymentRequest) (*kecis.Approval, error) {
	return &kecis.Approval{ApprovalCode: "00000001"}, nil
}

func (purse) Lookup(context.Context, string) (*kecis.Approval, error) {
	return nil, errors.New("forgotten")
}
func (purse) Reverse(context.Context, string) error { return nil }

// counter is the PG's page.
type counter struct{}

const counterText = `<!DOCTYPE html><html lang="ko"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>PG</title>
<p>{{.Payee.Name}}: {{.Amount.Format "ko"}}</p>
<form method="post">
<button name="do" value="pay">결제</button>
<button name="do" value="leave">취소</button>
</form>
`

func (counter) ServePage(w http.ResponseWriter, r *http.Request, v *kecis.Visit) {
	switch r.PostFormValue("do") {
	case "pay":
		err := v.Pay(w, r, kecis.Choice{
			Instrument: kecis.Instrument{Issuer: pgEntity, Kind: kecis.EMoney, Ref: "purse-of-hong-gildong"},
		})
		if err != nil { // the order does not leave this choice
			http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		}
	case "leave":
		v.Cancel(w, r)
	default:
		page, err := template.New("counter").Parse(counterText)
		if err == nil {
			err = page.Execute(w, v.Order())
		}
		if err != nil {
			http.Error(w, "no page", http.StatusInternalServerError)
		}
	}
}
