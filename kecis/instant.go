package kecis

import "time"

// instantForm is the one lexical form of a time (KECIS-MSG-007): UTC, whole
// seconds, four digits of the year. One form means that two parties who compare
// texts and two who compare times agree.
const (
	instantForm = "a UTC time as 2006-01-02T15:04:05Z"
	instantLen  = len("2006-01-02T15:04:05Z")
)

// FormatInstant writes a time as messages carry it. Fractions of a second are
// cut off. A year outside 1 to 9999 gives "", which ParseInstant refuses.
func FormatInstant(t time.Time) string { return string(appendInstant(nil, t)) }

func appendInstant(dst []byte, t time.Time) []byte {
	t = t.UTC()
	year, month, day := t.Date()
	if year < 1 || year > 9999 {
		return dst
	}
	hour, minute, second := t.Clock()
	dst = appendTwo(appendTwo(dst, year/100), year%100)
	dst = appendTwo(append(dst, '-'), int(month))
	dst = appendTwo(append(dst, '-'), day)
	dst = appendTwo(append(dst, 'T'), hour)
	dst = appendTwo(append(dst, ':'), minute)
	dst = appendTwo(append(dst, ':'), second)
	return append(dst, 'Z')
}

func appendTwo(dst []byte, n int) []byte {
	return append(dst, byte('0'+n/10), byte('0'+n%10))
}

// ParseInstant reads a time in the form of KECIS-MSG-007. A fraction, an offset
// other than Z, second 60 and hour 24 are refused with ErrTime.
func ParseInstant(s string) (time.Time, error) {
	t, ok := instant(s)
	if !ok {
		return time.Time{}, &Error{code: ErrTime, expected: instantForm, found: quote(s)}
	}
	return t, nil
}

// instant is written by hand: time.Parse takes more forms, and more time.
func instant(s string) (time.Time, bool) {
	if len(s) != instantLen || s[4] != '-' || s[7] != '-' || s[10] != 'T' || s[13] != ':' || s[16] != ':' || s[19] != 'Z' {
		return time.Time{}, false
	}
	century, ok1 := twoDigits(s, 0)
	years, ok2 := twoDigits(s, 2)
	month, ok3 := twoDigits(s, 5)
	day, ok4 := twoDigits(s, 8)
	hour, ok5 := twoDigits(s, 11)
	minute, ok6 := twoDigits(s, 14)
	second, ok7 := twoDigits(s, 17)
	if !(ok1 && ok2 && ok3 && ok4 && ok5 && ok6 && ok7) {
		return time.Time{}, false
	}
	year := century*100 + years
	if year < 1 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) || hour > 23 || minute > 59 || second > 59 {
		return time.Time{}, false
	}
	return time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC), true
}

func twoDigits(s string, at int) (int, bool) {
	tens, ones := s[at]-'0', s[at+1]-'0'
	return int(tens)*10 + int(ones), tens <= 9 && ones <= 9
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}
