package cases

import (
	"strings"

	"github.com/kecis/sdk/conformance"
)

const (
	captureID = "_5e8d7c6b5a49382716f5e4d3c2b1a09f8e7d6c5b"

	won30000 = `<kecis:Amount Currency="KRW" Exponent="0">30000</kecis:Amount>`
	tax30000 = `<kecis:Tax Service="0" Supply="27273" TaxFree="0" VAT="2727"></kecis:Tax>`
)

func captureRequest() conformance.Happy {
	return message("message-capture-request", "A final capture of a part of the hold.", "shop-p256", "CaptureRequest", requestAttributes(captureID),
		orderRef+original+won30000+tax30000+`<kecis:Capture Final="true"></kecis:Capture>`)
}

func captureAnswer() conformance.Happy {
	return message("message-capture-response", "The answer to a capture.", "pg-p256", "CaptureResponse", responseAttributes(captureID),
		status("captured", "매입되었습니다.", "The amount is captured.")+orderRef+standing("captured"))
}

// standing is a payment of 50,000 won to be captured by request, in that state;
// captured are 30,000 won. In the state "" there is none.
func standing(state string) string {
	captured, cancelled, cancellable, expires := "0", "0", "0", ""
	switch state {
	case "":
		return ""
	case "pending":
		expires = ` Expires="2026-11-24T10:00:00Z"`
	case "authorised":
		cancellable = "50000"
	case "captured":
		captured, cancellable = "30000", "30000"
	case "cancelled":
		cancelled = "50000"
	}
	return `<kecis:Transaction ApprovalCode="30012345" At="2026-11-24T09:00:01Z"` + expires + ` State="` + state + `" TransactionID="T20261124-000001">` + won50000 +
		`<kecis:Balance Cancellable="` + cancellable + `" Cancelled="` + cancelled + `" Captured="` + captured + `"></kecis:Balance>` +
		`<kecis:Terms Brand="BC" Capture="manual" Instalments="00" InterestFree="false" Method="card"></kecis:Terms></kecis:Transaction>`
}

// answering makes an answer that is done one of another outcome, code and state
// of the transaction.
func answering(before, outcome, retry, code, state string) conformance.Edit {
	top := "Responder"
	if outcome == "done" {
		top = "Success"
	}
	return signed(func(m *conformance.Message) error {
		doc := string(m.Document)
		from, to, ok := locate(doc, "kecis:Transaction")
		if ok {
			doc = doc[:from] + standing(state) + doc[to:]
		}
		m.Document = []byte(strings.NewReplacer(
			`status:Success"`, `status:`+top+`"`,
			`Outcome="done" Retry="never"`, `Outcome="`+outcome+`" Retry="`+retry+`"`,
			`urn:kecis:1.0:status:`+before+`"`, `urn:kecis:1.0:status:`+code+`"`,
		).Replace(doc))
		return nil
	})
}

func captureCases() []conformance.Case {
	const source, final = "KECIS P17", ` Final="true"`
	request, answer := captureRequest(), captureAnswer()
	bend := func(id, code, note, old, text string) conformance.Case {
		return refuse("capture-"+id, code, note, request, signed(replace(old, text)), source)
	}
	answered := func(outcome, retry, code, state string) conformance.Edit {
		return answering("captured", outcome, retry, code, state)
	}
	contradicts := func(id, note string, fault, twin conformance.Edit) conformance.Case {
		c := also(refuse("capture-answer-"+id, "msg-status", note, answer, fault, "KECIS P10"), "KECIS-CAP-010")
		c.Twin = twin
		return c
	}
	unknown := answered("unknown", "inquire", "timeout", "authorised")
	return []conformance.Case{
		also(bend("no-final", "msg-missing", "A capture that does not say whether it is the last.", final, ``), "KECIS-CAP-003"),
		also(bend("final-number", "unsupported", "1 for true.", final, ` Final="1"`), "KECIS-CAP-003"),
		also(bend("final-capitals", "unsupported", "True in capitals.", final, ` Final="TRUE"`), "KECIS-CAP-003"),
		bend("attribute", "unsupported", "An expected balance, which captures do not have.", final, ` ExpectedBalance="50000"`+final),
		bend("text", "msg-text", "Text in an element that holds nothing.", `</kecis:Capture>`, `x</kecis:Capture>`),
		also(bend("tax", "amount-tax", "A tax split of one won less.", `VAT="2727"`, `VAT="2726"`), "KECIS-CAP-002"),
		bend("zero", "amount-form", "A capture of nothing.", `>30000<`, `>0<`),
		bend("order", "unsupported", "The amount of the order, which captures do not repeat.", `Exponent="0">30000`, `Exponent="0" Order="50000">30000`),
		also(bend("no-original", "msg-missing", "An Original that names nothing.", `<kecis:TransactionID>T20261124-000001</kecis:TransactionID>`, ``), "KECIS-CAP-002"),
		also(bend("two-originals", "msg-order", "A payment named in two ways.", `</kecis:TransactionID></kecis:Original>`,
			`</kecis:TransactionID><kecis:RequestID>`+paymentID+`</kecis:RequestID></kecis:Original>`), "KECIS-CAP-002"),
		accept("capture-by-request", "KECIS-CAP-002", "The payment is named by its request.", request,
			signed(replace(original, `<kecis:Original><kecis:RequestID>`+paymentID+`</kecis:RequestID></kecis:Original>`)), source),
		accept("capture-not-final", "KECIS-CAP-003", "A capture that others will follow.", request, signed(replace(final, ` Final="false"`)), source),
		contradicts("done-without-transaction", "Done without a transaction.", answered("done", "never", "captured", ""), nil),
		contradicts("done-authorised", "Done, of which nothing is captured.", answered("done", "never", "captured", "authorised"), nil),
		contradicts("done-reversed", "Done, in a payment that was reversed.", answered("done", "never", "captured", "reversed"), nil),
		contradicts("unknown-reversed", "Unknown, in a payment that was reversed.", answered("unknown", "inquire", "timeout", "reversed"), unknown),
		contradicts("unknown-resolving", "Unknown, in a payment that is being reversed: an unknown capture is undone alone.", answered("unknown", "inquire", "timeout", "resolving"), unknown),
		contradicts("pending", "Pending, which a capture never is.", answered("pending", "inquire", "pending", "authorised"), unknown),
		accept("capture-answer-refused", "KECIS-CAP-010", "A refusal that states the payment.", answer, answered("not-done", "new-id", "exceeds-hold", "authorised"), source),
		accept("capture-answer-refused-bare", "KECIS-CAP-010", "A refusal that states no payment.", answer, answered("not-done", "never", "original-not-found", ""), source),
		accept("capture-answer-unknown-again", "KECIS-CAP-010", "Unknown, in a payment with an earlier capture.", answer, answered("unknown", "inquire", "timeout", "captured"), source),
	}
}
