package cases

import (
	"github.com/kecis/sdk/conformance"
)

func inquiry() conformance.Happy {
	return message("message-inquiry-request", "An inquiry by the ID of a request.", "shop-p256", "InquiryRequest", requestAttributes(inquiryID),
		`<kecis:Original><kecis:RequestID>`+paymentID+`</kecis:RequestID></kecis:Original>`)
}

func inquiryAnswer() conformance.Happy {
	return message("message-inquiry-response", "The answer to an inquiry about a payment with a cancellation.", "pg-p256", "InquiryResponse", responseAttributes(inquiryID),
		status("found", "조회되었습니다.", "The state of the request is stated.")+`<kecis:Original><kecis:RequestID>`+paymentID+`</kecis:RequestID></kecis:Original>`+
			`<kecis:Result Code="approved" Outcome="done" Retry="never"></kecis:Result>`+orderRef+transaction("20000", "30000")+cancelled)
}

func inquiryCases() []conformance.Case {
	h := inquiryAnswer()
	return []conformance.Case{
		refuse("inquiry-unknown-with-result", "msg-status", "Not found, with a result.", h,
			signed(replace(`status:Success`, `status:Responder`), replace(`Outcome="done" Retry="never"><kecis:Korean>`, `Outcome="unknown" Retry="inquire"><kecis:Korean>`)), "KECIS P10"),
		also(refuse("inquiry-sum", "msg-transaction", "Cancellations that add up to another sum than the balance.", h,
			signed(replace(`Cancellable="30000" Cancelled="20000"`, `Cancellable="30000" Cancelled="19999"`)), "KECIS P10"), "KECIS-INQ-005"),
	}
}
