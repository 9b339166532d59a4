package daemon

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"syscall"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/internal/pytext"
	"golang.org/x/sys/unix"
)

// launchMark is the environment variable by which a launcher tells the daemon
// that it is one, and on which descriptor the launcher listens.
const launchMark = "SIRDAR_LAUNCHER_FD"

// launcherFD is that descriptor; -1 in a process that no launcher has started. It
// is taken before anything else runs, so that no expression in a configuration and
// no child ever sees the variable.
var launcherFD = takeMark()

func takeMark() int {
	value, ok := os.LookupEnv(launchMark)
	if !ok {
		return -1
	}
	os.Unsetenv(launchMark)
	fd, err := strconv.Atoi(value)
	if err != nil || fd < 3 {
		return -1
	}
	syscall.CloseOnExec(fd)
	return fd
}

// isLaunched says whether a launcher has started us.
func isLaunched() bool { return launcherFD >= 0 }

// A Detach is a daemon's tie to the launcher that waits for it, and through it to
// the caller's terminal.
type Detach struct {
	launcher *os.File
}

// Launch starts the daemon, and is the daemon. A Go program cannot fork, so the
// process that the user called, the launcher, runs its own executable again with
// the same arguments. There Launch returns a Detach at once, and everything is done
// with the caller's standard error still open; in the launcher it waits, and
// returns a nil Detach and the status to exit with: 0 when the daemon has called
// Complete, the daemon's own when it ended before.
func Launch() (d *Detach, exit int, err error) {
	if isLaunched() {
		return &Detach{launcher: os.NewFile(uintptr(launcherFD), "launcher")}, 0, nil
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, 0, fmt.Errorf("cannot become a daemon: %w", err)
	}
	defer r.Close()
	pid, err := runAgain(w)
	w.Close()
	if err != nil {
		return nil, 0, fmt.Errorf("cannot become a daemon: %w", err)
	}
	if n, _ := r.Read(make([]byte, 1)); n == 1 {
		return nil, 0, nil
	}
	return nil, statusOf(pid), nil
}

// runAgain starts this executable with the same arguments, telling it of the
// descriptor that we listen to. The pipe keeps its number, and whatever else we
// were given is passed on: who starts us may have his reasons.
func runAgain(w *os.File) (pid int, err error) {
	if _, err := unix.FcntlInt(w.Fd(), unix.F_SETFD, 0); err != nil {
		return 0, err
	}
	return syscall.ForkExec(executable(), os.Args, &syscall.ProcAttr{
		Env:   append(os.Environ(), fmt.Sprintf("%s=%d", launchMark, w.Fd())),
		Files: []uintptr{0, 1, 2},
	})
}

// executable is a path of what runs now. Its last part becomes the name that
// pgrep and killall find, so the kernel's link to it is the second choice.
func executable() string {
	path, err := os.Executable()
	if err != nil {
		return os.Args[0]
	}
	if _, err := os.Stat(path); err != nil {
		return "/proc/self/exe" // it was replaced while we run
	}
	return path
}

// statusOf waits for a daemon that has ended before it was one.
func statusOf(pid int) int {
	var status syscall.WaitStatus
	for {
		_, err := syscall.Wait4(pid, &status, 0, nil)
		switch {
		case err == syscall.EINTR:
		case err != nil:
			return exitCrash
		case status.Signaled():
			return 128 + int(status.Signal()) // as a shell says it
		default:
			return status.ExitStatus()
		}
	}
}

// Complete leaves the caller's terminal, session, directory and umask behind and
// lets the launcher go. An empty dir stays where we are; one that cannot be
// entered is logged, and life goes on. In the foreground, where there is no Detach,
// and after a restart, when all is done, it does nothing.
func (d *Detach) Complete(dir string, umask int, log *slog.Logger) {
	if d == nil || d.launcher == nil {
		return
	}
	log.Info("daemonizing the supervisord process")
	if dir != "" {
		if err := os.Chdir(dir); err != nil {
			log.Log(context.Background(), sirdar.LevelCritical,
				fmt.Sprintf("can't chdir into %s: %s", pytext.Repr(dir), pytext.OSError(err, dir)))
		} else {
			log.Info("set current directory: " + pytext.Repr(dir))
		}
	}
	if err := standardToNull(); err != nil {
		log.Warn(fmt.Sprintf("standard input and output stay with the caller: %v", err))
	}
	// EPERM means that we lead a session already.
	_, _ = syscall.Setsid()
	syscall.Umask(umask)
	d.launcher.Write([]byte{1}) // the launcher may be gone: killed by an impatient user
	d.launcher.Close()
	d.launcher = nil
}

// standardToNull turns descriptors 0, 1 and 2 away from the terminal.
func standardToNull() error {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer null.Close()
	for fd := range 3 {
		if err := unix.Dup2(int(null.Fd()), fd); err != nil {
			return err
		}
	}
	return nil
}
