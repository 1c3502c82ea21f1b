package cases

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"math/big"
	"strings"
	"time"

	"github.com/kecis/sdk/conformance"
)

const (
	nsDescriptors = "urn:kecis:1.0:metadata"
	nsKeyValue    = "http://www.w3.org/2009/xmldsig11#"
)

// keyText returns a key of the ring as metadata carries it.
func keyText(keys *conformance.Keyring, name string) (string, error) {
	key, err := keys.Key(name)
	if err != nil {
		return "", err
	}
	der, err := x509.MarshalPKIXPublicKey(key.Public)
	return base64.StdEncoding.EncodeToString(der), err
}

// keyDescriptor writes md:KeyDescriptor of a key that keyed puts in.
func keyDescriptor(use, terms, key string) string {
	return `<md:KeyDescriptor use="` + use + `"><ds:KeyInfo xmlns:ds="` + nsSignature + `"><kecis:KeyTerms ` + terms + `></kecis:KeyTerms>` +
		`<ds11:DEREncodedKeyValue xmlns:ds11="` + nsKeyValue + `">@` + key + `@</ds11:DEREncodedKeyValue></ds:KeyInfo></md:KeyDescriptor>`
}

// keyed puts keys in the place of their names between at signs.
func keyed(keys *conformance.Keyring, doc string) (string, error) {
	for _, name := range []string{"pg-metadata", "pg-p256", "pg-encryption", "issuer-p256", "shop-metadata", "shop-p256", "rsa-1024"} {
		text, err := keyText(keys, name)
		if err != nil {
			return "", err
		}
		doc = strings.ReplaceAll(doc, "@"+name+"@", text)
	}
	certificate, err := strangeCertificate(keys)
	return strings.ReplaceAll(doc, "@certificate@", certificate), err
}

// strangeCertificate makes a certificate of the PG's message key that is over,
// in another name and by an issuer that nobody knows. Ed25519 signs it, without
// randomness.
func strangeCertificate(keys *conformance.Keyring) (string, error) {
	subject, err := keys.Key("pg-p256")
	if err != nil {
		return "", err
	}
	by, err := keys.Key("shop-ed25519")
	if err != nil {
		return "", err
	}
	over := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "stranger.example"},
		NotBefore:    time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:     time.Date(2002, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	der, err := x509.CreateCertificate(nil, over, over, subject.Public, by.Private)
	return base64.StdEncoding.EncodeToString(der), err
}

const (
	gateKeys = `<kecis:Entity xmlns:kecis="` + nsDescriptors + `" Serial="7">`

	gateRole = `<md:RoleDescriptor xmlns:kecis="` + nsDescriptors + `" xmlns:xsi="` + nsXSI + `" kecis:role="pg" protocolSupportEnumeration="` + nsKECIS + `" xsi:type="kecis:PGDescriptorType">`

	gatePayments = `<kecis:Payments Captures="several" HoldTime="604800" Lookup="true" Methods="card account" PartialCancellation="true" Parts="false" ReversalCutOff="86400">` +
		`<kecis:Currency Code="KRW" Max="50000000" Min="100"></kecis:Currency>` +
		`<kecis:Instalments From="50000" InterestFree="true" Months="2 3 6 12"></kecis:Instalments></kecis:Payments>`

	gatePolicy = `<kecis:AuthenticationPolicy><kecis:Rule Currency="KRW" Exemptions="profile" From="300000" Methods="amount certificate"></kecis:Rule>` +
		`<kecis:AmountFloor Currency="KRW" Least="3500"></kecis:AmountFloor></kecis:AuthenticationPolicy>`

	gateSecurity = `<kecis:Security Level="3" MutualTLS="true"><kecis:Algorithm>` + ecdsaSHA256 + `</kecis:Algorithm></kecis:Security>`

	gateOrganization = `<md:Organization><md:OrganizationName xml:lang="ko">예제페이먼츠</md:OrganizationName>` +
		`<md:OrganizationDisplayName xml:lang="en">Example Pay</md:OrganizationDisplayName>` +
		`<md:OrganizationURL xml:lang="en">https://pg.example/</md:OrganizationURL></md:Organization>`

	keyEnd = `NotOnOrAfter="2026-12-24T09:00:00Z"`
)

func gateEndpoint(service, binding, location string) string {
	return `<kecis:Endpoint Binding="` + binding + `" Location="` + location + `" Service="` + service + `"></kecis:Endpoint>`
}

// gateContent is what stands behind the signature in the metadata of the PG.
func gateContent() string {
	return `<md:Extensions>` + gateKeys +
		keyDescriptor("signing", `Scope="metadata"`, "pg-metadata") +
		keyDescriptor("signing", `NotBefore="2026-01-01T00:00:00Z" NotOnOrAfter="2027-01-01T00:00:00Z" Scope="message"`, "pg-p256") +
		`</kecis:Entity></md:Extensions>` + gateRole +
		keyDescriptor("encryption", keyEnd, "pg-encryption") +
		gateEndpoint("payment", "xml", gate) + gateEndpoint("capture", "soap", gate) + gateEndpoint("order", "form", "https://pg.example/order") +
		gatePayments + gatePolicy + gateSecurity +
		`<kecis:RoutesTo Issuer="` + issuer + `">` + keyDescriptor("encryption", `NotOnOrAfter="2026-12-01T00:00:00Z"`, "issuer-p256") +
		`<kecis:Route Brand="BC" Kind="card" Prefix="433012"></kecis:Route><kecis:Route Kind="account" Prefix="088"></kecis:Route></kecis:RoutesTo>` +
		`</md:RoleDescriptor>` + gateOrganization
}

const gateStart = `<md:EntityDescriptor xmlns:md="` + nsMetadata + `" ID="` + metadataID + `" entityID="` + gate + `" validUntil="2027-02-24T00:00:00Z">`

func readMetadata(key string) conformance.Reading {
	return conformance.Reading{Operation: conformance.Decode, Profile: conformance.MetadataProfile, Keys: []string{key}, Now: Now()}
}

// gateMetadata is the metadata of a PG, with all that one can say of itself.
func gateMetadata() conformance.Happy {
	return conformance.Happy{
		ID:   "metadata-pg",
		Note: "Metadata of a PG, with keys, endpoints, limits, policy and routing table.",
		Make: func(keys *conformance.Keyring) (*conformance.Message, error) {
			doc, err := keyed(keys, gateStart+template(metadataID, ecdsaSHA256, digestSHA256)+gateContent()+`</md:EntityDescriptor>`)
			if err != nil {
				return nil, err
			}
			return signedBy(keys, "pg-metadata", doc, readMetadata("pg-metadata"))
		},
	}
}

const (
	registryID = "_5d0c9be1f2a34786b0c1d2e3f405162738495a6b"

	gateStates = `<kecis:Status From="2026-01-01T00:00:00Z" Value="active"></kecis:Status>` +
		`<kecis:Status From="2026-12-01T00:00:00Z" Value="suspended"></kecis:Status>`

	lostKey = "sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

	gateGrant = `<kecis:Grant xmlns:kecis="` + nsDescriptors + `" ReadsInstruments="false" Roles="pg">` + gateStates +
		`<kecis:CompromisedKey>` + lostKey + `</kecis:CompromisedKey></kecis:Grant>`
)

// registryMetadata is an aggregate of a registry that lists one PG.
func registryMetadata() conformance.Happy {
	return conformance.Happy{
		ID:   "metadata-registry",
		Note: "An aggregate of a registry, which lists a PG and announces its suspension.",
		Make: func(keys *conformance.Keyring) (*conformance.Message, error) {
			listed := strings.Replace(gateStart, ` ID="`+metadataID+`"`, ``, 1) +
				strings.Replace(gateContent(), `</kecis:Entity>`, `</kecis:Entity>`+gateGrant, 1) + `</md:EntityDescriptor>`
			doc, err := keyed(keys, `<md:EntitiesDescriptor xmlns:md="`+nsMetadata+`" ID="`+registryID+`" Name="`+registry+`" validUntil="2026-12-20T00:00:00Z">`+
				template(registryID, ecdsaSHA256, digestSHA256)+
				`<md:Extensions><kecis:Registry xmlns:kecis="`+nsDescriptors+`" Serial="12"></kecis:Registry></md:Extensions>`+listed+`</md:EntitiesDescriptor>`)
			if err != nil {
				return nil, err
			}
			return signedBy(keys, "registry-metadata", doc, readMetadata("registry-metadata"))
		},
	}
}

// describedCases are those of metadata that is read (chapter 60).
func describedCases() []conformance.Case {
	return join(closedMetadata(), missingMetadata(), orderedMetadata(), metadataValues(), metadataRoles(),
		metadataKeys(), metadataEndpoints(), metadataRoutes(), metadataPolicy(), metadataGrants(), metadataTimes())
}

// bent is a case of metadata with one replacement, signed again.
func bent(id, code, note, old, text string, sources ...string) conformance.Case {
	return refuse("metadata-"+id, code, note, gateMetadata(), signed(replace(old, text)), sources...)
}

func closedMetadata() []conformance.Case {
	const code = "meta-unsupported"
	return []conformance.Case{
		bent("element-foreign", code, "An element of another namespace.", gateSecurity, gateSecurity+`<x:More xmlns:x="urn:x"></x:More>`),
		bent("element-unknown", code, "An element of our namespace that this version does not know.", gateSecurity, gateSecurity+`<kecis:Loyalty></kecis:Loyalty>`),
		bent("attribute-unknown", code, "An attribute that the schema does not name.", ` MutualTLS="true"`, ` MutualTLS="true" Quantum="true"`),
		bent("attribute-cache-duration", code, "cacheDuration is not used.", ` entityID=`, ` cacheDuration="PT1H" entityID=`),
		bent("service-unknown", code, "A service that this version does not know.", `Service="payment"`, `Service="lottery"`),
		bent("binding-unknown", code, "A binding that this version does not know.", `Binding="soap"`, `Binding="redirect"`),
		bent("method-unknown", code, "A method that this version does not know.", `Methods="card account"`, `Methods="card cheque"`),
		bent("method-order", code, "A closed set out of its order.", `Methods="card account"`, `Methods="account card"`),
		bent("role-unknown", code, "A role that this version does not know.", `kecis:role="pg"`, `kecis:role="bank"`),
		bent("language-unknown", code, "A text in another language.", `xml:lang="ko"`, `xml:lang="ja"`),
		bent("role-saml", code, "A role of SAML beside ours.", gateOrganization,
			`<md:IDPSSODescriptor protocolSupportEnumeration="`+nsSAMLP+`"></md:IDPSSODescriptor>`+gateOrganization),
		bent("kind-unknown", code, "A route of a kind that this version does not know.", `Kind="account"`, `Kind="cheque"`),
	}
}

func missingMetadata() []conformance.Case {
	const code = "meta-missing"
	return append([]conformance.Case{
		bent("no-validity", code, "Metadata without an end.", ` validUntil="2027-02-24T00:00:00Z"`, ``),
		bent("no-serial", code, "Metadata without a serial.", ` Serial="7"`, ``),
		bent("no-security", code, "A role without Security.", gateSecurity, ``),
		bent("no-algorithm", code, "Security without an algorithm.", `<kecis:Algorithm>`+ecdsaSHA256+`</kecis:Algorithm>`, ``),
		bent("no-role-attribute", "sig-type-prefix", "Without kecis:role nothing protects the prefix of xsi:type.", ` kecis:role="pg"`, ``, "P21"),
		bent("no-display-name", code, "An organization without a name to show.",
			`<md:OrganizationDisplayName xml:lang="en">Example Pay</md:OrganizationDisplayName>`, ``),
		bent("policy-empty", code, "A policy that says nothing.", gatePolicy, `<kecis:AuthenticationPolicy></kecis:AuthenticationPolicy>`),
	}, alsoAll([]conformance.Case{
		bent("payment-undescribed", code, "An endpoint for payment, and nothing said of payments.", gatePayments, ``),
		bent("capture-undescribed", code, "An endpoint for capture, and nothing said of captures.", ` Captures="several"`, ``),
		bent("capture-without-endpoint", code, "Captures without an endpoint.", gateEndpoint("capture", "soap", gate), ``),
		bent("capture-without-hold", code, "Captures of holds of no stated time.", ` HoldTime="604800"`, ``),
	}, "KECIS-META-013")...)
}

func orderedMetadata() []conformance.Case {
	const code = "meta-structure"
	return []conformance.Case{
		bent("order", code, "Two elements changed over.", gatePolicy+gateSecurity, gateSecurity+gatePolicy),
		bent("twice", code, "An element twice.", gateSecurity, gateSecurity+gateSecurity),
		bent("stray-text", code, "Text between elements.", gateSecurity, `stray`+gateSecurity),
		bent("text-in-empty", code, "Text in an element that has none.", `Prefix="088">`, `Prefix="088">x`),
		bent("language-twice", code, "Two names in one language.", `<md:OrganizationName xml:lang="ko">예제페이먼츠</md:OrganizationName>`,
			strings.Repeat(`<md:OrganizationName xml:lang="ko">예제페이먼츠</md:OrganizationName>`, 2)),
	}
}

func metadataValues() []conformance.Case {
	const code = "meta-value"
	number := func(old string) func(string) conformance.Edit {
		return func(n string) conformance.Edit { return signed(replace(old+`"`, n+`"`)) }
	}
	level, months := number(`Level="3`), number(`Months="2 3 6 12`)
	edge := func(id, note string, good, bad conformance.Edit) conformance.Case {
		c := refuse("metadata-"+id, code, note, gateMetadata(), bad)
		c.Twin = good
		return c
	}
	return []conformance.Case{
		bent("time-offset", code, "A time with an offset.", `validUntil="2027-02-24T00:00:00Z"`, `validUntil="2027-02-24T09:00:00+09:00"`),
		bent("time-first", code, "An end in the first second of all, which some programs read as no end.", `NotOnOrAfter="2027-01-01T00:00:00Z"`, `NotOnOrAfter="0001-01-01T00:00:00Z"`),
		bent("serial-zero", code, "A serial of zero.", `Serial="7"`, `Serial="0"`),
		bent("serial-leading-zero", code, "A serial with a leading zero.", `Serial="7"`, `Serial="07"`),
		edge("serial-length", "A serial of 15 digits and one above.", signed(replace(`Serial="7"`, `Serial="999999999999999"`)), signed(replace(`Serial="7"`, `Serial="1000000000000000"`))),
		bent("limits-crossed", code, "A least amount above the largest.", `Min="100"`, `Min="50000001"`),
		bent("currency-twice", code, "A currency twice.", `<kecis:Instalments From`, `<kecis:Currency Code="KRW" Max="10" Min="1"></kecis:Currency><kecis:Instalments From`),
		bent("currency-small", code, "A currency in small letters.", `Code="KRW"`, `Code="krw"`),
		edge("months-length", "60 months and 61.", months(`Months="2 3 6 60`), months(`Months="2 3 6 61`)),
		bent("months-falling", code, "Months that do not rise.", `Months="2 3 6 12"`, `Months="2 6 3 12"`),
		bent("months-one", code, "One month is no instalment.", `Months="2 3 6 12"`, `Months="1 2 3"`),
		bent("location-relative", code, "A location that is no absolute URI.", gateEndpoint("capture", "soap", gate), gateEndpoint("capture", "soap", "/kecis")),
		bent("name-control", code, "A name with a mark that turns the direction of writing.", `Example Pay<`, "Example \u202eyaP<"),
		bent("boolean-one", code, "A boolean as a number.", `Lookup="true"`, `Lookup="1"`),
		also(edge("level", "A security level of 4 and one of 5.", level(`Level="4`), level(`Level="5`)), "KECIS-META-016"),
		also(bent("level-zero", code, "A security level of 0.", `Level="3"`, `Level="0"`), "KECIS-META-016"),
		also(bent("version-twice", code, "A version of the protocol twice.", `protocolSupportEnumeration="`+nsKECIS+`"`, `protocolSupportEnumeration="`+nsKECIS+` `+nsKECIS+`"`), "KECIS-META-017"),
	}
}

func metadataRoles() []conformance.Case {
	const code = "meta-role"
	rebound := `xmlns:kecis="urn:evil:metadata"`
	return []conformance.Case{
		bent("type-of-another-role", code, "The type of an issuer on the role of a PG.", `xsi:type="kecis:PGDescriptorType"`, `xsi:type="kecis:IssuerDescriptorType"`, "P21"),
		bent("type-of-another-namespace", code, "A type of another namespace, whose prefix an attribute uses.",
			`xsi:type="kecis:PGDescriptorType"`, `xmlns:evil="urn:evil" xsi:type="evil:PGDescriptorType" evil:x="y"`, "P21"),
		refuse("metadata-type-rebound-after-signing", "sig-type-prefix", "The type's prefix is one of its own, which nothing protects, bound anew after signing.", gateMetadata(),
			all(signed(replace(`xsi:type="kecis:PGDescriptorType"`, `xmlns:other="`+nsDescriptors+`" xsi:type="other:PGDescriptorType"`)),
				replace(`xmlns:other="`+nsDescriptors+`"`, strings.Replace(rebound, "kecis=", "other=", 1))), "P21"),
		bent("role-twice", code, "A role twice.", gateOrganization,
			gateRole+`<kecis:Security MutualTLS="false"><kecis:Algorithm>urn:x</kecis:Algorithm></kecis:Security></md:RoleDescriptor>`+gateOrganization),
		bent("role-twice-apart", "meta-unsupported", "A role that another spelling hides.", `kecis:role="pg"`, `kecis:role="PG"`),
	}
}
