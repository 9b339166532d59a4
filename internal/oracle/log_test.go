//go:build linux

package oracle

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
)

// writer writes its further arguments to stdout, $1 seconds apart, each with
// printf, and then lives on.
const writer = "#!/bin/sh\npause=$1\nshift\nfor text; do\nprintf \"$text\"\nsleep $pause\ndone\nexec sleep 1000\n"

// TestBothLogAlike is about child logs, the main log, and reading them.
func TestBothLogAlike(t *testing.T) {
	// ranges are the pairs of offset and length that log reads are tried with.
	ranges := [][2]int{
		{0, 0}, {0, 5}, {5, 5}, {5, 0}, {15, 100}, {20, 0}, {25, 5}, {-5, 0}, {-100, 0}, {-5, 3}, {-5, -3}, {0, -1}, {5, -1}, {0, 21},
		{0, 20}, {0, 100}, {5, 15}, {5, 100}, {19, 5}, {18, 1}, {20, 5}, {100, 5}, {-5, 30}, {0, -5}, {30, -5},
	}
	var reads []Step
	for _, method := range []string{"supervisor.readProcessStdoutLog", "supervisor.tailProcessStdoutLog"} {
		for _, r := range ranges {
			reads = append(reads, Call(method, "x", r[0], r[1]))
		}
	}
	lines := func(from, to int) string {
		var b strings.Builder
		for i := from; i <= to; i++ {
			fmt.Fprintf(&b, "'line %03d\\n' ", i)
		}
		return b.String()
	}

	compare(t, []Scenario{
		// core 204-206
		{
			Name: "rotation",
			Config: "{base}[program:two]\ncommand={dir}/writer 0.25 " + lines(0, 11) + "\nstdout_logfile={dir}/two.log\nstdout_logfile_maxbytes=30\nstdout_logfile_backups=2\n" +
				"[program:none]\ncommand={dir}/writer 0.25 " + lines(0, 8) + "\nstdout_logfile={dir}/none.log\nstdout_logfile_maxbytes=30\nstdout_logfile_backups=0\n" +
				"[program:exact]\ncommand={dir}/writer 0.25 '12345678901234567890123456789' '.' '123456789012345678901234567890.' 'end'\nstdout_logfile={dir}/exact.log\nstdout_logfile_maxbytes=30\nstdout_logfile_backups=3\n" +
				"[program:before]\ncommand={dir}/writer 0.25 'line 000\\n' 'line 001\\n'\nstdout_logfile={dir}/before.log\nstdout_logfile_maxbytes=30\nstdout_logfile_backups=2\n" +
				"[program:never]\ncommand={dir}/writer 0.25 " + lines(0, 11) + "\nstdout_logfile={dir}/never.log\nstdout_logfile_maxbytes=0\nstdout_logfile_backups=2\n",
			Files: map[string]string{"writer": writer, "before.log": "1234567890123456789012345"},
			Steps: []Step{
				Start(), AwaitText("never.log", "line 011", 1), AwaitText("two.log.1", "line 011", 1), AwaitText("none.log", "line 008", 1), AwaitText("exact.log", "end", 1), AwaitText("before.log.1", "line 000", 1), AwaitText("before.log", "line 001", 1), Exists("two.log"),
				Show("two.log"), Show("two.log.1"), Show("two.log.2"), Show("none.log"), Show("exact.log"), Show("exact.log.1"), Show("exact.log.2"), Show("before.log"), Show("before.log.1"), Show("never.log"),
				List("two.log*", "none.log*", "exact.log*", "before.log*", "never.log*"), Stop(),
			},
		},
		// core 207
		{
			Name:   "a log that is deleted under the daemon",
			Config: "{base}[program:x]\ncommand=/bin/cat\nstdout_logfile={dir}/x.log\nstdout_logfile_maxbytes=20\nstdout_logfile_backups=2\n",
			Steps: []Step{
				Start(), AwaitState("RUNNING", "x"), Call("supervisor.sendProcessStdin", "x", "one\n"), AwaitText("x.log", "one", 1), Remove("x.log"),
				Call("supervisor.sendProcessStdin", "x", "a line of twenty-five by\n"), Exists("x.log"), Call("supervisor.sendProcessStdin", "x", "after\n"), AwaitText("x.log", "after", 1), Show("x.log"),
				Differs("log-comes-back", "== {dir}/x.log.1 left: false", "== {dir}/x.log.1 left: true", Left("x.log.1")), Stop(),
			},
		},
		// core 208, 209
		{
			Name:   "modes of logs, and logs before the first start",
			Config: "{base}[program:x]\ncommand=/bin/cat\nstdout_logfile={dir}/x.log\nautostart=false\nstartsecs=0\n[program:n]\ncommand=/bin/cat\nstdout_logfile=NONE\nstderr_logfile=none\nautostart=false\n",
			Steps: []Step{
				Start(), AwaitAnswer(), List("x.log", "tmp/x*", "tmp/n*"), Call("supervisor.readProcessStdoutLog", "x", 0, 0), Call("supervisor.tailProcessStdoutLog", "x", 0, 10), Call("supervisor.readProcessStderrLog", "x", 0, 0),
				Call("supervisor.readProcessStdoutLog", "n", 0, 0), Call("supervisor.tailProcessStdoutLog", "n", 0, 10), Ctl("tail", "n"), Ctl("tail", "x"), Call("supervisor.startProcess", "x"), List("x.log", "tmp/x*"), Info("n", "logfile", "stdout_logfile", "stderr_logfile"), Stop(),
			},
		},
		// core 210
		{
			Name:     "offsets and lengths",
			Config:   "{base}[program:x]\ncommand=/bin/echo -n 0123456789abcdefghij\nstdout_logfile={dir}/x.log\nstartsecs=0\n",
			Steps:    append(append([]Step{Start(), AwaitState("EXITED", "x"), AwaitText("x.log", "j", 1), Call("supervisor.readProcessStdoutLog", "x", "3", 1.9), Call("supervisor.readProcessLog", "x", 0, 3), Call("supervisor.tailProcessLog", "x", 0, 3)}, reads...), Stop()),
			Unlogged: true,
		},
		// core 211
		{
			Name:   "clearing a program's logs",
			Config: "{base}[program:x]\ncommand=/bin/cat\nstdout_logfile={dir}/x.log\nstderr_logfile={dir}/x.err\n[program:y]\ncommand=/bin/cat\nstdout_logfile={dir}/y.log\n",
			Files:  map[string]string{"x.err": "old\n", "x.log": "old\n", "x.log.1": "backup\n"},
			Steps: []Step{
				Start(), AwaitState("RUNNING", "x", "y"), Call("supervisor.sendProcessStdin", "x", "one\n"), AwaitText("x.log", "one", 1), Call("supervisor.clearProcessLogs", "x"), List("x.*"), Call("supervisor.sendProcessStdin", "x", "two\n"), AwaitText("x.log", "two", 1), Show("x.log"),
				Ctl("clear", "x"), Show("x.log"), CtlSorted("clear", "all"), Ctl("clear", "nosuch"), Ctl("clear", "x:*"), Call("supervisor.clearAllProcessLogs"), Call("supervisor.clearProcessLog", "y"), Stop(),
			},
		},
		// core 211
		{
			Name:   "clearing the logs of a program that does not run",
			Config: "{base}[program:x]\ncommand=/bin/echo hello\nstdout_logfile={dir}/x.log\nstartsecs=0\n",
			Steps: []Step{
				Start(), AwaitState("EXITED", "x"), AwaitText("x.log", "hello", 1), Differs("clear-stopped", "== supervisor.clearProcessLogs(\"x\")\ntrue\n== x.log: 6 bytes\nhello\n", "== supervisor.clearProcessLogs(\"x\")\ntrue\n== x.log: 0 bytes\n", Call("supervisor.clearProcessLogs", "x"), Show("x.log")), Stop(),
			},
			Unlogged: true,
		},
		// core 212
		{
			Name:   "clearing the main log",
			Config: "{base}" + program,
			Steps: []Step{
				Start(), AwaitState("RUNNING", "x"), Call("supervisor.clearLog"), Show("main.log"), Call("supervisor.readLog", 0, 0), Call("supervisor.stopProcess", "x"), Call("supervisor.readLog", 0, 5), Remove("main.log"), Call("supervisor.clearLog"), Call("supervisor.readLog", 0, 0), Ctl("maintail"), Stop(), Output(),
			},
			Unlogged: true,
		},
		// core 213, 214
		{
			Name: "output in the main log at level debug",
			Config: "{base}[supervisord]\nloglevel=debug\n[program:x]\ncommand={dir}/writer 0.2 'first\\n' 'second' '\\377\\n'\nstdout_logfile=NONE\n" +
				"[program:e]\ncommand=/bin/sh -c 'echo oops >&2; exec sleep 1000'\n",
			Files: map[string]string{"writer": writer},
			Steps: []Step{Start(), AwaitState("RUNNING", "x", "e"), AwaitLog("Undecodable", 1), Call("supervisor.signalProcess", "x", "CONT"), Call("supervisor.stopProcess", "e"), Stop()},
		},
		// core 215
		{
			Name:   "output passed through",
			Config: "{base}[program:x]\ncommand={dir}/writer 0.2 'first\\n' 'second\\n'\nstdout_logfile=/dev/stdout\nstdout_logfile_maxbytes=0\nredirect_stderr=true\n[program:e]\ncommand=/bin/sh -c 'echo oops >&2; exec sleep 1000'\nstderr_logfile=/dev/stderr\nstderr_logfile_maxbytes=0\n",
			Files:  map[string]string{"writer": writer},
			Steps:  []Step{Start("-s"), AwaitState("RUNNING", "x", "e"), Call("supervisor.readProcessStdoutLog", "nosuch", 0, 0), Stop(), Output()},
		},
		// core 217
		{
			Name:     "a main log called NONE",
			Config:   "{base}[supervisord]\nlogfile=NONE\n",
			Steps:    []Step{Start(), AwaitAnswer(), Stop(), List("NONE"), LogFile("NONE")},
			Unlogged: true,
		},
		{
			// How many lines one rotation takes is not compared: ours writes together
			// what comes at once.
			Name:     "the main log rotates",
			Config:   "{base}[supervisord]\nlogfile_maxbytes=1\nlogfile_backups=9\n",
			Steps:    []Step{Start(), AwaitAnswer(), Stop(), Show("main.log"), Exec("/bin/sh", "-c", "cat $(ls -r main.log.*)")},
			Unlogged: true,
		},
		// core 219
		{
			Name:   "escape sequences",
			Config: "{base}[supervisord]\nstrip_ansi=true\n[program:x]\ncommand={dir}/writer 0.2 'a\\033[31mred\\033[0mb\\n' 'h\\033[?25li\\n' '\\033[10;20Hpos\\033[6nq\\n' '\\033[5Xfoo m\\n' '\\033]0;title\\007x\\n' 'end\\n'\nstdout_logfile={dir}/x.log\n",
			Files:  map[string]string{"writer": writer},
			Steps:  []Step{Start(), AwaitText("x.log", "end", 1), Show("x.log"), Stop()}, Unlogged: true,
		},
		// core 220
		{
			Name: "capture",
			Config: "{base}[supervisord]\nloglevel=debug\n[program:x]\nstdout_capture_maxbytes=1KB\nstdout_logfile={dir}/x.log\ncommand={dir}/writer 0.3 'before <!--XSUPERVISOR:BEGIN-->payload<!--XSUPERVISOR:END--> and a long text after it\\n'" +
				" 'one <!--XSUPER' 'VISOR:BEGIN-->two<!--XSUPERVISOR:BEGIN-->three<!--XSUPERVISOR:END-->four<!--XSUPERVISOR:END-->five and more than twenty-four bytes\\n'\n" +
				"[program:off]\ncommand={dir}/writer 0.25 'a <!--XSUPERVISOR:BEGIN-->b<!--XSUPERVISOR:END--> c\\n'\nstdout_logfile={dir}/off.log\n",
			Files:  map[string]string{"writer": writer},
			Steps:  []Step{Start(), AwaitState("RUNNING", "x", "off"), AwaitText("x.log", "bytes", 1), AwaitText("off.log", "c\n", 1), Show("x.log"), Show("off.log"), Stop()},
			Ignore: map[string]string{"prompt": "^DEBG"},
		},
		// core 220
		{
			Name:   "the last bytes of a program with capture",
			Config: "{base}[program:x]\ncommand=/bin/sh -c 'echo hi; echo there'\nstdout_capture_maxbytes=1KB\nstdout_logfile={dir}/x.log\nstartsecs=0\n",
			Steps:  []Step{Start(), AwaitState("EXITED", "x"), Differs("capture-tail", "== x.log: 0 bytes", "== x.log: 9 bytes\nhi\nthere", Show("x.log")), Stop()}, Unlogged: true,
		},
		{
			Name:   "bytes that are no text",
			Config: "{base}[program:x]\ncommand={dir}/writer 0.25 '\\377\\376a\\000b\\n' 'end\\n'\nstdout_logfile={dir}/x.log\nstdout_events_enabled=true\n",
			Files:  map[string]string{"writer": writer},
			Steps:  []Step{Start(), AwaitText("x.log", "end", 1), Exec("/usr/bin/od", "-c", "x.log"), Stop()}, Unlogged: true,
		},
		// core 224
		{
			Name:   "redirected errors",
			Config: "{base}[program:x]\ncommand=/bin/sh -c 'echo out; echo err >&2; exec sleep 1000'\nredirect_stderr=true\nstdout_logfile={dir}/x.log\nstderr_logfile={dir}/x.err\n",
			Steps:  []Step{Start(), AwaitText("x.log", "err", 1), Show("x.log"), List("x.err", "tmp/*"), Info("x"), Call("supervisor.readProcessStderrLog", "x", 0, 0), Ctl("tail", "x", "stderr"), Stop()}, Unlogged: true,
		},
		// core 225
		{
			Name:   "much output right before the end",
			Config: "{base}[program:x]\ncommand=/bin/sh -c 'i=0; while [ $i -lt 6000 ]; do echo 123456789; i=$((i+1)); done'\nstdout_logfile={dir}/x.log\nstartsecs=0\n",
			Steps:  []Step{Start(), AwaitState("EXITED", "x"), List("x.log"), Stop()}, Unlogged: true,
		},
		{
			Name:   "two programs with one log",
			Config: "{base}[program:x]\ncommand={dir}/writer 0.2 'x one\\n' 'x two\\n'\nstdout_logfile={dir}/both.log\n[program:y]\ncommand={dir}/writer 0.2 'y one\\n' 'y two\\n'\nstdout_logfile={dir}/both.log\n",
			Files:  map[string]string{"writer": writer},
			Steps:  []Step{Start(), AwaitText("both.log", "two", 2), Exec("/usr/bin/sort", "both.log"), Stop()}, Unlogged: true,
		},
		{
			Name:   "logs are appended to from one start to the next",
			Config: "{base}[program:x]\ncommand=/bin/echo hello\nstdout_logfile={dir}/x.log\nstartsecs=0\nautorestart=false\n",
			Steps: []Step{
				Start(), AwaitText("x.log", "hello", 1), AwaitState("EXITED", "x"), Quietly(Call("supervisor.startProcess", "x")), AwaitText("x.log", "hello", 2), AwaitState("EXITED", "x"), Signal(syscall.SIGHUP), AwaitText("x.log", "hello", 3), AwaitState("EXITED", "x"), Show("x.log"), Stop(),
			},
			Unlogged: true,
		},
		{
			Name:   "a character that the offset cuts",
			Config: "{base}[program:x]\ncommand=/bin/echo häl\nstdout_logfile={dir}/x.log\nstartsecs=0\n",
			Steps: []Step{
				Start(), AwaitState("EXITED", "x"), AwaitText("x.log", "l", 1), Call("supervisor.readProcessStdoutLog", "x", -4, 0),
				Differs("cut-characters", "== supervisor.readProcessStdoutLog(\"x\", -3, 0)\nHTTP 500 Internal Server Error", "== supervisor.readProcessStdoutLog(\"x\", -3, 0)\n\"l\\n\"", Call("supervisor.readProcessStdoutLog", "x", -3, 0)), Stop(),
			},
			Unlogged: true,
		},
		{
			Name:   "levels of the log",
			Config: "{base}[supervisord]\nloglevel=trace\n" + program,
			Steps: []Step{
				Start(), AwaitState("RUNNING", "x"), Call("supervisor.stopProcess", "x"), Call("supervisor.nosuch"), Call("supervisor.stopProcess", "zz"), Stop(), Grep("main.log", `TRAC .*(stopProcess|nosuch)`),
			},
			Unlogged: true,
		},
	})
}
