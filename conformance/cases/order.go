package cases

import "github.com/kecis/sdk/conformance"

const (
	orderID = "_07de57c0ffee1234567890abcdef001122334455"

	// orderAttributes are those of an order's root: it has no deadline there.
	orderAttributes = ` Destination="https://pg.example/orders" ID="` + orderID + `" IssueInstant="2026-11-24T09:00:00Z" Version="2.0"`
	offer           = `<kecis:Offer Language="ko" NotBefore="2026-11-24T09:00:00Z" NotOnOrAfter="2026-11-24T09:30:00Z"></kecis:Offer>`
	orderBody       = offer + orderRef + `<kecis:Payee Entity="` + shop + `" Name="사과나무 과일가게"></kecis:Payee>` +
		`<kecis:Amount Currency="KRW" Exponent="0" Order="50000">50000</kecis:Amount>` + tax50000 +
		`<kecis:Terms Capture="automatic" Instalments="06" InterestFree="false"></kecis:Terms>`
)

func paymentOrder() conformance.Happy {
	return message("message-payment-order", "An order, to be paid on the pages of a PG.", "shop-p256", "PaymentOrder", orderAttributes, orderBody)
}

func orderAnswer() conformance.Happy {
	return message("message-order-response", "The answer to an order that was paid.", "pg-p256", "OrderResponse", responseAttributes(orderID),
		status("approved", "결제가 승인되었습니다.", "The payment is approved.")+orderRef+transaction("0", "50000"))
}

func orderCases() []conformance.Case {
	const source = "KECIS P19"
	h := paymentOrder()
	bend := func(id, code, note, old, text string) conformance.Case {
		return refuse("order-"+id, code, note, h, signed(replace(old, text)), source)
	}
	held := func(id, note, begin, end string) conformance.Case {
		return bend("offer-"+id, "msg-offer", note, `NotBefore="2026-11-24T09:00:00Z" NotOnOrAfter="2026-11-24T09:30:00Z"`,
			`NotBefore="`+begin+`" NotOnOrAfter="`+end+`"`)
	}
	holds := func(id, note, begin, end string) conformance.Case {
		return accept("order-offer-"+id, "KECIS-ORD-003", note, h, signed(replace(`NotBefore="2026-11-24T09:00:00Z" NotOnOrAfter="2026-11-24T09:30:00Z"`,
			`NotBefore="`+begin+`" NotOnOrAfter="`+end+`"`)), source)
	}
	const language = `Language="ko"`
	end := rootEndOf("PaymentOrder")
	out := []conformance.Case{
		also(bend("deadline", "unsupported", "The deadline of a request.", ` Version="2.0"`, ` NotOnOrAfter="2026-11-24T09:05:00Z" Version="2.0"`), "KECIS-ORD-001"),
		also(bend("instrument", "unsupported", "An instrument, which the buyer chooses later.", end,
			`<kecis:Instrument Issuer="`+issuer+`" Kind="account"><kecis:InstrumentRef>ref_8f14e45fceea167a</kecis:InstrumentRef></kecis:Instrument>`+end), "KECIS-ORD-001"),
		also(bend("evidence", "unsupported", "Evidence.", end, `<kecis:Evidence></kecis:Evidence>`+end), "KECIS-ORD-001"),
		also(bend("two-buyers", "msg-repeated", "Two buyers.", end, `<kecis:Buyer><Ecom></Ecom></kecis:Buyer><kecis:Buyer><Ecom></Ecom></kecis:Buyer>`+end), "KECIS-ORD-001"),
		bend("amount", "amount-order", "An amount above that of the order.", ` Order="50000"`, ` Order="49999"`),
		bend("tax", "amount-tax", "A tax split of one won less.", `VAT="4545"`, `VAT="4544"`),
		accept("order-buyer", "KECIS-ORD-001", "An order that tells of the buyer.", h,
			signed(before(end, `<kecis:Buyer><Ecom><BillTo><Postal CountryCode="KR" PostalCode="04524"></Postal></BillTo></Ecom></kecis:Buyer>`)), source),
		accept("order-lines", "KECIS-ORD-001", "An order with lines.", h,
			signed(before(`<kecis:Terms `, `<kecis:Lines><kecis:Line Amount="50000" Kind="item" Name="사과 1상자" Quantity="1"></kecis:Line></kecis:Lines>`)), source),
		also(bend("no-language", "msg-missing", "No language.", language+` `, ``), "KECIS-ORD-002"),
		also(bend("language-fr", "unsupported", "A language that has no pages.", language, `Language="fr"`), "KECIS-ORD-002"),
		also(bend("language-region", "unsupported", "A language with a country.", language, `Language="ko-KR"`), "KECIS-ORD-002"),
		accept("order-language-en", "KECIS-ORD-002", "Pages in English.", h, signed(replace(language, `Language="en"`)), source),
		bend("no-begin", "msg-missing", "An offer without beginning.", ` NotBefore="2026-11-24T09:00:00Z"`, ``),
		bend("no-end", "msg-missing", "An offer without end.", ` NotOnOrAfter="2026-11-24T09:30:00Z"`, ``),
		held("before", "An offer that begins before it was made.", "2026-11-24T08:59:59Z", "2026-11-24T09:30:00Z"),
		held("empty", "An offer that ends as it begins.", "2026-11-24T09:30:00Z", "2026-11-24T09:30:00Z"),
		held("backwards", "An offer that ends before it begins.", "2026-11-24T09:30:00Z", "2026-11-24T09:29:59Z"),
		held("long", "An offer that holds for a day and a second.", "2026-11-24T09:00:00Z", "2026-11-25T09:00:01Z"),
		holds("short", "An offer that holds for a second.", "2026-11-24T09:00:00Z", "2026-11-24T09:00:01Z"),
		holds("day", "An offer that holds for a day.", "2026-11-24T09:00:00Z", "2026-11-25T09:00:00Z"),
		holds("later", "An offer that begins later.", "2026-11-25T08:00:00Z", "2026-11-25T08:30:00Z"),
	}
	return append(out, orderAnswers()...)
}

// orderAnswers hold the state of the transaction against the outcome, as in the
// answer to a payment.
func orderAnswers() []conformance.Case {
	const source = "KECIS P19"
	h := orderAnswer()
	failed := func(outcome, retry, code, state string) conformance.Edit {
		return answering("approved", outcome, retry, code, state)
	}
	contradicts := func(id, note string, fault, twin conformance.Edit) conformance.Case {
		c := also(refuse("order-answer-"+id, "msg-status", note, h, fault, source), "KECIS-ORD-015")
		c.Twin = twin
		return c
	}
	left := failed("not-done", "new-id", "buyer-cancelled", "")
	unknown := failed("unknown", "inquire", "timeout", "resolving")
	return []conformance.Case{
		contradicts("done-bare", "Done without a transaction.", failed("done", "never", "approved", ""), nil),
		contradicts("done-resolving", "Done, in a payment that is being reversed.", failed("done", "never", "approved", "resolving"), nil),
		contradicts("left-captured", "The buyer left, and it is captured.", failed("not-done", "new-id", "buyer-cancelled", "captured"), left),
		contradicts("unknown-captured", "Unknown, and it is captured.", failed("unknown", "inquire", "timeout", "captured"), unknown),
		contradicts("pending-bare", "Pending without a transaction.", failed("pending", "inquire", "pending", ""), failed("pending", "inquire", "pending", "pending")),
		accept("order-answer-left", "KECIS-ORD-015", "The buyer left.", h, left, source),
		accept("order-answer-unknown", "KECIS-ORD-015", "Nobody knows.", h, unknown, source),
		also(refuse("order-answer-instrument", "unsupported", "An answer that names an instrument.", h,
			signed(before(rootEndOf("OrderResponse"), `<kecis:Instrument></kecis:Instrument>`)), source), "KECIS-ORD-015"),
	}
}
