package cases

import (
	"errors"
	"strings"

	"github.com/kecis/sdk/conformance"
)

const (
	notificationID = "_e7a1b2c3d4f5061728394a5b6c7d8e9f00112233"
	feedID         = "_f00d1e2d3c4b5a69788796a5b4c3d2e1f0011223"

	paidEvent = `<kecis:Event At="2026-11-24T09:00:01Z" Cursor="7" EventID="E20261124-000001" Kind="paid" RequestID="` + paymentID + `" Sequence="1">`
	// cancelledEvent is what happened next to the same transaction.
	cancelledEvent = `<kecis:Event At="2026-11-24T09:00:02Z" Cursor="12" EventID="E20261124-000002" Kind="cancelled" RequestID="` + paymentID + `" Sequence="2">`
	eventEnd       = `</kecis:Event>`

	feedPage    = `<kecis:Feed After="5" More="true" Next="12"></kecis:Feed>`
	fullBalance = `Cancellable="50000" Cancelled="0" Captured="50000"`
)

// events are the two events of a payment that was captured, then refunded in
// part.
func events() (paid, cancelledPart string) {
	return paidEvent + orderRef + transaction("0", "50000") + eventEnd,
		cancelledEvent + orderRef + transaction("20000", "30000") + cancelled + eventEnd
}

func notification() conformance.Happy {
	_, event := events()
	return message("message-notification-request", "A notification of a partial cancellation, from a PG to a shop.", "pg-p256", "NotificationRequest",
		strings.Replace(requestAttributes(notificationID), gate, shop+"/events", 1), event)
}

// notificationPaid tells of a payment.
func notificationPaid() conformance.Happy {
	event, _ := events()
	return message("message-notification-paid", "A notification of a payment.", "pg-p256", "NotificationRequest",
		strings.Replace(requestAttributes(notificationID), gate, shop+"/events", 1), event)
}

func notificationAnswer() conformance.Happy {
	attributes := strings.NewReplacer(`Destination="`+shop+`"`, `Destination="`+gate+`"`, `Recipient="`+shop+`"`, `Recipient="`+gate+`"`).Replace(responseAttributes(notificationID))
	return message("message-notification-response", "The acknowledgement of an event.", "shop-p256", "NotificationResponse", attributes,
		status("acknowledged", "이벤트를 받아 보관했습니다.", "The event is received and kept.")+`<kecis:EventID>E20261124-000002</kecis:EventID>`)
}

func feed() conformance.Happy {
	return message("message-feed-request", "A request for the events behind a cursor.", "shop-p256", "FeedRequest", requestAttributes(feedID),
		`<kecis:Feed After="5" Limit="100"></kecis:Feed>`)
}

func feedAnswer() conformance.Happy {
	paid, cancelledPart := events()
	return message("message-feed-response", "A page of two events of one transaction.", "pg-p256", "FeedResponse", responseAttributes(feedID),
		listedStatus()+feedPage+paid+cancelledPart)
}

// listedStatus is the status of a feed or reconciliation.
func listedStatus() string {
	return status("listed", "요청한 내역을 알립니다.", "What was asked for is listed.")
}

// refusedStatus makes of a status that is done one that is not.
func refusedStatus() conformance.Edit {
	return all(replace(`status:Success`, `status:Requester`), replace(`Outcome="done" Retry="never"`, `Outcome="not-done" Retry="new-id"`))
}

// bodyOf replaces what stands behind the status of an answer.
func bodyOf(body string) conformance.Edit {
	return signed(func(m *conformance.Message) error {
		doc := string(m.Document)
		const status = `</samlp:Status>`
		from, to := strings.Index(doc, status), strings.LastIndex(doc, `</kecis:`)
		if from < 0 || to < from {
			return errors.New("there is no status")
		}
		m.Document = []byte(doc[:from+len(status)] + body + doc[to:])
		return nil
	})
}

func eventCases() []conformance.Case {
	return join(eventKindCases(), eventValueCases(), feedCases())
}

// eventKindCases hold the kind of an event against the state after it.
func eventKindCases() []conformance.Case {
	const code, source = "msg-event", "KECIS P18"
	h := notificationPaid()
	var out []conformance.Case
	// none leaves no money in a transaction that has a state without any.
	none := replace(fullBalance, `Cancellable="0" Cancelled="0" Captured="0"`)
	held := replace(fullBalance, `Cancellable="50000" Cancelled="0" Captured="0"`)
	becomes := func(kind, state string, edits ...conformance.Edit) conformance.Edit {
		return signed(append([]conformance.Edit{replace(`Kind="paid"`, `Kind="`+kind+`"`), replace(`State="captured"`, `State="`+state+`"`)}, edits...)...)
	}
	for _, k := range []struct {
		kind         string
		right, wrong conformance.Edit
		note         string
	}{
		{"authorised", becomes("authorised", "authorised", held), becomes("authorised", "captured"), "Authorised, with something captured."},
		{"captured", becomes("captured", "captured"), becomes("captured", "authorised", held), "Captured, with nothing captured."},
		{"reversed", becomes("reversed", "reversed", none), becomes("reversed", "declined", none), "Reversed, in the state declined."},
		{"declined", becomes("declined", "declined", none), becomes("declined", "expired", none), "Declined, in the state expired."},
		{"expired", becomes("expired", "expired", none), becomes("expired", "captured"), "Expired, with something captured."},
		{"resolving", becomes("resolving", "resolving", none), becomes("resolving", "reversed", none), "Resolving, in the state reversed."},
	} {
		c := refuse("event-"+k.kind+"-state", code, k.note, h, k.wrong, source)
		c.Twin = k.right
		out = append(out, c)
	}
	bend := func(id, code, note string, h conformance.Happy, old, text string) conformance.Case {
		return refuse("event-"+id, code, note, h, signed(replace(old, text)), source)
	}
	return append(out,
		refuse("event-paid-authorised", code, "Paid, of which nothing is captured.", h, signed(replace(`State="captured"`, `State="authorised"`), held), source),
		bend("paid-cancelled", code, "Paid, with something cancelled.", notification(), `Kind="cancelled"`, `Kind="paid"`),
		bend("cancelled-nothing", code, "Cancelled, with nothing cancelled.", h, `Kind="paid"`, `Kind="cancelled"`),
		also(bend("without-cancellations", "msg-transaction", "Something cancelled, by no cancellation.", notification(), cancelled, ``), "KECIS-EVT-004"),
		also(bend("cancellations-sum", "msg-transaction", "Cancellations that add up to more than the balance.", notification(), cancelled, cancelled+cancelled), "KECIS-EVT-004"),
		accept("event-reversed-capture", "KECIS-EVT-003", "A capture was reversed, the approval stands.", h, becomes("reversed", "authorised", held), source),
	)
}

// eventValueCases hold the values of events and feeds to their forms.
func eventValueCases() []conformance.Case {
	const code, source = "msg-value", "KECIS P18"
	value := func(id, note string, h conformance.Happy, old, bad, good string) conformance.Case {
		c := refuse("event-"+id, code, note, h, signed(replace(old, bad)), source)
		c.Twin = signed(replace(old, good))
		return c
	}
	h, answer := notification(), feedAnswer()
	const id, start = `EventID="E20261124-000002"`, `After="5" Limit="100"`
	long := strings.Repeat("e", 40)
	return []conformance.Case{
		value("id-long", "An event ID of 41 characters.", h, id, `EventID="`+long+`e"`, `EventID="`+long+`"`),
		value("id-character", "An event ID with a character of another alphabet.", h, id, `EventID="E.1"`, `EventID="E-1"`),
		value("cursor-zero", "Cursor 0.", h, `Cursor="12"`, `Cursor="0"`, `Cursor="1"`),
		value("cursor-long", "A cursor of 16 digits.", h, `Cursor="12"`, `Cursor="1000000000000000"`, `Cursor="999999999999999"`),
		value("sequence-zero", "Sequence 0.", h, `Sequence="2"`, `Sequence="0"`, `Sequence="1"`),
		value("sequence-large", "Sequence 10,000.", h, `Sequence="2"`, `Sequence="10000"`, `Sequence="9999"`),
		value("limit-zero", "A page of no events.", feed(), start, `After="5" Limit="0"`, `After="5" Limit="1"`),
		value("limit-large", "A page of 101 events.", feed(), start, `After="5" Limit="101"`, `After="0" Limit="100"`),
		value("after-negative", "A cursor below 0.", feed(), start, `After="-1" Limit="100"`, `After="0" Limit="100"`),
		value("acknowledged-nothing", "An acknowledgement of no event.", notificationAnswer(), `>E20261124-000002<`, `><`, `>E<`),
		refuse("event-kind-unknown", "unsupported", "A kind of event that nobody knows.", h, signed(replace(`Kind="cancelled"`, `Kind="pending"`)), source),
		refuse("event-request-id", "msg-id", "A request that is named by no ID.", h, signed(replace(`RequestID="`+paymentID+`"`, `RequestID="1"`)), source),
		refuse("event-without-transaction", "msg-missing", "An event of nothing.", h,
			onElementOf("kecis:Transaction", func(string) string { return "" }), source, "P11"),
		also(refuse("event-without-order", "msg-missing", "An event without OrderRef.", h,
			onElementOf("kecis:OrderRef", func(string) string { return "" }), source, "P11"), "KECIS-EVT-001"),
		refuse("event-without-cursor", "msg-missing", "An event without its cursor.", h, signed(replace(` Cursor="12"`, ``)), source, "P11"),
		refuse("feed-more-number", "unsupported", "1 for true.", answer, signed(replace(`More="true"`, `More="1"`)), source),
	}
}

// feedCases turn the pages of a feed round.
func feedCases() []conformance.Case {
	const code, source = "msg-feed", "KECIS P18"
	h := feedAnswer()
	bend := func(id, note, old, bad string) conformance.Case {
		return refuse("feed-"+id, code, note, h, signed(replace(old, bad)), source)
	}
	at := bend("cursor-at-after", "An event at the cursor that the requester has.", `Cursor="7"`, `Cursor="5"`)
	at.Twin = signed(replace(`Cursor="7"`, `Cursor="6"`))
	same := bend("cursor-twice", "Two events at one cursor.", `Cursor="7"`, `Cursor="12"`)
	same.Twin = signed(replace(`Cursor="7"`, `Cursor="11"`))
	paid, cancelledPart := events()
	turned := refuse("feed-turned-round", code, "Two events in the wrong order.", h, bodyOf(feedPage+cancelledPart+paid), source)
	// other is an event of another transaction, of which n tells it from others.
	other := func(n int) string {
		return strings.NewReplacer(`Cursor="7"`, `Cursor="`+digits(100+n)+`"`, `E20261124-000001`, "E"+digits(n), `T20261124-000001`, "T"+digits(n)).Replace(paid)
	}
	page := func(next int, events string) conformance.Edit {
		return bodyOf(`<kecis:Feed After="5" More="false" Next="` + digits(next) + `"></kecis:Feed>` + events)
	}
	// refunded are events with 100 cancellations each, and one with the rest.
	refunded := func(n int) conformance.Edit {
		return page(100+(n-1)/100, lines((n+99)/100, func(i int) string { return refundedEvent(i, min(100, n-100*i)) }))
	}
	return []conformance.Case{
		at, same, turned,
		bend("event-twice", "An event that stands twice, at two cursors.", `EventID="E20261124-000002"`, `EventID="E20261124-000001"`),
		bend("sequence-twice", "Two events of a transaction with one number.", `Sequence="2"`, `Sequence="1"`),
		bend("next-behind", "A next cursor at which the last event would come again.", `Next="12"`, `Next="11"`),
		bend("next-ahead", "A next cursor that would leave an event out.", `Next="12"`, `Next="13"`),
		refuse("feed-more-of-nothing", code, "No event, and more of them.", h, bodyOf(`<kecis:Feed After="5" More="true" Next="5"></kecis:Feed>`), source),
		refuse("feed-refused-with-events", "msg-status", "Refused, with events.", h, signed(refusedStatus()), source, "KECIS P10"),
		accept("feed-gap", "KECIS-EVT-021", "Cursors and sequences may leave numbers out.", h,
			signed(replace(`Cursor="12"`, `Cursor="1200"`), replace(`Next="12"`, `Next="1200"`), replace(`Sequence="2"`, `Sequence="5"`)), source),
		accept("feed-empty", "KECIS-EVT-021", "The end of a feed.", h, page(5, ""), source),
		accept("feed-two-currencies", "KECIS-MSG-013", "Transactions of two currencies on one page.", h,
			page(101, other(0)+strings.ReplaceAll(other(1), `Currency="KRW"`, `Currency="JPY"`)), source),
		past("feed-events-number", "msg-too-many", "100 events and one more.", h, 100, func(n int) conformance.Edit {
			return page(99+n, lines(n, other))
		}, source, "P7"),
		past("feed-cancellations-number", "msg-too-many", "1,000 cancellations on one page and one more.", h, 1000, refunded, source, "P7"),
	}
}

// refundedEvent is the event of a transaction of its own, at cursor 100 and so
// many, of which so many refunds of one won are told.
func refundedEvent(n, refunds int) string {
	const (
		won = `<kecis:Amount Currency="KRW" Exponent="0">1</kecis:Amount>`
		tax = `<kecis:Tax Service="0" Supply="1" TaxFree="0" VAT="0"></kecis:Tax>`
	)
	list := lines(refunds, func(i int) string {
		return `<kecis:Cancelled At="2026-11-24T09:00:01Z" CancellationID="C` + digits(i) + `" Kind="refund">` + won + tax + `</kecis:Cancelled>`
	})
	_, event := events()
	return strings.NewReplacer(cancelled, list, `Cursor="12"`, `Cursor="`+digits(100+n)+`"`, `E20261124-000002`, "E"+digits(n),
		`T20261124-000001`, "T"+digits(n), `Cancelled="20000"`, `Cancelled="`+digits(refunds)+`"`).Replace(event)
}
