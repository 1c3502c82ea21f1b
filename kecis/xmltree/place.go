package xmltree

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
)

// Position returns the line and the column, in bytes, both from 1, where the
// element's start tag begins.
func (e Element) Position() (line, column int) {
	if e.IsZero() {
		return 0, 0
	}
	return position(e.tree.source, int(e.node().source))
}

// Source returns where the element stands in the document, in bytes: its first
// and the first behind it.
func (e Element) Source() (from, to int) {
	if e.IsZero() {
		return 0, 0
	}
	n := e.node()
	return int(n.source), int(n.behind)
}

// Place returns the position for a text: "line 3, column 14".
func (e Element) Place() string {
	if e.IsZero() {
		return ""
	}
	return place(e.tree.source, int(e.node().source))
}

func position(source []byte, offset int) (line, column int) {
	offset = min(offset, len(source))
	before := source[:offset]
	return bytes.Count(before, []byte{'\n'}) + 1, offset - bytes.LastIndexByte(before, '\n')
}

func place(source []byte, offset int) string {
	return placeText(position(source, offset))
}

func placeText(line, column int) string {
	return "line " + strconv.Itoa(line) + ", column " + strconv.Itoa(column)
}

// Path returns where the element stands, as /kecis:PaymentRequest/Ecom/BillTo[2];
// a number is given only where the parent has several of that name. Names are
// shown as errors show them: a long run of digits is masked.
func (e Element) Path() string {
	if e.IsZero() {
		return ""
	}
	var steps []string
	for ; !e.IsZero(); e = e.Parent() {
		steps = append(steps, e.step())
	}
	var b strings.Builder
	for _, step := range slices.Backward(steps) {
		b.WriteByte('/')
		b.WriteString(step)
	}
	return b.String()
}

func (e Element) step() string {
	name := e.tree.string(e.node().name)
	shown := shorten([]byte(name))
	parent := e.Parent()
	if parent.IsZero() {
		return shown
	}
	index, count := 0, 0
	for c := range parent.Children() {
		if e.tree.string(c.node().name) == name {
			count++
		}
		if c == e {
			index = count
		}
	}
	if count == 1 {
		return shown
	}
	return shown + "[" + strconv.Itoa(index) + "]"
}
