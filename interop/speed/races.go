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

// newRaces makes all of them: parse and canonicalize at each size, verify at
// each size and key, sign at each key.
func newRaces(foreign bool) ([]*race, error) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	var races []*race
	for _, k := range []struct {
		name string
		key  crypto.Signer
	}{{"RSA-2048", rsaKey}, {"ECDSA P-256", ecKey}} {
		signer, err := xmlsig.NewSigner(k.key)
		if err != nil {
			return nil, err
		}
		more, err := racesWith(k.name, k.key, signer, foreign)
		if err != nil {
			return nil, err
		}
		races = append(races, more...)
	}
	return races, nil
}

func racesWith(name string, key crypto.Signer, signer *xmlsig.Signer, foreign bool) ([]*race, error) {
	docs, err := documents(signer)
	if err != nil {
		return nil, err
	}
	var races []*race
	for _, d := range docs {
		if name == "RSA-2048" {
			races = append(races, parseRace(d))
		}
		r, err := verifyRace(name, key, signer, d, foreign)
		if err != nil {
			return nil, err
		}
		races = append(races, r)
	}
	r, err := signRace(name, key, signer)
	return append(races, r), err
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
	doc, err := signer.Insert(nil, canonical, at, listID)
	return append(out, document{"1 MB", doc, false}), err
}

func parseRace(d document) *race {
	parser := new(xmltree.Parser)
	var room []byte
	return &race{"parse and canonicalize " + d.size, len(d.bytes), []*contender{
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

func verifyRace(name string, key crypto.Signer, signer *xmlsig.Signer, d document, foreign bool) (*race, error) {
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
	r.name = fmt.Sprintf("verify and decode %s, %s", d.size, name)
	if !d.decode {
		r.name = fmt.Sprintf("verify %s, %s", d.size, name)
		ours = func(n int) error {
			for range n {
				verified, err := verifier.Verify(context.Background(), d.bytes, keys)
				if err != nil {
					return err
				}
				verified.Release()
			}
			return nil
		}
	}
	r.contenders = append(r.contenders, &contender{name: "KECIS", do: ours, note: memory(ours)})
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
func signRace(name string, key crypto.Signer, signer *xmlsig.Signer) (*race, error) {
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
	return &race{"sign a response, " + name, len(doc), []*contender{floor, {name: "KECIS", do: ours, note: memory(ours)}}}, nil
}
