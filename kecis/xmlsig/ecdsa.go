package xmlsig

// XML Signature writes an ECDSA signature as r and s, each as long as the order
// of the curve (RFC 4050 3.3, RFC 9231 2.3.6). crypto/ecdsa and crypto.Signer
// speak ASN.1 DER. These two functions are the only place where one becomes the
// other.

// maxDER bounds a DER signature on P-384, in bytes: two integers of 49 bytes
// with their headers, and the sequence's.
const maxDER = 3 + 2*(2+49)

// appendDER appends the DER form of r||s.
func appendDER(dst, raw []byte) []byte {
	r, s := integer(raw[:len(raw)/2]), integer(raw[len(raw)/2:])
	dst = append(dst, 0x30)
	dst = append(dst, byte(r.size()+s.size())) // below 128: at most 2*51
	dst = r.append(dst)
	return s.append(dst)
}

// integer is an unsigned big-endian number.
type integer []byte

// trimmed leaves out leading zeros, and keeps one byte at least.
func (n integer) trimmed() []byte {
	for len(n) > 1 && n[0] == 0 {
		n = n[1:]
	}
	return n
}

// size is the length of the DER form: tag, length, a zero where the number
// would else be negative, the number.
func (n integer) size() int {
	t := n.trimmed()
	return 2 + len(t) + int(t[0]>>7)
}

func (n integer) append(dst []byte) []byte {
	t := n.trimmed()
	dst = append(dst, 0x02, byte(len(t)+int(t[0]>>7)))
	if t[0]>>7 == 1 {
		dst = append(dst, 0)
	}
	return append(dst, t...)
}

// appendRaw appends r||s of a DER signature, each of width bytes. ok is false
// if der is not a signature whose numbers fit.
func appendRaw(dst, der []byte, width int) (raw []byte, ok bool) {
	if len(der) < 2 || der[0] != 0x30 || int(der[1]) != len(der)-2 {
		return dst, false
	}
	der = der[2:]
	for range 2 {
		if len(der) < 3 || der[0] != 0x02 || int(der[1]) > len(der)-2 || der[1] == 0 {
			return dst, false
		}
		number := integer(der[2 : 2+int(der[1])]).trimmed()
		der = der[2+int(der[1]):]
		if len(number) > width {
			return dst, false
		}
		for range width - len(number) {
			dst = append(dst, 0)
		}
		dst = append(dst, number...)
	}
	return dst, len(der) == 0
}
