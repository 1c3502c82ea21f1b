// Package xmltree reads a strict subset of XML 1.0 into an immutable tree,
// writes the tree's exclusive canonical form, and writes new documents that are
// in canonical form from the start.
//
// It is the only XML parser of the SDK. What it refuses is what signed messages
// have been attacked through: document types, processing instructions,
// comments, CDATA sections, encodings other than UTF-8, undeclared prefixes,
// duplicate attributes and identifiers, relative namespaces, and anything that
// is not well-formed; and it refuses what is larger than its [Limits]. Every
// refusal is an *[Error] with a stable [Code] (KECIS-XML-001 to 023).
//
// Time and memory grow linearly with the document. The package imports only the
// standard library and is safe on any input.
package xmltree
