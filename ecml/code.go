package ecml

import "strings"

// countries are the two-letter codes of ISO 3166-1, as of 2026.
const countries = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO " +
	"BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ " +
	"DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP " +
	"GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG " +
	"KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML " +
	"MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE " +
	"PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL " +
	"SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM " +
	"US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW "

// currencies are the codes of ISO 4217 in which money is paid, as of 2026,
// funds codes included; those of metals, tests and units of account are not.
const currencies = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BOV BRL BSD BTN BWP " +
	"BYN BZD CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN " +
	"ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK " +
	"JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD " +
	"MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP " +
	"PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP " +
	"SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV " +
	"WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG "

// The currencies of which the minor unit is not a hundredth.
const (
	currencies0 = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF "
	currencies3 = "BHD IQD JOD KWD LYD OMR TND "
	currencies4 = "CLF UYW "
)

// inList reports whether code is one of the codes in list, all of one length
// and followed by a space.
func inList(list, code string) bool {
	for ; len(list) > len(code); list = list[len(code)+1:] {
		if list[:len(code)] == code {
			return true
		}
	}
	return false
}

// IsCountry reports whether code is a two-letter code of ISO 3166-1, in upper
// case.
func IsCountry(code string) bool { return len(code) == 2 && inList(countries, code) }

// CurrencyExponent returns the number of decimal digits of a currency's minor
// unit: 0 for KRW, 2 for USD, 3 for KWD. It reports false for what is no
// three-letter currency code of ISO 4217, in upper case.
func CurrencyExponent(code string) (int, bool) {
	if len(code) != 3 || !inList(currencies, code) {
		return 0, false
	}
	switch {
	case inList(currencies0, code):
		return 0, true
	case inList(currencies3, code):
		return 3, true
	case inList(currencies4, code):
		return 4, true
	}
	return 2, true
}

// CardTypes returns the registered card brands (RFC 4112 2.1.2, note 11). No
// Korean brand is among them; KECIS names brands in elements of its own.
func CardTypes() []string {
	return []string{"AMER", "BANK", "DC", "DINE", "DISC", "JCB", "MAST", "NIKO", "SAIS", "UC", "UCAR", "VISA"}
}

// Protocols returns the registered card protocols (note 17).
func Protocols() []string {
	return []string{"none", "set", "setcert", "iotp", "echeck", "simcard", "phoneid"}
}

// TransactionTypes returns the registered transaction types (note 30).
func TransactionTypes() []string { return []string{"debit", "credit"} }

// oneOf reports whether token is in list, in any case.
func oneOf(list []string, token string) bool {
	for _, t := range list {
		if strings.EqualFold(t, token) {
			return true
		}
	}
	return false
}
