package clientcert

import (
	"strings"

	"github.com/kecis/sdk/kecis"
)

// Remedy says what may help the holder of a certificate that was refused with the code:
// a sentence in the language "ko" or "en".
func Remedy(c Code, language string) string {
	ko, en := "다른 인증서를 쓰려면 브라우저를 모두 닫고 다시 시도하십시오.", "To use another certificate, close all windows of the browser and try again."
	switch c { //nolint:exhaustive // the others have no more than that
	case ErrAbsent:
		ko, en = "인증서를 브라우저에 등록한 뒤, 브라우저를 모두 닫고 다시 시도하십시오.", "Add your certificate to the browser, close all its windows, and try again."
	case ErrExpired:
		ko, en = "인증기관에서 인증서를 갱신하거나 다시 발급받으십시오.", "Renew the certificate, or get a new one, from its authority."
	case ErrRevoked:
		ko, en = "인증기관에 문의하거나 인증서를 다시 발급받으십시오.", "Ask the authority that issued it, or get a new one."
	case ErrRevocationUnknown:
		ko, en = "잠시 뒤에 다시 시도하십시오.", "Please try again in a moment."
	}
	if language == "ko" {
		return ko
	}
	return en
}

// RevealMaskedName shows the ends of the holder's name, so that the holder knows it and
// a bystander does not.
func (h Holder) RevealMaskedName() string {
	runes := []rune(h.RevealName())
	switch len(runes) {
	case 0, 1:
		return strings.Repeat("*", len(runes))
	case 2:
		return string(runes[0]) + "*"
	}
	return string(runes[0]) + strings.Repeat("*", len(runes)-2) + string(runes[len(runes)-1])
}

// Style is the style sheet of the pages of this package and of adapters/saml.
func Style() string { return style }

// Texts are the fixed texts of the pages in one language.
type Texts struct {
	Title, Switch, Shop, Payee, Amount, Holder, Until string
	Consent, Confirm, Again, GiveUp                   string
	Tries, Ends, Back, Unavailable                    string
	TitleDone, TitleFailed, TitleProblem, Done        string
	NothingPaid, LastRefused                          string
}

func textsIn(language kecis.Language) Texts {
	if language == kecis.English {
		return Texts{
			Title: "Authenticate with your certificate", Switch: "한국어", Shop: "Shop", Payee: "Payee", Amount: "Order amount",
			Holder: "Certificate of", Until: "Valid until",
			Consent: "With this certificate you show that it is you who orders this. Your name and what else the certificate says are not passed on.",
			Confirm: "Confirm", Again: "Try again", GiveUp: "Cancel",
			Tries: "Tries left", Ends: "Time until", Back: "Back to the shop",
			Unavailable: "This is not possible now. Please try again in a moment.",
			TitleDone:   "Authenticated", TitleFailed: "Not authenticated", TitleProblem: "This page cannot be opened",
			Done: "It is confirmed that it is you. Go on at the shop.", NothingPaid: "Nothing was paid.", LastRefused: "The last certificate:",
		}
	}
	return Texts{
		Title: "인증서로 본인 확인", Switch: "English", Shop: "상점", Payee: "받는 곳", Amount: "주문 금액",
		Holder: "인증서 명의", Until: "유효 기간",
		Consent: "이 인증서로 본인이 주문했음을 확인합니다. 이름과 인증서 내용은 상점에 전달되지 않습니다.",
		Confirm: "확인", Again: "다시 시도", GiveUp: "취소",
		Tries: "남은 시도 횟수", Ends: "인증 시간", Back: "상점으로 돌아가기",
		Unavailable: "지금은 처리할 수 없습니다. 잠시 뒤에 다시 시도하십시오.",
		TitleDone:   "인증되었습니다", TitleFailed: "인증하지 못했습니다", TitleProblem: "이 화면을 열 수 없습니다",
		Done: "본인 확인을 마쳤습니다. 상점에서 계속 진행하십시오.", NothingPaid: "결제된 금액은 없습니다.", LastRefused: "마지막 인증서:",
	}
}
