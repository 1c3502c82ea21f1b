package metadata

import (
	"slices"
	"time"
)

// RoleName is a role that a party plays (KECIS-META-007).
type RoleName string

// The roles of version 1.0.
const (
	Requester      RoleName = "requester"
	PG             RoleName = "pg"
	Issuer         RoleName = "issuer"
	Authentication RoleName = "authentication"
)

// Service is a service that a role offers at an endpoint.
type Service string

// The services of version 1.0. ServiceCapture belongs to those who offer manual
// capture; ServiceNotification is offered by those who receive events, the rest
// by those who are asked.
const (
	ServicePayment        Service = "payment"
	ServiceCapture        Service = "capture"
	ServiceCancellation   Service = "cancellation"
	ServiceReversal       Service = "reversal"
	ServiceInquiry        Service = "inquiry"
	ServiceNotification   Service = "notification"
	ServiceFeed           Service = "feed"
	ServiceReconciliation Service = "reconciliation"
	ServiceAuthentication Service = "authentication"
	ServiceOrder          Service = "order"
	// ServiceConfirmation belongs to providers of authentication that take what the
	// buyer typed from the requester.
	ServiceConfirmation Service = "confirmation"
)

// Binding is how a message travels to an endpoint.
type Binding string

// The bindings of version 1.0: the message alone as the body of an HTTP POST,
// the same inside a SOAP 1.1 envelope, and a field of an HTML form that a
// browser posts (front channel).
const (
	BindingXML  Binding = "xml"
	BindingSOAP Binding = "soap"
	BindingForm Binding = "form"
)

// Method is what money may come from, with the words of kecis:Instrument/@Kind.
type Method string

// The methods of version 1.0.
const (
	MethodCard    Method = "card"
	MethodAccount Method = "account"
	MethodEMoney  Method = "e-money"
)

// Endpoint is the one address of a service in a binding. The location is also
// the Destination that messages to it must name.
type Endpoint struct {
	Service  Service
	Binding  Binding
	Location string // https, or http to a loopback address
}

// CurrencyLimits says that a currency is taken, and how much a transaction may
// have, in minor units, both ends included.
type CurrencyLimits struct {
	Currency string // ISO 4217, alphabetic
	Min, Max int64
}

// Instalments says in how many monthly instalments a payment may be made. The
// zero Instalments is none: only at once.
type Instalments struct {
	Months       []int // ascending, 2 to 60
	From         int64 // order amount, in minor units of KRW, from which they are taken
	InterestFree bool  // whether interest-free instalments can be asked for
}

// Captures says how an authorisation may be captured by the requester.
type Captures string

// The kinds of manual capture. The zero Captures is none: payments are captured
// at once.
const (
	CapturesFinal   Captures = "final"   // once; the rest is released
	CapturesSeveral Captures = "several" // in several captures, the last marked final
)

// AuthenticationMethod is a way in which a buyer is authenticated.
type AuthenticationMethod string

// The ways of authentication.
const (
	ByAmount      AuthenticationMethod = "amount"
	ByCertificate AuthenticationMethod = "certificate"
	ByPassword    AuthenticationMethod = "password"
	By3DSecure    AuthenticationMethod = "3-d-secure"
	ByApp         AuthenticationMethod = "app"
)

// AuthenticationRule says that from an order amount on a payment needs
// authentication by one of the methods. What the exemptions name needs none.
type AuthenticationRule struct {
	Currency   string
	From       int64 // order amount in minor units, included
	Methods    []AuthenticationMethod
	Exemptions []Exemption
}

// Exemption is a kind of payment that a rule does not ask authentication of.
type Exemption string

// The exemptions: a buyer and instrument with a profile, an instrument that
// the issuer has given a reference for, prepaid electronic money, and a payee that
// is fixed beforehand, as for tuition.
const (
	ExemptProfile    Exemption = "profile"
	ExemptReference  Exemption = "instrument-ref"
	ExemptEMoney     Exemption = "e-money"
	ExemptFixedPayee Exemption = "fixed-payee"
)

// Floor is the least order amount, in minor units, for which amount
// authentication is offered in a currency: it bounds the chance of a guess
// (KECIS-META-015).
type Floor struct {
	Currency string
	Least    int64
}

// Role is what a party says of itself in one role. Amounts are in minor units;
// durations are whole seconds.
type Role struct {
	Name RoleName
	// Versions are the namespaces of the protocol that are spoken.
	Versions  []string
	Endpoints []Endpoint
	// Methods, Currencies, Instalments, Captures and the rest say what a payment
	// may be; what is not declared is refused (KECIS-META-014).
	Methods     []Method
	Currencies  []CurrencyLimits
	Instalments Instalments
	Captures    Captures
	// Parts: an order may be paid in several parts (OrderRef, Part above 1).
	Parts bool
	// PartialCancellation: a payment may be cancelled in part.
	PartialCancellation bool
	// Lookup: the back end can be asked what became of a request. Without it an
	// unknown result is always reversed.
	Lookup bool
	// ReversalCutOff is how long after its IssueInstant a request can be reversed.
	ReversalCutOff time.Duration
	// HoldTime is how long an authorisation holds money.
	HoldTime time.Duration
	// Routes is the routing table: which issuer, with which key, a number goes to.
	Routes []Route
	// EncryptionKeys are the role's own, to which instruments are encrypted.
	EncryptionKeys []EncryptionKey
	// Algorithms are the URIs of the algorithms that are accepted.
	Algorithms     []string
	Authentication []AuthenticationRule
	AmountFloors   []Floor
	// SecurityLevel is the level of ITU-T Y.2740 that is claimed, 1 to 4; 0 is
	// none claimed.
	SecurityLevel int
	// MutualTLS: the endpoints ask for a TLS client certificate.
	MutualTLS bool
}

// Endpoint returns the location of the service in the binding.
func (r *Role) Endpoint(service Service, binding Binding) (location string, ok bool) {
	for _, e := range r.Endpoints {
		if e.Service == service && e.Binding == binding {
			return e.Location, true
		}
	}
	return "", false
}

// Currency returns the limits of the currency, if it is taken.
func (r *Role) Currency(code string) (CurrencyLimits, bool) {
	for _, c := range r.Currencies {
		if c.Currency == code {
			return c, true
		}
	}
	return CurrencyLimits{}, false
}

// CommonVersion returns the first of these versions, which stand in the order
// of preference, that the role speaks too.
func (r *Role) CommonVersion(own ...string) (string, bool) {
	for _, v := range own {
		if slices.Contains(r.Versions, v) {
			return v, true
		}
	}
	return "", false
}
