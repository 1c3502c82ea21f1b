package interop_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/kecis/sdk/conformance/foreign"
	"github.com/kecis/sdk/kecis/xmlsig"
)

// TestSignatures: each library verifies what we sign and we verify what it
// signs, in every algorithm that it has; changed twins are refused by both; and
// what it is said to be unable to do does fail.
func TestSignatures(t *testing.T) {
	keys := keys(t)
	for _, library := range libraries() {
		for _, algorithm := range foreign.Algorithms() {
			t.Run(library.name+"/"+algorithm.Name, func(t *testing.T) {
				theyVerify(t, library, keys[algorithm.Key], algorithm)
				theySign(t, library, keys[algorithm.Key], algorithm)
			})
		}
	}
}

func theyVerify(t *testing.T, library library, key *foreign.Key, algorithm foreign.Algorithm) {
	t.Helper()
	signed := weSign(t, key, algorithm, document)
	err := library.verify(key, signed)
	if reason := library.unableToVerify(algorithm); reason != "" {
		if err == nil {
			t.Errorf("it verifies ours, though %s", reason)
		}
		return
	}
	if err != nil {
		t.Errorf("it does not verify ours: %v\n%s", err, signed)
	}
	if err := library.verify(key, bent(signed)); err == nil {
		t.Error("it accepts ours with another amount")
	}
}

func theySign(t *testing.T, library library, key *foreign.Key, algorithm foreign.Algorithm) {
	t.Helper()
	signed, err := library.sign(key, algorithm, []byte(document))
	if reason := library.unableToSign(algorithm); reason != "" {
		if err == nil && weVerify(t, key, signed) == nil {
			t.Errorf("we verify its signature, though %s", reason)
		}
		return
	}
	if err != nil {
		t.Fatalf("it does not sign: %v", err)
	}
	if err := weVerify(t, key, signed); err != nil {
		t.Errorf("we do not verify its signature: %v\n%s", err, signed)
	}
	if err := weVerify(t, key, bent(signed)); !errors.Is(err, xmlsig.ErrDigestMismatch) {
		t.Errorf("its signature with another amount: %v", err)
	}
}

// bent is the document with another amount.
func bent(signed []byte) []byte {
	return bytes.Replace(signed, []byte(">50000<"), []byte(">50001<"), 1)
}
