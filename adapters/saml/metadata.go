package saml

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/xmlsig"
	"github.com/kecis/sdk/kecis/xmltree"
)

// metadataLife is how long fetched metadata are good for.
const metadataLife = 7 * 24 * time.Hour

// Metadata returns the signed metadata of the provider, as of now.
func (p *IdentityProvider) Metadata() ([]byte, error) {
	id, err := kecis.NewID(p.config.Random)
	if err != nil {
		return nil, err
	}
	w := xmltree.NewWriter(nil,
		xmltree.Namespace{Prefix: "md", URI: xmlsig.SAMLMetadataNamespace},
		xmltree.Namespace{Prefix: "ds", URI: xmlsig.Namespace})
	w.Start("md", "EntityDescriptor")
	w.Attr("", "ID", string(id))
	w.Attr("", "entityID", p.config.Entity)
	w.Attr("", "validUntil", kecis.FormatInstant(p.clock.Now().Add(metadataLife)))
	w.Start("md", "IDPSSODescriptor")
	w.Attr("", "WantAuthnRequestsSigned", "false")
	w.Attr("", "protocolSupportEnumeration", protocolSAML2)
	w.Start("md", "KeyDescriptor")
	w.Attr("", "use", "signing")
	writeKeyInfo(w, p.config.Certificate.Raw)
	w.End()
	w.Leaf("md", "NameIDFormat", persistentName)
	w.Leaf("md", "NameIDFormat", transientName)
	for _, binding := range []string{bindingPOST, bindingGET} {
		w.Start("md", "SingleSignOnService")
		w.Attr("", "Binding", binding)
		w.Attr("", "Location", p.location(pathSSO))
		w.End()
	}
	w.End()
	w.End()
	document, err := w.Bytes()
	if err != nil {
		return nil, err
	}
	return p.config.MetadataSigner.Sign(document, xmlsig.Metadata())
}

func (p *IdentityProvider) serveMetadata(w http.ResponseWriter, r *http.Request) {
	document, err := p.Metadata()
	if err != nil {
		p.log.ErrorContext(r.Context(), "the metadata cannot be made", slog.Any("error", err))
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/samlmetadata+xml")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "max-age=3600")
	_, _ = w.Write(document) // who asked may be gone
}
