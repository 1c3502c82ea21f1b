package xmltree_test

import (
	"errors"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/kecis/sdk/kecis/xmltree"
)

// bounded says how to reach a limit: document makes one that has n of what the
// field bounds.
type bounded struct {
	code     xmltree.Code
	standard int
	set      func(n int) xmltree.Limits
	document func(n int) string
}

func bounds() map[string]bounded {
	numbered := func(n int, text func(i string) string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(text(strconv.Itoa(i)))
		}
		return b.String()
	}
	return map[string]bounded{
		"Bytes": {xmltree.ErrTooLarge, xmltree.MaxBytes, func(n int) xmltree.Limits { return xmltree.Limits{Bytes: n} },
			func(n int) string { return "<a>" + strings.Repeat("x", n-len("<a></a>")) + "</a>" }},
		"Depth": {xmltree.ErrTooDeep, xmltree.MaxDepth, func(n int) xmltree.Limits { return xmltree.Limits{Depth: n} },
			func(n int) string { return strings.Repeat("<a>", n) + strings.Repeat("</a>", n) }},
		"Elements": {xmltree.ErrTooManyElements, xmltree.MaxElements, func(n int) xmltree.Limits { return xmltree.Limits{Elements: n} },
			func(n int) string { return "<a>" + strings.Repeat("<b/>", n-1) + "</a>" }},
		"Attributes": {xmltree.ErrTooManyAttributes, xmltree.MaxAttributes, func(n int) xmltree.Limits { return xmltree.Limits{Attributes: n} },
			func(n int) string {
				// Declarations are no attributes.
				return `<a xmlns:p="urn:p" ` + numbered(n, func(i string) string { return " a" + i + `=""` }) + "/>"
			}},
		"Namespaces": {xmltree.ErrTooManyNamespaces, xmltree.MaxNamespaces, func(n int) xmltree.Limits { return xmltree.Limits{Namespaces: n} },
			func(n int) string {
				// What has gone out of scope does not count.
				return `<a><b xmlns:gone="urn:gone"/><c` + numbered(n-1, func(i string) string { return " xmlns:a" + i + `="urn:a"` }) +
					`><d xmlns:last="urn:last"/></c></a>`
			}},
		"Name": {xmltree.ErrNameTooLong, xmltree.MaxName, func(n int) xmltree.Limits { return xmltree.Limits{Name: n} },
			func(n int) string { return "<" + strings.Repeat("a", n) + "/>" }},
		"URI": {xmltree.ErrNameTooLong, xmltree.MaxURI, func(n int) xmltree.Limits { return xmltree.Limits{URI: n} },
			func(n int) string { return `<a xmlns="urn:` + strings.Repeat("u", n-len("urn:")) + `"/>` }},
	}
}

// TestLimits goes to each limit and one past it: as it is by default, and as a
// caller sets it.
func TestLimits(t *testing.T) {
	fields := reflect.TypeFor[xmltree.Limits]()
	all := bounds()
	if len(all) != fields.NumField() {
		t.Errorf("%d limits are tested, %d exist", len(all), fields.NumField())
	}
	for field := range fields.Fields() {
		name := field.Name
		b, ok := all[name]
		if !ok {
			t.Errorf("%s has no test", name)
			continue
		}
		const own = 20
		for _, test := range []struct {
			name   string
			limits xmltree.Limits
			limit  int
		}{
			{"default", xmltree.Limits{}, b.standard},
			{"less than nothing", b.set(-1), b.standard},
			{"set", b.set(own), own},
		} {
			t.Run(name+"/"+test.name, func(t *testing.T) {
				parser := &xmltree.Parser{Limits: test.limits}
				if _, err := parser.Parse([]byte(b.document(test.limit))); err != nil {
					t.Errorf("at the limit: %v", err)
				}
				tree, err := parser.Parse([]byte(b.document(test.limit + 1)))
				if !errors.Is(err, b.code) {
					t.Errorf("one past the limit: %v, want %s", err, string(b.code))
				}
				if !tree.Root().IsZero() {
					t.Error("a refused document left a tree")
				}
			})
		}
	}
}
