package cases

import "github.com/kecis/sdk/conformance"

const (
	reversalID = "_e0f1a2b3c4d5968778695a4b3c2d1e0f9a8b7c6d"

	reversedRequest = `<kecis:Original><kecis:RequestID>` + paymentID + `</kecis:RequestID></kecis:Original>`
)

func reversalRequest() conformance.Happy {
	return message("message-reversal-request", "The reversal of a payment whose answer never came.", "shop-p256", "ReversalRequest", requestAttributes(reversalID),
		orderRef+reversedRequest+`<kecis:Reverse OriginalInstant="2026-11-24T08:50:00Z" Reason="no-answer"></kecis:Reverse>`)
}

func reversalAnswer() conformance.Happy {
	return message("message-reversal-response", "The answer to a reversal that undid a payment.", "pg-p256", "ReversalResponse", responseAttributes(reversalID),
		status("reversed", "요청이 망취소되었습니다.", "The request is undone.")+orderRef+reversedRequest+standing("reversed"))
}

func reversalCases() []conformance.Case {
	const source, instant, reason = "KECIS P14", ` OriginalInstant="2026-11-24T08:50:00Z"`, ` Reason="no-answer"`
	h := reversalRequest()
	bend := func(id, code, note, old, text string) conformance.Case {
		return also(refuse("reversal-"+id, code, note, h, signed(replace(old, text)), source), "KECIS-REV-002")
	}
	out := []conformance.Case{
		bend("transaction", "unsupported", "A transaction in the place of a request: who has no answer knows none.",
			`<kecis:RequestID>`+paymentID+`</kecis:RequestID>`, `<kecis:TransactionID>T20261124-000001</kecis:TransactionID>`),
		bend("both", "unsupported", "A request and a transaction.", `</kecis:RequestID>`, `</kecis:RequestID><kecis:TransactionID>T20261124-000001</kecis:TransactionID>`),
		bend("no-request", "msg-missing", "An Original that names nothing.", `<kecis:RequestID>`+paymentID+`</kecis:RequestID>`, ``),
		bend("two-requests", "msg-repeated", "Two requests at once.", `</kecis:RequestID>`, `</kecis:RequestID><kecis:RequestID>`+captureID+`</kecis:RequestID>`),
		bend("request-id", "msg-id", "A request's ID of the wrong form.", `<kecis:RequestID>`+paymentID, `<kecis:RequestID>x`),
		bend("no-instant", "msg-missing", "No time of issue of the original.", instant, ``),
		bend("instant", "msg-time", "A time of issue in the zone of Korea.", instant, ` OriginalInstant="2026-11-24T17:50:00+09:00"`),
		bend("no-reason", "msg-missing", "No reason.", reason, ``),
		bend("reason", "unsupported", "A reason that nobody knows.", reason, ` Reason="changed-mind"`),
		bend("reason-of-cancellation", "unsupported", "The reason of a cancellation.", reason, ` Reason="buyer"`),
		bend("amount", "unsupported", "An amount: a reversal undoes all of its original.", `<kecis:Reverse `, won20000+`<kecis:Reverse `),
		bend("text", "msg-text", "Text in an element that holds nothing.", `</kecis:Reverse>`, `x</kecis:Reverse>`),
		accept("reversal-days-later", "KECIS-REV-002", "A reversal of what was sent days before.", h,
			signed(replace(instant, ` OriginalInstant="2026-11-19T23:59:59Z"`)), source),
	}
	for _, other := range []string{"unverifiable", "mismatch", "failure", "abandoned"} {
		out = append(out, accept("reversal-reason-"+other, "KECIS-REV-002", "The reason "+other+".", h, signed(replace(reason, ` Reason="`+other+`"`)), source))
	}
	return append(out, reversalAnswers()...)
}

// reversalAnswers hold the state of the transaction against code and outcome:
// the table of KECIS-REV-010.
func reversalAnswers() []conformance.Case {
	const source = "KECIS P14"
	h := reversalAnswer()
	var out []conformance.Case
	for _, row := range []struct {
		outcome, retry, code string
		good, bad            []string // states; "" for no transaction
	}{
		{"done", "never", "reversed", []string{"", "authorised", "captured", "cancelled", "expired", "resolving"}, []string{"pending", "declined"}},
		{"done", "never", "never-executed", []string{"", "declined", "expired"}, []string{"authorised", "captured", "reversed", "resolving"}},
		{"done", "never", "reversal-accepted", []string{"", "resolving", "captured", "authorised"}, []string{"reversed", "cancelled", "declined", "expired"}},
		{"done", "never", "reversed-in-part", []string{"", "resolving", "authorised"}, []string{"pending"}},
		{"not-done", "never", "transaction-used", []string{"", "captured", "cancelled"}, nil},
		{"unknown", "inquire", "too-old", []string{""}, []string{"authorised", "resolving"}},
		{"pending", "inquire", "pending", nil, []string{"", "resolving"}},
	} {
		named := func(state string) (id, note string) {
			answer := "Answered with " + row.code + " (" + row.outcome + "), "
			if state == "" {
				return "reversal-answer-" + row.code + "-bare", answer + "without a transaction."
			}
			return "reversal-answer-" + row.code + "-" + state, answer + "with a transaction that is " + state + "."
		}
		answered := func(state string) conformance.Edit {
			return answering("reversed", row.outcome, row.retry, row.code, state)
		}
		for _, state := range row.good {
			id, note := named(state)
			out = append(out, accept(id, "KECIS-REV-010", note, h, answered(state), source))
		}
		for _, state := range row.bad {
			id, note := named(state)
			c := also(refuse(id, "msg-status", note, h, answered(state), source), "KECIS-REV-010")
			if len(row.good) > 0 {
				c.Twin = answered(row.good[0])
			}
			out = append(out, c)
		}
	}
	return out
}
