package clientcert_test

import (
	"context"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/kecis/sdk/kecis/clientcert"
	"github.com/kecis/sdk/kecis/kecistest"
)

// BenchmarkVerify checks a certificate of an accredited shape whose answers are
// kept, as most logins of a busy service are.
func BenchmarkVerify(b *testing.B) {
	var responder http.Handler
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { responder.ServeHTTP(w, r) }))
	defer site.Close()
	h, err := kecistest.NewHierarchy(kecistest.HierarchyConfig{At: noon, Base: site.URL})
	if err != nil {
		b.Fatal(err)
	}
	clock := kecistest.NewClock(noon)
	responder = h.Responder(kecistest.ResponderConfig{Now: clock.Now, Life: time.Hour})
	personal, err := x509.ParseOID(kecistest.PolicyPersonal)
	if err != nil {
		b.Fatal(err)
	}
	v, err := clientcert.NewVerifier(clientcert.Accredited([]*x509.Certificate{h.Root.Certificate}, h.Intermediates(), personal),
		clientcert.Revocation{Fetcher: clientcert.NewHTTPFetcher(site.Client(), clock), Cache: clientcert.NewMemoryCache(0)}, clock)
	if err != nil {
		b.Fatal(err)
	}
	presented := []*x509.Certificate{h.Users["good"].Certificate}
	for b.Loop() {
		if _, err := v.Verify(context.Background(), presented); err != nil {
			b.Fatal(err)
		}
	}
}
