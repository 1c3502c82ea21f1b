package metadata_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/kecis/sdk/conformance/foreign"
	"github.com/kecis/sdk/kecis/metadata"
)

// What is written is valid by the schema of this package together with those of
// SAML, as xmllint reads them; what the schema can refuse, it refuses.
func TestSchema(t *testing.T) {
	t.Parallel()
	foreign.Need(t, foreign.XMLLint, foreign.Schemas)
	const schema = "../../spec/schema/kecis-metadata-1.0.xsd"
	l := foreign.NewLint(t)
	gate := newGate(t)
	doc := gate.document(t)
	for name, written := range map[string][]byte{
		"everything": doc,
		"least":      newParty(t, shop, metadata.Requester).document(t),
		"aggregate":  aggregate(t, federal, 1, newSigner(t), listing(gate)),
	} {
		if err := l.Validate(schema, written); err != nil {
			t.Errorf("%s: %v\n%s", name, err, written)
		}
	}
	for old, bent := range map[string]string{
		`Serial="1"`:                 `Serial="01"`,
		`Service="payment"`:          `Service="lottery"`,
		` kecis:role="pg"`:           ``,
		`<kecis:Payments `:           `<kecis:Payments Loyalty="true" `,
		`Methods="card account"`:     `Methods="card cheque"`,
		`MutualTLS="true"`:           `MutualTLS="1"`,
		`Prefix="433012"`:            `Prefix=""`,
		`</kecis:Security>`:          `</kecis:Security><kecis:Loyalty></kecis:Loyalty>`,
		`xsi:type="kecis:PGDescript`: `xsi:type="kecis:SGDescript`,
	} {
		if !bytes.Contains(doc, []byte(old)) {
			t.Fatalf("%s is not in %s", old, doc)
		}
		var refusal *foreign.Refusal
		if err := l.Validate(schema, bytes.Replace(doc, []byte(old), []byte(bent), 1)); !errors.As(err, &refusal) {
			t.Errorf("%s: %v, want a refusal", bent, err)
		}
	}
}
