package saml

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/xml"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	crewjam "github.com/crewjam/saml"

	"github.com/kecis/sdk/kecis/xmlsig"
	"github.com/kecis/sdk/kecis/xmltree"
)

// ServiceProvider is whom people log in to, by its metadata.
type ServiceProvider struct {
	Entity string
	// Korean and English are the names that people are shown.
	Korean, English string
	// SignedRequests refuses requests without a signature. Metadata can ask for it,
	// and cannot lift it.
	SignedRequests bool
	// HolderOfKey adds a confirmation by the certificate to the bearer's.
	HolderOfKey bool
	// Transient names people anew at each login, where the request does not ask for
	// persistent names.
	Transient bool

	replies []reply
	keys    []*xmlsig.PublicKey
	until   time.Time
}

// reply is an AssertionConsumerService with the binding HTTP-POST.
type reply struct {
	location string
	index    int
	first    bool
}

// Providers knows the service providers.
type Providers interface {
	// ServiceProvider returns that with the entityID; nil is unknown.
	ServiceProvider(ctx context.Context, entity string) (*ServiceProvider, error)
}

// List is a fixed list of service providers.
type List []*ServiceProvider

// ServiceProvider implements Providers.
func (l List) ServiceProvider(_ context.Context, entity string) (*ServiceProvider, error) {
	for _, p := range l {
		if p.Entity == entity {
			return p, nil
		}
	}
	return nil, nil
}

const (
	// maxReplies bounds the addresses of one service provider; large ones have some
	// dozens.
	maxReplies = 256
	// maxProviderKeys bounds its keys, as KECIS-SIG-031 does.
	maxProviderKeys = 8
)

const (
	protocolSAML2  = "urn:oasis:names:tc:SAML:2.0:protocol"
	bindingPOST    = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
	bindingGET     = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
	bindingHolder  = "urn:oasis:names:tc:SAML:2.0:profiles:holder-of-key:SSO:browser"
	anyNameID      = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
	persistentName = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
	transientName  = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
)

// NewServiceProvider reads metadata of a service provider (KECIS-CRT-040). With
// keys they must be signed by one of them; without, they are trusted as a file of
// the configuration, whatever signature they carry.
func NewServiceProvider(ctx context.Context, metadata []byte, keys xmlsig.KeySource) (*ServiceProvider, error) {
	canonical, err := canonicalMetadata(ctx, metadata, keys)
	if err != nil {
		return nil, &Error{code: ErrMetadata, expected: "metadata that can be trusted", found: "others", cause: err}
	}
	var document crewjam.EntityDescriptor
	if err := xml.Unmarshal(canonical, &document); err != nil {
		return nil, &Error{code: ErrMetadata, expected: "an EntityDescriptor", found: "something else", cause: err}
	}
	p := &ServiceProvider{Entity: document.EntityID, until: document.ValidUntil}
	role := slices.IndexFunc(document.SPSSODescriptors, func(d crewjam.SPSSODescriptor) bool {
		return slices.Contains(strings.Fields(d.ProtocolSupportEnumeration), protocolSAML2)
	})
	if p.Entity == "" || len(p.Entity) > maxEntity || role < 0 {
		return nil, &Error{code: ErrMetadata, expected: "an entityID and the role of a SAML 2.0 service provider", found: "none"}
	}
	d := &document.SPSSODescriptors[role]
	if d.ValidUntil != nil && (p.until.IsZero() || d.ValidUntil.Before(p.until)) {
		p.until = *d.ValidUntil
	}
	p.SignedRequests = d.AuthnRequestsSigned != nil && *d.AuthnRequestsSigned
	if err := p.takeReplies(d.AssertionConsumerServices); err != nil {
		return nil, err
	}
	if err := p.takeKeys(d.KeyDescriptors); err != nil {
		return nil, err
	}
	p.takeNames(&document, d)
	return p, nil
}

// canonicalMetadata returns the canonical form of what was verified.
func canonicalMetadata(ctx context.Context, metadata []byte, keys xmlsig.KeySource) ([]byte, error) {
	if keys == nil {
		tree, err := xmltree.Parse(metadata)
		if err != nil {
			return nil, err
		}
		return tree.AppendCanonicalWithin(nil, xmltree.MaxBytes, tree.Root(), xmltree.Element{})
	}
	v := xmlsig.Verifier{Profile: xmlsig.Metadata()}
	signed, err := v.Verify(ctx, metadata, keys)
	if err != nil {
		return nil, err
	}
	root, err := signed.Root()
	if err != nil {
		return nil, err
	}
	return root.AppendCanonical(nil), nil
}

func (p *ServiceProvider) takeReplies(services []crewjam.IndexedEndpoint) error {
	for _, s := range services {
		if s.Binding != bindingPOST {
			continue
		}
		if !secureAddress(s.Location) || len(s.Location) > maxEntity || len(p.replies) == maxReplies {
			return &Error{code: ErrMetadata, expected: "addresses of https, or http of this machine", found: quote(s.Location)}
		}
		p.replies = append(p.replies, reply{s.Location, s.Index, s.IsDefault != nil && *s.IsDefault})
	}
	if len(p.replies) == 0 {
		return &Error{code: ErrMetadata, expected: "an AssertionConsumerService with HTTP-POST", found: "none"}
	}
	return nil
}

// secureAddress reports whether answers may go to an address.
func secureAddress(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" || strings.ContainsAny(address, "\"'<> \t\r\n\\;,") {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "https" || u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())
}

func (p *ServiceProvider) takeKeys(descriptors []crewjam.KeyDescriptor) error {
	for _, d := range descriptors {
		if d.Use != "" && d.Use != "signing" {
			continue
		}
		for _, c := range d.KeyInfo.X509Data.X509Certificates {
			der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(c.Data), ""))
			if err != nil {
				return &Error{code: ErrMetadata, expected: "certificates in base64", found: "something else"}
			}
			certificate, err := x509.ParseCertificate(der)
			if err != nil {
				return &Error{code: ErrMetadata, expected: "certificates", found: "something else", cause: err}
			}
			key, err := xmlsig.NewPublicKey(certificate.PublicKey) // its dates and names say nothing (KECIS-SIG-030)
			if err != nil {
				return &Error{code: ErrMetadata, expected: "keys of allowed kinds and sizes", found: "another", cause: err}
			}
			if len(p.keys) == maxProviderKeys {
				return &Error{code: ErrMetadata, expected: "at most " + strconv.Itoa(maxProviderKeys) + " keys", found: "more"}
			}
			p.keys = append(p.keys, key)
		}
	}
	return nil
}

// takeNames finds the names that people are shown, else the entityID.
func (p *ServiceProvider) takeNames(document *crewjam.EntityDescriptor, d *crewjam.SPSSODescriptor) {
	var names []crewjam.LocalizedName
	for _, s := range d.AttributeConsumingServices {
		names = append(names, s.ServiceNames...)
	}
	if document.Organization != nil {
		names = append(names, document.Organization.OrganizationDisplayNames...)
	}
	for _, n := range names {
		switch {
		case n.Lang == "ko" && p.Korean == "":
			p.Korean = n.Value
		case n.Lang == "en" && p.English == "":
			p.English = n.Value
		}
	}
}

func (p *ServiceProvider) name(korean bool) string {
	names := []string{p.English, p.Korean, p.Entity}
	if korean {
		names = []string{p.Korean, p.English, p.Entity}
	}
	for _, n := range names {
		if strings.TrimSpace(n) != "" {
			return n
		}
	}
	return p.Entity
}

func (p *ServiceProvider) current(now time.Time) bool {
	return p.until.IsZero() || now.Before(p.until)
}

// replyTo chooses where the answer goes, among the addresses of the metadata
// (KECIS-CRT-037).
func (p *ServiceProvider) replyTo(w *wishes) (string, error) {
	refuse := func(found string) (string, error) {
		return "", &Error{code: ErrReplyAddress, expected: "an address of the metadata, with HTTP-POST", found: found}
	}
	if w.binding != "" && w.binding != bindingPOST && w.binding != bindingHolder {
		return refuse(quote(w.binding))
	}
	switch {
	case w.replyTo != "" && w.replyIndex != "":
		return refuse("an address and an index")
	case w.replyTo != "":
		for _, r := range p.replies {
			if r.location == w.replyTo {
				return r.location, nil
			}
		}
		return refuse(quote(w.replyTo))
	case w.replyIndex != "":
		for _, r := range p.replies {
			if strconv.Itoa(r.index) == w.replyIndex {
				return r.location, nil
			}
		}
		return refuse("index " + quote(w.replyIndex))
	}
	for _, r := range p.replies {
		if r.first {
			return r.location, nil
		}
	}
	return p.replies[0].location, nil
}

// has reports whether an address is one of the metadata.
func (p *ServiceProvider) has(address string) bool {
	return slices.ContainsFunc(p.replies, func(r reply) bool { return r.location == address })
}
