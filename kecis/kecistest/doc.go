// Package kecistest has what a test of a KECIS service needs beside the service:
// a journal in memory, which forgets and which can be told to fail at a commit.
// Nothing in it is for money.
package kecistest
