package metadata

import "time"

// Status is what may be done with a partner (KECIS-META-024).
type Status string

// The states of a partner.
const (
	// Active: everything that its roles allow.
	Active Status = "active"
	// Suspended: nothing new; what exists is brought to its end.
	Suspended Status = "suspended"
	// Compromised: none of its signatures counts.
	Compromised Status = "compromised"
	// Expired: its metadata, or the registry's, is over. As Suspended. It stands
	// in no document.
	Expired Status = "expired"
)

// StatusChange says from when on a status holds.
type StatusChange struct {
	Status Status
	From   time.Time
}

// Grant is what a trust anchor allows a party, whatever the party says of itself.
type Grant struct {
	Roles []RoleName
	// Statuses are in the order of time; the last whose From has come holds.
	// Before the first the party is unknown.
	Statuses []StatusChange
	// ReadsInstruments: as a PG it may get instruments that it can read
	// (KECIS-META-027).
	ReadsInstruments bool
	// CompromisedKeys are the names ("sha256:...") of keys that no longer count,
	// although the party itself goes on.
	CompromisedKeys []string
}

// At returns the status at that time, and since when it holds; ok is false
// before the first.
func (g *Grant) At(at time.Time) (status StatusChange, ok bool) {
	for _, c := range g.Statuses {
		if !at.Before(c.From) {
			status, ok = c, true
		}
	}
	return status, ok
}

// Listing is one party in an aggregate.
type Listing struct {
	Entity *Entity
	Grant  Grant
}

// Aggregate is what a registry says of many parties.
type Aggregate struct {
	// Name is that of the registry: a URI.
	Name       string
	Serial     int64
	ValidUntil time.Time
	Listings   []Listing
}
