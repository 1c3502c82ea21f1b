package kecis

// Currency is the alphabetic code of a currency of ISO 4217, in capitals.
type Currency string

// The currencies that Korean services quote most.
const (
	KRW Currency = "KRW"
	USD Currency = "USD"
	EUR Currency = "EUR"
	JPY Currency = "JPY"
	CNY Currency = "CNY"
)

// ParseCurrency returns the currency of that code. A code that ISO 4217 does
// not list as money in use (funds codes, metals and codes for tests among them)
// and one in lower case are refused with ErrCurrency.
func ParseCurrency(code string) (Currency, error) {
	if _, ok := exponentOf(code); !ok {
		return "", &Error{code: ErrCurrency, expected: currencyForm, found: quote(code)}
	}
	return Currency(code), nil
}

const currencyForm = "an alphabetic ISO 4217 code in use"

// Exponent returns the number of decimal digits of the currency's minor unit:
// 0 for KRW, 2 for USD. It is -1 for a code that ISO 4217 does not list.
func (c Currency) Exponent() int {
	if e, ok := exponentOf(string(c)); ok {
		return e
	}
	return -1
}

// exponentOf holds the currencies of ISO 4217 in use in 2026, without funds.
func exponentOf(code string) (exponent int, ok bool) {
	switch code {
	case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF",
		"UGX", "VND", "VUV", "XAF", "XOF", "XPF":
		return 0, true
	case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND":
		return 3, true
	case "AED", "AFN", "ALL", "AMD", "AOA", "ARS", "AUD", "AWG", "AZN",
		"BAM", "BBD", "BDT", "BMD", "BND", "BOB", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD",
		"CAD", "CDF", "CHF", "CNY", "COP", "CRC", "CUP", "CVE", "CZK",
		"DKK", "DOP", "DZD", "EGP", "ERN", "ETB", "EUR", "FJD", "FKP",
		"GBP", "GEL", "GHS", "GIP", "GMD", "GTQ", "GYD", "HKD", "HNL", "HTG", "HUF",
		"IDR", "ILS", "INR", "IRR", "JMD", "KES", "KGS", "KHR", "KPW", "KYD", "KZT",
		"LAK", "LBP", "LKR", "LRD", "LSL", "MAD", "MDL", "MGA", "MKD", "MMK", "MNT", "MOP",
		"MRU", "MUR", "MVR", "MWK", "MXN", "MYR", "MZN", "NAD", "NGN", "NIO", "NOK", "NPR", "NZD",
		"PAB", "PEN", "PGK", "PHP", "PKR", "PLN", "QAR", "RON", "RSD", "RUB",
		"SAR", "SBD", "SCR", "SDG", "SEK", "SGD", "SHP", "SLE", "SOS", "SRD", "SSP", "STN", "SVC", "SYP", "SZL",
		"THB", "TJS", "TMT", "TOP", "TRY", "TTD", "TWD", "TZS", "UAH", "USD", "UYU", "UZS",
		"VED", "VES", "WST", "XCD", "XCG", "YER", "ZAR", "ZMW", "ZWG":
		return 2, true
	}
	return 0, false
}
