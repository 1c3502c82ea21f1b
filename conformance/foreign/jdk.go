package foreign

import (
	"strconv"
	"strings"
	"testing"
)

func findJava() error {
	if err := findCommand("java", "openjdk-17-jdk-headless"); err != nil {
		return err
	}
	// The launcher compiles a source file only where the compiler is there too.
	return findCommand("javac", "openjdk-17-jdk-headless")
}

// Java is the JDK's XML Signature and canonicalizer, in one process.
type Java struct{ process *process }

// NewJava starts a Java virtual machine until the test ends.
func NewJava(t testing.TB) *Java {
	t.Helper()
	source, err := sourceFile("java", "Signature.java")
	if err != nil {
		t.Fatal(err)
	}
	// The canonicalizer that javax.xml.crypto.dsig uses is not exported.
	const hidden = "java.xml.crypto/com.sun.org.apache.xml.internal.security"
	return &Java{start(t, JDK, "java", "-XX:TieredStopAtLevel=1", "--add-exports", hidden+"=ALL-UNNAMED",
		"--add-exports", hidden+".c14n=ALL-UNNAMED", source)}
}

// Program returns JDK.
func (*Java) Program() Program { return JDK }

// Sign signs with javax.xml.crypto.dsig and writes the document with a Transformer.
func (j *Java) Sign(key *Key, algorithm Algorithm, document []byte, behind int) ([]byte, error) {
	return j.process.ask("sign", algorithm.URI, algorithm.Digest, string(key.PKCS8), key.javaName(), string(document),
		strconv.Itoa(behind), IDAttribute)
}

// Verify verifies with secure validation.
func (j *Java) Verify(key *Key, document []byte) error {
	_, err := j.process.ask("verify", string(key.SPKI), key.javaName(), string(document), IDAttribute)
	return err
}

// Canonical returns the exclusive canonical form of an element, given by its
// number in document order (the root is 0), with an InclusiveNamespaces
// PrefixList or none.
func (j *Java) Canonical(document []byte, element int, prefixes ...string) ([]byte, error) {
	return j.process.ask("c14n", string(document), strconv.Itoa(element), strings.Join(prefixes, " "))
}
