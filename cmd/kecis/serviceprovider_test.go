package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestServiceProviderRefresh: metadata of service providers are read again each minute;
// a file that cannot be read leaves what was read before.
func TestServiceProviderRefresh(t *testing.T) {
	const metadata = `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://shop.example/saml">` +
		`<md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol" AuthnRequestsSigned="@">` +
		`<md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://shop.example/acs" index="0"/>` +
		`</md:SPSSODescriptor></md:EntityDescriptor>`
	file := filepath.Join(t.TempDir(), "shop.xml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(strings.ReplaceAll(metadata, "@", "false"))
	now := time.Date(2026, 11, 24, 7, 0, 0, 0, time.UTC)
	f := &settingsFile{a: &app{now: func() time.Time { return now }}}
	log := &strings.Builder{}
	book, err := f.serviceProviders(t.Context(), []serviceProviderSettings{{Metadata: file}}, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		name  string
		file  string
		after time.Duration
		reads bool
		// signed is what the metadata that count say, warned whether the log says why not.
		signed, warned bool
	}{
		{"at once", strings.ReplaceAll(metadata, "@", "true"), 0, false, false, false},
		{"before a minute", "", serviceProviderRefresh - time.Second, false, false, false},
		{"after a minute", "", time.Second, true, true, false},
		{"spoiled", "<x/>", serviceProviderRefresh, true, true, true},
		{"good again", strings.ReplaceAll(metadata, "@", "false"), serviceProviderRefresh, true, false, false},
	} {
		log.Reset()
		if step.file != "" {
			write(step.file)
		}
		now = now.Add(step.after)
		worked, err := book.RunOnce(t.Context())
		if err != nil || worked != step.reads {
			t.Errorf("%s: read %v, %v", step.name, worked, err)
		}
		p, err := book.ServiceProvider(t.Context(), "https://shop.example/saml")
		if err != nil || p == nil || p.SignedRequests != step.signed {
			t.Errorf("%s: %+v, %v", step.name, p, err)
		}
		if strings.Contains(log.String(), "what was read before still counts") != step.warned {
			t.Errorf("%s: log %q", step.name, log)
		}
	}
}
