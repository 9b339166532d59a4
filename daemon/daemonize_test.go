package daemon

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// daemonLife becomes a daemon in the directory and with the umask 027, and leaves
// a report of what it has become in its second argument. Its third says how to
// end: before it is a daemon, with a status or a signal, or after.
func daemonLife(args []string) int {
	detach, exit, err := Launch()
	if err != nil {
		fmt.Println(err)
		return 1
	}
	if detach == nil {
		return exit
	}
	fmt.Println("still with the caller")
	switch args[2] {
	case "fail":
		return 7
	case "die":
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
	}
	var log bytes.Buffer
	detach.Complete(args[0], 0o27, logTo(&log))
	detach.Complete("/", 0, logTo(&log)) // after a restart: nothing
	report := log.String()
	here, _ := os.Getwd()
	session, _, _ := syscall.RawSyscall(syscall.SYS_GETSID, 0, 0, 0)
	report += fmt.Sprintf("cwd %s\numask %03o\nleads session %v, group %v\nmark %q\n", here, syscall.Umask(0),
		int(session) == os.Getpid(), syscall.Getpgrp() == os.Getpid(), os.Getenv(launchMark))
	for fd := range 3 {
		target, err := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", fd))
		report += fmt.Sprintln(fd, target, err)
	}
	report += strings.Join(os.Args[1:], " ") + "\n"
	if err := os.WriteFile(args[1]+".new", []byte(report), 0o644); err != nil {
		return 1
	}
	os.Rename(args[1]+".new", args[1])
	return 3 // nobody learns that
}

// core 101, 102
func TestADaemonLeavesItsCallerBehind(t *testing.T) {
	dir := t.TempDir()
	report := filepath.Join(dir, "report")
	out, err := life(t, "daemon", "", dir, report, "live").CombinedOutput()
	if string(out) != "still with the caller\n" || err != nil {
		t.Errorf("the launcher: %q, %v", out, err)
	}
	want := fmt.Sprintf("level=INFO msg=\"daemonizing the supervisord process\"\nlevel=INFO msg=\"set current directory: '%[1]s'\"\n"+
		"cwd %[1]s\numask 027\nleads session true, group true\nmark \"\"\n0 /dev/null <nil>\n1 /dev/null <nil>\n2 /dev/null <nil>\n%[1]s %[2]s live\n", dir, report)
	if got := appearing(t, report); got != want {
		t.Errorf("the daemon reports\n%s\nwant\n%s", got, want)
	}
}

func TestADirectoryThatCannotBeEnteredIsLogged(t *testing.T) {
	report := filepath.Join(t.TempDir(), "report")
	if out, err := life(t, "daemon", "cd /; ", "/nonexistent", report, "live").CombinedOutput(); err != nil {
		t.Errorf("the launcher: %q, %v", out, err)
	}
	got := appearing(t, report)
	want := `level=ERROR+4 msg="can't chdir into '/nonexistent': [Errno 2] No such file or directory: '/nonexistent'"` + "\ncwd /\n"
	if !strings.Contains(got, want) {
		t.Errorf("the daemon reports\n%s\nwant in it\n%s", got, want)
	}
}

func TestTheLauncherEndsAsADaemonDoesThatCannotStart(t *testing.T) {
	for how, status := range map[string]int{"fail": 7, "die": 137} {
		cmd := life(t, "daemon", "", "/", "/nonexistent", how)
		out, _ := cmd.CombinedOutput()
		if string(out) != "still with the caller\n" || cmd.ProcessState.ExitCode() != status {
			t.Errorf("%s: %q, %v; want status %d", how, out, cmd.ProcessState, status)
		}
	}
}

// appearing waits for a file that is moved into place.
func appearing(t *testing.T, path string) string {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if data, err := os.ReadFile(path); err == nil {
			return string(data)
		}
	}
	t.Fatalf("%s did not appear", path)
	return ""
}
