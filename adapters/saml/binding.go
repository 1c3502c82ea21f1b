package saml

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kecis/sdk/kecis/xmlsig"
)

const (
	// MaxRequest bounds a request, in bytes, before and after inflation: one has
	// about 1,000, and 5,000 with a signature and a certificate (KECIS-CRT-031).
	MaxRequest = 64 << 10
	// MaxRelayState bounds RelayState, in bytes. SAML says 80; deployed service
	// providers send whole addresses.
	MaxRelayState = 1 << 10
	// maxBody bounds a form: the base64 of the largest request, of which each
	// character may be percent-encoded, and RelayState likewise.
	maxBody = 3*(MaxRequest*4/3+4) + 3*MaxRelayState + 1<<10
)

// The parameters of the bindings (saml-bindings 3.4 and 3.5).
const (
	paramRequest    = "SAMLRequest"
	paramResponse   = "SAMLResponse"
	paramRelayState = "RelayState"
	paramAlgorithm  = "SigAlg"
	paramSignature  = "Signature"
	paramEncoding   = "SAMLEncoding"
)

// deflateEncoding is the one encoding of the HTTP-Redirect binding.
const deflateEncoding = "urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE"

// arrival is a request as a browser brought it.
type arrival struct {
	document   []byte
	relayState string
	redirect   bool
	// signed are the octets that a signature of the query covers, as they came.
	signed    []byte
	algorithm xmlsig.Algorithm
	signature []byte
}

// readArrival reads the request of either binding, and is strict about all else.
func readArrival(w http.ResponseWriter, r *http.Request) (*arrival, error) {
	if r.Method == http.MethodPost {
		return readForm(w, r)
	}
	return readQuery(r.URL.RawQuery)
}

// parameters splits a query or form into its raw values; each name is known and
// stands once (KECIS-CRT-030).
func parameters(raw string, known ...string) (map[string]string, error) {
	values := map[string]string{}
	for pair := range strings.SplitSeq(raw, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if !slices.Contains(known, name) {
			return nil, &Error{code: ErrBinding, expected: "the parameters " + strings.Join(known, ", "), found: quote(name)}
		}
		if _, twice := values[name]; twice {
			return nil, &Error{code: ErrBinding, expected: "each parameter once", found: name + " twice"}
		}
		values[name] = value
	}
	if values[paramRequest] == "" {
		return nil, &Error{code: ErrBinding, expected: paramRequest, found: "none"}
	}
	return values, nil
}

func readForm(w http.ResponseWriter, r *http.Request) (*arrival, error) {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/x-www-form-urlencoded" || r.URL.RawQuery != "" {
		return nil, &Error{code: ErrBinding, expected: "a form without a query", found: "something else"}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, tooLarge("a form", maxBody)
	}
	if err != nil {
		return nil, &Error{code: ErrBinding, expected: "a whole form", found: "a part of one", cause: err}
	}
	values, err := parameters(string(body), paramRequest, paramRelayState)
	if err != nil {
		return nil, err
	}
	a := &arrival{}
	if a.relayState, err = relayState(values); err != nil {
		return nil, err
	}
	// The base64 of this binding may be broken into lines (RFC 2045).
	encoded, err := unescape(paramRequest, values)
	if err != nil {
		return nil, err
	}
	a.document, err = decode(strings.NewReplacer("\r", "", "\n", "").Replace(encoded), MaxRequest)
	return a, err
}

func readQuery(raw string) (*arrival, error) {
	if len(raw) > maxBody {
		return nil, tooLarge("a query", maxBody)
	}
	values, err := parameters(raw, paramRequest, paramRelayState, paramAlgorithm, paramSignature, paramEncoding)
	if err != nil {
		return nil, err
	}
	if encoding, ok := values[paramEncoding]; ok {
		if plain, err := url.QueryUnescape(encoding); err != nil || plain != deflateEncoding {
			return nil, &Error{code: ErrBinding, expected: "the encoding DEFLATE", found: quote(plain)}
		}
	}
	a := &arrival{redirect: true}
	if a.relayState, err = relayState(values); err != nil {
		return nil, err
	}
	if err := a.takeSignature(values); err != nil {
		return nil, err
	}
	encoded, err := unescape(paramRequest, values)
	if err != nil {
		return nil, err
	}
	compressed, err := decode(encoded, MaxRequest)
	if err != nil {
		return nil, err
	}
	a.document, err = inflate(compressed)
	return a, err
}

// takeSignature keeps the signature of a query with the octets that it covers:
// those that came, in the order of the binding (saml-bindings 3.4.4.1).
func (a *arrival) takeSignature(values map[string]string) error {
	algorithm, named := values[paramAlgorithm]
	_, signed := values[paramSignature]
	if named != signed {
		return &Error{code: ErrBinding, expected: "SigAlg and Signature together", found: "one of them"}
	}
	if !signed {
		return nil
	}
	plain, err := url.QueryUnescape(algorithm)
	if err != nil {
		return &Error{code: ErrBinding, expected: "an escaped SigAlg", found: "another"}
	}
	a.algorithm = xmlsig.Algorithm(plain)
	encoded, err := unescape(paramSignature, values)
	if err != nil {
		return err
	}
	if a.signature, err = decode(encoded, xmlsig.MaxRSABits/8); err != nil {
		return err
	}
	octets := paramRequest + "=" + values[paramRequest]
	if state, ok := values[paramRelayState]; ok {
		octets += "&" + paramRelayState + "=" + state
	}
	a.signed = []byte(octets + "&" + paramAlgorithm + "=" + algorithm)
	return nil
}

func relayState(values map[string]string) (string, error) {
	state, err := unescape(paramRelayState, values)
	switch {
	case err != nil:
		return "", err
	case len(state) > MaxRelayState:
		return "", tooLarge(paramRelayState, MaxRelayState)
	case !utf8.ValidString(state) || strings.ContainsFunc(state, unicode.IsControl):
		return "", &Error{code: ErrBinding, expected: "a RelayState of text", found: "another"}
	}
	return state, nil
}

func unescape(name string, values map[string]string) (string, error) {
	plain, err := url.QueryUnescape(values[name])
	if err != nil {
		return "", &Error{code: ErrBinding, expected: "an escaped " + name, found: "another"}
	}
	return plain, nil
}

func decode(encoded string, most int) ([]byte, error) {
	if len(encoded) > base64.StdEncoding.EncodedLen(most) {
		return nil, tooLarge("a request", most)
	}
	if strings.ContainsAny(encoded, "\r\n") { // which the decoder would skip
		return nil, &Error{code: ErrBinding, expected: "base64", found: "line breaks in it"}
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if err != nil || len(raw) == 0 {
		return nil, &Error{code: ErrBinding, expected: "base64", found: "something else"}
	}
	return raw, nil
}

// inflate opens a DEFLATE stream, which must end where the bytes end, and yield no
// more than a request may have.
func inflate(compressed []byte) ([]byte, error) {
	in := bytes.NewReader(compressed)
	stream := flate.NewReader(in)
	plain, err := io.ReadAll(io.LimitReader(stream, MaxRequest+1))
	switch {
	case err != nil:
		return nil, &Error{code: ErrBinding, expected: "a DEFLATE stream", found: "something else"}
	case len(plain) > MaxRequest:
		return nil, tooLarge("a request", MaxRequest)
	case in.Len() > 0:
		return nil, &Error{code: ErrBinding, expected: "nothing after the DEFLATE stream", found: strconv.Itoa(in.Len()) + " bytes"}
	}
	return plain, nil
}

func tooLarge(what string, most int) error {
	return &Error{code: ErrTooLarge, expected: what + " of at most " + strconv.Itoa(most) + " bytes", found: "a larger one"}
}
