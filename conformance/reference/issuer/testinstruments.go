package issuer

import (
	"time"

	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis"
)

// TestInstrument is an instrument of the table in docs/test-instruments.md, with
// its number in clear: there is no money behind it.
type TestInstrument struct {
	// ID names it in commands and cases: "card-approve".
	ID string
	// English and Korean say what it does.
	English, Korean string
	// Number is the card or account number, ExpMonth and ExpYear the expiry of a
	// card, and Verification a card's verification value.
	Number            string
	ExpMonth, ExpYear int
	Verification      string
	// Instrument is what the issuer knows of it, but for what follows from the
	// fields above, and Funds what is on it at first.
	Instrument Instrument
	Funds      int64
	// Negative is the code with which it stands on the negative list.
	Negative kecis.Code
	// Unknown: the issuer does not know it at all.
	Unknown bool
}

// The holders of the test instruments, each with an inbox of that name.
const (
	HolderHong = "hong" // of those that approve
	HolderKim  = "kim"  // of those that decline, delay or lose
)

// What test instruments have in common.
const (
	testExpMonth, testExpYear = 12, 2099
	testVerification          = "123"
)

// TestInstruments returns the table, in the order of the document. Rows can be
// enrolled together: see EnrolTest.
func TestInstruments() []TestInstrument {
	return append(append(testCards(), testDeclines()...), testPurses()...)
}

// EnrolTest returns what makes the test instruments known to an Issuer.
func EnrolTest() (list []Enrolment) {
	for _, t := range TestInstruments() {
		if !t.Unknown {
			list = append(list, t.Enrolment())
		}
	}
	return list
}

// Enrolment returns what makes the instrument known to an Issuer.
func (t *TestInstrument) Enrolment() Enrolment {
	e := Enrolment{Instrument: t.Instrument, Number: ecml.NewCardNumber(t.Number), Funds: t.Funds, Negative: t.Negative}
	e.ExpMonth, e.ExpYear = t.ExpMonth, t.ExpYear
	if t.Verification != "" {
		e.Verification = ecml.NewVerification(t.Verification)
	}
	return e
}

// Plain returns the instrument as its holder would enter it; what is no card
// lacks the code of its institution, which the PG's routing table gives it.
func (t *TestInstrument) Plain() kecis.PlainInstrument {
	p := kecis.PlainInstrument{Kind: t.Instrument.Kind, Number: ecml.NewCardNumber(t.Number), ExpMonth: t.ExpMonth, ExpYear: t.ExpYear}
	if t.Verification != "" {
		p.Verification = ecml.NewVerification(t.Verification)
	}
	return p
}

// card completes a test card with what it has in common with the others.
func card(id, english, korean, number string, i Instrument) TestInstrument {
	i.Kind = kecis.Card
	if i.Brand == "" {
		i.Brand = "VISA"
	}
	if i.Currency == "" {
		i.Currency = kecis.KRW
	}
	if i.Credit == 0 {
		i.Credit = 100_000_000
	}
	if i.Holder == "" {
		i.Holder = HolderKim
	}
	return TestInstrument{
		ID: id, English: english, Korean: korean, Number: number,
		ExpMonth: testExpMonth, ExpYear: testExpYear, Verification: testVerification, Instrument: i,
	}
}

func testCards() []TestInstrument {
	hong := Instrument{Holder: HolderHong}
	second, dollars := hong, hong
	second.Brand = "MAST"
	dollars.Currency, dollars.Credit = kecis.USD, 1_000_000
	limited := Instrument{Credit: 100_000, Limits: Limits{Payment: 50_000, Day: 70_000, Month: 90_000}}
	return []TestInstrument{
		card("card-approve", "approves", "승인", "4000001200000016", hong),
		card("card-approve-2", "approves, of another brand", "승인(다른 브랜드)", "5100001200000012", second),
		card("card-dollars", "approves in US dollars", "미국 달러 승인", "4000001200000024", dollars),
		card("card-limits", "50,000 won a payment, 70,000 a day, 90,000 a month, 100,000 of credit", "건당 5만, 하루 7만, 한 달 9만 원, 한도 10만 원", "4000001200000032", limited),
		card("card-lump-sum", "takes no instalments", "할부 불가", "4000001200000040", Instrument{Behaviour: Behaviour{NoInstalments: true}}),
		card("card-slow", "answers 10 seconds after the payment took effect", "승인 10초 뒤 응답", "4000001200000057", Instrument{Behaviour: Behaviour{Delay: 10 * time.Second}}),
		card("card-too-slow", "answers 6 minutes after the payment took effect, past every deadline", "승인 6분 뒤 응답(기한 초과)", "4000001200000065", Instrument{Behaviour: Behaviour{Delay: 6 * time.Minute}}),
		card("card-lost-once", "approves; the first answer gets lost", "승인, 첫 응답 유실", "4000001200000073", Instrument{Behaviour: Behaviour{Lose: LoseFirst}}),
		card("card-lost", "approves; every answer to the payment gets lost", "승인, 결제 응답 모두 유실", "4000001200000081", Instrument{Behaviour: Behaviour{Lose: LoseAll}}),
	}
}

func testDeclines() []TestInstrument {
	declining := func(id, english, korean, number string, code kecis.Code) TestInstrument {
		return card(id, english, korean, number, Instrument{Behaviour: Behaviour{Decline: code}})
	}
	expired := card("card-expired", "expired in January 2020", "유효기간 만료(2020년 1월)", "4000001200000115", Instrument{})
	expired.ExpMonth, expired.ExpYear = 1, 2020
	stolen := card("card-stolen", "on the negative list", "분실·도난(거래정지 목록)", "4000001200000123", Instrument{})
	stolen.Negative = kecis.ErrLostStolen
	unknown := card("card-unknown", "a valid number that was never issued", "발급되지 않은 번호", "4000001200000131", Instrument{})
	unknown.Unknown = true
	return []TestInstrument{
		declining("card-declined", "declined without a reason", "사유 없이 거절", "4000001200000099", kecis.ErrDeclinedIssuer),
		declining("card-limit", "declined for its limit", "한도 초과", "4000001200000107", kecis.ErrDeclinedLimit),
		expired, stolen, unknown,
		declining("card-amount", "takes no amount", "금액 거절", "4000001200000149", kecis.ErrInvalidAmount),
		declining("card-merchant", "pays no merchant", "가맹점 거절", "4000001200000156", kecis.ErrNotPermittedMerchant),
		declining("card-authentication", "asks for an authentication of the buyer", "본인 인증 필요", "4000001200000164", kecis.ErrAuthenticationRequired),
	}
}

func testPurses() []TestInstrument {
	purse := func(id, english, korean, number string, kind kecis.InstrumentKind, funds int64, code kecis.Code) TestInstrument {
		holder := HolderHong
		if code != "" || funds == 0 {
			holder = HolderKim
		}
		return TestInstrument{
			ID: id, English: english, Korean: korean, Number: number, Funds: funds,
			Instrument: Instrument{Kind: kind, Holder: holder, Currency: kecis.KRW, Behaviour: Behaviour{Decline: code}},
		}
	}
	return []TestInstrument{
		purse("account-approve", "a bank account with 10,000,000 won", "잔액 1,000만 원 계좌", "10000000000011", kecis.Account, 10_000_000, ""),
		purse("account-empty", "a bank account without funds", "잔액 없는 계좌", "10000000000022", kecis.Account, 0, ""),
		purse("account-closed", "a closed bank account", "해지된 계좌", "10000000000033", kecis.Account, 0, kecis.ErrInvalidCard),
		purse("e-money-approve", "a purse with 50,000 won", "잔액 5만 원 전자화폐", "2000000000000011", kecis.EMoney, 50_000, ""),
		purse("e-money-empty", "an empty purse", "잔액 없는 전자화폐", "2000000000000022", kecis.EMoney, 0, ""),
	}
}
