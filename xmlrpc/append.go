package xmlrpc

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"time"
	"unicode/utf8"
)

// An Appender is a value that writes itself: AppendXMLRPC appends one whole value
// element, made with the Append functions of this package.
type Appender interface {
	AppendXMLRPC(dst []byte) []byte
}

const declaration = "<?xml version='1.0'?>\n"

// AppendCall appends a request.
func AppendCall(dst []byte, method string, params ...any) ([]byte, error) {
	dst = append(dst, declaration+"<methodCall>\n<methodName>"...)
	dst = appendText(dst, method)
	dst = append(dst, "</methodName>\n<params>\n"...)
	for i, p := range params {
		var err error
		dst = append(dst, "<param>\n"...)
		if dst, err = AppendValue(dst, p); err != nil {
			return dst, fmt.Errorf("parameter %d of %s: %w", i+1, method, err)
		}
		dst = append(dst, "</param>\n"...)
	}
	return append(dst, "</params>\n</methodCall>\n"...), nil
}

// AppendResponse appends an answer that holds one value.
func AppendResponse(dst []byte, value any) ([]byte, error) {
	dst = append(dst, declaration+"<methodResponse>\n<params>\n<param>\n"...)
	dst, err := AppendValue(dst, value)
	return append(dst, "</param>\n</params>\n</methodResponse>\n"...), err
}

// AppendFault appends an answer that says no.
func AppendFault(dst []byte, code int, text string) []byte {
	dst = append(dst, declaration+"<methodResponse>\n<fault>\n"...)
	dst = AppendFaultValue(dst, code, text)
	return append(dst, "</fault>\n</methodResponse>\n"...)
}

// AppendFaultValue appends the struct that tells a fault, as it also stands in the
// results of a multicall.
func AppendFaultValue(dst []byte, code int, text string) []byte {
	dst = OpenStruct(dst)
	dst = AppendInt(OpenMember(dst, "faultCode"), int64(code))
	dst = CloseMember(dst)
	dst = AppendString(OpenMember(dst, "faultString"), text)
	dst = CloseMember(dst)
	return CloseStruct(dst)
}

// AppendValue appends any value of the types that the package's documentation
// lists, every [Appender], and whatever else [Unmarshal] could store a value in: all
// of Go's numbers, slices, maps with strings as keys (in the order of the keys) and
// structs, whose members are the fields with the tag `xmlrpc:"name"`, or, without a
// tag, with the field's own name; `xmlrpc:"name,omitempty"` leaves out a zero value,
// `xmlrpc:"-"` the field. A nil pointer is nil. For anything else AppendValue
// returns an error, and dst with a part of the value. Values must not contain
// themselves.
func AppendValue(dst []byte, value any) ([]byte, error) {
	switch v := value.(type) {
	case nil:
		return AppendNil(dst), nil
	case Appender:
		return v.AppendXMLRPC(dst), nil
	case string:
		return AppendString(dst, v), nil
	case int:
		return AppendInt(dst, int64(v)), nil
	case int64:
		return AppendInt(dst, v), nil
	case bool:
		return AppendBool(dst, v), nil
	case float64:
		return AppendDouble(dst, v), nil
	case []byte:
		return AppendBase64(dst, v), nil
	case time.Time:
		return AppendTime(dst, v), nil
	case Struct:
		return appendStruct(dst, v)
	case []any:
		return appendList(dst, v)
	}
	v := reflect.ValueOf(value)
	return planOf(v.Type()).appendValue(dst, v)
}

func appendStruct(dst []byte, s Struct) ([]byte, error) {
	var err error
	dst = OpenStruct(dst)
	for i := range s {
		switch v := s[i].Value.(type) {
		case string:
			dst = AppendStringMember(dst, s[i].Name, v)
			continue
		case int:
			dst = AppendIntMember(dst, s[i].Name, int64(v))
			continue
		}
		dst = OpenMember(dst, s[i].Name)
		if dst, err = AppendValue(dst, s[i].Value); err != nil {
			return dst, err
		}
		dst = CloseMember(dst)
	}
	return CloseStruct(dst), nil
}

func appendList(dst []byte, list []any) ([]byte, error) {
	var err error
	dst = OpenArray(dst)
	for _, v := range list {
		if dst, err = AppendValue(dst, v); err != nil {
			return dst, err
		}
	}
	return CloseArray(dst), nil
}

// AppendString appends a string value.
func AppendString(dst []byte, s string) []byte {
	dst = append(dst, "<value><string>"...)
	dst = appendText(dst, s)
	return append(dst, "</string></value>\n"...)
}

// AppendInt appends an integer. Numbers beyond 32 bits, for which XML-RPC has no
// type of its own, are written as the widely understood i8.
func AppendInt(dst []byte, n int64) []byte {
	if n > math.MaxInt32 || n < math.MinInt32 {
		dst = append(dst, "<value><i8>"...)
		dst = strconv.AppendInt(dst, n, 10)
		return append(dst, "</i8></value>\n"...)
	}
	dst = append(dst, "<value><int>"...)
	dst = strconv.AppendInt(dst, n, 10)
	return append(dst, "</int></value>\n"...)
}

// AppendBool appends a boolean.
func AppendBool(dst []byte, b bool) []byte {
	if b {
		return append(dst, "<value><boolean>1</boolean></value>\n"...)
	}
	return append(dst, "<value><boolean>0</boolean></value>\n"...)
}

// AppendDouble appends a double, with the fewest digits that read back as the same
// number, as Python's repr writes them.
func AppendDouble(dst []byte, f float64) []byte {
	dst = append(dst, "<value><double>"...)
	dst = appendFloat(dst, f)
	return append(dst, "</double></value>\n"...)
}

// AppendBase64 appends bytes, in lines of 76 characters.
func AppendBase64(dst []byte, b []byte) []byte {
	const line = 57 // bytes that make 76 characters
	dst = append(dst, "<value><base64>\n"...)
	for len(b) > 0 {
		n := min(len(b), line)
		dst = base64.StdEncoding.AppendEncode(dst, b[:n])
		dst = append(dst, '\n')
		b = b[n:]
	}
	return append(dst, "</base64></value>\n"...)
}

// AppendTime appends a time as its own clock shows it: the format has no zone and
// no fractions.
func AppendTime(dst []byte, t time.Time) []byte {
	dst = append(dst, "<value><dateTime.iso8601>"...)
	dst = t.AppendFormat(dst, timeFormat)
	return append(dst, "</dateTime.iso8601></value>\n"...)
}

const timeFormat = "20060102T15:04:05"

// AppendNil appends the nil of the common extension.
func AppendNil(dst []byte) []byte { return append(dst, "<value><nil/></value>"...) }

// OpenArray begins an array; append its values, then [CloseArray].
func OpenArray(dst []byte) []byte { return append(dst, "<value><array><data>\n"...) }

// CloseArray ends an array.
func CloseArray(dst []byte) []byte { return append(dst, "</data></array></value>\n"...) }

// OpenStruct begins a struct; append its members, each of them [OpenMember], one
// value and [CloseMember], then [CloseStruct].
func OpenStruct(dst []byte) []byte { return append(dst, "<value><struct>\n"...) }

// CloseStruct ends a struct.
func CloseStruct(dst []byte) []byte { return append(dst, "</struct></value>\n"...) }

// OpenMember begins a member of a struct.
func OpenMember(dst []byte, name string) []byte {
	dst = append(dst, "<member>\n<name>"...)
	dst = appendText(dst, name)
	return append(dst, "</name>\n"...)
}

// CloseMember ends a member of a struct.
func CloseMember(dst []byte) []byte { return append(dst, "</member>\n"...) }

// AppendStringMember appends a whole member whose value is a string.
func AppendStringMember(dst []byte, name, value string) []byte {
	dst = append(dst, "<member>\n<name>"...)
	dst = appendText(dst, name)
	dst = append(dst, "</name>\n<value><string>"...)
	dst = appendText(dst, value)
	return append(dst, "</string></value>\n</member>\n"...)
}

// AppendIntMember appends a whole member whose value is an integer.
func AppendIntMember(dst []byte, name string, value int64) []byte {
	dst = append(dst, "<member>\n<name>"...)
	dst = appendText(dst, name)
	if value > math.MaxInt32 || value < math.MinInt32 {
		dst = append(dst, "</name>\n"...)
		return CloseMember(AppendInt(dst, value))
	}
	dst = append(dst, "</name>\n<value><int>"...)
	dst = strconv.AppendInt(dst, value, 10)
	return append(dst, "</int></value>\n</member>\n"...)
}

// AppendBoolMember appends a whole member whose value is a boolean.
func AppendBoolMember(dst []byte, name string, value bool) []byte {
	return CloseMember(AppendBool(OpenMember(dst, name), value))
}

// appendText appends character data. Carriage returns stay what they are, although
// a reader will see line feeds: Python writes them so.
func appendText(dst []byte, s string) []byte {
	n := plainBytes(s)
	if n == len(s) {
		return append(dst, s...)
	}
	from := 0
	for i := n; i < len(s); {
		if plain[s[i]] {
			i++
			continue
		}
		instead, size := substitute(s[i:])
		if instead != "" {
			dst = append(dst, s[from:i]...)
			dst = append(dst, instead...)
			from = i + size
		}
		i += size
	}
	return append(dst, s[from:]...)
}

// plainBytes returns how many bytes at the beginning of s are certainly plain. It
// looks at eight at a time, and stops early at blanks other than spaces.
func plainBytes(s string) int {
	i := 0
	for ; i+8 <= len(s); i += 8 {
		if !eightPlain(s[i : i+8]) {
			return i
		}
	}
	if i > 0 && eightPlain(s[len(s)-8:]) { // some of them for the second time
		return len(s)
	}
	for ; i < len(s) && plain[s[i]]; i++ {
	}
	return i
}

// eightPlain says whether eight bytes are plain and no blanks other than spaces.
func eightPlain(b string) bool {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	w := binary.LittleEndian.Uint64([]byte(b))
	ampersand := w ^ ones*'&'
	angle := (w | ones*('<'^'>')) ^ ones*'>' // either of the two: they differ in one bit
	return (w|(w-ones*' ')|(ampersand-ones)&^ampersand|(angle-ones)&^angle)&tops == 0
}

// substitute returns what stands for the character at the beginning of s, "" if it
// stands for itself, and how many bytes the character has.
func substitute(s string) (instead string, size int) {
	switch s[0] {
	case '&':
		return "&amp;", 1
	case '<':
		return "&lt;", 1
	case '>':
		return "&gt;", 1
	}
	r, size := utf8.DecodeRuneInString(s)
	if r == utf8.RuneError && size == 1 || !isChar(r) {
		return "\uFFFD", size
	}
	return "", size
}

// plain marks the bytes that are a whole character which stands for itself.
var plain = func() (t [256]bool) {
	for c := range utf8.RuneSelf {
		t[c] = isChar(rune(c)) && c != '&' && c != '<' && c != '>'
	}
	return t
}()

// isChar says whether XML 1.0 allows the character at all.
func isChar(r rune) bool {
	switch {
	case r < 0x20:
		return r == '\t' || r == '\n' || r == '\r'
	case r < 0xD800:
		return true
	case r < 0xE000:
		return false
	}
	return r != 0xFFFE && r != 0xFFFF && r <= utf8.MaxRune
}

// FormatDouble returns a double as [AppendDouble] writes it.
func FormatDouble(f float64) string { return string(appendFloat(nil, f)) }

// appendFloat writes a number as Python's repr does: an exponent below 1e-4 and
// from 1e16 on, otherwise at least one digit behind the point.
func appendFloat(dst []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, "nan"...)
	case math.IsInf(f, 1):
		return append(dst, "inf"...)
	case math.IsInf(f, -1):
		return append(dst, "-inf"...)
	}
	if a := math.Abs(f); a != 0 && (a < 1e-4 || a >= 1e16) {
		return strconv.AppendFloat(dst, f, 'e', -1, 64)
	}
	dst = strconv.AppendFloat(dst, f, 'f', -1, 64)
	if f == math.Trunc(f) {
		dst = append(dst, ".0"...)
	}
	return dst
}
