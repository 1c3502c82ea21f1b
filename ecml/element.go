package ecml

import (
	"slices"
	"strings"
)

// element is what the XML Schema of RFC 4112 (2.2.2) says of one element.
// Names of elements are unique in ECML, so one row serves all places.
type element struct {
	name     string
	children []*child
	attrs    []*attribute // in canonical order, with Mode and id
	text     *Field       // of an element that holds text, whatever the party
	mixed    bool         // text between the children is allowed
	sequence bool         // children in this order
	home     bool         // a KECIS message has another home for it
}

// child is an element that may stand in another.
type child struct {
	*element
	occurs occurrence
}

type occurrence uint8

const (
	optional occurrence = iota // at most one
	required                   // exactly one, in what is asserted
	several                    // any number by the RFC, one in a KECIS message
	listed                     // at least one by the RFC; a true list
)

// attribute is an attribute of an element; field is nil for Mode and id where
// no form field stands for it.
type attribute struct {
	name  string
	field *Field
	home  bool // a KECIS message has another home for it
}

const (
	attrMode = "Mode"
	attrID   = "id"
)

func (el *element) child(name string) *child {
	for _, c := range el.children {
		if c.name == name {
			return c
		}
	}
	return nil
}

func (el *element) attr(name string) *attribute {
	for _, a := range el.attrs {
		if a.name == name {
			return a
		}
	}
	return nil
}

// root is the schema, put together from the table of fields and the structure
// in grow.
var root = newSchema(fields)

func newSchema(rows []Field) *element {
	schema := grow()
	for i := range rows {
		row := &rows[i]
		if row.Path == "" || row.Type == TypeFlag || row.Type == TypeShortDate {
			continue // they say nothing of an attribute or text in XML
		}
		steps, attr := splitPath(row.Path)
		at := schema
		for _, step := range steps {
			at = at.child(step).element
		}
		switch {
		case attr == "":
			at.text = row
		case at.attr(attr) == nil:
			at.attrs = append(at.attrs, &attribute{name: attr, field: row})
		case at.attr(attr).field == nil:
			at.attr(attr).field = row
		}
	}
	schema.sort()
	for _, path := range profileHomes() {
		schema.setHome(splitPath(path))
	}
	return schema
}

// setHome marks an attribute, or an element, as having its home in KECIS.
func (el *element) setHome(elements []string, attr string) {
	for _, name := range elements {
		el = el.child(name).element
	}
	if attr != "" {
		el.attr(attr).home = true
		return
	}
	el.home = true
}

// sort puts the attributes of el and all below into canonical order.
func (el *element) sort() {
	slices.SortFunc(el.attrs, func(a, b *attribute) int { return strings.Compare(a.name, b.name) })
	for _, c := range el.children {
		c.sort()
	}
}

// grow returns the structure: which element stands in which, and which have an
// id.
func grow() *element {
	party := []*child{
		{mixed("Postal",
			&child{identified("Name"), several},
			&child{identified("Company"), several},
			&child{identified("Street"), several},
			&child{identified("City"), several},
			&child{identified("StateProv"), several},
		), several},
		{unidentified(mixed("Telecom", &child{identified("Phone"), listed})), several},
		{unidentified(mixed("Online", &child{identified("Email"), listed})), several},
	}
	return mixed("Ecom",
		&child{mixed("ShipTo", party...), several},
		&child{mixed("BillTo", party...), several},
		&child{mixed("ReceiptTo", party...), several},
		&child{unidentified(sequence("Payment", &child{sequence("Card", validity()...), required})), several},
		&child{sequence("Loyalty", validity()...), several},
		&child{mixed("User", &child{identified("UserID"), several}, &child{identified("Password"), several}), several},
		&child{sequence("Merchant", &child{identified("Terminal"), required}), several},
		&child{transaction(), several},
		&child{&element{name: "TransactionComplete"}, several},
	)
}

// validity returns the dates of a card; of its own for each kind of card, since
// those of a loyalty card are less sensitive.
func validity() []*child {
	return []*child{{identified("ExpDate"), required}, {identified("ValidDate"), optional}}
}

func transaction() *element {
	return unidentified(mixed("Transaction",
		&child{identified("Id"), several},
		&child{unidentified(identified("Code")), several},
		&child{sequence("Date",
			&child{dated("Effective"), optional},
			&child{dated("Settle"), optional},
			&child{dated("Capture"), optional},
		), several},
		&child{unidentified(mixed("Data",
			&child{identified("Trace"), several},
			&child{identified("PrivateUse"), several},
			&child{identified("Response"), several},
			&child{identified("AAV"), several},
			&child{identified("Track1"), several},
			&child{identified("Track2"), several},
		)), several},
		&child{identified("Inquiry"), several},
		&child{identified("Signature"), several},
	))
}

// identified returns an element with the attributes Mode and id.
func identified(name string, children ...*child) *element {
	return &element{name: name, children: children, attrs: []*attribute{{name: attrMode}, {name: attrID}}}
}

func unidentified(el *element) *element {
	el.attrs = el.attrs[:1]
	return el
}

func mixed(name string, children ...*child) *element {
	el := identified(name, children...)
	el.mixed = true
	return el
}

func sequence(name string, children ...*child) *element {
	el := identified(name, children...)
	el.sequence = true
	return el
}

// dated returns an element whose parts have no form fields of their own.
func dated(name string) *element {
	el := identified(name)
	el.attrs = append(el.attrs,
		&attribute{name: "Day", field: &Field{Type: TypeDay, Since: Version20}},
		&attribute{name: "Month", field: &Field{Type: TypeMonth, Since: Version20}},
		&attribute{name: "Year", field: &Field{Type: TypeYear, Since: Version20}},
	)
	return el
}
