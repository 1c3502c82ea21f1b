package foreign

import (
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// javaFolder is where Debian puts the jars of Java libraries.
const javaFolder = "/usr/share/java"

// santuarioJars maps each jar that Santuario runs on to its Debian package.
func santuarioJars() map[string]string {
	return map[string]string{
		"xmlsec.jar":        "libxml-security-java",
		"slf4j-api.jar":     "libslf4j-java",
		"slf4j-nop.jar":     "libslf4j-java",
		"commons-codec.jar": "libcommons-codec-java",
	}
}

func findSantuario() error {
	for jar, debian := range santuarioJars() {
		if err := findFile(filepath.Join(javaFolder, jar), debian); err != nil {
			return err
		}
	}
	return findJava()
}

// Encryption is Santuario's XML Encryption, in one process: AES-256-GCM with
// the key under RSA-OAEP (xmlenc11#rsa-oaep, SHA-256, MGF1 with SHA-256).
// Version 2.1 has no ECDH-ES.
type Encryption struct{ process *process }

// NewEncryption starts a Java virtual machine with Santuario until the test ends.
func NewEncryption(t testing.TB) *Encryption {
	t.Helper()
	source, err := sourceFile("java", "Encryption.java")
	if err != nil {
		t.Fatal(err)
	}
	var path []string
	for jar := range santuarioJars() {
		path = append(path, filepath.Join(javaFolder, jar))
	}
	return &Encryption{start(t, Santuario, "java", "-XX:TieredStopAtLevel=1", "-cp", strings.Join(path, ":"), source)}
}

// EncryptElement puts an EncryptedData in place of an element, given by its
// number in document order (the root is 0).
func (e *Encryption) EncryptElement(recipient *Key, document []byte, element int) ([]byte, error) {
	return e.process.ask("encrypt", string(recipient.SPKI), string(document), strconv.Itoa(element))
}

// EncryptBytes returns an EncryptedData document that holds the plaintext, with
// this Type attribute or none.
func (e *Encryption) EncryptBytes(recipient *Key, plaintext []byte, typeURI string) ([]byte, error) {
	return e.process.ask("encrypt-bytes", string(recipient.SPKI), string(plaintext), typeURI)
}

// DecryptElement puts the plaintext in place of the document's EncryptedData.
// A ciphertext that does not open gives a *Refusal.
func (e *Encryption) DecryptElement(recipient *Key, document []byte) ([]byte, error) {
	return e.process.ask("decrypt", string(recipient.PKCS8), string(document))
}

// DecryptBytes returns the plaintext of the document's EncryptedData. A
// ciphertext that does not open gives a *Refusal.
func (e *Encryption) DecryptBytes(recipient *Key, document []byte) ([]byte, error) {
	return e.process.ask("decrypt-bytes", string(recipient.PKCS8), string(document))
}
