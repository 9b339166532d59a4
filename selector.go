package sirdar

import "strings"

// A Selector names what an operation is about: one process, one whole group, or
// everything. The zero Selector selects everything.
type Selector struct {
	Group   string
	Process string
	scope   scope
	text    string
}

type scope uint8

const (
	scopeAll scope = iota
	scopeGroup
	scopeProcess
)

// All selects every process.
var All = Selector{}

// OfGroup selects every process of a group.
func OfGroup(name string) Selector {
	return Selector{Group: name, scope: scopeGroup, text: name}
}

// OfProcess selects one process.
func OfProcess(group, process string) Selector {
	return Selector{Group: group, Process: process, scope: scopeProcess, text: FullName(group, process)}
}

// Select reads a name as clients write it (a namespec): "name" is the process
// "name" of the group "name", "group:name" one process, "group:*" and "group:" the
// whole group. It never fails: a name that nobody has is found out by who looks
// it up.
func Select(namespec string) Selector {
	group, process, found := strings.Cut(namespec, ":")
	switch {
	case !found:
		return Selector{Group: namespec, Process: namespec, scope: scopeProcess, text: namespec}
	case process == "" || process == "*":
		return Selector{Group: group, scope: scopeGroup, text: namespec}
	}
	return Selector{Group: group, Process: process, scope: scopeProcess, text: namespec}
}

// IsAll says whether everything is selected.
func (s Selector) IsAll() bool { return s.scope == scopeAll }

// IsGroup says whether one whole group is selected.
func (s Selector) IsGroup() bool { return s.scope == scopeGroup }

// IsProcess says whether one process is selected.
func (s Selector) IsProcess() bool { return s.scope == scopeProcess }

// String returns the name as it was given; faults quote it.
func (s Selector) String() string { return s.text }

// FullName returns the short form of a process's name: "name" where group and
// process are called the same, else "group:name".
func FullName(group, process string) string {
	if group == process {
		return process
	}
	return group + ":" + process
}
