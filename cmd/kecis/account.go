package main

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/xmlsig"
	"github.com/kecis/sdk/kecis/xmltree"
)

// fact is one thing that a document says, masked.
type fact struct {
	Name  string `json:"name"`  // stable
	Value string `json:"value"` // as the document has it; amounts as "KRW 50000"
	Text  string `json:"text"`  // for people, in their language
	label phrase
}

// account collects what a document says, verified or not, for people to read.
// It never fails: what it does not understand it shows masked or leaves out.
type account struct {
	lang  language
	facts []fact
}

// accountOf reads the document below root.
func accountOf(root xmltree.Element, lang language) []fact {
	a := &account{lang: lang}
	a.header(root)
	for child := range root.Children() {
		a.child(child)
	}
	return a.facts
}

// maxFacts bounds what is shown of one document: a message with the 100 lines
// that are allowed has fewer, and a hostile one fills no screen for long.
const maxFacts = 200

func (a *account) add(name string, label phrase, value, text string) {
	if value == "" || len(a.facts) > maxFacts {
		return
	}
	if len(a.facts) == maxFacts {
		name, label, value, text = "more", phrase{"More", "이하 생략"}, "...", "..."
	}
	a.facts = append(a.facts, fact{Name: name, Value: value, Text: text, label: label})
}

// text adds free text, masked.
func (a *account) text(name string, label phrase, value string) {
	value = masked(value)
	a.add(name, label, value, value)
}

// number adds what identifies something and is not a card.
func (a *account) number(name string, label phrase, value string) {
	value = identifier(value)
	a.add(name, label, value, value)
}

func (a *account) messageID(name string, label phrase, value string) {
	value = messageID(value)
	a.add(name, label, value, value)
}

func (a *account) instant(name string, label phrase, value string) {
	t, err := kecis.ParseInstant(value)
	if err != nil {
		a.text(name, label, value)
		return
	}
	a.add(name, label, value, instantText(t, a.lang))
}

// seoul is Korea's time, which has had no summer time since 1988.
const seoul = 9 * time.Hour

func instantText(t time.Time, lang language) string {
	if lang == korean {
		return t.UTC().Add(seoul).Format("2006년 1월 2일 15시 04분 05초") + " (한국 시각)"
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}

// money returns an amount in minor units for scripts and for people.
func (a *account) money(minor, currency string) (value, text string) {
	code, unknown := kecis.ParseCurrency(currency)
	n, err := kecis.ParseMinor(minor)
	if minor == "0" {
		err = nil
	}
	if unknown != nil || err != nil || identifier(minor) != minor {
		return masked(minor + " " + currency), masked(minor + " " + currency)
	}
	m := kecis.Money{Minor: n, Currency: code}
	return currency + " " + strconv.FormatInt(n, 10), m.Format(string(a.lang))
}

func (a *account) header(root xmltree.Element) {
	kind := masked(root.Local())
	text := kind
	if name, ok := kindText(root.Local()); ok && root.Space() == kecis.Namespace {
		text = name.in(a.lang) + " (" + kind + ")"
	}
	a.add("kind", phrase{"What", "종류"}, kind, text)
	sender, _ := root.Attr("entityID")
	if first := root.First(); first.Is(xmlsig.SAMLAssertionNamespace, "Issuer") {
		sender = first.Text()
	}
	a.number("sender", phrase{"Sender", "발신자"}, sender)
	attr := func(name string) string { value, _ := root.Attr(name); return value }
	a.number("destination", phrase{"To", "수신처"}, attr("Destination"))
	a.messageID("id", phrase{"ID", "ID"}, attr("ID"))
	a.messageID("inResponseTo", phrase{"Answer to", "원 요청"}, attr("InResponseTo"))
	a.number("recipient", phrase{"Recipient", "수신자"}, attr("Recipient"))
	a.instant("issueInstant", phrase{"Made", "작성 시각"}, attr("IssueInstant"))
	a.instant("notOnOrAfter", phrase{"Valid until", "유효 기한"}, attr("NotOnOrAfter"))
	a.instant("validUntil", phrase{"Valid until", "유효 기한"}, attr("validUntil"))
}

func kindText(local string) (phrase, bool) {
	text, ok := map[string]phrase{
		"PaymentRequest":         {"payment request", "결제 요청"},
		"PaymentResponse":        {"answer to a payment request", "결제 응답"},
		"CancellationRequest":    {"cancellation request", "취소 요청"},
		"CancellationResponse":   {"answer to a cancellation request", "취소 응답"},
		"InquiryRequest":         {"inquiry", "거래 조회 요청"},
		"InquiryResponse":        {"answer to an inquiry", "거래 조회 응답"},
		"CaptureRequest":         {"capture request", "매입 요청"},
		"CaptureResponse":        {"answer to a capture request", "매입 응답"},
		"ReversalRequest":        {"reversal request", "망취소 요청"},
		"ReversalResponse":       {"answer to a reversal request", "망취소 응답"},
		"RefusalResponse":        {"refusal of a request that cannot be read", "읽을 수 없는 요청에 대한 거부"},
		"PaymentOrder":           {"order, to be paid on the provider's pages", "주문 (결제창 결제 요청)"},
		"OrderResponse":          {"answer to an order", "주문 응답"},
		"NotificationRequest":    {"notification of an event", "이벤트 통지"},
		"NotificationResponse":   {"answer to a notification", "이벤트 통지 응답"},
		"FeedRequest":            {"request for events", "이벤트 피드 요청"},
		"FeedResponse":           {"page of events", "이벤트 피드 응답"},
		"ReconciliationRequest":  {"reconciliation request", "거래 대사 요청"},
		"ReconciliationResponse": {"page of a reconciliation", "거래 대사 응답"},
		"AuthenticationRequest":  {"request to authenticate a buyer", "구매자 인증 요청"},
		"AuthenticationResponse": {"answer about an authentication", "구매자 인증 응답"},
		"ConfirmationRequest":    {"what a buyer has typed", "구매자 입력값 확인 요청"},
	}[local]
	return text, ok
}

func (a *account) child(e xmltree.Element) {
	if e.Is(xmlsig.SAMLProtocolNamespace, "Status") {
		a.status(e)
		return
	}
	if e.Space() != kecis.Namespace {
		return
	}
	attr := func(name string) string { value, _ := e.Attr(name); return value }
	switch e.Local() {
	case "Offer":
		a.instant("notBefore", phrase{"Valid from", "유효 시작"}, attr("NotBefore"))
		a.instant("notOnOrAfter", phrase{"Valid until", "유효 기한"}, attr("NotOnOrAfter"))
	case "OrderRef":
		a.order(e)
	case "Payee":
		a.text("payee", phrase{"Payee", "가맹점"}, attr("Name"))
		a.number("payeeEntity", phrase{"", ""}, attr("Entity"))
		a.number("merchant", phrase{"Merchant no.", "가맹점 번호"}, attr("Merchant"))
	case "Amount":
		a.amount(e)
	case "Tax":
		a.tax(e)
	case "Lines":
		a.lines(e)
	case "Terms":
		a.terms(e)
	case "Instrument":
		a.instrument(e)
	case "Buyer":
		a.buyer(e)
	case "Evidence":
		size := strconv.Itoa(base64.StdEncoding.DecodedLen(len(e.Text())))
		a.add("evidence", phrase{"Evidence", "증거"}, masked(attr("Kind"))+" "+size, masked(attr("Kind"))+phrase{", about %s bytes", ", 약 %s바이트"}.in(a.lang, size))
	default:
		a.outcome(e)
	}
}

func (a *account) order(e xmltree.Element) {
	attr := func(name string) string { value, _ := e.Attr(name); return value }
	a.number("order", phrase{"Order", "주문"}, attr("OrderID"))
	if attr("Attempt") != "1" {
		a.text("attempt", phrase{"Attempt", "시도"}, attr("Attempt"))
	}
	if attr("Part") != "1" {
		a.text("part", phrase{"Part", "분할"}, attr("Part"))
	}
	a.number("requester", phrase{"Requester", "최초 요청자"}, attr("Requester"))
}

func (a *account) amount(e xmltree.Element) {
	currency, _ := e.Attr("Currency")
	value, text := a.money(e.Text(), currency)
	a.add("amount", phrase{"Amount", "금액"}, value, text)
	if order, ok := e.Attr("Order"); ok && order != e.Text() {
		value, text := a.money(order, currency)
		a.add("orderAmount", phrase{"Of the order", "주문 금액"}, value, text)
	}
}

// currencyBeside finds the currency of parts, which stand beside an Amount.
func currencyBeside(e xmltree.Element) string {
	for sibling := range e.Parent().Children() {
		if sibling.Is(kecis.Namespace, "Amount") {
			currency, _ := sibling.Attr("Currency")
			return currency
		}
	}
	return ""
}

func (a *account) tax(e xmltree.Element) {
	var values, texts []string
	for _, part := range []struct {
		attr  string
		label phrase
	}{
		{"Supply", phrase{"supply", "공급가액"}},
		{"VAT", phrase{"VAT", "부가세"}},
		{"TaxFree", phrase{"tax-free", "면세"}},
		{"Service", phrase{"service", "봉사료"}},
	} {
		minor, _ := e.Attr(part.attr)
		if minor == "" || minor == "0" {
			continue
		}
		value, text := a.money(minor, currencyBeside(e))
		values = append(values, part.attr+" "+value)
		texts = append(texts, part.label.in(a.lang)+" "+text)
	}
	a.add("tax", phrase{"Tax split", "세금 구분"}, strings.Join(values, ", "), strings.Join(texts, ", "))
}

func (a *account) lines(e xmltree.Element) {
	currency := currencyBeside(e)
	for line := range e.Children() {
		attr := func(name string) string { value, _ := line.Attr(name); return value }
		value, text := a.money(attr("Amount"), currency)
		if attr("Kind") == "discount" {
			value, text = "-"+value, "-"+text
		}
		name := masked(attr("Name"))
		if quantity := attr("Quantity"); quantity != "1" {
			name += " x " + masked(quantity)
		}
		a.add("line", phrase{"Line", "품목"}, name+": "+value, name+": "+text)
	}
}

func (a *account) terms(e xmltree.Element) {
	attr := func(name string) string { value, _ := e.Attr(name); return value }
	var texts []string
	switch n, err := strconv.Atoi(attr("Instalments")); {
	case err != nil || n < 0 || n > 99: // two digits, or no number of months
		texts = append(texts, masked(attr("Instalments")))
	case n == 0:
		texts = append(texts, phrase{"lump sum", "일시불"}.in(a.lang))
	default:
		texts = append(texts, phrase{"%d months", "%d개월 할부"}.in(a.lang, n))
	}
	if attr("InterestFree") == "true" {
		texts = append(texts, phrase{"interest-free", "무이자"}.in(a.lang))
	}
	if attr("Capture") == "manual" {
		texts = append(texts, phrase{"captured later", "승인 후 별도 매입"}.in(a.lang))
	}
	value := masked(attr("Capture") + " " + attr("Instalments"))
	a.add("terms", phrase{"Terms", "결제 조건"}, value, strings.Join(texts, ", "))
}

func (a *account) instrument(e xmltree.Element) {
	attr := func(name string) string { value, _ := e.Attr(name); return masked(value) }
	number := ""
	if first, last := attr("First6"), attr("Last4"); first != "" || last != "" {
		number = first[:min(len(first), 6)] + "******" + last[max(len(last)-4, 0):]
	}
	joined := func(kind string) string {
		return strings.Join(strings.Fields(kind+" "+attr("Brand")+" "+number), " ")
	}
	how := phrase{"", ""}
	switch first := e.First(); {
	case first.Local() == "EncryptedData":
		how = phrase{", number encrypted to the issuer", ", 번호는 발급사에게 암호화됨"}
	case first.Local() == "InstrumentRef":
		how = phrase{", by a reference", ", 참조 토큰"}
	}
	a.add("instrument", phrase{"Paid by", "결제 수단"}, joined(attr("Kind")), joined(kindName(attr("Kind")).in(a.lang))+how.in(a.lang))
	issuer, _ := e.Attr("Issuer")
	a.number("issuer", phrase{"Issuer", "발급사"}, issuer)
}

func kindName(kind string) phrase {
	switch kind {
	case "card":
		return phrase{"card", "카드"}
	case "account":
		return phrase{"bank account", "은행 계좌"}
	case "e-money":
		return phrase{"e-money", "전자화폐"}
	}
	return phrase{kind, kind}
}

// buyer shows ECML data by its own rules of masking, and then by those for free
// text, since a careless sender may have put anything anywhere.
func (a *account) buyer(e xmltree.Element) {
	ecom, err := ecml.DecodeXML(e.First())
	if err != nil {
		a.text("buyer", phrase{"Buyer", "구매자"}, "?")
		return
	}
	for v := range ecom.Values() {
		path := strings.TrimPrefix(v.Path, "Ecom/")
		if path != "@SchemaVersion" {
			value := path + ": " + masked(v.Text)
			a.add("buyer", phrase{"Buyer", "구매자"}, value, value)
		}
	}
}
