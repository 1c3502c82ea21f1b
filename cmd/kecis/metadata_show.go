package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmlsig"
)

// head is what every metadata document begins with.
type head struct {
	what, name string
	serial     int64
	until      time.Time
}

func headOf(e *metadata.Entity, aggregate *metadata.Aggregate) head {
	if aggregate != nil {
		return head{"registry", aggregate.Name, aggregate.Serial, aggregate.ValidUntil}
	}
	return head{"entity", e.ID, e.Serial, e.ValidUntil}
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

func instant(t time.Time) string { return kecis.FormatInstant(t) }

// metadataContent is the answer of show.
type metadataContent struct {
	What    string         `json:"what"`
	Name    string         `json:"name"`
	Serial  int64          `json:"serial"`
	Until   string         `json:"validUntil"`
	Signed  bool           `json:"signed"`
	Parties []shownParty   `json:"parties,omitempty"`
	Keys    []shownSigning `json:"keys,omitempty"`
	Roles   []shownRole    `json:"roles,omitempty"`
}

type shownParty struct {
	Entity   string   `json:"entity"`
	Serial   int64    `json:"serial"`
	Roles    []string `json:"roles"`
	Statuses []string `json:"statuses"`
}

type shownSigning struct {
	Name  string `json:"name"`
	Scope string `json:"scope"`
	From  string `json:"notBefore,omitempty"`
	Until string `json:"notOnOrAfter,omitempty"`
}

type shownRole struct {
	Role        string   `json:"role"`
	Endpoints   []string `json:"endpoints"`
	Methods     string   `json:"methods,omitempty"`
	Currencies  []string `json:"currencies,omitempty"`
	Instalments string   `json:"instalments,omitempty"`
	Captures    string   `json:"captures,omitempty"`
	Rules       []string `json:"authentication,omitempty"`
	Encryption  []string `json:"encryptionKeys,omitempty"`
	Routes      int      `json:"routes,omitempty"`
	Level       int      `json:"securityLevel,omitempty"`
	MutualTLS   bool     `json:"mutualTLS"`
	Algorithms  []string `json:"algorithms"`
}

func shownMetadata(seen *metadata.Inspection) *metadataContent {
	h := headOf(seen.Entity, seen.Aggregate)
	out := &metadataContent{What: h.what, Name: identifier(h.name), Serial: h.serial, Until: instant(h.until), Signed: seen.Signed}
	if seen.Aggregate != nil {
		for _, l := range seen.Aggregate.Listings {
			party := shownParty{Entity: identifier(l.Entity.ID), Serial: l.Entity.Serial, Roles: words(l.Grant.Roles)}
			for _, s := range l.Grant.Statuses {
				party.Statuses = append(party.Statuses, string(s.Status)+" "+instant(s.From))
			}
			out.Parties = append(out.Parties, party)
		}
		return out
	}
	for _, k := range seen.Entity.Keys {
		key := shownSigning{Name: k.Key.String(), Scope: scopeWord(k.Scope)}
		if !k.NotBefore.IsZero() {
			key.From = instant(k.NotBefore)
		}
		if !k.NotOnOrAfter.IsZero() {
			key.Until = instant(k.NotOnOrAfter)
		}
		out.Keys = append(out.Keys, key)
	}
	for i := range seen.Entity.Roles {
		out.Roles = append(out.Roles, showRole(&seen.Entity.Roles[i]))
	}
	return out
}

func showRole(r *metadata.Role) shownRole {
	out := shownRole{
		Role: string(r.Name), Methods: strings.Join(words(r.Methods), " "), Captures: string(r.Captures),
		Routes: len(r.Routes), Level: r.SecurityLevel, MutualTLS: r.MutualTLS,
	}
	for _, e := range r.Endpoints {
		out.Endpoints = append(out.Endpoints, fmt.Sprintf("%s %s %s", e.Service, e.Binding, shown(e.Location)))
	}
	for _, c := range r.Currencies {
		out.Currencies = append(out.Currencies, fmt.Sprintf("%s %d..%d", c.Currency, c.Min, c.Max))
	}
	if i := r.Instalments; len(i.Months) > 0 {
		out.Instalments = fmt.Sprintf("%v from KRW %d", i.Months, i.From)
	}
	for _, rule := range r.Authentication {
		out.Rules = append(out.Rules, fmt.Sprintf("%s %d: %s", rule.Currency, rule.From, strings.Join(words(rule.Methods), " or ")))
	}
	for _, k := range r.EncryptionKeys {
		out.Encryption = append(out.Encryption, k.Recipient.KeyName()+" until "+instant(k.NotOnOrAfter))
	}
	for _, uri := range r.Algorithms {
		out.Algorithms = append(out.Algorithms, algorithmName(xmlsig.Algorithm(uri)))
	}
	return out
}

func words[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = string(v)
	}
	return out
}

func scopeWord(s xmlsig.Scope) string {
	switch s {
	case xmlsig.ScopeMetadata:
		return "metadata"
	case xmlsig.ScopeCertificate:
		return "certificate"
	}
	return "message"
}

func (c *metadataContent) print(p *page) {
	p.line(phrase{"Not verified: this is what the document claims.", "검증하지 않음: 문서가 주장하는 내용입니다."})
	p.field(phrase{"What", "문서"}, c.What)
	p.field(phrase{"Name", "이름"}, c.Name)
	p.field(phrase{"Serial", "일련번호"}, number(c.Serial))
	p.field(phrase{"Valid until", "유효 기한"}, c.Until)
	if !c.Signed {
		p.field(phrase{"Signature", "서명"}, p.say(phrase{"none", "없음"}))
	}
	for _, party := range c.Parties {
		p.plain(party.Entity)
		p.field(phrase{"Serial", "일련번호"}, number(party.Serial))
		p.field(phrase{"Roles", "역할"}, strings.Join(party.Roles, " "))
		for _, s := range party.Statuses {
			p.field(phrase{"Status", "상태"}, s)
		}
	}
	if len(c.Keys) > 0 {
		p.line(phrase{"Keys", "키"})
	}
	for _, k := range c.Keys {
		p.row(k.Scope, k.Name, strings.TrimSuffix(k.From+".."+k.Until, ".."))
	}
	for i := range c.Roles {
		c.Roles[i].print(p)
	}
}

func (r *shownRole) print(p *page) {
	p.line(phrase{"Role: %s", "역할: %s"}, r.Role)
	for _, e := range r.Endpoints {
		p.field(phrase{"Endpoint", "접속점"}, e)
	}
	p.field(phrase{"Methods", "결제 수단"}, r.Methods)
	for _, c := range r.Currencies {
		p.field(phrase{"Currency", "통화"}, c)
	}
	p.field(phrase{"Instalments", "할부"}, r.Instalments)
	p.field(phrase{"Captures", "매입"}, r.Captures)
	for _, rule := range r.Rules {
		p.field(phrase{"Authentication", "인증"}, rule)
	}
	for _, k := range r.Encryption {
		p.field(phrase{"Encryption", "암호화 키"}, k)
	}
	if r.Routes > 0 {
		p.field(phrase{"Routes", "경로"}, strconv.Itoa(r.Routes))
	}
	if r.Level > 0 {
		p.field(phrase{"Security level", "보안 등급"}, strconv.Itoa(r.Level))
	}
	p.field(phrase{"Algorithms", "알고리즘"}, strings.Join(r.Algorithms, " "))
}
