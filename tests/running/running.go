//go:build unix

// Package running runs our supervisord for tests that treat it as its users do:
// from a configuration file, with Debian's unmodified supervisorctl, by signals.
//
// SIRDAR_TEST_SUPERVISORD names another supervisord, Debian's own for example: a
// test that fails against that one is wrong itself.
package running

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long a condition is awaited before the test gives up. What is
// awaited comes in a second or two; a machine may be busy.
const patience = 60 * time.Second

const supervisorctl = "/usr/bin/supervisorctl"

// binaries is the folder of what was built, "" while nothing was.
var binaries string

var build = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("SIRDAR_TEST_SUPERVISORD"); path != "" {
		return path, nil
	}
	dir, err := os.MkdirTemp("", "sirdar-test")
	if err != nil {
		return "", err
	}
	binaries = dir
	if err := os.Chmod(dir, 0o755); err != nil { // other users run it too
		return "", err
	}
	path := filepath.Join(dir, "supervisord")
	return path, Build(path, "./cmd/supervisord")
})

// Build makes a static binary of a package of this module, given as "./path".
func Build(binary, pkg string) error {
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-o", binary,
		"github.com/sirdar-project/sirdar/"+strings.TrimPrefix(pkg, "./"))
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("cannot build %s: %w\n%s", pkg, err, out)
	}
	return nil
}

// Main runs a package's tests and removes the binary that they built.
func Main(m *testing.M) int {
	defer func() {
		if binaries != "" {
			os.RemoveAll(binaries)
		}
	}()
	return m.Run()
}

// Supervisord returns the path of the binary under test.
func Supervisord(t testing.TB) string {
	t.Helper()
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// Need returns the path of the first of several programs that exists, and fails
// the test when none does: make test installs them.
func Need(t testing.TB, debianPackage string, paths ...string) string {
	t.Helper()
	for _, path := range paths {
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	t.Fatalf("%s is not installed (looked for %s): run make test-packages, or apt-get install %s",
		debianPackage, strings.Join(paths, ", "), debianPackage)
	return ""
}

// A Daemon is a running supervisord.
type Daemon struct {
	Dir      string // {dir} of the configuration
	how      How
	t        testing.TB
	cmd      *exec.Cmd
	config   string
	output   bytes.Buffer
	launched bool
	ended    chan struct{}
	err      error
}

// base is what every configuration begins with.
const base = `[unix_http_server]
file={dir}/s.sock
[supervisord]
logfile={dir}/supervisord.log
pidfile={dir}/supervisord.pid
childlogdir={dir}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://{dir}/s.sock
`

// Files are texts by their path below the daemon's folder; a path that ends with
// a slash is a folder. {dir} in a text is the daemon's folder.
type Files map[string]string

// Start runs supervisord in the foreground with the usual sections and those
// given, in which {dir} is the daemon's folder. The test's end ends it.
func Start(t testing.TB, sections string, files Files) *Daemon {
	t.Helper()
	return How{}.Start(t, sections, files)
}

// How says what is unusual about the way in which a supervisord is started.
type How struct {
	Binary string               // another supervisord than the one under test
	Bare   bool                 // the configuration is what is given, without the usual sections
	Prefix []string             // a command that executes the one that follows it; {dir} is the daemon's folder
	Args   []string             // more arguments
	Env    []string             // more variables, as KEY=value
	Cwd    string               // where it is started; "" means the daemon's folder
	Attr   *syscall.SysProcAttr // namespaces; another user, to whom the daemon's folder is then given
	Stdout *os.File             // where it writes, and Stderr with it; nil means that it is kept
}

// Start is [Start] in this way.
func (h How) Start(t testing.TB, sections string, files Files) *Daemon {
	t.Helper()
	d := h.Prepare(t, sections, files)
	d.Launch()
	return d
}

// Prepare writes the configuration and the files, and starts nothing.
func (h How) Prepare(t testing.TB, sections string, files Files) *Daemon {
	t.Helper()
	Need(t, "supervisor", supervisorctl)
	// t.TempDir's names are too long for a socket.
	dir, err := os.MkdirTemp("", "run")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if h.user() != nil {
		if err := os.Chown(dir, int(h.user().Uid), int(h.user().Gid)); err != nil {
			t.Fatal(err)
		}
	}

	d := &Daemon{Dir: dir, how: h, t: t, config: filepath.Join(dir, "supervisord.conf")}
	for name, text := range files {
		d.Write(name, text)
	}
	if !h.Bare {
		sections = base + sections
	}
	d.Write("supervisord.conf", sections)
	return d
}

func (h How) user() *syscall.Credential {
	if h.Attr == nil {
		return nil
	}
	return h.Attr.Credential
}

// Launch starts the supervisord of a prepared folder, or starts it again when it
// has ended. The test's end ends it.
func (d *Daemon) Launch() {
	d.t.Helper()
	d.cmd = d.Command(d.how)
	if d.how.Stdout != nil {
		d.cmd.Stdout, d.cmd.Stderr = d.how.Stdout, d.how.Stdout
	} else {
		d.cmd.Stdout, d.cmd.Stderr = &d.output, &d.output
	}
	if err := d.cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	cmd, ended := d.cmd, make(chan struct{})
	d.ended = ended
	go func() {
		d.err = cmd.Wait()
		close(ended)
	}()
	if !d.launched {
		d.launched = true
		d.t.Cleanup(d.end)
	}
}

// Second runs a second supervisord with this daemon's configuration, which is
// expected to refuse. It returns what that one said and its exit status, -1 when
// it had to be ended.
func (d *Daemon) Second(h How) (said string, status int) {
	d.t.Helper()
	cmd := d.Command(h)
	patient := time.AfterFunc(patience/2, func() { cmd.Process.Signal(syscall.SIGTERM) })
	defer patient.Stop()
	out, err := cmd.CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		d.t.Fatal(err)
	}
	if !patient.Stop() {
		return string(out), -1
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// Command is a supervisord in the foreground that is given this daemon's
// configuration and is started in some way: a second one, to see it refuse.
func (d *Daemon) Command(h How) *exec.Cmd {
	d.t.Helper()
	binary := h.Binary
	if binary == "" {
		binary = Supervisord(d.t)
	}
	var words []string
	for _, word := range h.Prefix {
		words = append(words, strings.ReplaceAll(word, "{dir}", d.Dir))
	}
	words = append(append(words, binary, "-n", "-c", d.config), h.Args...)
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Dir = d.Dir
	if h.Cwd != "" {
		cmd.Dir = h.Cwd
	}
	cmd.Env = append(os.Environ(), h.Env...)
	cmd.SysProcAttr = h.Attr
	return cmd
}

// end makes sure that nothing of the daemon is left, and shows what it said when
// the test failed.
func (d *Daemon) end() {
	if !d.Over() {
		d.cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-d.ended:
		case <-time.After(patience):
			d.t.Errorf("supervisord did not end within %v of SIGTERM", patience)
			d.cmd.Process.Kill()
			<-d.ended
		}
	}
	if d.t.Failed() {
		d.t.Logf("supervisord said:\n%s", d.output.String())
	}
}

// Over says whether supervisord has ended.
func (d *Daemon) Over() bool {
	select {
	case <-d.ended:
		return true
	default:
		return false
	}
}

// Path is a file in the daemon's folder.
func (d *Daemon) Path(name string) string { return filepath.Join(d.Dir, name) }

// Write makes a file or folder below the daemon's folder, as in [Files].
func (d *Daemon) Write(name, text string) {
	d.t.Helper()
	folder, isFile := d.Path(name), false
	if !strings.HasSuffix(name, "/") {
		folder, isFile = filepath.Dir(folder), true
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		d.t.Fatal(err)
	}
	if isFile {
		if err := os.WriteFile(d.Path(name), []byte(strings.ReplaceAll(text, "{dir}", d.Dir)), 0o644); err != nil {
			d.t.Fatal(err)
		}
	}
	if user := d.how.user(); user != nil {
		if err := os.Chown(d.Path(name), int(user.Uid), int(user.Gid)); err != nil {
			d.t.Fatal(err)
		}
	}
}

// Read returns a file of the daemon's folder, "" when there is none.
func (d *Daemon) Read(name string) string {
	text, err := os.ReadFile(d.Path(name))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		d.t.Fatal(err)
	}
	return string(text)
}

// Ctl runs Debian's supervisorctl and returns what it printed.
func (d *Daemon) Ctl(args ...string) string {
	d.t.Helper()
	out, _ := d.CtlStatus(args...)
	return out
}

// CtlStatus runs Debian's supervisorctl and returns what it printed and its exit
// status.
func (d *Daemon) CtlStatus(args ...string) (string, int) {
	d.t.Helper()
	return d.CtlOf(filepath.Base(d.config), args...)
}

// CtlOf is CtlStatus with another configuration of the daemon's folder.
func (d *Daemon) CtlOf(config string, args ...string) (string, int) {
	d.t.Helper()
	out, err := exec.Command(supervisorctl, append([]string{"-c", d.Path(config)}, args...)...).CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		d.t.Fatal(err)
	} else if exit != nil {
		return string(out), exit.ExitCode()
	}
	return string(out), 0
}

var runningLine = regexp.MustCompile(`RUNNING +pid (\d+),`)

// PID returns the pid of a program that is RUNNING, else 0.
func (d *Daemon) PID(name string) int {
	d.t.Helper()
	m := runningLine.FindStringSubmatch(d.Ctl("status", name))
	if m == nil {
		return 0
	}
	pid, err := strconv.Atoi(m[1])
	if err != nil {
		d.t.Fatal(err)
	}
	return pid
}

// AwaitRunning waits until a program is RUNNING with another pid than before, and
// returns its pid.
func (d *Daemon) AwaitRunning(name string, before int) int {
	d.t.Helper()
	pid := 0
	d.Await(name+" is RUNNING", func() bool {
		pid = d.PID(name)
		return pid != 0 && pid != before
	})
	return pid
}

// Await asks until the condition holds.
func (d *Daemon) Await(what string, holds func() bool) {
	d.t.Helper()
	AwaitFor(d.t, what, func() bool {
		if holds() {
			return true
		}
		if d.Over() {
			d.t.Fatalf("supervisord ended (%v) while this was awaited: %s", d.err, what)
		}
		return false
	})
}

// AwaitFor asks, without a daemon, until the condition holds.
func AwaitFor(t testing.TB, what string, holds func() bool) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for !holds() {
		select {
		case <-deadline.C:
			t.Fatalf("waited %v in vain: %s", patience, what)
		case <-again.C:
		}
	}
}

// Signal sends a signal to supervisord.
func (d *Daemon) Signal(sig syscall.Signal) {
	d.t.Helper()
	if err := d.cmd.Process.Signal(sig); err != nil {
		d.t.Fatal(err)
	}
}

// Exit waits until supervisord has ended and returns its exit status, -1 after a
// signal.
func (d *Daemon) Exit() int {
	d.t.Helper()
	select {
	case <-d.ended:
	case <-time.After(patience):
		d.t.Fatalf("supervisord did not end within %v", patience)
	}
	return d.cmd.ProcessState.ExitCode()
}

// EndedBy is the signal that has ended supervisord, 0 when it has exited by itself.
func (d *Daemon) EndedBy() syscall.Signal {
	d.Exit()
	if status := d.cmd.ProcessState.Sys().(syscall.WaitStatus); status.Signaled() {
		return status.Signal()
	}
	return 0
}

// Log returns the main log.
func (d *Daemon) Log() string { return d.Read("supervisord.log") }

// Pid is supervisord's own pid, as we see it.
func (d *Daemon) Pid() int { return d.cmd.Process.Pid }

// Output is what supervisord has written on its standard output and error; ask
// when it has ended.
func (d *Daemon) Output() string { return d.output.String() }
