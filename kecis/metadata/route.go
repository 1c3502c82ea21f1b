package metadata

import (
	"strings"
	"time"
)

// Route is a line of a PG's routing table: instruments of the kind whose number
// begins with the prefix belong to the issuer and are encrypted to its keys.
type Route struct {
	// Kind is what the line is about.
	Kind Method
	// Prefix is 6 to 8 digits of a card number (BIN), or the whole code of a bank
	// or e-money issuer, 2 to 11 of A-Z 0-9.
	Prefix string
	// Brand is that of a card, 2 to 16 of A-Z 0-9, at most 4 of them
	// digits; other kinds have none.
	Brand string
	// Issuer is the entityID of the issuer.
	Issuer string
	// Keys are the issuer's encryption keys.
	Keys []EncryptionKey
}

// Key returns the key to encrypt to at that time: of those in use the one that
// ends last. Without one nothing may be sent on this route.
func (r *Route) Key(at time.Time) (*EncryptionKey, bool) {
	k := newest(r.Keys, at)
	return k, k != nil
}

// Route returns the line for an instrument: for a card that of the longest
// prefix of its number (8 digits of it are enough), for others that of the
// code. An unknown one has no route, which is a clear refusal (KECIS-META-012).
func (r *Role) Route(kind Method, number string) (*Route, bool) {
	var best *Route
	for i := range r.Routes {
		line := &r.Routes[i]
		switch {
		case line.Kind != kind, kind == MethodCard && !strings.HasPrefix(number, line.Prefix), kind != MethodCard && number != line.Prefix:
		case best == nil || len(line.Prefix) > len(best.Prefix):
			best = line
		}
	}
	return best, best != nil
}
