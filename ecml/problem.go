package ecml

import "errors"

// problems collects what is wrong with one Ecom.
type problems []error

// add appends a problem; nil is none.
func (p *problems) add(err *Error) {
	if err != nil {
		*p = append(*p, err)
	}
}

// join returns one error that holds all, or nil.
func (p problems) join() error { return errors.Join(p...) }

// Problems returns each *Error that err holds: of a joined error as Validate
// returns, all in their order.
func Problems(err error) []*Error {
	if one, ok := err.(*Error); ok { //nolint:errorlint // a problem itself; what it wraps is its cause
		return []*Error{one}
	}
	several, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return nil
	}
	var all []*Error
	for _, e := range several.Unwrap() {
		all = append(all, Problems(e)...)
	}
	return all
}
