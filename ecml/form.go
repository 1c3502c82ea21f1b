package ecml

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The bounds of a form.
const (
	// MaxFormFields bounds the fields of ECML in a form: four times the 115
	// that there are.
	MaxFormFields = 460
	// MaxFormValue bounds a value, in bytes: the largest size that RFC 4112
	// mentions is 500 characters, and private-use data may be longer.
	MaxFormValue = 16 << 10
)

// formPrefix begins every field of ECML.
const formPrefix = "ecom_"

// FormDecoder reads HTML forms.
type FormDecoder struct {
	// KeepBlank keeps fields that are present without a value, which is how
	// a form asks for them. A filled-in form has them wherever the consumer
	// typed nothing; so without KeepBlank they are as if absent.
	KeepBlank bool
}

// DecodeForm reads a filled-in form: FormDecoder{}.Decode.
func DecodeForm(form url.Values) (*Ecom, error) { return FormDecoder{}.Decode(form) }

// Decode reads the fields whose names begin with Ecom_, in any case; others
// are not ECML's and are left out. It reads the forms of all versions; the
// form says its own in Ecom_SchemaVersion. Names that no version defines are
// kept in FormOnly.Unknown. Ecom_Payment_Card_Protocols and
// Ecom_Transaction_Currency, which deployed software writes, are read as the
// fields that they mean. Ecom_TransactionComplete=false is as if absent.
//
// It refuses a field that stands twice (ErrRepeated), a date of ISO 8583 that
// is not four digits, MMDD or for Effective YYMM (ErrDate), text that is not UTF-8 or has control
// characters (ErrCharacter) and more than MaxFormFields or MaxFormValue
// (ErrTooLarge). The error joins one *Error for each field that it refuses.
// Other values are not judged: ValidateForm does that.
func (fd FormDecoder) Decode(form url.Values) (*Ecom, error) {
	names := ecomNames(form)
	if len(names) > MaxFormFields {
		return nil, &Error{code: ErrTooLarge, expected: strconv.Itoa(MaxFormFields) + " fields at most", found: strconv.Itoa(len(names))}
	}
	d := formDecoder{ecom: new(Ecom), keepBlank: fd.KeepBlank, seen: map[string]bool{}}
	for _, name := range names {
		d.field(name, form[name])
	}
	if err := d.problems.join(); err != nil {
		return nil, err
	}
	return d.ecom, nil
}

// ecomNames returns the names of ECML's fields, sorted so that the result does
// not depend on the order of a map.
func ecomNames(form url.Values) []string {
	return slices.Sorted(func(yield func(string) bool) {
		for name := range maps.Keys(form) {
			if len(name) > len(formPrefix) && strings.EqualFold(name[:len(formPrefix)], formPrefix) && !yield(name) {
				return
			}
		}
	})
}

type formDecoder struct {
	ecom      *Ecom
	keepBlank bool
	seen      map[string]bool // by the RFC's name
	problems  problems
}

func (d *formDecoder) field(name string, values []string) {
	if err := checkText(name, append(values, name)); err != nil {
		d.problems.add(err)
		return
	}
	known := fieldNamed(name)
	if known == nil {
		d.other(name, values)
		return
	}
	if len(values) > 1 || d.seen[known.Name] {
		d.problems.add(&Error{code: ErrRepeated, expected: "each field once", found: "it again", place: known.Name})
		return
	}
	d.seen[known.Name] = true
	if len(values) == 1 {
		d.problems.add(d.set(known, values[0]))
	}
}

// other keeps an unknown field, or the place of an aggregate that is asked for.
func (d *formDecoder) other(name string, values []string) {
	for _, value := range values {
		if value == "" && !d.keepBlank {
			continue
		}
		if a := aggregateNamed(name); a != nil && value == "" {
			elements, _ := splitPath(a.path)
			d.open(elements)
			continue
		}
		only := d.formOnly()
		only.Unknown = append(only.Unknown, UnknownField{name, NewOpaque(value)})
	}
}

func aggregateNamed(name string) *aggregate {
	for i := range aggregates {
		if strings.EqualFold(aggregates[i].name, name) {
			return &aggregates[i]
		}
	}
	return nil
}

// set puts a value into its place. Its error is a nil *Error for none.
func (d *formDecoder) set(f *Field, value string) *Error {
	if value == "" && !d.keepBlank && f.Type != TypeFlag {
		return nil
	}
	if f.Type == TypeFlag && strings.EqualFold(value, "false") {
		return nil
	}
	elements, attr := f.formPlace()
	n := d.open(elements)
	switch {
	case f.Type == TypeFlag:
		return nil
	case f.Type == TypeShortDate:
		date, _ := n.(*Date)
		if value != "" && !date.setShort(value, shortKindOf(f)) {
			return &Error{code: ErrDate, expected: "four digits, MMDD or YYMM", found: quote(value), place: f.Name}
		}
		return nil
	case value == "" && attr != "":
		n.common().SetBlank(attr)
	}
	n.attr(attr).set(value)
	return nil
}

func shortKindOf(f *Field) shortKind {
	if f.Name == "Ecom_Transaction_Effective_Date" {
		return yearMonth
	}
	return monthDay
}

// open returns the element at that path, made where it is missing.
func (d *formDecoder) open(elements []string) node {
	var at node = d.ecom
	for _, name := range elements {
		if name == "FormOnly" {
			return d.formOnly()
		}
		next := at.child(name, 0)
		if next == nil {
			next = at.add(name)
		}
		at = next
	}
	return at
}

func (d *formDecoder) formOnly() *FormOnly {
	if d.ecom.FormOnly == nil {
		d.ecom.FormOnly = new(FormOnly)
	}
	return d.ecom.FormOnly
}

// checkText refuses what no codec can carry.
func checkText(name string, texts []string) *Error {
	for _, s := range texts {
		switch {
		case len(s) > MaxFormValue:
			return &Error{code: ErrTooLarge, expected: strconv.Itoa(MaxFormValue) + " bytes at most", found: strconv.Itoa(len(s)), place: short(name)}
		case !utf8.ValidString(s) || strings.ContainsFunc(s, notXML):
			return &Error{code: ErrCharacter, expected: "UTF-8 without control characters", found: "others", place: short(name)}
		}
	}
	return nil
}

// short returns an unknown name as it may stand in an error's place.
func short(name string) string {
	if f := fieldNamed(name); f != nil {
		return f.Name
	}
	return quote(name)
}

func notXML(r rune) bool {
	return unicode.IsControl(r) && r != '\t' && r != '\n' && r != '\r' || r == 0xfffe || r == 0xffff
}

// Form writes the fields of a form, in the RFC's spelling. It refuses what a
// form has no field for, so that nothing that says something is lost in
// silence (ErrNoForm): repeated elements, a date of ISO 8583 without the parts
// that its four digits tell. What has no field and is left out: Mode, id on
// elements other than Merchant, Terminal and Transaction/Id, xml:lang, stray
// text, the day of Effective and the year of Settle and Capture.
func (e *Ecom) Form() (url.Values, error) {
	if err := e.checkSingle(); err != nil {
		return nil, err
	}
	form := make(url.Values)
	var all problems
	for i := range fields {
		f := &fields[i]
		value, present, err := e.formValue(f)
		all.add(err)
		if present {
			form[f.Name] = []string{value}
		}
	}
	e.addAggregates(form)
	all.add(e.addUnknown(form))
	if err := all.join(); err != nil {
		return nil, err
	}
	return form, nil
}

// checkSingle refuses repeats, of which a form can write only one.
func (e *Ecom) checkSingle() error {
	for w := walk(e); w.next(); {
		if p := w.here(); p.count > 1 {
			return &Error{code: ErrNoForm, expected: "each element once", found: strconv.Itoa(p.count), place: w.path()}
		}
	}
	return nil
}

// formValue returns the value of a field and whether the field is present.
func (e *Ecom) formValue(f *Field) (string, bool, *Error) {
	elements, attr := f.formPlace()
	n := e.find(elements)
	if n == nil {
		return "", false, nil
	}
	switch f.Type {
	case TypeFlag:
		return "", true, nil
	case TypeShortDate:
		date, _ := n.(*Date)
		value, ok := date.short(shortKindOf(f))
		if !ok {
			return "", false, &Error{code: ErrNoForm, expected: "the parts of a four-digit date", found: "others", place: f.Name}
		}
		return value, true, nil
	}
	value := n.attr(attr)
	return value.get(), !value.empty() || attr == "" || n.common().blank(attr), nil
}

// find returns the first element at that path, or nil.
func (e *Ecom) find(elements []string) node {
	var at node = e
	for _, name := range elements {
		if name == "FormOnly" {
			if e.FormOnly == nil {
				return nil
			}
			return e.FormOnly
		}
		if at = at.child(name, 0); at == nil {
			return nil
		}
	}
	return at
}

// addAggregates asks for each element that is present with nothing in it.
func (e *Ecom) addAggregates(form url.Values) {
	for _, a := range aggregates {
		elements, _ := splitPath(a.path)
		n := e.find(elements)
		if n == nil {
			continue
		}
		p := place{node: n, schema: schemaAt(elements)}
		empty := true
		for v := range p.values() {
			empty = empty && v.name == attrID
		}
		for _, c := range p.schema.children {
			empty = empty && n.child(c.name, 0) == nil
		}
		if t, ok := n.(*Transaction); ok && (t.TransDate != "" || t.blank("TransDate")) {
			empty = false
		}
		if empty {
			form[a.name] = []string{""}
		}
	}
}

func schemaAt(elements []string) *element {
	at := root
	for _, name := range elements {
		at = at.child(name).element
	}
	return at
}

func (e *Ecom) addUnknown(form url.Values) *Error {
	if e.FormOnly == nil {
		return nil
	}
	for _, u := range e.FormOnly.Unknown {
		if f := fieldNamed(u.Name); f != nil {
			return &Error{code: ErrRepeated, expected: "only names that ECML does not define", found: quote(u.Name), place: "FormOnly.Unknown"}
		}
		form[u.Name] = append(form[u.Name], u.Value.Reveal())
	}
	return nil
}

// QueryFor returns an Ecom that asks for these fields or aggregates, by their
// form names, as a wallet or an XML partner is asked for them. It refuses a
// name that ECML does not define (ErrUnknown).
func QueryFor(names ...string) (*Ecom, error) {
	form := make(url.Values, len(names))
	for _, name := range names {
		if fieldNamed(name) == nil && aggregateNamed(name) == nil {
			return nil, &Error{code: ErrUnknown, expected: "a form name of RFC 4112", found: quote(name)}
		}
		form[name] = []string{""}
	}
	e, err := FormDecoder{KeepBlank: true}.Decode(form)
	if err != nil {
		return nil, err
	}
	e.Mode = Query
	return e, nil
}
