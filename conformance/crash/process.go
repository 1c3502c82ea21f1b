package crash

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
)

// process is a party as a process of the operating system, which can be killed
// and started again.
type process struct {
	name    string
	command func(ctx context.Context) *exec.Cmd
	gateway *gateway
	// slot is its place behind the gateway.
	slot int
	// log is the file that takes its log.
	log string

	mu      sync.Mutex
	running *exec.Cmd
	in      io.Closer
	kills   int
}

// start starts the process, unless it runs, and waits until it listens.
func (p *process) start(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running != nil {
		return nil
	}
	log, err := os.OpenFile(filepath.Clean(p.log), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }() // the process has its own
	cmd := p.command(ctx)
	cmd.Stderr = log
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		return fmt.Errorf("crash: %s did not start: %w; see %s", p.name, err, p.log)
	}
	p.running, p.in = cmd, in
	p.gateway.attach(p.slot, strings.TrimSpace(address))
	return nil
}

// kill ends the process at once (SIGKILL): it can clean up nothing. It reports
// whether it ran.
func (p *process) kill() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running == nil {
		return false
	}
	_ = p.running.Process.Kill()
	p.gateway.detach(p.slot)
	_ = p.in.Close()
	_ = p.running.Wait()
	p.running = nil
	p.kills++
	return true
}
