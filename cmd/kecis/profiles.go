package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/kecis/sdk/kecis/amountauth"
)

// profilesPage is how many profiles are read at a time.
const profilesPage = 500

func (a *app) profilesCommand() *cobra.Command {
	var config, revoke string
	cmd := &cobra.Command{
		Use:   "profiles --config FILE",
		Short: a.say(phrase{"list or revoke the profiles by which buyers skip an authentication", "인증을 건너뛰는 등록 정보의 목록과 해지"}),
		Long: a.say(phrase{
			`Lists the profiles of a payment gateway's buyers, with the configuration of kecis
serve pg, also while that runs. --revoke ID ends one: its buyer is authenticated
again from the next payment on.`,
			`kecis serve pg의 설정으로 구매자 등록 정보를 보여 줍니다. 서버가 실행 중이어도
됩니다. --revoke ID는 등록을 해지하며, 구매자는 다음 결제부터 다시 인증합니다.`}),
		Example: `  kecis profiles --config pg.yaml
  kecis profiles --config pg.yaml --revoke 0123...`,
		Args: a.arguments(),
	}
	cmd.Flags().StringVar(&config, "config", "", a.say(phrase{"configuration file", "설정 파일"}))
	cmd.Flags().StringVar(&revoke, "revoke", "", a.say(phrase{"ID of a profile to end", "해지할 등록의 ID"}))
	return a.does(cmd, func(ctx context.Context, _ []string) (result answer, err error) {
		if config == "" {
			return nil, a.usage(a.say(phrase{"--config is missing", "--config가 없습니다"}), "")
		}
		p, err := a.buildPG(ctx, config)
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, p.journal.Close()) }()
		if p.authenticator == nil {
			return nil, p.file.missing("authentication")
		}
		engine := p.authenticator.Engine()
		if revoke != "" {
			if err := engine.Revoke(ctx, revoke); errors.Is(err, amountauth.ErrProfile) {
				return nil, a.refused(a.say(phrase{"there is no such profile", "그런 등록이 없습니다"}), "")
			} else if err != nil {
				return nil, err
			}
		}
		return listProfiles(ctx, engine)
	})
}

// listedProfiles are the profiles that are kept.
type listedProfiles struct {
	Profiles []listedProfile `json:"profiles"`
}

type listedProfile struct {
	ID      string `json:"id"`
	Payee   string `json:"payee"`
	Limit   string `json:"limit"`
	Began   string `json:"began"`
	Expires string `json:"expires"`
	Revoked bool   `json:"revoked"`
}

func listProfiles(ctx context.Context, engine *amountauth.Engine) (*listedProfiles, error) {
	out := &listedProfiles{Profiles: []listedProfile{}}
	for after := ""; ; {
		page, err := engine.Profiles(ctx, after, profilesPage)
		if err != nil {
			return nil, err
		}
		for _, p := range page {
			after = p.ID
			out.Profiles = append(out.Profiles, listedProfile{p.ID, p.Payee, p.Cap.String(), instant(p.Began), instant(p.Expires), p.Revoked})
		}
		if len(page) < profilesPage {
			return out, nil
		}
	}
}

func (l *listedProfiles) print(p *page) {
	if len(l.Profiles) == 0 {
		p.line(phrase{"There are no profiles.", "등록이 없습니다."})
		return
	}
	for _, one := range l.Profiles {
		state := p.say(phrase{"until %s", "%s까지"}, one.Expires)
		if one.Revoked {
			state = p.say(phrase{"revoked", "해지됨"})
		}
		p.row(identifier(one.ID), shown(one.Payee), one.Limit, state)
	}
}
