package kecis

import "github.com/kecis/sdk/kecis/xmltree"

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
}

const termsAttributes = " Capture Instalments InterestFree "

func (d *decoder) terms(t *Terms, e xmltree.Element) {
	if e.IsZero() {
		return
	}
	a := d.attributes(e)
	a.terms(t)
	a.end(termsAttributes)
	d.empty(e)
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
}

func (e *encoder) terms(t *Terms) {
	e.choice("Capture", t.Capture.String())
	if !t.Instalments.valid() {
		e.refuse(ErrValue, "Instalments", instalmentsForm, t.Instalments.String())
	}
	e.attr("Instalments", t.Instalments.String())
	e.bool("InterestFree", t.InterestFree)
}
