package suite

import (
	"slices"
	"strings"
	"sync"

	"github.com/kecis/sdk/conformance"
	"github.com/kecis/sdk/spec"
)

// Elsewhere are the cases of documents that no endpoint can show, with the reason.
func Elsewhere() map[string]string {
	const (
		recipient = "about what one recipient takes, where an endpoint takes more"
		unknown   = "its sender is not the one that the endpoint knows, and so is refused before"
		sealed    = "its ciphertext is for a key that nobody here holds; instruments are shown in flows"
	)
	return map[string]string{
		"soap-missing":                  recipient,
		"root-other-service":            recipient,
		"sender-length":                 unknown,
		"header-sender-relative":        unknown,
		"id-length":                     "an ID of that length is refused as no ID (KECIS-PRO-006)",
		"xml-duplicate-id-by-reference": "the ID is written in a form that is not that of the run",
		"instrument-encrypted":          sealed,
		"instrument-encrypted-cbc":      sealed,
		"instrument-both":               sealed,
	}
}

// foreseen is the catalogue's entry as an endpoint shows it: a message whose own
// ID is none cannot be answered by a signed refusal (KECIS-PRO-006).
func foreseen(c conformance.Case, entry spec.Entry) spec.Entry {
	if strings.HasPrefix(c.ID, "header-id-") {
		entry.Wire = wireMalformed
	}
	return entry
}

// catalogued gives the catalogue's entry of each code.
var catalogued = sync.OnceValue(func() map[string]spec.Entry {
	byCode := map[string]spec.Entry{}
	for _, e := range spec.Errors() {
		byCode[e.Code] = e
	}
	return byCode
})

// behind reports whether the layer of a code looks at a message after the one that a case is
// about: a valid message that is only unusual may be refused there, and has
// shown that the layer let it through.
func behind(code string, c conformance.Case) bool {
	entry, known := catalogued()[code]
	of := string(c.Expect.Layer)
	if of == "" {
		of = string(conformance.Body)
		if c.Happy.Make != nil && strings.HasPrefix(c.Happy.ID, "payment-request") {
			of = string(conformance.Signature)
		}
	}
	layers := spec.Layers()
	return known && slices.Index(layers, entry.Layer) > slices.Index(layers, of)
}
