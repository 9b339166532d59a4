package config

import (
	"log/slog"
	"syscall"
)

// A Config is everything that a configuration file and the command line said,
// with defaults filled in and expressions expanded. It is a value: nothing in it
// changes after Load, so that a reload that fails has changed nothing.
type Config struct {
	Path        string // absolute path of the main file
	Supervisord Supervisord
	Servers     []Server    // all inet servers in file order, then all unix ones
	Interfaces  []Interface // [rpcinterface:x] in file order
	Groups      []Group     // sorted by priority, then name
	Notes       []Note      // what is to be logged at start, in order
}

// A Note is a line for the main log that was gathered while reading: an included
// file, a deprecated setting.
type Note struct {
	Level slog.Level
	Text  string
}

// Supervisord is the [supervisord] section, merged with the command line.
type Supervisord struct {
	Logfile         string // absolute path, or "syslog"
	LogfileMaxBytes int64  // 0 = never rotate
	LogfileBackups  int
	LogLevel        slog.Level
	Pidfile         string // absolute
	Umask           int
	NoDaemon        bool
	Silent          bool
	MinFDs          int
	MinProcs        int
	NoCleanup       bool
	ChildLogDir     string
	User            *User // nil = stay who we are
	Directory       string
	StripANSI       bool
	Identifier      string
	Environment     []Var // for children only
}

// A User is a resolved user= setting.
type User struct {
	Name   string // as written
	UID    int
	GID    int
	Groups []int // primary group first, then every group that lists the user
}

// A Var is one variable of an environment= setting.
type Var struct{ Name, Value string }

// A Server is one [inet_http_server…] or [unix_http_server…] section.
type Server struct {
	Section  string // the section's whole name
	Network  string // "tcp" or "unix"
	Address  string // "host:port" as configured, host "" for all; or an absolute path
	Mode     uint32 // unix: permission bits
	UID      int    // unix: -1 = unchanged
	GID      int    // unix: -1 = unchanged
	Username string // "" = no authentication
	Password string // plain, or "{SHA}" and the hex SHA-1
}

// An Interface is one [rpcinterface:x] section.
type Interface struct {
	Name    string // the namespace: text after the colon
	Factory string // supervisor.rpcinterface_factory
	Options map[string]string
}

// GroupKind says what a group was made from.
type GroupKind int

// The kinds of groups.
const (
	ProgramGroup       GroupKind = iota // a [program:x] of its own
	HeterogeneousGroup                  // a [group:x]
	ListenerPool                        // an [eventlistener:x]
	FastCGIGroup                        // an [fcgi-program:x] of its own
)

// A Group is what addProcessGroup adds: processes that belong together.
type Group struct {
	Kind      GroupKind
	Name      string
	Priority  int
	Processes []Process // in start order

	// Of a ListenerPool.
	BufferSize    int
	Events        []string // upper case, as written
	ResultHandler string

	// Of a FastCGIGroup.
	Socket *Socket
}

// A Socket is the listening socket that the processes of a FastCGIGroup share.
type Socket struct {
	URL     string // as configured, expanded
	Network string // "tcp" or "unix"
	Address string
	Mode    uint32
	UID     int // -1 = unchanged
	GID     int // -1 = unchanged
	Backlog int
}

// Autorestart says when a process that exited is started again.
type Autorestart int

// The values of autorestart=.
const (
	RestartUnexpected Autorestart = iota // when the exit code is not in exitcodes
	RestartNever
	RestartAlways
)

// String returns "unexpected", "false" or "true".
func (a Autorestart) String() string {
	switch a {
	case RestartNever:
		return "false"
	case RestartAlways:
		return "true"
	}
	return "unexpected"
}

// A Process is one process of a [program:x], [fcgi-program:x] or
// [eventlistener:x] section, after numprocs has been unfolded.
type Process struct {
	Name         string
	Command      string // split into words at each start, not here
	Directory    string
	HasDirectory bool // directory= was given, be it empty
	Umask        int  // -1 = inherit
	Priority     int
	Autostart    bool
	Autorestart  Autorestart
	StartSecs    int
	StartRetries int
	ExitCodes    []int
	StopSignal   syscall.Signal
	StopWaitSecs int
	StopAsGroup  bool
	KillAsGroup  bool
	User         *User // nil = whoever supervisord is
	RedirectErr  bool
	Stdout       Log
	Stderr       Log
	Environment  []Var  // [supervisord] environment merged with the program's own
	ServerURL    string // "" and !HasServerURL = computed (AUTO)
	HasServerURL bool
}

// A Log is what a program's configuration says of one output.
type Log struct {
	Path            string // "" = no file
	Auto            bool   // AUTO: a file in childlogdir, named when the group is made
	MaxBytes        int64  // 0 = never rotate
	Backups         int
	Syslog          bool
	CaptureMaxBytes int64 // 0 = capture mode is off
	EventsEnabled   bool
}
