// Package load drives signed payments through the reference PG and the reference
// issuer, over HTTP on the loopback interface, with durable journals at both, and
// measures them beside a floor: the same cryptography and the same number of
// durable commits, and nothing else. It is what kecis load runs.
package load
