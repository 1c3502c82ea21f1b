package ecml

import (
	"iter"
	"slices"
	"strings"
)

// Field is one row of the table of RFC 4112 2.1.1: what forms, XML, checks
// and documentation know of a field.
type Field struct {
	// Name is the form name in the RFC's spelling.
	Name string
	// Path is the place in XML, without the root: ShipTo/Postal/City or
	// ShipTo/Postal/@PostalCode; "" when RFC 4112 gives none.
	Path string
	// Min is the smallest size, in characters, that data entry must allow;
	// 0 when the RFC states none. It is neither the least nor the greatest
	// length of a value.
	Min int
	// Type is what values are checked against.
	Type Type
	// Since is the version that brought the field.
	Since Version
	// Class says how careful to be with values.
	Class Class
	// Note is the number of the RFC's footnote (2.1.2), 0 for none.
	Note int
}

// Class says how careful to be with the values of a field.
type Class uint8

// The classes. What is ClassInstrument or ClassSecret never stands in clear in
// a KECIS message.
const (
	ClassPlain      Class = iota
	ClassPersonal         // tells something about a person
	ClassInstrument       // of a payment instrument: number, expiry
	ClassSecret           // authenticates: verification value, password, track; never stored
)

// String returns the class's name.
func (c Class) String() string {
	switch c {
	case ClassPersonal:
		return "personal"
	case ClassInstrument:
		return "instrument"
	case ClassSecret:
		return "secret"
	}
	return "plain"
}

// Fields yields the table, in the order of the RFC.
func Fields() iter.Seq[Field] { return slices.Values(fields) }

// FieldNamed returns the row of a form name, which may be in any case and may
// be one of the two names that deployed software writes instead.
func FieldNamed(name string) (Field, bool) {
	f := fieldNamed(name)
	if f == nil {
		return Field{}, false
	}
	return *f, true
}

func fieldNamed(name string) *Field {
	name = strings.ToLower(name)
	if meant, ok := aliases[name]; ok {
		name = meant
	}
	return byName[name]
}

// aliases are names that deployed software writes for a field: the first
// stands in gateways' manuals, the second in an example of RFC 3106.
var aliases = map[string]string{
	"ecom_payment_card_protocols": "ecom_payment_card_protocol",
	"ecom_transaction_currency":   "ecom_transaction_currencycode",
}

var fields = slices.Concat(
	partyFields("ShipTo"), partyFields("BillTo"), partyFields("ReceiptTo"),
	cardFields, loyaltyFields, consumerFields, merchantFields, processorFields,
)

var byName = indexFields(fields)

// indexFields finds a row by the lower-case form name.
func indexFields(rows []Field) map[string]*Field {
	index := make(map[string]*Field, len(rows))
	for i := range rows {
		index[strings.ToLower(rows[i].Name)] = &rows[i]
	}
	return index
}

// formPlace returns where the form codec keeps a field: its Path, or one
// outside XML that only this package knows.
func (f *Field) formPlace() (elements []string, attribute string) {
	path := f.Path
	if path == "" {
		path = formOnlyPlace[f.Name]
	}
	return splitPath(path)
}

// splitPath splits ShipTo/Postal/@PostalCode into its elements and the
// attribute, which is "" for the element's own text.
func splitPath(path string) (elements []string, attribute string) {
	steps := strings.Split(path, "/")
	last := steps[len(steps)-1]
	if strings.HasPrefix(last, "@") {
		return steps[:len(steps)-1], last[1:]
	}
	return steps, ""
}

// formOnlyPlace is where fields without a place in XML are kept.
var formOnlyPlace = map[string]string{
	"Ecom_Device_ID":                "FormOnly/@DeviceID",
	"Ecom_Device_Type":              "FormOnly/@DeviceType",
	"Ecom_UserData_Gender":          "FormOnly/@Gender",
	"Ecom_UserData_BirthDate_Day":   "FormOnly/@BirthDay",
	"Ecom_UserData_BirthDate_Month": "FormOnly/@BirthMonth",
	"Ecom_UserData_BirthDate_Year":  "FormOnly/@BirthYear",
	"Ecom_UserData_Preferences":     "FormOnly/@Preferences",
	"Ecom_Transaction_Date":         "Transaction/@TransDate",
}
