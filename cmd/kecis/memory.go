package main

import "runtime/debug"

// collectPercent is how much garbage, in per cent of what is in use, a server
// lets come together. A few megabytes are in use, so that the runtime's 100 would
// collect them after each few hundred messages; at 400 a server still needs less
// than its database's cache.
const collectPercent = 400

// collectLess sets that, unless the operator has set GOGC.
func (a *app) collectLess() {
	if a.env("GOGC") == "" {
		debug.SetGCPercent(collectPercent)
	}
}
