package cases

import (
	"strings"

	"github.com/kecis/sdk/conformance"
)

// ecmlDocument holds most of what ECML can say of an order.
const ecmlDocument = `<Ecom SchemaVersion="urn:ietf:params:ecml:v2.0">` +
	`<ShipTo><Postal CountryCode="KR" PostalCode="04524"><Name First="길동" Last="홍"></Name>` +
	`<Street Line1="세종대로 110" Line2="3층"></Street><City>서울</City></Postal>` +
	`<Telecom><Phone Number="+82-2-120"></Phone></Telecom><Online><Email Address="buyer@shop.example"></Email></Online></ShipTo>` +
	`<Payment><Card Name="HONG-GILDONG" Number="4111111111111111" Protocols="none" Type="VISA">` +
	`<ExpDate Day="7" Month="07" Year="2030"></ExpDate><ValidDate Month="1" Year="2024"></ValidDate></Card></Payment>` +
	`<User CertificateURL="https://ca.example/1.der" DataCountry="KR" DataLanguage="ko-KR"></User>` +
	`<Merchant><Terminal Data="till"></Terminal></Merchant>` +
	`<Transaction Amount="50000.0" Currency="KRW" Type="debit"><Signature>QUJD</Signature></Transaction></Ecom>`

// ecmlData is a document of ECML, alone.
func ecmlData() conformance.Happy {
	return conformance.Happy{
		ID:   "ecml",
		Note: "ECML of an order with a card, as a document of its own.",
		Make: func(keys *conformance.Keyring) (*conformance.Message, error) {
			return &conformance.Message{Document: []byte(ecmlDocument), Keys: keys, Reading: conformance.Reading{
				Operation: conformance.ReadECML, Now: Now(),
			}}, nil
		},
	}
}

func ecmlCases() []conformance.Case { return join(ecmlShape(), ecmlValues(), ecmlProfile()) }

func ecmlShape() []conformance.Case {
	const structure, unknown = "ecml-structure", "ecml-unknown"
	h := ecmlData()
	const source = "RFC 4112 2.2"
	bend := func(id, code, note, old, text string) conformance.Case {
		return refuse("ecml-"+id, code, note, h, replace(old, text), source)
	}
	// old turns the data into those of version 1.1, which may state an old date.
	const dated = `<TransDate>2001-04-01</TransDate><Signature>`
	return []conformance.Case{
		bend("second-card", structure, "A second card of one payment.", `</Card>`, `</Card><Card><ExpDate></ExpDate></Card>`),
		bend("dates-out-of-order", structure, "ValidDate in front of ExpDate.", `<ExpDate Day="7" Month="07" Year="2030"></ExpDate><ValidDate Month="1" Year="2024"></ValidDate>`,
			`<ValidDate Month="1" Year="2024"></ValidDate><ExpDate Day="7" Month="07" Year="2030"></ExpDate>`),
		bend("text-in-name", structure, "Text in an element that holds attributes alone.", `></Name>`, `>홍길동</Name>`),
		bend("text-in-payment", structure, "Text between the elements of a payment.", `<Payment>`, `<Payment>x`),
		bend("element-in-city", structure, "An element in an element of text.", `서울`, `<b>서울</b>`),
		refuse("ecml-other-root", structure, "Another root.", h, document(`<ShipTo></ShipTo>`), source),
		bend("namespace", "ecml-namespace", "Ecom in the namespace that its schema is named by.", `<Ecom `, `<Ecom xmlns="urn:ietf:params:xml:schema:ECMLv2" `),
		bend("element-in-namespace", "ecml-namespace", "An element of ECML in a namespace.", `<User `, `<User xmlns="urn:x" `),
		bend("unknown-element", unknown, "An element that ECML does not have.", `<Merchant>`, `<Shop></Shop><Merchant>`),
		bend("trade", unknown, "Trade, which the DTD names by a slip.", `<Merchant>`, `<Trade></Trade><Merchant>`),
		bend("unknown-attribute", unknown, "An attribute that ECML does not have.", `PostalCode=`, `Country="KR" PostalCode=`),
		bend("id-on-payment", unknown, "An id of an element that has none.", `<Payment>`, `<Payment id="p1">`),
		bend("foreign-attribute", unknown, "An attribute of another namespace.", `<Payment>`, `<Payment xmlns:x="urn:x" x:Mode="Assert">`),
		bend("old-element", unknown, "An element of version 1.1.", `<Signature>`, dated),
		bend("mode", "ecml-mode", "Mode in another spelling.", `<ShipTo>`, `<ShipTo Mode="query">`),
		bend("version", "ecml-version", "A version that nobody knows.", `urn:ietf:params:ecml:v2.0`, `urn:ietf:params:ecml:v2.1`),
		bend("no-card", "ecml-missing", "A payment without a card.", ecmlPart(`<Card `, `</Card>`), ``),
		bend("no-expiry", "ecml-missing", "A card without its expiry.", ecmlPart(`<ExpDate `, `</ValidDate>`), ``),
		bend("no-terminal", "ecml-missing", "A merchant without a terminal.", `<Terminal Data="till"></Terminal>`, ``),
		bend("no-phone", "ecml-missing", "Telecom without a phone.", `<Phone Number="+82-2-120"></Phone>`, ``),
		bend("no-email", "ecml-missing", "Online without an address.", `<Email Address="buyer@shop.example"></Email>`, ``),
		bend("empty-country", "ecml-empty", "An attribute without a value.", `CountryCode="KR"`, `CountryCode=""`),
		refuse("ecml-repeated-password", "ecml-repeated", "Two passwords of one user.", h,
			replace(`ko-KR"></User>`, `ko-KR"><Password>a</Password><Password>b</Password></User>`), source),
		bend("duplicate-id", "xml-duplicate-id", "Two elements of one id.", `<City>`, `<City id="a"></City><City id="a">`),
		refuse("ecml-doctype", "xml-doctype", "The RFC's own document type.", h, front(`<!DOCTYPE Ecom SYSTEM "ecml.dtd">`), source, "C15"),
		accept("ecml-query", "KECIS-ECML-011", "A query may name elements without their parts and values.", h,
			document(`<Ecom Mode="Query"><ShipTo><Postal CountryCode=""></Postal><Telecom></Telecom></ShipTo><Payment></Payment></Ecom>`), source),
		accept("ecml-empty-document", "KECIS-ECML-001", "An Ecom that says nothing.", h, document(`<Ecom></Ecom>`), source),
		accept("ecml-repeats", "KECIS-ECML-001", "What the RFC lets repeat may repeat, in any order.", h,
			replace(`<User `, `<ShipTo></ShipTo><BillTo></BillTo><ShipTo></ShipTo><User `), source),
	}
}

// ecmlPart cuts a piece out of the document, by its beginning and end.
func ecmlPart(from, to string) string {
	start := strings.Index(ecmlDocument, from)
	return ecmlDocument[start : strings.Index(ecmlDocument, to)+len(to)]
}

func ecmlValues() []conformance.Case {
	h := ecmlData()
	const source = "RFC 4112 2.1"
	bend := func(id, code, note, old, text string) conformance.Case {
		return refuse("ecml-"+id, code, note, h, replace(old, text), source)
	}
	return []conformance.Case{
		bend("name-token", "ecml-nmtoken", "A blank inside a name token.", `PostalCode="04524"`, `PostalCode="045 24"`),
		bend("name-token-blank", "ecml-nmtoken", "A blank behind a name token.", `CountryCode="KR"`, `CountryCode="KR "`),
		bend("id-digits", "ecml-id", "An id that is a number.", `<City>`, `<City id="12">`),
		bend("card-check-digit", "ecml-card-number", "A check digit that is wrong.", `4111111111111111`, `4111111111111112`),
		bend("card-too-short", "ecml-card-number", "11 digits.", `4111111111111111`, `41111111112`),
		bend("card-separators", "ecml-card-number", "Hyphens between the digits.", `4111111111111111`, `4111-1111-1111-1111`),
		bend("card-type", "ecml-card-type", "A type that is not registered.", `Type="VISA"`, `Type="BC"`),
		bend("card-brand", "ecml-card-brand", "A number of another brand than the type.", `Type="VISA"`, `Type="MAST"`),
		bend("protocol", "ecml-protocol", "A protocol that is not registered.", `Protocols="none"`, `Protocols="none pay"`),
		bend("transaction-type", "ecml-transaction-type", "A type that is neither debit nor credit.", `Type="debit"`, `Type="refund"`),
		bend("month-13", "ecml-date", "Month 13.", `Month="07"`, `Month="13"`),
		bend("day-0", "ecml-date", "Day 0.", `Day="7"`, `Day="0"`),
		bend("year-of-two-digits", "ecml-date", "A year of two digits.", `Year="2030"`, `Year="30"`),
		bend("february-29", "ecml-date", "29 February of a common year.", `Day="7" Month="07" Year="2030"`, `Day="29" Month="02" Year="2030"`),
		bend("street-gap", "ecml-street", "A second line of a street without a first.", `Line1="세종대로 110" `, ``),
		bend("country-small", "ecml-country", "A country in small letters.", `CountryCode="KR"`, `CountryCode="kr"`),
		bend("country-of-nobody", "ecml-country", "A code that is no country's.", `CountryCode="KR"`, `CountryCode="XX"`),
		bend("currency", "ecml-currency", "A code that is no currency's.", `Currency="KRW"`, `Currency="WON"`),
		bend("amount-no-period", "ecml-amount", "An amount without a period.", `Amount="50000.0"`, `Amount="50000"`),
		bend("amount-too-fine", "ecml-amount", "Tenths of a won.", `Amount="50000.0"`, `Amount="50000.5"`),
		bend("amount-sign", "ecml-amount", "An amount with a sign.", `Amount="50000.0"`, `Amount="-50000.0"`),
		bend("language", "ecml-language", "A language that is no tag.", `DataLanguage="ko-KR"`, `DataLanguage="korean_language"`),
		bend("url", "ecml-uri", "A URL with an unfinished host.", `https://ca.example/1.der`, `http://[::1`),
		bend("email", "ecml-email", "An address without a host.", `buyer@shop.example`, `buyer@`),
		bend("phone", "ecml-phone", "A number of letters.", `+82-2-120`, `call-me`),
		bend("signature", "ecml-base64", "A signature that is not base64.", `QUJD`, `@@@`),
		accept("ecml-amount-forms", "KECIS-ECML-024", "Zeros in front and behind say the same amount.", h, replace(`Amount="50000.0"`, `Amount="050000.00"`), source),
		accept("ecml-card-type-small", "KECIS-ECML-016", "A type in small letters.", h, replace(`Type="VISA"`, `Type="visa"`), source),
	}
}

// ecmlProfile puts into a signed message what ECML alone would allow.
func ecmlProfile() []conformance.Case {
	h := paymentMessage()
	in := func(id, code, note, content string) conformance.Case {
		return refuse("ecml-in-message-"+id, code, note, h, signed(replace(`<Ecom><BillTo>`, `<Ecom>`+content+`<BillTo>`)), "RFC 4112", "KECIS P3")
	}
	on := func(id, code, note, attributes string) conformance.Case {
		return refuse("ecml-in-message-"+id, code, note, h, signed(replace(`<Ecom>`, `<Ecom `+attributes+`>`)), "RFC 4112", "KECIS P3")
	}
	const query, home, open = "ecml-profile-query", "ecml-profile-home", "ecml-profile-clear"
	card := func(attributes string) string {
		return `<Payment><Card ` + attributes + `><ExpDate></ExpDate></Card></Payment>`
	}
	return []conformance.Case{
		on("query", query, "Data that ask.", `Mode="Query"`),
		in("query-below", query, "An element that asks.", `<ShipTo Mode="Query"></ShipTo>`),
		refuse("ecml-in-message-id", "sig-id", "An id in a message.", h, signed(replace(`<Ecom>`, `<Ecom id="e1">`)), "RFC 4112", "W17"),
		in("id-of-terminal", "ecml-unknown", "An ID of an element, which ECML does not have.", `<ShipTo ID="s1"></ShipTo>`),
		on("merchant-name", home, "The merchant, said in ECML.", `Merchant="shop.example"`),
		on("processor", home, "The processor, said in ECML.", `Processor="pg.example"`),
		in("merchant", home, "A merchant with its terminal.", `<Merchant><Terminal></Terminal></Merchant>`),
		in("amount", home, "A second amount.", `<Transaction Amount="1.0"></Transaction>`),
		in("currency", home, "A second currency.", `<Transaction Currency="USD"></Transaction>`),
		in("type", home, "A type of the transaction.", `<Transaction Type="credit"></Transaction>`),
		in("transaction-id", home, "Identifiers of the transaction.", `<Transaction><Id Reference="1"></Id></Transaction>`),
		in("card-number", open, "A card number in clear.", card(`Number="4111111111111111"`)),
		in("card-verification", open, "A verification value in clear.", card(`Verification="123"`)),
		in("card-expiry", open, "An expiry in clear.", `<Payment><Card><ExpDate Year="2030"></ExpDate></Card></Payment>`),
		in("track", open, "A track in clear.", `<Transaction><Data><Track2>4111111111111111=3007</Track2></Data></Transaction>`),
		in("password", open, "A password.", `<User><Password>secret</Password></User>`),
		in("card-in-street", open, "A card number in a street.", `<ShipTo><Postal><Street Line1="4111 1111 1111 1111"></Street></Postal></ShipTo>`),
		in("card-in-data", open, "A card number in private data.", `<Transaction><Data><PrivateUse>card 4111-1111-1111-1111</PrivateUse></Data></Transaction>`),
		in("repeated", "ecml-profile-repeated", "A second BillTo.", `<BillTo></BillTo>`),
		in("stray-text", "ecml-profile-stray", "Text between the elements.", `pay`),
		in("blank", "ecml-profile-blank", "A blank in front of a value.", `<ShipTo><Postal><City> 서울</City></Postal></ShipTo>`),
		in("value", "ecml-country", "A value that chapter 40 refuses.", `<ShipTo><Postal CountryCode="XX"></Postal></ShipTo>`),
		accept("ecml-in-message-lists", "KECIS-ECML-045", "Phone and Email are lists.", h, signed(replace(`<Ecom><BillTo>`,
			`<Ecom><BillTo><Telecom><Phone Number="1"></Phone><Phone Number="2"></Phone></Telecom>`)), "RFC 4112"),
		accept("ecml-in-message-wallet", "KECIS-ECML-048", "The digits of a card number as an identifier.", h,
			signed(replace(`<Ecom>`, `<Ecom WalletID="4111111111111111">`)), "RFC 4112"),
	}
}
