package pidproxy

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// TestMain lets the test binary be pidproxy, and what it sends signals to.
func TestMain(m *testing.M) {
	switch os.Args[0] {
	case "pidproxy":
		os.Exit(Main(context.Background(), os.Args, os.Stdin, os.Stdout, os.Stderr))
	case "target":
		target()
	}
	os.Exit(m.Run())
}

// start starts this binary under other arguments, and returns what it and its
// children write. A line that is sent to a proxy's command comes back when both
// are up. Everything ends with the test.
func start(t *testing.T, args []string) (*exec.Cmd, *bufio.Reader) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := &exec.Cmd{Path: self, Args: args, Env: append(os.Environ(), "GORACE=atexit_sleep_ms=0")}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = w, w
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	t.Cleanup(func() {
		in.Close()
		cmd.Process.Kill()
		cmd.Wait()
		r.Close()
	})
	io.WriteString(in, "proxy: up\n")
	return cmd, bufio.NewReader(r)
}

func line(t *testing.T, r *bufio.Reader, want string) {
	t.Helper()
	got, err := r.ReadString('\n')
	if got != want+"\n" || err != nil {
		t.Fatalf("read %q, %v; want %q", got, err, want)
	}
}

func exited(t *testing.T, cmd *exec.Cmd, want int) {
	t.Helper()
	cmd.Wait()
	if got := cmd.ProcessState.ExitCode(); got != want {
		t.Errorf("pidproxy exited with %v, want %d", cmd.ProcessState, want)
	}
}

// core 119
func TestTooFewArgumentsPrintTheUsage(t *testing.T) {
	for _, args := range [][]string{{"here/pidproxy"}, {"here/pidproxy", "pidfile"}} {
		var out, errs bytes.Buffer
		if exit := Main(t.Context(), args, nil, &out, &errs); exit != 1 {
			t.Errorf("%q: exit %d", args, exit)
		}
		if !strings.Contains(out.String(), "Usage: here/pidproxy <pidfile name> <command> [<cmdarg1> ...]\n") || errs.Len() > 0 {
			t.Errorf("%q: printed %q and %q", args, out.String(), errs.String())
		}
	}
}

// core 119
func TestTheCommandsStatusIsNotPassedOn(t *testing.T) {
	for _, command := range []string{"exit 0", "exit 7", "kill -9 $$"} {
		cmd, r := start(t, []string{"pidproxy", "nopidfile", "/bin/sh", "-c", "echo up; " + command})
		line(t, r, "up")
		exited(t, cmd, 0)
	}
}

func TestACommandIsNotSearchedInPath(t *testing.T) {
	cmd, r := start(t, []string{"pidproxy", "nopidfile", "sh", "-c", "echo never"})
	got, _ := r.ReadString('\n')
	if !strings.HasPrefix(got, "pidproxy: cannot start sh: ") {
		t.Errorf("printed %q", got)
	}
	exited(t, cmd, 0)
}

// core 119
func TestSignalsGoToTheProcessInThePidfile(t *testing.T) {
	pidfile := filepath.Join(t.TempDir(), "pid")
	// The command ends with its input, which is ours.
	proxy, said := start(t, []string{"pidproxy", pidfile, "/bin/cat"})
	send := func(sig syscall.Signal) {
		t.Helper()
		if err := proxy.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
	}
	line(t, said, "proxy: up")
	send(syscall.SIGTERM)
	line(t, said, "Can't read child pidfile "+pidfile+"!")
	write(t, pidfile, "-1\n") // would be everybody
	send(syscall.SIGHUP)
	line(t, said, "Can't read child pidfile "+pidfile+"!")

	target, heard := start(t, []string{"target"})
	line(t, heard, "target: up")
	write(t, pidfile, " "+strconv.Itoa(target.Process.Pid)+"\n")
	for _, c := range []struct {
		sig  syscall.Signal
		name string
	}{{syscall.SIGHUP, "hangup"}, {syscall.SIGUSR1, "user defined signal 1"}, {syscall.SIGUSR2, "user defined signal 2"}, {syscall.SIGQUIT, "quit"}} {
		send(c.sig)
		line(t, heard, "target: "+c.name)
	}
	exited(t, proxy, 0) // SIGQUIT was the last that it passed on
}

func TestATargetThatIsGoneIsReported(t *testing.T) {
	pidfile := filepath.Join(t.TempDir(), "pid")
	target, heard := start(t, []string{"target"})
	line(t, heard, "target: up")
	write(t, pidfile, strconv.Itoa(target.Process.Pid))
	target.Process.Kill()
	target.Wait()
	proxy, said := start(t, []string{"pidproxy", pidfile, "/bin/cat"})
	line(t, said, "proxy: up")
	proxy.Process.Signal(syscall.SIGHUP)
	gone := " to pid " + strconv.Itoa(target.Process.Pid) + " of " + pidfile + ": no such process"
	line(t, said, "pidproxy: cannot send SIGHUP"+gone)
	proxy.Process.Signal(syscall.SIGTERM)
	line(t, said, "pidproxy: cannot send SIGTERM"+gone)
	exited(t, proxy, 1)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// target says which signals it hears.
func target() {
	heard := make(chan os.Signal, 16)
	signal.Notify(heard, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGUSR1, syscall.SIGUSR2)
	fmt.Println("target: up")
	for sig := range heard {
		fmt.Println("target:", sig)
	}
}
