package kecistest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"net"
	"slices"
	"sync"
	"time"
)

// Authority is a certification authority of a test. It may be used by several
// goroutines.
type Authority struct {
	// Name is the common name, Slug the same for a file or a path.
	Name, Slug  string
	Certificate *x509.Certificate
	Key         crypto.Signer
	// Policy is the policy that its user certificates carry.
	Policy x509.OID

	base    string
	profile KeyProfile
	mu      sync.Mutex
	issued  map[string]bool
	revoked map[string]x509.RevocationListEntry
}

// KeyProfile says which kind of keys a hierarchy has.
type KeyProfile string

// The profiles: that of Korean accredited authorities, and a quick one.
const (
	RSA2048 KeyProfile = "rsa-2048"
	P256    KeyProfile = "p256"
)

func (p KeyProfile) newKey() (crypto.Signer, error) {
	if p == P256 {
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	return rsa.GenerateKey(rand.Reader, 2048)
}

// Identity is a certificate with its key, and those between it and the anchor.
type Identity struct {
	// Name says what the certificate is for: "good", "expired".
	Name        string
	Certificate *x509.Certificate
	Key         crypto.Signer
	Issuer      *Authority
}

// Chain returns the certificates that a TLS client presents, the user's first.
func (i *Identity) Chain() [][]byte {
	return [][]byte{i.Certificate.Raw, i.Issuer.Certificate.Raw}
}

// UserSpec is what a user certificate is to be.
type UserSpec struct {
	// Name is the holder's name; Number follows it in the common name of an
	// accredited certificate, as 홍길동()0123.
	Name, Number        string
	NotBefore, NotAfter time.Time
	KeyUsage            x509.KeyUsage
	ExtendedUsage       []x509.ExtKeyUsage
	// Policies are the policies; nil is the authority's own.
	Policies []x509.OID
	// Key is the holder's; nil is a fresh one.
	Key crypto.Signer
	// Plain leaves out what shows where the state can be asked for.
	Plain bool
}

// AccreditedUsage is what the certificate of a user of an accredited authority
// is for: it has no extended key usage.
const AccreditedUsage = x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment

// Issue makes a user certificate in the accredited shape (facts of live NPKI
// certificates: the name and a number in the common name, identification data in
// subjectAltName, one policy, no extended key usage).
func (a *Authority) Issue(spec UserSpec) (*Identity, error) {
	if spec.Key == nil {
		key, err := a.profile.newKey()
		if err != nil {
			return nil, err
		}
		spec.Key = key
	}
	identification, err := identificationData(spec.Name)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		Subject: pkix.Name{
			CommonName: spec.Name + "()" + spec.Number, OrganizationalUnit: []string{"TEST", "personal4IB"},
			Organization: []string{a.Certificate.Subject.Organization[0]}, Country: []string{"kr"},
		},
		NotBefore: spec.NotBefore, NotAfter: spec.NotAfter, KeyUsage: spec.KeyUsage, ExtKeyUsage: spec.ExtendedUsage,
		Policies: spec.Policies, BasicConstraintsValid: false,
		ExtraExtensions: []pkix.Extension{identification},
	}
	if template.Policies == nil {
		template.Policies = []x509.OID{a.Policy}
	}
	if !spec.Plain {
		a.pointers(template)
	}
	certificate, err := a.sign(template, spec.Key.Public())
	if err != nil {
		return nil, err
	}
	return &Identity{Certificate: certificate, Key: spec.Key, Issuer: a}, nil
}

// IssueServer makes the certificate of a TLS server, for tests with names or
// addresses of this machine.
func (a *Authority) IssueServer(from, until time.Time, hosts ...string) (*Identity, error) {
	key, err := a.profile.newKey()
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: hosts[0]}, NotBefore: from, NotAfter: until,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	certificate, err := a.sign(template, key.Public())
	if err != nil {
		return nil, err
	}
	return &Identity{Name: "server", Certificate: certificate, Key: key, Issuer: a}, nil
}

// pointers says where the state of a certificate can be asked for.
func (a *Authority) pointers(template *x509.Certificate) {
	if a.base != "" {
		template.OCSPServer = []string{a.base + "/" + a.Slug + "/ocsp"}
		template.CRLDistributionPoints = []string{a.base + "/" + a.Slug + "/crl"}
	}
}

func (a *Authority) sign(template *x509.Certificate, public crypto.PublicKey) (*x509.Certificate, error) {
	serial, err := serialNumber()
	if err != nil {
		return nil, err
	}
	template.SerialNumber = serial
	raw, err := x509.CreateCertificate(rand.Reader, template, a.Certificate, public, a.Key)
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	a.issued[serial.String()] = true
	a.mu.Unlock()
	return x509.ParseCertificate(raw)
}

// serialNumber returns 120 random bits.
func serialNumber() (*big.Int, error) {
	raw := make([]byte, 15)
	if _, err := rand.Read(raw); err != nil {
		return nil, err
	}
	raw[0] |= 1 // as long as all others
	return new(big.Int).SetBytes(raw), nil
}

// Revoke revokes a certificate of the authority at a time.
func (a *Authority) Revoke(certificate *x509.Certificate, at time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.revoked[certificate.SerialNumber.String()] = x509.RevocationListEntry{
		SerialNumber: certificate.SerialNumber, RevocationTime: at, ReasonCode: 1, // keyCompromise
	}
}

// CRL returns the list of the revoked, of that time and good until another.
func (a *Authority) CRL(now, next time.Time) ([]byte, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	list := &x509.RevocationList{Number: big.NewInt(now.Unix()), ThisUpdate: now, NextUpdate: next}
	for _, serial := range sorted(a.revoked) {
		list.RevokedCertificateEntries = append(list.RevokedCertificateEntries, a.revoked[serial])
	}
	return x509.CreateRevocationList(rand.Reader, list, a.Certificate, a.Key)
}

func sorted(m map[string]x509.RevocationListEntry) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// newAuthority makes an authority under another, or a root under none.
func newAuthority(name, slug string, profile KeyProfile, above *Authority, from, until time.Time, base string) (*Authority, error) {
	key, err := profile.newKey()
	if err != nil {
		return nil, err
	}
	a := &Authority{
		Name: name, Slug: slug, Key: key, base: base, profile: profile,
		issued: map[string]bool{}, revoked: map[string]x509.RevocationListEntry{},
	}
	anyPolicy, err := x509.OIDFromInts([]uint64{2, 5, 29, 32, 0})
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		Subject:   pkix.Name{CommonName: name, OrganizationalUnit: []string{"AccreditedCA"}, Organization: []string{"TEST " + slug}, Country: []string{"kr"}},
		NotBefore: from, NotAfter: until, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, Policies: []x509.OID{anyPolicy},
	}
	if above != nil {
		template.MaxPathLenZero = true
		above.pointers(template)
		a.Certificate, err = above.sign(template, key.Public())
		return a, err
	}
	a.Certificate = template // its own issuer
	a.Certificate, err = a.sign(template, key.Public())
	return a, err
}

// identificationData is the otherName of NPKI that holds the real name and the
// virtual identifier (VID). The VID here is random: no number stands behind it.
func identificationData(name string) (pkix.Extension, error) {
	vid := make([]byte, 32)
	if _, err := rand.Read(vid); err != nil {
		return pkix.Extension{}, err
	}
	npki := asn1.ObjectIdentifier{1, 2, 410, 200004, 10, 1, 1}
	type content struct {
		Hash      pkix.AlgorithmIdentifier
		VirtualID []byte `asn1:"tag:0,explicit"`
	}
	type userInfo struct {
		ID      asn1.ObjectIdentifier
		Content content
	}
	type data struct {
		RealName string `asn1:"utf8"`
		UserInfo []userInfo
	}
	type otherName struct {
		ID    asn1.ObjectIdentifier
		Value data `asn1:"tag:0,explicit"`
	}
	sha256 := pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}}
	value, err := asn1.Marshal(otherName{npki, data{name, []userInfo{{append(slices.Clone(npki), 1), content{sha256, vid}}}}})
	if err != nil {
		return pkix.Extension{}, err
	}
	var sequence asn1.RawValue
	if _, err := asn1.Unmarshal(value, &sequence); err != nil {
		return pkix.Extension{}, err
	}
	general := asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: sequence.Bytes}
	names, err := asn1.Marshal([]asn1.RawValue{general})
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 17}, Value: names}, err
}

// oidOf reads an OID that stands in this package.
func oidOf(text string) (x509.OID, error) {
	oid, err := x509.ParseOID(text)
	if err != nil {
		return x509.OID{}, fmt.Errorf("kecistest: %q: %w", text, err)
	}
	return oid, nil
}

// errNoIdentity is the error of a name that a hierarchy does not have.
var errNoIdentity = errors.New("kecistest: no such certificate in the hierarchy")
