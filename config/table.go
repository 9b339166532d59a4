package config

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"syscall"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/internal/pytext"
)

// The types of values, in the words of the documentation.
const (
	typeInt     = "integer"
	typeBool    = "boolean"
	typeSize    = "bytes (suffix KB, MB or GB)"
	typeOctal   = "octal number"
	typeText    = "text"
	typeFile    = "file in an existing directory"
	typeDir     = "existing directory"
	typeLevel   = "critical, error, warn, info, debug, trace or blather"
	typeUser    = "user name or number"
	typeOwner   = "user or user:group"
	typeVars    = "KEY=\"value\",…"
	typeLogFile = "file, AUTO, NONE or SYSLOG"
	typeList    = "list with commas"
	typeCommand = "command line"
)

// defaultHandler is the only result_handler that there is without Python.
const defaultHandler = "supervisor.dispatchers:default_handler"

// table holds every option. Within a section the order is that in which they are
// read: the first error is the one that is reported.
var table = slices.Concat(
	includeOptions,
	supervisordOptions,
	serverOptions,
	interfaceOptions,
	groupOptions,
	listenerOptions,
	fastcgiOptions,
	programOptions,
	logOptions("stdout", func(t *target) *Log { return &t.proc.Stdout }),
	logOptions("stderr", func(t *target) *Log { return &t.proc.Stderr }),
	commandOptions,
	ctlOptions,
)

var includeOptions = []Option{{
	Key: "files", In: InInclude, Type: "patterns with blanks between them", Names: HereNames, label: true, raw: true,
	Required: ".ini file has [include] section, but no files setting",
	Sample:   "relative/directory/*.ini",
	Doc:      "more files to read, relative to this one; * ? and [] are patterns",
	set:      setText(func(t *target) *string { return t.files }),
}}

var supervisordOptions = []Option{
	{
		Key: "minfds", In: InSupervisord, Type: typeInt, Default: "1024", Names: HereNames, Active: true,
		Short: "a", Long: "minfds", Arg: "NUM",
		Doc: "descriptors that must be available to start",
		set: setInt(func(t *target) *int { return &t.sup.MinFDs }),
	}, {
		Key: "minprocs", In: InSupervisord, Type: typeInt, Default: "200", Names: HereNames, Active: true,
		Long: "minprocs", Arg: "NUM",
		Doc: "processes that must be available to start",
		set: setInt(func(t *target) *int { return &t.sup.MinProcs }),
	}, {
		Key: "directory", In: InSupervisord, Type: typeDir, Names: HereNames, Sample: "/tmp",
		Short: "d", Long: "directory", Arg: "DIRECTORY",
		Doc: "where to go when daemonizing; default: stay",
		set: setPath((*Host).existingDirectory, func(t *target) *string { return &t.sup.Directory }),
	}, {
		Key: "user", In: InSupervisord, Type: typeUser, Names: HereNames, Sample: "supervisord",
		Short: "u", Long: "user", Arg: "USER",
		Doc: "become this user; needed when started as root",
		set: func(t *target, text string) error {
			*t.user = text
			return nil
		},
	}, {
		Key: "umask", In: InSupervisord, Type: typeOctal, Default: "022", Names: HereNames,
		Short: "m", Long: "umask", Arg: "UMASK",
		Doc: "file creation mask once daemonized",
		set: set(octal, func(t *target) *int { return &t.sup.Umask }),
	}, {
		Key: "logfile", In: InSupervisord, Type: typeFile, Default: "supervisord.log", Names: HereNames,
		Sample: "/tmp/supervisord.log", Active: true,
		Short: "l", Long: "logfile", Arg: "FILENAME",
		Doc: "main log file, or syslog",
		set: setPath((*Host).existingDirpath, func(t *target) *string { return &t.sup.Logfile }),
	}, {
		Key: "logfile_maxbytes", In: InSupervisord, Type: typeSize, Default: "50MB", Names: HereNames, Active: true,
		Short: "y", Long: "logfile_maxbytes", Arg: "BYTES",
		Doc: "size at which the main log is rotated; 0 = never",
		set: setSize(func(t *target) *int64 { return &t.sup.LogfileMaxBytes }),
	}, {
		Key: "logfile_backups", In: InSupervisord, Type: typeInt, Default: "10", Names: HereNames, Active: true,
		Short: "z", Long: "logfile_backups", Arg: "NUM",
		Doc: "rotated main logs that are kept",
		set: setInt(func(t *target) *int { return &t.sup.LogfileBackups }),
	}, {
		Key: "loglevel", In: InSupervisord, Type: typeLevel, Default: "info", Names: HereNames, Active: true,
		Short: "e", Long: "loglevel", Arg: "LEVEL",
		Doc: "what the main log is told",
		set: setLevel(func(t *target) *slog.Level { return &t.sup.LogLevel }),
	}, {
		Key: "pidfile", In: InSupervisord, Type: typeFile, Default: "supervisord.pid", Names: HereNames,
		Sample: "/tmp/supervisord.pid", Active: true,
		Short: "j", Long: "pidfile", Arg: "FILENAME",
		Doc: "file that tells our pid",
		set: setPath((*Host).existingDirpath, func(t *target) *string { return &t.sup.Pidfile }),
	}, {
		Key: "identifier", In: InSupervisord, Type: typeText, Default: "supervisor", Names: HereNames,
		Short: "i", Long: "identifier", Arg: "STR",
		Doc: "name of this supervisord, part of AUTO log names",
		set: setText(func(t *target) *string { return &t.sup.Identifier }),
	}, {
		Key: "nodaemon", In: InSupervisord, Type: typeBool, Default: "false", Names: HereNames, Active: true,
		Short: "n", Long: "nodaemon",
		Doc: "stay in the foreground",
		set: setBool(func(t *target) *bool { return &t.sup.NoDaemon }),
	}, {
		Key: "silent", In: InSupervisord, Type: typeBool, Default: "false", Names: HereNames, Active: true,
		Short: "s", Long: "silent",
		Doc: "in the foreground, do not log to stdout as well",
		set: setBool(func(t *target) *bool { return &t.sup.Silent }),
	}, {
		Key: "childlogdir", In: InSupervisord, Type: typeDir, Names: HereNames, Sample: "/tmp",
		Short: "q", Long: "childlogdir", Arg: "DIRECTORY",
		Doc: "where AUTO logs are; default: $TMPDIR or /tmp",
		set: setPath((*Host).existingDirectory, func(t *target) *string { return &t.sup.ChildLogDir }),
	}, {
		Key: "nocleanup", In: InSupervisord, Type: typeBool, Default: "false", Names: HereNames, Sample: "true",
		Short: "k", Long: "nocleanup",
		Doc: "keep the AUTO logs of the last time",
		set: setBool(func(t *target) *bool { return &t.sup.NoCleanup }),
	}, {
		Key: "strip_ansi", In: InSupervisord, Type: typeBool, Default: "false", Names: HereNames,
		Short: "t", Long: "strip_ansi",
		Doc: "take escape codes out of what programs write",
		set: setBool(func(t *target) *bool { return &t.sup.StripANSI }),
	}, {
		Key: "environment", In: InSupervisord, Type: typeVars, Names: HereNames, Sample: `KEY="value"`, label: true, raw: true,
		Doc: "variables for all programs",
		set: set(environment, func(t *target) *[]Var { return &t.sup.Environment }),
	},
}

var serverOptions = []Option{
	{
		Key: "file", In: InUnixServer, Type: "path", Names: HereNames, Sample: "/tmp/supervisor.sock", Active: true,
		Required: "section [%s] has no file value",
		Doc:      "path of the socket",
		set: func(t *target, text string) error {
			text = pytext.Strip(text)
			if text == "" { // Supervisor looks for a way to bind it, for ever
				return fmt.Errorf("section [%s] has no file value", t.section)
			}
			t.server.Address = t.host.normalize(text)
			return nil
		},
	}, {
		Key: "username", In: inAnyServer, Type: typeText, Names: EnvNames, Sample: "user",
		Doc: "ask for this user name; default: for none",
		set: setText(func(t *target) *string { return &t.server.Username }),
	}, {
		Key: "password", In: inAnyServer, Type: typeText, Names: EnvNames, Sample: "123",
		Doc: "and for this password, or {SHA} and its hex SHA-1",
		set: setText(func(t *target) *string { return &t.server.Password }),
	}, {
		Key: "port", In: InInetServer, Type: "[host:]port", Names: EnvNames, Sample: "127.0.0.1:9001",
		Required: "section [%s] has no port value",
		Doc:      "address to listen on; *:port for every interface",
		set:      set(inetAddress, func(t *target) *string { return &t.server.Address }),
	}, {
		Key: "chown", In: InUnixServer, Type: typeOwner, Names: EnvNames, Sample: "nobody:nogroup",
		Doc: "owner of the socket; default: who we are",
		set: func(t *target, text string) (err error) {
			t.server.UID, t.server.GID, err = t.host.userAndGroup(text)
			if err != nil {
				return fmt.Errorf("Invalid sockchown value %s", text)
			}
			return nil
		},
	}, {
		Key: "chmod", In: InUnixServer, Type: typeOctal, Default: "0700", Names: EnvNames,
		Doc: "mode of the socket",
		set: func(t *target, text string) error {
			mode, err := octal(text)
			if err != nil {
				return fmt.Errorf("Invalid chmod value %s", text)
			}
			t.server.Mode = permissions(mode)
			return nil
		},
	},
}

// permissions keeps of a number what chmod takes.
func permissions(mode int) uint32 { return uint32(mode & 0o7777) }

var interfaceOptions = []Option{
	{
		Key: "supervisor.rpcinterface_factory", In: InInterface, Type: "module:function", Names: EnvNames, Active: true,
		Required: "section [%s] does not specify a supervisor.rpcinterface_factory",
		Sample:   "supervisor.rpcinterface:make_main_rpcinterface",
		Doc:      "what makes the methods; other keys are handed to it",
		set:      setFactory,
	}, {
		Key: "supervisor.ctl_factory", In: InCtlPlugin, Type: "module:function", Names: EnvNames,
		Required: "section [%s] does not specify a supervisor.ctl_factory",
		Sample:   "package.module:make_plugin",
		Doc:      "what makes the commands; other keys are handed to it",
		set:      setFactory,
	},
}

// setFactory sets a factory that the host can find.
func setFactory(t *target, text string) error {
	t.plugin.Factory = text
	return resolve(t, text)
}

// resolve asks the host for a plug-in.
func resolve(t *target, spec string) error {
	if t.host.Plugin == nil {
		return nil
	}
	if err := t.host.Plugin(spec); err != nil {
		return fmt.Errorf("%s cannot be resolved within [%s]: %w", spec, t.section, err)
	}
	return nil
}

var groupOptions = []Option{
	{
		Key: "programs", In: InGroup, Type: typeList, Names: HereNames, Sample: "progname1,progname2",
		Doc: "the programs that run in this group and not by themselves",
		set: func(t *target, text string) error {
			*t.members = stringList(text)
			return nil
		},
	}, {
		Key: "priority", In: InGroup, Type: typeInt, Default: "999", Names: HereNames,
		Doc: "when to start, low first; stopped the other way round",
		set: setInt(func(t *target) *int { return &t.group.Priority }),
	},
}

// listenerOptions are read before what an event listener has in common with a
// program.
var listenerOptions = []Option{
	{
		Key: "buffer_size", In: InEventListener, Type: typeInt, Default: "10", Names: HereNames,
		Doc: "events that wait for a listener to be ready",
		set: func(t *target, text string) (err error) {
			t.group.BufferSize, err = integer(text)
			if err == nil && t.group.BufferSize < 1 {
				err = fmt.Errorf("[%s] section sets invalid buffer_size (%d)", t.section, t.group.BufferSize)
			}
			return err
		},
	}, {
		Key: "result_handler", In: InEventListener, Type: "module:function", Default: defaultHandler, Names: HereNames,
		Doc: "what judges the results of listeners",
		set: func(t *target, text string) error {
			t.group.ResultHandler = text
			if text == defaultHandler {
				return nil
			}
			if t.host.Plugin == nil {
				return fmt.Errorf("%s cannot be resolved within [%s]: only %s is built in", text, t.section, defaultHandler)
			}
			return resolve(t, text)
		},
	}, {
		Key: "events", In: InEventListener, Type: typeList, Names: HereNames, Sample: "EVENT",
		Required: `[%s] section requires an "events" line`,
		Doc:      "types of events to hear of",
		set: func(t *target, text string) error {
			t.group.Events = nil
			for _, event := range stringList(text) {
				event = strings.ToUpper(event)
				if !sirdar.IsEventType(event) {
					return fmt.Errorf("Unknown event type %s in [%s] events", event, t.section)
				}
				if !slices.Contains(t.group.Events, event) {
					t.group.Events = append(t.group.Events, event)
				}
			}
			if t.group.Events == nil {
				return fmt.Errorf(`[%s] section requires an "events" line`, t.section)
			}
			return nil
		},
	},
}

// fastcgiOptions are read after the group's priority and user, before the rest of
// the program.
var fastcgiOptions = []Option{
	{
		Key: "socket_backlog", In: InFastCGI, Type: typeInt, Names: HereNames, Sample: "1024",
		Doc: "connections that wait for a process; default: as many as may be",
		set: func(t *target, text string) (err error) {
			t.fcgi.backlog, err = integer(text)
			if err == nil && (t.fcgi.backlog < 1 || t.fcgi.backlog > 65535) {
				err = fmt.Errorf("Invalid socket_backlog value %d", t.fcgi.backlog)
			}
			return err
		},
	}, {
		Key: "socket_owner", In: InFastCGI, Type: typeOwner, Names: HereNames, Sample: "chrism:wheel",
		Doc: "owner of a unix socket; default: the program's user",
		set: func(t *target, text string) (err error) {
			t.fcgi.owned = true
			t.fcgi.uid, t.fcgi.gid, err = t.host.userAndGroup(text)
			if err != nil {
				return fmt.Errorf("Invalid socket_owner value %s", text)
			}
			return nil
		},
	}, {
		Key: "socket_mode", In: InFastCGI, Type: typeOctal, Names: HereNames, Sample: "0700",
		Doc: "mode of a unix socket; default: 0700",
		set: func(t *target, text string) error {
			mode, err := octal(text)
			if err != nil {
				return fmt.Errorf("Invalid socket_mode value %s", text)
			}
			t.fcgi.mode = &mode
			return nil
		},
	}, {
		Key: "socket", In: InFastCGI, Type: "tcp://host:port or unix:///path", Names: SocketNames,
		Required: `[%s] section requires a "socket" line`, Sample: "unix:///tmp/php.sock",
		Doc: "the socket that all its processes share",
		set: setSocket,
	},
}

// setSocket makes the socket of a FastCGI program from all its socket_ options,
// which have been read, and the program's user.
func setSocket(t *target, text string) error {
	if text == "" {
		return fmt.Errorf(`[%s] section requires a "socket" line`, t.section)
	}
	s, err := t.host.socket(text)
	onlyUnix := t.fcgi.owned || t.fcgi.mode != nil
	if onlyUnix && !strings.HasPrefix(text, "unix://") {
		err = errors.New("socket_owner and socket_mode params should only be used with a Unix domain socket")
	}
	if err != nil {
		return fmt.Errorf("%w in [%s] socket", err, t.section)
	}
	s.UID, s.GID, s.Backlog = -1, -1, t.fcgi.backlog
	if s.Network == "unix" {
		s.Mode = 0o700
		if t.fcgi.mode != nil {
			s.Mode = permissions(*t.fcgi.mode)
		}
		user := t.proc.User
		switch {
		case t.fcgi.owned:
			s.UID, s.GID = t.fcgi.uid, t.fcgi.gid
		case user != nil && user.UID != t.host.UID:
			s.UID, s.GID = user.UID, user.GID
		}
	}
	t.fcgi.socket = s
	return nil
}

// programOptions are read once for a program, but for the last two, which are read
// for each of its processes, as all that follows.
var programOptions = []Option{
	{
		Key: "priority", In: InAnyProgram, Type: typeInt, Default: "999", Names: ProgramNames,
		Doc: "when to start, low first; stopped the other way round; -1 for event listeners",
		set: setInt(func(t *target) *int { return &t.proc.Priority }),
	}, {
		Key: "autostart", In: InAnyProgram, Type: typeBool, Default: "true", Names: ProgramNames,
		Doc: "start when supervisord starts",
		set: setBool(func(t *target) *bool { return &t.proc.Autostart }),
	}, {
		Key: "autorestart", In: InAnyProgram, Type: "boolean or unexpected", Default: "unexpected", Names: ProgramNames,
		Doc: "start again after it ran and exited",
		set: set(autorestart, func(t *target) *Autorestart { return &t.proc.Autorestart }),
	}, {
		Key: "startsecs", In: InAnyProgram, Type: typeInt, Default: "1", Names: ProgramNames,
		Doc: "seconds it must stay up to count as running",
		set: setInt(func(t *target) *int { return &t.proc.StartSecs }),
	}, {
		Key: "startretries", In: InAnyProgram, Type: typeInt, Default: "3", Names: ProgramNames,
		Doc: "failed starts before we give up",
		set: setInt(func(t *target) *int { return &t.proc.StartRetries }),
	}, {
		Key: "stopsignal", In: InAnyProgram, Type: "signal name or number", Default: "TERM", Names: ProgramNames,
		Doc: "signal that asks it to stop",
		set: set(signal, func(t *target) *syscall.Signal { return &t.proc.StopSignal }),
	}, {
		Key: "stopwaitsecs", In: InAnyProgram, Type: typeInt, Default: "10", Names: ProgramNames,
		Doc: "seconds to wait before SIGKILL",
		set: setInt(func(t *target) *int { return &t.proc.StopWaitSecs }),
	}, {
		Key: "stopasgroup", In: InAnyProgram, Type: typeBool, Default: "false", Names: ProgramNames,
		Doc: "send the stop signal to the whole process group",
		set: setBool(func(t *target) *bool { return &t.proc.StopAsGroup }),
	}, {
		Key: "killasgroup", In: InAnyProgram, Type: typeBool, Names: ProgramNames, Sample: "false",
		Doc: "send SIGKILL to the whole process group; default: as stopasgroup",
		set: func(t *target, text string) error {
			v, err := boolean(text)
			t.program.killAsGroup = &v
			return err
		},
	}, {
		Key: "exitcodes", In: InAnyProgram, Type: typeList, Default: "0", Names: ProgramNames,
		Doc: "exit codes that are expected",
		set: set(exitCodes, func(t *target) *[]int { return &t.proc.ExitCodes }),
	}, {
		Key: "redirect_stderr", In: InAnyProgram, Type: typeBool, Default: "false", Names: ProgramNames,
		Doc: "stderr goes where stdout goes; not for event listeners",
		set: setBool(func(t *target) *bool { return &t.proc.RedirectErr }),
	}, {
		Key: "numprocs", In: InAnyProgram, Type: typeInt, Default: "1", Names: ProgramNames,
		Doc: "how many processes",
		set: setInt(func(t *target) *int { return &t.program.numProcs }),
	}, {
		Key: "numprocs_start", In: InAnyProgram, Type: typeInt, Default: "0", Names: ProgramNames,
		Doc: "the first process_num",
		set: setInt(func(t *target) *int { return &t.program.numStart }),
	}, {
		Key: "stdout_capture_maxbytes", In: InAnyProgram, Type: typeSize, Default: "0", Names: ProgramNames,
		Doc: "most bytes of stdout between capture tokens; 0 = no capture mode",
		set: setSize(func(t *target) *int64 { return &t.proc.Stdout.CaptureMaxBytes }),
	}, {
		Key: "stdout_events_enabled", In: InAnyProgram, Type: typeBool, Default: "false", Names: ProgramNames,
		Doc: "emit PROCESS_LOG_STDOUT events",
		set: setBool(func(t *target) *bool { return &t.proc.Stdout.EventsEnabled }),
	}, {
		Key: "stderr_capture_maxbytes", In: InAnyProgram, Type: typeSize, Default: "0", Names: ProgramNames,
		Doc: "most bytes of stderr between capture tokens; 0 = no capture mode",
		set: setSize(func(t *target) *int64 { return &t.proc.Stderr.CaptureMaxBytes }),
	}, {
		Key: "stderr_events_enabled", In: InAnyProgram, Type: typeBool, Default: "false", Names: ProgramNames,
		Doc: "emit PROCESS_LOG_STDERR events",
		set: setBool(func(t *target) *bool { return &t.proc.Stderr.EventsEnabled }),
	}, {
		Key: "serverurl", In: InAnyProgram, Type: "URL or AUTO", Default: "AUTO", Names: ProgramNames,
		Doc: "$SUPERVISOR_SERVER_URL for the program; AUTO = the first unix server's, else the last inet server's",
		set: func(t *target, text string) error {
			t.proc.ServerURL, t.proc.HasServerURL = "", false
			if pytext.Lower(pytext.Strip(text)) != "auto" {
				t.proc.ServerURL, t.proc.HasServerURL = text, true
			}
			return nil
		},
	}, {
		Key: "user", In: InAnyProgram, Type: typeUser, Names: ProgramNames, Sample: "chrism",
		Doc: "run as this user; default: who we are",
		set: func(t *target, text string) (err error) {
			t.proc.User, err = t.host.user(text)
			return err
		},
	}, {
		Key: "umask", In: InAnyProgram, Type: typeOctal, Names: ProgramNames, Sample: "022",
		Doc: "file creation mask; default: as ours",
		set: func(t *target, text string) error {
			mask, err := octal(text)
			t.proc.Umask = mask & 0o777 // as the kernel would
			return err
		},
	}, {
		Key: "process_name", In: InAnyProgram, Type: typeText, Default: "%(program_name)s", Names: ProcessNames, raw: true,
		Doc: "name of a process; with numprocs it needs %(process_num)",
		set: set(name, func(t *target) *string { return &t.program.processName }),
	}, {
		Key: "environment", In: InAnyProgram, Type: typeVars, Names: NumberNames, Sample: `A="1",B="2"`, label: true,
		Doc: "variables for the program, beside those of [supervisord]",
		set: set(environment, func(t *target) *[]Var { return &t.proc.Environment }),
	}, {
		Key: "directory", In: InAnyProgram, Type: "directory", Names: ProcessNames, Sample: "/tmp",
		Doc: "where it runs; default: where we run",
		set: func(t *target, text string) error {
			t.proc.Directory, t.proc.HasDirectory = text, true
			return nil
		},
	},
}

// commandOptions are the last that are read for a process; [logOptions] come before.
var commandOptions = []Option{{
	Key: "command", In: InAnyProgram, Type: typeCommand, Names: ProcessNames, Sample: "/bin/cat",
	Required: "program section %s does not specify a command",
	Doc:      "what to run, split into words as a shell would, without a shell",
	set:      setText(func(t *target) *string { return &t.proc.Command }),
}}

// logOptions are the options of one output of a process.
func logOptions(stream string, log func(*target) *Log) []Option {
	file := stream + "_logfile"
	return []Option{
		{
			Key: file, In: InAnyProgram, Type: typeLogFile, Default: "AUTO", Names: ProcessNames, twice: true,
			Doc: "log of its " + stream,
			set: func(t *target, text string) error { return setLogFile(t, log(t), stream, text) },
		}, {
			Key: file + "_backups", In: InAnyProgram, Type: typeInt, Default: "10", Names: ProcessNames,
			Doc: "rotated logs of its " + stream + " that are kept",
			set: setInt(func(t *target) *int { return &log(t).Backups }),
		}, {
			Key: file + "_maxbytes", In: InAnyProgram, Type: typeSize, Default: "50MB", Names: ProcessNames,
			Doc: "size at which the log of its " + stream + " is rotated; 0 = never",
			set: func(t *target, text string) (err error) {
				l := log(t)
				l.MaxBytes, err = byteSize(text)
				if err == nil && l.MaxBytes == 0 && l.Auto {
					t.warn(fmt.Sprintf("For [%s], AUTO logging used for %s without rollover, set maxbytes > 0 to avoid filling up filesystem unintentionally", t.section, file))
				}
				return err
			},
		}, {
			Key: stream + "_syslog", In: InAnyProgram, Type: typeBool, Names: ProcessNames, Sample: "false",
			Doc: "send its " + stream + " to syslog, too; default: false",
			set: func(t *target, text string) error {
				on, err := boolean(text)
				log(t).Syslog = log(t).Syslog || on // stdout_logfile=syslog has said so already
				return err
			},
		},
	}
}

// setLogFile reads the log file of an output: a path or one of the special words.
func setLogFile(t *target, l *Log, stream, text string) error {
	l.Path, l.Auto = "", false
	switch pytext.Lower(text) {
	case "none", "off":
		return nil
	case "auto":
		l.Auto = true
		return nil
	case "syslog":
		l.Syslog = true
		t.warn(fmt.Sprintf("For [%s], %s_logfile=syslog but this is deprecated and will be removed.  Use %s_syslog=true to enable syslog instead.", t.section, stream, stream))
		return nil
	}
	path, err := t.host.existingDirpath(text)
	if err != nil {
		return err
	}
	l.Path = path
	if l == &t.proc.Stderr {
		t.program.stderrIsFile = true
	}
	return nil
}

var ctlOptions = []Option{
	{
		Key: "serverurl", In: InCtl, Type: "URL", Default: defaultURL, Names: HereNames,
		Sample: "unix:///tmp/supervisor.sock", Active: true,
		Doc: "where supervisord listens: http:// or unix://",
		set: func(t *target, text string) error {
			if path, ok := strings.CutPrefix(text, "unix://"); ok {
				text = "unix://" + t.host.normalize(path)
			}
			t.ctl.ServerURL = text
			return nil
		},
	}, {
		Key: "prompt", In: InCtl, Type: typeText, Default: defaultPrompt, Names: EnvNames, Sample: "mysupervisor",
		Doc: "what the prompt says",
		set: setText(func(t *target) *string { return &t.ctl.Prompt }),
	}, {
		Key: "username", In: InCtl, Type: typeText, Names: EnvNames, Sample: "chris",
		Doc: "as in the server's section",
		set: setText(func(t *target) *string { return &t.ctl.Username }),
	}, {
		Key: "password", In: InCtl, Type: typeText, Names: EnvNames, Sample: "123",
		Doc: "as in the server's section",
		set: setText(func(t *target) *string { return &t.ctl.Password }),
	}, {
		Key: "history_file", In: InCtl, Type: "path", Names: HereNames, Sample: "~/.sc_history",
		Doc: "keep what was typed at the prompt in this file",
		set: func(t *target, text string) error {
			if text != "" {
				text = t.host.normalize(text)
			}
			t.ctl.HistoryFile = text
			return nil
		},
	},
}
