package simulation

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
)

// Plant is a fault that is put into a world on purpose, to show that the
// simulation finds such: a party is composed with one bad part.
type Plant struct {
	// Name is unique: lower-case words joined by hyphens.
	Name string
	// What says what is wrong, in one sentence.
	What  string
	Parts Parts
}

// Sown is a plant with what it took to find it.
type Sown struct {
	Plant
	// Worlds is how many were run until it was found, 0 if it was not.
	Worlds int
	// Seed is that of the world, Rule the first rule that was broken there, and
	// Found what the judge says.
	Seed        uint64
	Rule, Found string
}

// Sow runs worlds with each plant until it is found, at most worlds of them.
func Sow(ctx context.Context, keys *Keys, plants []Plant, worlds, workers int) ([]Sown, error) {
	out := make([]Sown, 0, len(plants))
	for _, p := range plants {
		report, err := Run(ctx, Config{Worlds: worlds, FirstSeed: 1, Workers: workers, Keys: keys, Parts: p.Parts})
		if err != nil {
			return out, err
		}
		sown := Sown{Plant: p}
		if len(report.Failures) > 0 {
			f := &report.Failures[0]
			sown.Worlds, sown.Seed = int(f.Seed), f.Seed
			sown.Rule, sown.Found = "error", ""
			if f.Err != nil {
				sown.Found = f.Err.Error()
			} else {
				sown.Rule, sown.Found = f.Findings[0].Rule, f.Findings[0].What
			}
		}
		out = append(out, sown)
	}
	return out, nil
}

// Plants returns all planted faults.
func Plants() []Plant {
	return slices.Concat(journalPlants(), servicePlants(), programPlants(), authenticationPlants())
}

// programPlants are faults of configurations and of what a shop makes of answers.
func programPlants() []Plant {
	return []Plant{
		{
			"holds-never-end", "the issuer never releases a hold whose time is over",
			Parts{Idle: func(role, work string) bool { return role == "issuer" && work == "holds" }},
		},
		{
			"nothing-is-recovered", "the PG has no background work, so that nobody resolves what is unknown",
			Parts{Idle: func(role, work string) bool { return role == "pg" && work == "worker" }},
		},
		{
			"retention-too-short", "the issuer forgets requests and payments after ten minutes",
			Parts{Issuer: func(c *kecis.ServerConfig) { c.Retention, c.AnswerRetention = 10*time.Minute, 5*time.Minute }},
		},
		{
			"unknown-told-as-failed", "the shop takes an unknown outcome for a failure",
			Parts{Settle: func(context.Context, *kecis.Client, string, kecis.ID) (kecis.Settlement, error) {
				return kecis.Settlement{Outcome: kecis.NotDone}, nil
			}},
		},
		{
			"unknown-told-as-paid", "the shop takes an unknown outcome for a success",
			Parts{Settle: func(context.Context, *kecis.Client, string, kecis.ID) (kecis.Settlement, error) {
				return kecis.Settlement{Outcome: kecis.Done}, nil
			}},
		},
		{"not-found-told-as-failed", "the shop takes an inquiry that finds nothing for a failure", Parts{Settle: notFoundIsFailure}},
	}
}

func notFoundIsFailure(ctx context.Context, c *kecis.Client, provider string, id kecis.ID) (kecis.Settlement, error) {
	m, err := c.Inquire(ctx, provider, kecis.Original{RequestID: id})
	switch {
	case errors.Is(err, kecis.ErrNotFound):
		return kecis.Settlement{Outcome: kecis.NotDone}, nil
	case err != nil:
		return kecis.Settlement{}, err
	}
	if m.Result.Outcome == kecis.Unknown {
		return c.Settle(ctx, id)
	}
	return kecis.Settlement{Outcome: m.Result.Outcome, Code: m.Result.Code}, nil
}

// at puts a bad journal under the parties of a role.
func at(role string, bad func(journal.Tx) journal.Tx) Parts {
	return Parts{Journal: func(r string, j journal.Journal) journal.Journal {
		if r != role {
			return j
		}
		return badJournal{j, bad}
	}}
}

// badJournal is a journal with a bad part in each transaction.
type badJournal struct {
	journal.Journal
	bad func(journal.Tx) journal.Tx
}

// Update runs change on the bad transaction.
func (b badJournal) Update(ctx context.Context, change func(journal.Tx) error) error {
	return b.Journal.Update(ctx, func(tx journal.Tx) error { return change(b.bad(tx)) })
}

// View runs read on the bad transaction.
func (b badJournal) View(ctx context.Context, read func(journal.Tx) error) error {
	return b.Journal.View(ctx, func(tx journal.Tx) error { return read(b.bad(tx)) })
}
