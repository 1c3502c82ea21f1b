package simulation

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// browser is a buyer's: it keeps cookies, and shows pages in English.
type browser struct {
	*buyer
	cookies map[string]string
}

// page is what a browser shows.
type page struct {
	status int
	text   string
	next   string // where it sends the browser
	// title is the heading, and code that of the message; "" for none.
	title, code string
}

// browserPatience is how long a buyer waits for a page.
const browserPatience = 25 * time.Second

var errNoPage = errors.New("no page comes")

// open gets a page.
func (b *browser) open(address string) (page, error) { return b.visit(http.MethodGet, address, nil) }

// send sends a form.
func (b *browser) send(address string, form url.Values) (page, error) {
	return b.visit(http.MethodPost, address, form)
}

// visit sends a request and goes where its answer says.
func (b *browser) visit(method, address string, form url.Values) (page, error) {
	p, err := b.fetch(method, address, form)
	if err == nil && p.status == http.StatusSeeOther {
		p, err = b.fetch(http.MethodGet, p.next, nil)
	}
	if err != nil {
		return page{}, err
	}
	text := []byte(p.text)
	p.title, p.code = string(enclosed(text, "<h1>", "</h1>")), string(enclosed(text, `data-code="`, `"`))
	b.see(&p)
	return p, nil
}

// fetch is one request of a browser over the network.
func (b *browser) fetch(method, address string, form url.Values) (page, error) {
	body := []byte(form.Encode())
	request, err := http.NewRequestWithContext(b.context, method, address, bytes.NewReader(body))
	if err != nil {
		return page{}, err
	}
	request.Header.Set("Accept-Language", "en")
	kind := "page"
	if method == http.MethodPost {
		kind = "form"
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, name := range sortedKeys(b.cookies) {
		request.AddCookie(&http.Cookie{Name: name, Value: b.cookies[name]}) //nolint:gosec // it goes to the server
	}
	reply, err := b.net.browse(b.process, request, body, kind)
	if err != nil {
		return page{}, err
	}
	defer reply.Body.Close() //nolint:errcheck // it is in memory
	for _, c := range reply.Cookies() {
		b.cookies[c.Name] = c.Value
	}
	text, err := io.ReadAll(reply.Body)
	p := page{status: reply.StatusCode, text: string(text)}
	if next, parseErr := request.URL.Parse(reply.Header.Get("Location")); parseErr == nil {
		p.next = next.String()
	}
	return p, err
}

// browse carries what a browser sends as any message, but notes no exchange.
func (n *network) browse(from *process, request *http.Request, body []byte, kind string) (*http.Response, error) {
	n.pass()
	p := &parcel{from: from, to: n.hosts[request.URL.Host], request: request, body: body, kind: kind, page: true, sender: n.current}
	if p.to == nil {
		return nil, errNobody
	}
	n.send(p)
	ctx, cancel := from.clock.WithTimeout(n.context, browserPatience)
	defer cancel()
	for p.reply == nil && p.failed == nil && ctx.Err() == nil {
		n.wait(ctx, "a "+kind)
	}
	p.sender = nil
	switch {
	case p.failed != nil:
		return nil, p.failed
	case p.reply == nil:
		return nil, errNoPage
	}
	return p.reply, nil
}

// hidden returns a hidden field of a page's form.
func (p *page) hidden(name string) string {
	return string(enclosed([]byte(p.text), `name="`+name+`" value="`, `"`))
}

// says reports whether a text stands in the page.
func (p *page) says(text string) bool { return strings.Contains(p.text, text) }
