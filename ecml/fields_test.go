package ecml

import (
	"strings"
	"testing"
)

func TestTableHasEveryFieldOfEachVersion(t *testing.T) {
	count := map[Version]int{}
	seen := map[string]bool{}
	for f := range Fields() {
		if seen[strings.ToLower(f.Name)] {
			t.Errorf("%s stands twice", f.Name)
		}
		seen[strings.ToLower(f.Name)] = true
		count[f.Since]++
	}
	if len(seen) != 115 || count[Version10] != 53 || count[Version11] != 15 || count[Version20] != 47 {
		t.Errorf("%d fields: %d of 1.0, %d of 1.1, %d of 2.0; RFC 4112 has 115: 53, 15, 47",
			len(seen), count[Version10], count[Version11], count[Version20])
	}
}

func TestEveryFieldHasAPlaceInTheTypes(t *testing.T) {
	for i := range fields {
		f := &fields[i]
		e := new(Ecom)
		elements, attr := f.formPlace()
		d := formDecoder{ecom: e}
		n := d.open(elements)
		if f.Type == TypeFlag || f.Type == TypeShortDate {
			continue
		}
		if n.attr(attr).missing() {
			t.Errorf("%s: the Go type has no field for %s", f.Name, f.Path)
			continue
		}
		n.attr(attr).set("x")
		got, present, err := e.formValue(f)
		if got != "x" || !present || err != nil {
			t.Errorf("%s: read back %q, %v, %v", f.Name, got, present, err)
		}
	}
}

func TestEveryAttributeOfTheSchemaHasAGoField(t *testing.T) {
	var visit func(n node, el *element)
	visit = func(n node, el *element) {
		for _, a := range el.attrs {
			if a.name != attrMode && n.attr(a.name).missing() {
				t.Errorf("%s/@%s has no Go field", el.name, a.name)
			}
		}
		if el.text != nil && n.attr("").missing() {
			t.Errorf("%s has no text", el.name)
		}
		for _, c := range el.children {
			below := n.add(c.name)
			if below == nil || n.child(c.name, 0) != below {
				t.Errorf("%s/%s has no Go field", el.name, c.name)
				continue
			}
			visit(below, c.element)
		}
	}
	visit(new(Ecom), root)
}

func TestSecretFieldsHaveTypesThatMask(t *testing.T) {
	for i := range fields {
		f := &fields[i]
		if f.Type == TypeFlag || f.Type == TypeShortDate {
			continue
		}
		elements, attr := f.formPlace()
		d := formDecoder{ecom: new(Ecom)}
		hidden := d.open(elements).attr(attr).hidden != nil
		number := f.Type == TypeCardNumber || f.Type == TypeLoyaltyNumber
		if hidden != (f.Class == ClassSecret || number) {
			t.Errorf("%s: class %v, masked %v", f.Name, f.Class, hidden)
		}
	}
}

func TestFieldsWithoutAPlaceInXML(t *testing.T) {
	for f := range Fields() {
		if _, ok := formOnlyPlace[f.Name]; ok != (f.Path == "") {
			t.Errorf("%s: path %q, form-only %v", f.Name, f.Path, ok)
		}
	}
	if len(formOnlyPlace) != 8 {
		t.Errorf("%d fields without a place in XML, RFC 4112 leaves 8", len(formOnlyPlace))
	}
}
