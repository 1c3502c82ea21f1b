package kecistest

import (
	"crypto/x509"
	"fmt"
	"time"
)

// Hierarchy is a public key infrastructure of tests in the shape of the Korean
// accredited one (NPKI): a root, six authorities below it, and user certificates
// good and bad. All names are invented.
type Hierarchy struct {
	Root        *Authority
	Authorities []*Authority
	// Stranger is an authority below another root, which nobody trusts.
	Stranger *Authority
	// Users are the user certificates: see UserNames.
	Users map[string]*Identity
	// Server is the certificate of a TLS server on this machine.
	Server *Identity
}

// HierarchyConfig says how a hierarchy is made.
type HierarchyConfig struct {
	// At is the time of it all: "good" is valid then.
	At time.Time
	// Keys is RSA2048 where it is "", as accredited authorities have it.
	Keys KeyProfile
	// Base is the address below which lists and answers are served
	// (Hierarchy.Responder); "" leaves the pointers to them out.
	Base string
	// Hosts are the names of the TLS server; nil is localhost.
	Hosts []string
}

// The times of a hierarchy's certificates.
const (
	rootLife      = 20 * 365 * 24 * time.Hour
	authorityLife = 10 * 365 * 24 * time.Hour
	userLife      = 365 * 24 * time.Hour // as accredited certificates live
	before        = 30 * 24 * time.Hour
)

// The policies of the invented authorities, below an arc of examples
// (2.999, ITU-T X.660): personal, and one that a verifier does not list.
const (
	PolicyPersonal = "2.999.410.1.1"
	PolicyOther    = "2.999.410.1.9"
)

// UserNames are the user certificates of a hierarchy, each with what is wrong
// with it; "good" is what it says.
func UserNames() []string {
	return []string{"good", "second", "expired", "not-yet-valid", "revoked", "wrong-usage", "wrong-policy", "unknown-anchor"}
}

// NewHierarchy makes a hierarchy.
func NewHierarchy(c HierarchyConfig) (*Hierarchy, error) {
	if c.Keys == "" {
		c.Keys = RSA2048
	}
	if c.Hosts == nil {
		c.Hosts = []string{"localhost", "127.0.0.1", "::1"}
	}
	h := &Hierarchy{Users: map[string]*Identity{}}
	personal, err := oidOf(PolicyPersonal)
	if err != nil {
		return nil, err
	}
	from := c.At.Add(-before)
	if h.Root, err = newAuthority("TEST Root CA", "root", c.Keys, nil, from, from.Add(rootLife), c.Base); err != nil {
		return nil, err
	}
	for _, name := range []string{"Haneul", "Bada", "Namu", "Byeol", "Garam", "Nuri"} {
		slug := lower(name)
		a, err := newAuthority(name+"Sign CA Class 1", slug, c.Keys, h.Root, from, from.Add(authorityLife), c.Base)
		if err != nil {
			return nil, err
		}
		a.Policy = personal
		h.Authorities = append(h.Authorities, a)
	}
	foreign, err := newAuthority("TEST Stranger Root", "stranger-root", c.Keys, nil, from, from.Add(rootLife), c.Base)
	if err != nil {
		return nil, err
	}
	if h.Stranger, err = newAuthority("StrangerSign CA", "stranger", c.Keys, foreign, from, from.Add(authorityLife), c.Base); err != nil {
		return nil, err
	}
	h.Stranger.Policy = personal
	if err := h.issue(c.At); err != nil {
		return nil, err
	}
	h.Server, err = h.Root.IssueServer(from, c.At.Add(userLife), c.Hosts...)
	return h, err
}

// issue makes the user certificates.
func (h *Hierarchy) issue(at time.Time) error {
	other, err := oidOf(PolicyOther)
	if err != nil {
		return err
	}
	from := at.Add(-before)
	specs := map[string]UserSpec{
		"good":           {},
		"second":         {Name: "김민지"},
		"expired":        {NotBefore: from.Add(-time.Hour), NotAfter: at.Add(-time.Hour)},
		"not-yet-valid":  {NotBefore: at.Add(24 * time.Hour)},
		"revoked":        {},
		"wrong-usage":    {KeyUsage: x509.KeyUsageKeyEncipherment | x509.KeyUsageDataEncipherment}, // kmCert
		"wrong-policy":   {Policies: []x509.OID{other}},
		"unknown-anchor": {},
	}
	for i, name := range UserNames() {
		spec := specs[name]
		if spec.Name == "" {
			spec.Name = "홍길동"
		}
		spec.Number = fmt.Sprintf("0088000%05d", i)
		if spec.NotBefore.IsZero() {
			spec.NotBefore = from
		}
		if spec.NotAfter.IsZero() {
			spec.NotAfter = at.Add(userLife)
		}
		if spec.KeyUsage == 0 {
			spec.KeyUsage = AccreditedUsage
		}
		issuer := h.Authorities[i%len(h.Authorities)]
		if name == "unknown-anchor" {
			issuer = h.Stranger
		}
		user, err := issuer.Issue(spec)
		if err != nil {
			return err
		}
		user.Name = name
		h.Users[name] = user
		if name == "revoked" {
			issuer.Revoke(user.Certificate, at.Add(-time.Hour))
		}
	}
	return nil
}

// Authority returns the authority of that slug: "root" or one of the six.
func (h *Hierarchy) Authority(slug string) (*Authority, error) {
	if h.Root.Slug == slug {
		return h.Root, nil
	}
	for _, a := range append([]*Authority{h.Stranger}, h.Authorities...) {
		if a.Slug == slug {
			return a, nil
		}
	}
	return nil, fmt.Errorf("%w: %s", errNoIdentity, slug)
}

// Intermediates returns the certificates of the six authorities.
func (h *Hierarchy) Intermediates() []*x509.Certificate {
	out := make([]*x509.Certificate, 0, len(h.Authorities))
	for _, a := range h.Authorities {
		out = append(out, a.Certificate)
	}
	return out
}

func lower(name string) string { return string(name[0]|0x20) + name[1:] }
