package cases

import (
	"bytes"
	"crypto"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/beevik/etree"

	"github.com/kecis/sdk/conformance"
)

// instrument is an encrypted instrument as a document of its own.
func instrument(id, note, key string) conformance.Happy {
	return conformance.Happy{ID: id, Note: note, Make: func(keys *conformance.Keyring) (*conformance.Message, error) {
		recipient, err := keys.Key(key)
		if err != nil {
			return nil, err
		}
		m := &conformance.Message{Sender: recipient, Keys: keys, Reading: conformance.Reading{
			Operation: conformance.Decrypt, Keys: []string{key}, Now: Now(), Context: sealedContext(),
		}}
		m.Document, err = newSeal().document(recipient)
		return m, err
	}}
}

func instrumentRSA() conformance.Happy {
	return instrument("instrument-rsa", "A card encrypted to the issuer with RSA-OAEP.", "issuer-rsa")
}

func instrumentEC() conformance.Happy {
	return instrument("instrument-ec", "A card encrypted to the issuer with ECDH-ES.", "issuer-p256")
}

// resealed encrypts anew, otherwise than the standard says.
func resealed(change func(*seal)) conformance.Edit {
	return func(m *conformance.Message) error {
		s := newSeal()
		change(s)
		var err error
		m.Document, err = s.document(m.Sender)
		return err
	}
}

func encryptionCases() []conformance.Case {
	return of(conformance.Issuer, join(sealedForms(), sealedStructure(), sealedReferences(), sealedAlgorithms(), sealedValues(), sealedKeys(), sealedContent(), sealedContexts()))
}

func sealedForms() []conformance.Case {
	out := []conformance.Case{}
	for _, h := range []conformance.Happy{instrumentRSA(), instrumentEC()} {
		form := strings.TrimPrefix(h.ID, "instrument-")
		out = append(out,
			accept("encryption-"+form+"-white-space", "KECIS-ENC-008", "White space between the elements and in base64.", h, func(m *conformance.Message) error {
				text := strings.ReplaceAll(string(m.Document), `><`, ">\n  <")
				text = strings.ReplaceAll(text, `</xenc:CipherValue>`, "\n</xenc:CipherValue>")
				m.Document = []byte(strings.ReplaceAll(text, `<xenc:CipherValue>`, "<xenc:CipherValue>\n\t"))
				return nil
			}, "K14"),
			accept("encryption-"+form+"-prefixes", "KECIS-ENC-002", "Prefixes are the writer's.", h,
				all(everywhere(`xenc:`, `e:`), everywhere(`:xenc=`, `:e=`)), "C11"),
		)
	}
	return out
}

// at finds an element by the local names on the way to it.
func at(root *etree.Element, way string) (*etree.Element, error) {
	e := root
	if way == "" {
		return e, nil
	}
	for local := range strings.SplitSeq(way, "/") {
		if e = child(e, local); e == nil {
			return nil, errors.New("there is no " + way)
		}
	}
	return e, nil
}

func onElement(way string, change func(*etree.Element)) conformance.Edit {
	return tree(func(root *etree.Element) error {
		e, err := at(root, way)
		if err == nil {
			change(e)
		}
		return err
	})
}

// sealedStructure leaves out, repeats and bends each element of both forms.
func sealedStructure() []conformance.Case {
	const structure, attribute = "enc-structure", "enc-attribute"
	const key, agreement = "KeyInfo/EncryptedKey", "KeyInfo/EncryptedKey/KeyInfo/AgreementMethod"
	type element struct{ id, way, missing, twice, text string }
	shared := []element{
		{"method", "EncryptionMethod", structure, structure, structure},
		{"key-info", "KeyInfo", structure, structure, structure},
		{"encrypted-key", key, structure, "enc-nested", structure},
		{"key-method", key + "/EncryptionMethod", structure, structure, structure},
		{"key-key-info", key + "/KeyInfo", structure, structure, structure},
		{"key-data", key + "/CipherData", structure, structure, structure},
		{"key-value", key + "/CipherData/CipherValue", structure, structure, "enc-base64"},
		{"data", "CipherData", structure, structure, structure},
		{"value", "CipherData/CipherValue", structure, structure, "enc-base64"},
	}
	forms := []struct {
		happy    conformance.Happy
		elements []element
	}{
		{instrumentRSA(), append(slices.Clone(shared),
			element{"digest", key + "/EncryptionMethod/DigestMethod", structure, structure, structure},
			element{"mask", key + "/EncryptionMethod/MGF", structure, structure, structure},
			element{"key-name", key + "/KeyInfo/KeyName", structure, structure, "enc-key-name"})},
		{instrumentEC(), []element{
			{"agreement", agreement, structure, structure, structure},
			{"derivation", agreement + "/KeyDerivationMethod", structure, structure, structure},
			{"derivation-params", agreement + "/KeyDerivationMethod/ConcatKDFParams", structure, structure, structure},
			{"derivation-digest", agreement + "/KeyDerivationMethod/ConcatKDFParams/DigestMethod", structure, structure, structure},
			{"originator", agreement + "/OriginatorKeyInfo", structure, structure, structure},
			{"originator-key", agreement + "/OriginatorKeyInfo/KeyValue", structure, structure, structure},
			{"originator-ec-key", agreement + "/OriginatorKeyInfo/KeyValue/ECKeyValue", structure, structure, structure},
			{"curve", agreement + "/OriginatorKeyInfo/KeyValue/ECKeyValue/NamedCurve", structure, structure, structure},
			{"point", agreement + "/OriginatorKeyInfo/KeyValue/ECKeyValue/PublicKey", structure, structure, "enc-base64"},
			{"recipient", agreement + "/RecipientKeyInfo", structure, structure, structure},
			{"recipient-name", agreement + "/RecipientKeyInfo/KeyName", structure, structure, "enc-key-name"},
		}},
	}
	var out []conformance.Case
	for _, form := range forms {
		for _, e := range form.elements {
			id := "encryption-" + strings.TrimPrefix(form.happy.ID, "instrument-") + "-" + e.id
			out = append(out,
				refuse(id+"-missing", e.missing, "An element of the encrypted data is missing: "+e.way+".", form.happy,
					onElement(e.way, func(x *etree.Element) { x.Parent().RemoveChild(x) }), "P11", "D12"),
				refuse(id+"-twice", e.twice, "An element of the encrypted data twice: "+e.way+".", form.happy,
					onElement(e.way, func(x *etree.Element) { x.Parent().InsertChildAt(x.Index(), x.Copy()) }), "E6"),
				refuse(id+"-attribute", attribute, "An attribute that the form does not have: "+e.way+".", form.happy,
					onElement(e.way, func(x *etree.Element) { x.CreateAttr("Id", "x") }), "E6"),
				refuse(id+"-text", e.text, "Text where none may stand, or other text: "+e.way+".", form.happy,
					onElement(e.way, func(x *etree.Element) { x.InsertChildAt(0, etree.NewText("!")) }), "E6"),
				refuse(id+"-child", structure, "An element that the form does not have: "+e.way+".", form.happy,
					onElement(e.way, func(x *etree.Element) { x.CreateElement("x") }), "E6"),
			)
		}
	}
	h := instrumentRSA()
	return append(out,
		refuse("encryption-root-name", structure, "Another element in the place of the data.", h,
			all(everywhere(`xenc:EncryptedData`, `xenc:EncryptedDatum`)), "W23"),
		refuse("encryption-root-namespace", structure, "The data in another namespace.", h, func(m *conformance.Message) error {
			m.Document = bytes.Replace(m.Document, []byte(`xmlns:xenc="`+nsEncryption+`"`), []byte(`xmlns:xenc="urn:x:enc"`), 1)
			return nil
		}, "W23"),
		refuse("encryption-order", structure, "The value in front of the key.", h, onElement("CipherData", func(e *etree.Element) {
			parent := e.Parent()
			parent.RemoveChild(e)
			parent.InsertChildAt(0, e)
		}), "E6"),
		refuse("encryption-properties", structure, "EncryptionProperties behind the value.", h,
			onElement("", func(e *etree.Element) { e.CreateElement("xenc:EncryptionProperties") }), "E6"),
		refuse("encryption-type-absent", attribute, "No Type.", h, onElement("", func(e *etree.Element) { e.RemoveAttr("Type") }), "E6"),
		refuse("encryption-type-content", attribute, "The Type of content.", h, replace(nsEncryption+`Element"`, nsEncryption+`Content"`), "E6"),
		refuse("encryption-recipient-attribute", attribute, "A Recipient of the key.", h,
			onElement(key, func(e *etree.Element) { e.CreateAttr("Recipient", issuer) }), "E6"),
	)
}

func sealedReferences() []conformance.Case {
	const nested, reference = "enc-nested", "enc-reference"
	h := instrumentRSA()
	const key = "KeyInfo/EncryptedKey"
	instead := func(way, element string) conformance.Edit {
		return onElement(way, func(e *etree.Element) {
			parent, index := e.Parent(), e.Index()
			parent.RemoveChild(e)
			added := etree.NewElement(element)
			added.CreateAttr("URI", "http://127.0.0.1:9/x")
			parent.InsertChildAt(index, added)
		})
	}
	return []conformance.Case{
		refuse("encryption-nested-data", nested, "Encrypted data in the place of the value.", h, instead("CipherData", "xenc:EncryptedData"), "E6", "CVE-2026-26171"),
		refuse("encryption-nested-in-key", nested, "Encrypted data in the place of the key's value.", h, instead(key+"/CipherData", "xenc:EncryptedData"), "E6"),
		refuse("encryption-derived-key", nested, "A derived key in the place of the key.", h, instead(key, "DerivedKey"), "E6"),
		refuse("encryption-cipher-reference", reference, "The ciphertext is to be fetched.", h, instead("CipherData/CipherValue", "xenc:CipherReference"), "E6", "CVE-2026-33116"),
		refuse("encryption-key-cipher-reference", reference, "The key's ciphertext is to be fetched.", h, instead(key+"/CipherData/CipherValue", "xenc:CipherReference"), "E6"),
		refuse("encryption-retrieval-method", reference, "The key is to be fetched.", h, instead(key, "ds:RetrievalMethod"), "E6", "K2"),
		refuse("encryption-key-info-reference", reference, "The name of the key is to be fetched.", h, instead(key+"/KeyInfo/KeyName", "KeyInfoReference"), "E6", "K2"),
		refuse("encryption-reference-list", reference, "A list of data that the key is for.", h,
			onElement(key, func(e *etree.Element) { e.CreateElement("xenc:ReferenceList") }), "E6"),
	}
}

func sealedAlgorithms() []conformance.Case {
	const content, key, derivation = "enc-algorithm", "enc-key-algorithm", "enc-derivation"
	rsa, ec := instrumentRSA(), instrumentEC()
	uri := func(id, code, note string, happy conformance.Happy, old, other string, sources ...string) conformance.Case {
		return refuse("encryption-"+id, code, note, happy, replace(`Algorithm="`+old+`"`, `Algorithm="`+other+`"`), append(sources, "E7")...)
	}
	const gcm, oaep, mgf = nsEncryption11 + "aes256-gcm", nsEncryption11 + "rsa-oaep", nsEncryption11 + "mgf1sha256"
	return []conformance.Case{
		uri("aes128-gcm", content, "AES-128-GCM.", rsa, gcm, nsEncryption11+"aes128-gcm"),
		uri("aes256-cbc", content, "AES-256 in CBC mode, an oracle of padding.", rsa, gcm, nsEncryption+"aes256-cbc", "E1", "CVE-2011-1096"),
		uri("aes128-cbc", content, "AES-128 in CBC mode.", rsa, gcm, nsEncryption+"aes128-cbc", "E1"),
		uri("tripledes", content, "Triple DES.", rsa, gcm, nsEncryption+"tripledes-cbc", "E1", "D15"),
		uri("seed", content, "SEED in CBC mode.", rsa, gcm, "http://www.w3.org/2007/05/xmldsig-more#seed128-cbc", "E1"),
		uri("content-capitals", content, "The URI in another case.", rsa, gcm, strings.ToUpper(gcm), "K15"),
		uri("content-blank", content, "A blank behind the URI.", rsa, gcm, gcm+" ", "K15"),
		uri("content-empty", content, "An empty URI.", rsa, gcm, "", "K15"),
		uri("rsa-1-5", key, "RSA PKCS #1 v1.5, the oracle of Bleichenbacher.", rsa, oaep, nsEncryption+"rsa-1_5", "E2", "CVE-2011-2487"),
		uri("rsa-oaep-mgf1p", key, "The OAEP of 2001, whose mask is fixed to SHA-1.", rsa, oaep, nsEncryption+"rsa-oaep-mgf1p", "E5", "D14"),
		uri("oaep-digest-sha1", key, "OAEP with the digest SHA-1.", rsa, digestSHA256, nsSignature+"sha1", "E5"),
		uri("oaep-digest-crewjam", key, "The digest URI that crewjam writes; it does not exist.", rsa, digestSHA256, nsSignature+"sha256", "E5", "D14"),
		uri("oaep-mask-sha1", key, "OAEP with a mask of SHA-1.", rsa, mgf, nsEncryption11+"mgf1sha1", "E5"),
		refuse("encryption-oaep-label", key, "A label of OAEP.", rsa, behind(`mgf1sha256"></xenc11:MGF>`, `<xenc:OAEPparams>eA==</xenc:OAEPparams>`), "E5"),
		refuse("encryption-other-key-kind", key, "OAEP with the name of an EC key.", rsa, func(m *conformance.Message) error {
			ec, err := instrumentEC().Make(m.Keys)
			if err != nil {
				return err
			}
			m.Reading.Keys = []string{"issuer-p256"}
			return onPart("KeyName", func(string) string {
				name, _ := part(string(ec.Document), "KeyName")
				return name
			})(m)
		}, "E7"),
		uri("kw-aes128", key, "The key wrap with AES-128.", ec, keyWrap, nsEncryption+"kw-aes128"),
		uri("dh-es", key, "An agreement of finite fields.", ec, nsEncryption11+"ECDH-ES", nsEncryption11+"dh-es"),
		uri("pbkdf2", derivation, "Another key derivation.", ec, nsEncryption11+"ConcatKDF", nsEncryption11+"pbkdf2"),
		uri("derivation-sha1", derivation, "ConcatKDF with SHA-1.", ec, digestSHA256, nsSignature+"sha1"),
		refuse("encryption-algorithm-id-empty", derivation, "An empty AlgorithmID.", ec, onElement("KeyInfo/EncryptedKey/KeyInfo/AgreementMethod/KeyDerivationMethod/ConcatKDFParams",
			func(e *etree.Element) { e.CreateAttr("AlgorithmID", "") }), "E7"),
		refuse("encryption-party-other-key", derivation, "PartyVInfo of another key.", ec, onElement("KeyInfo/EncryptedKey/KeyInfo/AgreementMethod/KeyDerivationMethod/ConcatKDFParams",
			func(e *etree.Element) { e.CreateAttr("PartyVInfo", "00"+strings.Repeat("ab", 32)) }), "E7"),
		refuse("encryption-ka-nonce", key, "A nonce of the agreement.", ec, func(m *conformance.Message) error {
			return before(`<xenc11:KeyDerivationMethod `, `<xenc:KA-Nonce>eA==</xenc:KA-Nonce>`)(m)
		}, "E7"),
	}
}

// onValue changes the octets in an element of base64.
func onValue(way string, change func([]byte) []byte) conformance.Edit {
	return tree(func(root *etree.Element) error {
		e, err := at(root, way)
		if err != nil {
			return err
		}
		value, err := base64.StdEncoding.DecodeString(e.Text())
		if err != nil {
			return err
		}
		e.SetText(base64.StdEncoding.EncodeToString(change(value)))
		return nil
	})
}

func sealedValues() []conformance.Case {
	const length, form, point, failed = "enc-length", "enc-base64", "enc-point", "enc-failed"
	rsa, ec := instrumentRSA(), instrumentEC()
	const value, key = "CipherData/CipherValue", "KeyInfo/EncryptedKey/CipherData/CipherValue"
	const publicKey = "KeyInfo/EncryptedKey/KeyInfo/AgreementMethod/OriginatorKeyInfo/KeyValue/ECKeyValue/PublicKey"
	cut := func(n int) func([]byte) []byte { return func(b []byte) []byte { return b[:n] } }
	flip := func(n int) func([]byte) []byte {
		return func(b []byte) []byte { b[n] ^= 1; return b }
	}
	text := func(way string, change func(string) string) conformance.Edit {
		return onElement(way, func(e *etree.Element) { e.SetText(change(e.Text())) })
	}
	bad := func(id, note string, change func([]byte) []byte, sources ...string) conformance.Case {
		return refuse("encryption-point-"+id, point, note, ec, onValue(publicKey, change), append(sources, "E7")...)
	}
	return []conformance.Case{
		refuse("encryption-empty", length, "A value of no octets.", rsa, onValue(value, cut(0)), "D12", "E3"),
		refuse("encryption-5-octets", length, "A value of 5 octets.", rsa, onValue(value, cut(5)), "D12", "E3"),
		refuse("encryption-17-octets", length, "A value of 17 octets.", rsa, onValue(value, cut(17)), "D12"),
		refuse("encryption-28-octets", length, "A nonce and a tag with nothing between.", rsa, onValue(value, cut(28)), "E3"),
		refuse("encryption-29-octets", failed, "One octet between nonce and tag is enough to try.", rsa, onValue(value, cut(29)), "E3"),
		refuse("encryption-short-tag", failed, "A tag of 12 octets.", rsa, onValue(value, func(b []byte) []byte { return b[:len(b)-4] }), "E3", "CVE-2026-32313"),
		refuse("encryption-without-nonce", failed, "No nonce in front.", rsa, onValue(value, func(b []byte) []byte { return b[12:] }), "E3"),
		refuse("encryption-trailing-octet", failed, "An octet behind the tag.", rsa, onValue(value, func(b []byte) []byte { return append(b, 0) }), "E3"),
		past("encryption-length", length, "40,960 octets of plaintext and one more.", rsa, 40<<10, func(n int) conformance.Edit {
			if n > 40<<10 {
				return resealed(func(s *seal) { s.plaintext = strings.Repeat(" ", n) })
			}
			// White space around the root is part of the document.
			return resealed(func(s *seal) { s.plaintext += strings.Repeat(" ", n-len(s.plaintext)) })
		}, "P7"),
		refuse("encryption-key-short", length, "A key one octet shorter than the modulus.", rsa, onValue(key, cut(255)), "E2"),
		refuse("encryption-key-long", length, "A key one octet longer than the modulus.", rsa, onValue(key, func(b []byte) []byte { return append([]byte{0}, b...) }), "E2"),
		refuse("encryption-wrapped-short", length, "A wrapped key of 32 octets.", ec, onValue(key, cut(32)), "D12"),
		refuse("encryption-wrapped-long", length, "A wrapped key of 48 octets.", ec, onValue(key, func(b []byte) []byte { return append(b, make([]byte, 8)...) }), "D12"),
		refuse("encryption-base64-padding", form, "Base64 without its padding.", ec, text(key, func(s string) string { return strings.TrimRight(s, "=") }), "K14"),
		refuse("encryption-base64-url", form, "A character of the alphabet for URLs.", rsa, text(value, func(s string) string { return "-" + s[1:] }), "K14"),
		refuse("encryption-base64-behind", form, "Characters behind the padding.", ec, text(key, func(s string) string { return s + "AAAA" }), "K14"),
		bad("short", "A point of 64 octets.", cut(64)),
		bad("long", "A point of 66 octets.", func(b []byte) []byte { return append(b, 0) }),
		bad("infinity", "The point at infinity.", func([]byte) []byte { return []byte{0} }),
		bad("off-curve", "A point that is not on the curve.", flip(64), "CVE-2015-7940"),
		bad("compressed", "A compressed point.", func(b []byte) []byte { b[0] = 2 | b[64]&1; return b[:33] }),
		bad("hybrid", "A hybrid point.", func(b []byte) []byte { b[0] = 6 | b[64]&1; return b }),
		bad("too-large", "Coordinates that are not below the field's order.", func(b []byte) []byte {
			return append([]byte{4}, bytes.Repeat([]byte{0xff}, 64)...)
		}),
		refuse("encryption-point-other-curve", point, "The name of P-384.", ec, replace(`urn:oid:1.2.840.10045.3.1.7`, `urn:oid:1.3.132.0.34`), "E7"),
		refuse("encryption-tag-changed", failed, "One bit of the tag changed.", rsa, onValue(value, func(b []byte) []byte { b[len(b)-1] ^= 1; return b }), "E3"),
		refuse("encryption-ciphertext-changed", failed, "One bit of the ciphertext changed.", rsa, onValue(value, flip(20)), "E1"),
		refuse("encryption-nonce-changed", failed, "One bit of the nonce changed.", ec, onValue(value, flip(0)), "E3"),
		refuse("encryption-key-changed", failed, "One bit of the encrypted key changed.", rsa, onValue(key, flip(100)), "E2"),
		refuse("encryption-wrapped-changed", failed, "One bit of the wrapped key changed.", ec, onValue(key, flip(3)), "E2"),
	}
}

func sealedKeys() []conformance.Case {
	const name, unknown = "enc-key-name", "enc-unknown-key"
	h := instrumentEC()
	named := func(change func(string) string) conformance.Edit {
		return onPart("KeyName", func(e string) string {
			const start, end = `<ds:KeyName>`, `</ds:KeyName>`
			return start + change(strings.TrimSuffix(strings.TrimPrefix(e, start), end)) + end
		})
	}
	return []conformance.Case{
		refuse("encryption-name-capitals", name, "The name in capitals.", h, named(strings.ToUpper), "K15"),
		refuse("encryption-name-capital-digits", name, "The digits in capitals.", h, named(func(s string) string { return "sha256:" + strings.ToUpper(s[7:]) }), "K15"),
		refuse("encryption-name-other-digest", name, "The name of another digest.", h, named(func(s string) string { return strings.Replace(s, "sha256:", "sha512:", 1) }), "K15"),
		refuse("encryption-name-bare", name, "Digits alone.", h, named(func(s string) string { return s[7:] }), "K15"),
		refuse("encryption-name-blank", name, "A blank behind.", h, named(func(s string) string { return s + " " }), "K15"),
		refuse("encryption-name-short", name, "A digit less.", h, named(func(s string) string { return s[:len(s)-1] }), "K15"),
		refuse("encryption-unknown-key", unknown, "The recipient holds another key.", h, on(func(r *conformance.Reading) { r.Keys = []string{"issuer-destroyed"} }), "K16"),
		refuse("encryption-no-key", unknown, "The recipient holds no key.", h, on(func(r *conformance.Reading) { r.Keys = []string{} }), "K4"),
		accept("encryption-old-and-new-key", "KECIS-ENC-013", "The recipient holds the old key and the new one.", h,
			on(func(r *conformance.Reading) { r.Keys = []string{"issuer-destroyed", "issuer-p256"} }), "K16"),
		refuse("encryption-weak-key", "enc-key", "A recipient's key of RSA with 1,024 bits.", instrumentRSA(),
			on(func(r *conformance.Reading) { r.Keys = []string{"rsa-1024"} }), "K9"),
		refuse("encryption-key-of-other-curve", "enc-key", "A recipient's key on P-384.", h,
			on(func(r *conformance.Reading) { r.Keys = []string{"shop-p384"} }), "K9"),
		also(refuse("encryption-fault-before-key", "enc-algorithm", "What everybody can see is told before a key is looked for.", h,
			all(replace(nsEncryption11+"aes256-gcm", nsEncryption+"aes256-cbc"), on(func(r *conformance.Reading) { r.Keys = []string{} })), "E1"), "KECIS-ENC-023"),
	}
}

// sealedContent bends what is encrypted; from outside all of it looks alike.
func sealedContent() []conformance.Case {
	const failed = "enc-failed"
	rsa, ec := instrumentRSA(), instrumentEC()
	plain := func(id, note, old, text string, sources ...string) conformance.Case {
		return also(refuse("encryption-content-"+id, failed, note, ec, resealed(func(s *seal) {
			s.plaintext = strings.Replace(s.plaintext, old, text, 1)
		}), append(sources, "E1")...), "KECIS-ENC-017")
	}
	secret := func(id, note string, happy conformance.Happy, change func(*seal), sources ...string) conformance.Case {
		return refuse("encryption-secret-"+id, failed, note, happy, resealed(change), sources...)
	}
	order, part := `<kecis:Order>`+sealedOrder+`</kecis:Order>`, `<kecis:Part>1</kecis:Part>`
	return []conformance.Case{
		secret("oaep-sha1", "OAEP with SHA-1 under the name of SHA-256.", rsa, func(s *seal) { s.hash = crypto.SHA1 }, "E5"),
		secret("oaep-mask-sha1", "A mask of SHA-1 under the name of SHA-256.", rsa, func(s *seal) { s.mask = crypto.SHA1 }, "E5"),
		secret("oaep-label", "A label that nobody states.", rsa, func(s *seal) { s.label = []byte("x") }, "E5"),
		secret("key-of-16", "A content key of 16 octets.", rsa, func(s *seal) { s.key = s.key[:16] }, "E5"),
		secret("key-zero", "An encrypted key of zero octets.", rsa, func(s *seal) { s.wrapped = make([]byte, 256) }, "E2"),
		secret("other-derivation", "A derivation for another use than the one stated.", ec, func(s *seal) { s.agreed = nsEncryption + "kw-aes128" }, "E7"),
		plain("doctype", "A document type in the plaintext.", `<kecis:Sealed `, `<!DOCTYPE a><kecis:Sealed `, "P1"),
		plain("trailing", "Something behind the plaintext's root.", `</kecis:Sealed>`, `</kecis:Sealed><x/>`, "W22"),
		plain("comment", "A comment in the plaintext.", `KRW`, `K<!-- -->RW`, "C1"),
		plain("root", "Another root.", nsKECIS, `urn:x`, "W23"),
		plain("missing", "A field is missing.", part, ``, "P11"),
		plain("twice", "A field twice.", order, order+order, "W16"),
		plain("order", "Fields in another order.", order+part, part+order, "W16"),
		plain("attribute", "An attribute.", `<kecis:Order>`, `<kecis:Order x="y">`, "W16"),
		plain("unknown", "A field too many.", `</kecis:Sealed>`, `<kecis:X></kecis:X></kecis:Sealed>`, "W16"),
		plain("text", "Text between the fields.", `<kecis:Order>`, `x<kecis:Order>`, "W16"),
		plain("amount-zero", "An amount with a zero in front.", `>50000<`, `>050000<`, "K15"),
		plain("amount-fraction", "An amount with a fraction.", `>50000<`, `>50000.0<`, "K15"),
		plain("time-offset", "A time with an offset.", `09:30:00Z`, `18:30:00+09:00`, "K15"),
		plain("time-fraction", "A time with a fraction of a second.", `09:30:00Z`, `09:30:00.0Z`, "K15"),
		plain("nonce-short", "A nonce of 15 octets.", `AAECAwQFBgcICQoLDA0ODw==`, `AAECAwQFBgcICQoLDA0O`),
		plain("payload-empty", "No payload.", base64.StdEncoding.EncodeToString([]byte(sealedPayload)), ``, "P11"),
		plain("payload-base64", "A payload that is not base64.", base64.StdEncoding.EncodeToString([]byte(sealedPayload)), `<`, "K14"),
	}
}

// sealedContexts use an instrument for another payment than it was made for, or
// at another time.
func sealedContexts() []conformance.Case {
	const failed = "enc-failed"
	h := instrumentEC()
	expecting := func(id, note string, change func(*conformance.Reading)) conformance.Case {
		return also(refuse("encryption-context-"+id, failed, note, h, on(change), "KECIS P8"), "KECIS-ENC-020")
	}
	clock := func(offset time.Duration) conformance.Edit { // from the end of the instrument's use
		return on(func(r *conformance.Reading) { r.Now = time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC).Add(offset) })
	}
	expired := also(refuse("encryption-expired", failed, "At NotOnOrAfter the instrument cannot be used any more.", h, clock(0), "K16"), "KECIS-ENC-019")
	expired.Twin = clock(-time.Second)
	early := also(refuse("encryption-too-long-ahead", failed, "NotOnOrAfter lies a day and a second ahead.", h, clock(-24*time.Hour-time.Second), "K16"), "KECIS-ENC-019")
	early.Twin = clock(-24 * time.Hour)
	return []conformance.Case{
		expecting("recipient", "Made for another issuer.", func(r *conformance.Reading) { r.Context.Recipient = gate }),
		expecting("payee", "Made for another payee.", func(r *conformance.Reading) { r.Context.Payee = "https://stranger.example/kecis" }),
		expecting("requester", "Made for another requester.", func(r *conformance.Reading) { r.Context.Requester = "https://stranger.example/kecis" }),
		expecting("order", "Made for another order.", func(r *conformance.Reading) { r.Context.Order = "ORD-20261124-0002" }),
		expecting("part", "Made for another part of the order.", func(r *conformance.Reading) { r.Context.Part = "2" }),
		expecting("amount", "Made for another amount.", func(r *conformance.Reading) { r.Context.Amount = 500000 }),
		expecting("currency", "Made for another currency.", func(r *conformance.Reading) { r.Context.Currency = "USD" }),
		expired, early,
	}
}
