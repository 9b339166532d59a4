package process

import (
	"log/slog"
	"syscall"
	"time"

	"github.com/sirdar-project/sirdar"
)

// Policy is what the configuration says of a process, as far as decisions need it.
type Policy struct {
	Name         string // for log lines
	Autostart    bool
	Autorestart  Autorestart
	StartSecs    int
	StartRetries int
	ExitCodes    []int
	StopSignal   syscall.Signal
	StopWaitSecs int
	StopAsGroup  bool
	KillAsGroup  bool

	// Pause replaces the constant [Pause] when it is not zero. A negative one
	// means no pause at all, which is what Supervisor's own class does: there the
	// main loop's poll once a second is the pause.
	Pause time.Duration
}

// Pause is the least time between the start of a process and its restart after
// an exit, and between two SIGKILLs. Without it a program that exits at once with
// startsecs=0 would be a fork storm, and stopwaitsecs=0 a storm of signals.
const Pause = time.Second

// ReportEvery is the time that must have passed before another "waiting for x to
// stop" is logged.
const ReportEvery = 2 * time.Second

// Autorestart says when a process that exited is started again.
type Autorestart int

// The values of autorestart=.
const (
	RestartUnexpected Autorestart = iota // when the exit code is not in exitcodes
	RestartNever
	RestartAlways
)

// A Proc is one process at one moment. It is a value: Step returns the next one.
// The zero Proc is a process that was never started.
type Proc struct {
	State      sirdar.State
	PID        int       // 0 while there is no child; STARTING or STOPPING with 0: the child is being born
	LastStart  time.Time // the birth of the last child, or the attempt; zero = never
	LastStop   time.Time // the last time a child was reaped; zero = never
	Deadline   time.Time // BACKOFF: retry after; STOPPING: SIGKILL at; else meaningless
	Backoff    int       // failed starts in a row
	Killing    bool      // a stop was asked for and its child is not reaped yet
	SpawnErr   string    // why the last start or run failed; survives until the next start
	ExitStatus int       // exit code of the last run, -1 after a signal
	HasExited  bool      // ExitStatus is known
	LastReport time.Time // the last "waiting for x to stop" line; zero = none since the stop was asked for
}

// An Input is something that happened to a process. Inputs are a closed set.
type Input interface{ input() }

// The inputs.
type (
	// Tick says that time has passed, or that the daemon's mood changed. In a
	// mood other than [sirdar.Up] nothing is started by itself.
	Tick struct{ Mood sirdar.Mood }

	// Start is a request to start.
	Start struct{}

	// Born answers a Spawn: the child exists.
	Born struct{ PID int }

	// NotBorn answers a Spawn: there is no child, and why.
	NotBorn struct{ Err string }

	// Died says that the child was reaped. The wait status is the kernel's.
	Died struct{ Status syscall.WaitStatus }

	// Stop is a request to stop.
	Stop struct{}

	// GiveUp is a stop during shutdown of a process in BACKOFF.
	GiveUp struct{}

	// Signal is a request to send a signal without the intention to stop.
	Signal struct{ Signal syscall.Signal }

	// KillFailed answers a Kill that failed, and hands it back. Err may be
	// ESRCH: the child has just died and nobody has reaped it yet.
	KillFailed struct {
		Kill Kill
		Err  error
	}

	// StopReport says that somebody waits for the process to stop, and asks for
	// the line that says so.
	StopReport struct{}
)

func (Tick) input()       {}
func (Start) input()      {}
func (Born) input()       {}
func (NotBorn) input()    {}
func (Died) input()       {}
func (Stop) input()       {}
func (GiveUp) input()     {}
func (Signal) input()     {}
func (KillFailed) input() {}
func (StopReport) input() {}

// An Effect is something to do. Effects are a closed set and are done in order.
type Effect interface{ effect() }

// The effects.
type (
	// Spawn asks for a child; exactly one Born or NotBorn answers it, at once or
	// later. A Stop may come in between.
	Spawn struct{}

	// Kill asks for a signal to the child, or to its process group. When it fails
	// a KillFailed must answer it.
	Kill struct {
		PID     int
		Signal  syscall.Signal
		Group   bool
		Request bool // it is a Signal's, not a stop's
	}

	// Change says that the state changed. It is the PROCESS_STATE event.
	Change struct {
		From, To sirdar.State
		PID      int  // the child that it is about; 0 = none
		Tries    int  // failed starts in a row, as the STARTING and BACKOFF events tell
		Expected bool // EXITED: the exit was expected
	}

	// Log is a line for the main log.
	Log struct {
		Level slog.Level
		Text  string
	}
)

func (Spawn) effect()  {}
func (Kill) effect()   {}
func (Change) effect() {}
func (Log) effect()    {}
