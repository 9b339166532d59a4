//go:build linux

package bugs

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/api"
	"github.com/sirdar-project/sirdar/tests/running"
)

// talkative says much more than a pipe holds when it is asked to end, and some
// words from an exit hook.
const talkative = `[program:talkative]
command=/bin/sh -c "
 trap 'seq 1 700000; kill $child; exit 3' TERM
 trap 'echo last words' EXIT
 echo up
 sleep 1000 >/dev/null 2>&1 & child=$!
 wait"
startsecs=0
stopwaitsecs=60
stdout_logfile={dir}/talkative.log
stdout_logfile_maxbytes=0
redirect_stderr=true
`

// users-want 2A 6
func TestWhatAProgramSaysWhileItIsStoppedIsLogged(t *testing.T) {
	t.Parallel()
	var want strings.Builder
	want.WriteString("up\n")
	for i := 1; i <= 700000; i++ {
		fmt.Fprintln(&want, i)
	}
	want.WriteString("last words\n")

	for name, end := range map[string]func(*testing.T, *running.Daemon, *api.Client){
		"stop":     func(t *testing.T, d *running.Daemon, c *api.Client) { stop(t, c, "talkative") },
		"shutdown": func(t *testing.T, d *running.Daemon, c *api.Client) { mustEndWell(t, d) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, c := start(t, talkative, nil)
			awaitText(d, "talkative.log", "up\n")
			end(t, d, c)
			// Not SIGPIPE, nor the shell's own status for a write that failed.
			awaitLogged(t, d, "WARN stopped: talkative (exit status 3)")
			awaitSame(t, d, "talkative.log", want.String())
		})
	}
}

// awaitLogged waits for a text in the main log, whether or not the daemon still
// runs.
func awaitLogged(t *testing.T, d *running.Daemon, text string) {
	t.Helper()
	running.AwaitFor(t, fmt.Sprintf("the main log says %q", text), func() bool { return strings.Contains(d.Log(), text) })
}

// awaitSame waits until a log is as long as it should be, and compares it.
func awaitSame(t *testing.T, d *running.Daemon, file, want string) {
	t.Helper()
	running.AwaitFor(t, fmt.Sprintf("%s has %d bytes", file, len(want)), func() bool {
		info, err := os.Stat(d.Path(file))
		return err == nil && info.Size() >= int64(len(want))
	})
	if got := d.Read(file); got != want {
		t.Errorf("%s has %d bytes, want %d, and differs at byte %d", file, len(got), len(want), firstDifference(got, want))
	}
}

func firstDifference(a, b string) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

// users-want 2A 6
//
// core 225
func TestAMegabyteWrittenRightBeforeTheExitIsLogged(t *testing.T) {
	t.Parallel()
	var want strings.Builder
	for i := 1; i <= 160000; i++ {
		fmt.Fprintln(&want, i)
	}
	d, c := start(t, `[program:hasty]
command=/usr/bin/seq 1 160000
startsecs=0
autorestart=false
stdout_logfile={dir}/hasty.log
stdout_logfile_maxbytes=0
`, nil)
	p := awaitState(t, d, c, "hasty", sirdar.Exited)
	if p.ExitStatus != 0 {
		t.Errorf("the exit status is %d", p.ExitStatus)
	}
	awaitSame(t, d, "hasty.log", want.String())
}

// database and application are a program and one that needs it: the database, asked
// to end, tells whether the application is still there. A zombie counts as there.
const (
	database = `[program:database]
command=/bin/sh -c "
 trap 'if kill -0 $(cat {dir}/application.pid) 2>/dev/null; then echo application is still there; else echo application is gone; fi >>{dir}/order; kill $child; exit 0' TERM
 sleep 1000 & child=$!
 echo >{dir}/database.pid $$
 wait"
startsecs=0
priority=%d
stopwaitsecs=60
`
	application = `[program:application]
command=/bin/sh -c "
 trap 'echo application was asked >>{dir}/order; sleep 0.5; kill $child; exit 0' TERM
 sleep 1000 & child=$!
 echo >{dir}/application.pid $$
 wait"
startsecs=0
priority=%d
stopwaitsecs=60
`
)

// users-want 2A 10
func TestTheLastPriorityIsGoneBeforeTheFirstIsAskedToStop(t *testing.T) {
	t.Parallel()
	alone := fmt.Sprintf(database+application, 1, 200)
	grouped := alone + "[group:shop]\nprograms=database,application\n"
	crossed := fmt.Sprintf(database+application, 200, 1) + "[group:lower]\nprograms=database\npriority=1\n[group:upper]\nprograms=application\npriority=200\n"

	stopAll := func(t *testing.T, d *running.Daemon, c *api.Client) {
		results, err := c.Stop(inTime(t), sirdar.All, true)
		if err != nil || len(results) != 2 {
			t.Errorf("stopAllProcesses answers %v (%v)", results, err)
		}
	}
	for _, test := range []struct {
		name     string
		sections string
		end      func(*testing.T, *running.Daemon, *api.Client)
	}{
		{"stopAllProcesses", alone, stopAll},
		{"stopAllProcesses of groups with priorities", crossed, stopAll},
		{"stopAllProcesses that nobody waits for", alone, func(t *testing.T, d *running.Daemon, c *api.Client) {
			if _, err := c.Stop(inTime(t), sirdar.All, false); err != nil {
				t.Error(err)
			}
		}},
		{"stopProcessGroup", grouped, func(t *testing.T, d *running.Daemon, c *api.Client) {
			if _, err := c.Stop(inTime(t), sirdar.OfGroup("shop"), true); err != nil {
				t.Error(err)
			}
		}},
		{"supervisorctl stop all", alone, func(t *testing.T, d *running.Daemon, c *api.Client) {
			if out, status := d.CtlStatus("stop", "all"); status != 0 || !strings.Contains(out, "database: stopped\n") {
				t.Errorf("supervisorctl stop all prints %q with exit status %d", out, status)
			}
		}},
		{"update that removes the group", grouped, func(t *testing.T, d *running.Daemon, c *api.Client) {
			d.Write("supervisord.conf", strings.Replace(d.Read("supervisord.conf"), "[group:shop]\nprograms=database,application\n", "", 1))
			if out, status := d.CtlStatus("update", "shop"); status != 0 || out != "shop: stopped\nshop: removed process group\n" {
				t.Errorf("supervisorctl update shop prints %q with exit status %d", out, status)
			}
		}},
		{"update that removes both", alone, func(t *testing.T, d *running.Daemon, c *api.Client) {
			text := d.Read("supervisord.conf")
			d.Write("supervisord.conf", text[:strings.Index(text, "[program:")])
			want := "application: stopped\napplication: removed process group\ndatabase: stopped\ndatabase: removed process group\n"
			if out, status := d.CtlStatus("update"); status != 0 || out != want {
				t.Errorf("supervisorctl update prints %q with exit status %d, want %q", out, status, want)
			}
		}},
		{"SIGTERM", grouped, func(t *testing.T, d *running.Daemon, c *api.Client) { d.Signal(syscall.SIGTERM) }},
		{"SIGTERM of groups with priorities", crossed, func(t *testing.T, d *running.Daemon, c *api.Client) { d.Signal(syscall.SIGTERM) }},
		{"SIGHUP", alone, func(t *testing.T, d *running.Daemon, c *api.Client) { d.Signal(syscall.SIGHUP) }},
		{"shutdown", alone, func(t *testing.T, d *running.Daemon, c *api.Client) {
			if err := c.Shutdown(inTime(t)); err != nil {
				t.Error(err)
			}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d, c := start(t, test.sections, nil)
			d.Await("both are up", func() bool { return d.Read("database.pid") != "" && d.Read("application.pid") != "" })
			test.end(t, d, c)
			running.AwaitFor(t, "the database was asked to stop", func() bool { return strings.Contains(d.Read("order"), "application is ") })
			if got, want := d.Read("order"), "application was asked\napplication is gone\n"; got != want {
				t.Errorf("what happened is %q, want %q", got, want)
			}
		})
	}
}

// users-want 2B 4
func TestNeighboursDoNotShortenTheGracePeriod(t *testing.T) {
	t.Parallel()
	d, c := start(t, `[program:graceful]
command=/bin/sh -c "
 trap 'kill $child; sleep 2; echo finished; exit 0' TERM
 sleep 1000 & child=$!
 echo up
 wait"
startsecs=0
stopwaitsecs=60
stdout_logfile={dir}/graceful.log
[program:neighbour]
command=/bin/sleep 0.1
process_name=neighbour_%(process_num)d
numprocs=10
startsecs=0
autorestart=true
`, nil)
	awaitText(d, "graceful.log", "up\n")
	awaitLogged(t, d, "INFO exited: neighbour_9 ")
	before := len(lines(d.Log(), "exited: neighbour"))
	stop(t, c, "graceful")
	if flaps := len(lines(d.Log(), "exited: neighbour")) - before; flaps < 10 {
		t.Errorf("only %d neighbours ended meanwhile", flaps)
	}
	awaitLogged(t, d, "INFO stopped: graceful (exit status 0)")
	if killed := lines(d.Log(), "killing 'graceful'"); len(killed) > 0 {
		t.Errorf("it was killed: %q", killed)
	}
	awaitText(d, "graceful.log", "finished\n")
}

// keeper leaves a grandchild that keeps its output open.
const keeper = `[program:keeper]
command=/bin/sh -c "echo up; sleep 1000; true"
startsecs=0
stopwaitsecs=60
stdout_logfile={dir}/keeper.log
redirect_stderr=true
`

// users-want 2B 5
func TestAGrandchildThatKeepsThePipeDoesNotHoldUpTheEnd(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*testing.T, *running.Daemon, *api.Client){
		"stop": func(t *testing.T, d *running.Daemon, c *api.Client) {
			stop(t, c, "keeper")
			if p := info(t, c, "keeper"); p.State != sirdar.Stopped {
				t.Errorf("it is %v, want STOPPED", p.State)
			}
			// It can be started again although the old pipe is still held.
			if _, err := c.Start(inTime(t), sirdar.Select("keeper"), true); err != nil {
				t.Errorf("start: %v", err)
			}
			killGroup(t, info(t, c, "keeper").PID)
		},
		"shutdown": func(t *testing.T, d *running.Daemon, c *api.Client) { mustEndWell(t, d) },
		"exit": func(t *testing.T, d *running.Daemon, c *api.Client) {
			if err := syscall.Kill(info(t, c, "keeper").PID, syscall.SIGUSR1); err != nil {
				t.Fatal(err)
			}
			awaitLogged(t, d, "WARN exited: keeper (terminated by SIGUSR1; not expected)")
			d.Await("it runs again", func() bool { return strings.Count(d.Read("keeper.log"), "up\n") == 2 })
			killGroup(t, info(t, c, "keeper").PID)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, c := start(t, keeper, nil)
			awaitText(d, "keeper.log", "up\n")
			pid := info(t, c, "keeper").PID
			d.Await("there is a grandchild", func() bool { return len(children(t, pid)) == 1 })
			grandchild := children(t, pid)[0].pid
			t.Cleanup(func() { syscall.Kill(grandchild, syscall.SIGKILL) })

			end(t, d, c)
			if log := d.Log(); strings.Contains(log, "SIGKILL") {
				t.Errorf("something was killed:\n%s", log)
			}
			if alive(pid) || !alive(grandchild) {
				t.Errorf("the program is alive: %v, its child is alive: %v; want false and true", alive(pid), alive(grandchild))
			}
		})
	}
}

// killGroup sees to it that nothing of a program is left at the end of a test.
func killGroup(t *testing.T, pid int) {
	t.Cleanup(func() { syscall.Kill(-pid, syscall.SIGKILL) })
}
