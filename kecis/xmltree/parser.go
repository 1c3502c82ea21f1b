package xmltree

// Parser parses documents and lends its memory from one to the next. The zero
// Parser has the default limits. It may be used by several goroutines.
type Parser struct {
	// Limits bounds each document.
	Limits Limits
}

// Parse reads one document. The tree holds nothing of doc but for its
// positions (lines and columns).
func Parse(doc []byte) (*Tree, error) { return new(Parser).Parse(doc) }
