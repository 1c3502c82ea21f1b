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
		{captureRequest(), "KECIS-CAP-001", []string{"kecis:OrderRef", "kecis:Original", "kecis:Amount", "kecis:Tax", "kecis:Capture"}},
		{captureAnswer(), "KECIS-CAP-009", []string{"samlp:Status", "kecis:OrderRef"}},
		{reversalRequest(), "KECIS-REV-001", []string{"kecis:OrderRef", "kecis:Original", "kecis:Reverse"}},
		{reversalAnswer(), "KECIS-REV-010", []string{"samlp:Status", "kecis:OrderRef", "kecis:Original"}},
		{refusalAnswer(), "KECIS-MSG-028", []string{"samlp:Status"}},
		{notification(), "KECIS-EVT-010", []string{"kecis:Event"}},
		{notificationAnswer(), "KECIS-EVT-011", []string{"samlp:Status", "kecis:EventID"}},
		{feed(), "KECIS-EVT-020", []string{"kecis:Feed"}},
		{feedAnswer(), "KECIS-EVT-020", []string{"samlp:Status", "kecis:Feed"}},
		{reconciliation(), "KECIS-REC-001", []string{"kecis:Period"}},
		{reconciliationAnswer(), "KECIS-REC-005", []string{"samlp:Status", "kecis:Period"}},
		{paymentOrder(), "KECIS-ORD-001", []string{"kecis:Offer", "kecis:OrderRef", "kecis:Payee", "kecis:Amount", "kecis:Tax", "kecis:Terms"}},
		{orderAnswer(), "KECIS-ORD-015", []string{"samlp:Status", "kecis:OrderRef"}},
		{authenticationRequest(), "KECIS-AUT-001", []string{"kecis:OrderRef", "kecis:Payee", "kecis:Amount", "kecis:Wanted"}},
		{authenticationAnswer(), "KECIS-AUT-011", []string{"samlp:Status", "kecis:OrderRef"}},
		{confirmationRequest(), "KECIS-AUT-013", []string{"kecis:OrderRef", "kecis:AuthenticationID"}},
	}
}

func messageCases() []conformance.Case {
	return join(structureOfMessages(), closedCases(), headerCases(), amountCases(), valueCases(), paymentCases(), answerCases(), cancellationCases(), inquiryCases(),
		captureCases(), reversalCases(), refusalCases())
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
