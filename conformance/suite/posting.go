package suite

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmlsig"
)

// reply is what came back for a posted document.
type reply struct {
	status int
	body   []byte
	// early is the code of an early refusal (KECIS-ERR-009), "" for none.
	early string
	// answer is the signed answer, verified; nil for none.
	answer kecis.Message
	// fault says what is wrong with a body that is neither.
	fault error
}

// maxReply bounds what is read of an answer: twice the largest message.
const maxReply = 8 << 20

// post sends a document as it is to an address, without repeating it.
func (s *Stage) post(ctx context.Context, address string, document []byte, soap bool) (*reply, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(document))
	if err != nil {
		return nil, err
	}
	media := "application/xml"
	if soap {
		media = "text/xml"
	}
	request.Header.Set("Content-Type", media+"; charset=utf-8")
	response, err := s.HTTP.Do(request)
	if err != nil {
		return nil, &unreachableError{err}
	}
	defer response.Body.Close() //nolint:errcheck // it was read
	body, err := io.ReadAll(io.LimitReader(response.Body, maxReply))
	if err != nil {
		return nil, &unreachableError{err}
	}
	r := &reply{status: response.StatusCode, body: body}
	verifier := s.reader
	if soap {
		verifier = s.soapReader
	}
	s.read(ctx, r, response.Header.Get("Content-Type"), verifier)
	return r, nil
}

// unreachableError says that there was no answer: the case could not run.
type unreachableError struct{ cause error }

func (e *unreachableError) Error() string { return "no answer came: " + e.cause.Error() }
func (e *unreachableError) Unwrap() error { return e.cause }

// read says what a body is.
func (s *Stage) read(ctx context.Context, r *reply, contentType string, verifier *xmlsig.Verifier) {
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil && len(r.body) > 0 {
		r.fault = fmt.Errorf("no content type can be read: %q", contentType)
		return
	}
	switch media {
	case "application/json":
		var early struct {
			Code string `json:"code"`
		}
		if r.fault = json.Unmarshal(r.body, &early); r.fault == nil {
			r.early = early.Code
		}
	case "application/xml", "text/xml":
		r.answer, r.fault = s.open(ctx, r.body, verifier)
	default:
		r.fault = fmt.Errorf("HTTP status %d with a body of type %q", r.status, media)
	}
}

// open verifies a message of the implementation.
func (s *Stage) open(ctx context.Context, document []byte, verifier *xmlsig.Verifier) (kecis.Message, error) {
	m, err := kecis.Open(ctx, verifier, document, metadata.Keys(s.known, s.Clock.Now))
	if err != nil {
		return nil, err
	}
	if sender := kecis.HeaderOf(m).Sender; sender != s.Subject.Entity {
		return nil, fmt.Errorf("the answer is of %s", sender)
	}
	return m, nil
}

var errNoEndpoint = errors.New("the metadata name no endpoint of that service")

// endpoint is where the implementation takes messages of a service.
func (s *Stage) endpoint(service metadata.Service) (string, error) {
	location, ok := s.Subject.Partner.Endpoint(service, metadata.BindingXML)
	if !ok {
		return "", fmt.Errorf("%w: %s", errNoEndpoint, service)
	}
	return location, nil
}

// responseOf returns the header of an answer, of whatever kind.
func responseOf(m kecis.Message) *kecis.ResponseHeader {
	switch m := m.(type) {
	case *kecis.PaymentResponse:
		return &m.ResponseHeader
	case *kecis.CaptureResponse:
		return &m.ResponseHeader
	case *kecis.CancellationResponse:
		return &m.ResponseHeader
	case *kecis.ReversalResponse:
		return &m.ResponseHeader
	case *kecis.InquiryResponse:
		return &m.ResponseHeader
	case *kecis.FeedResponse:
		return &m.ResponseHeader
	case *kecis.ReconciliationResponse:
		return &m.ResponseHeader
	case *kecis.AuthenticationResponse:
		return &m.ResponseHeader
	case *kecis.RefusalResponse:
		return &m.ResponseHeader
	}
	return nil
}
