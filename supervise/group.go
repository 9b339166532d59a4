package supervise

import (
	"cmp"
	"slices"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/config"
	"github.com/sirdar-project/sirdar/event"
	"github.com/sirdar-project/sirdar/process"
)

// A group is a set of processes that are added and removed together.
type group struct {
	cfg     *config.Group
	entries []*entry      // in configuration order, the order in which they are started
	pool    *event.Pool   // of event listeners; nil for any other group
	socket  *sharedSocket // of FastCGI processes; nil where there is none
}

// newGroup makes a group and its AUTO logs, and tries its socket.
func (s *Supervisor) newGroup(cfg *config.Group) (*group, error) {
	g := &group{cfg: cfg}
	if cfg.Kind == config.ListenerPool {
		g.pool = s.newPool(g)
	}
	var err error
	if g.socket, err = s.newSharedSocket(cfg.Socket); err != nil {
		return nil, err
	}
	for i := range cfg.Processes {
		e, err := s.newEntry(g, &cfg.Processes[i])
		if err != nil {
			return nil, err
		}
		// The last of two processes with one name wins, as in Supervisor.
		g.entries = slices.DeleteFunc(g.entries, func(o *entry) bool { return o.cfg.Name == e.cfg.Name })
		g.entries = append(g.entries, e)
	}
	return g, nil
}

func (s *Supervisor) newEntry(g *group, cfg *config.Process) (*entry, error) {
	e := &entry{cfg: cfg, group: g, policy: policyOf(cfg)}
	e.published.Store(new(process.Proc))
	stdout := cfg.Stdout
	if g.pool != nil {
		stdout = listenerStdout(stdout)
	}
	var err error
	if e.out[sirdar.Stdout], err = s.newOutput(g, cfg, sirdar.Stdout, stdout); err != nil {
		return nil, err
	}
	if cfg.RedirectErr {
		return e, nil
	}
	e.out[sirdar.Stderr], err = s.newOutput(g, cfg, sirdar.Stderr, cfg.Stderr)
	return e, err
}

// policyOf picks out of a configuration what decisions need.
func policyOf(cfg *config.Process) process.Policy {
	return process.Policy{
		Name:         cfg.Name,
		Autostart:    cfg.Autostart,
		Autorestart:  process.Autorestart(cfg.Autorestart),
		StartSecs:    cfg.StartSecs,
		StartRetries: cfg.StartRetries,
		ExitCodes:    cfg.ExitCodes,
		StopSignal:   cfg.StopSignal,
		StopWaitSecs: cfg.StopWaitSecs,
		StopAsGroup:  cfg.StopAsGroup,
		KillAsGroup:  cfg.KillAsGroup,
	}
}

// groupList returns the groups in activation order. It is read by anybody and
// never changed in place.
func (s *Supervisor) groupList() []*group { return *s.groups.Load() }

// publishGroups makes a new list the one that everybody sees, ordered by
// priority; equal priorities stay in the order in which they were added.
func (s *Supervisor) publishGroups(list []*group) {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b *group) int { return cmp.Compare(a.cfg.Priority, b.cfg.Priority) })
	s.groups.Store(&list)
}

// group returns a group by name, or nil.
func (s *Supervisor) group(name string) *group {
	for _, g := range s.groupList() {
		if g.cfg.Name == name {
			return g
		}
	}
	return nil
}

// entry returns a process of a group by name, or nil.
func (g *group) entry(name string) *entry {
	for _, e := range g.entries {
		if e.cfg.Name == name {
			return e
		}
	}
	return nil
}

// entries returns every process, by group and configuration order.
func (s *Supervisor) entries() []*entry {
	var all []*entry
	for _, g := range s.groupList() {
		all = append(all, g.entries...)
	}
	return all
}

// lookup finds what a selector names; a name that nobody has is BAD_NAME.
func (s *Supervisor) lookup(sel sirdar.Selector) ([]*entry, error) {
	if sel.IsAll() {
		return s.entries(), nil
	}
	g := s.group(sel.Group)
	if g == nil {
		return nil, sirdar.NewFault(sirdar.BadName, sel.String())
	}
	if sel.IsGroup() {
		return slices.Clone(g.entries), nil
	}
	e := g.entry(sel.Process)
	if e == nil {
		return nil, sirdar.NewFault(sirdar.BadName, sel.String())
	}
	return []*entry{e}, nil
}

// lookupOne finds one process; a selector of several is BAD_NAME.
func (s *Supervisor) lookupOne(sel sirdar.Selector) (*entry, error) {
	if !sel.IsProcess() {
		return nil, sirdar.NewFault(sirdar.BadName, sel.String())
	}
	list, err := s.lookup(sel)
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

// byPriority compares entries by group priority, then process priority.
func byPriority(a, b *entry) int {
	return cmp.Or(
		cmp.Compare(a.group.cfg.Priority, b.group.cfg.Priority),
		cmp.Compare(a.cfg.Priority, b.cfg.Priority),
	)
}
