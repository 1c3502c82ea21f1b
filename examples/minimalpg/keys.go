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

// shopEntity is the one shop.
const shopEntity = "https://shop.example/kecis"

// role is what this PG offers: payments in won, by purse.
func role() metadata.Role {
	return metadata.Role{
		Name: metadata.PG, Methods: []metadata.Method{metadata.MethodEMoney},
		Currencies: []metadata.CurrencyLimits{{Currency: "KRW", Min: 100, Max: 2_000_000}},
	}
}

// readKeys reads the PG's private key and its shop's public one, as "kecis keygen"
// writes them. A PG with more than one shop uses metadata.Directory.
func readKeys(private, public string) (kecis.Keyring, metadata.Partners, error) {
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
	shop := &metadata.Partner{
		Entity: &metadata.Entity{
			ID: shopEntity, Keys: []metadata.SigningKey{{Key: key, Scope: xmlsig.ScopeMessage}},
			Roles: []metadata.Role{{Name: metadata.Requester}},
		},
		Roles: []metadata.RoleName{metadata.Requester},
	}
	return kecis.OneKey(signer), metadata.Fixed(shop), nil
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
