package amountauth

import (
	"fmt"
	"strconv"
	"time"

	"github.com/kecis/sdk/kecis"
)

// Texts are the fixed texts of the pages in one language.
type Texts struct {
	Korean bool

	Switch, SwitchLabel, Skip, Error               string
	Shop, Order, Instrument, Approval              string
	TriesLabel, TimeLabel, HowTo                   string
	Value, ValueHint, Code, CodeHint               string
	First, Second, DepositHint                     string
	Send, PadTitle, PadHint, PadEntered, PadKeyIs  string
	Erase, Later, LaterHint, Mail, SendLink        string
	LinkSent, GiveUp, GiveUpHint, GiveUpButton     string
	Refresh, Continue, Here, HereHint, Unavailable string

	TitleVerified, TitleFailed, TitlePaid, TitleDeclined, TitlePaying string
	TitleStarting, TitleLink, TitleProblem                            string
	Verified, Paid, Declined, Undone, Paying, NothingPaid             string
}

func textsIn(language kecis.Language) Texts {
	if language == kecis.English {
		return englishTexts()
	}
	return koreanTexts()
}

func koreanTexts() Texts {
	return Texts{
		Korean: true, Switch: "English", SwitchLabel: "English: show this page in English", Skip: "입력란으로 바로 가기", Error: "오류",
		Shop: "상점", Order: "주문 금액", Instrument: "결제 수단", Approval: "승인 번호",
		TriesLabel: "남은 횟수", TimeLabel: "남은 시간", HowTo: "이렇게 하십시오",
		Value: "문자에 적힌 승인 금액", ValueHint: "예: %s. 숫자만 입력해도 됩니다.",
		Code: "네 자리 인증 번호", CodeHint: "승인 문자의 가맹점 이름에 있는 숫자 네 자리입니다.",
		First: "첫 번째 입금액", Second: "두 번째 입금액", DepositHint: "두 금액의 순서는 상관없습니다.",
		Send: "확인", PadTitle: "화면 키패드로 입력하기",
		PadHint: "키 배열은 매번 바뀝니다. 화면 낭독기를 쓰신다면 위의 입력란을 이용해 주십시오.", PadEntered: "입력한 자릿수", PadKeyIs: "키패드 %d행 %d열",
		Erase: "지우기", Later: "나중에 확인하기",
		LaterHint: "승인 금액을 지금 볼 수 없다면 이메일로 링크를 받아 다른 기기에서 이어서 할 수 있습니다. 남은 시간과 횟수는 그대로입니다.",
		Mail:      "이메일 주소", SendLink: "링크 받기", LinkSent: "이메일로 링크를 보냈습니다. 이 창은 닫아도 됩니다.",
		GiveUp: "그만두기", GiveUpHint: "인증을 취소하고, 확인용으로 승인된 금액도 취소합니다.", GiveUpButton: "인증 취소",
		Refresh: "새로 고침", Continue: "상점으로 돌아가기", Here: "이 브라우저에서 계속하기",
		HereHint:    "계속하면 처음 열었던 브라우저에서는 더 진행할 수 없습니다. 주문과 금액, 남은 시간과 횟수는 바뀌지 않습니다.",
		Unavailable: "지금은 처리할 수 없습니다. 잠시 뒤에 다시 시도해 주십시오.",

		TitleVerified: "인증되었습니다", TitleFailed: "인증하지 못했습니다", TitlePaid: "결제되었습니다", TitleDeclined: "결제하지 못했습니다",
		TitlePaying: "결제하고 있습니다", TitleStarting: "준비하고 있습니다", TitleLink: "인증 이어서 하기", TitleProblem: "이 화면을 열 수 없습니다",
		Verified: "본인 확인을 마쳤습니다.", Paid: "본인 확인을 마치고 주문 금액을 결제했습니다.",
		Declined: "본인 확인은 되었지만 결제가 거절되었습니다. 상점에서 다시 결제해 주십시오.",
		Undone:   "본인 확인은 되었지만 카드사의 응답을 확인하지 못해 결제를 취소했습니다. 청구되는 금액은 없습니다.",
		Paying:   "본인 확인을 마치고 결제하고 있습니다. 이 화면은 자동으로 바뀝니다.", NothingPaid: "결제된 금액은 없습니다.",
	}
}

func englishTexts() Texts {
	return Texts{
		Switch: "한국어", SwitchLabel: "한국어: 이 화면을 한국어로 보기", Skip: "Skip to the answer", Error: "Error",
		Shop: "Shop", Order: "Order amount", Instrument: "Payment method", Approval: "Approval code",
		TriesLabel: "Tries left", TimeLabel: "Time left", HowTo: "What to do",
		Value: "Approved amount in the message", ValueHint: "For example %s. Digits alone will do.",
		Code: "Four-digit code", CodeHint: "The four digits in the shop's name in the approval message.",
		First: "First deposit", Second: "Second deposit", DepositHint: "The order of the two does not matter.",
		Send: "Confirm", PadTitle: "Use the on-screen keypad",
		PadHint: "The keys change places every time. With a screen reader, please use the field above.", PadEntered: "Digits entered", PadKeyIs: "Key in row %d, column %d",
		Erase: "Erase", Later: "Check later",
		LaterHint: "If you cannot see the amount now, get a link by e-mail and go on with another device. Time and tries stay the same.",
		Mail:      "E-mail address", SendLink: "Send the link", LinkSent: "The link is on its way. You may close this window.",
		GiveUp: "Stop here", GiveUpHint: "The authentication ends, and the amount that was held to check it is released.", GiveUpButton: "Cancel",
		Refresh: "Reload", Continue: "Back to the shop", Here: "Go on in this browser",
		HereHint:    "The browser that you began with can then not go on. Order, amount, time and tries stay as they are.",
		Unavailable: "This does not work at the moment. Please try again a little later.",

		TitleVerified: "Authenticated", TitleFailed: "Not authenticated", TitlePaid: "Paid", TitleDeclined: "Not paid",
		TitlePaying: "Paying", TitleStarting: "Getting ready", TitleLink: "Go on with the authentication", TitleProblem: "This page cannot be opened",
		Verified: "It is confirmed that it is you.", Paid: "It is confirmed that it is you, and the order is paid.",
		Declined: "It is confirmed that it is you, but the payment was declined. Please pay again at the shop.",
		Undone:   "It is confirmed that it is you, but the card company did not answer, and the payment was undone. You will not be charged.",
		Paying:   "It is confirmed that it is you, and the order is being paid. This page changes by itself.", NothingPaid: "Nothing was paid.",
	}
}

// PadKey names a key for those who do not see it, by its place.
func (t Texts) PadKey(row, column int) string { return fmt.Sprintf(t.PadKeyIs, row, column) }

// valueHint shows how an amount of the currency is typed.
func (t Texts) valueHint(c kecis.Currency) string {
	return fmt.Sprintf(t.ValueHint, formatted(kecis.Money{Minor: 1234, Currency: c}, t.Korean))
}

func (t Texts) title(v Variant) string {
	switch {
	case v == Descriptor && t.Korean:
		return "승인 문자 인증"
	case v == Descriptor:
		return "Authentication by code"
	case v == Deposits && t.Korean:
		return "입금액 인증"
	case v == Deposits:
		return "Authentication by deposits"
	case t.Korean:
		return "금액 인증"
	}
	return "Authentication by amount"
}

// steps say what to do, and where to read the value.
func (t Texts) steps(s *Session) []string {
	payee, amount := s.Payee.Name, formatted(s.Amount, t.Korean)
	var steps []string
	switch {
	case s.Variant == Deposits && t.Korean:
		steps = []string{
			"계좌로 소액을 두 번 입금했습니다. 입금까지 하루나 이틀이 걸릴 수 있습니다.",
			"은행 앱이나 인터넷 뱅킹, 통장에서 입금액 두 개를 확인하십시오.",
			"두 금액을 아래에 입력하십시오.",
		}
	case s.Variant == Deposits:
		steps = []string{
			"Two small amounts were paid into your account. They may take a day or two to arrive.",
			"Look for the two deposits in your bank's app, on its site or in your passbook.",
			"Type both amounts below.",
		}
	case s.Variant == Descriptor && t.Korean:
		steps = []string{
			"카드사가 보낸 승인 문자나 앱 알림을 여십시오. 카드사 홈페이지나 고객센터에서도 확인할 수 있습니다.",
			fmt.Sprintf("‘%s’ 앞뒤에 있는 숫자 네 자리를 찾으십시오.", payee),
			"그 숫자를 아래에 입력하십시오.",
		}
	case s.Variant == Descriptor:
		steps = []string{
			"Open the approval message or app notice from your card company. You can also ask on its site or by telephone.",
			fmt.Sprintf("Find the four digits beside “%s”.", payee),
			"Type them below.",
		}
	case t.Korean:
		steps = []string{
			"카드사가 보낸 승인 문자나 앱 알림을 여십시오. 카드사 홈페이지나 고객센터에서도 확인할 수 있습니다.",
			fmt.Sprintf("‘%s’ 이름으로 승인된 금액을 찾으십시오. 주문 금액 %s보다 적은 금액입니다.", payee, amount),
			"그 금액을 아래에 입력하십시오.",
		}
	default:
		steps = []string{
			"Open the approval message or app notice from your card company. You can also ask on its site or by telephone.",
			fmt.Sprintf("Find the amount that was approved for “%s”. It is less than the order amount of %s.", payee, amount),
			"Type that amount below.",
		}
	}
	return append(steps, t.after(s))
}

// after says what happens when the value is right.
func (t Texts) after(s *Session) string {
	amount := formatted(s.Amount, t.Korean)
	switch {
	case s.Variant == Deposits && t.Korean:
		return "금액이 맞으면 계좌가 확인됩니다."
	case s.Variant == Deposits:
		return "If both are right, the account is confirmed."
	case s.Completion != nil && t.Korean:
		return fmt.Sprintf("맞으면 확인용 승인은 바로 취소되고 주문 금액(%s)이 결제됩니다.", amount)
	case s.Completion != nil:
		return fmt.Sprintf("If it is right, the approval that was made to check is cancelled at once, and the order amount of %s is paid.", amount)
	case t.Korean:
		return "맞으면 확인용 승인은 바로 취소됩니다."
	}
	return "If it is right, the approval that was made to check is cancelled at once."
}

func (t Texts) released(v Variant) string {
	switch {
	case v == Deposits && t.Korean:
		return "확인용 입금은 정리되었습니다."
	case v == Deposits:
		return "The deposits that were made to check are settled."
	case t.Korean:
		return "확인용 승인은 취소되었습니다."
	}
	return "The approval that was made to check is cancelled."
}

func (t Texts) releasing(v Variant) string {
	switch {
	case v == Deposits && t.Korean:
		return "확인용 입금을 정리하고 있습니다."
	case v == Deposits:
		return "The deposits that were made to check are being settled."
	case t.Korean:
		return "확인용 승인을 취소하고 있습니다. 취소 문자가 조금 늦게 올 수 있습니다."
	}
	return "The approval that was made to check is being cancelled. The message about it may come a little later."
}

func (t Texts) tries(n int) string {
	if t.Korean {
		return fmt.Sprintf("%d번", n)
	}
	return strconv.Itoa(n)
}

// until says when: "오늘 오후 2시 23분까지", "until 2:23 pm today".
func (t Texts) until(end, now time.Time, zone *time.Location) string {
	end, now = end.In(zone), now.In(zone)
	const day = "2006-01-02"
	today, tomorrow := end.Format(day) == now.Format(day), end.Format(day) == now.AddDate(0, 0, 1).Format(day)
	if !t.Korean {
		clock := end.Format("3:04 pm")
		switch {
		case today:
			return "until " + clock + " today"
		case tomorrow:
			return "until " + clock + " tomorrow"
		}
		return "until " + clock + " on " + end.Format("January 2")
	}
	when := end.Format("1월 2일")
	switch {
	case today:
		when = "오늘"
	case tomorrow:
		when = "내일"
	}
	half, hour := "오전", end.Hour()
	switch {
	case hour == 12:
		half = "낮" // 오후 12시 is read in two ways, as is 오전 12시 for 0시
	case hour > 12:
		half, hour = "오후", hour-12
	}
	if end.Minute() == 0 {
		return fmt.Sprintf("%s %s %d시까지", when, half, hour)
	}
	return fmt.Sprintf("%s %s %d시 %d분까지", when, half, hour, end.Minute())
}

// left says how long, rounded up: "약 18분", "about 18 minutes".
func (t Texts) left(d time.Duration) string {
	n, korean, english := int64((d+time.Minute-1)/time.Minute), "분", "minute"
	const twoHours, twoDays = 120, 2 * 24 * 60
	switch {
	case n < 1:
		n = 0
	case n > twoDays:
		n, korean, english = n/(24*60), "일", "day"
	case n > twoHours:
		n, korean, english = n/60, "시간", "hour"
	}
	if t.Korean {
		return fmt.Sprintf("약 %d%s", n, korean)
	}
	if n != 1 {
		english += "s"
	}
	return fmt.Sprintf("about %d %s", n, english)
}
