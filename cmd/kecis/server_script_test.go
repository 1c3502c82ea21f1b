package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// freePorts sets variables to ports of the loopback interface that nobody
// listens on.
func freePorts(env *testscript.Env, names ...string) error {
	for _, name := range names {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		defer l.Close()
		_, port, _ := net.SplitHostPort(l.Addr().String())
		env.Setenv(name, port)
	}
	return nil
}

// ports puts the free ports of the script in place of those of the examples:
// ports FILE...
func ports(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: ports FILE...")
	}
	for _, name := range args {
		content := strings.NewReplacer("8440", ts.Getenv("PG_PORT"), "8441", ts.Getenv("ISSUER_PORT")).Replace(ts.ReadFile(name))
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(content), 0o600))
	}
}

// jsonEnv sets a variable to a value of the JSON on standard output:
// jsonenv NAME PATH.
func jsonEnv(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: jsonenv NAME PATH")
	}
	value := jsonValue(ts, args[1])
	if value == nil {
		ts.Fatalf("%s is not there", args[1])
	}
	ts.Setenv(args[0], fmt.Sprint(value))
}

// The patience of waitfor with a process that is starting.
const (
	waitForMost = 30 * time.Second
	waitForPoll = 20 * time.Millisecond
)

// waitFor asks a page until it answers with a text: waitfor URL TEXT.
func waitFor(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: waitfor URL TEXT")
	}
	ctx, cancel := context.WithTimeout(context.Background(), waitForMost)
	defer cancel()
	for {
		last := page200(ctx, args[0])
		if strings.Contains(last, args[1]) {
			return
		}
		select {
		case <-ctx.Done():
			ts.Fatalf("%s does not say %q; it says %q", args[0], args[1], last)
		case <-time.After(waitForPoll):
		}
	}
}

func page200(ctx context.Context, url string) string {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err.Error()
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return err.Error()
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	return fmt.Sprint(response.StatusCode, " ", string(body))
}

// inbox writes into a file the amount that a test cardholder was told last:
// inbox HOLDER FILE.
func inbox(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: inbox HOLDER FILE")
	}
	content := page200(context.Background(), "http://127.0.0.1:"+ts.Getenv("ISSUER_PORT")+"/api/inbox/"+args[0])
	found := regexp.MustCompile(`"amount": ?(\d+)`).FindStringSubmatch(content)
	if found == nil {
		ts.Fatalf("the inbox says %s", content)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(found[1]+"\n"), 0o600))
}
