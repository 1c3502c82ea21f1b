package main

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/xmlsig"
)

// demoFolder is the only place that the demo writes to; git ignores it.
const demoFolder = "kecis-demo"

func (a *app) demoCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "demo",
		Short: a.say(phrase{"see it all work, in a few seconds", "몇 초 만에 전체 동작 보기"}),
		Long: a.say(phrase{
			`Makes keys, signs a payment request, shows what is in it, bends it in three ways
and shows how each is refused, and lets the card issuer open the card number.
Writes only into kecis-demo/ and ends by itself. May be run again.`,
			`키를 만들고, 결제 요청에 서명하고, 내용을 보여 주고, 세 가지 방법으로 변조해 각각 어떻게
거부되는지 보여 주고, 발급사가 카드 번호를 여는 것까지 보여 줍니다.
kecis-demo/에만 쓰고 스스로 끝납니다. 여러 번 실행해도 됩니다.`}),
		Example: `  kecis demo
  kecis demo --lang ko`,
		Args: a.arguments(),
	}
	return a.does(cmd, func(ctx context.Context, _ []string) (answer, error) {
		if err := a.makeFolder(demoFolder, nil); err != nil {
			return nil, err
		}
		d := &demonstration{app: a, out: &demoAnswer{Folder: demoFolder, Steps: []demoStep{}}}
		for _, step := range []func(context.Context) error{d.makeKeys, d.signRequest, d.inspectRequest, d.verifyRequest, d.bend, d.openCard} {
			if err := step(ctx); err != nil {
				return d.out, err
			}
		}
		return d.out, nil
	})
}

// demonstration is the state of the demo: its actors' keys and the request.
type demonstration struct {
	app *app
	out *demoAnswer

	shop, stranger *xmlsig.Signer
	issuer         issuerKeys
	request        *kecis.PaymentRequest
	signed         []byte
}

// demoAnswer is the answer of demo.
type demoAnswer struct {
	Folder string     `json:"folder"`
	Steps  []demoStep `json:"steps"`
}

// demoStep is one step: what was done, the command that does the same, and what
// it showed.
type demoStep struct {
	Title   string `json:"title"`
	Command string `json:"command,omitempty"`
	File    string `json:"file,omitempty"`
	Code    string `json:"code,omitempty"`
	Clause  string `json:"clause,omitempty"`
	print   func(p *page)
}

func (d *demonstration) step(s demoStep) { d.out.Steps = append(d.out.Steps, s) }

func (d *demonstration) say(p phrase, values ...any) string { return d.app.say(p, values...) }

// path names a file of the demo.
func (d *demonstration) path(name string) string { return filepath.Join(demoFolder, name) }

// command returns a command line that does what a step did, on files of the demo.
func (d *demonstration) command(line string, files ...string) string {
	var paths []any
	for _, file := range files {
		paths = append(paths, d.path(file))
	}
	return programName + " " + fmt.Sprintf(line, paths...)
}

func (out *demoAnswer) print(p *page) {
	for i, s := range out.Steps {
		p.plain(p.say(phrase{"Step %d: ", "%d단계: "}, i+1) + s.Title)
		if s.Command != "" {
			p.plain("  $ " + s.Command)
		}
		if s.print != nil {
			s.print(p)
		}
		p.plain("")
	}
	p.line(phrase{
		"In short: the receiver acts on what was signed by a key that it trusts, and on\nnothing else. Every refusal has a code and the clause of the standard behind it.",
		"요약: 수신자는 신뢰하는 키로 서명된 내용에 따라서만 행동합니다.\n모든 거부에는 코드와 표준의 조항이 있습니다."})
	p.line(phrase{"\nWhat to look at next", "\n다음에 볼 것"})
	p.row(filepath.Join(out.Folder, "request.xml"), p.say(phrase{"the signed request", "서명된 요청"}))
	p.row("go build -o bin/ ./cmd/kecis", p.say(phrase{"builds the program: bin/kecis is the kecis of these lines", "프로그램 빌드: 위의 kecis는 bin/kecis"}))
	p.row("kecis explain sig-digest-mismatch", p.say(phrase{"what a code means", "코드의 의미"}))
	p.row("kecis clauses KECIS-SIG", p.say(phrase{"the rules of signatures", "서명 규칙"}))
	p.row("kecis help", p.say(phrase{"all commands", "모든 명령"}))
	p.row("docs/command-line.md", p.say(phrase{"exit codes, --json, examples", "종료 코드, --json, 예"}))
	p.flush()
}
