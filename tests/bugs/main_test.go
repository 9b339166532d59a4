//go:build linux

// Package bugs plays the bugs that Supervisor's users, and those of its earlier Go
// port, ran into, against the real supervisord. The numbers in the comments are
// those of the list of demands and bugs that the project was started from.
//
// Where a bug of the list is not here it is proved elsewhere:
//   - 2A 4, the wall clock jumps: no program can set the clock of one process, so
//     package process proves it (TestAJumpOfTheWallClockMovesNoDeadline), where the
//     clock is an argument;
//   - 2B 1, the full table of states and inputs: package process.
//
// SIRDAR_TEST_SUPERVISORD=/usr/bin/supervisord plays them against Python's, which
// fails where the bug is Supervisor's own.
package bugs

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/api"
	"github.com/sirdar-project/sirdar/tests/running"
)

// These tests wait for most of their time, so more of them run at once than there
// are processors.
const parallel = 8

func TestMain(m *testing.M) {
	flag.Parse()
	if f := flag.Lookup("test.parallel"); f.Value.String() == f.DefValue {
		f.Value.Set(strconv.Itoa(parallel))
	}
	os.Exit(running.Main(m))
}

// start runs supervisord and a client of its.
func start(t *testing.T, sections string, files running.Files) (*running.Daemon, *api.Client) {
	t.Helper()
	return startAs(t, running.How{}, sections, files)
}

// startAs is start in an unusual way.
func startAs(t *testing.T, how running.How, sections string, files running.Files) (*running.Daemon, *api.Client) {
	t.Helper()
	d := how.Start(t, sections, files)
	return d, dial(t, d)
}

// dial makes a client and waits until it is answered.
func dial(t *testing.T, d *running.Daemon) *api.Client {
	t.Helper()
	c, err := api.Dial("unix://"+d.Path("s.sock"), "", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	d.Await("supervisord answers", func() bool {
		_, err := c.About(t.Context())
		return err == nil
	})
	return c
}

// info describes one process.
func info(t *testing.T, c *api.Client, name string) sirdar.ProcessInfo {
	t.Helper()
	infos, err := c.Info(t.Context(), sirdar.Select(name))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return infos[0]
}

// awaitState waits until a process is in a state and describes it.
func awaitState(t *testing.T, d *running.Daemon, c *api.Client, name string, want sirdar.State) sirdar.ProcessInfo {
	t.Helper()
	var p sirdar.ProcessInfo
	d.Await(fmt.Sprintf("%s is %v", name, want), func() bool {
		p = info(t, c, name)
		return p.State == want
	})
	return p
}

// awaitLine waits until a file of the daemon's folder has a text.
func awaitText(d *running.Daemon, file, text string) {
	d.Await(fmt.Sprintf("%s says %q", file, text), func() bool { return strings.Contains(d.Read(file), text) })
}

// stop stops what is selected and waits for it.
func stop(t *testing.T, c *api.Client, name string) {
	t.Helper()
	if _, err := c.Stop(t.Context(), sirdar.Select(name), true); err != nil {
		t.Fatalf("stop %s: %v", name, err)
	}
}

// mustEndWell ends supervisord with SIGTERM and demands exit status 0.
func mustEndWell(t *testing.T, d *running.Daemon) {
	t.Helper()
	d.Signal(syscall.SIGTERM)
	if status := d.Exit(); status != 0 {
		t.Errorf("supervisord's exit status is %d, want 0", status)
	}
}

// isFault says whether an error is one of some faults.
func isFault(err error, codes ...sirdar.FaultCode) bool {
	for _, code := range codes {
		if errors.Is(err, &sirdar.Fault{Code: code}) {
			return true
		}
	}
	return false
}

// lines returns the lines of a text that have a word.
func lines(text, word string) []string {
	var found []string
	for line := range strings.Lines(text) {
		if strings.Contains(line, word) {
			found = append(found, strings.TrimSuffix(line, "\n"))
		}
	}
	return found
}

// A proc is a line of the process table.
type proc struct {
	pid, parent int
	state       string // "Z" is a zombie
}

// children returns the children of a process, zombies included.
func children(t *testing.T, parent int) []proc {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	var found []proc
	for _, name := range stats {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // it has just ended
		}
		// The command stands in brackets and may hold anything.
		fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		pid, err1 := strconv.Atoi(filepath.Base(filepath.Dir(name)))
		ppid, err2 := strconv.Atoi(fields[1])
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		if ppid == parent {
			found = append(found, proc{pid: pid, parent: ppid, state: fields[0]})
		}
	}
	return found
}

// alive says whether a process exists and is no zombie.
func alive(pid int) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	rest := string(text[strings.LastIndexByte(string(text), ')')+1:])
	return !strings.HasPrefix(rest, " Z")
}

// commandLine returns the arguments of a process, separated by blanks.
func commandLine(pid int) string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil {
		return ""
	}
	return strings.TrimRight(strings.ReplaceAll(string(text), "\x00", " "), " ")
}

// nobody is the user that owns nothing.
const nobody = 65534

// ordinary makes a daemon run as an ordinary user: as nobody when we are root, else
// as who we are.
func ordinary() *syscall.SysProcAttr {
	if os.Getuid() != 0 {
		return nil
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
}

// needRoot skips the part of a test for which one has to be root.
func needRoot(t *testing.T) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root may do this")
	}
}

// inTime bounds a call.
func inTime(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}
