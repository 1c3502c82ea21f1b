package suite

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/xmltree"
)

// tap stands on the line to the suite's issuer: it keeps what passes, and can
// bend it.
type tap struct {
	to http.Handler

	mu     sync.Mutex
	passed []passage
	bend   map[string]func(*passage) // what becomes of the payments of an order
}

// passage is one message that came to the issuer, and its answer.
type passage struct {
	// Order is the OrderID that it is about, "" for none.
	order string
	kind  string
	// id is its own ID, and original that of the request that it is about.
	id, original string
	status       int
	answer       []byte
	header       http.Header
	// lost: the answer does not come back.
	lost bool
}

// maxTapped bounds what the tap reads, as the server behind it does.
const maxTapped = 8 << 20

// ServeHTTP passes a message on.
func (t *tap) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	document, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxTapped))
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	in := r.Clone(r.Context())
	in.Body = io.NopCloser(bytes.NewReader(document))
	kept := httptest.NewRecorder()
	t.to.ServeHTTP(kept, in)
	p := passage{status: kept.Code, answer: kept.Body.Bytes(), header: kept.Header()}
	p.read(document)
	t.mu.Lock()
	if bend := t.bend[p.order]; bend != nil && p.kind == kecis.PaymentRequestKind.String() {
		bend(&p)
	}
	t.passed = append(t.passed, p)
	t.mu.Unlock()
	if p.lost {
		panic(http.ErrAbortHandler) //nolint:forbidigo // how a handler has its connection cut
	}
	maps.Copy(w.Header(), p.header)
	w.WriteHeader(p.status)
	_, _ = w.Write(p.answer)
}

// read says what a message is and what it is about.
func (p *passage) read(document []byte) {
	tree, err := xmltree.Parse(document)
	if err != nil {
		return
	}
	p.kind = tree.Root().Local()
	p.id, _ = tree.Root().Attr("ID")
	for e := range tree.Root().Children() {
		switch {
		case e.Is(kecis.Namespace, "OrderRef"):
			p.order, _ = e.Attr("OrderID")
		case e.Is(kecis.Namespace, "Original"):
			p.original = string(e.First().AppendText(nil))
		}
	}
}

// inquired reports whether the issuer was asked how a payment of an order stands.
func (t *tap) inquired(order string) bool {
	payments := t.of(order)
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.ContainsFunc(t.passed, func(p passage) bool {
		return p.kind == kecis.InquiryRequestKind.String() && slices.ContainsFunc(payments, func(q passage) bool { return q.id == p.original })
	})
}

// bending changes the answers to the payments of an order.
func (t *tap) bending(order string, change func(*passage)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.bend[order] = change
}

// of returns what passed about an order.
func (t *tap) of(order string) (out []passage) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, p := range t.passed {
		if p.order == order {
			out = append(out, p)
		}
	}
	return out
}
