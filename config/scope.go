package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sirdar-project/sirdar/internal/pytext"
)

// Names says which names a %(name)s in an option's value may use.
type Names int

// The sets of names, each of which holds the ones before it.
const (
	EnvNames     Names = iota // ENV_X for each variable of the environment, [supervisord] environment= included
	HereNames                 // and here
	SocketNames               // and program_name
	ProgramNames              // and host_node_name, group_name
	NumberNames               // and process_num, numprocs
	ProcessNames              // and ENV_X for each variable of the program's own environment=
	numNames
)

// String lists the names, for the documentation.
func (n Names) String() string {
	list := []string{"ENV_X"}
	if n >= HereNames {
		list = append(list, "here")
	}
	if n >= SocketNames {
		list = append(list, "program_name")
	}
	if n >= ProgramNames {
		list = append(list, "host_node_name", "group_name")
	}
	if n >= NumberNames {
		list = append(list, "process_num", "numprocs")
	}
	return strings.Join(list, ", ")
}

// A scope is a set of names and what they stand for. Inner scopes hide outer ones.
type scope struct {
	outer *scope
	names map[string]pytext.Value
}

// lookup finds what a name stands for.
func (s *scope) lookup(name string) (pytext.Value, bool) {
	for ; s != nil; s = s.outer {
		if v, ok := s.names[name]; ok {
			return v, true
		}
	}
	return pytext.Value{}, false
}

// inner returns a scope inside s.
func (s *scope) inner(names map[string]pytext.Value) *scope {
	return &scope{outer: s, names: names}
}

// around returns s with more names outside of it, which all that s has hides.
func (s *scope) around(names map[string]pytext.Value) *scope {
	if s == nil {
		return &scope{names: names}
	}
	return &scope{outer: s.outer.around(names), names: s.names}
}

// all returns every name, sorted.
func (s *scope) all() []string {
	seen := map[string]bool{}
	for ; s != nil; s = s.outer {
		for name := range s.names {
			seen[name] = true
		}
	}
	list := make([]string, 0, len(seen))
	for name := range seen {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

// expand fills in the names in text. The label is how an error calls the text.
func (s *scope) expand(text, label string) (string, error) {
	out, err := pytext.Format(text, s.lookup)
	var unknown *pytext.UnknownName
	switch {
	case err == nil:
		return out, nil
	case errors.As(err, &unknown):
		return "", fmt.Errorf("Format string %s for %s contains names (%s) which cannot be expanded. Available names: %s",
			pytext.Repr(text), pytext.Repr(label), unknown, strings.Join(s.all(), ", "))
	default:
		return "", fmt.Errorf("Format string %s for %s is badly formatted: %w", pytext.Repr(text), pytext.Repr(label), err)
	}
}

// environScope makes the scope of the environment. Of a variable that comes twice
// the first counts, as for getenv.
func environScope(environ []string) *scope {
	names := make(map[string]pytext.Value, len(environ))
	for _, kv := range environ {
		k, v, ok := strings.Cut(kv, "=")
		if _, seen := names["ENV_"+k]; ok && !seen {
			names["ENV_"+k] = pytext.Str(v)
		}
	}
	return &scope{names: names}
}

// varScope makes the scope of an environment= setting inside s.
func (s *scope) varScope(vars []Var) *scope {
	names := make(map[string]pytext.Value, len(vars))
	for _, v := range vars {
		names["ENV_"+v.Name] = pytext.Str(v.Value)
	}
	return s.inner(names)
}
