package main

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"software.sslmate.com/src/go-pkcs12"

	"github.com/kecis/sdk/kecis/kecistest"
)

const (
	// defaultResponder is where "kecis ca serve" listens, and what certificates say.
	defaultResponder = "127.0.0.1:8460"
	// stateFile keeps the authorities, with their keys.
	stateFile = "authorities.json"
	// listLife is how long a list in a file holds; answers that are served hold for
	// answerHold.
	listLife   = 7 * 24 * time.Hour
	answerHold = time.Hour
)

func (a *app) caCommand() *cobra.Command {
	return a.group(&cobra.Command{
		Use:   "ca",
		Short: a.say(phrase{"make test certificates of persons, and serve their revocation", "시험용 개인 인증서 만들기와 폐지 정보 서비스"}),
		Long: a.say(phrase{
			`Makes certificates in the shape of the Korean accredited ones, for tests alone: a
root, six authorities, and persons' certificates that are good, expired, revoked,
or wrong in another way. Their names are invented. docs/certificates.md`,
			`공동인증서와 같은 형식의 시험용 인증서를 만듭니다. 최상위 인증기관, 인증기관 여섯 곳,
그리고 정상, 만료, 폐지 등 여러 상태의 개인 인증서입니다. 이름은 모두 지어낸 것입니다.
docs/certificates.md`}),
		Example: "  kecis ca make ca\n  kecis ca serve ca\n  kecis ca revoke ca good",
	}, a.caMake(), a.caRevoke(), a.caServe())
}

// madeCA is the answer of "kecis ca make".
type madeCA struct {
	Folder   string   `json:"folder"`
	Root     string   `json:"root"`
	Users    []string `json:"users"`
	Policy   string   `json:"policy"`
	Password string   `json:"password"`
	Base     string   `json:"base"`
}

func (m *madeCA) print(p *page) {
	p.line(phrase{"Made a root, six authorities and %d certificates of persons in %s, for tests alone.",
		"시험용 최상위 인증기관, 인증기관 여섯 곳, 개인 인증서 %d개를 %s에 만들었습니다."}, len(m.Users), shown(m.Folder))
	p.field(phrase{"Trust", "신뢰 앵커"}, shown(m.Root))
	p.field(phrase{"Policy", "인증서 정책"}, m.Policy)
	p.field(phrase{"For a browser", "브라우저 등록"}, p.say(phrase{"NAME.p12, password %s", "이름.p12, 암호 %s"}, shown(m.Password)))
	p.field(phrase{"Revocation", "폐지 정보"}, p.say(phrase{"%s: run kecis ca serve", "%s: kecis ca serve로 실행"}, m.Base))
	for _, name := range m.Users {
		p.row(name, p.say(caMeaning(name)))
	}
}

// caMeaning says what a certificate of a hierarchy is for.
func caMeaning(name string) phrase {
	switch name {
	case "good", "second":
		return phrase{"is accepted", "허용됨"}
	case "expired":
		return phrase{"has expired", "유효 기간이 지남"}
	case "not-yet-valid":
		return phrase{"is not valid yet", "유효 기간이 시작되지 않음"}
	case "revoked":
		return phrase{"has been revoked", "폐지됨"}
	case "wrong-usage":
		return phrase{"is for encryption", "암호화용"}
	case "wrong-policy":
		return phrase{"is of another policy", "다른 인증서 정책"}
	}
	return phrase{"is of an authority that nobody trusts", "신뢰하지 않는 인증기관"}
}

func (a *app) caMake() *cobra.Command {
	var keys, base, password string
	var force bool
	cmd := &cobra.Command{
		Use:     "make FOLDER",
		Short:   a.say(phrase{"make the certificates in a folder", "폴더에 인증서 만들기"}),
		Example: "  kecis ca make ca",
		Args:    a.arguments("FOLDER"),
	}
	cmd.Flags().StringVar(&keys, "keys", string(kecistest.RSA2048), a.say(phrase{"kind of keys: rsa-2048, p256", "키 종류: rsa-2048, p256"}))
	cmd.Flags().StringVar(&base, "base", "http://"+defaultResponder, a.say(phrase{"where revocation will be served", "폐지 정보를 제공할 주소"}))
	cmd.Flags().StringVar(&password, "password", "kecis", a.say(phrase{"of the files for browsers", "브라우저용 파일의 암호"}))
	cmd.Flags().BoolVar(&force, "force", false, a.say(phrase{"replace files that are there", "있는 파일을 덮어쓰기"}))
	complete(cmd, "keys", string(kecistest.RSA2048), string(kecistest.P256))
	return a.does(cmd, func(_ context.Context, args []string) (answer, error) {
		if err := a.oneOf("--keys", keys, string(kecistest.RSA2048), string(kecistest.P256)); err != nil {
			return nil, err
		}
		if err := a.absent(force, filepath.Join(args[0], stateFile)); err != nil {
			return nil, err
		}
		h, err := kecistest.NewHierarchy(kecistest.HierarchyConfig{At: a.now(), Keys: kecistest.KeyProfile(keys), Base: base})
		if err != nil {
			return nil, err
		}
		if err := os.MkdirAll(args[0], 0o700); err != nil {
			return nil, a.ioFailure(phrase{"cannot make the folder %s", "폴더 %s을(를) 만들 수 없습니다"}, args[0], err)
		}
		if err := a.writeCA(args[0], h, password, force); err != nil {
			return nil, err
		}
		return &madeCA{
			Folder: args[0], Root: filepath.Join(args[0], "root.pem"), Users: kecistest.UserNames(),
			Policy: kecistest.PolicyPersonal, Password: password, Base: base,
		}, nil
	})
}

// file is a file that is to be written.
type caFile struct {
	name    string
	content []byte
	mode    fs.FileMode
}

// writeCA writes a hierarchy, the state last, so that a folder with one is whole.
func (a *app) writeCA(folder string, h *kecistest.Hierarchy, password string, force bool) error {
	files := []caFile{
		{"root.pem", pemCertificates(h.Root.Certificate), modePublic},
		{"authorities.pem", pemCertificates(h.Intermediates()...), modePublic},
	}
	now := a.now()
	for _, authority := range append([]*kecistest.Authority{h.Root}, h.Authorities...) {
		list, err := authority.CRL(now, now.Add(listLife))
		if err != nil {
			return err
		}
		files = append(files, caFile{authority.Slug + ".crl", list, modePublic})
	}
	h.Server.Name = "server"
	identities := []*kecistest.Identity{h.Server}
	for _, name := range kecistest.UserNames() {
		identities = append(identities, h.Users[name])
	}
	for _, i := range identities {
		key, err := x509.MarshalPKCS8PrivateKey(i.Key)
		if err != nil {
			return err
		}
		bundle, err := pkcs12.Modern.WithRand(a.random).Encode(i.Key, i.Certificate, []*x509.Certificate{i.Issuer.Certificate}, password)
		if err != nil {
			return err
		}
		files = append(files,
			caFile{i.Name + ".pem", pemCertificates(i.Certificate, i.Issuer.Certificate), modePublic},
			caFile{i.Name + ".key.pem", pem.EncodeToMemory(&pem.Block{Type: pemPrivate, Bytes: key}), modeSecret},
			caFile{i.Name + ".p12", bundle, modeSecret})
	}
	state, err := h.State()
	if err != nil {
		return err
	}
	for _, f := range append(files, caFile{stateFile, state, modeSecret}) {
		if err := a.write(filepath.Join(folder, f.name), f.content, f.mode, force); err != nil {
			return err
		}
	}
	return nil
}

func pemCertificates(certificates ...*x509.Certificate) (out []byte) {
	for _, c := range certificates {
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: pemCertificate, Bytes: c.Raw})...)
	}
	return out
}

func (a *app) caServe() *cobra.Command {
	var listen string
	cmd := &cobra.Command{
		Use:     "serve FOLDER",
		Short:   a.say(phrase{"serve lists (CRL) and answers (OCSP) for the certificates in a folder", "폴더의 인증서에 대한 CRL과 OCSP 서비스"}),
		Example: "  kecis ca serve ca",
		Args:    a.arguments("FOLDER"),
	}
	cmd.Flags().StringVar(&listen, "listen", defaultResponder, a.say(phrase{"address to listen on", "수신 주소"}))
	return a.does(cmd, func(ctx context.Context, args []string) (answer, error) {
		responder := &caResponder{app: a, folder: args[0]}
		if _, err := responder.hierarchy(); err != nil {
			return nil, err
		}
		mux := http.NewServeMux()
		mux.Handle("/", responder)
		mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
		server := &http.Server{
			Handler: mux, ReadHeaderTimeout: headerWithin, ReadTimeout: readWithin, IdleTimeout: idleWithin, MaxHeaderBytes: headerRoom,
			ErrorLog: quietLog(a.logger(logSettings{})),
		}
		return &stopped{}, a.serveUntilDone(ctx, server, listen)
	})
}

// stopped is the answer of a server that has stopped.
type stopped struct{}

func (*stopped) print(p *page) {
	p.line(phrase{"Stopped.", "멈췄습니다."})
}

// serveUntilDone serves at an address until ctx is done, and then lets the
// requests at work end.
func (a *app) serveUntilDone(ctx context.Context, server *http.Server, address string) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return a.cannotListen(address, err)
	}
	failed := make(chan error, 1)
	go func() {
		if server.TLSConfig != nil {
			failed <- server.ServeTLS(listener, "", "")
			return
		}
		failed <- server.Serve(listener)
	}()
	select {
	case err := <-failed:
		return a.ioFailure(phrase{"the server at %s has failed", "%s의 서버가 멈췄습니다"}, address, err)
	case <-ctx.Done():
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainMargin)
	defer cancel()
	if err := server.Shutdown(ending); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}
