package cases

import (
	"encoding/base64"
	"strings"

	"github.com/kecis/sdk/conformance"
)

func paymentMessage() conformance.Happy {
	return message("message-payment-request", "A payment request, verified and decoded.", "shop-p256", "PaymentRequest", paymentAttributes, paymentBody)
}

func paymentAnswer() conformance.Happy {
	return message("message-payment-response", "The answer to an approved payment.", "pg-p256", "PaymentResponse", responseAttributes(paymentID),
		status("approved", "결제가 승인되었습니다.", "The payment is approved.")+orderRef+transaction("0", "50000"))
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
