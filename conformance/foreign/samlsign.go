package foreign

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// samlsign runs OpenSAML's command line program, which takes only SAML's own
// elements and checks their profile (SAML core 5.4) before the signature.
type samlsign struct{ folder string }

func (*samlsign) Program() Program { return SAMLSign }

// Sign puts the signature where the SAML schema wants it, whatever behind says.
func (s *samlsign) Sign(key *Key, algorithm Algorithm, document []byte, _ int) ([]byte, error) {
	file, err := s.write(document)
	if err != nil {
		return nil, err
	}
	return s.run("-s", "-k", key.privateFile, "-c", key.certificateFile, "-f", file, "-alg", algorithm.URI, "-dig", algorithm.Digest)
}

func (s *samlsign) Verify(key *Key, document []byte) error {
	file, err := s.write(document)
	if err != nil {
		return err
	}
	_, err = s.run("-c", key.certificateFile, "-f", file)
	return err
}

func (s *samlsign) write(document []byte) (string, error) {
	file := filepath.Join(s.folder, "document.xml")
	return file, os.WriteFile(file, document, 0o600)
}

func (*samlsign) run(args ...string) ([]byte, error) {
	command := exec.Command("samlsign", args...)
	var out, stderr bytes.Buffer
	command.Stdout, command.Stderr = &out, &stderr
	err := command.Run()
	switch {
	case err == nil:
		return out.Bytes(), nil
	case bytes.Contains(stderr.Bytes(), []byte("CredentialResolver did not supply a")): // no key fits the signature
		return nil, &Refusal{SAMLSign, stderr.String()}
	}
	return nil, fmt.Errorf("samlsign: %w: %s", err, stderr.String())
}
