package ecml

import "strings"

// CheckProfile tells whether the data may stand in a KECIS message (KECIS-ECML-
// 041 to 047). RFC 4112 is deliberately liberal; a signed message must say each
// thing once, where all look for it. So refused are:
//
//   - what asks instead of asserting: Mode Query anywhere (ErrProfileQuery);
//   - an id (ErrProfileID), since the message has one, on its root;
//   - what has its one home in KECIS elements (ErrProfileHome): the amount,
//     currency, type and identifiers of Transaction, Merchant with Terminal,
//     and the attributes Merchant and Processor;
//   - payment instruments and secrets in clear (ErrProfileClear): card number,
//     issue number, dates, verification value, tracks, passwords, and the number
//     of a card in a text (HoldsCardNumber);
//   - a second element where one is meant (ErrProfileRepeated); only Phone and
//     Email are lists;
//   - text between elements (ErrProfileStray), which is signed, but not seen;
//   - values with blanks around them (ErrProfileBlank), which parsers that know
//     the DTD would trim;
//   - a version other than 2.0.
//
// All problems are returned, joined. CheckProfile does not replace Validate.
func (e *Ecom) CheckProfile() error {
	var all problems
	for w := walk(e); w.next(); {
		profileElement(&w, &all)
	}
	for _, path := range e.Stray {
		all.add(&Error{code: ErrProfileStray, expected: "no text between elements", found: "text", place: path})
	}
	if e.SchemaVersion != "" && e.SchemaVersion != Schema20 {
		all.add(&Error{code: ErrVersion, expected: Schema20, found: quote(e.SchemaVersion), place: "Ecom/@SchemaVersion"})
	}
	return all.join()
}

// profileHomes returns the elements and attributes that KECIS has elements for.
func profileHomes() []string {
	return []string{
		"@Merchant", "@Processor", "Merchant", "Merchant/Terminal",
		"Transaction/Id", "Transaction/@Amount", "Transaction/@Currency", "Transaction/@Type",
	}
}

func profileElement(w *walker, all *problems) {
	p := w.here()
	if p.node.common().Mode == Query {
		all.add(&Error{code: ErrProfileQuery, expected: "asserted data", found: "Mode Query", place: w.path()})
	}
	if p.index > 0 && p.occurs != listed {
		all.add(&Error{code: ErrProfileRepeated, expected: "this element once", found: "it again", place: w.path()})
	}
	if p.schema.home {
		all.add(&Error{code: ErrProfileHome, expected: "the KECIS element for it", found: "ECML's", place: w.path()})
	}
	for v := range p.values() {
		all.add(profileValue(w, v))
	}
}

func profileValue(w *walker, v value) *Error {
	switch {
	case v.name == attrID:
		return &Error{code: ErrProfileID, expected: "no id inside Ecom", found: quote(v.get()), place: w.pathOf(v)}
	case v.home:
		return &Error{code: ErrProfileHome, expected: "the KECIS element for it", found: "ECML's", place: w.pathOf(v)}
	case v.field != nil && (v.field.Class == ClassInstrument || v.field.Class == ClassSecret):
		return &Error{code: ErrProfileClear, expected: "instruments only encrypted", found: "one in clear", place: w.pathOf(v)}
	}
	if v.field != nil && v.field.freeText() && HoldsCardNumber(v.get()) {
		return &Error{code: ErrProfileClear, expected: "instruments only encrypted", found: "the number of a card in a text", place: w.pathOf(v)}
	}
	if text := v.get(); strings.TrimSpace(text) != text {
		return &Error{code: ErrProfileBlank, expected: "no blanks around the value", found: "some", place: w.pathOf(v)}
	}
	return nil
}
