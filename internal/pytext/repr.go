// Package pytext makes and reads text the way Python does, because Python's
// habits are visible to Supervisor's users: the quotes round a value in an error
// message, what counts as a number, how %(name)s is filled in, how a command line
// falls into words, how environment= falls into pairs.
//
// Strings are UTF-8. A byte that is not part of UTF-8 is taken as Python takes it
// from the operating system (surrogateescape): as one odd, unprintable character.
package pytext

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Repr returns what Python's repr() shows of a string: in single quotes, unless it
// holds a single quote and no double one, with unprintable characters escaped.
func Repr(s string) string { return quote(s, unicode.IsPrint) }

// ascii returns what Python's ascii() shows of a string: like Repr, and all that is
// not ASCII escaped too.
func ascii(s string) string {
	return quote(s, func(r rune) bool { return r < 0x7f && r >= ' ' })
}

func quote(s string, printable func(rune) bool) string {
	q := byte('\'')
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		q = '"'
	}
	var b strings.Builder
	b.WriteByte(q)
	for i, r := range s {
		switch {
		case r == rune(q) || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == utf8.RuneError && invalid(s[i:]):
			fmt.Fprintf(&b, `\udc%02x`, s[i])
		case printable(r):
			b.WriteRune(r)
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	b.WriteByte(q)
	return b.String()
}

// invalid says whether s begins with a byte that is not UTF-8, as opposed to a
// well-formed U+FFFD.
func invalid(s string) bool {
	_, size := utf8.DecodeRuneInString(s)
	return size == 1
}

// ReprList returns what Python's repr() shows of a list of strings: ['a', 'b'].
func ReprList(list []string) string {
	shown := make([]string, len(list))
	for i, s := range list {
		shown[i] = Repr(s)
	}
	return "[" + strings.Join(shown, ", ") + "]"
}
