package clientcert

import (
	"context"
	"crypto/x509"
	"errors"
	"time"
)

// Mode says what happens where revocation cannot be found out.
type Mode uint8

// The modes. FailClosed is the zero value, and the only one for payments
// (KECIS-CRT-011).
const (
	// FailClosed refuses the certificate.
	FailClosed Mode = iota
	// FailOpen accepts it, and Status says that it is not known.
	FailOpen
	// NotChecked does not ask at all: for tests and for authorities that publish
	// nothing.
	NotChecked
)

// Source says how the state of a certificate was found out.
type Source uint8

// The sources.
const (
	// SourceNone: it was not found out.
	SourceNone Source = iota
	SourceOCSP
	SourceCRL
)

// Status is what is known of the revocation of a path that was accepted.
type Status struct {
	// Source is how the user's own certificate was looked up.
	Source Source
	// ThisUpdate and NextUpdate are the times of the oldest answer used.
	ThisUpdate, NextUpdate time.Time
}

// Known reports whether all certificates of the path were looked up.
func (s Status) Known() bool { return s.Source != SourceNone }

// Revocation says how revocation is found out.
type Revocation struct {
	Mode Mode
	// Fetcher gets lists and answers; HTTPFetcher does by HTTP.
	Fetcher Fetcher
	// Cache keeps them; nil keeps nothing.
	Cache Cache
	// Lists, if not nil, returns lists (CRL, in DER) that are had in other ways than by
	// the addresses that certificates name, as files of authorities that publish by LDAP
	// alone. They are looked at where no address has an answer, and checked as any other.
	Lists func(ctx context.Context) ([][]byte, error)
	// Locations, if not nil, replaces the addresses that a certificate names: for
	// authorities that publish by LDAP alone, as accredited ones did.
	Locations func(certificate, issuer *x509.Certificate) (ocsp, crl []string)
}

// Bounds of the time of revocation data.
const (
	// MaxAge bounds how long an answer without nextUpdate is good for.
	MaxAge = time.Hour
	// maxCached bounds how long anything is kept without asking anew, whatever
	// its nextUpdate says: a revocation should tell within hours.
	maxCached = 12 * time.Hour
	// MaxLocations bounds the addresses that are tried for one certificate.
	MaxLocations = 3
)

// checkRevocation looks up each certificate of a path but the anchor.
func (v *Verifier) checkRevocation(ctx context.Context, path []*x509.Certificate, now time.Time) (Status, error) {
	var all Status
	if v.revocation.Mode == NotChecked {
		return all, nil
	}
	known := true
	for i, c := range path[:len(path)-1] {
		status, err := v.lookUp(ctx, c, path[i+1], now)
		switch {
		case err == nil:
		case err.code == ErrRevocationUnknown && v.revocation.Mode == FailOpen:
			known = false
			continue
		default:
			return Status{}, err
		}
		if i == 0 {
			all.Source = status.Source
		}
		if all.ThisUpdate.IsZero() || status.ThisUpdate.Before(all.ThisUpdate) {
			all.ThisUpdate, all.NextUpdate = status.ThisUpdate, status.NextUpdate
		}
	}
	if !known {
		return Status{}, nil
	}
	return all, nil
}

// lookUp asks for one certificate: its responders first, then the lists.
func (v *Verifier) lookUp(ctx context.Context, c, issuer *x509.Certificate, now time.Time) (Status, *Error) {
	responders, lists := c.OCSPServer, c.CRLDistributionPoints
	if v.revocation.Locations != nil {
		responders, lists = v.revocation.Locations(c, issuer)
	}
	var last error
	for _, address := range responders[:min(len(responders), MaxLocations)] {
		status, err := v.askResponder(ctx, address, c, issuer, now)
		if err == nil {
			return status, nil
		}
		if refused := revoked(err); refused != nil {
			return Status{}, refused
		}
		if last = telling(last, err); errors.Is(err, errUnknown) { // the issuer's own word: no list is better
			return Status{}, unknownStatus(last)
		}
	}
	for _, address := range lists[:min(len(lists), MaxLocations)] {
		status, err := v.searchList(ctx, address, c, issuer, now)
		if err == nil {
			return status, nil
		}
		if refused := revoked(err); refused != nil {
			return Status{}, refused
		}
		last = telling(last, err)
	}
	if v.revocation.Lists == nil {
		return Status{}, unknownStatus(last)
	}
	status, err := v.searchConfigured(ctx, c, issuer, now)
	if err == nil {
		return status, nil
	}
	if refused := revoked(err); refused != nil {
		return Status{}, refused
	}
	return Status{}, unknownStatus(telling(last, err))
}

// unknownStatus is the refusal where nothing could be found out.
func unknownStatus(last error) *Error {
	found := "no address to ask at"
	if last != nil {
		found = last.Error()
	}
	return &Error{code: ErrRevocationUnknown, expected: "a current answer or list of the issuer", found: found, cause: last}
}

// telling is the error of two that tells more: that of a place that was asked, before
// one that could not be.
func telling(before, next error) error {
	if _, ok := errors.AsType[*SchemeError](next); ok && before != nil {
		return before
	}
	return next
}

// errNotListed is the error of a certificate whose issuer has no list among those that
// are configured.
var errNotListed = errors.New("no configured list is of the issuer")

// searchConfigured looks for a certificate in the lists that are configured.
func (v *Verifier) searchConfigured(ctx context.Context, c, issuer *x509.Certificate, now time.Time) (Status, error) {
	lists, err := v.revocation.Lists(ctx)
	if err != nil {
		return Status{}, errors.New("the configured lists cannot be read")
	}
	last := errNotListed
	for _, raw := range lists {
		status, _, err := v.readList(raw, "", c, issuer, now)
		if err == nil || revoked(err) != nil {
			return status, err
		}
		if !errors.Is(err, errOtherIssuer) {
			last = err
		}
	}
	return Status{}, last
}

// revoked returns an error that says that a certificate was revoked.
func revoked(err error) *Error {
	if e, ok := err.(*Error); ok && e.code == ErrRevoked { //nolint:errorlint // made in this package, never wrapped
		return e
	}
	return nil
}

// current checks the times of an answer or list, and returns until when it may be
// kept (KECIS-CRT-012).
func (v *Verifier) current(thisUpdate, nextUpdate, now time.Time) (until time.Time, ok bool) {
	if nextUpdate.IsZero() {
		nextUpdate = thisUpdate.Add(MaxAge)
	}
	if thisUpdate.After(now.Add(v.policy.Skew)) || !nextUpdate.After(now.Add(-v.policy.Skew)) {
		return time.Time{}, false
	}
	if most := now.Add(maxCached); nextUpdate.After(most) {
		return most, true
	}
	return nextUpdate, true
}
