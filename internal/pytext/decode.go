package pytext

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// chunk is how much of a file Python decodes at a time. The position in a decoding
// error counts from the start of the piece at hand.
const chunk = 8192

// Decode is what Python's open(file).read() makes of the bytes of a UTF-8 file:
// text whose lines all end with a plain newline. On an error, whose text is
// Python's, the text is what had been decoded before.
func Decode(data []byte) (string, error) {
	start := 0 // where the piece begins that Python's decoder has at hand
	for end := min(chunk, len(data)); ; end = min(end+chunk, len(data)) {
		piece := data[start:end]
		bad := firstInvalid(piece)
		if bad < len(piece) && !unfinished(piece[bad:]) {
			return newlines(data[:start]), decodeError(piece, bad)
		}
		start += bad
		if end < len(data) {
			continue
		}
		if start < len(data) { // the end came in the middle of a character
			return newlines(data[:start]), decodeError(data[start:], 0)
		}
		return newlines(data), nil
	}
}

// unfinished says whether more bytes may make a character of data, as Python's
// decoder sees it: half a surrogate waits for its third byte, in vain.
func unfinished(data []byte) bool {
	return !utf8.FullRune(data) || len(data) == 2 && data[0] == 0xed && data[1] >= 0xa0 && data[1] <= 0xbf
}

// newlines reads CR LF and a lone CR as a newline.
func newlines(data []byte) string {
	return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(data))
}

// firstInvalid returns the index of the first byte that does not begin a
// well-formed character, or the length.
func firstInvalid(data []byte) int {
	for i := 0; i < len(data); {
		if data[i] < utf8.RuneSelf {
			i++
			continue
		}
		_, size := utf8.DecodeRune(data[i:])
		if size == 1 {
			return i
		}
		i += size
	}
	return len(data)
}

// decodeError says what is wrong at data[at].
func decodeError(data []byte, at int) error {
	n, reason := diagnose(data[at:])
	if n == 1 {
		return fmt.Errorf("'utf-8' codec can't decode byte 0x%02x in position %d: %s", data[at], at, reason)
	}
	return fmt.Errorf("'utf-8' codec can't decode bytes in position %d-%d: %s", at, at+n-1, reason)
}

// diagnose returns how many bytes of an ill-formed sequence belong together, and
// Python's word for the trouble.
func diagnose(data []byte) (int, string) {
	need, low, high := 0, byte(0x80), byte(0xbf)
	switch c := data[0]; {
	case c >= 0xc2 && c <= 0xdf:
		need = 1
	case c >= 0xe0 && c <= 0xef:
		need = 2
		switch c {
		case 0xe0:
			low = 0xa0
		case 0xed:
			high = 0x9f
		}
	case c >= 0xf0 && c <= 0xf4:
		need = 3
		switch c {
		case 0xf0:
			low = 0x90
		case 0xf4:
			high = 0x8f
		}
	default:
		return 1, "invalid start byte"
	}
	for n := 1; n <= need; n++ {
		if n == len(data) {
			return n, "unexpected end of data"
		}
		if data[n] < low || data[n] > high {
			return n, "invalid continuation byte"
		}
		low, high = 0x80, 0xbf
	}
	return 1, "invalid start byte" // not reached: the caller found it ill-formed
}
