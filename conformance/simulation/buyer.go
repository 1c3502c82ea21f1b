package simulation

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kecis/sdk/conformance/reference/issuer"
	"github.com/kecis/sdk/kecis"
)

// buyer is somebody who authenticates by an amount.
type buyer struct {
	*process // of all buyers: it is never down
	setting  *setting
	want     *purchase
	pg       *process
	// order is that of the session, address that of its page, "" for none.
	order   kecis.OrderRef
	address string
	window  *browser
	// typed is what was sent as the value, and seen what pages said.
	typed []typing
	seen  []sight
	// links are those that were mailed.
	links []string
}

// typing is a value that was sent, and what it was answered with: a code, "ok", or
// "" where no answer came.
type typing struct {
	value, told string
	at          time.Time
	byShop      bool
}

// sight is what a page said about the end.
type sight struct {
	at         time.Time
	title      string
	released   bool // that nothing is held any more
	nothing    bool // that nothing was paid
	final      bool // looked at when all had come to rest
	reason     string
	progress   bool
	unfinished bool // it still asks for the value
	refused    bool // it shows no session
}

// The titles of the end of an authentication, and what pages say of money.
const (
	titleVerified = "Authenticated"
	titleFailed   = "Not authenticated"
	titlePaid     = "Paid"
	titleDeclined = "Not paid"
	titlePaying   = "Paying"
	titleStarting = "Getting ready"
	titleProblem  = "This page cannot be opened"
	factCancelled = "The approval that was made to check is cancelled."
	factSettled   = "The deposits that were made to check are settled."
	factNothing   = "Nothing was paid."
)

// see keeps what a page claims.
func (b *buyer) see(p *page) {
	v := sight{
		at: b.now, title: p.title, released: p.says(factCancelled) || p.says(factSettled), nothing: p.says(factNothing),
		final: b.setting.resting, progress: p.title == titlePaying || p.title == titleStarting, unfinished: p.says(`id="answer"`), refused: p.title == titleProblem,
	}
	if p.title == titleFailed {
		v.reason = p.text
	}
	b.seen = append(b.seen, v)
	b.logf("the buyer of %s sees %q %s", b.order.OrderID, p.title, p.code)
}

func (b *buyer) browse() *browser {
	b.window = &browser{buyer: b, cookies: map[string]string{}}
	return b.window
}

// buyer adds the buyer of a session.
func (s *setting) buyer(p *purchase, pg *process, order kecis.OrderRef, address string) *buyer {
	b := &buyer{process: s.street, setting: s, want: p, pg: pg, order: order, address: address}
	s.buyers = append(s.buyers, b)
	return b
}

// buyerOf returns the buyer of a session; nil if there is none.
func (s *setting) buyerOf(order kecis.OrderRef) *buyer {
	i := slices.IndexFunc(s.buyers, func(b *buyer) bool { return b.order == order })
	if i < 0 {
		return nil
	}
	return s.buyers[i]
}

// The moods of buyers: what they do with a session.
const (
	typesRight = iota
	slipsOnce
	slipsTwice
	typesWrong
	comesLate
	leaves
	givesUp
	looksLater
	guessesOn
	rushes
	repeats
	moods
)

// authenticate is what a buyer does on the pages of the PG.
func (b *buyer) authenticate() {
	w := b.browse()
	if b.want.mood == leaves && b.want.unseen {
		return
	}
	p, ok := b.reach(w, b.address)
	for tries := 0; ok && p.title == titleStarting && tries < 40; tries++ {
		b.idle(3 * time.Second)
		p, ok = b.reach(w, b.address)
	}
	if !ok || p.hidden("form") == "" {
		return
	}
	b.idle(between(time.Second, time.Minute, b.want.dawdle))
	switch b.want.mood {
	case leaves:
		return
	case givesUp:
		b.submit(w, &p, url.Values{"do": {"cancel"}})
		return
	case comesLate:
		b.idle(21 * time.Minute)
		b.answer(w, &p, true)
	case slipsOnce, slipsTwice, typesWrong, looksLater, guessesOn:
		b.slips(w, p)
	case rushes:
		b.rush(w, &p)
	case repeats:
		q := b.answer(w, &p, b.want.thief == 0)
		b.answerAgain(w, &p)
		if q.hidden("form") != "" {
			b.answer(w, &q, true)
		}
	default:
		b.answer(w, &p, true)
	}
	b.watch()
}

// slips types some wrong values before the right one, and may look for it later, in
// another browser.
func (b *buyer) slips(w *browser, p page) {
	wrong := map[int]int{slipsOnce: 1, slipsTwice: 2, typesWrong: 3, looksLater: int(b.want.dawdle % 2), guessesOn: 2}[b.want.mood]
	for range wrong {
		p = b.answer(w, &p, false)
	}
	if b.want.mood == looksLater || b.want.mood == guessesOn {
		var ok bool
		if w, p, ok = b.move(w, &p); !ok {
			return
		}
		for range wrong {
			if b.want.mood == guessesOn && p.hidden("form") != "" {
				p = b.answer(w, &p, false)
			}
		}
	}
	if p.hidden("form") != "" || b.want.mood == typesWrong {
		b.answer(w, &p, true)
	}
}

// move has a link mailed and goes on with it in another browser.
func (b *buyer) move(w *browser, p *page) (*browser, page, bool) {
	b.submit(w, p, url.Values{"do": {"later"}, "mail": {mailbox(b.order)}})
	for range 10 {
		if len(b.links) > 0 {
			break
		}
		b.idle(10 * time.Second)
	}
	if len(b.links) == 0 {
		return w, page{}, false
	}
	link := b.links[0]
	other := b.browse()
	if _, ok := b.reach(other, link); !ok {
		return other, page{}, false
	}
	for range 10 {
		q, err := other.send(link, url.Values{})
		if err == nil && q.status < http.StatusInternalServerError {
			return other, q, q.hidden("form") != ""
		}
		b.idle(15 * time.Second)
	}
	return other, page{}, false
}

// mailbox is the address of the buyer of an order.
func mailbox(o kecis.OrderRef) string { return o.OrderID + "@example.com" }

// reach opens a page, and again while that fails.
func (b *buyer) reach(w *browser, address string) (page, bool) {
	for range 12 {
		p, err := w.open(address)
		if err == nil && p.status < http.StatusInternalServerError {
			return p, p.status == http.StatusOK
		}
		b.idle(10 * time.Second)
	}
	return page{}, false
}

// submit sends the form of a page, the same again while no answer comes.
func (b *buyer) submit(w *browser, p *page, form url.Values) page {
	form.Set("form", p.hidden("form"))
	form.Set("serial", p.hidden("serial"))
	for range 12 {
		q, err := w.send(b.address, form)
		if err == nil && q.status < http.StatusInternalServerError {
			return q
		}
		b.idle(between(time.Second, 20*time.Second, b.plan.draw("buyer waits")))
	}
	return page{}
}

// answer types a value, and notes what was told of it.
func (b *buyer) answer(w *browser, p *page, right bool) page {
	value := b.value(right)
	b.typed = append(b.typed, typing{value: value, at: b.now})
	at := len(b.typed) - 1
	q := b.submit(w, p, b.form(value))
	b.typed[at].told = told(&q)
	return q
}

// told is what an answer says of a value.
func told(p *page) string {
	switch {
	case p.code != "":
		return p.code
	case p.title == titleVerified || p.title == titlePaid || p.title == titlePaying || p.title == titleDeclined:
		return "ok"
	}
	return ""
}

// answerAgain sends the last value again with the same form.
func (b *buyer) answerAgain(w *browser, p *page) {
	if last := len(b.typed) - 1; last >= 0 {
		b.submit(w, p, b.form(b.typed[last].value))
	}
}

// form is a value as the page's fields have it.
func (b *buyer) form(value string) url.Values {
	if b.want.variant != kecis.VariantDeposits {
		return url.Values{"value": {value}}
	}
	first, second, _ := strings.Cut(value, " ")
	return url.Values{"value": {first}, "value2": {second}}
}

// rush sends several wrong values at the same time, with one form.
func (b *buyer) rush(w *browser, p *page) {
	const many = 6
	left, waiter := many, b.current
	for range many {
		value := b.value(false)
		b.typed = append(b.typed, typing{value: value, at: b.now})
		at := len(b.typed) - 1
		b.spawn(nil, "a form of the buyer of "+b.order.OrderID, func() {
			form := b.form(value)
			form.Set("form", p.hidden("form"))
			form.Set("serial", p.hidden("serial"))
			if q, err := w.send(b.address, form); err == nil {
				b.typed[at].told = told(&q)
			}
			if left--; left == 0 {
				b.resume(waiter)
			}
		})
	}
	for left > 0 {
		b.await("forms")
	}
}

// watch reloads the page until it says how it ended.
func (b *buyer) watch() {
	for range 20 {
		p, err := b.window.open(b.address)
		if err == nil && p.status == http.StatusOK && p.title != titlePaying && p.title != titleStarting {
			return
		}
		b.idle(20 * time.Second)
	}
}

// value is what the buyer read, or something else.
func (b *buyer) value(right bool) string {
	read, ok := "", false
	if b.want.thief == 0 {
		for range 20 {
			if read, ok = b.setting.read(b.want, b.order); ok {
				break
			}
			b.idle(5 * time.Second)
		}
	}
	if right && ok {
		return read
	}
	n := int64(b.plan.draw("guess")%80*10) + int64(len(b.typed)%10) // never the same twice
	switch b.want.variant {
	case kecis.VariantDescriptor:
		was, _ := strconv.ParseInt(read, 10, 64) // 0 where nothing was read
		return fmt.Sprintf("%04d", (was+1+n)%10_000)
	case kecis.VariantDeposits:
		return strconv.FormatInt(200+n, 10) + " " + strconv.FormatInt(1200+n, 10)
	}
	was, _ := strconv.ParseInt(read, 10, 64)
	return strconv.FormatInt(max(was, 1000)+1+n, 10)
}

// read reads in the inbox of an instrument what was approved or deposited for an
// order, the latest first.
func (s *setting) read(p *purchase, order kecis.OrderRef) (string, bool) {
	if s.bank == nil {
		return "", false
	}
	notices, err := s.bank.Inbox(s.context, s.keys.instruments[p.card].Instrument.Holder, 100)
	if err != nil {
		return "", false
	}
	var values []string
	for i := range notices {
		n := &notices[i]
		payee, code, _ := strings.Cut(n.Payee, " *")
		if payee != order.OrderID || n.Kind != issuer.NoticeApproved && n.Kind != issuer.NoticeDeposited || n.Amount == p.amount {
			continue
		}
		switch p.variant {
		case kecis.VariantDescriptor:
			return code, code != ""
		case kecis.VariantDeposits:
			if values = append(values, strconv.FormatInt(n.Amount, 10)); len(values) == 2 {
				return strings.Join(values, " "), true
			}
		default:
			return strconv.FormatInt(n.Amount, 10), true
		}
	}
	return "", false
}

// lookAgain has every buyer look at the page once more, when all has come to rest.
func (s *setting) lookAgain() {
	s.resting = true
	defer func() { s.resting = false }()
	for _, b := range s.buyers {
		if b.window == nil || len(b.window.cookies) == 0 {
			continue
		}
		b.reach(b.window, b.address)
	}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// last is what the buyer saw of the session when all had come to rest; nil if nothing.
func (b *buyer) last() *sight {
	for i := len(b.seen) - 1; i >= 0; i-- {
		if v := &b.seen[i]; v.final && v.title != "" && !v.refused {
			return v
		}
	}
	return nil
}
