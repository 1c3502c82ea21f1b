package foreign

import (
	"bytes"
	"crypto/rand"
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// xmlsec1 runs the command line program on files in its folder.
type xmlsec1 struct{ folder string }

func (*xmlsec1) Program() Program { return XMLSec1 }

// template is the signature to be filled in.
const template = `<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo>` +
	`<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>` +
	`<ds:SignatureMethod Algorithm="%s"/><ds:Reference URI="#%s"><ds:Transforms>` +
	`<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>` +
	`<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></ds:Transforms>` +
	`<ds:DigestMethod Algorithm="%s"/><ds:DigestValue/></ds:Reference></ds:SignedInfo>` +
	`<ds:SignatureValue/></ds:Signature>`

// WithTemplate returns the document with a signature to be filled in, behind so
// many child elements of its root.
func WithTemplate(algorithm Algorithm, document []byte, behind int) ([]byte, error) {
	root, at, err := place(document, behind)
	if err != nil {
		return nil, err
	}
	signature := fmt.Sprintf(template, algorithm.URI, html.EscapeString(attribute(root, IDAttribute)), algorithm.Digest)
	return append(append(bytes.Clone(document[:at]), signature...), document[at:]...), nil
}

func (x *xmlsec1) Sign(key *Key, algorithm Algorithm, document []byte, behind int) ([]byte, error) {
	root, _, err := place(document, 0)
	if err != nil {
		return nil, err
	}
	with, err := WithTemplate(algorithm, document, behind)
	if err != nil {
		return nil, err
	}
	in, out := filepath.Join(x.folder, "template.xml"), filepath.Join(x.folder, rand.Text()+".xml")
	if err := os.WriteFile(in, with, 0o600); err != nil {
		return nil, err
	}
	if err := x.run("--sign", "--privkey-pem", key.privateFile, "--id-attr:"+IDAttribute, qualified(root), "--output", out, in); err != nil {
		return nil, err
	}
	return os.ReadFile(out)
}

func (x *xmlsec1) Verify(key *Key, document []byte) error {
	root, _, err := place(document, 0)
	if err != nil {
		return err
	}
	in := filepath.Join(x.folder, "verify.xml")
	if err := os.WriteFile(in, document, 0o600); err != nil {
		return err
	}
	return x.run("--verify", "--pubkey-pem", key.publicFile, "--enabled-key-data", "rsa,ecdsa",
		"--enabled-reference-uris", "empty,same-doc", "--id-attr:"+IDAttribute, qualified(root), in)
}

func (*xmlsec1) run(args ...string) error {
	out, err := exec.Command("xmlsec1", args...).CombinedOutput()
	if err == nil {
		return nil
	}
	for line := range strings.Lines(string(out)) {
		if strings.TrimSpace(line) == "FAIL" { // "ERROR" where it got no result
			return &Refusal{XMLSec1, string(out)}
		}
	}
	return fmt.Errorf("xmlsec1: %w: %s", err, out)
}

// place returns the root's start tag and the offset behind so many child
// elements of it.
func place(document []byte, behind int) (root xml.StartElement, at int64, err error) {
	decoder := xml.NewDecoder(bytes.NewReader(document))
	depth := 0
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return root, 0, fmt.Errorf("the root has fewer than %d child elements", behind)
		}
		if err != nil {
			return root, 0, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			if depth++; depth == 1 {
				root = token.Copy()
			}
		case xml.EndElement:
			if depth--; depth == 1 {
				behind--
			}
		default:
			continue
		}
		if depth == 1 && behind == 0 {
			return root, decoder.InputOffset(), nil
		}
	}
}

func attribute(element xml.StartElement, name string) string {
	for _, a := range element.Attr {
		if a.Name.Space == "" && a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// qualified names an element as xmlsec1's options do.
func qualified(element xml.StartElement) string {
	if element.Name.Space == "" {
		return element.Name.Local
	}
	return element.Name.Space + ":" + element.Name.Local
}
