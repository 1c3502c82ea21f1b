// Package spec holds the KECIS standard: its text with numbered clauses, the
// catalogue of errors, the schemas and the test vectors. It imports nothing of
// the SDK.
package spec

//go:generate go run ./generate
