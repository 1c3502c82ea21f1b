package kecis

import (
	"context"
	"iter"
	"time"
)

// Events reads the provider's feed of this Client's transactions from behind a
// cursor to its end, oldest first. Keep the Cursor of the last event that was
// worked off, and begin there the next time: events that a notification lost are
// all here. An error ends the sequence.
func (c *Client) Events(ctx context.Context, provider string, after int64) iter.Seq2[*Event, error] {
	return func(yield func(*Event, error) bool) {
		for more := true; more; {
			m, err := c.listed(ctx, provider, &FeedRequest{After: after, Limit: MaxPage})
			if err != nil {
				yield(nil, err)
				return
			}
			page, ok := m.(*FeedResponse)
			if !ok {
				yield(nil, refusedFault(m))
				return
			}
			for i := range page.Events {
				if !yield(&page.Events[i], nil) {
					return
				}
			}
			after, more = page.Next, page.More
		}
	}
}

// Reconcile reads all transactions that this Client made at the provider in
// [from, until), which are whole seconds at most 31 days apart, oldest first. It
// gives the totals that the provider states when it has read the last page. An
// error ends the sequence.
func (c *Client) Reconcile(ctx context.Context, provider string, from, until time.Time, totals *[]Total) iter.Seq2[*Entry, error] {
	return func(yield func(*Entry, error) bool) {
		for page := ""; ; {
			m, err := c.listed(ctx, provider, &ReconciliationRequest{From: from, Until: until, Page: page, Limit: MaxPage})
			if err != nil {
				yield(nil, err)
				return
			}
			answer, ok := m.(*ReconciliationResponse)
			if !ok {
				yield(nil, refusedFault(m))
				return
			}
			for i := range answer.Entries {
				if !yield(&answer.Entries[i], nil) {
					return
				}
			}
			if page = answer.Next; page == "" {
				if totals != nil {
					*totals = answer.Totals
				}
				return
			}
		}
	}
}

// listed sends a request that changes nothing.
func (c *Client) listed(ctx context.Context, provider string, m Message) (Message, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	o, err := c.outgoing(ctx, provider, m, "", time.Time{})
	if err != nil {
		return nil, err
	}
	answer, err := c.Exchange(ctx, o)
	if err != nil {
		return nil, err
	}
	status := statusOf(answer)
	return answer, status.Err()
}
