//go:build linux

package ctl

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sirdar-project/sirdar"
)

// base is what every configuration begins with.
const base = `[supervisord]
logfile = %(here)s/main.log
pidfile = %(here)s/s.pid
childlogdir = %(here)s

[unix_http_server]
file = %(here)s/s.sock

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[supervisorctl]
serverurl = unix://DIR/s.sock

`

// everyState has a program in each state that can be held still.
const everyState = base + `
[program:cat]
command = /bin/cat
startsecs = 0
stdout_logfile = %(here)s/cat.out
stderr_logfile = %(here)s/cat.err

[program:idle]
command = /bin/sleep 1000
autostart = false
startsecs = 0

[program:gone]
command = /bin/sleep 0.5
startsecs = 0
autorestart = false

[program:gone7]
command = /bin/sh -c 'sleep 0.5; exit 7'
startsecs = 0
autorestart = false

[program:sick]
command = /bin/sh -c 'exit 3'
startsecs = 1000
startretries = 0
autorestart = false

[program:nofile]
command = /nonexistent/program
startretries = 0
autorestart = false

[program:noexec]
command = %(here)s/s.conf
startretries = 0
autorestart = false

[program:slow]
command = /bin/sleep 1000
startsecs = 10000

[program:stubborn]
command = /bin/sh -c 'trap "" TERM; while :; do sleep 1; done'
startsecs = 1
stopwaitsecs = 10000
autorestart = false

[program:talker]
command = /bin/sh -c 'echo this is stdout; echo this is stderr >&2; exec sleep 1000'
startsecs = 0
stdout_logfile = %(here)s/talker.out
stderr_logfile = %(here)s/talker.err

[program:nolog]
command = /bin/sleep 1000
startsecs = 0
stdout_logfile = NONE
stderr_logfile = NONE

[program:merged]
command = /bin/sh -c 'echo both >&2; exec sleep 1000'
startsecs = 0
redirect_stderr = true
stdout_logfile = %(here)s/merged.out

[program:ga]
command = /bin/sleep 1000
startsecs = 0
priority = 20

[program:gb]
command = /bin/sleep 1000
startsecs = 0
autostart = false

[group:grp]
programs = ga,gb
priority = 5

[program:many]
command = /bin/sleep 1000
startsecs = 0
numprocs = 2
process_name = %(program_name)s_%(process_num)d

[program:resting]
command = /bin/sleep 1000
autostart = false
startsecs = 0
numprocs = 2
process_name = r%(process_num)d

[program:a-program-with-a-rather-long-name-0123456789]
command = /bin/sleep 1000
autostart = false
`

// hold brings stubborn to STOPPING, where it stays.
func hold(t *testing.T, l *lane) {
	if _, err := l.node.Stop(context.Background(), sirdar.Select("stubborn"), false); err != nil {
		t.Error(err)
	}
	// What the programs have written must have arrived in their logs.
	for file, text := range map[string]string{"talker.out": "this is stdout\n", "talker.err": "this is stderr\n", "merged.out": "both\n"} {
		if !poll(func() bool { got, _ := os.ReadFile(filepath.Join(l.dir, file)); return string(got) == text }) {
			t.Errorf("%s: %s was not written", l.side, file)
		}
	}
}

const settled = "cat RUNNING, idle STOPPED, gone EXITED, gone7 EXITED, sick FATAL, nofile FATAL, noexec FATAL, slow STARTING, " +
	"stubborn RUNNING, talker RUNNING, nolog RUNNING, merged RUNNING, grp:ga RUNNING, grp:gb STOPPED, many:many_0 RUNNING, many:many_1 RUNNING"

var scenes = []scene{
	{
		name:   "reports on every state",
		config: everyState,
		ready:  settled,
		before: hold,
		rows: []row{
			{args: "status"},
			{args: "status all"},
			{args: "status cat"},
			{args: "status idle"},
			{args: "status gone"},
			{args: "status gone7"},
			{args: "status sick"},
			{args: "status nofile"},
			{args: "status noexec"},
			{args: "status slow"},
			{args: "status stubborn"},
			{args: "status grp:*"},
			{args: "status grp:"},
			{args: "status grp:ga"},
			{args: "status many:*"},
			{args: "status many"},
			{args: "status cat:cat"},
			{args: "status cat:*"},
			{args: "status cat nope"},
			{args: "status nope:*"},
			{args: "status nope:x"},
			{args: "status nope idle"},
			{args: "status idle nope"},
			{args: "status cat talker cat grp:ga nope nope:* grp:*"},
			{args: "status nope all"},
			{args: "status a-program-with-a-rather-long-name-0123456789 cat"},
			{args: "status;pid"},
			{args: "status ;pid"},
			{args: "status | cat"},
			{args: "status cat|talker"},
			{args: "status 'cat'"},
			{args: "status ca*"},
			{args: "status CAT"},
			{args: "status grp:*:x"},
			{args: "status :"},

			{args: "pid", pids: true},
			{args: "pid cat", pids: true},
			{args: "pid all", pids: true},
			{args: "pid idle"},
			{args: "pid gone"},
			{args: "pid slow", pids: true},
			{args: "pid stubborn", pids: true},
			{args: "pid grp:ga many:many_1", pids: true},
			{args: "pid grp:*"},
			{args: "pid grp"},
			{args: "pid nope"},
			{args: "pid nope cat", pids: true},
			{args: "pid nope idle"},
			{args: "pid idle nope"},
			{args: "pid cat all", pids: true},

			{args: "version"},
			{args: "version 1", differs: helpWords},
			{args: "avail"},
			{args: "avail x", differs: helpWords},

			{args: "tail talker"},
			{args: "tail talker stdout"},
			{args: "tail talker stderr"},
			{args: "tail talker STDERR"},
			{args: "tail -4 talker"},
			{args: "tail -0 talker"},
			{args: "tail --5 talker"},
			{args: "tail -+4 talker"},
			{args: "tail -1_0 talker"},
			{args: "tail -100000 talker"},
			{args: "tail talker:talker"},
			{args: "tail cat"},
			{args: "tail cat stderr"},
			{args: "tail idle"},
			{args: "tail merged"},
			{args: "tail merged stderr"},
			{args: "tail nolog"},
			{args: "tail nolog stderr"},
			{args: "tail nope"},
			{args: "tail grp:*"},
			{args: "tail grp"},
			{args: "tail talker foo"},
			{args: "tail talker it's"},
			{args: "tail talker x stderr"},
			{args: "tail -x talker"},
			{args: "tail - talker"},
			{args: "tail -5"},
			{args: "tail -f"},
			{args: "tail", differs: helpWords},
			{args: "tail a b c d", differs: helpWords},
			{args: "tail -f nope"},
			{args: "tail -f nolog"},
			{args: "tail -f grp:*"},
			{args: "tail -f merged stderr"},
			{args: "tail -f talker", talk: []turn{{await: "this is stdout\n", press: os.Interrupt}}, differs: interrupted},
			{args: "tail -f talker stderr", talk: []turn{{await: "this is stderr\n", press: os.Interrupt}}, differs: interrupted},
			{args: "maintail foo"},
			{args: "maintail -x"},
			{args: "maintail -"},
			{args: "maintail -f x", differs: helpWords},
			{args: "maintail -f", talk: []turn{{await: "<==\n"}, {await: "\n2", press: os.Interrupt}}, differs: &difference{
				reason: "the log goes on being written; only how it begins and ends is compared",
				allows: func(python, ours outcome) bool {
					const begin = "==> Press Ctrl-C to exit <==\n"
					return python.out[:len(begin)] == begin && ours.out[:len(begin)] == begin && ours.out[len(ours.out)-2:] == "\n\n" && ours.err == python.err
				},
			}},

			{args: "help"},
			{args: "?"},
			{args: "help nope"},
			{args: "help EOF"},
			{args: "help exit now"},
			{args: "help help", differs: helpWords},
			{args: "help status", differs: helpWords},
			{args: "? tail", differs: helpWords},
			{args: "help maintail", differs: helpWords},
			{args: "help signal", differs: helpWords},
			{args: "exit"},
			{args: "quit"},
			{args: "EOF"},
			{args: "foo bar"},
			{args: "|"},
			{args: "|foo  bar|"},
			{args: "!ls"},
			{args: "-x"},
			{args: "start", differs: helpWords},
			{args: "stop", differs: helpWords},
			{args: "restart", differs: helpWords},
			{args: "signal", differs: helpWords},
			{args: "signal HUP", differs: helpWords},
			{args: "clear", differs: helpWords},
			{args: "fg", differs: helpWords},
			{args: "fg a b"},
			{args: "fg nope"},
			{args: "fg grp:*"},
			{args: "fg idle"},
			{args: "fg slow"},
			{args: "add"},
			{args: "remove"},
			{args: "open"},
			{args: "open foo"},
			{args: "open ftp://x"},
			{args: "open unix://DIR/s.sock"},
			{args: "open unix://DIR/none.sock"},
			{args: "-i status cat", stdin: "version\n"},
			{args: "-i shutdown", stdin: "n\n"},
			{args: "-i reload", stdin: "\n"},
			{args: "-i reload", differs: rawException},
			{args: "shutdown now", differs: helpWords},
			{args: "reload now", differs: helpWords},
			{args: "reread now", differs: helpWords},
		},
	},
	{
		name:   "changes",
		config: everyState,
		ready:  settled,
		before: hold,
		rows: []row{
			{args: "start cat"},
			{args: "start slow"},
			{args: "start stubborn"},
			{args: "start idle"},
			{args: "start gone", then: "gone EXITED"},
			{args: "start gone7", then: "gone7 EXITED"},
			{args: "start sick", then: "sick FATAL"},
			{args: "start nofile"},
			{args: "start noexec"},
			{args: "start nope"},
			{args: "start nope:*"},
			{args: "start nope:x"},
			{args: "start grp"},
			{args: "start grp:ga"},
			{args: "start grp:*"},
			{args: "start grp:*"},
			{args: "start resting:*"},
			{args: "start many:*"},
			{args: "start cat nope nofile"},
			{args: "start nofile sick"},
			{args: "start sick nofile"},
			{args: "status"},
			{args: "stop cat"},
			{args: "stop cat"},
			{args: "stop gone"},
			{args: "stop sick"},
			{args: "stop slow"},
			{args: "stop stubborn"},
			{args: "stop nope"},
			{args: "stop nope:*"},
			{args: "stop nope:x cat"},
			{args: "stop grp"},
			{args: "stop grp:ga grp:ga"},
			{args: "stop grp:*"},
			{args: "stop grp:"},
			{args: "stop resting:*", loose: true},
			{args: "status"},
			{args: "restart cat"},
			{args: "restart cat"},
			{args: "restart nope"},
			{args: "restart nope:*"},
			{args: "restart grp:*"},
			{args: "restart idle grp:ga"},
			{args: "restart sick"},
			{args: "restart nofile cat"},
			{args: "signal HUP nope"},
			{args: "signal HUP nope:*"},
			{args: "signal NOPE cat"},
			{args: "signal NOPE nope"},
			{args: "signal NOPE grp:*", loose: true},
			{args: "signal 0 cat"},
			{args: "signal 99 cat"},
			{args: "signal HUP gone"},
			{args: "signal HUP gone cat", then: "cat RUNNING"},
			{args: "signal CONT cat grp:ga"},
			{args: "signal SIGCONT cat"},
			{args: "signal 18 cat"},
			{args: "signal cont cat"},
			{args: "signal CONT grp:*", loose: true},
			{args: "signal CONT all", loose: true},
			{args: "signal CONT stubborn"},
			{args: "signal CONT|cat"},
			{args: "signal HUP gone nope"},
			{args: "signal HUP nope gone"},
			{args: "clear talker"},
			{args: "tail talker"},
			{args: "clear talker talker"},
			{args: "clear idle"},
			{args: "clear nolog"},
			{args: "clear nope"},
			{args: "clear nope cat"},
			{args: "clear grp:*"},
			{args: "clear grp"},
			{args: "clear all", loose: true},
			{args: "fg cat", talk: []turn{{await: "<==\n", close: true}, {await: foregroundLeft}}, race: true},
			{args: "fg cat", talk: []turn{{await: "<==\n", send: "hello\n"}, {await: "hello\n", send: "wörld\n"}, {await: "wörld\n", close: true}, {await: foregroundLeft}}, race: true},
			{args: "fg cat", talk: []turn{{await: "wörld\n", press: os.Interrupt}, {await: foregroundLeft}}, race: true, differs: freshLine},
			{args: "fg nolog", talk: []turn{{await: "<==\n", close: true}, {await: foregroundLeft}}, race: true, differs: &difference{
				reason: "when the input ends at once, whether a log could not be shown is a race",
				allows: func(python, ours outcome) bool { return python.out == ours.out },
			}},
			{args: "remove slow"}, // or start all would wait for it
			{args: "stop all", loose: true},
			{args: "stop all"},
			{args: "start all", loose: true, then: "gone EXITED, gone7 EXITED, sick FATAL, nofile FATAL, noexec FATAL"},
			{args: "status"},
			{args: "signal KILL stubborn", then: "stubborn STOPPED"},
			{args: "restart all", loose: true, then: "gone EXITED, gone7 EXITED, sick FATAL, nofile FATAL, noexec FATAL"},
			{args: "add cat"},
			{args: "add nope"},
			{args: "add nope cat"},
			{args: "remove cat"},
			{args: "remove nope"},
			{args: "remove nope grp"},
			{args: "stop grp:*", loose: true},
			{args: "remove grp"},
			{args: "status grp:*"},
			{args: "avail"},
			{args: "remove grp"},
			{args: "add slow"},
			{args: "add grp", then: "grp:ga RUNNING"},
			{args: "status grp:*"},
			{args: "reread"},
			{args: "update"},
			{args: "update nope"},
			{args: "update cat"},
			{args: "signal KILL stubborn", then: "stubborn EXITED"},
			{args: "-i reload", stdin: "yes\n", up: true, then: settled},
			{args: "status"},
			{args: "shutdown"},
		},
	},
	{
		name:   "the prompt on a pipe",
		config: base + "[program:cat]\ncommand = /bin/sh -c 'cat > /dev/null'\nstartsecs = 0\n\n[program:idle]\ncommand = /bin/cat\nautostart = false\n",
		ready:  "cat RUNNING",
		rows: []row{
			{args: ""},
			{args: "", stdin: "\n\nstatus cat\nfoo\nstart idle\nexit\nversion\n"},
			{args: "", stdin: "version"},
			{args: "", stdin: "quit\n"},
			{args: "", stdin: "EOF\nversion\n"},
			{args: "-i", stdin: "help\n?\n\n"},
			{args: "", stdin: "shutdown\nn\nreload\nNo\nstop idle\n"},
			{args: "", stdin: "open unix://DIR/none.sock\nstatus\nopen unix://DIR/s.sock\n"},
			{args: "", talk: []turn{{await: "supervisor> ", send: "fg cat\n"}, {await: "<==\n", send: "x\n"}, {close: true}, {await: foregroundLeft}}, race: true},
			{args: "", stdin: "tail nope\nfg\n", differs: helpWords},
			{args: "-s unix://DIR/none.sock", stdin: "start cat\navail\n", differs: rawException},
			{args: "", talk: []turn{{await: "supervisor> ", press: os.Interrupt}}},
			{args: "-c DIR/prompt.conf", bare: true, stdin: "exit\n",
				files: map[string]string{"prompt.conf": "[supervisorctl]\nserverurl = unix://DIR/s.sock\nprompt = here we are\n"}},
			{args: "maintail -100000"},
			{args: "-i shutdown", stdin: "y\n"},
		},
	},
	{
		name: "what a configuration brings",
		config: base + `[include]
files = %(here)s/*.ini
`,
		rows: []row{
			{args: "status"},
			{args: "avail"},
			{args: "reread"},
			{args: "update"},
			{args: "start all"},
			{args: "pid all"},
			{args: "clear all"},
			{args: "reread", files: map[string]string{"p.ini": lasting("p1", "") + lasting("p2", "") + lasting("p3", "priority = 5\nautostart = false\n")}},
			{args: "avail"},
			{args: "status"},
			{args: "add p1", then: "p1 RUNNING"},
			{args: "update p2", then: "p2 RUNNING"},
			{args: "status"},
			{args: "update nope p3"},
			{args: "avail"},
			{args: "update"},
			{args: "reread", files: map[string]string{"p.ini": lasting("p1", "priority = 7\n") + lasting("p3", "") + lasting("a4", "")}},
			{args: "update nope"},
			{args: "update p1", then: "p1 RUNNING"},
			{args: "update", loose: true, then: "p1 RUNNING, p3 RUNNING, a4 RUNNING, p2 none"},
			{args: "status"},
			{args: "update all"},
			{args: "reread", files: map[string]string{"p.ini": "[program:p1]\n"}},
			{args: "update", differs: rawException},
			{args: "update p1", differs: rawException},
			{args: "reread", files: map[string]string{"p.ini": "nonsense\n"}, differs: &difference{
				reason: "the place of the syntax error is told differently by different versions of Python",
				allows: func(python, ours outcome) bool { return python.out == ours.out },
			}},
			{args: "reread", files: map[string]string{"p.ini": "[program:p1]\ncommand = /bin/cat\nautostart = perhaps\n"}},
			{args: "reread", files: map[string]string{"p.ini": ""}},
			{args: "update a4", then: "a4 none"},
			{args: "update all", loose: true, then: "p1 none, p3 none"},
			{args: "status"},
		},
	},
	{
		name: "shutting down",
		config: base + `[program:stubborn]
command = /bin/sh -c 'trap "" TERM; while :; do sleep 1; done'
stopwaitsecs = 10000
`,
		ready: "stubborn RUNNING",
		rows: []row{
			{args: "shutdown"},
			{args: "shutdown"},
			{args: "reload"},
			{args: "avail"},
			{args: "reread"},
			{args: "update"},
			{args: "add x"},
			{args: "add x y"},
			{args: "remove x", differs: rawException},
			{args: "status", differs: rawException},
			{args: "status x", differs: rawException},
			{args: "start x", differs: rawException},
			{args: "stop stubborn", differs: rawException},
			{args: "restart stubborn", differs: rawException},
			{args: "signal KILL stubborn", differs: rawException},
			{args: "pid", differs: rawException},
			{args: "tail stubborn", differs: rawException},
			{args: "maintail", differs: rawException},
			{args: "clear stubborn", differs: rawException},
			{args: "fg stubborn", differs: rawException},
			{args: "version", differs: rawException},
		},
	},
	{
		name: "over TCP with a password",
		config: `[supervisord]
logfile = %(here)s/main.log
pidfile = %(here)s/s.pid
childlogdir = %(here)s

[unix_http_server]
file = %(here)s/s.sock

[inet_http_server]
port = 127.0.0.1:PORT
username = me
password = secret

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[supervisorctl]
serverurl = http://127.0.0.1:PORT
username = me
password = secret

[program:talker]
command = /bin/sh -c 'echo hello; exec sleep 1000'
startsecs = 0
stdout_logfile = %(here)s/talker.out
`,
		ready: "talker RUNNING",
		rows: []row{
			{args: "status"},
			{args: "pid", pids: true},
			{args: "-u me -p secret status"},
			{args: "-s http://127.0.0.1:PORT/ version"},
			{args: "-s http://127.0.0.1:PORT/any/path version"},
			{args: "-s http://localhost:PORT status talker"},
			{args: "tail -f talker", talk: []turn{{await: "hello\n", press: os.Interrupt}}, differs: interrupted},
			{args: "tail -f nope"},
			{args: "-p wrong status", differs: secondLineOf401},
			{args: "-p wrong start talker", differs: secondLineOf401},
			{args: "-p wrong avail", differs: secondLineOf401},
			{args: "-p wrong shutdown", differs: secondLineOf401},
			{args: "-u you pid", differs: secondLineOf401},
			{args: "-s http://127.0.0.1:PORT version", bare: true, differs: secondLineOf401},
			{args: "-s http://127.0.0.1:PORT -u me -p secret version", bare: true},
			{args: "-i -p wrong version", stdin: "me\nsecret\n", differs: askedOnTerminal},
			{args: "-i -p wrong version", stdin: "me\nno\nme\nsecret\n", differs: askedOnTerminal},
			{args: "-p wrong", stdin: "me\nsecret\nversion\n", differs: askedOnTerminal},
			{args: "-s unix://DIR/s.sock status"},
		},
	},
	{
		name: "without the supervisor namespace",
		config: `[supervisord]
logfile = %(here)s/main.log
pidfile = %(here)s/s.pid

[unix_http_server]
file = %(here)s/s.sock

[supervisorctl]
serverurl = unix://DIR/s.sock
`,
		rows: []row{
			{args: "status"},
			{args: "start x"},
			{args: "pid"},
			{args: "version"},
			{args: "avail", differs: rawException},
			{args: "update", differs: rawException},
			{args: "shutdown", differs: rawException},
		},
	},
	{
		name: "nobody there",
		rows: []row{
			{args: "-s unix://DIR/none.sock status", bare: true},
			{args: "-s unix://DIR/none.sock start x", bare: true},
			{args: "-s unix://DIR/none.sock stop", bare: true},
			{args: "-s unix://DIR/none.sock pid", bare: true},
			{args: "-s unix://DIR/none.sock tail -f x", bare: true},
			{args: "-s unix://DIR/none.sock fg x", bare: true},
			{args: "-s unix://DIR/none.sock shutdown", bare: true},
			{args: "-s unix://DIR/none.sock reload", bare: true, differs: rawException},
			{args: "-s unix://DIR/none.sock avail", bare: true, differs: rawException},
			{args: "-s unix://DIR/none.sock reread", bare: true, differs: rawException},
			{args: "-s unix://DIR/none.sock update", bare: true, differs: rawException},
			{args: "-s unix://DIR/none.sock add x", bare: true, differs: rawException},
			{args: "-s unix://DIR/none.sock remove x", bare: true, differs: rawException},
			{args: "-s unix://DIR/none.sock help", bare: true},
			{args: "-s unix://none.sock status", bare: true},
			{args: "-s http://127.0.0.1:PORT status", bare: true},
			{args: "-s http://127.0.0.1:PORT start x", bare: true},
			{args: "-s http://127.0.0.1:PORT version", bare: true},
			{args: "-s http://127.0.0.1:PORT shutdown", bare: true},
			{args: "-s http://127.0.0.1:PORT avail", bare: true, differs: rawException},
			{args: "-s http://127.0.0.1:PORT update", bare: true, differs: rawException},
			{args: "-s http://127.0.0.1:PORT restart x", bare: true},
			{args: "-s http://127.0.0.1:PORT", bare: true, stdin: "pid\nquit\n"},
			{args: "-s unix://DIR status", bare: true},
			{args: "-s ftp://x status", bare: true, differs: rawException},
			{args: "-s ftp://x avail", bare: true, differs: rawException},
			{args: "-s ftp://x help", bare: true},
			{args: "-s foo status", bare: true},
			{args: "-s foo:bar status", bare: true, differs: rawException},
			{args: "-s /x/y status", bare: true},
			{args: "--serverurl= status", bare: true},
		},
	},
	{
		name: "command line and configuration file",
		rows: []row{
			{args: "-h", bare: true, differs: usageWords},
			{args: "-?", bare: true, differs: usageWords},
			{args: "--help status", bare: true, differs: usageWords},
			{args: "-z", bare: true},
			{args: "--foo", bare: true},
			{args: "-c", bare: true},
			{args: "--configuration", bare: true},
			{args: "--interactive=1 help", bare: true},
			{args: "--h", bare: true},
			{args: "-i -i help", bare: true},
			{args: "-s http://x -s http://y help", bare: true},
			{args: "-u a --user b help", bare: true},
			{args: "-h -z", bare: true},
			{args: "-r x help", bare: true},
			{args: "--history_file=x help", bare: true},
			{args: "-c DIR/none.conf help", bare: true},
			{args: "-c DIR help", bare: true},
			{args: "help -z", bare: true},
			{args: "-- help", bare: true},
			{args: "-s|unix://DIR/n.sock|signal HUP|cat", bare: true},
			{args: "-c DIR/e.conf help", bare: true, files: map[string]string{"e.conf": ""}},
			// core 28
			{args: "-c DIR/d.conf help", bare: true, files: map[string]string{"d.conf": "[supervisord]\n"}},
			// core 29
			{args: "-c DIR/d.conf help", bare: true, files: map[string]string{
				"d.conf": "[include]\nfiles = i.conf\n", "i.conf": "[supervisorctl]\n"}},
			// core 28
			{args: "-c DIR/d.conf help", bare: true, files: map[string]string{"d.conf": "nonsense\n"}, differs: noTraceback},
			{args: "-c DIR/d.conf status", bare: true, files: map[string]string{"d.conf": "[supervisorctl]\nserverurl = unix://%(here)s/n.sock\n"}},
			{args: "-c DIR/d.conf status", bare: true, files: map[string]string{"d.conf": "[supervisorctl]\nserverurl = unix://../x/./n.sock\n"}, differs: &difference{
				reason: "the directory above differs in its name alone",
				allows: func(python, ours outcome) bool { return python == ours },
			}},
			{args: "-c DIR/d.conf status", bare: true, files: map[string]string{"d.conf": "[supervisorctl]\nserverurl = unix://~/n.sock\n"}},
			{args: "-c DIR/d.conf status", bare: true, files: map[string]string{"d.conf": "[supervisorctl]\nserverurl = unix://%(ENV_HOME)s/h.sock\n"}},
			{args: "-c DIR/d.conf status", bare: true, files: map[string]string{"d.conf": "[supervisorctl]\nserverurl = http://127.0.0.1:PORT ; comment\n"}},
			{args: "-c DIR/d.conf status", bare: true, files: map[string]string{"d.conf": "[supervisorctl]\nserverurl = %(nope)s\n"}},
			{args: "-c DIR/d.conf status", bare: true, files: map[string]string{"d.conf": "[supervisorctl]\nserverurl = %(ENV_NOPE)s\n"}},
			{args: "-c DIR/d.conf status", bare: true, files: map[string]string{"d.conf": "[supervisorctl]\nprompt = %(here)s\n"}},
			{args: "-c DIR/d.conf help", bare: true, files: map[string]string{"d.conf": "[supervisorctl]\n[ctlplugin:x]\n"}},
			{args: "-c DIR/d.conf help", bare: true, files: map[string]string{"d.conf": "[supervisorctl]\n[ctlplugin:x]\nsupervisor.ctl_factory = nope:x\n"}, differs: &difference{
				reason: "4.4 adds why a plug-in cannot be resolved; ours is that it is written in Python",
				allows: func(python, ours outcome) bool {
					p, _, _ := strings.Cut(python.err, "\n")
					o, _, _ := strings.Cut(ours.err, ": plug-ins written in Python cannot be loaded\n")
					return p == o && python.out == ours.out
				},
			}},
			{args: "status", bare: true, files: map[string]string{"supervisord.conf": "[supervisorctl]\nserverurl = unix://here.sock\n"}},
			{args: "-s unix://DIR/there.sock status", bare: true},
		},
	},
}

// lasting is a [program:x] that keeps running.
func lasting(name, options string) string {
	return "[program:" + name + "]\ncommand = /bin/cat\nstartsecs = 0\n" + options + "\n"
}
