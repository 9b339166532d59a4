//go:build linux

package oracle

import (
	"os"
	"syscall"
	"testing"
)

// slow takes a second to end after SIGTERM.
const slow = "#!/bin/sh\ntrap 'sleep 1; exit 0' TERM\necho ready\nwhile :; do sleep 0.1; done\n"

// TestOursDiffersOnlyWhereItSaysSo shows what ours does otherwise, and what of the
// same subject it does alike.
func TestOursDiffersOnlyWhereItSaysSo(t *testing.T) {
	compare(t, []Scenario{
		// core 172
		{
			Name: "the order of stop all",
			Config: "{base}[program:base]\ncommand=/bin/cat\npriority=1\n[program:top]\ncommand={dir}/slow\npriority=2\nstdout_logfile={dir}/top.out\n" +
				"[program:low]\ncommand=/bin/cat\npriority=1\n[program:high]\ncommand={dir}/slow\npriority=2\nstdout_logfile={dir}/high.out\n[group:g]\nprograms=low,high\npriority=5\n",
			Files: map[string]string{"slow": slow},
			Steps: []Step{
				Start(), AwaitState("RUNNING", "base", "top", "g:low", "g:high"), AwaitText("top.out", "ready", 1), AwaitText("high.out", "ready", 1), CtlSorted("stop", "g:*"), CtlSorted("stop", "all"), Ctl("status"),
				Differs("stop-order",
					"== in order: stopped: \nWARN stopped: low (terminated by SIGTERM)\nINFO stopped: high (exit status 0)\nWARN stopped: base (terminated by SIGTERM)\nINFO stopped: top (exit status 0)",
					"== in order: stopped: \nINFO stopped: high (exit status 0)\nWARN stopped: low (terminated by SIGTERM)\nINFO stopped: top (exit status 0)\nWARN stopped: base (terminated by SIGTERM)", InOrder("stopped: ")),
				Stop(),
			},
			Unlogged: true,
		},
		// core 173
		{
			Name:   "equal priorities at shutdown",
			Config: "{base}[program:a]\ncommand=/bin/cat\n[program:z]\ncommand={dir}/slow\nstdout_logfile={dir}/z.out\n",
			Files:  map[string]string{"slow": slow},
			Steps: []Step{
				Start(), AwaitState("RUNNING", "a", "z"), AwaitText("z.out", "ready", 1), Stop(),
				Differs("shutdown-order", "== in order: stopped: \nINFO stopped: z (exit status 0)\nWARN stopped: a (terminated by SIGTERM)", "== in order: stopped: \nWARN stopped: a (terminated by SIGTERM)\nINFO stopped: z (exit status 0)", InOrder("stopped: ")),
			},
			Unlogged: true,
		},
		// core 40
		{
			Name:   "the daemon's environment key as 4.4 reads it",
			Config: "{base}",
			Steps: []Step{
				Start(), AwaitAnswer(), Edit("supervisord.conf", "{base}[supervisord]\nenvironment=A=\"50%%\"\n"),
				Differs("environment-once", `== supervisor.reloadConfig()
fault 92 "CANT_REREAD: Format string 'A=\"50%\"' for 'environment' is badly formatted: unsupported format character '\"' (0x22) at index 6"`, "== supervisor.reloadConfig()\n[[[], [], []]]", Call("supervisor.reloadConfig")), Stop(),
			},
			Unlogged: true,
		},
		{
			Name:   "a percent s without a name",
			Config: "{base}",
			Steps: []Step{
				Start(), AwaitAnswer(), Edit("supervisord.conf", "{base}[program:x]\ncommand=/bin/cat\ndirectory=/%s\n"),
				Differs("nameless", `== supervisor.reloadConfig()
[[["x"], [], []]]`, `== supervisor.reloadConfig()
fault 92 "CANT_REREAD: Format string '/%s' for 'program:x.directory' is badly formatted: format requires a name, as in %(name)s in section 'program:x' (file: '{dir}/supervisord.conf')"`, Call("supervisor.reloadConfig")), Stop(),
			},
			Unlogged: true,
		},
		// core 216
		{
			Name:   "a main log that cannot be rotated",
			Config: "{base}[supervisord]\nlogfile=/dev/stdout\n[program:x]\ncommand=/usr/bin/touch {dir}/up\nstartsecs=0\nautorestart=false\n",
			Steps: []Step{
				Differs("unseekable-log", "== /bin/sh\nstatus of an error\n-- exit status 0", "== /bin/sh\nstatus 0\n-- exit status 0", Named("/bin/sh", Exec("/bin/sh", "-c",
					"({dir}/bin/supervisord -n -c {dir}/supervisord.conf 2>/dev/null & pid=$!\n"+
						"until [ -e {dir}/up ] || ! kill -0 $pid; do sleep 0.1; done\nkill $pid\nwait $pid && echo status 0 || echo status of an error) 2>/dev/null | grep '^status'"))),
			},
			Unlogged: true,
		},
		{
			Name:   "a socket that is deleted",
			Config: "{base}",
			Steps: []Step{
				Start(), AwaitAnswer(), Remove("s.sock"),
				Differs("socket-comes-back", "", "== supervisor.getIdentification()\n\"supervisor\"", On(Sirdar, Exists("s.sock"), AwaitAnswer(), Call("supervisor.getIdentification"))), Stop(),
			},
			Unlogged: true,
		},
		{
			Name:   "a file where the socket should be",
			Config: "{base}",
			Files:  map[string]string{"s.sock": "precious\n"},
			Steps: []Step{
				Differs("file-at-socket", "", "== s.sock: 9 bytes\nprecious", On(Sirdar, Quietly(Refused()), Show("s.sock"))),
			},
			Unlogged: true,
		},
		// core 174
		{
			Name:   "listeners first and last",
			Config: "{base}[program:a]\ncommand=/bin/cat\npriority=1\n[eventlistener:l]\ncommand=/bin/cat\nevents=TICK_3600\n",
			Steps:  []Step{Start(), AwaitState("RUNNING", "a", "l"), Ctl("status"), Ctl("avail"), Stop(), InOrder("spawned: "), InOrder("stopped: ")},
		},
		// core 175, 186
		{
			Name: "TERM in every state",
			Config: "{base}[program:starting]\ncommand=/bin/cat\nstartsecs=600\n[program:stopping]\ncommand={dir}/stubborn\nstopwaitsecs=1\nstdout_logfile={dir}/s.out\n[program:backoff]\ncommand=/nonexistent/x\nstartretries=100\n" +
				"[program:exited]\ncommand=/bin/true\nstartsecs=0\n[program:fatal]\ncommand=/nonexistent/y\nstartretries=0\n[program:stopped]\ncommand=/bin/cat\nautostart=false\n",
			Files:  map[string]string{"stubborn": stubborn},
			Steps:  []Step{Start(), AwaitText("s.out", "ready", 1), AwaitState("BACKOFF", "backoff"), AwaitState("EXITED", "exited"), AwaitState("FATAL", "fatal"), AwaitState("RUNNING", "stopping"), Call("supervisor.stopProcess", "stopping", false), Stop(), List("*.sock", "sd.pid")},
			Ignore: map[string]string{"prompt": "spawnerr: .*/x'|success: exited"},
		},
		// core 187, 189
		{
			Name:   "two HUPs are one restart",
			Config: "{base}[program:x]\ncommand={dir}/stubborn\nstopwaitsecs=600\nstdout_logfile={dir}/x.out\n",
			Files:  map[string]string{"stubborn": stubborn},
			Steps: []Step{
				Start(), AwaitState("RUNNING", "x"), AwaitText("x.out", "ready", 1), Remember("x"), Signal(syscall.SIGHUP), AwaitLog("received SIGHUP", 1), Signal(syscall.SIGHUP), AwaitLog("received SIGHUP", 2), KillRemembered(),
				AwaitLog("supervisord started", 2), AwaitState("RUNNING", "x"), AwaitText("x.out", "ready", 2), Remember("x"), Signal(syscall.SIGTERM), AwaitLog("received SIGTERM", 1), KillRemembered(), AwaitEnd(), List("*.sock", "sd.pid"),
			},
		},
		// core 191
		{
			Name:   "USR2, CHLD and PIPE, then TERM",
			Config: "{base}" + program,
			Steps: []Step{
				Start(), AwaitState("RUNNING", "x"), Signal(syscall.SIGCHLD), Signal(syscall.SIGPIPE), Signal(syscall.SIGUSR2), AwaitLog("supervisord logreopen", 1), Info("x", "statename"), Signal(syscall.SIGUSR2), AwaitLog("supervisord logreopen", 2), Stop(),
			},
		},
		// core 1
		{
			Name: "no configuration anywhere",
			Steps: []Step{
				Exec("/usr/bin/unshare", "-rm", "/bin/sh", "-c", "mount -t tmpfs none /etc/supervisor && exec {dir}/bin/supervisord -n"),
				Said("No config file found at default paths"),
				Exec("/usr/bin/unshare", "-rm", "/bin/sh", "-c", "mount -t tmpfs none /etc/supervisor && exec ./bin/supervisord -n"),
				Exec("/usr/bin/unshare", "-rm", "/bin/sh", "-c", "mount -t tmpfs none /etc/supervisor && exec bin/supervisord -n"),
			},
		},
	})
}

// TestBothBecomeAnotherUser needs root, as the daemon does to do it.
func TestBothBecomeAnotherUser(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can become another user")
	}
	compare(t, []Scenario{
		// core 167, 168
		{
			Name:   "a child that may not be signalled",
			Nobody: true,
			Config: "{base}[program:x]\ncommand={dir}/rooted\nenvironment=" + rootsChild + "=\"1\"\nstdout_logfile={dir}/x.out\n[program:y]\ncommand={dir}/rooted\nenvironment=" + rootsChild + "=\"1\"\nstdout_logfile={dir}/y.out\n",
			Steps: []Step{
				SetUserID("rooted"), Start(), AwaitText("x.out", "ready", 1), AwaitText("y.out", "ready", 1), AwaitState("RUNNING", "x", "y"),
				Call("supervisor.stopProcess", "x"), Info("x"),
				Call("supervisor.startProcess", "x"), Call("supervisor.startProcess", "x", false), Call("supervisor.stopProcess", "x"), Call("supervisor.signalProcess", "x", "HUP"), Ctl("start", "x"), Ctl("stop", "x"), Ctl("status"),
				Call("supervisor.signalProcess", "y", "HUP"), Info("y", "statename"),
				Stop(),
			},
			Ignore: map[string]string{"tracebacks": "^$"}, // a mask takes them away
		},
		// core 96, 108
		{
			Name:   "the daemon as nobody",
			Config: "{base}[unix_http_server]\nchmod=0770\n[supervisord]\nuser=nobody\n" + program + "stdout_logfile={dir}/x.log\n",
			Steps: []Step{
				Exec("/bin/chmod", "777", "{dir}", "{dir}/tmp"), Start(), AwaitState("RUNNING", "x"), DaemonProc(), Proc("x"), Environ("x"), List("s.sock", "sd.pid", "main.log", "x.log", "tmp/*"), Signal(syscall.SIGHUP), AwaitLog("supervisord started", 2), AwaitState("RUNNING", "x"), Stop(), Output(),
			},
		},
		// core 96
		{
			Name:   "the daemon as nobody by an option",
			Config: "{base}" + program,
			Steps:  []Step{Exec("/bin/chmod", "777", "{dir}", "{dir}/tmp"), Daemon("-u", "nobody"), AwaitState("RUNNING", "x"), DaemonProc(), List("s.sock", "sd.pid", "main.log", "tmp/*"), Stop()},
		},
		// core 108
		{
			Name:   "the socket's owner",
			Config: "{base}[unix_http_server]\nchown=nobody:daemon\nchmod=0640\n[unix_http_server:two]\nfile={dir}/two.sock\nchown=daemon\n",
			Steps:  []Step{Start(), AwaitAnswer(), List("*.sock"), Stop()},
		},
		// core 125, 127, 133
		{
			Name: "another user's directory, log and groups",
			Config: "{base}[program:x]\ncommand=/bin/cat\nuser=nobody\ndirectory={dir}/secret\nstartsecs=2\nstartretries=0\nstderr_logfile={dir}/x.err\n" +
				"[program:y]\ncommand=/usr/bin/id\nuser=games\nstartsecs=0\nautorestart=false\nstdout_logfile={dir}/y.out\n[program:z]\ncommand={dir}/secret/run\nuser=nobody\nstartsecs=2\nstartretries=0\nstderr_logfile={dir}/z.err\n",
			Files:  map[string]string{"secret/run": "#!/bin/sh\nexec cat\n"},
			Steps:  []Step{Exec("/bin/chmod", "700", "{dir}/secret"), Start(), AwaitState("FATAL", "x", "z"), AwaitState("EXITED", "y"), AwaitText("y.out", "groups", 1), Show("x.err"), Show("z.err"), Show("y.out"), Ctl("status"), Stop()},
			Ignore: map[string]string{"prompt": "success: y"},
		},
	})
}
