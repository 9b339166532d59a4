// Package supervise acts. One goroutine, the loop, owns every process, group and
// timer: it asks package process what to do, and does it. Everybody else reads
// what the loop has published and sends it requests.
//
// What must not happen in the loop is anything that can block. Log files are
// opened and commands looked up by the clerk, children are started by the host's
// starters, bytes are moved by the pump, log files are read by the goroutine of
// the request.
package supervise

import (
	"context"
	"log/slog"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/config"
	"github.com/sirdar-project/sirdar/event"
	"github.com/sirdar-project/sirdar/logfile"
	"github.com/sirdar-project/sirdar/pump"
	"github.com/sirdar-project/sirdar/spawn"
)

// A Host is the operating system as the loop sees it.
type Host interface {
	// Spawn starts a child and calls done with the answer, not in the caller's
	// goroutine. Children are started in the order of the calls.
	Spawn(spec *spawn.Spec, done func(spawn.Born))

	// Kill sends a signal to a child or to its process group.
	Kill(pid int, sig syscall.Signal, group bool) error

	// Reap collects the children that have died, at most max of them (0 = all).
	// It never blocks.
	Reap(max int) []spawn.Death

	// Wake receives when a child may have died.
	Wake() <-chan struct{}
}

// Options is what a Supervisor is made from.
type Options struct {
	Config  *config.Config
	Load    func() (*config.Config, error) // reads the configuration again
	Prepare func(*config.Config) error     // makes sure that a restart with it can work; may be nil
	Host    Host
	Pump    *pump.Pump // moves the children's output
	Log     *slog.Logger
	MainLog *logfile.File   // the file behind Log; nil when it goes to syslog
	Flush   func()          // brings what was logged to MainLog; may be nil
	Syslog  *logfile.Syslog // where std*_syslog=true goes
	Environ []string        // supervisord's own environment, for the children
	Numbers *event.Numbers  // of the events; those of an earlier life go on. nil = they begin

	// Descriptors is how many descriptors this process may hold; 0 is more than it
	// will ever need.
	Descriptors uint64
}

// A Supervisor runs the programs of one configuration. It implements
// [sirdar.Supervisor].
type Supervisor struct {
	Options
	conf          atomic.Pointer[config.Config] // the last parsed configuration
	outgoing      *clerk
	cradles       chan struct{} // a token for each child on its way, see unbornAtOnce
	inbox         *inbox
	gone          chan struct{} // closed when the loop has ended
	strip         atomic.Bool   // strip_ansi
	mood          atomic.Int32
	subscriptions atomic.Pointer[[]string] // of all pools of event listeners
	groups        atomic.Pointer[[]*group] // in activation order
	budget        *logfile.Budget          // of the descriptors of the programs' logs
	hearsay       hearsay
	baseEnv       []string // supervisord's own environment and SUPERVISOR_ENABLED
	path          string   // supervisord's own PATH
	url           string

	// Owned by the loop.
	pids     map[int]*run
	early    map[int]syscall.WaitStatus // deaths whose birth has not been reported
	unborn   int                        // births that have not been reported
	slow     map[*run]bool              // dead, but their last output is not written yet
	active   int                        // processes that are not in a stopped state
	alarms   alarms
	timer    *time.Timer
	ticks    ticks
	pools    []*group // those of event listeners, in the order in which they came
	farewell *farewell
	next     *config.Config // what Run returns: the configuration to restart with
}

// New makes a Supervisor and its groups; empty AUTO logs are created. Nothing is
// started before Run.
func New(o Options) (*Supervisor, error) {
	s := &Supervisor{
		Options: o,
		inbox:   newInbox(),
		budget:  logfile.NewBudget(openLogs(o.Descriptors)),
		cradles: make(chan struct{}, unbornAtOnce),
		gone:    make(chan struct{}),
		pids:    make(map[int]*run),
		early:   make(map[int]syscall.WaitStatus),
		slow:    make(map[*run]bool),
		url:     config.ServerURL(o.Config.Servers),
	}
	if s.Numbers == nil {
		s.Numbers = new(event.Numbers)
	}
	s.outgoing = newClerk(s.prepare)
	s.conf.Store(o.Config)
	s.strip.Store(o.Config.Supervisord.StripANSI)
	s.setMood(sirdar.Up)
	s.baseEnv = overlay(o.Environ, []string{"SUPERVISOR_ENABLED=1"})
	s.path = lookupEnv(o.Environ, "PATH")
	s.groups.Store(new([]*group))
	for i := range o.Config.Groups {
		if s.group(o.Config.Groups[i].Name) != nil {
			continue // a second group of the same name is dropped, as Supervisor does
		}
		g, err := s.newGroup(&o.Config.Groups[i])
		if err != nil {
			return nil, err
		}
		s.publishGroups(append(s.groupList(), g))
		s.joined(g)
	}
	return s, nil
}

// Run supervises until a shutdown or a restart is complete and every child is
// gone. It returns the configuration to go on with, nil after a shutdown.
func (s *Supervisor) Run() *config.Config {
	s.timer = time.NewTimer(time.Hour)
	s.timer.Stop()
	s.raise(event.SupervisorRunning())
	s.startAll()
	s.settle()
	for !s.finished() {
		select {
		case <-s.inbox.wake:
			s.inbox.drain()
		case <-s.Host.Wake():
			s.reap()
		case <-s.timer.C:
		}
		s.settle()
	}
	close(s.gone)
	s.abandon()
	s.outgoing.close()
	return s.next
}

// finished says whether there is nothing left to wait for.
func (s *Supervisor) finished() bool {
	return s.farewell != nil && s.farewell.last && s.active == 0 && s.unborn == 0
}

// call runs f in the loop and waits until it has.
func (s *Supervisor) call(ctx context.Context, f func()) error {
	done := make(chan struct{})
	s.inbox.post(func() { f(); close(done) })
	select {
	case <-done:
		return nil
	case <-s.gone:
		return sirdar.NewFault(sirdar.ShutdownState, "")
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Mood says what the daemon is doing.
func (s *Supervisor) Mood() sirdar.Mood { return sirdar.Mood(s.mood.Load()) }

func (s *Supervisor) setMood(m sirdar.Mood) { s.mood.Store(int32(m)) }

// up returns the SHUTDOWN_STATE fault unless the daemon is up.
func (s *Supervisor) up() error {
	if s.Mood() != sirdar.Up {
		return sirdar.NewFault(sirdar.ShutdownState, "")
	}
	return nil
}
