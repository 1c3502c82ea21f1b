package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/kecis/sdk/kecis/xmlsig"
	"github.com/kecis/sdk/kecis/xmltree"
)

// shape is a document that somebody sends to make a verifier slow. Each is cut
// to a size in bytes; it holds a signature where a message holds one, so that
// the verifier goes as far as it can.
type shape struct {
	name string
	// body returns the inside of the root.
	body func(size int) string
	root string // attributes of the root
}

// shapes are those that verifiers and parsers have been slow on.
func shapes() []shape {
	repeat := func(size int, unit func(i int) string) string {
		var b strings.Builder
		for i := 0; b.Len() < size; i++ {
			b.WriteString(unit(i))
		}
		return b.String()
	}
	number := strconv.Itoa
	return []shape{
		{name: "honest lines", body: func(size int) string {
			return repeat(size, func(i int) string {
				return `<kecis:Line Amount="1000" Kind="item" Quantity="1">장미 ` + number(i) + `</kecis:Line>`
			})
		}},
		{name: "half declarations, half siblings", body: func(size int) string {
			return "<a " + repeat(size/2, func(i int) string { return ` xmlns:p` + number(i) + `="urn:p"` }) + ">" +
				repeat(size/2, func(int) string { return "<b/>" }) + "</a>"
		}},
		{name: "siblings that use many declarations", body: func(size int) string {
			const n = 40
			var declarations strings.Builder
			for i := range n {
				declarations.WriteString(` xmlns:p` + number(i) + `="urn:p"`)
			}
			return "<a" + declarations.String() + ">" +
				repeat(size-n*20, func(i int) string { return "<p" + number(i%n) + ":b/>" }) + "</a>"
		}},
		{name: "comments", body: func(size int) string { return repeat(size, func(int) string { return "<!---->" }) }},
		{name: "attributes on one element", body: func(size int) string {
			return "<a" + repeat(size, func(i int) string { return " a" + number(i) + `=""` }) + "/>"
		}},
		{name: "attributes in reverse order", body: func(size int) string {
			return repeat(size, func(int) string {
				return "<a" + repeat(600, func(i int) string { return " a" + number(99-i) + `=""` }) + "/>"
			})
		}},
		{name: "a new prefix at each level", body: func(size int) string {
			open := repeat(size*3/4, func(i int) string { return "<p" + number(i) + ":a xmlns:p" + number(i) + `="urn:p">` })
			depth := strings.Count(open, "<")
			var b strings.Builder
			b.WriteString(open)
			for i := depth - 1; i >= 0; i-- {
				b.WriteString("</p" + number(i) + ":a>")
			}
			return b.String()
		}},
		{name: "deep nesting", body: func(size int) string {
			return strings.Repeat("<a>", size/7) + strings.Repeat("</a>", size/7)
		}},
		{name: "character references", body: func(size int) string {
			return "<a>" + repeat(size, func(int) string { return "&#13;" }) + "</a>"
		}},
		{name: "character references in a value", body: func(size int) string {
			return `<a b="` + repeat(size, func(int) string { return "&#x9;" }) + `"/>`
		}},
		{name: "line ends", body: func(size int) string { return "<a>" + strings.Repeat("\r\n", size/2) + "</a>" }},
		{name: "foreign signatures", body: func(size int) string {
			return repeat(size, func(int) string { return `<ds:Signature xmlns:ds="` + xmlsig.Namespace + `"/>` })
		}},
		{name: "identifiers", body: func(size int) string {
			return repeat(size, func(i int) string { return `<a ID="i` + number(i) + `"/>` })
		}},
		{name: "one namespace more at each sibling", body: func(size int) string {
			return repeat(size, func(i int) string { return `<a xmlns="urn:` + number(i) + `"/>` })
		}},
	}
}

// document puts the shape into a root with a sender, and signs it if it can be.
func (s shape) document(signer *xmlsig.Signer, profile xmlsig.Profile, size int) []byte {
	const head = `<kecis:List xmlns:kecis="urn:kecis:1.0:protocol" ID="` + listID + `"><saml:Issuer xmlns:saml="` +
		xmlsig.SAMLAssertionNamespace + `">https://pg.example/kecis</saml:Issuer>`
	doc := []byte(head + s.body(size-len(head)) + "</kecis:List>")
	if signed, err := signer.Sign(doc, profile); err == nil {
		return signed
	}
	return doc
}

// runShapes prints, for each shape and for the limits as they are and widened,
// whether it is refused, its time per byte beside that of honest lines, and how
// its time grows with its size (1 is linear).
func runShapes(out io.Writer, signer *xmlsig.Signer, windows int, length time.Duration) error {
	profile := xmlsig.Message(xmlsig.Name{Space: "urn:kecis:1.0:protocol", Local: "List"})
	// Signed with the same limits, so that nothing but the shape stops a verifier.
	wide := xmltree.Limits{Depth: 1 << 20, Elements: 1 << 20, Attributes: 1 << 20, Namespaces: 1 << 20}
	for _, limits := range []struct {
		name   string
		limits xmltree.Limits
	}{{"standard limits", xmltree.Limits{}}, {"widened limits", wide}} {
		verifier := &xmlsig.Verifier{Profile: profile, Limits: limits.limits}
		signer.Limits = limits.limits
		table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
		fmt.Fprintf(table, "\nhostile shapes, %s\t64 KB\tper byte\tgrowth 64 to 256 KB\t\n", limits.name)
		honest := 0.0
		for _, s := range shapes() {
			small, verdict := s.measure(verifier, signer, profile, 64<<10, windows, length)
			large, _ := s.measure(verifier, signer, profile, 256<<10, windows, length)
			if honest == 0 {
				honest = small
			}
			growth := math.Log(large*4/small) / math.Log(4)
			fmt.Fprintf(table, "%s\t%.1f µs\t%.2f x\t%.2f\t  %s\n", s.name, small*(64<<10)/1e3, small/honest, growth, verdict)
		}
		if err := table.Flush(); err != nil {
			return err
		}
	}
	return nil
}

// measure returns nanoseconds per byte, and what became of the document.
func (s shape) measure(verifier *xmlsig.Verifier, signer *xmlsig.Signer, profile xmlsig.Profile, size, windows int, length time.Duration) (perByte float64, verdict string) {
	doc := s.document(signer, profile, size)
	keys := xmlsig.Keys{signer.Public()}
	verdict = "accepted"
	c := &contender{name: s.name, do: func(n int) error {
		for range n {
			verified, err := verifier.Verify(context.Background(), doc, keys)
			if err != nil {
				verdict = "refused: " + code(err)
				continue
			}
			verified.Release()
		}
		return nil
	}}
	r := &race{name: s.name, contenders: []*contender{c}}
	if err := r.run(windows, length); err != nil {
		return 0, err.Error()
	}
	return float64(c.best.Nanoseconds()) / float64(len(doc)), verdict
}

func code(err error) string {
	if coded, ok := err.(interface{ Code() string }); ok {
		return coded.Code()
	}
	return err.Error()
}
