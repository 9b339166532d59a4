//go:build linux

package oracle

import (
	"syscall"
	"testing"
)

// stubborn ignores SIGTERM and says so when it is ready.
const stubborn = "#!/bin/sh\ntrap '' TERM\necho ready\nwhile :; do sleep 0.2; done\n"

// graceful ends with the status $1 when it gets SIGTERM.
const graceful = "#!/bin/sh\ntrap 'exit '$1 TERM\necho ready\nwhile :; do sleep 0.1; done\n"

// TestBothLiveAlike is about the states of a process, what moves it and what each
// request does in each state.
func TestBothLiveAlike(t *testing.T) {
	compare(t, []Scenario{
		// core 139, 140
		{
			Name:   "four attempts and their pauses",
			Config: "{base}[program:x]\ncommand=/bin/false\nstartsecs=2\n[program:y]\ncommand=/bin/true\nstartsecs=2\nstartretries=1\n",
			Steps:  []Step{Start(), AwaitState("FATAL", "x", "y"), Gaps("x", 1, 2, 3), Gaps("y", 1), Info("x"), Info("y"), Ctl("status"), Stop()},
		},
		// core 141
		{
			Name:   "no retries",
			Config: "{base}[program:x]\ncommand=/bin/false\nstartsecs=2\nstartretries=0\n[program:y]\ncommand=/bin/false\nstartsecs=2\nstartretries=-3\n",
			Steps:  []Step{Start(), AwaitState("FATAL", "x", "y"), Stop()},
		},
		// core 142
		{
			Name:   "startsecs of zero",
			Config: "{base}[program:x]\ncommand=/bin/cat\nstartsecs=0\n[program:y]\ncommand=/bin/cat\nstartsecs=0\nautostart=false\n",
			Steps:  []Step{Start(), AwaitState("RUNNING", "x"), Call("supervisor.startProcess", "y"), Info("y", "statename"), Stop()},
		},
		// core 143
		{
			Name:   "startsecs of zero and an end at once",
			Config: "{base}[program:x]\ncommand=/bin/false\nstartsecs=0\nautorestart=false\n[program:y]\ncommand=/bin/true\nstartsecs=0\n",
			Steps:  []Step{Start(), AwaitState("EXITED", "x", "y"), Info("x"), Info("y"), Ctl("status"), Stop()},
			Ignore: map[string]string{"prompt": "success: "},
		},
		// core 144, 180
		{
			Name: "expected and unexpected ends",
			Config: "{base}[program:good]\ncommand=/bin/sh -c 'sleep 2'\n[program:bad]\ncommand=/bin/sh -c 'sleep 2; exit 3'\nautorestart=false\n" +
				"[program:listed]\ncommand=/bin/sh -c 'sleep 2; exit 4'\nexitcodes=0,4\n[program:none]\ncommand=/bin/sh -c 'sleep 2'\nexitcodes=\nautorestart=false\n",
			Steps: []Step{
				Start(), AwaitState("EXITED", "good", "bad", "listed", "none"), Info("good"), Info("bad"), Info("none", "spawnerr", "exitstatus"), Ctl("status"),
				Call("supervisor.stopProcess", "good"), Call("supervisor.signalProcess", "good", "HUP"), Call("supervisor.sendProcessStdin", "good", "a"), Ctl("start", "good"), AwaitState("EXITED", "good"), Stop(),
			},
		},
		// core 145, 146
		{
			Name: "restarted after an end",
			Config: "{base}[program:fails]\ncommand=/bin/sh -c 'sleep 0.2; exit 3'\nstartsecs=0\n" +
				"[program:always]\ncommand=/bin/sh -c 'sleep 0.2'\nstartsecs=0\nautorestart=true\n[program:never]\ncommand=/bin/sh -c 'sleep 0.2; exit 3'\nstartsecs=0\nautorestart=false\n",
			Steps: []Step{
				Start(), AwaitLog("spawned: 'fails'", 3), AwaitLog("spawned: 'always'", 3), AwaitState("EXITED", "never"), Call("supervisor.stopProcess", "never"), Info("never", "exitstatus", "spawnerr"),
				Signal(syscall.SIGTERM), AwaitEnd(), First("fails", 6), First("always", 6),
			},
			Unlogged: true,
		},
		// core 185
		{
			Name:   "a program that ends at once is no fork storm",
			Config: "{base}[program:x]\ncommand=/bin/true\nstartsecs=0\nautorestart=true\n",
			Steps:  []Step{Start(), AwaitLog("spawned: 'x'", 4), Gaps("x", 0, 0, 0), Stop()}, Unlogged: true,
		},
		// core 148
		{
			Name:   "a core dump",
			Config: "{base}[program:x]\ncommand=/bin/cat\nautorestart=false\n",
			Shell:  "ulimit -c unlimited",
			Steps:  []Step{Start(), AwaitState("RUNNING", "x"), Kill("x", syscall.SIGQUIT), AwaitState("EXITED", "x"), Info("x", "exitstatus", "spawnerr"), Stop()},
		},
		// core 147
		{
			Name: "killed by signals",
			Config: "{base}[program:x]\ncommand=/bin/cat\nautorestart=false\n[program:y]\ncommand=/bin/cat\nautorestart=false\n[program:z]\ncommand=/bin/cat\nautorestart=false\n" +
				"[program:again]\ncommand=/bin/cat\n[program:rt]\ncommand=/bin/cat\nautorestart=false\n",
			Shell: "ulimit -c 0",
			Steps: []Step{
				Start(), AwaitState("RUNNING", "x", "y", "z", "again", "rt"), Kill("x", syscall.SIGUSR1), Kill("y", syscall.SIGKILL), Kill("z", syscall.SIGPIPE), Kill("rt", syscall.Signal(35)),
				Kill("again", syscall.SIGKILL), AwaitState("EXITED", "x", "y", "rt"), AwaitLog("spawned: 'again'", 2), AwaitLog("success: again", 2), Info("x"), Info("rt", "exitstatus", "spawnerr"), Ctl("status"), Stop(),
			},
		},
		// core 149
		{
			Name:   "not started",
			Config: "{base}[program:x]\ncommand=/bin/cat\nautostart=false\n",
			Steps: []Step{
				Start(), Info("x"), Call("supervisor.stopProcess", "x"), Call("supervisor.signalProcess", "x", "HUP"), Call("supervisor.sendProcessStdin", "x", "a"), Call("supervisor.clearProcessLogs", "x"),
				Ctl("start", "x"), Ctl("start", "x"), Ctl("stop", "x"), Ctl("stop", "x"), Info("x", "exitstatus", "spawnerr", "statename", "pid"), Stop(),
			},
		},
		// core 150, 151
		{
			Name: "how a stop is reported",
			Config: "{base}[program:plain]\ncommand=/bin/cat\n[program:zero]\ncommand={dir}/graceful 0\nstdout_logfile={dir}/zero.out\n" +
				"[program:seven]\ncommand={dir}/graceful 7\nstdout_logfile={dir}/seven.out\n[program:listed]\ncommand={dir}/graceful 7\nexitcodes=7\nstdout_logfile={dir}/listed.out\n" +
				"[program:int]\ncommand=/bin/cat\nstopsignal=INT\n",
			Files: map[string]string{"graceful": graceful},
			Steps: []Step{
				Start(), AwaitState("RUNNING", "plain", "zero", "seven", "listed", "int"), AwaitText("zero.out", "ready", 1), AwaitText("seven.out", "ready", 1), AwaitText("listed.out", "ready", 1),
				Ctl("stop", "plain", "zero", "seven"), Ctl("stop", "listed"), Ctl("stop", "int"), Info("plain"), Info("zero", "exitstatus", "spawnerr"), Info("seven", "exitstatus", "spawnerr"), Stop(),
			},
		},
		// core 58, 152, 153
		{
			Name: "stop escalates",
			Config: "{base}[program:x]\ncommand={dir}/stubborn\nstopwaitsecs=1\nstdout_logfile={dir}/x.out\n[program:zero]\ncommand={dir}/stubborn\nstopwaitsecs=0\nstdout_logfile={dir}/zero.out\n" +
				"[program:null]\ncommand=/bin/cat\nstopsignal=0\nstopwaitsecs=1\n",
			Files: map[string]string{"stubborn": stubborn},
			Steps: []Step{
				Start(), AwaitState("RUNNING", "x", "zero", "null"), AwaitText("x.out", "ready", 1), AwaitText("zero.out", "ready", 1),
				Ctl("stop", "x"), Info("x", "exitstatus", "statename"), Ctl("stop", "zero"), Ctl("stop", "null"), Stop(),
			},
		},
		// core 69, 154
		{
			Name: "grandchildren and groups",
			Config: "{base}[program:alone]\ncommand={dir}/parent alone\nstdout_logfile={dir}/alone.out\n[program:kill]\ncommand={dir}/parent kill\nstopsignal=0\nstopwaitsecs=1\nkillasgroup=true\nstdout_logfile={dir}/kill.out\n" +
				"[program:stop]\ncommand={dir}/parent stop\nstopasgroup=true\nstdout_logfile={dir}/stop.out\n",
			Files: map[string]string{"parent": "#!/bin/sh\nsleep 1000 &\necho $! > {dir}/$1.pid\necho ready\nwait\n"},
			Steps: []Step{
				Start(), AwaitState("RUNNING", "alone", "kill", "stop"), AwaitText("alone.out", "ready", 1), AwaitText("kill.out", "ready", 1), AwaitText("stop.out", "ready", 1),
				Ctl("stop", "alone"), Ctl("stop", "kill"), Ctl("stop", "stop"), Alive("alone.pid"), AwaitDead("kill.pid"), AwaitDead("stop.pid"), Stop(),
			},
		},
		// core 155, 156, 158, 162
		{
			Name:   "requests in STARTING and STOPPING",
			Config: "{base}[program:x]\ncommand={dir}/stubborn\nstartsecs=600\nstopwaitsecs=600\nautostart=false\nstdout_logfile={dir}/x.out\n",
			Files:  map[string]string{"stubborn": stubborn},
			Steps: []Step{
				Start(), Call("supervisor.startProcess", "x", false), AwaitText("x.out", "ready", 1), Info("x"), Call("supervisor.startProcess", "x"), Call("supervisor.startProcess", "x", false), Ctl("start", "x"), Ctl("status"),
				Call("supervisor.signalProcess", "x", "CONT"), Call("supervisor.sendProcessStdin", "x", "a"), Call("supervisor.clearProcessLogs", "x"),
				Call("supervisor.stopProcess", "x", false), Info("x", "statename", "description"), Call("supervisor.startProcess", "x", false), Call("supervisor.startProcess", "x"), Call("supervisor.stopProcess", "x"), Call("supervisor.stopProcess", "x", false),
				Call("supervisor.signalProcess", "x", "CONT"), Call("supervisor.sendProcessStdin", "x", "a"), Call("supervisor.removeProcessGroup", "x"), Ctl("stop", "x"), Ctl("restart", "x"),
				Kill("x", syscall.SIGKILL), AwaitState("STOPPED", "x"), Info("x", "exitstatus", "spawnerr"), Stop(),
			},
		},
		// core 155, 159, 162
		{
			Name:   "requests in RUNNING, BACKOFF and FATAL",
			Config: "{base}[program:x]\ncommand=/bin/cat\nstartsecs=0\n[program:b]\ncommand=/nonexistent/b\nstartretries=100\n[program:f]\ncommand=/bin/false\nstartsecs=2\nstartretries=0\n",
			Steps: []Step{
				Start(), AwaitState("RUNNING", "x"), AwaitState("FATAL", "f"), AwaitState("BACKOFF", "b"),
				Call("supervisor.startProcess", "x"), Call("supervisor.startProcess", "x", false), Call("supervisor.signalProcess", "x", "CONT"), Call("supervisor.sendProcessStdin", "x", "a"),
				Call("supervisor.stopProcess", "b"), Info("b", "statename", "spawnerr", "exitstatus"),
				Call("supervisor.stopProcess", "f"), Call("supervisor.signalProcess", "f", "HUP"), Call("supervisor.sendProcessStdin", "f", "a"), Call("supervisor.startProcess", "f"), AwaitState("FATAL", "f"), Ctl("start", "f"), AwaitState("FATAL", "f"), Ctl("stop", "f"),
				Call("supervisor.stopProcess", "x", 1), Stop(),
			},
			Unlogged: true,
		},
		// core 160
		{
			Name:   "a stop in BACKOFF keeps the count",
			Config: "{base}[program:x]\ncommand=/bin/cat\nstdout_logfile={dir}/tmp\nstartretries=2\nautostart=false\n",
			Steps: []Step{
				Start(), Call("supervisor.startProcess", "x"), AwaitLog("spawnerr", 2), AwaitState("BACKOFF", "x"), Call("supervisor.stopProcess", "x"), Info("x", "statename"),
				Call("supervisor.startProcess", "x"), AwaitState("FATAL", "x"), Call("supervisor.startProcess", "x"), AwaitState("FATAL", "x"), Stop(),
			},
		},
		// core 163
		{
			Name:   "signals by name and number",
			Config: "{base}[program:x]\ncommand={dir}/echo\nstdout_logfile={dir}/x.out\nautostart=false\n",
			Files:  map[string]string{"echo": "#!/bin/sh\ntrap 'echo got HUP' HUP\ntrap 'echo got USR1' USR1\ntrap 'echo got USR2' USR2\necho ready\nwhile :; do sleep 0.1; done\n"},
			Steps: []Step{
				Start(), Call("supervisor.signalProcess", "x", "NOPE"), Call("supervisor.signalProcess", "x", "HUP"), Ctl("start", "x"), AwaitText("x.out", "ready", 1),
				Call("supervisor.signalProcess", "x", "hup"), AwaitText("x.out", "got HUP", 1), Call("supervisor.signalProcess", "x", "SIGUSR1"), AwaitText("x.out", "got USR1", 1),
				Call("supervisor.signalProcess", "x", 12), AwaitText("x.out", "got USR2", 1), Call("supervisor.signalProcess", "x", "1"), AwaitText("x.out", "got HUP", 2),
				Call("supervisor.signalProcess", "x", "FOO"), Call("supervisor.signalProcess", "x", "RTMIN+1"), Call("supervisor.signalProcess", "x", -1), Call("supervisor.signalProcess", "x", 9999), Call("supervisor.signalProcess", "x", ""),
				Call("supervisor.signalProcess", "x", 0), Call("supervisor.signalProcess", "nosuch", "FOO"), Call("supervisor.signalProcess", "nosuch", "HUP"), Call("supervisor.signalProcess", "x:*", "FOO"), Call("supervisor.signalProcess", "x:*", "CONT"),
				Call("supervisor.signalAllProcesses", "CONT"), Call("supervisor.signalProcessGroup", "x", "NOPE"), Call("supervisor.signalProcessGroup", "no", "HUP"), Ctl("signal", "usr1", "x"), AwaitText("x.out", "got USR1", 2),
				Ctl("signal", "FOO", "x"), Ctl("signal", "HUP", "nosuch"), Ctl("signal", "HUP"), Show("x.out"), Stop(),
			},
		},
		// core 164, 165
		{
			Name:   "a start that waits",
			Config: "{base}[program:good]\ncommand=/bin/cat\nautostart=false\n[program:bad]\ncommand=/bin/false\nstartsecs=3\nstartretries=1\nautostart=false\n",
			Steps: []Step{
				Start(), Call("supervisor.startProcess", "good"), Info("good", "statename"), Call("supervisor.startProcess", "bad"), AwaitState("FATAL", "bad"), Ctl("start", "bad"), AwaitState("FATAL", "bad"), Stop(),
			},
		},
		// core 166
		{
			Name:   "a start that somebody else stops",
			Config: "{base}[program:x]\ncommand=/bin/cat\nautostart=false\nstartsecs=600\n",
			Steps: []Step{
				Start(), Meanwhile(Call("supervisor.startProcess", "x"), AwaitState("STARTING", "x"), Call("supervisor.stopProcess", "x")), Info("x", "statename"), Stop(),
			},
		},
		// core 71, 178, 179
		{
			Name: "names of processes and groups",
			Config: "{base}[program:m]\ncommand=/bin/cat\nnumprocs=2\nprocess_name=%(program_name)s_%(process_num)02d\nautostart=false\nstartsecs=0\n[program:zero]\ncommand=/bin/cat\nnumprocs=0\n" +
				"[program:a]\ncommand=/bin/cat\nautostart=false\nstartsecs=0\n[group:g]\nprograms=a\n[program:d]\ncommand=/bin/cat\nnumprocs=2\nprocess_name=same%%(process_num)d\nautostart=false\nstartsecs=0\n",
			Steps: []Step{
				Start(), Ctl("status"), Call("supervisor.startProcess", "m"), Call("supervisor.startProcess", "m_00"), Call("supervisor.startProcess", "m:m_00"), Call("supervisor.startProcess", "m:*"), Call("supervisor.startProcess", "m:"),
				Call("supervisor.stopProcess", "m:"), Call("supervisor.startProcess", "zero:*"), Call("supervisor.startProcessGroup", "zero"), Call("supervisor.startProcessGroup", "m:*"), Call("supervisor.startProcess", "a"), Call("supervisor.startProcess", "g:a"),
				Call("supervisor.startProcess", "nosuch"), Call("supervisor.startProcess", "nosuch:*"), Call("supervisor.stopProcess", "nosuch:"), Call("supervisor.getProcessInfo", "g:*"), Call("supervisor.getProcessInfo", "g"), Call("supervisor.getProcessInfo", ""),
				Call("supervisor.clearProcessLogs", "g:*"), Call("supervisor.readProcessStdoutLog", "g:*", 0, 0), Ctl("start", "nosuch", "g:*"), Ctl("stop", "g:nosuch"), Ctl("stop", "g:"), Stop(),
			},
		},
		// core 177
		{
			Name:   "requests during the shutdown",
			Config: "{base}[program:x]\ncommand={dir}/stubborn\nstopwaitsecs=600\nstdout_logfile={dir}/x.out\n[program:y]\ncommand=/bin/cat\npriority=1\n",
			Files:  map[string]string{"stubborn": stubborn},
			Steps: []Step{
				Start(), AwaitState("RUNNING", "x", "y"), AwaitText("x.out", "ready", 1), Remember("x"), Call("supervisor.shutdown"), AwaitLog("waiting for", 1),
				Call("supervisor.getState"), Call("supervisor.startProcess", "x"), Call("supervisor.getProcessInfo", "x"), Call("supervisor.getAllProcessInfo"), Call("supervisor.shutdown"), Call("supervisor.restart"), Call("supervisor.getPID"), Call("supervisor.reloadConfig"),
				Call("system.listMethods_is_no_method"), Call("supervisor.signalProcessGroup", "nosuch", "HUP"), Ctl("status"), Ctl("shutdown"), Ctl("reload"), Ctl("update"), Ctl("reread"), Ctl("avail"), Ctl("add", "x"), Ctl("stop", "x"),
				Signal(syscall.SIGHUP), AwaitLog("ignored SIGHUP", 1), Signal(syscall.SIGTERM), AwaitLog("received SIGTERM", 1), KillRemembered(), AwaitEnd(), List("*.sock", "sd.pid"),
			},
		},
		{
			Name:   "a signal that means nothing to a program",
			Config: "{base}[program:x]\ncommand=/bin/cat\n[program:y]\ncommand=/bin/cat\n",
			Steps:  []Step{Start(), AwaitState("RUNNING", "x", "y"), Ctl("signal", "CONT", "x"), Stop()},
		},
		// core 183
		{
			Name:   "a grandchild that keeps the pipe",
			Config: "{base}[program:x]\ncommand=/bin/sh -c 'sleep 1000 & sleep 2; echo done'\nstdout_logfile={dir}/x.out\n",
			Steps:  []Step{Start(), AwaitState("EXITED", "x"), Show("x.out"), Info("x", "pid", "exitstatus"), Stop()},
		},
		{
			Name:   "standard input",
			Config: "{base}[program:x]\ncommand=/bin/cat\nstdout_logfile={dir}/x.out\n[program:deaf]\ncommand=/bin/sh -c 'exec <&-; echo closed; exec sleep 1000'\nstdout_logfile={dir}/deaf.out\n",
			// core 226
			Steps: []Step{
				Start(), AwaitState("RUNNING", "x", "deaf"), AwaitText("deaf.out", "closed", 1), Call("supervisor.sendProcessStdin", "x", "häl<lo>\n"), AwaitText("x.out", "\n", 1), Show("x.out"),
				Call("supervisor.sendProcessStdin", "x", 5), Call("supervisor.sendProcessStdin", "deaf", "a"), Call("supervisor.sendProcessStdin", "nosuch", "a"), Call("supervisor.sendProcessStdin", "x:*", "a"), Stop(),
			},
		},
	})
}
