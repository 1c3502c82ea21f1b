package cases

import (
	"strings"

	"github.com/kecis/sdk/conformance"
)

const (
	reconciliationID = "_5eccea71e9d0c1b2a3948576a7b8c9d0e1f20314"

	period = `From="2026-10-24T00:00:00Z" Limit="100" Until="2026-11-24T00:00:00Z"`
	// listedPeriod is that of an answer with one page.
	listedPeriod = `<kecis:Period From="2026-10-24T00:00:00Z" Until="2026-11-24T00:00:00Z"></kecis:Period>`
	// firstPeriod is that of the first page of several.
	firstPeriod = `<kecis:Period From="2026-10-24T00:00:00Z" Next="p2" Until="2026-11-24T00:00:00Z"></kecis:Period>`

	totalWon = `<kecis:Total Approved="100000" Cancelled="20000" Captured="100000" Count="2" Currency="KRW" Exponent="0"></kecis:Total>`
	totalYen = `<kecis:Total Approved="50000" Cancelled="0" Captured="50000" Count="1" Currency="JPY" Exponent="0"></kecis:Total>`
)

// entry is the n-th transaction among those of one second.
func entry(n int, transaction string) string {
	return `<kecis:Entry Made="2026-11-23T23:58:02Z" RequestID="` + paymentID + `">` + orderRef +
		strings.Replace(transaction, `T20261124-000001`, "T20261123-"+digits(100000+n), 1) + `</kecis:Entry>`
}

// entries are a payment in yen and two in won, of which one was refunded in part.
func entries() (yen, won, refunded string) {
	return entry(1, strings.Replace(transaction("0", "50000"), `"KRW"`, `"JPY"`, 1)),
		entry(2, transaction("0", "50000")),
		entry(3, transaction("20000", "30000")+cancelled)
}

func reconciliation() conformance.Happy {
	return message("message-reconciliation-request", "A request for the transactions of 31 days.", "shop-p256", "ReconciliationRequest",
		requestAttributes(reconciliationID), `<kecis:Period `+period+`></kecis:Period>`)
}

func reconciliationAnswer() conformance.Happy {
	yen, won, refunded := entries()
	return message("message-reconciliation-response", "The only page of a period: three transactions in two currencies, with totals.", "pg-p256",
		"ReconciliationResponse", responseAttributes(reconciliationID), listedStatus()+listedPeriod+yen+won+refunded+totalYen+totalWon)
}

func reconciliationCases() []conformance.Case {
	return join(periodCases(), entryCases(), totalCases())
}

// periodCases bend the period that is asked for, and the page.
func periodCases() []conformance.Case {
	const code, source = "period-invalid", "KECIS P16"
	h := reconciliation()
	between := func(from, until string) conformance.Edit {
		return signed(replace(period, `From="`+from+`" Limit="100" Until="`+until+`"`))
	}
	of := func(id, note string, fault, twin conformance.Edit) conformance.Case {
		c := refuse("period-"+id, code, note, h, fault, source)
		c.Twin = twin
		return c
	}
	value := func(id, note, bad, good string) conformance.Case {
		c := refuse("period-"+id, "msg-value", note, h, signed(replace(`Limit="100"`, bad)), source)
		c.Twin = signed(replace(`Limit="100"`, good))
		return c
	}
	page := func(n int) string { return `Limit="100" Page="` + strings.Repeat("p", n) + `"` }
	return []conformance.Case{
		of("long", "31 days and a second.", between("2026-10-23T23:59:59Z", "2026-11-24T00:00:00Z"), nil),
		of("empty", "No time at all.", between("2026-11-24T00:00:00Z", "2026-11-24T00:00:00Z"), between("2026-11-23T23:59:59Z", "2026-11-24T00:00:00Z")),
		of("turned-round", "A period that ends before it begins.", between("2026-11-24T00:00:00Z", "2026-11-23T00:00:00Z"), between("2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z")),
		of("not-over", "A period that is not over yet.", between("2026-11-24T00:00:00Z", "2026-11-24T09:00:01Z"), between("2026-11-24T00:00:00Z", "2026-11-24T09:00:00Z")),
		also(accept("period-page", "KECIS-REC-001", "A later page.", h, signed(replace(`Limit="100"`, `Limit="1" Page="p_2-x"`)), source), "KECIS-REC-002"),
		value("page-empty", "A page of no name.", page(0), page(1)),
		value("page-long", "The token of a page of 257 characters.", page(257), page(256)),
		value("page-character", "The token of a page in base64 with padding.", `Limit="100" Page="cDI="`, `Limit="100" Page="cDI"`),
		value("limit-large", "A page of 101 entries.", `Limit="101"`, `Limit="99"`),
		refuse("period-no-limit", "msg-missing", "A page of no stated size.", h, signed(replace(` Limit="100"`, ``)), source, "P11"),
	}
}

// entryCases put entries where they do not belong.
func entryCases() []conformance.Case {
	const code, source = "msg-entry", "KECIS P16"
	h := reconciliationAnswer()
	yen, won, refunded := entries()
	const totals = totalYen + totalWon
	answer := func(text ...string) conformance.Edit { return bodyOf(strings.Join(text, "")) }
	made := func(entry, at string) string { return strings.Replace(entry, `2026-11-23T23:58:02Z`, at, 1) }
	of := func(id, note string, fault, twin conformance.Edit) conformance.Case {
		c := refuse("entry-"+id, code, note, h, fault, source)
		c.Twin = twin
		return c
	}
	return []conformance.Case{
		of("before", "A transaction made a second before the period.", answer(listedPeriod, made(yen, "2026-10-23T23:59:59Z"), won, refunded, totals),
			answer(listedPeriod, made(yen, "2026-10-24T00:00:00Z"), won, refunded, totals)),
		of("at-end", "A transaction made when the period had ended.", answer(listedPeriod, yen, won, made(refunded, "2026-11-24T00:00:00Z"), totals),
			answer(listedPeriod, yen, won, made(refunded, "2026-11-23T23:59:59Z"), totals)),
		of("twice", "A transaction that stands twice.", answer(listedPeriod, yen, won, won, refunded, totals), nil),
		of("turned-round", "Two of one second in the wrong order.", answer(listedPeriod, yen, refunded, won, totals), nil),
		of("times-turned-round", "A later transaction in front.", answer(listedPeriod, made(yen, "2026-11-23T23:58:03Z"), won, refunded, totals),
			answer(listedPeriod, made(yen, "2026-11-23T23:58:01Z"), won, refunded, totals)),
		of("next-of-nothing", "A page of nothing that has a next one.", answer(firstPeriod, totals), answer(firstPeriod, yen, totals)),
		of("next-itself", "A page that is its own next one.", answer(strings.Replace(firstPeriod, ` Next="p2"`, ` Next="p2" Page="p2"`, 1), yen, totals),
			answer(strings.Replace(firstPeriod, ` Next="p2"`, ` Next="p3" Page="p2"`, 1), yen, totals)),
		refuse("entry-without-cancellations", "msg-transaction", "Something cancelled, by no cancellation.", h, signed(replace(cancelled, ``)), source),
		refuse("entry-behind-total", "msg-order", "An entry behind a total.", h, answer(listedPeriod, totals, yen), source, "W16"),
		refuse("entry-refused", "msg-status", "Refused, with entries.", h, signed(refusedStatus()), source, "KECIS P10"),
		accept("entry-none", "KECIS-REC-006", "A period in which nothing was made.", h, answer(listedPeriod), source),
		past("entry-number", "msg-too-many", "100 entries and one more.", h, 100, func(n int) conformance.Edit {
			return answer(firstPeriod, lines(n, func(i int) string { return entry(i, transaction("0", "50000")) }),
				strings.Replace(totalWon, `Approved="100000" Cancelled="20000" Captured="100000" Count="2"`, `Approved="6000000" Cancelled="0" Captured="6000000" Count="120"`, 1))
		}, source, "P7"),
	}
}

// totalCases contradict the totals.
func totalCases() []conformance.Case {
	const code, source = "msg-total", "KECIS P16"
	h := reconciliationAnswer()
	yen, won, refunded := entries()
	all := yen + won + refunded
	answer := func(text ...string) conformance.Edit { return bodyOf(strings.Join(text, "")) }
	of := func(old, text string) string { return strings.Replace(totalWon, old, text, 1) }
	only := func(id, note, old, text string) conformance.Case {
		return refuse("total-"+id, code, note, h, answer(listedPeriod, all, totalYen, of(old, text)), source)
	}
	// first is a total on the first of several pages.
	first := func(id, note, old, bad, good string) conformance.Case {
		c := refuse("total-first-page-"+id, code, note, h, answer(firstPeriod, all, totalYen, of(old, bad)), source)
		c.Twin = answer(firstPeriod, all, totalYen, of(old, good))
		return c
	}
	long := refuse("total-19-digits", "amount-form", "A sum of 19 digits; 18 are allowed.", h,
		answer(firstPeriod, all, totalYen, of(`Approved="100000"`, `Approved="1`+strings.Repeat("0", 18)+`"`)), source)
	long.Twin = answer(firstPeriod, all, totalYen, of(`Approved="100000"`, `Approved="`+strings.Repeat("9", 18)+`"`))
	many := refuse("total-count-10-digits", "msg-value", "A thousand million transactions.", h,
		answer(firstPeriod, all, totalYen, of(`Count="2"`, `Count="1000000000"`)), source)
	many.Twin = answer(firstPeriod, all, totalYen, of(`Count="2"`, `Count="999999999"`))
	return []conformance.Case{
		only("approved-more", "One won more than was approved.", `Approved="100000"`, `Approved="100001"`),
		only("approved-less", "One won less than was approved.", `Approved="100000"`, `Approved="99999"`),
		only("captured-less", "One won less than was captured.", `Captured="100000"`, `Captured="99999"`),
		only("cancelled-less", "One won less than was cancelled.", `Cancelled="20000"`, `Cancelled="19999"`),
		only("count-more", "A transaction that stands nowhere.", `Count="2"`, `Count="3"`),
		only("captured-above-approved", "More captured than approved.", `Captured="100000"`, `Captured="100001"`),
		first("approved", "Less approved than the entries of the page.", `Approved="100000"`, `Approved="99999"`, `Approved="100001"`),
		first("count", "Fewer transactions than the page has entries.", `Count="2"`, `Count="1"`, `Count="3"`),
		refuse("total-missing", code, "A currency without total.", h, answer(listedPeriod, all, totalWon), source),
		refuse("total-of-nothing", code, "A total without entry, on the only page.", h, answer(listedPeriod, won, refunded, totalYen, totalWon), source),
		refuse("total-twice", code, "Two totals of one currency.", h, answer(firstPeriod, all, totalYen, totalWon, totalWon), source),
		refuse("total-turned-round", code, "Totals out of order.", h, answer(listedPeriod, all, totalWon, totalYen), source),
		refuse("total-exponent", "amount-exponent", "A total of won with two decimals.", h, signed(replace(`Count="2" Currency="KRW" Exponent="0"`, `Count="2" Currency="KRW" Exponent="2"`)), source, "KECIS P4"),
		refuse("total-currency", "amount-currency", "A total of gold.", h, answer(firstPeriod, all, totalYen, totalWon, of(`"KRW" Exponent="0"`, `"XAU" Exponent="0"`)), source, "KECIS P4"),
		refuse("total-number", "msg-too-many", "201 totals.", h, answer(firstPeriod, all, strings.Repeat(totalWon, 201)), source),
		long, many,
	}
}
