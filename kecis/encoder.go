package kecis

import (
	"strconv"
	"time"

	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis/xmlenc"
	"github.com/kecis/sdk/kecis/xmltree"
)

// encoder writes one message and keeps the first thing that a message may not
// carry, so that nothing is signed that a decoder would refuse.
type encoder struct {
	w   *xmltree.Writer
	err error
	in  string // the element at hand, for refusals
	at  int    // where ds:Signature belongs

	room []byte // for values that are built
}

// newEncoder returns an encoder that appends to buf.
func newEncoder(buf []byte) *encoder {
	return &encoder{room: make([]byte, 0, 64), w: xmltree.NewWriter(buf, append(xmlenc.Namespaces(),
		xmltree.Namespace{Prefix: "kecis", URI: Namespace},
		xmltree.Namespace{Prefix: "saml", URI: nsSAML},
		xmltree.Namespace{Prefix: "samlp", URI: nsSAMLP},
	)...)}
}

func (e *encoder) start(prefix, local string) {
	e.in = local
	e.w.Start(prefix, local)
}

func (e *encoder) refuse(code Code, local, expected, found string) {
	if e.err == nil {
		e.err = &Error{code: code, expected: expected, found: quote(found), place: e.in + "/@" + local}
	}
}

func (e *encoder) attr(local, value string) { e.w.Attr("", local, value) }

func (e *encoder) id(local string, id ID) {
	if !validID(string(id)) {
		e.refuse(ErrID, local, idForm, string(id))
	}
	e.attr(local, string(id))
}

func (e *encoder) instant(local string, t time.Time) {
	e.room = appendInstant(e.room[:0], t)
	if len(e.room) == 0 || t.IsZero() {
		e.refuse(ErrTime, local, instantForm, string(e.room))
	}
	e.w.AttrBytes("", local, e.room)
}

func (e *encoder) uri(local, s string) {
	if !validURI(s) {
		e.refuse(ErrValue, local, uriForm, s)
	}
	e.attr(local, s)
}

func (e *encoder) token(local, s string, least, most int, form string) {
	if !token(s, least, most) {
		e.refuse(ErrValue, local, form, s)
	}
	e.attr(local, s)
}

func (e *encoder) line(local, s string, most int) {
	e.text(local, s, most)
	e.attr(local, s)
}

// text refuses what attributes.text refuses.
func (e *encoder) text(local, s string, most int) {
	if !validText(s, most) {
		e.refuse(ErrValue, local, textForm, s)
	} else if ecml.HoldsCardNumber(s) {
		e.refuse(ErrCardInText, local, "a text without the number of a card", "one")
	}
}

func (e *encoder) count(local string, n, most int) {
	if n < 1 || n > most {
		e.refuse(ErrValue, local, "1 to "+strconv.Itoa(most), strconv.Itoa(n))
	}
	e.number(local, int64(n))
}

func (e *encoder) number(local string, n int64) {
	e.room = strconv.AppendInt(e.room[:0], n, 10)
	e.w.AttrBytes("", local, e.room)
}

func (e *encoder) part(local string, n int64) {
	if n < 0 || n > MaxMinor {
		e.refuse(ErrAmount, local, partForm, strconv.FormatInt(n, 10))
	}
	e.number(local, n)
}

func (e *encoder) choice(local, value string) {
	if value == "" {
		e.refuse(ErrMissing, local, "a value", "none")
	}
	e.attr(local, value)
}

func (e *encoder) bool(local string, b bool) { e.attr(local, strconv.FormatBool(b)) }

// leaf writes an element that holds only a line of text.
func (e *encoder) leaf(local, s string, most int) {
	e.in = local
	e.text("text()", s, most)
	e.w.Leaf("kecis", local, s)
}
