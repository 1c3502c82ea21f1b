package main

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmlsig"
)

// The two parties.
const (
	shopEntity = "https://shop.example/kecis"
	pgEntity   = "https://pg.example/kecis"
)

// readKeys reads the shop's private key and the PG's public one, as "kecis keygen"
// writes them. Who has the PG's metadata uses metadata.Directory.
func readKeys(private, public, location string) (kecis.Keyring, metadata.Partners, error) {
	secret, err := readKey(private, x509.ParsePKCS8PrivateKey)
	if err != nil {
		return nil, nil, err
	}
	known, err := readKey(public, x509.ParsePKIXPublicKey)
	if err != nil {
		return nil, nil, err
	}
	own, ok := secret.(crypto.Signer)
	if !ok {
		return nil, nil, errors.New(private + " cannot sign")
	}
	signer, err := xmlsig.NewSigner(own)
	if err != nil {
		return nil, nil, err
	}
	key, err := xmlsig.NewPublicKey(known)
	if err != nil {
		return nil, nil, err
	}
	role := metadata.Role{Name: metadata.PG, Versions: []string{kecis.Namespace}}
	for _, service := range []metadata.Service{metadata.ServicePayment, metadata.ServiceInquiry, metadata.ServiceReversal} {
		role.Endpoints = append(role.Endpoints, metadata.Endpoint{Service: service, Binding: metadata.BindingXML, Location: location})
	}
	pg := &metadata.Partner{
		Entity: &metadata.Entity{
			ID: pgEntity, Keys: []metadata.SigningKey{{Key: key, Scope: xmlsig.ScopeMessage}}, Roles: []metadata.Role{role},
		},
		Roles: []metadata.RoleName{metadata.PG},
	}
	return kecis.OneKey(signer), metadata.Fixed(pg), nil
}

func readKey(file string, parse func(der []byte) (any, error)) (any, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New(file + " holds no key")
	}
	return parse(block.Bytes)
}
