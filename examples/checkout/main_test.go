package main

import (
	"html"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	action = regexp.MustCompile(`action="([^"]*)"`)
	input  = regexp.MustCompile(`type="hidden" name="([^"]*)" value="([^"]*)"`)
)

// TestCheckout goes the way of a browser without scripts.
func TestCheckout(t *testing.T) {
	site := httptest.NewUnstartedServer(nil)
	_, port, err := net.SplitHostPort(site.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	site.Config.Handler, err = build(t.Context(), port, filepath.Join(folder, "pg.db"), filepath.Join(folder, "shop.db"))
	if err != nil {
		t.Fatal(err)
	}
	site.Start()
	defer site.Close()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar}
	post := func(address string, values url.Values) (at, body string) {
		t.Helper()
		r, err := browser.PostForm(address, values)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = r.Body.Close() }()
		text, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		return r.Request.URL.String(), string(text)
	}
	submit := func(page string) (at, body string) {
		t.Helper()
		to := action.FindStringSubmatch(page)
		if to == nil {
			t.Fatalf("no form: %s", page)
		}
		values := url.Values{}
		for _, field := range input.FindAllStringSubmatch(page, -1) {
			values.Set(field[1], html.UnescapeString(field[2]))
		}
		return post(html.UnescapeString(to[1]), values)
	}
	for choice, want := range map[string]string{"pay": ": paid<", "leave": "buyer-cancelled"} {
		_, order := post("http://localhost:"+port+"/buy", nil)
		at, counter := submit(order)
		if !strings.Contains(counter, "꽃집") || !strings.Contains(counter, "35,000") {
			t.Fatalf("the PG's page is %s", counter)
		}
		_, answer := post(at, url.Values{"do": {choice}})
		if _, thanks := submit(answer); !strings.Contains(thanks, want) {
			t.Errorf("%s: the shop says %q", choice, thanks)
		}
	}
}
