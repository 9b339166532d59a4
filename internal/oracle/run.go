//go:build linux

package oracle

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// patience is how long a condition is awaited. Everything awaited here comes in a
// second or two; a machine may be busy.
const patience = 60 * time.Second

// nobody is the uid and gid of the unprivileged runs.
const nobody = 65534

// Programs are the paths of one side's programs.
type Programs map[string]string

// PythonPrograms are Debian's.
var PythonPrograms = Programs{
	"supervisord":           "/usr/bin/supervisord",
	"echo_supervisord_conf": "/usr/bin/echo_supervisord_conf",
	"pidproxy":              "/usr/bin/pidproxy",
}

// supervisorctl is the client on both sides: Debian's, unmodified.
const supervisorctl = "/usr/bin/supervisorctl"

// A Run is one scenario being played against one side.
type Run struct {
	scenario *Scenario
	side     Side
	dir      string
	port     int
	port2    int
	text     strings.Builder
	problems []string

	daemon     *launched
	pid        int           // the daemon's
	ended      chan struct{} // closed when the first process of the daemon has ended
	status     string        // how it ended
	remembered int           // a pid that a step kept
	launches   *atomic.Int64 // counts the programs that were started; one for all copies of the run
}

// gaveUp is what a step panics with when the rest of the script makes no sense.
type gaveUp struct{}

// Play runs a scenario against one side in the directory dir, which it makes, and
// returns the transcript, and what went wrong by itself: a condition that never
// came, a difference that did not show. The two sides' directories must have names
// of equal length, because limits on the length of a path are part of what is
// compared.
func Play(s *Scenario, side Side, programs Programs, dir string) (transcript string, problems []string) {
	r := &Run{scenario: s, side: side, dir: dir, launches: new(atomic.Int64)}
	if err := r.prepare(programs); err != nil {
		return "", []string{err.Error()}
	}
	defer r.clean()

	r.script()
	r.conclude()
	return r.text.String(), r.problems
}

// script plays the steps until one gives up.
func (r *Run) script() {
	defer func() {
		if cause := recover(); cause != nil {
			if _, ok := cause.(gaveUp); !ok {
				panic(cause)
			}
		}
	}()
	for _, step := range r.scenario.Steps {
		step(r)
	}
}

// conclude ends a daemon that still runs, and shows how it ended and what it
// logged.
func (r *Run) conclude() {
	if r.running() {
		r.kill(syscall.SIGTERM)
		if !r.await(func() bool { return !r.running() }) {
			r.problem("the daemon did not end after SIGTERM")
		}
		r.say("== end: %s", r.outcome())
	}
	if r.daemon != nil {
		if errs := printed(r.daemon.errs); r.side == Sirdar && (strings.Contains(errs, "DATA RACE") || strings.Contains(errs, "goroutine ")) {
			r.problem("the daemon's stderr: %s", errs)
		}
	}
	if r.scenario.Unlogged || r.scenario.Config == "" {
		return
	}
	if text, err := os.ReadFile(filepath.Join(r.dir, "main.log")); err == nil {
		r.say("== main.log")
		r.write(r.logged(string(text)))
	}
}

// prepare makes the run's directory and files.
func (r *Run) prepare(programs Programs) error {
	for _, dir := range []string{"bin", "tmp", "home"} {
		if err := os.MkdirAll(filepath.Join(r.dir, dir), 0o755); err != nil {
			return err
		}
	}
	for name, path := range programs {
		if err := os.Symlink(path, filepath.Join(r.dir, "bin", name)); err != nil {
			return err
		}
	}
	var err error
	if r.port, err = freePort(); err != nil {
		return err
	}
	if r.port2, err = freePort(); err != nil {
		return err
	}

	if r.scenario.Config != "" {
		if err := r.put("supervisord.conf", r.scenario.Config); err != nil {
			return err
		}
	}
	for name, text := range r.scenario.Files {
		if err := r.put(name, text); err != nil {
			return err
		}
	}
	if r.scenario.Nobody && os.Getuid() == 0 {
		return chownAll(r.dir, nobody)
	}
	return nil
}

// put writes a file below the run's directory.
func (r *Run) put(name, text string) error {
	path := r.path(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	mode := fs.FileMode(0o644)
	if strings.HasPrefix(text, "#!") {
		mode = 0o755
	}
	return os.WriteFile(path, []byte(r.expand(text)), mode)
}

// path finds a file of the run: relative names are below its directory.
func (r *Run) path(name string) string {
	name = r.expand(name)
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(r.dir, name)
}

// expand replaces the words of a scenario's texts.
func (r *Run) expand(text string) string {
	text = strings.NewReplacer("{base}", base, "{tcp}", tcp).Replace(text)
	return strings.NewReplacer("{dir}", r.dir, "{port}", strconv.Itoa(r.port), "{port2}", strconv.Itoa(r.port2)).Replace(text)
}

// A launched is a program that was started; its output goes to files, so that it
// can be read while the program runs.
type launched struct {
	cmd       *exec.Cmd
	out, errs string // paths
}

// launch starts a program in the run's directory, with the scenario's
// environment, and does not wait for it. in may be nil.
func (r *Run) launch(in io.Reader, name string, args ...string) *launched {
	shell := "umask 022; "
	if r.scenario.Shell != "" {
		shell += r.expand(r.scenario.Shell) + "; "
	}
	full := []string{"-c", shell + `exec "$@"`, "sh", r.expand(name)}
	for _, arg := range args {
		full = append(full, r.expand(arg))
	}
	n := r.launches.Add(1)
	l := &launched{
		cmd:  exec.Command("/bin/sh", full...),
		out:  fmt.Sprintf("%s.out%d", r.dir, n),
		errs: fmt.Sprintf("%s.err%d", r.dir, n),
	}
	out, err := os.Create(l.out)
	if err != nil {
		r.giveUp("%v", err)
	}
	defer out.Close()
	errs, err := os.Create(l.errs)
	if err != nil {
		r.giveUp("%v", err)
	}
	defer errs.Close()

	l.cmd.Dir, l.cmd.Env = r.dir, r.environment()
	l.cmd.Stdin, l.cmd.Stdout, l.cmd.Stderr = in, out, errs
	l.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if r.scenario.Nobody && os.Getuid() == 0 {
		l.cmd.SysProcAttr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
	}
	if err := l.cmd.Start(); err != nil {
		r.giveUp("cannot start %s: %v", name, err)
	}
	return l
}

// printed reads what a program has written to one of its outputs so far.
func printed(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// ending describes how a program ended.
func ending(cmd *exec.Cmd) string {
	state, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
	if ok && state.Signaled() {
		return "killed by signal " + strconv.Itoa(int(state.Signal()))
	}
	return "exit status " + strconv.Itoa(cmd.ProcessState.ExitCode())
}

// environment is what the daemons start with. ORACLE_RUN marks every process of
// the run, so that none outlives it.
func (r *Run) environment() []string {
	env := []string{
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"HOME=" + r.dir + "/home", "LANG=C.UTF-8", "TZ=UTC", "TMPDIR=" + r.dir + "/tmp",
		"ORACLE_RUN=" + r.dir,
	}
	for _, pair := range r.scenario.Env {
		env = append(env, r.expand(pair))
	}
	return env
}

// running says whether the daemon is there.
func (r *Run) running() bool {
	if r.ended == nil {
		return false
	}
	select {
	case <-r.ended:
	default:
		return true
	}
	return r.background() && alive(r.pid)
}

// background says whether the daemon has left the process that was started.
func (r *Run) background() bool { return r.daemon.cmd.Process.Pid != r.pid }

// outcome describes how the daemon ended, of which only a parent can tell more.
func (r *Run) outcome() string {
	if r.background() {
		return "gone"
	}
	return r.status
}

// alive says whether there is a process that is no zombie.
func alive(pid int) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !bytes.Contains(text, []byte(") Z "))
}

// kill sends the daemon a signal.
func (r *Run) kill(sig syscall.Signal) {
	if err := syscall.Kill(r.pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
		r.problem("cannot send %v to the daemon: %v", sig, err)
	}
}

// await asks again and again until the condition holds; false when it never does.
func (r *Run) await(holds func() bool) bool {
	for end := time.Now().Add(patience); time.Now().Before(end); {
		if holds() {
			return true
		}
		time.Sleep(20 * time.Millisecond) // the condition is another process's; it can only be asked
	}
	return holds()
}

// say writes a line of the transcript, masked.
func (r *Run) say(format string, args ...any) {
	r.write(fmt.Sprintf(format, args...) + "\n")
}

// write adds masked text to the transcript and ends its last line.
func (r *Run) write(text string) {
	text = r.masked(text)
	r.text.WriteString(text)
	if text != "" && !strings.HasSuffix(text, "\n") {
		r.text.WriteString("\n[no newline]\n")
	}
}

// problem notes something that is wrong whatever the other side says.
func (r *Run) problem(format string, args ...any) {
	r.problems = append(r.problems, r.side.String()+": "+r.masked(fmt.Sprintf(format, args...)))
}

// giveUp notes a problem and leaves the script.
func (r *Run) giveUp(format string, args ...any) {
	r.problem(format, args...)
	panic(gaveUp{})
}

// clean kills whatever the run has left behind.
func (r *Run) clean() {
	mark := []byte("ORACLE_RUN=" + r.dir + "\x00")
	for range 3 {
		paths, _ := filepath.Glob("/proc/[0-9]*/environ")
		for _, path := range paths {
			env, err := os.ReadFile(path)
			if err != nil || !bytes.Contains(append(env, 0), mark) {
				continue
			}
			if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil {
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
		}
	}
	if r.ended != nil {
		<-r.ended
	}
}

// nextPort is where the search for a free port goes on, so that no two runs of this
// process get the same one.
var nextPort atomic.Int64

// freePort finds a port that nobody has. The kernel is not asked for one: those
// that it gives are also those that it gives to any client, and one may be taken
// before the daemon has it.
func freePort() (int, error) {
	const first, count = 20000, 12000 // below the range of clients on every system
	for range count {
		port := first + (os.Getpid()*61+int(nextPort.Add(1)))%count
		l, err := net.Listen("tcp", ":"+strconv.Itoa(port))
		if err != nil {
			continue
		}
		return port, l.Close()
	}
	return 0, errors.New("every port is taken")
}

// chownAll gives a directory and all in it to a user.
func chownAll(dir string, uid int) error {
	return filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, uid, uid)
	})
}
