// Package cases holds the cases of the conformance suite, a file for each
// subject, and the valid messages that they bend.
//
// Bent messages are built with etree and by plain replacement of text, away from
// the strict engine that they test; where the fault must stand inside a valid
// signature, a signer and a canonicalizer of this package's own sign it, which
// refuse nothing.
//
// The program in generate writes every case as a test vector into spec/vectors.
package cases

import "github.com/kecis/sdk/conformance"

// All returns all cases, subject by subject.
func All() []conformance.Case {
	var all []conformance.Case
	for _, subject := range Subjects() {
		all = append(all, subject.Cases...)
	}
	return all
}

// Subject is a group of cases; its vectors stand in one folder.
type Subject struct {
	Name  string
	Cases []conformance.Case
}

// Subjects returns the cases by subject, in the order of the chapters.
func Subjects() []Subject {
	return []Subject{
		{"xml", xmlCases()},
		{"canonical", canonicalCases()},
		{"wrapping", wrappingCases()},
		{"signature", referenceCases()},
		{"algorithm", algorithmCases()},
		{"trust", keyCases()},
		{"encryption", encryptionCases()},
		{"ecml", ecmlCases()},
		{"message", messageCases()},
		{"event", eventCases()},
		{"reconciliation", reconciliationCases()},
		{"order", orderCases()},
		{"authentication", authenticationCases()},
		{"metadata", describedCases()},
		{"foreign", foreignCases()},
	}
}
