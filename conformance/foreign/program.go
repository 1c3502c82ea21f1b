package foreign

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Program names a foreign program, as a person would.
type Program string

// The programs that this package drives.
const (
	XMLSec1   Program = "xmlsec1"
	JDK       Program = "JDK javax.xml.crypto.dsig"
	XMLCrypto Program = "Node xml-crypto"
	SAMLSign  Program = "OpenSAML samlsign"
	Santuario Program = "Apache Santuario"
	XMLLint   Program = "xmllint"
	NodeSAML  Program = "Node node-saml"
	PySAML2   Program = "pysaml2"
	Schemas   Program = "SAML and XML Signature schemas"
	Chromium  Program = "Chromium"
	NSSTools  Program = "NSS tools"
	AxeCore   Program = "axe-core"
)

// requireVariable, set to "all", makes an absent program a failure: in CI a
// skipped proof would look like a passed one.
const requireVariable = "KECIS_REQUIRE"

// Need skips the test if one of the programs is absent, naming it and what
// brings it; with KECIS_REQUIRE=all the test fails instead.
func Need(t testing.TB, programs ...Program) {
	t.Helper()
	for _, program := range programs {
		err := program.Find()
		switch {
		case err == nil:
		case os.Getenv(requireVariable) == "all":
			t.Fatalf("%s is required (%s=all): %v", program, requireVariable, err)
		default:
			t.Skipf("%s is not installed: %v", program, err)
		}
	}
}

// Find reports what of the program is missing, or nil if it can be run.
func (p Program) Find() error {
	switch p {
	case XMLSec1:
		return findCommand("xmlsec1", "xmlsec1")
	case JDK:
		return findJava()
	case XMLCrypto:
		return findXMLCrypto()
	case SAMLSign:
		return findCommand("samlsign", "opensaml-tools")
	case Santuario:
		return findSantuario()
	case XMLLint:
		return findCommand("xmllint", "libxml2-utils")
	case Schemas:
		return findSchemas()
	case NodeSAML:
		return findNodeSAML()
	case PySAML2:
		return findPySAML2()
	case Chromium:
		return findCommand("chromium", "chromium")
	case NSSTools:
		return findNSSTools()
	case AxeCore:
		return findAxeCore()
	}
	return fmt.Errorf("unknown program %q", string(p))
}

func findCommand(name, debian string) error {
	if _, err := exec.LookPath(name); err != nil {
		return fmt.Errorf("%w (Debian package %s)", err, debian)
	}
	return nil
}

func findFile(path, debian string) error {
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("%w (Debian package %s)", err, debian)
	}
	return nil
}

// sourceFile returns the path of one of this package's helper programs. Tests
// run in the folder of their package, somewhere below the repository's root.
func sourceFile(path ...string) (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", err
	}
	relative := filepath.Join(append([]string{"conformance", "foreign"}, path...)...)
	for {
		file := filepath.Join(folder, relative)
		if _, err := os.Stat(file); err == nil {
			return file, nil
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			return "", fmt.Errorf("%s: not found in this folder or above", relative)
		}
		folder = parent
	}
}
