package cases

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/asn1"
	"encoding/base64"
	"errors"
	"math/big"
	"slices"
	"strings"

	"github.com/kecis/sdk/conformance"
)

func algorithmCases() []conformance.Case {
	return join(allowedCases(), methodCases(), digestCases(), base64Cases(), rsaCases(), pssCases(), ecdsaCases(), ed25519Cases())
}

// allowedCases sign with each algorithm that the standard allows.
func allowedCases() []conformance.Case {
	var out []conformance.Case
	for _, a := range algorithms() {
		h := conformance.Happy{ID: "payment-request-" + a.name, Make: payment(a.key, a.uri, a.digest)}
		sources := []string{"RFC 9231"}
		if strings.HasPrefix(a.name, "ecdsa") {
			sources = append(sources, "D1")
		}
		out = append(out, also(accept("algorithm-"+a.name, "KECIS-SIG-005", "A payment request signed by "+a.name+".", h, nil, sources...), "KECIS-SIG-010", "KECIS-SIG-028"))
	}
	h := paymentRequest()
	for _, digest := range []struct{ id, uri string }{{"sha384", digestSHA384}, {"sha512", digestSHA512}} {
		out = append(out, accept("digest-other-"+digest.id, "KECIS-SIG-010", "The digest need not have the hash of the signature.", h,
			signed(replace(digestSHA256, digest.uri)), "RFC 9231"))
	}
	return out
}

// methodCases name algorithms that are refused; each value is what the algorithm
// asks for, wherever that can be made.
func methodCases() []conformance.Case {
	const code, c14n = "sig-algorithm", "sig-canonicalization"
	p256, keyRSA := paymentRequest(), paymentRSA()
	method := func(happy conformance.Happy, id, note, uri string, sources ...string) conformance.Case {
		from := ecdsaSHA256
		if happy.ID == keyRSA.ID {
			from = rsaSHA256
		}
		return refuse("algorithm-"+id, code, note, happy, signed(replace(`"`+from+`"`, `"`+uri+`"`)), sources...)
	}
	canon := func(id, note, uri string, sources ...string) conformance.Case {
		return refuse("canonicalization-"+id, c14n, note, p256, signed(replace(c14nMethod, strings.Replace(c14nMethod, nsExclusive, uri, 1))), append(sources, "C17")...)
	}
	hmac := func(id, uri, child, note string, sources ...string) conformance.Case {
		return refuse("algorithm-"+id, code, note, p256,
			signed(replace(ecdsaMethod, `<ds:SignatureMethod Algorithm="`+uri+`">`+child+`</ds:SignatureMethod>`)), sources...)
	}
	return []conformance.Case{
		method(keyRSA, "rsa-sha1", "RSA with SHA-1.", nsSignature+"rsa-sha1", "K8", "CVE-2020-36563"),
		method(keyRSA, "rsa-md5", "RSA with MD5.", nsMore+"rsa-md5", "K8"),
		method(keyRSA, "rsa-sha224", "RSA with SHA-224.", nsMore+"rsa-sha224", "K8"),
		method(keyRSA, "rsa-pss-sha1", "PSS with SHA-1.", nsMore2007+"sha1-rsa-MGF1", "K8", "K11"),
		method(keyRSA, "rsa-pss-sha224", "PSS with SHA-224.", nsMore2007+"sha224-rsa-MGF1", "K8", "K11"),
		method(keyRSA, "rsa-pss-parameters", "PSS whose parameters the document states.", nsMore2007+"rsa-pss", "K11"),
		method(keyRSA, "rsa-sha3", "RSA with SHA3-256.", nsMore2007+"sha3-256-rsa-MGF1", "K15"),
		method(p256, "ecdsa-sha1", "ECDSA with SHA-1.", nsMore+"ecdsa-sha1", "K8"),
		method(p256, "ecdsa-sha224", "ECDSA with SHA-224.", nsMore+"ecdsa-sha224", "K8"),
		method(p256, "ecdsa-sha3", "ECDSA with SHA3-256.", nsMore2021+"ecdsa-sha3-256", "K15"),
		method(p256, "dsa-sha1", "DSA.", nsSignature+"dsa-sha1", "K8"),
		method(p256, "dsa-sha256", "DSA with SHA-256.", "http://www.w3.org/2009/xmldsig11#dsa-sha256", "K8"),
		method(p256, "ed448", "Ed448.", nsMore2021+"eddsa-ed448", "K13"),
		method(p256, "ed25519ph", "Ed25519ph.", nsMore2021+"eddsa-ed25519ph", "K13"),
		method(p256, "ed25519ctx", "Ed25519ctx.", nsMore2021+"eddsa-ed25519ctx", "K13"),
		hmac("hmac-sha1", nsSignature+"hmac-sha1", "", "HMAC with SHA-1.", "K5", "K8"),
		hmac("hmac-public-key", nsMore+"hmac-sha256", "", "HMAC whose secret is the sender's public key.", "K5", "CVE-2025-48994"),
		hmac("hmac-truncated", nsMore+"hmac-sha256", "<ds:HMACOutputLength>1</ds:HMACOutputLength>", "HMAC of which one bit counts.", "K7", "CVE-2009-0217"),
		hmac("output-length", ecdsaSHA256, "<ds:HMACOutputLength>8</ds:HMACOutputLength>", "A parameter of HMAC under ECDSA.", "K7"),
		method(p256, "of-other-key", "An algorithm of RSA with the value of an ECDSA key: the sender has no RSA key.", rsaSHA256, "K5", "E7"),
		method(keyRSA, "of-other-key-ecdsa", "An algorithm of ECDSA where the sender has an RSA key alone.", ecdsaSHA256, "K5"),
		method(keyRSA, "of-other-key-ed25519", "Ed25519 where the sender has an RSA key alone.", nsMore2021+"eddsa-ed25519", "K5"),
		method(p256, "capitals", "The URI in another case of its letters.", strings.ToUpper(ecdsaSHA256), "K15"),
		method(p256, "trailing-blank", "A blank behind the URI.", ecdsaSHA256+" ", "K15"),
		method(p256, "leading-blank", "A blank in front of the URI.", " "+ecdsaSHA256, "K15"),
		method(p256, "encoded", "The URI in percent-encoding.", strings.Replace(ecdsaSHA256, "#ecdsa", "#%65cdsa", 1), "K15"),
		method(p256, "https", "The URI with https.", strings.Replace(ecdsaSHA256, "http:", "https:", 1), "K15"),
		method(p256, "unknown-fragment", "A fragment that nobody defined.", nsMore+"ecdsa-sha257", "K15"),
		method(p256, "fragment-alone", "A fragment without its namespace.", "#ecdsa-sha256", "K15"),
		method(p256, "other-namespace", "The right fragment in another namespace.", nsSignature+"ecdsa-sha256", "K15"),
		method(p256, "empty", "An empty URI.", "", "K15"),
		refuse("algorithm-absent", code, "A method without Algorithm.", p256, signed(replace(ecdsaMethod, `<ds:SignatureMethod></ds:SignatureMethod>`)), "K15", "P11"),
		canon("inclusive", "Inclusive canonicalization.", "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"),
		canon("inclusive-11", "Inclusive canonicalization 1.1.", "http://www.w3.org/2006/12/xml-c14n11"),
		canon("with-comments", "Exclusive canonicalization that keeps comments.", nsExclusive+"WithComments", "C3"),
		canon("inclusive-with-comments", "Inclusive canonicalization that keeps comments.", "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments", "C3"),
		canon("unknown", "A method that does not exist: a failing canonicalizer may give an empty result.", "urn:x:nothing", "C7", "CVE-2013-2172"),
		canon("capitals", "The URI in another case.", strings.ToUpper(nsExclusive), "K15"),
		canon("blank", "A blank behind the URI.", nsExclusive+" ", "K15"),
		refuse("canonicalization-absent", c14n, "A method without Algorithm.", p256,
			signed(replace(c14nMethod, `<ds:CanonicalizationMethod></ds:CanonicalizationMethod>`)), "C17", "P11"),
	}
}

func digestCases() []conformance.Case {
	const method, value, mismatch = "sig-digest-method", "sig-digest-value", "sig-digest-mismatch"
	h := paymentRequest()
	digest := func(id, note, uri string, sources ...string) conformance.Case {
		return refuse("digest-"+id, method, note, h, signed(replace(`"`+digestSHA256+`"`, `"`+uri+`"`)), append(sources, "K14")...)
	}
	octets := func(change func([]byte) []byte) conformance.Edit {
		return digestText(func(text string) string {
			sum, err := base64.StdEncoding.DecodeString(text)
			if err != nil {
				return text
			}
			return base64.StdEncoding.EncodeToString(change(sum))
		})
	}
	return []conformance.Case{
		digest("sha1", "SHA-1.", nsSignature+"sha1", "K8", "CVE-2020-36563"),
		digest("md5", "MD5.", nsMore+"md5", "K8"),
		digest("sha224", "SHA-224.", nsMore+"sha224", "K8"),
		digest("sha3-256", "SHA3-256.", nsMore2007+"sha3-256", "K15"),
		digest("sha256-other-namespace", "SHA-256 in the namespace of SHA-384.", nsMore+"sha256", "K15"),
		digest("sha384-other-namespace", "SHA-384 in the namespace of SHA-256.", nsEncryption+"sha384", "K15"),
		digest("sha256-of-xmldsig", "The URI that crewjam writes; it does not exist.", nsSignature+"sha256", "K15", "D14"),
		digest("capitals", "The URI in another case.", strings.ToUpper(digestSHA256), "K15"),
		digest("trailing-blank", "A blank behind the URI.", digestSHA256+" ", "K15"),
		refuse("digest-absent", method, "A method without Algorithm.", h, signed(replace(sha256Method, `<ds:DigestMethod></ds:DigestMethod>`)), "K14", "P11"),
		refuse("digest-short", value, "A digest that lacks its last octet.", h, octets(func(b []byte) []byte { return b[:31] }), "K14"),
		refuse("digest-long", value, "A digest with an octet too many.", h, octets(func(b []byte) []byte { return append(b, 0) }), "K14"),
		refuse("digest-of-nothing-length", value, "An empty digest.", h, octets(func([]byte) []byte { return nil }), "K14", "C7"),
		refuse("digest-other-length", value, "A digest of SHA-512 under SHA-256.", h, octets(func(b []byte) []byte { return append(b, b...) }), "K14"),
		refuse("digest-of-nothing", mismatch, "The digest of no octets: what a canonicalizer that failed in silence would give.", h,
			octets(func([]byte) []byte { return hashed(crypto.SHA256, nil) }), "C7", "CVE-2025-66568"),
		refuse("content-amount", mismatch, "One digit of the amount changed.", h, replace(amountText, `>50001<`), "C9"),
		refuse("content-attribute", mismatch, "One attribute changed.", h, replace(` Currency="KRW"`, ` Currency="USD"`), "C9"),
		refuse("content-attribute-removed", mismatch, "One attribute taken out.", h, replace(` InterestFree="false"`, ``)),
		refuse("content-namespace", mismatch, "The namespace of an element changed.", h, replace(`<Ecom>`, `<Ecom xmlns="urn:evil">`), "C11"),
		refuse("content-prefix", mismatch, "Another prefix of the same namespace is other content.", h,
			all(replace(`<kecis:Tax `, `<k:Tax xmlns:k="`+nsKECIS+`" `), replace(`</kecis:Tax>`, `</k:Tax>`)), "C11"),
		refuse("content-white-space", mismatch, "White space between two elements.", h, before(buyerStart, "\n"), "C14"),
		refuse("content-character-form", mismatch, "A name in another Unicode normal form looks the same.", h,
			replace(payeeName, "Name=\"\u1109\u1161과나무 과일가게\""), "C18"),
		refuse("content-id", mismatch, "Another ID, in the element and in the reference.", h, everywhere(paymentID, evilID), "W17"),
		refuse("content-element-added", mismatch, "An element added at the end.", h, before(rootEnd, `<kecis:X></kecis:X>`), "W13"),
		refuse("content-parts-swapped", mismatch, "Two elements change places.", h, func(m *conformance.Message) error {
			tax, terms := `<kecis:Tax Service="0" Supply="45455" TaxFree="0" VAT="4545"></kecis:Tax>`, `<kecis:Terms Capture="automatic" Instalments="00" InterestFree="false"></kecis:Terms>`
			return replace(tax+terms, terms+tax)(m)
		}),
		accept("content-attribute-order", "KECIS-SIG-012", "The order of attributes and what stands between them is not signed.", h,
			replace(` Currency="KRW" Exponent="0"`, "\n Exponent='0'\tCurrency = 'KRW'"), "C12"),
		accept("content-unused-prefix", "KECIS-SIG-012", "A prefix that no name uses is not signed.", h,
			replace(`<Ecom>`, `<Ecom xmlns:unused="urn:unused">`), "C11"),
	}
}

// digestText changes the text of DigestValue and signs SignedInfo again.
func digestText(change func(string) string) conformance.Edit {
	return all(onPart("DigestValue", func(e string) string {
		const start, end = `<ds:DigestValue>`, `</ds:DigestValue>`
		return start + change(strings.TrimSuffix(strings.TrimPrefix(e, start), end)) + end
	}), valueAnew)
}

// valueText changes the text of SignatureValue.
func valueText(change func(string) string) conformance.Edit {
	return onPart("SignatureValue", func(e string) string {
		const start, end = `<ds:SignatureValue>`, `</ds:SignatureValue>`
		return start + change(strings.TrimSuffix(strings.TrimPrefix(e, start), end)) + end
	})
}

// made fills in a value that is made out of the right one.
func made(change func(key *conformance.Key, value []byte) []byte) conformance.Edit {
	return valueWith(func(key *conformance.Key, algorithm string, info []byte) ([]byte, error) {
		value, err := sign(key, algorithm, info)
		if err != nil {
			return nil, err
		}
		return change(key, value), nil
	})
}

// until signs anew, with other names of the payee, until the document is as
// wanted: some faults need a digest or a value of a certain form. It begins at
// the name that is known to do with the committed test keys.
func until(first int, wanted func(doc string) bool) conformance.Edit {
	return func(m *conformance.Message) error {
		const tries = 5000
		original := m.Document
		for i := first; i < first+tries; i++ {
			m.Document = original
			if err := signed(replace(payeeName, `Name="`+digits(i)+`"`))(m); err != nil {
				return err
			}
			if wanted(string(m.Document)) {
				return nil
			}
		}
		return errors.New("no such document was found")
	}
}

func textOf(doc, local string) string {
	element, _ := part(doc, local)
	element = element[strings.IndexByte(element, '>')+1:]
	return element[:strings.IndexByte(element, '<')]
}

func base64Cases() []conformance.Case {
	const digestCode, valueCode = "sig-digest-value", "sig-value"
	h := paymentRequest()
	bent := func(id, note string, change func(string) string) []conformance.Case {
		return []conformance.Case{
			also(refuse("digest-base64-"+id, digestCode, note, h, digestText(change), "K14"), "KECIS-SIG-026"),
			also(refuse("value-base64-"+id, valueCode, note, h, valueText(change), "K14"), "KECIS-SIG-026"),
		}
	}
	spread := func(text string) string {
		return "\n    " + text[:8] + "\n    " + text[8:20] + " \t\r\n" + text[20:] + "\n  "
	}
	fill := func(n int) conformance.Edit { // white space up to n octets
		return valueText(func(text string) string { return text + strings.Repeat(" ", n-len(text)) })
	}
	trailing := func(text string) string { // bits that no octet has
		i := strings.IndexByte(text, '=')
		const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
		return text[:i-1] + string(alphabet[strings.IndexByte(alphabet, text[i-1])|1]) + text[i:]
	}
	has := func(local string) conformance.Edit {
		return until(0, func(doc string) bool { return strings.ContainsAny(textOf(doc, local), "+/") })
	}
	url := strings.NewReplacer("+", "-", "/", "_")
	return slices.Concat(
		bent("no-padding", "Base64 without its padding.", func(s string) string { return strings.TrimRight(s, "=") }),
		bent("trailing-bits", "Bits behind the last octet that are not zero.", trailing),
		bent("foreign-character", "A character that is not base64.", func(s string) string { return s[:4] + "*" + s[4:] }),
		bent("padding-inside", "Padding in the middle.", func(s string) string { return s[:4] + "=" + s[4:] }),
		bent("no-break-space", "U+00A0 is not the white space of XML.", func(s string) string { return s[:4] + "\u00a0" + s[4:] }),
		[]conformance.Case{
			also(refuse("digest-base64-url", digestCode, "The alphabet for URLs.", h, all(has("DigestValue"), digestText(url.Replace)), "K14"), "KECIS-SIG-026"),
			also(refuse("value-base64-url", valueCode, "The alphabet for URLs.", h, all(has("SignatureValue"), valueText(url.Replace)), "K14"), "KECIS-SIG-026"),
			accept("base64-white-space", "KECIS-SIG-026", "Indented and broken lines, as xmlsec1 and the JDK write: goxmldsig cannot decode them.", h,
				all(digestText(spread), valueText(spread)), "D3", "K14"),
			also(past("value-base64-length", valueCode, "4,096 octets of base64 with its white space and one more.", h, 4096, fill, "P7"), "KECIS-SIG-026"),
			refuse("value-empty", valueCode, "An empty value.", h, valueText(func(string) string { return "" }), "K12", "P11"),
			refuse("value-blank", valueCode, "A value of white space.", h, valueText(func(string) string { return " \n" }), "K12"),
		},
	)
}

// rsaValue makes an RSA value from an encoded message.
func rsaValue(encode func(key *rsa.PrivateKey, info []byte) []byte) conformance.Edit {
	return valueWith(func(key *conformance.Key, _ string, info []byte) ([]byte, error) {
		private, ok := key.Private.(*rsa.PrivateKey)
		if !ok {
			return nil, errors.New("not an RSA key")
		}
		return rawRSA(private, encode(private, info)), nil
	})
}

func rsaCases() []conformance.Case {
	const code = "sig-invalid"
	h := paymentRSA()
	right := func(info []byte) []byte { return digestInfo(crypto.SHA256, hashed(crypto.SHA256, info), true) }
	padded := func(id, note string, encode func(key *rsa.PrivateKey, info []byte) []byte, sources ...string) conformance.Case {
		return refuse("rsa-"+id, code, note, h, rsaValue(encode), append(sources, "K10")...)
	}
	leading := until(226, func(doc string) bool {
		value, err := base64.StdEncoding.DecodeString(textOf(doc, "SignatureValue"))
		return err == nil && len(value) > 0 && value[0] == 0
	})
	return []conformance.Case{
		padded("no-null", "A DigestInfo without the NULL of its parameters.", func(key *rsa.PrivateKey, info []byte) []byte {
			return encodePKCS1(key, digestInfo(crypto.SHA256, hashed(crypto.SHA256, info), false), 0, 1)
		}),
		padded("block-type-2", "Block type 2, that of encryption.", func(key *rsa.PrivateKey, info []byte) []byte { return encodePKCS1(key, right(info), 0, 2) }),
		padded("block-type-0", "Block type 0.", func(key *rsa.PrivateKey, info []byte) []byte { return encodePKCS1(key, right(info), 0, 0) }),
		padded("first-octet", "A first octet that is not zero.", func(key *rsa.PrivateKey, info []byte) []byte { return encodePKCS1(key, right(info), 1, 1) }),
		padded("short-padding", "Short padding and something behind the hash: forgeable where the exponent is small.", func(key *rsa.PrivateKey, info []byte) []byte {
			const padding = 8
			out := make([]byte, key.Size())
			out[1] = 1
			for i := range padding {
				out[2+i] = 0xff
			}
			copy(out[2+padding+1:], right(info))
			return out
		}, "CVE-2006-4339"),
		padded("padding-octet", "One octet of the padding is not 0xFF.", func(key *rsa.PrivateKey, info []byte) []byte {
			out := encodePKCS1(key, right(info), 0, 1)
			out[20] = 0xfe
			return out
		}),
		padded("other-hash", "The DigestInfo of SHA-512 under rsa-sha256.", func(key *rsa.PrivateKey, info []byte) []byte {
			return encodePKCS1(key, digestInfo(crypto.SHA512, hashed(crypto.SHA512, info), true), 0, 1)
		}),
		padded("hash-alone", "The hash without a DigestInfo.", func(key *rsa.PrivateKey, info []byte) []byte {
			return encodePKCS1(key, hashed(crypto.SHA256, info), 0, 1)
		}),
		padded("long-length", "A DigestInfo whose length is not in the shortest form.", func(key *rsa.PrivateKey, info []byte) []byte {
			der := right(info)
			return encodePKCS1(key, slices.Concat(der[:1], []byte{0x81}, der[1:]), 0, 1)
		}),
		padded("pss-value", "The value of PSS under rsa-sha256.", func(key *rsa.PrivateKey, info []byte) []byte {
			sum := hashed(crypto.SHA256, info)
			return encodePSS(key, sum, crypto.SHA256, crypto.SHA256, sum)
		}, "K11"),
		refuse("rsa-not-below-modulus", code, "The right value plus the modulus.", h, made(func(key *conformance.Key, value []byte) []byte {
			private, ok := key.Private.(*rsa.PrivateKey)
			if !ok {
				return nil
			}
			// Whatever the length, a value that is not below the modulus is none.
			largest := new(big.Int).Lsh(big.NewInt(1), uint(8*private.Size()))
			sum := new(big.Int).Add(new(big.Int).SetBytes(value), private.N)
			if sum.Cmp(largest) >= 0 {
				sum.Sub(largest, big.NewInt(1))
			}
			return sum.FillBytes(make([]byte, private.Size()))
		}), "K10"),
		refuse("rsa-zero", code, "A value of zero octets.", h, made(func(_ *conformance.Key, value []byte) []byte { return make([]byte, len(value)) }), "K10"),
		refuse("rsa-leading-zero-added", "sig-value", "The right value with a zero octet in front.", h,
			made(func(_ *conformance.Key, value []byte) []byte { return append([]byte{0}, value...) }), "K10"),
		refuse("rsa-leading-zero-dropped", "sig-value", "A value that begins with a zero octet, without it.", h, all(leading,
			made(func(_ *conformance.Key, value []byte) []byte { return value[1:] })), "K10"),
		accept("rsa-leading-zero", "KECIS-SIG-013", "A value that begins with a zero octet.", h, leading, "K10"),
		refuse("rsa-trailing-octet", "sig-value", "The right value with an octet behind.", h,
			made(func(_ *conformance.Key, value []byte) []byte { return append(value, 0) }), "K10"),
	}
}

func pssCases() []conformance.Case {
	const code = "sig-invalid"
	h := conformance.Happy{
		ID:   "payment-request-pss",
		Note: "A payment request signed with RSA-PSS.",
		Make: payment("shop-rsa", nsMore2007+"sha256-rsa-MGF1", digestSHA256),
	}
	salted := func(id, note string, mgf crypto.Hash, salt int) conformance.Case {
		return refuse("pss-"+id, code, note, h, rsaValue(func(key *rsa.PrivateKey, info []byte) []byte {
			sum := hashed(crypto.SHA256, info)
			return encodePSS(key, sum, crypto.SHA256, mgf, bytes.Repeat([]byte{0x5a}, salt))
		}), "K11")
	}
	return []conformance.Case{
		salted("salt-0", "No salt.", crypto.SHA256, 0),
		salted("salt-20", "A salt of 20 octets, the default of SHA-1.", crypto.SHA256, 20),
		salted("salt-31", "A salt one octet too short.", crypto.SHA256, 31),
		salted("salt-33", "A salt one octet too long.", crypto.SHA256, 33),
		salted("salt-largest", "The longest salt that fits.", crypto.SHA256, 256-32-2),
		salted("mgf-sha1", "MGF1 with SHA-1.", crypto.SHA1, 32),
		salted("mgf-sha512", "MGF1 with SHA-512.", crypto.SHA512, 32),
		refuse("pss-trailer", code, "A trailer other than 0xBC.", h, rsaValue(func(key *rsa.PrivateKey, info []byte) []byte {
			sum := hashed(crypto.SHA256, info)
			out := encodePSS(key, sum, crypto.SHA256, crypto.SHA256, sum)
			out[len(out)-1] = 0xcc
			return out
		}), "K11"),
		refuse("pss-pkcs1-value", code, "The value of PKCS #1 v1.5 under PSS.", h, rsaValue(func(key *rsa.PrivateKey, info []byte) []byte {
			return encodePKCS1(key, digestInfo(crypto.SHA256, hashed(crypto.SHA256, info), true), 0, 1)
		}), "K11"),
	}
}

func ecdsaCases() []conformance.Case {
	const code, form = "sig-invalid", "sig-value"
	h := paymentRequest()
	pair := func(id, note string, change func(key *ecdsa.PrivateKey, r, s *big.Int), sources ...string) conformance.Case {
		return refuse("ecdsa-"+id, code, note, h, made(func(key *conformance.Key, value []byte) []byte {
			private, ok := key.Private.(*ecdsa.PrivateKey)
			if !ok {
				return nil
			}
			half := len(value) / 2
			r, s := new(big.Int).SetBytes(value[:half]), new(big.Int).SetBytes(value[half:])
			change(private, r, s)
			return append(r.FillBytes(make([]byte, half)), s.FillBytes(make([]byte, half))...)
		}), append(sources, "K12")...)
	}
	shaped := func(id, note string, change func(r, s []byte) []byte, sources ...string) conformance.Case {
		return refuse("ecdsa-"+id, form, note, h, made(func(_ *conformance.Key, value []byte) []byte {
			return change(value[:len(value)/2], value[len(value)/2:])
		}), append(sources, "K12")...)
	}
	der := func(r, s []byte) []byte {
		out, err := asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(r), new(big.Int).SetBytes(s)})
		if err != nil {
			return nil
		}
		return out
	}
	order := func(key *ecdsa.PrivateKey) *big.Int { return key.Params().N }
	one := big.NewInt(1)
	return []conformance.Case{
		pair("zeros", "r and s zero: valid for every message in CVE-2022-21449.", func(_ *ecdsa.PrivateKey, r, s *big.Int) { r.SetInt64(0); s.SetInt64(0) }, "CVE-2022-21449"),
		pair("r-zero", "r zero.", func(_ *ecdsa.PrivateKey, r, _ *big.Int) { r.SetInt64(0) }),
		pair("s-zero", "s zero.", func(_ *ecdsa.PrivateKey, _, s *big.Int) { s.SetInt64(0) }),
		pair("r-order", "r is the order of the curve.", func(key *ecdsa.PrivateKey, r, _ *big.Int) { r.Set(order(key)) }),
		pair("s-order", "s is the order of the curve.", func(key *ecdsa.PrivateKey, _, s *big.Int) { s.Set(order(key)) }),
		pair("r-largest", "r is all ones.", func(key *ecdsa.PrivateKey, r, _ *big.Int) {
			r.Sub(r.Lsh(one, uint(key.Params().BitSize)), one)
		}),
		pair("ones", "r and s one.", func(_ *ecdsa.PrivateKey, r, s *big.Int) { r.Set(one); s.Set(one) }),
		pair("swapped", "s in front of r.", func(_ *ecdsa.PrivateKey, r, s *big.Int) {
			before := new(big.Int).Set(r)
			r.Set(s)
			s.Set(before)
		}),
		shaped("der", "The DER form, which goxmldsig writes.", der, "D2", "D1"),
		shaped("padded", "Each number with a zero octet in front.", func(r, s []byte) []byte { return slices.Concat([]byte{0}, r, []byte{0}, s) }),
		shaped("java-bug", "Numbers as Java's BigInteger writes them, with an octet for the sign.", func(r, s []byte) []byte {
			return slices.Concat([]byte{0}, r, s)
		}),
		shaped("trailing", "An octet behind.", func(r, s []byte) []byte { return slices.Concat(r, s, []byte{0}) }),
		shaped("short", "The last octet is missing.", func(r, s []byte) []byte { return slices.Concat(r, s[:31]) }),
		shaped("r-alone", "r without s.", func(r, _ []byte) []byte { return r }),
		shaped("wide", "Numbers as wide as those of P-384.", func(r, s []byte) []byte {
			return slices.Concat(make([]byte, 16), r, make([]byte, 16), s)
		}),
		refuse("ecdsa-short-number", form, "A number that begins with a zero octet, without it, so that both together are too short.", h,
			all(until(58, func(doc string) bool {
				value, err := base64.StdEncoding.DecodeString(textOf(doc, "SignatureValue"))
				return err == nil && len(value) == 64 && value[0] == 0
			}), made(func(_ *conformance.Key, value []byte) []byte { return value[1:] })), "K12"),
		refuse("ecdsa-other-curve", form, "A value on P-384 where the sender has a key on P-256 alone.", conformance.Happy{
			ID: "payment-request-p384", Note: "A payment request signed on P-384.", Make: payment("shop-p384", ecdsaSHA256, digestSHA256),
		}, on(func(r *conformance.Reading) { r.Keys = []string{"shop-p256"} }), "K12"),
		refuse("ecdsa-other-hash", code, "The value of ecdsa-sha512 under ecdsa-sha256.", h,
			valueWith(func(key *conformance.Key, _ string, info []byte) ([]byte, error) {
				return sign(key, nsMore+"ecdsa-sha512", info)
			}), "K12"),
	}
}

func ed25519Cases() []conformance.Case {
	const code = "sig-invalid"
	h := conformance.Happy{
		ID: "payment-request-ed25519", Note: "A payment request signed with Ed25519.",
		Make: payment("shop-ed25519", nsMore2021+"eddsa-ed25519", digestSHA512),
	}
	variant := func(id, note string, prepare func(info []byte) ([]byte, *ed25519.Options)) conformance.Case {
		return refuse("ed25519-"+id, code, note, h, valueWith(func(key *conformance.Key, _ string, info []byte) ([]byte, error) {
			message, options := prepare(info)
			return key.Private.Sign(nil, message, options)
		}), "K13")
	}
	return []conformance.Case{
		refuse("ed25519-large-s", code, "S plus the order of the group: the same number to those who do not look.", h,
			made(func(_ *conformance.Key, value []byte) []byte {
				order, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
				s := slices.Clone(value[32:])
				slices.Reverse(s)
				sum := new(big.Int).Add(new(big.Int).SetBytes(s), order).FillBytes(make([]byte, 32))
				slices.Reverse(sum)
				return append(slices.Clone(value[:32]), sum...)
			}), "K13"),
		refuse("ed25519-small-order", code, "R of small order, and S zero.", h, made(func(_ *conformance.Key, _ []byte) []byte {
			out := make([]byte, 64)
			out[0] = 1 // the neutral element
			return out
		}), "K13"),
		variant("prehashed", "The value of Ed25519ph.", func(info []byte) ([]byte, *ed25519.Options) {
			return hashed(crypto.SHA512, info), &ed25519.Options{Hash: crypto.SHA512}
		}),
		variant("context", "The value of Ed25519ctx.", func(info []byte) ([]byte, *ed25519.Options) {
			return info, &ed25519.Options{Context: "kecis"}
		}),
		refuse("ed25519-short", "sig-value", "The last octet is missing.", h, made(func(_ *conformance.Key, value []byte) []byte { return value[:63] }), "K13"),
	}
}
