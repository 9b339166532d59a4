//go:build linux

package oracle

import "testing"

// TestBothSpawnAlike is about how a command is found and what a child is born
// with.
func TestBothSpawnAlike(t *testing.T) {
	compare(t, []Scenario{
		// core 68, 120, 121, 128, 157
		{
			Name: "commands that cannot be run",
			Config: "{base}" +
				"[program:gone]\ncommand=/nonexistent/foo\nstartretries=0\n[program:nopath]\ncommand=nosuchcommand a b\nstartretries=0\n" +
				"[program:dir]\ncommand={dir}/tmp\nstartretries=0\n[program:plain]\ncommand={dir}/plain\nstartretries=0\n" +
				"[program:quote]\ncommand=/bin/cat \"abc\nstartretries=0\n[program:escape]\ncommand=/bin/cat \\\nstartretries=0\n[program:empty]\ncommand=\nstartretries=0\n" +
				"[program:once]\ncommand=/nonexistent/bar\nstartretries=1\n[program:usual]\ncommand=/nonexistent/usual\n",
			Files: map[string]string{"plain": "x"},
			Steps: []Step{
				Start(), AwaitState("FATAL", "gone", "nopath", "dir", "plain", "quote", "escape", "empty", "once", "usual"), Ctl("status"),
				Info("gone"), Info("quote", "spawnerr", "exitstatus", "start", "stop"),
				Call("supervisor.startProcess", "gone"), Call("supervisor.startProcess", "nopath"), Call("supervisor.startProcess", "dir", false),
				Call("supervisor.startProcess", "plain"), Call("supervisor.startProcess", "quote"), Call("supervisor.startProcess", "escape"), Call("supervisor.startProcess", "empty"),
				Ctl("start", "gone"), Ctl("start", "plain"), Stop(),
			},
		},
		// core 157
		{
			Name:   "a start in BACKOFF of a command that is not there",
			Config: "{base}[program:x]\ncommand=/nonexistent/foo\nstartretries=100\n[program:y]\ncommand=/bin/false\nstartretries=100\nstartsecs=2\n",
			Steps: []Step{
				Start(), AwaitState("BACKOFF", "x", "y"), Call("supervisor.startProcess", "x"), Call("supervisor.startProcess", "y"), Call("supervisor.signalProcess", "x", "HUP"),
				Call("supervisor.sendProcessStdin", "x", "a"), Call("supervisor.stopProcess", "x"), Call("supervisor.stopProcess", "y"), Info("x", "statename", "spawnerr"), Stop(),
			},
			Unlogged: true,
		},
		// core 161
		{
			Name:   "a process stopped before it ever forked",
			Config: "{base}[program:x]\ncommand=/nonexistent/foo\nstartretries=100\n",
			Steps:  []Step{Start(), AwaitState("BACKOFF", "x"), Call("supervisor.stopProcess", "x"), ExactDescription("x"), Stop()},
			Ignore: map[string]string{"prompt": "spawnerr"},
		},
		// core 122, 123
		{
			Name: "the search along PATH",
			Config: "{base}[program:masked]\ncommand=tool\nstartretries=0\nenvironment=PATH=\"{dir}/one:{dir}/two\"\n" +
				"[program:found]\ncommand=tool a\nenvironment=PATH=\"{dir}/two:{dir}/one\"\n" +
				"[program:global]\ncommand=special\n[program:folder]\ncommand=sub\nstartretries=0\nenvironment=PATH=\"{dir}:{dir}/two\"\n[supervisord]\nenvironment=PATH=\"{dir}/three:/bin\"\n",
			Files: map[string]string{
				"one/tool": "plain", "two/tool": "#!/bin/sh\nexec /bin/cat\n", "three/special": "#!/bin/sh\nexec /bin/cat\n", "sub/x": "", "two/sub": "#!/bin/sh\nexec /bin/cat\n",
			},
			Steps: []Step{
				Start(), AwaitState("RUNNING", "found", "global"), AwaitState("FATAL", "masked", "folder"), Ctl("status"), Stop(),
			},
		},
		// core 63, 124-126
		{
			Name: "what fails in the child",
			Config: "{base}[program:rel]\ncommand=./rel.sh\ndirectory={dir}/tmp\nstartretries=0\nstartsecs=2\nstderr_logfile={dir}/rel.err\n" +
				"[program:nodir]\ncommand=/bin/cat\ndirectory=/nonexistent/dir\nstartretries=0\nstartsecs=2\nstderr_logfile={dir}/nodir.err\nstdout_logfile={dir}/nodir.out\n" +
				"[program:nointerp]\ncommand={dir}/nointerp.sh\nstartretries=0\nstartsecs=2\nstderr_logfile={dir}/nointerp.err\n" +
				"[program:noshebang]\ncommand={dir}/noshebang\nstartretries=0\nstartsecs=2\nredirect_stderr=true\nstdout_logfile={dir}/noshebang.out\n" +
				"[program:patient]\ncommand=/bin/cat\ndirectory=/nonexistent/dir\nstartsecs=0\nautorestart=false\nstderr_logfile={dir}/patient.err\n",
			Files: map[string]string{"rel.sh": "#!/bin/sh\nexec /bin/cat\n", "nointerp.sh": "#!/nonexistent/interpreter\n", "noshebang": "echo no\n"},
			Steps: []Step{
				Do(Exec("/bin/chmod", "755", "{dir}/noshebang")), Start(),
				AwaitState("FATAL", "rel", "nodir", "nointerp", "noshebang"), AwaitState("EXITED", "patient"), Info("rel"), Info("patient"), Ctl("status"),
				Show("rel.err"), Show("nodir.err"), Show("nodir.out"), Show("nointerp.err"), Show("noshebang.out"), Show("patient.err"), Stop(),
			},
			Ignore: map[string]string{"prompt": "success: patient"},
		},
		// core 129-131
		{
			Name:   "what a child is born with",
			Config: "{base}[program:x]\ncommand=/bin/cat\numask=0137\ndirectory={dir}/tmp\n[program:y]\ncommand=/bin/cat\nredirect_stderr=true\n",
			Env:    []string{"INHERITED=yes"},
			Steps: []Step{
				Start(), AwaitState("RUNNING", "x", "y"), Proc("x"), Proc("y"), Environ("x"), Cmdline("x"), Stop(),
			},
		},
		// core 96, 133
		{
			Name:   "another user",
			Config: "{base}[program:x]\ncommand=/bin/cat\nuser=nobody\n[program:y]\ncommand=/bin/cat\nuser=daemon\ndirectory=/\n[program:z]\ncommand=/bin/cat\nuser=root\n",
			Steps: []Step{
				Start(), AwaitSettled("x", "y", "z"), Ctl("status"), Exec("/bin/sh", "-c", "cat tmp/x-stderr*"), IfRunning("x", Proc("x")), IfRunning("y", Proc("y")), IfRunning("z", Proc("z")), IfRunning("x", Environ("x")), Stop(),
			},
		},
		// core 127
		{
			Name:   "another user without the right to",
			Nobody: true,
			Config: "{base}[program:x]\ncommand=/bin/cat\nuser=www-data\nstartretries=0\nstartsecs=2\nstderr_logfile={dir}/x.err\n",
			Steps:  []Step{Start(), AwaitState("FATAL", "x"), Show("x.err"), Stop()},
		},
		// core 98
		{
			Name:   "a daemon that cannot become another user",
			Nobody: true,
			Config: "{base}[supervisord]\nuser=root\n",
			Steps:  []Step{Refused(), List("*.log", "*.sock", "sd.pid")},
		},
		// core 135
		{
			Name: "words of a command as the program sees them",
			Config: "{base}[program:x]\ncommand={dir}/args \"two words\" one\\ word '' $HOME ~ * \"a\\\"b\" 'a\\b' \"a\\nb\" a\\nb\n  next line\nstdout_logfile={dir}/x.out\nstartsecs=0\nautorestart=false\n" +
				"[program:y]\ncommand={dir}/args a#b 'x'y\"z\" é \"\" a''b 50%% #gone\nstdout_logfile={dir}/y.out\nstartsecs=0\nautorestart=false\n",
			Files: map[string]string{"args": "#!/bin/sh\nfor a; do echo \"<$a>\"; done\necho end\n"},
			Steps: []Step{
				Start(), AwaitText("x.out", "end", 1), AwaitText("y.out", "end", 1), AwaitState("EXITED", "x", "y"), Show("x.out"), Show("y.out"), Stop(),
			},
			Unlogged: true,
		},
		// core 37, 38, 75-77, 132
		{
			Name: "environment",
			Config: "{base}[supervisord]\nenvironment=G=\"global\",BOTH=\"global\",SUPERVISOR_GROUP_NAME=\"lied\"\n" +
				"[program:x]\ncommand=/bin/cat\nenvironment=A=\"a,b\",B='c d',BOTH=\"own\",E=\"\",P=/a/b.c+d-e(f):g_h,N=%(process_num)d,H=\"%(here)s\",S=1;T=2\n" +
				"[program:y]\ncommand=/bin/cat\nenvironment=A = 1 , B = 2,\n" +
				"[program:z]\ncommand=/bin/cat\nenvironment=\n   A=\"1\",\n   B=\"2\"\n" +
				"[program:w]\ncommand=/bin/cat\nenvironment=A=foo#bar,B=1\n[program:v]\ncommand=/bin/cat\nenvironment=A=$HOME\n[program:s]\ncommand=/bin/cat\nenvironment=B=~/x\n" +
				"[program:u]\ncommand=/bin/cat\nenvironment=A=http://h:80/x?y=1,SUPERVISOR_PROCESS_NAME=\"mine\",A=\"last\"\n" +
				"[program:t]\ncommand=/bin/cat\nenvironment=B=\"foo#bar\",C=\"a\\nb\"\n",
			Steps: []Step{
				Start(), AwaitState("RUNNING", "x", "y", "z", "w", "v", "u", "t", "s"),
				Environ("x"), Environ("y"), Environ("z"), Environ("w"), Environ("v"), Environ("u"), Environ("t"), Environ("s"), Stop(),
			},
		},
		// core 77, 40
		{
			Name:   "environment as 4.4 reads it",
			Config: "{base}[program:x]\ncommand=/bin/cat\nenvironment=A=\"'x'\",B=\"a\\\\b\"\n",
			Steps: []Step{
				Start(), AwaitState("RUNNING", "x"),
				Differs("environment-posix", `== A, B of x: "x", "a\\\\b"`, `== A, B of x: "'x'", "a\\b"`, Variables("x", "A", "B")),
				Stop(),
			},
		},
		// core 136
		{
			Name:   "too many open files",
			Config: "{base}[supervisord]\nminfds=10\n[program:p]\ncommand=/bin/cat\nnumprocs=12\nprocess_name=p%(process_num)02d\nstartretries=0\n",
			Shell:  "ulimit -n 24",
			Steps:  []Step{Start(), AwaitLog("too many open files", 1), Stop()}, Unlogged: true,
		},
		// core 138
		{
			Name: "a log that cannot be opened",
			Config: "{base}[program:x]\ncommand=/bin/cat\nstdout_logfile={dir}/tmp\nstartretries=0\n" +
				"[program:y]\ncommand=/bin/cat\nstdout_logfile={dir}/gone/y.log\nstartretries=0\n",
			Files: map[string]string{"gone/x": ""},
			Steps: []Step{
				Start(), AwaitState("FATAL", "x"), AwaitState("RUNNING", "y"), Call("supervisor.stopProcess", "y"), Remove("gone"),
				Call("supervisor.startProcess", "y"), AwaitState("FATAL", "y"), Ctl("status"), Info("y", "spawnerr"), Stop(),
			},
		},
		// core 99
		{
			Name:   "more descriptors wanted than permitted",
			Nobody: true,
			Config: "{base}[supervisord]\nminfds=5000\n",
			Shell:  "ulimit -n 100",
			Steps:  []Step{Refused()}, Unlogged: true,
		},
		// core 100
		{
			Name:   "limits are raised",
			Config: "{base}[supervisord]\nminfds=150\n[program:x]\ncommand=/bin/sh -c 'ulimit -Sn; ulimit -Hn; exec cat'\nstdout_logfile={dir}/x.out\n",
			Shell:  "ulimit -Sn 100; ulimit -Hn 200",
			Steps: []Step{
				Start(), AwaitState("RUNNING", "x"), AwaitText("x.out", "200", 1), Show("x.out"), Stop(),
			},
		},
	})
}
