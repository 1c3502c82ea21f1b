package xmlsig_test

import (
	"context"
	"errors"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/kecis/sdk/kecis/xmlsig"
	"github.com/kecis/sdk/kecis/xmltree"
)

// swelling is 4 MB whose canonical form has gigabytes: 60 long namespaces are
// declared once, and used by each of many short elements.
func swelling(most int) string {
	var b, short strings.Builder
	b.WriteString("<kecis:Note")
	short.WriteString("<e")
	for i := range 60 {
		n := strconv.Itoa(i)
		b.WriteString(" xmlns:a" + n + `="urn:` + strings.Repeat("x", 1000) + n + `"`)
		short.WriteString(" a" + n + `:x=""`)
	}
	b.WriteString(">")
	short.WriteString("/>")
	b.WriteString(strings.Repeat(short.String(), (most-b.Len()-20)/short.Len()))
	b.WriteString("</kecis:Note>")
	return b.String()
}

// TestSwellingDocument is sent by somebody who has no key, but knows the name
// of a partner: it must not cost a hundred times its size.
func TestSwellingDocument(t *testing.T) {
	const body = `<kecis:Note>a &amp; b</kecis:Note>`
	signer := newSigner(t)
	signed, err := signer.Sign([]byte(unsigned), message)
	if err != nil {
		t.Fatal(err)
	}
	swollen := swelling(xmltree.MaxBytes - 4096)
	doc := []byte(strings.Replace(string(signed), body, swollen, 1))
	verifier := &xmlsig.Verifier{Profile: message}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err = verifier.Verify(context.Background(), doc, xmlsig.Keys{signer.Public()})
	runtime.ReadMemStats(&after)
	if !errors.Is(err, xmltree.ErrTooLarge) {
		t.Errorf("%v, want %s", err, string(xmltree.ErrTooLarge))
	}
	if cost := after.TotalAlloc - before.TotalAlloc; cost > 256<<20 {
		t.Errorf("4 MB took %d MB of memory", cost>>20)
	}
	if err := verifier.Inspect(context.Background(), doc, nil).Err(); !errors.Is(err, xmltree.ErrTooLarge) {
		t.Errorf("Inspect: %v, want %s", err, string(xmltree.ErrTooLarge))
	}
	if _, err := signer.Sign([]byte(strings.Replace(unsigned, body, swollen, 1)), message); !errors.Is(err, xmltree.ErrTooLarge) {
		t.Errorf("Sign: %v, want %s", err, string(xmltree.ErrTooLarge))
	}
}
