package cases

import (
	"strings"

	"github.com/kecis/sdk/conformance"
)

// onKeys makes an edit of texts in which keys stand by their names between at
// signs, and signs again.
func onKeys(old, text string) conformance.Edit {
	return func(m *conformance.Message) error {
		found, err := keyed(m.Keys, old)
		if err != nil {
			return err
		}
		put, err := keyed(m.Keys, text)
		if err != nil {
			return err
		}
		return signed(replace(found, put))(m)
	}
}

func metadataKeys() []conformance.Case {
	h := gateMetadata()
	const key, scope = "meta-key", "meta-key-scope"
	own := keyDescriptor("signing", `Scope="metadata"`, "pg-metadata")
	sealing := keyDescriptor("encryption", keyEnd, "pg-encryption")
	certificate := `<ds:X509Data><ds:X509Certificate>@certificate@</ds:X509Certificate></ds:X509Data>`
	bare := `<ds11:DEREncodedKeyValue xmlns:ds11="` + nsKeyValue + `">@pg-p256@</ds11:DEREncodedKeyValue>`
	keys := func(id, code, note, old, text string) conformance.Case {
		return refuse("metadata-"+id, code, note, h, onKeys(old, text))
	}
	return []conformance.Case{
		keys("key-weak", key, "An RSA key of 1,024 bits.", "@pg-encryption@", "@rsa-1024@"),
		keys("key-no-base64", key, "A key that is no base64.", "@pg-encryption@", "****"),
		keys("key-no-key", key, "Base64 of no key.", "@pg-encryption@", "MDAwMA=="),
		keys("key-two-forms", "meta-structure", "A key in two forms.", bare, bare+bare),
		keys("key-both-forms", "meta-unsupported", "A key, and a certificate beside it.", bare, bare+certificate),
		keys("key-times-crossed", key, "A key that ends before it begins.", `NotBefore="2026-01-01T00:00:00Z"`, `NotBefore="2027-01-01T00:00:00Z"`),
		keys("key-twice", scope, "A signing key twice.", own, own+strings.Replace(own, `"metadata"`, `"certificate"`, 1)),
		also(keys("key-signs-and-encrypts", scope, "A signing key announced for encryption.", "@pg-encryption@", "@pg-p256@"), "KECIS-ENC-015", "KECIS-SIG-029"),
		keys("key-no-metadata-scope", scope, "No key of the scope metadata.", own, ``),
		keys("key-no-use", "meta-missing", "A key without a use.", sealing, strings.Replace(sealing, ` use="encryption"`, ``, 1)),
		keys("key-wrong-use", scope, "A signing key among the encryption keys.", sealing, strings.Replace(sealing, `use="encryption"`, `use="signing"`, 1)),
		keys("key-no-end", "meta-missing", "An encryption key without an end.", sealing, strings.Replace(sealing, keyEnd, ``, 1)),
		refuse("metadata-by-message-key", scope, "Metadata signed with the party's message key, which it lists as such.", h,
			all(bySigner("pg-p256"), on(func(r *conformance.Reading) { r.Keys = []string{"pg-p256"} }))),
		accept("metadata-certificate-over", "KECIS-SIG-030", "A certificate that is over, of another name: its key counts, nothing else of it.", h, onKeys(bare, certificate)),
		also(accept("metadata-key-as-written", "KECIS-META-008", "The usual form, with white space in the base64.", h, func(m *conformance.Message) error {
			text, err := keyText(m.Keys, "pg-p256")
			if err != nil {
				return err
			}
			return signed(replace(text, "\n"+text[:40]+"\n  "+text[40:]+"\n"))(m)
		}), "KECIS-SIG-026"),
	}
}
