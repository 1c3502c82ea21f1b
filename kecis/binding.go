package kecis

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strconv"
	"time"

	"github.com/kecis/sdk/kecis/xmltree"
)

// Media types of the back channel (KECIS-PRO-003: XML alone, or SOAP 1.1). Both are
// XML; what tells the bindings apart is the root of the document.
const (
	mediaXML     = "application/xml"
	mediaTextXML = "text/xml"
	mediaJSON    = "application/json"
)

// reply is an answer on its way to the wire.
type reply struct {
	status int
	// document is the signed answer; nil of an unsigned one.
	document []byte
	// early is the code of an early refusal, "malformed" or "not-authenticated".
	early string
	// correlation is beside an early refusal, and in the log.
	correlation string
	// repeated says that the document was recorded before.
	repeated bool
	// code and outcome are those of the document, for the observer.
	code    Code
	outcome Outcome
}

// The codes of early refusals (KECIS-ERR-008).
const (
	earlyMalformed        = "malformed"
	earlyNotAuthenticated = "not-authenticated"
)

// retryAfter is what a 503 asks a requester to wait (KECIS-ERR-016): long enough
// for a burst to pass, short against any deadline.
const retryAfter = 2 * time.Second

// unavailable is the unsigned answer to what could not be recorded (P10).
func unavailable() reply { return reply{status: http.StatusServiceUnavailable} }

// ServeHTTP takes a signed request by POST, as XML alone or in a SOAP 1.1
// envelope, and writes the signed answer in the same form. What cannot be
// attributed to a sender gets an unsigned 400, 403 or 413, and what cannot be
// recorded a 503, so that nothing is promised that was not written down.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "KECIS takes signed requests by POST", http.StatusMethodNotAllowed)
		return
	}
	if !s.admit() {
		s.write(w, unavailable(), false)
		return
	}
	defer s.working.Add(-1)
	document, soap, answer := s.read(w, r)
	if document != nil {
		answer = s.answer(r, document, soap)
	}
	s.write(w, answer, soap)
}

// read reads the document of a request, or says why it is refused.
func (s *Server) read(w http.ResponseWriter, r *http.Request) (document []byte, soap bool, refused reply) {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || (media != mediaXML && media != mediaTextXML) {
		return nil, false, s.malformed(r.Context(), "content type", nil)
	}
	var buf bytes.Buffer
	buf.Grow(int(min(max(r.ContentLength, 0)+bytes.MinRead, messageRoom<<2)))
	if _, err := buf.ReadFrom(http.MaxBytesReader(w, r.Body, maxBody)); err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			refused := s.malformed(r.Context(), "too long", err)
			refused.status = http.StatusRequestEntityTooLarge
			return nil, false, refused
		}
		return nil, false, s.malformed(r.Context(), "cut off", err)
	}
	return buf.Bytes(), isSOAP(buf.Bytes()), reply{}
}

// isSOAP guesses by the first start tag; the verifier's profile decides.
func isSOAP(document []byte) bool {
	head := document[:min(len(document), 512)]
	if at := bytes.Index(head, []byte("?>")); at >= 0 {
		head = head[at:]
	}
	at := bytes.IndexByte(head, '<')
	if at < 0 {
		return false
	}
	head = head[at+1:]
	if end := bytes.IndexAny(head, " \t\r\n/>"); end >= 0 {
		head = head[:end]
	}
	if colon := bytes.IndexByte(head, ':'); colon >= 0 {
		head = head[colon+1:]
	}
	return string(head) == "Envelope"
}

const (
	soapStart = `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>`
	soapEnd   = `</soap:Body></soap:Envelope>`
)

// alone returns the signed message without its SOAP envelope, in the canonical
// form that its signature covers.
func (in *received) alone() []byte {
	if !in.soap {
		return in.document
	}
	tree, err := xmltree.Parse(in.document)
	if err != nil { // it was parsed before
		return nil
	}
	return tree.Root().First().First().AppendCanonical(nil)
}

// write puts an answer on the wire.
func (s *Server) write(w http.ResponseWriter, a reply, soap bool) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	switch {
	case a.document != nil:
		media := mediaXML
		if soap {
			media = mediaTextXML
		}
		h.Set("Content-Type", media+"; charset=utf-8")
		w.WriteHeader(http.StatusOK)
		if soap {
			_, _ = io.WriteString(w, soapStart)
		}
		_, _ = w.Write(a.document)
		if soap {
			_, _ = io.WriteString(w, soapEnd)
		}
	case a.early != "":
		body := kept(map[string]string{"code": a.early, "correlation": a.correlation})
		h.Set("Content-Type", mediaJSON)
		w.WriteHeader(a.status)
		_, _ = w.Write(body)
	default:
		h.Set("Retry-After", strconv.Itoa(int(retryAfter/time.Second)))
		w.WriteHeader(a.status)
	}
}

// malformed is the early refusal of what is no message at all.
func (s *Server) malformed(ctx context.Context, reason string, cause error) reply {
	return s.early(ctx, http.StatusBadRequest, earlyMalformed, reason, cause)
}

// early refuses before the sender is known: two codes, nothing of the request,
// and the reason in the log beside a correlation ID (P11).
func (s *Server) early(ctx context.Context, status int, code, reason string, cause error) reply {
	var raw [16]byte
	if _, err := io.ReadFull(s.config.Random, raw[:]); err != nil {
		return unavailable()
	}
	correlation := hex.EncodeToString(raw[:])
	s.log.WarnContext(ctx, "refused early", slog.String("correlation", correlation), slog.String("code", code), slog.Any("reason", reason), slog.Any("error", cause))
	return reply{status: status, early: code, correlation: correlation}
}
