package xmlenc

import (
	"encoding/base64"
	"strconv"
	"time"

	"github.com/kecis/sdk/kecis/xmltree"
)

// content is what is encrypted: the document kecis:Sealed (KECIS-ENC-017).
type content struct {
	context Context
	nonce   [contentNonceSize]byte
	payload []byte
}

// contentNonceSize makes every plaintext one that cannot be guessed, even where
// the payload can (a card number has few unknown digits).
const contentNonceSize = 16

// timeLayout is xs:dateTime in UTC to the second.
const timeLayout = "2006-01-02T15:04:05Z"

// The children of kecis:Sealed, in order.
const (
	atRecipient = iota
	atPayee
	atRequester
	atOrder
	atPart
	atAmount
	atCurrency
	atNotOnOrAfter
	atNonce
	atPayload
	numFields
)

// fieldNames returns the local names of the children.
func fieldNames() [numFields]string {
	return [numFields]string{
		"Recipient", "Payee", "Requester", "Order", "Part",
		"Amount", "Currency", "NotOnOrAfter", "Nonce", "Payload",
	}
}

// encode writes the document. The context has been checked.
func (c *content) encode() ([]byte, error) {
	values := [numFields]string{
		atRecipient:    c.context.Recipient,
		atPayee:        c.context.Payee,
		atRequester:    c.context.Requester,
		atOrder:        c.context.Order,
		atPart:         c.context.Part,
		atAmount:       strconv.FormatInt(c.context.Amount, 10),
		atCurrency:     c.context.Currency,
		atNotOnOrAfter: c.context.NotOnOrAfter.UTC().Format(timeLayout),
		atNonce:        base64.StdEncoding.EncodeToString(c.nonce[:]),
		atPayload:      base64.StdEncoding.EncodeToString(c.payload),
	}
	size := 512 // the tags and the short values
	for _, v := range values {
		size += len(v)
	}
	w := xmltree.NewWriter(make([]byte, 0, size), xmltree.Namespace{Prefix: "kecis", URI: nsContent})
	w.Start("kecis", "Sealed")
	for i, name := range fieldNames() {
		w.Leaf("kecis", name, values[i])
	}
	w.End()
	return w.Bytes()
}

// decode reads a decrypted document. It tells no reason: all of it is secret.
func decode(doc []byte) (c content, ok bool) {
	parser := xmltree.Parser{Limits: xmltree.Limits{
		Bytes: MaxPlaintext, Depth: 2, Elements: 1 + numFields, Attributes: 1, Namespaces: 4,
	}}
	tree, err := parser.Open(doc)
	if err != nil {
		return content{}, false
	}
	root := tree.Root()
	if !root.Is(nsContent, "Sealed") || root.NumAttrs() > 0 || root.StrayText() {
		return content{}, false
	}
	var fields [numFields]xmltree.Element
	e := root.First()
	for i, name := range fieldNames() {
		if !e.Is(nsContent, name) || e.NumAttrs() > 0 {
			return content{}, false
		}
		fields[i] = e
		e = e.Next()
	}
	if !e.IsZero() {
		return content{}, false
	}
	return c, c.set(&fields)
}

func (c *content) set(fields *[numFields]xmltree.Element) bool {
	amount, ok := parseAmount(fields[atAmount].Text())
	if !ok {
		return false
	}
	end := fields[atNotOnOrAfter].Text()
	notOnOrAfter, err := time.Parse(timeLayout, end)
	if err != nil || notOnOrAfter.Format(timeLayout) != end {
		return false
	}
	c.context = Context{
		Recipient:    fields[atRecipient].Text(),
		Payee:        fields[atPayee].Text(),
		Requester:    fields[atRequester].Text(),
		Order:        fields[atOrder].Text(),
		Part:         fields[atPart].Text(),
		Amount:       amount,
		Currency:     fields[atCurrency].Text(),
		NotOnOrAfter: notOnOrAfter,
	}
	nonce, ok := decodeBase64(fields[atNonce].AppendText(nil))
	if !ok || len(nonce) != contentNonceSize {
		return false
	}
	copy(c.nonce[:], nonce)
	c.payload, ok = decodeBase64(fields[atPayload].AppendText(nil))
	return ok && len(c.payload) > 0 && len(c.payload) <= MaxPayload
}

// parseAmount reads [1-9][0-9]{0,14}.
func parseAmount(s string) (int64, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && n >= 1 && n <= maxAmount && strconv.FormatInt(n, 10) == s
}

// decodeBase64 decodes text in place. It takes the white space that
// xs:base64Binary allows, and else only canonical base64: padded, with no bits
// left over.
func decodeBase64(text []byte) (out []byte, ok bool) {
	n := 0
	for _, c := range text {
		switch c {
		case ' ', '\t', '\n', '\r':
		default:
			text[n] = c
			n++
		}
	}
	// Decoding in place is safe: what is written never overtakes what is read.
	decoded, err := base64.StdEncoding.Strict().Decode(text[:n], text[:n])
	return text[:decoded], err == nil
}
