package pg

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/amountauth"
	"github.com/kecis/sdk/kecis/metadata"
)

// hostedView is what the page shows.
type hostedView struct {
	Language, Other, Name        string
	Text                         hostedText
	Payee, Amount                string
	By                           string // "card", "account", "e-money"
	Months                       []int
	Methods                      []hostedMethod
	Registered                   string // the card of a profile, masked
	Remember                     bool   // that a profile can be asked for
	Message, Field               string // what is wrong, and where
	StyleAddress, StyleIntegrity string
}

// hostedMethod is a way in which the buyer can be authenticated.
type hostedMethod struct {
	Name, Title, Hint string
	Checked           bool
}

// languageOf is that of the order, or of the switch.
func languageOf(r *http.Request, v *kecis.Visit) string {
	switch lang := r.URL.Query().Get("lang"); {
	case lang == "ko", lang == "en":
		return lang
	case v.Order().Offer.Language == kecis.English:
		return "en"
	}
	return "ko"
}

func (h *Hosted) newView(r *http.Request, v *kecis.Visit) *hostedView {
	view := &hostedView{Language: languageOf(r, v), Name: h.config.Name, By: r.URL.Query().Get("by")}
	view.Text, view.Other = hostedTexts(view.Language), "en"
	if view.Language == "en" {
		view.Other = "ko"
	}
	if view.By != byAccount && view.By != byEMoney {
		view.By = byCard
	}
	return view
}

// fill puts in what the order says.
func (view *hostedView) fill(h *Hosted, v *kecis.Visit) {
	o := v.Order()
	view.Payee, view.Amount = o.Payee.Name, o.Amount.Format(view.Language)
	view.StyleAddress, view.StyleIntegrity = h.path+"/"+styleName, integrity(amountauth.StyleSheet())
	if view.By == byCard && o.Amount.Currency == kecis.KRW && o.Amount.Minor >= instalmentsFrom {
		for n := 2; n <= min(int(o.Terms.Instalments), maxMonths); n++ {
			view.Months = append(view.Months, n)
		}
	}
	if view.By == byEMoney || !hasMethod(v.Methods(), metadata.ByAmount) || h.config.Authenticator == nil {
		return
	}
	view.Remember = view.By == byCard && h.config.Profiles.offered(o.OrderAmount)
	view.Methods = []hostedMethod{{Name: methodAmount, Title: view.Text.ByAmount, Hint: view.Text.ByAmountHint, Checked: true}}
	if view.By == byAccount {
		view.Methods = append(view.Methods, hostedMethod{Name: methodDeposits, Title: view.Text.ByDeposits, Hint: view.Text.ByDepositsHint})
	} else {
		view.Methods = append(view.Methods, hostedMethod{Name: methodDescriptor, Title: view.Text.ByDescriptor, Hint: view.Text.ByDescriptorHint})
	}
}

func (view *hostedView) refuse(message, field string) { view.Message, view.Field = message, field }

// failed says how the last authentication of the order has ended.
func (view *hostedView) failed(s *authenticated) {
	if s.State != amountauth.Verified {
		view.Message = view.Text.NotAuthenticated
	}
}

// Ways to pay, as in the address, and methods, as in the form.
const (
	byCard, byAccount, byEMoney = "card", "account", "e-money"

	methodAmount, methodDescriptor, methodDeposits = "amount", "descriptor", "deposits"
)

func hasMethod(list []metadata.AuthenticationMethod, m metadata.AuthenticationMethod) bool {
	return slices.Contains(list, m)
}

// variantNamed is the variant that was chosen; the amount where none was.
func variantNamed(name string, kind kecis.InstrumentKind) (v kecis.Variant, ok bool) {
	switch name {
	case methodAmount, "":
		return kecis.VariantAmount, true
	case methodDescriptor:
		return kecis.VariantDescriptor, kind == kecis.Card
	case methodDeposits:
		return kecis.VariantDeposits, kind == kecis.Account
	}
	return 0, false
}

// maxMonths are the most instalments that the PG takes.
const maxMonths = 12

func months(text string) kecis.Instalments {
	n, err := strconv.Atoi(text)
	if err != nil || n < 2 || n > maxMonths {
		return kecis.LumpSum
	}
	return kecis.Instalments(n)
}

// read reads an instrument as its holder has entered it; if it is none, plain is nil,
// and field says where.
func (h *Hosted) read(form map[string][]string, by string) (plain *kecis.PlainInstrument, field string) {
	get := func(name string) string {
		if list := form[name]; len(list) == 1 {
			return strings.TrimSpace(list[0])
		}
		return ""
	}
	number := strings.NewReplacer(" ", "", "-", "").Replace(get("number"))
	plain = &kecis.PlainInstrument{Kind: kecis.Card, Number: ecml.NewCardNumber(number)}
	if by != byCard {
		plain.Kind = kecis.Account
		if by == byEMoney {
			plain.Kind = kecis.EMoney
		}
		plain.Institution = get("institution")
		return plain, ""
	}
	if !plain.Number.Valid() {
		return nil, "number"
	}
	var ok bool
	if plain.ExpMonth, plain.ExpYear, ok = expiry(get("expiry")); !ok {
		return nil, "expiry"
	}
	plain.Verification = ecml.NewVerification(get("verification"))
	if code := get("verification"); len(code) < 3 || len(code) > 4 || strings.Trim(code, "0123456789") != "" {
		return nil, "verification"
	}
	return plain, ""
}

// century completes the two digits of a year that cards show.
const century = 2000

// expiry reads "09/27", "0927" or "09/2027".
func expiry(text string) (month, year int, ok bool) {
	text = strings.NewReplacer("/", "", " ", "", "-", "").Replace(text)
	if len(text) != len("0927") && len(text) != len("092027") || strings.Trim(text, "0123456789") != "" {
		return 0, 0, false
	}
	month, _ = strconv.Atoi(text[:2])
	year, _ = strconv.Atoi(text[2:])
	if year < 100 {
		year += century
	}
	return month, year, month >= 1 && month <= 12 && year >= century
}
