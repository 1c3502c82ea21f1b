// Package interop holds this module's XML engine against XML Signature and XML
// Encryption libraries in Go, in one process: goxmldsig, moov-io/signedxml and
// helium. It has tests only.
//
// It is a module of its own, so that nothing that imports the SDK ever sees
// these libraries, and its go.work builds it against the working tree: run its
// tests in this folder. Its go.mod requires exact tags of the libraries and not
// the SDK, which the workspace brings; so "go mod tidy" cannot be used here, and
// a version is changed by go get in this folder with GOWORK=off.
//
// Where a library is known to be wrong, the fault has a name and a test that
// shows it beside our answer: a release without the fault fails the test, and so
// does any difference that has no name.
package interop
