//go:build !unix

package load

import "time"

// processorTime is not known here: the share of cryptography then reads as 0.
func processorTime() time.Duration { return 0 }
