package supervise

import (
	"cmp"
	"context"
	"slices"

	"github.com/sirdar-project/sirdar"
)

// A task is one process's part in a request.
type task struct {
	e     *entry
	name  string // what faults call it
	fault *sirdar.Fault
	over  bool
	ended func()
}

// done ends the task; a nil fault is success.
func (t *task) done(f *sirdar.Fault) {
	t.fault, t.over = f, true
	t.ended()
}

func (t *task) result() sirdar.Result {
	return sirdar.Result{Name: t.e.cfg.Name, Group: t.e.group.cfg.Name, Fault: t.fault}
}

// each runs begin in the loop with a task for every entry and waits until all are
// done. What was decided at once stands first in the results, as in Supervisor;
// otherwise they are in the order of the list. For a selector of one process the
// fault is the error and there are no results.
//
// When the caller goes away, what was begun goes on.
func (s *Supervisor) each(ctx context.Context, sel sirdar.Selector, list []*entry, begin func([]*task)) ([]sirdar.Result, error) {
	todo := make([]*task, len(list))
	left := len(list)
	finished := make(chan struct{})
	for i, e := range list {
		todo[i] = &task{e: e, name: e.fullName(), ended: func() {
			if left--; left == 0 {
				close(finished)
			}
		}}
		if sel.IsProcess() {
			todo[i].name = sel.String()
		}
	}
	if len(list) == 0 {
		return []sirdar.Result{}, nil
	}
	if err := s.call(ctx, func() {
		begin(slices.Clone(todo))
		slices.SortStableFunc(todo, func(a, b *task) int { return cmp.Compare(rank(a), rank(b)) })
	}); err != nil {
		return nil, err
	}
	select {
	case <-finished:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-s.gone:
		return nil, sirdar.NewFault(sirdar.ShutdownState, "")
	}
	if sel.IsProcess() {
		if f := todo[0].fault; f != nil {
			return nil, f
		}
		return nil, nil
	}
	results := make([]sirdar.Result, len(todo))
	for i, t := range todo {
		results[i] = t.result()
	}
	return results, nil
}

// rank puts what is over before what is not.
func rank(t *task) int {
	if t.over {
		return 0
	}
	return 1
}

func (e *entry) fullName() string { return sirdar.FullName(e.group.cfg.Name, e.cfg.Name) }

// state returns the published state; it may be read by anybody.
func (e *entry) state() sirdar.State { return e.published.Load().State }
