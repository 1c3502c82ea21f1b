// Package conformance is the engine that shows whether an implementation meets
// the standard. A [Case] says, in one plain value, which message is offered,
// which clauses it tests, and what must become of it and for which reason; the
// cases themselves stand in the package conformance/cases.
//
// A [Message] is a document with all that its recipient needs to judge it.
// [Read] gives one to this SDK, layer by layer, and [Expect.Judge] compares what
// came of it with what must. Judging fails closed: what was refused for another
// reason than the one that the case is bound to has not passed.
//
// A [Recording] holds what was observed of a run of several parties, and [Judge]
// holds it against the [Rules]: the money invariants, and what an answer
// promises. The simulation judges by them, and so does the suite.
package conformance
