package cases

import (
	"io/fs"

	"github.com/kecis/sdk/conformance"
	"github.com/kecis/sdk/spec/vectors"
)

// foreignCases are messages that other programs signed with the test keys. They
// cannot be made again from here: the committed vectors are their only source.
func foreignCases() []conformance.Case {
	const (
		xmlsec1 = "Foreign, made by xmlsec1 1.2.37: "
		jdk     = "Foreign, made by the JDK 17.0.15: "
		changed = "; the line ends of the attribute were put back by hand, which changes nothing that is signed"
	)
	signed := func(id, clause, note, key string, sources ...string) conformance.Case {
		id = "foreign-" + id
		return accept(id, clause, note, conformance.Happy{ID: id, Make: func(keys *conformance.Keyring) (*conformance.Message, error) {
			m, err := payment(key, "", "")(keys)
			if err != nil {
				return nil, err
			}
			m.Document, err = fs.ReadFile(vectors.FS, "foreign/"+id+".xml")
			return m, err
		}}, nil, sources...)
	}
	const algorithm = "KECIS-SIG-005"
	return []conformance.Case{
		signed("xmlsec1-rsa", algorithm, xmlsec1+"rsa-sha256.", "shop-rsa", "RFC 9231"),
		signed("xmlsec1-ecdsa", algorithm, xmlsec1+"ecdsa-sha256 on P-256, which goxmldsig does not verify.", "shop-p256", "D1"),
		signed("xmlsec1-ecdsa384", algorithm, xmlsec1+"ecdsa-sha384 on P-384.", "shop-p384", "D1"),
		signed("xmlsec1-indented", "KECIS-SIG-026", xmlsec1+"an indented signature with broken lines of base64.", "shop-p256", "D3", "K14"),
		signed("xmlsec1-attribute", "KECIS-XML-021", xmlsec1+"an attribute with line ends and tabs, as themselves and by reference"+changed+".", "shop-p256", "D8", "D19", "C13"),
		signed("xmlsec1-wide", "KECIS-XML-017", xmlsec1+"1,100 elements beside the payment.", "shop-rsa", "D4", "C14"),
		signed("jdk-ecdsa", algorithm, jdk+"ecdsa-sha256 on P-256, with a carriage return by reference in the value.", "shop-p256", "D1", "D3", "C14"),
		signed("jdk-ecdsa384", algorithm, jdk+"ecdsa-sha384 on P-384.", "shop-p384", "D1"),
		signed("jdk-pss", algorithm, jdk+"sha256-rsa-MGF1.", "shop-rsa", "K11"),
		signed("jdk-ed25519", algorithm, jdk+"eddsa-ed25519.", "shop-ed25519", "K13"),
	}
}
