package ecml

// The values of SchemaVersion (RFC 4112 2.1.2, note 20).
const (
	Schema10 = "http://www.ecml.org/version/1.0"
	Schema11 = "http://www.ecml.org/version/1.1"
	Schema20 = "urn:ietf:params:ecml:v2.0"
)

// Version is a version of ECML.
type Version uint8

// The versions, in order of time. VersionUnknown is that of data without a
// SchemaVersion or with one that no RFC defines.
const (
	VersionUnknown Version = iota
	Version10              // RFC 2706
	Version11              // RFC 3106
	Version20              // RFC 4112
)

// String returns "1.0", "1.1", "2.0" or "unknown".
func (v Version) String() string {
	switch v {
	case Version10:
		return "1.0"
	case Version11:
		return "1.1"
	case Version20:
		return "2.0"
	}
	return "unknown"
}

// Version returns the version that SchemaVersion names.
func (e *Ecom) Version() Version { return versionOf(e.SchemaVersion) }

func versionOf(schema string) Version {
	switch schema {
	case Schema10:
		return Version10
	case Schema11:
		return Version11
	case Schema20:
		return Version20
	}
	return VersionUnknown
}
