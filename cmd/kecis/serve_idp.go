package main

import (
	"context"
	"crypto"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/big"
	"net/http"
	"net/url"
	"os"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/kecis/sdk/adapters/saml"
	"github.com/kecis/sdk/adapters/sqljournal"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/clientcert"
	"github.com/kecis/sdk/kecis/xmlsig"
)

//go:embed example/idp.yaml
var exampleIDP string

// identity is an identity provider that has been built and is to be run.
type identity struct {
	settings *idpSettings
	log      *slog.Logger
	journal  *sqljournal.Journal
	provider *saml.IdentityProvider
	once     saml.JournalOnce
	tls      *tls.Config
}

func (a *app) serveIDP() *cobra.Command {
	var config string
	var showExample bool
	cmd := &cobra.Command{
		Use:     "idp --config FILE",
		Short:   a.say(phrase{"run an identity provider (SAML) by client certificates", "인증서 로그인 신원 제공자(SAML IdP) 실행"}),
		Example: "  kecis serve idp --example > idp.yaml\n  kecis serve idp --config idp.yaml",
		Args:    a.arguments(),
	}
	cmd.Flags().StringVar(&config, "config", "", a.say(phrase{"configuration file", "설정 파일"}))
	cmd.Flags().BoolVar(&showExample, "example", false, a.say(phrase{"print an example of a configuration", "설정 예제 출력"}))
	return a.does(cmd, func(ctx context.Context, _ []string) (result answer, err error) {
		switch {
		case showExample:
			return a.example(exampleIDP)
		case config == "":
			return nil, a.usage(a.say(phrase{"--config is missing", "--config가 없습니다"}),
				a.say(phrase{"begin with: ", "다음으로 시작하십시오: "})+cmd.CommandPath()+" --example > idp.yaml")
		}
		i, err := a.buildIDP(ctx, config)
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, i.journal.Close()) }()
		return &stopped{}, a.runIDP(ctx, i)
	})
}

func (f *settingsFile) checkIDP(s *idpSettings) error {
	u, err := url.Parse(s.Location)
	switch {
	case s.Entity == "":
		return f.missing("entity")
	case s.Location == "":
		return f.missing("location")
	case err != nil || u.Scheme != "https" || u.Host == "" || u.Path == "" || u.RawQuery != "":
		return f.at([]any{"location"}, phrase{"a location is https with a path, as https://idp.example/saml", "location은 https://idp.example/saml처럼 경로가 있는 https 주소여야 합니다"})
	case s.Listen == "":
		return f.missing("listen")
	case s.Keys.Answers.File == "":
		return f.missing("keys", "answers", "file")
	case s.Keys.Answers.Certificate == "":
		return f.missing("keys", "answers", "certificate")
	case s.Keys.Metadata.File == "":
		return f.missing("keys", "metadata", "file")
	case s.Journal == "":
		return f.missing("journal")
	case s.Secret == "":
		return f.missing("secret")
	}
	host, err := f.checkListening(s.Listen, "127.0.0.1:8450", &s.TLS, &s.Log)
	if err != nil {
		return err
	}
	if s.TLS.Certificate == "" && (s.Proxy == nil || !loopback(host)) {
		return f.at([]any{"tls"}, phrase{"without tls there is no certificate to see: give tls, or a proxy of this machine", "tls가 없으면 인증서를 받을 수 없습니다. tls를 쓰거나 이 컴퓨터의 proxy를 두십시오"})
	}
	return nil
}

func (a *app) buildIDP(ctx context.Context, name string) (*identity, error) {
	s := &idpSettings{}
	f, err := a.settings(name, s)
	if err != nil {
		return nil, err
	}
	if err := f.checkIDP(s); err != nil {
		return nil, err
	}
	policy, mode, err := f.policy(&s.Users)
	if err != nil {
		return nil, err
	}
	i := &identity{settings: s, log: a.logger(s.Log)}
	clock := kecis.SystemClock{}
	verifier, err := clientcert.NewVerifier(policy, clientcert.Revocation{
		Mode: mode, Fetcher: clientcert.NewHTTPFetcher(&http.Client{}, clock), Cache: clientcert.NewMemoryCache(0),
	}, clock)
	if err != nil {
		return nil, f.because([]any{"users"}, err)
	}
	c := saml.Config{Entity: s.Entity, Location: s.Location, Verifier: verifier, Clock: clock, Random: a.random, Log: i.log}
	if c.Reader, err = f.reader(s.Proxy); err != nil {
		return nil, err
	}
	if err := f.idpKeys(s, &c); err != nil {
		return nil, err
	}
	if c.Providers, err = f.serviceProviders(ctx, s.Providers); err != nil {
		return nil, err
	}
	if i.tls, err = f.idpTLS(s, policy.Anchors, policy.Intermediates); err != nil {
		return nil, err
	}
	if i.journal, err = f.openJournal(ctx, s.Journal); err != nil {
		return nil, err
	}
	i.once = saml.JournalOnce{Journal: i.journal}
	c.Once = i.once
	if i.provider, err = saml.New(c); err != nil {
		return nil, errors.Join(f.because(nil, err), i.journal.Close())
	}
	return i, nil
}

// The labels that make two secrets of the one in the file.
const (
	namesLabel = "kecis serve idp: names 1"
	pagesLabel = "kecis serve idp: pages 1"
)

// idpKeys reads the keys, the certificate and the secret.
func (f *settingsFile) idpKeys(s *idpSettings, c *saml.Config) (err error) {
	key, err := f.a.privateKey(f.file(s.Keys.Answers.File), useSigning)
	if err != nil {
		return f.because([]any{"keys", "answers"}, err)
	}
	if c.Signer, err = xmlsig.NewSigner(key); err != nil {
		return f.because([]any{"keys", "answers"}, err)
	}
	if c.Certificate, err = f.answersCertificate(s, key); err != nil {
		return err
	}
	if c.MetadataSigner, err = f.a.signer(f.file(s.Keys.Metadata.File), ""); err != nil {
		return f.because([]any{"keys", "metadata"}, err)
	}
	secret, err := f.secret(s.Secret)
	if err != nil {
		return err
	}
	if c.PseudonymSecret, err = hkdf.Key(sha256.New, secret, nil, namesLabel, secretBytes); err != nil {
		return err
	}
	c.SessionSecret, err = hkdf.Key(sha256.New, secret, nil, pagesLabel, secretBytes)
	return err
}

// answersLife is long: service providers look at the key alone.
const answersLife = 10 * 365 * 24 * time.Hour

// answersCertificate reads the certificate of the key that signs answers, and
// makes it where it is absent: SAML carries keys in certificates.
func (f *settingsFile) answersCertificate(s *idpSettings, key crypto.Signer) (*x509.Certificate, error) {
	path := []any{"keys", "answers", "certificate"}
	file := f.file(s.Keys.Answers.Certificate)
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		now := f.a.now()
		template := &x509.Certificate{
			SerialNumber: big.NewInt(now.Unix()), Subject: pkix.Name{CommonName: "KECIS identity provider"},
			NotBefore: now.Add(-time.Hour), NotAfter: now.Add(answersLife), KeyUsage: x509.KeyUsageDigitalSignature,
		}
		raw, err := x509.CreateCertificate(f.a.random, template, template, key.Public(), key)
		if err != nil {
			return nil, f.because(path, err)
		}
		made, err := x509.ParseCertificate(raw)
		if err != nil {
			return nil, f.because(path, err)
		}
		if err := f.a.write(file, pemCertificates(made), modePublic, false); err != nil {
			return nil, f.because(path, err)
		}
	}
	list, err := f.certificates(path, []string{s.Keys.Answers.Certificate})
	if err != nil {
		return nil, err
	}
	if len(list) != 1 {
		return nil, f.at(path, phrase{"one certificate is wanted", "인증서가 하나여야 합니다"})
	}
	return list[0], nil
}

// idpTLS is the configuration of TLS: that of a proxy by mutual TLS, or that of
// persons' browsers.
func (f *settingsFile) idpTLS(s *idpSettings, anchors, authorities []*x509.Certificate) (*tls.Config, error) {
	if s.TLS.Certificate == "" {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(f.file(s.TLS.Certificate), f.file(s.TLS.Key))
	if err != nil {
		return nil, f.at([]any{"tls"}, phrase{"the TLS certificate cannot be used: %v", "TLS 인증서를 쓸 수 없습니다: %v"}, err)
	}
	if s.Proxy != nil {
		return clientcert.ServerTLS([]tls.Certificate{pair}), nil
	}
	return clientcert.ServerTLS([]tls.Certificate{pair}, append(append([]*x509.Certificate(nil), anchors...), authorities...)...), nil
}

// runIDP serves until ctx is done, and forgets old requests meanwhile.
func (a *app) runIDP(ctx context.Context, i *identity) error {
	working, stop := context.WithCancel(ctx)
	var work sync.WaitGroup
	defer work.Wait()
	defer stop()
	sweeper := &provider{log: i.log}
	work.Go(func() {
		sweeper.loop(working, "answered requests", func(ctx context.Context) (bool, error) { return i.once.RunOnce(ctx, a.now()) })
	})
	u, err := url.Parse(i.settings.Location)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle(u.Path+"/", i.provider)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		if _, err := i.once.Seen(r.Context(), "health"); err != nil {
			http.Error(w, "the journal cannot be read", http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte("ok\n"))
	})
	server := &http.Server{
		Handler: mux, TLSConfig: i.tls, ReadHeaderTimeout: headerWithin, ReadTimeout: readWithin, IdleTimeout: idleWithin,
		MaxHeaderBytes: max(headerRoom, 4*clientcert.MaxCertificate), ErrorLog: quietLog(i.log),
	}
	if a.json {
		i.log.InfoContext(ctx, "listening", slog.String("entity", i.settings.Entity), slog.String("address", i.settings.Listen))
	} else {
		fmt.Fprintln(a.stdout, a.say(phrase{"identity provider %s at %s (listening on %s)", "신원 제공자 %s, 접속점 %s (수신 %s)"},
			i.settings.Entity, i.settings.Location, i.settings.Listen))
	}
	return a.serveUntilDone(ctx, server, i.settings.Listen)
}
