package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kecis/sdk/spec"
)

func (a *app) explainCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "explain CODE|CLAUSE",
		Short: a.say(phrase{"explain an error code or a clause of the standard", "오류 코드나 표준 조항 설명"}),
		Long: a.say(phrase{
			`Prints what an error code means, in English and Korean, what a sender does about
it, and the clause of the standard that was broken; or a clause and the codes
that belong to it.`,
			`오류 코드의 뜻(영어, 한국어), 발신자가 할 일, 위반한 표준 조항을 출력합니다.
조항 번호를 주면 그 조항과 관련 코드를 출력합니다.`}),
		Example: `  kecis explain sig-digest-mismatch
  kecis explain KECIS-SIG-012`,
		Args: a.arguments("CODE"),
	}
	cmd.ValidArgsFunction = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return codes(), cobra.ShellCompDirectiveNoFileComp
	}
	return a.does(cmd, func(_ context.Context, args []string) (answer, error) {
		if clause, ok := spec.Clause(strings.ToUpper(args[0])); ok {
			return &explainedClause{clauseOf(clause)}, nil
		}
		for _, e := range spec.Errors() {
			if e.Code == strings.ToLower(args[0]) {
				return explain(e), nil
			}
		}
		return nil, a.unknownCode(args[0])
	})
}

func codes() []string {
	var out []string
	for _, e := range spec.Errors() {
		out = append(out, e.Code)
	}
	return out
}

func (a *app) unknownCode(code string) error {
	names := codes()
	for _, c := range spec.Clauses() {
		names = append(names, c.ID)
	}
	text := a.say(phrase{"there is no code and no clause %q", "그런 코드나 조항이 없습니다: %q"}, shown(code))
	if near := nearest(code, names); len(near) > 0 {
		return a.usage(text, a.say(phrase{"did you mean: ", "혹시 이것입니까: "})+strings.Join(near, ", "))
	}
	return a.usage(text, a.say(phrase{"see them all with: kecis clauses", "전체 목록: kecis clauses"}))
}

// clauseText is a clause in an answer.
type clauseText struct {
	Clause string   `json:"clause"`
	Level  string   `json:"level"`
	Text   string   `json:"text"`
	Codes  []string `json:"codes"`
}

func clauseOf(c spec.Requirement) clauseText {
	return clauseText{Clause: c.ID, Level: string(c.Level), Text: c.Text, Codes: append([]string{}, c.Codes...)}
}

// explainedCode is the answer of explain for a code.
type explainedCode struct {
	Code    string      `json:"code"`
	Clause  string      `json:"clause"`
	Layer   string      `json:"layer"`
	Wire    string      `json:"wire"`
	Outcome string      `json:"outcome"`
	Retry   string      `json:"retry"`
	En      string      `json:"en"`
	Ko      string      `json:"ko"`
	Demand  *clauseText `json:"demand,omitempty"`
}

func explain(e spec.Entry) *explainedCode {
	out := &explainedCode{Code: e.Code, Clause: e.Clause, Layer: e.Layer, Wire: e.Wire, Outcome: e.Outcome, Retry: e.Retry, En: e.En, Ko: e.Ko}
	if clause, ok := spec.Clause(e.Clause); ok {
		text := clauseOf(clause)
		out.Demand = &text
	}
	return out
}

func (e *explainedCode) print(p *page) {
	p.plain(e.Code)
	first, second := e.En, e.Ko
	if p.lang == korean {
		first, second = e.Ko, e.En
	}
	p.row(p.say(phrase{"Meaning", "의미"}), first)
	p.row("", second)
	p.field(phrase{"Layer", "계층"}, e.Layer)
	p.field(phrase{"To the other party", "상대에게"}, p.wire(e.Wire))
	p.field(phrase{"Outcome", "결과"}, e.Outcome+outcomeText(e.Outcome, p.lang))
	p.field(phrase{"Retry", "재시도"}, e.Retry+retryText(e.Retry, p.lang))
	p.field(phrase{"Clause", "조항"}, e.Clause)
	p.flush()
	if e.Demand != nil {
		p.plain("")
		p.plain(e.Demand.Level + ": " + e.Demand.Text)
	}
}

// wire says how a code reaches the other party (KECIS-ERR-007).
func (p *page) wire(wire string) string {
	switch wire {
	case "signed":
		return p.say(phrase{"as itself, in a signed answer", "서명된 응답에 이 코드 그대로"})
	case "none":
		return p.say(phrase{"not at all", "전달되지 않음"})
	}
	return p.say(phrase{"as %s", "%s(으)로"}, wire)
}

// explainedClause is the answer of explain for a clause.
type explainedClause struct{ clauseText }

func (c *explainedClause) print(p *page) {
	p.plain(c.Clause + " (" + c.Level + ")")
	p.plain(c.Text)
	for _, code := range c.Codes {
		p.field(phrase{"Code", "코드"}, code)
	}
}

func (a *app) clausesCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "clauses [PREFIX]",
		Short: a.say(phrase{"list the clauses of the standard", "표준 조항 목록"}),
		Example: `  kecis clauses
  kecis clauses KECIS-SIG`,
		Args: a.optional(),
	}
	return a.does(cmd, func(_ context.Context, args []string) (answer, error) {
		list := &clauseList{Standard: spec.Version, Clauses: []clauseText{}}
		prefix := strings.ToUpper(strings.Join(args, ""))
		for _, c := range spec.Clauses() {
			if strings.HasPrefix(c.ID, prefix) {
				list.Clauses = append(list.Clauses, clauseOf(c))
			}
		}
		if len(list.Clauses) == 0 {
			return nil, a.usage(a.say(phrase{"no clause begins with %q", "다음으로 시작하는 조항이 없습니다: %q"}, shown(prefix)), a.say(phrase{"see them all with: kecis clauses", "전체 목록: kecis clauses"}))
		}
		return list, nil
	})
}

// clauseList is the answer of clauses.
type clauseList struct {
	Standard string       `json:"standard"`
	Clauses  []clauseText `json:"clauses"`
}

func (l *clauseList) print(p *page) {
	for _, c := range l.Clauses {
		p.row(c.Clause, c.Level, c.Text)
	}
}
