package foreign

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

func findXMLCrypto() error {
	if err := findCommand("node", "nodejs"); err != nil {
		return err
	}
	script, err := sourceFile("node", "signature.js")
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(script), "node_modules", "xml-crypto")); err != nil {
		return fmt.Errorf("%w (npm ci --ignore-scripts in conformance/foreign/node)", err)
	}
	return nil
}

type xmlCrypto struct{ process *process }

func newXMLCrypto(t testing.TB) *xmlCrypto {
	t.Helper()
	script, err := sourceFile("node", "signature.js")
	if err != nil {
		t.Fatal(err)
	}
	return &xmlCrypto{start(t, XMLCrypto, "node", script)}
}

func (*xmlCrypto) Program() Program { return XMLCrypto }

func (x *xmlCrypto) Sign(key *Key, algorithm Algorithm, document []byte, behind int) ([]byte, error) {
	return x.process.ask("sign", algorithm.URI, algorithm.Digest, key.PrivatePEM, string(document), strconv.Itoa(behind))
}

func (x *xmlCrypto) Verify(key *Key, document []byte) error {
	_, err := x.process.ask("verify", key.PublicPEM, string(document))
	return err
}
