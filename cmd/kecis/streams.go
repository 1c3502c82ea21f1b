package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/term"

	"github.com/kecis/sdk/kecis/xmltree"
)

// standardStream stands for standard input or output instead of a file.
const standardStream = "-"

// maxInput bounds what is read, in bytes: one more than a document may have, so
// that a larger one is refused by the parser and its clause.
const maxInput = xmltree.MaxBytes + 1

// The modes of files that are written: what is secret is for its owner alone.
const (
	modePublic fs.FileMode = 0o644
	modeSecret fs.FileMode = 0o600
)

// read returns the content of a file, or of standard input for "-", which can
// be only one of the inputs.
func (a *app) read(name, role string) ([]byte, error) {
	if name == standardStream {
		if a.stdinFor != "" {
			return nil, a.usage(a.say(phrase{"standard input cannot be both %s and %s", "표준 입력을 동시에 %s 및 %s(으)로 쓸 수 없습니다"}, a.stdinFor, role),
				a.say(phrase{"give one of them as a file", "하나는 파일로 주십시오"}))
		}
		a.stdinFor = role
		content, err := io.ReadAll(io.LimitReader(a.stdin, maxInput))
		if err != nil {
			return nil, a.ioFailure(phrase{"cannot read %s", "%s을(를) 읽을 수 없습니다"}, "stdin", err)
		}
		return content, nil
	}
	content, err := readFile(name)
	if err != nil {
		return nil, a.ioFailure(phrase{"cannot read %s", "%s을(를) 읽을 수 없습니다"}, name, err)
	}
	return content, nil
}

// hiddenLine asks for a line that the terminal does not show while it is typed;
// where standard input is no terminal it is read as a file is.
func (a *app) hiddenLine(question phrase, role string) ([]byte, error) {
	file, ok := a.stdin.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) || a.stdinFor != "" {
		return a.read(standardStream, role)
	}
	a.stdinFor = role
	a.prompt(question)
	line, err := term.ReadPassword(int(file.Fd()))
	fmt.Fprintln(a.stderr) // the Enter was not shown either
	if err != nil {
		return nil, a.ioFailure(phrase{"cannot read %s", "%s을(를) 읽을 수 없습니다"}, "stdin", err)
	}
	return line, nil
}

func readFile(name string) (content []byte, err error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return io.ReadAll(io.LimitReader(file, maxInput))
}

// deliver writes a document to a file, or to standard output for "-": with
// --json it is then part of the object, and the return value is it.
func (a *app) deliver(name string, document []byte, mode fs.FileMode) (inline string, err error) {
	switch {
	case name != standardStream:
		return "", a.write(name, document, mode, true)
	case a.json:
		return string(document), nil
	}
	a.raw = true
	_, err = a.stdout.Write(document)
	if err == nil && isTerminal(a.stdout) {
		_, err = io.WriteString(a.stdout, "\n") // the prompt begins a line
	}
	if err != nil {
		return "", a.ioFailure(phrase{"cannot write %s", "%s에 쓸 수 없습니다"}, "stdout", err)
	}
	return "", nil
}

func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&fs.ModeCharDevice != 0
}

// write makes the file complete or not at all. Without replace it refuses to
// touch one that is there.
func (a *app) write(name string, content []byte, mode fs.FileMode, replace bool) error {
	err := writeFile(a.random, name, content, mode, replace)
	if errors.Is(err, fs.ErrExist) {
		return &failure{
			exit:   exitIO,
			text:   a.say(phrase{"%s is there already", "%s이(가) 이미 있습니다"}, shown(name)),
			remedy: a.say(phrase{"choose another name, or replace it with --force", "다른 이름을 쓰거나 --force로 덮어쓰십시오"}),
			cause:  err,
		}
	}
	if err != nil {
		return a.ioFailure(phrase{"cannot write %s", "%s에 쓸 수 없습니다"}, name, err)
	}
	return nil
}

func writeFile(random io.Reader, name string, content []byte, mode fs.FileMode, replace bool) error {
	if resolved, err := filepath.EvalSymlinks(name); err == nil {
		name = resolved // the file that a link names is replaced, not the link
	}
	switch info, err := os.Stat(name); {
	case err == nil && info.Mode().IsRegular() && !replace:
		return fs.ErrExist
	case err == nil && !info.Mode().IsRegular():
		return writeInto(name, content) // a device or a pipe has no other content
	}
	suffix := make([]byte, 8)
	if _, err := io.ReadFull(random, suffix); err != nil {
		return err
	}
	temporary := filepath.Join(filepath.Dir(name), "."+filepath.Base(name)+"."+hex.EncodeToString(suffix))
	file, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(temporary, name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temporary))
	}
	return nil
}

func writeInto(name string, content []byte) error {
	file, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	return errors.Join(err, file.Close())
}
