package foreign

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// ServiceProvider is a SAML service provider of others, which sends people to an
// identity provider and takes its answers.
type ServiceProvider struct {
	program Program
	process *process
	entity  string
}

// ServiceProviderConfig says how a foreign service provider is set up.
type ServiceProviderConfig struct {
	// Entity is its entityID, Reply where it takes answers.
	Entity, Reply string
	// SSO is the identity provider's address, Certificate the one of its key in PEM,
	// and Metadata its metadata without a signature.
	SSO, Certificate, Metadata string
	// Key and KeyCertificate, in PEM, sign its requests; "" does not sign.
	Key, KeyCertificate string
}

// NewServiceProvider starts one of NodeSAML and PySAML2 until the test ends.
func NewServiceProvider(t testing.TB, program Program, c ServiceProviderConfig) *ServiceProvider {
	t.Helper()
	interpreter, folder, file := "node", "node", "serviceprovider.js"
	args := []string{c.Entity, c.Reply, c.SSO, c.Certificate, c.Key}
	if program == PySAML2 {
		interpreter, folder, file = pythonOfDebian, "python", "serviceprovider.py"
		args = []string{c.Entity, c.Reply, c.Metadata, c.Key, c.KeyCertificate}
	}
	script, err := sourceFile(folder, file)
	if err != nil {
		t.Fatal(err)
	}
	s := &ServiceProvider{program, start(t, program, interpreter, script), c.Entity}
	if _, err := s.process.ask("provider", args...); err != nil {
		t.Fatal(err)
	}
	return s
}

// Redirect returns the address, with the request, that a browser is sent to.
func (s *ServiceProvider) Redirect(state string) (string, error) {
	value, err := s.process.ask("redirect", s.entity, state)
	return string(value), err
}

// Post returns the field SAMLRequest of the form that a browser posts.
func (s *ServiceProvider) Post(state string) (string, error) {
	value, err := s.process.ask("post", s.entity, state)
	return string(value), err
}

// Login takes the field SAMLResponse, and returns the name of who logged in. A
// refusal is a *Refusal.
func (s *ServiceProvider) Login(response string) (string, error) {
	value, err := s.process.ask("login", s.entity, response)
	return string(value), err
}

// Confirmed takes the field SAMLResponse, and returns how its subject is confirmed, as
// far as the service provider finds it so: each method, with the certificate that it
// names behind a blank. PySAML2 alone can tell.
func (s *ServiceProvider) Confirmed(response string) ([]string, error) {
	value, err := s.process.ask("confirmed", s.entity, response)
	return strings.Split(string(value), "\n"), err
}

// pythonOfDebian is the Python that Debian's packages are for.
const pythonOfDebian = "/usr/bin/python3"

func findPySAML2() error {
	if err := findCommand("xmlsec1", "xmlsec1"); err != nil {
		return err
	}
	if err := exec.Command(pythonOfDebian, "-c", "import saml2").Run(); err != nil {
		return fmt.Errorf("%w (Debian package python3-pysaml2)", err)
	}
	return nil
}

func findNodeSAML() error {
	if err := findCommand("node", "nodejs"); err != nil {
		return err
	}
	script, err := sourceFile("node", "serviceprovider.js")
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(script), "node_modules", "@node-saml", "node-saml")); err != nil {
		return fmt.Errorf("%w (npm ci --ignore-scripts in conformance/foreign/node)", err)
	}
	return nil
}
