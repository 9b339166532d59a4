package ini

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/sirdar-project/sirdar/internal/pytext"
)

// A reader reads one file, line by line.
type reader struct {
	file     *File
	path     string
	section  *section // nil before the first header
	value    *value   // the open one, which deeper lines continue; nil = none
	parts    []string // of the open value
	indent   int      // of the last line that was no continuation
	bad      strings.Builder
	badLine  int  // the first line that could not be read; 0 = none
	headless bool // a key came before any section
}

// read reads a whole file. Lines that are neither header nor key are gathered, so
// that one error names them all.
func (r *reader) read(text string) error {
	for n := 1; text != ""; n++ {
		line, rest, _ := strings.Cut(text, "\n")
		raw := text[:len(text)-len(rest)]
		if err := r.line(n, line, raw); err != nil {
			return err
		}
		text = rest
	}
	r.close()
	if r.badLine == 0 {
		return nil
	}
	return &Error{
		Text: "Source contains parsing errors: " + pytext.Repr(r.path) + r.bad.String(),
		File: r.path,
		Line: r.badLine,
	}
}

// line reads line n. Its raw form has the newline, if there is one, to be shown in
// errors.
func (r *reader) line(n int, line, raw string) error {
	text, commented := uncomment(line)
	text = pytext.Strip(text)
	if text == "" {
		if !commented && r.value != nil {
			r.parts = append(r.parts, "")
		}
		return nil
	}
	indent := indentation(line)
	if r.value != nil && indent > r.indent {
		r.parts = append(r.parts, text)
		return nil
	}
	r.indent = indent

	if name, ok := header(text); ok {
		r.close()
		r.section = r.file.open(name, r.path, n)
		return nil
	}
	if r.section == nil {
		r.headless = true
		return &Error{
			Text: fmt.Sprintf("File contains no section headers.\nfile: %s, line: %d\n%s", pytext.Repr(r.path), n, pytext.Repr(raw)),
			File: r.path,
			Line: n,
		}
	}
	r.key(n, text, raw)
	return nil
}

// key reads a line that should be a key and its value. The key ends at the first
// equals sign or colon.
func (r *reader) key(n int, text, raw string) {
	at := strings.IndexAny(text, "=:")
	if at < 0 {
		r.refuse(n, raw) // and an open value stays open, as in Python
		return
	}
	r.close()
	key := pytext.Lower(pytext.StripRight(text[:at]))
	if key == "" {
		r.refuse(n, raw)
		return
	}
	r.value = &value{file: r.path, line: n}
	r.parts = append(r.parts[:0], pytext.Strip(text[at+1:]))
	r.section.set(key, r.value)
}

// refuse notes that line n could not be read.
func (r *reader) refuse(n int, raw string) {
	fmt.Fprintf(&r.bad, "\n\t[line %2d]: %s", n, pytext.Repr(raw))
	if r.badLine == 0 {
		r.badLine = n
	}
}

// close ends the open value: its lines are joined, blank ones at the end dropped.
func (r *reader) close() {
	if r.value == nil {
		return
	}
	r.value.text = pytext.StripRight(strings.Join(r.parts, "\n"))
	r.value = nil
}

// open returns the section of that name, a new one if need be.
func (f *File) open(name, path string, line int) *section {
	if s := f.byName[name]; s != nil {
		return s
	}
	if name == DefaultSection {
		return &f.defaults
	}
	s := &section{name: name, file: path, line: line}
	if f.byName == nil {
		f.byName = map[string]*section{}
	}
	f.byName[name] = s
	f.sections = append(f.sections, s)
	return s
}

// header returns the name in a line that is a section header: all between the
// first bracket, which begins the line, and the last one. What follows is ignored.
func header(text string) (string, bool) {
	end := strings.LastIndexByte(text, ']')
	if text[0] != '[' || end < 2 {
		return "", false
	}
	return text[1:end], true
}

// uncomment returns the line without its comment, and whether it has one.
//
// A comment begins at a ; or # at the start of the line or after white space. Python
// looks at the first ; and the first #, then at the second of each, and so on, and
// stops as soon as one of the two begins a comment: in "x;y ;w #z" the comment is
// "#z", since the first # begins one and the first ; does not. A line whose first
// character that is not blank is ; or # is all comment.
func uncomment(line string) (string, bool) {
	if lead := pytext.Strip(line); lead != "" && (lead[0] == '#' || lead[0] == ';') {
		return "", true
	}
	semicolon, hash := -1, -1
	for {
		semicolon, hash = next(line, ';', semicolon), next(line, '#', hash)
		if semicolon == len(line) && hash == len(line) {
			return line, false
		}
		start := len(line)
		for _, at := range []int{semicolon, hash} {
			if at < start && beginsComment(line, at) {
				start = at
			}
		}
		if start < len(line) {
			return line[:start], true
		}
	}
}

// next returns the index of the next c after index i, or the length of the line.
func next(line string, c byte, i int) int {
	if i >= len(line) {
		return len(line)
	}
	if at := strings.IndexByte(line[i+1:], c); at >= 0 {
		return i + 1 + at
	}
	return len(line)
}

// beginsComment says whether white space, or nothing, comes before index i.
func beginsComment(line string, i int) bool {
	before, _ := utf8.DecodeLastRuneInString(line[:i])
	return i == 0 || pytext.IsSpace(before)
}

// indentation returns how many characters come before the first that is not blank.
func indentation(line string) int {
	n := 0
	for _, r := range line {
		if !pytext.IsSpace(r) {
			break
		}
		n++
	}
	return n
}
