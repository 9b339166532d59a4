// Package sirdar holds the words that every other package of Sirdar shares:
// the states of a process, the mood of the daemon, faults, selectors, and the
// one interface, [Supervisor], that the daemon implements and that the wires,
// the web page, supervisorctl and the fleet are written against.
//
// The words are Supervisor's own, with Supervisor's numbers. The package
// imports nothing of ours and does nothing by itself.
package sirdar

import (
	"context"
	"log/slog"
)

// APIVersion is the answer of supervisor.getAPIVersion: the version of the
// XML-RPC interface, which Supervisor has kept at 3.0 since 2008.
const APIVersion = "3.0"

// CompatVersion is the release of Supervisor whose behaviour is followed. It is
// what supervisord -v prints and getSupervisorVersion answers, because scripts
// compare it.
const CompatVersion = "4.4.0"

// Version is Sirdar's own version.
const Version = "0.1.0"

// Levels of the daemon's log, in slog's scale. Supervisor has seven; slog's four
// keep their values.
const (
	LevelCritical slog.Level = 12 // CRIT
	LevelError    slog.Level = 8  // ERRO
	LevelWarn     slog.Level = 4  // WARN
	LevelInfo     slog.Level = 0  // INFO
	LevelDebug    slog.Level = -4 // DEBG
	LevelTrace    slog.Level = -8 // TRAC
	LevelBlather  slog.Level = -12
)

// State is the state of one process.
type State int

// The states of a process, with the numbers clients see.
const (
	Stopped  State = 0
	Starting State = 10
	Running  State = 20
	Backoff  State = 30
	Stopping State = 40
	Exited   State = 100
	Fatal    State = 200
	Unknown  State = 1000
)

// String returns the state's name as clients see it: "RUNNING", "FATAL" …
func (s State) String() string {
	switch s {
	case Stopped:
		return "STOPPED"
	case Starting:
		return "STARTING"
	case Running:
		return "RUNNING"
	case Backoff:
		return "BACKOFF"
	case Stopping:
		return "STOPPING"
	case Exited:
		return "EXITED"
	case Fatal:
		return "FATAL"
	}
	return "UNKNOWN"
}

// IsStopped says whether nothing runs and nothing is tried: STOPPED, EXITED,
// FATAL or UNKNOWN. A group may be removed when all its processes are so.
func (s State) IsStopped() bool {
	return s == Stopped || s == Exited || s == Fatal || s == Unknown
}

// IsRunning says whether the process runs or is being tried: RUNNING, STARTING
// or BACKOFF. STOPPING is in neither set.
func (s State) IsRunning() bool {
	return s == Running || s == Backoff || s == Starting
}

// IsSignallable says whether there is a child to send a signal to.
func (s State) IsSignallable() bool {
	return s == Running || s == Starting || s == Stopping
}

// Mood is the state of the daemon itself.
type Mood int

// The moods, with the numbers clients see in getState.
const (
	ShuttingDown Mood = -1 // SHUTDOWN
	Restarting   Mood = 0  // RESTARTING
	Up           Mood = 1  // RUNNING
)

// String returns the mood's name as clients see it.
func (m Mood) String() string {
	switch m {
	case ShuttingDown:
		return "SHUTDOWN"
	case Restarting:
		return "RESTARTING"
	}
	return "RUNNING"
}

// Stream names one of a program's two outputs.
type Stream int

// The streams.
const (
	Stdout Stream = iota
	Stderr
)

// String returns "stdout" or "stderr".
func (s Stream) String() string {
	if s == Stderr {
		return "stderr"
	}
	return "stdout"
}

// About is what the daemon says of itself.
type About struct {
	Identifier string // [supervisord] identifier
	Version    string // getSupervisorVersion
	APIVersion string
	PID        int
	Mood       Mood
}

// ProcessInfo is one row of getAllProcessInfo: a process as it was at Now.
// Times are whole seconds since the epoch; zero means never.
type ProcessInfo struct {
	Name          string
	Group         string
	Start         int64 // the last start attempt
	Stop          int64 // the last time a child of it was reaped
	Now           int64
	State         State
	SpawnErr      string
	ExitStatus    int // 0 while unknown, -1 after a signal
	StdoutLogfile string
	StderrLogfile string
	PID           int // 0 when there is no child
	Description   string
}

// FullName returns the name that a user types: "name" when group and process are
// called the same, else "group:name".
func (p *ProcessInfo) FullName() string { return FullName(p.Group, p.Name) }

// ConfigInfo is one row of getAllConfigInfo: what the last parsed configuration
// says of a process.
type ConfigInfo struct {
	Autostart     bool
	Autorestart   string // "true", "false" or "unexpected"
	Directory     string // "none" if unset
	UID           int    // -1 if unset
	Command       string
	ExitCodes     []int
	Group         string
	GroupPriority int
	InUse         bool // the group is active
	KillAsGroup   bool
	Name          string
	Priority      int
	RedirectErr   bool
	StartRetries  int
	StartSecs     int
	Stdout        StreamInfo
	Stderr        StreamInfo
	StopSignal    int
	StopWaitSecs  int
	ServerURL     string // "none" if unset
}

// StreamInfo is the part of a ConfigInfo that exists once per output.
type StreamInfo struct {
	CaptureMaxBytes int64
	EventsEnabled   bool
	Logfile         string // a path, "none" or "auto"
	LogfileBackups  int
	LogfileMaxBytes int64
	Syslog          bool
}

// Result is what became of one process in an operation on several.
type Result struct {
	Name  string
	Group string
	Fault *Fault // nil means SUCCESS (80, "OK")
}

// Tail is the answer of the tailProcess*Log methods.
type Tail struct {
	Bytes    []byte
	Offset   int64 // the size of the log
	Overflow bool  // more was written than the caller asked for
}

// Changes is the answer of reloadConfig: names of groups.
type Changes struct {
	Added, Changed, Removed []string
}

// A Supervisor is the product: what can be asked of a node, whoever asks and
// from wherever. The daemon implements it; api.Client implements it over a wire.
//
// Every error that is the caller's or the program's doing is a [*Fault]; other
// errors mean that the node could not be reached. Unless said otherwise a method
// answers SHUTDOWN_STATE while the daemon is shutting down or restarting.
//
// Where a [Selector] names one process, its failure is returned as the error.
// Where it names a group or all, failures stand in the results, and processes to
// which the operation does not apply are left out.
type Supervisor interface {
	// About tells who answers.
	About(ctx context.Context) (About, error)

	// Info describes the selected processes, ordered by group and name.
	Info(ctx context.Context, sel Selector) ([]ProcessInfo, error)

	// Configs describes every process of the last parsed configuration, ordered
	// by process name.
	Configs(ctx context.Context) ([]ConfigInfo, error)

	// Start starts the selected processes; with wait it returns when each is
	// RUNNING or has failed.
	Start(ctx context.Context, sel Selector, wait bool) ([]Result, error)

	// Stop stops the selected processes, highest priority first, each priority
	// being gone before the next is signalled; with wait it returns when all are
	// stopped.
	Stop(ctx context.Context, sel Selector, wait bool) ([]Result, error)

	// Signal sends a signal, by name or number, to the selected processes.
	Signal(ctx context.Context, sel Selector, signal string) ([]Result, error)

	// SendStdin writes to the standard input of one process.
	SendStdin(ctx context.Context, sel Selector, chars string) error

	// SendEvent raises a REMOTE_COMMUNICATION event. It never faults for the mood.
	SendEvent(ctx context.Context, typ, data string) error

	// ReadLog reads from a process's log; offset and length as in
	// readProcessStdoutLog. The bytes are as the program wrote them.
	ReadLog(ctx context.Context, sel Selector, stream Stream, offset, length int64) ([]byte, error)

	// TailLog reads the end of a process's log as tailProcessStdoutLog does.
	TailLog(ctx context.Context, sel Selector, stream Stream, offset, length int64) (Tail, error)

	// FollowLog calls emit with the last 1,024 bytes of a log and then with every
	// new piece as it is written, across rotation and restarts, until ctx ends or
	// emit fails. The first call comes at once, with nothing if need be: it says
	// that the log is there. FollowLog faults with NO_FILE when there is no such
	// log. It works in every mood.
	FollowLog(ctx context.Context, sel Selector, stream Stream, emit func([]byte) error) error

	// ClearLogs empties both logs of the selected processes.
	ClearLogs(ctx context.Context, sel Selector) ([]Result, error)

	// ReadMainLog, FollowMainLog and ClearMainLog do the same for the daemon's
	// own log.
	ReadMainLog(ctx context.Context, offset, length int64) ([]byte, error)
	FollowMainLog(ctx context.Context, emit func([]byte) error) error
	ClearMainLog(ctx context.Context) error

	// Reread parses the configuration file again and says which groups differ
	// from the running ones. It changes nothing that runs; a file that cannot be
	// used is CANT_REREAD.
	Reread(ctx context.Context) (Changes, error)

	// AddGroup activates a group of the last parsed configuration, RemoveGroup
	// takes away one whose processes are all stopped.
	AddGroup(ctx context.Context, name string) error
	RemoveGroup(ctx context.Context, name string) error

	// Shutdown and Restart begin; they do not wait for the end. Restart faults
	// with CANT_REREAD, and changes nothing, when the configuration is wrong.
	Shutdown(ctx context.Context) error
	Restart(ctx context.Context) error
}
