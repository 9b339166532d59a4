package supervise

import (
	"log/slog"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/config"
	"github.com/sirdar-project/sirdar/process"
)

// An entry is one process under supervision. Its configuration never changes: a
// changed configuration is another entry of another group.
type entry struct {
	cfg    *config.Process
	group  *group
	policy process.Policy
	out    [2]*output // by sirdar.Stream; nil where the program has no such output of its own

	// Owned by the loop.
	proc     process.Proc
	run      *run // the child, from the decision to start it until its last byte is read
	waiters  []waiter
	trouble  string    // why the last signal could not be sent
	reporter bool      // somebody waits for it to stop and wants the line that says so
	due      time.Time // when it next needs attention
	place    int       // 1 + its index in the alarms, 0 = not there

	published atomic.Pointer[process.Proc]
}

// A waiter is asked after each step of an entry; it answers whether it is done.
type waiter func() bool

// grace is how long the output of a dead child may take to be written before its
// death is told all the same. Only a log that blocks takes that long.
const grace = 2 * time.Second

// step gives an entry an input and does what follows from it.
func (s *Supervisor) step(e *entry, in process.Input) { s.stepAt(e, time.Now(), in) }

// stepAt is step for an input that happened at a time that may be past.
func (s *Supervisor) stepAt(e *entry, now time.Time, in process.Input) {
	was := e.proc.State
	var effects []process.Effect
	e.proc, effects = process.Step(e.proc, &e.policy, now, in, nil)
	proc := e.proc
	e.published.Store(&proc)
	s.count(was, proc.State)
	for _, effect := range effects {
		s.act(e, effect)
	}
	s.arm(e)
	s.ask(e)
}

// act does one effect.
func (s *Supervisor) act(e *entry, effect process.Effect) {
	switch effect := effect.(type) {
	case process.Spawn:
		s.spawn(e)
	case process.Kill:
		if err := s.kill(e, effect); err != nil {
			failed := process.KillFailed{Kill: effect, Err: err}
			e.trouble = process.KillTrouble(e.cfg.Name, failed)
			s.step(e, failed)
		}
	case process.Log:
		s.log(effect.Level, effect.Text)
	case process.Change:
		s.changed(e, effect)
	}
}

// kill sends a signal. A child that was reaped is gone, though its death is not
// told yet: its pid may be somebody else's by now.
func (s *Supervisor) kill(e *entry, k process.Kill) error {
	if e.run != nil && e.run.dead != nil {
		return syscall.ESRCH
	}
	return s.Host.Kill(k.PID, k.Signal, k.Group)
}

// count keeps the number of processes that a shutdown must wait for.
func (s *Supervisor) count(was, is sirdar.State) {
	if !was.IsStopped() {
		s.active--
	}
	if !is.IsStopped() {
		s.active++
	}
}

// arm sets the entry's alarm.
func (s *Supervisor) arm(e *entry) {
	s.alarms.set(e, s.nextDue(e))
}

func (s *Supervisor) nextDue(e *entry) time.Time {
	if r := e.run; r != nil && r.dead != nil {
		return r.end.Add(grace)
	}
	due := process.Next(&e.proc, &e.policy, s.Mood())
	if e.reporter && e.proc.State == sirdar.Stopping {
		due = earlier(due, e.proc.LastReport.Add(process.ReportEvery+1))
	}
	return due
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

// ask puts the question to everybody who waits for the entry.
func (s *Supervisor) ask(e *entry) {
	waiting := e.waiters
	e.waiters = nil
	for _, w := range waiting {
		if !w() {
			e.waiters = append(e.waiters, w)
		}
	}
	if len(e.waiters) == 0 {
		e.reporter = false
	}
}

// await adds a waiter, or not if it is done at once.
func (s *Supervisor) await(e *entry, w waiter) {
	if !w() {
		e.waiters = append(e.waiters, w)
	}
}

// settle does what has come due and sets the timer for what comes next.
func (s *Supervisor) settle() {
	now := time.Now()
	for e := s.alarms.next(); e != nil && !e.due.After(now); e = s.alarms.next() {
		s.attend(e, now)
	}
	nextTick := s.tick(now)
	s.dispatch()
	if s.farewell != nil {
		s.farewell.dismiss(s, now)
		s.farewell.report(s, now)
	}
	s.setTimer(now, nextTick)
}

// attend does what has come due for one entry.
func (s *Supervisor) attend(e *entry, now time.Time) {
	if r := e.run; r != nil && r.dead != nil {
		s.died(r) // its output takes too long; do not let that hide the death
		return
	}
	if e.reporter && e.proc.State == sirdar.Stopping {
		s.step(e, process.StopReport{})
	}
	s.step(e, process.Tick{Mood: s.Mood()})
	if e.place > 0 && !e.due.After(now) {
		// The tick changed nothing: the clock is not fine enough yet.
		s.alarms.set(e, now.Add(time.Millisecond))
	}
}

// setTimer arms the one timer for whatever comes first; due may be zero.
func (s *Supervisor) setTimer(now, due time.Time) {
	if e := s.alarms.next(); e != nil {
		due = earlier(due, e.due)
	}
	if s.farewell != nil {
		due = earlier(due, s.farewell.next())
	}
	if due.IsZero() {
		s.timer.Stop()
		return
	}
	s.timer.Reset(due.Sub(now))
}

// startAll lets every process see that the daemon is up, in start order.
func (s *Supervisor) startAll() {
	for _, e := range s.entries() {
		s.step(e, process.Tick{Mood: s.Mood()})
	}
}

func (s *Supervisor) log(level slog.Level, text string) { s.Log.Log(background, level, text) }
