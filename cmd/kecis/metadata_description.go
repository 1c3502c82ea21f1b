package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmlenc"
	"github.com/kecis/sdk/kecis/xmlsig"
)

// moment is a time in a description: as messages carry it, or so much from now
// on, as "+720h".
type moment string

// span is a duration in a description, as "168h".
type span string

// description is a metadata document as its maker writes it down: of a party,
// or of a registry, whose parties it then lists.
type description struct {
	Entity       string             `json:"entity"`
	Registry     string             `json:"registry"`
	Serial       int64              `json:"serial"`
	ValidUntil   moment             `json:"validUntil"`
	Organization describedOrg       `json:"organization"`
	Signing      []describedSigning `json:"signing"`
	Roles        []describedRole    `json:"roles"`
	Parties      []describedParty   `json:"parties"`
}

type describedOrg struct {
	Name        describedText `json:"name"`
	DisplayName describedText `json:"displayName"`
	URL         describedText `json:"url"`
}

type describedText struct {
	En string `json:"en"`
	Ko string `json:"ko"`
}

func (t describedText) texts() metadata.Texts { return metadata.Texts{En: t.En, Ko: t.Ko} }

type describedSigning struct {
	Key          string `json:"key"`
	Scope        string `json:"scope"`
	NotBefore    moment `json:"notBefore"`
	NotOnOrAfter moment `json:"notOnOrAfter"`
}

type describedEncryption struct {
	Key          string `json:"key"`
	NotOnOrAfter moment `json:"notOnOrAfter"`
}

type describedRole struct {
	Role      metadata.RoleName `json:"role"`
	Versions  []string          `json:"versions"`
	Endpoints []struct {
		Service  metadata.Service `json:"service"`
		Binding  metadata.Binding `json:"binding"`
		Location string           `json:"location"`
	} `json:"endpoints"`
	Methods    []metadata.Method `json:"methods"`
	Currencies []struct {
		Currency string `json:"currency"`
		Min      int64  `json:"min"`
		Max      int64  `json:"max"`
	} `json:"currencies"`
	Instalments struct {
		Months       []int `json:"months"`
		From         int64 `json:"from"`
		InterestFree bool  `json:"interestFree"`
	} `json:"instalments"`
	Captures            metadata.Captures     `json:"captures"`
	Parts               bool                  `json:"parts"`
	PartialCancellation bool                  `json:"partialCancellation"`
	Lookup              bool                  `json:"lookup"`
	ReversalCutOff      span                  `json:"reversalCutOff"`
	HoldTime            span                  `json:"holdTime"`
	Encryption          []describedEncryption `json:"encryption"`
	Authentication      []struct {
		Currency   string                          `json:"currency"`
		From       int64                           `json:"from"`
		Methods    []metadata.AuthenticationMethod `json:"methods"`
		Exemptions []metadata.Exemption            `json:"exemptions"`
	} `json:"authentication"`
	AmountFloors []struct {
		Currency string `json:"currency"`
		Least    int64  `json:"least"`
	} `json:"amountFloors"`
	SecurityLevel int               `json:"securityLevel"`
	MutualTLS     bool              `json:"mutualTLS"`
	Algorithms    []string          `json:"algorithms"`
	RoutesTo      []describedRoutes `json:"routesTo"`
}

type describedRoutes struct {
	Issuer string                `json:"issuer"`
	Keys   []describedEncryption `json:"keys"`
	Routes []struct {
		Kind   metadata.Method `json:"kind"`
		Prefix string          `json:"prefix"`
		Brand  string          `json:"brand"`
	} `json:"routes"`
}

type describedParty struct {
	Metadata string              `json:"metadata"`
	Pin      string              `json:"pin"`
	Roles    []metadata.RoleName `json:"roles"`
	Statuses []struct {
		Status metadata.Status `json:"status"`
		From   moment          `json:"from"`
	} `json:"statuses"`
	ReadsInstruments bool     `json:"readsInstruments"`
	CompromisedKeys  []string `json:"compromisedKeys"`
}

// describer makes a document of a description and keeps the first problem.
type describer struct {
	a      *app
	folder string // that names of files are relative to
	now    time.Time
	err    error
}

// describe reads a description and makes the unsigned document.
func (a *app) describe(ctx context.Context, name string) ([]byte, error) {
	content, err := a.read(name, "description")
	if err != nil {
		return nil, err
	}
	var d description
	dec := json.NewDecoder(bytes.NewReader(content))
	dec.DisallowUnknownFields()
	err = dec.Decode(&d)
	if err == nil && dec.Decode(new(json.RawMessage)) != io.EOF {
		err = errors.New("something stands behind the description")
	}
	if err != nil {
		return nil, a.refused(a.say(phrase{"%s is not a description: %v", "%s은(는) 설명 파일이 아닙니다: %v"}, shown(name), err),
			a.say(phrase{"docs/metadata.md shows all that can stand in it", "쓸 수 있는 항목은 docs/metadata.md에 있습니다"}))
	}
	m := &describer{a: a, now: a.now(), folder: "."}
	if name != standardStream {
		m.folder = filepath.Dir(name)
	}
	if d.Serial == 0 {
		d.Serial = m.now.UnixMilli()
	}
	switch {
	case (d.Entity == "") == (d.Registry == ""):
		return nil, a.refused(a.say(phrase{"a description is of one entity or of one registry", "설명 파일에는 entity와 registry 중 하나만 있어야 합니다"}), "")
	case d.Registry != "":
		aggregate := m.aggregate(ctx, &d)
		if m.err != nil {
			return nil, m.err
		}
		return metadata.WriteAggregate(aggregate, a.random)
	}
	entity := m.entity(&d)
	if m.err != nil {
		return nil, m.err
	}
	return metadata.Write(entity, a.random)
}

func (m *describer) entity(d *description) *metadata.Entity {
	e := &metadata.Entity{
		ID: d.Entity, Serial: d.Serial, ValidUntil: m.moment(d.ValidUntil),
		Organization: metadata.Organization{
			Name: d.Organization.Name.texts(), DisplayName: d.Organization.DisplayName.texts(), URL: d.Organization.URL.texts(),
		},
	}
	for _, s := range d.Signing {
		e.Keys = append(e.Keys, m.signing(s))
	}
	for i := range d.Roles {
		e.Roles = append(e.Roles, m.role(&d.Roles[i]))
	}
	if len(d.Parties) > 0 {
		m.refuse(phrase{"parties stand in the description of a registry", "parties는 등록 기관의 설명 파일에만 씁니다"})
	}
	return e
}

func (m *describer) refuse(text phrase, values ...any) {
	if m.err == nil {
		m.err = m.a.refused(m.a.say(text, values...), "")
	}
}

func (m *describer) moment(s moment) time.Time {
	if s == "" {
		return time.Time{}
	}
	if later, ok := strings.CutPrefix(string(s), "+"); ok {
		return m.now.Add(m.span(span(later))).Truncate(time.Second)
	}
	t, err := kecis.ParseInstant(string(s))
	if err != nil {
		m.refuse(phrase{"%q is no time: write 2006-01-02T15:04:05Z, or +720h for so much from now on", "%q은(는) 시각이 아닙니다. 2006-01-02T15:04:05Z 또는 지금부터의 시간 +720h로 쓰십시오"}, shown(string(s)))
	}
	return t
}

func (m *describer) span(s span) time.Duration {
	if s == "" {
		return 0
	}
	d, err := time.ParseDuration(string(s))
	if err != nil || d%time.Second != 0 || d < 0 {
		m.refuse(phrase{"%q is no duration of whole seconds: write 168h or 30m", "%q은(는) 초 단위의 시간이 아닙니다. 168h, 30m처럼 쓰십시오"}, shown(string(s)))
	}
	return d
}

// file returns the name of a file that the description names.
func (m *describer) file(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(m.folder, name)
}

// key reads the one public key of a file.
func (m *describer) key(name string, use keyUse) (publicKey, bool) {
	if m.err != nil {
		return publicKey{}, false
	}
	keys, err := m.a.publicKeys(m.file(name), use)
	if err != nil {
		m.err = err
		return publicKey{}, false
	}
	if len(keys) != 1 {
		m.refuse(phrase{"%s holds more than one key", "%s에 키가 여러 개 있습니다"}, shown(name))
		return publicKey{}, false
	}
	return keys[0], true
}

func (m *describer) signing(s describedSigning) metadata.SigningKey {
	out := metadata.SigningKey{NotBefore: m.moment(s.NotBefore), NotOnOrAfter: m.moment(s.NotOnOrAfter)}
	switch s.Scope {
	case "message":
		out.Scope = xmlsig.ScopeMessage
	case "metadata":
		out.Scope = xmlsig.ScopeMetadata
	case "certificate":
		out.Scope = xmlsig.ScopeCertificate
	default:
		m.refuse(phrase{"%q is no scope: choose message, metadata or certificate", "%q은(는) scope가 아닙니다. message, metadata, certificate 중에서 고르십시오"}, shown(s.Scope))
	}
	if read, ok := m.key(s.Key, useSigning); ok {
		out.Key, m.err = xmlsig.NewPublicKey(read.key)
	}
	return out
}

func (m *describer) encryption(list []describedEncryption) (keys []metadata.EncryptionKey) {
	for _, e := range list {
		key := metadata.EncryptionKey{NotOnOrAfter: m.moment(e.NotOnOrAfter)}
		if read, ok := m.key(e.Key, useEncryption); ok {
			key.Recipient, m.err = xmlenc.NewRecipient(read.key)
		}
		keys = append(keys, key)
	}
	return keys
}

func (m *describer) role(d *describedRole) metadata.Role {
	r := metadata.Role{
		Name: d.Role, Versions: d.Versions, Methods: d.Methods, Captures: d.Captures, Parts: d.Parts,
		PartialCancellation: d.PartialCancellation, Lookup: d.Lookup,
		ReversalCutOff: m.span(d.ReversalCutOff), HoldTime: m.span(d.HoldTime),
		EncryptionKeys: m.encryption(d.Encryption), SecurityLevel: d.SecurityLevel, MutualTLS: d.MutualTLS,
		Instalments: metadata.Instalments{Months: d.Instalments.Months, From: d.Instalments.From, InterestFree: d.Instalments.InterestFree},
	}
	if len(r.Versions) == 0 {
		r.Versions = []string{metadata.Version10}
	}
	for _, e := range d.Endpoints {
		r.Endpoints = append(r.Endpoints, metadata.Endpoint{Service: e.Service, Binding: e.Binding, Location: e.Location})
	}
	for _, c := range d.Currencies {
		if _, err := kecis.ParseCurrency(c.Currency); err != nil && m.err == nil {
			m.err = err
		}
		r.Currencies = append(r.Currencies, metadata.CurrencyLimits{Currency: c.Currency, Min: c.Min, Max: c.Max})
	}
	for _, rule := range d.Authentication {
		r.Authentication = append(r.Authentication, metadata.AuthenticationRule{
			Currency: rule.Currency, From: rule.From, Methods: rule.Methods, Exemptions: rule.Exemptions,
		})
	}
	for _, f := range d.AmountFloors {
		r.AmountFloors = append(r.AmountFloors, metadata.Floor{Currency: f.Currency, Least: f.Least})
	}
	for _, name := range d.Algorithms {
		uri, err := m.a.algorithmNamed(name)
		if err != nil && !strings.Contains(name, ":") { // of encryption, by its URI
			m.refuse(phrase{"%q is no algorithm", "%q은(는) 알고리즘이 아닙니다"}, shown(name))
		} else if err != nil {
			uri = xmlsig.Algorithm(name)
		}
		r.Algorithms = append(r.Algorithms, string(uri))
	}
	for _, to := range d.RoutesTo {
		keys := m.encryption(to.Keys)
		for _, line := range to.Routes {
			r.Routes = append(r.Routes, metadata.Route{Kind: line.Kind, Prefix: line.Prefix, Brand: line.Brand, Issuer: to.Issuer, Keys: keys})
		}
	}
	return r
}

func (m *describer) aggregate(ctx context.Context, d *description) *metadata.Aggregate {
	if len(d.Signing)+len(d.Roles) > 0 || d.Organization != (describedOrg{}) {
		m.refuse(phrase{"a registry has parties, and no keys or roles of its own here", "등록 기관에는 parties만 있고 키나 역할은 쓰지 않습니다"})
	}
	out := &metadata.Aggregate{Name: d.Registry, Serial: d.Serial, ValidUntil: m.moment(d.ValidUntil)}
	for i := range d.Parties {
		out.Listings = append(out.Listings, m.listing(ctx, &d.Parties[i]))
	}
	return out
}

// listing reads the metadata of a party, which must be signed with the pinned
// key: the registry answers for what it lists.
func (m *describer) listing(ctx context.Context, d *describedParty) metadata.Listing {
	out := metadata.Listing{Entity: &metadata.Entity{}, Grant: metadata.Grant{
		Roles: d.Roles, ReadsInstruments: d.ReadsInstruments, CompromisedKeys: d.CompromisedKeys,
	}}
	for _, s := range d.Statuses {
		out.Grant.Statuses = append(out.Grant.Statuses, metadata.StatusChange{Status: s.Status, From: m.moment(s.From)})
	}
	if m.err != nil {
		return out
	}
	document, err := m.a.read(m.file(d.Metadata), "document")
	if err != nil {
		m.err = err
		return out
	}
	key, ok := metadata.PinnedKey(document, d.Pin)
	if !ok {
		m.refuse(phrase{"%s shows no key of the fingerprint %q", "%s에 지문 %q의 키가 없습니다"}, shown(d.Metadata), shown(d.Pin))
		return out
	}
	checked, err := m.a.checked(ctx, document, xmlsig.Keys{key})
	if err == nil && checked.entity == nil {
		m.refuse(phrase{"%s is not the metadata of one party", "%s은(는) 한 당사자의 메타데이터가 아닙니다"}, shown(d.Metadata))
	}
	if err != nil {
		m.err = err
	} else if checked.entity != nil {
		out.Entity = checked.entity
	}
	return out
}
