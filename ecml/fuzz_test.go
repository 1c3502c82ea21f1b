package ecml_test

import (
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis/xmltree"
)

// FuzzDecodeXML: what is read is written, and then read as the same; all
// checks end on any input.
func FuzzDecodeXML(f *testing.F) {
	f.Add([]byte(whole))
	f.Add([]byte(usual))
	f.Add([]byte(`<Ecom SchemaVersion="http://www.ecml.org/version/1.1"><Transaction id="t"><TransactionID>1</TransactionID><TransDate>2001-01-01</TransDate></Transaction></Ecom>`))
	f.Add([]byte(`<Ecom Mode="Query"><ShipTo/><BillTo>stray<Postal PostalCode="" xml:lang="ko"/></BillTo></Ecom>`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		e, err := ecml.ParseXML(doc)
		if err != nil {
			if e != nil {
				t.Fatal("a partial result")
			}
			return
		}
		exercise(e)
		out, err := e.AppendXML(nil)
		if err != nil {
			return // of version 1.1
		}
		again, err := ecml.ParseXML(out)
		if err != nil {
			t.Fatalf("what was written is refused: %v\n%s", err, out)
		}
		e.Stray = nil
		if diff := cmp.Diff(e, again, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("%s\n%s", diff, out)
		}
		if tree, err := xmltree.Parse(out); err != nil || string(tree.Root().AppendCanonical(nil)) != string(out) {
			t.Fatalf("not in canonical form: %s", out)
		}
	})
}

// FuzzDecodeForm: a form that is read is written with the same fields, and
// that one is read and written as the same.
func FuzzDecodeForm(f *testing.F) {
	f.Add("Ecom_ShipTo_Postal_City=Seoul&ECOM_CONSUMERID=1&Ecom_Transaction_Settle_Date=0131&x=y", false)
	f.Add("Ecom_ShipTo=&Ecom_Payment_Card_Number=4539578763621486&Ecom_TransactionComplete=&Ecom_SchemaVersion=urn:ietf:params:ecml:v2.0", true)
	f.Add("Ecom_Transaction_Date=2026-01-31&Ecom_UserData_Gender=&Ecom_Transaction_Effective_Date=9913&ecom_=1&ecom_=2", true)
	f.Fuzz(func(t *testing.T, query string, keepBlank bool) {
		form, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		d := ecml.FormDecoder{KeepBlank: keepBlank}
		e, err := d.Decode(form)
		if err != nil {
			if e != nil {
				t.Fatal("a partial result")
			}
			return
		}
		exercise(e)
		once, err := e.Form()
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		again, err := d.Decode(once)
		if err != nil {
			t.Fatalf("what was written is refused: %v\n%v", err, once)
		}
		twice, err := again.Form()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(once, twice); diff != "" {
			t.Fatal(diff)
		}
		for name, values := range form {
			if f, ok := ecml.FieldNamed(name); ok && values[0] != "" && f.Type != ecml.TypeFlag && once.Get(f.Name) != values[0] {
				t.Fatalf("%s was %q, became %q", name, values[0], once.Get(f.Name))
			}
		}
	})
}

func exercise(e *ecml.Ecom) {
	_ = e.Validate()
	_ = e.ValidateForm()
	_ = e.CheckProfile()
	_, _ = e.Form()
	for range e.Values() {
	}
}
