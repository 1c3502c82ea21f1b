package cases

import (
	"encoding/base64"
	"errors"
	"strings"

	"github.com/kecis/sdk/conformance"
)

const (
	responseID     = "_71c0a9f8e6d5b4a392817f6e5d4c3b2a19080716"
	cancellationID = "_b8e1d2c3f4a5968778695a4b3c2d1e0f0a1b2c3d"
	inquiryID      = "_d4f5a6b7c8e9d0a1b2c3d4e5f60718293a4b5c6d"

	orderRef = `<kecis:OrderRef Attempt="1" OrderID="ORD-20261124-0001" Part="1" Requester="` + shop + `"></kecis:OrderRef>`
	won50000 = `<kecis:Amount Currency="KRW" Exponent="0">50000</kecis:Amount>`
	tax50000 = `<kecis:Tax Service="0" Supply="45455" TaxFree="0" VAT="4545"></kecis:Tax>`
	original = `<kecis:Original><kecis:TransactionID>T20261124-000001</kecis:TransactionID></kecis:Original>`
)

// message is a signed message that the recipient decodes.
func message(id, note, key, root, attributes, body string) conformance.Happy {
	return conformance.Happy{ID: id, Note: note, Make: func(keys *conformance.Keyring) (*conformance.Message, error) {
		sender, err := keys.Key(key)
		if err != nil {
			return nil, err
		}
		_, own, _ := strings.Cut(attributes, ` ID="`)
		own, _, _ = strings.Cut(own, `"`)
		doc := `<kecis:` + root + ` xmlns:kecis="` + nsKECIS + `"` + attributes + `><saml:Issuer xmlns:saml="` + nsSAML + `">` + sender.Owner +
			`</saml:Issuer>` + template(own, ecdsaSHA256, digestSHA256) + body + `</kecis:` + root + `>`
		return signedBy(keys, key, doc, conformance.Reading{
			Operation: conformance.Decode,
			Profile:   conformance.MessageProfile,
			Roots:     []string{"{" + nsKECIS + "}" + root},
			Keys:      []string{key},
			Now:       Now(),
		})
	}}
}

// requestAttributes are those of a request's root.
func requestAttributes(id string) string { return strings.Replace(paymentAttributes, paymentID, id, 1) }

func paymentMessage() conformance.Happy {
	return message("message-payment-request", "A payment request, verified and decoded.", "shop-p256", "PaymentRequest", paymentAttributes, paymentBody)
}

// responseAttributes are those of an answer's root.
func responseAttributes(to string) string {
	return ` Destination="` + shop + `" ID="` + responseID + `" InResponseTo="` + to + `" IssueInstant="2026-11-24T09:00:02Z" Recipient="` + shop +
		`" RequestDigest="` + base64.StdEncoding.EncodeToString(fixed("request", 32)) + `" Version="2.0"`
}

// status is the status of an answer that is done.
func status(code, korean, english string) string {
	return `<samlp:Status xmlns:samlp="` + nsSAMLP + `"><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success">` +
		`<samlp:StatusCode Value="urn:kecis:1.0:status:` + code + `"></samlp:StatusCode></samlp:StatusCode><samlp:StatusDetail>` +
		`<kecis:Detail Outcome="done" Retry="never"><kecis:Korean>` + korean + `</kecis:Korean><kecis:English>` + english + `</kecis:English>` +
		`</kecis:Detail></samlp:StatusDetail></samlp:Status>`
}

// transaction is a captured payment of which so much has been cancelled.
func transaction(cancelled, cancellable string) string {
	return `<kecis:Transaction ApprovalCode="30012345" At="2026-11-24T09:00:01Z" State="captured" TransactionID="T20261124-000001">` + won50000 +
		`<kecis:Balance Cancellable="` + cancellable + `" Cancelled="` + cancelled + `" Captured="50000"></kecis:Balance>` +
		`<kecis:Terms Brand="BC" Capture="automatic" Instalments="03" InterestFree="true" Method="card"></kecis:Terms>` +
		`<kecis:InstrumentRef>ref_8f14e45fceea167a</kecis:InstrumentRef></kecis:Transaction>`
}

const (
	won20000  = `<kecis:Amount Currency="KRW" Exponent="0">20000</kecis:Amount>`
	tax20000  = `<kecis:Tax Service="0" Supply="18182" TaxFree="0" VAT="1818"></kecis:Tax>`
	cancelled = `<kecis:Cancelled At="2026-11-24T09:00:01Z" CancellationID="C20261124-000001" Kind="refund">` + won20000 + tax20000 + `</kecis:Cancelled>`
)

func paymentAnswer() conformance.Happy {
	return message("message-payment-response", "The answer to an approved payment.", "pg-p256", "PaymentResponse", responseAttributes(paymentID),
		status("approved", "결제가 승인되었습니다.", "The payment is approved.")+orderRef+transaction("0", "50000"))
}

func cancellation() conformance.Happy {
	return message("message-cancellation-request", "A partial cancellation.", "shop-p256", "CancellationRequest", requestAttributes(cancellationID),
		orderRef+original+won20000+tax20000+`<kecis:Cancel ExpectedBalance="50000" Reason="buyer" Scope="partial"></kecis:Cancel>`)
}

func cancellationAnswer() conformance.Happy {
	return message("message-cancellation-response", "The answer to a partial cancellation.", "pg-p256", "CancellationResponse", responseAttributes(cancellationID),
		status("cancelled", "취소되었습니다.", "The payment is cancelled as asked for.")+orderRef+transaction("20000", "30000")+cancelled)
}

func inquiry() conformance.Happy {
	return message("message-inquiry-request", "An inquiry by the ID of a request.", "shop-p256", "InquiryRequest", requestAttributes(inquiryID),
		`<kecis:Original><kecis:RequestID>`+paymentID+`</kecis:RequestID></kecis:Original>`)
}

func inquiryAnswer() conformance.Happy {
	return message("message-inquiry-response", "The answer to an inquiry about a payment with a cancellation.", "pg-p256", "InquiryResponse", responseAttributes(inquiryID),
		status("found", "조회되었습니다.", "The state of the request is stated.")+`<kecis:Original><kecis:RequestID>`+paymentID+`</kecis:RequestID></kecis:Original>`+
			`<kecis:Result Code="approved" Outcome="done" Retry="never"></kecis:Result>`+orderRef+transaction("20000", "30000")+cancelled)
}

// messages are the valid messages of all kinds, each with the elements that its
// root must hold behind issuer and signature, and the clause that says so.
func messages() []struct {
	happy    conformance.Happy
	clause   string
	elements []string
} {
	return []struct {
		happy    conformance.Happy
		clause   string
		elements []string
	}{
		{paymentMessage(), "KECIS-PAY-001", []string{"kecis:OrderRef", "kecis:Payee", "kecis:Amount", "kecis:Tax", "kecis:Terms", "kecis:Instrument", "kecis:Buyer"}},
		{paymentAnswer(), "KECIS-PAY-010", []string{"samlp:Status", "kecis:OrderRef"}},
		{cancellation(), "KECIS-CAN-001", []string{"kecis:OrderRef", "kecis:Original", "kecis:Amount", "kecis:Tax", "kecis:Cancel"}},
		{cancellationAnswer(), "KECIS-CAN-008", []string{"samlp:Status", "kecis:OrderRef"}},
		{inquiry(), "KECIS-CAN-002", []string{"kecis:Original"}},
		{inquiryAnswer(), "KECIS-INQ-004", []string{"samlp:Status", "kecis:Original"}},
		{notification(), "KECIS-EVT-010", []string{"kecis:Event"}},
		{notificationAnswer(), "KECIS-EVT-011", []string{"samlp:Status", "kecis:EventID"}},
		{feed(), "KECIS-EVT-020", []string{"kecis:Feed"}},
		{feedAnswer(), "KECIS-EVT-020", []string{"samlp:Status", "kecis:Feed"}},
		{reconciliation(), "KECIS-REC-001", []string{"kecis:Period"}},
		{reconciliationAnswer(), "KECIS-REC-005", []string{"samlp:Status", "kecis:Period"}},
	}
}

func messageCases() []conformance.Case {
	return join(structureOfMessages(), closedCases(), headerCases(), amountCases(), valueCases(), paymentCases(), answerCases(), cancellationCases())
}

// onElementOf changes the first element of that name, with all it holds, and
// signs again.
func onElementOf(name string, change func(string) string) conformance.Edit {
	return signed(func(m *conformance.Message) error {
		doc := string(m.Document)
		from, to, ok := locate(doc, name)
		if !ok {
			return errors.New("there is no " + name)
		}
		m.Document = []byte(doc[:from] + change(doc[from:to]) + doc[to:])
		return nil
	})
}

// locate returns where the first element of that name begins and ends.
func locate(doc, name string) (from, to int, ok bool) {
	from, to = strings.Index(doc, `<`+name+` `), strings.Index(doc, `</`+name+`>`)
	if plain := strings.Index(doc, `<`+name+`>`); from < 0 || plain >= 0 && plain < from {
		from = plain
	}
	return from, to + len(`</`+name+`>`), from >= 0 && to > from
}

// structureOfMessages leave out, repeat and move the elements of each message.
func structureOfMessages() []conformance.Case {
	var out []conformance.Case
	for _, kind := range messages() {
		id := kind.happy.ID
		out = append(out, accept(id+"-white-space", "KECIS-MSG-004", "White space between the elements of a message.", kind.happy,
			signed(behind(`</ds:Signature>`, "\n\t")), "W16"))
		for i, name := range kind.elements {
			short := id + "-" + strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(strings.TrimPrefix(name, "kecis:"), "samlp:"), "Ref", "-ref"))
			out = append(out, alsoAll([]conformance.Case{
				refuse(short+"-missing", "msg-missing", "Without its "+name+".", kind.happy, onElementOf(name, func(string) string { return "" }), "P11"),
				refuse(short+"-twice", "msg-repeated", "With a second "+name+".", kind.happy, onElementOf(name, func(e string) string { return e + e }), "W16"),
			}, kind.clause)...)
			if i == 0 {
				continue
			}
			out = append(out, refuse(short+"-early", "msg-order", name+" in front of "+kind.elements[i-1]+".", kind.happy, signed(func(m *conformance.Message) error {
				doc := string(m.Document)
				start, _, before := locate(doc, kind.elements[i-1])
				from, to, there := locate(doc, name)
				if !before || !there || from < start {
					return errors.New("the elements do not stand in this order")
				}
				m.Document = []byte(doc[:start] + doc[from:to] + doc[start:from] + doc[to:])
				return nil
			}), "W16"))
		}
	}
	h := paymentMessage()
	return append(out,
		refuse("message-text-in-root", "msg-text", "Text between the elements of the root.", h, signed(before(`<kecis:Payee `, `pay`)), "W16"),
		refuse("message-text-in-empty", "msg-text", "Text in an element that holds nothing.", h, signed(replace(`</kecis:Terms>`, `x</kecis:Terms>`)), "W16"),
		refuse("message-text-in-buyer", "msg-text", "Text in front of Ecom.", h, signed(behind(buyerStart, `x`)), "W16"),
		also(refuse("message-no-ecom", "msg-missing", "A buyer without Ecom.", h, onElementOf("Ecom", func(string) string { return "" }), "P11"), "KECIS-MSG-020"),
		also(refuse("message-two-ecoms", "msg-repeated", "A buyer with two Ecom.", h, onElementOf("Ecom", func(e string) string { return e + e }), "W16", "KECIS P3"), "KECIS-MSG-020"),
		refuse("message-no-instrument-inside", "msg-missing", "An instrument without reference and data.", h,
			onElementOf("kecis:InstrumentRef", func(string) string { return "" }), "P11"),
	)
}

// closedCases add what the closed namespace does not know.
func closedCases() []conformance.Case {
	const unsupported, extension = "unsupported", "msg-extension"
	h := paymentMessage()
	const source = "KECIS P1"
	extensions := func(content string) conformance.Edit {
		return signed(behind(`</ds:Signature>`, `<samlp:Extensions xmlns:samlp="`+nsSAMLP+`">`+content+`</samlp:Extensions>`))
	}
	points := func(attributes string) string {
		return `<x:Points xmlns:x="urn:x:points"` + attributes + `>7</x:Points>`
	}
	add := func(id, note, old, text string) conformance.Case {
		return refuse("message-unknown-"+id, unsupported, note, h, signed(replace(old, text)), source)
	}
	return []conformance.Case{
		add("element", "An element that this version does not know.", `<kecis:Payee `, `<kecis:Wallet></kecis:Wallet><kecis:Payee `),
		add("foreign-element", "An element of another namespace.", `<kecis:Payee `, `<x:Payee xmlns:x="urn:x"></x:Payee><kecis:Payee `),
		add("bare-element", "An element of no namespace.", `<kecis:Payee `, `<Payee></Payee><kecis:Payee `),
		add("last-element", "An unknown element at the end.", rootEnd, `<kecis:Wallet></kecis:Wallet>`+rootEnd),
		add("inner-element", "An unknown element in an empty one.", `</kecis:Terms>`, `<kecis:X></kecis:X></kecis:Terms>`),
		add("attribute", "An attribute that this version does not know.", `<kecis:Terms `, `<kecis:Terms Months="3" `),
		add("root-attribute", "An unknown attribute of the root.", ` Version="2.0"`, ` Version="2.0" Wallet="x"`),
		add("foreign-attribute", "An attribute of another namespace.", `<kecis:Terms `, `<kecis:Terms xmlns:x="urn:x" x:Capture="automatic" `),
		add("foreign-id", "An ID of another namespace, with a value of its own.", `<kecis:Terms `, `<kecis:Terms xmlns:x="urn:x" x:ID="`+evilID+`" `),
		add("xml-lang", "xml:lang where it may not stand.", `<kecis:Terms `, `<kecis:Terms xml:lang="ko" `),
		add("xsi-type", "An xsi:type.", `<kecis:Terms `, `<kecis:Terms xmlns:xsi="`+nsXSI+`" xsi:type="kecis:TermsType" `),
		also(add("capture", "A value outside its closed set.", `Capture="automatic"`, `Capture="later"`), "KECIS-PAY-004"),
		add("capture-capitals", "A value in another case.", `Capture="automatic"`, `Capture="Automatic"`),
		add("capture-empty", "An empty value.", `Capture="automatic"`, `Capture=""`),
		add("kind", "A kind of instrument that nobody knows.", `Kind="card"`, `Kind="credit"`),
		also(add("boolean", "1 for true.", `InterestFree="false"`, `InterestFree="1"`), "KECIS-PAY-006"),
		refuse("message-extensions-last", "msg-order", "SAML's own extension point at the end of a message.", h, signed(before(rootEnd, `<samlp:Extensions xmlns:samlp="`+nsSAMLP+`"></samlp:Extensions>`)), source),
		refuse("extension-critical-by-default", extension, "An unknown extension that does not say whether it is critical.", h, extensions(points(``)), source),
		refuse("extension-critical", extension, "An unknown extension that is critical.", h, extensions(points(` kecis:critical="true"`)), source),
		refuse("extension-value", unsupported, "An extension that is critical in capitals.", h, extensions(points(` kecis:critical="FALSE"`)), source),
		refuse("extension-of-kecis", unsupported, "An extension in the namespace of KECIS.", h, extensions(`<kecis:X kecis:critical="false"></kecis:X>`), source),
		refuse("extension-bare", unsupported, "An extension of no namespace.", h, extensions(`<X kecis:critical="false"></X>`), source),
		refuse("extensions-empty", "msg-missing", "Extensions without any.", h, extensions(``), source),
		accept("extension-not-critical", "KECIS-MSG-010", "An unknown extension that is not critical is ignored.", h, extensions(points(` kecis:critical="false"`)), source),
		past("extensions-number", "msg-too-many", "16 extensions and one more.", h, 16, func(n int) conformance.Edit {
			return extensions(strings.Repeat(points(` kecis:critical="false"`), n))
		}, source),
		accept("message-other-prefixes", "KECIS-MSG-002", "Other prefixes than the usual ones.", h,
			all(everywhere(`<kecis:`, `<k:`), everywhere(`</kecis:`, `</k:`), replace(`xmlns:kecis=`, `xmlns:k=`), resign), "C11"),
		accept("message-default-namespace", "KECIS-MSG-002", "The namespace of KECIS as the default, taken back for Ecom.", h,
			all(everywhere(`<kecis:`, `<`), everywhere(`</kecis:`, `</`), replace(`xmlns:kecis=`, `xmlns=`), replace(`<Ecom>`, `<Ecom xmlns="">`), resign), "C11"),
		refuse("message-default-namespace-kept", unsupported, "Ecom under the default namespace of KECIS.", h,
			all(everywhere(`<kecis:`, `<`), everywhere(`</kecis:`, `</`), replace(`xmlns:kecis=`, `xmlns=`), resign), "C11"),
	}
}

// headerCases bend what all messages have.
func headerCases() []conformance.Case {
	h, answer := paymentMessage(), paymentAnswer()
	attribute := func(id, code, note, old, text string, sources ...string) conformance.Case {
		return refuse("header-"+id, code, note, h, signed(replace(old, text)), append(sources, "KECIS P9")...)
	}
	identifier := func(id, note, value string) conformance.Case {
		return refuse("header-id-"+id, "msg-id", note, h, signed(everywhere(paymentID, value)), "W20")
	}
	instant := func(id, note, value string) conformance.Case {
		return refuse("header-time-"+id, "msg-time", note, h, signed(replace(`IssueInstant="2026-11-24T09:00:00Z"`, `IssueInstant="`+value+`"`)), "KECIS P9")
	}
	expecting := func(root string) conformance.Edit {
		return on(func(r *conformance.Reading) { r.Roots = []string{root} })
	}
	deadline := func(value string) conformance.Edit {
		return signed(replace(`NotOnOrAfter="2026-11-24T09:05:00Z"`, `NotOnOrAfter="`+value+`"`))
	}
	equal := refuse("header-window-none", "msg-window", "A deadline at the time of issue.", h, deadline("2026-11-24T09:00:00Z"), "KECIS P9")
	equal.Twin = deadline("2026-11-24T09:00:01Z")
	return []conformance.Case{
		refuse("header-kind-foreign", "msg-kind", "A root of another namespace, which the recipient let pass.", h,
			all(signed(replace(` xmlns:kecis="`+nsKECIS+`"`, ` xmlns:kecis="urn:x"`)), expecting("{urn:x}PaymentRequest")), "W23"),
		refuse("header-kind-unknown", "msg-kind", "A root that this version does not know.", h,
			all(everywhere(`kecis:PaymentRequest`, `kecis:PayRequest`), resign, expecting("{"+nsKECIS+"}PayRequest")), "W23"),
		refuse("header-namespace-version", "msg-version", "The namespace of a later version.", h,
			all(signed(replace(` xmlns:kecis="`+nsKECIS+`"`, ` xmlns:kecis="urn:kecis:2.0:protocol"`)), expecting("{urn:kecis:2.0:protocol}PaymentRequest")), "KECIS P1"),
		attribute("version-21", "msg-version", "Version 2.1.", ` Version="2.0"`, ` Version="2.1"`),
		attribute("version-11", "msg-version", "Version 1.1.", ` Version="2.0"`, ` Version="1.1"`),
		attribute("version-blank", "msg-version", "A blank behind the version.", ` Version="2.0"`, ` Version="2.0 "`, "K15"),
		attribute("no-version", "msg-missing", "No version.", ` Version="2.0"`, ``, "P11"),
		also(attribute("no-destination", "msg-missing", "No destination.", ` Destination="`+gate+`"`, ``, "P11"), "KECIS-MSG-008"),
		attribute("no-issue-instant", "msg-missing", "No time of issue.", ` IssueInstant="2026-11-24T09:00:00Z"`, ``, "P11"),
		attribute("no-deadline", "msg-missing", "No deadline.", ` NotOnOrAfter="2026-11-24T09:05:00Z"`, ``, "P11"),
		attribute("destination-relative", "msg-value", "A relative destination.", ` Destination="`+gate+`"`, ` Destination="/kecis"`),
		attribute("destination-blank", "msg-value", "A blank in the destination.", ` Destination="`+gate+`"`, ` Destination="https://pg.example/ke cis"`),
		refuse("header-sender-relative", "msg-value", "A sender that is no URI.", h, signed(replace(`>`+shop+`</saml:Issuer>`, `>shop</saml:Issuer>`)), "KECIS P20"),
		identifier("short", "39 digits.", paymentID[:40]),
		identifier("long", "41 digits.", paymentID+"0"),
		identifier("capitals", "Digits in capitals.", "_"+strings.ToUpper(paymentID[1:])),
		identifier("no-underscore", "A letter in the place of the underscore.", "a"+paymentID[1:]),
		identifier("uuid", "A UUID.", "_6ba7b810-9dad-11d1-80b4-00c04fd430c8"),
		instant("no-zone", "No zone.", "2026-11-24T09:00:00"),
		instant("offset", "The zone of Korea.", "2026-11-24T18:00:00+09:00"),
		instant("zero-offset", "An offset of zero.", "2026-11-24T09:00:00+00:00"),
		instant("fraction", "Milliseconds.", "2026-11-24T09:00:00.000Z"),
		instant("leap-second", "Second 60.", "2026-11-24T08:59:60Z"),
		instant("hour-24", "Hour 24.", "2026-11-23T24:00:00Z"),
		instant("february-29", "29 February of a common year.", "2026-02-29T09:00:00Z"),
		instant("blank", "A blank in front.", " 2026-11-24T09:00:00Z"),
		instant("small", "Small letters.", "2026-11-24t09:00:00z"),
		refuse("header-window-long", "msg-window", "A deadline five minutes and a second after.", h, deadline("2026-11-24T09:05:01Z"), "KECIS P9"),
		refuse("header-window-before", "msg-window", "A deadline before the time of issue.", h, deadline("2026-11-24T08:59:59Z"), "KECIS P9"),
		equal,
		refuse("header-no-in-response-to", "msg-missing", "An answer that names no request.", answer, signed(replace(` InResponseTo="`+paymentID+`"`, ``)), "KECIS P5"),
		refuse("header-in-response-to", "msg-id", "An answer to something that is no ID.", answer, signed(replace(` InResponseTo="`+paymentID+`"`, ` InResponseTo="x"`)), "KECIS P5"),
		refuse("header-no-recipient", "msg-missing", "An answer without recipient.", answer, signed(replace(` Recipient="`+shop+`"`, ``)), "KECIS P5"),
		refuse("header-request-digest", "msg-value", "A digest of 31 octets.", answer,
			signed(replace(base64.StdEncoding.EncodeToString(fixed("request", 32)), base64.StdEncoding.EncodeToString(fixed("request", 31)))), "KECIS P5"),
		refuse("header-request-digest-bits", "msg-value", "A digest with bits behind its last octet.", answer, signed(func(m *conformance.Message) error {
			text := base64.StdEncoding.EncodeToString(fixed("request", 32))
			const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
			last := string(alphabet[strings.IndexByte(alphabet, text[42])|1])
			return replace(text, text[:42]+last+"=")(m)
		}), "K14"),
		refuse("header-deadline-of-answer", "unsupported", "A deadline of an answer.", answer, signed(replace(` Version="2.0"`, ` NotOnOrAfter="2026-11-24T09:05:00Z" Version="2.0"`)), "KECIS P5"),
	}
}

func amountCases() []conformance.Case {
	const form, currency, exponent = "amount-form", "amount-currency", "amount-exponent"
	h := paymentMessage()
	const source = "KECIS P4"
	minor := func(id, note, text string) conformance.Case {
		return refuse("amount-"+id, form, note, h, signed(replace(amountText, `>`+text+`<`)), source)
	}
	of := func(id, code, note, text string) conformance.Case {
		return refuse("amount-"+id, code, note, h, signed(replace(` Currency="KRW" Exponent="0"`, text)), source)
	}
	// worth makes the payment one of another amount, with all that follows it.
	worth := func(text string) conformance.Edit {
		return signed(replace(`Order="50000">50000<`, `Order="`+text+`">`+text+`<`), replace(`Supply="45455"`, `Supply="`+text+`"`), replace(`VAT="4545"`, `VAT="0"`))
	}
	longest := strings.Repeat("9", 15)
	tooLong := refuse("amount-16-digits", form, "16 digits; 15 are allowed.", h, signed(replace(amountText, `>1`+longest+`<`)), source)
	tooLong.Twin = worth(longest)
	lines := func(last string) conformance.Edit {
		return signed(before(`<kecis:Terms `, `<kecis:Lines><kecis:Line Amount="52000" Kind="item" Name="사과 한 상자" Quantity="2"></kecis:Line>`+
			`<kecis:Line Amount="3000" Kind="delivery" Name="배송비" Quantity="1"></kecis:Line>`+last+`</kecis:Lines>`))
	}
	discount := func(amount string) string {
		return `<kecis:Line Amount="` + amount + `" Kind="discount" Name="쿠폰" Quantity="1"></kecis:Line>`
	}
	sum := func(id, note, amount string) conformance.Case {
		c := refuse("amount-lines-"+id, "amount-lines", note, h, lines(discount(amount)), source)
		c.Twin = lines(discount("5000"))
		return c
	}
	counted := refuse("amount-lines-discount-added", "amount-lines", "A discount that is counted as an item.", h,
		lines(strings.Replace(discount("5000"), "discount", "item", 1)), source)
	counted.Twin = lines(discount("5000"))
	many := func(n int) conformance.Edit {
		return signed(before(`<kecis:Terms `, `<kecis:Lines>`+strings.Repeat(`<kecis:Line Amount="0" Kind="fee" Name="x" Quantity="1"></kecis:Line>`, n-1)+
			`<kecis:Line Amount="50000" Kind="item" Name="x" Quantity="1"></kecis:Line></kecis:Lines>`))
	}
	return []conformance.Case{
		minor("leading-zero", "A zero in front.", "050000"),
		minor("plus", "A sign.", "+50000"),
		minor("minus", "A negative amount.", "-50000"),
		minor("fraction", "A fraction.", "50000.00"),
		minor("scientific", "An amount with an exponent.", "5e4"),
		minor("separator", "A separator of thousands.", "50,000"),
		minor("blank", "A blank behind.", "50000 "),
		minor("line-end", "A line end behind.", "50000\n"),
		minor("zero", "Nothing.", "0"),
		minor("empty", "No digits.", ""),
		minor("other-digits", "Digits that are not ASCII.", "٥٠٠٠٠"),
		minor("hexadecimal", "Hexadecimal digits.", "0xC350"),
		tooLong,
		refuse("amount-order-zero", form, "An order of nothing.", h, signed(replace(`Order="50000"`, `Order="0"`)), source),
		refuse("amount-part-negative", form, "A negative part of the tax split.", h, signed(replace(`VAT="4545"`, `VAT="-4545"`)), source),
		refuse("amount-part-zeros", form, "A part of two zeros.", h, signed(replace(`TaxFree="0"`, `TaxFree="00"`)), source),
		of("currency-small", currency, "A currency in small letters.", ` Currency="krw" Exponent="0"`),
		of("currency-none", currency, "XXX, no currency.", ` Currency="XXX" Exponent="0"`),
		of("currency-gold", currency, "XAU, gold.", ` Currency="XAU" Exponent="0"`),
		of("currency-number", currency, "The number of a currency.", ` Currency="410" Exponent="0"`),
		of("exponent-krw", exponent, "Two decimals of won: a hundred times the amount to some.", ` Currency="KRW" Exponent="2"`),
		of("exponent-usd", exponent, "No decimals of dollars.", ` Currency="USD" Exponent="0"`),
		of("exponent-kwd", exponent, "Two decimals of Kuwaiti dinars, which have three.", ` Currency="KWD" Exponent="2"`),
		of("exponent-form", exponent, "A zero in front of the exponent.", ` Currency="USD" Exponent="02"`),
		accept("amount-usd", "KECIS-MSG-013", "Dollars, in cents.", h, signed(replace(` Currency="KRW" Exponent="0"`, ` Currency="USD" Exponent="2"`)), source),
		accept("amount-kwd", "KECIS-MSG-013", "Dinars, in thousandths.", h, signed(replace(` Currency="KRW" Exponent="0"`, ` Currency="KWD" Exponent="3"`)), source),
		refuse("amount-tax-less", "amount-tax", "A tax split of one won less.", h, signed(replace(`VAT="4545"`, `VAT="4544"`)), source),
		refuse("amount-tax-more", "amount-tax", "A tax split of one won more.", h, signed(replace(`TaxFree="0"`, `TaxFree="1"`)), source),
		sum("less", "Lines of one won less.", "5001"),
		sum("more", "Lines of one won more.", "4999"),
		counted,
		past("amount-lines-number", "msg-too-many", "100 lines and one more.", h, 100, many, source),
		refuse("amount-above-order", "amount-order", "An amount of one won more than the order.", h, signed(replace(`Order="50000"`, `Order="49999"`)), source),
		accept("amount-below-order", "KECIS-PAY-003", "An amount of one won less than the order.", h, signed(replace(`Order="50000"`, `Order="50001"`)), source),
	}
}

// valueCases hold the values of KECIS-MSG-014 to their lengths and characters.
func valueCases() []conformance.Case {
	const code = "msg-value"
	h := paymentMessage()
	const source = "KECIS P1"
	order := func(value string) conformance.Edit {
		return signed(replace(`OrderID="ORD-20261124-0001"`, `OrderID="`+value+`"`))
	}
	long := func(old string, repeated string) func(int) conformance.Edit {
		return func(n int) conformance.Edit {
			return signed(replace(old, strings.Replace(old, old[strings.IndexByte(old, '"'):], `"`+strings.Repeat(repeated, n)+`"`, 1)))
		}
	}
	short := refuse("value-order-id-short", code, "An order ID of 5 characters; 6 are needed.", h, order("ORD01"), source)
	short.Twin = order("ORD001")
	attempt := refuse("value-attempt-100", code, "Attempt 100.", h, signed(replace(`Attempt="1"`, `Attempt="100"`)), source)
	attempt.Twin = signed(replace(`Attempt="1"`, `Attempt="99"`))
	reference := func(n int) conformance.Edit {
		return signed(replace(`>ref_8f14e45fceea167a<`, `>`+strings.Repeat("r", n)+`<`))
	}
	shortRef := refuse("value-reference-short", code, "A reference of 15 characters.", h, reference(15), source)
	shortRef.Twin = reference(16)
	value := func(id, note, old, text string) conformance.Case {
		return refuse("value-"+id, code, note, h, signed(replace(old, text)), source)
	}
	name := func(id, note, text string) conformance.Case {
		return value("name-"+id, note, payeeName, `Name="`+text+`"`)
	}
	instalments := func(id, text string) conformance.Case {
		return value("instalments-"+id, "Instalments "+text+".", `Instalments="00"`, `Instalments="`+text+`"`)
	}
	return []conformance.Case{
		short, attempt, shortRef,
		past("value-order-id-long", code, "An order ID of 40 characters and one more.", h, 40, long(`OrderID="ORD-20261124-0001"`, "o"), source),
		past("value-name-long", code, "A name of 100 characters and one more.", h, 100, long(payeeName, "가"), source),
		past("value-reference-long", code, "A reference of 64 characters and one more.", h, 64, reference, source),
		past("value-entity-long", code, "An entityID of 1,024 octets and one more.", h, 1024, func(n int) conformance.Edit {
			return signed(replace(`<kecis:Payee Entity="`+shop+`"`, `<kecis:Payee Entity="https://shop.example/`+strings.Repeat("s", n-len("https://shop.example/"))+`"`))
		}, source),
		value("order-id-character", "A character that order IDs do not have.", `OrderID="ORD-20261124-0001"`, `OrderID="ORD/20261124"`),
		value("attempt-zero", "Attempt 0.", `Attempt="1"`, `Attempt="0"`),
		value("attempt-leading-zero", "A zero in front of the attempt.", `Attempt="1"`, `Attempt="01"`),
		value("requester-relative", "A requester that is no URI.", `Requester="`+shop+`"`, `Requester="shop"`),
		value("requester-capitals", "A scheme in capitals.", `Requester="`+shop+`"`, `Requester="HTTPS://shop.example/kecis"`),
		value("brand-small", "A brand in small letters.", `Brand="BC"`, `Brand="bc"`),
		value("first-digits", "Five first digits.", `First6="433012"`, `First6="43301"`),
		value("last-digits", "Five last digits.", `Last4="1234"`, `Last4="01234"`),
		name("empty", "No name.", ""),
		name("blank", "A blank in front of a name.", " 가게"),
		name("line-end", "A line end in a name, by reference.", "가&#10;게"),
		name("direction", "A character that turns the direction of text.", "\u202e가게"),
		instalments("01", "01"), instalments("13", "13"), instalments("one-digit", "3"), instalments("three-digits", "003"),
		accept("value-instalments-12", "KECIS-PAY-005", "Twelve instalments of a card.", h, signed(replace(`Instalments="00"`, `Instalments="12"`)), source),
		accept("value-payee-full", "KECIS-PAY-002", "A payee with all that it may have.", h,
			signed(replace(`<kecis:Payee `, `<kecis:Payee Business="1234567890" Category="5411" Merchant="M-0001_a" `)), source),
	}
}

func paymentCases() []conformance.Case {
	const code = "msg-instrument"
	h := paymentMessage()
	instrument := func(id, note, old, text string) conformance.Case {
		return refuse("instrument-"+id, code, note, h, signed(replace(old, text)), "KECIS P8")
	}
	account := func(attributes string) conformance.Edit {
		return signed(replace(`<kecis:Instrument Brand="BC" First6="433012" Issuer="`+issuer+`" Kind="card" Last4="1234">`,
			`<kecis:Instrument Issuer="`+issuer+`" Kind="account"`+attributes+`>`))
	}
	ofAccount := func(id, note string, fault conformance.Edit) conformance.Case {
		c := refuse("instrument-"+id, code, note, h, fault, "KECIS P8")
		c.Twin = account(` Last4="1234"`)
		return c
	}
	evidence := func(kind string, document []byte) string {
		return `<kecis:Evidence Digest="` + base64.StdEncoding.EncodeToString(hashed(cryptoHash(digestSHA256), document)) + `" Kind="` + kind + `">` +
			base64.StdEncoding.EncodeToString(document) + `</kecis:Evidence>`
	}
	proof := evidence("request", []byte("<a></a>"))
	with := func(text string) conformance.Edit { return signed(before(rootEnd, text)) }
	proved := func(id, code, note string, text string) conformance.Case {
		c := refuse("evidence-"+id, code, note, h, with(text), "KECIS P6")
		c.Twin = with(proof)
		return c
	}
	encryptedInside := func(change func(string) string) conformance.Edit {
		return signed(func(m *conformance.Message) error {
			key, err := m.Keys.Key("issuer-p256")
			if err != nil {
				return err
			}
			data, err := newSeal().document(key)
			if err != nil {
				return err
			}
			const reference = `<kecis:InstrumentRef>ref_8f14e45fceea167a</kecis:InstrumentRef>`
			return replace(reference, change(string(data)))(m)
		})
	}
	same := func(s string) string { return s }
	bent := refuse("instrument-encrypted-cbc", "enc-algorithm", "Encrypted data that chapter 30 refuses.", h,
		encryptedInside(func(s string) string {
			return strings.Replace(s, nsEncryption11+"aes256-gcm", nsEncryption+"aes256-cbc", 1)
		}), "E1")
	bent.Twin = encryptedInside(same)
	both := refuse("instrument-both", "msg-order", "Encrypted data and a reference.", h,
		encryptedInside(func(s string) string { return s + `<kecis:InstrumentRef>ref_8f14e45fceea167a</kecis:InstrumentRef>` }), "KECIS P8")
	both.Twin = encryptedInside(same)
	return []conformance.Case{
		instrument("card-no-brand", "A card without a brand.", `Brand="BC" `, ``),
		instrument("card-no-first-digits", "A card without its first digits.", `First6="433012" `, ``),
		instrument("card-no-last-digits", "A card without its last digits.", ` Last4="1234"`, ``),
		ofAccount("account-brand", "An account with a brand.", account(` Brand="BC"`)),
		ofAccount("account-first-digits", "An account with first digits.", account(` First6="433012"`)),
		ofAccount("account-instalments", "An account with instalments.", all(account(``), signed(replace(`Instalments="00"`, `Instalments="03"`)))),
		accept("instrument-encrypted", "KECIS-MSG-019", "An instrument that is encrypted to the issuer.", h, encryptedInside(same), "KECIS P8"),
		bent, both,
		proved("digest", "msg-evidence", "A digest of other octets.", strings.Replace(proof, base64.StdEncoding.EncodeToString([]byte("<a></a>")), base64.StdEncoding.EncodeToString([]byte("<b></b>")), 1)),
		proved("base64", "msg-value", "Base64 without its padding.", evidenceWithout(proof)),
		proved("line-break", "msg-value", "Base64 with a line break.", strings.Replace(proof, `</kecis:Evidence>`, "\n"+`</kecis:Evidence>`, 1)),
		proved("empty", "msg-value", "Evidence of no octets.", evidence("request", nil)),
		proved("kind", "unsupported", "A kind of evidence that nobody knows.", strings.Replace(proof, `Kind="request"`, `Kind="order"`, 1)),
		past("evidence-number", "msg-too-many", "4 pieces of evidence and one more.", h, 4, func(n int) conformance.Edit { return with(strings.Repeat(proof, n)) }, "KECIS P6"),
		past("evidence-length", "msg-value", "65,536 octets of evidence and one more.", h, 64<<10, func(n int) conformance.Edit {
			return with(evidence("authentication", make([]byte, n)))
		}, "KECIS P6", "P7"),
		accept("evidence-octets", "KECIS-MSG-021", "Evidence is not parsed: any octets will do.", h, with(evidence("authentication", []byte("<!DOCTYPE a>\x00\xff"))), "KECIS P6"),
	}
}

// evidenceWithout takes the padding of the base64 out.
func evidenceWithout(e string) string { return strings.Replace(e, `==</`, `</`, 1) }

// answerCases contradict the status of an answer, or the state of a transaction.
func answerCases() []conformance.Case {
	const status, transaction = "msg-status", "msg-transaction"
	h := paymentAnswer()
	const source = "KECIS P10"
	const outcome = `Outcome="done" Retry="never"`
	const success = `status:Success`
	bend := func(id, code, note string, edits ...conformance.Edit) conformance.Case {
		return refuse("answer-"+id, code, note, h, signed(edits...), source)
	}
	detail := func(text string) conformance.Edit { return replace(outcome, text) }
	balance := func(text string) conformance.Edit {
		return replace(`Cancellable="50000" Cancelled="0" Captured="50000"`, text)
	}
	state := func(text string) conformance.Edit { return replace(`State="captured"`, text) }
	failed := replace(success, `status:Responder`)
	none := func(m *conformance.Message) error {
		doc := string(m.Document)
		from, to := strings.Index(doc, `<kecis:Transaction `), strings.Index(doc, `</kecis:Transaction>`)
		if from < 0 || to < from {
			return errors.New("there is no transaction")
		}
		m.Document = []byte(doc[:from] + doc[to+len(`</kecis:Transaction>`):])
		return nil
	}
	return []conformance.Case{
		bend("success-not-done", status, "Success of what was not done.", detail(`Outcome="not-done" Retry="never"`)),
		bend("done-no-success", status, "Done without Success.", failed),
		bend("done-same-id", status, "Done, to be tried again.", detail(`Outcome="done" Retry="same-id"`)),
		bend("not-done-reverse", status, "Not done, to be reversed.", failed, none, detail(`Outcome="not-done" Retry="reverse-first"`)),
		bend("pending-never", status, "Pending, never to be asked for.", failed, detail(`Outcome="pending" Retry="never"`)),
		bend("unknown-never", status, "Unknown, never to be resolved.", failed, none, detail(`Outcome="unknown" Retry="never"`)),
		bend("unknown-new-id", status, "Unknown, to be paid again with a new ID.", failed, none, detail(`Outcome="unknown" Retry="new-id"`)),
		also(bend("done-without-transaction", status, "Done without a transaction.", none), "KECIS-PAY-018"),
		also(bend("not-done-captured", status, "Not done, with a captured transaction.", failed, detail(`Outcome="not-done" Retry="never"`)), "KECIS-PAY-018"),
		also(bend("unknown-captured", status, "Unknown, with a captured transaction.", failed, detail(`Outcome="unknown" Retry="inquire"`)), "KECIS-PAY-018"),
		bend("top-level", "unsupported", "A top-level code that SAML does not have.", replace(success, `status:Partial`)),
		bend("second-level-foreign", "msg-value", "A second-level code of SAML.", replace(`urn:kecis:1.0:status:approved`, `urn:oasis:names:tc:SAML:2.0:status:AuthnFailed`)),
		bend("no-second-level", "msg-missing", "No second-level code.", replace(`<samlp:StatusCode Value="urn:kecis:1.0:status:approved"></samlp:StatusCode>`, ``)),
		bend("no-detail", "msg-missing", "No detail.", func(m *conformance.Message) error {
			doc := string(m.Document)
			from, to := strings.Index(doc, `<samlp:StatusDetail>`), strings.Index(doc, `</samlp:StatusDetail>`)
			m.Document = []byte(doc[:from] + doc[to+len(`</samlp:StatusDetail>`):])
			return nil
		}),
		bend("message", "unsupported", "A StatusMessage of SAML.", before(`<samlp:StatusDetail>`, `<samlp:StatusMessage>x</samlp:StatusMessage>`)),
		accept("answer-unknown-code", "KECIS-ERR-025", "A reason that this version does not know is handled by outcome and retry.", h,
			signed(failed, none, detail(`Outcome="not-done" Retry="never"`), replace(`status:approved`, `status:wallet-empty`)), source),
		accept("answer-upstream", "KECIS-MSG-024", "The reason of a system behind.", h, signed(failed, none, detail(`Outcome="not-done" Retry="never"`),
			behind(`</kecis:English>`, `<kecis:Upstream Code="51" System="iso8583" Text="한도 초과"></kecis:Upstream>`)), source),
		bend("captured-too-much", transaction, "More captured than the amount.", balance(`Cancellable="50000" Cancelled="0" Captured="50001"`)),
		bend("cancellable-too-much", transaction, "More to cancel than the amount.", balance(`Cancellable="50001" Cancelled="0" Captured="50000"`)),
		bend("cancelled-too-much", transaction, "Cancelled and cancellable are more than the amount.", balance(`Cancellable="50000" Cancelled="1" Captured="50000"`)),
		bend("captured-nothing", transaction, "Captured, of which nothing is captured.", balance(`Cancellable="50000" Cancelled="0" Captured="0"`)),
		bend("authorised-captured", transaction, "Authorised, with something captured.", state(`State="authorised"`)),
		also(bend("expires", transaction, "An end of what is captured.", state(`Expires="2026-11-24T10:00:00Z" State="captured"`)), "KECIS-PAY-015"),
		bend("page", transaction, "A page of what is captured.", state(`Page="https://pg.example/p" State="captured"`)),
		bend("brand-of-account", transaction, "A brand of an account.", replace(`Method="card"`, `Method="account"`)),
		bend("state-unknown", "unsupported", "A state that nobody knows.", state(`State="paid"`)),
	}
}

func cancellationCases() []conformance.Case {
	const balance, status = "msg-balance", "msg-status"
	request, answer, asked := cancellation(), cancellationAnswer(), inquiryAnswer()
	const source = "KECIS P17"
	const cancel = `ExpectedBalance="50000" Reason="buyer" Scope="partial"`
	bend := func(id, code, note string, happy conformance.Happy, old, text string) conformance.Case {
		return refuse("cancellation-"+id, code, note, happy, signed(replace(old, text)), source)
	}
	of := func(expected string) conformance.Edit {
		return signed(replace(cancel, `ExpectedBalance="`+expected+`" Reason="buyer" Scope="partial"`))
	}
	above := refuse("cancellation-above-balance", balance, "One won more than the expected balance.", request, of("19999"), source)
	above.Twin = of("20000")
	full := refuse("cancellation-full-other", balance, "A full cancellation of another amount than the expected balance.", request,
		signed(replace(cancel, `ExpectedBalance="50000" Reason="buyer" Scope="full"`)), source)
	full.Twin = signed(replace(cancel, `ExpectedBalance="20000" Reason="buyer" Scope="full"`))
	return []conformance.Case{
		bend("no-balance", balance, "A partial cancellation without expected balance.", request, cancel, `Reason="buyer" Scope="partial"`),
		above, full,
		accept("cancellation-full", "KECIS-CAN-004", "A full cancellation need not state a balance.", request, signed(replace(cancel, `Reason="buyer" Scope="full"`)), source),
		bend("reason", "unsupported", "A reason that nobody knows.", request, `Reason="buyer"`, `Reason="other"`),
		bend("no-original", "msg-missing", "An Original that names nothing.", request, `<kecis:TransactionID>T20261124-000001</kecis:TransactionID>`, ``),
		bend("two-originals", "msg-order", "A payment named in two ways.", request, `</kecis:TransactionID></kecis:Original>`,
			`</kecis:TransactionID><kecis:RequestID>`+paymentID+`</kecis:RequestID></kecis:Original>`),
		bend("request-id", "msg-id", "A request's ID of the wrong form.", inquiry(), `<kecis:RequestID>`+paymentID, `<kecis:RequestID>x`),
		bend("answer-without-cancelled", status, "Done without saying what was cancelled.", answer, cancelled, ``),
		refuse("cancellation-refused-with-cancelled", status, "Refused, with something cancelled.", answer,
			signed(replace(`status:Success`, `status:Requester`), replace(`Outcome="done" Retry="never"`, `Outcome="not-done" Retry="never"`)), source),
		bend("currency", "amount-currency", "Cancelled in another currency than paid.", answer, won20000, strings.Replace(won20000, `"KRW" Exponent="0"`, `"JPY" Exponent="0"`, 1)),
		refuse("inquiry-unknown-with-result", status, "Not found, with a result.", asked,
			signed(replace(`status:Success`, `status:Responder`), replace(`Outcome="done" Retry="never"><kecis:Korean>`, `Outcome="unknown" Retry="inquire"><kecis:Korean>`)), "KECIS P10"),
		also(refuse("inquiry-sum", "msg-transaction", "Cancellations that add up to another sum than the balance.", asked,
			signed(replace(`Cancellable="30000" Cancelled="20000"`, `Cancellable="30000" Cancelled="19999"`)), "KECIS P10"), "KECIS-INQ-005"),
	}
}
