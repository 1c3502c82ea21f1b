package xmltree

// The default limits. They hold every message of the standard many times over,
// and keep what one hostile document can cost far below what a server has.
const (
	// MaxBytes bounds the document, in bytes: a reconciliation page of 1,000
	// transactions is about 1 MB.
	MaxBytes = 4 << 20
	// MaxDepth bounds the nesting of elements; a payment inside SOAP reaches 12.
	MaxDepth = 64
	// MaxElements bounds the elements of a document: 4 MB of the densest
	// honest message have fewer.
	MaxElements = 100_000
	// MaxAttributes bounds the attributes of one element, namespace
	// declarations apart; the widest of ECML (Card) has 6.
	MaxAttributes = 64
	// MaxNamespaces bounds the declarations in scope at any place; SAML
	// metadata with all its extensions declares about 15.
	MaxNamespaces = 64
	// MaxName bounds a name, in bytes.
	MaxName = 256
	// MaxURI bounds a namespace URI, in bytes (an entityID of SAML metadata
	// 2.2.1 may have 1,024).
	MaxURI = 1024
)

// mostBytes is the largest document that can be read whatever the limits:
// offsets have 31 bits, and the canonical form of a character can have six
// times its bytes ("&quot;").
const mostBytes = 1 << 28

// Limits bounds what a document may cost. A field that is zero or less stands
// for the default above.
type Limits struct {
	Bytes      int // of the document; at most 256 MiB
	Depth      int // of nested elements; the root is at depth 1
	Elements   int // in the document
	Attributes int // of one element, namespace declarations not counted
	Namespaces int // declarations in scope
	Name       int // bytes of a qualified name
	URI        int // bytes of a namespace URI
}

// filled returns the limits with the defaults in place of zeros.
func (l Limits) filled() Limits {
	pick := func(value, standard int) int {
		if value <= 0 {
			return standard
		}
		return value
	}
	return Limits{
		Bytes:      min(pick(l.Bytes, MaxBytes), mostBytes),
		Depth:      pick(l.Depth, MaxDepth),
		Elements:   pick(l.Elements, MaxElements),
		Attributes: pick(l.Attributes, MaxAttributes),
		Namespaces: pick(l.Namespaces, MaxNamespaces),
		Name:       pick(l.Name, MaxName),
		URI:        pick(l.URI, MaxURI),
	}
}
