//go:build linux

package oracle

import (
	"syscall"
	"testing"

	"github.com/sirdar-project/sirdar"
)

// TestBothFindTheirConfiguration is about the command line and the file.
func TestBothFindTheirConfiguration(t *testing.T) {
	compare(t, []Scenario{
		// core 2, 3
		{
			Name: "the first of the default places wins",
			Files: map[string]string{
				"work/etc/supervisord.conf": "{base}[supervisord]\nidentifier=in_etc_of_the_working_directory\n",
			},
			Shell: "cd {dir}/work",
			Steps: []Step{
				StartAs("-n"), Call("supervisor.getIdentification"), Stop(), Output(),
				Edit("work/supervisord.conf", "{base}[supervisord]\nidentifier=in_the_working_directory\n"),
				StartAs("-n"), Call("supervisor.getIdentification"), Stop(),
				Edit("supervisord.conf", "{base}[supervisord]\nidentifier=beside_bin\n"),
				StartAs("-n"), Call("supervisor.getIdentification"), Stop(),
				Edit("etc/supervisord.conf", "{base}[supervisord]\nidentifier=in_etc_beside_bin\n"),
				StartAs("-n"), Call("supervisor.getIdentification"), Stop(),
			},
		},
		// core 4, 6-8, 10, 12, 88
		{
			Name: "a file that is no configuration",
			Files: map[string]string{
				"empty":    "",
				"other":    "[program:x]\ncommand=a\n",
				"headless": "a=b\n[supervisord]\n",
				"broken":   "[supervisord]\nnodelimiter\n\nand another\n",
				"bom":      "\ufeff[supervisord]\n",
				"latin":    "[supervisord]\nidentifier=\xe9\n",
			},
			Steps: []Step{
				Refused("-n", "-c", "missing"), Refused("-n", "-c", "{dir}/missing"), Refused("-n", "-c", "empty"), Refused("-n", "-c", "other"), Refused("-n", "-c", "headless"),
				Refused("-n", "-c", "broken"), Refused("-n", "-c", "bom"), Refused("-n", "-c", "latin"),
			},
		},
		// core 5
		{
			Name:   "a file that may not be read",
			Nobody: true,
			Files:  map[string]string{"secret": "#!\n"},
			Steps:  []Step{Exec("/bin/chmod", "000", "{dir}/secret"), Refused("-n", "-c", "{dir}/secret"), Refused("-n", "-c", "~/x")},
		},
		// core 32, 41, 48-50, 60, 62, 64, 67, 70, 79, 85, 87
		{
			Name: "errors in the configuration",
			Files: map[string]string{
				"1": "{base}[program:x]\ncommand=a\nstartsecs=1s\n", "2": "{base}[program:x]\n", "3": "{base}[group:g]\nprograms=y\n",
				"4": "{base}[program:x]\ncommand=date +%Y\n", "5": "{base}[include]\n", "6": "{base}[supervisord]\numask=9\n",
				"7": "{base}[supervisord]\nuser=nosuch\n", "8": "{base}[unix_http_server]\nchmod=x\n",
				"9": "{base}[include]\nfiles=bad.ini\n", "bad.ini": "[program:x]\ncommand=a\nautostart=maybe\n",
			},
			Steps: []Step{
				Refused("-n", "-c", "1"), Refused("-n", "-c", "2"), Refused("-n", "-c", "3"), Refused("-n", "-c", "4"), Refused("-n", "-c", "5"),
				Refused("-n", "-c", "6"), Refused("-n", "-c", "7"), Refused("-n", "-c", "8"), Refused("-n", "-c", "9"),
			},
		},
		// core 31
		{
			Name:  "an unknown name in an expansion",
			Files: map[string]string{"c": "{base}[program:x]\ncommand=%(nosuch)s\n"},
			Steps: []Step{Exec("/usr/bin/env", "-i", "LC_ALL=C.UTF-8", "{dir}/bin/supervisord", "-n", "-c", "c")},
		},
		// core 90-93
		{
			Name:   "options that are refused",
			Config: "{base}",
			Steps: []Step{
				Refused("-n", "-n"), Refused("-c", "a", "-c", "b"), Refused("-x"), Refused("--foo"), Refused("--log", "x"), Refused("-c"), Refused("--logfile"),
				Refused("--nodaemon=1"), Refused("foo", "-x"), Refused("-n", "it's"), Refused("-m", "99"), Refused("-m", "abc"), Refused("-y", "1K"), Refused("-z", "x"), Refused("-e", "WARNING"),
				Refused("-a", "many"), Refused("--minprocs=x"), Refused("-d", "/nonexistent"), Refused("-q", "/nonexistent"), Refused("-l", "/nonexistent/a"), Refused("-j", "/nonexistent/a"),
				Refused("-n", "-c", "{dir}/supervisord.conf", "-u", "nosuch"), Refused("-n", "-c", "{dir}/supervisord.conf", "-u", "99999"), Refused("--umask=9"), Refused("-nn"),
				Refused("-s", "--silent"), Refused("--logfile_max", "x"), Refused("-ex"),
			},
			Unlogged: true,
		},
		// core 89, 118
		{
			Name: "options that only print",
			Steps: []Step{
				Differs("version", "== {dir}/bin/supervisord -v\n4.2.5\n-- exit status 0", "== {dir}/bin/supervisord -v\n"+sirdar.CompatVersion+"\n-- exit status 0", Exec("{dir}/bin/supervisord", "-v")),
				Status("{dir}/bin/supervisord", "--version"), Status("{dir}/bin/supervisord", "-h"), Status("{dir}/bin/supervisord", "-?"), Status("{dir}/bin/supervisord", "--help"),
				Status("{dir}/bin/supervisord", "-n", "-v", "-x"), Status("{dir}/bin/supervisord", "-v", "-x"), Status("{dir}/bin/supervisord", "--ver"), Status("{dir}/bin/supervisord", "-x", "-v"),
				Status("{dir}/bin/echo_supervisord_conf"), Status("{dir}/bin/echo_supervisord_conf", "with", "-arguments"),
			},
		},
		// core 118
		{
			Name: "the sample configuration names the same keys",
			Steps: []Step{
				// Ours says once what goes for all kinds of programs, and names keys that
				// Supervisor's forgets.
				Exec("/bin/sh", "-c", `{dir}/bin/echo_supervisord_conf | sed -nE 's/^;?([a-z_]+) *=.*/\1/p' | sort -u | grep -vxE 'numprocs_start|result_handler|socket|socket_.*'`),
			},
		},
		// core 119
		{
			Name: "pidproxy",
			Files: map[string]string{
				"target.sh": "#!/bin/sh\ntrap 'echo target got TERM; exit 3' TERM\ntrap 'echo target got HUP' HUP\necho $$ > {dir}/pid\necho up\nwhile :; do sleep 0.1; done\n",
				"proxy.sh": "#!/bin/sh\n{dir}/bin/pidproxy {dir}/pid {dir}/target.sh a b > {dir}/proxy.out &\nproxy=$!\n" +
					"until grep -qs up {dir}/proxy.out; do sleep 0.1; done\nkill -HUP $proxy\nuntil grep -q HUP {dir}/proxy.out; do sleep 0.1; done\n" +
					"kill -TERM $proxy\nwait $proxy\necho status $?\nuntil grep -q TERM {dir}/proxy.out; do sleep 0.1; done\ncat {dir}/proxy.out\n",
			},
			Steps: []Step{
				Status("{dir}/bin/pidproxy"), Status("{dir}/bin/pidproxy", "one"),
				Exec("{dir}/bin/pidproxy", "{dir}/none", "/bin/false"),
				Differs("pidproxy-says", "== {dir}/bin/pidproxy {dir}/none false\n-- exit status 0", "== {dir}/bin/pidproxy {dir}/none false\n-- stderr\npidproxy: cannot start false: fork/exec {dir}/false: no such file or directory\n-- exit status 0",
					Exec("{dir}/bin/pidproxy", "{dir}/none", "false")),
				Exec("{dir}/proxy.sh"),
			},
		},
	})
}

// TestBothStartAlike is about the order of the start, the background, the pidfile,
// modes, limits, sockets and second starts.
func TestBothStartAlike(t *testing.T) {
	compare(t, []Scenario{
		// core 94
		{
			Name:   "log level warn",
			Config: "{base}" + program,
			Steps:  []Step{Start("-e", "WARN"), AwaitState("RUNNING", "x"), Stop(), Output()},
		},
		// core 95
		{
			Name:   "silent in the foreground",
			Config: "{base}" + program,
			Steps:  []Step{Start("-s"), AwaitState("RUNNING", "x"), Stop(), Output()},
		},
		{
			Name:   "options before the file's values",
			Config: "{base}[supervisord]\nidentifier=file\nloglevel=critical\n",
			Steps: []Step{
				Start("-i", "option", "--loglevel=info", "-l", "{dir}/other.log", "-k"), Call("supervisor.getIdentification"),
				Signal(syscall.SIGHUP), AwaitText("{dir}/other.log", "supervisord started", 2), Call("supervisor.getIdentification"),
				Call("supervisor.reloadConfig"), Call("supervisor.getIdentification"), Stop(), Output(), List("*.log"),
			},
		},
		// core 97
		{
			Name:   "the lines of a start",
			Config: "{base}{tcp}" + program,
			Steps:  []Step{Start(), AwaitState("RUNNING", "x"), Stop(), Output(), List("s.sock*", "sd.pid")},
		},
		// core 101, 110
		{
			Name:   "into the background",
			Config: "{base}" + program,
			Steps: []Step{
				Daemon(), AwaitState("RUNNING", "x"), DaemonProc(), Proc("x"), List("s.sock*", "sd.pid", "tmp/*", "main.log"), Output(), Stop(), List("s.sock*", "sd.pid", "tmp/*"),
			},
		},
		// core 102
		{
			Name:   "umask and directory in the background",
			Config: "{base}[supervisord]\numask=027\ndirectory={dir}/tmp\n" + program + "stdout_logfile={dir}/x.log\n[program:y]\ncommand=/bin/cat\numask=077\ndirectory=/\nstdout_logfile={dir}/y.log\nstderr_logfile=rel.log\n",
			Steps: []Step{
				Daemon(), AwaitState("RUNNING", "x", "y"), DaemonProc(), Proc("x"), Proc("y"), List("s.sock*", "sd.pid", "tmp/*", "*.log"), Stop(),
			},
		},
		// core 103
		{
			Name:   "umask and directory in the foreground",
			Config: "{base}[supervisord]\numask=027\ndirectory={dir}/tmp\n" + program + "stdout_logfile={dir}/x.log\n",
			Steps:  []Step{Start(), AwaitState("RUNNING", "x"), Proc("x"), List("s.sock*", "sd.pid", "tmp/*", "*.log"), Stop()},
		},
		// core 104
		{
			Name:   "a pidfile that cannot be written",
			Config: "{base}" + program + "[supervisord]\npidfile={dir}/pids\n",
			Files:  map[string]string{"pids/x": ""},
			Steps: []Step{
				Background("-n", "-c", "{dir}/supervisord.conf"), AwaitState("RUNNING", "x"), Stop(), Output(),
			},
		},
		// core 107, 108
		{
			Name:   "sockets: stale, mode and owner",
			Config: "{base}[unix_http_server]\nchmod=0770\n[unix_http_server:two]\nfile={dir}/two.sock\n",
			Steps: []Step{
				Start(), List("*.sock*"), Signal(syscall.SIGKILL), AwaitEnd(), List("*.sock*", "sd.pid"),
				Start(), List("*.sock*"), Stop(), Output(), List("*.sock*"),
			},
			Unlogged: true,
		},
		// core 109
		{
			Name:   "a socket's path that is too long",
			Config: "{base}[unix_http_server]\nfile={dir}/0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789\n",
			Steps:  []Step{RefusedErrors()}, Unlogged: true,
		},
		// core 105
		{
			Name:   "a main log that cannot be written",
			Config: "{base}[supervisord]\nlogfile={dir}/tmp\n",
			Steps:  []Step{Status("{dir}/bin/supervisord", "-n", "-c", "{dir}/supervisord.conf"), Status("{dir}/bin/supervisord", "-c", "{dir}/supervisord.conf"), List("sd.pid")}, Unlogged: true,
		},
		{
			Name:   "sockets that cannot be had",
			Config: "{base}[unix_http_server]\nfile={dir}/none/s.sock\n",
			Files: map[string]string{
				"2": "{base}[inet_http_server]\nport=host.invalid:1\n", "3": "{base}{tcp}[inet_http_server:b]\nport=127.0.0.1:{port}\n",
			},
			Steps:    []Step{RefusedErrors(), RefusedErrors("-n", "-c", "2"), RefusedErrors("-n", "-c", "3")},
			Unlogged: true,
		},
		// core 114
		{
			Name:   "several servers",
			Config: "{base}[inet_http_serverZZ]\nport=:{port}\n[unix_http_server:two]\nfile={dir}/two.sock\n[inet_http_server:x]\nport=127.0.0.1:{port2}\nusername=user\npassword=secret\n",
			Steps: []Step{
				Start(), AwaitAnswer(), List("*.sock"), Ctl("-s", "http://127.0.0.1:{port}", "pid"), Ctl("-s", "http://localhost:{port2}", "-u", "user", "-p", "secret", "pid"), Ctl("-s", "unix://{dir}/two.sock", "pid"), Stop(), List("*.sock"),
			},
		},
		// core 115, 134
		{
			Name: "a child's server address",
			Config: "{base}{tcp}[unix_http_server:two]\nfile={dir}/two.sock\n" + program +
				"[program:own]\ncommand=/bin/cat\nserverurl=http://example:1\n[program:none]\ncommand=/bin/cat\nserverurl=\n",
			Env: []string{"SUPERVISOR_SERVER_URL=inherited", "SUPERVISOR_ENABLED=0"},
			Steps: []Step{
				Start(), AwaitState("RUNNING", "x", "own", "none"), Environ("x"), Environ("own"), Environ("none"), Stop(),
			},
		},
		// core 115, 116
		{
			Name: "server addresses without a unix socket",
			Files: map[string]string{
				"tcp":  "[supervisord]\nlogfile={dir}/main.log\npidfile={dir}/sd.pid\n[inet_http_server:a]\nport=127.0.0.1:{port2}\n[inet_http_server:b]\nport=:{port}\n[program:x]\ncommand=/usr/bin/env\nstdout_logfile={dir}/tcp.log\nstartsecs=0\nautorestart=false\n",
				"none": "[supervisord]\nlogfile={dir}/main.log\npidfile={dir}/sd.pid\n[program:x]\ncommand=/usr/bin/env\nstdout_logfile={dir}/none.log\nstartsecs=0\nautorestart=false\n",
			},
			Steps: []Step{
				StartAs("-n", "-c", "tcp"), AwaitText("main.log", "exited", 1), Exec("/bin/sh", "-c", "grep SUPERVISOR tcp.log | sort"), Stop(),
				StartAs("-n", "-c", "none"), AwaitText("main.log", "exited", 2), Exec("/bin/sh", "-c", "grep SUPERVISOR none.log | sort"), Stop(),
			},
		},
		// core 111-113
		{
			Name:   "old AUTO logs are removed",
			Config: "{base}[supervisord]\nidentifier=other\n" + program,
			Files: map[string]string{
				"tmp/x-stdout---other-abcdefgh.log": "old", "tmp/x-stdout---other-abcdefgh.log.1": "old", "tmp/x-stdout---other-abcdefgh.log.bak": "old",
				"tmp/x-stdout---supervisor-abcdefgh.log": "kept", "tmp/---other-abcdefgh.log": "kept", "tmp/x---other-.log": "kept", "tmp/a b---other-a b.log": "kept",
				"tmp/y---other-a.log": "old", "tmp/other.log": "kept",
			},
			Steps: []Step{
				Start(), AwaitState("RUNNING", "x"), List("tmp/*"), Info("x", "logfile", "stderr_logfile"), Stop(), List("tmp/*"),
				Start("--nocleanup"), AwaitState("RUNNING", "x"), List("tmp/*"), Stop(),
			},
		},
		{
			Name:   "childlogdir",
			Config: "{base}[supervisord]\nchildlogdir={dir}/logs\n" + program + "[program:y]\ncommand=/bin/cat\nautostart=false\nredirect_stderr=true\n",
			Files:  map[string]string{"logs/x": ""},
			Steps:  []Step{Start(), AwaitState("RUNNING", "x"), List("logs/*", "tmp/*"), Stop(), List("logs/*")},
		},
		// core 117
		{
			Name:   "an RPC interface with a key it does not know",
			Config: "{base}[rpcinterface:supervisor]\nextra=1\n",
			Steps:  []Step{RefusedErrors()}, Unlogged: true,
		},
		// core 24
		{
			Name:   "defaults reach the RPC interface",
			Config: "{base}[DEFAULT]\nfoo=1\n",
			Steps:  []Step{RefusedErrors()}, Unlogged: true,
		},
		{
			Name:   "an RPC interface that nobody has",
			Config: "{base}[rpcinterface:x]\nsupervisor.rpcinterface_factory=nosuch.module:factory\n",
			Steps: []Step{Differs("unresolvable",
				"== {dir}/bin/supervisord -n -c {dir}/supervisord.conf\n-- stderr\nError: nosuch.module:factory cannot be resolved within [rpcinterface:x]\nFor help, use {dir}/bin/supervisord -h\n-- exit status 2",
				"== {dir}/bin/supervisord -n -c {dir}/supervisord.conf\n-- stderr\nError: nosuch.module:factory cannot be resolved within [rpcinterface:x]: no RPC interface of that name is part of this program\nFor help, use {dir}/bin/supervisord -h\n-- exit status 2", RefusedErrors())}, Unlogged: true,
		},
		// core 42, 43, 47, 65, 224
		{
			Name: "notes of the configuration in the log",
			Config: "{base}[include]\nfiles=none/*.ini inc/*.ini inc/a.ini\n" + program + "redirect_stderr=true\nstderr_logfile={dir}/x.err\nautostart=false\n" +
				"[program:y]\ncommand=/bin/cat\nstdout_logfile=syslog\nautostart=false\n[program:z]\ncommand=/bin/cat\nstdout_logfile_maxbytes=0\nautostart=false\n",
			Files: map[string]string{"inc/a.ini": "[program:a]\ncommand=/bin/cat\nautostart=false\n", "inc/b.ini/c": ""},
			Steps: []Step{Start(), Call("supervisor.reloadConfig"), Ctl("status"), Stop(), Output()},
		},
		// core 40
		{
			Name:   "host names and percent signs",
			Config: "{base}" + program + "environment=A=\"%(host_node_name)s\",B=\"100%%\",C=\"%(ENV_PATH)s\"\n",
			Steps:  []Step{Start(), AwaitState("RUNNING", "x"), Environ("x"), Stop()},
		},
	})
}
