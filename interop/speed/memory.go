package main

import (
	"fmt"
	"runtime"
)

// memory tells how much one time takes, in bytes and allocations. It stops the
// garbage collector from emptying pools in between as a benchmark would see it.
func memory(do func(n int) error) string {
	const times = 500
	if err := do(times); err != nil {
		return err.Error()
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if err := do(times); err != nil {
		return err.Error()
	}
	runtime.ReadMemStats(&after)
	return fmt.Sprintf("%d B, %d allocations", (after.TotalAlloc-before.TotalAlloc)/times, (after.Mallocs-before.Mallocs)/times)
}
