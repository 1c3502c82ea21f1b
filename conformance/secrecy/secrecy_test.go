package secrecy_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/kecis/sdk/conformance/secrecy"
)

const number = "4000001200000016"

// TestIn hides a number in every way, at every alignment, and finds it.
func TestIn(t *testing.T) {
	n := secrecy.Search("5100001200000012", number)
	escaped := strings.Builder{}
	for _, r := range number {
		fmt.Fprintf(&escaped, `\u%04X`, r)
	}
	hidden := map[string][]byte{
		"plain":     []byte("card=" + number + ";"),
		"blanks":    []byte("4000 0012 0000 0016"),
		"hyphens":   []byte("4000-0012-0000-0016"),
		"dashes":    []byte("4000–0012–0000–0016"),
		"lines":     []byte("4000\n  0012\n  0000\n  0016"),
		"between":   []byte("12 4000 0012 0000 0016 34"),
		"JSON list": mustJSON(t, strings.Split("4000 0012 0000 0016", " ")),
		"hex":       []byte(strings.ToUpper(hex.EncodeToString([]byte("x" + number)))),
		"escapes":   []byte(escaped.String()),
		"query":     []byte(url.QueryEscape("c=" + number)),
		"quoted":    fmt.Appendf(nil, "%v", []byte(number)),
		"backwards": []byte("6100000021000004"),
		"packed":    mustHex(t, "01"+number+"02"),
		"shifted":   mustHex(t, "0"+number+"0"),
		"integer":   binary.BigEndian.AppendUint64(nil, 4000001200000016),
	}
	for at := range 4 {
		text := strings.Repeat("<", at) + number + strings.Repeat(">", 7-at)
		once := base64.StdEncoding.EncodeToString([]byte(text))
		hidden[fmt.Sprintf("base64 %d", at)] = []byte(once)
		hidden[fmt.Sprintf("base64url %d", at)] = []byte(base64.RawURLEncoding.EncodeToString([]byte(text)))
		for inner := range 3 {
			hidden[fmt.Sprintf("base64 twice %d %d", at, inner)] = []byte(base64.StdEncoding.EncodeToString([]byte(strings.Repeat("/", inner) + once)))
		}
		hidden[fmt.Sprintf("dump of base64 %d", at)] = []byte(`\x` + hex.EncodeToString([]byte(once)))
	}
	for name, text := range hidden {
		if got := n.In(append([]byte("some other text, 2026-11-24T09:00:00Z "), text...)); len(got) == 0 || got[0].Masked != "400000******0016" {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestNotIn: what is masked, or is another number, is not found.
func TestNotIn(t *testing.T) {
	n := secrecy.Search(number)
	for _, text := range []string{
		"", "400000******0016", `"First6":"400000","Last4":"0016"`, "400000 0016", "4000001200000024", "2026-11-24 09:00:00 400000 12",
		base64.StdEncoding.EncodeToString([]byte("400000******0016")),
	} {
		if got := n.In([]byte(text)); len(got) > 0 {
			t.Errorf("%q: %v", text, got)
		}
	}
	large := bytes.Repeat([]byte("0123456789 ,"), 1<<16)
	if got := n.In(large); len(got) > 0 {
		t.Error(got)
	}
}

func mustHex(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func mustJSON(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
