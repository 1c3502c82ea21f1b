package cases

import (
	"encoding/base64"
	"strings"

	"github.com/kecis/sdk/conformance"
)

const (
	authenticationID = "_a07ec0ffee5432109876fedcba99887766554433"
	confirmationID   = "_c0f1e2d3c4b5a69788796a5b4c3d2e1f00998877"

	authenticationName = "A20261124-000001"
	wantedByAmount     = `<kecis:Wanted Language="ko" Method="amount" Variant="amount"></kecis:Wanted>`
	wholeOrder         = `<kecis:Amount Currency="KRW" Exponent="0" Order="50000">50000</kecis:Amount>`
	payee              = `<kecis:Payee Entity="` + shop + `" Name="사과나무 과일가게"></kecis:Payee>`
	cardByReference    = `<kecis:Instrument Brand="BC" First6="433012" Issuer="` + issuer + `" Kind="card" Last4="1234">` +
		`<kecis:InstrumentRef>ref_8f14e45fceea167a</kecis:InstrumentRef></kecis:Instrument>`
	accountByReference = `<kecis:Instrument Issuer="` + issuer + `" Kind="account"><kecis:InstrumentRef>ref_8f14e45fceea167a</kecis:InstrumentRef></kecis:Instrument>`
	audience           = `<kecis:Audience>` + shop + `</kecis:Audience>`

	proofTerms = `NotOnOrAfter="2026-11-24T09:10:01Z" Payee="` + shop + `"`
	proof      = `<kecis:Proof ` + proofTerms + `>` + won50000 + `<kecis:InstrumentRef>ref_8f14e45fceea167a</kecis:InstrumentRef>` +
		audience + `<kecis:Audience>` + gate + `</kecis:Audience></kecis:Proof>`
	authenticationState = `At="2026-11-24T09:00:01Z" AuthenticationID="` + authenticationName + `"`
	authentication      = `<kecis:Authentication ` + authenticationState + ` Method="amount" State="authenticated" Variant="amount">` + proof + `</kecis:Authentication>`
)

func authenticationRequest() conformance.Happy {
	return message("message-authentication-request", "A shop asks its PG to authenticate a buyer by amount.", "shop-p256", "AuthenticationRequest",
		requestAttributes(authenticationID), orderRef+payee+wholeOrder+wantedByAmount+cardByReference)
}

func authenticationAnswer() conformance.Happy {
	return message("message-authentication-response", "The buyer is authenticated.", "pg-p256", "AuthenticationResponse", responseAttributes(authenticationID),
		status("authenticated", "구매자가 인증되었습니다.", "The buyer is authenticated.")+orderRef+authentication)
}

// confirmationRequest carries what a buyer typed. The key stands for the
// provider's: nobody decrypts it here.
func confirmationRequest() conformance.Happy {
	const id, note = "message-confirmation-request", "What the buyer typed, encrypted to the provider."
	return conformance.Happy{ID: id, Note: note, Make: func(keys *conformance.Keyring) (*conformance.Message, error) {
		key, err := keys.Key("issuer-p256")
		if err != nil {
			return nil, err
		}
		s := newSeal()
		s.plaintext = `<kecis:Sealed xmlns:kecis="` + nsKECIS + `"><kecis:Recipient>` + gate + `</kecis:Recipient><kecis:Payee>` + shop + `</kecis:Payee>` +
			`<kecis:Requester>` + shop + `</kecis:Requester><kecis:Order>` + authenticationName + `</kecis:Order><kecis:Part>confirmation</kecis:Part>` +
			`<kecis:Amount>1</kecis:Amount><kecis:Currency>XXX</kecis:Currency><kecis:NotOnOrAfter>2026-11-24T09:05:00Z</kecis:NotOnOrAfter>` +
			`<kecis:Nonce>AAECAwQFBgcICQoLDA0ODw==</kecis:Nonce><kecis:Payload>` +
			base64.StdEncoding.EncodeToString([]byte(`<kecis:Confirmation xmlns:kecis="`+nsKECIS+`" Typed="3,721원"></kecis:Confirmation>`)) +
			`</kecis:Payload></kecis:Sealed>`
		sealed, err := s.document(key)
		if err != nil {
			return nil, err
		}
		return message(id, note, "shop-p256", "ConfirmationRequest", requestAttributes(confirmationID),
			orderRef+`<kecis:AuthenticationID>`+authenticationName+`</kecis:AuthenticationID>`+string(sealed)).Make(keys)
	}}
}

func authenticationCases() []conformance.Case {
	return join(wantedCases(), authenticationStateCases(), certificateProofCases(), confirmationCases(), inquiredAuthenticationCases(), endEventCases(), holdTermsCases(), acceptedCases())
}

const authenticationSource = "KECIS P15"

// wantedCases bend the request.
func wantedCases() []conformance.Case {
	const code = "msg-authentication"
	h := authenticationRequest()
	bend := func(id, code, note, old, text string) conformance.Case {
		return refuse("authentication-"+id, code, note, h, signed(replace(old, text)), authenticationSource)
	}
	wants := func(id, method, variant, instrument string) conformance.Case {
		if variant != "" {
			variant = ` Variant="` + variant + `"`
		}
		return accept("authentication-"+id, "KECIS-AUT-004", "An authentication by "+method+variant+".", h,
			signed(replace(wantedByAmount, `<kecis:Wanted Language="en" Method="`+method+`"`+variant+`></kecis:Wanted>`), replace(cardByReference, instrument)), authenticationSource)
	}
	end := rootEndOf("AuthenticationRequest")
	nine := strings.Repeat(audience, 9)
	return []conformance.Case{
		wants("certificate", "certificate", "", ""),
		wants("password", "password", "", cardByReference),
		wants("3ds", "3-d-secure", "", cardByReference),
		wants("app", "app", "", cardByReference),
		wants("descriptor", "amount", "descriptor-code", cardByReference),
		wants("deposits", "amount", "deposits", accountByReference),
		also(bend("no-variant", code, "By amount, and not how.", ` Variant="amount"`, ``), "KECIS-AUT-004"),
		also(bend("variant-of-certificate", code, "A variant of a certificate.", `Method="amount"`, `Method="certificate"`), "KECIS-AUT-004"),
		also(bend("no-instrument", code, "By amount, of no instrument.", cardByReference, ``), "KECIS-AUT-005"),
		also(bend("deposits-on-card", code, "Deposits on a card.", `Variant="amount"`, `Variant="deposits"`), "KECIS-AUT-005"),
		also(bend("method-unknown", "unsupported", "A method that nobody knows.", `Method="amount"`, `Method="iris"`), "KECIS-AUT-004"),
		also(bend("variant-unknown", "unsupported", "A variant that nobody knows.", `Variant="amount"`, `Variant="colour"`), "KECIS-AUT-004"),
		also(bend("no-method", "msg-missing", "No method.", ` Method="amount"`, ``), "KECIS-AUT-004"),
		also(bend("language", "unsupported", "A language that has no pages.", `Language="ko"`, `Language="fr"`), "KECIS-AUT-004"),
		bend("amount", "amount-order", "An amount above that of the order.", ` Order="50000"`, ` Order="49999"`),
		also(bend("audience-nine", "msg-too-many", "An audience of nine.", end, nine+end), "KECIS-AUT-006"),
		also(bend("audience-name", "msg-value", "An audience that is no URI.", end, `<kecis:Audience>the issuer</kecis:Audience>`+end), "KECIS-AUT-006"),
		accept("authentication-audience-eight", "KECIS-AUT-006", "An audience of eight.", h, signed(before(end, strings.Repeat(audience, 8))), authenticationSource),
		accept("authentication-buyer", "KECIS-AUT-001", "A request that tells of the buyer.", h,
			signed(before(end, `<kecis:Buyer><Ecom><BillTo><Postal CountryCode="KR" PostalCode="04524"></Postal></BillTo></Ecom></kecis:Buyer>`)), authenticationSource),
	}
}

// pendingAuthentication is one that waits for its buyer.
const pendingAuthentication = `<kecis:Authentication ` + authenticationState + ` Expires="2026-11-24T09:20:01Z" Method="amount" Page="https://pg.example/a/1"` +
	` State="pending" TriesLeft="3" Variant="amount"></kecis:Authentication>`

// standsAs makes the answer one of another outcome, code and state.
func standsAs(outcome, retry, code, state string) conformance.Edit {
	top := "Responder"
	if outcome == "done" {
		top = "Success"
	}
	return signed(replace(`status:Success"`, `status:`+top+`"`), replace(`Outcome="done" Retry="never"`, `Outcome="`+outcome+`" Retry="`+retry+`"`),
		replace(`urn:kecis:1.0:status:authenticated"`, `urn:kecis:1.0:status:`+code+`"`), replace(authentication, state))
}

// endedAs is an authentication that ended without success.
func endedAs(state string) string {
	return `<kecis:Authentication ` + authenticationState + ` Method="amount" State="` + state + `" Variant="amount"></kecis:Authentication>`
}

func authenticationStateCases() []conformance.Case {
	const code = "msg-authentication"
	h := authenticationAnswer()
	bend := func(id, code, note, old, text string) conformance.Case {
		return refuse("authentication-answer-"+id, code, note, h, signed(replace(old, text)), authenticationSource)
	}
	waits := standsAs("pending", "inquire", "pending", pendingAuthentication)
	waiting := func(id, note, old, text string) conformance.Case {
		c := also(refuse("authentication-pending-"+id, code, note, h,
			standsAs("pending", "inquire", "pending", strings.Replace(pendingAuthentication, old, text, 1)), authenticationSource), "KECIS-AUT-008")
		c.Twin = waits
		return c
	}
	contradicts := func(id, note string, fault, twin conformance.Edit) conformance.Case {
		c := also(refuse("authentication-outcome-"+id, "msg-status", note, h, fault, authenticationSource), "KECIS-AUT-011")
		c.Twin = twin
		return c
	}
	failed := standsAs("not-done", "new-id", "authentication-failed", endedAs("failed"))
	out := []conformance.Case{
		accept("authentication-pending", "KECIS-AUT-008", "Pending, with a page and tries.", h, waits, authenticationSource),
		waiting("no-end", "Pending for ever.", ` Expires="2026-11-24T09:20:01Z"`, ``),
		waiting("end-now", "Pending, and over as it begins.", `09:20:01Z`, `09:00:01Z`),
		also(bend("expires", code, "An end of what has ended.", `State="authenticated"`, `Expires="2026-11-24T09:20:01Z" State="authenticated"`), "KECIS-AUT-008"),
		also(bend("page", code, "A page of what has ended.", `State="authenticated"`, `Page="https://pg.example/a/1" State="authenticated"`), "KECIS-AUT-008"),
		also(bend("tries", code, "Tries of what has ended.", `State="authenticated"`, `State="authenticated" TriesLeft="1"`), "KECIS-AUT-008"),
		bend("no-proof", code, "Authenticated, without a proof.", proof, ``),
		also(bend("no-variant", code, "By amount, and not how.", ` Variant="amount"`, ``), "KECIS-AUT-007"),
		also(bend("state-unknown", "unsupported", "A state that nobody knows.", `State="authenticated"`, `State="known"`), "KECIS-AUT-007"),
		also(bend("proof-long", code, "A proof of ten minutes and a second.", `09:10:01Z`, `09:10:02Z`), "KECIS-AUT-010"),
		also(bend("proof-over", code, "A proof that is over as it begins.", `NotOnOrAfter="2026-11-24T09:10:01Z"`, `NotOnOrAfter="2026-11-24T09:00:01Z"`), "KECIS-AUT-010"),
		also(bend("proof-for-nobody", "msg-missing", "A proof for nobody.", audience+`<kecis:Audience>`+gate+`</kecis:Audience>`, ``), "KECIS-AUT-010"),
		also(bend("proof-no-payee", "msg-missing", "A proof without a payee.", ` Payee="`+shop+`"`, ``), "KECIS-AUT-010"),
		accept("authentication-answer-no-reference", "KECIS-AUT-010", "A proof of no instrument.", h,
			signed(replace(`<kecis:InstrumentRef>ref_8f14e45fceea167a</kecis:InstrumentRef>`, ``)), authenticationSource),
		contradicts("done-bare", "Done without an authentication.", standsAs("done", "never", "authenticated", ""), nil),
		contradicts("done-failed", "Done, and failed.", standsAs("done", "never", "authenticated", endedAs("failed")), nil),
		contradicts("pending-bare", "Pending without an authentication.", standsAs("pending", "inquire", "pending", ""), waits),
		contradicts("not-done-pending", "Not done, and pending.", standsAs("not-done", "new-id", "authentication-failed", pendingAuthentication), failed),
		contradicts("unknown-failed", "Unknown, and failed.", standsAs("unknown", "inquire", "timeout", endedAs("failed")), standsAs("unknown", "inquire", "timeout", "")),
		accept("authentication-answer-refused", "KECIS-AUT-011", "A value that was wrong.", h, standsAs("not-done", "new-id", "not-confirmed", ""), authenticationSource),
	}
	for _, state := range []string{"failed", "locked", "expired", "declined"} {
		out = append(out, accept("authentication-answer-"+state, "KECIS-AUT-011", "The end "+state+".", h,
			standsAs("not-done", "new-id", "authentication-"+state, endedAs(state)), authenticationSource))
	}
	return out
}

func confirmationCases() []conformance.Case {
	h := confirmationRequest()
	typed := func(id, code, note string, change func(string) string) conformance.Case {
		return also(refuse("confirmation-"+id, code, note, h, onElementOf("xenc:EncryptedData", change), "KECIS P24"), "KECIS-AUT-013")
	}
	return []conformance.Case{
		typed("nothing", "msg-missing", "Nothing was typed.", func(string) string { return "" }),
		typed("twice", "msg-repeated", "Typed twice.", func(e string) string { return e + e }),
		typed("in-clear", "unsupported", "The value in the clear.", func(string) string { return `<kecis:Confirmation Typed="3721"></kecis:Confirmation>` }),
		also(refuse("confirmation-id-form", "msg-value", "An ID with a blank.", h, signed(replace(authenticationName, "A 1")), "KECIS P24"), "KECIS-AUT-013"),
	}
}

func inquiredAuthenticationCases() []conformance.Case {
	request, answer := inquiry(), inquiryAnswer()
	const byRequest = `<kecis:Original><kecis:RequestID>` + paymentID + `</kecis:RequestID></kecis:Original>`
	const byName = `<kecis:Original><kecis:AuthenticationID>` + authenticationName + `</kecis:AuthenticationID></kecis:Original>`
	about := func(result, state string) conformance.Edit {
		return signed(replace(byRequest, byName), replace(`<kecis:Result Code="approved" Outcome="done" Retry="never">`, result), replace(transaction("20000", "30000")+cancelled, state))
	}
	const done, waits = `<kecis:Result Code="authenticated" Outcome="done" Retry="never">`, `<kecis:Result Code="pending" Outcome="pending" Retry="inquire">`
	wrong := func(id, code, note string, fault conformance.Edit) conformance.Case {
		c := also(refuse("inquiry-authentication-"+id, code, note, answer, fault, authenticationSource), "KECIS-AUT-015")
		c.Twin = about(done, authentication)
		return c
	}
	two := also(refuse("inquiry-authentication-two", "msg-order", "An authentication named in two ways.", request, signed(replace(byRequest,
		strings.Replace(byName, `</kecis:Original>`, `<kecis:RequestID>`+paymentID+`</kecis:RequestID></kecis:Original>`, 1))), authenticationSource), "KECIS-AUT-015")
	two.Twin = signed(replace(byRequest, byName))
	return []conformance.Case{
		accept("inquiry-authentication", "KECIS-AUT-015", "An inquiry about an authentication.", request, signed(replace(byRequest, byName)), authenticationSource),
		accept("inquiry-authentication-answer", "KECIS-AUT-015", "The end of an authentication, by an inquiry.", answer, about(done, authentication), authenticationSource),
		accept("inquiry-authentication-pending", "KECIS-AUT-015", "A pending one, by an inquiry.", answer, about(waits, pendingAuthentication), authenticationSource),
		two,
		wrong("result", "msg-status", "A result that is not that of the state.", about(waits, authentication)),
		wrong("transaction", "msg-status", "A transaction beside it.", about(done, transaction("20000", "30000")+cancelled+authentication)),
		also(refuse("capture-by-authentication", "unsupported", "A capture of an authentication.", captureRequest(), signed(replace(original, byName)), authenticationSource), "KECIS-CAP-002"),
	}
}

// endEventCases tell of the end of an authentication.
func endEventCases() []conformance.Case {
	h := notificationPaid()
	tells := func(sequence, state string) conformance.Edit {
		return signed(replace(`Kind="paid"`, `Kind="authentication"`), replace(`Sequence="1"`, `Sequence="`+sequence+`"`), replace(transaction("0", "50000"), state))
	}
	wrong := func(id, code, note string, fault conformance.Edit) conformance.Case {
		c := also(refuse("event-authentication-"+id, code, note, h, fault, authenticationSource), "KECIS-AUT-016")
		c.Twin = tells("1", authentication)
		return c
	}
	return []conformance.Case{
		accept("event-authentication", "KECIS-AUT-016", "The end of an authentication.", h, tells("1", authentication), authenticationSource),
		accept("event-authentication-locked", "KECIS-AUT-016", "The end of one that was locked.", h, tells("1", endedAs("locked")), authenticationSource),
		wrong("pending", "msg-event", "An event of a pending one.", tells("1", pendingAuthentication)),
		wrong("second", "msg-event", "A second event.", tells("2", authentication)),
		wrong("none", "msg-missing", "An end of nothing.", tells("1", "")),
		wrong("of-payment", "unsupported", "An authentication in the event of a payment.",
			signed(replace(transaction("0", "50000"), transaction("0", "50000")+`<kecis:Authenticated></kecis:Authenticated>`))),
	}
}

// holdTermsCases bend the terms of a hold that authenticates.
func holdTermsCases() []conformance.Case {
	const code = "msg-terms"
	h := paymentMessage()
	const plain = `<kecis:Terms Capture="automatic" Instalments="00" InterestFree="false">`
	terms := func(text string) conformance.Edit { return signed(replace(plain, `<kecis:Terms `+text+`>`)) }
	const hold = `Capture="manual" Instalments="00" InterestFree="false" Purpose="amount-authentication"`
	onAccount := func(text string) conformance.Edit {
		return signed(replace(plain, `<kecis:Terms `+text+`>`), replace(cardByReference, accountByReference),
			replace(`Order="50000">50000`, `Order="50000">118`), replace(tax50000, `<kecis:Tax Service="0" Supply="0" TaxFree="118" VAT="0"></kecis:Tax>`))
	}
	const deposits = `Capture="manual" Deposits="37 81" Instalments="00" InterestFree="false" Purpose="amount-authentication"`
	wrong := func(id, code, note, text string) conformance.Case {
		c := also(refuse("hold-"+id, code, note, h, terms(text), authenticationSource), "KECIS-AUT-025")
		c.Twin = terms(hold)
		return c
	}
	deposited := func(id, code, note string, fault conformance.Edit) conformance.Case {
		c := also(refuse("hold-deposits-"+id, code, note, h, fault, authenticationSource), "KECIS-AUT-025")
		c.Twin = onAccount(deposits)
		return c
	}
	order := paymentOrder()
	const orderTerms = `<kecis:Terms Capture="automatic" `
	return []conformance.Case{
		accept("hold", "KECIS-AUT-024", "A hold that authenticates.", h, terms(hold), authenticationSource),
		accept("hold-descriptor", "KECIS-AUT-025", "A hold with a code.", h,
			terms(`Capture="manual" Descriptor="0042" Instalments="00" InterestFree="false" Purpose="amount-authentication"`), authenticationSource),
		accept("hold-deposits", "KECIS-AUT-025", "Two deposits.", h, onAccount(deposits), authenticationSource),
		accept("payment-exemption", "KECIS-AUT-022", "A payment by electronic money, which needs no authentication.", h,
			terms(`Capture="automatic" Exemption="e-money" Instalments="00" InterestFree="false"`), authenticationSource),
		wrong("captured", code, "A hold that is captured at once.", strings.Replace(hold, "manual", "automatic", 1)),
		wrong("instalments", code, "A hold in instalments.", strings.Replace(hold, `"00"`, `"03"`, 1)),
		wrong("interest-free", code, "A hold without interest.", strings.Replace(hold, `"false"`, `"true"`, 1)),
		wrong("exempt", code, "A hold that needs no authentication.", strings.Replace(hold, `Capture="manual"`, `Capture="manual" Exemption="profile"`, 1)),
		wrong("two-ways", code, "A code and deposits.", strings.Replace(hold, `Capture="manual"`, `Capture="manual" Deposits="1 2" Descriptor="0042"`, 1)),
		wrong("purpose-unknown", "unsupported", "A purpose that nobody knows.", strings.Replace(hold, "amount-authentication", "deposit", 1)),
		wrong("descriptor-five", "msg-value", "A code of five digits.", strings.Replace(hold, `Capture="manual"`, `Capture="manual" Descriptor="00421"`, 1)),
		wrong("descriptor-letters", "msg-value", "A code of letters.", strings.Replace(hold, `Capture="manual"`, `Capture="manual" Descriptor="004x"`, 1)),
		wrong("no-purpose", code, "A code of a payment.", `Capture="automatic" Descriptor="0042" Instalments="00" InterestFree="false"`),
		also(refuse("payment-exemption-unknown", "unsupported", "An exemption that nobody knows.", h,
			terms(`Capture="automatic" Exemption="haste" Instalments="00" InterestFree="false"`), authenticationSource), "KECIS-AUT-022"),
		deposited("sum", code, "Deposits that are not the amount.", onAccount(strings.Replace(deposits, "81", "82", 1))),
		deposited("one", "msg-value", "One deposit.", onAccount(strings.Replace(deposits, "37 81", "118", 1))),
		deposited("large", "msg-value", "A deposit of a thousand.", onAccount(strings.Replace(deposits, "37 81", "1000 1", 1))),
		deposited("zero", "msg-value", "A deposit of nothing.", onAccount(strings.Replace(deposits, "37 81", "118 0", 1))),
		also(refuse("order-purpose", code, "An order of a hold.", order,
			signed(replace(orderTerms, `<kecis:Terms Purpose="amount-authentication" Capture="manual" `), replace(`Instalments="06"`, `Instalments="00"`)), authenticationSource), "KECIS-AUT-025"),
		also(refuse("order-exemption", code, "An order that needs no authentication.", order,
			signed(replace(orderTerms, orderTerms+`Exemption="profile" `)), authenticationSource), "KECIS-AUT-025"),
	}
}

// acceptedCases name the methods of a policy.
func acceptedCases() []conformance.Case {
	h := paymentAnswer()
	end := rootEndOf("PaymentResponse")
	asks := func(code, methods string) conformance.Edit {
		return all(answering("approved", "not-done", "new-id", code, ""), signed(before(end, `<kecis:Accepted Methods="`+methods+`"></kecis:Accepted>`)))
	}
	wrong := func(id, code, note string, fault conformance.Edit) conformance.Case {
		c := also(refuse("accepted-"+id, code, note, h, fault, authenticationSource), "KECIS-AUT-021")
		c.Twin = asks("authentication-required", "amount certificate")
		return c
	}
	return []conformance.Case{
		accept("accepted", "KECIS-AUT-021", "A payment that needs an authentication, and by what.", h, asks("authentication-required", "amount certificate"), authenticationSource),
		wrong("other-code", "msg-status", "Methods where none is asked for.", asks("declined-limit", "amount")),
		wrong("unknown", "unsupported", "A method that nobody knows.", asks("authentication-required", "amount iris")),
		wrong("twice", "unsupported", "A method twice.", asks("authentication-required", "amount"+" amount")),
		wrong("blank", "unsupported", "No method.", asks("authentication-required", "")),
	}
}
