package main

import (
	"bytes"
	"context"
	"net/url"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kecis/sdk/ecml"
)

func (a *app) ecmlCommand() *cobra.Command {
	return a.group(&cobra.Command{
		Use:   "ecml",
		Short: a.say(phrase{"ECML (RFC 4112): convert, check, look up fields", "ECML (RFC 4112): 변환, 검사, 필드 찾기"}),
		Long: a.say(phrase{
			`ECML, version 2 (RFC 4112): the data of a purchase as HTML form fields or XML.
A form is given as a browser sends it (application/x-www-form-urlencoded), or
with one NAME=VALUE a line.`,
			`ECML 2판(RFC 4112): 구매 정보를 HTML 폼 필드나 XML로 나타냅니다. 폼은 브라우저가
보내는 형식(application/x-www-form-urlencoded)이나 한 줄에 하나씩 NAME=VALUE로 줍니다.`}),
		Example: `  kecis ecml to-xml form.txt
  kecis ecml to-form order.xml
  kecis ecml validate order.xml
  kecis ecml fields card`,
	},
		a.ecmlToXML(), a.ecmlToForm(), a.ecmlShow(), a.ecmlValidate(), a.ecmlFields())
}

// readECML reads ECML in either form and tells which it was.
func (a *app) readECML(name string) (ecom *ecml.Ecom, form bool, err error) {
	content, err := a.read(name, "document")
	if err != nil {
		return nil, false, err
	}
	text := bytes.TrimSpace(bytes.TrimPrefix(content, []byte("\xef\xbb\xbf")))
	if bytes.HasPrefix(text, []byte("<")) {
		ecom, err = ecml.ParseXML(content)
		return ecom, false, err
	}
	values, err := a.formValues(string(text))
	if err != nil {
		return nil, true, err
	}
	ecom, err = ecml.DecodeForm(values)
	return ecom, true, err
}

// formValues reads a form as browsers send it, or one field a line, whose value
// then stands as it is.
func (a *app) formValues(text string) (url.Values, error) {
	values := url.Values{}
	lines := strings.Split(text, "\n")
	if len(lines) == 1 && strings.ContainsAny(text, "&%+") {
		values, err := url.ParseQuery(text)
		if err != nil {
			return nil, a.refused(a.say(phrase{"the form is not application/x-www-form-urlencoded", "폼이 application/x-www-form-urlencoded 형식이 아닙니다"}),
				a.say(phrase{"or write it with one NAME=VALUE a line", "또는 한 줄에 하나씩 NAME=VALUE로 쓰십시오"}))
		}
		return values, nil
	}
	for i, line := range lines {
		if line = strings.TrimRight(line, "\r"); strings.TrimSpace(line) == "" {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		if !ok {
			return nil, a.refused(a.say(phrase{"line %d of the form is not NAME=VALUE", "폼의 %d번째 줄이 NAME=VALUE 형식이 아닙니다"}, i+1), "")
		}
		values.Add(strings.TrimSpace(name), value)
	}
	return values, nil
}

// converted is the answer of to-xml and to-form.
type converted struct {
	Output   string `json:"output"`
	Document string `json:"document,omitempty"`
}

func (c *converted) print(p *page) {
	p.line(phrase{"Written: %s", "썼습니다: %s"}, shown(c.Output))
}

func (a *app) converter(cmd *cobra.Command, convert func(*ecml.Ecom) ([]byte, error)) *cobra.Command {
	var output string
	cmd.Args = a.arguments("FILE")
	cmd.Flags().StringVarP(&output, "output", "o", standardStream, a.say(phrase{"where the result goes; a file is readable by you alone, since it may hold card data", "결과를 쓸 곳. 카드 정보가 들 수 있으므로 파일은 본인만 읽을 수 있음"}))
	return a.does(cmd, func(_ context.Context, args []string) (answer, error) {
		ecom, _, err := a.readECML(args[0])
		if err != nil {
			return nil, err
		}
		document, err := convert(ecom)
		if err != nil {
			return nil, err
		}
		out := &converted{Output: output}
		if out.Document, err = a.deliver(output, document, modeSecret); err != nil {
			return nil, err
		}
		return out, nil
	})
}

func (a *app) ecmlToXML() *cobra.Command {
	return a.converter(&cobra.Command{
		Use:   "to-xml FILE",
		Short: a.say(phrase{"write a form as XML", "폼을 XML로 쓰기"}),
		Example: `  kecis ecml to-xml form.txt -o order.xml
  echo 'Ecom_BillTo_Postal_City=Seoul' | kecis ecml to-xml -`,
	}, func(ecom *ecml.Ecom) ([]byte, error) {
		ecom.SchemaVersion = ecml.Schema20 // the version that is written
		return ecom.AppendXML(nil)
	})
}

func (a *app) ecmlToForm() *cobra.Command {
	return a.converter(&cobra.Command{
		Use:     "to-form FILE",
		Short:   a.say(phrase{"write XML as a form", "XML을 폼으로 쓰기"}),
		Example: `  kecis ecml to-form order.xml`,
	}, func(ecom *ecml.Ecom) ([]byte, error) {
		form, err := ecom.Form()
		return []byte(form.Encode() + "\n"), err
	})
}

// ecmlValues is the answer of show. Secrets are masked by package ecml.
type ecmlValues struct {
	Values []ecmlValue `json:"values"`
}

type ecmlValue struct {
	Path string `json:"path"`
	Text string `json:"text"`
	Mode string `json:"mode,omitempty"`
}

func (v *ecmlValues) print(p *page) {
	for _, value := range v.Values {
		p.row(value.Path, value.Text)
	}
}

func (a *app) ecmlShow() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "show FILE",
		Short:   a.say(phrase{"show what ECML says, with secrets masked", "비밀을 가리고 ECML 내용 보기"}),
		Example: `  kecis ecml show order.xml`,
		Args:    a.arguments("FILE"),
	}
	return a.does(cmd, func(_ context.Context, args []string) (answer, error) {
		ecom, _, err := a.readECML(args[0])
		if err != nil {
			return nil, err
		}
		out := &ecmlValues{Values: []ecmlValue{}}
		for v := range ecom.Values() {
			out.Values = append(out.Values, ecmlValue{v.Path, masked(v.Text), v.Mode.String()})
		}
		return out, nil
	})
}

// ecmlProblems is the answer of validate.
type ecmlProblems struct {
	Valid    bool          `json:"valid"`
	Form     bool          `json:"form"`
	Version  string        `json:"version"`
	Problems []ecmlProblem `json:"problems"`
}

type ecmlProblem struct {
	Path     string `json:"path"`
	Code     string `json:"code"`
	Clause   string `json:"clause"`
	Text     string `json:"text"`
	Expected string `json:"expected,omitempty"`
	Found    string `json:"found,omitempty"`
}

func (v *ecmlProblems) print(p *page) {
	if v.Valid {
		p.line(phrase{"Valid ECML %s.", "유효한 ECML %s."}, v.Version)
		return
	}
	p.line(phrase{"Not valid. Problems: %d", "유효하지 않습니다. 문제 %d개"}, len(v.Problems))
	for _, problem := range v.Problems {
		p.row(problem.Path, problem.Code, problem.Text)
	}
}

func (a *app) ecmlValidate() *cobra.Command {
	var profile bool
	cmd := &cobra.Command{
		Use:   "validate FILE",
		Short: a.say(phrase{"check ECML against RFC 4112", "ECML을 RFC 4112에 따라 검사"}),
		Example: `  kecis ecml validate form.txt
  kecis ecml validate --profile buyer.xml`,
		Args: a.arguments("FILE"),
	}
	cmd.Flags().BoolVar(&profile, "profile", false, a.say(phrase{"also check that it may stand in a KECIS message", "KECIS 메시지에 넣을 수 있는지도 검사"}))
	return a.does(cmd, func(_ context.Context, args []string) (answer, error) {
		ecom, form, err := a.readECML(args[0])
		if err != nil {
			return nil, err
		}
		problems := ecml.Problems(ecom.Validate())
		if form {
			problems = ecml.Problems(ecom.ValidateForm())
		}
		if profile {
			problems = append(problems, ecml.Problems(ecom.CheckProfile())...)
		}
		out := &ecmlProblems{Valid: len(problems) == 0, Form: form, Version: ecom.Version().String(), Problems: []ecmlProblem{}}
		for _, e := range problems {
			out.Problems = append(out.Problems, ecmlProblem{e.Place(), e.Code(), e.Clause(), e.Text(string(a.lang)), e.Expected(), e.Found()})
		}
		if !out.Valid {
			return out, problems[0]
		}
		return out, nil
	})
}

// ecmlFieldList is the answer of fields.
type ecmlFieldList struct {
	Fields []ecmlField `json:"fields"`
}

type ecmlField struct {
	Name  string `json:"name"`
	Path  string `json:"path"`
	Type  string `json:"type"`
	Min   int    `json:"min"`
	Since string `json:"since"`
	Class string `json:"class"`
}

func (l *ecmlFieldList) print(p *page) {
	p.row(p.say(phrase{"FORM FIELD", "폼 필드"}), p.say(phrase{"IN XML", "XML 위치"}), p.say(phrase{"MIN", "최소"}), p.say(phrase{"SINCE", "버전"}), p.say(phrase{"CLASS", "등급"}))
	for _, f := range l.Fields {
		p.row(f.Name, f.Path, strconv.Itoa(f.Min), f.Since, f.Class)
	}
}

func (a *app) ecmlFields() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "fields [TEXT]",
		Short: a.say(phrase{"list the fields of ECML, or those with TEXT in the name", "ECML 필드 목록, 또는 이름에 TEXT가 든 것"}),
		Example: `  kecis ecml fields
  kecis ecml fields postal`,
		Args: a.optional(),
	}
	return a.does(cmd, func(_ context.Context, args []string) (answer, error) {
		out := &ecmlFieldList{Fields: []ecmlField{}}
		text := strings.ToLower(strings.Join(args, ""))
		var names []string
		for f := range ecml.Fields() {
			names = append(names, f.Name)
			if strings.Contains(strings.ToLower(f.Name+" "+f.Path), text) {
				out.Fields = append(out.Fields, ecmlField{f.Name, f.Path, f.Type.String(), f.Min, f.Since.String(), f.Class.String()})
			}
		}
		if len(out.Fields) > 0 {
			return out, nil
		}
		remedy := a.say(phrase{"see them all with: kecis ecml fields", "전체 목록: kecis ecml fields"})
		if near := nearest(text, names); len(near) > 0 {
			remedy = a.say(phrase{"did you mean: ", "혹시 이것입니까: "}) + strings.Join(near, ", ")
		}
		return nil, a.usage(a.say(phrase{"no field has %q in its name", "이름에 다음이 든 필드가 없습니다: %q"}, shown(text)), remedy)
	})
}
