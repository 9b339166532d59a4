// Package daemon is supervisord: it reads the configuration, becomes a good Unix
// process, opens the log and the sockets, introduces the rooms to each other and
// runs until it is told to end.
package daemon

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"slices"
	"sync/atomic"
	"syscall"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/config"
	"github.com/sirdar-project/sirdar/event"
	"github.com/sirdar-project/sirdar/logfile"
	"github.com/sirdar-project/sirdar/pump"
	"github.com/sirdar-project/sirdar/rpc"
	"github.com/sirdar-project/sirdar/spawn"
	"github.com/sirdar-project/sirdar/supervise"
)

// Exit statuses of supervisord.
const (
	exitUsage = 2 // configuration, usage, sockets, limits, privileges
	exitCrash = 1 // a log cannot be opened
)

// Main is supervisord. It returns its exit status: 0 after a shutdown, 2 when the
// configuration, the command line or the system does not let it start, 1 when a
// log cannot be opened.
func Main(_ context.Context, args []string, _ io.Reader, out, stderr io.Writer) int {
	heard := beginHearing()
	opts, err := config.ParseArgs(args[0], args[1:])
	if err != nil {
		return refuse(stderr, args[0], err)
	}
	switch {
	case opts.Help:
		io.WriteString(out, config.Usage(args[0]))
		return 0
	case opts.Version:
		fmt.Fprintln(out, sirdar.CompatVersion)
		return 0
	}
	if opts.ConfigPath == "" && os.Getuid() == 0 && !isLaunched() {
		fmt.Fprintln(stderr, rootSearchWarning)
	}
	conf, err := config.Load(opts, config.ThisHost())
	if err != nil {
		return refuse(stderr, args[0], err)
	}
	var detach *Detach
	if !conf.Supervisord.NoDaemon {
		var exit int
		if detach, exit, err = Launch(); err != nil {
			return refuse(stderr, args[0], err)
		}
		if detach == nil { // the daemon that we launched has started, or failed
			return exit
		}
	}
	d := &daemon{program: args[0], opts: opts, out: out, stderr: stderr, detach: detach, heard: heard}
	if err := d.run(conf); err != nil {
		return refuse(stderr, args[0], err)
	}
	return 0
}

const rootSearchWarning = `supervisord: UserWarning: Supervisord is running as root and it is searching for its configuration file in default locations (including its current working directory); you probably want to specify a "-c" argument specifying an absolute path to a configuration file for improved security.`

// refuse reports an error as Supervisor does, in two lines, and returns the exit
// status.
func refuse(stderr io.Writer, program string, err error) int {
	fmt.Fprintf(stderr, "Error: %v\nFor help, use %s -h\n", err, program)
	if errors.As(err, new(*crashError)) {
		return exitCrash
	}
	return exitUsage
}

// A crashError is where Supervisor ends with a traceback and status 1.
type crashError struct{ error }

func (e *crashError) Unwrap() error { return e.error }

// A daemon is the process, across its configurations.
type daemon struct {
	program string // argv[0]
	opts    *config.Options
	out     io.Writer
	stderr  io.Writer
	detach  *Detach       // who started us; nil in the foreground and once we are on our own
	who     []config.Note // what is said of our user, at every start
	notes   []config.Note // what is said once
	log     *mainLog
	current atomic.Pointer[slog.Logger] // of log, for those who must not wait for us
	host    *spawn.Host
	pump    *pump.Pump
	pidfile *Pidfile
	heard   hearing
	events  event.Numbers // counts on when the daemon restarts

	servers servers
}

// run lives one configuration after the other until a shutdown.
func (d *daemon) run(conf *config.Config) error {
	d.heard.all()
	if err := d.become(&conf.Supervisord); err != nil {
		return err
	}
	defer d.end()
	for conf != nil {
		next, err := d.live(conf)
		if err != nil {
			return err
		}
		conf = next
	}
	return nil
}

// become makes us who the configuration wants us to be. It is done once, not
// again on a restart.
func (d *daemon) become(conf *config.Supervisord) error {
	user, err := DropPrivileges(conf.User)
	if err != nil {
		return err
	}
	limits, err := RaiseLimits(conf.MinFDs, conf.MinProcs)
	if err != nil {
		return err
	}
	d.who, d.notes = user, limits
	spawn.CloseInherited()
	d.host = spawn.New(starters)
	d.pump, err = pump.New()
	return err
}

// starters is how many threads start children. Two start a crowd in 1.15 times
// what a C program takes, one in 1.5 times; more do not help, since only one can
// fork at a time.
const starters = 2

// end gives back what the process holds.
func (d *daemon) end() {
	d.servers.stop()
	d.servers.close()
	d.host.Close()
	d.pump.Close()
	if d.pidfile != nil {
		d.pidfile.Remove()
	}
	d.log.close()
}

// live runs one configuration to its end and returns the next one.
//
// The sockets come first: another supervisord with the same configuration is
// found out before anything of its is touched.
func (d *daemon) live(conf *config.Config) (*config.Config, error) {
	sd := &conf.Supervisord
	if err := d.openSockets(conf); err != nil {
		return nil, err
	}
	d.servers.keep(conf.Servers)
	if err := d.openSockets(conf); err != nil { // those that now have another mode or owner
		return nil, err
	}
	if err := d.claimPidfile(sd); err != nil {
		return nil, err
	}
	sup, spaces, err := d.assemble(conf)
	if err != nil {
		return nil, err
	}
	d.servers.serve(conf, sup, spaces, d.log.Logger)
	if d.detach != nil {
		d.detach.Complete(sd.Directory, sd.Umask, d.log.Logger)
		d.detach = nil
	}
	deaf := d.listenToSignals(sup)
	if d.pidfile.Write(d.log.Logger) {
		d.log.Info(fmt.Sprintf("supervisord started with pid %d", os.Getpid()))
	}
	next := sup.Run()
	if exit := deaf(); exit {
		next = nil
	}
	d.servers.stop()
	return next, nil
}

// assemble opens the log, writes what is to be said at the start, and makes the
// supervisor and its RPC interfaces.
func (d *daemon) assemble(conf *config.Config) (*supervise.Supervisor, []rpc.Namespace, error) {
	sd := &conf.Supervisord
	log, err := d.openMainLog(sd)
	switch {
	case err == nil:
		d.log = log
		d.current.Store(log.Logger)
	case d.log == nil:
		return nil, nil, &crashError{err}
	default: // after a restart the old log is better than none
		d.log.Log(context.Background(), sirdar.LevelCritical, err.Error())
	}
	d.sayNotes(conf.Notes)
	d.sayDescriptors(conf.Groups)
	if !sd.NoCleanup && sd.ChildLogDir != "" {
		for _, err := range logfile.CleanAuto(sd.ChildLogDir, sd.Identifier) {
			d.log.Warn(err.Error())
		}
	}
	sup, err := supervise.New(supervise.Options{
		Config:  conf,
		Load:    d.reload,
		Prepare: d.prepare,
		Host:    d.host,
		Pump:    d.pump,
		Log:     d.log.Logger,
		MainLog: d.log.file,
		Flush:   d.log.flush,
		Syslog:  d.log.syslog,
		Environ: os.Environ(),
		Numbers: &d.events,

		Descriptors: descriptors(),
	})
	if err != nil {
		return nil, nil, &crashError{err}
	}
	spaces, err := interfaces(conf, sup, d.log.Logger)
	return sup, spaces, err
}

// prepare makes sure that a restart can work, while nothing has been stopped yet:
// the plug-ins are there, and the sockets are ours.
func (d *daemon) prepare(next *config.Config) error {
	err := d.openSockets(next)
	for _, i := range next.Interfaces {
		if err == nil {
			_, err = rpc.Resolve(i.Name, i.Factory)
		}
	}
	if err != nil {
		d.current.Load().Error(fmt.Sprintf("not restarted, the old configuration stays: %v", err))
	}
	return err
}

// openSockets opens the sockets of a configuration that are not open yet.
func (d *daemon) openSockets(conf *config.Config) error {
	return d.servers.open(conf.Servers, d.say)
}

// say tells the user something about a socket: on the terminal before there is a
// log, afterwards in the log.
func (d *daemon) say(text string) {
	if log := d.current.Load(); log != nil {
		log.Warn(text)
		return
	}
	fmt.Fprintln(d.stderr, text)
}

// claimPidfile makes sure that we are the only one with this pidfile. A restart
// keeps the claim, unless the file's name has changed.
func (d *daemon) claimPidfile(conf *config.Supervisord) error {
	if d.pidfile != nil && d.pidfile.Path() == conf.Pidfile {
		return nil
	}
	p, err := ClaimPidfile(conf.Pidfile)
	if err != nil {
		return err
	}
	if d.pidfile != nil {
		d.pidfile.Remove()
	}
	d.pidfile = p
	return nil
}

// sayNotes logs what was gathered before there was a log: what is critical first,
// then the warnings, then the rest.
func (d *daemon) sayNotes(conf []config.Note) {
	notes := slices.Concat(conf, d.who, d.notes)
	d.notes = nil
	slices.SortStableFunc(notes, func(a, b config.Note) int { return cmp.Compare(b.Level, a.Level) })
	for _, n := range notes {
		d.log.Log(context.Background(), n.Level, n.Text)
	}
}

// What a running program costs: a pipe for each of its three standard descriptors;
// and what the daemon holds for itself and for the logs that are being written.
const (
	descriptorsOfProgram = 3
	descriptorsOfDaemon  = 128
)

// sayDescriptors warns when all programs together need more descriptors than we
// may have, with the number that is needed: the last ones could not be started.
func (d *daemon) sayDescriptors(groups []config.Group) {
	programs := 0
	for _, g := range groups {
		programs += len(g.Processes)
	}
	need := uint64(programs*descriptorsOfProgram + descriptorsOfDaemon)
	if may := openFilesLimit(); need > may {
		d.log.Warn(fmt.Sprintf("%d programs need up to %d file descriptors and the limit is %d: raise the hard limit (ulimit -Hn), or set minfds=%d if supervisord may raise it", programs, need, may, need))
	}
}

// reload reads the configuration again, from the same command line. An error says
// in the log where it is; the caller changes nothing then.
func (d *daemon) reload() (*config.Config, error) {
	conf, err := config.Load(d.opts, config.ThisHost())
	if err == nil {
		return conf, nil
	}
	where := ""
	var bad *config.Error
	if errors.As(err, &bad) && bad.File != "" {
		where = bad.File + ": "
		if bad.Line > 0 {
			where = fmt.Sprintf("%s:%d: ", bad.File, bad.Line)
		}
	}
	d.current.Load().Error(fmt.Sprintf("the configuration cannot be used, the old one stays: %s%v", where, err))
	return nil, err
}

// openFilesLimit is how many descriptors this process may have.
func openFilesLimit() uint64 {
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
		return math.MaxUint64
	}
	return uint64(l.Cur)
}
