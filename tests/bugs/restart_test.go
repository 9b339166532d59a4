//go:build linux

package bugs

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/api"
	"github.com/sirdar-project/sirdar/tests/running"
)

// users-want 2A 3
func TestRestartsThatRaceWithExitsLoseNothing(t *testing.T) {
	t.Parallel()
	const clients, rounds = 3, 150
	d, c := start(t, `[program:hasty]
command=/bin/sleep 0.02
startsecs=0
autorestart=true
stopsignal=KILL
stdout_logfile=NONE
stderr_logfile=NONE
`, nil)
	hasty := sirdar.Select("hasty")
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			for range rounds {
				_, err := c.Stop(inTime(t), hasty, true)
				if err != nil && !isFault(err, sirdar.NotRunning) {
					t.Errorf("stop: %v", err)
				}
				_, err = c.Start(inTime(t), hasty, true)
				if err != nil && !isFault(err, sirdar.AlreadyStarted, sirdar.AbnormalTermination, sirdar.SpawnError) {
					t.Errorf("start: %v", err)
				}
			}
		})
	}
	all.Wait()

	d.Await("it can be stopped", func() bool {
		_, err := c.Stop(inTime(t), hasty, true)
		return info(t, c, "hasty").State == sirdar.Stopped || isFault(err, sirdar.NotRunning)
	})
	d.Await("no child is left", func() bool { return len(children(t, d.Pid())) == 0 })
	spawned := len(lines(d.Log(), "spawned: 'hasty'"))
	ended := len(lines(d.Log(), "stopped: hasty")) + len(lines(d.Log(), "exited: hasty"))
	if spawned != ended || spawned < rounds/2 {
		t.Errorf("%d were spawned and %d have ended, want as many, and %d or more", spawned, ended, rounds/2)
	}

	// It is not stuck.
	if _, err := c.Start(inTime(t), hasty, false); err != nil {
		t.Errorf("start at the end: %v", err)
	}
	d.Await("it was started again", func() bool { return len(lines(d.Log(), "spawned: 'hasty'")) > spawned })
}

// users-want 2B 1
//
// core 144
func TestAnExitAfterStartsecsIsNoFailedStart(t *testing.T) {
	t.Parallel()
	d, c := start(t, `[program:oneshot]
command=/bin/sleep 1.3
startsecs=1
startretries=1
autorestart=unexpected
[program:worker]
command=/bin/sh -c "sleep 1.2; exit 1"
startsecs=1
startretries=1
autorestart=unexpected
[program:stopped]
command=/bin/sleep 1000
startsecs=1
`, nil)
	awaitState(t, d, c, "stopped", sirdar.Running)
	stop(t, c, "stopped")
	if p := info(t, c, "stopped"); p.State != sirdar.Stopped {
		t.Errorf("what was stopped is %v", p.State)
	}

	// Four exits are more than startretries would allow.
	d.Await("the worker has exited four times", func() bool {
		return len(lines(d.Log(), "exited: worker (exit status 1; not expected)")) >= 4
	})
	if log := d.Log(); len(lines(log, "success: worker")) < 4 || strings.Contains(log, "FATAL") || len(lines(log, "spawned: 'oneshot'")) != 1 {
		t.Errorf("an exit was taken for a failed start:\n%s", log)
	}
	if told := lines(d.Log(), "INFO exited: oneshot (exit status 0; expected)"); len(told) != 1 {
		t.Errorf("the one-shot's exit is told %d times", len(told))
	}
	if p := info(t, c, "oneshot"); p.State != sirdar.Exited || p.ExitStatus != 0 {
		t.Errorf("the one-shot is %v with exit status %d, want EXITED with 0", p.State, p.ExitStatus)
	}
	if p := info(t, c, "stopped"); p.State != sirdar.Stopped {
		t.Errorf("what was stopped became %v", p.State)
	}
}

// users-want 2B 18
//
// core 141
func TestStartretriesAreCountedExactly(t *testing.T) {
	t.Parallel()
	var sections strings.Builder
	for retries := range 3 {
		fmt.Fprintf(&sections, "[program:retries%d]\ncommand=/bin/false\nstartretries=%d\n", retries, retries)
	}
	sections.WriteString("[program:negative]\ncommand=/bin/false\nstartretries=-3\n")
	d, c := start(t, sections.String(), nil)
	for name, attempts := range map[string]int{"retries0": 1, "retries1": 2, "retries2": 3, "negative": 1} {
		awaitState(t, d, c, name, sirdar.Fatal)
		awaitLogged(t, d, fmt.Sprintf("INFO gave up: %s entered FATAL state, too many start retries too quickly", name))
		log := d.Log()
		if spawned, exited := len(lines(log, "spawned: '"+name+"'")), len(lines(log, "exited: "+name+" (exit status 1; not expected)")); spawned != attempts || exited != attempts {
			t.Errorf("%s was spawned %d times and exited %d times, want %d", name, spawned, exited, attempts)
		}
	}
}

// users-want 2B 18
//
// core 33
func TestProcessNumbersBeginAtNumprocsStart(t *testing.T) {
	t.Parallel()
	_, c := start(t, `[program:zero]
command=/bin/true
autostart=false
numprocs=2
process_name=%(program_name)s_%(process_num)d
[program:five]
command=/bin/true
autostart=false
numprocs=3
numprocs_start=5
process_name=%(program_name)s_%(process_num)02d
`, nil)
	infos, err := c.Info(inTime(t), sirdar.All)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range infos {
		names = append(names, p.FullName())
	}
	if want := []string{"five:five_05", "five:five_06", "five:five_07", "zero:zero_0", "zero:zero_1"}; !slices.Equal(names, want) {
		t.Errorf("the processes are %v, want %v", names, want)
	}
}

// users-want 2B 18
func TestStatusTellsOfAllProcessesOfALargeProgram(t *testing.T) {
	t.Parallel()
	const many = 250
	d, c := start(t, `[program:many]
command=/bin/sleep 1000
numprocs=250
process_name=%(process_num)03d
startsecs=0
stdout_logfile=NONE
stderr_logfile=NONE
`, nil)
	d.Await("all are up", func() bool {
		infos, err := c.Info(inTime(t), sirdar.All)
		return err == nil && len(infos) == many && !slices.ContainsFunc(infos, func(p sirdar.ProcessInfo) bool { return p.State != sirdar.Running })
	})
	out, status := d.CtlStatus("status")
	if n := len(lines(out, " RUNNING ")); n != many || strings.Count(out, "\n") != many || status != 0 {
		t.Errorf("status prints %d lines, %d of them RUNNING, with exit status %d; want %d", strings.Count(out, "\n"), n, status, many)
	}
	for i := range many {
		if !strings.Contains(out, fmt.Sprintf("many:%03d ", i)) {
			t.Errorf("status does not tell of process %d", i)
		}
	}
}

// users-want 2B 16
func TestRestartsLeakNeitherDescriptorsNorThreadsNorMemory(t *testing.T) {
	t.Parallel()
	const programs, round = 10, 15
	d, c := start(t, `[program:flap]
command=/bin/echo a line for the log
numprocs=10
process_name=%(process_num)d
startsecs=0
autostart=false
autorestart=false
stdout_logfile_maxbytes=1KB
`, nil)
	// Two rounds of each: what is kept for good is there after the first.
	flap := func() {
		var all sync.WaitGroup
		for i := range programs {
			all.Go(func() {
				sel := sirdar.OfProcess("flap", strconv.Itoa(i))
				for range round {
					if _, err := c.Start(inTime(t), sel, false); err != nil {
						t.Errorf("start: %v", err)
					}
					awaitState(t, d, c, "flap:"+strconv.Itoa(i), sirdar.Exited)
				}
			})
		}
		all.Wait()
	}
	flap()
	before := holdings(t, d.Pid())
	for range 3 {
		flap()
	}
	d.Await("descriptors are closed", func() bool { return holdings(t, d.Pid()).descriptors <= before.descriptors })
	after := holdings(t, d.Pid())
	t.Logf("before %+v, after %+v", before, after)
	if spawned := len(lines(d.Log(), "spawned: ")); spawned < 4*programs*round {
		t.Errorf("only %d were spawned", spawned)
	}
	if after.threads > before.threads+4 {
		t.Errorf("%d threads, were %d", after.threads, before.threads)
	}
	if after.kilobytes > before.kilobytes*3/2+4096 {
		t.Errorf("%d kB of memory, were %d", after.kilobytes, before.kilobytes)
	}
	if left := children(t, d.Pid()); len(left) > 0 {
		t.Errorf("children are left: %+v", left)
	}
}

// What a process holds.
type held struct{ descriptors, threads, kilobytes int }

func holdings(t *testing.T, pid int) held {
	t.Helper()
	fds, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		t.Fatal(err)
	}
	return held{len(fds), statusNumber(t, pid, "Threads"), statusNumber(t, pid, "VmRSS")}
}

// statusNumber reads a number of /proc/PID/status.
func statusNumber(t *testing.T, pid int, field string) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^` + field + `:\s+(\d+)`).FindSubmatch(text)
	if m == nil {
		t.Fatalf("/proc/%d/status has no %s", pid, field)
	}
	n, err := strconv.Atoi(string(m[1]))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// crashers exit again and again, each with a status of its own. orphans leaves
// children to whoever adopts them.
const (
	crashers = `[program:crasher]
command=/bin/sh -c "exit %(process_num)d"
numprocs=20
numprocs_start=1
process_name=crasher_%(process_num)d
startsecs=0
autorestart=true
stdout_logfile=NONE
stderr_logfile=NONE
`
	orphans = `[program:orphans]
command=/bin/sh -c "while :; do (sh -c 'sleep 0.03; exit 77' &); sleep 0.02; done"
startsecs=0
stopasgroup=true
stdout_logfile=NONE
stderr_logfile=NONE
`
)

// users-want 2B 2
//
// core 184
func TestEveryExitStatusIsRightAndNoZombieStays(t *testing.T) {
	t.Parallel()
	for name, how := range map[string]running.How{
		"as PID 1":            {Attr: firstOfNamespace()},
		"in any process tree": {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			isInit := how.Attr != nil
			d, c := startAs(t, how, crashers+orphans, nil)
			if about, err := c.About(inTime(t)); err != nil || (about.PID == 1) != isInit {
				t.Fatalf("supervisord's pid is %d (%v)", about.PID, err)
			}
			exits := func(n int) (told []string) {
				return lines(d.Log(), fmt.Sprintf("exited: crasher_%d (", n))
			}
			d.Await("each has exited four times and was started again", func() bool {
				for n := 1; n <= 20; n++ {
					if len(exits(n)) < 4 {
						return false
					}
				}
				return true
			})
			if isInit {
				d.Await("orphans were reaped", func() bool { return len(lines(d.Log(), "INFO reaped unknown pid ")) >= 50 })
			}
			stop(t, c, "orphans")
			d.Await("no zombie stays", func() bool {
				return !slices.ContainsFunc(children(t, d.Pid()), func(p proc) bool { return p.state == "Z" })
			})

			for n := 1; n <= 20; n++ {
				for _, line := range exits(n) {
					if !strings.Contains(line, fmt.Sprintf("exited: crasher_%d (exit status %d; not expected)", n, n)) {
						t.Errorf("wrong: %q", line)
					}
				}
			}
			for _, line := range lines(d.Log(), "INFO reaped unknown pid ") {
				if isInit && !strings.Contains(line, "(exit status 77)") && !strings.Contains(line, "(terminated by SIGTERM)") {
					t.Errorf("wrong: %q", line)
				}
			}
			mustHaveNoTrouble(t, d, c)
		})
	}
}

// mustHaveNoTrouble looks for what supervisord says when waiting goes wrong, and for
// programs that nobody starts again.
func mustHaveNoTrouble(t *testing.T, d *running.Daemon, c *api.Client) {
	t.Helper()
	log := d.Log()
	for _, word := range []string{"waitpid error", "unknown termination", "Traceback", "FATAL", " ERRO "} {
		if found := lines(log, word); len(found) > 0 {
			t.Errorf("the log tells of trouble: %q", found)
		}
	}
	spawns := func(n int) int { return len(lines(d.Log(), fmt.Sprintf("spawned: 'crasher_%d'", n))) }
	before := make(map[int]int)
	for n := 1; n <= 20; n++ {
		before[n] = spawns(n)
	}
	for n := 1; n <= 20; n++ {
		d.Await(fmt.Sprintf("program %d is started again", n), func() bool { return spawns(n) > before[n] })
	}
}

// firstOfNamespace makes a daemon the first process of a PID namespace.
func firstOfNamespace() *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWPID}
	if os.Getuid() != 0 {
		attr.Cloneflags |= syscall.CLONE_NEWUSER
		attr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
		attr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	}
	return attr
}
