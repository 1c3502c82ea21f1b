package metadata

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// ContentType is the media type of metadata (SAML metadata, appendix A).
const ContentType = "application/samlmetadata+xml"

// maxFetch bounds how long one document may take: the largest, over a slow line.
const maxFetch = time.Minute

// maxRedirects bounds the redirections on the way to a document: site and
// delivery network, with room.
const maxRedirects = 5

// Fetcher gets a document of so many bytes at most.
type Fetcher interface {
	Fetch(ctx context.Context, location string, most int) ([]byte, error)
}

// HTTP fetches documents with the client, or http.DefaultClient if it is nil:
// over https, or http from this machine, redirections included. Its errors are
// ErrFetch.
type HTTP struct {
	Client *http.Client
}

// Fetch implements Fetcher.
func (h HTTP) Fetch(ctx context.Context, location string, most int) ([]byte, error) {
	if !secure(location) {
		return nil, notFetched("https, or http from this machine", quote(location), nil)
	}
	client := http.Client{}
	if h.Client != nil {
		client = *h.Client
	}
	client.CheckRedirect = func(next *http.Request, via []*http.Request) error {
		if len(via) > maxRedirects || !secure(next.URL.String()) {
			return errors.New("redirected too often, or to an address that is not secure")
		}
		return nil
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, location, http.NoBody)
	if err != nil {
		return nil, notFetched("a location", quote(location), err)
	}
	request.Header.Set("Accept", ContentType+", application/xml;q=0.5")
	response, err := client.Do(request)
	if err != nil {
		return nil, notFetched("an answer", "none, but "+quote(reason(err)), err)
	}
	defer response.Body.Close() //nolint:errcheck // it was only read
	if response.StatusCode != http.StatusOK {
		return nil, notFetched("status 200", strconv.Itoa(response.StatusCode), nil)
	}
	document, err := io.ReadAll(io.LimitReader(response.Body, int64(most)+1))
	switch {
	case err != nil:
		return nil, notFetched("a whole document", "a part of one", err)
	case len(document) > most:
		return nil, notFetched("at most "+strconv.Itoa(most)+" bytes", "more", nil)
	}
	return document, nil
}

// reason is why there was no answer, without the location, which is told beside it.
func reason(err error) string {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err.Error()
	}
	return err.Error()
}

func notFetched(expected, found string, cause error) error {
	return &Error{code: ErrFetch, expected: expected, found: found, cause: cause}
}

// source is where documents come from: an entity or a registry.
type source struct {
	name      string
	aggregate bool
}

// sources returns those that documents are fetched from.
func (d *Directory) sources() (all []source) {
	for i := range d.config.Anchors {
		if a := &d.config.Anchors[i]; a.Location != "" {
			all = append(all, source{a.Name, true})
		}
	}
	for i := range d.config.Pins {
		if p := &d.config.Pins[i]; p.Location != "" {
			all = append(all, source{p.Entity, false})
		}
	}
	return all
}

// location returns the address of a source, and how large its documents may be.
func (d *Directory) location(s source) (string, int) {
	if s.aggregate {
		return d.anchor(s.name).Location, MaxAggregate
	}
	for i := range d.config.Pins {
		if p := &d.config.Pins[i]; p.Entity == s.name {
			return p.Location, MaxDocument
		}
	}
	return "", MaxDocument
}

// RunOnce fetches the document that is due the longest, if one is due, and
// accepts it if it is new. Its error concerns that document alone, names its
// source, and says when it is fetched again: what was accepted before stays
// (KECIS-META-030).
func (d *Directory) RunOnce(ctx context.Context) (worked bool, err error) {
	s, ok := d.claim()
	if !ok {
		return false, nil
	}
	location, most := d.location(s)
	within, cancel := context.WithTimeout(ctx, maxFetch)
	defer cancel()
	document, err := d.config.Fetcher.Fetch(within, location, most)
	if err == nil && !d.unchanged(s, document) {
		err = d.accept(ctx, document, most, s)
	}
	pause := d.settle(s, err == nil)
	if err != nil {
		err = fmt.Errorf("metadata of %s from %s, to be tried again in %v: %w", s.name, location, pause, err)
	}
	return true, err
}

// settle notes how a fetch ended; after a failure the source is due again after the
// pause that it returns.
func (d *Directory) settle(s source, fetched bool) time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	if fetched {
		delete(d.failures, s)
		return 0
	}
	pause := firstRetry
	for n := d.failures[s]; n > 0 && pause < lastRetry; n-- {
		pause *= 2
	}
	pause = min(pause, lastRetry, d.config.Refresh)
	d.failures[s]++
	d.due[s] = d.config.Clock().Add(pause)
	return pause
}

// claim takes the source that is due the longest, so that no other call fetches
// it meanwhile.
func (d *Directory) claim() (source, bool) {
	now := d.config.Clock()
	d.mu.Lock()
	defer d.mu.Unlock()
	var first source
	found := false
	for _, s := range d.sources() {
		if at := d.due[s]; d.config.Fetcher != nil && !at.After(now) && (!found || at.Before(d.due[first])) {
			first, found = s, true
		}
	}
	if found {
		d.due[first] = now.Add(d.config.Refresh)
	}
	return first, found
}
