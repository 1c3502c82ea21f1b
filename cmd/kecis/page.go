package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// page collects what people read: lines, and tables whose columns line up.
type page struct {
	lang language
	b    strings.Builder
	rows [][]string
}

func (p *page) say(text phrase, values ...any) string { return text.in(p.lang, values...) }

// line writes a line of text.
func (p *page) line(text phrase, values ...any) { p.plain(p.say(text, values...)) }

// plain writes a line that is the same in both languages.
func (p *page) plain(text string) {
	p.flush()
	p.b.WriteString(text)
	p.b.WriteByte('\n')
}

// field adds a row of a label and a value; an empty value leaves the row out.
func (p *page) field(label phrase, value string) {
	if value != "" {
		p.row(p.say(label), value)
	}
}

// row adds a row to the table at hand; the next line of text ends it.
func (p *page) row(cells ...string) { p.rows = append(p.rows, cells) }

func (p *page) flush() {
	var widths []int
	for _, row := range p.rows {
		for i, cell := range row[:len(row)-1] {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], width(cell))
		}
	}
	for _, row := range p.rows {
		var line strings.Builder
		line.WriteByte(' ')
		for i, cell := range row {
			line.WriteString(" " + cell)
			if i < len(row)-1 {
				line.WriteString(strings.Repeat(" ", 1+widths[i]-width(cell)))
			}
		}
		p.b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	p.rows = nil
}

func (p *page) String() string {
	p.flush()
	return p.b.String()
}

// width returns how many columns a terminal gives the text: Korean letters take
// two.
func width(text string) int {
	n := 0
	for _, r := range text {
		n++
		if r >= 0x1100 && r <= 0x115f || r >= 0x2e80 && r <= 0xa4cf || r >= 0xac00 && r <= 0xd7a3 || r >= 0xff00 && r <= 0xff60 {
			n++
		}
	}
	return n
}

// envelope is what every command prints with --json.
type envelope struct {
	Command  string        `json:"command"`
	OK       bool          `json:"ok"`
	Exit     exitCode      `json:"exit"`
	Result   answer        `json:"result,omitempty"`
	Error    *envelopeFail `json:"error,omitempty"`
	Warnings []string      `json:"warnings,omitempty"`
}

type envelopeFail struct {
	Kind     string `json:"kind"`
	Text     string `json:"text"`
	Remedy   string `json:"remedy,omitempty"`
	Code     string `json:"code,omitempty"`
	Clause   string `json:"clause,omitempty"`
	Expected string `json:"expected,omitempty"`
	Found    string `json:"found,omitempty"`
	Place    string `json:"place,omitempty"`
}

// finish prints the answer and the failure and returns the exit code.
func (a *app) finish(command string, err error) exitCode {
	var f *failure
	code := exitOK
	if err != nil {
		f = a.failureOf(err)
		code = f.exit
	}
	if a.json {
		return a.finishJSON(command, code, f)
	}
	for _, w := range a.warnings {
		fmt.Fprintln(a.stderr, a.say(phrase{"warning: ", "경고: "})+w)
	}
	if a.result != nil && !a.raw {
		p := &page{lang: a.lang}
		a.result.print(p)
		if _, err := io.WriteString(a.stdout, p.String()); err != nil && f == nil {
			f = a.unwritten(err)
			code = f.exit
		}
	}
	if f != nil {
		fmt.Fprint(a.stderr, a.account(command, f))
	}
	return code
}

func (a *app) finishJSON(command string, code exitCode, f *failure) exitCode {
	out := envelope{Command: command, OK: f == nil, Exit: code, Result: a.result, Warnings: a.warnings}
	if f != nil {
		out.Error = &envelopeFail{Kind: code.kind(), Text: f.text, Remedy: f.remedy}
		if r := refusalOf(f.cause); r != nil {
			out.Error.Code, out.Error.Clause = r.Code(), r.Clause()
			out.Error.Expected, out.Error.Found, out.Error.Place = r.Expected(), r.Found(), r.Place()
		}
	}
	enc := json.NewEncoder(a.stdout)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(out); err != nil {
		f = a.unwritten(err)
		fmt.Fprint(a.stderr, a.account(command, f))
		return f.exit
	}
	return code
}

// unwritten is the failure of an answer that could not be printed.
func (a *app) unwritten(err error) *failure {
	return a.failureOf(a.ioFailure(phrase{"cannot write %s", "%s에 쓸 수 없습니다"}, "stdout", err))
}

// prompt asks a person at a terminal for input.
func (a *app) prompt(text phrase) { fmt.Fprint(a.stderr, a.say(text)) }

// account tells people of a failure.
func (a *app) account(command string, f *failure) string {
	p := &page{lang: a.lang}
	r := refusalOf(f.cause)
	switch {
	case r != nil && f.exit == exitRefused:
		p.plain(command + ": " + a.say(phrase{"refused", "거부되었습니다"}))
		p.refusal(r)
	case r != nil:
		p.plain(command + ": " + f.text)
		p.refusal(r)
	case f.exit == exitInternal:
		p.plain(command + ": " + a.say(phrase{"a fault of this program: ", "프로그램 내부 오류: "}) + f.text)
		p.line(phrase{"  Please report it: see SECURITY.md if it can harm, else open an issue.", "  신고해 주십시오. 위험할 수 있으면 SECURITY.md를 따르고, 아니면 이슈를 여십시오."})
	default:
		p.plain(command + ": " + f.text)
	}
	if f.remedy != "" {
		p.plain("  " + f.remedy)
	}
	return p.String()
}

// refusal lists what a refusal tells.
func (p *page) refusal(r refusal) {
	p.field(phrase{"Code", "코드"}, r.Code())
	p.field(phrase{"Clause", "조항"}, r.Clause())
	p.field(phrase{"Reason", "이유"}, r.Text(string(p.lang)))
	p.field(phrase{"Expected", "기대한 것"}, r.Expected())
	p.field(phrase{"Found", "발견한 것"}, r.Found())
	p.field(phrase{"Place", "위치"}, r.Place())
	if cause := refusalOf(errors.Unwrap(r)); cause != nil {
		p.field(phrase{"Cause", "원인"}, cause.Code()+" ("+cause.Clause()+"): "+cause.Text(string(p.lang)))
	}
	p.field(phrase{"More", "자세히"}, programName+" explain "+r.Code())
	p.flush()
}
