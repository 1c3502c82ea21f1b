package cases

import (
	"strings"

	"github.com/kecis/sdk/conformance"
)

// valueCases hold the values of KECIS-MSG-014 to their lengths and characters.
func valueCases() []conformance.Case {
	const code = "msg-value"
	h := paymentMessage()
	const source = "KECIS P1"
	order := func(value string) conformance.Edit {
		return signed(replace(`OrderID="ORD-20261124-0001"`, `OrderID="`+value+`"`))
	}
	long := func(old string, repeated string) func(int) conformance.Edit {
		return func(n int) conformance.Edit {
			return signed(replace(old, strings.Replace(old, old[strings.IndexByte(old, '"'):], `"`+strings.Repeat(repeated, n)+`"`, 1)))
		}
	}
	short := refuse("value-order-id-short", code, "An order ID of 5 characters; 6 are needed.", h, order("ORD01"), source)
	short.Twin = order("ORD001")
	attempt := refuse("value-attempt-100", code, "Attempt 100.", h, signed(replace(`Attempt="1"`, `Attempt="100"`)), source)
	attempt.Twin = signed(replace(`Attempt="1"`, `Attempt="99"`))
	reference := func(n int) conformance.Edit {
		return signed(replace(`>ref_8f14e45fceea167a<`, `>`+strings.Repeat("r", n)+`<`))
	}
	shortRef := refuse("value-reference-short", code, "A reference of 15 characters.", h, reference(15), source)
	shortRef.Twin = reference(16)
	value := func(id, note, old, text string) conformance.Case {
		return refuse("value-"+id, code, note, h, signed(replace(old, text)), source)
	}
	name := func(id, note, text string) conformance.Case {
		return value("name-"+id, note, payeeName, `Name="`+text+`"`)
	}
	card := func(id, note, text, twin string) conformance.Case {
		c := refuse("value-"+id, "msg-card-in-text", note, h, signed(replace(payeeName, `Name="`+text+`"`)), source)
		c.Twin = signed(replace(payeeName, `Name="`+twin+`"`))
		return c
	}
	instalments := func(id, text string) conformance.Case {
		return value("instalments-"+id, "Instalments "+text+".", `Instalments="00"`, `Instalments="`+text+`"`)
	}
	return []conformance.Case{
		short, attempt, shortRef,
		past("value-order-id-long", code, "An order ID of 40 characters and one more.", h, 40, long(`OrderID="ORD-20261124-0001"`, "o"), source),
		past("value-name-long", code, "A name of 100 characters and one more.", h, 100, long(payeeName, "가"), source),
		past("value-reference-long", code, "A reference of 64 characters and one more.", h, 64, reference, source),
		past("value-entity-long", code, "An entityID of 1,024 octets and one more.", h, 1024, func(n int) conformance.Edit {
			return signed(replace(`<kecis:Payee Entity="`+shop+`"`, `<kecis:Payee Entity="https://shop.example/`+strings.Repeat("s", n-len("https://shop.example/"))+`"`))
		}, source),
		value("order-id-character", "A character that order IDs do not have.", `OrderID="ORD-20261124-0001"`, `OrderID="ORD/20261124"`),
		value("attempt-zero", "Attempt 0.", `Attempt="1"`, `Attempt="0"`),
		value("attempt-leading-zero", "A zero in front of the attempt.", `Attempt="1"`, `Attempt="01"`),
		value("requester-relative", "A requester that is no URI.", `Requester="`+shop+`"`, `Requester="shop"`),
		value("requester-capitals", "A scheme in capitals.", `Requester="`+shop+`"`, `Requester="HTTPS://shop.example/kecis"`),
		value("brand-small", "A brand in small letters.", `Brand="BC"`, `Brand="bc"`),
		value("brand-number", "A brand of five digits, as a piece of a card number.", `Brand="BC"`, `Brand="B43301"`),
		value("first-digits", "Five first digits.", `First6="433012"`, `First6="43301"`),
		value("last-digits", "Five last digits.", `Last4="1234"`, `Last4="01234"`),
		name("empty", "No name.", ""),
		name("blank", "A blank in front of a name.", " 가게"),
		name("line-end", "A line end in a name, by reference.", "가&#10;게"),
		name("direction", "A character that turns the direction of text.", "\u202e가게"),
		card("card", "A card number in a name.", "4111111111111111", "4111111111111112"),
		card("card-grouped", "A card number in groups, in a name.", "꽃집 4111-1111 - 1111 1111.", "꽃집 4111-1111 - 1111 1112."),
		card("card-wide", "A card number in wide digits, in a name.", "４１１１１１１１１１１１１１１１", "４１１１１１１１１１１１１１１２"),
		card("card-of-15", "A card number of 15 digits, in a name.", "378282246310005", "778282246310005"),
		card("card-at-home", "The number of a domestic card, in a name.", "9445420000000004", "8445420000000006"),
		accept("value-card-barcode", "KECIS-MSG-029", "A barcode of 13 digits whose check digit is right by chance.", h, signed(replace(payeeName, `Name="4006381333932"`)), source),
		accept("value-card-order-id", "KECIS-MSG-029", "The digits of a card number as an order ID.", h, order("4111111111111111"), source),
		instalments("01", "01"), instalments("13", "13"), instalments("one-digit", "3"), instalments("three-digits", "003"),
		accept("value-instalments-12", "KECIS-PAY-005", "Twelve instalments of a card.", h, signed(replace(`Instalments="00"`, `Instalments="12"`)), source),
		accept("value-payee-full", "KECIS-PAY-002", "A payee with all that it may have.", h,
			signed(replace(`<kecis:Payee `, `<kecis:Payee Business="1234567890" Category="5411" Merchant="M-0001_a" `)), source),
	}
}
