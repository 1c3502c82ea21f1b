package browser_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kecis/sdk/kecis/clientcert"
	"github.com/kecis/sdk/kecis/kecistest"
)

// identityHosts is how the names of hosts end that ask for certificates of persons.
const identityHosts = ".idp.localhost"

// strangerHost asks for certificates of an authority that nobody here has one of.
const strangerHost = "stranger" + identityHosts

// town is all servers of a test, each at a name of its own below localhost, over TLS on
// one port of this machine.
type town struct {
	t      testing.TB
	server *httptest.Server
	port   string
	// people is the hierarchy of certificates: of persons, and of these servers. lists
	// is where its revocations are told, as they are: without TLS.
	people *kecistest.Hierarchy
	lists  *httptest.Server

	mu           sync.Mutex
	hosts        map[string]http.Handler
	certificates map[string]*tls.Certificate
}

// newTown opens the port. Certificates are good by the machine's clock, which is the
// browser's.
func newTown(t testing.TB) *town {
	t.Helper()
	n := &town{t: t, hosts: map[string]http.Handler{}, certificates: map[string]*tls.Certificate{}}
	n.server = httptest.NewUnstartedServer(n)
	n.server.TLS = &tls.Config{MinVersion: tls.VersionTLS12, GetConfigForClient: n.greet}
	n.server.Config.ErrorLog = quietLog()
	_, n.port, _ = net.SplitHostPort(n.server.Listener.Addr().String())
	var responder http.Handler
	n.lists = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { responder.ServeHTTP(w, r) }))
	t.Cleanup(n.lists.Close)
	var err error
	n.people, err = kecistest.NewHierarchy(kecistest.HierarchyConfig{At: time.Now(), Keys: kecistest.P256, Base: n.lists.URL})
	if err != nil {
		t.Fatal(err)
	}
	responder = n.people.Responder(kecistest.ResponderConfig{Now: time.Now, Life: time.Hour})
	n.server.StartTLS()
	t.Cleanup(n.server.Close)
	return n
}

// greet asks for a certificate where persons log in by theirs.
func (n *town) greet(hello *tls.ClientHelloInfo) (*tls.Config, error) {
	certificate, err := n.certificate(hello.ServerName)
	if err != nil {
		return nil, err
	}
	if strings.HasSuffix(hello.ServerName, identityHosts) {
		hints := n.people.Intermediates()
		if hello.ServerName == strangerHost {
			hints = []*x509.Certificate{n.people.Stranger.Certificate}
		}
		return clientcert.ServerTLS([]tls.Certificate{*certificate}, hints...), nil
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{*certificate}, NextProtos: []string{"h2", "http/1.1"}}, nil
}

// certificate is that of a host. Each has one of its own: browsers use one connection
// for all names of a certificate, and an identity provider must have its own.
func (n *town) certificate(host string) (*tls.Certificate, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if c := n.certificates[host]; c != nil {
		return c, nil
	}
	now := time.Now()
	made, err := n.people.Root.IssueServer(now.Add(-time.Hour), now.Add(24*time.Hour), host)
	if err != nil {
		return nil, err
	}
	n.certificates[host] = &tls.Certificate{Certificate: made.Chain(), PrivateKey: made.Key}
	return n.certificates[host], nil
}

// at is the address of a path on a host.
func (n *town) at(host, path string) string { return "https://" + host + ":" + n.port + path }

// open puts a handler on a host, for all its paths.
func (n *town) open(host string, h http.Handler) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.hosts[host] = h
}

func (n *town) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	host, _, _ := strings.Cut(r.Host, ":")
	n.mu.Lock()
	h := n.hosts[host]
	n.mu.Unlock()
	if r.URL.Path == "/favicon.ico" { // browsers ask for it
		w.WriteHeader(http.StatusNoContent)
		return
	}
	if h == nil {
		http.NotFound(w, r)
		return
	}
	h.ServeHTTP(w, r)
}

// client is the HTTP client of one server that calls another.
func (n *town) client() *http.Client {
	roots := x509.NewCertPool()
	roots.AddCert(n.people.Root.Certificate)
	address := n.server.Listener.Addr().String()
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, address)
		},
	}
	n.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}
