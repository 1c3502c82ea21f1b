package browser_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// device is what a visitor holds.
type device struct {
	name          string
	width, height int64
	scale         float64
	phone         bool
}

// The two sizes that pages are looked at in, in CSS pixels.
var (
	phone   = device{"phone", 390, 844, 2, true}
	desktop = device{"desktop", 1280, 800, 1, false}
)

// visitor is how somebody comes.
type visitor struct {
	device
	language string
	script   bool
}

// visitors are few that have each pair of device, language and script among them.
func visitors() []visitor {
	return []visitor{{phone, "ko", true}, {phone, "en", false}, {desktop, "en", true}, {desktop, "ko", false}}
}

func (v visitor) String() string {
	if v.script {
		return v.name + "-" + v.language
	}
	return v.name + "-" + v.language + "-noscript"
}

// tab is a tab of a fresh profile.
type tab struct {
	visitor
	t       *testing.T
	browser *chromium
	ctx     context.Context
	// scenario names the screenshots.
	scenario string
	// hidden are texts that must stand in no page and no address.
	hidden []string

	mu       sync.Mutex
	console  []string
	document *network.Response
	shots    int
}

// within bounds each step of a tab: a step takes far less, on a busy machine too.
const within = time.Minute

// open opens a tab in a profile of its own: no cookie is shared with another.
func (c *chromium) open(t *testing.T, scenario string, v visitor) *tab {
	t.Helper()
	p := &tab{visitor: v, t: t, browser: c, scenario: scenario}
	ctx, stop := chromedp.NewContext(c.ctx, chromedp.WithNewBrowserContext(), chromedp.WithListener(p.hear))
	p.ctx = ctx
	t.Cleanup(stop)
	viewport := []chromedp.EmulateViewportOption{chromedp.EmulateScale(v.scale)}
	if v.phone {
		viewport = append(viewport, chromedp.EmulatePortrait, chromedp.EmulateMobile, chromedp.EmulateTouch)
	}
	if err := chromedp.Do(ctx); err != nil { // a tab lives as long as the context of its first step
		t.Fatal(err)
	}
	languages := map[string]string{"ko": "ko-KR,ko;q=0.9,en;q=0.8", "en": "en-US,en;q=0.9,ko;q=0.8"}
	p.do("a new tab", chromedp.EmulateViewport(v.width, v.height, viewport...), chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: c.agent, AcceptLanguage: languages[v.language]})
		if err != nil || v.script {
			return err
		}
		_, err = cdp.Call(ctx, target, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	}))
	return p
}

// hear notes what the browser complains about, and the document that it shows.
func (p *tab) hear(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		p.console = append(p.console, "exception: "+e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		p.console = append(p.console, "console: "+string(e.Type))
	case *log.EventEntryAdded:
		// A page of a refusal has a status that says so, which is told here.
		address, _, _ := strings.Cut(e.Entry.URL, "#")
		if e.Entry.Source == log.EntrySourceNetwork && p.document != nil && address == p.document.URL {
			return
		}
		p.console = append(p.console, fmt.Sprintf("%s %s: %s %s", e.Entry.Source, e.Entry.Level, e.Entry.Text, e.Entry.URL))
	case *network.EventResponseReceived:
		if e.Type == network.ResourceTypeDocument {
			p.document = e.Response
		}
	}
}

func (p *tab) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, within)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.t.Fatalf("%s, %s: %v, at %s:\n%s", p.visitor, what, err, p.address(), p.text("body"))
	}
}

// leads does what leads to another page, and waits for it.
func (p *tab) leads(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, within)
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, steps...); err != nil {
		p.t.Fatalf("%s, %s: %v", p.visitor, what, err)
	}
}

func (p *tab) goTo(address string) {
	p.t.Helper()
	p.leads(address, chromedp.Navigate(address))
}

// click clicks what leads to another page.
func (p *tab) click(css string) {
	p.t.Helper()
	p.leads("a click on "+css, chromedp.Click(chromedp.CSS(css)))
}

// toggle clicks what leads nowhere.
func (p *tab) toggle(css string) {
	p.t.Helper()
	p.do("a click on "+css, chromedp.Click(chromedp.CSS(css)))
}

func (p *tab) enter(css, text string) {
	p.t.Helper()
	p.do("typing into "+css, chromedp.SendKeys(chromedp.CSS(css), text))
}

// until waits for something to be there, through any number of pages.
func (p *tab) until(css string) {
	p.t.Helper()
	p.do("waiting for "+css, chromedp.WaitReady(chromedp.CSS(css)))
}

// ask evaluates an expression: with scripts off too, as DevTools may.
func ask[T any](p *tab, expression string) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, within)
	defer cancel()
	answer, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		p.t.Fatalf("%s, %s: %v", p.visitor, expression, err)
	}
	return answer
}

// text is what a person reads, or "".
func (p *tab) text(css string) string {
	p.t.Helper()
	return strings.TrimSpace(ask[string](p, fmt.Sprintf("(document.querySelector(%q) || {innerText: ''}).innerText", css)))
}

func (p *tab) address() string { p.t.Helper(); return ask[string](p, "location.href") }

func (p *tab) has(css string) bool {
	p.t.Helper()
	return ask[bool](p, fmt.Sprintf("document.querySelector(%q) !== null", css))
}

// shows says that a person reads the texts on the page.
func (p *tab) shows(texts ...string) {
	p.t.Helper()
	page := p.text("body")
	for _, text := range texts {
		if !strings.Contains(page, text) {
			p.t.Errorf("%s: no %q at %s:\n%s", p.visitor, text, p.address(), page)
		}
	}
}

// say is a text in the visitor's language.
func (v visitor) say(ko, en string) string {
	if v.language == "ko" {
		return ko
	}
	return en
}

// heading waits for the page with the heading of that text.
func (p *tab) heading(ko, en string) {
	p.t.Helper()
	want, found := p.say(ko, en), ""
	ctx, cancel := context.WithTimeout(p.ctx, within)
	defer cancel()
	for found != want {
		text, err := chromedp.Run(ctx, chromedp.Text(chromedp.CSS("h1")))
		switch {
		case ctx.Err() != nil:
			p.t.Fatalf("%s: the heading is %q, want %q, at %s:\n%s", p.visitor, found, want, p.address(), p.text("body"))
		case err == nil: // else one page has just gone, and the next is to come
			found = text
		}
	}
}

// look looks at the page as it stands, and keeps a picture of it.
func (p *tab) look(state string) {
	p.t.Helper()
	p.wellMade(state)
	p.secret(state)
	if p.script {
		p.accessible(state)
	}
	p.quiet(state)
	p.picture(state)
}

// wellMade checks what holds for every page.
func (p *tab) wellMade(state string) {
	p.t.Helper()
	type facts struct {
		Language, Title, Heading string
		Width, Headings          int
		Small                    []string
	}
	f := ask[facts](p, `({
		Language: document.documentElement.lang, Title: document.title, Heading: (document.querySelector("h1") || {innerText: ""}).innerText,
		Headings: document.querySelectorAll("h1").length, Width: document.scrollingElement.scrollWidth,
		Small: [...document.querySelectorAll("button, input:not([type=hidden], [type=radio], [type=checkbox]), label:is(input:is([type=radio], [type=checkbox]) + *), select, a.main, summary")].filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 44)
			.map(e => e.outerHTML.slice(0, 80)),
	})`)
	if f.Language != p.language {
		p.t.Errorf("%s, %s: the page says that it is in %q", p.visitor, state, f.Language)
	}
	if f.Title == "" || f.Heading == "" || f.Headings != 1 || !strings.Contains(f.Title, f.Heading) {
		p.t.Errorf("%s, %s: the title is %q, the heading %q, one of %d", p.visitor, state, f.Title, f.Heading, f.Headings)
	}
	if f.Width > int(p.width) { // a telephone would show it smaller
		p.t.Errorf("%s, %s: %d px wide where there are %d", p.visitor, state, f.Width, p.width)
	}
	for _, small := range f.Small {
		p.t.Errorf("%s, %s: less than 44 px high: %s", p.visitor, state, small)
	}
	p.strict(state)
}

// strict checks the header fields that the page came with.
func (p *tab) strict(state string) {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	h := http.Header{}
	for name, value := range p.document.Headers {
		h.Set(name, fmt.Sprint(value))
	}
	policy := h.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action "} {
		if !strings.Contains(policy, want) {
			p.t.Errorf("%s, %s: no %q in the policy %q", p.visitor, state, want, policy)
		}
	}
	if strings.Contains(policy, "unsafe") || h.Get("Cache-Control") != "no-store" || h.Get("X-Content-Type-Options") != "nosniff" {
		p.t.Errorf("%s, %s: header fields %v", p.visitor, state, h)
	}
}

// quiet says that the browser found nothing to complain about: no error of a script,
// nothing that the policy of the page forbids, nothing that is missing.
func (p *tab) quiet(state string) {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, line := range p.console {
		p.t.Errorf("%s, %s: the browser says: %s", p.visitor, state, line)
	}
	p.console = nil
}

// secret says that what must not be told is told nowhere in the page.
func (p *tab) secret(state string) {
	p.t.Helper()
	if len(p.hidden) == 0 {
		return
	}
	page := p.address() + "\n" + ask[string](p, "document.documentElement.outerHTML") + "\n" + p.text("body")
	for _, hidden := range p.hidden {
		if strings.Contains(page, hidden) {
			p.t.Errorf("%s, %s: the page tells %q", p.visitor, state, hidden)
		}
	}
}

// keys types, without looking where.
func (p *tab) keys(text string) {
	p.t.Helper()
	p.do("typing", chromedp.KeyEvent(text))
}

// leave presses a key that leads nowhere.
func (p *tab) leave(key string) {
	p.t.Helper()
	p.do("a key", chromedp.KeyEvent(key))
}

func (p *tab) focused(css string) bool {
	p.t.Helper()
	return ask[bool](p, fmt.Sprintf("document.activeElement.matches(%q)", css))
}

// tabTo goes from one stop of the tabulator to the next until it is there. Each stop can
// be seen: it has an outline, and no part of it is outside of the window.
func (p *tab) tabTo(css string) {
	p.t.Helper()
	const most = 30 // stops of a page
	for range most {
		p.leave(kb.Tab)
		hidden := "?"
		for tries := 0; hidden != "" && tries < 50; tries++ { // the page may be scrolling yet
			hidden = ask[string](p, `(() => {
				const e = document.activeElement, s = getComputedStyle(e), r = e.getBoundingClientRect();
				if (!e.matches(":focus-visible") || s.outlineStyle === "none" || parseFloat(s.outlineWidth) < 2) return "no outline: " + e.outerHTML.slice(0, 80);
				if (r.left < -1 || r.top < -1 || r.right > innerWidth + 1 || r.bottom > innerHeight + 1 || r.width < 8) return "not in sight: " + [r.left, r.top, r.right, r.bottom] + " " + e.outerHTML.slice(0, 80);
				return "";
			})()`)
		}
		if hidden != "" {
			p.t.Errorf("%s: %s", p.visitor, hidden)
		}
		if p.focused(css) {
			return
		}
	}
	p.t.Fatalf("%s: no way to %s by the tabulator", p.visitor, css)
}
