package metadata

import (
	"time"

	"github.com/kecis/sdk/kecis/xmlsig"
)

// Entity is what one party says of itself: the content of its metadata document.
type Entity struct {
	// ID is the entityID.
	ID string
	// Serial is the number of this edition, 1 and up; of two editions only a
	// higher one replaces the other (KECIS-META-006).
	Serial int64
	// ValidUntil is when the document ends.
	ValidUntil time.Time
	// Organization names the party to people; the zero Organization is none.
	Organization Organization
	// Keys are the signing keys, the metadata's own among them.
	Keys  []SigningKey
	Roles []Role
}

// Organization names a party to people, in English and Korean. Of each text one
// language is enough.
type Organization struct {
	Name        Texts // as it is registered
	DisplayName Texts // as it is shown
	URL         Texts // of its site
}

// Texts is one text in two languages; "" is none.
type Texts struct {
	En, Ko string
}

// Role returns what the party says of itself in that role.
func (e *Entity) Role(name RoleName) (*Role, bool) {
	for i := range e.Roles {
		if e.Roles[i].Name == name {
			return &e.Roles[i], true
		}
	}
	return nil, false
}

// SigningKeys returns the keys of that scope that are in use at that time.
func (e *Entity) SigningKeys(at time.Time, scope xmlsig.Scope) []*xmlsig.PublicKey {
	var keys []*xmlsig.PublicKey
	for i := range e.Keys {
		if k := &e.Keys[i]; k.Scope == scope && k.At(at) {
			keys = append(keys, k.Key)
		}
	}
	return keys
}
