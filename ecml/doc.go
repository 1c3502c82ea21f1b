// Package ecml is the Electronic Commerce Modeling Language, version 2 (RFC
// 4112): the data of a purchase (who buys, where to ship, how to pay, what
// the processor said) as Go types, with codecs for its two written forms, XML
// elements and HTML form fields. It also reads forms of versions 1.0 (RFC
// 2706) and 1.1 (RFC 3106) and XML of version 1.1.
//
// [ParseXML] and [DecodeXML] read XML, [Ecom.EncodeXML] and [Ecom.AppendXML]
// write it in exclusive canonical form; [DecodeForm] and [Ecom.Form] do the
// same for HTML forms. The codecs take what the RFC's grammar allows, repeats
// included, and lose nothing in silence. Whether the values mean anything is
// told by [Ecom.Validate] and [Ecom.ValidateForm], and whether the data may
// stand in a KECIS message by [Ecom.CheckProfile].
//
// One table, [Fields], drives all of it: a row for each of the 115 fields,
// with its form name, its place in XML, type, size, version and sensitivity.
//
// Card numbers, verification values, passwords and track data are types that
// show themselves masked to fmt, encoding/json, encoding/xml and log/slog;
// only their method Reveal gives the value.
//
// Every refusal is an *[Error] with a stable [Code] (KECIS-ECML-001 and on)
// and the path of the field. The package has no state and does no I/O; it
// never fetches a URL that it finds.
package ecml
