package cases

import (
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/kecis/sdk/conformance"
)

// shownOrder is the digest of what a page showed of the order (KECIS-CRT-045).
func shownOrder(requester, order string, part int, payee string, amount int) string {
	sum := sha256.Sum256([]byte("kecis shown 1\n" + requester + "\n" + order + "\n" + strconv.Itoa(part) + "\n" + payee + "\nKRW " + strconv.Itoa(amount) + "\n"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

const (
	certificateDigest = "A9Zt0Ig1wco/EozOrNHzGslBYwlrIPRFroQoW8CDLXI="
	chainDigest       = "lBSIax6/Al2wZ6TL0ToJA/vZczpTcruhtYvXLBaZt5g="
	holderPseudonym   = "5c9e41d8f7a2b360915ce02d47aa83be"
)

// certificateProofCases bend the proof of an authentication by certificate.
func certificateProofCases() []conformance.Case {
	const code = "msg-authentication"
	h := authenticationAnswer()
	const order, amount = "ORD-20261124-0001", 50_000
	checked := func(shown string) string {
		return `<kecis:Certificate Chain="` + chainDigest + `" Digest="` + certificateDigest + `" Holder="` + holderPseudonym +
			`" Policy="1.2.410.200004.5.4.1.1" Revocation="ocsp" Shown="` + shown + `"></kecis:Certificate>`
	}
	right := checked(shownOrder(shop, order, 1, shop, amount))
	const byAmount, byCertificate = ` Method="amount" State="authenticated" Variant="amount"`, ` Method="certificate" State="authenticated"`
	const reference = `<kecis:InstrumentRef>ref_8f14e45fceea167a</kecis:InstrumentRef>`
	with := func(certificate string) conformance.Edit {
		return signed(replace(byAmount, byCertificate), replace(reference, certificate))
	}
	wrong := func(id, code, note, certificate string) conformance.Case {
		c := also(refuse("authentication-certificate-"+id, code, note, h, with(certificate), "KECIS P26"), "KECIS-CRT-044")
		c.Twin = with(right)
		return c
	}
	bend := func(id, code, note, old, text string) conformance.Case {
		return wrong(id, code, note, strings.Replace(right, old, text, 1))
	}
	showing := func(id, note, shown string) conformance.Case {
		return also(wrong("shown-"+id, code, note, checked(shown)), "KECIS-CRT-045")
	}
	beside := also(refuse("authentication-certificate-by-amount", code, "By amount, with what was checked of a certificate.", h,
		signed(behind(reference, right)), "KECIS P26"), "KECIS-CRT-044", "KECIS-AUT-010")
	refused := func(state, reason string) string {
		return strings.Replace(strings.Replace(state, ` State=`, ` Reason="`+reason+`" State=`, 1), ` Method="amount"`, ` Method="certificate"`, 1)
	}
	locked := strings.Replace(refused(endedAs("locked"), "crt-revoked"), ` Variant="amount"`, ``, 1)
	waits := strings.Replace(refused(pendingAuthentication, "crt-expired"), ` Variant="amount"`, ``, 1)
	lockedAs := func(state string) conformance.Edit {
		return standsAs("not-done", "new-id", "authentication-locked", state)
	}
	form := also(refuse("authentication-reason-form", "msg-value", "A reason in words.", h,
		lockedAs(strings.Replace(locked, "crt-revoked", "It was revoked.", 1)), "KECIS P26"), "KECIS-CRT-048")
	form.Twin = lockedAs(locked)
	why := also(refuse("authentication-reason-authenticated", code, "Authenticated, and why not.", h,
		signed(replace(` State="authenticated"`, ` Reason="crt-revoked" State="authenticated"`)), "KECIS P26"), "KECIS-CRT-048")
	return []conformance.Case{
		accept("authentication-reason", "KECIS-CRT-048", "Locked, and why the last certificate was refused.", h, lockedAs(locked), "KECIS P26"),
		accept("authentication-reason-pending", "KECIS-CRT-048", "Pending, and why a certificate was refused.", h,
			standsAs("pending", "inquire", "pending", waits), "KECIS P26"),
		form,
		why,
		also(accept("authentication-certificate-proof", "KECIS-CRT-044", "A buyer who is authenticated by certificate.", h, with(right), "KECIS P26"), "KECIS-CRT-045"),
		accept("authentication-certificate-crl", "KECIS-CRT-044", "Revocation looked up in a list.", h, with(strings.Replace(right, `"ocsp"`, `"crl"`, 1)), "KECIS P26"),
		accept("authentication-certificate-instrument", "KECIS-CRT-044", "By certificate, for an instrument.", h, with(reference+right), "KECIS P26"),
		beside,
		also(wrong("none", code, "By certificate, and nothing of it.", ""), "KECIS-AUT-010"),
		showing("order", "Another order was shown.", shownOrder(shop, "ORD-20261124-0002", 1, shop, amount)),
		showing("part", "Another part was shown.", shownOrder(shop, order, 2, shop, amount)),
		showing("payee", "Another payee was shown.", shownOrder(shop, order, 1, gate, amount)),
		showing("amount", "Another amount was shown.", shownOrder(shop, order, 1, shop, 500)),
		bend("no-holder", "msg-missing", "Nothing of the holder.", ` Holder="`+holderPseudonym+`"`, ``),
		bend("holder-name", "msg-value", "The holder's name.", holderPseudonym, "홍길동"),
		bend("holder-short", "msg-value", "A pseudonym that can be guessed.", holderPseudonym, "h1"),
		bend("no-policy", "msg-missing", "No policy.", ` Policy="1.2.410.200004.5.4.1.1"`, ``),
		bend("policy-form", "msg-value", "A policy that is no OID.", "1.2.410.200004.5.4.1.1", "1.2.0410"),
		bend("no-digest", "msg-missing", "No digest of the certificate.", ` Digest="`+certificateDigest+`"`, ``),
		bend("no-chain", "msg-missing", "No digest of the path.", ` Chain="`+chainDigest+`"`, ``),
		bend("no-shown", "msg-missing", "Nothing of what was shown.", ` Shown="`+shownOrder(shop, order, 1, shop, amount)+`"`, ``),
		bend("digest-form", "msg-value", "A digest in hexadecimal digits.", certificateDigest, strings.Repeat("0f", sha256.Size)),
		bend("revocation-unknown", "unsupported", "Revocation that was not looked up.", `"ocsp"`, `"none"`),
		bend("name", "unsupported", "The holder's name beside it.", ` Policy=`, ` Name="홍길동" Policy=`),
		wrong("twice", "msg-repeated", "Two certificates.", right+right),
	}
}
