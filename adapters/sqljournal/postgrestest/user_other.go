//go:build !unix

package postgrestest

import "os/exec"

func own(string) error { return nil }

func unprivileged(*exec.Cmd) {}

func killAll(c *Cluster) { _ = c.server.Process.Kill() }
