package simulation

import (
	"fmt"
	"iter"
	"time"

	"github.com/kecis/sdk/conformance/reference/issuer"
	"github.com/kecis/sdk/kecis"
)

// purchase is one order as a shop goes about it.
type purchase struct {
	id     string
	amount int64
	// automatic captures with the payment.
	automatic bool
	// card is the place of the test instrument in cards.
	card int
	// provider is the PG of the first attempt, the others take turns.
	provider int
	// start is when the buyer orders.
	start time.Duration
	// impatient waits only for seconds, then reverses at once and does not inquire;
	// slow does nothing for minutes about an outcome that is unknown.
	impatient, slow bool
	// patience is how long an impatient shop waits.
	patience time.Duration
	// regret reverses a payment that was done, as a shop does that could not store
	// the answer.
	regret bool
	// attempts is how often the shop tries to be paid.
	attempts int
	// rival makes a second attempt at the other PG at the same time, which a shop
	// must not, and which the issuer must stop.
	rival bool
	// capture is what is captured, 0 for all; wait is how long after the order.
	capture int64
	wait    time.Duration
	// cancels are cancelled in part, one after the other, or all at once.
	cancels []int64
	rush    bool
	// parts: the order is paid in two parts; greedy: together they are more than
	// the order, so that one must be refused.
	parts, greedy bool

	// authenticates: the order needs an authentication of its buyer, by variant,
	// and mood is what the buyer does with it.
	authenticates bool
	variant       kecis.Variant
	mood          int
	// atShop: the value is typed at the shop, not on the PG's page; unseen: a buyer
	// who leaves has not even opened that.
	atShop, unseen bool
	// dawdle draws how long the buyer takes.
	dawdle uint64
	// sessions is how often the shop begins an authentication, unproven that it
	// first tries without, reuse that it tries what the evidence is not for.
	sessions        int
	unproven, reuse bool
	// thief is not 0 where somebody without the inbox guesses.
	thief int
	// keeps: the buyer of a PG's own sale wants to skip the authentication next
	// time; copied: somebody has the token.
	keeps, copied bool
}

// maxAttempts is how often a shop tries to be paid at most.
const maxAttempts = 3

// cards are the test instruments that buyers pay with: most approve.
func cards() []string {
	return []string{"card-approve", "card-approve", "card-approve-2", "card-slow", "card-limits", "card-declined", "card-too-slow", "account-approve"}
}

// instruments are the test instruments of the issuer by the order of cards.
func instruments() []issuer.TestInstrument {
	byID := map[string]issuer.TestInstrument{}
	for _, t := range issuer.TestInstruments() {
		byID[t.ID] = t
	}
	list := make([]issuer.TestInstrument, 0, len(cards()))
	for _, id := range cards() {
		list = append(list, byID[id])
	}
	return list
}

// shopping draws how many purchases a world has, unless n says so, and at which
// shops they are made. Most worlds have one or two: what goes wrong between two
// requests goes wrong in a short history, too, and many short ones meet more than
// few long ones.
func (s *setting) shopping(n int) iter.Seq2[string, []purchase] {
	switch {
	case n == 0 && s.thieving():
		n = thieves
	case n == 0:
		n = []int{1, 1, 1, 1, 1, 2, 2, 3}[s.plan.draw("buyers")%8]
	}
	at := map[string]int{}
	for range n {
		at[[]string{shopOne, shopTwo}[s.plan.draw("shop")%2]]++
	}
	return func(yield func(string, []purchase) bool) {
		for _, name := range []string{shopOne, shopTwo} {
			if at[name] > 0 && !yield(name, s.purchases(name, at[name])) {
				return
			}
		}
	}
}

// purchases draws what the buyers of a shop want.
func (s *setting) purchases(shop string, n int) (list []purchase) {
	draw := func(what string, n uint64) uint64 { return s.plan.draw(what+" "+shop) % n }
	for i := range n {
		p := purchase{
			id:        fmt.Sprintf("%s-order-%d", shop, i+1),
			amount:    int64(10_000 + 1000*draw("amount", 40)),
			automatic: draw("automatic", 2) == 0,
			card:      int(draw("card", uint64(len(cards())))),
			provider:  int(draw("provider", 2)),
			start:     between(0, 3*time.Minute, draw("start", 1<<62)),
			impatient: draw("impatient", 2) == 0,
			patience:  between(100*time.Millisecond, 40*time.Second, draw("patience", 1<<62)),
			slow:      draw("slow", 3) == 0,
			regret:    draw("regret", 6) == 0,
			attempts:  int(1 + draw("attempts", maxAttempts)),
			rival:     draw("rival", 8) == 0,
			rush:      draw("rush", 2) == 0,
			parts:     draw("parts", 8) == 0,
			greedy:    draw("greedy", 2) == 0,
			wait:      between(0, 2*time.Minute, draw("wait", 1<<62)),
		}
		if draw("hesitates", 6) == 0 {
			p.wait = between(s.holdTime-time.Minute, s.holdTime+2*time.Minute, draw("late", 1<<62))
		}
		if draw("part", 2) == 0 {
			p.capture = p.amount / 2
		}
		for range draw("cancels", 4) {
			p.cancels = append(p.cancels, p.amount/4)
		}
		if s.authenticates {
			s.authenticated(&p, shop)
		}
		list = append(list, p)
	}
	return list
}

// authenticatedWorlds is of how many worlds one has buyers that authenticate by an
// amount, thiefWorlds of how many of these one has somebody who guesses at one card.
const (
	authenticatedWorlds = 5
	thiefWorlds         = 6
	thieves             = 5
)

func (s *setting) thieving() bool { return s.authenticates && s.plan.peek("thief")%thiefWorlds == 0 }

// authenticated draws how the buyer of a purchase authenticates.
func (s *setting) authenticated(p *purchase, shop string) {
	draw := func(what string, n uint64) uint64 { return s.plan.draw(what+" "+shop) % n }
	p.authenticates, p.rival, p.parts = true, false, false
	p.amount = authenticatedFrom + int64(1000*draw("dear", 40))
	if p.capture > 0 {
		p.capture = p.amount / 2
	}
	for i := range p.cancels {
		p.cancels[i] = p.amount / 4
	}
	p.variant = []kecis.Variant{kecis.VariantAmount, kecis.VariantAmount, kecis.VariantDescriptor, kecis.VariantDeposits}[draw("variant", 4)]
	p.card = []int{0, 0, 0, 2, 3, 4}[draw("its card", 6)]
	if p.variant == kecis.VariantDeposits {
		p.card = accountPlace
	}
	p.mood = int(draw("mood", moods+3)) // most are right
	p.atShop, p.unseen = draw("at shop", 3) == 0, draw("unseen", 2) == 0
	p.dawdle = draw("dawdle", 1<<62)
	p.sessions = int(1 + draw("sessions", 2))
	p.unproven, p.reuse = draw("unproven", 4) == 0, draw("reuse", 4) == 0
	p.keeps, p.copied = draw("keeps", 2) == 0, draw("copied", 2) == 0
	if s.thieving() {
		p.thief, p.card, p.variant, p.sessions = 1, 0, kecis.VariantAmount, 1
		p.mood = []int{typesWrong, guessesOn, rushes, leaves, repeats}[draw("thief's mood", 5)]
		p.unproven, p.unseen, p.atShop = false, false, false
	}
}

// accountPlace is the place of the account in cards, on which deposits are made.
const accountPlace = 7

// selling draws what the PGs sell by themselves.
func (s *setting) selling() {
	if !s.authenticates || s.thieving() || s.plan.draw("own sales")%2 == 0 {
		return
	}
	const till = "till"
	p := s.purchases(till, 1)[0]
	p.id, p.automatic = till+"-order-1", true
	s.sales = []purchase{p}
}
