// Package spec holds the KECIS standard: its text with numbered clauses, the
// catalogue of errors and the schemas. It imports nothing of
// the SDK.
//
// [Clauses] lists what the standard demands, [Errors] lists every code with
// which an implementation refuses something, and [FS] holds the files as they
// stand in this folder.
package spec

import "embed"

//go:generate go run ./generate

// FS holds the standard's files: text/*.md, the XML Schemas in schema/,
// errors.json with its JSON Schema, and the JSON Schema of the test vectors. The
// vectors themselves, which are many, are in package spec/vectors.
//
//go:embed text schema errors.json errors.schema.json vectors/index.schema.json
var FS embed.FS

// Version is the version of the standard that this package holds. Until 1.0 is
// final a clause may still change its number or its meaning.
const Version = "1.0-draft"
