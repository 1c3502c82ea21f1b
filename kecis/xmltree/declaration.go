package xmltree

import (
	"bytes"
	"strconv"
	"strings"
)

// declaration reads the XML declaration, if there is one (XML 1.0, 2.8):
// version 1.0, encoding UTF-8, standalone yes or no, in this order.
func (s *scanner) declaration() error {
	rest := s.src[s.pos:]
	if !bytes.HasPrefix(rest, []byte("<?xml")) || len(rest) < 6 || !isSpace(rest[5]) {
		return nil
	}
	end := bytes.Index(rest, []byte("?>"))
	if end < 0 {
		return s.fail(ErrDeclaration, s.pos, "a declaration that ends with ?>", "none")
	}
	body := rest[len("<?xml"):end]
	version, body, ok := pseudoAttribute(body, "version")
	if !ok || version != "1.0" {
		return s.fail(ErrDeclaration, s.pos, `version="1.0"`, quote(version))
	}
	encoding, body, ok := pseudoAttribute(body, "encoding")
	if ok && !strings.EqualFold(encoding, "utf-8") {
		return s.fail(ErrEncoding, s.pos, `encoding="UTF-8"`, quote(encoding))
	}
	standalone, body, ok := pseudoAttribute(body, "standalone")
	if ok && standalone != "yes" && standalone != "no" {
		return s.fail(ErrDeclaration, s.pos, `standalone="yes" or "no"`, quote(standalone))
	}
	if len(bytes.TrimLeft(body, " \t\r\n")) > 0 {
		return s.fail(ErrDeclaration, s.pos, "version, encoding, standalone in this order", "something else")
	}
	s.pos += end + len("?>")
	return nil
}

// pseudoAttribute reads name="value" with white space before it. Without that
// name it returns body as it was.
func pseudoAttribute(body []byte, name string) (value string, rest []byte, ok bool) {
	const space = " \t\r\n"
	at := bytes.TrimLeft(body, space)
	if len(at) == len(body) || !bytes.HasPrefix(at, []byte(name)) {
		return "", body, false
	}
	at = bytes.TrimLeft(at[len(name):], space)
	if len(at) == 0 || at[0] != '=' {
		return "", body, false
	}
	at = bytes.TrimLeft(at[1:], space)
	if len(at) == 0 || at[0] != '"' && at[0] != '\'' {
		return "", body, false
	}
	end := bytes.IndexByte(at[1:], at[0])
	if end < 0 {
		return "", body, false
	}
	return string(at[1 : 1+end]), at[2+end:], true
}

func atMost(limit int, what string) string {
	return "at most " + strconv.Itoa(limit) + " " + what
}

func count(n int) string { return strconv.Itoa(n) }
