package main

import (
	"strings"
	"unicode"

	"github.com/kecis/sdk/kecis"
)

// What people see of a document that nobody has checked passes through one of
// these functions. A card number shows its first six and last four digits at
// the most, and no character moves the cursor of a terminal.

const (
	// minPAN is the shortest card number in use, in digits.
	minPAN = 13
	// maxPAN is the longest that ISO/IEC 7812-1 allows, in digits.
	maxPAN = 19
)

// shownLimit bounds a piece of a document on the screen, in characters.
const shownLimit = 200

// masked shows free text of a document: of every run of more than six digits
// that only blanks and punctuation interrupt, the middle is hidden.
func masked(text string) string {
	return maskRuns(text, func(digits []rune) bool { return len(digits) > 6 })
}

// identifier shows a number that is not a card's by its meaning, as an order
// ID, in full, unless it could be a card number all the same.
func identifier(text string) string { return maskRuns(text, holdsPAN) }

// messageID shows the ID of a message. One of the standard's form is random and
// shown as it is, so that it can be looked up; only if hardly a letter stands in
// it, it is taken for digits that somebody has put there.
func messageID(text string) string {
	if _, err := kecis.ParseID(text); err == nil && maskRuns(text, tooLong) == text {
		return text
	}
	return identifier(text)
}

// maxRandomRun is the longest run of digits that is still taken for chance in
// an ID of 40 hexadecimal digits: a longer one comes once in ten thousand.
const maxRandomRun = 24

func tooLong(digits []rune) bool { return len(digits) > maxRandomRun }

// shown shows the name of a file or an argument.
func shown(text string) string { return maskRuns(text, holdsPAN) }

func maskRuns(text string, hide func(digits []rune) bool) string {
	runes := []rune(printable(text))
	for i := 0; i < len(runes); {
		end, digits := digitRun(runes, i)
		if end == i {
			i++
			continue
		}
		if hide(digits) {
			blank(runes[i:end], len(digits))
		}
		i = end
	}
	return string(runes)
}

// digitRun returns the end of the run of digits that begins at i, and its
// digits. Only a letter ends a run; what is left over behind the last digit
// does not belong to it. An asterisk stands for a digit that is hidden already.
func digitRun(runes []rune, i int) (end int, digits []rune) {
	end = i
	if !unicode.IsNumber(runes[i]) {
		return end, nil
	}
	for at := i; at < len(runes) && !unicode.IsLetter(runes[at]); at++ {
		if isDigit(runes[at]) {
			digits = append(digits, runes[at])
			end = at + 1
		}
	}
	return end, digits
}

func isDigit(r rune) bool { return unicode.IsNumber(r) || r == '*' }

// blank hides the digits of a run but for the first six and, of a run that is
// as long as a card number, the last four.
func blank(run []rune, digits int) {
	last := digits
	if digits >= minPAN {
		last = digits - 4
	}
	n := 0
	for i, r := range run {
		if !isDigit(r) {
			continue
		}
		if n >= 6 && n < last {
			run[i] = '*'
		}
		n++
	}
}

// holdsPAN reports whether some 13 to 19 digits in a row begin as card numbers
// do and pass their check.
func holdsPAN(digits []rune) bool {
	for from := range digits {
		if !startsPAN(digits[from:]) {
			continue
		}
		for n := minPAN; n <= maxPAN && from+n <= len(digits); n++ {
			if luhn(digits[from : from+n]) {
				return true
			}
		}
	}
	return len(digits) > 2*maxPAN
}

// startsPAN knows the first digits of card numbers: 3 to 6, 9 (domestic cards),
// 2221 to 2720. What begins with the year 20.. is a date.
func startsPAN(digits []rune) bool {
	switch first := digits[0]; {
	case first == '2':
		return len(digits) >= 2 && digits[1] >= '2' && digits[1] <= '7'
	case first >= '0' && first <= '9':
		return first >= '3' && first <= '6' || first == '9'
	}
	return true
}

// luhn is the check of ISO/IEC 7812-1, Annex B. A digit of another script than
// Latin counts as one that could make it pass.
func luhn(digits []rune) bool {
	sum := 0
	for i, r := range digits {
		if r < '0' || r > '9' {
			return true
		}
		d := int(r - '0')
		if (len(digits)-i)%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// printable replaces what a terminal would obey and shortens the text.
func printable(text string) string {
	var b strings.Builder
	n := 0
	for _, r := range strings.ToValidUTF8(text, "?") {
		if n++; n > shownLimit {
			b.WriteString("...")
			break
		}
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			r = ' '
		case !unicode.IsPrint(r):
			r = '?'
		}
		b.WriteRune(r)
	}
	return strings.TrimSpace(b.String())
}
