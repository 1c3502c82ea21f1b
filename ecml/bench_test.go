package ecml_test

import (
	"testing"

	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis/xmltree"
)

// usual is the ECML of a usual payment message: two parties, 16 values.
const usual = `<Ecom ConsumerOrderID="20260131-0001"><ShipTo><Postal CountryCode="KR" PostalCode="04524">` +
	`<Name First="길동" Last="홍"></Name><Street Line1="세종대로 110" Line2="3층"></Street><City>서울특별시</City><StateProv>중구</StateProv></Postal>` +
	`<Telecom><Phone Number="+8221200000"></Phone></Telecom><Online><Email Address="hong@example.kr"></Email></Online></ShipTo>` +
	`<BillTo><Postal CountryCode="KR"><Name Last="홍길동"></Name></Postal><Telecom><Phone Number="+821012345678"></Phone></Telecom>` +
	`<Online><Email Address="hong@example.kr"></Email></Online></BillTo></Ecom>`

func tree(tb testing.TB, doc string) xmltree.Element {
	tb.Helper()
	t, err := xmltree.Parse([]byte(doc))
	if err != nil {
		tb.Fatal(err)
	}
	return t.Root()
}

func BenchmarkDecodeXML(b *testing.B) {
	el := tree(b, usual)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ecml.DecodeXML(el); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeXMLWhole(b *testing.B) {
	el := tree(b, whole)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ecml.DecodeXML(el); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendXML(b *testing.B) {
	e, err := ecml.DecodeXML(tree(b, usual))
	if err != nil {
		b.Fatal(err)
	}
	buf := make([]byte, 0, 4096)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := e.AppendXML(buf); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCheckProfile(b *testing.B) {
	e, err := ecml.DecodeXML(tree(b, usual))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := e.CheckProfile(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkValidate(b *testing.B) {
	e, err := ecml.DecodeXML(tree(b, usual))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := e.Validate(); err != nil {
			b.Fatal(err)
		}
	}
}
