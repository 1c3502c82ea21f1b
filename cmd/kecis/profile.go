package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/xmlsig"
	"github.com/kecis/sdk/kecis/xmltree"
)

// The names of signature profiles on the command line, as in the test vectors.
const (
	profileMessage       = "message"
	profileMetadata      = "metadata"
	profileSAMLResponse  = "saml-response"
	profileSAMLAssertion = "saml-assertion"
)

var profileNames = []string{profileMessage, profileMetadata, profileSAMLResponse, profileSAMLAssertion}

// profileFlags are the flags that say which kind of document is at hand.
type profileFlags struct {
	name  string
	soap  bool
	roots []string
}

func (a *app) addProfileFlags(cmd *cobra.Command, f *profileFlags, standard string) {
	cmd.Flags().StringVar(&f.name, "profile", standard, a.say(phrase{"kind of document: ", "문서 종류: "})+strings.Join(profileNames, ", "))
	cmd.Flags().BoolVar(&f.soap, "soap", false, a.say(phrase{"the document stands in a SOAP 1.1 body", "SOAP 1.1 본문에 든 문서"}))
	cmd.Flags().StringArrayVar(&f.roots, "root", nil, a.say(phrase{"root element to accept beside KECIS messages, as {namespace}Name", "KECIS 메시지 외에 받아들일 루트 요소, {이름공간}이름"}))
	complete(cmd, "profile", profileNames...)
}

// profile returns the profile that the flags name.
func (a *app) profile(f *profileFlags) (p xmlsig.Profile, err error) {
	if err := a.oneOf("--profile", f.name, profileNames...); err != nil {
		return p, err
	}
	roots := messageRoots()
	for _, root := range f.roots {
		space, local, ok := strings.Cut(strings.TrimPrefix(root, "{"), "}")
		if !ok || !strings.HasPrefix(root, "{") || !xmltree.IsNCName(local) {
			return p, a.usage(a.say(phrase{"--root cannot be %q", "--root의 값이 될 수 없습니다: %q"}, shown(root)),
				a.say(phrase{"write it as {namespace}Name, in quotation marks for the shell", "{이름공간}이름 형식으로, 셸에서는 따옴표로 감싸십시오"}))
		}
		if f.name != profileMessage {
			return p, a.usage(a.say(phrase{"--root goes with --profile message alone", "--root는 --profile message에만 쓸 수 있습니다"}), "")
		}
		roots = append(roots, xmlsig.Name{Space: space, Local: local})
	}
	switch f.name {
	case profileMetadata:
		p = xmlsig.Metadata()
	case profileSAMLResponse:
		p = xmlsig.SAMLResponse()
	case profileSAMLAssertion:
		p = xmlsig.SAMLAssertion()
	default:
		p = xmlsig.Message(roots...)
	}
	if f.soap {
		p = xmlsig.SOAP(p)
	}
	return p, nil
}

// messageRoots are the roots of all KECIS messages.
func messageRoots() []xmlsig.Name {
	var roots []xmlsig.Name
	for _, kind := range kecis.Kinds() {
		roots = append(roots, kind.Root())
	}
	return roots
}

// algorithms are the signature algorithms by the names of the command line.
var algorithms = []struct {
	name string
	uri  xmlsig.Algorithm
}{
	{"ecdsa-sha256", xmlsig.ECDSASHA256},
	{"ecdsa-sha384", xmlsig.ECDSASHA384},
	{"ecdsa-sha512", xmlsig.ECDSASHA512},
	{"ed25519", xmlsig.Ed25519},
	{"rsa-sha256", xmlsig.RSASHA256},
	{"rsa-sha384", xmlsig.RSASHA384},
	{"rsa-sha512", xmlsig.RSASHA512},
	{"rsa-pss-sha256", xmlsig.RSAPSSSHA256},
	{"rsa-pss-sha384", xmlsig.RSAPSSSHA384},
	{"rsa-pss-sha512", xmlsig.RSAPSSSHA512},
}

func algorithmNames() []string {
	var names []string
	for _, a := range algorithms {
		names = append(names, a.name)
	}
	return names
}

// algorithmName returns the short name of an algorithm, or its URI.
func algorithmName(uri xmlsig.Algorithm) string {
	for _, a := range algorithms {
		if a.uri == uri {
			return a.name
		}
	}
	return string(uri)
}

// algorithmNamed takes a short name or a URI; "" is the usual one of the key.
func (a *app) algorithmNamed(name string) (xmlsig.Algorithm, error) {
	if name == "" {
		return "", nil
	}
	for _, known := range algorithms {
		if name == known.name || name == string(known.uri) {
			return known.uri, nil
		}
	}
	return "", a.oneOf("--algorithm", name, algorithmNames()...)
}
