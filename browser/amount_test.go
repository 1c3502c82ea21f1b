package browser_test

import (
	"context"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	cdpage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/amountauth"
)

// amounts are the scenarios of authentication by amount, each in a market of its own.
func amounts(t *testing.T, c *chromium, n *town) {
	v := visitors()
	for _, scenario := range []struct {
		name string
		by   []visitor
		play func(t *testing.T, c *chromium, m *market, v visitor)
	}{
		{"pays", v, paysByAmount},
		{"hosted", v, paysHosted},
		{"resumes", []visitor{v[0], v[3]}, resumes},
		{"locked", []visitor{v[0], v[1], v[2]}, isLocked},
		{"late", []visitor{v[0], v[2]}, isLate},
		{"gives up", []visitor{v[0], v[2]}, givesUp},
		{"by keyboard", []visitor{v[2], v[3]}, paysByKeyboard},
		{"by keypad", []visitor{v[0], v[1], v[2]}, paysByKeypad},
		{"by code", []visitor{v[0], v[2]}, paysByCode},
	} {
		for _, v := range scenario.by {
			t.Run(scenario.name+"/"+v.String(), func(t *testing.T) { scenario.play(t, c, newMarket(t, n), v) })
		}
	}
}

// toAmountPage orders at the shop, which leads to the page of the PG.
func toAmountPage(p *tab, m *market) {
	p.t.Helper()
	p.goTo(m.town.at(shopHost, "/orders/ORDER-1"))
	p.click("#buy")
	p.heading("금액 인증", "Authentication by amount")
}

// paysByAmount pays an order with the amount that is read in the inbox.
func paysByAmount(t *testing.T, c *chromium, m *market, v visitor) {
	p := c.open(t, "amount", v)
	toAmountPage(p, m)
	inbox := c.open(t, "inbox", v)
	inbox.goTo(m.inbox())
	amount := amountIn(inbox)
	inbox.look("held")
	p.hidden = []string{amount, strings.ReplaceAll(amount, ",", "")}
	p.look("asked")
	p.enter("#value", "abc")
	p.click("button.main")
	p.shows(amountauth.ErrTypedLetters.Text(v.language), v.say("3번", "Tries left 3"))
	p.look("letters")
	p.enter("#value", "999")
	p.click("button.main")
	p.shows(amountauth.ErrWrong.Text(v.language), v.say("2번", "Tries left 2"))
	p.look("wrong")

	p.enter("#value", amount+v.say("원", ""))
	p.click("button.main")
	p.heading("인증되었습니다", "Authenticated")
	m.rest()
	p.goTo(p.address())
	p.look("done")
	p.click("a.main")
	p.until("#done")
	m.accounts(price)
}

// paysHosted pays on the pages of the PG alone: the card, the amount, and back to the
// shop with the answer.
func paysHosted(t *testing.T, c *chromium, m *market, v visitor) {
	p := c.open(t, "hosted", v)
	p.goTo(m.town.at(shopHost, "/orders/ORDER-1"))
	p.click("#hosted")
	if !v.script {
		p.click("button")
	}
	p.heading("결제하기", "Pay")
	p.look("asked")
	number := test("card-approve").Number
	p.enter("#number", number[:len(number)-1]+"7")
	p.enter("#expiry", "13/30")
	p.click("button.main")
	p.hidden = []string{number[:len(number)-1]}
	p.look("refused")
	p.enter("#number", number)
	p.enter("#expiry", "12/99")
	p.enter("#verification", "123")
	p.toggle("#method-amount")
	p.click("button.main")
	p.heading("금액 인증", "Authentication by amount")
	amount := readAmount(t, c, m, v)
	p.hidden = []string{number, amount, strings.ReplaceAll(amount, ",", "")}
	p.look("authentication")
	p.enter("#value", amount)
	p.click("button.main")
	p.hidden = []string{number}
	m.rest() // the page goes on by itself
	if !v.script {
		p.heading("이동 중입니다", "One moment")
		p.click("button")
	}
	p.until("#done, #problem")
	m.accounts(price)
	if len(m.returned) != 1 || m.returned[0].Err != nil {
		t.Errorf("%s: returned %+v", v, m.returned)
	}
}

// readAmount reads the amount of the hold in the inbox, in a browser of its own.
func readAmount(t *testing.T, c *chromium, m *market, v visitor) string {
	t.Helper()
	inbox := c.open(t, "inbox", v)
	inbox.goTo(m.inbox())
	return amountIn(inbox)
}

// amountIn is the amount that the inbox shows.
func amountIn(inbox *tab) string {
	t := inbox.t
	t.Helper()
	found := regexp.MustCompile(`(\d[\d,]*)원|₩(\d[\d,]*)`).FindStringSubmatch(inbox.text("main"))
	if found == nil {
		t.Fatalf("no amount in %q", inbox.text("main"))
	}
	amount := found[1] + found[2]
	n, err := strconv.Atoi(strings.ReplaceAll(amount, ",", ""))
	if err != nil || n < 1000 || n >= price {
		t.Fatalf("no amount in %q", inbox.text("main"))
	}
	return amount
}

// resumes mails a link, and goes on with it in another profile, on another device.
func resumes(t *testing.T, c *chromium, m *market, v visitor) {
	p := c.open(t, "resume", v)
	toAmountPage(p, m)
	first := p.address()
	p.enter("#value", "999")
	p.click("button.main")
	p.toggle("details:nth-of-type(1) > summary") // the keypad's
	p.toggle("form + details > summary")
	p.look("later")
	p.enter("#mail", "nobody")
	p.click(`button[value="later"]`)
	p.shows(amountauth.ErrMail.Text(v.language))
	p.look("no-address")
	p.enter("#mail", "hong@example.com")
	p.click(`button[value="later"]`)
	p.shows(v.say("이메일로 링크를 보냈습니다", "The link is on its way"))
	p.look("mailed")
	if len(m.mails) != 1 || m.mails[0].To != "hong@example.com" {
		t.Fatalf("mailed: %+v", m.mails)
	}

	other := v
	other.device, other.script = phone, true
	if v.phone {
		other.device = desktop
	}
	amount := readAmount(t, c, m, other)
	second := c.open(t, "resume", other)
	second.hidden = []string{amount, strings.ReplaceAll(amount, ",", "")}
	second.goTo(first)
	second.shows(amountauth.ErrOtherBrowser.Text(v.language))
	second.look("other-browser")
	second.goTo(m.mails[0].Link[:len(m.mails[0].Link)-3] + "AAA")
	second.shows(amountauth.ErrLink.Text(v.language))
	second.look("bad-link")
	second.goTo(m.mails[0].Link)
	second.heading("인증 이어서 하기", "Go on with the authentication")
	second.look("link")
	second.click("button.main")
	second.shows(v.say("2번", "Tries left 2"))
	second.hidden = nil
	second.enter("#value", amount)
	second.click("button.main")
	second.heading("인증되었습니다", "Authenticated")
	second.click("a.main")
	second.until("#done")
	m.accounts(price)

	p.goTo(first)
	p.shows(amountauth.ErrOtherBrowser.Text(v.language))
}

// isLocked types three wrong amounts, and then the right one.
func isLocked(t *testing.T, c *chromium, m *market, v visitor) {
	p := c.open(t, "locked", v)
	toAmountPage(p, m)
	amount := readAmount(t, c, m, v)
	p.hidden = []string{amount, strings.ReplaceAll(amount, ",", "")}
	for range 2 {
		p.enter("#value", "999")
		p.click("button.main")
	}
	p.look("last-try")
	p.enter("#value", "999")
	p.click("button.main")
	p.heading("인증하지 못했습니다", "Not authenticated")
	m.rest()
	p.goTo(p.address())
	p.shows(amountauth.ErrLocked.Text(v.language))
	p.look("locked")
	if p.has("#value") {
		t.Error("there is a field for a fourth try")
	}
	p.click("a.main")
	p.until("#problem")
	m.accounts(0)
}

// isLate types the right amount after the time.
func isLate(t *testing.T, c *chromium, m *market, v visitor) {
	p := c.open(t, "late", v)
	toAmountPage(p, m)
	amount := readAmount(t, c, m, v)
	p.enter("#value", amount)
	m.clock.Advance(20*time.Minute + time.Second)
	p.click("button.main")
	p.heading("인증하지 못했습니다", "Not authenticated")
	p.look("late")
	m.rest()
	p.goTo(p.address())
	p.shows(amountauth.ErrLate.Text(v.language))
	p.look("released")
	m.accounts(0)
	inbox := c.open(t, "inbox", v)
	inbox.goTo(m.inbox())
	inbox.look("released")
}

// givesUp changes the language and ends it.
func givesUp(t *testing.T, c *chromium, m *market, v visitor) {
	p := c.open(t, "give-up", v)
	toAmountPage(p, m)
	p.click("header a")
	p.language = v.say("en", "ko")
	p.heading("금액 인증", "Authentication by amount")
	p.look("switched")
	p.toggle("form ~ details:last-of-type > summary")
	p.look("give-up")
	p.click(`button[value="cancel"]`)
	p.heading("인증하지 못했습니다", "Not authenticated")
	p.look("cancelled")
	m.accounts(0)
}

// paysByKeyboard pays with the keys of a keyboard alone.
func paysByKeyboard(t *testing.T, c *chromium, m *market, v visitor) {
	p := c.open(t, "keyboard", v)
	toAmountPage(p, m)
	amount := readAmount(t, c, m, v)
	p.tabTo("a.skip")
	p.look("skip")
	p.leave(kb.Enter)
	p.tabTo("#value")
	p.keys("999")
	p.leads("Enter", chromedp.KeyEvent(kb.Enter))
	p.shows(amountauth.ErrWrong.Text(v.language))
	if !p.focused("#value") {
		t.Errorf("%s: after a refusal the field is not where one types", v)
	}
	p.tabTo("summary") // of the keypad
	p.leave(kb.Enter)
	p.tabTo(`button[value="press-0"]`)
	p.look("keypad")
	p.goTo(p.address())
	p.tabTo("#value")
	p.keys(amount)
	p.tabTo("button.main")
	p.leads("Enter", chromedp.KeyEvent(kb.Enter))
	p.heading("인증되었습니다", "Authenticated")
	p.tabTo("a.main")
	p.leads("Enter", chromedp.KeyEvent(kb.Enter))
	p.until("#done")
	m.accounts(price)
}

// paysByKeypad types the amount on the keypad: a wrong digit, which is erased, and the
// right ones.
func paysByKeypad(t *testing.T, c *chromium, m *market, v visitor) {
	p := c.open(t, "keypad", v)
	toAmountPage(p, m)
	amount := strings.ReplaceAll(readAmount(t, c, m, v), ",", "")
	p.toggle("summary")
	p.look("keypad")
	button := p.toggle
	if !v.script {
		button = p.click
	}
	places := p.places()
	press := func(digit rune) { button(`button[value="press-` + strconv.Itoa(places[digit]) + `"]`) }
	press('7')
	button(`button[value="erase"]`)
	for _, digit := range amount {
		press(digit)
	}
	if got := p.text("#dots"); got != strings.Repeat("●", len(amount)) {
		t.Errorf("%s: the keypad shows %q for %d digits", v, got, len(amount))
	}
	p.hidden = []string{amount}
	p.look("pressed")
	p.click("button.word[value=answer]")
	p.heading("인증되었습니다", "Authenticated")
	m.accounts(0)
}

// places looks at the keys, and returns where each digit is.
func (p *tab) places() map[rune]int {
	p.t.Helper()
	// How the strokes of each digit begin.
	strokes := map[string]rune{
		"M10 3C": '0', "M5 8L": '1', "M4 9C": '2', "M4 6C": '3', "M13 29": '4', "M16 3H": '5', "M15 4C": '6', "M3 3H": '7', "M10 15": '8', "M5 28C": '9',
	}
	faces := ask[[]string](p, `[...document.querySelectorAll(".pad img")].map(i => i.src)`)
	found := map[rune]int{}
	for place, face := range faces {
		text := p.resource(face)
		for begin, digit := range strokes {
			if strings.Contains(text, `d="`+begin) {
				found[digit] = place
			}
		}
	}
	if len(found) != len(strokes) {
		p.t.Fatalf("%s: the keys are %v, of %d", p.visitor, found, len(faces))
	}
	return found
}

// resource is a picture that the page shows.
func (p *tab) resource(address string) string {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, within)
	defer cancel()
	text, err := chromedp.Run(ctx, func(ctx context.Context, target *chromedp.Target) (string, error) {
		tree, err := cdp.Call(ctx, target, cdpage.GetResourceTree, cdp.Empty{})
		if err != nil {
			return "", err
		}
		content, err := cdp.Call(ctx, target, cdpage.GetResourceContent, cdpage.GetResourceContentParams{FrameID: tree.FrameTree.Frame.ID, URL: address})
		return string(content.Content), err
	})
	if err != nil {
		p.t.Fatalf("%s: %v", address, err)
	}
	return text
}

// paysByCode looks at the other variants: the code in the text of the approval, and two
// deposits.
func paysByCode(t *testing.T, c *chromium, m *market, v visitor) {
	m.variant = kecis.VariantDescriptor
	p := c.open(t, "code", v)
	p.goTo(m.town.at(shopHost, "/orders/ORDER-1"))
	p.click("#buy")
	p.heading("승인 문자 인증", "Authentication by code")
	inbox := c.open(t, "inbox", v)
	inbox.goTo(m.inbox())
	inbox.look("code")
	found := regexp.MustCompile(`\*(\d{4})\b`).FindStringSubmatch(inbox.text("main"))
	if found == nil {
		t.Fatalf("no code in %q", inbox.text("main"))
	}
	p.hidden = []string{found[1]}
	p.look("asked")
	p.enter("#value", found[1])
	p.click("button.main")
	p.heading("인증되었습니다", "Authenticated")
	m.accounts(0)

	m.variant, m.instrument = kecis.VariantDeposits, "account-approve"
	p = c.open(t, "deposits", v)
	p.goTo(m.town.at(shopHost, "/orders/ORDER-2"))
	p.click("#buy")
	p.heading("입금액 인증", "Authentication by deposits")
	inbox.goTo(m.inbox())
	inbox.look("deposits")
	sums := regexp.MustCompile(`(\d[\d,]*)원 입금|₩(\d[\d,]*) deposited`).FindAllStringSubmatch(inbox.text("main"), 2)
	p.look("asked")
	p.enter("#value", sums[0][1]+sums[0][2])
	p.enter("#value2", "1")
	p.click("button.main")
	p.shows(amountauth.ErrWrong.Text(v.language))
	p.look("wrong")
	p.enter("#value", sums[0][1]+sums[0][2])
	p.enter("#value2", sums[1][1]+sums[1][2])
	p.click("button.main")
	p.heading("인증되었습니다", "Authenticated")
	m.accounts(0)
}
