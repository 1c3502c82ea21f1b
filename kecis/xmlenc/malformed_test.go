package xmlenc

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/kecis/sdk/kecis/xmltree"
)

// node is an element that a test can bend.
type node struct {
	prefix, local string
	attrs         []xmltree.Attr
	text          string
	children      []*node
}

func toNode(e xmltree.Element) *node {
	n := &node{prefix: e.Prefix(), local: e.Local(), attrs: slices.Collect(e.Attrs())}
	if e.First().IsZero() {
		n.text = e.Text()
	}
	for c := range e.Children() {
		n.children = append(n.children, toNode(c))
	}
	return n
}

func (n *node) clone() *node {
	c := *n
	c.attrs = slices.Clone(n.attrs)
	c.children = nil
	for _, child := range n.children {
		c.children = append(c.children, child.clone())
	}
	return &c
}

func (n *node) write(w *xmltree.Writer) {
	w.Start(n.prefix, n.local)
	for _, a := range n.attrs {
		w.Attr("", a.Local, a.Value)
	}
	if n.text != "" {
		w.Text(n.text)
	}
	for _, c := range n.children {
		c.write(w)
	}
	w.End()
}

func (n *node) document(tb testing.TB) []byte {
	tb.Helper()
	w := xmltree.NewWriter(nil, append(Namespaces(),
		xmltree.Namespace{Prefix: "kecis", URI: nsContent}, xmltree.Namespace{Prefix: "other", URI: "urn:other"})...)
	n.write(w)
	doc, err := w.Bytes()
	if err != nil {
		tb.Fatal(err)
	}
	return doc
}

// all returns the element and those below it, in document order.
func (n *node) all() []*node {
	out := []*node{n}
	for _, c := range n.children {
		out = append(out, c.all()...)
	}
	return out
}

// find returns the i-th element of that name.
func (n *node) find(local string, i int) *node {
	for _, m := range n.all() {
		if m.local == local {
			if i == 0 {
				return m
			}
			i--
		}
	}
	panic("no " + local)
}

func (n *node) setAttr(local, value string) {
	for i := range n.attrs {
		if n.attrs[i].Local == local {
			n.attrs[i].Value = value
			return
		}
	}
	n.attrs = append(n.attrs, xmltree.Attr{Local: local, Value: value})
}

// bends returns every copy of root with one element or attribute bent.
func bends(root *node) map[string]*node {
	out := map[string]*node{}
	add := func(what string, i int, bend func(*node)) {
		c := root.clone()
		target := c.all()[i]
		bend(target)
		out[fmt.Sprintf("%s %d %s", what, i, target.local)] = c
	}
	for i, n := range root.all() {
		add("child added to", i, func(n *node) {
			n.children = append(n.children, &node{prefix: "ds", local: "Foreign"})
		})
		add("child put before those of", i, func(n *node) {
			n.children = append([]*node{{prefix: "xenc", local: "EncryptionProperties"}}, n.children...)
		})
		add("Id added to", i, func(n *node) { n.setAttr("Id", "a1") })
		add("Encoding added to", i, func(n *node) { n.setAttr("Encoding", "x") })
		add("name of", i, func(n *node) { n.local += "x" })
		add("case of", i, func(n *node) { n.local = strings.ToLower(n.local) })
		add("namespace of", i, func(n *node) { n.prefix = "other" })
		switch {
		case len(n.children) > 0:
			add("text added to", i, func(n *node) { n.text = "stray" })
			add("children taken from", i, func(n *node) { n.children = nil })
		case n.text != "":
			add("text taken from", i, func(n *node) { n.text = "" })
			add("text bent in", i, func(n *node) { n.text = "?" + n.text })
		default:
			add("text put into", i, func(n *node) { n.text = "stray" })
		}
		for j := range n.children {
			add(fmt.Sprintf("child %d removed from", j), i, func(n *node) { n.children = slices.Delete(n.children, j, j+1) })
			add(fmt.Sprintf("child %d doubled in", j), i, func(n *node) {
				n.children = slices.Insert(n.children, j, n.children[j].clone())
			})
			if j > 0 {
				add(fmt.Sprintf("child %d swapped in", j), i, func(n *node) {
					n.children[j-1], n.children[j] = n.children[j], n.children[j-1]
				})
			}
		}
		for j, a := range n.attrs {
			for how, value := range map[string]string{
				"empty": "", "space behind": a.Value + " ", "space before": " " + a.Value,
				"upper case": strings.ToUpper(a.Value) + "X", "cut": a.Value[:len(a.Value)-1], "longer": a.Value + "0",
				"percent": strings.Replace(a.Value, "0", "%30", 1),
			} {
				if value == a.Value {
					continue
				}
				add(fmt.Sprintf("%s %s of", a.Local, how), i, func(n *node) { n.attrs[j].Value = value })
			}
			add(a.Local+" removed from", i, func(n *node) { n.attrs = slices.Delete(n.attrs, j, j+1) })
			add(a.Local+" renamed in", i, func(n *node) { n.attrs[j].Local = strings.ToLower(a.Local) })
		}
	}
	return out
}

func TestEveryBendIsRefused(t *testing.T) {
	for algorithm, key := range testKeys(t) {
		t.Run(algorithm, func(t *testing.T) {
			root := toNode(mustRoot(t, mustDocument(t, mustEncrypt(t, key.Recipient(), testContext(), testPayload))))
			if got, err := Decrypt(key, mustRoot(t, root.document(t)), testContext(), testNow); err != nil || string(got) != testPayload {
				t.Fatalf("the unbent twin gives %q, %v", got, err)
			}
			all := bends(root)
			if len(all) < 150 {
				t.Fatalf("only %d bends", len(all))
			}
			for name, bent := range all {
				d, err := Read(mustRoot(t, bent.document(t)))
				if d != nil || err == nil {
					t.Errorf("%s: accepted", name)
					continue
				}
				refusal, ok := err.(*Error)
				if !ok || refusal.Clause() == "" || refusal.Expected() == "" {
					t.Errorf("%s: %v", name, err)
				}
			}
		})
	}
}

func TestReadRefusesByName(t *testing.T) {
	const (
		enc   = "http://www.w3.org/2001/04/xmlenc#"
		enc11 = "http://www.w3.org/2009/xmlenc11#"
	)
	replace := func(parent string, i int, old string, with *node) func(*node) {
		return func(root *node) {
			p := root.find(parent, i)
			for j, c := range p.children {
				if c.local == old {
					p.children[j] = with
					return
				}
			}
			panic("no " + old)
		}
	}
	attr := func(local string, i int, name, value string) func(*node) {
		return func(root *node) { root.find(local, i).setAttr(name, value) }
	}
	text := func(local string, i int, bend func(string) string) func(*node) {
		return func(root *node) { n := root.find(local, i); n.text = bend(n.text) }
	}
	bytesOf := func(n int) func(string) string {
		return func(string) string { return base64.StdEncoding.EncodeToString(make([]byte, n)) }
	}
	uri := func(value string) []xmltree.Attr { return []xmltree.Attr{{Local: "URI", Value: value}} }
	// A point off the curve, and what is not an uncompressed point of P-256.
	generator := testEC().PublicKey().Bytes()
	points := map[string][]byte{
		"off the curve":  append(append([]byte{4}, generator[1:33]...), generator[1:33]...),
		"compressed":     append([]byte{2 + generator[64]&1}, generator[1:33]...),
		"hybrid":         append([]byte{6 + generator[64]&1}, generator[1:]...),
		"infinity":       {0},
		"zero":           append([]byte{4}, make([]byte, 64)...),
		"not reduced":    append([]byte{4}, slices.Repeat([]byte{0xff}, 64)...),
		"with a byte":    append(slices.Clone(generator), 0),
		"without a byte": generator[:64],
		"of P-384":       append([]byte{4}, make([]byte, 96)...),
		"empty":          {},
	}
	type test struct {
		algorithm, name string
		bend            func(*node)
		code            Code
	}
	const both = ""
	tests := []test{
		{both, "another root", func(r *node) { r.local = "EncryptedKey" }, ErrStructure},
		{both, "no type", func(r *node) { r.attrs = nil }, ErrAttribute},
		{both, "type content", attr("EncryptedData", 0, "Type", enc+"Content"), ErrAttribute},
		{both, "MimeType", attr("EncryptedData", 0, "MimeType", "text/xml"), ErrAttribute},
		{both, "Recipient", attr("EncryptedKey", 0, "Recipient", "issuer"), ErrAttribute},
		{both, "CipherReference of the data", replace("CipherData", 1, "CipherValue", &node{prefix: "xenc", local: "CipherReference", attrs: uri("http://x.example/")}), ErrReference},
		{both, "CipherReference of the key", replace("CipherData", 0, "CipherValue", &node{prefix: "xenc", local: "CipherReference", attrs: uri("#a")}), ErrReference},
		{both, "RetrievalMethod", replace("KeyInfo", 0, "EncryptedKey", &node{prefix: "ds", local: "RetrievalMethod", attrs: uri("#key")}), ErrReference},
		{both, "KeyInfoReference", replace("KeyInfo", 0, "EncryptedKey", &node{prefix: "dsig11", local: "KeyInfoReference", attrs: uri("#key")}), ErrReference},
		{both, "ReferenceList", func(r *node) {
			k := r.find("EncryptedKey", 0)
			k.children = append(k.children, &node{prefix: "xenc", local: "ReferenceList"})
		}, ErrReference},
		{both, "two keys", func(r *node) {
			k := r.find("KeyInfo", 0)
			k.children = append(k.children, k.children[0].clone())
		}, ErrNested},
		{both, "nested data", replace("CipherData", 1, "CipherValue", &node{prefix: "xenc", local: "EncryptedData"}), ErrNested},
		{both, "DerivedKey", replace("KeyInfo", 0, "EncryptedKey", &node{prefix: "xenc11", local: "DerivedKey"}), ErrNested},
		{both, "CarriedKeyName", func(r *node) {
			k := r.find("EncryptedKey", 0)
			k.children = append(k.children, &node{prefix: "xenc", local: "CarriedKeyName", text: "k"})
		}, ErrStructure},
		{both, "KeySize", func(r *node) {
			m := r.find("EncryptionMethod", 0)
			m.children = append(m.children, &node{prefix: "xenc", local: "KeySize", text: "256"})
		}, ErrStructure},
		{both, "key name in capitals", text("KeyName", 0, strings.ToUpper), ErrKeyName},
		{both, "key name in base64", text("KeyName", 0, func(string) string { return "sha256:AAAA" }), ErrKeyName},
		{both, "key name with a space", text("KeyName", 0, func(s string) string { return s + " " }), ErrKeyName},
		{both, "key name without its digest", text("KeyName", 0, func(s string) string { return s[7:] }), ErrKeyName},
		{both, "key name of another digest", text("KeyName", 0, func(s string) string { return "sha1" + s[6:] }), ErrKeyName},
		{both, "base64 alphabet", text("CipherValue", 1, func(s string) string { return "-_" + s[2:] }), ErrBase64},
		{both, "base64 without padding", text("CipherValue", 1, func(string) string { return strings.Repeat("A", 50) }), ErrBase64},
		{both, "base64 with bits left over", text("CipherValue", 1, func(string) string { return strings.Repeat("A", 61) + "B==" }), ErrBase64},
		{both, "base64 behind its end", text("CipherValue", 1, func(string) string { return strings.Repeat("A", 62) + "==AAAA" }), ErrBase64},
		{both, "data too large", text("CipherValue", 1, bytesOf(nonceSize+MaxPlaintext+tagSize+1)), ErrLength},
		{"RSA-OAEP", "OAEPparams", func(r *node) {
			m := r.find("EncryptionMethod", 1)
			m.children = append([]*node{{prefix: "xenc", local: "OAEPparams", text: "AAAA"}}, m.children...)
		}, ErrKeyAlgorithm},
		{"RSA-OAEP", "digest SHA-1", attr("DigestMethod", 0, "Algorithm", "http://www.w3.org/2000/09/xmldsig#sha1"), ErrKeyAlgorithm},
		{"RSA-OAEP", "digest of crewjam (D14)", attr("DigestMethod", 0, "Algorithm", "http://www.w3.org/2000/09/xmldsig#sha256"), ErrKeyAlgorithm},
		{"RSA-OAEP", "MGF1 with SHA-1", attr("MGF", 0, "Algorithm", enc11+"mgf1sha1"), ErrKeyAlgorithm},
		{"RSA-OAEP", "no MGF", func(r *node) { m := r.find("EncryptionMethod", 1); m.children = m.children[:1] }, ErrStructure},
		{"RSA-OAEP", "key of 2040 bits", text("CipherValue", 0, bytesOf(minModulus-1)), ErrLength},
		{"RSA-OAEP", "key of 8200 bits", text("CipherValue", 0, bytesOf(maxModulus+1)), ErrLength},
		{"ECDH-ES", "X25519", attr("AgreementMethod", 0, "Algorithm", "http://www.w3.org/2021/04/xmldsig-more#x25519"), ErrKeyAlgorithm},
		{"ECDH-ES", "finite-field Diffie-Hellman", attr("AgreementMethod", 0, "Algorithm", enc11+"dh-es"), ErrKeyAlgorithm},
		{"ECDH-ES", "KA-Nonce", func(r *node) {
			m := r.find("AgreementMethod", 0)
			m.children = append([]*node{{prefix: "xenc", local: "KA-Nonce", text: "AAAA"}}, m.children...)
		}, ErrKeyAlgorithm},
		{"ECDH-ES", "PBKDF2", attr("KeyDerivationMethod", 0, "Algorithm", enc11+"pbkdf2"), ErrDerivation},
		{"ECDH-ES", "HKDF", attr("KeyDerivationMethod", 0, "Algorithm", "http://www.w3.org/2021/04/xmldsig-more#hkdf"), ErrDerivation},
		{"ECDH-ES", "ConcatKDF with SHA-512", attr("DigestMethod", 0, "Algorithm", enc+"sha512"), ErrDerivation},
		{"ECDH-ES", "PartyUInfo", attr("ConcatKDFParams", 0, "PartyUInfo", "00"), ErrAttribute},
		{"ECDH-ES", "SuppPubInfo", attr("ConcatKDFParams", 0, "SuppPubInfo", "00"), ErrAttribute},
		{"ECDH-ES", "AlgorithmID empty", attr("ConcatKDFParams", 0, "AlgorithmID", "00"), ErrDerivation},
		{"ECDH-ES", "AlgorithmID with padding bits", func(r *node) {
			p := r.find("ConcatKDFParams", 0)
			p.setAttr("AlgorithmID", "01"+algorithmIDAttr()[2:])
		}, ErrDerivation},
		{"ECDH-ES", "PartyVInfo of another key", attr("ConcatKDFParams", 0, "PartyVInfo", partyVInfoAttr(keyID{1})), ErrDerivation},
		{"ECDH-ES", "P-384", attr("NamedCurve", 0, "URI", "urn:oid:1.3.132.0.34"), ErrPoint},
		{"ECDH-ES", "curve by its old name", attr("NamedCurve", 0, "URI", "urn:oid:1.2.840.10045.3.1.7 "), ErrPoint},
		{"ECDH-ES", "ECParameters", replace("ECKeyValue", 0, "NamedCurve", &node{prefix: "dsig11", local: "ECParameters"}), ErrStructure},
		{"ECDH-ES", "DEREncodedKeyValue", replace("OriginatorKeyInfo", 0, "KeyValue", &node{prefix: "dsig11", local: "DEREncodedKeyValue"}), ErrStructure},
		{"ECDH-ES", "wrapped key of 39 bytes", text("CipherValue", 0, bytesOf(39)), ErrLength},
		{"ECDH-ES", "wrapped key of 24 bytes", text("CipherValue", 0, bytesOf(24)), ErrLength},
		{"ECDH-ES", "wrapped key of 48 bytes", text("CipherValue", 0, bytesOf(48)), ErrLength},
	}
	for _, a := range []string{
		enc + "aes256-cbc", enc + "aes128-cbc", enc + "tripledes-cbc", enc11 + "aes128-gcm", enc11 + "aes192-gcm",
		"http://www.w3.org/2007/05/xmldsig-more#seed128-cbc", "http://www.w3.org/2021/04/xmldsig-more#chacha20poly1305", "",
		"http://www.w3.org/2009/xmlenc11#AES256-GCM", "http://www.w3.org/2009/xmlenc11#aes256%2Dgcm", "https://www.w3.org/2009/xmlenc11#aes256-gcm",
	} {
		tests = append(tests, test{both, "content by " + a, attr("EncryptionMethod", 0, "Algorithm", a), ErrAlgorithm})
	}
	for _, a := range []string{
		enc + "rsa-1_5", enc + "rsa-oaep-mgf1p", enc + "kw-aes128", enc + "kw-tripledes", "http://www.w3.org/2007/05/xmldsig-more#kw-seed128", "",
	} {
		tests = append(tests, test{both, "key by " + a, attr("EncryptionMethod", 1, "Algorithm", a), ErrKeyAlgorithm})
	}
	// D12 and CVE-2026-32313: nonce, at least one byte, and the whole tag.
	for n := range nonceSize + 1 + tagSize {
		tests = append(tests, test{both, fmt.Sprintf("data of %d bytes", n), text("CipherValue", 1, bytesOf(n)), ErrLength})
	}
	for name, point := range points {
		tests = append(tests, test{"ECDH-ES", "point " + name, text("PublicKey", 0, func(string) string {
			return base64.StdEncoding.EncodeToString(point)
		}), ErrPoint})
	}
	for algorithm, key := range testKeys(t) {
		root := toNode(mustRoot(t, mustDocument(t, mustEncrypt(t, key.Recipient(), testContext(), testPayload))))
		for _, tt := range tests {
			if tt.algorithm != both && tt.algorithm != algorithm {
				continue
			}
			t.Run(algorithm+"/"+tt.name, func(t *testing.T) {
				bent := root.clone()
				tt.bend(bent)
				payload, err := Decrypt(key, mustRoot(t, bent.document(t)), testContext(), testNow)
				if payload != nil {
					t.Error("a payload is returned")
				}
				wantCode(t, err, tt.code)
			})
		}
	}
}

func TestReadOfNothing(t *testing.T) {
	_, err := Read(xmltree.Element{})
	wantCode(t, err, ErrStructure)
	key := testKeys(t)["ECDH-ES"]
	for name, d := range map[string]*EncryptedData{"nil": nil, "zero": {}} {
		payload, err := d.Decrypt(key, testContext(), testNow)
		if payload != nil {
			t.Errorf("%s: a payload is returned", name)
		}
		wantCode(t, err, ErrStructure)
	}
}
