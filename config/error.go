package config

import (
	"errors"
	"fmt"

	"github.com/sirdar-project/sirdar/ini"
	"github.com/sirdar-project/sirdar/internal/pytext"
)

// An Error is a configuration that cannot be used. Its text is Supervisor's, to the
// letter; where it stands is told beside it.
type Error struct {
	Text    string
	File    string // "" = not in a file, as on the command line
	Section string // "" = not in a section
	Line    int    // from 1; 0 = unknown

	// Syntax says that the file is not a configuration file at all: Python's
	// supervisorctl dies of that with a traceback and exit status 1, while it
	// reports everything else and exits with status 2.
	Syntax bool
}

func (e *Error) Error() string { return e.Text }

// syntaxError makes an Error of what the ini package says.
func syntaxError(err error) error {
	var bad *ini.Error
	if errors.As(err, &bad) {
		// To Python bytes that are no UTF-8, which have no line, are a value error.
		return &Error{Text: bad.Text, File: bad.File, Line: bad.Line, Syntax: bad.Line > 0}
	}
	return err
}

// at tells where err was found. A key that is not there stands where its section
// begins.
func (l *loader) at(section, key string, err error) error {
	file, line := l.file.Where(section, key)
	if file == "" {
		file, line = l.file.Section(section)
	}
	return &Error{Text: err.Error(), File: file, Section: section, Line: line}
}

// errorf makes an error about a section as a whole or one of its keys.
func (l *loader) errorf(section, key, format string, args ...any) error {
	return l.at(section, key, fmt.Errorf(format, args...))
}

// inProgram adds to an error in which program section it is, as Supervisor does for
// all that is found in processes, but not for what is found in their group.
func (l *loader) inProgram(section string, err error) error {
	var bad *Error
	if !errors.As(err, &bad) {
		return err
	}
	file, _ := l.file.Section(section)
	located := *bad
	located.Text += fmt.Sprintf(" in section %s (file: %s)", pytext.Repr(section), pytext.Repr(file))
	return &located
}
