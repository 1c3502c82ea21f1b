package main

import (
	"crypto/tls"
	"log/slog"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmlsig"
)

// serverSettings are what every server configures beside the party.
type serverSettings struct {
	Listen       string            `yaml:"listen"`
	Endpoint     string            `yaml:"endpoint"`
	TLS          tlsSettings       `yaml:"tls"`
	AnswerWithin time.Duration     `yaml:"answerWithin"`
	Concurrent   int               `yaml:"concurrent"`
	HoldTime     time.Duration     `yaml:"holdTime"`
	Retention    retentionSettings `yaml:"retention"`
	Log          logSettings       `yaml:"log"`
	Metrics      metricsSettings   `yaml:"metrics"`
}

// metricsSettings say where Prometheus reads; without listen there are no metrics.
type metricsSettings struct {
	// Listen is host:port, or a port of the loopback interface.
	Listen string `yaml:"listen"`
}

type tlsSettings struct {
	Certificate string `yaml:"certificate"`
	Key         string `yaml:"key"`
}

type retentionSettings struct {
	Answers      time.Duration `yaml:"answers"`
	Transactions time.Duration `yaml:"transactions"`
}

type logSettings struct {
	Format string     `yaml:"format"`
	Level  slog.Level `yaml:"level"`
}

// checkMetrics completes the address: a port alone is one of the loopback
// interface. Another address is for who puts it behind a wall: metrics have no
// password.
func (f *settingsFile) checkMetrics(s *serverSettings) error {
	m := &s.Metrics
	if m.Listen == "" {
		return nil
	}
	if _, err := strconv.ParseUint(m.Listen, 10, 16); err == nil {
		m.Listen = net.JoinHostPort("127.0.0.1", m.Listen)
	}
	if _, _, err := net.SplitHostPort(m.Listen); err != nil {
		return f.at([]any{"metrics", "listen"}, phrase{"%q is no address: write a port, as 9440, or host:port", "%q은(는) 주소가 아닙니다. 9440처럼 포트를 쓰거나 호스트:포트로 쓰십시오"}, shown(m.Listen))
	}
	if m.Listen == s.Listen {
		return f.at([]any{"metrics", "listen"}, phrase{"metrics need an address of their own", "지표에는 별도의 주소가 필요합니다"})
	}
	return nil
}

// checkListening looks at what all servers have, and returns the host of the
// address. example is one that could stand there.
func (f *settingsFile) checkListening(listen, example string, tls *tlsSettings, log *logSettings) (host string, err error) {
	switch {
	case (tls.Certificate == "") != (tls.Key == ""):
		return "", f.at([]any{"tls"}, phrase{"tls needs both certificate and key", "tls에는 certificate와 key가 모두 필요합니다"})
	case log.Format != "" && log.Format != "text" && log.Format != "json":
		return "", f.at([]any{"log", "format"}, phrase{"%q is no form of a log: choose text or json", "%q은(는) 로그 형식이 아닙니다. text, json 중에서 고르십시오"}, shown(log.Format))
	}
	if host, _, err = net.SplitHostPort(listen); err != nil {
		return "", f.at([]any{"listen"}, phrase{"%q is no address: write host:port, as %s", "%q은(는) 주소가 아닙니다. %s처럼 호스트:포트로 쓰십시오"}, shown(listen), example)
	}
	return host, nil
}

// checkServer refuses addresses that messages must not travel over (P2).
func (f *settingsFile) checkServer(s *serverSettings) error {
	switch {
	case s.Listen == "":
		return f.missing("listen")
	case s.Endpoint == "":
		return f.missing("endpoint")
	case s.AnswerWithin < 0 || s.HoldTime < 0 || s.Retention.Answers < 0 || s.Retention.Transactions < 0 || s.Concurrent < 0:
		return f.at(nil, phrase{"times and numbers are not negative", "시간과 수는 음수일 수 없습니다"})
	}
	host, err := f.checkListening(s.Listen, "127.0.0.1:8440", &s.TLS, &s.Log)
	if err != nil {
		return err
	}
	if s.TLS.Certificate == "" && !loopback(host) {
		return f.at([]any{"listen"}, phrase{"without tls only a loopback address can be listened on, as 127.0.0.1:8440", "tls가 없으면 127.0.0.1:8440 같은 루프백 주소만 쓸 수 있습니다"})
	}
	u, err := url.Parse(s.Endpoint)
	if err != nil || u.Host == "" || u.Path == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return f.at([]any{"endpoint"}, phrase{"an endpoint is a URL with a path, as https://pg.example/kecis", "endpoint는 https://pg.example/kecis처럼 경로가 있는 URL이어야 합니다"})
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return f.at([]any{"endpoint"}, phrase{"an endpoint is https, or http to a loopback address", "endpoint는 https이거나 루프백 주소의 http여야 합니다"})
	}
	return f.checkMetrics(s)
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// path is that of the endpoint: where requests are taken.
func (s *serverSettings) path() string {
	u, err := url.Parse(s.Endpoint)
	if err != nil { // it was parsed before
		return "/"
	}
	return "/" + strings.Trim(u.Path, "/")
}

// below is an address below the endpoint.
func (s *serverSettings) below(path string) string {
	return strings.TrimRight(s.Endpoint, "/") + path
}

// certificate reads the TLS certificate; nil if there is none.
func (f *settingsFile) certificate(s *tlsSettings) (*tls.Config, error) {
	if s.Certificate == "" {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(f.file(s.Certificate), f.file(s.Key))
	if err != nil {
		return nil, f.at([]any{"tls"}, phrase{"the TLS certificate cannot be used: %v", "TLS 인증서를 쓸 수 없습니다: %v"}, err)
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}}, nil
}

// description is what the metadata say beside the rest, with their keys: the
// first signs, the others are announced.
func (f *settingsFile) description(s *partySettings) (*kecis.Description, error) {
	if len(s.Keys.Metadata) == 0 {
		return nil, f.missing("keys", "metadata")
	}
	d := &kecis.Description{Organization: metadata.Organization{
		Name: metadata.Texts(s.Organization.Name), DisplayName: metadata.Texts(s.Organization.DisplayName), URL: metadata.Texts(s.Organization.URL),
	}}
	for i, k := range s.Keys.Metadata {
		if !k.From.IsZero() || !k.Until.IsZero() {
			return nil, f.at([]any{"keys", "metadata", i}, phrase{"a metadata key has no from and until: the first in the list signs", "메타데이터 키에는 from과 until을 쓰지 않습니다. 목록의 첫 키로 서명합니다"})
		}
		signer, err := f.signer("metadata", i, k)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			d.Signer = signer
		} else {
			d.Next = append(d.Next, signer.Public())
		}
	}
	for i, k := range s.Keys.Message {
		if same, err := f.signer("message", i, k); err == nil && isOneOf(same.Public(), d) {
			return nil, f.at([]any{"keys", "message", i}, phrase{"a key has one use: this one signs metadata", "키의 용도는 하나입니다. 이 키는 메타데이터에 서명합니다"})
		}
	}
	return d, nil
}

func isOneOf(key *xmlsig.PublicKey, d *kecis.Description) bool {
	for _, k := range append([]*xmlsig.PublicKey{d.Signer.Public()}, d.Next...) {
		if k.ID() == key.ID() {
			return true
		}
	}
	return false
}

// logger writes to standard error, as text or JSON.
func (a *app) logger(s logSettings) *slog.Logger {
	options := &slog.HandlerOptions{Level: s.Level}
	if s.Format == "json" {
		return slog.New(slog.NewJSONHandler(a.stderr, options))
	}
	return slog.New(slog.NewTextHandler(a.stderr, options))
}
