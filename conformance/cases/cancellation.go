package cases

import (
	"strings"

	"github.com/kecis/sdk/conformance"
)

func cancellation() conformance.Happy {
	return message("message-cancellation-request", "A partial cancellation.", "shop-p256", "CancellationRequest", requestAttributes(cancellationID),
		orderRef+original+won20000+tax20000+`<kecis:Cancel ExpectedBalance="50000" Reason="buyer" Scope="partial"></kecis:Cancel>`)
}

func cancellationAnswer() conformance.Happy {
	return message("message-cancellation-response", "The answer to a partial cancellation.", "pg-p256", "CancellationResponse", responseAttributes(cancellationID),
		status("cancelled", "취소되었습니다.", "The payment is cancelled as asked for.")+orderRef+transaction("20000", "30000")+cancelled)
}

func cancellationCases() []conformance.Case {
	const balance, status = "msg-balance", "msg-status"
	request, answer := cancellation(), cancellationAnswer()
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
	}
}
