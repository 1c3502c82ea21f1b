package simulation

import (
	"fmt"
	"iter"
	"time"

	"github.com/kecis/sdk/conformance/reference/issuer"
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
	if n == 0 {
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
		list = append(list, p)
	}
	return list
}
