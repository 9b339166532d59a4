package xmlrpc

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os/exec"
	"reflect"
	"strings"
	"testing"
	"time"
)

// python runs a script of Debian's Python once: documents go in, one answer for
// each comes out.
func python(t *testing.T, script string, documents []string) []string {
	t.Helper()
	in, err := json.Marshal(documents)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/usr/bin/python3", "-c", script)
	cmd.Stdin = bytes.NewReader(in)
	var out, trouble bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &trouble
	if err := cmd.Run(); err != nil {
		t.Fatalf("python: %v\n%s", err, trouble.Bytes())
	}
	var answers []string
	if err := json.Unmarshal(out.Bytes(), &answers); err != nil {
		t.Fatal(err)
	}
	if len(answers) != len(documents) {
		t.Fatalf("%d answers to %d documents", len(answers), len(documents))
	}
	return answers
}

const redump = `
import json, sys, xmlrpc.client as x
answers = []
for doc in json.load(sys.stdin):
    params, method = x.loads(doc, use_builtin_types=True)
    answers.append(x.dumps(params, method, methodresponse=not method, allow_none=True))
json.dump(answers, sys.stdout)
`

func TestWrittenBytesEqualPythons(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var documents []string
	for i := range 400 {
		value := randomValue(random, 3)
		doc, err := AppendResponse(nil, value)
		if i%2 == 0 {
			doc, err = AppendCall(nil, "a.method", value, i)
		}
		if err != nil {
			t.Fatal(err)
		}
		documents = append(documents, string(doc))
	}
	for i, theirs := range python(t, redump, documents) {
		if theirs != documents[i] {
			t.Fatalf("Python writes\n%s\nwe write\n%s", theirs, documents[i])
		}
	}
}

func TestWhatIsWrittenIsReadBackTheSame(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		value := randomValue(random, 4)
		doc, err := AppendResponse(nil, value)
		if err != nil {
			t.Fatal(err)
		}
		back, err := DecodeResponse(doc)
		if err != nil {
			t.Fatalf("%v\n%s", err, doc)
		}
		if !reflect.DeepEqual(back, value) {
			t.Fatalf("wrote %#v, read %#v", value, back)
		}
	}
}

// randomValue makes a value of the kinds that Python writes. It has no carriage
// returns, which no XML reader gives back, and no nil.
func randomValue(random *rand.Rand, depth int) any {
	kinds := 9
	if depth == 0 {
		kinds = 6
	}
	switch random.IntN(kinds) {
	case 0:
		return randomString(random)
	case 1:
		return int(int32(random.Uint32()))
	case 2:
		return random.IntN(2) == 0
	case 3:
		return randomFloat(random)
	case 4:
		b := make([]byte, random.IntN(200))
		for i := range b {
			b[i] = byte(random.Uint32())
		}
		return b
	case 5:
		return time.Unix(random.Int64N(1<<33), 0).UTC()
	case 6:
		s := Struct{}
		for i := range random.IntN(6) {
			s = append(s, Member{Name: fmt.Sprint(randomString(random), i), Value: randomValue(random, depth-1)})
		}
		return s
	}
	list := []any{}
	for range random.IntN(6) {
		list = append(list, randomValue(random, depth-1))
	}
	return list
}

func randomString(random *rand.Rand) string {
	const alphabet = "abc &<>\"'\n\t]äß€\U0001F600\u0085\u2028;#x"
	runes := []rune(alphabet)
	var b strings.Builder
	for range random.IntN(12) {
		b.WriteRune(runes[random.IntN(len(runes))])
	}
	return b.String()
}

func randomFloat(random *rand.Rand) float64 {
	for {
		var f float64
		switch random.IntN(3) {
		case 0:
			f = float64(random.IntN(1000))
		case 1:
			f = random.NormFloat64() * math.Pow(10, float64(random.IntN(40)-20))
		default:
			f = math.Float64frombits(random.Uint64())
		}
		if !math.IsNaN(f) { // it does not equal itself
			return f
		}
	}
}

// expat says of each document whether it is well-formed.
const expat = `
import json, sys, xml.parsers.expat as e
answers = []
for doc in json.load(sys.stdin):
    try:
        e.ParserCreate().Parse(doc.encode(), True); answers.append('')
    except e.ExpatError as err:
        answers.append(str(err))
json.dump(answers, sys.stdout)
`

func TestEveryByteValueIsWrittenWellFormed(t *testing.T) {
	var documents []string
	for c := range 256 {
		for _, text := range []string{
			string([]byte{byte(c)}), "a" + string([]byte{byte(c)}) + "b",
			"\u20ac" + string([]byte{byte(c)}), string([]byte{byte(c), 0x80}), string([]byte{0xE2, byte(c)}),
		} {
			doc, err := AppendResponse(nil, Struct{{Name: text, Value: text}})
			if err != nil {
				t.Fatal(err)
			}
			documents = append(documents, string(doc), string(AppendFault(nil, 1, text)))
		}
	}
	for _, r := range []rune{0xFFFE, 0xFFFF, 0xFFFD, 0xF000, 0x1FFFE, 0x10FFFF, 0xD7FF, 0xE000} {
		documents = append(documents, string(AppendFault(nil, 1, string(r))))
	}
	for i, trouble := range python(t, expat, documents) {
		if trouble != "" {
			t.Errorf("expat refuses %q: %s", documents[i], trouble)
		}
		if _, err := DecodeResponse([]byte(documents[i])); err != nil && !isFault(err) {
			t.Errorf("we refuse %q: %v", documents[i], err)
		}
	}
}

func isFault(err error) bool { _, ok := err.(*Fault); return ok }

func TestIllegalBytesBecomeReplacementCharacters(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"plain", "plain"},
		{"a\x00b", "a\uFFFDb"},
		{"\xff\xfe", "\uFFFD\uFFFD"},
		{"\xe2\x82", "\uFFFD\uFFFD"},
		{"\u20ac", "\u20ac"},
		{"\uFFFE", "\uFFFD"},
		{"<&>\"'", "&lt;&amp;&gt;\"'"},
		{"tab\tline\ncr\r", "tab\tline\ncr\r"},
		{"\x1b[31m", "\uFFFD[31m"},
		{"\x7f\u0080", "\x7f\u0080"},
	} {
		if got := string(appendText(nil, c.in)); got != c.want {
			t.Errorf("%q is written as %q, want %q", c.in, got, c.want)
		}
	}
}

// Text is looked at in words of eight bytes: every character is found wherever in
// them it stands.
func TestCharactersAreFoundAtEveryPlaceOfAText(t *testing.T) {
	const length = 27
	for c := range 256 {
		instead, _ := substitute(string([]byte{byte(c)}))
		if instead == "" {
			instead = string([]byte{byte(c)})
		}
		for size := 1; size <= length; size++ {
			for at := range size {
				before, behind := strings.Repeat("a", at), strings.Repeat("~", size-at-1)
				in := before + string([]byte{byte(c)}) + behind
				if got, want := string(appendText(nil, in)), before+instead+behind; got != want {
					t.Fatalf("%q is written as %q, want %q", in, got, want)
				}
			}
		}
	}
}

func TestNumbersAreWrittenAsPythonWritesThem(t *testing.T) {
	for f, want := range map[float64]string{
		0: "0.0", 1: "1.0", -1.5: "-1.5", 1e15: "1000000000000000.0", 1e16: "1e+16", 0.0001: "0.0001", 0.00001: "1e-05",
		1.5e300: "1.5e+300", math.Inf(1): "inf", math.Inf(-1): "-inf", 5e-324: "5e-324", 123456.789: "123456.789",
	} {
		if got := string(appendFloat(nil, f)); got != want {
			t.Errorf("%g is written as %s, want %s", f, got, want)
		}
	}
}
