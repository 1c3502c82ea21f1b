package main

import (
	"context"
	"crypto/x509"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/kecis/sdk/kecis/kecistest"
)

// revokedCA is the answer of "kecis ca revoke".
type revokedCA struct {
	Certificate string `json:"certificate"`
	Serial      string `json:"serial"`
	List        string `json:"list"`
}

func (r *revokedCA) print(p *page) {
	p.line(phrase{"Revoked %s, serial number %s; it stands in %s, and in what kecis ca serve says.",
		"%s(일련번호 %s)을(를) 폐지했습니다. %s과(와) kecis ca serve의 응답에 반영됩니다."}, shown(r.Certificate), r.Serial, shown(r.List))
}

func (a *app) caRevoke() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "revoke FOLDER NAME",
		Short: a.say(phrase{"revoke a certificate of the folder, and sign its authority's list anew", "폴더의 인증서를 폐지하고 인증기관의 CRL에 다시 서명"}),
		Long: a.say(phrase{
			`NAME is that of a person, as good, or a file with a certificate of one of the
authorities. A list that is kept by a verifier still holds for its time: with
kecis ca serve an hour, with the files seven days.`,
			`이름은 good 같은 인증서 이름이거나 인증기관이 발급한 인증서 파일입니다. 확인하는 쪽이
보관한 목록은 유효 시간 동안 그대로 쓰입니다(kecis ca serve는 1시간, 파일은 7일).`}),
		Example: "  kecis ca revoke ca good",
		Args:    a.arguments("FOLDER", "NAME"),
	}
	return a.does(cmd, func(_ context.Context, args []string) (answer, error) {
		h, err := a.authorities(args[0])
		if err != nil {
			return nil, err
		}
		name := args[1]
		if !strings.ContainsAny(name, "./\\") {
			name = filepath.Join(args[0], name+".pem")
		}
		certificate, err := a.firstCertificate(name)
		if err != nil {
			return nil, err
		}
		for _, authority := range append([]*kecistest.Authority{h.Root}, h.Authorities...) {
			if certificate.CheckSignatureFrom(authority.Certificate) == nil {
				return a.revoke(args[0], h, authority, certificate, name)
			}
		}
		return nil, a.refused(a.say(phrase{"no authority of %s has issued %s", "%s의 인증기관이 발급한 인증서가 아닙니다: %s"}, shown(args[0]), shown(name)), "")
	})
}

func (a *app) firstCertificate(name string) (*x509.Certificate, error) {
	content, err := a.read(name, "certificate")
	if err != nil {
		return nil, err
	}
	for _, block := range a.pemBlocks(content) {
		if block.Type != pemCertificate {
			continue
		}
		if c, err := x509.ParseCertificate(block.Bytes); err == nil {
			return c, nil
		}
	}
	return nil, a.refused(a.say(phrase{"%s holds no certificate", "%s에 인증서가 없습니다"}, shown(name)), "")
}

// revoke writes the list and the state, the state last: what is served follows it.
func (a *app) revoke(folder string, h *kecistest.Hierarchy, authority *kecistest.Authority, certificate *x509.Certificate, name string) (answer, error) {
	now := a.now()
	authority.Revoke(certificate, now)
	list, err := authority.CRL(now, now.Add(listLife))
	if err != nil {
		return nil, err
	}
	state, err := h.State()
	if err != nil {
		return nil, err
	}
	file := filepath.Join(folder, authority.Slug+".crl")
	if err := a.write(file, list, modePublic, true); err != nil {
		return nil, err
	}
	if err := a.write(filepath.Join(folder, stateFile), state, modeSecret, true); err != nil {
		return nil, err
	}
	return &revokedCA{Certificate: name, Serial: certificate.SerialNumber.Text(16), List: file}, nil
}

// authorities reads the authorities of a folder.
func (a *app) authorities(folder string) (*kecistest.Hierarchy, error) {
	state, err := a.read(filepath.Join(folder, stateFile), "authorities")
	if err != nil {
		return nil, err
	}
	h, err := kecistest.Restore(state)
	if err != nil {
		return nil, a.refused(a.say(phrase{"%s does not hold test authorities", "%s에 시험용 인증기관이 없습니다"}, shown(folder)),
			a.say(phrase{"make them with: kecis ca make FOLDER", "다음으로 만드십시오: kecis ca make 폴더"}))
	}
	return h, nil
}

// caResponder answers for the authorities of a folder as they stand there: what
// "kecis ca revoke" writes counts from the next answer on.
type caResponder struct {
	app    *app
	folder string

	mu      sync.Mutex
	seen    fs.FileInfo
	handler http.Handler
}

// ServeHTTP answers a question about revocation.
func (c *caResponder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h, err := c.hierarchy()
	if err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	h.ServeHTTP(w, r)
}

// hierarchy returns what answers, read anew where the file is another.
func (c *caResponder) hierarchy() (http.Handler, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now, err := os.Stat(filepath.Join(c.folder, stateFile))
	if err == nil && c.seen != nil && os.SameFile(now, c.seen) && now.ModTime().Equal(c.seen.ModTime()) && now.Size() == c.seen.Size() {
		return c.handler, nil
	}
	h, err := c.app.authorities(c.folder)
	if err != nil {
		return nil, err
	}
	c.seen, c.handler = now, h.Responder(kecistest.ResponderConfig{Now: c.app.now, Life: answerHold})
	return c.handler, nil
}
