package main

import (
	"context"
	"errors"
	"io/fs"
)

// exitCode is how the program ends. The numbers are documented and stable.
type exitCode int

const (
	exitOK       exitCode = 0
	exitRefused  exitCode = 1 // the input is not valid
	exitUsage    exitCode = 2 // the command line is wrong
	exitIO       exitCode = 3 // something could not be read or written
	exitInternal exitCode = 4 // a fault of this program
	exitPending  exitCode = 5 // a payment waits for something outside
	exitUnknown  exitCode = 6 // it is not known what became of a request
	exitSettings exitCode = 7 // a configuration is wrong
	exitPartly   exitCode = 8 // a conformance run is incomplete
)

// kind names the exit code in JSON.
func (c exitCode) kind() string {
	switch c {
	case exitRefused:
		return "refused"
	case exitUsage:
		return "usage"
	case exitIO:
		return "io"
	case exitPending:
		return "pending"
	case exitUnknown:
		return "unknown"
	case exitSettings:
		return "configuration"
	case exitPartly:
		return "incomplete"
	}
	return "internal"
}

// failure is why a command could not do what it was asked for.
type failure struct {
	exit   exitCode
	text   string // what is wrong, in the language of the user
	remedy string // what to do about it
	cause  error
}

func (f *failure) Error() string { return f.text }

func (f *failure) Unwrap() error { return f.cause }

// refusal is what the errors of all packages of the SDK can tell.
type refusal interface {
	error
	Code() string
	Clause() string
	Text(language string) string
	Expected() string
	Found() string
	Place() string
}

// refusalOf returns the refusal inside err, or nil.
func refusalOf(err error) refusal {
	r, _ := errors.AsType[refusal](err)
	return r
}

// classified makes a failure of any error that a command returns.
func (a *app) classified(err error) *failure {
	if f, ok := errors.AsType[*failure](err); ok {
		return f
	}
	if r := refusalOf(err); r != nil {
		return &failure{exit: exitRefused, text: r.Text(string(a.lang)), cause: err}
	}
	if errors.Is(err, context.Canceled) {
		return &failure{exit: exitIO, text: a.say(phrase{"interrupted", "중단되었습니다"}), cause: err}
	}
	return &failure{exit: exitInternal, text: err.Error(), cause: err}
}

func (a *app) usage(text, remedy string) error {
	return &failure{exit: exitUsage, text: text, remedy: remedy}
}

// misconfigured is the failure of a configuration that cannot work.
func (a *app) misconfigured(text, remedy string) error {
	return &failure{exit: exitSettings, text: text, remedy: remedy}
}

func (a *app) refused(text, remedy string) error {
	return &failure{exit: exitRefused, text: text, remedy: remedy}
}

// ioFailure tells what the operating system said about a file, without
// repeating its name.
func (a *app) ioFailure(did phrase, name string, err error) error {
	reason := err
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		reason = path.Err
	}
	f := &failure{exit: exitIO, text: a.say(did, shown(name)) + ": " + reason.Error(), cause: err}
	if errors.Is(err, fs.ErrNotExist) {
		f.remedy = a.say(phrase{"check the name of the file and the folder", "파일과 폴더의 이름을 확인하십시오"})
	}
	return f
}
