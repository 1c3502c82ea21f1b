package foreign

// Refusal says that a program read a document and turned it down.
type Refusal struct {
	Program Program
	Reason  string // in the program's own words
}

// Error returns who refused and why.
func (r *Refusal) Error() string { return string(r.Program) + " refuses: " + r.Reason }
