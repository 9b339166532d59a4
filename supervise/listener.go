package supervise

import (
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/config"
	"github.com/sirdar-project/sirdar/event"
	"github.com/sirdar-project/sirdar/internal/pytext"
	"github.com/sirdar-project/sirdar/logfile"
	"github.com/sirdar-project/sirdar/process"
)

// A voice takes what one run of an event listener writes on its standard output: to
// its log, and to the loop, which finds out what it means. It is the pump's sink.
type voice struct {
	*output
	r    *run
	deaf atomic.Bool // the listener has broken the protocol: nobody hears it any more
	end  func()
}

// Chunk takes what was read from the pipe.
func (v *voice) Chunk(p []byte) {
	if v.s.Log.Enabled(background, sirdar.LevelDebug) {
		v.s.log(sirdar.LevelDebug, fmt.Sprintf("%s %s output:\n%s", quoted(v.process), v.stream, pytext.ReprBytes(p)))
	}
	if !v.deaf.Load() {
		words := slices.Clone(p)
		v.s.inbox.post(func() { v.s.spoken(v, words) })
	}
	if v.s.strip.Load() {
		p = logfile.StripANSI(p)
	}
	if v.file != nil {
		v.file.Write(p) // trouble is the file's own business; it never stops us
	}
}

// End says that the pipe was read to its end.
func (v *voice) End() {
	v.release()
	v.end()
}

// spoken hears what a listener says. An event that it rejects goes back to its pool,
// and to no other.
func (s *Supervisor) spoken(v *voice, words []byte) {
	l := v.r.listener
	if d := l.Heard(words); d != nil {
		v.r.e.group.pool.Return(*d)
	}
	v.deaf.Store(l.State() == event.Unknown)
}

// silenced puts back what a listener that has ended was busy with.
func (s *Supervisor) silenced(r *run) {
	if r.listener == nil {
		return
	}
	if d := r.listener.Gone(); d != nil {
		r.e.group.pool.Return(*d)
	}
}

// dispatch hands the events that wait to the listeners that wait for them.
func (s *Supervisor) dispatch() {
	for _, g := range s.pools {
		for slices.ContainsFunc(g.entries, (*entry).listens) {
			d, ok := g.pool.Take()
			if !ok {
				break
			}
			if !s.deliver(g, d) {
				g.pool.Return(d)
				break
			}
		}
	}
}

// listens says whether the process can be given an event.
func (e *entry) listens() bool {
	return e.proc.State == sirdar.Running && e.run != nil && e.run.listener != nil && e.run.listener.State() == event.Ready
}

// deliver gives an event to the first listener of a pool that can take it.
func (s *Supervisor) deliver(g *group, d event.Delivery) bool {
	envelope := g.pool.Envelope(d)
	for _, e := range g.entries {
		if !e.listens() {
			continue
		}
		if err := e.run.stdin.write(envelope); err != nil {
			s.log(sirdar.LevelDebug, fmt.Sprintf("epipe occurred while sending event %d to listener %s, listener state unchanged", d.Serial(), e.cfg.Name))
			continue
		}
		e.run.listener.Sent(d)
		return true
	}
	return false
}

// listenerStdout is what counts of the configuration of a listener's standard
// output: it is a conversation, which is kept in a log and nothing else.
func listenerStdout(log config.Log) config.Log {
	log.CaptureMaxBytes, log.EventsEnabled, log.Syslog = 0, false, false
	return log
}

// converses says whether the process is a listener that can still be told something.
func (e *entry) converses() bool {
	return e.proc.State == sirdar.Running && e.run != nil && e.run.listener != nil && e.run.listener.State() != event.Unknown
}

// lastWords is how long a listener has, at the end, to hear of the end of others.
const lastWords = time.Second

// keep lets a listener live until it has heard everything, for a while.
func (f *farewell) keep(e *entry) {
	f.listeners = append(f.listeners, e)
	if f.patience.IsZero() {
		f.patience = time.Now().Add(lastWords)
	}
}

// dismiss stops the listeners that were kept, once they have heard everything.
func (f *farewell) dismiss(s *Supervisor, now time.Time) {
	if len(f.listeners) == 0 || now.Before(f.patience) && slices.ContainsFunc(f.listeners, (*entry).hasMoreToHear) {
		return
	}
	list := f.listeners
	f.listeners, f.patience = nil, time.Time{}
	for _, e := range list {
		if e.proc.State.IsRunning() {
			s.step(e, process.Stop{})
		}
	}
}

// hasMoreToHear says whether an event is on its way to a listener, or will be.
func (e *entry) hasMoreToHear() bool {
	return e.converses() && (e.run.listener.State() == event.Busy || e.group.pool.Waiting() > 0)
}
