package kecis

import "encoding/json"

// kept is how the journal keeps what is the SDK's own. It is plain data, which
// always encodes.
func kept(v any) []byte {
	text, _ := json.Marshal(v) //nolint:errchkjson // see above
	return text
}

// readKept reads what kept wrote.
func readKept(text []byte, v any) error { return json.Unmarshal(text, v) }
