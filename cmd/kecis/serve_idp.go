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
	// providers are read again while it runs.
	providers *serviceProviderBook
	tls       *tls.Config
	path      string // of the location
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
	switch {
	case s.Entity == "":
		return f.missing("entity")
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
	return f.checkHost(nil, &s.Host, &s.Log)
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
	host, err := f.certificateHost(nil, &s.Host)
	if err != nil {
		return nil, err
	}
	i := &identity{settings: s, log: a.logger(s.Log), tls: host.tls, path: host.path}
	c := saml.Config{
		Entity: s.Entity, Location: s.Host.Location, Verifier: host.verifier, Reader: host.reader, Clock: kecis.SystemClock{}, Random: a.random, Log: i.log,
	}
	if err := f.idpKeys(s, &c); err != nil {
		return nil, err
	}
	if i.providers, err = f.serviceProviders(ctx, s.Providers, i.log); err != nil {
		return nil, err
	}
	c.Providers = i.providers
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
	work.Go(func() { sweeper.loop(working, "service providers", i.providers.RunOnce) })
	mux := http.NewServeMux()
	mux.Handle(i.path+"/", i.provider)
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
		i.log.InfoContext(ctx, "listening", slog.String("entity", i.settings.Entity), slog.String("address", i.settings.Host.Listen))
	} else {
		fmt.Fprintln(a.stdout, a.say(phrase{"identity provider %s at %s (listening on %s)", "신원 제공자 %s, 접속점 %s (수신 %s)"},
			i.settings.Entity, i.settings.Host.Location, i.settings.Host.Listen))
	}
	return a.serveUntilDone(ctx, server, i.settings.Host.Listen)
}
