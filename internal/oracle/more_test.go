//go:build linux

package oracle

import (
	"syscall"
	"testing"
)

// TestBothAgreeOnOddLives is about what happens seldom, and then at night.
func TestBothAgreeOnOddLives(t *testing.T) {
	compare(t, []Scenario{
		// core 147, 187
		{
			Name:   "killed while STARTING",
			Config: "{base}[program:x]\ncommand=/bin/cat\nstartsecs=600\nstartretries=0\n[program:y]\ncommand=/bin/cat\nstartsecs=600\nstartretries=100\n",
			Steps: []Step{
				Start(), AwaitState("STARTING", "x", "y"), Kill("x", syscall.SIGKILL), AwaitState("FATAL", "x"), Info("x"), Kill("y", syscall.SIGSEGV), AwaitLog("spawned: 'y'", 2), AwaitState("STARTING", "y"), Stop(),
			},
			Shell: "ulimit -c 0",
		},
		{
			Name:   "exit codes of every kind",
			Config: "{base}[program:x]\ncommand=/bin/sh -c 'exit 255'\nstartsecs=0\nautorestart=false\n[program:y]\ncommand=/bin/sh -c 'exit 127'\nstartsecs=0\nautorestart=false\nexitcodes=127\n[program:z]\ncommand=/bin/sh -c 'kill -9 $$'\nstartsecs=0\nautorestart=false\nexitcodes=137\n",
			Steps:  []Step{Start(), AwaitState("EXITED", "x", "y", "z"), Info("x"), Info("y"), Info("z"), Stop()},
			Ignore: map[string]string{"prompt": "success: "},
		},
		{
			Name:   "a program that is halted is stopped all the same",
			Config: "{base}[program:x]\ncommand=/bin/cat\nstopwaitsecs=1\n",
			Steps:  []Step{Start(), AwaitState("RUNNING", "x"), Ctl("signal", "STOP", "x"), Info("x", "statename"), Ctl("stop", "x"), Info("x", "statename", "exitstatus"), Stop()},
		},
		{
			Name:   "a program that closes its outputs",
			Config: "{base}[program:x]\ncommand=/bin/sh -c 'echo before; exec >&- 2>&-; exec sleep 1000'\nstdout_logfile={dir}/x.log\n",
			Steps:  []Step{Start(), AwaitState("RUNNING", "x"), AwaitText("x.log", "before", 1), Call("supervisor.clearProcessLogs", "x"), Show("x.log"), Ctl("status"), Stop()},
		},
		{
			Name:   "a program that daemonizes itself",
			Config: "{base}[program:x]\ncommand=/bin/sh -c 'setsid sleep 1000 & exit 0'\nstartsecs=2\nstartretries=0\n",
			Steps:  []Step{Start(), AwaitState("FATAL", "x"), Info("x", "spawnerr", "pid"), Stop()},
		},
		{
			Name:   "empty groups and a group of many",
			Config: "{base}[program:a]\ncommand=/bin/cat\n[program:b]\ncommand=/bin/cat\nnumprocs=3\nnumprocs_start=7\nprocess_name=%(group_name)s_%(program_name)s_%(process_num)03d\n[group:g]\nprograms=b,a\n[group:none]\n",
			Steps:  []Step{Start(), AwaitState("RUNNING", "g:a", "g:g_b_009"), Ctl("status"), Ctl("avail"), Call("supervisor.stopProcess", "none:*"), Call("supervisor.startProcessGroup", "none"), CtlSorted("stop", "g:*"), List("tmp/*"), Stop()},
			Ignore: map[string]string{"stop-order": "^$"},
		},
		{
			Name:   "relative paths of logs, and the home directory's",
			Config: "{base}[program:x]\ncommand=/bin/cat\nstdout_logfile=rel.log\nstderr_logfile=~/x.err\n",
			Steps:  []Step{Start(), AwaitState("RUNNING", "x"), List("rel.log", "home/*"), Info("x", "logfile", "stderr_logfile"), Call("supervisor.sendProcessStdin", "x", "hello\n"), AwaitText("rel.log", "hello", 1), Ctl("tail", "x"), Stop()},
		},
		{
			Name:   "both outputs rotate",
			Config: "{base}[program:x]\ncommand={dir}/both\nstdout_logfile={dir}/x.out\nstdout_logfile_maxbytes=30\nstdout_logfile_backups=1\nstderr_logfile={dir}/x.err\nstderr_logfile_maxbytes=30\nstderr_logfile_backups=1\n",
			Files:  map[string]string{"both": "#!/bin/sh\nfor i in 1 2 3 4 5 6 7 8; do\necho out $i 789\necho err $i 789 >&2\nsleep 0.25\ndone\necho out end\necho err end >&2\nexec sleep 1000\n"},
			Steps:  []Step{Start(), AwaitText("x.out", "end", 1), AwaitText("x.err", "end", 1), Show("x.out"), Show("x.out.1"), Show("x.err"), Show("x.err.1"), List("x.*"), Stop()}, Unlogged: true,
		},
		{
			Name:   "HUP with other paths",
			Config: "{base}" + program,
			Files:  map[string]string{"logs/x": ""},
			Steps: []Step{
				Start(), AwaitState("RUNNING", "x"),
				Edit("supervisord.conf", "{base}[supervisord]\nlogfile={dir}/other.log\npidfile={dir}/other.pid\nchildlogdir={dir}/logs\n[unix_http_server:two]\nfile={dir}/two.sock\n{tcp}"+program),
				Signal(syscall.SIGHUP), AwaitText("other.log", "supervisord started", 1), AwaitState("RUNNING", "x"), List("*.sock", "*.pid", "logs/x-*"), Call("supervisor.readLog", 24, 4), Ctl("status"), Ctl("-s", "unix://{dir}/two.sock", "status"), Ctl("-s", "http://127.0.0.1:{port}", "-u", "user", "-p", "pass:word", "status"),
				Stop(), List("*.sock", "*.pid", "logs/x-*"), LogFile("other.log"),
			},
		},
		{
			Name:   "HUP without a server, and back",
			Config: "{base}{tcp}" + program,
			Steps: []Step{
				Start(), AwaitState("RUNNING", "x"), Edit("supervisord.conf", "[supervisord]\nlogfile={dir}/main.log\npidfile={dir}/sd.pid\n"+program), Signal(syscall.SIGHUP), AwaitLog("supervisord started", 2), AwaitLog("success: x", 2), List("*.sock"),
				Edit("supervisord.conf", "{base}"+program), Signal(syscall.SIGHUP), AwaitLog("supervisord started", 3), AwaitState("RUNNING", "x"), List("*.sock"), Ctl("status"), Stop(),
			},
		},
		{
			Name:   "a password on the unix socket",
			Config: "{base}[unix_http_server]\nusername=user\npassword={SHA}e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4\n" + program,
			Steps: []Step{
				Start(), Ctl("status"), Ctl("-u", "user", "-p", "secret", "pid", "nosuch"), Ctl("-u", "user", "-p", "wrong", "pid"), Ctl("-u", "other", "-p", "secret", "pid"), Ctl("-u", "user", "-p", "{SHA}e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4", "pid"), Stop(),
			},
			Unlogged: true,
		},
		{
			Name:   "a stop during the wait between two starts",
			Config: "{base}[program:x]\ncommand=/bin/false\nstartsecs=2\nstartretries=3\nautostart=false\n",
			Steps:  []Step{Start(), Quietly(Call("supervisor.startProcess", "x", false)), AwaitLog("exited: x", 3), AwaitState("BACKOFF", "x"), Ctl("stop", "x"), Ctl("status", "x"), Ctl("stop", "x"), Stop()},
		},
		{
			Name:   "restart while it stops",
			Config: "{base}[program:x]\ncommand={dir}/stubborn\nstopwaitsecs=600\nstdout_logfile={dir}/x.out\n",
			Files:  map[string]string{"stubborn": stubborn},
			Steps: []Step{
				Start(), AwaitState("RUNNING", "x"), AwaitText("x.out", "ready", 1), Remember("x"), Meanwhile(Ctl("stop", "x"), AwaitState("STOPPING", "x"), Ctl("restart", "x"), Ctl("stop", "x"), KillRemembered()), Info("x", "statename"), Stop(),
			},
		},
		{
			Name:   "two clients start the same program",
			Config: "{base}[program:x]\ncommand=/bin/cat\nstartsecs=6\nautostart=false\n",
			Steps:  []Step{Start(), Meanwhile(Ctl("start", "x"), AwaitState("STARTING", "x"), Ctl("start", "x")), Info("x", "statename"), Stop()},
		},
		{
			Name:   "a follower sees a log across rotation and restart",
			Config: "{base}[program:x]\ncommand=/bin/cat\nstdout_logfile={dir}/x.log\nstdout_logfile_maxbytes=10\nstdout_logfile_backups=2\n",
			Steps: []Step{
				Start(), AwaitState("RUNNING", "x"), Call("supervisor.sendProcessStdin", "x", "first\n"), AwaitText("x.log", "first", 1),
				Differs("follow-rotation",
					"== supervisorctl tail -f x, then Control-C\n==> Press Ctrl-C to exit <==\nfirst\nthird\n\n-- exit status 0",
					"== supervisorctl tail -f x, then Control-C\n==> Press Ctrl-C to exit <==\nfirst\nsecond\nthird\n\n-- exit status 0",
					CtlFollow("x",
						Stage{"first", Call("supervisor.sendProcessStdin", "x", "second\n")},
						Stage{"first", Call("supervisor.sendProcessStdin", "x", "third\n")},
						Stage{"third", Do()})),
				Stop(),
			},
			Unlogged: true,
		},
		{
			Name:   "shutdown of stubborn programs",
			Config: "{base}[program:a]\ncommand={dir}/stubborn\nstopwaitsecs=1\nstdout_logfile={dir}/a.out\n[program:b]\ncommand={dir}/stubborn\nstopwaitsecs=1\nstopasgroup=true\nstdout_logfile={dir}/b.out\npriority=5\n",
			Files:  map[string]string{"stubborn": stubborn},
			Steps:  []Step{Start(), AwaitState("RUNNING", "a", "b"), AwaitText("a.out", "ready", 1), AwaitText("b.out", "ready", 1), Stop(), InOrder("stopped: ")},
		},
		{
			Name:   "many small programs",
			Config: "{base}[program:x]\ncommand=/bin/cat\nnumprocs=40\nprocess_name=%(program_name)s%(process_num)02d\nstartsecs=0\n",
			Steps:  []Step{Start(), AwaitState("RUNNING", "x:x39"), CtlSorted("stop", "x:*"), CtlSorted("start", "x:*"), Ctl("status"), Ctl("pid", "all"), Stop()}, Unlogged: true,
		},
	})
}
