package foreign_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/kecis/sdk/conformance/foreign"
	"github.com/kecis/sdk/kecis/xmlsig"
)

// subject is a kind of document that is signed in the tests.
type subject struct {
	name     string
	profile  xmlsig.Profile
	document string
	behind   int // child elements before the signature
	saml     bool
	few      bool // with the usual algorithms only
	sender   string
}

const messageNamespace = "urn:kecis:1.0:protocol"

func message() subject {
	return subject{
		name:    "message",
		profile: xmlsig.Message(xmlsig.Name{Space: messageNamespace, Local: "PaymentRequest"}),
		document: `<kecis:PaymentRequest xmlns:kecis="urn:kecis:1.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"` +
			` Version="2.0" ID="_0123456789abcdef0123456789abcdef01234567" IssueInstant="2026-11-24T00:00:00Z" Destination="https://shop.example/kecis">` +
			"\r\n  <saml:Issuer>https://shop.example/kecis</saml:Issuer>\r\n  " +
			`<kecis:Amount Exponent='0'   Currency="KRW">50000</kecis:Amount>` +
			`<kecis:Note kecis:status="status:Success">주문 &#x1F600; &lt;1&gt; "q"</kecis:Note></kecis:PaymentRequest>`,
		behind: 1,
		sender: "https://shop.example/kecis",
	}
}

func samlResponse() subject {
	return subject{name: "samlp:Response", profile: xmlsig.SAMLResponse(), document: response, behind: 1, saml: true, sender: "https://pg.example/kecis"}
}

func metadata() subject {
	return subject{
		name:    "metadata",
		profile: xmlsig.Metadata(),
		document: `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" ID="_m1" entityID="https://pg.example/kecis" validUntil="2027-01-01T00:00:00Z">` +
			`<md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">` +
			`<md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://shop.example/acs?status:Success" index="0"/>` +
			`</md:SPSSODescriptor></md:EntityDescriptor>`,
		saml:   true,
		few:    true,
		sender: "https://pg.example/kecis",
	}
}

// TestSignatures is the foreign proof: for every algorithm that each program
// supports, it verifies what we sign and we verify what it signs, and a changed
// twin is refused on either side.
func TestSignatures(t *testing.T) {
	foreign.Need(t, foreign.Peers()...)
	keys := keys(t)
	var peers []foreign.Peer
	for _, program := range foreign.Peers() {
		peers = append(peers, foreign.NewPeer(t, program))
	}
	for _, subject := range []subject{message(), samlResponse(), metadata()} {
		for _, algorithm := range foreign.Algorithms() {
			if subject.few && !usual(algorithm) {
				continue
			}
			t.Run(subject.name+"/"+algorithm.Name, func(t *testing.T) {
				pair := proof{subject, algorithm, keys[algorithm.Key], nil}
				pair.sign(t)
				for _, peer := range peers {
					if supports(peer.Program(), algorithm, subject) {
						pair.theyVerify(t, peer)
						pair.weVerify(t, peer)
					}
				}
			})
		}
	}
	t.Log(support())
}

// supports reports whether the program can sign and verify the subject.
func supports(program foreign.Program, algorithm foreign.Algorithm, subject subject) bool {
	if program == foreign.SAMLSign && !subject.saml {
		return false // it takes only SAML's own elements
	}
	return program.Unsupported(algorithm) == ""
}

// support is the table of who supports what, with the reasons where one does not.
func support() string {
	var table, reasons strings.Builder
	for _, algorithm := range foreign.Algorithms() {
		fmt.Fprintf(&table, "\n%-18s", algorithm.Name)
		for _, program := range foreign.Peers() {
			cell := string(program)
			if program.Unsupported(algorithm) != "" {
				cell = "-"
			}
			fmt.Fprintf(&table, " | %-25s", cell)
		}
	}
	for _, program := range foreign.Peers() {
		if reason := program.Unsupported(named("RSA-PSS-SHA384")); reason != "" {
			reasons.WriteString("\n" + reason)
		}
	}
	return "signed and verified both ways:" + table.String() + reasons.String()
}

// proof is one subject, algorithm and key, and what we made of them.
type proof struct {
	subject
	algorithm foreign.Algorithm
	key       *foreign.Key
	signed    []byte
}

func (p *proof) sign(t *testing.T) {
	t.Helper()
	signer, err := xmlsig.NewSigner(p.key.Private, xmlsig.Algorithm(p.algorithm.URI))
	if err != nil {
		t.Fatal(err)
	}
	if p.signed, err = signer.Sign([]byte(p.document), p.profile); err != nil {
		t.Fatal(err)
	}
}

func (p *proof) theyVerify(t *testing.T, peer foreign.Peer) {
	t.Helper()
	if err := peer.Verify(p.key, p.signed); err != nil {
		t.Errorf("%s does not verify ours: %v\n%s", peer.Program(), err, p.signed)
		return
	}
	for what, twin := range tampered(p.signed) {
		if err := peer.Verify(p.key, twin); err == nil {
			t.Errorf("%s accepts ours with changed %s", peer.Program(), what)
		} else {
			wantRefusal(t, peer.Program(), err)
		}
	}
}

func (p *proof) weVerify(t *testing.T, peer foreign.Peer) {
	t.Helper()
	signed, err := peer.Sign(p.key, p.algorithm, []byte(p.document), p.behind)
	if err != nil {
		t.Errorf("%s does not sign: %v", peer.Program(), err)
		return
	}
	public, err := xmlsig.NewPublicKey(p.key.Private.Public())
	if err != nil {
		t.Fatal(err)
	}
	verifier := &xmlsig.Verifier{Profile: p.profile}
	verified, err := verifier.Verify(t.Context(), signed, xmlsig.Keys{public})
	if err != nil {
		t.Errorf("we do not verify %s: %v\n%s", peer.Program(), err, signed)
		return
	}
	if verified.Sender() != p.sender || verified.Key() != public || string(verified.Algorithm()) != p.algorithm.URI {
		t.Errorf("%s: sender %q, key %v, algorithm %s", peer.Program(), verified.Sender(), verified.Key(), verified.Algorithm())
	}
	for what, twin := range tampered(signed) {
		want := xmlsig.ErrDigestMismatch
		if what == "value" {
			want = xmlsig.ErrInvalid
		}
		if _, err := verifier.Verify(t.Context(), twin, xmlsig.Keys{public}); !errors.Is(err, want) {
			t.Errorf("%s with changed %s: got %v, want %s", peer.Program(), what, err, want)
		}
	}
}

// TestSignedOctets: what the JDK hashes and what we hash are the same bytes.
func TestSignedOctets(t *testing.T) {
	foreign.Need(t, foreign.JDK)
	java := foreign.NewJava(t)
	t.Run("request digest", func(t *testing.T) { compareRequestDigest(t, java) })
	t.Run("random trees", func(t *testing.T) { signTrees(t, java) })
}

// compareRequestDigest compares the digest that binds an answer to its request
// (SHA-256 of the canonical signed octets) with that of the JDK's canonical form.
func compareRequestDigest(t *testing.T, java *foreign.Java) {
	t.Helper()
	for _, algorithm := range []string{"ECDSA-P256-SHA256", "ECDSA-P384-SHA384", "Ed25519"} { // of three digests
		p := proof{subject: message(), algorithm: named(algorithm)}
		p.key = foreign.NewKey(t, p.algorithm.Key)
		p.sign(t)
		public, err := xmlsig.NewPublicKey(p.key.Private.Public())
		if err != nil {
			t.Fatal(err)
		}
		verified, err := (&xmlsig.Verifier{Profile: p.profile}).Verify(t.Context(), p.signed, xmlsig.Keys{public})
		if err != nil {
			t.Fatal(err)
		}
		form, err := java.Canonical([]byte(p.document), 0)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := verified.Digest(), sha256.Sum256(form); got != want {
			t.Errorf("%s: digest %x, want %x", algorithm, got, want)
		}
	}
}

// named returns the algorithm of that name.
func named(name string) foreign.Algorithm {
	all := foreign.Algorithms()
	return all[slices.IndexFunc(all, func(a foreign.Algorithm) bool { return a.Name == name })]
}

// usual reports whether the algorithm is the one that goes with a kind of key.
func usual(algorithm foreign.Algorithm) bool {
	return slices.Contains([]string{"RSA-SHA256", "ECDSA-P256-SHA256", "Ed25519"}, algorithm.Name)
}

// signedTrees is how many random trees are signed and verified each way.
const signedTrees = 200

// signTrees signs random trees inside a message, each way with the JDK.
func signTrees(t *testing.T, java *foreign.Java) {
	t.Helper()
	trees := foreign.NewTrees(firstSeed + 3)
	trees.Fragment = true
	trees.Depth = 14 // more declarations in scope than a Signer reads could stand in deeper ones
	key := foreign.NewKey(t, foreign.P256)
	signer, err := xmlsig.NewSigner(key.Private)
	if err != nil {
		t.Fatal(err)
	}
	subject := message()
	verifier := &xmlsig.Verifier{Profile: subject.profile}
	public := xmlsig.Keys{signer.Public()}
	for i := range signedTrees {
		document := fmt.Appendf(nil, `<kecis:PaymentRequest xmlns:kecis="urn:kecis:1.0:protocol" xmlns:a="urn:outside" xmlns="urn:default" ID="_%d">`+
			`<saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">https://shop.example/kecis</saml:Issuer>`, i)
		document = append(append(document, signable(trees)...), "</kecis:PaymentRequest>"...)
		theirs, err := java.Sign(key, named("ECDSA-P256-SHA256"), document, 1)
		if err != nil {
			t.Fatalf("%v\n%q", err, document)
		}
		if _, err := verifier.Verify(t.Context(), theirs, public); err != nil {
			t.Fatalf("we do not verify the JDK: %v\n%q", err, theirs)
		}
		ours, err := signer.Sign(document, subject.profile)
		if err != nil {
			t.Fatalf("%v\n%q", err, document)
		}
		if err := java.Verify(key, ours); err != nil {
			t.Fatalf("the JDK does not verify ours: %v\n%q", err, ours)
		}
	}
}

// signable returns the next tree with some names changed: the message profile
// allows neither xml:id nor a second ds:Signature, and the JDK's Transformer
// takes every attribute whose name begins with xmlns for a declaration and
// writes another document.
func signable(trees *foreign.Trees) []byte {
	names := strings.NewReplacer("xml:id", "xml:x", "xmlnsx", "xmlx", "Signature", "Signatory")
	return []byte(names.Replace(string(trees.Next().XML)))
}
