//go:build linux

package oracle

import (
	"testing"

	"github.com/sirdar-project/sirdar"
)

// overTCP are the options with which supervisorctl comes over TCP with a password
// instead of over the unix socket of its configuration.
var overTCP = []string{"-s", "http://127.0.0.1:{port}", "-u", "user", "-p", "pass:word"}

// TestSupervisorctlCannotTell runs Debian's supervisorctl against both daemons, over
// the unix socket and over TCP.
func TestSupervisorctlCannotTell(t *testing.T) {
	for _, way := range []struct {
		name    string
		options []string
	}{{"unix", nil}, {"tcp", overTCP}} {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			compare(t, commands(way.options))
		})
	}
}

// commands are the scenarios of one way to the daemon.
func commands(options []string) []Scenario {
	ctl := func(args ...string) Step { return Ctl(append(options[:len(options):len(options)], args...)...) }
	sorted := func(args ...string) Step { return CtlSorted(append(options[:len(options):len(options)], args...)...) }
	until := func(wanted, typed []string, args ...string) Step {
		return CtlUntil(wanted, typed, append(options[:len(options):len(options)], args...)...)
	}
	return []Scenario{
		{
			Name: "status and pid",
			Config: "{base}{tcp}" + program + "[program:off]\ncommand=/bin/cat\nautostart=false\n[program:bad]\ncommand=/nonexistent/x\nstartretries=0\n[program:a]\ncommand=/bin/cat\n[group:g]\nprograms=a\n" +
				"[program:a_name_that_is_longer_than_thirty_columns]\ncommand=/bin/cat\nstartsecs=600\n[program:done]\ncommand=/bin/true\nstartsecs=0\n",
			Steps: []Step{
				Start(), AwaitState("RUNNING", "x", "g:a"), AwaitState("EXITED", "done"), AwaitState("FATAL", "bad"),
				ctl("status"), ctl("status", "x"), ctl("status", "g:a", "x", "x"), ctl("status", "g:*"), ctl("status", "g:"), ctl("status", "all"), ctl("status", "off"), ctl("status", "nosuch"), ctl("status", "nosuch:*", "x"), ctl("status", "nosuch:a", "off"),
				ctl("pid"), ctl("pid", "x"), ctl("pid", "off"), ctl("pid", "nosuch"), ctl("pid", "x", "g:a"), ctl("pid", "all"), ctl("pid", "g:*"), ctl("nosuchcommand"), ctl("help"), ctl("status;pid"), Stop(),
			},
			Unlogged: true,
		},
		{
			Name: "start, stop and restart",
			Config: "{base}{tcp}[program:x]\ncommand=/bin/cat\nstartsecs=0\nautostart=false\n[program:y]\ncommand=/bin/cat\nstartsecs=0\nautostart=false\n[program:bad]\ncommand=/bin/false\nstartsecs=2\nstartretries=0\nautostart=false\n" +
				"[program:none]\ncommand=/nonexistent/x\nautostart=false\n[program:a]\ncommand=/bin/cat\nstartsecs=0\nautostart=false\n[program:b]\ncommand=/bin/cat\nstartsecs=0\nautostart=false\n[group:g]\nprograms=a,b\n",
			Steps: []Step{
				Start(), ctl("start", "x", "y"), ctl("start", "x"), ctl("stop", "x"), ctl("stop", "x"), ctl("restart", "x"), ctl("restart", "x"), ctl("start", "bad"), ctl("start", "none"), ctl("start", "nosuch"), ctl("start", "nosuch:*"), ctl("stop", "nosuch"), ctl("stop", "nosuch:*"), ctl("restart", "nosuch"),
				sorted("start", "g:*"), ctl("start", "g:*"), ctl("status", "g:*"), sorted("restart", "g:*"), sorted("stop", "g:"), ctl("stop", "g:*"), ctl("start"), ctl("stop"), ctl("restart"), ctl("remove", "bad"), sorted("start", "all"), sorted("stop", "all"), ctl("status"), Stop(),
			},
			Unlogged: true,
		},
		{
			Name:   "signal",
			Config: "{base}{tcp}[program:x]\ncommand=/bin/cat\nstartsecs=0\n[program:a]\ncommand=/bin/cat\nstartsecs=0\n[group:g]\nprograms=a\n[program:off]\ncommand=/bin/cat\nautostart=false\n",
			Steps: []Step{
				Start(), AwaitState("RUNNING", "x", "g:a"), ctl("signal", "HUP", "off"), ctl("signal", "CONT", "x", "g:a"), ctl("signal", "18", "x"), ctl("signal", "cont", "g:*"), ctl("signal", "CONT", "all"), ctl("signal", "FOO", "x"), ctl("signal", "CONT", "nosuch"), ctl("signal", "CONT", "nosuch:*"),
				ctl("signal"), ctl("signal", "HUP"), ctl("signal CONT", "x"), ctl("signal", "KILL", "g:a"), AwaitLog("exited: a", 1), Stop(),
			},
		},
		{
			Name:   "tail, clear and maintail",
			Config: "{base}{tcp}[program:x]\ncommand=/bin/cat\nstdout_logfile={dir}/x.log\nstderr_logfile=NONE\n[program:off]\ncommand=/bin/cat\nautostart=false\nstdout_logfile={dir}/off.log\n",
			Steps: []Step{
				Start(), AwaitState("RUNNING", "x"), Call("supervisor.sendProcessStdin", "x", "0123456789\nhällo\n"), AwaitText("x.log", "llo", 1),
				ctl("tail", "x"), ctl("tail", "-4", "x"), ctl("tail", "x", "stdout"), ctl("tail", "x", "STDERR"), ctl("tail", "x", "foo"), ctl("tail", "off"), ctl("tail", "nosuch"), ctl("tail", "-x", "x"), ctl("tail"), ctl("tail", "a", "b", "c", "d"),
				until([]string{"0123456789"}, nil, "tail", "-f", "x"), ctl("tail", "-f", "nosuch"), ctl("tail", "-f", "off"), ctl("tail", "-f", "x", "stderr"), ctl("maintail"), ctl("maintail", "-20"), until([]string{"spawned: 'x'"}, nil, "maintail", "-f"), ctl("maintail", "x"),
				ctl("clear", "x"), Show("x.log"), ctl("clear", "nosuch"), ctl("clear"), Stop(),
			},
			Unlogged: true,
		},
		{
			Name:   "fg",
			Config: "{base}{tcp}[program:x]\ncommand=/bin/cat\n[program:off]\ncommand=/bin/cat\nautostart=false\n",
			Steps: []Step{
				Start(), AwaitState("RUNNING", "x"), ctl("fg"), ctl("fg", "nosuch"), ctl("fg", "off"), ctl("fg", "x", "off"), until([]string{"Press Ctrl-C", "hello"}, []string{"hello"}, "fg", "x"), ctl("status", "off"), Stop(),
			},
			Unlogged: true,
		},
		{
			Name:   "reread, update, add, remove and avail",
			Config: "{base}{tcp}[program:changed]\ncommand=/bin/cat\n[program:gone]\ncommand=/bin/cat\n[program:kept]\ncommand=/bin/cat\nautostart=false\n",
			Steps: []Step{
				Start(), AwaitState("RUNNING", "changed", "gone"), ctl("reread"), ctl("update"), ctl("avail"),
				Edit("supervisord.conf", "{base}{tcp}[program:changed]\ncommand=/bin/sleep 1000\n[program:kept]\ncommand=/bin/cat\nautostart=false\n[program:new]\ncommand=/bin/cat\n[program:p]\ncommand=/bin/cat\npriority=20\nautostart=false\n[group:g]\nprograms=p\npriority=5\n"),
				ctl("reread"), ctl("avail"), ctl("add", "new", "kept", "nosuch"), ctl("remove", "gone"), ctl("stop", "gone"), ctl("remove", "gone", "nosuch"), ctl("add"), ctl("remove"), ctl("update", "nosuch"), ctl("update", "g"), ctl("update"), AwaitState("RUNNING", "changed", "new"), ctl("status"), ctl("update"), ctl("reread"), ctl("avail"),
				ctl("reread", "x"), ctl("avail", "x"), Edit("supervisord.conf", "{base}{tcp}[program:changed]\n"), ctl("reread"), ctl("update"), ctl("add", "x"), Stop(),
			},
			Unlogged: true,
		},
		{
			Name:   "version, reload and shutdown",
			Config: "{base}{tcp}" + program,
			Steps: []Step{
				Start(), AwaitState("RUNNING", "x"), Differs("version", "4.2.5\n-- exit status 0", sirdar.CompatVersion+"\n-- exit status 0", Headless(ctl("version"))), ctl("version", "x"), ctl("reload", "x"), ctl("shutdown", "x"),
				ctl("reload"), AwaitLog("supervisord started", 2), AwaitState("RUNNING", "x"), ctl("shutdown"), AwaitEnd(), ctl("status"), ctl("shutdown"), ctl("reread"), ctl("start", "x"), ctl("pid"), ctl("tail", "-f", "x"),
			},
		},
		{
			Name:   "the prompt",
			Config: "{base}{tcp}" + program,
			Steps: []Step{
				Start(), AwaitState("RUNNING", "x"), Exec("/bin/sh", append([]string{"-c", "printf 'status x\nstop x\n\nnosuch\nhelp start\nopen ftp://x\npid nosuch\nexit\n' | " + supervisorctl + ` -c {dir}/supervisord.conf "$@"`, "ctl"}, options...)...), Stop(),
			},
			Unlogged: true,
		},
		{
			Name:   "a wrong password",
			Config: "{base}{tcp}",
			Steps: []Step{
				Start(), AwaitAnswer(), Ctl("-s", "http://127.0.0.1:{port}", "-u", "user", "-p", "wrong", "status"), Ctl("-s", "http://127.0.0.1:{port}", "status"), Ctl("-s", "unix://{dir}/none.sock", "status"), Ctl("-s", "unix://{dir}/none.sock", "start", "x"), Stop(),
			},
			Unlogged: true,
		},
	}
}
