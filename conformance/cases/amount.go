package cases

import (
	"strings"

	"github.com/kecis/sdk/conformance"
)

func amountCases() []conformance.Case {
	const form, currency, exponent = "amount-form", "amount-currency", "amount-exponent"
	h := paymentMessage()
	const source = "KECIS P4"
	minor := func(id, note, text string) conformance.Case {
		return refuse("amount-"+id, form, note, h, signed(replace(amountText, `>`+text+`<`)), source)
	}
	of := func(id, code, note, text string) conformance.Case {
		return refuse("amount-"+id, code, note, h, signed(replace(` Currency="KRW" Exponent="0"`, text)), source)
	}
	// worth makes the payment one of another amount, with all that follows it.
	worth := func(text string) conformance.Edit {
		return signed(replace(`Order="50000">50000<`, `Order="`+text+`">`+text+`<`), replace(`Supply="45455"`, `Supply="`+text+`"`), replace(`VAT="4545"`, `VAT="0"`))
	}
	longest := strings.Repeat("9", 15)
	tooLong := refuse("amount-16-digits", form, "16 digits; 15 are allowed.", h, signed(replace(amountText, `>1`+longest+`<`)), source)
	tooLong.Twin = worth(longest)
	lines := func(last string) conformance.Edit {
		return signed(before(`<kecis:Terms `, `<kecis:Lines><kecis:Line Amount="52000" Kind="item" Name="사과 한 상자" Quantity="2"></kecis:Line>`+
			`<kecis:Line Amount="3000" Kind="delivery" Name="배송비" Quantity="1"></kecis:Line>`+last+`</kecis:Lines>`))
	}
	discount := func(amount string) string {
		return `<kecis:Line Amount="` + amount + `" Kind="discount" Name="쿠폰" Quantity="1"></kecis:Line>`
	}
	sum := func(id, note, amount string) conformance.Case {
		c := refuse("amount-lines-"+id, "amount-lines", note, h, lines(discount(amount)), source)
		c.Twin = lines(discount("5000"))
		return c
	}
	counted := refuse("amount-lines-discount-added", "amount-lines", "A discount that is counted as an item.", h,
		lines(strings.Replace(discount("5000"), "discount", "item", 1)), source)
	counted.Twin = lines(discount("5000"))
	many := func(n int) conformance.Edit {
		return signed(before(`<kecis:Terms `, `<kecis:Lines>`+strings.Repeat(`<kecis:Line Amount="0" Kind="fee" Name="x" Quantity="1"></kecis:Line>`, n-1)+
			`<kecis:Line Amount="50000" Kind="item" Name="x" Quantity="1"></kecis:Line></kecis:Lines>`))
	}
	return []conformance.Case{
		minor("leading-zero", "A zero in front.", "050000"),
		minor("plus", "A sign.", "+50000"),
		minor("minus", "A negative amount.", "-50000"),
		minor("fraction", "A fraction.", "50000.00"),
		minor("scientific", "An amount with an exponent.", "5e4"),
		minor("separator", "A separator of thousands.", "50,000"),
		minor("blank", "A blank behind.", "50000 "),
		minor("line-end", "A line end behind.", "50000\n"),
		minor("zero", "Nothing.", "0"),
		minor("empty", "No digits.", ""),
		minor("other-digits", "Digits that are not ASCII.", "٥٠٠٠٠"),
		minor("hexadecimal", "Hexadecimal digits.", "0xC350"),
		tooLong,
		refuse("amount-order-zero", form, "An order of nothing.", h, signed(replace(`Order="50000"`, `Order="0"`)), source),
		refuse("amount-part-negative", form, "A negative part of the tax split.", h, signed(replace(`VAT="4545"`, `VAT="-4545"`)), source),
		refuse("amount-part-zeros", form, "A part of two zeros.", h, signed(replace(`TaxFree="0"`, `TaxFree="00"`)), source),
		of("currency-small", currency, "A currency in small letters.", ` Currency="krw" Exponent="0"`),
		of("currency-none", currency, "XXX, no currency.", ` Currency="XXX" Exponent="0"`),
		of("currency-gold", currency, "XAU, gold.", ` Currency="XAU" Exponent="0"`),
		of("currency-number", currency, "The number of a currency.", ` Currency="410" Exponent="0"`),
		of("exponent-krw", exponent, "Two decimals of won: a hundred times the amount to some.", ` Currency="KRW" Exponent="2"`),
		of("exponent-usd", exponent, "No decimals of dollars.", ` Currency="USD" Exponent="0"`),
		of("exponent-kwd", exponent, "Two decimals of Kuwaiti dinars, which have three.", ` Currency="KWD" Exponent="2"`),
		of("exponent-form", exponent, "A zero in front of the exponent.", ` Currency="USD" Exponent="02"`),
		accept("amount-usd", "KECIS-MSG-013", "Dollars, in cents.", h, signed(replace(` Currency="KRW" Exponent="0"`, ` Currency="USD" Exponent="2"`)), source),
		accept("amount-kwd", "KECIS-MSG-013", "Dinars, in thousandths.", h, signed(replace(` Currency="KRW" Exponent="0"`, ` Currency="KWD" Exponent="3"`)), source),
		refuse("amount-tax-less", "amount-tax", "A tax split of one won less.", h, signed(replace(`VAT="4545"`, `VAT="4544"`)), source),
		refuse("amount-tax-more", "amount-tax", "A tax split of one won more.", h, signed(replace(`TaxFree="0"`, `TaxFree="1"`)), source),
		sum("less", "Lines of one won less.", "5001"),
		sum("more", "Lines of one won more.", "4999"),
		counted,
		past("amount-lines-number", "msg-too-many", "100 lines and one more.", h, 100, many, source),
		refuse("amount-above-order", "amount-order", "An amount of one won more than the order.", h, signed(replace(`Order="50000"`, `Order="49999"`)), source),
		accept("amount-below-order", "KECIS-PAY-003", "An amount of one won less than the order.", h, signed(replace(`Order="50000"`, `Order="50001"`)), source),
	}
}
