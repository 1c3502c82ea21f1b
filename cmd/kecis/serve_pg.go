package main

import (
	"context"
	"errors"
	"time"

	"github.com/kecis/sdk/conformance/reference/pg"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/metadata"
)

// pgSettings are the configuration of a PG.
type pgSettings struct {
	Party  partySettings  `yaml:",inline"`
	Server serverSettings `yaml:",inline"`

	Merchants []merchantSettings `yaml:"merchants"`
	Routes    []routesSettings   `yaml:"routes"`
	// Authentication is nil for a PG that authenticates nobody.
	Authentication *authenticationSettings `yaml:"authentication"`
	// Checkout is true for a PG with pages on which buyers pay orders.
	Checkout bool `yaml:"checkout"`
}

// merchantSettings are a merchant that the PG pays out to.
type merchantSettings struct {
	Entity     string            `yaml:"entity"`
	Name       string            `yaml:"name"`
	Number     string            `yaml:"number"`
	Business   string            `yaml:"business"`
	Platform   string            `yaml:"platform"`
	Methods    []metadata.Method `yaml:"methods"`
	Categories []string          `yaml:"categories"`
	// Rate is the fee in hundredths of a percent.
	Rate int64 `yaml:"rate"`
}

// routesSettings say which instruments go to an issuer. The keys to encrypt to
// are those of the issuer's own metadata.
type routesSettings struct {
	Issuer string `yaml:"issuer"`
	To     []struct {
		Kind   metadata.Method `yaml:"kind"`
		Prefix string          `yaml:"prefix"`
		Brand  string          `yaml:"brand"`
	} `yaml:"to"`
}

func (a *app) buildPG(ctx context.Context, name string) (*provider, error) {
	s := &pgSettings{}
	f, err := a.settings(name, s)
	if err != nil {
		return nil, err
	}
	if err := f.checkPG(s); err != nil {
		return nil, err
	}
	p, err := f.opened(ctx, "pg", &s.Party, &s.Server)
	if err != nil {
		return nil, err
	}
	role := pg.Role()
	if s.Server.HoldTime != 0 {
		role.HoldTime = s.Server.HoldTime
	}
	config, err := f.serverConfig(p, &s.Party, role)
	if err != nil {
		return p.abandon(err)
	}
	config.Description.Routes = func(ctx context.Context) ([]metadata.Route, error) {
		return routesOf(ctx, p.partners, s.Routes, a.now())
	}
	client := &kecis.Client{
		Entity: s.Party.Entity, Keys: config.Keys, Partners: p.partners, Journal: p.journal, Log: p.log, Random: a.random, Observer: p.observer,
	}
	service, err := pg.New(pg.Config{Journal: p.journal, Client: client, Partners: p.partners})
	if err != nil {
		return p.abandon(err)
	}
	if err := f.register(ctx, service, s.Merchants); err != nil {
		return p.abandon(err)
	}
	config.Payments, config.Captures, config.Cancellations, config.Client = service, service, service, client
	if err := f.addPages(p, s, service, &config); err != nil {
		return p.abandon(err)
	}
	if p.server, err = kecis.NewServer(config); err != nil {
		return p.abandon(f.because(nil, err))
	}
	if s.Checkout {
		orders := p.server.Checkout()
		p.more[p.settings.path()+ordersPath], p.more[p.settings.path()+ordersPath+"/"] = orders, orders
	}
	p.handler, p.client, p.gateway = p.server, client, service
	p.work["client"] = client.RunOnce
	return p, nil
}

// addPages adds what buyers see, as far as it is configured.
func (f *settingsFile) addPages(p *provider, s *pgSettings, service *pg.PG, config *kecis.ServerConfig) error {
	var hosted *pg.Hosted
	var byAmount amountPages
	var err error
	if s.Authentication != nil {
		if byAmount, err = f.authenticate(p, s, service, config, &hosted); err != nil {
			return err
		}
	}
	if s.Checkout {
		hosted, err = f.checkout(p, s, service, config, byAmount)
	}
	return err
}

func (f *settingsFile) checkPG(s *pgSettings) error {
	if err := f.checkAuthentication(s); err != nil {
		return err
	}
	for i, r := range s.Routes {
		path := []any{"routes", i}
		if r.Issuer == "" {
			return f.missing(append(path, "issuer")...)
		}
		if len(r.To) == 0 {
			return f.missing(append(path, "to")...)
		}
		for j, to := range r.To {
			switch to.Kind {
			case metadata.MethodCard, metadata.MethodAccount, metadata.MethodEMoney:
			default:
				return f.at(append(path, "to", j), phrase{"%q is no kind: choose card, account or e-money", "%q은(는) 결제 수단이 아닙니다. card, account, e-money 중에서 고르십시오"}, shown(string(to.Kind)))
			}
			if to.Prefix == "" {
				return f.missing(append(path, "to", j, "prefix")...)
			}
		}
	}
	return nil
}

// routesOf is the routing table with the issuers' keys of this time. An issuer
// whose metadata are not known yet, or have no key, is left out.
func routesOf(ctx context.Context, partners metadata.Partners, settings []routesSettings, now time.Time) (routes []metadata.Route, err error) {
	for _, r := range settings {
		issuer, err := partners.Partner(ctx, r.Issuer)
		if errors.Is(err, metadata.ErrUnknownPartner) {
			continue
		}
		if err != nil {
			return nil, err
		}
		role, ok := issuer.Role(metadata.Issuer)
		if !ok || !issuer.MayUse(metadata.ServicePayment) {
			continue
		}
		var keys []metadata.EncryptionKey
		for _, k := range role.EncryptionKeys {
			if now.Before(k.NotOnOrAfter) {
				keys = append(keys, k)
			}
		}
		if len(keys) == 0 {
			continue
		}
		for _, to := range r.To {
			routes = append(routes, metadata.Route{Kind: to.Kind, Prefix: to.Prefix, Brand: to.Brand, Issuer: r.Issuer, Keys: keys})
		}
	}
	return routes, nil
}

// merchantPage is how many merchants are read at a time.
const merchantPage = 500

// register makes the merchants of the configuration known, and suspends those
// that are no longer in it: what exists of them goes on.
func (f *settingsFile) register(ctx context.Context, service *pg.PG, merchants []merchantSettings) error {
	listed := map[string]bool{}
	for i, m := range merchants {
		kinds, err := f.methods([]any{"merchants", i, "methods"}, m.Methods)
		if err != nil {
			return err
		}
		if m.Entity == "" {
			return f.missing("merchants", i, "entity")
		}
		err = service.Register(ctx, pg.Merchant{
			Entity: m.Entity, Name: m.Name, Number: m.Number, Business: m.Business, Platform: m.Platform,
			Methods: kinds, Categories: m.Categories, Rate: m.Rate,
		})
		if err != nil {
			return f.at([]any{"merchants", i}, phrase{"%s", "%s"}, shown(err.Error()))
		}
		listed[m.Entity] = true
	}
	for after := ""; ; {
		page, err := service.Merchants(ctx, after, merchantPage)
		if err != nil {
			return err
		}
		for _, m := range page {
			if after = m.Entity; !listed[m.Entity] && !m.Suspended {
				if err := service.Suspend(ctx, m.Entity); err != nil {
					return err
				}
			}
		}
		if len(page) < merchantPage {
			return nil
		}
	}
}

func (f *settingsFile) methods(path []any, methods []metadata.Method) (kinds []kecis.InstrumentKind, err error) {
	for _, m := range methods {
		switch m {
		case metadata.MethodCard:
			kinds = append(kinds, kecis.Card)
		case metadata.MethodAccount:
			kinds = append(kinds, kecis.Account)
		case metadata.MethodEMoney:
			kinds = append(kinds, kecis.EMoney)
		default:
			return nil, f.at(path, phrase{"%q is no kind: choose card, account or e-money", "%q은(는) 결제 수단이 아닙니다. card, account, e-money 중에서 고르십시오"}, shown(string(m)))
		}
	}
	return kinds, nil
}
