// Package process decides. It holds the state machine of one supervised process
// as a pure function: what came in and what time it is go in, the new state and
// the things to do come out. It has no clock, no goroutine and touches nothing;
// package supervise acts on what it decides.
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
}

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
	PID        int       // 0 while there is no child
	LastStart  time.Time // the last start attempt; zero = never
	LastStop   time.Time // the last time a child was reaped; zero = never
	Deadline   time.Time // STARTING: up at; BACKOFF: retry at; STOPPING: kill at
	Backoff    int       // failed starts in a row
	Killing    bool      // a stop was asked for and its child is not reaped yet
	SpawnErr   string    // why the last start failed; survives until the next one
	ExitStatus int       // exit code of the last run, -1 after a signal
	HasExited  bool      // ExitStatus is known
	LastReport time.Time // the last "waiting for x to stop" line
}

// An Input is something that happened to a process. Inputs are a closed set.
type Input interface{ input() }

// The inputs.
type (
	// Tick says that time has passed, or that the daemon's mood changed.
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

	// KillFailed answers a Kill that failed with anything but ESRCH.
	KillFailed struct{ Err error }

	// StopReport says that somebody waits for the process to stop, and asks for
	// the line that says so.
	StopReport struct{}
)

// An Effect is something to do. Effects are done in order.
type Effect interface{ effect() }

// The effects.
type (
	// Spawn asks for a child; exactly one Born or NotBorn answers it.
	Spawn struct{}

	// Kill asks for a signal to the child, or to its process group.
	Kill struct {
		PID    int
		Signal syscall.Signal
		Group  bool
	}

	// Change says that the state changed. It is the PROCESS_STATE event.
	Change struct {
		From, To sirdar.State
		PID      int
		Tries    int  // BACKOFF, STARTING, FATAL: the count of failed starts
		Expected bool // EXITED: the exit was expected
	}

	// Log is a line for the main log.
	Log struct {
		Level slog.Level
		Text  string
	}
)
