package suite

import (
	"encoding/xml"
	"io"
	"strconv"
	"strings"
)

// junitSuite is the form that build servers read.
type junitSuite struct {
	XMLName  xml.Name    `xml:"testsuite"`
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Time     string      `xml:"time,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name    string     `xml:"name,attr"`
	Class   string     `xml:"classname,attr"`
	Time    string     `xml:"time,attr"`
	Failure *junitText `xml:"failure"`
	Error   *junitText `xml:"error"`
	Skipped *junitText `xml:"skipped"`
}

type junitText struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// WriteJUnit writes a report as JUnit XML. What could not run is an error, so that
// no build server takes it for a success.
func (r *Report) WriteJUnit(w io.Writer) error {
	n := r.Summary()
	out := junitSuite{
		Name: "kecis conformance, " + r.Role + ": " + r.Subject, Tests: len(r.Results), Failures: n[Fail],
		Errors: n[CouldNotRun] + n[HarnessError], Skipped: n[NotApplicable], Time: seconds(r.Ended.Sub(r.Began).Seconds()),
	}
	for i := range r.Results {
		c := &r.Results[i]
		line := junitCase{Name: c.Case, Class: strings.Join(c.Clauses, " "), Time: seconds(c.Took.Seconds())}
		switch c.Verdict {
		case Fail:
			line.Failure = &junitText{c.message(), c.text()}
		case CouldNotRun, HarnessError:
			line.Error = &junitText{string(c.Verdict) + ": " + c.Note, c.text()}
		case NotApplicable:
			line.Skipped = &junitText{c.Note, ""}
		}
		out.Cases = append(out.Cases, line)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(out); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func seconds(s float64) string { return strconv.FormatFloat(s, 'f', 3, 64) }

// message is the first finding in a line.
func (r *Result) message() string {
	if len(r.Findings) == 0 {
		return r.Note
	}
	f := &r.Findings[0]
	return f.Step + ": expected " + f.Expected + ", found " + f.Found
}

// text are all findings, a line each.
func (r *Result) text() string {
	var b strings.Builder
	for i := range r.Findings {
		f := &r.Findings[i]
		b.WriteString(f.Step + ": expected " + f.Expected + ", found " + f.Found + "\n")
	}
	return b.String()
}
