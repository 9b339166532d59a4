package pytext

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A Value is what a name stands for in Format: a string or an integer.
type Value struct {
	str   string
	num   int
	isNum bool
}

// Str makes a Value of a string.
func Str(s string) Value { return Value{str: s} }

// Int makes a Value of an integer.
func Int(n int) Value { return Value{num: n, isNum: true} }

// typeName is Python's name of the value's type.
func (v Value) typeName() string {
	if v.isNum {
		return "int"
	}
	return "str"
}

// UnknownName is the error of Format for a name that stands for nothing.
type UnknownName struct{ Name string }

func (e *UnknownName) Error() string { return Repr(e.Name) }

// errNoName is the one place where Format is stricter than Python, which would print
// the whole mapping, the environment with its secrets included.
var errNoName = errors.New("format requires a name, as in %(name)s")

// maxWidth bounds the width and precision of a format: Python would try to
// allocate whatever is asked for.
const maxWidth = 1 << 16

// Format is Python's format % mapping, where lookup says what a name stands for.
// Its errors have Python's text; a name that is not known is an [*UnknownName]. A
// plain %s without a name is an error here.
func Format(format string, lookup func(name string) (Value, bool)) (string, error) {
	if !strings.Contains(format, "%") {
		return format, nil
	}
	f := formatter{text: []byte(format), lookup: lookup, left: 1, whole: true}
	for f.pos < len(f.text) {
		if f.text[f.pos] != '%' {
			next := strings.IndexByte(format[f.pos:], '%')
			if next < 0 {
				next = len(format) - f.pos
			}
			f.out.WriteString(format[f.pos : f.pos+next])
			f.pos += next
			continue
		}
		f.pos++
		if err := f.item(); err != nil {
			return "", err
		}
	}
	return f.out.String(), nil
}

// A formatter follows CPython's, to the letter where the letter shows: which
// argument a conversion without a name takes, and which trouble is seen first.
type formatter struct {
	text   []byte
	pos    int
	lookup func(string) (Value, bool)
	out    strings.Builder

	arg   Value // the last named value
	whole bool  // no name yet: the argument is the mapping itself
	left  int   // how many times the argument may still be taken: 1 or 0
}

// A spec is one conversion: flags, width, precision, type. Width and precision are
// -1 when they are not given.
type spec struct {
	minus, plus, blank, alt, zero bool
	width, prec                   int
	verb                          rune
}

var (
	errIncomplete   = errors.New("incomplete format")
	errIncompleteKy = errors.New("incomplete format key")
	errNotEnough    = errors.New("not enough arguments for format string")
	errNotAll       = errors.New("not all arguments converted during string formatting")
)

// item formats one conversion; the percent sign has been read.
func (f *formatter) item() error {
	if f.peek() == '%' {
		f.pos++
		f.out.WriteByte('%')
		return nil
	}
	s, err := f.parse()
	if err != nil {
		return err
	}
	if err := f.convert(s); err != nil {
		return err
	}
	if f.left > 0 {
		return errNotAll
	}
	return nil
}

// peek returns the byte at the position, 0 at the end.
func (f *formatter) peek() byte {
	if f.pos < len(f.text) {
		return f.text[f.pos]
	}
	return 0
}

func (f *formatter) parse() (spec, error) {
	s := spec{width: -1, prec: -1}
	if f.peek() == '(' {
		if err := f.name(); err != nil {
			return s, err
		}
	}
	for ; ; f.pos++ {
		switch f.peek() {
		case '-':
			s.minus = true
			continue
		case '+':
			s.plus = true
			continue
		case ' ':
			s.blank = true
			continue
		case '#':
			s.alt = true
			continue
		case '0':
			s.zero = true
			continue
		}
		break
	}
	var err error
	if s.width, err = f.number("width too big", math.MaxInt64); err != nil {
		return s, err
	}
	if f.peek() == '.' {
		f.pos++
		if s.prec, err = f.number("precision too big", math.MaxInt32); err != nil {
			return s, err
		}
		s.prec = max(s.prec, 0)
	}
	if c := f.peek(); c == 'h' || c == 'l' || c == 'L' {
		f.pos++
	}
	if f.pos >= len(f.text) {
		return s, errIncomplete
	}
	verb, size := utf8.DecodeRune(f.text[f.pos:])
	f.pos += size
	s.verb = verb
	return s, nil
}

// name reads (name), whose parentheses may nest, and looks it up.
func (f *formatter) name() error {
	start, depth := f.pos+1, 0
	for ; f.pos < len(f.text); f.pos++ {
		switch f.text[f.pos] {
		case '(':
			depth++
		case ')':
			depth--
		}
		if depth == 0 {
			break
		}
	}
	if f.pos == len(f.text) {
		return errIncompleteKy
	}
	name := string(f.text[start:f.pos])
	f.pos++
	v, ok := f.lookup(name)
	if !ok {
		return &UnknownName{name}
	}
	f.arg, f.whole, f.left = v, false, 1
	return nil
}

// number reads a width or precision: digits, or a star, which takes the argument.
// It returns -1 when there is none.
func (f *formatter) number(tooBig string, limit int) (int, error) {
	if f.peek() == '*' {
		f.pos++
		return f.star()
	}
	n := -1
	for c := f.peek(); c >= '0' && c <= '9'; c = f.peek() {
		n = max(n, 0)
		if n > (limit-int(c-'0'))/10 {
			return 0, errors.New(tooBig)
		}
		n = n*10 + int(c-'0')
		f.pos++
	}
	if n > maxWidth {
		return 0, errors.New(tooBig)
	}
	return n, nil
}

func (f *formatter) star() (int, error) {
	if f.left == 0 {
		return 0, errNotEnough
	}
	f.left--
	if f.whole || !f.arg.isNum {
		return 0, errors.New("* wants int")
	}
	// Taken as a width, the number is not there to be shown any more: what follows
	// fails, and the width does not matter.
	return 0, nil
}

// convert writes the argument as s says.
func (f *formatter) convert(s spec) error {
	if f.left == 0 {
		return errNotEnough
	}
	f.left--
	switch s.verb {
	case 's', 'r', 'a':
		if f.whole {
			return errNoName
		}
		f.write(s, f.arg.text(s.verb), false)
	case 'd', 'i', 'u', 'o', 'x', 'X':
		if f.whole || !f.arg.isNum {
			return f.wrongType(s)
		}
		f.write(s, digits(s, f.arg.num), true)
	case 'e', 'E', 'f', 'F', 'g', 'G':
		if f.whole || !f.arg.isNum {
			return fmt.Errorf("must be real number, not %s", f.argType())
		}
		f.write(s, float(s, float64(f.arg.num)), true)
	case 'c':
		c, err := f.char()
		if err != nil {
			return err
		}
		f.write(s, c, false)
	default:
		shown := s.verb
		if shown < 31 || shown > 126 {
			shown = '?'
		}
		at := utf8.RuneCount(f.text[:f.pos]) - 1
		return fmt.Errorf("unsupported format character '%c' (0x%x) at index %d", shown, s.verb, at)
	}
	return nil
}

// argType is Python's name of the type of the argument.
func (f *formatter) argType() string {
	if f.whole {
		return "dict"
	}
	return f.arg.typeName()
}

func (f *formatter) wrongType(s spec) error {
	wanted := "a real number"
	if strings.ContainsRune("oxX", s.verb) {
		wanted = "an integer"
	}
	return fmt.Errorf("%%%c format: %s is required, not %s", s.verb, wanted, f.argType())
}

func (v Value) text(verb rune) string {
	switch {
	case v.isNum:
		return strconv.Itoa(v.num)
	case verb == 'r':
		return Repr(v.str)
	case verb == 'a':
		return ascii(v.str)
	}
	return v.str
}

func (f *formatter) char() (string, error) {
	if f.whole || !f.arg.isNum && utf8.RuneCountInString(f.arg.str) != 1 {
		return "", errors.New("%c requires int or char")
	}
	if !f.arg.isNum {
		return f.arg.str, nil
	}
	if f.arg.num < 0 || f.arg.num > utf8.MaxRune {
		return "", errors.New("%c arg not in range(0x110000)")
	}
	return string(rune(f.arg.num)), nil
}

// digits writes an integer with at least s.prec digits and, for %#x and %#o, its
// prefix.
func digits(s spec, n int) string {
	base, prefix := 10, ""
	switch s.verb {
	case 'o':
		base, prefix = 8, "0o"
	case 'x', 'X':
		base, prefix = 16, "0x"
	}
	sign, text := "", strconv.FormatInt(int64(n), base)
	if n < 0 {
		sign, text = "-", text[1:]
	}
	if missing := s.prec - len(text); missing > 0 {
		text = strings.Repeat("0", missing) + text
	}
	if s.alt && prefix != "" {
		text = prefix + text
	}
	if s.verb == 'X' {
		text = strings.ToUpper(text)
	}
	return sign + text
}

// float writes an integer as C's %e, %f or %g would write it.
func float(s spec, x float64) string {
	prec := s.prec
	if prec < 0 {
		prec = 6
	}
	layout := "%." + strconv.Itoa(prec) + string(s.verb)
	if s.alt {
		layout = "%#" + layout[1:]
	}
	return fmt.Sprintf(layout, x)
}

// write pads and signs text. The steps and their order are CPython's.
func (f *formatter) write(s spec, text string, number bool) {
	if !number && s.width < 0 && s.prec < 0 {
		f.out.WriteString(text) // bytes that are no UTF-8 pass as they are
		return
	}
	runes := []rune(text)
	if !number && s.verb != 'c' && s.prec >= 0 && len(runes) > s.prec {
		runes = runes[:s.prec]
	}
	sign := ""
	if number {
		switch {
		case runes[0] == '-':
			sign, runes = "-", runes[1:]
		case s.plus:
			sign = "+"
		case s.blank:
			sign = " "
		}
	}
	prefix := ""
	if s.alt && strings.ContainsRune("oxX", s.verb) {
		prefix, runes = string(runes[:2]), runes[2:]
	}
	body := string(runes)
	missing := max(s.width-len(sign)-len(prefix)-len(runes), 0)
	switch {
	case s.minus:
		f.out.WriteString(sign + prefix + body + strings.Repeat(" ", missing))
	case s.zero && number:
		f.out.WriteString(sign + prefix + strings.Repeat("0", missing) + body)
	default:
		f.out.WriteString(strings.Repeat(" ", missing) + sign + prefix + body)
	}
}
