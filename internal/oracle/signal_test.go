//go:build linux

package oracle

import (
	"syscall"
	"testing"
)

// TestBothAnswerSignalsAlike is about signals to the daemon, shutdown, restart and
// the order of both.
func TestBothAnswerSignalsAlike(t *testing.T) {
	ended := func(sig syscall.Signal) Scenario {
		return Scenario{
			Name:   "ended by " + sig.String(),
			Config: "{base}{tcp}" + program + "[program:out]\ncommand=/bin/cat\nautostart=false\n",
			Steps:  []Step{Start(), AwaitState("RUNNING", "x"), Signal(sig), AwaitEnd(), List("*.sock", "sd.pid", "tmp/x*"), Output()},
		}
	}
	compare(t, []Scenario{
		// core 110, 186
		ended(syscall.SIGTERM),
		// core 186
		ended(syscall.SIGINT),
		// core 186
		ended(syscall.SIGQUIT),
		// core 192
		{
			Name:   "ended by " + syscall.SIGUSR1.String(),
			Config: "{base}" + program,
			Steps: []Step{
				Start(), AwaitState("RUNNING", "x"), Signal(syscall.SIGUSR1), Differs("usr1", "== ended: killed by signal 10", "== info of x: statename: \"RUNNING\"", On(Supervisor, AwaitEnd()), On(Sirdar, Info("x", "statename"))), On(Sirdar, Quietly(Stop())),
			},
			Unlogged: true,
		},
		// core 169
		{
			Name: "autostart by priority",
			Config: "{base}[program:c]\ncommand=/bin/cat\npriority=1\n[program:b]\ncommand=/bin/cat\npriority=5\n[program:a]\ncommand=/bin/cat\npriority=5\n[program:d]\ncommand=/bin/cat\npriority=-1\n" +
				"[program:last]\ncommand=/bin/cat\n[group:early]\nprograms=last\npriority=2\n",
			Steps: []Step{Start(), AwaitState("RUNNING", "a", "b", "c", "d", "early:last"), InOrder("spawned: "), Stop()}, Unlogged: true,
		},
		// core 170, 171
		{
			Name: "autostart inside groups",
			Config: "{base}[program:a]\ncommand=/bin/cat\npriority=3\nautostart=false\n[program:b]\ncommand=/bin/cat\npriority=2\nautostart=false\n[program:c]\ncommand=/bin/cat\npriority=1\nautostart=false\n" +
				"[program:i]\ncommand=/bin/cat\npriority=3\n[program:j]\ncommand=/bin/cat\npriority=2\n[program:k]\ncommand=/bin/cat\npriority=1\n[group:auto]\nprograms=j,i,k\n[group:g]\nprograms=a,c,b\n" +
				"[program:p]\ncommand=/bin/cat\nnumprocs=11\nprocess_name=p%(process_num)d\n",
			Steps: []Step{Start(), AwaitState("RUNNING", "auto:i", "auto:j", "auto:k", "p:p10"), Call("supervisor.startProcessGroup", "g"), InOrder("spawned: "), Stop()}, Unlogged: true,
		},
		// core 173
		{
			Name: "the order of a shutdown",
			Config: "{base}[program:first]\ncommand=/bin/cat\npriority=1\n[program:second]\ncommand=/bin/cat\npriority=2\n[program:third]\ncommand={dir}/slow\npriority=3\nstdout_logfile={dir}/third.out\n" +
				"[program:done]\ncommand=/bin/true\nstartsecs=0\npriority=4\n[group:g]\nprograms=second,done\npriority=2\n",
			Files: map[string]string{"slow": "#!/bin/sh\ntrap 'sleep 1; exit 0' TERM\necho ready\nwhile :; do sleep 0.1; done\n"},
			Steps: []Step{
				Start(), AwaitState("RUNNING", "first", "g:second", "third"), AwaitState("EXITED", "g:done"), AwaitText("third.out", "ready", 1), Signal(syscall.SIGTERM), AwaitEnd(), InOrder("stopped: "),
			},
			Unlogged: true,
		},
		// core 175
		{
			Name: "a program in BACKOFF at shutdown", Waiting: true,
			Config: "{base}[program:x]\ncommand=/nonexistent/foo\nstartretries=100\n[program:y]\ncommand=/bin/cat\n",
			Steps:  []Step{Start(), AwaitState("RUNNING", "y"), AwaitState("BACKOFF", "x"), Stop(), List("*.sock", "sd.pid")},
			Ignore: map[string]string{"prompt": "spawnerr"},
		},
		// core 176
		{
			Name: "who is waited for", Waiting: true,
			Config: "{base}[program:a]\ncommand={dir}/stubborn\nstopwaitsecs=4\nstdout_logfile={dir}/a.out\n[program:b]\ncommand={dir}/stubborn\nstopwaitsecs=4\nstdout_logfile={dir}/b.out\n[group:g]\nprograms=a,b\n",
			Files:  map[string]string{"stubborn": stubborn},
			Steps:  []Step{Start(), AwaitState("RUNNING", "g:a", "g:b"), AwaitText("a.out", "ready", 1), AwaitText("b.out", "ready", 1), Stop(), Times("main.log", "waiting for a, b to die", 2)},
		},
		// core 187
		{
			Name:   "HUP reads the configuration again",
			Config: "{base}[supervisord]\nidentifier=one\n" + program + "[program:gone]\ncommand=/bin/cat\n",
			Steps: []Step{
				Start(), AwaitState("RUNNING", "x", "gone"), Call("supervisor.getIdentification"),
				Edit("supervisord.conf", "{base}[supervisord]\nidentifier=two\n[unix_http_server]\nchmod=0777\n[program:x]\ncommand=/bin/sleep 1000\n[program:new]\ncommand=/bin/cat\n"),
				Signal(syscall.SIGHUP), AwaitLog("supervisord started", 2), AwaitState("RUNNING", "x", "new"), Call("supervisor.getIdentification"), SamePid(), Ctl("status"), Cmdline("x"), List("*.sock", "sd.pid", "tmp/*"), Stop(), Output(),
			},
		},
		// core 187
		{
			Name:   "HUP in the background",
			Config: "{base}[supervisord]\nidentifier=one\n" + program,
			Steps: []Step{
				Daemon(), AwaitState("RUNNING", "x"), Signal(syscall.SIGHUP), AwaitLog("supervisord started", 2), AwaitState("RUNNING", "x"), SamePid(), DaemonProc(), Signal(syscall.SIGHUP), AwaitLog("supervisord started", 3), AwaitState("RUNNING", "x"), Stop(), List("*.sock", "sd.pid"),
			},
		},
		// core 188
		{
			Name:   "HUP with a broken configuration",
			Config: "{base}" + program,
			Steps: []Step{
				Start(), AwaitState("RUNNING", "x"), Edit("supervisord.conf", "{base}[program:x]\n"),
				Differs("bad-configuration-at-restart",
					"== signal hangup to the daemon\n== ended: exit status 2\n== files *.sock sd.pid\n== stderr\nError: program section program:x does not specify a command in section 'program:x' (file: '{dir}/supervisord.conf')\nFor help, use {dir}/bin/supervisord -h\n",
					"== signal hangup to the daemon\n== info of x: statename: \"RUNNING\"\n",
					Signal(syscall.SIGHUP),
					On(Supervisor, AwaitEnd(), List("*.sock", "sd.pid"), Errors()),
					On(Sirdar, AwaitLog("received SIGHUP", 1), AwaitLog("does not specify a command", 1), Info("x", "statename"))),
				On(Sirdar, Quietly(Stop())),
			},
			Unlogged: true,
		},
		// core 194
		{
			Name:   "reload with a broken configuration",
			Config: "{base}" + program,
			Steps: []Step{
				Start(), AwaitState("RUNNING", "x"), Edit("supervisord.conf", "{base}[program:x]\n"), Ctl("reread"), Ctl("update"), Info("x", "statename"), Call("supervisor.reloadConfig"),
				Differs("bad-configuration-at-restart",
					"== supervisor.restart()\ntrue\n== ended: exit status 2",
					"== supervisor.restart()\nfault 92 \"CANT_REREAD: program section program:x does not specify a command in section 'program:x' (file: '{dir}/supervisord.conf')\"\n== info of x: statename: \"RUNNING\"",
					Call("supervisor.restart"), On(Supervisor, AwaitEnd()), On(Sirdar, Info("x", "statename"))),
				On(Sirdar, Quietly(Stop())),
			},
			Unlogged: true,
		},
		// core 189, 190
		{
			Name:   "TERM during a restart, HUP during a shutdown",
			Config: "{base}[program:x]\ncommand={dir}/stubborn\nstopwaitsecs=600\nstdout_logfile={dir}/x.out\n",
			Files:  map[string]string{"stubborn": stubborn},
			Steps: []Step{
				Start(), AwaitState("RUNNING", "x"), AwaitText("x.out", "ready", 1), Remember("x"), Signal(syscall.SIGHUP), AwaitLog("received SIGHUP", 1), Call("supervisor.getState"), Signal(syscall.SIGTERM), AwaitLog("received SIGTERM", 1),
				Signal(syscall.SIGHUP), AwaitLog("ignored SIGHUP", 1), Signal(syscall.SIGINT), AwaitLog("received SIGINT", 1), KillRemembered(), AwaitEnd(), List("*.sock", "sd.pid"),
			},
		},
		// core 191
		{
			Name:   "USR2 reopens the logs",
			Config: "{base}[program:x]\ncommand={dir}/echo\nstdout_logfile={dir}/x.out\nstderr_logfile={dir}/x.err\n[program:y]\ncommand=/bin/echo once\nstdout_logfile={dir}/y.out\nstartsecs=0\n",
			Files:  map[string]string{"echo": "#!/bin/sh\ntrap 'echo again' HUP\necho ready\nwhile :; do sleep 0.1; done\n"},
			Steps: []Step{
				Start(), AwaitState("RUNNING", "x"), AwaitState("EXITED", "y"), AwaitText("x.out", "ready", 1), AwaitText("y.out", "once", 1),
				Rename("main.log", "main.old"), Rename("x.out", "x.old"), Remove("x.err"), Rename("y.out", "y.old"),
				Signal(syscall.SIGUSR2), AwaitText("main.old", "supervisord logreopen", 1), AwaitText("main.log", "", 0), Exists("main.log"), Exists("x.out"), Call("supervisor.signalProcess", "x", "HUP"), AwaitText("x.out", "again", 1),
				Show("x.out"), Show("x.old"), List("x.err", "y.*"), Stop(), LogFile("main.old"),
			},
			Ignore: map[string]string{"prompt": "success: y"},
		},
		// core 194
		{
			Name:   "restart and shutdown over RPC",
			Config: "{base}" + program,
			Steps: []Step{
				Start(), AwaitState("RUNNING", "x"), Call("supervisor.restart"), AwaitLog("supervisord started", 2), AwaitState("RUNNING", "x"), SamePid(), Call("supervisor.shutdown"), AwaitEnd(), List("*.sock", "sd.pid"),
			},
		},
		// core 193
		{
			Name:   "HUP with a relative -c and a directory",
			Config: "{base}[supervisord]\ndirectory={dir}/tmp\n" + program,
			Steps: []Step{
				StartAs("-c", "supervisord.conf"), AwaitState("RUNNING", "x"),
				Differs("relative-configuration",
					"== signal hangup to the daemon\n== ended: gone", "== signal hangup to the daemon\n== info of x: statename: \"RUNNING\"",
					Signal(syscall.SIGHUP), On(Supervisor, AwaitEnd()), On(Sirdar, AwaitLog("supervisord started", 2), AwaitState("RUNNING", "x"), Info("x", "statename"))),
				On(Sirdar, Quietly(Stop())),
			},
			Unlogged: true,
		},
		// core 106
		{
			Name:   "a second daemon with the same configuration",
			Config: "{base}" + program,
			Steps: []Step{
				Start(), AwaitState("RUNNING", "x"), RefusedErrors(), Info("x", "statename"), SamePid(), List("s.sock", "sd.pid"),
				Differs("second-start", "== AUTO logs of x that are still there: 0", "== AUTO logs of x that are still there: 2", AutoLogs("x")),
				Stop(),
			},
			Unlogged: true,
		},
	})
}

// TestBothRereadAlike is about reread, add, remove and update.
func TestBothRereadAlike(t *testing.T) {
	changed := func(line string) string {
		return "{base}[program:x]\ncommand=/bin/cat\nautostart=false\nstdout_logfile={dir}/x.out\n" + line + "\n"
	}
	var detected []Step
	for _, line := range []string{
		"command=/bin/cat -u", "command=/bin/cat  ", "directory=/tmp", "umask=022", "priority=5", "autostart=true", "autorestart=true", "autorestart=false", "startsecs=2", "startretries=4", "stdout_logfile={dir}/y.out",
		"stdout_logfile=NONE", "stdout_logfile_maxbytes=1MB", "stdout_logfile_backups=3", "stdout_capture_maxbytes=1KB", "stdout_events_enabled=true", "stdout_syslog=true", "stderr_logfile=NONE", "stderr_logfile={dir}/x.err",
		"stderr_capture_maxbytes=1KB", "stderr_events_enabled=true", "stderr_logfile_backups=2", "stopsignal=15", "stopsignal=INT", "stopwaitsecs=3", "stopasgroup=true", "killasgroup=true", "exitcodes=0,2", "redirect_stderr=true",
		"environment=A=1", "environment=", "serverurl=http://a:1", "serverurl=AUTO", "user=root", "unknown=key", "numprocs=2\nprocess_name=%(process_num)d", "process_name=other", "; a comment",
		"[group:x]\nprograms=x", "[group:g]\nprograms=x", "[supervisord]\nenvironment=A=1", "[supervisord]\nminfds=900", "[supervisord]\nidentifier=other",
	} {
		detected = append(detected, Edit("supervisord.conf", changed(line)), Say("line "+line), Call("supervisor.reloadConfig"))
	}
	compare(t, []Scenario{
		// core 195, 196
		{
			Name:     "what reread detects",
			Config:   changed(""),
			Steps:    append(append([]Step{Start(), AwaitAnswer()}, detected...), Stop()),
			Unlogged: true,
		},
		// core 195
		{
			Name:   "reread of a log that becomes AUTO",
			Config: changed(""),
			Steps: []Step{
				Start(), AwaitAnswer(), Edit("supervisord.conf", changed("stdout_logfile=AUTO")),
				Differs("reread-auto", "== supervisor.reloadConfig()\n[[[], [], []]]", "== supervisor.reloadConfig()\n[[[], [\"x\"], []]]", Call("supervisor.reloadConfig")), Stop(),
			},
			Unlogged: true,
		},
		// core 195
		{
			Name: "what reread detects of groups, listeners and FastCGI programs",
			Config: "{base}[program:a]\ncommand=/bin/cat\nautostart=false\n[program:b]\ncommand=/bin/cat\nautostart=false\n[group:g]\nprograms=a,b\n" +
				"[eventlistener:l]\ncommand=/bin/cat\nevents=TICK_5,PROCESS_STATE\nautostart=false\n[fcgi-program:f]\ncommand=/bin/cat\nautostart=false\nsocket=unix://{dir}/f.sock\n",
			Steps: []Step{
				Start(), AwaitAnswer(),
				Edit("supervisord.conf", "{base}[program:a]\ncommand=/bin/cat\nautostart=false\n[program:b]\ncommand=/bin/cat\nautostart=false\n[group:g]\nprograms=b,a\n[eventlistener:l]\ncommand=/bin/cat\nevents=TICK_5,PROCESS_STATE\nbuffer_size=10\nautostart=false\n[fcgi-program:f]\ncommand=/bin/cat\nautostart=false\nsocket=unix://{dir}/f.sock\nsocket_mode=0777\nsocket_backlog=5\n"),
				Call("supervisor.reloadConfig"),
				Edit("supervisord.conf", "{base}[program:a]\ncommand=/bin/cat\nautostart=false\n[program:b]\ncommand=/bin/cat\nautostart=false\n[group:g]\nprograms=a,b\npriority=4\n[eventlistener:l]\ncommand=/bin/cat\nevents=TICK_5\nautostart=false\n[fcgi-program:f]\ncommand=/bin/cat\nautostart=false\nsocket=tcp://localhost:{port}\n"),
				Call("supervisor.reloadConfig"),
				Edit("supervisord.conf", "{base}[program:a]\ncommand=/bin/cat\nautostart=false\n[program:l]\ncommand=/bin/cat\nautostart=false\n[program:new]\ncommand=/bin/cat\npriority=1\n"),
				Call("supervisor.reloadConfig"), Call("supervisor.reloadConfig"), Ctl("reread"), Ctl("avail"), Stop(),
			},
			Unlogged: true,
		},
		// core 203
		{
			Name:   "add and remove",
			Config: "{base}" + program + "[program:y]\ncommand=/bin/cat\nautostart=false\n",
			Steps: []Step{
				Start(), AwaitState("RUNNING", "x"), Call("supervisor.removeProcessGroup", "x"), Call("supervisor.removeProcessGroup", "nosuch"), Call("supervisor.addProcessGroup", "x"), Call("supervisor.addProcessGroup", "nosuch"),
				Edit("supervisord.conf", "{base}"+program+"[program:new]\ncommand=/bin/cat\n"), Call("supervisor.addProcessGroup", "new"), Call("supervisor.reloadConfig"), Call("supervisor.addProcessGroup", "new"), AwaitState("RUNNING", "new"),
				Call("supervisor.addProcessGroup", "new"), Call("supervisor.reloadConfig"), Call("supervisor.removeProcessGroup", "y"), Call("supervisor.reloadConfig"), Call("supervisor.removeProcessGroup", "y"), Call("supervisor.addProcessGroup", "y"),
				Call("supervisor.stopProcess", "x"), Call("supervisor.removeProcessGroup", "x"), Ctl("status"), Call("supervisor.addProcessGroup", "x"), AwaitState("RUNNING", "x"), Ctl("status"), Stop(),
			},
		},
		// core 197
		{
			Name:   "reread of a broken file changes nothing",
			Config: "{base}" + program,
			Steps: []Step{
				Start(), AwaitState("RUNNING", "x"), Edit("supervisord.conf", "{base}[program:x]\ncommand=/bin/cat\nstartsecs=soon\n"), Call("supervisor.reloadConfig"), Ctl("reread"), Ctl("update"), Ctl("status"),
				Remove("supervisord.conf"), Call("supervisor.reloadConfig"), Edit("supervisord.conf", "garbage line\n"), Call("supervisor.reloadConfig"), Edit("supervisord.conf", "{base}[supervisord]\nidentifier=new\n[program:bad one]\ncommand=x\n"), Call("supervisor.reloadConfig"),
				Info("x", "statename"), Stop(),
			},
			Ignore: map[string]string{"reread-says": "^ERRO the configuration cannot be used"},
		},
		// core 198, 202
		{
			Name:   "reread changes the identifier and says nothing of includes",
			Config: "{base}" + program,
			Files:  map[string]string{"inc/a.ini": "[program:y]\ncommand=/bin/cat\nautostart=false\n"},
			Steps: []Step{
				Start(), AwaitState("RUNNING", "x"), Edit("supervisord.conf", "{base}[supervisord]\nidentifier=new\n[include]\nfiles=inc/*.ini none/*\n"+program), Call("supervisor.reloadConfig"), Call("supervisor.getIdentification"), Ctl("update"), Ctl("status"), Stop(),
			},
		},
		// core 199, 200
		{
			Name:   "reread with other paths",
			Config: "{base}" + program,
			Steps: []Step{
				Start(), AwaitState("RUNNING", "x"), Edit("supervisord.conf", "{base}[supervisord]\nlogfile={dir}/other.log\npidfile={dir}/other.pid\n"+program), Call("supervisor.reloadConfig"),
				Differs("reread-paths",
					"== supervisor.readLog(24, 4)\nfault 20 \"NO_FILE: {dir}/other.log\"\n== supervisor.clearLog()\nfault 20 \"NO_FILE\"\n== signal terminated to the daemon\n== ended: exit status 0\n== {dir}/sd.pid left: true",
					"== supervisor.readLog(24, 4)\n\"CRIT\"\n== supervisor.clearLog()\ntrue\n== signal terminated to the daemon\n== ended: exit status 0\n== {dir}/sd.pid left: false",
					Call("supervisor.readLog", 24, 4), Call("supervisor.clearLog"), Stop(), Left("sd.pid")),
			},
			Unlogged: true,
		},
		// core 201
		{
			Name:   "two groups of one name",
			Config: "{base}" + program + "[program:y]\ncommand=/bin/cat\nautostart=false\n[group:x]\nprograms=y\n",
			Steps:  []Step{Start(), AwaitAnswer(), Ctl("status"), Call("supervisor.reloadConfig"), Call("supervisor.reloadConfig"), Stop()},
		},
		{
			Name:   "update stops, replaces and starts",
			Config: "{base}[program:changed]\ncommand=/bin/cat\n[program:gone]\ncommand=/bin/cat\n[program:kept]\ncommand=/bin/cat\n",
			Steps: []Step{
				Start(), AwaitState("RUNNING", "changed", "gone", "kept"), Ctl("update"), Edit("supervisord.conf", "{base}[program:changed]\ncommand=/bin/sleep 1000\n[program:kept]\ncommand=/bin/cat\n[program:new]\ncommand=/bin/cat\n"),
				Ctl("reread"), Ctl("restart", "changed"), Cmdline("changed"), Ctl("update", "nosuch"), Ctl("update", "changed", "new"), AwaitState("RUNNING", "changed", "new", "kept", "gone"), Cmdline("changed"), Ctl("status"), Ctl("update", "all"), Ctl("status"), Ctl("update"), Stop(),
			},
		},
	})
}
