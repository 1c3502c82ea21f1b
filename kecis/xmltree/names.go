package xmltree

// names gives each distinct string a small number. It keeps what it learnt from
// one document to the next, since the same prefixes and namespaces come again.
type names struct {
	list []string
	ids  map[string]int32
	last int32
}

// maxKept bounds how many names outlive a document that brought unusual ones.
const maxKept = 128

func newNames(first ...string) names {
	n := names{ids: make(map[string]int32, len(first))}
	for _, s := range first {
		n.add(s)
	}
	return n
}

func (n *names) add(s string) int32 {
	id := int32(len(n.list))
	n.list = append(n.list, s)
	n.ids[s] = id
	return id
}

// id returns the number of b, giving it one if it is new.
func (n *names) id(b []byte) int32 {
	if n.list[n.last] == string(b) {
		return n.last
	}
	id, ok := n.ids[string(b)]
	if !ok {
		id = n.add(string(b))
	}
	n.last = id
	return id
}

// The numbers that every tree has from the start.
const (
	noPrefix  = 0 // ""
	xmlPrefix = 1
	noURI     = 0 // ""
	xmlURI    = 1
)

// Namespaces that XML itself reserves.
const (
	xmlNamespace   = "http://www.w3.org/XML/1998/namespace"
	xmlnsNamespace = "http://www.w3.org/2000/xmlns/"
)

func newMemory() *memory {
	return &memory{
		prefixes: newNames("", "xml"),
		uris:     newNames("", xmlNamespace),
	}
}

// reset empties the memory for the next document.
func (m *memory) reset() {
	m.buf, m.nodes, m.attrs = m.buf[:0], m.nodes[:0], m.attrs[:0]
	m.decls, m.identities = m.decls[:0], m.identities[:0]
	m.open = m.open[:0]
	if len(m.prefixes.list) > maxKept {
		m.prefixes = newNames("", "xml")
	}
	if len(m.uris.list) > maxKept {
		m.uris = newNames("", xmlNamespace)
	}
	m.bound = m.bound[:0]
	for range m.prefixes.list {
		m.bound = append(m.bound, binding{uri: unbound})
	}
	m.bound[noPrefix].uri, m.bound[xmlPrefix].uri = noURI, xmlURI
}

// binding is what a prefix stands for at the place the parser has reached.
type binding struct {
	uri int32 // id, or unbound
	at  int32 // index, plus one, of the node that declared it
}

const unbound = -1
