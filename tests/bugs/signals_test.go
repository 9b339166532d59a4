//go:build linux

package bugs

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/tests/running"
)

// understood are the signals of Supervisor's table.
var understood = map[string]syscall.Signal{
	"SIGTERM": syscall.SIGTERM,
	"SIGINT":  syscall.SIGINT,
	"SIGQUIT": syscall.SIGQUIT,
	"SIGHUP":  syscall.SIGHUP,
	"SIGUSR2": syscall.SIGUSR2,
	"SIGCHLD": syscall.SIGCHLD,
	"SIGPIPE": syscall.SIGPIPE,
}

// mustNotHaveCrashed looks for what a crashing program prints.
func mustNotHaveCrashed(t *testing.T, said string) {
	t.Helper()
	for _, word := range []string{"goroutine ", "panic", "Traceback"} {
		if strings.Contains(said, word) {
			t.Errorf("supervisord crashed:\n%s", said)
		}
	}
}

// mustHaveLeftNobody looks for programs that outlived supervisord.
func mustHaveLeftNobody(t *testing.T, d *running.Daemon) {
	t.Helper()
	for _, line := range lines(d.Log(), "spawned: ") {
		var pid int
		if _, err := fmt.Sscanf(line[strings.Index(line, "with pid "):], "with pid %d", &pid); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if alive(pid) && strings.Contains(commandLine(pid), "sleep 1000") {
			t.Errorf("a program is left behind: %q", line)
		}
	}
}

// users-want 2B 14
//
// core 186
func TestTwoExitSignalsEndItOnceAndWell(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"SIGTERM", "SIGINT", "SIGQUIT"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, c := start(t, sleeper, nil)
			awaitState(t, d, c, "sleeper", sirdar.Running)
			d.Signal(understood[name])
			syscall.Kill(d.Pid(), understood[name]) // it may have ended by now
			if status := d.Exit(); status != 0 {
				t.Errorf("the exit status is %d, want 0", status)
			}
			if told := lines(d.Log(), "WARN received "+name+" indicating exit request"); len(told) < 1 {
				t.Errorf("the log does not tell of %s:\n%s", name, d.Log())
			}
			if stopped := lines(d.Log(), "stopped: sleeper (terminated by SIGTERM)"); len(stopped) != 1 {
				t.Errorf("the program's end is told %d times", len(stopped))
			}
			mustNotHaveCrashed(t, d.Output())
			mustHaveLeftNobody(t, d)
		})
	}
}

// The start is held up where the configuration is read. What Supervisor does with a
// signal holds from when it runs; until then it may end, quietly.
//
// users-want 2B 14
func TestSignalsDuringTheStart(t *testing.T) {
	t.Parallel()
	for name, sig := range understood {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := running.How{}.Prepare(t, "[include]\nfiles={dir}/slow.conf\n", nil)
			do(t, syscall.Mkfifo(d.Path("slow.conf"), 0o666))
			d.Launch()
			var slow *os.File
			d.Await("it reads its configuration", func() bool {
				f, err := os.OpenFile(d.Path("slow.conf"), os.O_WRONLY|syscall.O_NONBLOCK, 0)
				slow = f
				return err == nil
			})
			// Whoever reads it again shall not be held up.
			do(t, os.Remove(d.Path("slow.conf")))
			d.Write("slow.conf", sleeper)
			for range 2 {
				syscall.Kill(d.Pid(), sig)
			}
			// From here on it comes again and again.
			slow.WriteString(sleeper) // to nobody, when it has ended
			do(t, slow.Close())
			often := time.NewTicker(time.Millisecond)
			defer often.Stop()
			isUp := func() bool { return strings.Contains(d.Log(), "spawned: 'sleeper'") }
			for up := isUp(); !up && !d.Over(); up = isUp() {
				syscall.Kill(d.Pid(), sig)
				<-often.C
			}

			switch name {
			case "SIGTERM", "SIGINT", "SIGQUIT":
				if !d.Over() {
					syscall.Kill(d.Pid(), sig)
				}
				if status := d.Exit(); status != 0 && d.EndedBy() != sig {
					t.Errorf("the exit status is %d, want 0 or an end by %s", status, name)
				}
			default:
				// SIGHUP and SIGUSR2 end what does not know them yet.
				if d.Over() && d.EndedBy() != sig || d.Over() && (name == "SIGCHLD" || name == "SIGPIPE") {
					t.Errorf("it ended with status %d", d.Exit())
				}
				if !d.Over() {
					awaitState(t, d, dial(t, d), "sleeper", sirdar.Running)
					mustEndWell(t, d)
				}
			}
			mustNotHaveCrashed(t, d.Output())
			mustHaveLeftNobody(t, d)

			// Whatever it left, the next start comes up.
			d.Launch()
			awaitState(t, d, dial(t, d), "sleeper", sirdar.Running)
			mustEndWell(t, d)
		})
	}
}

// users-want 2B 14
//
// core 191
func TestSignalsWhileItRuns(t *testing.T) {
	t.Parallel()
	d, c := start(t, `[program:talker]
command=/bin/cat
startsecs=0
redirect_stderr=true
stdout_logfile={dir}/talker.log
`, nil)
	first := awaitState(t, d, c, "talker", sirdar.Running)
	say := func(word string) {
		t.Helper()
		if err := c.SendStdin(inTime(t), sirdar.Select("talker"), word+"\n"); err != nil {
			t.Fatal(err)
		}
	}
	say("before")
	awaitText(d, "talker.log", "before\n")

	// Two that mean nothing, and then one whose effect tells that they were heard.
	for range 2 {
		d.Signal(syscall.SIGCHLD)
		d.Signal(syscall.SIGPIPE)
	}
	for n := 1; n <= 2; n++ {
		do(t, os.Rename(d.Path("talker.log"), d.Path(fmt.Sprint("moved.", n))))
		do(t, os.Rename(d.Path("supervisord.log"), d.Path(fmt.Sprint("moved.main.", n))))
		d.Signal(syscall.SIGUSR2)
		for _, log := range []string{"talker.log", "supervisord.log"} {
			d.Await(log+" is there again", func() bool {
				_, err := os.Stat(d.Path(log))
				return err == nil
			})
		}
		word := fmt.Sprintf("after %d", n)
		say(word)
		awaitText(d, "talker.log", word+"\n")
		if text := d.Read("talker.log"); text != word+"\n" {
			t.Errorf("the new log holds %q, want %q", text, word)
		}
		if told := d.Read(fmt.Sprint("moved.main.", n)); !strings.Contains(told, "INFO received SIGUSR2 indicating log reopen request\n") || !strings.Contains(told, "INFO supervisord logreopen\n") {
			t.Errorf("the old log does not tell of the reopening:\n%s", told)
		}
	}
	if now := info(t, c, "talker"); now.PID != first.PID || now.State != sirdar.Running {
		t.Errorf("the program is %v with pid %d, was RUNNING with %d", now.State, now.PID, first.PID)
	}

	starts := func() int {
		return len(lines(d.Read("moved.main.1")+d.Read("moved.main.2")+d.Log(), fmt.Sprintf("INFO supervisord started with pid %d", d.Pid())))
	}
	before := first.PID
	for n := 2; n <= 3; n++ {
		d.Signal(syscall.SIGHUP)
		d.Await("it has started again", func() bool { return starts() == n })
		var now sirdar.ProcessInfo
		d.Await("the program runs anew", func() bool {
			now = info(t, c, "talker")
			return now.State == sirdar.Running && now.PID != before
		})
		before = now.PID
	}
	d.Signal(syscall.SIGHUP)
	d.Signal(syscall.SIGHUP)
	d.Await("it has started again", func() bool { return starts() >= 4 })
	awaitState(t, d, c, "talker", sirdar.Running)
	mustEndWell(t, d)
	mustNotHaveCrashed(t, d.Output())
}

// stubborn ends when it is allowed to.
const stubborn = `[program:stubborn]
command=/bin/sh -c "trap 'while test ! -e {dir}/go; do sleep 0.05; done; exit 0' TERM; echo up; while :; do sleep 0.05; done"
startsecs=0
stopwaitsecs=60
stdout_logfile={dir}/stubborn.log
`

// users-want 2B 14
//
// core 189, 190
func TestSignalsDuringTheShutdown(t *testing.T) {
	t.Parallel()
	for _, first := range []string{"SIGTERM", "SIGHUP"} {
		t.Run("that "+first+" began", func(t *testing.T) {
			t.Parallel()
			d, _ := start(t, stubborn, nil)
			awaitText(d, "stubborn.log", "up\n")
			d.Signal(understood[first])
			awaitText(d, "supervisord.log", "INFO waiting for stubborn to die")

			// The first of these turns the restart into a shutdown.
			for _, name := range []string{"SIGTERM", "SIGINT", "SIGQUIT", "SIGCHLD", "SIGPIPE", "SIGUSR2", "SIGHUP"} {
				for range 2 {
					d.Signal(understood[name])
				}
				text := "received " + name + " indicating exit request"
				switch name {
				case "SIGCHLD", "SIGPIPE":
					continue
				case "SIGUSR2":
					text = "received SIGUSR2 indicating log reopen request"
				case "SIGHUP":
					text = "WARN ignored SIGHUP indicating restart request (shutdown in progress)"
				}
				awaitText(d, "supervisord.log", text)
			}
			if started := lines(d.Log(), "supervisord started"); len(started) != 1 {
				t.Errorf("it has started %d times", len(started))
			}
			d.Write("go", "")
			if status := d.Exit(); status != 0 {
				t.Errorf("the exit status is %d, want 0", status)
			}
			if stopped := lines(d.Log(), "INFO stopped: stubborn (exit status 0)"); len(stopped) != 1 {
				t.Errorf("the program did not end well:\n%s", d.Log())
			}
			mustNotHaveCrashed(t, d.Output())
		})
	}
}

// An exit signal may find the old life over and the new one not begun. Where that
// is depends on the machine, so the pause between the signals is varied.
//
// users-want 2B 14
//
// core 190
func TestAnExitSignalAtTheTurnOfARestartIsNotLost(t *testing.T) {
	t.Parallel()
	d, _ := start(t, sleeper+"startsecs=0\n", nil)
	for round := range 40 {
		awaitText(d, "supervisord.log", "success: sleeper")
		d.Signal(syscall.SIGHUP)
		pause := time.NewTimer(time.Duration(round) * 100 * time.Microsecond)
		<-pause.C
		d.Signal(syscall.SIGTERM)
		if status := d.Exit(); status != 0 {
			t.Fatalf("round %d: the exit status is %d, want 0", round, status)
		}
		mustHaveLeftNobody(t, d)
		do(t, os.Remove(d.Path("supervisord.log")))
		d.Launch()
	}
}
