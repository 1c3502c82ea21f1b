// Kecis is the command line of the KECIS SDK: it makes keys, signs, verifies,
// inspects and encrypts payment messages, and shows all of it in a demo.
// "kecis help" lists its commands; docs/command-line.md describes them, the exit
// codes and the form of --json.
package main

import (
	"crypto/rand"
	"os"
	"time"
)

func main() {
	a := &app{
		stdin:  os.Stdin,
		stdout: os.Stdout,
		stderr: os.Stderr,
		env:    os.Getenv,
		now:    time.Now, //nolint:forbidigo // the one place where the clock is taken from the system
		random: rand.Reader,
	}
	os.Exit(int(a.run(os.Args[1:])))
}
