package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/xmlsig"
	"github.com/kecis/sdk/kecis/xmltree"
)

func (a *app) inspectCommand() *cobra.Command {
	var profile profileFlags
	var trusted trustFlags
	cmd := &cobra.Command{
		Use:   "inspect FILE",
		Short: a.say(phrase{"show what a document says, and which checks hold", "문서의 내용과 각 검사 결과 보기"}),
		Long: a.say(phrase{
			`Shows what a document says, in plain words and with card numbers masked, and
each check of its signature with the clause that it belongs to: passed, failed or
not checked. Without a key the checks that need one are not made.

What it shows of a document that is not verified is what somebody claims. To act
on a document, use verify.

Ends with 1 if a check failed.`,
			`문서의 내용을 카드 번호를 가린 채 쉬운 말로 보여 주고, 서명의 각 검사를 해당 조항과
함께 통과, 실패, 확인 안 함으로 보여 줍니다. 키를 주지 않으면 키가 필요한 검사는
하지 않습니다.

검증되지 않은 문서의 내용은 누군가의 주장일 뿐입니다. 문서에 따라 행동하려면
verify를 쓰십시오.

실패한 검사가 있으면 1로 끝납니다.`}),
		Example: `  kecis inspect signed.xml
  kecis inspect --key shop.signing.pub.pem --lang ko signed.xml`,
		Args: a.arguments("FILE"),
	}
	a.addProfileFlags(cmd, &profile, "")
	a.addTrustFlags(cmd, &trusted)
	return a.does(cmd, func(ctx context.Context, args []string) (answer, error) {
		keys, err := a.trust(&trusted)
		if err != nil {
			return nil, err
		}
		document, err := a.read(args[0], "document")
		if err != nil {
			return nil, err
		}
		if profile.name == "" {
			profile.name, profile.soap = guessProfile(document, profile.soap)
		}
		p, err := a.profile(&profile)
		if err != nil {
			return nil, err
		}
		out := a.inspect(ctx, &xmlsig.Verifier{Profile: p}, keys, document)
		out.Profile = profile.name
		return out, out.failed
	})
}

// guessProfile takes the profile that the root of the document goes with. To
// look at a document that is enough; to trust it, the user says what is expected.
func guessProfile(document []byte, soap bool) (name string, inSOAP bool) {
	tree, err := xmltree.Parse(document)
	if err != nil {
		return profileMessage, soap
	}
	root := tree.Root()
	if root.Is(xmlsig.SOAPNamespace, "Envelope") {
		root, soap = root.First().First(), true
	}
	switch {
	case root.IsZero():
		return profileMessage, soap
	case root.Space() == xmlsig.SAMLMetadataNamespace:
		return profileMetadata, soap
	case root.Is(xmlsig.SAMLAssertionNamespace, "Assertion"):
		return profileSAMLAssertion, soap
	case root.Is(xmlsig.SAMLProtocolNamespace, "Response"):
		for child := range root.Children() {
			if child.Is(xmlsig.Namespace, "Signature") {
				return profileSAMLResponse, soap
			}
		}
		return profileSAMLAssertion, soap
	}
	return profileMessage, soap
}

// checkContent is the check that follows those of the signature: the message
// keeps the rules of the standard.
const checkContent = "content"

// checkResult is one check in an answer.
type checkResult struct {
	Name   string `json:"name"`
	Clause string `json:"clause"`
	State  string `json:"state"`
	Code   string `json:"code,omitempty"`
	err    error
}

// inspected is the answer of inspect.
type inspected struct {
	Verified  bool          `json:"verified"`
	Profile   string        `json:"profile"`
	Facts     []fact        `json:"facts"`
	Algorithm string        `json:"algorithm,omitempty"`
	Key       string        `json:"key,omitempty"`
	KeyFile   string        `json:"keyFile,omitempty"`
	Checks    []checkResult `json:"checks"`
	failed    error
}

func (a *app) inspect(ctx context.Context, v *xmlsig.Verifier, keys []trustedKey, document []byte) *inspected {
	var source xmlsig.KeySource
	if len(keys) > 0 {
		source = sourceOf(keys)
	}
	report := v.Inspect(ctx, document, source)
	out := &inspected{Facts: []fact{}, Checks: []checkResult{}, failed: report.Err()}
	for _, c := range report.Checks {
		out.add(c.Name, c.Clause, c.State, c.Err)
	}
	if report.Algorithm != "" {
		out.Algorithm = algorithmName(report.Algorithm)
	}
	if report.Key != nil {
		out.Key, out.KeyFile = report.Key.String(), fileOf(keys, report.Key)
	}
	root := claimed(document)
	verified, err := v.Verify(ctx, document, source)
	if err == nil {
		out.Verified = true
		root, _ = verified.Root()
	}
	if !root.IsZero() {
		out.Facts = accountOf(root, a.lang)
	}
	if root.Space() == kecis.Namespace {
		out.decode(verified)
	}
	return out
}

// claimed returns the root of a document that is not verified, inside SOAP that
// of the message.
func claimed(document []byte) xmltree.Element {
	tree, err := xmltree.Parse(document)
	if err != nil {
		return xmltree.Element{}
	}
	root := tree.Root()
	if message := root.First().First(); root.Is(xmlsig.SOAPNamespace, "Envelope") && !message.IsZero() {
		return message
	}
	return root
}

// decode makes the last check. Only what was verified is decoded.
func (out *inspected) decode(verified xmlsig.Verified) {
	state, clause := xmlsig.NotChecked, kecis.ErrMissing.Clause()
	var err error
	if out.Verified {
		state = xmlsig.Passed
		if _, err = kecis.Decode(verified); err != nil {
			state, out.failed, out.Verified = xmlsig.Failed, err, false
			if r := refusalOf(err); r != nil {
				clause = r.Clause()
			}
		}
	}
	out.add(checkContent, clause, state, err)
}

func (out *inspected) add(name, clause string, state xmlsig.CheckState, err error) {
	c := checkResult{Name: name, Clause: clause, State: state.String(), err: err}
	if r := refusalOf(err); r != nil {
		c.Code = r.Code()
	}
	out.Checks = append(out.Checks, c)
}

func (out *inspected) print(p *page) {
	switch {
	case out.Verified:
		p.line(phrase{"This document is verified. It says:", "검증된 문서입니다. 내용:"})
	case len(out.Facts) == 0:
		p.line(phrase{"Nothing can be read from this document.", "이 문서에서 읽을 수 있는 내용이 없습니다."})
	default:
		p.line(phrase{"This document is NOT verified. It claims:", "검증되지 않은 문서입니다. 주장하는 내용:"})
	}
	out.printFacts(p)
	if out.Algorithm != "" {
		p.line(phrase{"\nSignature", "\n서명"})
		p.field(phrase{"Algorithm", "알고리즘"}, out.Algorithm)
	}
	if out.Key != "" {
		p.field(phrase{"Key", "키"}, out.Key+" ("+shown(out.KeyFile)+")")
	}
	p.line(phrase{"\nChecks", "\n검사"})
	for _, c := range out.Checks {
		p.row(stateName(c.State).in(p.lang), checkName(c.Name).in(p.lang), c.Clause, c.Code)
	}
	p.flush()
}

func (out *inspected) printFacts(p *page) {
	last := ""
	for _, f := range out.Facts {
		label := p.say(f.label)
		if label == last {
			label = ""
		} else if label != "" {
			last = label
		}
		p.row(label, f.Text)
	}
	p.flush()
}

func stateName(state string) phrase {
	switch state {
	case xmlsig.Passed.String():
		return phrase{"passed", "통과"}
	case xmlsig.Failed.String():
		return phrase{"FAILED", "실패"}
	}
	return phrase{"not checked", "확인 안 함"}
}

func checkName(name string) phrase {
	texts := map[string]phrase{
		xmlsig.CheckWellFormed: {"strict XML", "엄격한 XML"},
		xmlsig.CheckRoot:       {"root element", "루트 요소"},
		xmlsig.CheckOne:        {"exactly one signature", "서명이 정확히 하나"},
		xmlsig.CheckPosition:   {"signature in its place", "서명의 위치"},
		xmlsig.CheckIdentifier: {"ID of the signed element", "서명된 요소의 ID"},
		xmlsig.CheckShape:      {"shape of the signature", "서명의 구조"},
		xmlsig.CheckAlgorithm:  {"algorithms", "알고리즘"},
		xmlsig.CheckSender:     {"sender", "발신자"},
		xmlsig.CheckKey:        {"key of the sender", "발신자의 키"},
		xmlsig.CheckDigest:     {"content unchanged (digest)", "내용 불변(다이제스트)"},
		xmlsig.CheckTypes:      {"types protected", "타입 보호"},
		xmlsig.CheckSignature:  {"signed with that key", "그 키로 서명됨"},
		checkContent:           {"rules of the message", "메시지 규칙"},
	}
	return texts[name]
}
