package simulation

import (
	"slices"
	"strings"
)

// cleanUp is the commit that forgets what is past its retention.
const cleanUp = "sweep"

// commitSite is who commits and what, and in about how many worlds that happens once
// while faults are made; 1 is once in each, or more often.
type commitSite struct {
	name  string
	every uint64
}

// sites are all commits of a world, by name. A commit that stands here and never happens
// is a hole in the simulation, as is one that happens and never meets a fault.
var sites = []commitSite{
	{"issuer: Cancellation sealed done", 2},
	{"issuer: Cancellation sealed not-done", 100},
	{"issuer: Cancellation sealed unknown", 200},
	{"issuer: Capture running", 500},
	{"issuer: Capture sealed done", 5},
	{"issuer: Capture sealed not-done", 50},
	{"issuer: Capture sealed unknown", 500},
	{"issuer: Payment running", 20},
	{"issuer: Payment sealed done", 1},
	{"issuer: Payment sealed not-done", 2},
	{"issuer: Payment sealed unknown", 5},
	{"issuer: Reversal sealed done", 2},
	{"issuer: Reversal sealed not-done", 100},
	{"issuer: claim Cancellation running", 2},
	{"issuer: claim Cancellation sealed not-done", 100},
	{"issuer: claim Capture running", 5},
	{"issuer: claim Capture sealed not-done", 1000},
	{"issuer: claim Payment running", 1},
	{"issuer: claim Payment sealed not-done", 5},
	{"issuer: claim Reversal running", 5},
	{"issuer: claim Reversal sealed not-done", 5},
	{"issuer: claim tombstone", 10},
	{"issuer: event sent", 1},
	{"issuer: events sequenced", 1},
	{"issuer: evidence chained", 1},
	{"issuer: reclaim Cancellation running", 50},
	{"issuer: reclaim Cancellation sealed unknown", 200},
	{"issuer: reclaim Capture running", 200},
	{"issuer: reclaim Capture sealed unknown", 100},
	{"issuer: reclaim Payment running", 10},
	{"issuer: reclaim Payment sealed unknown", 2},
	{"issuer: reclaim Reversal running", 30},
	{"issuer: records", 1},
	{"issuer: sweep", 1},
	{"issuer: transaction", 50},
	{"pg: AA begun", 5},
	{"pg: AA browser", 5},
	{"pg: AA cancelled gone", 50},
	{"pg: AA cancelled releasing", 20},
	{"pg: AA cancelled reversing", 200},
	{"pg: AA expired gone", 10},
	{"pg: AA expired releasing", 5},
	{"pg: AA locked gone", 10},
	{"pg: AA locked releasing", 10},
	{"pg: AA mail", 20},
	{"pg: AA not-started gone", 10},
	{"pg: AA not-started reversing", 5},
	{"pg: AA open live", 5},
	{"pg: AA payment declined", 500},
	{"pg: AA payment limited", 1000},
	{"pg: AA payment paid", 50},
	{"pg: AA payment paying", 50},
	{"pg: AA payment releasing", 200},
	{"pg: AA payment undoing", 200},
	{"pg: AA payment undone", 200},
	{"pg: AA profile", 50},
	{"pg: AA starting asked", 20},
	{"pg: AA try", 5},
	{"pg: AA verified gone", 10},
	{"pg: AA verified releasing", 5},
	{"pg: AA verified reversing", 50},
	{"pg: Authentication running", 50},
	{"pg: Authentication sealed not-done", 20},
	{"pg: Authentication sealed pending", 5},
	{"pg: Authentication sealed unknown", 100},
	{"pg: Cancellation running", 1000},
	{"pg: Cancellation sealed done", 2},
	{"pg: Cancellation sealed not-done", 50},
	{"pg: Cancellation sealed unknown", 10},
	{"pg: Capture running", 200},
	{"pg: Capture sealed done", 5},
	{"pg: Capture sealed not-done", 50},
	{"pg: Capture sealed unknown", 20},
	{"pg: Confirmation running", 100},
	{"pg: Confirmation sealed done", 50},
	{"pg: Confirmation sealed not-done", 20},
	{"pg: Confirmation sealed unknown", 50},
	{"pg: Payment running", 5},
	{"pg: Payment sealed done", 2},
	{"pg: Payment sealed not-done", 1},
	{"pg: Payment sealed unknown", 1},
	{"pg: Reversal sealed done", 2},
	{"pg: claim Authentication running", 5},
	{"pg: claim Authentication sealed not-done", 200},
	{"pg: claim Cancellation running", 2},
	{"pg: claim Cancellation sealed not-done", 5},
	{"pg: claim Capture running", 5},
	{"pg: claim Capture sealed not-done", 20},
	{"pg: claim Confirmation running", 20},
	{"pg: claim Confirmation sealed not-done", 500},
	{"pg: claim Payment running", 1},
	{"pg: claim Payment sealed not-done", 100},
	{"pg: claim Reversal running", 5},
	{"pg: claim Reversal sealed not-done", 5},
	{"pg: claim tombstone", 10},
	{"pg: event sent", 1},
	{"pg: events sequenced", 1},
	{"pg: evidence chained", 1},
	{"pg: reclaim Authentication running", 20},
	{"pg: reclaim Authentication sealed unknown", 100},
	{"pg: reclaim Cancellation running", 50},
	{"pg: reclaim Cancellation sealed unknown", 10},
	{"pg: reclaim Capture running", 100},
	{"pg: reclaim Capture sealed unknown", 20},
	{"pg: reclaim Confirmation running", 50},
	{"pg: reclaim Confirmation sealed unknown", 50},
	{"pg: reclaim Payment running", 10},
	{"pg: reclaim Payment sealed unknown", 1},
	{"pg: reclaim Reversal running", 50},
	{"pg: records", 10},
	{"pg: records, to be sent", 5},
	{"pg: sent", 2},
	{"pg: sweep", 1},
	{"pg: to be sent", 2},
	{"pg: transaction", 50},
	{"shop: records", 1},
	{"shop: sent", 1},
	{"shop: to be sent", 1},
}

// rarity is every of a site; 1 of those that are not listed.
func rarity(name string) uint64 {
	if i, known := slices.BinarySearchFunc(sites, name, func(s commitSite, name string) int { return strings.Compare(s.name, name) }); known {
		return sites[i].every
	}
	return 1
}

// enough is in how many worlds each fault must have met the site: so many that
// chance is no excuse.
func (s commitSite) enough() uint64 { return max(commonWorlds, rareWorlds*s.every) }

// A commit that happens in each world meets a given fault in one of about 250
// worlds, and one that is rare, of which every second meets some fault, at one of
// 25. Eight times that many and more leave one run in thousands without it.
const (
	commonWorlds = 5000
	rareWorlds   = 250
)

// messageKinds are the requests whose faults are counted, with those of browsers, and
// messageWorlds in how many worlds each must have met all of them.
func messageKinds() []string {
	return []string{"PaymentRequest", "CaptureRequest", "CancellationRequest", "ReversalRequest", "InquiryRequest", "NotificationRequest",
		"AuthenticationRequest", "ConfirmationRequest", "page", "form"}
}

const messageWorlds = 2000

// distinct are the faults of a list, each once.
func distinct(faults []string) []string {
	var out []string
	for _, f := range faults {
		if !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	return out
}

// Empty returns the cells that a run of so many worlds should have filled and did
// not: each fault at each kind of message, and at each commit.
func (r *Report) Empty() (empty []Cell) {
	add := func(name string, faults []string) {
		for _, fault := range distinct(faults) {
			if r.Cells[Cell{name, fault}] == 0 {
				empty = append(empty, Cell{name, fault})
			}
		}
	}
	if r.Worlds >= messageWorlds {
		for _, kind := range messageKinds() {
			add(kind, messageFaults())
		}
	}
	for _, s := range sites {
		if uint64(r.Worlds) >= s.enough() {
			add(s.name, writeFaults())
		}
	}
	return empty
}
