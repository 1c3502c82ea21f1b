package issuer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"io"
	"maps"
	"net/http"
	"slices"
	"sync"

	"github.com/kecis/sdk/kecis/xmltree"
)

// Loss says which answers to the payments of a test instrument get lost on their
// way. The payment itself is carried out.
type Loss string

const (
	// LoseFirst: the answer to the first transmission.
	LoseFirst Loss = "first"
	// LoseAll: the answers to all transmissions of the payment request.
	LoseAll Loss = "all"
)

// lossKey is the key under which a request's context carries where to note a loss.
type lossKey struct{}

// lose notes that the answer to the request of this context is to be dropped.
func (s *Issuer) lose(ctx context.Context, which Loss) {
	if note, ok := ctx.Value(lossKey{}).(*noted); ok && which != "" {
		note.set(which)
	}
}

// noted is a note that the change of a journal writes, perhaps in another
// goroutine and more than once.
type noted struct {
	mu   sync.Mutex
	loss Loss
}

func (n *noted) set(which Loss) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.loss = which
}

func (n *noted) get() Loss {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.loss
}

const (
	// maxLossyBody bounds a request, in bytes: one more than a Server takes, which
	// refuses it as ever.
	maxLossyBody = xmltree.MaxBytes + 1
	// maxLossy bounds the requests of which all answers are to be lost: of test
	// instruments there are few.
	maxLossy = 1024
)

// Lossy stands before a Server and drops the answers of test instruments whose
// Behaviour says so, after the Server has done its work. Dropping is drop's: on
// a real connection it ends it (AbortConnection), in a simulation it does what
// its transport needs. The Server must hand the request's context to PlanPayment
// and Pay.
func Lossy(next http.Handler, drop func(http.ResponseWriter)) http.Handler {
	return &lossy{next: next, drop: drop}
}

// AbortConnection closes the connection without an answer.
func AbortConnection(http.ResponseWriter) {
	panic(http.ErrAbortHandler) //nolint:forbidigo // net/http's own way to close a connection without an answer
}

type lossy struct {
	next http.Handler
	drop func(http.ResponseWriter)

	mu     sync.Mutex
	always [][sha256.Size]byte // the oldest first
}

func (l *lossy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxLossyBody))
	if err != nil {
		http.Error(w, http.StatusText(http.StatusRequestEntityTooLarge), http.StatusRequestEntityTooLarge)
		return
	}
	digest := sha256.Sum256(body)
	note := new(noted)
	r = r.WithContext(context.WithValue(r.Context(), lossKey{}, note))
	r.Body = io.NopCloser(bytes.NewReader(body))
	answer := &answer{header: http.Header{}, status: http.StatusOK}
	l.next.ServeHTTP(answer, r)
	if l.lost(note.get(), digest) {
		l.drop(w)
		return
	}
	maps.Copy(w.Header(), answer.header)
	w.WriteHeader(answer.status)
	_, _ = w.Write(answer.body.Bytes()) // a client that is gone is no concern of the server
}

func (l *lossy) lost(which Loss, digest [sha256.Size]byte) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if slices.Contains(l.always, digest) {
		return true
	}
	if which == LoseAll {
		if l.always = append(l.always, digest); len(l.always) > maxLossy {
			l.always = slices.Delete(l.always, 0, 1)
		}
	}
	return which != ""
}

// answer keeps what a handler writes.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) { a.status = status }

func (a *answer) Write(b []byte) (int, error) { return a.body.Write(b) }
