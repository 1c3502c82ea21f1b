package ecml

import (
	"encoding/base64"
	"net/url"
	"strings"
	"time"
	"unicode"
)

// Type is what the values of a field must be.
type Type uint8

// The types of values. Each has a type of XML Schema too, which its String
// tells; only XML is bound by that one.
const (
	TypeText Type = iota
	TypeNMToken
	TypeID
	TypeCountry
	TypeCurrency
	TypeLanguage
	TypeURI
	TypeAmount
	TypeCardType
	TypeCardNumber
	TypeLoyaltyNumber
	TypeVerification
	TypeProtocols
	TypeTransactionType
	TypeDay
	TypeMonth
	TypeYear
	TypeShortDate
	TypeISODate
	TypeEmail
	TypePhone
	TypeBase64
	TypeGender
	TypePassword
	TypeTrack
	TypeFlag
	TypeSchemaVersion
)

// kind is what there is to know about a Type.
type kind struct {
	meaning string
	xml     string // type in the XML Schema
	code    Code   // of a value that check refuses
	check   func(value string) bool
}

// kinds is indexed by Type.
var kinds = [...]kind{
	TypeText:            {"any text", "xs:string", "", nil},
	TypeNMToken:         {"any text", "xs:NMTOKEN", "", nil},
	TypeID:              {"identifier", "xs:ID", "", nil},
	TypeCountry:         {"two-letter country code of ISO 3166-1", "xs:NMTOKEN", ErrCountry, IsCountry},
	TypeCurrency:        {"three-letter currency code of ISO 4217", "xs:NMTOKEN", ErrCurrency, isCurrency},
	TypeLanguage:        {"IETF language tag", "xs:language", ErrLanguage, isLanguage},
	TypeURI:             {"URL", "xs:anyURI", ErrURI, isURI},
	TypeAmount:          {"two integers with a period between", "none (DTD only)", ErrAmount, isAmount},
	TypeCardType:        {"registered card brand", "xs:NMTOKEN", ErrCardType, isCardType},
	TypeCardNumber:      {"12 to 19 digits with a right check digit", "xs:decimal", ErrCardNumber, isCardNumber},
	TypeLoyaltyNumber:   {"number of a loyalty card", "xs:NMTOKEN", "", nil},
	TypeVerification:    {"printed verification value", "xs:NMTOKEN", "", nil},
	TypeProtocols:       {"registered card protocols, separated by spaces", "xs:NMTOKENS", ErrProtocol, areProtocols},
	TypeTransactionType: {"debit or credit", "xs:NMTOKEN", ErrTransactionType, isTransactionType},
	TypeDay:             {"day, 1 to 31", "xs:positiveInteger", ErrDate, isDay},
	TypeMonth:           {"month, 1 to 12", "xs:positiveInteger", ErrDate, isMonth},
	TypeYear:            {"year of four digits", "xs:positiveInteger", ErrDate, isYear},
	TypeShortDate:       {"ISO 8583 date of four digits", "parts", ErrDate, nil},
	TypeISODate:         {"ISO 8601 date", "none", ErrDate, isISODate},
	TypeEmail:           {"e-mail address", "xs:string", ErrEmail, isEmail},
	TypePhone:           {"telephone number, extension after x", "xs:string", ErrPhone, isPhone},
	TypeBase64:          {"base64", "xs:string", ErrBase64, isBase64},
	TypeGender:          {"M, F or U", "none", ErrGender, isGender},
	TypePassword:        {"password", "xs:string", "", nil},
	TypeTrack:           {"track data", "xs:string", "", nil},
	TypeFlag:            {"flag", "empty element", "", nil},
	TypeSchemaVersion:   {"version of ECML", "xs:string, fixed", ErrVersion, isSchemaVersion},
}

// String says what the values are.
func (t Type) String() string { return kinds[t].meaning }

// XML returns the name of the type in the XML Schema of RFC 4112.
func (t Type) XML() string { return kinds[t].xml }

func isCurrency(s string) bool { _, ok := CurrencyExponent(s); return ok }

func isCardType(s string) bool { return oneOf(CardTypes(), s) }

func isTransactionType(s string) bool { return oneOf(TransactionTypes(), s) }

func isCardNumber(s string) bool { return NewCardNumber(s).Valid() }

func isSchemaVersion(s string) bool { return versionOf(s) != VersionUnknown }

func isDay(s string) bool { n := number(s); return n >= 1 && n <= 31 }

func isMonth(s string) bool { n := number(s); return n >= 1 && n <= 12 }

func isYear(s string) bool { return len(s) == 4 && number(s) > 0 }

func isGender(s string) bool { return s == "M" || s == "F" || s == "U" }

func isAmount(s string) bool {
	_, _, ok := splitAmount(s)
	return ok && strings.Contains(s, ".")
}

func areProtocols(s string) bool {
	for token := range strings.FieldsSeq(s) {
		if !oneOf(Protocols(), token) {
			return false
		}
	}
	return true
}

// isLanguage tells the form of RFC 3066, which xs:language has too.
func isLanguage(s string) bool {
	first := true
	for part := range strings.SplitSeq(s, "-") {
		const longest = 8 // RFC 3066 2.1
		if part == "" || len(part) > longest {
			return false
		}
		for _, r := range part {
			if !isASCIILetter(r) && (first || r < '0' || r > '9') {
				return false
			}
		}
		first = false
	}
	return true
}

func isASCIILetter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }

func isURI(s string) bool {
	_, err := url.Parse(s)
	return err == nil && !strings.ContainsFunc(s, unicode.IsSpace)
}

func isISODate(s string) bool {
	for _, layout := range []string{time.DateOnly, time.RFC3339, "20060102", "2006-01-02T15:04:05", "20060102T150405Z07:00"} {
		if _, err := time.Parse(layout, s); err == nil {
			return true
		}
	}
	return false
}

func isEmail(s string) bool {
	at := strings.LastIndexByte(s, '@')
	return at > 0 && at < len(s)-1 && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r)
	})
}

// isPhone takes the ways in which people write numbers, in ASCII.
func isPhone(s string) bool {
	line, extension, extended := strings.Cut(s, "x")
	digits := 0
	for i, r := range strings.TrimRight(line, " ") {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r == '+' && i == 0:
		case strings.ContainsRune(" -.()/", r):
		default:
			return false
		}
	}
	return digits > 0 && (!extended || isDigits(strings.TrimSpace(extension)))
}

func isBase64(s string) bool {
	_, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(s), ""))
	return err == nil
}

// isNMToken tells Nmtoken of XML 1.0 (2.3).
func isNMToken(s string) bool {
	for _, r := range s {
		if !isNameChar(r) {
			return false
		}
	}
	return s != ""
}

// isNCName tells NCName of Namespaces in XML 1.0, which xs:ID is.
func isNCName(s string) bool {
	for i, r := range s {
		if r == ':' || !isNameChar(r) || (i == 0 && !isNameStart(r)) {
			return false
		}
	}
	return s != ""
}

func isNameStart(r rune) bool {
	switch {
	case r < 0x80:
		return isASCIILetter(r) || r == '_' || r == ':'
	case r < 0x300:
		return r >= 0xc0 && r != 0xd7 && r != 0xf7
	case r < 0x2000:
		return r >= 0x370 && r != 0x37e
	}
	for _, in := range [...][2]rune{
		{0x200c, 0x200d}, {0x2070, 0x218f}, {0x2c00, 0x2fef}, {0x3001, 0xd7ff},
		{0xf900, 0xfdcf}, {0xfdf0, 0xfffc}, {0x10000, 0xeffff},
	} {
		if r >= in[0] && r <= in[1] {
			return true
		}
	}
	return false
}

func isNameChar(r rune) bool {
	return isNameStart(r) || r == '-' || r == '.' || r >= '0' && r <= '9' ||
		r == 0xb7 || r >= 0x300 && r <= 0x36f || r == 0x203f || r == 0x2040
}
