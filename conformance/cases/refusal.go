package cases

import "github.com/kecis/sdk/conformance"

// refusalAnswer is the answer to a payment request that could not be read.
func refusalAnswer() conformance.Happy {
	return message("message-refusal-response", "The answer to a request that cannot be read.", "pg-p256", "RefusalResponse", responseAttributes(paymentID), refusalStatus)
}

const refusalStatus = `<samlp:Status xmlns:samlp="` + nsSAMLP + `"><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Requester">` +
	`<samlp:StatusCode Value="urn:kecis:1.0:status:amount-tax"></samlp:StatusCode></samlp:StatusCode><samlp:StatusDetail>` +
	`<kecis:Detail Outcome="not-done" Retry="new-id"><kecis:Korean>과세 구분 금액의 합이 금액과 다릅니다.</kecis:Korean>` +
	`<kecis:English>The parts of the tax split do not add up to the amount.</kecis:English></kecis:Detail></samlp:StatusDetail></samlp:Status>`

func refusalCases() []conformance.Case {
	const source, outcome = "KECIS P11", `Outcome="not-done" Retry="new-id"`
	h := refusalAnswer()
	bend := func(id, code, note string, edits ...conformance.Edit) conformance.Case {
		return also(refuse("refusal-"+id, code, note, h, signed(edits...), source), "KECIS-MSG-028")
	}
	pending := bend("pending", "msg-status", "Pending: what cannot be read waits for nothing.", replace(`status:Requester`, `status:Responder`), replace(outcome, `Outcome="pending" Retry="inquire"`))
	unknown := signed(replace(`status:Requester`, `status:Responder`), replace(`status:amount-tax`, `status:id-reused`), replace(outcome, `Outcome="unknown" Retry="inquire"`))
	pending.Twin = unknown
	return []conformance.Case{
		bend("done", "msg-status", "Done: what cannot be read has no effect.", replace(`status:Requester`, `status:Success`), replace(outcome, `Outcome="done" Retry="never"`)),
		pending,
		bend("order", "unsupported", "An OrderRef, which was not read.", before(rootEndOf("RefusalResponse"), orderRef)),
		accept("refusal-unknown", "KECIS-MSG-028", "Another request of the same ID is there, of which this says nothing.", h, unknown, source),
	}
}

// rootEndOf is the end tag of a root.
func rootEndOf(local string) string { return `</kecis:` + local + `>` }
