//go:build unix

package postgrestest

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// unprivilegedUser returns whom PostgreSQL runs as if the test runs as root.
func unprivilegedUser() (credential *syscall.Credential, err error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, lookup := user.Lookup(name)
		if lookup != nil {
			err = lookup
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err1 == nil && err2 == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
		}
	}
	return nil, fmt.Errorf("no user to run PostgreSQL as: %w", err)
}

// own gives the folder to that user.
func own(folder string) error {
	c, err := unprivilegedUser()
	if err != nil || c == nil {
		return err
	}
	return os.Chown(folder, int(c.Uid), int(c.Gid))
}

func unprivileged(cmd *exec.Cmd) {
	// A group of its own, so that Kill meets the server's children too.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.SysProcAttr.Credential, _ = unprivilegedUser()
}

func killAll(c *Cluster) { _ = syscall.Kill(-c.server.Process.Pid, syscall.SIGKILL) }
