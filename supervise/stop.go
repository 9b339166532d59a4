package supervise

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/config"
	"github.com/sirdar-project/sirdar/event"
	"github.com/sirdar-project/sirdar/process"
)

// Stop implements [sirdar.Supervisor].
func (s *Supervisor) Stop(ctx context.Context, sel sirdar.Selector, wait bool) ([]sirdar.Result, error) {
	if err := s.up(); err != nil {
		return nil, err
	}
	list, err := s.lookup(sel)
	if err != nil {
		return nil, err
	}
	if sel.IsProcess() {
		return s.each(ctx, sel, list, func(todo []*task) { s.stop(todo[0], wait) })
	}
	list = slices.DeleteFunc(list, func(e *entry) bool { return !e.state().IsRunning() })
	slices.SortStableFunc(list, byPriority)
	return s.each(ctx, sel, list, func(todo []*task) { s.stopTasks(todo, wait) })
}

// stop begins to stop one process.
func (s *Supervisor) stop(t *task, wait bool) {
	e := t.e
	if !e.proc.State.IsRunning() {
		t.done(sirdar.NewFault(sirdar.NotRunning, t.name))
		return
	}
	s.step(e, process.Stop{})
	s.awaitStop(t, wait)
}

// awaitStop ends the task when its process is stopped; without wait, now.
func (s *Supervisor) awaitStop(t *task, wait bool) {
	e := t.e
	switch {
	case e.proc.State == sirdar.Unknown:
		t.done(sirdar.NewFault(sirdar.Failed, e.trouble))
		return
	case !wait:
		t.done(nil)
		return
	case !e.proc.State.IsStopped():
		s.step(e, process.StopReport{})
	}
	s.await(e, func() bool {
		if !e.proc.State.IsStopped() {
			return false
		}
		t.done(nil)
		return true
	})
	if !e.proc.State.IsStopped() {
		e.reporter = true
		s.arm(e)
	}
}

// stopTasks stops several processes in order. Without wait the callers are
// answered at once, and the order is kept all the same.
func (s *Supervisor) stopTasks(todo []*task, wait bool) {
	byEntry := make(map[*entry]*task, len(todo))
	list := make([]*entry, len(todo))
	for i, t := range todo {
		byEntry[t.e], list[i] = t, t.e
	}
	s.stopInOrder(list, func(e *entry) {
		if e.proc.State.IsRunning() {
			s.step(e, process.Stop{})
		}
		if wait {
			s.awaitStop(byEntry[e], true)
		}
	}, func() {})
	if !wait {
		for _, t := range todo {
			t.done(nil)
		}
	}
}

// stopInOrder stops the highest priority first, group priority before process
// priority. Equal priorities stop side by side; the next is begun when the last
// one's processes are all gone.
func (s *Supervisor) stopInOrder(list []*entry, stop func(*entry), done func()) {
	list = slices.Clone(list)
	slices.Reverse(list)
	slices.SortStableFunc(list, func(a, b *entry) int { return byPriority(b, a) })
	s.stopTier(list, stop, done)
}

// stopTier stops the first of the remaining priorities and then the rest.
func (s *Supervisor) stopTier(list []*entry, stop func(*entry), done func()) {
	if len(list) == 0 {
		done()
		return
	}
	n := 1
	for n < len(list) && byPriority(list[0], list[n]) == 0 {
		n++
	}
	tier, rest := list[:n], list[n:]
	for _, e := range tier {
		stop(e)
	}
	left := len(tier)
	for _, e := range tier {
		s.await(e, func() bool {
			if !e.proc.State.IsStopped() {
				return false
			}
			if left--; left == 0 {
				s.stopTier(rest, stop, done)
			}
			return true
		})
	}
}

// farewellInterval is how often the daemon says for whom it waits at its end.
const farewellInterval = 3 * time.Second

// A farewell is the ordered stop of everything, for a shutdown or a restart.
type farewell struct {
	entries  []*entry  // in activation order
	reported time.Time // when the log last said who is left
	last     bool      // every priority has been stopped

	listeners []*entry  // to be stopped when they have heard of the others' end …
	patience  time.Time // … or then
}

// Shutdown implements [sirdar.Supervisor].
func (s *Supervisor) Shutdown(ctx context.Context) error {
	if err := s.up(); err != nil {
		return err
	}
	return s.call(ctx, s.exit)
}

// Exit shuts down whatever the daemon is doing: it turns a restart into a
// shutdown. It is what SIGTERM asks for.
func (s *Supervisor) Exit() { s.inbox.post(s.exit) }

func (s *Supervisor) exit() {
	s.next = nil
	s.leave(sirdar.ShuttingDown)
}

// Restart implements [sirdar.Supervisor]. The configuration is read first, and
// what was read is what the daemon restarts with.
func (s *Supervisor) Restart(ctx context.Context) error {
	if err := s.up(); err != nil {
		return err
	}
	return s.HangUp(ctx)
}

// HangUp is Restart as SIGHUP asks for it, which may come again while a restart is
// under way: what was read last is what the daemon restarts with.
func (s *Supervisor) HangUp(ctx context.Context) error {
	next, err := s.load()
	if err != nil {
		return err
	}
	if s.Prepare != nil {
		if err := s.Prepare(next); err != nil {
			return sirdar.NewFault(sirdar.CantReread, err.Error())
		}
	}
	return s.call(ctx, func() { s.restart(next) })
}

func (s *Supervisor) restart(next *config.Config) {
	if s.Mood() == sirdar.ShuttingDown {
		return
	}
	s.next = next
	s.leave(sirdar.Restarting)
}

// leave begins the end.
func (s *Supervisor) leave(mood sirdar.Mood) {
	s.setMood(mood)
	if s.farewell != nil {
		return
	}
	s.farewell = &farewell{entries: s.entries()}
	s.raise(event.SupervisorStopping())
	for _, e := range s.farewell.entries {
		s.arm(e) // what was to be started again is not
	}
	s.farewell.report(s, time.Now())
	s.stopInOrder(s.farewell.entries, s.bid, func() { s.farewell.last = true })
}

// bid asks one process to end for good.
func (s *Supervisor) bid(e *entry) {
	switch {
	case e.proc.State == sirdar.Backoff:
		s.step(e, process.GiveUp{})
	case e.converses():
		s.farewell.keep(e)
	case e.proc.State.IsRunning():
		s.step(e, process.Stop{})
	}
}

// next is when there is something to do for a farewell by itself.
func (f *farewell) next() time.Time {
	next := f.reported.Add(farewellInterval)
	if !f.patience.IsZero() {
		next = earlier(next, f.patience)
	}
	return next
}

// report says who is still there, at once and then every three seconds.
func (f *farewell) report(s *Supervisor, now time.Time) {
	if now.Sub(f.reported) < farewellInterval {
		return
	}
	f.reported = now
	var names []string
	for _, e := range f.entries {
		if !e.proc.State.IsStopped() {
			names = append(names, e.cfg.Name)
		}
	}
	if len(names) > 0 {
		s.log(sirdar.LevelInfo, fmt.Sprintf("waiting for %s to die", strings.Join(names, ", ")))
	}
}
