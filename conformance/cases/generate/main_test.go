package main

import (
	"testing"

	"github.com/kecis/sdk/spec/vectors"
)

// TestCommitted holds the committed vectors against what the cases make.
func TestCommitted(t *testing.T) {
	if err := compare(vectors.FS); err != nil {
		t.Errorf("%v\nrun: go run ./conformance/cases/generate", err)
	}
}
