//go:build linux

package oracle

import (
	"syscall"
	"testing"
)

// reread drops what ours logs of a configuration that it cannot use.
var reread = map[string]string{"reread-says": "^ERRO the configuration cannot be used"}

// program is the smallest program x.
const program = "[program:x]\ncommand=/bin/cat\n"

// TestBothReadTheSameConfigurations gives a running daemon one text after the
// other and compares what it makes of it.
func TestBothReadTheSameConfigurations(t *testing.T) {
	compare(t, []Scenario{
		// core 9, 11, 13-23, 25-27
		{
			Name:   "the INI dialect",
			Ignore: reread,
			Config: "{base}",
			Steps: []Step{
				Start(),
				Parse(
					"[program:x\ncommand=/bin/cat\n",
					"[program:x]\r\ncommand=/bin/cat\r\npriority=5\r\n",
					"[program:x]\ncommand=a ;b\n",
					"[program:x]\ncommand=a;b\n",
					"[program:x]\ncommand=a #b\n",
					"[program:x]\ncommand=a#b\n",
					"[program:x]\ncommand=a\t;b\n",
					"[program:x]\ncommand=x;y ;w #z\n",
					"[program:x]\ncommand=;b\n",
					"[program:x]\ncommand= ;b\n",
					"[program:x]\ncommand=\"a ; b\"\n",
					"[program:x]\ncommand=a\n  b\n# comment\n  ; another\n\n  c=d\n  [e]\n",
					"[program:x]\ncommand=\n  a\n  b\n",
					"[program:x]\ncommand=a\n  priority=4\n",
					"[program:x]\n  command=a\n  priority=4\n",
					"  [program:x]\n  command=a\n  priority=4\n",
					"[program:x]\ncommand: a\npriority : 4\n",
					"[program:x]\ncommand: a=b\n",
					"[program:x]\nCOMMAND=/bin/Cat\nPriority=4\n",
					"[program:x]\ncommand=a\ncommand=b\n[program:y]\ncommand=c\n[program:x]\ncommand=d\npriority=3\n",
					"[DEFAULT]\nstartsecs=7\ncommand=/bin/default\n[program:x]\n[program:y]\nstartsecs=3\n",
					"foo=bar\n[nosuchsection]\nx=y\n[programx]\ncommand=a\n"+program+"bar=foo\n",
					"[ program:x ]\ncommand=a\n",
					"[program: x ]\ncommand=a\n",
					"[Program:x]\ncommand=a\n",
					"[program:x] junk\ncommand=a\n",
					"[program:café]\ncommand=a\n",
					"[program:]\ncommand=a\n",
					"[program:x]\ncommand=a\n=b\n",
					"[program:x]\ncommand=a\nnodelimiter\nand another\n",
					"[program:x]\ncommand=caf\xe9\n",
				),
				ParseWhole("\ufeff{base}", "a=b\n{base}", "", "[program:x]\ncommand=a\n"),
			},
		},
		// core 50-57, 59, 60, 64-66
		{
			Name:   "values of a program",
			Ignore: reread,
			Config: "{base}",
			Steps: []Step{
				Start(),
				ParseProgram(
					"startsecs=1s", "startsecs=1_000", "startsecs= 007 ", "startsecs=-5", "startsecs=", "startsecs=1.0", "startsecs=0x10",
					"startretries=a", "numprocs=a", "numprocs=-1", "numprocs_start=b", "priority=high", "priority=-1", "stopwaitsecs=soon",
					"stdout_logfile_maxbytes=1 MB", "stdout_logfile_maxbytes=10KB", "stdout_logfile_maxbytes=10kb", "stdout_logfile_maxbytes=1GB",
					"stdout_logfile_maxbytes=10K", "stdout_logfile_maxbytes=10B", "stdout_logfile_maxbytes=10TB", "stdout_logfile_maxbytes=1.5MB",
					"stdout_capture_maxbytes=1MB", "stderr_capture_maxbytes=2x", "stdout_logfile_backups=x", "stderr_logfile_maxbytes=7KB",
					"autostart=maybe", "autostart=ON", "autostart=Yes", "autostart=1", "autostart=off", "autostart=", "autostart=0",
					"autorestart=Unexpected", "autorestart=maybe", "autorestart=", "redirect_stderr=2", "redirect_stderr=true",
					"stopsignal=sigusr1", "stopsignal=10", "stopsignal=FOO", "stopsignal=99", "stopsignal=35", "stopsignal=0", "stopsignal=",
					"stopsignal=RTMIN", "stopsignal=RTMIN+1", "stopsignal=SIGIO", "stopsignal=IOT", "stopsignal=CLD", "stopsignal=-9", "stopsignal= term ",
					"exitcodes=0,2, 255", "exitcodes=0,256", "exitcodes=a", "exitcodes=0,", "exitcodes=", "exitcodes=-1",
					"umask=022", "umask=9", "umask=0o22", "umask=-1", "umask=",
					"stdout_logfile=/nonexistent/a", "stdout_logfile=OFF", "stdout_logfile=none", "stdout_logfile=Auto",
					"stdout_logfile=Syslog", "stdout_logfile=~/foo.log", "stdout_logfile=rel.log", "stderr_logfile=NONE", "stderr_logfile=/nonexistent/b",
					"stdout_syslog=true", "stderr_syslog=perhaps", "stdout_events_enabled=1", "serverurl=http://a:1", "serverurl=auto", "serverurl=",
					"directory=/nonexistent", "directory=", "directory=~/x",
				),
			},
		},
		// core 61-63, 67-74, 78-83, 85, 86
		{
			Name:   "sections and what they demand",
			Ignore: reread,
			Config: "{base}",
			Steps: []Step{
				Start(),
				Parse(
					"[program:x]\n", "[program:x]\ncommand=\n",
					"[program:x y]\ncommand=a\n", "[program:x:y]\ncommand=a\n", "[program:x/y]\ncommand=a\n", "[group:a b]\nprograms=x\n"+program,
					program+"stopasgroup=true\nkillasgroup=false\n", program+"stopasgroup=true\n", program+"killasgroup=true\n",
					program+"numprocs=2\n", program+"numprocs=2\nprocess_name=%(process_num)d\n", program+"numprocs=0\n",
					program+"numprocs=2\nnumprocs_start=5\nprocess_name=%(program_name)s_%(process_num)02d\n",
					program+"process_name=a b\n", program+"process_name=%(group_name)s-%(host_node_name)s\n",
					program+"environment=A=\"x\n", program+"environment=A\n", program+"environment=A=\n", program+"environment=A=foo@bar\n",
					program+"environment=A=1 B=2\n", program+"environment=,A=1\n", program+"environment=A=1,B\n", program+"environment=A=a*b\n",
					program+"environment=A=%(nosuch)s\n",
					program+"user=nosuchuser\n", program+"user=99999\n", program+"user=\n", program+"user=root\n", program+"user=0\n",
					program+"[group:g]\nprograms=x,y\n", program+"[group:g]\nprograms=y\n", program+"[group:g]\n", program+"[group:g]\nprograms=\n",
					program+"[group:g]\nprograms=x\npriority=5\n", program+"[group:g]\nprograms= x \npriority=z\n",
					program+"[program:y]\ncommand=b\n[group:g]\nprograms=y,x\n[group:h]\nprograms=x\n",
					"[program:b]\ncommand=b\npriority=2\n[program:a]\ncommand=a\npriority=2\n[program:c]\ncommand=c\npriority=1\n",
					"[program:m]\ncommand=m\nnumprocs=11\nprocess_name=p%(process_num)d\n",
					"[eventlistener:l]\ncommand=a\nevents=TICK_5\n[group:g]\nprograms=l\n",
					program+"[fcgi-program:x]\ncommand=a\nsocket=tcp://localhost:1\n[group:g]\nprograms=x\n",
					"[eventlistener:l]\ncommand=a\n", "[eventlistener:l]\ncommand=a\nevents=NOSUCH\n", "[eventlistener:l]\ncommand=a\nevents=tick_5, PROCESS_STATE\n",
					"[eventlistener:l]\ncommand=a\nevents=TICK_5\nbuffer_size=0\n", "[eventlistener:l]\ncommand=a\nevents=TICK_5\nredirect_stderr=true\n",
					"[eventlistener:l]\ncommand=a\nevents=TICK_5,\n",
					"[eventlistener:l]\ncommand=a\nevents=TICK_5\npriority=7\n",
					"[unix_http_server:b]\nchmod=0700\n", "[unix_http_server:b]\nfile={dir}/b\nchmod=9\n", "[unix_http_server:b]\nfile={dir}/b\nchown=nosuch\n",
					"[unix_http_server:b]\nfile={dir}/b\nusername=a\n", "[unix_http_server:b]\nfile={dir}/b\nchmod=%(here)s\n",
					"[inet_http_server]\n", "[inet_http_server]\nport=abc\n", "[inet_http_server]\nport=127.0.0.1:\n", "[inet_http_server]\nport=h:abc\n",
					"[inet_http_server]\nport=h:0\n", "[inet_http_server]\nport=h:70000\n", "[inet_http_server]\nport=70000\n",
					"[inet_http_server]\nport=1\npassword=a\n", "[inet_http_server]\nport=%(here)s\n",
					"[rpcinterface:b]\n",
					"[supervisord]\nloglevel=WARNING\n", "[supervisord]\nloglevel=Debug\n", "[supervisord]\nlogfile_maxbytes=1.5MB\n", "[supervisord]\nlogfile_backups=x\n",
					"[supervisord]\nminfds=x\n", "[supervisord]\nminprocs=x\n", "[supervisord]\ndirectory=/nonexistent\n", "[supervisord]\numask=9\n",
					"[supervisord]\nnodaemon=x\n", "[supervisord]\nchildlogdir=/nonexistent\n", "[supervisord]\npidfile=/nonexistent/a\n",
					"[supervisord]\nlogfile=/nonexistent/a\n", "[supervisord]\nstrip_ansi=2\n",
				),
				Edit("supervisord.conf", "{base}[supervisord]\nuser=nosuch\n"),
				Differs("user-at-reread", "== supervisor.reloadConfig()\n[[[], [], []]]", "== supervisor.reloadConfig()\nfault 92 \"CANT_REREAD: Invalid user name nosuch\"", Call("supervisor.reloadConfig")),
				Edit("supervisord.conf", "{base}"+program+"[group:g]\nprograms=x,x\n"), Call("supervisor.reloadConfig"),
				Differs("listed-twice", "== supervisorctl avail\ng:x                              avail     auto      999:999\ng:x                              avail     auto      999:999\n-- exit status 0",
					"== supervisorctl avail\ng:x                              avail     auto      999:999\n-- exit status 0", Ctl("avail")),
			},
		},
		// core 87
		{
			Name:   "the first of several errors is reported",
			Ignore: reread,
			Config: "{base}",
			Steps: []Step{
				Start(),
				Parse(
					program+"startsecs=x\nautostart=maybe\n", program+"umask=9\nstopsignal=FOO\n", program+"stdout_logfile=/nonexistent/a\nenvironment=A\n",
					program+"environment=A\nnumprocs=2\n", program+"stopasgroup=true\nkillasgroup=false\nnumprocs=2\n", program+"priority=x\nautostart=maybe\n",
					"[program:a]\ncommand=a\nautostart=maybe\n[program:b]\ncommand=b\npriority=x\n",
					"[program:a]\n[program:b]\ncommand=b\nautostart=maybe\n",
					"[inet_http_server]\nport=abc\n[eventlistener:l]\ncommand=a\n", "[eventlistener:l]\ncommand=a\n[program:b]\ncommand=b\nautostart=x\n",
					"[inet_http_server]\nport=abc\n[supervisord]\nloglevel=x\n[unix_http_server:b]\n", "[group:g]\nprograms=nosuch\n[program:b]\ncommand=b\nautostart=x\n",
					"[fcgi-program:f]\ncommand=a\n[inet_http_server]\nport=abc\n", "[supervisord]\numask=9\nminfds=x\n", "[rpcinterface:b]\n[group:g]\nprograms=nosuch\n",
				),
			},
		},
		// core 30-36, 39, 45
		{
			Name:   "expansion",
			Ignore: reread,
			Config: "{base}",
			Env:    []string{"FOO=12", "COMMENT=a ;b #c", "PERCENT=100%", "NESTED=%(program_name)s", "SPACED=a b"},
			Steps: []Step{
				Start(),
				ParseProgram(
					"startsecs=%(ENV_FOO)s", "startsecs=%(ENV_NOSUCH_VARIABLE)d", "startsecs=%(process_num)d\n", "priority=%(ENV_FOO)s", "directory=/d/%(process_num)d",
					"process_name=%(program_name)s_%(process_num)03d", "process_name=%(process_num)x%(process_num)5d|", "process_name=%(program_name)10s|",
					"process_name=%(program_name).2s", "process_name=%(program_name)-5s|", "process_name=%(numprocs)d", "process_name=%(process_num)+d",
					"process_name=%(ENV_SPACED)s", "stdout_logfile={dir}/a%%b.log", "stdout_logfile={dir}/a%%%%b.log", "stdout_logfile={dir}/%(ENV_NESTED)s.log",
					"stdout_logfile_backups=%(ENV_FOO)s", "directory=%(ENV_COMMENT)s", "directory=%(ENV_PERCENT)s", "directory=%%",
					"directory=%(program_name)d", "directory=%(ENV_FOO)d", "directory=100%", "directory=%(x", "directory=%(program_name)", "directory=a%b",
					"directory=date +%Y", "directory=50% done", "directory=%(here)s/x", "directory=%%(here)s",
				),
				Parse(
					"[program:x]\ncommand=/bin/echo %(ENV_COMMENT)s %(group_name)s %(program_name)s %(numprocs)s %(process_num)s %(here)s\n",
					"[program:x]\ncommand=a %(ENV_Z)s\nenvironment=Z=\"zz\"\n",
					"[program:x]\ncommand=a %(ENV_G)s\n[supervisord]\nenvironment=G=\"1\"\n",
					"[supervisord]\nenvironment=G=\"1\"\n[program:x]\ncommand=a %(ENV_G)s\nenvironment=G=\"2\"\n",
				),
				Edit("supervisord.conf", "{base}[program:x]\ncommand=a %(ENV_G)s\n"),
				Differs("forgotten-variables", "== kept: true", "== kept: false", Kept()),
				Edit("supervisord.conf", "{base}"), Signal(syscall.SIGHUP), AwaitLog("supervisord started", 2), AwaitAnswer(),
				Parse(
					"[supervisord]\nlogfile=%(nosuch)s\n", "[supervisord]\nidentifier=%(here)s\n", "[group:g]\nprograms=%(ENV_NOSUCH)s\n",
					"[eventlistener:l]\ncommand=a\nevents=%(program_name)s\n", "[unix_http_server:b]\nfile=%(here)s/x\n",
				),
			},
			Unlogged: true,
		},
		// core 41-49
		{
			Name:   "includes",
			Ignore: reread,
			Config: "{base}",
			Env:    []string{"PART=b"},
			Files: map[string]string{
				"inc/b1.ini":       "[program:x]\ncommand=one %(here)s\n[program:y]\ncommand=y\n",
				"inc/b2.ini":       "[program:x]\ncommand=two\nstartsecs=4\n[include]\nfiles=never.ini\n",
				"inc/bad.conf":     "[program:z]\ncommand=z\nstartsecs=soon\n",
				"inc/broken.conf":  "[program:z]\nnonsense\n",
				"inc/headless.cfg": "command=z\n",
				"inc/.hidden.ini":  "[program:hidden]\ncommand=z\n",
				"inc/sub/d.ini":    "[program:deep]\ncommand=%(here)s/d\n[supervisord]\nidentifier=deep\n",
				"inc/dir.ini/x":    "",
			},
			Steps: []Step{
				Start(),
				Parse(
					"[include]\nfiles=inc/*.ini\n", "[include]\nfiles=inc/b2.ini inc/b1.ini\n", "[include]\nfiles=\n  inc/b1.ini\n  inc/b2.ini\n",
					"[include]\n", "[include]\nfiles=\n", "[include]\nfiles=nosuch/*.ini\n", "[include]\nfiles=inc/bad.conf\n", "[include]\nfiles=inc/broken.conf\n",
					"[include]\nfiles=inc/headless.cfg\n", "[include]\nfiles=%(here)s/inc/%(ENV_PART)s1.ini\n", "[include]\nfiles=%(nosuch)s\n",
					"[include]\nfiles=inc/**/*.ini\n", "[include]\nfiles=inc/{b1,b2}.ini inc/b?.ini\n", "[include]\nfiles=inc/[b]1.ini\n",
					"[program:z]\ncommand=main\n[include]\nfiles=inc/bad.conf\n", "[program:x]\ncommand=main\nstartsecs=9\n[include]\nfiles=inc/b1.ini\n",
					"[include]\nfiles=inc/b1.ini\n[program:w]\ncommand=%(here)s %%(here)s\n",
				),
				Call("supervisor.getIdentification"),
				ParseWhole("[include]\nfiles=inc/sub/d.ini\n"),
				Call("supervisor.getIdentification"),
			},
		},
		// core 84
		{
			Name:   "FastCGI sections",
			Ignore: reread,
			Config: "{base}",
			Steps: []Step{
				Start(),
				Parse(
					"[fcgi-program:f]\ncommand=a\n", "[fcgi-program:f]\ncommand=a\nsocket=http://foo\n", "[fcgi-program:f]\ncommand=a\nsocket=unix://rel\n",
					"[fcgi-program:f]\ncommand=a\nsocket=tcp://localhost:70000\n", "[fcgi-program:f]\ncommand=a\nsocket=tcp://localhost:9000\nsocket_mode=0700\n",
					"[fcgi-program:f]\ncommand=a\nsocket=unix://{dir}/f\nsocket_owner=nosuch\n", "[fcgi-program:f]\ncommand=a\nsocket=unix://{dir}/f\nsocket_mode=99\n",
					"[fcgi-program:f]\ncommand=a\nsocket=unix://{dir}/f\nsocket_backlog=0\n", "[fcgi-program:f]\ncommand=a\nsocket=unix://%(program_name)s\n",
					"[fcgi-program:f]\ncommand=a\nsocket=unix://{dir}/f\nnumprocs=2\nprocess_name=%(process_num)d\n",
					"[fcgi-program:f]\ncommand=a\nsocket=tcp://localhost\n", "[fcgi-program:f]\ncommand=a\nsocket=unix://{dir}/f\nuser=nosuch\n",
				),
			},
		},
	})
}
