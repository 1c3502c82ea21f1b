// Package crash runs a PG and an issuer as processes of the operating system,
// with their journals on disk, and kills them at random moments while shops pay
// through them (kill -9: nothing is cleaned up). After each round all is left to
// come to rest, and the books of all parties are judged by what was on the wire,
// by the ledgers and by what each party states: nothing may be lost, and nothing
// doubled.
//
// The processes stand behind gateways of the run, which pass messages on and note
// them, so that who is killed takes no observation along. All parties live by one
// clock that is faster than the machine's, so that the times of the standard, as
// they are, pass within seconds.
package crash
