package xmlsig

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io/fs"
	"testing"

	"github.com/c2sp/wycheproof"
)

// TestWycheproof gives the signatures of Wycheproof to the step that checks a
// signature value, length included, with the algorithm that each file is for.
// The number of tests in each file is that of the version that was looked at.
func TestWycheproof(t *testing.T) {
	files := []struct {
		name   string
		method Algorithm
		tests  int
	}{
		{"rsa_signature_2048_sha256_test.json", RSASHA256, 259},
		{"rsa_signature_3072_sha256_test.json", RSASHA256, 259},
		{"rsa_signature_4096_sha256_test.json", RSASHA256, 258},
		{"rsa_signature_2048_sha384_test.json", RSASHA384, 258},
		{"rsa_signature_3072_sha384_test.json", RSASHA384, 259},
		{"rsa_signature_2048_sha512_test.json", RSASHA512, 259},
		{"rsa_signature_4096_sha512_test.json", RSASHA512, 259},
		{"rsa_pss_2048_sha256_mgf1_32_test.json", RSAPSSSHA256, 108},
		{"rsa_pss_3072_sha256_mgf1_32_test.json", RSAPSSSHA256, 108},
		{"rsa_pss_4096_sha256_mgf1_32_test.json", RSAPSSSHA256, 108},
		{"rsa_pss_2048_sha384_mgf1_48_test.json", RSAPSSSHA384, 141},
		{"rsa_pss_4096_sha512_mgf1_64_test.json", RSAPSSSHA512, 179},
		{"ecdsa_secp256r1_sha256_p1363_test.json", ECDSASHA256, 262},
		{"ecdsa_secp256r1_sha512_p1363_test.json", ECDSASHA512, 332},
		{"ecdsa_secp384r1_sha384_p1363_test.json", ECDSASHA384, 280},
		{"ecdsa_secp384r1_sha512_p1363_test.json", ECDSASHA512, 318},
		{"ed25519_test.json", Ed25519, 151},
	}
	for _, file := range files {
		t.Run(file.name, func(t *testing.T) {
			groups, tests := wycheproofGroups(t, file.name)
			if tests != file.tests {
				t.Errorf("%d tests, want %d", tests, file.tests)
			}
			for _, g := range groups {
				g.run(t, file.method)
			}
		})
	}
}

// wycheproofGroup is a key with signatures that claim to be by it.
type wycheproofGroup struct {
	PublicKeyPem string `json:"publicKeyPem"`
	Tests        []struct {
		ID      int    `json:"tcId"`
		Comment string `json:"comment"`
		Msg     string `json:"msg"`
		Sig     string `json:"sig"`
		Result  string `json:"result"`
	} `json:"tests"`
}

func wycheproofGroups(t *testing.T, name string) (groups []wycheproofGroup, tests int) {
	t.Helper()
	raw, err := fs.ReadFile(wycheproof.TestVectors, name)
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		NumberOfTests int               `json:"numberOfTests"`
		TestGroups    []wycheproofGroup `json:"testGroups"`
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	return file.TestGroups, file.NumberOfTests
}

func (g wycheproofGroup) run(t *testing.T, method Algorithm) {
	t.Helper()
	block, _ := pem.Decode([]byte(g.PublicKeyPem))
	if block == nil {
		t.Fatalf("no key in %q", g.PublicKeyPem)
	}
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	key, err := NewPublicKey(parsed)
	if k, ok := parsed.(*rsa.PublicKey); ok && k.E < MinRSAExponent {
		if !errors.Is(err, ErrWeakKey) { // all of its signatures are refused with it
			t.Errorf("exponent %d: %v", k.E, err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	scheme, _ := method.scheme()
	for _, test := range g.Tests {
		msg, value := unhex(t, test.Msg), unhex(t, test.Sig)
		s := signature{method: method, scheme: scheme, value: value}
		hashed := hashOf(scheme.hash, msg)
		valid := len(value) == key.size && s.valid(key, msg, hashed.bytes())
		// "acceptable" marks what RFC 8017 does not allow and some take.
		if valid != (test.Result == "valid") {
			t.Errorf("%d (%s): valid = %v, want %s", test.ID, test.Comment, valid, test.Result)
		}
	}
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
