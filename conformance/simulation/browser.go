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
	// title is the heading, and code that of the message; "" for none.
	title, code string
}

// browserPatience is how long a buyer waits for a page.
const browserPatience = 25 * time.Second

var errNoPage = errors.New("no page comes")

// open gets a page, and send sends a form and goes where the answer says.
func (b *browser) open(address string) (page, error) { return b.go_(http.MethodGet, address, nil) }

func (b *browser) send(address string, form url.Values) (page, error) {
	return b.go_(http.MethodPost, address, form)
}

func (b *browser) go_(method, address string, form url.Values) (page, error) {
	reply, err := b.fetch(method, address, form)
	if err == nil && reply.StatusCode == http.StatusSeeOther {
		next, parseErr := reply.Request.URL.Parse(reply.Header.Get("Location"))
		if parseErr != nil {
			return page{}, parseErr
		}
		reply, err = b.fetch(http.MethodGet, next.String(), nil)
	}
	if err != nil {
		return page{}, err
	}
	text, err := io.ReadAll(reply.Body)
	if err != nil {
		return page{}, err
	}
	p := page{status: reply.StatusCode, text: string(text), title: string(enclosed(text, "<h1>", "</h1>")), code: string(enclosed(text, `data-code="`, `"`))}
	b.see(&p)
	return p, nil
}

// fetch is one request of a browser over the network.
func (b *browser) fetch(method, address string, form url.Values) (*http.Response, error) {
	body := []byte(form.Encode())
	request, err := http.NewRequestWithContext(b.context, method, address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept-Language", "en")
	kind := "page"
	if method == http.MethodPost {
		kind = "form"
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, name := range sortedKeys(b.cookies) {
		request.AddCookie(&http.Cookie{Name: name, Value: b.cookies[name]})
	}
	reply, err := b.net.browse(b.process, request, body, kind)
	if err != nil {
		return nil, err
	}
	for _, c := range reply.Cookies() {
		b.cookies[c.Name] = c.Value
	}
	return reply, nil
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
