package main

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/xmlenc"
	"github.com/kecis/sdk/kecis/xmlsig"
	"github.com/kecis/sdk/kecis/xmltree"
)

// planned is a race that is made only when it is run, since making it takes time.
type planned struct {
	name string
	make func() (*race, error)
}

// plan returns all of them: parse and canonicalize at each size, verify at each
// size and key, sign at each key.
func plan(foreign bool) ([]planned, error) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	var races []planned
	for _, k := range []struct {
		name string
		key  crypto.Signer
	}{{"RSA-2048", rsaKey}, {"ECDSA P-256", ecKey}} {
		signer, err := xmlsig.NewSigner(k.key)
		if err != nil {
			return nil, err
		}
		docs, err := documents(signer)
		if err != nil {
			return nil, err
		}
		for _, d := range docs {
			if k.name == "RSA-2048" {
				races = append(races, planned{"parse and canonicalize " + d.size, func() (*race, error) { return parseRace(d), nil }})
			}
			job := "verify and decode "
			if !d.decode {
				job = "verify "
			}
			races = append(races, planned{job + d.size + ", " + k.name, func() (*race, error) { return verifyRace(k.key, signer, d, foreign) }})
		}
		races = append(races, planned{"sign a response, " + k.name, func() (*race, error) { return signRace(k.key, signer) }})
	}
	return races, nil
}

// document is a signed document of some size.
type document struct {
	size   string
	bytes  []byte
	decode bool
}

func documents(signer *xmlsig.Signer) ([]document, error) {
	recipient, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	to, err := xmlenc.NewRecipient(recipient.Public())
	if err != nil {
		return nil, err
	}
	token, err := payment(nil)
	if err != nil {
		return nil, err
	}
	card, err := payment(to)
	if err != nil {
		return nil, err
	}
	large, err := payment(to)
	if err != nil {
		return nil, err
	}
	var out []document
	for _, m := range []struct {
		size    string
		message kecis.Message
	}{{"2 KB", token}, {"4 KB", card}, {"64 KB", withEvidence(large, 64<<10)}} {
		doc, err := kecis.Sign(m.message, signer)
		if err != nil {
			return nil, err
		}
		out = append(out, document{m.size, doc, true})
	}
	canonical, at, err := list(1 << 20)
	if err != nil {
		return nil, err
	}
	doc, err := signer.Insert(canonical, at, listID)
	return append(out, document{"1 MB", doc, false}), err
}

func parseRace(d document) *race {
	parser := new(xmltree.Parser)
	var room []byte
	return &race{bytes: len(d.bytes), contenders: []*contender{
		{name: "SHA-256", do: func(n int) error {
			for range n {
				sha256.Sum256(d.bytes)
			}
			return nil
		}},
		{name: "xmltree", do: func(n int) error {
			for range n {
				tree, err := parser.Open(d.bytes)
				if err != nil {
					return err
				}
				room = tree.AppendCanonical(room[:0], tree.Root(), xmltree.Element{})
				tree.Release()
			}
			return nil
		}},
	}}
}

func verifyRace(key crypto.Signer, signer *xmlsig.Signer, d document, foreign bool) (*race, error) {
	roots := []xmlsig.Name{{Space: kecis.Namespace, Local: "List"}}
	for _, kind := range kecis.Kinds() {
		roots = append(roots, kind.Root())
	}
	verifier := &xmlsig.Verifier{Profile: xmlsig.Message(roots...)}
	keys := xmlsig.Keys{signer.Public()}
	floor, err := verifyFloor(key, d.bytes)
	if err != nil {
		return nil, err
	}
	r := &race{bytes: len(d.bytes), contenders: []*contender{floor}}
	ours := func(n int) error {
		for range n {
			if _, err := kecis.Open(context.Background(), verifier, d.bytes, keys); err != nil {
				return err
			}
		}
		return nil
	}
	if !d.decode {
		ours = verifyAlone(verifier, d.bytes, keys)
	}
	r.contenders = append(r.contenders, &contender{name: "KECIS", do: ours, note: memory(ours)})
	if d.decode {
		r.contenders = append(r.contenders, &contender{name: "KECIS, verify alone", do: verifyAlone(verifier, d.bytes, keys)})
	}
	if _, ok := key.(*rsa.PrivateKey); ok {
		peer, err := goxmldsig(key, d)
		if err != nil {
			return nil, err
		}
		r.contenders = append(r.contenders, peer)
	}
	if foreign {
		others, err := processes(key, d)
		if err != nil {
			return nil, err
		}
		r.contenders = append(r.contenders, others...)
	}
	return r, nil
}

func verifyAlone(verifier *xmlsig.Verifier, doc []byte, keys xmlsig.KeySource) func(n int) error {
	return func(n int) error {
		for range n {
			verified, err := verifier.Verify(context.Background(), doc, keys)
			if err != nil {
				return err
			}
			verified.Release()
		}
		return nil
	}
}

// verifyFloor is the public-key operation and the digest of the content.
func verifyFloor(key crypto.Signer, doc []byte) (*contender, error) {
	tree, err := xmltree.Parse(doc)
	if err != nil {
		return nil, err
	}
	signature := tree.Root().First().Next()
	canonical := tree.AppendCanonical(nil, tree.Root(), signature)
	digest := sha256.Sum256(canonical)
	value, err := key.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		return nil, err
	}
	c := &contender{name: "floor"}
	c.do = func(n int) error {
		for range n {
			sum := sha256.Sum256(canonical)
			switch k := key.(type) {
			case *rsa.PrivateKey:
				if err := rsa.VerifyPKCS1v15(&k.PublicKey, crypto.SHA256, sum[:], value); err != nil {
					return err
				}
			case *ecdsa.PrivateKey:
				if !ecdsa.VerifyASN1(&k.PublicKey, sum[:], value) {
					return fmt.Errorf("the signature does not verify")
				}
			}
		}
		return nil
	}
	c.note = memory(c.do)
	return c, nil
}

// signRace signs a response from the struct to its bytes.
func signRace(key crypto.Signer, signer *xmlsig.Signer) (*race, error) {
	message := inquiryAnswer()
	doc, err := kecis.Sign(message, signer)
	if err != nil {
		return nil, err
	}
	tree, err := xmltree.Parse(doc)
	if err != nil {
		return nil, err
	}
	canonical := tree.AppendCanonical(nil, tree.Root(), tree.Root().First().Next())
	floor := &contender{name: "floor", do: func(n int) error {
		for range n {
			sum := sha256.Sum256(canonical)
			if _, err := key.Sign(rand.Reader, sum[:], crypto.SHA256); err != nil {
				return err
			}
		}
		return nil
	}}
	ours := func(n int) error {
		for range n {
			if _, err := kecis.Sign(message, signer); err != nil {
				return err
			}
		}
		return nil
	}
	return &race{bytes: len(doc), contenders: []*contender{floor, {name: "KECIS", do: ours, note: memory(ours)}}}, nil
}
