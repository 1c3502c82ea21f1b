package metadata

import "time"

// How far ahead a document may end (KECIS-META-005).
const (
	// MaxValidity bounds an entity's metadata: a yearly renewal, with a month.
	MaxValidity = 400 * 24 * time.Hour
	// MaxAggregateValidity bounds an aggregate: whoever withholds a new one keeps
	// a suspension hidden no longer than this.
	MaxAggregateValidity = 31 * 24 * time.Hour
)

// Check refuses metadata that is over at that time (ErrExpired), that says it is
// valid for longer than is allowed (ErrValidity), or announces an encryption key
// for longer (ErrKeyLife).
func (e *Entity) Check(now time.Time) error {
	if err := checkValidity(e.ValidUntil, now, MaxValidity); err != nil {
		return err
	}
	return e.checkKeyLife(now)
}

func (e *Entity) checkKeyLife(now time.Time) error {
	for k := range e.encryptionKeys() {
		if k.NotOnOrAfter.After(now.Add(MaxEncryptionKeyLife)) {
			return &Error{code: ErrKeyLife, expected: "an end within 30 days of " + formatInstant(now), found: formatInstant(k.NotOnOrAfter)}
		}
	}
	return nil
}

// Check is [Entity.Check] for the aggregate and all that it lists. A listed
// entity whose own metadata is over is no fault of the aggregate.
func (a *Aggregate) Check(now time.Time) error {
	if err := checkValidity(a.ValidUntil, now, MaxAggregateValidity); err != nil {
		return err
	}
	for _, l := range a.Listings {
		if l.Entity.ValidUntil.After(now.Add(MaxValidity)) {
			return tooLong(l.Entity.ValidUntil, now, MaxValidity)
		}
		if err := l.Entity.checkKeyLife(now); err != nil {
			return err
		}
	}
	return nil
}

func checkValidity(until, now time.Time, most time.Duration) error {
	switch {
	case !now.Before(until):
		return &Error{code: ErrExpired, expected: "an end after " + formatInstant(now), found: formatInstant(until)}
	case until.After(now.Add(most)):
		return tooLong(until, now, most)
	}
	return nil
}

func tooLong(until, now time.Time, most time.Duration) error {
	return &Error{code: ErrValidity, expected: "an end by " + formatInstant(now.Add(most)), found: formatInstant(until)}
}

// Newer refuses an edition that may not replace the last accepted one, because
// its serial is not above it (ErrSerial).
func Newer(e, accepted *Entity) error { return newer(e.Serial, accepted.Serial) }
