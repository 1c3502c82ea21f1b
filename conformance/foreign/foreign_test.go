package foreign_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kecis/sdk/conformance/foreign"
)

// response is a message that all of the programs take: samlsign wants SAML's own.
const response = `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"` +
	` ID="_4f0c1a" Version="2.0" IssueInstant="2026-11-24T00:00:00Z" Destination="https://shop.example/kecis">` +
	"\n" + `<saml:Issuer>https://pg.example/kecis</saml:Issuer>` + "\n" +
	`<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status></samlp:Response>`

// keys makes one key of each kind.
func keys(t *testing.T) map[foreign.Kind]*foreign.Key {
	t.Helper()
	made := map[foreign.Kind]*foreign.Key{}
	for _, kind := range []foreign.Kind{foreign.RSA, foreign.P256, foreign.P384, foreign.Ed25519} {
		made[kind] = foreign.NewKey(t, kind)
	}
	return made
}

// tampered are changes after signing that every verifier must see.
func tampered(signed []byte) map[string][]byte {
	return map[string][]byte{
		"content": bytes.Replace(signed, []byte("status:Success"), []byte("status:Responder"), 1),
		"value":   flipSignatureValue(signed),
	}
}

// flipSignatureValue changes one character in the middle of the signature value.
func flipSignatureValue(signed []byte) []byte {
	changed := bytes.Clone(signed)
	start := bytes.Index(changed, []byte("SignatureValue>")) + len("SignatureValue>")
	at := start + bytes.IndexByte(changed[start:], '<')/2
	for !isBase64(changed[at]) || !isBase64(changed[at-1]) { // not in a line break
		at++
	}
	if changed[at] == 'A' {
		changed[at] = 'B'
	} else {
		changed[at] = 'A'
	}
	return changed
}

func isBase64(c byte) bool {
	return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9'
}

func wantRefusal(t *testing.T, program foreign.Program, err error) {
	t.Helper()
	var refusal *foreign.Refusal
	if !errors.As(err, &refusal) || refusal.Program != program {
		t.Errorf("%s: got %v, want a refusal", program, err)
	}
}

// TestPeers shows that the harness can tell right from wrong.
func TestPeers(t *testing.T) {
	foreign.Need(t, foreign.Peers()...)
	peers := map[foreign.Program]foreign.Peer{}
	for _, program := range foreign.Peers() {
		peers[program] = foreign.NewPeer(t, program)
	}
	keys := keys(t)
	t.Run("they verify each other", func(t *testing.T) { peersAgree(t, peers, keys) })
	t.Run("what they cannot do", func(t *testing.T) { checkUnsupported(t, peers, keys) })
	t.Run("another key", func(t *testing.T) { checkKey(t, peers, keys[foreign.RSA]) })
	t.Run("place of the signature", func(t *testing.T) { checkPlace(t, peers, keys[foreign.RSA]) })
}

// peersAgree: each program verifies what each other one signed, and refuses its
// own once changed.
func peersAgree(t *testing.T, peers map[foreign.Program]foreign.Peer, keys map[foreign.Kind]*foreign.Key) {
	t.Helper()
	for _, algorithm := range foreign.Algorithms() {
		if !usual(algorithm) {
			continue
		}
		key := keys[algorithm.Key]
		for _, signer := range peers {
			if signer.Program().Unsupported(algorithm) != "" {
				continue
			}
			signed, err := signer.Sign(key, algorithm, []byte(response), 1)
			if err != nil {
				t.Errorf("%s signs with %s: %v", signer.Program(), algorithm.Name, err)
				continue
			}
			for _, verifier := range peers {
				if verifier.Program().Unsupported(algorithm) == "" {
					checkVerifier(t, verifier, key, signer, signed)
				}
			}
		}
	}
}

func checkVerifier(t *testing.T, verifier foreign.Peer, key *foreign.Key, signer foreign.Peer, signed []byte) {
	t.Helper()
	if err := verifier.Verify(key, signed); err != nil {
		t.Errorf("%s verifies what %s signed: %v\n%s", verifier.Program(), signer.Program(), err, signed)
	}
	if signer != verifier {
		return // each program's eyes are tested once, on its own signature
	}
	for what, changed := range tampered(signed) {
		if bytes.Equal(changed, signed) {
			t.Fatalf("the change of the %s changed nothing in %s", what, signed)
		}
		wantRefusal(t, verifier.Program(), verifier.Verify(key, changed))
	}
}

// checkUnsupported holds the table of who supports what: with an algorithm that
// it denies, signing and verifying must fail.
func checkUnsupported(t *testing.T, peers map[foreign.Program]foreign.Peer, keys map[foreign.Kind]*foreign.Key) {
	t.Helper()
	for program, peer := range peers {
		for _, algorithm := range foreign.Algorithms() {
			if program.Unsupported(algorithm) == "" {
				continue
			}
			key := keys[algorithm.Key]
			if signed, err := peer.Sign(key, algorithm, []byte(response), 1); err == nil {
				t.Errorf("%s signs with %s, which the table denies: %s", program, algorithm.Name, signed)
			}
			signed, err := peers[foreign.JDK].Sign(key, algorithm, []byte(response), 1)
			if err != nil {
				t.Fatal(err)
			}
			if err := peer.Verify(key, signed); err == nil {
				t.Errorf("%s verifies %s, which the table denies", program, algorithm.Name)
			}
		}
	}
}

// checkKey shows that a program verifies by the key it was given.
func checkKey(t *testing.T, peers map[foreign.Program]foreign.Peer, right *foreign.Key) {
	t.Helper()
	wrong := foreign.NewKey(t, foreign.RSA)
	for program, peer := range peers {
		signed, err := peer.Sign(right, foreign.Algorithms()[0], []byte(response), 1)
		if err != nil {
			t.Fatal(err)
		}
		wantRefusal(t, program, peer.Verify(wrong, signed))
	}
}

// checkPlace shows that a program puts the signature where it is told.
func checkPlace(t *testing.T, peers map[foreign.Program]foreign.Peer, key *foreign.Key) {
	t.Helper()
	const document = `<m:M xmlns:m="urn:x:m" ID="_1"> <m:a>1</m:a> <m:b/></m:M>`
	orders := []string{"Signature a b", "a Signature b", "a b Signature"}
	for program, peer := range peers {
		if program == foreign.SAMLSign {
			continue // it knows the place by itself
		}
		for behind, want := range orders {
			signed, err := peer.Sign(key, foreign.Algorithms()[0], []byte(document), behind)
			if err != nil {
				t.Errorf("%s: %v", program, err)
				continue
			}
			if got := order(string(signed)); got != want {
				t.Errorf("%s, behind %d: %s, want %s", program, behind, got, want)
			}
			if err := peer.Verify(key, signed); err != nil {
				t.Errorf("%s verifies its own: %v", program, err)
			}
		}
	}
}

// order tells in which order the parts of the document of checkPlace stand.
func order(signed string) string {
	a, b, signature := strings.Index(signed, "<m:a"), strings.Index(signed, "<m:b"), strings.Index(signed, "<ds:Signature")
	switch {
	case signature < a:
		return "Signature a b"
	case signature < b:
		return "a Signature b"
	default:
		return "a b Signature"
	}
}

func TestEncryption(t *testing.T) {
	foreign.Need(t, foreign.Santuario)
	recipient, other := foreign.NewKey(t, foreign.RSA), foreign.NewKey(t, foreign.RSA)
	encryption := foreign.NewEncryption(t)
	const document = `<m:M xmlns:m="urn:x:m"><m:secret>4&lt;2</m:secret></m:M>`

	encrypted, err := encryption.EncryptElement(recipient, []byte(document), 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, uri := range []string{"http://www.w3.org/2009/xmlenc11#aes256-gcm", "http://www.w3.org/2009/xmlenc11#rsa-oaep",
		"http://www.w3.org/2009/xmlenc11#mgf1sha256", "http://www.w3.org/2001/04/xmlenc#sha256"} {
		if !bytes.Contains(encrypted, []byte(uri)) {
			t.Errorf("no %s in %s", uri, encrypted)
		}
	}
	if bytes.Contains(encrypted, []byte("secret")) {
		t.Errorf("the element is still there: %s", encrypted)
	}
	if got, err := encryption.DecryptElement(recipient, encrypted); err != nil || string(got) != document {
		t.Errorf("decrypted %s, %v", got, err)
	}
	_, err = encryption.DecryptElement(other, encrypted)
	wantRefusal(t, foreign.Santuario, err)

	plaintext := []byte("instrument \x00\xff")
	encrypted, err = encryption.EncryptBytes(recipient, plaintext, "")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := encryption.DecryptBytes(recipient, encrypted); err != nil || !bytes.Equal(got, plaintext) {
		t.Errorf("decrypted %q, %v", got, err)
	}
}

// TestMissing shows that a missing program has a name and a reason.
func TestMissing(t *testing.T) {
	t.Setenv("PATH", "")
	for _, program := range []foreign.Program{foreign.XMLSec1, foreign.JDK, foreign.XMLCrypto, foreign.SAMLSign, foreign.XMLLint} {
		if err := program.Find(); err == nil || !strings.Contains(err.Error(), "Debian package") {
			t.Errorf("%s: %v", program, err)
		}
	}
}

// TestValidate validates a message that extends SAML's types, as those of the
// standard do, against the installed schemas without any network.
func TestValidate(t *testing.T) {
	foreign.Need(t, foreign.XMLLint, foreign.Schemas)
	const schema = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"` +
		` targetNamespace="urn:x:m" elementFormDefault="qualified">` +
		`<xs:import namespace="urn:oasis:names:tc:SAML:2.0:protocol" schemaLocation="urn:oasis:names:tc:SAML:2.0:protocol"/>` +
		`<xs:element name="Ask"><xs:complexType><xs:complexContent><xs:extension base="samlp:RequestAbstractType"/></xs:complexContent></xs:complexType></xs:element>` +
		`</xs:schema>`
	const valid = `<m:Ask xmlns:m="urn:x:m" ID="_1" Version="2.0" IssueInstant="2026-11-24T00:00:00Z"/>`
	file := filepath.Join(t.TempDir(), "ask.xsd")
	if err := os.WriteFile(file, []byte(schema), 0o600); err != nil {
		t.Fatal(err)
	}
	lint := foreign.NewLint(t)
	if err := lint.Validate(file, []byte(valid), []byte(valid)); err != nil {
		t.Error(err)
	}
	for what, document := range map[string]string{
		"an attribute is missing": strings.Replace(valid, ` Version="2.0"`, "", 1),
		"it is not well-formed":   strings.TrimSuffix(valid, ">"),
		"an element is unknown":   strings.Replace(valid, "/>", "><m:x/></m:Ask>", 1),
	} {
		t.Run(what, func(t *testing.T) {
			wantRefusal(t, foreign.XMLLint, lint.Validate(file, []byte(valid), []byte(document)))
		})
	}
	var refusal *foreign.Refusal
	if err := lint.Validate(file+"x", []byte(valid)); err == nil || errors.As(err, &refusal) {
		t.Errorf("an absent schema: got %v, want an error that is no refusal", err)
	}
}
