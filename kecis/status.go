package kecis

import (
	"strings"

	"github.com/kecis/sdk/kecis/xmltree"
)

// Status is what an answer says of its request: SAML's two levels of status,
// and what a requester needs to act without guessing (KECIS-MSG-022 to 025).
type Status struct {
	// Top is SAML's top-level code: Success exactly where Outcome is Done.
	Top Top
	// Code is the reason, SAML's second-level code without its prefix. One that
	// this version does not know is handled by Outcome and Retry.
	Code Code
	// Outcome says whether the effect has happened.
	Outcome Outcome
	// Retry says what the requester may do now.
	Retry Retry
	// Korean and English are texts for people, never for programs.
	Korean, English string
	// Upstream is the reason of a system behind the sender; its Code is ""
	// where there was none.
	Upstream Upstream
}

// Upstream is a reason as a system behind the sender of an answer gave it.
type Upstream struct {
	// System names the system or its table of codes, as "iso8583".
	System string
	// Code is the system's own code.
	Code string
	// Text is the system's own text; "" for none.
	Text string
}

// NewStatus returns the status of a code of the catalogue, with the outcome,
// retry rule and texts that stand there. For another code it returns a status
// that Sign refuses.
func NewStatus(code Code) Status {
	return Status{
		Top:     topOf(code),
		Code:    code,
		Outcome: Outcome(indexOf(outcomes, code.Outcome())),
		Retry:   Retry(indexOf(retries, code.Retry())),
		Korean:  code.Text("ko"),
		English: code.Text("en"),
	}
}

// topOf returns Requester where the request itself stands in the way, and
// Responder where its fate was decided by the answering side.
func topOf(code Code) Top {
	switch {
	case code.Outcome() == "done":
		return Success
	case code == ErrVersion:
		return VersionMismatch
	case code == ErrDeclinedIssuer, code == ErrDeclinedLimit, code == ErrLostStolen, code == ErrUnavailable:
		return Responder
	case code.Outcome() == "not-done":
		return Requester
	}
	return Responder
}

// Text returns the text in Korean for "ko", else in English.
func (s *Status) Text(language string) string {
	if language == "ko" || strings.HasPrefix(language, "ko-") {
		return s.Korean
	}
	return s.English
}

// Err returns nil if the effect that was asked for is durable, else a *Fault.
func (s *Status) Err() error {
	if s.Outcome == Done {
		return nil
	}
	return &Fault{
		Outcome: s.Outcome, Retry: s.Retry, Code: s.Code,
		Korean: s.Korean, English: s.English, Upstream: s.Upstream,
	}
}

// check refuses a status that contradicts itself (KECIS-MSG-024).
func (s *Status) check() *Error {
	if (s.Outcome == Done) != (s.Top == Success) {
		return &Error{code: ErrStatus, expected: "Success exactly where the outcome is done", found: s.Top.String() + " and " + s.Outcome.String()}
	}
	good := false
	switch s.Outcome {
	case Done:
		good = s.Retry == RetryNever
	case NotDone:
		good = s.Retry == RetryNever || s.Retry == RetryNewID
	case Pending:
		good = s.Retry == RetryInquire
	case Unknown:
		good = s.Retry == RetrySameID || s.Retry == RetryReverseFirst || s.Retry == RetryInquire
	}
	if !good {
		return &Error{code: ErrStatus, expected: "a retry rule that the outcome allows", found: s.Outcome.String() + " and " + s.Retry.String()}
	}
	return nil
}

// status reads samlp:Status.
func (d *decoder) status(s *Status, e xmltree.Element) {
	if e.IsZero() {
		return
	}
	a := d.attributes(e)
	a.end("")
	c := d.content(e, "samlp:StatusCode samlp:StatusDetail ")
	d.statusCode(s, c.need(nsSAMLP, "StatusCode"))
	detail := c.need(nsSAMLP, "StatusDetail")
	c.end()
	if detail.IsZero() {
		return
	}
	a = d.attributes(detail)
	a.end("")
	c = d.content(detail, "kecis:Detail ")
	d.statusDetail(s, c.need(Namespace, "Detail"))
	c.end()
	if d.err == nil {
		d.check(s.check(), e)
	}
}

func (d *decoder) statusCode(s *Status, e xmltree.Element) {
	a := d.attributes(e)
	value := a.need("Value")
	if local, ok := strings.CutPrefix(value, statusPrefix); ok {
		s.Top = Top(indexOf(tops, local))
	}
	if s.Top == 0 {
		a.bad(ErrUnsupported, "Value", "one of SAML's four top-level codes", value)
	}
	a.end(" Value ")
	c := d.content(e, "samlp:StatusCode ")
	second := c.need(nsSAMLP, "StatusCode")
	c.end()
	a = d.attributes(second)
	value = a.need("Value")
	code, ok := strings.CutPrefix(value, reasonPrefix)
	if !ok || !validCode(code) {
		a.bad(ErrValue, "Value", reasonPrefix+" and "+codeForm, value)
	}
	s.Code = Code(code)
	a.end(" Value ")
	d.empty(second)
}

func (d *decoder) statusDetail(s *Status, e xmltree.Element) {
	if e.IsZero() {
		return
	}
	a := d.attributes(e)
	s.Outcome = Outcome(a.choice("Outcome", outcomes))
	s.Retry = Retry(a.choice("Retry", retries))
	a.end(" Outcome Retry ")
	c := d.content(e, "kecis:Korean kecis:English kecis:Upstream ")
	s.Korean = d.line(c.need(Namespace, "Korean"), maxText)
	s.English = d.line(c.need(Namespace, "English"), maxText)
	if up, ok := c.option(Namespace, "Upstream"); ok {
		a = d.attributes(up)
		s.Upstream.Code = a.line("Code", maxToken)
		s.Upstream.System = a.token("System", 1, maxToken, tokenForm)
		if text, ok := a.option("Text"); ok {
			s.Upstream.Text = text
			a.text("Text", text, maxText)
		}
		a.end(" Code System Text ")
		d.empty(up)
	}
	c.end()
}

// status writes samlp:Status.
func (e *encoder) status(s *Status) {
	e.start("samlp", "Status")
	e.keep(s.check())
	e.start("samlp", "StatusCode")
	e.choice("Value", statusPrefix+s.Top.String())
	e.start("samlp", "StatusCode")
	if !validCode(string(s.Code)) {
		e.refuse(ErrValue, "Value", codeForm, string(s.Code))
	}
	e.attr("Value", reasonPrefix+string(s.Code))
	e.w.End()
	e.w.End()
	e.start("samlp", "StatusDetail")
	e.start("kecis", "Detail")
	e.choice("Outcome", s.Outcome.String())
	e.choice("Retry", s.Retry.String())
	e.leaf("Korean", s.Korean, maxText)
	e.leaf("English", s.English, maxText)
	if s.Upstream != (Upstream{}) {
		e.start("kecis", "Upstream")
		e.line("Code", s.Upstream.Code, maxToken)
		e.token("System", s.Upstream.System, 1, maxToken, tokenForm)
		if s.Upstream.Text != "" {
			e.line("Text", s.Upstream.Text, maxText)
		}
		e.w.End()
	}
	e.w.End()
	e.w.End()
	e.w.End()
}
