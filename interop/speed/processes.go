package main

import (
	"bufio"
	"crypto"
	"crypto/x509"
	_ "embed"
	"encoding/pem"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

//go:embed programs/xmlsec.c
var xmlsecSource []byte

//go:embed programs/Verify.java
var javaSource []byte

// processes starts the contenders that are other programs. Each is told on its
// standard input how many times to verify, and answers with nanoseconds.
func processes(key crypto.Signer, d document) ([]*contender, error) {
	dir, err := os.MkdirTemp("", "kecis-speed-")
	if err != nil {
		return nil, err
	}
	spki, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return nil, err
	}
	doc := filepath.Join(dir, "doc.xml")
	public := filepath.Join(dir, "public.pem")
	for name, content := range map[string][]byte{
		doc:                               d.bytes,
		public:                            pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: spki}),
		filepath.Join(dir, "xmlsec.c"):    xmlsecSource,
		filepath.Join(dir, "Verify.java"): javaSource,
	} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			return nil, err
		}
	}
	var out []*contender
	if c, err := startXMLSec(dir, doc, public); err != nil {
		fmt.Fprintln(os.Stderr, "speed: libxmlsec1 is left out:", err)
	} else {
		out = append(out, c)
	}
	if c, err := startJava(dir, doc, public); err != nil {
		fmt.Fprintln(os.Stderr, "speed: the JDK is left out:", err)
	} else {
		out = append(out, c)
	}
	if len(out) > 0 {
		last := out[len(out)-1]
		stop := last.close
		last.close = func() {
			stop()
			_ = os.RemoveAll(dir) // only a temporary folder
		}
	}
	return out, nil
}

// startXMLSec compiles and starts the loop over libxmlsec1.
func startXMLSec(dir, doc, public string) (*contender, error) {
	flags, err := exec.Command("pkg-config", "--cflags", "--libs", "xmlsec1-openssl").Output()
	if err != nil {
		return nil, fmt.Errorf("pkg-config xmlsec1-openssl: %w", err)
	}
	program := filepath.Join(dir, "xmlsec")
	args := append([]string{"-O2", "-o", program, filepath.Join(dir, "xmlsec.c")}, strings.Fields(string(flags))...)
	if text, err := exec.Command("cc", args...).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("cc: %w: %s", err, text)
	}
	return start("libxmlsec1, without decoding", program, doc, public)
}

func startJava(dir, doc, public string) (*contender, error) {
	return start("JDK, without decoding", "java", filepath.Join(dir, "Verify.java"), doc, public)
}

// start runs a contender's program.
func start(name, program string, args ...string) (*contender, error) {
	cmd := exec.Command(program, args...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	answers := bufio.NewReader(out)
	return &contender{
		name: name,
		timed: func(n int) (time.Duration, error) {
			if _, err := fmt.Fprintln(in, n); err != nil {
				return 0, err
			}
			line, err := answers.ReadString('\n')
			if err != nil {
				return 0, fmt.Errorf("no answer: %w", err)
			}
			nanoseconds, err := strconv.ParseInt(strings.TrimSpace(line), 10, 64)
			return time.Duration(nanoseconds), err
		},
		close: func() {
			_ = in.Close()
			_, _ = io.Copy(io.Discard, answers)
			_ = cmd.Wait() // it ends with its input
		},
	}, nil
}
