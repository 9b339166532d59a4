//go:build linux

package oracle

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Start starts the daemon in the foreground with the scenario's configuration
// and waits until it has written its pidfile, {dir}/sd.pid, which is the last
// thing before its loop. More arguments may follow.
func Start(args ...string) Step {
	return func(r *Run) { r.start(append([]string{"-n", "-c", "{dir}/supervisord.conf"}, args...)) }
}

// Daemon starts the daemon into the background and waits for the pidfile.
func Daemon(args ...string) Step {
	return func(r *Run) { r.start(append([]string{"-c", "{dir}/supervisord.conf"}, args...)) }
}

// StartAs starts the daemon with exactly these arguments and waits for the
// pidfile.
func StartAs(args ...string) Step {
	return func(r *Run) { r.start(args) }
}

// Background starts the daemon with exactly these arguments and waits for nothing.
func Background(args ...string) Step {
	return func(r *Run) { r.begin(args) }
}

func (r *Run) start(args []string) {
	_ = os.Remove(r.path("sd.pid")) // left by an earlier start of this run
	r.begin(args)
	var pid int
	ready := r.await(func() bool {
		pid = readPid(r.path("sd.pid"))
		return pid > 0 || (isClosed(r.ended) && r.daemon.cmd.ProcessState.ExitCode() != 0)
	})
	switch {
	case pid > 0:
		r.pid = pid
	case !ready:
		r.giveUp("no pidfile; stderr: %s", printed(r.daemon.errs))
	default:
		r.giveUp("the daemon did not start, %s; stderr: %s", r.status, printed(r.daemon.errs))
	}
}

// begin starts the daemon and somebody who awaits its end.
func (r *Run) begin(args []string) {
	r.say("== start %s", strings.Join(args, " "))
	l := r.launch(nil, "{dir}/bin/supervisord", args...)
	ended := make(chan struct{})
	r.daemon, r.pid, r.ended = l, l.cmd.Process.Pid, ended
	go func() {
		_ = l.cmd.Wait() // the status is read from ProcessState
		r.status = ending(l.cmd)
		close(ended)
	}()
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// readPid reads a pidfile that has been written completely; 0 when it has not.
func readPid(path string) int {
	text, err := os.ReadFile(path)
	if err != nil || !strings.HasSuffix(string(text), "\n") {
		return 0
	}
	pid, _ := strconv.Atoi(strings.TrimSpace(string(text))) // 0 when it is no number
	return pid
}

// Refused runs the daemon in the foreground, expecting that it ends by itself, and
// shows its exit status and both outputs. Without arguments it reads the
// scenario's configuration.
func Refused(args ...string) Step {
	if len(args) == 0 {
		args = []string{"-n", "-c", "{dir}/supervisord.conf"}
	}
	return Exec("{dir}/bin/supervisord", args...)
}

// RefusedErrors is Refused without the standard output: Supervisor starts its log
// before it looks at its sockets, ours looks at them first.
func RefusedErrors(args ...string) Step {
	return func(r *Run) {
		text := r.aside([]Step{Refused(args...)})
		first, rest, _ := strings.Cut(text, "\n")
		if _, errors, ok := strings.Cut(rest, "-- stderr\n"); ok {
			rest = "-- stderr\n" + errors
		}
		r.write(first + "\n" + rest)
	}
}

// Exec runs a program to its end and shows exit status and both outputs.
func Exec(name string, args ...string) Step {
	return func(r *Run) {
		r.say("== %s %s", name, strings.Join(args, " "))
		r.finish(r.launch(nil, name, args...))
	}
}

// finish awaits the end of a program and shows what it did.
func (r *Run) finish(l *launched) {
	killer := time.AfterFunc(patience, func() { _ = l.cmd.Process.Kill() })
	_ = l.cmd.Wait() // the status is read from ProcessState
	if !killer.Stop() {
		r.giveUp("%s did not end; stderr: %s", strings.Join(l.cmd.Args[4:], " "), printed(l.errs))
	}
	r.write(printed(l.out))
	if errs := printed(l.errs); errs != "" {
		r.say("-- stderr")
		r.write(warned.ReplaceAllString(errs, "UserWarning:$1\n"))
	}
	r.say("-- %s", ending(l.cmd))
}

// warned is the shape of Python's warnings: the place in the source first, the
// statement in a line of its own after it. Ours names the program instead.
var warned = regexp.MustCompile(`(?m)^(?:\S+:\d+|supervisord): UserWarning:(.*)\n(?:  .*\n)?`)

// Status runs a program to its end and shows only its exit status and whether it
// wrote to its outputs: for texts that are each daemon's own.
func Status(name string, args ...string) Step {
	return func(r *Run) {
		l := r.launch(nil, name, args...)
		_ = r.aside([]Step{func(r *Run) { r.finish(l) }})
		r.say("== %s %s: %s, stdout: %v, stderr: %v", name, strings.Join(args, " "), ending(l.cmd),
			printed(l.out) != "", printed(l.errs) != "")
	}
}

// Parse gives a running daemon one configuration after another, each {base} and
// a text, has it reread, and shows what it makes of them: the answer of
// reloadConfig and every program's values.
func Parse(texts ...string) Step {
	whole := make([]string, len(texts))
	for i, text := range texts {
		whole[i] = "{base}" + text
	}
	return ParseWhole(whole...)
}

// ParseWhole is Parse without {base}.
func ParseWhole(texts ...string) Step {
	return func(r *Run) {
		for _, text := range texts {
			if err := r.put("supervisord.conf", text); err != nil {
				r.giveUp("%v", err)
			}
			r.say("== parse %q", strings.TrimPrefix(text, "{base}"))
			a := r.call("supervisor.reloadConfig")
			r.say("%s", a)
			if a.fault || a.text != "" {
				continue
			}
			r.configs()
		}
	}
}

// ParseProgram is Parse of a program x with more lines in its section, one line
// at a time.
func ParseProgram(lines ...string) Step {
	texts := make([]string, len(lines))
	for i, line := range lines {
		texts[i] = "[program:x]\ncommand=/bin/cat\n" + line + "\n"
	}
	return Parse(texts...)
}

// configs shows getAllConfigInfo, one process a line. The member autorestart is
// left out, because 4.2.5 does not have it.
func (r *Run) configs() {
	a := r.call("supervisor.getAllConfigInfo")
	processes, ok := a.value.([]any)
	if !ok || a.fault {
		r.say("%s", a)
		return
	}
	for _, p := range processes {
		members, _ := p.([]member)
		var parts []string
		for _, m := range members {
			if m.name != "autorestart" {
				parts = append(parts, m.name+"="+show(m.value))
			}
		}
		slices.Sort(parts)
		r.say("  %s", strings.Join(parts, " "))
	}
}

// Stop sends the daemon SIGTERM and awaits its end.
func Stop() Step { return Do(Signal(syscall.SIGTERM), AwaitEnd()) }

// Ctl runs Debian's supervisorctl with the scenario's configuration.
func Ctl(args ...string) Step {
	return func(r *Run) {
		r.awaitExec()
		r.say("== supervisorctl %s", strings.Join(args, " "))
		l := r.launch(nil, supervisorctl, append([]string{"-c", "{dir}/supervisord.conf"}, args...)...)
		r.text.WriteString(barePid.ReplaceAllString(r.aside([]Step{func(r *Run) { r.finish(l) }}), "PID"))
	}
}

// barePid is the pid that supervisorctl pid prints in a line of its own; that of
// a process which does not run is 0.
var barePid = regexp.MustCompile(`(?m)^[1-9]\d+$`)

// CtlSorted is Ctl for commands on several processes, whose lines come as the
// processes get done: it shows them sorted.
func CtlSorted(args ...string) Step {
	return func(r *Run) {
		lines := strings.SplitAfter(r.aside([]Step{Ctl(args...)}), "\n")
		slices.Sort(lines[1:])
		r.write(strings.Join(lines, ""))
	}
}

// CtlUntil runs supervisorctl, types the lines to it, waits until it has printed
// every one of the texts and interrupts it as Control-C does.
func CtlUntil(wanted []string, typed []string, args ...string) Step {
	return func(r *Run) {
		r.say("== supervisorctl %s, then Control-C", strings.Join(args, " "))
		in, typing, err := os.Pipe()
		if err != nil {
			r.giveUp("%v", err)
		}
		defer in.Close()
		defer typing.Close()
		l := r.launch(in, supervisorctl, append([]string{"-c", "{dir}/supervisord.conf"}, args...)...)
		for i, text := range wanted {
			if i > 0 && i <= len(typed) {
				if _, err := io.WriteString(typing, typed[i-1]+"\n"); err != nil {
					r.giveUp("%v", err)
				}
			}
			if !r.await(func() bool { return strings.Contains(printed(l.out), r.expand(text)) }) {
				_ = l.cmd.Process.Kill()
				r.giveUp("supervisorctl never printed %q but %q, %q", text, printed(l.out), printed(l.errs))
			}
		}
		r.interrupt(l)
	}
}

// interrupt ends a supervisorctl as Control-C does. Where in Python's client the
// exception comes up is a matter of luck: mostly where it makes a fresh line of
// it, now and then where it takes it for a trouble of the connection.
func (r *Run) interrupt(l *launched) {
	_ = l.cmd.Process.Signal(syscall.SIGINT)
	r.write(misunderstood.ReplaceAllString(r.aside([]Step{func(r *Run) { r.finish(l) }}), "\n"))
}

var misunderstood = regexp.MustCompile(`-- stderr\n\S+ Cannot connect, error: <class 'KeyboardInterrupt'> \(\)\n`)

// A Stage of CtlFollow is a text to wait for and what to do then.
type Stage struct {
	Wanted string
	Then   Step
}

// CtlFollow runs supervisorctl tail -f, takes the step of each stage as soon as the
// stage's text has been printed, and interrupts it as Control-C does. What the steps
// say is not shown.
func CtlFollow(name string, stages ...Stage) Step {
	return func(r *Run) {
		r.say("== supervisorctl tail -f %s, then Control-C", name)
		l := r.launch(nil, supervisorctl, "-c", "{dir}/supervisord.conf", "tail", "-f", name)
		for _, stage := range stages {
			if !r.await(func() bool { return strings.Contains(printed(l.out), stage.Wanted) }) {
				_ = l.cmd.Process.Kill()
				r.giveUp("supervisorctl never printed %q but %q, %q", stage.Wanted, printed(l.out), printed(l.errs))
			}
			Quietly(stage.Then)(r)
		}
		r.interrupt(l)
	}
}

// Call calls a method over the unix socket and shows the answer.
func Call(method string, args ...any) Step {
	return func(r *Run) {
		r.awaitExec()
		r.say("== %s(%s)", method, strings.TrimSuffix(strings.TrimPrefix(show(args), "["), "]"))
		r.say("%s", r.call(method, args...))
	}
}

// Info shows some members of getProcessInfo; all of them when none is named.
func Info(name string, members ...string) Step {
	return func(r *Run) {
		a := r.call("supervisor.getProcessInfo", name)
		if a.text != "" || a.fault || len(members) == 0 {
			r.say("== info of %s: %s", name, a)
			return
		}
		var parts []string
		for _, m := range members {
			parts = append(parts, m+": "+shownMember(member{m, field(a.value, m)}))
		}
		r.say("== info of %s: %s", name, strings.Join(parts, ", "))
	}
}

// AwaitState waits until each of the named processes is in the state.
func AwaitState(state string, names ...string) Step {
	return func(r *Run) {
		for _, name := range names {
			var last answer
			if !r.await(func() bool {
				last = r.call("supervisor.getProcessInfo", name)
				return field(last.value, "statename") == state
			}) {
				r.giveUp("%s never became %s: %s", name, state, last)
			}
		}
	}
}

// AwaitLog waits until the main log contains a text so many times.
func AwaitLog(text string, times int) Step { return AwaitText("{dir}/main.log", text, times) }

// AwaitText waits until a file contains a text so many times.
func AwaitText(file, text string, times int) Step {
	return func(r *Run) {
		wanted := r.expand(text)
		var last string
		if !r.await(func() bool {
			b, _ := os.ReadFile(r.path(file)) // it may not be there yet
			last = string(b)
			return strings.Count(last, wanted) >= times
		}) {
			r.giveUp("%s never said %q %d times: %s", file, text, times, last)
		}
	}
}

// AwaitGone waits until a file is no more.
func AwaitGone(file string) Step {
	return func(r *Run) {
		if !r.await(func() bool { _, err := os.Lstat(r.path(file)); return os.IsNotExist(err) }) {
			r.giveUp("%s is still there", file)
		}
	}
}

// AwaitEnd waits until the daemon has ended by itself and shows how.
func AwaitEnd() Step {
	return func(r *Run) {
		if !r.await(func() bool { return !r.running() }) {
			r.giveUp("the daemon did not end")
		}
		r.say("== ended: %s", r.outcome())
	}
}

// Signal sends the daemon a signal.
func Signal(sig syscall.Signal) Step {
	return func(r *Run) {
		r.awaitExec()
		r.say("== signal %v to the daemon", sig)
		r.kill(sig)
	}
}

// Kill sends a process of the daemon a signal from outside.
func Kill(name string, sig syscall.Signal) Step {
	return func(r *Run) {
		r.say("== signal %v to %s", sig, name)
		if err := syscall.Kill(r.child(name), sig); err != nil {
			r.giveUp("cannot signal %s: %v", name, err)
		}
	}
}

// Remember keeps the pid of a process for KillRemembered, for times when the
// daemon does not tell it.
func Remember(name string) Step {
	return func(r *Run) { r.remembered = r.child(name) }
}

// KillRemembered kills the process whose pid was kept.
func KillRemembered() Step {
	return func(r *Run) {
		if err := syscall.Kill(r.remembered, syscall.SIGKILL); err != nil {
			r.giveUp("cannot kill the process that was remembered: %v", err)
		}
	}
}

// Alive shows whether the process whose pid a file holds lives.
func Alive(pidfile string) Step {
	return func(r *Run) {
		r.say("== process of %s lives: %v", pidfile, alive(readPid(r.path(pidfile))))
	}
}

// AwaitDead waits until the process whose pid a file holds has ended.
func AwaitDead(pidfile string) Step {
	return func(r *Run) {
		pid := readPid(r.path(pidfile))
		if pid == 0 || !r.await(func() bool { return !alive(pid) }) {
			r.giveUp("the process of %s, %d, does not end", pidfile, pid)
		}
	}
}

// Meanwhile takes a step that takes long at the same time as the others, and shows
// its outcome after theirs.
func Meanwhile(long Step, others ...Step) Step {
	return func(r *Run) {
		side := *r
		side.text, side.problems = strings.Builder{}, nil
		done := make(chan struct{})
		go func() {
			defer close(done)
			defer func() {
				if cause := recover(); cause != nil && cause != (gaveUp{}) {
					panic(cause)
				}
			}()
			long(&side)
		}()
		for _, step := range others {
			step(r)
		}
		<-done
		r.text.WriteString(side.text.String())
		r.problems = append(r.problems, side.problems...)
	}
}

// On takes steps on one side only; it stands inside Differs.
func On(side Side, steps ...Step) Step {
	return func(r *Run) {
		if r.side == side {
			Do(steps...)(r)
		}
	}
}

// Say writes a line of the transcript.
func Say(text string) Step {
	return func(r *Run) { r.say("== %s", text) }
}

// AwaitAnswer waits until the daemon answers calls.
func AwaitAnswer() Step {
	return func(r *Run) {
		if !r.await(func() bool { return r.call("supervisor.getState").text == "" }) {
			r.giveUp("the daemon does not answer")
		}
	}
}

// Exists waits until there is a file.
func Exists(file string) Step {
	return func(r *Run) {
		if !r.await(func() bool { _, err := os.Lstat(r.path(file)); return err == nil }) {
			r.giveUp("%s does not come", file)
		}
	}
}

// SamePid checks that the daemon still is the process that was started, and that
// its pidfile says so.
func SamePid() Step {
	return func(r *Run) {
		r.say("== same pid: %v, pidfile: %v", r.call("supervisor.getPID").value == r.pid, readPid(r.path("sd.pid")) == r.pid)
	}
}

// InOrder shows what the main log's lines that contain a text say, in their order
// among all programs.
func InOrder(text string) Step {
	return func(r *Run) {
		r.say("== in order: %s", text)
		log, _ := os.ReadFile(r.path("main.log"))
		for line := range strings.Lines(r.masked(string(log))) {
			if strings.Contains(line, text) {
				r.write(line)
			}
		}
	}
}

// LogFile shows another file as the main log is shown.
func LogFile(file string) Step {
	return func(r *Run) {
		text, _ := os.ReadFile(r.path(file))
		r.say("== log %s", file)
		r.write(r.logged(string(text)))
	}
}

// Errors shows what the daemon has written to its standard error.
func Errors() Step {
	return func(r *Run) {
		r.say("== stderr")
		r.write(printed(r.daemon.errs))
	}
}

// AutoLogs shows how many of the AUTO logs that a process has are there.
func AutoLogs(name string) Step {
	return func(r *Run) {
		info := r.call("supervisor.getProcessInfo", name).value
		there := 0
		for _, key := range []string{"stdout_logfile", "stderr_logfile"} {
			path, _ := field(info, key).(string)
			if _, err := os.Stat(path); err == nil {
				there++
			}
		}
		r.say("== AUTO logs of %s that are still there: %d", name, there)
	}
}

// Headless takes a step and leaves its first line out, in which the step itself
// stands.
func Headless(step Step) Step {
	return func(r *Run) {
		_, rest, _ := strings.Cut(r.aside([]Step{step}), "\n")
		r.write(rest)
	}
}

// Said demands that the transcript contains a text by now: equal transcripts of
// something that did not take place prove nothing.
func Said(text string) Step {
	return func(r *Run) {
		if !strings.Contains(r.text.String(), text) {
			r.problem("nobody said %q: %s", text, r.text.String())
		}
	}
}

// Named takes a step and shows a name for its first line, up to the first line
// of outcome.
func Named(name string, step Step) Step {
	return func(r *Run) {
		text := r.aside([]Step{step})
		if i := strings.Index(text, "\nstatus "); i >= 0 {
			text = text[i+1:]
		}
		r.say("== %s", name)
		r.write(text)
	}
}

// Grep shows the lines of a file that match a pattern.
func Grep(file, pattern string) Step {
	return func(r *Run) {
		r.say("== lines of %s that match %s", file, pattern)
		text, _ := os.ReadFile(r.path(file))
		for line := range strings.Lines(r.masked(string(text))) {
			if regexp.MustCompile(pattern).MatchString(line) {
				r.write(line)
			}
		}
	}
}

// Times demands that a file contains a text at least so many times.
func Times(file, text string, least int) Step {
	return func(r *Run) {
		content, _ := os.ReadFile(r.path(file))
		if n := strings.Count(string(content), text); n < least {
			r.problem("%s says %q %d times and not %d", file, text, n, least)
		}
	}
}

// SetUserID makes a program that is this very test, belongs to root and has the
// set-user-id bit; only root can do it.
func SetUserID(name string) Step {
	return func(r *Run) {
		self, err := os.Executable()
		if err != nil {
			r.giveUp("%v", err)
		}
		text, err := os.ReadFile(self)
		if err != nil {
			r.giveUp("%v", err)
		}
		if err := os.WriteFile(r.path(name), text, 0o755); err != nil {
			r.giveUp("%v", err)
		}
		if err := os.Chmod(r.path(name), 0o755|os.ModeSetuid); err != nil {
			r.giveUp("%v", err)
		}
	}
}

// Left shows whether a file is there.
func Left(file string) Step {
	return func(r *Run) {
		_, err := os.Lstat(r.path(file))
		r.say("== %s left: %v", r.path(file), err == nil)
	}
}

// Kept shows whether a reread of the present file succeeds.
func Kept() Step {
	return func(r *Run) { r.say("== kept: %v", !r.call("supervisor.reloadConfig").fault) }
}

// Quietly takes a step whose own outcome is a race.
func Quietly(step Step) Step {
	return func(r *Run) { _ = r.aside([]Step{step}) }
}

// First shows the first lines of the main log that speak of a program.
func First(name string, lines int) Step {
	return func(r *Run) {
		r.say("== first lines of %s", name)
		text, _ := os.ReadFile(r.path("main.log"))
		left := lines
		for line := range strings.Lines(r.masked(string(text))) {
			if subject(line) == name && left > 0 {
				r.write(line)
				left--
			}
		}
	}
}

// awaitExec waits until every child runs its own program. Python forks, and a signal
// that comes between fork and exec is taken by the copy of its own handler and
// lost.
func (r *Run) awaitExec() {
	if r.daemon == nil || !r.running() {
		return
	}
	ours, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", r.pid))
	processes, _ := r.call("supervisor.getAllProcessInfo").value.([]any) // none while it shuts down
	for _, p := range processes {
		pid, _ := field(p, "pid").(int)
		if pid == 0 {
			continue
		}
		r.await(func() bool {
			theirs, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
			return err != nil || !bytes.Equal(theirs, ours)
		})
	}
}

// child finds the pid of a process of the daemon.
func (r *Run) child(name string) int {
	a := r.call("supervisor.getProcessInfo", name)
	pid, _ := field(a.value, "pid").(int)
	if pid == 0 {
		r.giveUp("%s has no pid: %s", name, a)
	}
	return pid
}

// Edit writes a file anew.
func Edit(file, text string) Step {
	return func(r *Run) {
		if err := r.put(file, text); err != nil {
			r.giveUp("%v", err)
		}
	}
}

// Remove deletes a file or a directory with all in it.
func Remove(file string) Step {
	return func(r *Run) {
		if err := os.RemoveAll(r.path(file)); err != nil {
			r.giveUp("%v", err)
		}
	}
}

// Rename renames a file.
func Rename(from, to string) Step {
	return func(r *Run) {
		if err := os.Rename(r.path(from), r.path(to)); err != nil {
			r.giveUp("%v", err)
		}
	}
}

// Mkdir makes a directory.
func Mkdir(name string) Step {
	return func(r *Run) {
		if err := os.MkdirAll(r.path(name), 0o755); err != nil {
			r.giveUp("%v", err)
		}
	}
}

// Show shows a file's text, and whether there is one.
func Show(file string) Step {
	return func(r *Run) {
		text, err := os.ReadFile(r.path(file))
		if err != nil {
			r.say("== %s: %v", file, unwrapped(err))
			return
		}
		r.say("== %s: %d bytes", file, len(r.masked(string(text))))
		r.write(string(text))
	}
}

// unwrapped keeps of a path error what does not name the path.
func unwrapped(err error) error {
	if pe, ok := err.(*os.PathError); ok {
		return pe.Err
	}
	return err
}

// Output shows what the daemon has written to its standard output and error.
func Output() Step {
	return func(r *Run) {
		r.say("== stdout")
		r.write(r.logged(printed(r.daemon.out)))
		r.say("== stderr")
		r.write(warned.ReplaceAllString(printed(r.daemon.errs), "UserWarning:$1\n"))
	}
}

// List shows the names, modes, owners and sizes of the files that match the
// patterns.
func List(patterns ...string) Step {
	return func(r *Run) {
		r.say("== files %s", strings.Join(patterns, " "))
		for _, pattern := range patterns {
			names, err := filepath.Glob(r.path(pattern))
			if err != nil {
				r.giveUp("%v", err)
			}
			for _, name := range names {
				r.say("%s %s", name, describe(name))
			}
		}
	}
}

// describe shows a file's mode, owner and, of a regular file, size.
func describe(name string) string {
	info, err := os.Lstat(name)
	if err != nil {
		return unwrapped(err).Error()
	}
	stat := info.Sys().(*syscall.Stat_t)
	text := fmt.Sprintf("%v %d:%d", info.Mode(), stat.Uid, stat.Gid)
	if info.Mode().IsRegular() {
		text += fmt.Sprintf(" %d bytes", info.Size())
	}
	return text
}

// Proc shows what /proc says of a process of the daemon: its identity, signal
// masks, descriptors, process group and session.
func Proc(name string) Step {
	return func(r *Run) {
		r.say("== proc of %s", name)
		r.proc(r.child(name), "Umask", "Uid", "Gid", "Groups", "SigBlk", "SigIgn", "SigCgt")
	}
}

// DaemonProc shows the part of the same that any daemon must show: its signal
// handlers and descriptors above 2 are its own business.
func DaemonProc() Step {
	return func(r *Run) {
		r.say("== proc of the daemon")
		r.proc(r.pid, "Umask", "Uid", "Gid", "Groups")
	}
}

// proc shows the named lines of a process's status, and what else /proc tells.
func (r *Run) proc(pid int, keys ...string) {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid)) // empty shows as a difference
	for _, key := range keys {
		line := regexp.MustCompile(`(?m)^` + key + `:.*$`).FindString(string(status))
		r.say("%s", strings.Join(strings.Fields(line), " "))
	}
	cwd, _ := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
	r.say("cwd: %s", cwd)
	fds, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	for _, fd := range fds {
		if n, _ := strconv.Atoi(fd.Name()); pid == r.pid && n > 2 {
			continue
		}
		target, _ := os.Readlink(fmt.Sprintf("/proc/%d/fd/%s", pid, fd.Name()))
		kind, _, _ := strings.Cut(target, ":[")
		r.say("fd %s: %s", fd.Name(), kind)
	}
	group, session := statNumbers(pid)
	_, ours := statNumbers(r.pid)
	r.say("own process group: %v, the daemon's session: %v", group == pid, session == ours)
}

// statNumbers reads a process's group and session.
func statNumbers(pid int) (group, session int) {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, after, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(after)
	if len(fields) < 4 {
		return 0, 0
	}
	group, _ = strconv.Atoi(fields[2])
	session, _ = strconv.Atoi(fields[3])
	return group, session
}

// Environ shows the environment of a process of the daemon, sorted, without the
// variables that every run has.
func Environ(name string) Step {
	return func(r *Run) {
		r.say("== environment of %s", name)
		for _, pair := range r.environ(name) {
			key, _, _ := strings.Cut(pair, "=")
			switch key {
			case "ORACLE_RUN", "TMPDIR", "LANG", "PWD", "OLDPWD", "SHLVL", "_":
				continue
			}
			r.say("%s", strconv.Quote(pair))
		}
	}
}

// Variables shows the named variables of a process of the daemon.
func Variables(name string, keys ...string) Step {
	return func(r *Run) {
		var values []string
		for _, key := range keys {
			for _, pair := range r.environ(name) {
				if value, ok := strings.CutPrefix(pair, key+"="); ok {
					values = append(values, strconv.Quote(value))
				}
			}
		}
		r.say("== %s of %s: %s", strings.Join(keys, ", "), name, strings.Join(values, ", "))
	}
}

// environ reads the environment of a process of the daemon, sorted: its order
// means nothing.
func (r *Run) environ(name string) []string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", r.child(name)))
	if err != nil {
		r.giveUp("%v", err)
	}
	pairs := strings.Split(strings.TrimSuffix(string(text), "\x00"), "\x00")
	slices.Sort(pairs)
	return pairs
}

// AwaitSettled waits until each of the named processes is neither starting nor
// trying again.
func AwaitSettled(names ...string) Step {
	return func(r *Run) {
		for _, name := range names {
			if !r.await(func() bool {
				state := field(r.call("supervisor.getProcessInfo", name).value, "statename")
				return state != "STARTING" && state != "BACKOFF" && state != nil
			}) {
				r.giveUp("%s does not settle", name)
			}
		}
	}
}

// IfRunning takes a step only if a process is RUNNING: what needs root shows
// nothing of a process that an ordinary user could not start.
func IfRunning(name string, step Step) Step {
	return func(r *Run) {
		if field(r.call("supervisor.getProcessInfo", name).value, "statename") == "RUNNING" {
			step(r)
		}
	}
}

// ExactDescription shows a process's description without masking its date.
func ExactDescription(name string) Step {
	return func(r *Run) {
		description, _ := field(r.call("supervisor.getProcessInfo", name).value, "description").(string)
		r.say("== description of %s", name)
		r.text.WriteString(description + "\n")
	}
}

// Cmdline shows the arguments of a process of the daemon.
func Cmdline(name string) Step {
	return func(r *Run) {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", r.child(name)))
		if err != nil {
			r.giveUp("%v", err)
		}
		r.say("== arguments of %s: %q", name, strings.Split(strings.TrimSuffix(string(text), "\x00"), "\x00"))
	}
}

// Gaps checks that between one start of a process and the next there are at least
// so many seconds, by the times in the main log.
func Gaps(name string, least ...int) Step {
	return func(r *Run) {
		text, _ := os.ReadFile(r.path("main.log"))
		pattern := regexp.MustCompile(`(?m)^(\S+ \S+) INFO spawned: '` + regexp.QuoteMeta(name) + `'`)
		var times []time.Time
		for _, m := range pattern.FindAllStringSubmatch(string(text), -1) {
			at, err := time.Parse("2006-01-02 15:04:05,000", m[1])
			if err != nil {
				r.giveUp("%v", err)
			}
			times = append(times, at)
		}
		for i, n := range least {
			if i+1 >= len(times) {
				r.problem("%s was not started %d times", name, i+2)
				return
			}
			// A line is written a little after the instant that counts.
			if gap := times[i+1].Sub(times[i]); gap < time.Duration(n)*time.Second-200*time.Millisecond {
				r.problem("%s was started again after %v, less than %d s", name, gap, n)
			}
		}
		r.say("== %s: pauses of at least %v s", name, least)
	}
}

// Differs runs steps whose outcome differs on purpose: the text that they add to
// the transcript must be supervisor's on Python's side and sirdar's on ours. The
// transcript itself only names the difference.
func Differs(id, supervisor, sirdar string, steps ...Step) Step {
	if _, ok := difference(id); !ok {
		panic("no difference is called " + id)
	}
	return func(r *Run) {
		part := r.aside(steps)
		r.say("== differs: %s", id)

		want := supervisor
		if r.side == Sirdar {
			want = sirdar
		}
		if strings.TrimSpace(part) != strings.TrimSpace(want) {
			r.problem("the difference %q shows as\n%s\nand not as\n%s", id, part, want)
		}
	}
}

// aside runs steps and takes what they say out of the transcript.
func (r *Run) aside(steps []Step) string {
	whole := r.text.String()
	r.text.Reset()
	defer func() {
		r.text.Reset()
		r.text.WriteString(whole)
	}()
	for _, step := range steps {
		step(r)
	}
	return r.text.String()
}

// Do wraps several steps into one.
func Do(steps ...Step) Step {
	return func(r *Run) {
		for _, step := range steps {
			step(r)
		}
	}
}
