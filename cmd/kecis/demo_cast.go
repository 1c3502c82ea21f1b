package main

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"

	"github.com/kecis/sdk/conformance/reference/issuer"
	"github.com/kecis/sdk/conformance/reference/pg"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/kecistest"
	"github.com/kecis/sdk/kecis/xmlenc"
	"github.com/kecis/sdk/kecis/xmlsig"
)

// The parties and the orders of the demo.
const (
	demoShop   = "https://shop.example/kecis"
	demoPG     = "https://pg.example/kecis"
	demoIssuer = "https://issuer.example/kecis"
	demoOrder  = "20261124-000123"
	demoLost   = "20261124-000124"
	demoDear   = "20261124-000125"
	demoSigned = "20261124-000126"
	demoCard   = "card-approve" // of docs/test-instruments.md
	demoAmount = 50_000         // won
	demoPart   = 20_000
	demoLarge  = 320_000 // more than the PG takes unauthenticated
)

// demoKeys are the keys of all parties, by the names of their files. The last is
// a stranger's.
var demoKeys = []string{"shop", "pg", "pg-metadata", "issuer", "issuer-metadata", "stranger"}

// demoFiles are what an earlier run has left, and this one begins anew.
var demoFiles = []string{"issuer.db", "pg.db", "shop.db", "issuer.number.key", "pg.authentication.key", "ca", "issuer-partners", "pg-partners", "shop-partners"}

// cast are the parties of the demo, running in this process.
type cast struct {
	issuer, pg *provider
	shop       *requester
	// atPG and atIssuer are the wires to these.
	atPG, atIssuer *wiretap
	record         *demoRecord
	// people have certificates; answers about them are at the address of responder.
	people  *kecistest.Hierarchy
	read    func(document []byte) kecis.Message
	private *xmlenc.PrivateKey
	signers map[string]*xmlsig.Signer
	stop    func()
}

// makeKeys makes a key for each actor, as keygen does.
func (d *demonstration) makeKeys(context.Context) error {
	for _, name := range demoFiles {
		if err := os.RemoveAll(d.path(name)); err != nil {
			return d.app.ioFailure(phrase{"cannot remove %s", "%s을(를) 지울 수 없습니다"}, d.path(name), err)
		}
	}
	for _, name := range demoKeys {
		if _, err := d.app.keygen(d.path(name), keyTypes[0], useSigning, true); err != nil {
			return err
		}
		signer, err := d.app.signer(filesOf(d.path(name), useSigning).private, "")
		if err != nil {
			return err
		}
		d.cast.signers[name] = signer
	}
	for _, name := range []string{"issuer", "pg"} {
		if _, err := d.app.keygen(d.path(name), keyTypes[0], useEncryption, true); err != nil {
			return err
		}
	}
	files := filesOf(d.path("issuer"), useEncryption)
	key, err := d.app.privateKey(files.private, useEncryption)
	if err != nil {
		return err
	}
	if d.cast.private, err = xmlenc.NewPrivateKey(key); err != nil {
		return err
	}
	d.step(demoStep{
		Title:   d.say(phrase{"keys for a shop, a PG, a card issuer and a stranger", "상점, PG, 카드 발급사, 제3자의 키"}),
		Command: d.command("keygen NAME"),
		print: func(p *page) {
			for _, name := range []string{"shop", "pg", "issuer"} {
				p.row(d.path(name+".signing.*"), d.cast.signers[name].Public().String())
			}
			p.row(d.path("issuer.encryption.*"), d.cast.private.Recipient().KeyName())
		},
	})
	return nil
}

// open starts the parties: an issuer and a PG on free ports of this machine, each
// with its own journal, and a shop.
func (d *demonstration) open(ctx context.Context) error {
	listeners := map[string]net.Listener{}
	for _, name := range []string{"issuer", "pg", "certificate", "ca"} {
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return d.app.cannotListen("127.0.0.1", err)
		}
		listeners[name] = l
	}
	port := strconv.Itoa(listeners["certificate"].Addr().(*net.TCPAddr).Port) //nolint:forcetypeassert // it is one of TCP
	at := strings.NewReplacer("127.0.0.1:8441", listeners["issuer"].Addr().String(), "127.0.0.1:8440", listeners["pg"].Addr().String(),
		"127.0.0.1:8450", "127.0.0.1:"+port, "localhost:8450", "localhost:"+port)
	if err := d.openAuthorities(listeners["ca"]); err != nil {
		return err
	}
	for name, text := range map[string]string{"issuer.yaml": exampleIssuer, "pg.yaml": authenticating(examplePG), "shop.yaml": exampleShop} {
		if err := d.app.write(d.path(name), []byte(at.Replace(text)), modePublic, true); err != nil {
			return err
		}
	}
	c := d.cast
	c.record = &demoRecord{}
	c.read = reader(ctx, xmlsig.Keys{c.signers["shop"].Public(), c.signers["pg"].Public(), c.signers["issuer"].Public()})
	var err error
	if c.issuer, err = d.host(ctx, "issuer", listeners["issuer"], nil, d.logged("issuer.log").buildIssuer); err != nil {
		return err
	}
	if c.pg, err = d.host(ctx, "pg", listeners["pg"], listeners["certificate"], d.logged("pg.log").buildPG); err != nil {
		return err
	}
	if c.shop, err = d.app.requester(ctx, &requesterFlags{config: d.path("shop.yaml")}); err != nil {
		return err
	}
	c.stopping(func() error { return c.shop.journal.Close() })
	c.atPG = c.tap(d.app, demoShop, demoPG)
	c.shop.client.HTTP = &http.Client{Transport: c.atPG}
	d.step(demoStep{
		Title:   d.say(phrase{"an issuer and a PG are running, each with its own journal, and a shop is open", "발급사와 PG가 각자의 저널로 실행되고 상점이 문을 엶"}),
		Command: d.command("serve pg --config %s", "pg.yaml"),
		print: func(p *page) {
			p.field(phrase{"Issuer", "발급사"}, c.issuer.settings.Endpoint)
			p.field(phrase{"PG", "PG"}, c.pg.settings.Endpoint)
			p.field(phrase{"For certificates", "인증서 전용"}, "https://localhost:"+port)
			p.field(phrase{"Logs", "로그"}, d.path("issuer.log")+", "+d.path("pg.log"))
		},
	})
	return nil
}

func (c *cast) tap(a *app, from, to string) *wiretap {
	return &wiretap{from: from, to: to, next: http.DefaultTransport, now: a.now, read: c.read, record: c.record}
}

// stopping adds to what is to be done at the end.
func (c *cast) stopping(do func() error) {
	before := c.stop
	c.stop = func() {
		_ = do() // the demo ends, whatever it says
		before()
	}
}

// logged is the program with its log in a file of the demo.
func (d *demonstration) logged(name string) *app {
	quiet := *d.app
	file, err := os.OpenFile(d.path(name), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, modePublic)
	if err != nil { // then the log is on standard error
		return &quiet
	}
	d.cast.stopping(file.Close)
	quiet.stderr = file
	return &quiet
}

// host builds a provider of its configuration and serves it, with its host of
// certificates, if it has one.
func (d *demonstration) host(ctx context.Context, name string, listener, shown net.Listener, build func(context.Context, string) (*provider, error)) (*provider, error) {
	p, err := build(ctx, d.path(name+".yaml"))
	if err != nil {
		return nil, err
	}
	if p.client != nil {
		d.cast.atIssuer = d.cast.tap(d.app, demoPG, demoIssuer)
		p.client.HTTP = &http.Client{Transport: d.cast.atIssuer}
	}
	working, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var work sync.WaitGroup
	_ = p.partners.fetch(ctx, p.log) // it is logged, and tried again
	d.app.background(working, &work, p)
	server := &http.Server{Handler: p.routes(), ReadHeaderTimeout: headerWithin, ErrorLog: quietLog(p.log)}
	work.Go(func() {
		if err := server.Serve(listener); err != nil && !errors.Is(err, http.ErrServerClosed) {
			p.log.ErrorContext(ctx, "the server has failed", slog.Any("error", err))
		}
	})
	endSite := p.serveSite(shown, make(chan error, 1))
	d.cast.stopping(func() error {
		endSite(working)
		err := server.Close()
		cancel()
		work.Wait()
		return errors.Join(err, p.journal.Close())
	})
	return p, nil
}

// services are the reference programs behind the servers.
func (c *cast) services() (*issuer.Issuer, *pg.PG) { return c.issuer.issuer, c.pg.gateway }

// logLine is the last line of a log that holds a text.
func (d *demonstration) logLine(name, text string) (string, error) {
	content, err := readFile(d.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	last := ""
	for line := range strings.Lines(string(content)) {
		if strings.Contains(line, text) {
			last = strings.TrimSpace(line)
		}
	}
	return last, err
}
