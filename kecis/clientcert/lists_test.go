package clientcert_test

import (
	"context"
	"crypto/x509"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/kecis/sdk/kecis/clientcert"
	"github.com/kecis/sdk/kecis/kecistest"
)

// onlyLDAP is what accredited certificates of some authorities name.
func onlyLDAP(*x509.Certificate, *x509.Certificate) (responders, lists []string) {
	return nil, []string{"ldap://dir.example:389/cn=s1dp1,ou=crldp,o=Sign,c=KR?certificateRevocationList"}
}

// TestLDAP: an address of LDAP is told by its own error, and lists that are configured
// are looked at in its place.
func TestLDAP(t *testing.T) {
	w := newWorld(t, kecistest.P256)
	now := w.clock.Now()
	lists := func(of ...*kecistest.Authority) func(context.Context) ([][]byte, error) {
		return func(context.Context) (out [][]byte, err error) {
			for _, a := range of {
				raw, err := a.CRL(now, now.Add(time.Hour))
				if err != nil {
					return nil, err
				}
				out = append(out, raw)
			}
			return out, nil
		}
	}
	all := append([]*kecistest.Authority{w.Root}, w.Authorities...)
	good, revoked := w.Users["good"], w.Users["revoked"]
	for name, c := range map[string]struct {
		user      *kecistest.Identity
		lists     func(context.Context) ([][]byte, error)
		locations func(*x509.Certificate, *x509.Certificate) ([]string, []string)
		want      error
		scheme    string
	}{
		"no list":                 {good, nil, onlyLDAP, clientcert.ErrRevocationUnknown, "ldap"},
		"lists":                   {good, lists(all...), onlyLDAP, nil, ""},
		"lists, revoked":          {revoked, lists(all...), onlyLDAP, clientcert.ErrRevoked, ""},
		"lists of another":        {good, lists(w.Root, w.Authorities[3]), onlyLDAP, clientcert.ErrRevocationUnknown, ""},
		"lists that fail":         {good, func(context.Context) ([][]byte, error) { return nil, errors.New("gone") }, onlyLDAP, clientcert.ErrRevocationUnknown, ""},
		"no address, and lists":   {good, lists(all...), func(*x509.Certificate, *x509.Certificate) ([]string, []string) { return nil, nil }, nil, ""},
		"an address beside LDAP":  {good, nil, besideLDAP, nil, ""},
		"revoked, beside LDAP":    {revoked, nil, besideLDAP, clientcert.ErrRevoked, ""},
		"noise among the lists":   {good, func(context.Context) ([][]byte, error) { return [][]byte{[]byte("x")}, nil }, onlyLDAP, clientcert.ErrRevocationUnknown, ""},
		"an address with no name": {good, nil, func(*x509.Certificate, *x509.Certificate) ([]string, []string) { return nil, []string{"http:///crl"} }, clientcert.ErrRevocationUnknown, ""},
	} {
		v := w.verifier(t, func(_ *clientcert.Policy, r *clientcert.Revocation) { r.Locations, r.Lists = c.locations, c.lists })
		got, err := v.Verify(t.Context(), chain(t, c.user.Chain()))
		if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if err == nil && got.Revocation.Source != clientcert.SourceCRL {
			t.Errorf("%s: found by %v", name, got.Revocation.Source)
		}
		scheme, ok := errors.AsType[*clientcert.SchemeError](err)
		if ok != (c.scheme != "") || ok && (scheme.Scheme != c.scheme || !strings.Contains(err.Error(), "ldap")) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func besideLDAP(c, issuer *x509.Certificate) (responders, lists []string) {
	_, lists = onlyLDAP(c, issuer)
	return nil, append(lists, c.CRLDistributionPoints...)
}
