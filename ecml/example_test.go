package ecml_test

import (
	"fmt"
	"log"
	"net/url"

	"github.com/kecis/sdk/ecml"
)

// A form that a shop received, as XML for a partner.
func Example_formToXML() {
	e, err := ecml.DecodeForm(url.Values{
		"ECOM_SHIPTO_POSTAL_NAME_LAST":   {"홍"}, // in any case
		"Ecom_ShipTo_Postal_City":        {"서울특별시"},
		"Ecom_ShipTo_Postal_CountryCode": {"KR"},
		"Ecom_ShipTo_Postal_StateProv":   {""}, // left blank by the buyer
		"Ecom_SchemaVersion":             {ecml.Schema11},
		"basket":                         {"42"}, // the shop's own
	})
	if err != nil {
		log.Fatal(err)
	}
	e.SchemaVersion = ecml.Schema20 // XML is of version 2
	doc, err := e.AppendXML(nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(doc))
	// Output:
	// <Ecom SchemaVersion="urn:ietf:params:ecml:v2.0"><ShipTo><Postal CountryCode="KR"><Name Last="홍"></Name><City>서울특별시</City></Postal></ShipTo></Ecom>
}

// XML from a partner, as the fields of a form.
func Example_xmlToForm() {
	e, err := ecml.ParseXML([]byte(`<Ecom ConsumerOrderID="A-1">
  <BillTo><Online><Email Address="hong@example.kr"/></Online></BillTo>
  <Payment><Card Type="VISA"><ExpDate Month="7" Year="2030"/></Card></Payment>
</Ecom>`))
	if err != nil {
		log.Fatal(err)
	}
	form, err := e.Form()
	if err != nil {
		log.Fatal(err)
	}
	for f := range ecml.Fields() { // in the RFC's order
		if value, ok := form[f.Name]; ok {
			fmt.Println(f.Name, "=", value[0])
		}
	}
	// Output:
	// Ecom_BillTo_Online_Email = hong@example.kr
	// Ecom_Payment_Card_Type = VISA
	// Ecom_Payment_Card_ExpDate_Month = 7
	// Ecom_Payment_Card_ExpDate_Year = 2030
	// Ecom_ConsumerOrderID = A-1
}

// All problems of some data, with code, place and a text in Korean.
func ExampleEcom_Validate() {
	e, err := ecml.ParseXML([]byte(`<Ecom><ShipTo><Postal CountryCode="KOR">` +
		`<Street Line2="3층"/></Postal></ShipTo><Payment><Card Number="4111111111111112" Type="VISA">` +
		`<ExpDate Month="13" Year="2030"/></Card></Payment></Ecom>`))
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range ecml.Problems(e.Validate()) {
		fmt.Println(p.Place(), p.Code(), p.Found(), p.Text("ko"))
	}
	// Output:
	// Ecom/ShipTo/Postal/@CountryCode ecml-country "KOR" 국가 코드가 ISO 3166-1에 없습니다.
	// Ecom/ShipTo/Postal/Street ecml-street Line1 empty 주소 줄이 순서대로 채워지지 않았습니다.
	// Ecom/Payment/Card/@Number ecml-card-number 411111******1112 카드 번호가 올바르지 않습니다.
	// Ecom/Payment/Card/ExpDate/@Month ecml-date "13" 날짜가 올바르지 않습니다.
}

// What may not stand in a KECIS message.
func ExampleEcom_CheckProfile() {
	e := &ecml.Ecom{
		BillTo:  []ecml.Party{{Common: ecml.Common{ID: "b1"}}},
		Payment: []ecml.Payment{{Card: &ecml.Card{Number: ecml.NewCardNumber("4111111111111111"), ExpDate: &ecml.Date{}}}},
	}
	for _, p := range ecml.Problems(e.CheckProfile()) {
		fmt.Println(p.Place(), p.Clause(), p.Code())
	}
	// Output:
	// Ecom/BillTo/@id KECIS-ECML-042 ecml-profile-id
	// Ecom/Payment/Card/@Number KECIS-ECML-044 ecml-profile-clear
}

// Asking a wallet or partner for fields, by their form names.
func ExampleQueryFor() {
	e, err := ecml.QueryFor("Ecom_ShipTo_Postal", "Ecom_ShipTo_Online_Email")
	if err != nil {
		log.Fatal(err)
	}
	doc, err := e.AppendXML(nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(doc))
	// Output:
	// <Ecom Mode="Query"><ShipTo><Postal></Postal><Online><Email Address=""></Email></Online></ShipTo></Ecom>
}

// A card number shows itself masked to every printer.
func ExampleCardNumber() {
	c := ecml.Card{Type: "VISA", Number: ecml.NewCardNumber("4111111111111111"), Verification: ecml.NewVerification("123")}
	fmt.Printf("%s %v %x\n", c.Number, c.Verification, c.Number)
	fmt.Println(c.Number.Reveal()) // the one way to the digits
	// Output:
	// 411111******1111 *** 411111******1111
	// 4111111111111111
}
