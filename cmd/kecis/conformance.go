package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kecis/sdk/conformance"
	"github.com/kecis/sdk/conformance/suite"
	"github.com/kecis/sdk/spec"
)

func (a *app) conformanceCommand() *cobra.Command {
	return a.group(&cobra.Command{
		Use:   "conformance",
		Short: a.say(phrase{"show whether a PG or an issuer meets the standard", "PG나 발급사가 표준을 지키는지 시험"}),
		Long: a.say(phrase{
			`Drives a PG or an issuer over its real endpoints. Before a PG it is the shop and,
behind it, the issuer, so that it sees what became of the money; before an issuer
it is the PG. Nothing passes because nothing happened. docs/conformance.md`,
			`PG나 발급사를 실제 접속 주소로 시험합니다. PG 앞에서는 상점이, 뒤에서는 발급사가 되어
돈이 어떻게 되었는지 보고, 발급사 앞에서는 PG가 됩니다. 아무 일도 일어나지 않았는데
통과하는 일은 없습니다. docs/conformance.md`}),
		Example: `  kecis conformance init --role pg suite
  kecis conformance preflight --config suite/suite.yaml
  kecis conformance run --config suite/suite.yaml`,
	}, a.conformanceInit(), a.conformanceCases(), a.conformancePreflight(), a.conformanceRun())
}

// listedCases is the answer of "kecis conformance cases".
type listedCases struct {
	Cases []listedCase `json:"cases"`
}

type listedCase struct {
	ID      string   `json:"id"`
	Level   string   `json:"level"`
	Clauses []string `json:"clauses"`
	Note    string   `json:"note"`
}

func (l *listedCases) print(p *page) {
	for _, c := range l.Cases {
		p.row(c.ID, c.Level, strings.Join(c.Clauses, " "), c.Note)
	}
	p.line(phrase{"%d cases.", "시험 항목 %d개."}, len(l.Cases))
}

func (a *app) conformanceCases() *cobra.Command {
	var role string
	var chosen []string
	cmd := &cobra.Command{
		Use:   "cases",
		Short: a.say(phrase{"list the cases, with the clauses that they test", "시험 항목과 시험하는 조항의 목록"}),
		Long: a.say(phrase{"Lists the cases for a role. --case chooses some, as run does.",
			"역할에 해당하는 시험 항목을 보여 줍니다. --case로 일부를 고를 수 있습니다(run과 같음)."}),
		Example: "  kecis conformance cases --role issuer\n  kecis conformance cases --case 'reversal-*' --case KECIS-CAN-006",
		Args:    a.arguments(),
	}
	a.roleFlag(cmd, &role)
	a.caseFlag(cmd, &chosen)
	return a.does(cmd, func(context.Context, []string) (answer, error) {
		if err := a.oneOf("--role", role, string(conformance.PG), string(conformance.Issuer)); err != nil {
			return nil, err
		}
		cast, err := suite.NewCast(conformance.Role(role), "https://suite.example", a.now())
		if err != nil {
			return nil, err
		}
		list, err := a.cases(cast, chosen)
		if err != nil {
			return nil, err
		}
		out := &listedCases{}
		for i := range list {
			c := &list[i]
			out.Cases = append(out.Cases, listedCase{c.ID, string(c.Level), c.Clauses, c.Note})
		}
		return out, nil
	})
}

func (a *app) roleFlag(cmd *cobra.Command, role *string) {
	cmd.Flags().StringVar(role, "role", string(conformance.PG), a.say(phrase{"pg or issuer", "pg 또는 issuer"}))
	complete(cmd, "role", string(conformance.PG), string(conformance.Issuer))
}

func (a *app) caseFlag(cmd *cobra.Command, chosen *[]string) {
	cmd.Flags().StringArrayVar(chosen, "case", nil, a.say(phrase{"a case, a pattern with *, or a clause; may be repeated", "시험 항목, * 패턴, 또는 조항. 여러 번 쓸 수 있음"}))
}

// cases are those of the role that were chosen; all if none was.
func (a *app) cases(cast *suite.Cast, chosen []string) ([]suite.Case, error) {
	list, unknown, err := suite.Cases(cast.Role, cast.Ring, chosen...)
	if err != nil {
		return nil, err
	}
	if unknown != "" {
		return nil, a.usage(a.say(phrase{"no case matches %s", "%s에 해당하는 시험 항목이 없습니다"}, shown(unknown)),
			a.say(phrase{"see: kecis conformance cases --role %s", "참고: kecis conformance cases --role %s"}, string(cast.Role)))
	}
	return list, nil
}

// sentenceOf is the first sentence of a clause.
func sentenceOf(id string) (string, bool) {
	for _, c := range spec.Clauses() {
		if c.ID == id {
			text := strings.Join(strings.Fields(c.Text), " ")
			if i := strings.Index(text, ". "); i >= 0 {
				text = text[:i+1]
			}
			return text, true
		}
	}
	return "", false
}
