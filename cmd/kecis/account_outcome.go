package main

import (
	"strings"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/xmltree"
)

// outcome reads the elements of captures, cancellations, reversals, inquiries
// and answers.
func (a *account) outcome(e xmltree.Element) {
	attr := func(name string) string { value, _ := e.Attr(name); return value }
	switch e.Local() {
	case "Original":
		a.messageID("original", phrase{"About", "대상"}, e.First().Text())
	case "Cancel":
		a.text("cancel", phrase{"Cancel", "취소"}, attr("Scope")+", "+attr("Reason"))
		if balance := attr("ExpectedBalance"); balance != "" {
			value, text := a.money(balance, currencyBeside(e))
			a.add("expectedBalance", phrase{"Expected balance", "예상 잔액"}, value, text)
		}
	case "Capture":
		final := phrase{"more may follow", "추가 매입 가능"}
		if attr("Final") == "true" {
			final = phrase{"final, the rest is released", "최종 매입, 나머지는 해제"}
		}
		a.add("final", phrase{"Capture", "매입"}, masked(attr("Final")), final.in(a.lang))
	case "Reverse":
		a.instant("originalInstant", phrase{"Made then", "원 요청 시각"}, attr("OriginalInstant"))
		a.text("reversalReason", phrase{"Reason", "망취소 사유"}, attr("Reason"))
	case "Transaction":
		a.transaction(e)
	case "Cancelled":
		a.cancelled(e)
	case "Wanted":
		a.authenticatedBy(phrase{"Authenticate by", "인증 수단"}, e)
	case "AuthenticationID":
		a.number("authentication", phrase{"Authentication", "인증"}, e.Text())
	case "Accepted":
		a.text("accepted", phrase{"Authenticate by", "인증 수단"}, strings.ReplaceAll(attr("Methods"), " ", ", "))
	case "Authentication":
		a.authentication(e)
	case "Result":
		a.text("result", phrase{"Result then", "당시 결과"}, attr("Code")+", "+attr("Outcome"))
	}
}

func (a *account) transaction(e xmltree.Element) {
	attr := func(name string) string { value, _ := e.Attr(name); return value }
	a.number("transaction", phrase{"Transaction", "거래"}, attr("TransactionID"))
	a.add("state", phrase{"State", "상태"}, masked(attr("State")), stateText(attr("State"), a.lang))
	a.number("approvalCode", phrase{"Approval", "승인번호"}, attr("ApprovalCode"))
	a.instant("at", phrase{"At", "처리 시각"}, attr("At"))
	a.instant("expires", phrase{"Expires", "만료 시각"}, attr("Expires"))
	for child := range e.Children() {
		switch {
		case child.Is(kecis.Namespace, "Amount"):
			a.amount(child)
		case child.Is(kecis.Namespace, "Balance"):
			a.balance(child)
		case child.Is(kecis.Namespace, "Terms"):
			a.terms(child)
		}
	}
}

// authentication reads how an authentication stands (KECIS-AUT-007).
func (a *account) authentication(e xmltree.Element) {
	attr := func(name string) string { value, _ := e.Attr(name); return value }
	a.number("authentication", phrase{"Authentication", "인증"}, attr("AuthenticationID"))
	a.text("state", phrase{"State", "상태"}, attr("State"))
	a.authenticatedBy(phrase{"By", "인증 수단"}, e)
	a.instant("at", phrase{"At", "처리 시각"}, attr("At"))
	a.instant("expires", phrase{"Expires", "만료 시각"}, attr("Expires"))
	a.text("triesLeft", phrase{"Tries left", "남은 횟수"}, attr("TriesLeft"))
	a.text("reason", phrase{"Last refusal", "마지막 거부 이유"}, attr("Reason"))
	for proof := range e.Children() {
		until, _ := proof.Attr("NotOnOrAfter")
		a.instant("proofUntil", phrase{"Good until", "증거 유효 기한"}, until)
		for child := range proof.Children() {
			if child.Is(kecis.Namespace, "Certificate") {
				a.certificateProof(child)
			}
		}
	}
}

// certificateProof reads what was checked of a certificate (KECIS-CRT-044).
func (a *account) certificateProof(e xmltree.Element) {
	attr := func(name string) string { value, _ := e.Attr(name); return value }
	a.number("holder", phrase{"Holder, for this requester", "명의자 가명(요청자 전용)"}, attr("Holder"))
	a.number("certificate", phrase{"Certificate (SHA-256)", "인증서(SHA-256)"}, attr("Digest"))
	a.text("policy", phrase{"Policy", "인증서 정책"}, attr("Policy"))
	a.text("revocation", phrase{"Revocation looked up by", "폐지 여부 확인 방법"}, attr("Revocation"))
}

// authenticatedBy names a method and, where that says more, its variant.
func (a *account) authenticatedBy(label phrase, e xmltree.Element) {
	method, _ := e.Attr("Method")
	if variant, _ := e.Attr("Variant"); variant != "" && variant != method {
		method += ", " + variant
	}
	a.text("method", label, method)
}

func stateText(state string, lang language) string {
	texts := map[string]phrase{
		"pending":    {"pending", "처리 중"},
		"authorised": {"authorised", "승인됨"},
		"captured":   {"captured", "매입됨"},
		"cancelled":  {"cancelled", "취소됨"},
		"declined":   {"declined", "거절됨"},
		"reversed":   {"reversed", "망취소됨"},
		"expired":    {"expired", "만료됨"},
		"resolving":  {"being undone", "되돌리는 중"},
	}
	if text, ok := texts[state]; ok {
		return text.in(lang)
	}
	return masked(state)
}

func (a *account) balance(e xmltree.Element) {
	currency := currencyBeside(e)
	for _, part := range []struct {
		name, attr string
		label      phrase
	}{
		{"captured", "Captured", phrase{"Captured", "매입액"}},
		{"cancelled", "Cancelled", phrase{"Cancelled", "취소액"}},
		{"cancellable", "Cancellable", phrase{"Cancellable", "취소 가능액"}},
	} {
		if minor, ok := e.Attr(part.attr); ok {
			value, text := a.money(minor, currency)
			a.add(part.name, part.label, value, text)
		}
	}
}

func (a *account) cancelled(e xmltree.Element) {
	attr := func(name string) string { value, _ := e.Attr(name); return value }
	a.number("cancellation", phrase{"Cancellation", "취소 번호"}, attr("CancellationID"))
	a.text("cancellationKind", phrase{"Kind", "취소 종류"}, attr("Kind"))
	a.instant("cancelledAt", phrase{"At", "취소 시각"}, attr("At"))
	for child := range e.Children() {
		if child.Is(kecis.Namespace, "Amount") {
			a.amount(child)
		}
	}
}

// status reads samlp:Status: the code, and what it means for the money.
func (a *account) status(e xmltree.Element) {
	var find func(e xmltree.Element)
	find = func(e xmltree.Element) {
		for child := range e.Children() {
			value, _ := child.Attr("Value")
			code, ours := strings.CutPrefix(value, "urn:kecis:1.0:status:")
			switch {
			case child.Local() == "StatusCode" && ours:
				a.text("code", phrase{"Code", "코드"}, code)
			case child.Local() == "Detail":
				outcome, _ := child.Attr("Outcome")
				retry, _ := child.Attr("Retry")
				a.add("outcome", phrase{"Outcome", "결과"}, masked(outcome), masked(outcome)+outcomeText(outcome, a.lang))
				a.add("retry", phrase{"Retry", "재시도"}, masked(retry), masked(retry)+retryText(retry, a.lang))
			case child.Local() == "Korean" && a.lang == korean, child.Local() == "English" && a.lang == english:
				a.text("message", phrase{"Says", "내용"}, child.Text())
			}
			find(child)
		}
	}
	find(e)
}

// outcomeText says what an outcome means for the money (KECIS-MSG-022).
func outcomeText(outcome string, lang language) string {
	switch outcome {
	case "done":
		return phrase{": it has happened", ": 처리됨"}.in(lang)
	case "not-done":
		return phrase{": nothing has happened, and nothing will", ": 처리되지 않았고 앞으로도 처리되지 않음"}.in(lang)
	case "pending":
		return phrase{": not decided yet", ": 아직 결정되지 않음"}.in(lang)
	case "unknown":
		return phrase{": it may have happened", ": 처리되었을 수도 있음"}.in(lang)
	}
	return ""
}

// retryText says what a sender does next (KECIS-ERR-020).
func retryText(rule string, lang language) string {
	switch rule {
	case "never":
		return phrase{": do not send it again", ": 다시 보내지 않음"}.in(lang)
	case "same-id":
		return phrase{": send the same bytes again", ": 같은 바이트를 다시 보냄"}.in(lang)
	case "new-id":
		return phrase{": send a corrected message with a new ID", ": 고친 메시지를 새 ID로 보냄"}.in(lang)
	case "reverse-first":
		return phrase{": reverse the request first", ": 먼저 망취소"}.in(lang)
	case "inquire":
		return phrase{": ask for the state", ": 상태를 조회"}.in(lang)
	}
	return ""
}
