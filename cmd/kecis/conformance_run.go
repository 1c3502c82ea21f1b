package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/kecis/sdk/conformance"
	"github.com/kecis/sdk/conformance/reference/issuer"
	"github.com/kecis/sdk/conformance/suite"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/metadata"
)

// suiteSettings say what is tested, and how it reaches the suite.
type suiteSettings struct {
	Role    conformance.Role `yaml:"role"`
	Subject subjectSettings  `yaml:"subject"`
	Listen  string           `yaml:"listen"`
	Base    string           `yaml:"base"`
	Cast    string           `yaml:"cast"`
	// Card is the test instrument that approves, of docs/test-instruments.md.
	Card string `yaml:"card"`
}

type subjectSettings struct {
	Entity   string `yaml:"entity"`
	Metadata string `yaml:"metadata"`
	Key      string `yaml:"key"`
}

const (
	defaultCard = "card-approve"
	// casesAtOnce is how many cases run side by side: some wait for the PG to give
	// up on an issuer.
	casesAtOnce = 16
	// exchangeWithin is how long the suite waits for an answer: longer than a
	// provider may take (KECIS-MSG-009), since an answer that comes too late is a
	// finding.
	exchangeWithin = 6 * time.Minute
)

// run is a suite that is set up for an implementation.
type run struct {
	stage *suite.Stage
	cast  *suite.Cast
	close func()
}

// openRun reads a configuration and sets the suite up.
func (a *app) openRun(ctx context.Context, config string) (*run, error) {
	if config == "" {
		return nil, a.usage(a.say(phrase{"--config is missing", "--config가 없습니다"}), a.say(phrase{"make one: kecis conformance init FOLDER", "만들기: kecis conformance init FOLDER"}))
	}
	s := &suiteSettings{}
	f, err := a.settings(config, s)
	if err != nil {
		return nil, err
	}
	if err := f.checkSuite(s); err != nil {
		return nil, err
	}
	cast, err := suite.OpenCast(f.file(s.Cast))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, f.because([]any{"cast"}, a.ioFailure(phrase{"the suite's keys in %s", "%s의 시험용 키"}, s.Cast, err))
	case err != nil:
		return nil, f.because([]any{"cast"}, err)
	case cast.Role != s.Role || cast.Base != s.Base:
		return nil, f.at([]any{"base"}, phrase{"the suite's keys were made for the role %s at %s: make them anew", "시험용 키는 역할 %s, 주소 %s용으로 만들어졌습니다. 다시 만드십시오"}, string(cast.Role), cast.Base)
	case !a.now().Before(cast.Over()):
		return nil, f.at([]any{"cast"}, phrase{"the suite's keys ended on %s: make them anew and register them", "시험용 키가 %s에 만료되었습니다. 다시 만들어 등록하십시오"}, instantText(cast.Over(), a.lang))
	}
	subject, err := f.subject(ctx, s)
	if err != nil {
		return nil, err
	}
	return a.stage(ctx, f, s, cast, subject)
}

func (f *settingsFile) checkSuite(s *suiteSettings) error {
	if s.Card == "" {
		s.Card = defaultCard
	}
	for name, value := range map[string]string{"listen": s.Listen, "base": s.Base, "cast": s.Cast} {
		if value == "" {
			return f.missing(name)
		}
	}
	for name, value := range map[string]string{"entity": s.Subject.Entity, "metadata": s.Subject.Metadata, "key": s.Subject.Key} {
		if value == "" {
			return f.missing("subject", name)
		}
	}
	if s.Role != conformance.PG && s.Role != conformance.Issuer {
		return f.at([]any{"role"}, phrase{"%q is no role that can be tested: choose pg or issuer", "%q은(는) 시험할 수 있는 역할이 아닙니다. pg나 issuer를 고르십시오"}, shown(string(s.Role)))
	}
	return nil
}

// subject gets the metadata of the implementation.
func (f *settingsFile) subject(ctx context.Context, s *suiteSettings) (suite.Subject, error) {
	out := suite.Subject{Entity: s.Subject.Entity, Role: s.Role}
	pin := metadata.Pin{Entity: s.Subject.Entity, Key: s.Subject.Key, Grant: metadata.Grant{Roles: []metadata.RoleName{metadata.RoleName(s.Role)}}}
	if !strings.HasPrefix(pin.Key, "sha256:") {
		keys, err := f.publicSigningKeys(pin.Key, []any{"subject", "key"})
		if err != nil {
			return out, err
		}
		pin.Key = keys[0].String()
	}
	if isURL(s.Subject.Metadata) {
		pin.Location = s.Subject.Metadata
	}
	directory, err := metadata.NewDirectory(ctx, metadata.DirectoryConfig{
		Store: &metadata.Memory{}, Clock: f.a.now, Pins: []metadata.Pin{pin}, Fetcher: metadata.HTTP{Client: &http.Client{Timeout: fetchWithin}},
	})
	if err != nil {
		return out, f.because([]any{"subject"}, err)
	}
	if pin.Location == "" {
		var document []byte
		if document, err = f.a.read(f.file(s.Subject.Metadata), "metadata"); err == nil {
			err = directory.Add(ctx, document)
		}
	} else {
		_, err = directory.RunOnce(ctx)
	}
	if err != nil {
		return out, f.because([]any{"subject", "metadata"}, err)
	}
	if out.Partner, err = directory.Partner(ctx, s.Subject.Entity); err != nil {
		return out, f.because([]any{"subject", "entity"}, err)
	}
	for _, i := range issuer.TestInstruments() {
		if i.ID == s.Card {
			out.Card = i.Plain()
			return out, nil
		}
	}
	return out, f.at([]any{"card"}, phrase{"there is no test instrument %q", "시험용 결제 수단 %q이(가) 없습니다"}, shown(s.Card))
}

// stage listens, and makes the stage of a run.
func (a *app) stage(ctx context.Context, f *settingsFile, s *suiteSettings, cast *suite.Cast, subject suite.Subject) (*run, error) {
	stage, err := suite.Open(ctx, suite.Config{
		Subject: subject, Cast: cast, Clock: kecis.SystemClock{}, Log: slog.New(slog.DiscardHandler),
		HTTP: &http.Client{
			Timeout:       exchangeWithin,
			Transport:     &http.Transport{MaxIdleConnsPerHost: casesAtOnce},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	})
	if err != nil {
		return nil, f.because([]any{"subject"}, err)
	}
	mux := http.NewServeMux()
	for address, h := range stage.Handlers() {
		at, err := url.Parse(address)
		if err != nil {
			return nil, f.because([]any{"base"}, err)
		}
		mux.Handle("POST "+at.Path, h)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.Listen)
	if err != nil {
		return nil, f.because([]any{"listen"}, &failure{exit: exitIO, text: a.say(phrase{"cannot listen on %s: %s", "%s에서 연결을 받을 수 없습니다: %s"}, s.Listen, err.Error()), cause: err})
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: headerWithin, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	go func() { _ = server.Serve(listener) }()
	return &run{stage: stage, cast: cast, close: func() { _ = server.Close() }}, nil
}

func (a *app) conformancePreflight() *cobra.Command {
	var config string
	cmd := &cobra.Command{
		Use:   "preflight",
		Short: a.say(phrase{"see whether the implementation and the suite reach each other", "시험할 구현과 시험 도구가 서로 연결되는지 확인"}),
		Long: a.say(phrase{
			"Checks what most first runs fail for: metadata, reachability, the route to the\nsuite's issuer, who knows whom, the clocks, and one ordinary payment.",
			"처음 시험할 때 흔히 막히는 것을 확인합니다: 메타데이터, 접속, 발급사로 가는 라우팅,\n서로의 등록, 시계, 그리고 보통의 결제 한 건."}),
		Example: "  kecis conformance preflight --config suite/suite.yaml",
		Args:    a.arguments(),
	}
	cmd.Flags().StringVar(&config, "config", "", a.say(phrase{"configuration of the suite", "시험 설정 파일"}))
	return a.does(cmd, func(ctx context.Context, _ []string) (answer, error) {
		r, err := a.openRun(ctx, config)
		if err != nil {
			return nil, err
		}
		defer r.close()
		if err := a.preflight(ctx, r); err != nil {
			return nil, err
		}
		return &preflown{Subject: r.stage.Subject.Entity}, nil
	})
}

// preflown is the answer of a preflight without a problem.
type preflown struct {
	Subject string `json:"subject"`
}

func (f *preflown) print(p *page) {
	p.line(phrase{"%s is ready to be tested.", "%s을(를) 시험할 준비가 되었습니다."}, f.Subject)
}

// preflight returns the first problem as a failure of the set-up, with its remedy.
func (a *app) preflight(ctx context.Context, r *run) error {
	problems := r.stage.Preflight(ctx)
	if len(problems) == 0 {
		return nil
	}
	p := problems[0]
	what, remedy := preflightTexts(p.Check)
	return a.misconfigured(a.say(what)+": "+shown(p.Found), a.say(remedy))
}

// preflightTexts say what a check found amiss, and what to do.
func preflightTexts(c suite.Check) (what, remedy phrase) {
	switch c {
	case suite.CheckRole:
		return phrase{"the metadata do not declare the role", "메타데이터에 해당 역할이 없습니다"},
			phrase{"check role in the suite's configuration, and the implementation's metadata", "설정의 role과 구현의 메타데이터를 확인하십시오"}
	case suite.CheckEndpoint:
		return phrase{"the endpoint does not answer as one of KECIS", "접속 주소가 KECIS 주소로 응답하지 않습니다"},
			phrase{"is the implementation running, and reachable at the address of its metadata?", "구현이 실행 중이며 메타데이터의 주소로 접속할 수 있습니까?"}
	case suite.CheckRoute:
		return phrase{"the routing table does not lead to the suite's issuer", "라우팅 표가 시험용 발급사로 이어지지 않습니다"},
			phrase{"register bank.xml as an issuer, route cards from 400000 to it, and let the metadata be renewed", "bank.xml을 발급사로 등록하고 카드 400000을 그곳으로 라우팅한 뒤 메타데이터를 갱신하십시오"}
	case suite.CheckPartner:
		return phrase{"the implementation does not know the suite", "구현이 시험 도구를 알지 못합니다"},
			phrase{"register the metadata that kecis conformance init made, with their key", "kecis conformance init이 만든 메타데이터와 키를 등록하십시오"}
	case suite.CheckIssuer:
		return phrase{"no payment came to the suite's issuer", "시험용 발급사에 결제 요청이 오지 않았습니다"},
			phrase{"can the implementation reach the address base of the suite's configuration?", "구현에서 설정의 base 주소로 접속할 수 있습니까?"}
	case suite.CheckClock:
		return phrase{"the clocks differ", "시계가 맞지 않습니다"}, phrase{"set both clocks by NTP", "NTP로 두 시계를 맞추십시오"}
	}
	return phrase{"an ordinary payment is not approved", "보통의 결제가 승인되지 않습니다"},
		phrase{"register the suite's shop as a merchant; before an issuer, enrol the test card", "시험용 상점을 가맹점으로 등록하십시오. 발급사라면 시험 카드를 등록하십시오"}
}

func (a *app) conformanceRun() *cobra.Command {
	var config, report, junit string
	var chosen []string
	cmd := &cobra.Command{
		Use:   "run",
		Short: a.say(phrase{"run the cases", "시험 실행"}),
		Long: a.say(phrase{
			`Runs all cases, or those that --case chooses, after a preflight. Ends with 0 if all
that apply have passed, 1 if one has failed, 8 if one could not run, 7 if the
set-up is wrong, 2 if no case matches, and 4 for a fault of the suite.`,
			`사전 점검 뒤에 모든 시험 항목, 또는 --case로 고른 항목을 실행합니다. 해당하는 항목이
모두 통과하면 0, 하나라도 실패하면 1, 실행하지 못한 항목이 있으면 8, 설정이 잘못되면 7,
해당 항목이 없으면 2, 시험 도구의 결함이면 4로 끝납니다.`}),
		Example: "  kecis conformance run --config suite/suite.yaml\n  kecis conformance run --config suite/suite.yaml --case reversal-before\n  kecis conformance run --config suite/suite.yaml --junit report.xml --report report.json",
		Args:    a.arguments(),
	}
	cmd.Flags().StringVar(&config, "config", "", a.say(phrase{"configuration of the suite", "시험 설정 파일"}))
	cmd.Flags().StringVar(&report, "report", "", a.say(phrase{"file for the report as JSON", "JSON 보고서 파일"}))
	cmd.Flags().StringVar(&junit, "junit", "", a.say(phrase{"file for the report as JUnit XML", "JUnit XML 보고서 파일"}))
	a.caseFlag(cmd, &chosen)
	return a.does(cmd, func(ctx context.Context, _ []string) (answer, error) {
		r, err := a.openRun(ctx, config)
		if err != nil {
			return nil, err
		}
		defer r.close()
		list, err := a.cases(r.cast, chosen)
		if err != nil {
			return nil, err
		}
		if err := a.preflight(ctx, r); err != nil {
			return nil, err
		}
		done := 0
		result := r.stage.Run(ctx, list, casesAtOnce, func(c *suite.Result) {
			done++
			a.progress(phrase{"%d of %d cases, %s", "시험 %d/%d, %s"}, done, len(list), c.Case)
		})
		a.progressDone()
		if err := a.keepReport(result, report, junit); err != nil {
			return nil, err
		}
		return &conformanceReport{Report: result, Verdict: result.Outcome(), config: config}, a.verdict(result)
	})
}

// keepReport writes the report's files.
func (a *app) keepReport(r *suite.Report, report, junit string) error {
	if report != "" {
		text, err := json.MarshalIndent(r, "", "  ")
		if err != nil {
			return err
		}
		if err := a.write(report, append(text, '\n'), modePublic, true); err != nil {
			return err
		}
	}
	if junit == "" {
		return nil
	}
	var text bytes.Buffer
	if err := r.WriteJUnit(&text); err != nil {
		return err
	}
	return a.write(junit, text.Bytes(), modePublic, true)
}

// verdict is how the program ends.
func (a *app) verdict(r *suite.Report) error {
	n := r.Summary()
	switch r.Outcome() {
	case suite.Failed:
		return a.refused(a.say(phrase{"%d cases failed", "시험 %d개가 실패했습니다"}, n[suite.Fail]), "")
	case suite.Incomplete:
		return &failure{exit: exitPartly, text: a.say(phrase{"%d cases could not run: nothing is shown by this run", "시험 %d개를 실행하지 못해 결과를 말할 수 없습니다"}, n[suite.CouldNotRun])}
	case suite.Broken:
		return &failure{exit: exitInternal, text: a.say(phrase{"the suite itself failed in %d cases", "시험 도구가 %d개 항목에서 오류를 냈습니다"}, n[suite.HarnessError])}
	case suite.Nothing:
		return a.usage(a.say(phrase{"no case that was chosen applies", "고른 시험 항목 중 해당하는 것이 없습니다"}), "")
	}
	return nil
}

// conformanceReport is the answer of a run.
type conformanceReport struct {
	*suite.Report

	Verdict suite.Outcome `json:"verdict"`
	config  string
}

// printedFailures is how many cases are told in full; the report has all.
const printedFailures = 20

func (r *conformanceReport) print(p *page) {
	told := 0
	for i := range r.Results {
		c := &r.Results[i]
		if c.Verdict == suite.Pass || c.Verdict == suite.NotApplicable {
			continue
		}
		if told++; told > printedFailures {
			continue
		}
		r.printCase(p, c)
	}
	if told > printedFailures {
		p.line(phrase{"... and %d more: see --report.", "... 외 %d개: --report를 보십시오."}, told-printedFailures)
	}
	n := r.Summary()
	p.line(phrase{"%s (%s): %d cases, %d passed, %d failed, %d warnings, %d could not run, %d do not apply.",
		"%s (%s): 시험 %d개, 통과 %d, 실패 %d, 경고 %d, 실행 불가 %d, 해당 없음 %d."},
		r.Subject, r.Role, len(r.Results), n[suite.Pass], n[suite.Fail], n[suite.Warn], n[suite.CouldNotRun]+n[suite.HarnessError], n[suite.NotApplicable])
}

// printCase tells of a case that did not pass: the clause, what was expected and
// found, and how to run it alone.
func (r *conformanceReport) printCase(p *page, c *suite.Result) {
	p.plain(string(c.Verdict) + "  " + c.Case)
	if text, ok := sentenceOf(c.Clauses[0]); ok {
		p.field(phrase{"  Clause", "  조항"}, c.Clauses[0]+" "+text)
	}
	p.field(phrase{"  Note", "  참고"}, c.Note)
	for i := range c.Findings {
		f := &c.Findings[i]
		p.field(phrase{"  Step", "  단계"}, shown(f.Step))
		p.field(phrase{"  Expected", "  기대"}, shown(f.Expected))
		p.field(phrase{"  Found", "  결과"}, shown(f.Found))
	}
	p.field(phrase{"  Alone", "  따로 실행"}, "kecis conformance run --config "+shown(r.config)+" --case "+c.Case)
	p.plain("")
}
