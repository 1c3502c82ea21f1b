package clientcert

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/kecis/sdk/kecis"
)

const (
	// MaxCRL bounds a list, in bytes: about 200,000 entries. Accredited authorities
	// cut theirs into much smaller parts.
	MaxCRL = 8 << 20
	// MaxOCSP bounds an answer, in bytes; with a responder's certificate it has
	// about 2,000.
	MaxOCSP = 64 << 10
	// MaxFetch bounds the time that one list or answer may take: the holder waits.
	MaxFetch = 5 * time.Second
)

// Fetcher gets lists and answers from the addresses that certificates name.
type Fetcher interface {
	// CRL returns the list at an address, in DER.
	CRL(ctx context.Context, address string) ([]byte, error)
	// OCSP returns the answer to a question, in DER.
	OCSP(ctx context.Context, address string, question []byte) ([]byte, error)
}

// SchemeError is the error of an address that a Fetcher does not fetch from, as the LDAP
// addresses in accredited certificates (KECIS-CRT-050): revocation is found out there
// only by OCSP, by a list at another address, or by Revocation.Lists.
type SchemeError struct {
	// Scheme is that of the address; "" if it has none.
	Scheme string
}

// Error implements error.
func (e *SchemeError) Error() string {
	return fmt.Sprintf("revocation data at an address of %q, which is not fetched: configure lists (CRL files)", e.Scheme)
}

// HTTPFetcher gets them by HTTP. It takes http and https alone, follows no
// redirection, and bounds size and time.
type HTTPFetcher struct {
	client *http.Client
	clock  kecis.Clock
}

// NewHTTPFetcher returns a fetcher that uses the client. A nil clock is the
// machine's.
func NewHTTPFetcher(client *http.Client, clock kecis.Clock) *HTTPFetcher {
	own := *client
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	own.Jar = nil
	if clock == nil {
		clock = kecis.SystemClock{}
	}
	return &HTTPFetcher{client: &own, clock: clock}
}

// CRL implements Fetcher.
func (f *HTTPFetcher) CRL(ctx context.Context, address string) ([]byte, error) {
	return f.do(ctx, http.MethodGet, address, nil, MaxCRL)
}

// OCSP implements Fetcher.
func (f *HTTPFetcher) OCSP(ctx context.Context, address string, question []byte) ([]byte, error) {
	return f.do(ctx, http.MethodPost, address, question, MaxOCSP)
}

func (f *HTTPFetcher) do(ctx context.Context, method, address string, body []byte, most int64) ([]byte, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return nil, &SchemeError{}
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, &SchemeError{Scheme: u.Scheme}
	case u.Host == "" || u.User != nil:
		return nil, errors.New("the address of revocation data is not one of HTTP")
	}
	ctx, cancel := f.clock.WithTimeout(ctx, MaxFetch)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body)) //nolint:gosec // the address of a certificate below an anchor: authorities name theirs
	if err != nil {
		return nil, err
	}
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/ocsp-request")
	}
	response, err := f.client.Do(request) //nolint:gosec // see above
	if err != nil {
		return nil, fmt.Errorf("revocation data from %s cannot be got", u.Host)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %d for revocation data", u.Host, response.StatusCode)
	}
	raw, err := io.ReadAll(io.LimitReader(response.Body, most+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("revocation data from %s cannot be read", u.Host)
	case int64(len(raw)) > most:
		return nil, fmt.Errorf("revocation data from %s are larger than allowed", u.Host)
	}
	return raw, nil
}
