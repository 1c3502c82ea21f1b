package clientcert

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/xmlsig"
)

const (
	// MaxChain bounds the certificates that a client presents: the user's, up to
	// three authorities and the root.
	MaxChain = 5
	// MaxCertificate bounds one certificate, in bytes; an accredited one has about
	// 1,500.
	MaxCertificate = 16 << 10
	// MaxSkew bounds the difference of clocks that is borne at the ends of a
	// certificate's or a revocation answer's time.
	MaxSkew = 5 * time.Minute
	// DefaultSkew is borne where nothing else is said.
	DefaultSkew = time.Minute
)

// Policy says which certificates are accepted. The zero Policy accepts none.
type Policy struct {
	// Anchors are trusted: a path ends at one of them (KECIS-CRT-003).
	Anchors []*x509.Certificate
	// Intermediates are authorities that clients need not present. They are not
	// trusted by standing here.
	Intermediates []*x509.Certificate
	// Policies are the certificate policies of which the user's certificate must
	// carry one (KECIS-CRT-008). None accepts none, unless AnyPolicy is set.
	Policies  []x509.OID
	AnyPolicy bool
	// Usages are the bits of key usage that must all be there; 0 is
	// digitalSignature alone.
	Usages x509.KeyUsage
	// WithoutExtendedUsage accepts certificates that carry no extended key usage,
	// as accredited ones do (KECIS-CRT-007). One that carries it must name
	// clientAuth in any case.
	WithoutExtendedUsage bool
	// Skew is the difference of clocks that is borne; 0 is DefaultSkew. More than
	// MaxSkew is refused.
	Skew time.Duration
}

// Accredited is the policy for certificates in the shape of the accredited ones:
// digitalSignature and nonRepudiation, no extended key usage needed, and one of
// the policies.
func Accredited(anchors, intermediates []*x509.Certificate, policies ...x509.OID) Policy {
	return Policy{
		Anchors: anchors, Intermediates: intermediates, Policies: policies, WithoutExtendedUsage: true,
		Usages: x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment,
	}
}

// Verifier checks certificates under one policy. It may be used by several
// goroutines.
type Verifier struct {
	policy        Policy
	clock         kecis.Clock
	revocation    Revocation
	anchors       *x509.CertPool
	intermediates []*x509.Certificate
}

// NewVerifier returns a verifier. A nil clock is the machine's.
func NewVerifier(p Policy, r Revocation, clock kecis.Clock) (*Verifier, error) {
	if clock == nil {
		clock = kecis.SystemClock{}
	}
	if p.Skew == 0 {
		p.Skew = DefaultSkew
	}
	if p.Usages == 0 {
		p.Usages = x509.KeyUsageDigitalSignature
	}
	switch {
	case len(p.Anchors) == 0:
		return nil, errors.New("clientcert: a policy without anchors accepts nobody")
	case len(p.Policies) == 0 && !p.AnyPolicy:
		return nil, errors.New("clientcert: list Policies, or say AnyPolicy")
	case p.Skew < 0 || p.Skew > MaxSkew:
		return nil, errors.New("clientcert: Skew is at most " + MaxSkew.String())
	case r.Mode != FailClosed && r.Mode != FailOpen && r.Mode != NotChecked:
		return nil, errors.New("clientcert: no such mode of revocation")
	case r.Mode != NotChecked && r.Fetcher == nil:
		return nil, errors.New("clientcert: a Fetcher is missing: without one revocation cannot be found out")
	}
	v := &Verifier{policy: p, clock: clock, revocation: r, anchors: x509.NewCertPool(), intermediates: p.Intermediates}
	for _, a := range p.Anchors {
		v.anchors.AddCert(a)
	}
	return v, nil
}

// Verify checks what a client presented, its own certificate first, and says who
// that is. Errors are of type *Error. It does not look at whether the client has
// the key: TLS has done so, or the proxy for it (Reader).
func (v *Verifier) Verify(ctx context.Context, presented []*x509.Certificate) (*Authentication, error) {
	now := v.clock.Now()
	if err := checkPresented(presented); err != nil {
		return nil, err
	}
	leaf := presented[0]
	if err := v.checkUsage(leaf); err != nil {
		return nil, err
	}
	at, err := v.checkTime(leaf, now)
	if err != nil {
		return nil, err
	}
	paths, err := v.paths(presented, at)
	if err != nil {
		return nil, err
	}
	path, policy, err := v.choose(paths)
	if err != nil {
		return nil, err
	}
	status, err := v.checkRevocation(ctx, path, now)
	if err != nil {
		return nil, err
	}
	return &Authentication{
		Holder: Holder{&holder{leaf: leaf, anchor: path[len(path)-1]}}, Policy: policy,
		Certificate: sha256.Sum256(leaf.Raw), Chain: chainDigest(path), At: now, Revocation: status,
	}, nil
}

func checkPresented(presented []*x509.Certificate) error {
	if len(presented) == 0 {
		return &Error{code: ErrAbsent}
	}
	if len(presented) > MaxChain {
		return &Error{code: ErrMalformed, expected: "at most " + strconv.Itoa(MaxChain) + " certificates", found: strconv.Itoa(len(presented))}
	}
	for _, c := range presented {
		if c == nil || len(c.Raw) == 0 || len(c.Raw) > MaxCertificate {
			return &Error{code: ErrMalformed, expected: "certificates of at most " + strconv.Itoa(MaxCertificate) + " bytes", found: "none, or a larger one"}
		}
	}
	return nil
}

// checkTime returns the time at which the path is to be looked at: that of the
// clock, or the nearest at which the certificate is valid, if the difference may
// be one of clocks (KECIS-CRT-004).
func (v *Verifier) checkTime(leaf *x509.Certificate, now time.Time) (time.Time, error) {
	switch {
	case now.Add(v.policy.Skew).Before(leaf.NotBefore):
		return now, &Error{code: ErrNotYetValid, expected: "a certificate valid by now", found: "one from " + leaf.NotBefore.UTC().Format(time.RFC3339)}
	case now.Add(-v.policy.Skew).After(leaf.NotAfter):
		return now, &Error{code: ErrExpired, expected: "a certificate still valid", found: "one until " + leaf.NotAfter.UTC().Format(time.RFC3339)}
	case now.Before(leaf.NotBefore):
		return leaf.NotBefore, nil
	case now.After(leaf.NotAfter):
		return leaf.NotAfter, nil
	}
	return now, nil
}

// checkUsage refuses certificates of other uses (KECIS-CRT-006 and 007): of an
// authority, for encryption, of a server.
func (v *Verifier) checkUsage(leaf *x509.Certificate) error {
	refuse := func(expected, found string) error {
		return &Error{code: ErrUsage, expected: expected, found: found}
	}
	switch {
	case leaf.IsCA || leaf.KeyUsage&(x509.KeyUsageCertSign|x509.KeyUsageCRLSign) != 0:
		return refuse("the certificate of a user", "one of an authority")
	case leaf.KeyUsage&v.policy.Usages != v.policy.Usages:
		return refuse("the key usages that the policy asks for", "others")
	}
	if len(leaf.ExtKeyUsage)+len(leaf.UnknownExtKeyUsage) == 0 {
		if v.policy.WithoutExtendedUsage {
			return nil
		}
		return refuse("the extended key usage clientAuth", "none")
	}
	if slices.Contains(leaf.ExtKeyUsage, x509.ExtKeyUsageClientAuth) {
		return nil
	}
	return refuse("the extended key usage clientAuth", "others")
}

// paths builds the paths to the anchors and keeps the strong ones.
func (v *Verifier) paths(presented []*x509.Certificate, at time.Time) (paths [][]*x509.Certificate, err error) {
	pool := x509.NewCertPool()
	for _, c := range presented[1:] {
		pool.AddCert(c)
	}
	for _, c := range v.intermediates {
		pool.AddCert(c)
	}
	// Usage is checked above: an absent extended key usage is a matter of policy.
	found, err := presented[0].Verify(x509.VerifyOptions{
		Roots: v.anchors, Intermediates: pool, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	if err != nil {
		// The error of x509 may show names, so only its kind is told.
		return nil, &Error{code: ErrUntrusted, expected: "a path to a trusted authority", found: kindOf(err)}
	}
	for _, path := range found {
		if err = strong(path); err == nil {
			paths = append(paths, path)
		}
	}
	if len(paths) == 0 {
		return nil, err
	}
	return paths, nil
}

// kindOf says why no path was found, without any name of the certificate.
func kindOf(err error) string {
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return "an authority that is not trusted"
	}
	if e, ok := errors.AsType[x509.CertificateInvalidError](err); ok && e.Reason == x509.Expired {
		return "an authority whose certificate is not valid now"
	}
	if _, ok := errors.AsType[x509.UnhandledCriticalExtension](err); ok {
		return "a critical extension that is not known"
	}
	return "a path that breaks a rule of X.509"
}

// strong holds the keys of a path, and the signatures below the anchor, to the
// bounds of KECIS-CRT-005.
func strong(path []*x509.Certificate) error {
	for i, c := range path {
		if _, err := xmlsig.NewPublicKey(c.PublicKey); err != nil {
			return &Error{code: ErrWeak, expected: "RSA of 2,048 to 8,192 bits, P-256, P-384 or Ed25519", found: "another key", cause: err}
		}
		if i < len(path)-1 && !strongSignature(c.SignatureAlgorithm) {
			return &Error{code: ErrWeak, expected: "a signature with SHA-256 or better", found: c.SignatureAlgorithm.String()}
		}
	}
	return nil
}

func strongSignature(a x509.SignatureAlgorithm) bool {
	switch a {
	case x509.SHA256WithRSA, x509.SHA384WithRSA, x509.SHA512WithRSA,
		x509.SHA256WithRSAPSS, x509.SHA384WithRSAPSS, x509.SHA512WithRSAPSS,
		x509.ECDSAWithSHA256, x509.ECDSAWithSHA384, x509.ECDSAWithSHA512, x509.PureEd25519:
		return true
	}
	return false
}

// choose returns the first path whose certificates all allow a listed policy
// (KECIS-CRT-008 and 009).
func (v *Verifier) choose(paths [][]*x509.Certificate) ([]*x509.Certificate, string, error) {
	for _, path := range paths {
		if v.policy.AnyPolicy {
			return path, firstPolicy(path[0]), nil
		}
		for _, wanted := range v.policy.Policies {
			if hasPolicy(path[0], wanted) && allowsPolicy(path[1:len(path)-1], wanted) {
				return path, wanted.String(), nil
			}
		}
	}
	return nil, "", &Error{code: ErrPolicy, expected: "one of the listed policies", found: "others"}
}

func firstPolicy(c *x509.Certificate) string {
	if len(c.Policies) == 0 {
		return ""
	}
	return c.Policies[0].String()
}

func hasPolicy(c *x509.Certificate, wanted x509.OID) bool {
	for _, p := range c.Policies {
		if p.Equal(wanted) {
			return true
		}
	}
	return false
}

// anyPolicy is the policy with which an authority allows all (RFC 5280 4.2.1.4).
const anyPolicy = "2.5.29.32.0"

// allowsPolicy reports whether each authority between user and anchor may issue
// under the policy.
func allowsPolicy(authorities []*x509.Certificate, wanted x509.OID) bool {
	for _, a := range authorities {
		allowed := hasPolicy(a, wanted)
		for _, p := range a.Policies {
			allowed = allowed || p.String() == anyPolicy
		}
		if !allowed {
			return false
		}
	}
	return true
}
