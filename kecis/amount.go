package kecis

import (
	"strconv"

	"github.com/kecis/sdk/kecis/xmltree"
)

// amount reads an amount with its currency and exponent (KECIS-MSG-012, 013).
// For a payment, order receives the amount of the whole order; it is nil
// elsewhere.
func (d *decoder) amount(m, order *Money, e xmltree.Element) {
	if e.IsZero() {
		return
	}
	a := d.attributes(e)
	code := a.need("Currency")
	m.Currency = Currency(code)
	exponent, known := exponentOf(code)
	if !known {
		a.bad(ErrCurrency, "Currency", currencyForm, code)
	}
	if s := a.need("Exponent"); len(s) != 1 || s[0] != byte('0'+exponent) {
		a.bad(ErrExponent, "Exponent", strconv.Itoa(exponent), s)
	}
	names := " Currency Exponent "
	if order != nil {
		names = " Currency Exponent Order "
		order.Currency = m.Currency
		s := a.need("Order")
		n, ok := minor(s)
		if !ok || n == 0 {
			a.bad(ErrAmount, "Order", amountForm, s)
		}
		order.Minor = n
	}
	a.end(names)
	text := d.text(e)
	n, ok := minor(text)
	if !ok || n == 0 {
		d.refuseText(e, ErrAmount, amountForm, text)
	}
	m.Minor = n
}

func (e *encoder) amount(m Money, order *Money) {
	e.start("kecis", "Amount")
	exponent := m.Currency.Exponent()
	if exponent < 0 {
		e.refuse(ErrCurrency, "Currency", currencyForm, string(m.Currency))
	}
	e.attr("Currency", string(m.Currency))
	e.number("Exponent", int64(exponent))
	if order != nil {
		if order.Currency != m.Currency {
			e.refuse(ErrCurrency, "Order", string(m.Currency), string(order.Currency))
		}
		e.positive("Order", order.Minor)
		e.number("Order", order.Minor)
	}
	e.positive("text()", m.Minor)
	e.w.Text(strconv.FormatInt(m.Minor, 10))
	e.w.End()
}

func (e *encoder) positive(local string, n int64) {
	if n < 1 || n > MaxMinor {
		e.refuse(ErrAmount, local, amountForm, strconv.FormatInt(n, 10))
	}
}

// Tax is the split of an amount for the tax authority, in minor units of its
// currency; its parts add up to the amount (P16a, KECIS-MSG-016).
type Tax struct {
	// Supply is the taxable value of supply (공급가액).
	Supply int64
	// VAT is the value added tax on it (부가세).
	VAT int64
	// TaxFree is what is free of tax (면세).
	TaxFree int64
	// Service is a service charge (봉사료).
	Service int64
}

// Total returns the sum of the parts. Parts of 15 digits cannot overflow.
func (t Tax) Total() int64 { return t.Supply + t.VAT + t.TaxFree + t.Service }

// tax reads the split of an amount.
func (d *decoder) tax(t *Tax, of Money, e xmltree.Element) {
	if e.IsZero() {
		return
	}
	a := d.attributes(e)
	t.Service = a.part("Service")
	t.Supply = a.part("Supply")
	t.TaxFree = a.part("TaxFree")
	t.VAT = a.part("VAT")
	a.end(" Service Supply TaxFree VAT ")
	d.empty(e)
	if d.err == nil {
		d.check(checkTax(*t, of), e)
	}
}

func (e *encoder) tax(t *Tax, of Money) {
	e.start("kecis", "Tax")
	e.keep(checkTax(*t, of))
	e.part("Service", t.Service)
	e.part("Supply", t.Supply)
	e.part("TaxFree", t.TaxFree)
	e.part("VAT", t.VAT)
	e.w.End()
}

func checkTax(t Tax, m Money) *Error {
	if total := t.Total(); total != m.Minor {
		return &Error{code: ErrTax, expected: shownAmount(m.Minor), found: shownAmount(total)}
	}
	return nil
}
