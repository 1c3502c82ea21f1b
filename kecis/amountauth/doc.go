// Package amountauth authenticates a buyer by an amount (금액 인증, AA): the
// provider has the issuer hold a random amount below the order's, the buyer reads
// it in the issuer's message and types it, and the hold is released again. Chapter
// 59 of the standard says what it must do.
//
// An Engine is the state machine of sessions, on a durable journal; it asks the
// issuer through the interface Issuer, and where a Payer is given it pays the order
// after the authentication. Pages are the buyer's, as an http.Handler. Neither
// knows of KECIS messages: what a session proves is in Session, and a Server makes
// evidence of it.
//
// Several servers may share one journal. Each calls RunOnce in a loop: it brings
// to an end what a time-out, a lost answer or a dead server has left.
package amountauth
