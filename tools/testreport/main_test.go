package main

import (
	"strings"
	"testing"
)

func TestReport(t *testing.T) {
	const passing = `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestA","Output":"chatter\n"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Output":"PASS\n"}
{"Action":"output","Package":"p","Output":"ok  \tp\t0.1s\n"}
{"Action":"pass","Package":"p"}
`
	cases := []struct {
		name, in string
		ok       bool
		want     []string
		not      string
	}{
		{
			name: "passed", in: passing, ok: true,
			want: []string{"ok  \tp\t0.1s\n", "1 passed, 0 failed, 0 skipped"}, not: "chatter",
		},
		{
			name: "failed", in: passing + `{"Action":"output","Package":"q","Test":"TestB","Output":"want 1, got 2\n"}
{"Action":"fail","Package":"q","Test":"TestB"}
{"Action":"output","Package":"q","Output":"FAIL\tq\t0.1s\n"}
{"Action":"fail","Package":"q"}
`,
			want: []string{"want 1, got 2", "1 failed"}, not: "chatter",
		},
		{
			name: "skipped", in: passing + `{"Action":"output","Package":"q","Test":"TestB","Output":"    b_test.go:7: xmlsec1 is not installed\n"}
{"Action":"output","Package":"q","Test":"TestB","Output":"--- SKIP: TestB (0.00s)\n"}
{"Action":"skip","Package":"q","Test":"TestB"}
`,
			want: []string{"SKIPPED q TestB: b_test.go:7: xmlsec1 is not installed\n", "1 skipped"}, not: "chatter",
		},
		{
			name: "not built", in: passing + `{"ImportPath":"q","Action":"build-output","Output":"q.go:1: syntax error\n"}
{"Action":"output","Package":"q","Output":"FAIL\tq [build failed]\n"}
{"Action":"fail","Package":"q"}
`,
			want: []string{"syntax error", "FAIL\tq [build failed]", "1 failed"}, not: "chatter",
		},
		{
			name: "package without tests", ok: true,
			in: passing + `{"Action":"output","Package":"q","Output":"?   \tq\t[no test files]\n"}
{"Action":"skip","Package":"q"}
`,
			want: []string{"[no test files]", "0 skipped"}, not: "SKIPPED",
		},
		{name: "nothing ran", in: "", want: []string{"0 passed"}, not: "ok"},
		{name: "go itself fails", in: "go: cannot find main module\n", want: []string{"cannot find main module"}, not: "ok"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var out strings.Builder
			ok, err := report(strings.NewReader(c.in), &out)
			if err != nil {
				t.Fatal(err)
			}
			if ok != c.ok {
				t.Errorf("ok = %v, want %v; output:\n%s", ok, c.ok, out.String())
			}
			for _, want := range c.want {
				if !strings.Contains(out.String(), want) {
					t.Errorf("%q is missing in:\n%s", want, out.String())
				}
			}
			if strings.Contains(out.String(), c.not) {
				t.Errorf("%q stands in:\n%s", c.not, out.String())
			}
		})
	}
}
