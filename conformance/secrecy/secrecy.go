// Package secrecy searches what programs have written for numbers that must stand
// nowhere: those of cards and accounts. It knows the forms in which a number
// survives when it is logged, encoded or stored on its way, and takes no more
// than the first six and last four digits for masked.
package secrecy

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// Numbers are the numbers that are searched for.
type Numbers struct {
	forms []form
	// digits are the numbers by themselves, for the search with separators.
	digits []string
}

// form is one way to write a number.
type form struct {
	number, name string
	bytes        []byte
}

// Found is a place where a number stands.
type Found struct {
	// Masked is the number with its first six and last four digits alone, Form how
	// it is written there.
	Masked, Form string
	// At is the offset in bytes.
	At int
}

// String says what was found, for people.
func (f Found) String() string { return fmt.Sprintf("%s, %s, at byte %d", f.Masked, f.Form, f.At) }

// Search makes a search for numbers of digits alone.
func Search(numbers ...string) *Numbers {
	n := &Numbers{digits: slices.Clone(numbers)}
	for _, number := range numbers {
		n.forms = append(n.forms, formsOf(number)...)
	}
	return n
}

// formsOf writes a number in all ways that are searched for, beside separators.
func formsOf(number string) (list []form) {
	add := func(name string, b []byte) { list = append(list, form{number, name, b}) }
	plain := []byte(number)
	add("plain", plain)
	reversed := slices.Clone(plain)
	slices.Reverse(reversed)
	add("backwards", reversed)
	for at, core := range base64Cores(plain) {
		add(fmt.Sprintf("base64, alignment %d", at), core)
		for inner, twice := range base64Cores(core) {
			add(fmt.Sprintf("base64 of base64, alignments %d and %d", at, inner), twice)
		}
		add(fmt.Sprintf("hexadecimal of base64, alignment %d", at), []byte(hex.EncodeToString(core)))
	}
	add("hexadecimal", []byte(hex.EncodeToString(plain)))
	for name, pattern := range map[string]string{
		"JSON escapes": `\u00%02x`, "JSON escapes in capitals": `\u00%02X`, "hexadecimal escapes": `\x%02x`, "octal escapes": `\0%02o`, "percent-encoding": "%%%02x",
		"hexadecimal with blanks": "%02x ", "decimal references": "&#%d;", "hexadecimal references": "&#x%x;", "a list of octets": "%d,", "a list of octets with blanks": "%d ", "a list of octets with both": "%d, ",
	} {
		var b strings.Builder
		for _, digit := range plain {
			fmt.Fprintf(&b, pattern, digit)
		}
		add(name, []byte(strings.TrimRight(b.String(), ", ")))
	}
	var little, big []byte
	for _, unit := range utf16.Encode([]rune(number)) {
		little, big = binary.LittleEndian.AppendUint16(little, unit), binary.BigEndian.AppendUint16(big, unit)
	}
	add("UTF-16", little)
	add("UTF-16 with the high octet first", big)
	return append(list, binaryForms(number)...)
}

// binaryForms are those of programs that keep numbers as numbers.
func binaryForms(number string) (list []form) {
	if packed, err := hex.DecodeString(number[len(number)%2:]); err == nil {
		list = append(list, form{number, "packed decimals", packed})
	}
	// The digits between, where the first shares an octet with another.
	if packed, err := hex.DecodeString(number[1 : len(number)-1+len(number)%2]); err == nil {
		list = append(list, form{number, "packed decimals, shifted", packed})
	}
	if value, err := strconv.ParseUint(number, 10, 64); err == nil {
		list = append(list,
			form{number, "an integer", binary.BigEndian.AppendUint64(nil, value)[1:]},
			form{number, "an integer with the low octet first", binary.LittleEndian.AppendUint64(nil, value)[:7]})
	}
	return slices.DeleteFunc(list, func(f form) bool { return hardlyAny(f.bytes) })
}

// hardlyAny reports whether so few octets are not zero that they stand in every
// file of a database.
func hardlyAny(b []byte) bool {
	const enough = 3
	return len(b)-bytes.Count(b, []byte{0}) < enough
}

// base64Cores are the characters that a text leaves in any base64 that holds it,
// in the three alignments: those that depend on no other octet. Digits make only
// characters that the alphabets have in common.
func base64Cores(text []byte) [3][]byte {
	var cores [3][]byte
	for at := range cores {
		padded := append(make([]byte, at), text...)
		encoded := base64.RawStdEncoding.EncodeToString(padded)
		first := (at*8 + 5) / 6
		last := len(padded) * 8 / 6
		cores[at] = []byte(encoded[first:last])
	}
	return cores
}

// In returns where numbers stand in what was written: at most one place for each
// number and form.
func (n *Numbers) In(written []byte) (list []Found) {
	lower := bytes.ToLower(written)
	for _, f := range n.forms {
		at := bytes.Index(written, f.bytes)
		if at < 0 && strings.HasPrefix(f.name, "hexadecimal") {
			at = bytes.Index(lower, f.bytes)
		}
		if at >= 0 {
			list = append(list, Found{mask(f.number), f.name, at})
		}
	}
	return append(list, n.separated(written)...)
}

// separated looks for the digits of numbers with separators between them, each of
// up to maxSeparator octets that are no letters and no digits.
func (n *Numbers) separated(written []byte) (list []Found) {
	digits := make([]byte, 0, len(written)/4)
	places := make([]int, 0, len(written)/4)
	flush := func() {
		for _, number := range n.digits {
			i := bytes.Index(digits, []byte(number))
			if i < 0 || places[i+len(number)-1]-places[i] == len(number)-1 {
				continue // plain
			}
			if !slices.ContainsFunc(list, func(f Found) bool { return f.Masked == mask(number) }) {
				list = append(list, Found{mask(number), "with separators", places[i]})
			}
		}
		digits, places = digits[:0], places[:0]
	}
	gap := 0
	for at, c := range written {
		switch {
		case '0' <= c && c <= '9':
			digits, places, gap = append(digits, c), append(places, at), 0
		case len(digits) == 0:
		case separator(c) && gap < maxSeparator:
			gap++
		default:
			flush()
			gap = 0
		}
	}
	flush()
	return list
}

// maxSeparator is the longest separator, in octets: a hyphen of Unicode, or a line
// end with an indent.
const maxSeparator = 3

// separator reports whether an octet may stand between the digits of a number
// that someone has grouped.
func separator(c byte) bool {
	return c >= 0x80 || strings.IndexByte(" -._/:,;|\t\r\n'\"", c) >= 0
}

// mask leaves the first six and last four digits, which may be shown.
func mask(number string) string {
	const first, last = 6, 4
	if len(number) <= first+last {
		return strings.Repeat("*", len(number))
	}
	return number[:first] + strings.Repeat("*", len(number)-first-last) + number[len(number)-last:]
}
