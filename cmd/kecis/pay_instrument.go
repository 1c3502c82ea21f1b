package main

import (
	"context"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kecis/sdk/conformance/reference/issuer"
	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/metadata"
)

// instrumentFlags say what is paid with.
type instrumentFlags struct {
	name, kind, institution string
}

func (a *app) addInstrumentFlags(cmd *cobra.Command, f *instrumentFlags) {
	flags := cmd.Flags()
	flags.StringVar(&f.name, "instrument", "", a.say(phrase{"name of a test instrument; without it the number is read from standard input", "시험용 결제 수단의 이름. 생략하면 표준 입력에서 번호를 읽음"}))
	flags.StringVar(&f.kind, "kind", "card", a.say(phrase{"what is read: card, account, e-money", "읽는 수단: card, account, e-money"}))
	flags.StringVar(&f.institution, "institution", "", a.say(phrase{"code of the bank or e-money issuer; the provider's first if not given", "은행 또는 전자화폐 발행자 코드. 생략하면 PG의 첫 항목"}))
	var names []string
	for _, t := range issuer.TestInstruments() {
		names = append(names, t.ID)
	}
	complete(cmd, "instrument", names...)
	complete(cmd, "kind", "card", "account", "e-money")
}

// instrument is that of a test instrument, or what standard input holds.
func (r *requester) instrument(ctx context.Context, f *instrumentFlags) (*kecis.PlainInstrument, error) {
	plain, err := r.a.testInstrument(f.name)
	if f.name == "" {
		plain, err = r.a.readInstrument(f.kind)
	}
	if err != nil {
		return nil, err
	}
	if plain.Kind == kecis.Card {
		return plain, nil
	}
	if plain.Institution = f.institution; plain.Institution != "" {
		return plain, nil
	}
	provider, err := r.partners.Partner(ctx, r.provider)
	if err != nil {
		return nil, err
	}
	if role, ok := provider.Role(metadata.PG); ok {
		for i := range role.Routes {
			if string(role.Routes[i].Kind) == plain.Kind.String() {
				plain.Institution = role.Routes[i].Prefix
				break
			}
		}
	}
	return plain, nil
}

// testInstrument finds a test instrument by its name.
func (a *app) testInstrument(name string) (*kecis.PlainInstrument, error) {
	var names []string
	for _, t := range issuer.TestInstruments() {
		if t.ID == name {
			plain := t.Plain()
			return &plain, nil
		}
		names = append(names, t.ID)
	}
	text := a.say(phrase{"there is no test instrument %q", "그런 시험용 결제 수단이 없습니다: %q"}, shown(name))
	if near := nearest(name, names); len(near) > 0 {
		return nil, a.usage(text, a.say(phrase{"did you mean: ", "혹시 이것입니까: "})+strings.Join(near, ", "))
	}
	return nil, a.usage(text, a.say(phrase{"see docs/test-instruments.md", "docs/test-instruments.md를 보십시오"}))
}

// readInstrument reads "NUMBER MM/YYYY [CVC]", or the number of an account or
// purse, from standard input. What is wrong is told without what was read.
func (a *app) readInstrument(kind string) (*kecis.PlainInstrument, error) {
	kinds := map[string]kecis.InstrumentKind{"card": kecis.Card, "account": kecis.Account, "e-money": kecis.EMoney}
	if err := a.oneOf("--kind", kind, "card", "account", "e-money"); err != nil {
		return nil, err
	}
	content, err := a.hiddenLine(phrase{
		"Number, expiry (MM/YYYY) and CVC, not shown, then Enter: ", "번호, 유효기간(MM/YYYY), CVC를 입력(화면에 표시되지 않음)한 뒤 Enter: "}, "instrument")
	if err != nil {
		return nil, err
	}
	defer clear(content)
	fields := strings.Fields(string(content))
	plain := &kecis.PlainInstrument{Kind: kinds[kind]}
	if len(fields) > 0 {
		plain.Number = ecml.NewCardNumber(strings.ReplaceAll(fields[0], "-", ""))
	}
	if plain.Kind != kecis.Card {
		if len(fields) != 1 {
			return nil, a.usage(a.say(phrase{"standard input holds no number", "표준 입력에 번호가 없습니다"}), "")
		}
		return plain, nil
	}
	if len(fields) != 2 && len(fields) != 3 || !expiry(fields[1], plain) {
		return nil, a.usage(a.say(phrase{"standard input holds no card", "표준 입력에 카드가 없습니다"}),
			a.say(phrase{"it is one line: NUMBER MM/YYYY [CVC], the number without blanks; or name a test instrument with --instrument", "한 줄로 씁니다: 번호 MM/YYYY [CVC]. 번호에 빈칸이 없어야 합니다. 또는 --instrument로 시험용 수단을 고르십시오"}))
	}
	if len(fields) == 3 {
		plain.Verification = ecml.NewVerification(fields[2])
	}
	return plain, nil
}

// expiry reads MM/YYYY.
func expiry(s string, plain *kecis.PlainInstrument) bool {
	month, year, ok := strings.Cut(s, "/")
	var err1, err2 error
	plain.ExpMonth, err1 = strconv.Atoi(month)
	plain.ExpYear, err2 = strconv.Atoi(year)
	return ok && err1 == nil && err2 == nil && len(year) == 4
}
