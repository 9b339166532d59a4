package pytext

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os/exec"
	"reflect"
	"strings"
	"testing"
)

// A question is one call of testdata/oracle.py and what we answer to it.
type question struct {
	call string
	arg  any
	got  any
	err  error
}

// compareWithPython asks one Python process all questions.
func compareWithPython(t *testing.T, questions []question) {
	t.Helper()
	var in, stderr bytes.Buffer
	enc := json.NewEncoder(&in)
	for _, q := range questions {
		if err := enc.Encode([]any{q.call, q.arg}); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("/usr/bin/python3", "testdata/oracle.py")
	cmd.Stdin, cmd.Stderr = &in, &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("the oracle needs Debian's python3: %v\n%s", err, &stderr)
	}
	dec := json.NewDecoder(bytes.NewReader(out))
	dec.UseNumber()
	bad := 0
	for _, q := range questions {
		var want struct {
			OK  any
			Err *string
		}
		if err := dec.Decode(&want); err != nil {
			t.Fatal(err)
		}
		wanted, got := shown(want.OK), shown(q.got)
		if want.Err != nil {
			wanted = "error " + *want.Err
		}
		if q.err != nil {
			got = "error " + q.err.Error()
		}
		if got != wanted {
			t.Errorf("%s(%.300s)\n got %.300s\nwant %.300s", q.call, shown(q.arg), got, wanted)
			if bad++; bad == 20 {
				t.Fatal("and so on")
			}
		}
	}
}

func shown(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// list makes a nil list an empty one, as JSON sees it.
func list[T any](l []T) []T {
	if l == nil {
		return []T{}
	}
	return l
}

// seeded returns a source of random texts that is the same in each run.
func seeded() *rand.Rand { return rand.New(rand.NewPCG(20, 26)) }

// pick joins up to n random pieces.
func pick(r *rand.Rand, n int, pieces ...string) string {
	var b strings.Builder
	for range r.IntN(n + 1) {
		b.WriteString(pieces[r.IntN(len(pieces))])
	}
	return b.String()
}

func TestTextIsShownAsPythonShowsIt(t *testing.T) {
	r := seeded()
	var qs []question
	for range 4000 {
		s := pick(r, 8, "a", "'", `"`, `\`, "\n", "\t", "\r", "\x00", "\x7f", "é", "\u00ad", "日", "\u2028", "😀", "\U000e0001", "\ufffd", " ", "\u00a0")
		l := []string{s, "x"}
		qs = append(qs,
			question{call: "repr", arg: s, got: Repr(s)},
			question{call: "ascii", arg: s, got: ascii(s)},
			question{call: "list", arg: l, got: ReprList(l)},
			question{call: "lower", arg: s + "AÉİΣ" + s + "ΑΣ", got: Lower(s + "AÉİΣ" + s + "ΑΣ")})
	}
	compareWithPython(t, qs)
}

func TestABadByteIsShownAsASurrogate(t *testing.T) {
	if got, want := Repr("a\xffb"), `'a\udcffb'`; got != want {
		t.Errorf("Repr = %s, want %s", got, want)
	}
}

func TestWhiteSpaceIsPythons(t *testing.T) {
	r := seeded()
	var qs []question
	for range 2000 {
		s := pick(r, 8, "a", "b", " ", "\t", "\n", "\v", "\f", "\r", "\x1c", "\x1f", "\u0085", "\u00a0", "\u2003", "\u200b", "\u3000")
		qs = append(qs,
			question{call: "strip", arg: s, got: Strip(s)},
			question{call: "split", arg: s, got: list(Fields(s))})
	}
	compareWithPython(t, qs)
}

func TestNumbersAreReadAsPythonReadsThem(t *testing.T) {
	r := seeded()
	var qs []question
	for range 6000 {
		s := pick(r, 6, "0", "1", "7", "8", "9", "_", "-", "+", " ", "\t", "0o", "0O", "0x", ".", "s", "é", "٣", "\x1c", "\u00a0", "𝟗")
		n, err := ParseInt(s)
		qs = append(qs, question{call: "int", arg: s, got: n, err: err})
		n, err = ParseOctal(s)
		if err != nil {
			err = fmt.Errorf("invalid literal for int() with base 8: %s", Repr(s))
		}
		qs = append(qs, question{call: "octal", arg: s, got: n, err: err})
	}
	for _, s := range []string{strings.Repeat("9", 4301), strings.Repeat("x", 300), "é" + strings.Repeat("x", 300)} {
		n, err := ParseInt(s)
		qs = append(qs, question{call: "int", arg: s, got: n, err: err})
	}
	compareWithPython(t, qs)
}

func TestAHugeNumberIsCut(t *testing.T) {
	for s, want := range map[string]int64{
		"9223372036854775807":             math.MaxInt64,
		"9223372036854775808":             math.MaxInt64,
		"-9223372036854775809":            -math.MaxInt64,
		"1000000000000000000000000000000": math.MaxInt64,
	} {
		if got, err := ParseInt(s); got != want || err != nil {
			t.Errorf("ParseInt(%s) = %d, %v, want %d", s, got, err, want)
		}
	}
}

func TestCommandLinesAreSplitAsPythonSplitsThem(t *testing.T) {
	r := seeded()
	var qs []question
	for range 8000 {
		s := pick(r, 12, "a", "bc", " ", "  ", "\t", "\n", "'", `"`, `\`, "#", "$HOME", "=", ";", "é", "日", "''", `""`)
		words, err := Split(s)
		qs = append(qs, question{call: "words", arg: s, got: list(words), err: err})
	}
	compareWithPython(t, qs)
}

// environmentPieces make texts that look like an environment= setting.
var environmentPieces = []string{"A", "KEY", "b1", "=", "=", "=", ",", ",", " ", "\n", "'", `"`, `"v a,l"`, `'q'`, `\`, "#", ";", "/a/b.c+d-e(f):g", "$HOME", "~", "@", "é", "×", "日", "%"}

func TestEnvironmentIsReadAsPythonReadsIt(t *testing.T) {
	r := seeded()
	var qs []question
	for range 12000 {
		s := pick(r, 14, environmentPieces...)
		qs = append(qs, pairsQuestion(s))
	}
	compareWithPython(t, qs)
}

func pairsQuestion(s string) question {
	pairs, err := Pairs(s)
	got := [][2]string{}
	for _, p := range pairs {
		got = append(got, [2]string{p.Key, p.Value})
	}
	return question{call: "pairs", arg: s, got: got, err: err}
}

// names is a mapping of both types for Format.
var names = map[string]Value{
	"s": Str("name"), "n": Int(7), "neg": Int(-42), "big": Int(1234567), "zero": Int(0),
	"e": Str(""), "é": Str("ü'ñ"), "x(y)z": Str("nested"), "one": Str("日"), "pct": Str("%(s)s"),
}

func lookup(name string) (Value, bool) {
	v, ok := names[name]
	return v, ok
}

func pythonNames() map[string]any {
	m := map[string]any{}
	for k, v := range names {
		if v.isNum {
			m[k] = v.num
			continue
		}
		m[k] = v.str
	}
	return m
}

func format(s string) (string, error) {
	got, err := Format(s, lookup)
	var unknown *UnknownName
	if errors.As(err, &unknown) {
		err = fmt.Errorf("unknown %s", unknown)
	}
	return got, err
}

func TestFormatIsPythons(t *testing.T) {
	r := seeded()
	var qs []question
	add := func(s string) {
		got, err := format(s)
		if errors.Is(err, errNoName) {
			return // Python prints the mapping
		}
		qs = append(qs, question{call: "format", arg: []any{s, pythonNames()}, got: got, err: err})
	}
	for range 10000 { // whole conversions
		var b strings.Builder
		for range 1 + r.IntN(3) {
			b.WriteString(pick(r, 1, "text", "é ", "50%%", "%"))
			b.WriteString("%" + pick(r, 1, "(s)", "(n)", "(neg)", "(big)", "(é)", "(one)", "(zero)", "(e)", "(nope)", "(x(y)z)", "(pct)"))
			b.WriteString(pick(r, 2, "#", "0", "-", "+", " "))
			b.WriteString(pick(r, 1, "1", "3", "9", "12", "*"))
			b.WriteString(pick(r, 1, ".", ".0", ".2", ".9", ".*"))
			b.WriteString(pick(r, 1, "h", "l", "L"))
			b.WriteString([]string{"s", "r", "a", "d", "i", "u", "o", "x", "X", "e", "E", "f", "F", "g", "G", "c", "%", "y", "日", ""}[r.IntN(20)])
		}
		add(b.String())
	}
	for range 10000 { // any mess
		add(pick(r, 8, "%", "%", "(", ")", "s", "n", "d", "5", ".", "*", " ", "é", "%(s)s", "%(n)02d", "%%", "\n"))
	}
	compareWithPython(t, qs)
}

func TestABareConversionIsRefused(t *testing.T) {
	for _, s := range []string{"%s", "a %s b", "%r", "%10s"} {
		if got, err := Format(s, lookup); !errors.Is(err, errNoName) {
			t.Errorf("Format(%q) = %q, %v, want it refused", s, got, err)
		}
	}
}

func TestFilesAreDecodedAsPythonDecodesThem(t *testing.T) {
	r := seeded()
	pieces := []string{"a", "\n", "\r", "\r\n", "é", "日", "😀", "\xff", "\xc3", "\xe6\x97", "\xf0\x9f", "\x80", "\xed\xa0\x80", "\xed\xa0", "\xc0\xaf", "\xf4\x90", "\xe0\x80"}
	var qs []question
	for i := range 1500 {
		s := pick(r, 6, pieces...)
		if i%10 == 0 {
			s = strings.Repeat("x", chunk-3) + s
		}
		got, err := Decode([]byte(s))
		ints := make([]int, len(s))
		for i := range len(s) {
			ints[i] = int(s[i])
		}
		qs = append(qs, question{call: "decode", arg: ints, got: got, err: err})
	}
	compareWithPython(t, qs)
}

func TestPathsArePythons(t *testing.T) {
	r := seeded()
	var qs []question
	for range 3000 {
		s := pick(r, 6, "a", "b.c", "/", "/", "..", ".", "~")
		s2 := pick(r, 3, "a", "/", "*")
		dir, base := SplitPath(s)
		qs = append(qs,
			question{call: "normpath", arg: s, got: NormPath(s)},
			question{call: "pathsplit", arg: s, got: []string{dir, base}},
			question{call: "join", arg: []string{s, s2}, got: JoinPath(s, s2)})
	}
	compareWithPython(t, qs)
}

func TestMatchIsFnmatch(t *testing.T) {
	r := seeded()
	var qs []question
	for range 12000 {
		p := pick(r, 6, "a", "b", "c", "*", "?", "[", "]", "[!", "-", "a-c", "[a-c]", "[!ab]", "é", "\\", "^", ".")
		s := pick(r, 5, "a", "b", "c", "-", "]", "[", "!", "é", "\\", "^", ".", "\n")
		qs = append(qs, question{call: "fnmatch", arg: []string{p, s}, got: Match(p, s)})
	}
	compareWithPython(t, qs)
}

func FuzzFormat(f *testing.F) {
	for _, s := range []string{"%(s)s", "%(n)02d", "100%", "date +%Y", "%(x(y)z)-10.3s%%", "%(n)*%", "%(big)#12.9X", "%s"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := Format(s, lookup)
		if err != nil && got != "" {
			t.Errorf("Format(%q) gave %q beside the error %v", s, got, err)
		}
		if !strings.Contains(s, "%") && got != s {
			t.Errorf("Format(%q) = %q, want it unchanged", s, got)
		}
		doubled, err := Format(strings.ReplaceAll(s, "%", "%%"), lookup)
		if doubled != s || err != nil {
			t.Errorf("doubling every percent sign of %q gave %q, %v", s, doubled, err)
		}
	})
}

func FuzzPairs(f *testing.F) {
	for _, s := range []string{"A=1,B=2", `A="a,b",B='c d'`, `A="a\"b"`, "A=foo#bar,B=1", "A=日本", `A="`, "A=\xff", `A=a\`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		pairs, err := Pairs(s)
		if err != nil {
			if pairs != nil {
				t.Errorf("Pairs(%q) gave %q beside the error %v", s, pairs, err)
			}
			return
		}
		// Quoted again they are read as the same pairs.
		var again []string
		for _, p := range pairs {
			again = append(again, quoted(p.Key)+"="+quoted(p.Value))
		}
		if back, err := Pairs(strings.Join(again, ",")); err != nil || !reflect.DeepEqual(back, pairs) {
			t.Errorf("Pairs(%q) = %q, quoted and read again %q, %v", s, pairs, back, err)
		}
	})
}

func FuzzSplit(f *testing.F) {
	for _, s := range []string{`/bin/sh -c "echo 'a b'"`, `a\ b`, `"`, `a\`, "a\xff b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		words, err := Split(s)
		if err != nil {
			return
		}
		var again []string
		for _, w := range words {
			again = append(again, quoted(w))
		}
		if back, err := Split(strings.Join(again, " ")); err != nil || !reflect.DeepEqual(back, words) {
			t.Errorf("Split(%q) = %q, quoted and split again %q, %v", s, words, back, err)
		}
	})
}

// quoted puts s in double quotes.
func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}
