package cases

import (
	"encoding/base64"
	"strings"

	"github.com/kecis/sdk/conformance"
)

// headerCases bend what all messages have.
func headerCases() []conformance.Case {
	h, answer := paymentMessage(), paymentAnswer()
	attribute := func(id, code, note, old, text string, sources ...string) conformance.Case {
		return refuse("header-"+id, code, note, h, signed(replace(old, text)), append(sources, "KECIS P9")...)
	}
	identifier := func(id, note, value string) conformance.Case {
		return refuse("header-id-"+id, "msg-id", note, h, signed(everywhere(paymentID, value)), "W20")
	}
	instant := func(id, note, value string) conformance.Case {
		return refuse("header-time-"+id, "msg-time", note, h, signed(replace(`IssueInstant="2026-11-24T09:00:00Z"`, `IssueInstant="`+value+`"`)), "KECIS P9")
	}
	expecting := func(root string) conformance.Edit {
		return on(func(r *conformance.Reading) { r.Roots = []string{root} })
	}
	deadline := func(value string) conformance.Edit {
		return signed(replace(`NotOnOrAfter="2026-11-24T09:05:00Z"`, `NotOnOrAfter="`+value+`"`))
	}
	equal := refuse("header-window-none", "msg-window", "A deadline at the time of issue.", h, deadline("2026-11-24T09:00:00Z"), "KECIS P9")
	equal.Twin = deadline("2026-11-24T09:00:01Z")
	return []conformance.Case{
		refuse("header-kind-foreign", "msg-kind", "A root of another namespace, which the recipient let pass.", h,
			all(signed(replace(` xmlns:kecis="`+nsKECIS+`"`, ` xmlns:kecis="urn:x"`)), expecting("{urn:x}PaymentRequest")), "W23"),
		refuse("header-kind-unknown", "msg-kind", "A root that this version does not know.", h,
			all(everywhere(`kecis:PaymentRequest`, `kecis:PayRequest`), resign, expecting("{"+nsKECIS+"}PayRequest")), "W23"),
		refuse("header-namespace-version", "msg-version", "The namespace of a later version.", h,
			all(signed(replace(` xmlns:kecis="`+nsKECIS+`"`, ` xmlns:kecis="urn:kecis:2.0:protocol"`)), expecting("{urn:kecis:2.0:protocol}PaymentRequest")), "KECIS P1"),
		attribute("version-21", "msg-version", "Version 2.1.", ` Version="2.0"`, ` Version="2.1"`),
		attribute("version-11", "msg-version", "Version 1.1.", ` Version="2.0"`, ` Version="1.1"`),
		attribute("version-blank", "msg-version", "A blank behind the version.", ` Version="2.0"`, ` Version="2.0 "`, "K15"),
		attribute("no-version", "msg-missing", "No version.", ` Version="2.0"`, ``, "P11"),
		also(attribute("no-destination", "msg-missing", "No destination.", ` Destination="`+gate+`"`, ``, "P11"), "KECIS-MSG-008"),
		attribute("no-issue-instant", "msg-missing", "No time of issue.", ` IssueInstant="2026-11-24T09:00:00Z"`, ``, "P11"),
		attribute("no-deadline", "msg-missing", "No deadline.", ` NotOnOrAfter="2026-11-24T09:05:00Z"`, ``, "P11"),
		attribute("destination-relative", "msg-value", "A relative destination.", ` Destination="`+gate+`"`, ` Destination="/kecis"`),
		attribute("destination-blank", "msg-value", "A blank in the destination.", ` Destination="`+gate+`"`, ` Destination="https://pg.example/ke cis"`),
		refuse("header-sender-relative", "msg-value", "A sender that is no URI.", h, signed(replace(`>`+shop+`</saml:Issuer>`, `>shop</saml:Issuer>`)), "KECIS P20"),
		identifier("short", "39 digits.", paymentID[:40]),
		identifier("long", "41 digits.", paymentID+"0"),
		identifier("capitals", "Digits in capitals.", "_"+strings.ToUpper(paymentID[1:])),
		identifier("no-underscore", "A letter in the place of the underscore.", "a"+paymentID[1:]),
		identifier("uuid", "A UUID.", "_6ba7b810-9dad-11d1-80b4-00c04fd430c8"),
		instant("no-zone", "No zone.", "2026-11-24T09:00:00"),
		instant("offset", "The zone of Korea.", "2026-11-24T18:00:00+09:00"),
		instant("zero-offset", "An offset of zero.", "2026-11-24T09:00:00+00:00"),
		instant("fraction", "Milliseconds.", "2026-11-24T09:00:00.000Z"),
		instant("leap-second", "Second 60.", "2026-11-24T08:59:60Z"),
		instant("hour-24", "Hour 24.", "2026-11-23T24:00:00Z"),
		instant("february-29", "29 February of a common year.", "2026-02-29T09:00:00Z"),
		instant("blank", "A blank in front.", " 2026-11-24T09:00:00Z"),
		instant("small", "Small letters.", "2026-11-24t09:00:00z"),
		refuse("header-window-long", "msg-window", "A deadline five minutes and a second after.", h, deadline("2026-11-24T09:05:01Z"), "KECIS P9"),
		refuse("header-window-before", "msg-window", "A deadline before the time of issue.", h, deadline("2026-11-24T08:59:59Z"), "KECIS P9"),
		equal,
		refuse("header-no-in-response-to", "msg-missing", "An answer that names no request.", answer, signed(replace(` InResponseTo="`+paymentID+`"`, ``)), "KECIS P5"),
		refuse("header-in-response-to", "msg-id", "An answer to something that is no ID.", answer, signed(replace(` InResponseTo="`+paymentID+`"`, ` InResponseTo="x"`)), "KECIS P5"),
		refuse("header-no-recipient", "msg-missing", "An answer without recipient.", answer, signed(replace(` Recipient="`+shop+`"`, ``)), "KECIS P5"),
		refuse("header-request-digest", "msg-value", "A digest of 31 octets.", answer,
			signed(replace(base64.StdEncoding.EncodeToString(fixed("request", 32)), base64.StdEncoding.EncodeToString(fixed("request", 31)))), "KECIS P5"),
		refuse("header-request-digest-bits", "msg-value", "A digest with bits behind its last octet.", answer, signed(func(m *conformance.Message) error {
			text := base64.StdEncoding.EncodeToString(fixed("request", 32))
			const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
			last := string(alphabet[strings.IndexByte(alphabet, text[42])|1])
			return replace(text, text[:42]+last+"=")(m)
		}), "K14"),
		refuse("header-deadline-of-answer", "unsupported", "A deadline of an answer.", answer, signed(replace(` Version="2.0"`, ` NotOnOrAfter="2026-11-24T09:05:00Z" Version="2.0"`)), "KECIS P5"),
	}
}
