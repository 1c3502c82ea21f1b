package ecml

import "github.com/kecis/sdk/kecis/xmltree"

// AppendXML appends the document to dst, in exclusive canonical form.
func (e *Ecom) AppendXML(dst []byte) ([]byte, error) {
	w := xmltree.NewWriter(dst)
	if err := e.EncodeXML(w); err != nil {
		return nil, err
	}
	return w.Bytes()
}

// EncodeXML writes the Ecom element of version 2 where w stands. Values are
// written as they are: call Validate before. What XML of version 2 has no
// place for is refused, so that nothing is lost in silence: FormOnly,
// TransDate, an id on an element that has none (ErrNoXML), and a SchemaVersion
// other than Schema20 (ErrVersion). Characters that XML cannot carry are the
// Writer's error.
func (e *Ecom) EncodeXML(w *xmltree.Writer) error {
	if err := e.checkXML(); err != nil {
		return err
	}
	return encode(w, e, root)
}

func (e *Ecom) checkXML() error {
	if e.FormOnly != nil && !e.FormOnly.empty() {
		return &Error{code: ErrNoXML, expected: "only fields that have a place in XML", found: "FormOnly", place: "FormOnly"}
	}
	if e.SchemaVersion != "" && e.SchemaVersion != Schema20 {
		return &Error{code: ErrVersion, expected: quote(Schema20), found: quote(e.SchemaVersion), place: "Ecom/@SchemaVersion"}
	}
	for i := range e.Transaction {
		if t := &e.Transaction[i]; t.TransDate != "" || t.blank("TransDate") {
			return &Error{code: ErrNoXML, expected: "only fields that have a place in XML", found: "TransDate", place: "Ecom/Transaction"}
		}
	}
	return nil
}

func encode(w *xmltree.Writer, n node, schema *element) error {
	common := n.common()
	if common.ID != "" && schema.attr(attrID) == nil || common.Mode != Unstated && schema.attr(attrMode) == nil {
		return &Error{code: ErrNoXML, expected: "only attributes that the element has", found: "Mode or id", place: schema.name}
	}
	w.Start("", schema.name)
	for _, a := range schema.attrs {
		if a.name == attrMode {
			if common.Mode != Unstated {
				w.Attr("", attrMode, common.Mode.String())
			}
			continue
		}
		if value := n.attr(a.name); !value.empty() || common.blank(a.name) {
			w.Attr("", a.name, value.get())
		}
	}
	if lang := common.Lang(); lang != "" {
		w.Attr("xml", "lang", lang)
	}
	if schema.text != nil {
		w.Text(n.attr("").get())
	}
	for _, c := range schema.children {
		for k := 0; ; k++ {
			below := n.child(c.name, k)
			if below == nil {
				break
			}
			if err := encode(w, below, c.element); err != nil {
				return err
			}
		}
	}
	w.End()
	return nil
}
