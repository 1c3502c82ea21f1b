package ecml

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Date is a day in parts, as ECML writes ExpDate, ValidDate, Effective, Settle
// and Capture. Parts may be missing; a leading zero means nothing.
type Date struct {
	Common
	Day   string // 1 to 31
	Month string // 1 to 12
	Year  string // always four digits
}

// Equal reports whether both name the same day, month and year, leading zeros
// aside: 07 is 7.
func (d Date) Equal(other Date) bool {
	return number(d.Day) == number(other.Day) && number(d.Month) == number(other.Month) && number(d.Year) == number(other.Year)
}

// number returns the value of a few digits, 0 for none and -1 for anything
// else.
func number(s string) int {
	const digits = 9 // fits any int
	if s == "" {
		return 0
	}
	if !isDigits(s) || len(s) > digits {
		return -1
	}
	n, _ := strconv.Atoi(s)
	return n
}

// problem returns what is wrong with the day as a whole, or "".
func (d *Date) problem() string {
	day, month, year := number(d.Day), number(d.Month), number(d.Year)
	if day <= 0 || month < 1 || month > 12 {
		return "" // parts are missing, or wrong by themselves
	}
	if year <= 0 {
		year = 2000 // a leap year: 29 February may be meant
	}
	if last := time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day(); day > last {
		return "a day of that month"
	}
	return ""
}

// Last returns the end of the last day that the date includes: of the month
// when no day is given, as on cards. It reports false without month and year.
func (d Date) Last() (time.Time, bool) {
	day, month, year := number(d.Day), number(d.Month), number(d.Year)
	if month < 1 || month > 12 || year < 1 || day < 0 || d.problem() != "" {
		return time.Time{}, false
	}
	if day == 0 {
		month, day = month+1, 0
	}
	return time.Date(year, time.Month(month), day+1, 0, 0, 0, 0, time.UTC).Add(-time.Nanosecond), true
}

// WithYear returns the date with the year that brings it nearest to reference:
// the four digits of an ISO 8583 settlement or capture date tell only month
// and day. A date that has a year, or no month and day, is returned as it is.
func (d Date) WithYear(reference time.Time) Date {
	day, month := number(d.Day), number(d.Month)
	if d.Year != "" || day <= 0 || month <= 0 {
		return d
	}
	best := time.Duration(-1)
	for _, year := range []int{reference.Year() - 1, reference.Year(), reference.Year() + 1} {
		candidate := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
		if candidate.Day() != day {
			continue // 29 February in a common year
		}
		if distance := candidate.Sub(reference).Abs(); best < 0 || distance < best {
			best, d.Year = distance, strconv.Itoa(year)
		}
	}
	return d
}

// shortKind is how an ISO 8583 date is written in four digits.
type shortKind uint8

const (
	monthDay  shortKind = iota // MMDD: settlement and capture
	yearMonth                  // YYMM: date effective of the 1993 edition
)

// century is that of a two-digit year: ECML is of this one.
const century = "20"

// setShort fills the date from four digits, and reports whether they are a
// month and what goes with it.
func (d *Date) setShort(s string, kind shortKind) bool {
	if len(s) != 4 || !isDigits(s) {
		return false
	}
	if kind == yearMonth {
		d.Year, d.Month = century+s[:2], s[2:]
		return isMonth(d.Month)
	}
	d.Month, d.Day = s[:2], s[2:]
	return isMonth(d.Month) && isDay(d.Day)
}

// short returns the date in four digits, without the parts that have no room
// in them, and reports false when a part that has is missing or wrong.
func (d *Date) short(kind shortKind) (string, bool) {
	switch {
	case d.Day == "" && d.Month == "" && d.Year == "":
		return "", true
	case !isMonth(d.Month):
		return "", false
	case kind == yearMonth:
		year, ok := strings.CutPrefix(d.Year, century)
		return year + twoDigits(d.Month), ok && len(year) == 2 && isDigits(year)
	}
	return twoDigits(d.Month) + twoDigits(d.Day), isDay(d.Day)
}

// twoDigits writes a day or month with its leading zero.
func twoDigits(part string) string { return fmt.Sprintf("%02d", number(part)) }
