package sqljournal

import (
	"github.com/kecis/sdk/kecis/journal"
)

// Each kind of row has its values in the order of its columns, and the fields
// that take them. The values of a key stand first.

func requestValues(r *journal.Request) []any {
	return []any{
		r.Sender, r.ID, r.Kind, digest(&r.Digest), digest(&r.Document), milliseconds(r.Issued), milliseconds(r.Deadline),
		int64(r.State), r.Epoch, r.Key, r.Transaction, octets(r.Details), r.Reversed, r.Code, r.Outcome, r.Retry,
		digest(&r.Answer), milliseconds(r.Claimed), milliseconds(r.Sealed), milliseconds(r.Due), int64(r.Tries),
	}
}

func requestFields(r *journal.Request) []any {
	return []any{
		textColumn{&r.Sender}, textColumn{&r.ID}, textColumn{&r.Kind}, digestColumn{&r.Digest}, digestColumn{&r.Document},
		timeColumn{&r.Issued}, timeColumn{&r.Deadline}, number(&r.State), number(&r.Epoch), textColumn{&r.Key},
		textColumn{&r.Transaction}, octetsColumn{&r.Details}, textColumn{&r.Reversed}, textColumn{&r.Code},
		textColumn{&r.Outcome}, textColumn{&r.Retry}, digestColumn{&r.Answer}, timeColumn{&r.Claimed},
		timeColumn{&r.Sealed}, timeColumn{&r.Due}, number(&r.Tries),
	}
}

func transactionValues(t *journal.Transaction) []any {
	return []any{
		t.ID, t.Owner, t.RequestID, t.Requester, t.OrderID, int64(t.Part), int64(t.Attempt), t.Key, t.State, t.Currency,
		t.Amount, t.Captured, t.Cancelled, t.Cancellable, milliseconds(t.Created), milliseconds(t.Changed), t.Busy,
		int64(t.Sequence), milliseconds(t.Due), int64(t.Tries), octets(t.Details),
	}
}

func transactionFields(t *journal.Transaction) []any {
	return []any{
		textColumn{&t.ID}, textColumn{&t.Owner}, textColumn{&t.RequestID}, textColumn{&t.Requester}, textColumn{&t.OrderID},
		number(&t.Part), number(&t.Attempt), textColumn{&t.Key}, textColumn{&t.State}, textColumn{&t.Currency},
		number(&t.Amount), number(&t.Captured), number(&t.Cancelled), number(&t.Cancellable), timeColumn{&t.Created},
		timeColumn{&t.Changed}, textColumn{&t.Busy}, number(&t.Sequence), timeColumn{&t.Due}, number(&t.Tries),
		octetsColumn{&t.Details},
	}
}

func sentValues(s *journal.Sent) []any {
	return []any{
		s.Recipient, s.ID, s.Kind, s.Key, digest(&s.Digest), digest(&s.Document), milliseconds(s.Issued),
		milliseconds(s.Deadline), int64(s.State), s.Code, s.Outcome, s.Retry, digest(&s.Answer), milliseconds(s.Created),
		milliseconds(s.Due), int64(s.Tries), octets(s.Details),
	}
}

func sentFields(s *journal.Sent) []any {
	return []any{
		textColumn{&s.Recipient}, textColumn{&s.ID}, textColumn{&s.Kind}, textColumn{&s.Key}, digestColumn{&s.Digest},
		digestColumn{&s.Document}, timeColumn{&s.Issued}, timeColumn{&s.Deadline}, number(&s.State), textColumn{&s.Code},
		textColumn{&s.Outcome}, textColumn{&s.Retry}, digestColumn{&s.Answer}, timeColumn{&s.Created}, timeColumn{&s.Due},
		number(&s.Tries), octetsColumn{&s.Details},
	}
}

func eventValues(e *journal.Event, cursor int64) []any {
	return []any{
		e.ID, e.Recipient, e.Transaction, int64(e.Sequence), cursor, milliseconds(e.At), octets(e.Body), int64(e.State),
		milliseconds(e.Due), int64(e.Tries),
	}
}

func eventFields(e *journal.Event) []any {
	return []any{
		textColumn{&e.ID}, textColumn{&e.Recipient}, textColumn{&e.Transaction}, number(&e.Sequence), number(&e.Cursor),
		timeColumn{&e.At}, octetsColumn{&e.Body}, number(&e.State), timeColumn{&e.Due}, number(&e.Tries),
	}
}

func exhibitValues(e *journal.Exhibit) []any {
	return []any{
		e.Number, milliseconds(e.At), truth(e.Sent), e.Peer, e.MessageID, e.Kind, digest(&e.Document), digest(&e.Signer),
		e.Serial, digest(&e.Link),
	}
}

func exhibitFields(e *journal.Exhibit) []any {
	return []any{
		number(&e.Number), timeColumn{&e.At}, truthColumn{&e.Sent}, textColumn{&e.Peer}, textColumn{&e.MessageID},
		textColumn{&e.Kind}, digestColumn{&e.Document}, digestColumn{&e.Signer}, number(&e.Serial), digestColumn{&e.Link},
	}
}
