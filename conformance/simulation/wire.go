package simulation

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"

	"github.com/kecis/sdk/conformance"
)

// Documents of a world are written by the SDK, in canonical form; what the judge
// needs of them is read by looking for names and attributes. A suite that tests
// others reads with the SDK's decoder.

// rootName returns the local name of a document's root: "PaymentRequest".
func rootName(doc []byte) string {
	name := enclosed(doc, "<", " ")
	if i := bytes.IndexByte(name, ':'); i >= 0 {
		name = name[i+1:]
	}
	return string(name)
}

// enclosed returns what stands between the first occurrence of a start and the
// next of an end.
func enclosed(doc []byte, start, end string) []byte {
	i := bytes.Index(doc, []byte(start))
	if i < 0 {
		return nil
	}
	doc = doc[i+len(start):]
	j := bytes.Index(doc, []byte(end))
	if j < 0 {
		return nil
	}
	return doc[:j]
}

// element is the start tag and content of the first element of a name; nil if
// there is none.
func element(doc []byte, name string) []byte {
	i := bytes.Index(doc, []byte("<"+name+" "))
	if i < 0 {
		i = bytes.Index(doc, []byte("<"+name+">"))
	}
	if i < 0 {
		return nil
	}
	doc = doc[i:]
	if j := bytes.Index(doc, []byte("</"+name+">")); j >= 0 {
		doc = doc[:j]
	}
	return doc
}

// attribute returns an attribute of the start tag that element begins with.
func attribute(element []byte, name string) string {
	start, _, _ := bytes.Cut(element, []byte{'>'})
	return string(enclosed(start, " "+name+`="`, `"`))
}

func number(s string) int64 {
	n, _ := strconv.ParseInt(s, 10, 64) // 0 where nothing stands
	return n
}

func instant(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}
	}
	return t
}

// digestOf is of the whole document: repeats in a world are byte for byte, or
// signed anew over the same octets, which a signature of P-256 does not show.
func digestOf(doc []byte) string {
	if i := bytes.Index(doc, []byte("<ds:Signature")); i >= 0 {
		if j := bytes.Index(doc[i:], []byte("</ds:Signature>")); j >= 0 {
			h := sha256.New()
			_, _ = h.Write(doc[:i])
			_, _ = h.Write(doc[i+j:])
			return hex.EncodeToString(h.Sum(nil)[:8])
		}
	}
	sum := sha256.Sum256(doc)
	return hex.EncodeToString(sum[:8])
}

// orderOf reads the OrderRef of a document.
func orderOf(doc []byte) conformance.Order {
	e := element(doc, "kecis:OrderRef")
	return conformance.Order{
		Requester: attribute(e, "Requester"), OrderID: attribute(e, "OrderID"),
		Attempt: int(number(attribute(e, "Attempt"))), Part: int(number(attribute(e, "Part"))),
	}
}

// requestOf reads a request.
func requestOf(doc []byte) conformance.Request {
	money, original := element(doc, "kecis:Amount"), element(doc, "kecis:Original")
	return conformance.Request{
		Kind: rootName(doc), ID: attribute(doc, "ID"), Digest: digestOf(doc),
		Issued: instant(attribute(doc, "IssueInstant")), Deadline: instant(attribute(doc, "NotOnOrAfter")),
		Order:           orderOf(doc),
		OriginalRequest: content(original, "kecis:RequestID"), OriginalTransaction: content(original, "kecis:TransactionID"),
		Currency: attribute(money, "Currency"), Amount: number(firstText(money)), OrderAmount: number(attribute(money, "Order")),
		Capture:        attribute(element(doc, "kecis:Terms"), "Capture"),
		Authentication: attribute(element(doc, "kecis:Terms"), "Purpose") != "",
	}
}

func content(doc []byte, name string) string { return firstText(element(doc, name)) }

// firstText returns the text after the start tag that element begins with.
func firstText(element []byte) string {
	_, text, _ := bytes.Cut(element, []byte{'>'})
	text, _, _ = bytes.Cut(text, []byte{'<'})
	return string(text)
}

// answerOf reads an answer; nil if it is none.
func answerOf(doc []byte) *conformance.Answer {
	status := element(doc, "samlp:Status")
	detail := element(doc, "kecis:Detail")
	if status == nil || detail == nil {
		return nil
	}
	const reason = "urn:kecis:1.0:status:"
	a := &conformance.Answer{
		ID: attribute(doc, "ID"), Digest: digestOf(doc), Issued: instant(attribute(doc, "IssueInstant")),
		Code: string(enclosed(status, reason, `"`)), Outcome: attribute(detail, "Outcome"), Retry: attribute(detail, "Retry"),
		Payment: paymentOf(element(doc, "kecis:Transaction")),
	}
	if result := element(doc, "kecis:Result"); result != nil {
		a.ResultCode, a.ResultOutcome = attribute(result, "Code"), attribute(result, "Outcome")
	}
	return a
}

// paymentOf reads a transaction; nil for none.
func paymentOf(transaction []byte) *conformance.Payment {
	if transaction == nil {
		return nil
	}
	money, balance := element(transaction, "kecis:Amount"), element(transaction, "kecis:Balance")
	return &conformance.Payment{
		Transaction: attribute(transaction, "TransactionID"), State: attribute(transaction, "State"),
		Currency: attribute(money, "Currency"), Amount: number(firstText(money)),
		Captured: number(attribute(balance, "Captured")), Cancelled: number(attribute(balance, "Cancelled")),
		Cancellable: number(attribute(balance, "Cancellable")), Expires: instant(attribute(transaction, "Expires")),
	}
}
