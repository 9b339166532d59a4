package supervise

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/event"
	"github.com/sirdar-project/sirdar/process"
	"github.com/sirdar-project/sirdar/pump"
	"github.com/sirdar-project/sirdar/spawn"
)

var background = context.Background()

// A run is one life of one child: from the decision to start it, through its
// birth and death, until the last byte of its output has been written.
type run struct {
	e        *entry
	born     bool
	opened   bool          // its logs are open
	socket   *sharedSocket // its standard input, if its group has one
	pid      int
	stdin    *stdin
	listener *event.Listener     // what it says, if it is an event listener
	streams  [2]*pump.Stream     // by sirdar.Stream; nil once ended
	dead     *syscall.WaitStatus // reaped, output not yet complete
	end      time.Time           // when dead: when it was reaped
}

// spawn begins a run. The clerk prepares it, a starter of the host starts it.
func (s *Supervisor) spawn(e *entry) {
	e.run = &run{e: e}
	s.unborn++
	s.outgoing.add(e.run)
}

// unbornAtOnce is how many children may be on their way at once. They keep the
// host's starters busy; more would only hold descriptors, of their logs, that
// those before them need to be born.
const unbornAtOnce = 16

// prepare is the clerk's work: find the command, open the logs, hand over.
func (s *Supervisor) prepare(r *run) {
	s.cradles <- struct{}{}
	spec, err := s.spec(r.e)
	if err == nil {
		err = r.open(spec)
	}
	if err != nil {
		s.inbox.post(func() { s.delivered(r, spawn.Born{Err: err}) })
		return
	}
	s.Host.Spawn(spec, func(b spawn.Born) {
		s.inbox.post(func() { s.delivered(r, b) })
	})
}

// open opens what the child needs: its logs, and the socket of its group.
func (r *run) open(spec *spawn.Spec) error {
	if err := r.e.openLogs(); err != nil {
		return err
	}
	r.opened = true
	if k := r.e.group.socket; k != nil {
		fd, err := k.acquire()
		if err != nil {
			return err
		}
		spec.Stdin, r.socket = fd, k
	}
	return nil
}

// letGo gives up the socket: there is no child that needs it.
func (r *run) letGo() {
	if r.socket != nil {
		r.socket.release()
		r.socket = nil
	}
}

// openLogs opens the log files of a process. An error leaves none open.
func (e *entry) openLogs() error {
	for i, o := range e.out {
		if o == nil {
			continue
		}
		if err := o.acquire(); err != nil {
			for _, opened := range e.out[:i] {
				opened.release()
			}
			if errors.Is(err, syscall.EMFILE) {
				return fmt.Errorf("too many open files to spawn %s", quoted(e.cfg.Name))
			}
			return fmt.Errorf("unknown error making dispatchers for %s: %s", quoted(e.cfg.Name), spawn.ErrnoName(err))
		}
	}
	return nil
}

// closeLogs closes them again when there is no child to write to them.
func (e *entry) closeLogs() {
	for _, o := range e.out {
		if o != nil {
			o.release()
		}
	}
}

// delivered takes the answer to a start.
func (s *Supervisor) delivered(r *run, b spawn.Born) {
	e := r.e
	s.unborn--
	r.born = true
	if b.Err != nil && r.opened {
		e.closeLogs()
	}
	<-s.cradles
	if b.Err != nil {
		r.letGo()
		e.run = nil
		s.step(e, process.NotBorn{Err: b.Err.Error()})
		return
	}
	r.pid = b.PID
	s.pids[b.PID] = r
	r.stdin = newStdin(b.Stdin)
	if e.group.pool != nil {
		r.listener = event.NewListener(e.cfg.Name, s.log)
	}
	s.connect(r, sirdar.Stdout, b.Stdout)
	s.connect(r, sirdar.Stderr, b.Stderr)
	s.step(e, process.Born{PID: b.PID})
	if status, ok := s.early[b.PID]; ok {
		delete(s.early, b.PID)
		s.reaped(r, status)
	}
	if s.unborn == 0 {
		s.reportOrphans()
	}
}

// connect leads one of the child's pipes to its log.
func (s *Supervisor) connect(r *run, which sirdar.Stream, fd int) {
	if fd < 0 {
		return
	}
	o := r.e.out[which]
	stream, err := s.watch(r, o, fd, func() {
		s.inbox.post(func() { s.ended(r, which) })
	})
	if err != nil {
		s.log(sirdar.LevelCritical, fmt.Sprintf("cannot watch the %s of %s: %v; its output is lost", which, quoted(r.e.cfg.Name), err))
		o.release()
		return
	}
	r.streams[which] = stream
}

// watch has the pump read one of the child's pipes; end is called after its last
// byte.
func (s *Supervisor) watch(r *run, o *output, fd int, end func()) (*pump.Stream, error) {
	if r.listener != nil && o.stream == sirdar.Stdout {
		return s.Pump.AddPrompt(fd, &voice{output: o, r: r, end: end})
	}
	return s.Pump.Add(fd, newTap(o, r.pid, end))
}

// reap collects the dead. The pid is ours from fork to wait, and only here does
// anybody wait: a death that is heard before its birth is kept until the birth is
// heard too, and what is left is an orphan that was given to us.
func (s *Supervisor) reap() {
	for _, death := range s.Host.Reap(0) {
		r := s.pids[death.PID]
		switch {
		case r != nil:
			s.reaped(r, death.Status)
		case s.unborn > 0:
			s.early[death.PID] = death.Status
		default:
			s.reportOrphan(death.PID, death.Status)
		}
	}
}

func (s *Supervisor) reportOrphans() {
	for pid, status := range s.early {
		s.reportOrphan(pid, status)
	}
	clear(s.early)
}

func (s *Supervisor) reportOrphan(pid int, status syscall.WaitStatus) {
	s.log(sirdar.LevelInfo, fmt.Sprintf("reaped unknown pid %d (%s)", pid, process.ExitText(status)))
}

// reaped notes a death and has the rest of the output read. The death is told
// when the output is complete, so that whoever sees EXITED finds the whole log.
func (s *Supervisor) reaped(r *run, status syscall.WaitStatus) {
	delete(s.pids, r.pid)
	r.dead, r.end = &status, time.Now()
	r.stdin.close()
	r.letGo()
	for _, stream := range r.streams {
		if stream != nil {
			stream.Finish()
		}
	}
	if r.quiet() {
		s.died(r)
		return
	}
	s.slow[r] = true
	s.arm(r.e)
}

// ended hears that a pipe was read to its end.
func (s *Supervisor) ended(r *run, which sirdar.Stream) {
	r.streams[which] = nil
	if r.dead == nil || !r.quiet() {
		return
	}
	delete(s.slow, r)
	if r.e.run == r {
		s.died(r)
	}
}

// abandon gives up the output that a log has not taken although its program is
// long dead: the daemon is about to end, and the pump waits for its sinks.
func (s *Supervisor) abandon() {
	for r := range s.slow {
		for _, o := range r.e.out {
			if o != nil && o.file != nil {
				o.file.Close()
			}
		}
	}
}

func (r *run) quiet() bool { return r.streams[0] == nil && r.streams[1] == nil }

// died tells a death.
func (s *Supervisor) died(r *run) {
	e := r.e
	e.run = nil
	s.stepAt(e, r.end, process.Died{Status: *r.dead})
	s.silenced(r)
}
