package kecistest

import (
	"crypto"
	"crypto/x509"
	"encoding/json"
	"errors"
	"math/big"
	"time"
)

// authorityState is an authority as it is kept in a file.
type authorityState struct {
	Name        string               `json:"name"`
	Slug        string               `json:"slug"`
	Policy      string               `json:"policy"`
	Base        string               `json:"base"`
	Keys        KeyProfile           `json:"keys"`
	Certificate []byte               `json:"certificate"` // DER
	Key         []byte               `json:"key"`         // PKCS #8
	Issued      []string             `json:"issued"`
	Revoked     map[string]time.Time `json:"revoked"`
}

// State is what a hierarchy must keep to serve its lists and answers another time:
// its authorities, with their keys, and which certificates were revoked.
func (h *Hierarchy) State() ([]byte, error) {
	var out []authorityState
	for _, a := range append([]*Authority{h.Root, h.Stranger}, h.Authorities...) {
		key, err := x509.MarshalPKCS8PrivateKey(a.Key)
		if err != nil {
			return nil, err
		}
		a.mu.Lock()
		s := authorityState{
			Name: a.Name, Slug: a.Slug, Policy: a.Policy.String(), Base: a.base, Keys: a.profile,
			Certificate: a.Certificate.Raw, Key: key, Revoked: map[string]time.Time{},
		}
		for serial := range a.issued {
			s.Issued = append(s.Issued, serial)
		}
		for serial, entry := range a.revoked {
			s.Revoked[serial] = entry.RevocationTime
		}
		a.mu.Unlock()
		out = append(out, s)
	}
	return json.MarshalIndent(out, "", " ")
}

// errState is the error of a state that is none.
var errState = errors.New("kecistest: this is no state of a hierarchy")

// Restore makes the hierarchy of a state again. It has no users and no server.
func Restore(state []byte) (*Hierarchy, error) {
	var in []authorityState
	if err := json.Unmarshal(state, &in); err != nil || len(in) < 3 {
		return nil, errState
	}
	h := &Hierarchy{Users: map[string]*Identity{}}
	for i, s := range in {
		a, err := s.authority()
		if err != nil {
			return nil, err
		}
		switch i {
		case 0:
			h.Root = a
		case 1:
			h.Stranger = a
		default:
			h.Authorities = append(h.Authorities, a)
		}
	}
	return h, nil
}

func (s *authorityState) authority() (*Authority, error) {
	certificate, err := x509.ParseCertificate(s.Certificate)
	if err != nil {
		return nil, errState
	}
	parsed, err := x509.ParsePKCS8PrivateKey(s.Key)
	if err != nil {
		return nil, errState
	}
	key, ok := parsed.(crypto.Signer)
	if !ok {
		return nil, errState
	}
	a := &Authority{
		Name: s.Name, Slug: s.Slug, base: s.Base, profile: s.Keys, Certificate: certificate, Key: key,
		issued: map[string]bool{}, revoked: map[string]x509.RevocationListEntry{},
	}
	if s.Policy != "" {
		if a.Policy, err = oidOf(s.Policy); err != nil {
			return nil, err
		}
	}
	for _, serial := range s.Issued {
		a.issued[serial] = true
	}
	for serial, at := range s.Revoked {
		number, ok := new(big.Int).SetString(serial, 10)
		if !ok {
			return nil, errState
		}
		a.revoked[serial] = x509.RevocationListEntry{SerialNumber: number, RevocationTime: at, ReasonCode: 1}
	}
	return a, nil
}
