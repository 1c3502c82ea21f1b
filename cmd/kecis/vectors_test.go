package main

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/kecis/sdk/spec/vectors"
)

// TestEveryVectorCanBeShown gives every document of the test vectors, the
// hostile ones too, to the commands that read documents: each ends with an exit
// code for input, in both languages and as JSON, and no card number is shown.
func TestEveryVectorCanBeShown(t *testing.T) {
	index, err := vectors.Load(vectors.FS)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "stranger")
	if code, _, problem := runKecis("", "keygen", name); code != exitOK {
		t.Fatal(problem)
	}
	key := filesOf(name, useSigning).public
	card := regexp.MustCompile(`4[0-9]{15}`)
	for _, v := range index.Vectors {
		content, err := fs.ReadFile(vectors.FS, v.File)
		if err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{
			{"inspect", "-"},
			{"inspect", "--lang", "ko", "--json", "--key", key, "-"},
			{"verify", "--key", key, "-"},
			{"ecml", "show", "-"},
		} {
			code, out, problem := runKecis(string(content), args...)
			if code != exitOK && code != exitRefused {
				t.Errorf("%s: kecis %s ended with %d: %s", v.ID, strings.Join(args, " "), code, problem)
			}
			if found := card.FindString(withoutHex(out + problem)); found != "" {
				t.Errorf("%s: kecis %s shows %s", v.ID, strings.Join(args, " "), found)
			}
			if args[0] == "verify" && code == exitOK {
				t.Errorf("%s: verified with a key that has signed nothing", v.ID)
			}
			if args[1] == "--lang" && !json.Valid([]byte(out)) {
				t.Errorf("%s: not JSON: %s", v.ID, out)
			}
		}
	}
}

// withoutHex leaves out key names and message IDs, in which digits are chance.
func withoutHex(text string) string {
	return regexp.MustCompile(`(sha256:|_)[0-9a-f]{40,64}`).ReplaceAllString(text, "")
}

// runKecis runs the program in this process.
func runKecis(stdin string, args ...string) (code exitCode, stdout, stderr string) {
	var out, problem bytes.Buffer
	a := &app{
		stdin:  strings.NewReader(stdin),
		stdout: &out,
		stderr: &problem,
		env:    func(string) string { return "" },
		now:    func() time.Time { return time.Date(2026, 11, 24, 7, 0, 0, 0, time.UTC) },
		random: strings.NewReader(strings.Repeat("random", 100)),
	}
	code = a.run(args)
	return code, out.String(), problem.String()
}

// TestMask holds what may be seen of digits in untrusted text.
func TestMask(t *testing.T) {
	cases := []struct{ text, masked, identifier string }{
		{"", "", ""},
		{"order 123456", "order 123456", "order 123456"},
		{"20261124-000123", "202611**-**0123", "20261124-000123"},
		{"4111111111111111", "411111******1111", "411111******1111"},
		{"4111 1111 1111 1111", "4111 11** **** 1111", "4111 11** **** 1111"},
		{"x4111-1111/1111.1111y", "x4111-11**/****.1111y", "x4111-11**/****.1111y"},
		{"004111111111111111", "004111********1111", "004111********1111"},
		{"411111******1111", "411111******1111", "411111******1111"},
		{"411111111111", "411111******", "411111111111"},
		{"010-1234-5678", "010-123*-****", "010-1234-5678"},
		{"４１１１１１１１１１１１１１１１", "４１１１１１******１１１１", "４１１１１１******１１１１"},
		{"a\x1b[31mb\nc", "a?[31mb c", "a?[31mb c"},
		{"\xff", "?", "?"},
		{strings.Repeat("가", 300), strings.Repeat("가", shownLimit) + "...", strings.Repeat("가", shownLimit) + "..."},
	}
	for _, c := range cases {
		if got := masked(c.text); got != c.masked {
			t.Errorf("masked(%q) = %q, want %q", c.text, got, c.masked)
		}
		if got := identifier(c.text); got != c.identifier {
			t.Errorf("identifier(%q) = %q, want %q", c.text, got, c.identifier)
		}
	}
	for id, want := range map[string]string{
		"_cdd0d047a65b47337289604476647f8a8a45fb03": "_cdd0d047a65b47337289604476647f8a8a45fb03",
		"_4111111111111111411111111111111141111111": "_411111******************************1111",
		"_4111111111111111":                         "_411111******1111",
	} {
		if got := messageID(id); got != want {
			t.Errorf("messageID(%q) = %q, want %q", id, got, want)
		}
	}
}
