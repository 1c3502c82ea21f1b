package main

import (
	"context"
	"fmt"
	"io"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

// app is one run of the program: what it is given from outside, and what it has
// to say in the end.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	env            func(name string) string
	now            func() time.Time
	random         io.Reader

	lang     language
	json     bool
	stdinFor string   // what standard input has been read as, "" if it has not
	raw      bool     // a document has gone to standard output, so nothing else may
	warnings []string // for people; they change no exit code
	result   answer
}

// answer is what a command has found out. Its exported fields are the result in
// JSON.
type answer interface {
	print(p *page)
}

// action is what a command does. It may return an answer and an error: what it
// found out, and why that is a refusal.
type action func(ctx context.Context, args []string) (answer, error)

// run does what the arguments say and returns how it ended.
func (a *app) run(args []string) (code exitCode) {
	a.lang = languageOf(args, a.env)
	a.json = asksForJSON(args)
	name := programName
	defer func() {
		if fault := recover(); fault != nil {
			a.result = nil
			code = a.finish(name, &failure{exit: exitInternal, text: fmt.Sprint(fault)})
		}
	}()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	root := a.commands()
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	if cmd != nil {
		name = cmd.CommandPath()
	}
	return a.finish(name, err)
}

// does makes a cobra command of an action.
func (a *app) does(cmd *cobra.Command, do action) *cobra.Command {
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		result, err := do(cmd.Context(), args)
		a.result = result
		if err != nil {
			return a.classified(err)
		}
		return nil
	}
	return cmd
}

func (a *app) say(p phrase, values ...any) string { return p.in(a.lang, values...) }

func (a *app) warn(p phrase, values ...any) {
	a.warnings = append(a.warnings, a.say(p, values...))
}
