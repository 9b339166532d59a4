//go:build linux

package bugs

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/tests/running"
)

const automatic = `[program:automatic]
command=/bin/sh -c "echo precious; exec sleep 1000"
startsecs=0
`

// belongings is what a second start must leave as it is.
type belongings struct {
	pidfile, socket, autolog, mainlog string
	program                           int
}

// inventory tells what a daemon has. A file is known by its inode as well as by
// its content.
func inventory(t *testing.T, d *running.Daemon, program int) belongings {
	t.Helper()
	autologs, err := filepath.Glob(d.Path("automatic-stdout---supervisor-*.log"))
	do(t, err)
	if len(autologs) != 1 {
		t.Fatalf("the AUTO logs are %v", autologs)
	}
	have := belongings{
		pidfile: identity(t, d.Path("supervisord.pid")) + d.Read("supervisord.pid"),
		autolog: autologs[0] + identity(t, autologs[0]) + d.Read(filepath.Base(autologs[0])),
		mainlog: d.Log(),
		program: program,
	}
	if _, err := os.Lstat(d.Path("s.sock")); err == nil {
		have.socket = identity(t, d.Path("s.sock"))
	}
	return have
}

// identity tells which file it is.
func identity(t *testing.T, path string) string {
	t.Helper()
	var st syscall.Stat_t
	do(t, syscall.Lstat(path, &st))
	return fmt.Sprintf(" inode %d mode %o ", st.Ino, st.Mode)
}

// users-want 2A 13, 2B 13
//
// core 106
func TestASecondStartRefusesAndHarmsNothing(t *testing.T) {
	t.Parallel()
	const withoutServer = "[supervisord]\nlogfile={dir}/supervisord.log\npidfile={dir}/supervisord.pid\nchildlogdir={dir}\n" + automatic
	for _, test := range []struct {
		name   string
		first  running.How
		second running.How
		conf   string
		root   bool
	}{
		{name: "in the same folder", conf: automatic},
		{name: "in another folder", conf: automatic, second: running.How{Cwd: "/"}},
		{name: "as nobody", conf: automatic, second: running.How{Attr: ordinary()}, root: true},
		{name: "without any server", conf: withoutServer, first: running.How{Bare: true}},
		{name: "without any server, in another folder", conf: withoutServer, first: running.How{Bare: true}, second: running.How{Cwd: "/"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if test.root {
				needRoot(t)
			}
			d := test.first.Start(t, test.conf, nil)
			// Everybody may read the configuration, see the files and make new ones.
			do(t, os.Chmod(d.Dir, 0o777))
			d.Await("the program has spoken", func() bool {
				autologs, _ := filepath.Glob(d.Path("automatic-stdout---*"))
				return len(autologs) == 1 && d.Read(filepath.Base(autologs[0])) == "precious\n" && strings.Contains(d.Log(), "success: automatic")
			})
			program := children(t, d.Pid())[0].pid
			before := inventory(t, d, program)

			for range 2 {
				said, status := d.Second(test.second)
				if status != 2 {
					t.Errorf("the second's exit status is %d, want 2", status)
				}
				if !strings.Contains(said, "Error: ") || !strings.Contains(strings.ToLower(said), "another") {
					t.Errorf("the second says %q, want a refusal that names the cause", said)
				}
			}
			if after := inventory(t, d, program); after != before {
				t.Errorf("the first has\n%+v\nhad\n%+v", after, before)
			}
			if all := children(t, d.Pid()); len(all) != 1 || all[0].pid != program || !alive(program) {
				t.Errorf("the first's children are %+v, was %d", all, program)
			}
			if !test.first.Bare {
				if p := info(t, dial(t, d), "automatic"); p.PID != program || p.State != sirdar.Running {
					t.Errorf("the first says that the program is %v with pid %d, was %d", p.State, p.PID, program)
				}
			}
			mustEndWell(t, d)
			if pid := d.Read("supervisord.pid"); pid != "" {
				t.Errorf("the pidfile is left, with %q", pid)
			}
		})
	}
}

// users-want 2A 13
func TestASocketThatWasDeletedComesBack(t *testing.T) {
	t.Parallel()
	d, c := start(t, sleeper, nil)
	before := awaitState(t, d, c, "sleeper", sirdar.Running)
	for range 2 {
		do(t, os.Remove(d.Path("s.sock")))
		d.Await("supervisorctl works again", func() bool { return d.PID("sleeper") == before.PID })
	}
	if info, err := os.Stat(d.Path("s.sock")); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the new socket's mode is %v (%v)", info.Mode(), err)
	}

	// The pidfile may go too: the daemon runs and ends all the same, and a second one is refused.
	do(t, os.Remove(d.Path("supervisord.pid")))
	if said, status := d.Second(running.How{}); status != 2 {
		t.Errorf("without its pidfile the first is not noticed: exit status %d, %q", status, said)
	}
	if now := info(t, c, "sleeper"); now.PID != before.PID {
		t.Errorf("the pid is %d, was %d", now.PID, before.PID)
	}
	mustEndWell(t, d)
	if _, err := os.Lstat(d.Path("s.sock")); err == nil {
		t.Error("the new socket is left at the end")
	}
}

// users-want 2B 13
func TestAFileAtTheSocketsPathIsRefusedAndKept(t *testing.T) {
	t.Parallel()
	d := running.How{}.Prepare(t, sleeper, running.Files{"s.sock": "precious"})
	said, status := d.Second(running.How{})
	if status != 2 || !strings.Contains(said, d.Path("s.sock")) {
		t.Errorf("exit status %d, want 2, and %q, want a text that names the file", status, said)
	}
	if text := d.Read("s.sock"); text != "precious" {
		t.Errorf("the file holds %q", text)
	}
	if log := d.Log(); strings.Contains(log, "spawned") {
		t.Errorf("programs were started:\n%s", log)
	}
}

// users-want 2A 13
//
// core 107
func TestAStaleSocketIsTakenOver(t *testing.T) {
	t.Parallel()
	d := running.How{}.Prepare(t, sleeper, nil)
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: d.Path("s.sock"), Net: "unix"})
	do(t, err)
	l.SetUnlinkOnClose(false)
	do(t, l.Close())
	d.Launch()
	awaitState(t, d, dial(t, d), "sleeper", sirdar.Running)
	mustEndWell(t, d)
	if out := d.Output(); !strings.Contains(out, "Unlinking stale socket "+d.Path("s.sock")+"\n") {
		t.Errorf("supervisord says %q", out)
	}
}

// users-want 2A 13
func TestAfterAKillTheNextStartTakesOver(t *testing.T) {
	t.Parallel()
	d, c := start(t, sleeper, nil)
	stray := awaitState(t, d, c, "sleeper", sirdar.Running).PID
	t.Cleanup(func() { syscall.Kill(stray, syscall.SIGKILL) })
	old := d.Pid()
	d.Signal(syscall.SIGKILL)
	d.Exit()
	if pid := strings.TrimSpace(d.Read("supervisord.pid")); pid != fmt.Sprint(old) {
		t.Fatalf("the pidfile that is left holds %q, want %d", pid, old)
	}

	d.Launch()
	awaitState(t, d, dial(t, d), "sleeper", sirdar.Running)
	if pid := strings.TrimSpace(d.Read("supervisord.pid")); pid != fmt.Sprint(d.Pid()) {
		t.Errorf("the pidfile holds %q, want %d", pid, d.Pid())
	}
	mustEndWell(t, d)
}
