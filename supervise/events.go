package supervise

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/event"
	"github.com/sirdar-project/sirdar/process"
)

// newPool makes the buffer of a group of event listeners.
func (s *Supervisor) newPool(g *group) *event.Pool {
	return &event.Pool{
		Name:   g.cfg.Name,
		Server: s.conf.Load().Supervisord.Identifier,
		Types:  g.cfg.Events,
		Size:   g.cfg.BufferSize,
		Say:    s.log,
	}
}

// joined tells that a group is one of ours. A pool hears of itself and of those
// that come after it.
func (s *Supervisor) joined(g *group) {
	if g.pool != nil {
		s.pools = append(s.pools, g)
		s.subscribe()
	}
	s.raise(event.GroupAdded(g.cfg.Name))
}

// left tells that it no longer is. What its pool has not delivered is forgotten.
func (s *Supervisor) left(g *group) {
	s.pools = slices.DeleteFunc(s.pools, func(p *group) bool { return p == g })
	s.subscribe()
	s.raise(event.GroupRemoved(g.cfg.Name))
}

// subscribe notes what all pools together want to hear of.
func (s *Supervisor) subscribe() {
	var all []string
	for _, g := range s.pools {
		all = append(all, g.pool.Types...)
	}
	s.subscriptions.Store(&all)
}

// wanted says whether any pool wants to hear of a type. Anybody may ask.
func (s *Supervisor) wanted(typ string) bool {
	all := s.subscriptions.Load()
	return all != nil && slices.ContainsFunc(*all, func(t string) bool { return event.Covers(t, typ) })
}

// raise leaves an event with the pools that want it. They deliver at the end of
// the loop's turn.
func (s *Supervisor) raise(e *event.Event) {
	for _, g := range s.pools {
		g.pool.Offer(e, s.Numbers)
	}
}

// changed raises the event of a change of state.
func (s *Supervisor) changed(e *entry, c process.Change) {
	if len(s.pools) == 0 {
		return
	}
	s.raise(event.State(event.Change{
		Process: e.cfg.Name, Group: e.group.cfg.Name,
		From: c.From, To: c.To, PID: c.PID, Tries: c.Tries, Expected: c.Expected,
	}))
}

// SendEvent implements [sirdar.Supervisor]. When nobody is left to hear of it, the
// event is gone.
func (s *Supervisor) SendEvent(ctx context.Context, typ, data string) error {
	err := s.call(ctx, func() { s.raise(event.Remote(typ, data)) })
	if errors.Is(err, &sirdar.Fault{Code: sirdar.ShutdownState}) {
		return nil
	}
	return err
}

// ticks is when each period of [event.TickPeriods] was last seen to begin, in
// seconds since the epoch; 0 = nobody wants to know.
type ticks [len(event.TickPeriods)]int64

// tick raises the TICK events that are due and returns when the next one is, zero
// if nobody wants any. Periods that were slept through make one event.
func (s *Supervisor) tick(now time.Time) (next time.Time) {
	for i, period := range event.TickPeriods {
		if !s.wanted(event.TickType(period)) {
			s.ticks[i] = 0
			continue
		}
		began := now.Unix() / period * period
		if s.ticks[i] != 0 && s.ticks[i] != began {
			s.raise(event.Tick(period, began))
		}
		s.ticks[i] = began
		next = earlier(next, now.Add(time.Unix(began+period, 0).Sub(now)))
	}
	return next
}

// mostOverheard is how many bytes of memory the events of programs' output may take
// that are on their way to the pools. The pump never waits for the loop: what goes
// beyond is counted and discarded, and no program's log feels anything of it.
const mostOverheard = 16 << 20

// eventBytes is about what an event takes beside its data.
const eventBytes = 256

// A hearsay is what the pump's workers have told the loop and it has not heard yet.
type hearsay struct {
	bytes atomic.Int64
	lost  atomic.Int64 // events
}

// overheard raises an event with n bytes of data from outside the loop.
func (s *Supervisor) overheard(e *event.Event, n int) {
	h, size := &s.hearsay, int64(n)+eventBytes
	if h.bytes.Add(size) > mostOverheard {
		h.bytes.Add(-size)
		h.lost.Add(1)
		return
	}
	s.inbox.post(func() {
		h.bytes.Add(-size)
		if lost := h.lost.Swap(0); lost > 0 {
			s.log(sirdar.LevelError, fmt.Sprintf("%d events of programs' output were discarded: they came faster than they could be told", lost))
		}
		s.raise(e)
	})
}
