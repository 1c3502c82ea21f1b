package cases

import (
	"strings"

	"github.com/kecis/sdk/conformance"
)

func metadataEndpoints() []conformance.Case {
	const code = "meta-endpoint"
	capture := gateEndpoint("capture", "soap", gate)
	at := func(id, note, location string) conformance.Case {
		return bent("endpoint-"+id, code, note, capture, gateEndpoint("capture", "soap", location))
	}
	return []conformance.Case{
		at("plain-http", "A location over plain HTTP.", "http://pg.example/kecis"),
		at("user", "A location with a user.", "https://user@pg.example/kecis"),
		at("fragment", "A location with a fragment.", "https://pg.example/kecis#x"),
		at("no-host", "A location without a host.", "https:///kecis"),
		at("like-loopback", "A host that looks like this machine.", "http://127.0.0.1.pg.example/kecis"),
		accept("metadata-endpoint-loopback", "KECIS-META-011", "Plain HTTP to this machine.", gateMetadata(),
			signed(replace(capture, gateEndpoint("capture", "soap", "http://127.0.0.1:8080/kecis")))),
		bent("endpoint-twice", code, "A service twice in a binding.", capture, capture+gateEndpoint("capture", "soap", "https://pg.example/other")),
		bent("endpoint-front-of-back", code, "A payment through the browser.", capture, capture+gateEndpoint("inquiry", "form", "https://pg.example/form")),
		bent("endpoint-order-back", code, "An order not through the browser.", capture, capture+gateEndpoint("order", "xml", gate)),
		bent("endpoint-shared", code, "Front channel and back channel at one address.", `Location="https://pg.example/order"`, `Location="`+gate+`"`),
		refuse("metadata-endpoint-of-another-role", code, "A requester with an endpoint for payment.", gateMetadata(),
			signed(replace(`kecis:role="pg"`, `kecis:role="requester"`), replace(`kecis:PGDescriptorType`, `kecis:RequesterDescriptorType`))),
	}
}

func metadataRoutes() []conformance.Case {
	const code = "meta-route"
	card := `<kecis:Route Brand="BC" Kind="card" Prefix="433012"></kecis:Route>`
	prefix := func(id, note, good, bad string) conformance.Case {
		c := bent("route-"+id, code, note, `Prefix="433012"`, `Prefix="`+bad+`"`)
		c.Twin = signed(replace(`Prefix="433012"`, `Prefix="`+good+`"`))
		return c
	}
	return []conformance.Case{
		prefix("short", "A prefix of 6 digits and one of 5.", "433012", "43301"),
		prefix("long", "A prefix of 8 digits and one of 9.", "43301234", "433012345"),
		bent("route-twice", code, "A prefix twice.", card, card+card),
		bent("route-no-brand", code, "A card without a brand.", ` Brand="BC"`, ``),
		bent("route-brand-number", code, "A brand of five digits.", ` Brand="BC"`, ` Brand="43301"`),
		bent("route-brand-of-account", code, "An account with a brand.", `Kind="account"`, `Brand="BC" Kind="account"`),
		bent("route-code", code, "A bank code in small letters.", `Prefix="088"`, `Prefix="kb"`),
		refuse("metadata-route-of-issuer", code, "A routing table of an issuer.", gateMetadata(),
			signed(replace(`kecis:role="pg"`, `kecis:role="issuer"`), replace(`kecis:PGDescriptorType`, `kecis:IssuerDescriptorType`),
				replace(gateEndpoint("order", "form", "https://pg.example/order"), ``))),
	}
}

func metadataPolicy() []conformance.Case {
	const code = "meta-policy"
	floor := func(n string) conformance.Edit { return signed(replace(`Least="3500"`, `Least="`+n+`"`)) }
	low := refuse("metadata-floor", code, "A floor of 2,001 and one of 2,000, at which three tries guess too often.", gateMetadata(), floor("2000"))
	low.Twin = floor("2001")
	amountFloor := `<kecis:AmountFloor Currency="KRW" Least="3500"></kecis:AmountFloor>`
	return []conformance.Case{
		low,
		bent("floor-twice", code, "Two floors in one currency.", amountFloor, amountFloor+amountFloor),
		bent("floor-missing", code, "Amount authentication without a floor in its currency.", `<kecis:AmountFloor Currency="KRW"`, `<kecis:AmountFloor Currency="USD"`),
		bent("rule-below-floor", code, "Amount authentication alone, below its floor.",
			`From="300000" Methods="amount certificate"`, `From="3000" Methods="amount"`),
	}
}

func metadataGrants() []conformance.Case {
	h := registryMetadata()
	const code = "meta-grant"
	states := func(id, note, text string) conformance.Case {
		return refuse("metadata-"+id, code, note, h, signed(replace(gateStates, text)))
	}
	active := `<kecis:Status From="2026-01-01T00:00:00Z" Value="active"></kecis:Status>`
	suspended := `<kecis:Status From="2026-12-01T00:00:00Z" Value="suspended"></kecis:Status>`
	return []conformance.Case{
		states("states-out-of-order", "A suspension listed before what it ends.", suspended+active),
		states("states-at-once", "Two states from the same time.", active+strings.Replace(active, "active", "suspended", 1)),
		refuse("metadata-entity-twice", code, "An entity listed twice, the second time active for ever.", h, func(m *conformance.Message) error {
			doc := string(m.Document)
			listed := doc[strings.Index(doc, `<md:EntityDescriptor`):strings.Index(doc, `</md:EntitiesDescriptor>`)]
			return signed(replace(listed, listed+strings.Replace(listed, suspended, ``, 1)))(m)
		}),
		refuse("metadata-no-status", "meta-missing", "A grant without a status.", h, signed(replace(gateStates, ``))),
		refuse("metadata-no-grant", "meta-missing", "An entity listed without a grant.", h, signed(replace(gateGrant, ``))),
		refuse("metadata-status-unknown", "meta-unsupported", "A status that stands in no document.", h, signed(replace(`Value="suspended"`, `Value="expired"`))),
		refuse("metadata-grant-unknown-role", "meta-unsupported", "A grant of a role that is not known.", h, signed(replace(`Roles="pg"`, `Roles="pg bank"`))),
		refuse("metadata-key-name", "meta-value", "A compromised key by another name.", h, signed(replace(lostKey, strings.ToUpper(lostKey)))),
		refuse("metadata-self-granted", "meta-unsupported", "A party that grants itself a role.", gateMetadata(),
			signed(replace(`</kecis:Entity>`, `</kecis:Entity>`+gateGrant))),
		also(refuse("metadata-registry-by-partner", "sig-invalid", "An aggregate in the registry's name by the key of a partner.", h, bySigner("pg-metadata")), "KECIS-META-022"),
		refuse("metadata-registry-no-name", "meta-missing", "An aggregate without the name of its registry.", h, signed(replace(` Name="`+registry+`"`, ``))),
		refuse("metadata-listed-id", "meta-unsupported", "A listed entity with an ID, as if it were signed.", h, signed(replace(` entityID=`, ` ID="_x" entityID=`))),
	}
}

func metadataTimes() []conformance.Case {
	clock := func(id, code, note string, h conformance.Happy, old, good, bad string) conformance.Case {
		c := refuse("metadata-"+id, code, note, h, signed(replace(old, bad)))
		c.Twin = signed(replace(old, good))
		return c
	}
	const own, listed = `validUntil="2027-02-24T00:00:00Z"`, `validUntil="2026-12-20T00:00:00Z"`
	return []conformance.Case{
		clock("over", "meta-expired", "Metadata that ends in a second, and that ends now.", gateMetadata(), own,
			`validUntil="2026-11-24T09:01:01Z"`, `validUntil="2026-11-24T09:01:00Z"`),
		clock("valid-too-long", "meta-validity", "Metadata for 400 days and for a second more.", gateMetadata(), own,
			`validUntil="2027-12-29T09:01:00Z"`, `validUntil="2027-12-29T09:01:01Z"`),
		clock("registry-valid-too-long", "meta-validity", "An aggregate for 31 days and for a second more.", registryMetadata(), listed,
			`validUntil="2026-12-25T09:01:00Z"`, `validUntil="2026-12-25T09:01:01Z"`),
		clock("registry-over", "meta-expired", "An aggregate that ends in a second, and that ends now.", registryMetadata(), listed,
			`validUntil="2026-11-24T09:01:01Z"`, `validUntil="2026-11-24T09:01:00Z"`),
		also(clock("key-life", "meta-key-life", "An encryption key for 30 days and for a second more.", gateMetadata(), keyEnd,
			`NotOnOrAfter="2026-12-24T09:01:00Z"`, `NotOnOrAfter="2026-12-24T09:01:01Z"`), "KECIS-ENC-015"),
		clock("route-key-life", "meta-key-life", "A key of the routing table for longer than 30 days.", gateMetadata(), `NotOnOrAfter="2026-12-01T00:00:00Z"`,
			`NotOnOrAfter="2026-12-24T09:01:00Z"`, `NotOnOrAfter="2026-12-24T09:01:01Z"`),
	}
}
