package ecml

import (
	"strconv"
	"strings"
)

// Validate judges data that is to stand in XML: the meaning of values as
// ValidateForm does it, and the types and numbers of elements of the XML Schema
// of RFC 4112. It returns all problems, joined, each an *Error with code and
// path; Problems takes them apart.
//
// Not judged: sizes, since the RFC's table states only what data entry must
// allow; whether fields are there, which the RFC leaves to applications; and
// whether a card has expired, for which Date.Last is there.
func (e *Ecom) Validate() error {
	v := validator{ecom: e, xml: true}
	for w := walk(e); w.next(); {
		v.element(&w)
	}
	v.ids()
	if e.SchemaVersion != "" && e.SchemaVersion != Schema20 && e.Version() != VersionUnknown {
		v.refuse(ErrVersion, Schema20, quote(e.SchemaVersion), "Ecom/@SchemaVersion")
	}
	return v.problems.join()
}

// ValidateForm judges data that is to stand in a form, or came from one, by
// the version that its SchemaVersion names: fields and tokens newer than that
// are problems (ErrVersion), and so is a form without Ecom_SchemaVersion
// (ErrMissing). Paths are those of XML, but for the fields that have none.
func (e *Ecom) ValidateForm() error {
	v := validator{ecom: e}
	for w := walk(e); w.next(); {
		v.element(&w)
	}
	v.formOnly()
	v.version()
	return v.problems.join()
}

type validator struct {
	ecom     *Ecom
	xml      bool
	problems problems
}

func (v *validator) refuse(code Code, expected, found, path string) {
	v.problems.add(&Error{code: code, expected: expected, found: found, place: path})
}

// element judges one element.
func (v *validator) element(w *walker) {
	p := w.here()
	for x := range p.values() {
		v.value(w, x)
	}
	if v.xml && p.mode != Query {
		v.children(w)
	}
	switch n := p.node.(type) {
	case *Street:
		v.street(n, w)
	case *Card:
		v.card(n, w)
	case *Date:
		if expected := n.problem(); expected != "" {
			v.refuse(ErrDate, expected, quote(n.Day+"/"+n.Month), w.path())
		}
	case *Transaction:
		v.transaction(n, w)
	case *User:
		v.user(n, w)
	}
}

// value judges one value by its field's type. An empty one is only judged as
// XML, and not in a query, where it asks.
func (v *validator) value(w *walker, x value) {
	p, text := w.here(), x.get()
	k := &kinds[TypeID] // of an id without a form field
	if x.field != nil {
		k = &kinds[x.field.Type]
	}
	switch {
	case text == "":
		if v.xml && p.mode != Query && k.xml != "xs:string" && x.name != "" {
			v.refuse(ErrEmpty, "a value, or no attribute", "none", w.pathOf(x))
		}
	case v.xml && k.xml == "xs:ID" && !isNCName(text):
		v.refuse(ErrID, "an xs:ID, which begins with a letter or _", quote(text), w.pathOf(x))
	case v.xml && !k.fits(text):
		v.refuse(ErrNMToken, "a value of type "+k.xml, x.shown(), w.pathOf(x))
	case k.check != nil && !k.check(text):
		v.refuse(k.code, k.meaning, x.shown(), w.pathOf(x))
	}
}

// shown returns a value for an error's text. A hidden one that is not digits may
// hold anything, so nothing of it is shown.
func (v value) shown() string {
	if v.hidden == nil {
		return quote(*v.plain)
	}
	if isDigits(v.get()) {
		return v.masked()
	}
	return v.hidden.stars()
}

// fits tells the types of XML Schema that are not told by check.
func (k *kind) fits(text string) bool {
	switch k.xml {
	case "xs:NMTOKEN":
		return isNMToken(text)
	case "xs:NMTOKENS":
		for token := range strings.SplitSeq(text, " ") {
			if !isNMToken(token) {
				return false
			}
		}
	}
	return true
}

// children misses what must stand in an element that asserts.
func (v *validator) children(w *walker) {
	p := w.here()
	for _, c := range p.schema.children {
		if (c.occurs == required || c.occurs == listed) && p.node.child(c.name, 0) == nil {
			v.refuse(ErrMissing, "the element "+c.name, "none", w.path())
		}
	}
}

// street: the lines are filled in order (note 4).
func (v *validator) street(s *Street, w *walker) {
	switch {
	case s.Line1 == "" && (s.Line2 != "" || s.Line3 != ""):
		v.refuse(ErrStreet, "Line1 filled before the others", "Line1 empty", w.path())
	case s.Line2 == "" && s.Line3 != "":
		v.refuse(ErrStreet, "Line2 filled before Line3", "Line2 empty", w.path())
	}
}

// card: the number is one of the brand's (note 11).
func (v *validator) card(c *Card, w *walker) {
	if c.Number.Valid() && isCardType(c.Type) && !c.Number.HasBrand(c.Type) {
		v.refuse(ErrCardBrand, "a number of "+strings.ToUpper(c.Type), c.Number.Masked(), w.path()+"/@Number")
	}
}

// transaction: an amount is not finer than its currency (notes 27, 28).
func (v *validator) transaction(t *Transaction, w *walker) {
	exponent, known := CurrencyExponent(t.Currency)
	if !known || !isAmount(t.Amount) {
		return
	}
	if _, fraction, _ := splitAmount(t.Amount); len(fraction) > exponent {
		v.refuse(ErrAmount, strconv.Itoa(exponent)+" decimal digits for "+t.Currency, quote(t.Amount), w.path()+"/@Amount")
	}
}

// user: one identifier and one password are expected (note 19).
func (v *validator) user(u *User, w *walker) {
	if len(u.UserID) > 1 || len(u.Password) > 1 {
		v.refuse(ErrRepeated, "one UserID and one Password", "several", w.path())
	}
}

// ids: an xs:ID is unique in the document.
func (v *validator) ids() {
	seen := map[string]bool{}
	for w := walk(v.ecom); w.next(); {
		if id := w.here().node.common().ID; id != "" {
			if seen[id] {
				v.refuse(ErrID, "each id once", quote(id), w.path()+"/@id")
			}
			seen[id] = true
		}
	}
}

// formOnly judges the fields that have no place in XML.
func (v *validator) formOnly() {
	for i := range fields {
		f := &fields[i]
		if f.Path != "" {
			continue
		}
		text, _, _ := v.ecom.formValue(f)
		if k := kinds[f.Type]; text != "" && k.check != nil && !k.check(text) {
			v.refuse(k.code, k.meaning, quote(text), f.Name)
		}
	}
	if o := v.ecom.FormOnly; o != nil {
		birth := Date{Day: o.BirthDay, Month: o.BirthMonth, Year: o.BirthYear}
		if expected := birth.problem(); expected != "" {
			v.refuse(ErrDate, expected, quote(birth.Day+"/"+birth.Month), "Ecom_UserData_BirthDate")
		}
	}
}

// version finds what is newer than the version that the form states.
func (v *validator) version() {
	stated := v.ecom.Version()
	if stated == VersionUnknown {
		if v.ecom.SchemaVersion == "" {
			v.refuse(ErrMissing, "Ecom_SchemaVersion", "none", "Ecom/@SchemaVersion")
		}
		return
	}
	for i := range fields {
		f := &fields[i]
		if _, present, _ := v.ecom.formValue(f); present && f.Since > stated {
			v.refuse(ErrVersion, "fields of version "+stated.String(), "a field of version "+f.Since.String(), f.Name)
		}
	}
	for i := range v.ecom.Payment {
		if c := v.ecom.Payment[i].Card; c != nil && stated == Version10 && newerType(c.Type) {
			v.refuse(ErrVersion, "a card type of version 1.0", quote(c.Type), "Ecom/Payment/Card/@Type")
		}
	}
}

// newerType reports whether a card type is registered, but came after version
// 1.0.
func newerType(cardType string) bool {
	old := []string{"AMER", "DINE", "DISC", "JCB", "MAST", "VISA"}
	return isCardType(cardType) && !oneOf(old, cardType)
}
