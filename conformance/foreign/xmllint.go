package foreign

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Debian's catalogs of the SAML, XML Signature and XML Encryption schemas. Their
// system identifiers are the namespaces, so a schema imports them with a
// schemaLocation that is the namespace.
const (
	samlCatalog       = "/usr/share/xml/opensaml/saml20-catalog.xml"
	xmltoolingCatalog = "/usr/share/xml/xmltooling/catalog.xml"
)

func findSchemas() error {
	return errors.Join(findFile(samlCatalog, "opensaml-schemas"), findFile(xmltoolingCatalog, "xmltooling-schemas"))
}

// Lint is xmllint: libxml2's canonicalizer and schema validator.
type Lint struct{ folder, catalog string }

// NewLint prepares xmllint, with a catalog of the installed schemas, for a test.
func NewLint(t testing.TB) *Lint {
	t.Helper()
	folder := t.TempDir()
	l := &Lint{folder, filepath.Join(folder, "catalog.xml")}
	if err := os.WriteFile(l.catalog, []byte(catalog), 0o600); err != nil {
		t.Fatal(err)
	}
	return l
}

// catalog leads to Debian's, and gives the addresses by which the SAML schemas
// themselves import what they need, so that validation touches no network.
const catalog = `<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">
  <system systemId="http://www.w3.org/TR/2002/REC-xmldsig-core-20020212/xmldsig-core-schema.xsd" uri="file:///usr/share/xml/xmltooling/xmldsig-core-schema.xsd"/>
  <system systemId="http://www.w3.org/TR/2002/REC-xmlenc-core-20021210/xenc-schema.xsd" uri="file:///usr/share/xml/xmltooling/xenc-schema.xsd"/>
  <system systemId="http://www.w3.org/2001/xml.xsd" uri="file:///usr/share/xml/xmltooling/xml.xsd"/>
  <nextCatalog catalog="file://` + samlCatalog + `"/>
  <nextCatalog catalog="file://` + xmltoolingCatalog + `"/>
</catalog>
`

// Canonical returns the exclusive canonical form of each document, from one run
// of the program for all of them.
func (l *Lint) Canonical(documents [][]byte) ([][]byte, error) {
	// The program writes the forms without anything in between, so a document
	// that nobody can foresee stands behind each.
	fence := "fence-" + rand.Text()
	fenceFile := filepath.Join(l.folder, "fence.xml")
	if err := os.WriteFile(fenceFile, []byte("<"+fence+"/>"), 0o600); err != nil {
		return nil, err
	}
	args := []string{"--nonet", "--exc-c14n"}
	for i, document := range documents {
		file := filepath.Join(l.folder, fmt.Sprintf("%d.xml", i))
		if err := os.WriteFile(file, document, 0o600); err != nil {
			return nil, err
		}
		args = append(args, file, fenceFile)
	}
	out, stderr, err := l.run(args...)
	if err != nil {
		return nil, fmt.Errorf("xmllint: %w: %s", err, stderr)
	}
	forms := bytes.Split(out, []byte("<"+fence+"></"+fence+">"))
	if len(forms) != len(documents)+1 || len(forms[len(documents)]) != 0 {
		return nil, fmt.Errorf("xmllint: %d forms of %d documents: %s", len(forms)-1, len(documents), stderr)
	}
	return forms[:len(documents)], nil
}

// Validate checks documents against a schema file. One that is not valid gives a
// *Refusal with what xmllint says of all of them.
func (l *Lint) Validate(schema string, documents ...[]byte) error {
	args := []string{"--nonet", "--noout", "--schema", schema}
	for i, document := range documents {
		file := filepath.Join(l.folder, fmt.Sprintf("valid-%d.xml", i))
		if err := os.WriteFile(file, document, 0o600); err != nil {
			return err
		}
		args = append(args, file)
	}
	_, stderr, err := l.run(args...)
	var exit *exec.ExitError
	switch {
	case bytes.Contains(stderr, []byte("Skipping the import")): // it would validate less, and say nothing
		return fmt.Errorf("xmllint: a schema is missing: %s", stderr)
	case err == nil:
		return nil
	case errors.As(err, &exit) && (exit.ExitCode() == notWellFormed || exit.ExitCode() == notValid):
		return &Refusal{XMLLint, strings.TrimSpace(string(stderr))}
	}
	return fmt.Errorf("xmllint: %w: %s", err, stderr)
}

// The exit codes of xmllint for a document's own faults.
const (
	notWellFormed = 1
	notValid      = 3
)

func (l *Lint) run(args ...string) (out, stderr []byte, err error) {
	command := exec.Command("xmllint", args...)
	command.Env = append(os.Environ(), "XML_CATALOG_FILES="+l.catalog)
	var stdout, diagnostics bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &diagnostics
	err = command.Run()
	return stdout.Bytes(), diagnostics.Bytes(), err
}
