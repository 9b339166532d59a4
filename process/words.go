package process

import (
	"errors"
	"fmt"
	"math"
	"syscall"
	"time"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/internal/signals"
)

// ExitText says how a child ended, in the words of Supervisor's log: "exit
// status 3", "terminated by SIGTERM", "terminated by SIGQUIT (core dumped)".
func ExitText(status syscall.WaitStatus) string {
	switch {
	case status.Exited():
		return fmt.Sprintf("exit status %d", status.ExitStatus())
	case status.Signaled() && status.CoreDump():
		return fmt.Sprintf("terminated by %s (core dumped)", signals.Name(status.Signal()))
	case status.Signaled():
		return "terminated by " + signals.Name(status.Signal())
	}
	return fmt.Sprintf("unknown termination cause 0x%04x", uint32(status))
}

// exitCode is the code that exitcodes= is compared with: -1 unless the child
// exited by itself.
func exitCode(status syscall.WaitStatus) int {
	if status.Exited() {
		return status.ExitStatus()
	}
	return -1
}

// KillTrouble is the text of a failed Kill: the critical line of the log, and
// the detail of the FAILED fault that the request is answered with. Supervisor
// puts a Python traceback after the colon, ours is its last line.
func KillTrouble(name string, f KillFailed) string {
	text, _ := killTrouble(name, f)
	return text
}

func killTrouble(name string, f KillFailed) (text string, gone bool) {
	gone = errors.Is(f.Err, syscall.ESRCH)
	switch {
	case gone && f.Kill.Request:
		return fmt.Sprintf("unable to signal %s (pid %d), it probably just now exited on its own: %s", name, f.Kill.PID, errnoText(f.Err)), true
	case gone:
		return fmt.Sprintf("unable to signal %s (pid %d), it probably just exited on its own: %s", name, f.Kill.PID, errnoText(f.Err)), true
	case f.Kill.Request:
		return fmt.Sprintf("unknown problem sending sig %s (%d):%s", name, f.Kill.PID, errnoText(f.Err)), false
	}
	return fmt.Sprintf("unknown problem killing %s (%d):%s", name, f.Kill.PID, errnoText(f.Err)), false
}

// errnoText renders an error of the kernel as Python does: "[Errno 3] No such
// process".
func errnoText(err error) string {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return fmt.Sprint(err)
	}
	text := []byte(errno.Error())
	if 'a' <= text[0] && text[0] <= 'z' {
		text[0] -= 'a' - 'A'
	}
	return fmt.Sprintf("[Errno %d] %s", int(errno), text)
}

// Description is the text that clients show beside the state: the pid and the
// uptime, why it is not up, or when it stopped. The date is in now's time zone.
func Description(p *Proc, name string, now time.Time) string {
	switch p.State {
	case sirdar.Running:
		return fmt.Sprintf("pid %d, uptime %s", p.PID, uptime(now.Sub(p.LastStart)))
	case sirdar.Fatal, sirdar.Backoff:
		if p.SpawnErr == "" {
			return fmt.Sprintf("unknown error (try \"tail %s\")", name)
		}
		return p.SpawnErr
	case sirdar.Stopped, sirdar.Exited:
		if p.LastStart.IsZero() {
			return "Not started"
		}
		stop := time.Unix(Epoch(p.LastStop), 0) // never reaped: the epoch, as Supervisor shows it
		return stop.In(now.Location()).Format("Jan 02 03:04 PM")
	case sirdar.Starting, sirdar.Stopping, sirdar.Unknown:
	}
	return ""
}

// uptime renders a duration as Python's timedelta does: "0:01:05", "1 day,
// 2:03:04", "2 days, 0:00:00".
func uptime(d time.Duration) string {
	s := max(int64(d/time.Second), 0)
	clock := fmt.Sprintf("%d:%02d:%02d", s/3600%24, s/60%60, s%60)
	switch days := s / 86400; days {
	case 0:
		return clock
	case 1:
		return "1 day, " + clock
	default:
		return fmt.Sprintf("%d days, %s", days, clock)
	}
}

// Epoch gives a time to clients: whole seconds since 1970, 0 for never, and no
// more than XML-RPC's 32-bit integer holds.
func Epoch(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return min(max(t.Unix(), math.MinInt32), math.MaxInt32)
}
