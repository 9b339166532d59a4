//go:build linux

// Package pid1 runs supervisord as the first process of a PID namespace, in a root
// file system that holds nothing but itself, a configuration and one program: what
// an image built from scratch looks like from inside.
package pid1

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/sirdar-project/sirdar/tests/running"
)

const orphans = 20

const configuration = `[supervisord]
logfile=/supervisord.log
pidfile=/supervisord.pid
childlogdir=/
[program:live]
command=/probe live 20
stdout_logfile=/live.log
redirect_stderr=true
[program:seven]
command=/probe exit 7
startsecs=0
autorestart=false
stdout_logfile=NONE
stderr_logfile=NONE
`

// core 184
func TestSupervisordIsAGoodPID1InAnEmptyRoot(t *testing.T) {
	root := t.TempDir()
	for binary, pkg := range map[string]string{"supervisord": "./cmd/supervisord", "probe": "./tests/pid1/probe"} {
		if err := running.Build(filepath.Join(root, binary), pkg); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(root, "supervisord.conf"), []byte(configuration), 0o644); err != nil {
		t.Fatal(err)
	}
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		return string(text)
	}

	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("supervisord said:\n%s\nthe program said:\n%s", read("supervisord.log"), read("live.log"))
		}
	})

	var said strings.Builder
	init := &exec.Cmd{
		Path:        "/supervisord",
		Args:        []string{"supervisord", "-n", "-c", "/supervisord.conf"},
		Env:         []string{"PATH=/"},
		Dir:         "/",
		Stdout:      &said,
		Stderr:      &said,
		SysProcAttr: emptyRoot(root),
	}
	err := init.Start()
	if errors.Is(err, syscall.EPERM) && os.Getuid() != 0 {
		t.Skip("this machine gives ordinary users no namespaces")
	}
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- init.Wait() }()
	defer init.Process.Kill() // the namespace dies with its first process
	await := func(what string, holds func() bool) {
		t.Helper()
		running.AwaitFor(t, what, func() bool {
			select {
			case err := <-ended:
				t.Fatalf("supervisord ended (%v) while this was awaited: %s\n%s", err, what, said.String())
			default:
			}
			return holds()
		})
	}

	await("supervisord is PID 1", func() bool {
		return strings.Contains(read("supervisord.log"), "INFO supervisord started with pid 1\n")
	})
	await("the program is up", func() bool {
		return strings.Contains(read("supervisord.log"), "INFO success: live entered RUNNING state")
	})
	await("a program's exit status is told", func() bool {
		return strings.Contains(read("supervisord.log"), "WARN exited: seven (exit status 7; not expected)")
	})
	await("every orphan is reaped", func() bool {
		return strings.Count(read("supervisord.log"), "INFO reaped unknown pid ") == orphans
	})
	log := read("supervisord.log")
	for status := 1; status <= orphans; status++ {
		if n := strings.Count(log, fmt.Sprintf(" (exit status %d)\n", status)); n != 1 {
			t.Errorf("exit status %d of an orphan stands %d times in the log", status, n)
		}
	}

	if err := init.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Errorf("supervisord as PID 1 ended with %v, want exit status 0\n%s", err, said.String())
	}
	if want := "the orphans are on their own\ngot SIGTERM\n"; read("live.log") != want {
		t.Errorf("the program wrote %q, want %q", read("live.log"), want)
	}
	if !strings.Contains(read("supervisord.log"), "INFO stopped: live (exit status 0)") {
		t.Error("the program did not stop well")
	}
}

// emptyRoot makes a child the first process of a PID namespace that sees root and
// nothing else. An ordinary user needs a user namespace for it.
func emptyRoot(root string) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{
		Chroot:     root,
		Cloneflags: syscall.CLONE_NEWPID | syscall.CLONE_NEWNS,
	}
	if os.Getuid() != 0 {
		attr.Cloneflags |= syscall.CLONE_NEWUSER
		attr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
		attr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	}
	return attr
}
