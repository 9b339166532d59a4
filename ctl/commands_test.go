package ctl

import (
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/api"
)

const statusOfAll = `cat                              RUNNING   pid 101, uptime 0:00:40
gone                             EXITED    Nov 21 09:32 PM
grp:a                            RUNNING   pid 102, uptime 1:02:03
grp:b                            STARTING  
idle                             STOPPED   Not started
sick                             FATAL     Exited too quickly (process log may have details)
`

func refusedConnection() error {
	return fmt.Errorf("calling: %w", &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)})
}

func noSocket() error {
	return fmt.Errorf("calling: %w", &net.OpError{Op: "dial", Net: "unix", Err: os.NewSyscallError("connect", syscall.ENOENT)})
}

// Each row is one run: what the daemon answers, and what must be printed and
// returned. Of wanted texts that end in "…" only the beginning counts.
func TestCommandsPrintAndReturnWhatScriptsExpect(t *testing.T) {
	everyCall := func(err error) map[string]error {
		errs := map[string]error{}
		for _, call := range []string{"about", "info", "configs", "reread", "add x", "remove x", "shutdown", "restart"} {
			errs[call] = err
		}
		return errs
	}
	refused, missing := everyCall(refusedConnection()), everyCall(noSocket())
	noNamespace := everyCall(fault(sirdar.UnknownMethod, ""))
	leaving := everyCall(fault(sirdar.ShutdownState, ""))
	unauthorized := everyCall(&api.StatusError{Code: 401, URL: "http://localhost:9001/RPC2"})
	const sorry = "Sorry, supervisord responded but did not recognize the supervisor namespace commands that supervisorctl " +
		"uses to control it.  Please check that the [rpcinterface:supervisor] section is enabled in the configuration " +
		"file (see sample.conf).\n"
	ok := func(group, name string) sirdar.Result { return sirdar.Result{Group: group, Name: name} }
	bad := func(group, name string, code sirdar.FaultCode) sirdar.Result {
		return sirdar.Result{Group: group, Name: name, Fault: fault(code, group+":"+name)}
	}

	tests := []struct {
		line    string
		errs    map[string]error
		results map[string][]sirdar.Result
		change  func(*fake)
		want    string
		exit    int
		calls   string // joined by ", ", checked unless empty
	}{
		{line: "status", want: statusOfAll, exit: 3, calls: "about, info"},
		{line: "status all", want: statusOfAll, exit: 3},
		{line: "status nope all", want: statusOfAll, exit: 3},
		{line: "status cat", want: "cat                              RUNNING   pid 101, uptime 0:00:40\n"},
		{line: "status grp:b", want: "grp:b                            STARTING  \n"},
		{line: "status grp:* cat grp:", exit: 0, want: `grp:a                            RUNNING   pid 102, uptime 1:02:03
grp:b                            STARTING  
cat                              RUNNING   pid 101, uptime 0:00:40
grp:a                            RUNNING   pid 102, uptime 1:02:03
grp:b                            STARTING  
`},
		{line: "status cat nope cat nope:* nope:x", exit: 4, want: `nope: ERROR (no such process)
nope: ERROR (no such group)
nope:x: ERROR (no such process)
cat                              RUNNING   pid 101, uptime 0:00:40
cat                              RUNNING   pid 101, uptime 0:00:40
`},
		{line: "status nope idle", exit: 3, want: "nope: ERROR (no such process)\nidle                             STOPPED   Not started\n"},
		{line: "status;pid", exit: 4, want: ";pid: ERROR (no such process)\n"},
		{line: "status", want: "", change: func(f *fake) { f.rows = nil }},
		{line: "status", want: "a-name-of-thirty-one-characters   RUNNING   x\nb                                 BACKOFF   y\n", change: func(f *fake) {
			f.rows = []sirdar.ProcessInfo{
				{Name: "a-name-of-thirty-one-characters", Group: "a-name-of-thirty-one-characters", State: sirdar.Running, Description: "x"},
				{Name: "b", Group: "b", State: sirdar.Backoff, Description: "y"},
			}
		}},
		{line: "status", errs: refused, want: "http://localhost:9001 refused connection\n", exit: 4},
		{line: "status", errs: missing, want: "http://localhost:9001 no such file\n", exit: 4},
		{line: "status", errs: noNamespace, want: sorry, exit: 4},
		{line: "status", errs: leaving, want: "error: SHUTDOWN_STATE\n", exit: 1},
		{line: "status", errs: unauthorized, want: "Server requires authentication\n", exit: 1},

		{line: "pid", want: "77\n", calls: "about"},
		{line: "pid all", want: "101\n0\n102\n103\n0\n0\n"},
		{line: "pid cat grp:b", want: "101\n103\n"},
		{line: "pid cat idle", want: "101\n0\n", exit: 7},
		{line: "pid nope cat", want: "No such process nope\n101\n", exit: 1},
		{line: "pid grp:*", want: "No such process grp:*\n", exit: 1},
		{line: "pid idle nope", want: "0\nNo such process nope\n", exit: 1},
		{line: "pid nope idle", want: "No such process nope\n0\n", exit: 7},
		{line: "pid", errs: refused, want: "http://localhost:9001 refused connection\n", exit: 4},
		{line: "pid", errs: missing, want: "http://localhost:9001 no such file\n", exit: 7},
		{line: "pid", errs: noNamespace, want: sorry, exit: 3},

		{line: "version", want: "4.4.0\n"},
		{line: "version 1", want: "Error: version accepts no arguments\nversion\t…", exit: 1},
		{line: "version", want: "Sorry, this version of supervisorctl expects to talk to a server with API version 3.0, but the remote version is 4.0.\n",
			exit: 5, change: func(f *fake) { f.about.APIVersion = "4.0" }},

		{line: "start", want: "Error: start requires a process name\nstart <name>\t\tStart a process…", exit: 2},
		{line: "start idle", want: "idle: started\n", calls: "about, start idle"},
		{line: "start grp:a", want: "grp:a: started\n"},
		{line: "start cat", errs: map[string]error{"start cat": fault(sirdar.AlreadyStarted, "cat")}, want: "cat: ERROR (already started)\n"},
		{line: "start x", errs: map[string]error{"start x": fault(sirdar.BadName, "x")}, want: "x: ERROR (no such process)\n", exit: 1},
		{line: "start x", errs: map[string]error{"start x": fault(sirdar.NoFile, "x")}, want: "x: ERROR (no such file)\n", exit: 1},
		{line: "start x", errs: map[string]error{"start x": fault(sirdar.NotExecutable, "x")}, want: "x: ERROR (file is not executable)\n", exit: 1},
		{line: "start x", errs: map[string]error{"start x": fault(sirdar.SpawnError, "x")}, want: "x: ERROR (spawn error)\n", exit: 7},
		{line: "start x", errs: map[string]error{"start x": fault(sirdar.AbnormalTermination, "x")}, want: "x: ERROR (abnormal termination)\n", exit: 7},
		{line: "start x idle", errs: map[string]error{"start x": fault(sirdar.Failed, "unknown state")}, want: "error: x: FAILED: unknown state\n", exit: 1},
		{line: "start x y z", errs: map[string]error{"start x": fault(sirdar.SpawnError, "x"), "start y": fault(sirdar.BadName, "y")},
			want: "x: ERROR (spawn error)\ny: ERROR (no such process)\nz: started\n", exit: 1},
		{line: "start y x z", errs: map[string]error{"start x": fault(sirdar.SpawnError, "x"), "start y": fault(sirdar.BadName, "y")},
			want: "y: ERROR (no such process)\nx: ERROR (spawn error)\nz: started\n", exit: 7},
		{line: "start grp:*", results: map[string][]sirdar.Result{"start grp:*": {ok("grp", "a"), bad("grp", "b", sirdar.SpawnError)}},
			want: "grp:a: started\ngrp:b: ERROR (spawn error)\n", exit: 7},
		{line: "start grp:", want: "", calls: "about, start grp:"},
		{line: "start nope:*", errs: map[string]error{"start nope:*": fault(sirdar.BadName, "nope:*")}, want: "nope: ERROR (no such group)\n", exit: 2},
		{line: "start cat all", results: map[string][]sirdar.Result{"start (all)": {ok("cat", "cat"), bad("sick", "sick", sirdar.AlreadyStarted)}},
			want: "cat: started\nsick: ERROR (already started)\n", calls: "about, start (all)"},
		{line: "start x", errs: refused, want: "http://localhost:9001 refused connection\n", exit: 4},
		{line: "start x", errs: missing, want: "http://localhost:9001 no such file\n", exit: 7},
		{line: "start", errs: missing, want: "http://localhost:9001 no such file\n", exit: 7},
		{line: "start x", errs: noNamespace, want: sorry, exit: 3},
		{line: "start x", errs: leaving, want: "error: SHUTDOWN_STATE\n", exit: 1},
		{line: "start x", errs: unauthorized, want: "Server requires authentication\n", exit: 1},

		{line: "stop", want: "Error: stop requires a process name\nstop <name>\t…", exit: 1},
		{line: "stop cat grp:a", want: "cat: stopped\ngrp:a: stopped\n", calls: "about, stop cat, stop grp:a"},
		{line: "stop idle", errs: map[string]error{"stop idle": fault(sirdar.NotRunning, "idle")}, want: "idle: ERROR (not running)\n"},
		{line: "stop x", errs: map[string]error{"stop x": fault(sirdar.BadName, "x")}, want: "x: ERROR (no such process)\n", exit: 1},
		{line: "stop x", errs: map[string]error{"stop x": fault(sirdar.Failed, "cannot kill x")}, want: "FAILED: cannot kill x\n", exit: 1},
		{line: "stop nope:*", errs: map[string]error{"stop nope:*": fault(sirdar.BadName, "nope:*")}, want: "nope: ERROR (no such group)\n", exit: 1},
		{line: "stop all", results: map[string][]sirdar.Result{"stop (all)": {ok("cat", "cat"), bad("idle", "idle", sirdar.NotRunning)}},
			want: "cat: stopped\nidle: ERROR (not running)\n"},

		{line: "restart", want: "Error: restart requires a process name\nrestart <name>\t…", exit: 1},
		{line: "restart cat", want: "cat: stopped\ncat: started\n", calls: "about, stop cat, start cat"},
		{line: "restart idle", errs: map[string]error{"stop idle": fault(sirdar.NotRunning, "idle")}, want: "idle: ERROR (not running)\nidle: started\n"},
		{line: "restart nope", errs: map[string]error{"stop nope": fault(sirdar.BadName, ""), "start nope": fault(sirdar.BadName, "")},
			want: "nope: ERROR (no such process)\nnope: ERROR (no such process)\n", exit: 1},
		{line: "restart cat grp:a", want: "cat: stopped\ngrp:a: stopped\ncat: started\ngrp:a: started\n"},

		{line: "signal", want: "Error: signal requires a signal name and a process name\nsignal <signal name> <name>\t…", exit: 1},
		{line: "signal HUP", want: "Error: signal requires a signal name and a process name\n…", exit: 1},
		{line: "signal HUP cat", want: "cat: signalled\n", calls: "about, signal HUP cat"},
		{line: "signal NOPE cat", errs: map[string]error{"signal NOPE cat": fault(sirdar.BadSignal, "NOPE")}, want: "cat: ERROR (bad signal name)\n", exit: 1},
		{line: "signal HUP idle", errs: map[string]error{"signal HUP idle": fault(sirdar.NotRunning, "idle")}, want: "idle: ERROR (not running)\n", exit: 7},
		{line: "signal HUP grp:*", results: map[string][]sirdar.Result{"signal HUP grp:*": {ok("grp", "a"), ok("grp", "b")}}, want: "grp:a: signalled\ngrp:b: signalled\n"},
		{line: "signal HUP nope:*", errs: map[string]error{"signal HUP nope:*": fault(sirdar.BadName, "nope")}, want: "nope: ERROR (no such group)\n", exit: 1},
		{line: "signal 1 all", results: map[string][]sirdar.Result{"signal 1 (all)": {ok("cat", "cat")}}, want: "cat: signalled\n"},

		{line: "clear", want: "Error: clear requires a process name\nclear <name>\t…", exit: 1},
		{line: "clear cat grp:a", want: "cat: cleared\ngrp:a: cleared\n"},
		{line: "clear x", errs: map[string]error{"clear x": fault(sirdar.BadName, "x")}, want: "x: ERROR (no such process)\n", exit: 1},
		{line: "clear x", errs: map[string]error{"clear x": fault(sirdar.Failed, "x")}, want: "x: ERROR (failed)\n", exit: 1},
		{line: "clear grp:*", want: "grp:None: ERROR (no such process)\n", exit: 1},
		{line: "clear all", results: map[string][]sirdar.Result{"clear (all)": {ok("cat", "cat"), bad("x", "x", sirdar.Failed)}}, want: "cat: cleared\nx: ERROR (failed)\n", exit: 1},

		{line: "tail cat", want: "hello\n\n", calls: "about, read cat stdout -1600 0"},
		{line: "tail cat STDERR", want: "hello\n\n", calls: "about, read cat stderr -1600 0"},
		{line: "tail -5 grp:a stdout", want: "hello\n\n", calls: "about, read grp:a stdout -5 0"},
		{line: "tail --5 cat", want: "hello\n\n", calls: "about, read cat stdout 5 0"},
		{line: "tail -99999999999 cat", want: "hello\n\n", calls: "about, read cat stdout -2147483647 0"},
		{line: "tail one two stderr", want: "hello\n\n", calls: "about, read one stderr -1600 0"},
		{line: "tail", want: "Error: too few arguments\ntail <name>\t…", exit: 1},
		{line: "tail a b c d", want: "Error: too many arguments\ntail <name>\t…", exit: 1},
		{line: "tail -f", want: "Error: tail requires process name\n", exit: 1},
		{line: "tail -x cat", want: "Error: bad argument -x\n", exit: 1},
		{line: "tail - cat", want: "Error: bad argument -\n", exit: 1},
		{line: "tail cat FOO", want: "Error: bad channel 'foo'\n", exit: 1},
		{line: "tail nope", errs: map[string]error{"read nope stdout -1600 0": fault(sirdar.BadName, "nope")}, want: "nope: ERROR (no such process name)\n", exit: 1},
		{line: "tail nolog", errs: map[string]error{"read nolog stdout -1600 0": fault(sirdar.NoFile, "")}, want: "nolog: ERROR (no log file)\n", exit: 1},
		{line: "tail cat", errs: map[string]error{"read cat stdout -1600 0": fault(sirdar.Failed, "x")}, want: "cat: ERROR (unknown error reading log)\n", exit: 1},
		{line: "tail cat", errs: map[string]error{"read cat stdout -1600 0": fault(sirdar.BadArguments, "x")}, want: "error: BAD_ARGUMENTS: x\n", exit: 1},

		{line: "maintail", want: "hello\n\n", calls: "about, read main -1600 0"},
		{line: "maintail -7", want: "hello\n\n", calls: "about, read main -7 0"},
		{line: "maintail foo", want: "Error: bad argument foo\n", exit: 1},
		{line: "maintail -x", want: "Error: bad argument -x\n", exit: 1},
		{line: "maintail -f -f", want: "Error: too many arguments\nmaintail\t…", exit: 1},
		{line: "maintail", errs: map[string]error{"read main -1600 0": fault(sirdar.NoFile, "x")}, want: "supervisord: ERROR (no log file)\n", exit: 1},

		{line: "avail", want: "", calls: "configs"},
		{line: "avail", change: func(f *fake) {
			f.configs = []sirdar.ConfigInfo{
				{Group: "cat", Name: "cat", InUse: true, Autostart: true, GroupPriority: 999, Priority: 999},
				{Group: "grp", Name: "ga", InUse: true, Autostart: true, GroupPriority: 5, Priority: 20},
				{Group: "p3", Name: "p3", GroupPriority: 999, Priority: -1},
			}
		}, want: `cat                              in use    auto      999:999
grp:ga                           in use    auto      5:20
p3                               avail     manual    999:-1
`},
		{line: "avail x", want: "Error: avail accepts no arguments\navail\t…", exit: 1},
		{line: "avail", errs: leaving, want: "ERROR: supervisor shutting down\n", exit: 1},
		{line: "avail", errs: refused, want: "error: http://localhost:9001: connect: connection refused\n", exit: 1},

		{line: "reread", want: "No config updates to processes\n"},
		{line: "reread", change: func(f *fake) {
			f.changes = sirdar.Changes{Added: []string{"z", "b"}, Changed: []string{"m"}, Removed: []string{"a"}}
		}, want: "a: disappeared\nb: available\nm: changed\nz: available\n"},
		{line: "reread", errs: map[string]error{"reread": fault(sirdar.CantReread, "bad")}, want: "ERROR: CANT_REREAD: bad\n", exit: 1},
		{line: "reread", errs: leaving, want: "ERROR: supervisor shutting down\n", exit: 1},
		{line: "reread x", want: "Error: reread accepts no arguments\nreread\t…", exit: 1},

		{line: "update", want: "", calls: "reread"},
		{line: "update", change: change("p3", "p1", "p2"), want: "p2: stopped\np2: removed process group\np1: stopped\np1: updated process group\np3: added process group\n",
			calls: "reread, stop p2, remove p2, stop p1, remove p1, add p1, add p3"},
		{line: "update p3 nope nope", change: change("p3", "p1", "p2"), want: "ERROR: no such group: nope\np3: added process group\n", exit: 1},
		{line: "update cat grp", change: change("p3", "p1", "p2"), want: ""},
		{line: "update p1 all", change: change("p3", "", ""), want: "p3: added process group\n"},
		{line: "update", change: change("p3", "", "p2"), results: map[string][]sirdar.Result{"stop p2": {bad("p2", "p2", sirdar.Failed)}},
			want: "p2: stopped\np2: has problems; not removing\np3: added process group\n", exit: 1},
		{line: "update", errs: map[string]error{"reread": fault(sirdar.CantReread, "bad")}, want: "error: CANT_REREAD: bad\n", exit: 1},
		{line: "update", errs: leaving, want: "ERROR: already shutting down\n", exit: 1},

		{line: "add", want: ""},
		{line: "add p1 p2", want: "p1: added process group\np2: added process group\n"},
		{line: "add cat", errs: map[string]error{"add cat": fault(sirdar.AlreadyAdded, "cat")}, want: "ERROR: process group already active\n"},
		{line: "add nope p1", errs: map[string]error{"add nope": fault(sirdar.BadName, "nope")}, want: "ERROR: no such process/group: nope\np1: added process group\n", exit: 1},
		{line: "add x", errs: leaving, want: "ERROR: shutting down\n", exit: 1},
		{line: "add x", errs: missing, want: "error: http://localhost:9001: connect: no such file or directory\n", exit: 1},
		{line: "remove", want: ""},
		{line: "remove p1", want: "p1: removed process group\n"},
		{line: "remove cat", errs: map[string]error{"remove cat": fault(sirdar.StillRunning, "cat")}, want: "ERROR: process/group still running: cat\n", exit: 1},
		{line: "remove nope", errs: map[string]error{"remove nope": fault(sirdar.BadName, "nope")}, want: "ERROR: no such process/group: nope\n", exit: 1},
		{line: "remove x", errs: leaving, want: "error: x: SHUTDOWN_STATE\n", exit: 1},

		{line: "shutdown", want: "Shut down\n", calls: "shutdown"},
		{line: "shutdown now", want: "Error: shutdown accepts no arguments\nshutdown\t…", exit: 1},
		{line: "shutdown", errs: leaving, want: "ERROR: already shutting down\n"},
		{line: "shutdown", errs: refused, want: "ERROR: http://localhost:9001 refused connection (already shut down?)\n", exit: 1},
		{line: "shutdown", errs: missing, want: "ERROR: http://localhost:9001 no such file (already shut down?)\n", exit: 1},
		{line: "reload", want: "Restarted supervisord\n", calls: "restart"},
		{line: "reload now", want: "Error: reload accepts no arguments\nreload\t…", exit: 1},
		{line: "reload", errs: leaving, want: "ERROR: already shutting down\n", exit: 1},
		{line: "reload", errs: map[string]error{"restart": fault(sirdar.CantReread, "bad")}, want: "error: CANT_REREAD: bad\n", exit: 1},

		{line: "open ftp://x", want: "ERROR: url must be http:// or unix://\n", exit: 1},
		{line: "open", want: "ERROR: url must be http:// or unix://\n", exit: 1},
		{line: "open http://elsewhere", want: statusOfAll},
		{line: "open unix:///x", errs: missing, want: "unix:///x no such file\n"},

		{line: "fg", want: "ERROR: no process name supplied\nfg <process>\t…", exit: 1},
		{line: "fg cat grp:a", want: "ERROR: too many process names supplied\n", exit: 1},
		{line: "fg nope", want: "ERROR: bad process name supplied\n", exit: 1},
		{line: "fg grp:*", want: "ERROR: bad process name supplied\n", exit: 1},
		{line: "fg idle", want: "ERROR: process not running\n", exit: 1},

		{line: "foo bar", want: "*** Unknown syntax: foo bar\n", exit: 1},
		{line: "!ls", want: "*** Unknown syntax: !ls\n", exit: 1},
		{line: "stat", want: "*** Unknown syntax: stat\n", exit: 1},
		{line: "help nope", want: "*** No help on nope\n"},
		{line: "help EOF", want: "*** No help on EOF\n"},
		{line: "help pid status", want: "*** No help on pid status\n"},
		{line: "help pid", want: "pid\t…"},
		{line: "? pid", want: "pid\t…"},
		{line: "help help", want: "help\t…"},
		{line: "exit", want: "\n"},
		{line: "quit now", want: "\n"},
		{line: "EOF", want: "\n"},
		{line: "", want: ""},
		{line: "  ", want: ""},
	}
	for _, test := range tests {
		t.Run(test.line, func(t *testing.T) {
			node := newFake()
			node.log = "hello\n"
			for call, err := range test.errs {
				node.errs[call] = err
			}
			for call, results := range test.results {
				node.results[call] = results
			}
			if test.change != nil {
				test.change(node)
			}
			st := &stage{node: node}
			got := st.run(t, test.line)

			if want, cut := strings.CutSuffix(test.want, "…"); got.out != want && !(cut && strings.HasPrefix(got.out, want)) {
				t.Errorf("printed\n%s\nwant\n%s", got.out, test.want)
			}
			if got.exit != test.exit {
				t.Errorf("exit status %d, want %d", got.exit, test.exit)
			}
			if got.err != "" {
				t.Errorf("on standard error: %s", got.err)
			}
			if calls := strings.Join(node.calls, ", "); test.calls != "" && calls != test.calls {
				t.Errorf("asked %s; want %s", calls, test.calls)
			}
		})
	}
}

// change tells a fake what its configuration brings, changes and no longer has.
func change(added, changed, removed string) func(*fake) {
	return func(f *fake) {
		f.changes = sirdar.Changes{Added: strings.Fields(added), Changed: strings.Fields(changed), Removed: strings.Fields(removed)}
	}
}

func TestHelpListsTheCommandsInColumns(t *testing.T) {
	want := `
default commands (type help <topic>):
=====================================
add    exit      open  reload  restart   start   tail   
avail  fg        pid   remove  shutdown  status  update 
clear  maintail  quit  reread  signal    stop    version

`
	st := &stage{}
	for _, line := range []string{"help", "?"} {
		if got := st.run(t, line); got.out != want || got.exit != 0 {
			t.Errorf("%s: exit status %d, printed\n%s", line, got.exit, got.out)
		}
	}
}

func TestEveryCommandOfTheListHasHelpWhoseTextsStandInOneColumn(t *testing.T) {
	for _, cmd := range table {
		if cmd.hidden {
			continue
		}
		if len(cmd.help) == 0 {
			t.Errorf("%s has no help", cmd.name)
		}
		got := (&stage{}).run(t, "help", cmd.name)
		columns := map[int]bool{}
		for line := range strings.Lines(got.out) {
			column := 0
			for _, r := range line[:strings.LastIndexByte(line, '\t')+1] {
				if r == '\t' {
					column += 8 - column%8
				} else {
					column++
				}
			}
			columns[column] = true
		}
		if len(columns) != 1 {
			t.Errorf("help %s is ragged:\n%s", cmd.name, got.out)
		}
	}
}

func TestWordsOfTheCommandLineAreSplitAgainAtWhiteSpace(t *testing.T) {
	node := newFake()
	got := (&stage{node: node}).run(t, "signal HUP", "cat")
	if got.out != "cat: signalled\n" || got.exit != 0 {
		t.Errorf("printed %q, exit status %d", got.out, got.exit)
	}
}
