package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// maxLines is how long main.go may be and still be called minimal.
const maxLines = 60

func TestMinimal(t *testing.T) {
	text, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(text, []byte("\n")); n > maxLines {
		t.Errorf("main.go has %d lines, at most %d are promised", n, maxLines)
	}
}

// TestPays builds the PG and the shop, runs them, and lets the shop pay.
func TestPays(t *testing.T) {
	folder := t.TempDir()
	for _, program := range []string{"minimalpg", "shop"} {
		build := exec.Command("go", "build", "-o", folder+string(filepath.Separator), "../"+program)
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	for _, party := range []string{"pg", "shop"} {
		writeKeys(t, filepath.Join(folder, party+".signing"))
	}
	address := freeAddress(t)
	pg := program(t, folder, "minimalpg", "-listen", address)
	var log bytes.Buffer
	pg.Stderr = &log
	if err := pg.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = pg.Process.Kill()
		_ = pg.Wait()
	})
	for _, test := range []struct{ order, amount, want string }{
		{"ORD-0001", "35000", "paid ₩35,000, approval 00000001\n"},
		{"ORD-0002", "2000000", "paid ₩2,000,000, approval 00000002\n"},
		{"ORD-0003", "99", "invalid-amount"},
		{"ORD-0001", "35000", "duplicate"},
	} {
		out, _ := program(t, folder, "shop", "-pg", "http://"+address+"/", "-order", test.order, "-amount", test.amount, "-attempt", "1").CombinedOutput()
		if !strings.Contains(string(out), test.want) {
			t.Errorf("order %s: %q, want %q\n%s", test.order, out, test.want, log.String())
		}
	}
}

func program(t *testing.T, folder, name string, arguments ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	c := exec.CommandContext(ctx, filepath.Join(folder, name), arguments...)
	c.Dir = folder
	return c
}

// freeAddress is one on this machine that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// writeKeys does what "kecis keygen" does.
func writeKeys(t *testing.T, name string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{
		name + ".key.pem": {Type: "PRIVATE KEY", Bytes: secret}, name + ".pub.pem": {Type: "PUBLIC KEY", Bytes: public},
	} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
