// Package suite drives an implementation of KECIS over its real endpoints and
// says whether it meets the standard.
//
// A [Stage] is where a run takes place: the implementation under test, the
// parties that the suite plays around it, and the network between them. Before a
// PG the suite is the shop and, behind it, the issuer; before an issuer it is the
// PG. A [Case] is one thing to be shown. Most are cases of package cases, which
// bend one message, offered to the endpoint and judged by what is answered and by
// what moved; the others are flows of several messages.
//
// Verdicts fail closed: a case passes only if something was observed, the refusal
// is the one that the case is bound to, and the same message without the fault
// went through.
package suite
