package pytext

import "testing"

// The expected side is what Python 3.11 prints.
func TestReprBytesIsPythons(t *testing.T) {
	for in, want := range map[string]string{
		"plain":        `b'plain'`,
		"\xff\xfe\x00": `b'\xff\xfe\x00'`,
		"it's":         `b"it's"`,
		`it's "so"`:    `b'it\'s "so"'`,
		"a\\b\n\r\t":   `b'a\\b\n\r\t'`,
		"\x7f\x1b[m":   `b'\x7f\x1b[m'`,
		"é":            `b'\xc3\xa9'`,
	} {
		if got := ReprBytes([]byte(in)); got != want {
			t.Errorf("ReprBytes(%q) = %s, want %s", in, got, want)
		}
	}
}
