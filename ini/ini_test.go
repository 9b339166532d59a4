package ini

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// read reads one text.
func read(t *testing.T, text string) *File {
	t.Helper()
	var f File
	if err := f.Read("a.conf", []byte(text)); err != nil {
		t.Fatalf("reading %q: %v", text, err)
	}
	return &f
}

func TestValues(t *testing.T) {
	for _, c := range []struct{ text, section, key, want string }{
		// core 13
		{"[s]\ncommand=a ;b\n", "s", "command", "a"},
		{"[s]\ncommand=a;b\n", "s", "command", "a;b"},
		{"[s]\ncommand=a\t#b\n", "s", "command", "a"},
		{"[s]\ncommand=a#b\n", "s", "command", "a#b"},
		// core 14
		{"[s]\ncommand=x;y ;w #z\n", "s", "command", "x;y ;w"},
		// core 15
		{"[s]\ncommand=;b\n", "s", "command", ";b"},
		{"[s]\ncommand= ;b\n", "s", "command", ""},
		// core 16
		{"[s]\ncommand=\"a ; b\"\n", "s", "command", `"a`},
		// core 17
		{"[s]\nk=a\n ; one\n  b\n# two\n\n  c\n", "s", "k", "a\nb\n\nc"},
		{"[s]\nk=\n  a\n  b\n\n\n", "s", "k", "\na\nb"},
		// core 18
		{"[s]\nk=a\n priority=4\n", "s", "k", "a\npriority=4"},
		{"[s]\nk=a\n  [x]\n", "s", "k", "a\n[x]"},
		// core 19
		{"[s]\n  k=a\n  l=b\n", "s", "l", "b"},
		{"[s]\n   k=a\n  l=b\n", "s", "l", "b"},
		// core 20
		{"[s]\nkey: value\n", "s", "key", "value"},
		{"[s]\nurl: http://x=y\n", "s", "url", "http://x=y"},
		// core 21
		{"[s]\nCOMMAND=/bin/Cat\n", "s", "command", "/bin/Cat"},
		// core 22
		{"[s]\nk=1\nk=2\n[t]\n[s]\nk=3\n", "s", "k", "3"},
		{"[s]\nk=1\n[t]\n[s]\nl=3\n", "s", "k", "1"},
		// core 23
		{"[DEFAULT]\nk=7\n[s]\n", "s", "k", "7"},
		{"[s]\n[DEFAULT]\nk=7\n", "s", "k", "7"},
		// core 26
		{"[ program:x ]\nk=1\n", " program:x ", "k", "1"},
		// core 27
		{"[program:x] junk\nk=1\n", "program:x", "k", "1"},
		{"[program:x]y]\nk=1\n", "program:x]y", "k", "1"},
		// core 9
		{"[s]\n[program:x\n", "s", "[program", "x"},
		// core 11
		{"[s]\r\nk=1\r\nl=2\r\n", "s", "k", "1"},
		{"[s]\rk=1\rl=2", "s", "l", "2"},
		{"[s]\n  [t]\n    k=1", "t", "k", "1"},
	} {
		got, ok := read(t, c.text).Get(c.section, c.key)
		if !ok || got != c.want {
			t.Errorf("%q: [%s] %s = %q, %v, want %q", c.text, c.section, c.key, got, ok, c.want)
		}
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct {
		text, want string
		line       int
	}{
		// core 7
		{"a=b\n", "File contains no section headers.\nfile: 'a.conf', line: 1\n'a=b\\n'", 1},
		// core 10
		{"\ufeff[s]\n", "File contains no section headers.\nfile: 'a.conf', line: 1\n'\\ufeff[s]\\n'", 1},
		// core 8
		{"[s]\nnope\nk=1\n=x\n", "Source contains parsing errors: 'a.conf'\n\t[line  2]: 'nope\\n'\n\t[line  4]: '=x\\n'", 2},
		{"[s]\n[]", "Source contains parsing errors: 'a.conf'\n\t[line  2]: '[]'", 2},
		// core 12
		{"[s]\nk=\xe9t\n", "'utf-8' codec can't decode byte 0xe9 in position 6: invalid continuation byte", 0},
		{"k=\xff\n", "'utf-8' codec can't decode byte 0xff in position 2: invalid start byte", 0},
		{"k=1\n" + strings.Repeat("#\n", 5000) + "\xff", "File contains no section headers.\nfile: 'a.conf', line: 1\n'k=1\\n'", 1},
	} {
		var f File
		err, ok := f.Read("a.conf", []byte(c.text)).(*Error)
		if !ok || err.Error() != c.want || err.Line != c.line || err.File != "a.conf" {
			t.Errorf("%.40q: error %+v, want line %d: %s", c.text, err, c.line, c.want)
		}
	}
}

// core 41
func TestALaterFileOverridesSingleKeys(t *testing.T) {
	var f File
	for _, file := range [][2]string{
		{"main", "[DEFAULT]\nd=1\n[s]\nk=1\nl=1\n"},
		{"one", "\n[t]\n\n[s]\nk=2\n"},
		{"two", "[DEFAULT]\n\n\nd=3\n"},
	} {
		if err := f.Read(file[0], []byte(file[1])); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		section, key, want, file string
		line                     int
	}{
		{"s", "k", "2", "one", 5},
		{"s", "l", "1", "main", 5},
		{"s", "d", "3", "two", 4},
		{"t", "d", "3", "two", 4},
	} {
		got, _ := f.Get(c.section, c.key)
		file, line := f.Where(c.section, c.key)
		if got != c.want || file != c.file || line != c.line {
			t.Errorf("[%s] %s = %q at %s:%d, want %q at %s:%d", c.section, c.key, got, file, line, c.want, c.file, c.line)
		}
	}
	if file, line := f.Section("s"); file != "main" || line != 3 {
		t.Errorf("[s] stands at %s:%d, want main:3", file, line)
	}
	if file, line := f.Section("t"); file != "one" || line != 2 {
		t.Errorf("[t] stands at %s:%d, want one:2", file, line)
	}
	if got := f.Keys("s"); !slices.Equal(got, []string{"k", "l", "d"}) {
		t.Errorf("keys of [s] are %q", got)
	}
	f.Set("t", "d", "four")
	if got, _ := f.Get("t", "d"); got != "four" {
		t.Errorf("after Set [t] d = %q", got)
	}
	if got, _ := f.Get("s", "d"); got != "3" {
		t.Errorf("Set in [t] changed [s] d to %q", got)
	}
}

func TestWhatIsNotThereIsNotFound(t *testing.T) {
	f := read(t, "[s]\nk=1\n")
	if _, ok := f.Get("s", "x"); ok {
		t.Error("found a key that is not there")
	}
	if _, ok := f.Get("x", "k"); ok {
		t.Error("found a key of a section that is not there")
	}
	if f.Has("x") || f.Has(DefaultSection) || !f.Has("s") {
		t.Error("Has is wrong")
	}
	if file, line := f.Where("s", "x"); file != "" || line != 0 {
		t.Errorf("a missing key stands at %s:%d", file, line)
	}
}

// pieces make texts that look like configuration files.
var pieces = []string{
	"[s]", "[t]", "[DEFAULT]", "[ s ]", "[program:x", "[]", "]", "[s]=1]",
	"k=v", "k: v", "L=w", "k =  v  ", "=", ":", "nodelim", "a;b", "a #c", "x;y ;w #z", "é=ü", "İ=1",
	";", "#", " ;", " #", " ", "  ", "\t", "\n", "\n", "\n", "\n", "\r\n", "\r", "\x1c", "\u0085", "\u00a0", "\"q ; q\"", "'", "\\", "%",
}

// randomText strings pieces together; most texts begin with a header, so that
// there is more than one kind of error.
func randomText(r *rand.Rand) string {
	var b strings.Builder
	if r.IntN(8) > 0 {
		b.WriteString("[s]\n")
	}
	for range r.IntN(30) {
		b.WriteString(pieces[r.IntN(len(pieces))])
		if r.IntN(3) > 0 {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// items is what a parser says: sections and their keys and values. Python gives the
// keys of [DEFAULT] first, so keys are sorted.
type items [][2]any

func itemsOf(f *File) items {
	all := items{}
	for _, s := range f.Sections() {
		keys := f.Keys(s)
		slices.Sort(keys)
		list := [][2]string{}
		for _, k := range keys {
			v, _ := f.Get(s, k)
			list = append(list, [2]string{k, v})
		}
		all = append(all, [2]any{s, list})
	}
	return all
}

func TestRandomFilesAreReadAsPythonReadsThem(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var in bytes.Buffer
	var ours []string
	enc := json.NewEncoder(&in)
	for range 10000 {
		var f File
		var err error
		files := [][2]string{}
		for range 1 + r.IntN(2) {
			file := [2]string{[]string{"a.conf", "it's.conf"}[r.IntN(2)], randomText(r)}
			files = append(files, file)
			if err = f.Read(file[0], []byte(file[1])); err != nil {
				break
			}
		}
		if err := enc.Encode(files); err != nil {
			t.Fatal(err)
		}
		if err != nil {
			ours = append(ours, "error "+err.Error())
			continue
		}
		ours = append(ours, encode(itemsOf(&f)))
	}
	lines := strings.SplitAfter(in.String(), "\n")

	cmd := exec.Command("/usr/bin/python3", "testdata/oracle.py")
	var stderr bytes.Buffer
	cmd.Stdin, cmd.Stderr = &in, &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("the oracle needs Debian's python3: %v\n%s", err, &stderr)
	}
	dec := json.NewDecoder(bytes.NewReader(out))
	bad, refused := 0, 0
	for i, got := range ours {
		var answer struct {
			OK  []pythonSection
			Err *string
		}
		if err := dec.Decode(&answer); err != nil {
			t.Fatal(err)
		}
		want := encode(sortedItems(answer.OK))
		if answer.Err != nil {
			want = "error " + *answer.Err
			refused++
		}
		if got != want {
			t.Errorf("%s got %s\nwant %s", lines[i], got, want)
			if bad++; bad == 10 {
				t.Fatal("and so on")
			}
		}
	}
	if refused == 0 || refused == len(ours) {
		t.Errorf("%d of %d files refused: the corpus is lopsided", refused, len(ours))
	}
}

// A pythonSection is [name, [[key, value], …]].
type pythonSection struct {
	name string
	list [][2]string
}

func (s *pythonSection) UnmarshalJSON(b []byte) error {
	return json.Unmarshal(b, &[]any{&s.name, &s.list})
}

func sortedItems(sections []pythonSection) items {
	all := items{}
	for _, s := range sections {
		slices.SortFunc(s.list, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
		all = append(all, [2]any{s.name, s.list})
	}
	return all
}

func encode(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func FuzzRead(f *testing.F) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 50 {
		f.Add(randomText(r), randomText(r))
	}
	f.Add("[s]\nk=\xff", "")
	f.Fuzz(func(t *testing.T, one, two string) {
		var f File
		for path, text := range map[string]string{"one": one, "two": two} {
			if err := f.Read(path, []byte(text)); err != nil {
				if err.Error() == "" || err.(*Error).File != path {
					t.Errorf("error %+v", err)
				}
				return
			}
		}
		for _, s := range f.Sections() {
			if !f.Has(s) {
				t.Errorf("section %q is not there", s)
			}
			for _, k := range f.Keys(s) {
				v, ok := f.Get(s, k)
				if !ok || strings.ContainsRune(v, '\r') || strings.TrimRight(v, " \n\t") != v {
					t.Errorf("[%s] %s = %q, %v", s, k, v, ok)
				}
				if file, line := f.Where(s, k); file == "" || line == 0 {
					t.Errorf("[%s] %s stands nowhere", s, k)
				}
			}
		}
	})
}
