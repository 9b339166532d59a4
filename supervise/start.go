package supervise

import (
	"context"
	"slices"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/process"
)

// Start implements [sirdar.Supervisor].
func (s *Supervisor) Start(ctx context.Context, sel sirdar.Selector, wait bool) ([]sirdar.Result, error) {
	if err := s.up(); err != nil {
		return nil, err
	}
	list, err := s.lookup(sel)
	if err != nil {
		return nil, err
	}
	if !sel.IsProcess() {
		list = slices.DeleteFunc(list, func(e *entry) bool { return e.state().IsRunning() })
		slices.SortStableFunc(list, byPriority)
	}
	// Looking a command up reads directories, which the loop must not do.
	missing := make(map[*entry]*sirdar.Fault)
	for _, e := range list {
		if _, _, err := s.command(e); err != nil {
			missing[e] = commandFault(err)
		}
	}
	return s.each(ctx, sel, list, func(todo []*task) {
		for _, t := range todo {
			s.start(t, missing[t.e], wait)
		}
	})
}

// start begins one start. A command that cannot be run is told before anything
// else, and changes nothing.
func (s *Supervisor) start(t *task, missing *sirdar.Fault, wait bool) {
	e := t.e
	switch state := e.proc.State; {
	case s.Mood() != sirdar.Up:
		t.done(sirdar.NewFault(sirdar.ShutdownState, ""))
	case missing != nil:
		t.done(missing)
	case state.IsRunning():
		t.done(sirdar.NewFault(sirdar.AlreadyStarted, t.name))
	case state == sirdar.Unknown:
		t.done(sirdar.NewFault(sirdar.Failed, t.name+" is in an unknown process state"))
	default:
		s.step(e, process.Start{})
		s.await(e, func() bool { return t.started(wait) })
	}
}

// started answers whether a start has come to its end, or, without wait, whether
// there is a child.
func (t *task) started(wait bool) bool {
	e := t.e
	if e.run != nil && !e.run.born {
		return false
	}
	switch {
	case e.proc.SpawnErr != "":
		t.done(sirdar.NewFault(sirdar.SpawnError, t.name))
	case !wait || e.proc.State == sirdar.Running:
		t.done(nil)
	case e.proc.State == sirdar.Starting:
		return false
	default:
		t.done(sirdar.NewFault(sirdar.AbnormalTermination, t.name))
	}
	return true
}
