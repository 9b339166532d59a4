package logfile_test

import (
	"encoding/hex"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/sirdar-project/sirdar/logfile"
)

// core 219
func TestStripANSI(t *testing.T) {
	tests := []struct{ in, want string }{
		{"", ""},
		{"plain", "plain"},
		{"a\x1b[31mred\x1b[0mb", "aredb"},
		{"h\x1b[?25li", "hi"},
		{"\x1b[10;20Hpos\x1b[6nq", "pos"},
		{"\x1b[5Xfoo m", "oo m"},
		{"cut\x1b[31", "cut"},
		{"cut\x1b", "cut\x1b"},
		{"\x1b]0;title\x07", "\x1b]0;title\x07"},
		{"\x1b[m\x1b[m", ""},
		{"\x1b[\x1b[mx", "x"},
		{"\xff\x1b[1m\xfe\x80", "\xff\xfe\x80"},
	}
	for _, test := range tests {
		if got := string(logfile.StripANSI([]byte(test.in))); got != test.want {
			t.Errorf("StripANSI(%q) = %q, want %q", test.in, got, test.want)
		}
	}
}

// core 219
func TestStripANSIAgreesWithSupervisor(t *testing.T) {
	words := []string{"\x1b[", "\x1b", "[", "m", "H", "n", "text", "é", "\xff", "31;1", "\n", "p"}
	var in, got strings.Builder
	for range 2000 {
		var b []byte
		for range rand.IntN(12) {
			b = append(b, words[rand.IntN(len(words))]...)
		}
		in.WriteString(hex.EncodeToString(b) + "\n")
		got.WriteString(hex.EncodeToString(logfile.StripANSI(b)) + "\n")
	}
	want := python(t, `
import sys
from supervisor.dispatchers import stripEscapes
for line in sys.argv[1].split('\n')[:-1]:
    print(stripEscapes(bytes.fromhex(line)).hex())
`, in.String())
	sameLines(t, got.String(), want)
}
