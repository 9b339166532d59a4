package supervise

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/config"
	"github.com/sirdar-project/sirdar/process"
)

// load reads the configuration again; what cannot be used is CANT_REREAD.
func (s *Supervisor) load() (*config.Config, error) {
	conf, err := s.Load()
	if err != nil {
		return nil, sirdar.NewFault(sirdar.CantReread, err.Error())
	}
	return conf, nil
}

// Reread implements [sirdar.Supervisor].
func (s *Supervisor) Reread(context.Context) (sirdar.Changes, error) {
	if err := s.up(); err != nil {
		return sirdar.Changes{}, err
	}
	conf, err := s.load()
	if err != nil {
		return sirdar.Changes{}, err
	}
	s.conf.Store(conf)
	s.strip.Store(conf.Supervisord.StripANSI)
	var active []config.Group
	for _, g := range s.groupList() {
		active = append(active, *g.cfg)
	}
	var c sirdar.Changes
	c.Added, c.Changed, c.Removed = config.Diff(active, conf)
	// supervisorctl's update stops these one after the other, in this order.
	priority := func(name string) int {
		return active[slices.IndexFunc(active, func(g config.Group) bool { return g.Name == name })].Priority
	}
	slices.SortStableFunc(c.Removed, func(a, b string) int { return cmp.Compare(priority(b), priority(a)) })
	return c, nil
}

// AddGroup implements [sirdar.Supervisor].
func (s *Supervisor) AddGroup(ctx context.Context, name string) error {
	if err := s.up(); err != nil {
		return err
	}
	conf := s.conf.Load()
	i := slices.IndexFunc(conf.Groups, func(g config.Group) bool { return g.Name == name })
	if i < 0 {
		return sirdar.NewFault(sirdar.BadName, name)
	}
	if s.group(name) != nil {
		return sirdar.NewFault(sirdar.AlreadyAdded, name)
	}
	g, err := s.newGroup(&conf.Groups[i])
	if err != nil {
		return sirdar.NewFault(sirdar.Failed, err.Error())
	}
	var added error
	if err := s.call(ctx, func() { added = s.activate(g) }); err != nil {
		return err
	}
	return added
}

// activate makes a group one of ours and starts what is to be started.
func (s *Supervisor) activate(g *group) error {
	if s.group(g.cfg.Name) != nil {
		return sirdar.NewFault(sirdar.AlreadyAdded, g.cfg.Name)
	}
	s.publishGroups(append(slices.Clone(s.groupList()), g))
	s.joined(g)
	for _, e := range g.entries {
		s.step(e, process.Tick{Mood: s.Mood()})
	}
	return nil
}

// RemoveGroup implements [sirdar.Supervisor].
func (s *Supervisor) RemoveGroup(ctx context.Context, name string) error {
	if err := s.up(); err != nil {
		return err
	}
	var removed error
	if err := s.call(ctx, func() { removed = s.deactivate(name) }); err != nil {
		return err
	}
	return removed
}

// deactivate takes a group away whose processes are all stopped.
func (s *Supervisor) deactivate(name string) error {
	g := s.group(name)
	if g == nil {
		return sirdar.NewFault(sirdar.BadName, name)
	}
	for _, e := range g.entries {
		if !e.proc.State.IsStopped() {
			return sirdar.NewFault(sirdar.StillRunning, name)
		}
	}
	for _, e := range g.entries {
		s.alarms.set(e, time.Time{})
	}
	s.publishGroups(slices.DeleteFunc(slices.Clone(s.groupList()), func(o *group) bool { return o == g }))
	s.left(g)
	return nil
}
