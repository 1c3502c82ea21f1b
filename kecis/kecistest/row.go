package kecistest

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"slices"
	"strings"
	"time"

	"github.com/kecis/sdk/kecis/journal"
)

// Rows are copied on their way in and out, with their times as every store
// keeps them.

// kept is a time as a store keeps it.
func kept(t time.Time) time.Time {
	if t.IsZero() || t.UnixMilli() <= 0 {
		return time.Time{}
	}
	return time.UnixMilli(t.UnixMilli()).UTC()
}

func octets(b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	return bytes.Clone(b)
}

func digestOf(b []byte) journal.Digest { return sha256.Sum256(b) }

func cloneRequest(r *journal.Request) *journal.Request {
	c := *r
	c.Details = octets(r.Details)
	for _, t := range []*time.Time{&c.Issued, &c.Deadline, &c.Claimed, &c.Sealed, &c.Due} {
		*t = kept(*t)
	}
	return &c
}

func cloneTransaction(t *journal.Transaction) *journal.Transaction {
	c := *t
	c.Details = octets(t.Details)
	for _, t := range []*time.Time{&c.Created, &c.Changed, &c.Due} {
		*t = kept(*t)
	}
	return &c
}

func cloneOrder(o *journal.Order) *journal.Order {
	c := *o
	c.Parts = slices.Clone(o.Parts)
	if len(c.Parts) == 0 {
		c.Parts = nil
	}
	return &c
}

func cloneSent(s *journal.Sent) *journal.Sent {
	c := *s
	c.Details = octets(s.Details)
	for _, t := range []*time.Time{&c.Issued, &c.Deadline, &c.Created, &c.Due} {
		*t = kept(*t)
	}
	return &c
}

func cloneEvent(e *journal.Event) *journal.Event {
	c := *e
	c.Body = octets(e.Body)
	c.At, c.Due = kept(e.At), kept(e.Due)
	return &c
}

func cloneExhibit(e *journal.Exhibit) *journal.Exhibit {
	c := *e
	c.At = kept(e.At)
	return &c
}

func cloneRecord(r *record) *record {
	return &record{r.space, r.key, octets(r.value)}
}

// What stands in which order. Each order tells all rows apart.

func requestIsDue(r *journal.Request) bool { return !r.Due.IsZero() }

func byRequestDue(a, b *journal.Request) int {
	return cmp.Or(a.Due.Compare(b.Due), byRequestKey(a, b))
}

func byRequestKey(a, b *journal.Request) int {
	return cmp.Or(strings.Compare(a.Sender, b.Sender), strings.Compare(a.ID, b.ID))
}

func transactionIsDue(t *journal.Transaction) bool { return !t.Due.IsZero() }

func byTransactionDue(a, b *journal.Transaction) int {
	return cmp.Or(a.Due.Compare(b.Due), byTransactionID(a, b))
}

func byTransactionID(a, b *journal.Transaction) int { return strings.Compare(a.ID, b.ID) }

// stated reports whether anything is said about the transaction yet.
func stated(t *journal.Transaction) bool { return t.State != "" }

func byOwner(a, b *journal.Transaction) int {
	return cmp.Or(strings.Compare(a.Owner, b.Owner), a.Created.Compare(b.Created), byTransactionID(a, b))
}

func byOrderKey(a, b *journal.Order) int {
	return cmp.Or(strings.Compare(a.Requester, b.Requester), strings.Compare(a.OrderID, b.OrderID))
}

func sentIsDue(s *journal.Sent) bool { return !s.Due.IsZero() }

func bySentDue(a, b *journal.Sent) int {
	return cmp.Or(a.Due.Compare(b.Due), bySentKey(a, b))
}

func bySentKey(a, b *journal.Sent) int {
	return cmp.Or(strings.Compare(a.Recipient, b.Recipient), strings.Compare(a.ID, b.ID))
}

func hasKey(s *journal.Sent) bool { return s.Key != "" }

func byKey(a, b *journal.Sent) int {
	return cmp.Or(strings.Compare(a.Key, b.Key), a.Created.Compare(b.Created), bySentKey(a, b))
}

func isSequenced(e *journal.Event) bool { return e.Cursor > 0 }

func byCursor(a, b *journal.Event) int {
	return cmp.Or(strings.Compare(a.Recipient, b.Recipient), cmp.Compare(a.Cursor, b.Cursor))
}

func eventIsDue(e *journal.Event) bool { return e.Cursor > 0 && !e.Due.IsZero() }

func byCursorAlone(a, b *journal.Event) int { return cmp.Compare(a.Cursor, b.Cursor) }

func byTransaction(a, b *journal.Event) int {
	return cmp.Or(strings.Compare(a.Transaction, b.Transaction),
		cmp.Compare(a.Sequence, b.Sequence), strings.Compare(a.ID, b.ID))
}

func byRecordKey(a, b *record) int {
	return cmp.Or(strings.Compare(a.space, b.space), strings.Compare(a.key, b.key))
}
