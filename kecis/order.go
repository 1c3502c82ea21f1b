package kecis

import (
	"strconv"

	"github.com/kecis/sdk/kecis/xmltree"
)

// OrderRef names an order from end to end (P7, KECIS-MSG-015): every hop copies
// it unchanged.
type OrderRef struct {
	// Requester is the entityID of the first requester, the shop.
	Requester string
	// OrderID is the requester's own, 6 to 40 of A-Z a-z 0-9 - _.
	OrderID string
	// Attempt counts the attempts to pay the part, from 1 to 99.
	Attempt int
	// Part counts the parts of an order that is paid in several, from 1 to 99.
	Part int
}

func (d *decoder) orderRef(o *OrderRef, e xmltree.Element) {
	if e.IsZero() {
		return
	}
	a := d.attributes(e)
	o.Attempt = a.count("Attempt", maxAttempt)
	o.OrderID = a.token("OrderID", minOrderID, maxOrderID, orderIDForm)
	o.Part = a.count("Part", maxPart)
	o.Requester = a.uri("Requester")
	a.end(" Attempt OrderID Part Requester ")
	d.empty(e)
}

func (e *encoder) orderRef(o *OrderRef) {
	e.start("kecis", "OrderRef")
	e.count("Attempt", o.Attempt, maxAttempt)
	e.token("OrderID", o.OrderID, minOrderID, maxOrderID, orderIDForm)
	e.count("Part", o.Part, maxPart)
	e.uri("Requester", o.Requester)
	e.w.End()
}

// Payee is who is to be paid (KECIS-PAY-002).
type Payee struct {
	// Entity is the payee's entityID.
	Entity string
	// Name is what the buyer's statement shows.
	Name string
	// Merchant is the number that the PG gave the payee; "" for none.
	Merchant string
	// Category is the merchant category code of ISO 18245, 4 digits; "" for none.
	Category string
	// Business is the Korean business registration number, 10 digits; "" for none.
	Business string
}

const (
	categoryDigits = 4
	businessDigits = 10
)

func (d *decoder) payee(p *Payee, e xmltree.Element) {
	if e.IsZero() {
		return
	}
	a := d.attributes(e)
	var ok bool
	if p.Business, ok = a.option("Business"); ok && !digits(p.Business, businessDigits) {
		a.bad(ErrValue, "Business", "10 digits", p.Business)
	}
	if p.Category, ok = a.option("Category"); ok && !digits(p.Category, categoryDigits) {
		a.bad(ErrValue, "Category", "4 digits", p.Category)
	}
	p.Entity = a.uri("Entity")
	if p.Merchant, ok = a.option("Merchant"); ok && !token(p.Merchant, 1, maxToken) {
		a.bad(ErrValue, "Merchant", tokenForm, p.Merchant)
	}
	p.Name = a.line("Name", maxName)
	a.end(" Business Category Entity Merchant Name ")
	d.empty(e)
}

func (e *encoder) payee(p *Payee) {
	e.start("kecis", "Payee")
	if p.Business != "" {
		if !digits(p.Business, businessDigits) {
			e.refuse(ErrValue, "Business", "10 digits", p.Business)
		}
		e.attr("Business", p.Business)
	}
	if p.Category != "" {
		if !digits(p.Category, categoryDigits) {
			e.refuse(ErrValue, "Category", "4 digits", p.Category)
		}
		e.attr("Category", p.Category)
	}
	e.uri("Entity", p.Entity)
	if p.Merchant != "" {
		e.token("Merchant", p.Merchant, 1, maxToken, tokenForm)
	}
	e.line("Name", p.Name, maxName)
	e.w.End()
}

// MaxLines bounds the lines of an order: a large basket; a message is no
// catalogue.
const MaxLines = 100

// Line is one line of an order. A discount is subtracted, the others add up.
type Line struct {
	Kind LineKind
	// Name is what the buyer sees.
	Name string
	// Quantity is from 1 to 999,999.
	Quantity int
	// Amount is that of the whole line, in minor units of the order's currency.
	Amount int64
}

func (d *decoder) lines(e xmltree.Element) []Line {
	a := d.attributes(e)
	a.end("")
	c := d.content(e, "kecis:Line ")
	n := 0
	for child := c.next; !child.IsZero(); child = child.Next() {
		n++
	}
	if n > MaxLines {
		d.refuse(ErrTooMany, "at most "+strconv.Itoa(MaxLines)+" lines", strconv.Itoa(n), e.Path())
		return nil
	}
	list := make([]Line, 0, n)
	for {
		child, ok := c.option(Namespace, "Line")
		if !ok {
			break
		}
		a = d.attributes(child)
		list = append(list, Line{
			Kind:     LineKind(a.choice("Kind", lineKinds)),
			Name:     a.line("Name", maxName),
			Quantity: a.count("Quantity", maxQuantity),
			Amount:   a.part("Amount"),
		})
		a.end(" Amount Kind Name Quantity ")
		d.empty(child)
	}
	if len(list) == 0 {
		c.need(Namespace, "Line")
	}
	c.end()
	return list
}

func (e *encoder) lines(list []Line) {
	if len(list) == 0 {
		return
	}
	e.start("kecis", "Lines")
	if len(list) > MaxLines {
		e.refuse(ErrTooMany, "Line", "at most "+strconv.Itoa(MaxLines), strconv.Itoa(len(list)))
	}
	for i := range list {
		l := &list[i]
		e.start("kecis", "Line")
		e.part("Amount", l.Amount)
		e.choice("Kind", l.Kind.String())
		e.line("Name", l.Name, maxName)
		e.count("Quantity", l.Quantity, maxQuantity)
		e.w.End()
	}
	e.w.End()
}

// checkLines refuses lines that do not add up. At most MaxLines amounts of 15
// digits cannot overflow.
func checkLines(list []Line, order Money) *Error {
	if len(list) == 0 {
		return nil
	}
	var sum int64
	for i := range list {
		if list[i].Kind == LineDiscount {
			sum -= list[i].Amount
		} else {
			sum += list[i].Amount
		}
	}
	if sum != order.Minor {
		return &Error{code: ErrLines, expected: shownAmount(order.Minor), found: shownAmount(sum)}
	}
	return nil
}
