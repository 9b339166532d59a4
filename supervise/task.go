package supervise

import (
	"context"

	"github.com/sirdar-project/sirdar"
)

// A task is one process's part in a request.
type task struct {
	e    *entry
	name string // what faults call it
	done func(*sirdar.Fault)
}

// each runs begin in the loop with a task for every entry and waits until all are
// done. Results come in the order in which the tasks ended. For a selector of one
// process the fault is the error and there are no results.
//
// When the caller goes away, what was begun goes on.
func (s *Supervisor) each(ctx context.Context, sel sirdar.Selector, list []*entry, begin func([]*task)) ([]sirdar.Result, error) {
	results := make([]sirdar.Result, 0, len(list))
	finished := make(chan struct{})
	todo := make([]*task, len(list))
	for i, e := range list {
		t := &task{e: e, name: e.fullName()}
		if sel.IsProcess() {
			t.name = sel.String()
		}
		t.done = func(f *sirdar.Fault) {
			results = append(results, sirdar.Result{Name: e.cfg.Name, Group: e.group.cfg.Name, Fault: f})
			if len(results) == len(list) {
				close(finished)
			}
		}
		todo[i] = t
	}
	if len(list) == 0 {
		return results, nil
	}
	if err := s.call(ctx, func() { begin(todo) }); err != nil {
		return nil, err
	}
	select {
	case <-finished:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-s.gone:
		return nil, sirdar.NewFault(sirdar.ShutdownState, "")
	}
	if !sel.IsProcess() {
		return results, nil
	}
	if f := results[0].Fault; f != nil {
		return nil, f
	}
	return nil, nil
}

func (e *entry) fullName() string { return sirdar.FullName(e.group.cfg.Name, e.cfg.Name) }

// state returns the published state; it may be read by anybody.
func (e *entry) state() sirdar.State { return e.published.Load().State }
