// Package simulation runs whole payment systems (shops, PGs and an issuer, with
// the SDK's real Server and Client) in one process under virtual time, with
// faults that are chosen by a seed, and judges each such world with
// [conformance.Judge].
//
// In a world each actor is a goroutine, and only the one that has the baton
// runs. The baton passes at every call of a journal, of the network and of a
// clock, and who gets it next is chosen by the seed: the same seed has the same
// history, on any machine. Time stands still while anyone can run.
package simulation
