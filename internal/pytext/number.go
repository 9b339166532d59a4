package pytext

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxDigits is the longest number that Python's int() reads from text.
const maxDigits = 4300

// ParseInt is Python's int(s): white space round it, one sign, decimal digits of
// any script, single underscores between digits. The error has Python's text. A
// number that does not fit is cut to the nearest that does, since Python's
// integers have no end.
func ParseInt(s string) (int64, error) {
	n, digits, ok := parse(s, 10)
	if !ok {
		return 0, fmt.Errorf("invalid literal for int() with base 10: %s", cut(Repr(s), 200))
	}
	if digits > maxDigits {
		return 0, fmt.Errorf("Exceeds the limit (%d digits) for integer string conversion: value has %d digits; "+
			"use sys.set_int_max_str_digits() to increase the limit", maxDigits, digits)
	}
	return n, nil
}

var errNotOctal = errors.New("not an octal number")

// ParseOctal is Python's int(s, 8): like ParseInt with octal digits and an optional
// 0o in front. What the error says is up to the caller, as in Supervisor.
func ParseOctal(s string) (int64, error) {
	n, _, ok := parse(s, 8)
	if !ok {
		return 0, errNotOctal
	}
	return n, nil
}

// parse reads a whole number. It returns how many digits it has, too.
func parse(s string, base int64) (n int64, digits int, ok bool) {
	s = strings.TrimFunc(s, unicode.IsSpace) // not IsSpace: here Python, too, leaves out U+001C to U+001F
	negative := false
	if s != "" && (s[0] == '-' || s[0] == '+') {
		negative = s[0] == '-'
		s = s[1:]
	}
	if base == 8 && len(s) > 2 && s[0] == '0' && (s[1] == 'o' || s[1] == 'O') {
		s = strings.TrimPrefix(s[2:], "_")
	}
	afterDigit := false
	for _, r := range s {
		if r == '_' && afterDigit {
			afterDigit = false
			continue
		}
		d, is := decimal(r)
		if !is || d >= base {
			return 0, 0, false
		}
		afterDigit = true
		digits++
		if n > (math.MaxInt64-d)/base {
			n = math.MaxInt64
			continue
		}
		n = n*base + d
	}
	if negative {
		n = -n
	}
	return n, digits, afterDigit
}

// decimal returns the value of a decimal digit of any script. Unicode keeps the ten
// digits of a script side by side, zero first.
func decimal(r rune) (int64, bool) {
	if r >= '0' && r <= '9' {
		return int64(r - '0'), true
	}
	if r < utf8.RuneSelf || !unicode.Is(unicode.Nd, r) {
		return 0, false
	}
	for _, t := range unicode.Nd.R16 {
		if rune(t.Lo) <= r && r <= rune(t.Hi) {
			return int64(r-rune(t.Lo)) % 10, true
		}
	}
	for _, t := range unicode.Nd.R32 {
		if rune(t.Lo) <= r && r <= rune(t.Hi) {
			return int64(r-rune(t.Lo)) % 10, true
		}
	}
	return 0, false
}

// cut returns the first n characters of s.
func cut(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}
