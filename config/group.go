package config

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sirdar-project/sirdar/internal/pytext"
)

// groups reads every program, listener and group. Global is the environment= of
// [supervisord].
func (l *loader) groups(global []Var) ([]Group, error) {
	var groups []Group
	grouped := map[string]bool{} // sections of programs that a [group:x] names
	for _, section := range l.sections("group:") {
		g, err := l.group(section, grouped)
		if err != nil {
			return nil, err
		}
		groups = append(groups, *g)
	}
	for _, kind := range []struct {
		prefix string
		read   func(section string) (*Group, error)
	}{
		{"program:", l.programGroup},
		{"eventlistener:", l.listenerPool},
		{"fcgi-program:", l.fastcgiGroup},
	} {
		for _, section := range l.sections(kind.prefix) {
			if grouped[section] {
				continue
			}
			g, err := kind.read(section)
			if err != nil {
				return nil, err
			}
			groups = append(groups, *g)
		}
	}
	for i := range groups {
		finish(&groups[i], global)
	}
	slices.SortStableFunc(groups, func(a, b Group) int {
		return cmp.Or(cmp.Compare(a.Priority, b.Priority), strings.Compare(a.Name, b.Name))
	})
	return groups, nil
}

// finish puts the global environment under that of each process and keeps one
// process of a name: the last, in the place of the first, as Supervisor does when it
// makes the group.
func finish(g *Group, global []Var) {
	var processes []Process
	at := map[string]int{}
	for _, p := range g.Processes {
		p.Environment = merge(global, p.Environment)
		if i, seen := at[p.Name]; seen {
			processes[i] = p
			continue
		}
		at[p.Name] = len(processes)
		processes = append(processes, p)
	}
	g.Processes = processes
}

// merge returns the variables of under with those of over put over them: a variable
// of both keeps its place and takes the new value.
func merge(under, over []Var) []Var {
	merged := slices.Clone(under)
	for _, v := range over {
		i := slices.IndexFunc(under, func(u Var) bool { return u.Name == v.Name })
		if i >= 0 {
			merged[i].Value = v.Value
			continue
		}
		merged = append(merged, v)
	}
	return merged
}

// sections returns the sections whose names begin with a prefix.
func (l *loader) sections(prefix string) []string {
	var list []string
	for _, s := range l.file.Sections() {
		if strings.HasPrefix(s, prefix) {
			list = append(list, s)
		}
	}
	return list
}

// after returns the name of a section: what follows the first colon.
func after(section string) string {
	_, name, _ := strings.Cut(section, ":")
	return name
}

// group reads a [group:x] section and the programs it names.
func (l *loader) group(section string, grouped map[string]bool) (*Group, error) {
	name, err := name(after(section))
	if err != nil {
		return nil, l.at(section, "", err)
	}
	var programs []string
	t := l.target(section)
	t.group = &Group{Kind: HeterogeneousGroup, Name: name}
	t.members = &programs
	if err := l.read(InGroup, t); err != nil {
		return nil, err
	}
	shown := section // Supervisor shows the section it looked at last
	for _, program := range programs {
		member, err := l.member(shown, program)
		if err != nil {
			return nil, l.at(section, "programs", err)
		}
		shown = member
		grouped[member] = true
		processes, err := l.processes(member, name)
		if err != nil {
			return nil, err
		}
		t.group.Processes = append(t.group.Processes, processes...)
	}
	return t.group, nil
}

// member finds the section of a program that a group names.
func (l *loader) member(shown, name string) (string, error) {
	program, fcgi := "program:"+name, "fcgi-program:"+name
	switch {
	case l.file.Has(program) && l.file.Has(fcgi):
		return "", fmt.Errorf("[%s] name %s is ambiguous (exists as program and fcgi-program)", shown, name)
	case l.file.Has(program):
		return program, nil
	case l.file.Has(fcgi):
		return fcgi, nil
	}
	return "", fmt.Errorf("[%s] names unknown program or fcgi-program %s", shown, name)
}

// programGroup reads a [program:x] that runs by itself.
func (l *loader) programGroup(section string) (*Group, error) {
	name, err := name(after(section))
	if err != nil {
		return nil, l.at(section, "", err)
	}
	t, err := l.homogeneous(ProgramGroup, section, name, 999)
	if err != nil {
		return nil, err
	}
	return l.fill(t)
}

// listenerPool reads an [eventlistener:x]. Its name is checked with its processes.
func (l *loader) listenerPool(section string) (*Group, error) {
	t, err := l.homogeneous(ListenerPool, section, after(section), -1)
	if err != nil {
		return nil, err
	}
	for _, o := range optionsIn(InEventListener) {
		if o.has(InProgram) { // what it shares with programs comes later
			continue
		}
		if _, err := l.readOption(o, t); err != nil {
			return nil, err
		}
	}
	t.proc = &Process{}
	if err := l.readForGroup(t, "redirect_stderr"); err != nil {
		return nil, err
	}
	if t.proc.RedirectErr {
		return nil, l.errorf(section, "redirect_stderr", "[%s] section sets redirect_stderr=true but this is not allowed because it will interfere with the eventlistener protocol", section)
	}
	return l.fill(t)
}

// fastcgiGroup reads an [fcgi-program:x] that runs by itself. In a [group:x] it is a
// program like any other, without a socket.
func (l *loader) fastcgiGroup(section string) (*Group, error) {
	name, err := name(after(section))
	if err != nil {
		return nil, l.at(section, "", err)
	}
	t, err := l.homogeneous(FastCGIGroup, section, name, 999)
	if err != nil {
		return nil, err
	}
	t.proc, t.fcgi = &Process{}, &fastcgi{}
	if err := l.readForGroup(t, "user"); err != nil {
		return nil, err
	}
	l.scopes[SocketNames] = l.scopes[HereNames].inner(map[string]pytext.Value{"program_name": pytext.Str(name)})
	for _, o := range optionsIn(InFastCGI) {
		if o.has(InProgram) {
			continue
		}
		if _, err := l.readOption(o, t); err != nil {
			return nil, err
		}
	}
	t.group.Socket = t.fcgi.socket
	return l.fill(t)
}

// homogeneous begins a group that is made of one section and reads its priority.
func (l *loader) homogeneous(kind GroupKind, section, name string, priority int) (*target, error) {
	t := l.target(section)
	t.group = &Group{Kind: kind, Name: name, Priority: priority}
	if _, given := l.file.Get(section, "priority"); given {
		if _, err := l.readOption(option(InGroup, "priority"), t); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// readForGroup reads an option of a program before its time, when only the names of
// a group may be used in it.
func (l *loader) readForGroup(t *target, key string) error {
	o := *option(InProgram, key)
	o.Names = HereNames
	_, err := l.readOption(&o, t)
	return err
}

// fill reads the processes of a group that is made of one section.
func (l *loader) fill(t *target) (*Group, error) {
	processes, err := l.processes(t.section, t.group.Name)
	t.group.Processes = processes
	return t.group, err
}

// processes reads the processes of a program section, sorted by priority and name.
func (l *loader) processes(section, group string) ([]Process, error) {
	list, err := l.unfold(section, group)
	if err != nil {
		return nil, l.inProgram(section, err)
	}
	slices.SortStableFunc(list, func(a, b Process) int {
		return cmp.Or(cmp.Compare(a.Priority, b.Priority), strings.Compare(a.Name, b.Name))
	})
	return list, nil
}

// unfold reads a program section and makes as many processes as it asks for.
func (l *loader) unfold(section, group string) ([]Process, error) {
	name, err := name(after(section))
	if err != nil {
		return nil, l.at(section, "", err)
	}
	l.scopes[ProgramNames] = l.scopes[HereNames].inner(map[string]pytext.Value{
		"program_name":   pytext.Str(name),
		"host_node_name": pytext.Str(l.host.Hostname),
		"group_name":     pytext.Str(group),
	})
	t := l.target(section)
	t.program, t.proc = &program{}, &Process{Umask: -1}
	if err := l.template(t); err != nil {
		return nil, err
	}

	var list []Process
	earlier := map[string]pytext.Value{} // variables of the processes before
	template := *t.proc
	for i := range max(t.program.numProcs, 0) {
		p := template
		t.proc = &p
		if err := l.process(t, t.program.numStart+i, earlier); err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return list, nil
}

// maxProcs is the most processes that one program may have. Supervisor has no limit
// but memory: a slip of the finger must not be able to fill it.
const maxProcs = 100_000

// isTemplate says whether an option of a program is read once for all its
// processes.
func (o *Option) isTemplate() bool { return o.has(InProgram) && (o.Names <= ProgramNames || o.raw) }

// template reads what the processes of a program have in common.
func (l *loader) template(t *target) error {
	for _, o := range optionsIn(InProgram) {
		if !o.isTemplate() {
			continue
		}
		if _, err := l.readOption(o, t); err != nil {
			return err
		}
	}
	p := t.program
	if p.numProcs > 1 && !strings.Contains(p.processName, "%(process_num)") {
		return l.at(t.section, "process_name", errors.New("%(process_num) must be present within process_name when numprocs > 1"))
	}
	if p.numProcs > maxProcs {
		return l.errorf(t.section, "numprocs", "numprocs is %d, and %d is the most that can be", p.numProcs, maxProcs)
	}
	t.proc.KillAsGroup = t.proc.StopAsGroup
	if p.killAsGroup != nil {
		t.proc.KillAsGroup = *p.killAsGroup
	}
	if t.proc.StopAsGroup && !t.proc.KillAsGroup {
		return l.at(t.section, "killasgroup", errors.New("Cannot set stopasgroup=true and killasgroup=false"))
	}
	return nil
}

// process reads what a process has of its own. The variables of the processes
// before it can still be used, where nothing hides them: a Supervisor habit.
func (l *loader) process(t *target, num int, earlier map[string]pytext.Value) error {
	numbers := l.scopes[ProgramNames].around(earlier).inner(map[string]pytext.Value{
		"process_num": pytext.Int(num),
		"numprocs":    pytext.Int(t.program.numProcs),
	})
	l.scopes[NumberNames] = numbers
	for _, o := range optionsIn(InProgram) {
		if o.isTemplate() {
			continue
		}
		if _, err := l.readOption(o, t); err != nil {
			return err
		}
		if o.Key == "environment" {
			own := numbers.varScope(t.proc.Environment)
			l.scopes[ProcessNames] = own
			defer maps.Copy(earlier, own.names)
		}
	}
	if t.proc.RedirectErr {
		if t.program.stderrIsFile {
			t.warn(fmt.Sprintf("For [%s], redirect_stderr=true but stderr_logfile has also been set to a filename, the filename has been ignored", t.section))
		}
		t.proc.Stderr.Path, t.proc.Stderr.Auto = "", false
	}
	name, err := l.scopes[ProcessNames].expand(t.program.processName, "process_name")
	if err != nil {
		return l.at(t.section, "process_name", err)
	}
	t.proc.Name = name
	return nil
}
