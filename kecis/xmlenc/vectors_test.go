package xmlenc

import (
	"bytes"
	"crypto/aes"
	"crypto/ecdh"
	"crypto/rsa"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"slices"
	"testing"

	"github.com/c2sp/wycheproof"
)

// vectorFile is what these tests read of a file of Wycheproof.
type vectorFile[G any] struct {
	NumberOfTests int `json:"numberOfTests"`
	TestGroups    []G `json:"testGroups"`
}

type vector struct {
	ID      int      `json:"tcId"`
	Comment string   `json:"comment"`
	Flags   []string `json:"flags"`
	Result  string   `json:"result"`
}

// readVectors reads the groups, and fails if the file has not the number of
// tests that was looked at when this was written.
func readVectors[G any](t *testing.T, file string, want int) []G {
	t.Helper()
	raw, err := fs.ReadFile(wycheproof.TestVectors, file)
	if err != nil {
		t.Fatal(err)
	}
	var f vectorFile[G]
	if err := json.Unmarshal(raw, &f); err != nil {
		t.Fatal(err)
	}
	if f.NumberOfTests != want {
		t.Fatalf("%s has %d tests, want %d", file, f.NumberOfTests, want)
	}
	return f.TestGroups
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The RSA-OAEP form of the package, applied to its seam of a crypto.Decrypter.
func TestWycheproofOAEP(t *testing.T) {
	type test struct {
		vector
		Msg, Ct, Label string
	}
	type group struct {
		PrivateKeyPkcs8 string `json:"privateKeyPkcs8"`
		Tests           []test
	}
	ran := 0
	for _, g := range readVectors[group](t, "rsa_oaep_2048_sha256_mgf1sha256_test.json", 37) {
		parsed, err := x509.ParsePKCS8PrivateKey(unhex(t, g.PrivateKeyPkcs8))
		if err != nil {
			t.Fatal(err)
		}
		key := mustPrivateKey(t, parsed.(*rsa.PrivateKey))
		for _, tt := range g.Tests {
			got, err := key.rsa.Decrypt(nil, unhex(t, tt.Ct), oaep())
			// A label is not part of the profile: such blocks are refused.
			valid := tt.Result == "valid" && tt.Label == ""
			if valid != (err == nil) || valid && hex.EncodeToString(got) != tt.Msg {
				t.Errorf("%d (%s): got %x, %v, want %s %s", tt.ID, tt.Comment, got, err, tt.Result, tt.Msg)
			}
			ran++
		}
	}
	if ran != 37 {
		t.Errorf("%d tests ran", ran)
	}
}

func TestWycheproofGCM(t *testing.T) {
	type test struct {
		vector
		Key, Iv, Aad, Msg, Ct, Tag string
	}
	type group struct {
		KeySize int `json:"keySize"`
		IvSize  int `json:"ivSize"`
		TagSize int `json:"tagSize"`
		Tests   []test
	}
	ran := 0
	for _, g := range readVectors[group](t, "aes_gcm_test.json", 316) {
		if g.KeySize != 8*keySize || g.IvSize != 8*nonceSize || g.TagSize != 8*tagSize {
			continue
		}
		for _, tt := range g.Tests {
			gcm, err := newGCM(unhex(t, tt.Key))
			if err != nil {
				t.Fatal(err)
			}
			got, err := gcm.Open(nil, unhex(t, tt.Iv), unhex(t, tt.Ct+tt.Tag), unhex(t, tt.Aad))
			if (tt.Result == "valid") != (err == nil) || err == nil && hex.EncodeToString(got) != tt.Msg {
				t.Errorf("%d (%s): got %x, %v, want %s %s", tt.ID, tt.Comment, got, err, tt.Result, tt.Msg)
			}
			ran++
		}
	}
	if ran < 50 {
		t.Errorf("only %d tests ran", ran)
	}
}

// The points go through the reader of the element, and the private key through
// its seam; the shared secret is what crypto/ecdh gives.
func TestWycheproofECDH(t *testing.T) {
	type test struct {
		vector
		Public, Private, Shared string
	}
	type group struct {
		Encoding string
		Tests    []test
	}
	ran := 0
	for _, g := range readVectors[group](t, "ecdh_secp256r1_ecpoint_test.json", 355) {
		for _, tt := range g.Tests {
			ran++
			d := new(EncryptedData)
			leaf := &node{prefix: "dsig11", local: "PublicKey", text: base64Of(unhex(t, tt.Public))}
			err := d.readPoint(mustRoot(t, leaf.document(t)))
			// Compressed points ("acceptable") are refused.
			if valid := tt.Result == "valid"; valid != (err == nil) {
				t.Errorf("%d (%s): point read with %v, want %s", tt.ID, tt.Comment, err, tt.Result)
			}
			if err != nil {
				wantCode(t, err, ErrPoint)
				continue
			}
			scalar := unhex(t, tt.Private)
			private, err := ecdh.P256().NewPrivateKey(append(make([]byte, max(0, 32-len(scalar))), scalar[max(0, len(scalar)-32):]...))
			if err != nil {
				t.Fatalf("%d: %v", tt.ID, err)
			}
			secret, err := private.ECDH(d.ephemeral)
			if err != nil || hex.EncodeToString(secret) != tt.Shared {
				t.Errorf("%d (%s): got %x, %v, want %s", tt.ID, tt.Comment, secret, err, tt.Shared)
			}
			block, err := agree(mustPrivateKey(t, private).ec, d.ephemeral, keyID{})
			if zero := bytes.Equal(secret, make([]byte, 32)); zero != (err != nil) {
				t.Errorf("%d (%s): agreed with %v, secret zero: %t", tt.ID, tt.Comment, err, zero)
			}
			if err == nil && block.BlockSize() != aes.BlockSize {
				t.Errorf("%d: block size %d", tt.ID, block.BlockSize())
			}
		}
	}
	if ran != 355 {
		t.Errorf("%d tests ran", ran)
	}
}

func TestWycheproofKeyWrap(t *testing.T) {
	type test struct {
		vector
		Key, Msg, Ct string
	}
	type group struct {
		KeySize int `json:"keySize"`
		Tests   []test
	}
	ran := 0
	for _, g := range readVectors[group](t, "aes_wrap_test.json", 165) {
		for _, tt := range g.Tests {
			block, err := aes.NewCipher(unhex(t, tt.Key))
			if err != nil {
				t.Fatal(err)
			}
			msg, ct := unhex(t, tt.Msg), unhex(t, tt.Ct)
			// Lengths that RFC 3394 does not have never reach the function:
			// the reader takes exactly 40 bytes.
			if len(ct)%blockSize != 0 || len(ct) < 3*blockSize {
				if tt.Result == "valid" {
					t.Errorf("%d (%s): a valid length is left out", tt.ID, tt.Comment)
				}
				continue
			}
			ran++
			got, genuine := unwrapKey(block, ct)
			if tt.Result == "invalid" {
				if genuine {
					t.Errorf("%d (%s): genuine", tt.ID, tt.Comment)
				}
				continue
			}
			if !genuine || !bytes.Equal(got, msg) {
				t.Errorf("%d (%s): got %x, %t, want %x", tt.ID, tt.Comment, got, genuine, msg)
			}
			if wrapped := wrapKey(block, msg); !bytes.Equal(wrapped, ct) {
				t.Errorf("%d (%s): wrapped as %x, want %x", tt.ID, tt.Comment, wrapped, ct)
			}
		}
	}
	if ran < 90 {
		t.Errorf("only %d tests ran", ran)
	}
}

// RFC 3394 4.1 to 4.6.
func TestRFC3394(t *testing.T) {
	const (
		kek  = "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"
		data = "00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F"
	)
	for _, tt := range []struct {
		section   string
		kek, data int // bytes
		want      string
	}{
		{"4.1", 16, 16, "1FA68B0A8112B447AEF34BD8FB5A7B829D3E862371D2CFE5"},
		{"4.2", 24, 16, "96778B25AE6CA435F92B5B97C050AED2468AB8A17AD84E5D"},
		{"4.3", 32, 16, "64E8C3F9CE0F5BA263E9777905818A2A93C8191E7D6E8AE7"},
		{"4.4", 24, 24, "031D33264E15D33268F24EC260743EDCE1C6C7DDEE725A936BA814915C6762D2"},
		{"4.5", 32, 24, "A8F9BC1612C68B3FF6E6F4FBE30E71E4769C8B80A32CB8958CD5D17D6B254DA1"},
		{"4.6", 32, 32, "28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21"},
	} {
		block, err := aes.NewCipher(unhex(t, kek)[:tt.kek])
		if err != nil {
			t.Fatal(err)
		}
		key, want := unhex(t, data)[:tt.data], unhex(t, tt.want)
		if got := wrapKey(block, key); !bytes.Equal(got, want) {
			t.Errorf("%s: wrapped as %X, want %s", tt.section, got, tt.want)
		}
		if got, genuine := unwrapKey(block, want); !genuine || !bytes.Equal(got, key) {
			t.Errorf("%s: unwrapped as %X, %t", tt.section, got, genuine)
		}
	}
}

// RFC 7518, appendix C: ECDH on P-256 and ConcatKDF with SHA-256. Its OtherInfo
// has lengths before the fields; the function is the same.
func TestConcatKDFOfRFC7518(t *testing.T) {
	secret := []byte{
		158, 86, 217, 29, 129, 113, 53, 211, 114, 131, 66, 131, 191, 132, 38, 156,
		251, 49, 110, 163, 218, 128, 106, 72, 246, 218, 167, 121, 140, 254, 144, 196,
	}
	info := slices.Concat(
		[]byte{0, 0, 0, 7}, []byte("A128GCM"), []byte{0, 0, 0, 5}, []byte("Alice"),
		[]byte{0, 0, 0, 3}, []byte("Bob"), []byte{0, 0, 0, 128},
	)
	want := []byte{86, 170, 141, 234, 248, 35, 109, 32, 92, 34, 40, 205, 113, 167, 16, 26}
	if got := concatKDF(secret, info, 16); !bytes.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	// More than one round goes on with the next counter.
	long := concatKDF(secret, info, 40)
	if !bytes.Equal(long[:16], want) || len(long) != 40 || bytes.Equal(long[:8], long[32:]) {
		t.Errorf("got %x", long)
	}
}
