package clientcert

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"slices"
	"time"

	"github.com/kecis/sdk/kecis/xmlsig"
)

// searchList gets the list at an address, from the cache or from there, and looks
// for a certificate in it.
func (v *Verifier) searchList(ctx context.Context, address string, c, issuer *x509.Certificate, now time.Time) (Status, error) {
	key := "crl " + address
	if kept, ok := v.load(ctx, key, now); ok {
		if status, _, err := v.readList(kept, address, c, issuer, now); err == nil || revoked(err) != nil {
			return status, err
		}
	}
	raw, err := v.revocation.Fetcher.CRL(ctx, address)
	if err != nil {
		return Status{}, err
	}
	status, until, err := v.readList(raw, address, c, issuer, now)
	if err == nil || revoked(err) != nil {
		v.store(ctx, key, raw, until)
	}
	return status, err
}

// errOtherIssuer is the error of a list that is not of the certificate's issuer.
var errOtherIssuer = errors.New("the CRL is of another issuer")

// readList checks a list: of the certificate's issuer, complete for such
// certificates, current.
func (v *Verifier) readList(raw []byte, address string, c, issuer *x509.Certificate, now time.Time) (Status, time.Time, error) {
	list, err := x509.ParseRevocationList(raw)
	if err != nil {
		return Status{}, time.Time{}, errors.New("the CRL cannot be read")
	}
	switch {
	case !bytes.Equal(list.RawIssuer, c.RawIssuer):
		return Status{}, time.Time{}, errOtherIssuer
	case !strongSignature(list.SignatureAlgorithm) || weakKey(issuer):
		return Status{}, time.Time{}, errors.New("the CRL is signed with a weak algorithm")
	case list.CheckSignatureFrom(issuer) != nil:
		return Status{}, time.Time{}, errors.New("the CRL is not signed by the issuer")
	}
	if err := covers(list, address, c); err != nil {
		return Status{}, time.Time{}, err
	}
	until, ok := v.current(list.ThisUpdate, list.NextUpdate, now)
	if !ok {
		return Status{}, time.Time{}, errors.New("the CRL is not current")
	}
	for _, entry := range list.RevokedCertificateEntries {
		if entry.SerialNumber.Cmp(c.SerialNumber) == 0 {
			return Status{}, until, &Error{code: ErrRevoked}
		}
		for _, e := range entry.Extensions {
			if e.Critical { // as certificateIssuer of an indirect list
				return Status{}, time.Time{}, errors.New("the CRL has an entry with an unknown critical extension")
			}
		}
	}
	return Status{SourceCRL, list.ThisUpdate, list.NextUpdate}, until, nil
}

func weakKey(c *x509.Certificate) bool {
	_, err := xmlsig.NewPublicKey(c.PublicKey)
	return err != nil
}

// The extensions of lists (RFC 5280 5.2).
const (
	oidDeltaIndicator    = "2.5.29.27"
	oidDistributionPoint = "2.5.29.28"
)

// distributionPoint is what a list of a part says of the part (RFC 5280 5.2.5).
type distributionPoint struct {
	Name struct {
		FullName []asn1.RawValue `asn1:"optional,tag:0"`
		Relative asn1.RawValue   `asn1:"optional,tag:1"`
	} `asn1:"optional,tag:0"`
	OnlyUser      bool           `asn1:"optional,tag:1"`
	OnlyAuthority bool           `asn1:"optional,tag:2"`
	SomeReasons   asn1.BitString `asn1:"optional,tag:3"`
	Indirect      bool           `asn1:"optional,tag:4"`
	OnlyAttribute bool           `asn1:"optional,tag:5"`
}

// covers refuses lists that do not tell of all reasons for this certificate: of a
// part that it is not in, of some reasons, of others' certificates, of changes
// alone. Accredited authorities publish their lists in parts.
func covers(list *x509.RevocationList, address string, c *x509.Certificate) error {
	for _, e := range list.Extensions {
		switch {
		case e.Id.String() == oidDeltaIndicator:
			return errors.New("the CRL tells of changes alone")
		case e.Id.String() != oidDistributionPoint:
			if e.Critical {
				return errors.New("the CRL has an unknown critical extension")
			}
			continue
		}
		var part distributionPoint
		if rest, err := asn1.Unmarshal(e.Value, &part); err != nil || len(rest) > 0 {
			return errors.New("the CRL's distribution point cannot be read")
		}
		switch {
		case part.Indirect, part.OnlyAttribute, part.SomeReasons.BitLength > 0,
			part.OnlyUser && c.IsCA, part.OnlyAuthority && !c.IsCA, len(part.Name.Relative.FullBytes) > 0:
			return errors.New("the CRL does not cover this certificate")
		case len(part.Name.FullName) > 0 && !slices.ContainsFunc(part.Name.FullName, func(n asn1.RawValue) bool {
			return names(n, append([]string{address}, c.CRLDistributionPoints...))
		}):
			return errors.New("the CRL is of another part")
		}
	}
	return nil
}

// names reports whether a general name is one of the addresses.
func names(n asn1.RawValue, addresses []string) bool {
	const uri = 6
	return n.Class == asn1.ClassContextSpecific && n.Tag == uri && slices.Contains(addresses, string(n.Bytes))
}
