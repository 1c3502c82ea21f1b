package xmlsig

import "strconv"

// VerifyOctets checks a signature over octets that are no XML, as SAML's
// HTTP-Redirect binding makes them (saml-bindings 3.4.4.1), with the algorithms
// and the forms of value of KECIS-SIG-005. It returns the key that it was made
// with. Errors are of type *Error: ErrAlgorithm, ErrNoKey, ErrValue, ErrInvalid.
func VerifyOctets(algorithm Algorithm, octets, value []byte, keys ...*PublicKey) (*PublicKey, error) {
	scheme, ok := algorithm.scheme()
	if !ok {
		return nil, &Error{code: ErrAlgorithm, expected: "an algorithm of the profile", found: quote(string(algorithm))}
	}
	if len(keys) == 0 {
		return nil, &Error{code: ErrNoKey, expected: "a key of the sender", found: "none"}
	}
	s := signature{scheme: scheme, value: value}
	sum := hashOf(scheme.hash, octets)
	tried, kind, size := 0, false, false
	for _, key := range keys {
		if key == nil || !scheme.fits(key.kind) || tried == maxKeysTried {
			continue
		}
		tried++
		kind = true
		if len(value) != key.size {
			continue
		}
		size = true
		if s.valid(key, octets, sum.bytes()) {
			return key, nil
		}
	}
	switch {
	case !kind:
		return nil, &Error{code: ErrAlgorithm, expected: "an algorithm for the sender's key", found: quote(string(algorithm))}
	case !size:
		return nil, &Error{code: ErrValue, expected: "a signature as long as the key makes it", found: strconv.Itoa(len(value)) + " bytes"}
	}
	return nil, &Error{code: ErrInvalid, expected: "a signature by a key of the sender", found: "another one"}
}
