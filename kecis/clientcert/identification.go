package clientcert

import (
	"crypto/x509/pkix"
	"encoding/asn1"
)

// Identification is the identification data of an accredited certificate: the
// real name and the virtual identifier, a hash over a resident or business number
// and a random number that the holder keeps (KCAC.TS.SIVID). Both are personal.
type Identification struct {
	RealName string
	// Hash is the OID of the hash, VirtualID its value.
	Hash      string
	VirtualID []byte
}

// String shows nothing of the person.
func (Identification) String() string { return "identification (hidden)" }

// GoString shows nothing of the person.
func (Identification) GoString() string { return "identification (hidden)" }

// The identifiers of NPKI's identification data.
const (
	oidIdentification = "1.2.410.200004.10.1.1"
	oidVirtualID      = "1.2.410.200004.10.1.1.1"
	oidSubjectAltName = "2.5.29.17"
)

// RevealIdentification returns the identification data of the certificate; ok is
// false if it has none that can be read. Nothing is decided by them: checking a
// virtual identifier needs the number and the random, which KECIS does not carry.
func (h Holder) RevealIdentification() (out Identification, ok bool) {
	if h.holder == nil {
		return out, false
	}
	for _, e := range h.leaf.Extensions {
		if e.Id.String() != oidSubjectAltName {
			continue
		}
		var names []asn1.RawValue
		if rest, err := asn1.Unmarshal(e.Value, &names); err != nil || len(rest) > 0 {
			return out, false
		}
		for _, name := range names {
			if name.Class == asn1.ClassContextSpecific && name.Tag == 0 {
				if out, ok = identification(name.Bytes); ok {
					return out, true
				}
			}
		}
	}
	return out, false
}

// identification reads the inside of an otherName.
func identification(raw []byte) (out Identification, ok bool) {
	var id asn1.ObjectIdentifier
	rest, err := asn1.Unmarshal(raw, &id)
	if err != nil || id.String() != oidIdentification {
		return out, false
	}
	var data struct {
		RealName string `asn1:"utf8"`
		UserInfo []struct {
			ID      asn1.ObjectIdentifier
			Content struct {
				Hash      pkix.AlgorithmIdentifier
				VirtualID []byte `asn1:"tag:0,explicit"`
			}
		}
	}
	if rest, err = asn1.UnmarshalWithParams(rest, &data, "tag:0,explicit"); err != nil || len(rest) > 0 {
		return out, false
	}
	out.RealName = data.RealName
	for _, info := range data.UserInfo {
		if info.ID.String() == oidVirtualID {
			out.Hash, out.VirtualID = info.Content.Hash.Algorithm.String(), info.Content.VirtualID
		}
	}
	return out, true
}
