//go:build linux

package ctl

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// A screen is a terminal with a program on it.
type screen struct {
	t    *testing.T
	keys *os.File // what is typed
	seen watched  // what has been shown
	cmd  *exec.Cmd
	read chan struct{} // closed when the terminal is
}

// onScreen runs supervisorctl on a terminal of its own.
func onScreen(t *testing.T, l *lane, args ...string) *screen {
	t.Helper()
	master, slave, err := openTerminal()
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s := &screen{t: t, keys: master, cmd: exec.Command(self, args...), read: make(chan struct{})}
	s.cmd.Dir = l.dir
	s.cmd.Env = []string{"TERM=xterm", "HOME=" + l.dir, asProgram + "=1"}
	s.cmd.Stdin, s.cmd.Stdout, s.cmd.Stderr = slave, slave, slave
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	slave.Close()
	go func() {
		io.Copy(&s.seen, master)
		close(s.read)
	}()
	t.Cleanup(func() {
		s.cmd.Process.Kill()
		s.cmd.Wait()
		master.Close()
		<-s.read
	})
	return s
}

// openTerminal makes a terminal of 80 columns: the side of the keyboard and the
// side of the program.
func openTerminal() (master, slave *os.File, err error) {
	master, err = os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, nil, err
	}
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		return nil, nil, err
	}
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		return nil, nil, err
	}
	slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, nil, err
	}
	return master, slave, unix.IoctlSetWinsize(int(slave.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 80})
}

// typed types keys and waits until what follows is shown after all that was shown
// before.
func (s *screen) typed(keys, shown string) {
	s.t.Helper()
	before := len(s.seen.String())
	io.WriteString(s.keys, keys)
	s.shows(before, shown)
}

func (s *screen) shows(from int, text string) {
	s.t.Helper()
	if !poll(func() bool { return strings.Contains(s.seen.String()[from:], text) }) {
		s.t.Fatalf("%q is not shown; the screen has\n%s", text, s.seen.String())
	}
}

// exits waits for the end of the program.
func (s *screen) exits(want int) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	context.AfterFunc(ctx, func() {
		if ctx.Err() == context.DeadlineExceeded {
			s.cmd.Process.Kill()
		}
	})
	s.cmd.Wait()
	if got := s.cmd.ProcessState.ExitCode(); got != want {
		s.t.Errorf("exit status %d, want %d; the screen has\n%s", got, want, s.seen.String())
	}
}

// terminalDaemon starts a daemon with one program that echoes and one that wants
// a password over TCP.
func terminalDaemon(t *testing.T) *lane {
	t.Helper()
	l := newLane(t, &scene{}, "ours")
	config := base + `history_file = %(here)s/history

[inet_http_server]
port = 127.0.0.1:PORT
username = me
password = secret

[program:cat]
command = /bin/cat
startsecs = 0
stdout_logfile = %(here)s/cat.out

[program:idle]
command = /bin/cat
autostart = false
`
	// The section that base ends with takes the first line.
	if !l.write(t, "s.conf", strings.Replace(config, "s.sock\n\nhistory_file", "s.sock\nhistory_file", 1)) {
		t.FailNow()
	}
	end, err := l.startDaemon()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(end)
	if !l.await(t, "cat RUNNING") {
		t.FailNow()
	}
	return l
}

func TestThePromptOnATerminalCompletesRemembersAndLeavesTheTerminalAsItWas(t *testing.T) {
	t.Parallel()
	l := terminalDaemon(t)
	s := onScreen(t, l, "-c", "s.conf")
	s.shows(0, "supervisor> ")
	s.typed("sta\t\t", "start  status")
	s.typed("tus i\t\r", "Not started\r\nsupervisor> ")
	s.typed("fg c\t\r", "<==")
	s.typed("hello\r", "hello\r\nhello")
	s.typed("\x03", "Exiting foreground\r\nsupervisor> ")
	s.typed("tail -f cat\r", "<==\r\nhello")
	s.typed("\x03", "supervisor> ")
	s.typed("\x1b[A\x1b[A\x1b[A", "status idle")
	s.typed("\x03", "^C")
	s.exits(0)

	kept, err := os.ReadFile(filepath.Join(l.dir, "history"))
	if want := "status idle \nfg cat \ntail -f cat\n"; err != nil || string(kept) != want {
		t.Errorf("the history has %q, want %q (%v)", kept, want, err)
	}
	s = onScreen(t, l, "-c", "s.conf")
	s.shows(0, "supervisor> ")
	s.typed("\x1b[A", "tail -f cat")
	s.typed("\x15\x04", "\n") // away with it; Ctrl-D
	s.exits(0)
}

func TestAPasswordOnATerminalIsNotShown(t *testing.T) {
	t.Parallel()
	l := terminalDaemon(t)
	for _, args := range [][]string{{}, {"-i", "status"}} {
		s := onScreen(t, l, append([]string{"-s", "http://127.0.0.1:" + l.port}, args...)...)
		s.shows(0, "Server requires authentication\r\nUsername:")
		s.typed("me\r", "Password:")
		s.typed("secret\r", "RUNNING")
		if len(args) == 0 {
			s.shows(0, "supervisor> ")
			s.typed("exit\r", "\n")
			s.exits(0)
		} else {
			s.exits(3)
		}
		if strings.Contains(s.seen.String(), "secret") {
			t.Errorf("the password is on the screen:\n%s", s.seen.String())
		}
	}
}
