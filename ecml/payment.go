package ecml

// Payment is how to pay.
type Payment struct {
	Common
	Card *Card // exactly one in a valid document
}

// Card is a payment card.
type Card struct {
	Common
	Name         string // as printed on the card
	Type         string // one of CardTypes, in any case
	Number       CardNumber
	Verification Verification
	Issuer       string // issue number (of Switch and Solo), not the issuer
	Protocols    string // tokens of Protocols, separated by spaces
	ExpDate      *Date  // exactly one in a valid document
	ValidDate    *Date  // first day of validity; in forms ValidFrom
}

// Loyalty is a loyalty card.
type Loyalty struct {
	Common
	Name         string // as printed on the card
	Type         string // brand; free, but an xs:NMTOKEN in XML
	Number       CardNumber
	Verification Verification
	ExpDate      *Date // exactly one in a valid document
	ValidDate    *Date
}

// Merchant is the element Merchant, whose ID is the merchant's number.
type Merchant struct {
	Common
	Terminal *Terminal // exactly one in a valid document
}

// Terminal is a card acceptor's terminal, whose ID is its identification
// (ISO 8583 data element 41).
type Terminal struct {
	Common
	Data string
}

// Transaction is what merchant, consumer and processor tell each other about
// a payment.
type Transaction struct {
	Common
	// Amount is two integers with a period between. Only the DTD of RFC 4112
	// has it, the XML Schema, which prevails, has not: a strict validator
	// refuses it.
	Amount   string
	Currency string // ISO 4217, three letters
	Type     string // one of TransactionTypes, in any case
	// TransDate is an ISO date. It is a field of forms and an element of
	// version 1.1; the XML of version 2 has no place for it.
	TransDate string

	IDs       []TransactionID // the elements Id
	Code      []TransactionCode
	Date      []TransactionDates
	Data      []TransactionData
	Inquiry   []Text // URL; check it before use
	Signature []Text // base64; not an XML Signature
}

// TransactionID identifies a transaction; its ID is the processor's own.
type TransactionID struct {
	Common
	CID       string
	Reference string // ISO 8583 data element 37
	Acquire   string // acquiring institution, data element 32
	Forward   string // forwarding institution, data element 33
}

// TransactionCode holds codes of ISO 8583.
type TransactionCode struct {
	Common
	Processing string // data element 3
	Approval   string // 38
	Retrieval  string
	Action     string // 39 of the 1993 edition
	Reason     string // 25 of the 1993 edition
	POS        string // 22 of the 1993 edition
}

// TransactionDates holds dates of ISO 8583, in this order in XML.
type TransactionDates struct {
	Common
	Effective *Date // data element 13 of the 1993 edition
	Settle    *Date // 15
	Capture   *Date // 17
}

// TransactionData holds other data of ISO 8583.
type TransactionData struct {
	Common
	Trace      []Text // system trace audit number, data element 11
	PrivateUse []Text
	Response   []Text
	AAV        []Text // cardholder authentication value
	Track1     []TrackText
	Track2     []TrackText
}

// TrackText is the element Track1 or Track2.
type TrackText struct {
	Common
	Value Track
}
