package foreign

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	// answerTime bounds one answer. Starting a Java virtual machine and compiling
	// the program takes a second on a quiet machine, and half a minute on a busy one.
	answerTime = 2 * time.Minute
	// endTime bounds how long a process may take to end once its input is closed.
	endTime = 10 * time.Second
)

// process is a long-lived helper program that answers requests one by one: a
// line for each request and for each answer (java/Signature.java).
type process struct {
	program Program
	mutex   sync.Mutex
	command *exec.Cmd
	in      io.WriteCloser
	answers chan string // closed when the process ends
	stderr  *bytes.Buffer
}

// start runs a helper program until the test ends.
func start(t testing.TB, program Program, name string, args ...string) *process {
	t.Helper()
	p := &process{program: program, command: exec.Command(name, args...), answers: make(chan string), stderr: new(bytes.Buffer)}
	p.command.Stderr = p.stderr
	p.command.WaitDelay = endTime
	in, err := p.command.StdinPipe()
	if err != nil {
		t.Fatalf("%s: %v", program, err)
	}
	p.in = in
	out, err := p.command.StdoutPipe()
	if err != nil {
		t.Fatalf("%s: %v", program, err)
	}
	if err := p.command.Start(); err != nil {
		t.Fatalf("%s: %v", program, err)
	}
	done := make(chan struct{})
	go p.read(out, done)
	t.Cleanup(func() {
		close(done)
		if err := p.end(); err != nil {
			t.Logf("%s ended with %v: %s", program, err, p.stderr)
		}
	})
	version, err := p.ask("version")
	if err != nil {
		t.Fatalf("%s does not start: %v", program, err)
	}
	t.Logf("%s, version %s", program, version)
	return p
}

// read hands each line of output on, until the output ends or nobody asks any more.
func (p *process) read(out io.Reader, done <-chan struct{}) {
	defer close(p.answers)
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		select {
		case p.answers <- strings.TrimSuffix(line, "\n"):
		case <-done:
			return
		}
	}
}

// end waits for the process to end, as it does at the end of its input.
func (p *process) end() error {
	_ = p.in.Close()
	kill := time.AfterFunc(endTime, func() { _ = p.command.Process.Kill() })
	defer kill.Stop()
	return p.command.Wait()
}

// ask sends one request and returns the value of its answer.
func (p *process) ask(command string, args ...string) ([]byte, error) {
	words := make([]string, 0, 1+len(args))
	words = append(words, command)
	for _, arg := range args {
		words = append(words, base64.StdEncoding.EncodeToString([]byte(arg)))
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if _, err := io.WriteString(p.in, strings.Join(words, " ")+"\n"); err != nil {
		return nil, p.broken(err)
	}
	select {
	case line, open := <-p.answers:
		if !open {
			return nil, p.broken(errors.New("it ended"))
		}
		return p.value(line)
	case <-time.After(answerTime):
		return nil, p.broken(fmt.Errorf("no answer to %s within %v", command, answerTime))
	}
}

// broken ends the process, so that its error output is complete and no late
// answer can be taken for that of another request.
func (p *process) broken(err error) error {
	_ = p.command.Process.Kill()
	return fmt.Errorf("%s: %w", p.program, err)
}

func (p *process) value(line string) ([]byte, error) {
	kind, encoded, _ := strings.Cut(line, " ")
	value, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, p.broken(fmt.Errorf("answer %.80q: %w", line, err))
	}
	switch kind {
	case "ok":
		return value, nil
	case "refused":
		return nil, &Refusal{p.program, string(value)}
	case "error":
		return nil, fmt.Errorf("%s: %s", p.program, value)
	}
	return nil, p.broken(fmt.Errorf("answer %.80q", line))
}
