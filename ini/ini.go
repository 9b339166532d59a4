// Package ini reads configuration files in the dialect of Python's RawConfigParser
// as Supervisor sets it up (strict=False, inline comments with ; and #). The
// dialect is full of surprises, all of which files in the field rely on:
//
//   - a colon separates key and value as well as an equals sign does;
//   - a line that is indented deeper than its key's line belongs to the value,
//     whatever it looks like;
//   - a comment begins at a ; or # that follows white space, but which one is
//     found depends on how many of each came before (see comment);
//   - sections and keys may come again, in the same file or in the next one, and
//     the last value wins;
//   - the keys of [DEFAULT] are seen in every section.
//
// Beyond Python, a [File] knows in which file and on which line each value stands.
package ini

import "github.com/sirdar-project/sirdar/internal/pytext"

// DefaultSection is the section whose keys are seen in every other one.
const DefaultSection = "DEFAULT"

// An Error is a file that is no configuration file. Its text is Python's, which may
// have several lines.
type Error struct {
	Text string
	File string // the path that was given to Read
	Line int    // the first bad line, from 1; 0 = the file as a whole
}

func (e *Error) Error() string { return e.Text }

// A File is what one or more files together say. The zero File is empty.
type File struct {
	defaults section
	sections []*section
	byName   map[string]*section
}

// A section keeps its keys in the order in which they came first.
type section struct {
	name string
	file string // where it came first
	line int
	keys []string
	vals map[string]*value
}

// A value is text and where it stands.
type value struct {
	text string
	file string
	line int
}

func (s *section) set(key string, v *value) {
	if s.vals == nil {
		s.vals = map[string]*value{}
	}
	if s.vals[key] == nil {
		s.keys = append(s.keys, key)
	}
	s.vals[key] = v
}

// Sections returns the names of the sections, [DEFAULT] not counted, in the order
// in which they came first.
func (f *File) Sections() []string {
	names := make([]string, len(f.sections))
	for i, s := range f.sections {
		names[i] = s.name
	}
	return names
}

// Has says whether there is a section of that name. [DEFAULT] is none.
func (f *File) Has(section string) bool { return f.byName[section] != nil }

// Get returns the value of a key, which is written in lower case. A section that
// does not have it takes it from [DEFAULT].
func (f *File) Get(section, key string) (string, bool) {
	v := f.find(section, key)
	if v == nil {
		return "", false
	}
	return v.text, true
}

// Keys returns the keys of a section, its own first, then those of [DEFAULT].
func (f *File) Keys(section string) []string {
	s := f.byName[section]
	if s == nil {
		return nil
	}
	keys := append([]string(nil), s.keys...)
	for _, key := range f.defaults.keys {
		if s.vals[key] == nil {
			keys = append(keys, key)
		}
	}
	return keys
}

// Set gives a key of an existing section a new text. Where it stands is kept, so
// that a value taken over from [DEFAULT] is still found where it was written.
func (f *File) Set(section, key, text string) {
	s := f.byName[section]
	if s == nil {
		return
	}
	v := &value{text: text}
	if old := f.find(section, key); old != nil {
		v.file, v.line = old.file, old.line
	}
	s.set(key, v)
}

// Where returns the file and the line at which a key's value begins, or "" and 0
// when there is no such key.
func (f *File) Where(section, key string) (file string, line int) {
	v := f.find(section, key)
	if v == nil {
		return "", 0
	}
	return v.file, v.line
}

// Section returns the file and the line in which a section came first.
func (f *File) Section(name string) (file string, line int) {
	s := f.byName[name]
	if s == nil {
		return "", 0
	}
	return s.file, s.line
}

func (f *File) find(section, key string) *value {
	s := f.byName[section]
	if s == nil {
		return nil
	}
	if v := s.vals[key]; v != nil {
		return v
	}
	return f.defaults.vals[key]
}

// Read adds what one more file says. The path is only used to name the file. The
// error is an [*Error]; the File is then not to be used.
func (f *File) Read(path string, data []byte) error {
	text, undecodable := pytext.Decode(data)
	r := reader{file: f, path: path}
	err := r.read(text)
	if undecodable != nil && !r.headless {
		// Python decodes piece by piece as it reads lines: only a key before any
		// section ends the reading sooner.
		return &Error{Text: undecodable.Error(), File: path}
	}
	return err
}
