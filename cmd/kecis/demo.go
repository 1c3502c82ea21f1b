package main

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/kecis/sdk/kecis/xmlsig"
)

// demoFolder is the only place that the demo writes to; git ignores it.
const demoFolder = "kecis-demo"

func (a *app) demoCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "demo",
		Short: a.say(phrase{"see it all work, in a few seconds", "몇 초 만에 전체 동작 보기"}),
		Long: a.say(phrase{
			`Runs an issuer, a payment gateway (PG) and a shop in this process, over HTTP on
this machine: pays, captures, cancels in part, loses an answer and reverses,
repeats a request, attacks, authenticates buyers by amount and by certificate, and
has all of it judged. The evidence stays.
Writes only into kecis-demo/ and ends by itself. May be run again.`,
			`발급사, PG, 상점을 이 프로세스에서 실행하고 이 컴퓨터 안의 HTTP로 연결합니다. 결제,
매입, 부분 취소, 응답 유실과 망취소, 요청 반복, 공격, 금액 인증과 인증서 인증을 거쳐
모두 판정받고 증거를 남깁니다. kecis-demo/에만 쓰고 스스로 끝납니다. 여러 번 실행해도 됩니다.`}),
		Example: `  kecis demo
  kecis demo --lang ko`,
		Args: a.arguments(),
	}
	return a.does(cmd, func(ctx context.Context, _ []string) (answer, error) {
		if err := a.makeFolder(demoFolder, nil); err != nil {
			return nil, err
		}
		d := &demonstration{
			app: a, out: &demoAnswer{Folder: demoFolder, Steps: []demoStep{}},
			cast: &cast{signers: map[string]*xmlsig.Signer{}, stop: func() {}},
		}
		defer func() { d.cast.stop() }()
		for _, step := range []func(context.Context) error{
			d.makeKeys, d.open, d.pay, d.capture, d.cancelPart, d.lose, d.repeat, d.attack, d.openCard, d.authenticate, d.certify, d.account, d.evidence, d.judge,
		} {
			if err := step(ctx); err != nil {
				return d.out, err
			}
		}
		return d.out, nil
	})
}

// demonstration is the state of the demo: its parties, and what has happened.
type demonstration struct {
	app  *app
	out  *demoAnswer
	cast *cast

	request []byte // the signed payment request, as it was sent
	// authenticated is the payment that needed an authentication, certified the one by
	// certificate.
	paid, lost, authenticated, certified *asked
	tellings                             []telling
}

// demoAnswer is the answer of demo.
type demoAnswer struct {
	Folder string     `json:"folder"`
	Steps  []demoStep `json:"steps"`
	// Rules are those that everything was held against.
	Rules []judgedRule `json:"rules,omitempty"`
}

// demoStep is one step: what was done, the command that does the same, and what
// it showed.
type demoStep struct {
	Title   string `json:"title"`
	Command string `json:"command,omitempty"`
	File    string `json:"file,omitempty"`
	Code    string `json:"code,omitempty"`
	Clause  string `json:"clause,omitempty"`
	Answer  *asked `json:"answer,omitempty"`
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
		"In short: no fault of the network and no attack moved money twice or lost it.\nWho acts on nothing but what a trusted key has signed can prove every step.",
		"요약: 네트워크 장애로도 공격으로도 돈이 두 번 움직이거나 사라지지 않았습니다.\n신뢰하는 키로 서명된 내용에 따라서만 행동하므로 모든 단계를 증명할 수 있습니다."})
	p.line(phrase{"\nWhat to look at next", "\n다음에 볼 것"})
	p.row(filepath.Join(out.Folder, "pg.yaml"), p.say(phrase{"the PG's configuration; run it: kecis serve pg --config ...", "PG 설정. 실행: kecis serve pg --config ..."}))
	p.row(programName+" evidence list --journal sqlite:"+filepath.Join(out.Folder, "pg.db"), p.say(phrase{"what was signed", "서명된 문서 목록"}))
	p.row("go build -o bin/ ./cmd/kecis", p.say(phrase{"builds the program: bin/kecis is the kecis of these lines", "프로그램 빌드: 위의 kecis는 bin/kecis"}))
	p.row("kecis explain sig-digest-mismatch", p.say(phrase{"what a code means", "코드의 의미"}))
	p.row("kecis help", p.say(phrase{"all commands", "모든 명령"}))
	p.row("docs/operators.md", p.say(phrase{"running a PG and an issuer", "PG와 발급사 운영"}))
	p.flush()
}
