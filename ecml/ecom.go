package ecml

import "slices"

// Common is what every element of ECML may carry.
type Common struct {
	// Mode is as written on the element itself; Ecom.ModeOf gives the
	// effective one.
	Mode Mode
	// ID is the XML attribute id, of type xs:ID: it cannot begin with a
	// digit and is unique in the document. Payment, Telecom, Online, Code,
	// Data and TransactionComplete have none; Transaction has one in
	// version 1.1 only.
	ID string
	// More holds what is rare; nil in nearly every element.
	More *More
}

// More is what an element rarely carries.
type More struct {
	// Lang is the attribute xml:lang.
	Lang string
	// Blank names the attributes that are present with an empty value, as in
	// a query for them: First, Number. One that has a value need not be here.
	Blank []string
}

// Lang returns the value of xml:lang on the element itself.
func (c *Common) Lang() string {
	if c.More == nil {
		return ""
	}
	return c.More.Lang
}

// SetBlank makes attributes present although they have no value.
func (c *Common) SetBlank(attributes ...string) {
	for _, name := range attributes {
		if c.blank(name) {
			continue
		}
		if c.More == nil {
			c.More = new(More)
		}
		c.More.Blank = append(c.More.Blank, name)
	}
}

func (c *Common) blank(name string) bool {
	if c.More == nil {
		return false
	}
	return slices.Contains(c.More.Blank, name)
}

// Ecom is the root of ECML data. RFC 4112 lets every child element repeat and
// gives no meaning to the order of different ones, which is therefore not
// kept.
type Ecom struct {
	Common

	ConsumerOrderID string // unique, made by the consumer's software
	Merchant        string // domain name of the merchant
	Processor       string // domain name of the gateway that takes the payment
	SchemaVersion   string // Schema20, or that of an older version when read
	WalletID        string // company, product and version of the wallet
	WalletLocation  string // URL of the wallet; check it before use

	ShipTo              []Party
	BillTo              []Party
	ReceiptTo           []Party
	Payment             []Payment
	Loyalty             []Loyalty
	User                []User
	Merchants           []Merchant // the elements Merchant
	Transaction         []Transaction
	TransactionComplete []Flag // present on the last page or aggregate

	// FormOnly holds fields that RFC 4112 gives no place in XML; nil when
	// there are none.
	FormOnly *FormOnly
	// Stray holds the paths of the first 16 elements that had text between
	// their children. The RFC allows that and gives it no meaning, so the text
	// itself is not kept; CheckProfile refuses it.
	Stray []string
}

// FormOnly is what only an HTML form can carry (RFC 4112 2.1.1). Of Common only
// More.Blank is used.
type FormOnly struct {
	Common
	DeviceID    string // immutable identifier of the device
	DeviceType  string // brand or type of the device
	Gender      string // M, F or U
	BirthDay    string
	BirthMonth  string
	BirthYear   string
	Preferences string // as the merchant defines them
	// Unknown holds the fields whose names begin with Ecom_ and that no
	// version of ECML defines, as they were spelled, sorted by name.
	Unknown []UnknownField
}

// UnknownField is a form field that no version of ECML defines.
type UnknownField struct {
	Name  string
	Value Opaque // shown masked, since nobody knows what it holds
}

// Party is one of ShipTo, BillTo and ReceiptTo.
type Party struct {
	Common
	Postal  []Postal
	Telecom []Telecom
	Online  []Online
}

// Postal is a name and an address.
type Postal struct {
	Common
	PostalCode  string
	CountryCode string // ISO 3166-1, two letters
	Name        []Name
	Company     []Text
	Street      []Street
	City        []Text
	StateProv   []Text
}

// Name is a person's name. Each part is an xs:NMTOKEN in XML: it cannot
// contain a space there, though it can in a form.
type Name struct {
	Common
	Prefix string // title
	First  string // first given name
	Middle string // other given names, or initial
	Last   string // family name
	Suffix string
}

// Street is up to three lines, filled in order.
type Street struct {
	Common
	Line1, Line2, Line3 string
}

// Text is an element that holds only text, such as City.
type Text struct {
	Common
	Value string
}

// Telecom holds telephone numbers.
type Telecom struct {
	Common
	Phone []Phone
}

// Phone is a telephone number, best in the form of E.164, with an extension
// after the letter x.
type Phone struct {
	Common
	Number string
}

// Online holds e-mail addresses.
type Online struct {
	Common
	Email []Email
}

// Email is an e-mail address.
type Email struct {
	Common
	Address string
}

// User is an account that the consumer already has with the merchant.
type User struct {
	Common
	CertificateURL string // of the user's X.509v3 certificate in DER; check it before use
	DataCountry    string // ISO 3166-1, two letters
	DataLanguage   string // IETF language tag
	UserID         []Text
	Password       []PasswordText
}

// PasswordText is the element Password.
type PasswordText struct {
	Common
	Value Password
}

// Flag is an element that says something by being present.
type Flag struct {
	Common
}
