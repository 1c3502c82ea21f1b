package kecis

import (
	"strconv"
	"strings"

	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmltree"
)

// Instalments is the number of monthly instalments: 0 for a lump sum, or 2 to 12
// (KECIS-PAY-005). On the wire it has two digits.
type Instalments uint8

// LumpSum is payment at once.
const LumpSum Instalments = 0

// maxInstalments is the longest plan that all large Korean issuers take.
const maxInstalments = 12

const instalmentsForm = "00, or 02 to 12"

// String returns the two digits that messages carry.
func (n Instalments) String() string {
	const all = "00010203040506070809101112"
	if n > maxInstalments {
		return ""
	}
	return all[2*n : 2*n+2]
}

func (n Instalments) valid() bool { return n <= maxInstalments && n != 1 }

func parseInstalments(s string) (Instalments, bool) {
	if len(s) != 2 || !digit(s[0]) || !digit(s[1]) {
		return 0, false
	}
	n := Instalments((s[0]-'0')*10 + s[1] - '0')
	return n, n.valid()
}

// Terms are how an amount is to be paid. An answer repeats those in effect, so
// that nothing is changed in silence.
type Terms struct {
	Capture     Capture
	Instalments Instalments
	// InterestFree says that the payee bears the interest of the instalments.
	InterestFree bool
	// Exemption is why the payment needs no authentication of its buyer, of those
	// that the provider's policy names; "" for none (KECIS-AUT-023).
	Exemption metadata.Exemption `json:",omitempty"`
	// Purpose says what a hold is for; 0 for a payment (KECIS-AUT-024).
	Purpose Purpose `json:",omitempty"`
	// Descriptor is the code of four digits that the holder is shown beside the
	// payee's name, of a hold that authenticates by it; "" for none.
	Descriptor string `json:",omitempty"`
	// Deposits are the two small deposits, in minor units, that the issuer makes
	// on the account in place of a hold, and that add up to its amount; zero for
	// none.
	Deposits [2]int64 `json:",omitzero"`
}

// Purpose is what a hold is for other than a payment.
type Purpose uint8

// AmountAuthentication is a hold by which the buyer is authenticated. It is never
// captured.
const AmountAuthentication Purpose = 1

const (
	purposes   = " amount-authentication "
	exemptions = " profile instrument-ref e-money fixed-payee "

	descriptorDigits = 4
	descriptorForm   = "4 digits"
	depositsForm     = "two amounts of 1 to 999 minor units, separated by one blank"
	// maxDeposit keeps deposits small, and the texts of them short.
	maxDeposit = 999
)

// String returns the value as messages carry it.
func (p Purpose) String() string { return valueOf(purposes, int(p)) }

const termsAttributes = " Capture Deposits Descriptor Exemption Instalments InterestFree Purpose "

func (d *decoder) terms(t *Terms, e xmltree.Element) {
	if e.IsZero() {
		return
	}
	a := d.attributes(e)
	a.terms(t)
	a.end(termsAttributes)
	d.empty(e)
	d.check(t.check(), e)
}

func (a *attributes) terms(t *Terms) {
	t.Capture = Capture(a.choice("Capture", captures))
	s := a.need("Instalments")
	n, ok := parseInstalments(s)
	if !ok {
		a.bad(ErrValue, "Instalments", instalmentsForm, s)
	}
	t.Instalments = n
	t.InterestFree = a.choice("InterestFree", booleans) == 2
	a.purpose(t)
}

// purpose reads what only few payments have.
func (a *attributes) purpose(t *Terms) {
	if s, ok := a.option("Exemption"); ok {
		if t.Exemption = metadata.Exemption(s); indexOf(exemptions, s) == 0 {
			a.bad(ErrUnsupported, "Exemption", "one of"+exemptions[:len(exemptions)-1], s)
		}
	}
	if s, ok := a.option("Purpose"); ok {
		if t.Purpose = Purpose(indexOf(purposes, s)); t.Purpose == 0 {
			a.bad(ErrUnsupported, "Purpose", "one of"+purposes[:len(purposes)-1], s)
		}
	}
	var ok bool
	if t.Descriptor, ok = a.option("Descriptor"); ok && !digits(t.Descriptor, descriptorDigits) {
		a.bad(ErrValue, "Descriptor", descriptorForm, t.Descriptor)
	}
	if s, ok := a.option("Deposits"); ok {
		if t.Deposits, ok = deposits(s); !ok {
			a.bad(ErrValue, "Deposits", depositsForm, s)
		}
	}
}

// deposits reads two small amounts.
func deposits(s string) (list [2]int64, ok bool) {
	first, second, two := strings.Cut(s, " ")
	for i, text := range []string{first, second} {
		n, ok := count(text, maxDeposit)
		if !ok || !two {
			return [2]int64{}, false
		}
		list[i] = int64(n)
	}
	return list, true
}

// check refuses terms that contradict each other (KECIS-AUT-025).
func (t *Terms) check() *Error {
	hold := t.Purpose == AmountAuthentication
	switch {
	case hold && (t.Capture != CaptureManual || t.Instalments != LumpSum || t.InterestFree || t.Exemption != ""):
		return &Error{code: ErrTerms, expected: "capture by request, a lump sum and no exemption of a hold that authenticates"}
	case !hold && (t.Descriptor != "" || t.Deposits != [2]int64{}):
		return &Error{code: ErrTerms, expected: "Descriptor and Deposits only of a hold that authenticates"}
	case t.Descriptor != "" && t.Deposits != [2]int64{}:
		return &Error{code: ErrTerms, expected: "one of Descriptor and Deposits"}
	}
	return nil
}

// checkDeposits refuses deposits that are not the amount, or not on an account.
func (t *Terms) checkDeposits(amount Money, kind InstrumentKind) *Error {
	if t.Deposits != [2]int64{} && (t.Deposits[0]+t.Deposits[1] != amount.Minor || kind != Account) {
		return &Error{code: ErrTerms, expected: "deposits on an account that add up to the amount"}
	}
	return nil
}

func (e *encoder) terms(t *Terms) {
	e.choice("Capture", t.Capture.String())
	if !t.Instalments.valid() {
		e.refuse(ErrValue, "Instalments", instalmentsForm, t.Instalments.String())
	}
	e.attr("Instalments", t.Instalments.String())
	e.bool("InterestFree", t.InterestFree)
	e.keep(t.check())
	e.purpose(t)
}

func (e *encoder) purpose(t *Terms) {
	if t.Exemption != "" {
		if indexOf(exemptions, string(t.Exemption)) == 0 {
			e.refuse(ErrUnsupported, "Exemption", "one of"+exemptions[:len(exemptions)-1], string(t.Exemption))
		}
		e.attr("Exemption", string(t.Exemption))
	}
	if t.Purpose != 0 {
		e.choice("Purpose", t.Purpose.String())
	}
	if t.Descriptor != "" {
		if !digits(t.Descriptor, descriptorDigits) {
			e.refuse(ErrValue, "Descriptor", descriptorForm, "another text")
		}
		e.attr("Descriptor", t.Descriptor)
	}
	if d := t.Deposits; d != [2]int64{} {
		if d[0] < 1 || d[1] < 1 || d[0] > maxDeposit || d[1] > maxDeposit {
			e.refuse(ErrValue, "Deposits", depositsForm, "others")
		}
		e.attr("Deposits", strconv.FormatInt(d[0], 10)+" "+strconv.FormatInt(d[1], 10))
	}
}
