package main

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"

	"github.com/kecis/sdk/conformance/reference/pg"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/clientcert"
)

// certificateSite is the host of a PG that persons show certificates to, beside its
// endpoint.
type certificateSite struct {
	listen  string
	tls     *tls.Config // nil behind a proxy
	handler http.Handler
}

// certificateLabel makes the secret of certificates of that of authentication.
const certificateLabel = "kecis serve pg: certificate 1"

// checkCertificate refuses a host of certificates that is not one of its own, and that
// would accept who cannot be looked up.
func (f *settingsFile) checkCertificate(s *pgSettings) error {
	path := []any{"authentication", "certificate"}
	c := s.Authentication.Certificate
	if err := f.checkHost(path, c, &s.Server.Log); err != nil {
		return err
	}
	own, err1 := url.Parse(c.Location)
	endpoint, err2 := url.Parse(s.Server.Endpoint)
	switch {
	case err1 == nil && err2 == nil && own.Hostname() == endpoint.Hostname():
		return f.at(below(path, "location"), phrase{"certificates need a host name of their own: browsers ask for them at the whole host", "인증서에는 별도의 호스트 이름이 필요합니다. 브라우저는 호스트 단위로 인증서를 요청합니다"})
	case c.Listen == s.Server.Listen:
		return f.at(below(path, "listen"), phrase{"certificates need an address of their own", "인증서에는 별도의 수신 주소가 필요합니다"})
	case c.Users.Revocation == "open":
		return f.at(below(path, "users", "revocation"), phrase{"for payments revocation is closed", "결제에서는 폐지 여부를 확인할 수 없는 인증서를 허용할 수 없습니다"})
	case s.Authentication.Timeout > clientcert.MaxTimeout:
		return f.at([]any{"authentication", "timeout"}, phrase{"an authentication by certificate lasts 24 hours at most", "인증서 인증 시간은 최대 24시간입니다"})
	}
	return nil
}

// authenticateByCertificate adds authentication by certificate, with its host.
func (f *settingsFile) authenticateByCertificate(p *provider, s *pgSettings, service *pg.PG, secret []byte) (kecis.Authentications, error) {
	path := []any{"authentication", "certificate"}
	c := s.Authentication.Certificate
	host, err := f.certificateHost(path, c)
	if err != nil {
		return nil, err
	}
	own, err := hkdf.Key(sha256.New, secret, nil, certificateLabel, secretBytes)
	if err != nil {
		return nil, err
	}
	var pages *clientcert.Pages
	authenticator, err := clientcert.NewService(clientcert.ServiceConfig{
		Engine: clientcert.EngineConfig{
			Journal: p.journal, Verifier: host.verifier, Secret: own, Timeout: s.Authentication.Timeout, Log: p.log,
		},
		Conclude: p.conclude, Permit: service.PermitAuthentication,
		Page: func(session string) string { return pages.Address(session) },
	})
	if err != nil {
		return nil, f.because(path, err)
	}
	names := map[string]string{}
	for _, m := range s.Merchants {
		names[m.Entity] = m.Name
	}
	pages, err = clientcert.NewPages(clientcert.PagesConfig{
		Engine: authenticator.Engine(), Location: c.Location, Name: s.Party.shownName(), Reader: host.reader, Random: f.a.random,
		Shop: func(entity string) string { return names[entity] },
	})
	if err != nil {
		return nil, f.because(path, err)
	}
	mux := http.NewServeMux()
	mux.Handle(host.path+"/", pages)
	mux.HandleFunc("GET /healthz", p.showHealth)
	p.site = &certificateSite{listen: c.Listen, tls: host.tls, handler: mux}
	p.work["certificates"] = authenticator.Engine().RunOnce
	return authenticator, nil
}

// listenSite opens the host of certificates; nil if there is none.
func (p *provider) listenSite(ctx context.Context) (net.Listener, error) {
	if p.site == nil {
		return nil, nil
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", p.site.listen)
	if err != nil {
		return nil, p.file.a.cannotListen(p.site.listen, err)
	}
	return l, nil
}

// serveSite serves the host of certificates, and returns how to end it.
func (p *provider) serveSite(listener net.Listener, failed chan<- error) (end func(context.Context)) {
	if listener == nil {
		return func(context.Context) {}
	}
	server := &http.Server{
		Handler: p.site.handler, TLSConfig: p.site.tls, ReadHeaderTimeout: headerWithin, ReadTimeout: readWithin, IdleTimeout: idleWithin,
		MaxHeaderBytes: max(headerRoom, 4*clientcert.MaxCertificate), ErrorLog: quietLog(p.log),
	}
	go func() {
		var err error
		if p.site.tls != nil {
			err = server.ServeTLS(listener, "", "")
		} else {
			err = server.Serve(listener)
		}
		if !errors.Is(err, http.ErrServerClosed) {
			failed <- err
		}
	}()
	return func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, drainMargin)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			p.log.WarnContext(ctx, "not all pages of certificates were finished", slog.Any("error", err))
		}
	}
}
