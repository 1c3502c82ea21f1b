package cases

import (
	"errors"
	"strings"

	"github.com/kecis/sdk/conformance"
)

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
