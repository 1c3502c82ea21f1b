package ecml

// Mode says whether an element asks for values or states them (RFC 4112 2.2).
// The content of a query is the default to give back when nothing better is
// known.
type Mode uint8

// The modes. An element without one has that of the element around it; when
// none is stated anywhere the RFC gives no default, and KECIS reads Assert.
const (
	Unstated Mode = iota
	Query
	Assert
)

// String returns "Query", "Assert" or "".
func (m Mode) String() string {
	switch m {
	case Query:
		return "Query"
	case Assert:
		return "Assert"
	}
	return ""
}

func modeOf(s string) (Mode, bool) {
	switch s {
	case "Query":
		return Query, true
	case "Assert":
		return Assert, true
	}
	return Unstated, false
}

// inherit returns the effective mode of an element inside one of mode outer.
func (m Mode) inherit(outer Mode) Mode {
	if m == Unstated {
		return outer
	}
	return m
}

// ModeOf returns the effective mode of an element of e, which is given by its
// pointer, as e.ModeOf(&e.ShipTo[0].Postal[0]). It reports false when e does
// not hold that element.
func (e *Ecom) ModeOf(element any) (Mode, bool) {
	for w := walk(e); w.next(); {
		if any(w.here().node) == element {
			return w.here().mode, true
		}
	}
	return Unstated, false
}
