package browser_test

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"software.sslmate.com/src/go-pkcs12"

	"github.com/kecis/sdk/conformance/foreign"
	"github.com/kecis/sdk/kecis/kecistest"
)

// chromium is the one browser of a run. Visitors have profiles of their own in it.
type chromium struct {
	ctx     context.Context
	axe     string
	gallery *gallery
	// agent is how the browser names itself.
	agent string
}

// choice says which certificate a person chooses at a host.
type choice struct {
	host string
	user *kecistest.Identity
}

// start starts Chromium for a test. It trusts the town's root, holds the certificates
// of the choices, and chooses among them without asking: what a person does in a
// dialog, the settings of its profile do.
func start(t *testing.T, n *town, choices []choice) *chromium {
	t.Helper()
	home := t.TempDir()
	keep(t, home, n, choices)
	profile := filepath.Join(home, "profile")
	preferences(t, profile, n, choices)
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromiumPath(t)), chromedp.UserDataDir(profile),
		// The store of certificates is in the home; root cannot be in a sandbox.
		chromedp.Env("HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home, "XDG_DATA_HOME="), chromedp.NoSandbox,
	)
	allocated, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, stop := chromedp.NewContext(allocated)
	t.Cleanup(stop)
	limited, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	agent, err := chromedp.Run(ctx, chromedp.Evaluate[string]("navigator.userAgent"))
	if err != nil || limited.Err() != nil {
		t.Fatalf("Chromium did not start: %v", err)
	}
	axe, err := foreign.AxeScript()
	if err != nil {
		t.Fatal(err)
	}
	return &chromium{ctx: ctx, axe: axe, gallery: newGallery(t), agent: agent}
}

// startWithin is for a slow machine that has just been switched on.
const startWithin = time.Minute

func chromiumPath(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// keep writes the store of certificates that Chromium has on Linux: the NSS database
// of its user.
func keep(t *testing.T, home string, n *town, choices []choice) {
	t.Helper()
	folder := filepath.Join(home, ".pki", "nssdb")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	store := "sql:" + folder
	run(t, "certutil", "-N", "-d", store, "--empty-password")
	add := func(name, trust string, c *x509.Certificate) {
		file := filepath.Join(home, "certificate.pem")
		write(t, file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))
		run(t, "certutil", "-A", "-d", store, "-n", name, "-t", trust, "-i", file)
	}
	add("root", "C,,", n.people.Root.Certificate)
	for i, c := range n.people.Intermediates() {
		add("authority "+strconv.Itoa(i), ",,", c)
	}
	for _, c := range choices {
		text, err := pkcs12.Modern.Encode(c.user.Key, c.user.Certificate, nil, "test")
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(home, "person.p12")
		write(t, file, text)
		run(t, "pk12util", "-i", file, "-d", store, "-W", "test")
	}
}

// preferences writes the settings of the profile: what the policy
// AutoSelectCertificateForUrls says to a whole machine, for this profile alone.
func preferences(t *testing.T, profile string, n *town, choices []choice) {
	t.Helper()
	type setting = map[string]any
	rules := setting{}
	for _, c := range choices {
		filter := setting{"SUBJECT": setting{"CN": c.user.Certificate.Subject.CommonName}}
		rules["https://"+c.host+":"+n.port+",*"] = setting{"setting": setting{"filters": []setting{filter}}}
	}
	text, err := json.Marshal(setting{"profile": setting{"content_settings": setting{"exceptions": setting{"auto_select_certificate": rules}}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(profile, "Default"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(profile, "Default", "Preferences"), text)
}

func write(t *testing.T, file string, text []byte) {
	t.Helper()
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

func quietLog() *log.Logger { return log.New(io.Discard, "", 0) }
