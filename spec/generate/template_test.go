package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kecis/sdk/spec"
)

// program uses a generated file as a package would, and prints what a caller
// of the package and a reader of its log get to see.
const program = `package main

import (
	"errors"
	"fmt"
)

func main() {
	e := &Error{code: ErrFirst, expected: "a thing", found: quote("x"), place: "line 1", cause: errors.New("inner")}
	var err error = fmt.Errorf("around: %w", e)
	fmt.Println(errors.Is(err, ErrFirst), errors.Is(err, ErrSecond), errors.Unwrap(e) != nil)
	fmt.Println(e)
	fmt.Println(e.Code(), e.Clause(), e.Text("ko"), e.Text("ko-KR"), e.Text("fr"), e.Text("kok"))
	fmt.Println(ErrSecond)
	fmt.Println(ErrSecond.Layer(), ErrSecond.Wire(), ErrSecond.Outcome(), ErrSecond.Retry())
	fmt.Printf("%q %q\n", Code("other").Clause(), Code("other").Text("en"))
	for _, s := range []string{
		"4111111111111111", "4111 1111 1111 1111", "4111-1111-1111-1111", "4111.1111.1111.1111", "4111/1111_1111\u00a01111",
		"４１１１１１１１１１１１１１１１", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
		"a\nb\x00c\x1b[31m\u202ed\"e\\f\xff", "사과",
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0",
		"12345678901", "123456789012", "2026-11-24T09:00:00Z", "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee4111111111111111",
	} {
		fmt.Println(quote(s))
	}
}
`

const printed = `true false true
a-first (KECIS-XML-001): First. Expected a thing, found "x". At line 1.
a-first KECIS-XML-001 첫째. 첫째. First. First.
a-second: Say "second".
xml malformed unknown same-id
"" ""
"411111**********"
"4111 11** **** ****"
"4111-11**-****-****"
"4111.11**.****.****"
"4111/11**_****?****"
"４１１１１１**********"
"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
"a?b?c?[31m?d?e?f?"
"사과"
"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef..."
"12345678901"
"123456******"
"2026-11-24T09:00:00Z"
"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee411111********..."
`

func TestGeneratedErrors(t *testing.T) {
	code, err := errorFile("main", []spec.Entry{
		{Code: "a-first", Name: "First", Clause: "KECIS-XML-001", Layer: "xml", Wire: "malformed", Outcome: "unknown", Retry: "same-id", En: "First.", Ko: "첫째."},
		{Code: "a-second", Name: "Second", Clause: "KECIS-XML-002", Layer: "xml", Wire: "malformed", Outcome: "unknown", Retry: "same-id", En: `Say "second".`, Ko: "둘째."},
	})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	files := []string{filepath.Join(dir, "errors.go"), filepath.Join(dir, "main.go")}
	for i, content := range [][]byte{code, []byte(program)} {
		if err := os.WriteFile(files[i], content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.Command("go", append([]string{"run"}, files...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	got, want := strings.Split(string(out), "\n"), strings.Split(printed, "\n")
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			t.Errorf("line %d is missing, want %s", i+1, want[i])
		case i >= len(want):
			t.Errorf("line %d is %s, want none", i+1, got[i])
		case got[i] != want[i]:
			t.Errorf("line %d is\n%s, want\n%s", i+1, got[i], want[i])
		}
	}
}
