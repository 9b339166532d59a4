package daemon

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// limitsLife raises the limits to its two arguments, and shows what came of it,
// for itself and for a child.
func limitsLife(args []string) int {
	minfds, _ := strconv.Atoi(args[0])
	minprocs, _ := strconv.Atoi(args[1])
	notes, err := RaiseLimits(minfds, minprocs)
	if err != nil {
		fmt.Println("Error:", err)
		return 2
	}
	for _, n := range notes {
		fmt.Println(n.Level, n.Text)
	}
	limits, err := os.ReadFile("/proc/self/limits")
	if err != nil {
		fmt.Println(err)
		return 1
	}
	for line := range strings.Lines(string(limits)) {
		if fields := strings.Fields(line); strings.HasPrefix(line, "Max open files") {
			fmt.Println("ours:", fields[3], fields[4])
		}
	}
	out, err := exec.Command("/bin/bash", "-c", "echo child: $(ulimit -S -n) $(ulimit -H -n), $(ulimit -S -u)").Output()
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Print(string(out))
	return 0
}

// core 99, 100
func TestRaiseLimits(t *testing.T) {
	for _, c := range []struct {
		name, script     string
		minfds, minprocs int
		want             string
	}{
		{
			"enough: children get what we were started with, we keep what Go took",
			"ulimit -S -n 100; ulimit -H -n 200; ulimit -S -u 4000; ", 100, 4000,
			"ours: 199 200\nchild: 100 200, 4000\n",
		}, {
			"more than we were started with",
			"ulimit -S -n 100; ulimit -H -n 200; ulimit -S -u 4000; ", 150, 4001,
			"INFO Increased RLIMIT_NOFILE limit to 150\nINFO Increased RLIMIT_NPROC limit to 4001\nours: 150 200\nchild: 150 200, 4001\n",
		}, {
			"exactly the hard limit",
			"ulimit -S -n 100; ulimit -H -n 200; ulimit -S -u 4000; ", 200, 1,
			"INFO Increased RLIMIT_NOFILE limit to 200\nours: 200 200\nchild: 200 200, 4000\n",
		}, {
			"soft and hard the same, so that Go raised nothing",
			"ulimit -n 200; ulimit -S -u 4000; ", 150, 1,
			"ours: 200 200\nchild: 200 200, 4000\n",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			out, err := life(t, "limits", c.script, fmt.Sprint(c.minfds), fmt.Sprint(c.minprocs)).CombinedOutput()
			if string(out) != c.want || err != nil {
				t.Errorf("got %q, %v\nwant %q", out, err, c.want)
			}
		})
	}
}

// Who may raise a hard limit may have it raised: root, unless a container took the
// capability away, which a shell finds out for us.
func TestAHardLimitIsRaisedByWhoMay(t *testing.T) {
	out, err := life(t, "limits", "ulimit -n 200; ulimit -S -u 4000; ", "300", "1").CombinedOutput()
	want := "INFO Increased RLIMIT_NOFILE limit to 300\nours: 300 300\nchild: 300 300, 4000\n"
	if exec.Command("/bin/bash", "-c", "ulimit -n 200 && ulimit -H -n 300").Run() != nil {
		want = "Error: " + fmt.Sprintf(tooFewFiles, 300, 300) + "\n"
	}
	if string(out) != want {
		t.Errorf("got %q, %v\nwant %q", out, err, want)
	}
}

// core 99
func TestALimitThatMayNotBeRaisedEndsTheStart(t *testing.T) {
	const files = `Error: The minimum number of file descriptors required to run this process is 5000 as per the "minfds" command-line argument or config file setting. The current environment will only allow you to open 5000 file descriptors.  Either raise the number of usable file descriptors in your environment (see README.rst) or lower the minfds setting in the config file to allow the process to start.` + "\n"
	const processes = `Error: The minimum number of available processes required to run this program is 90001 as per the "minprocs" command-line argument or config file setting. The current environment will only allow you to open 90001 processes.  Either raise the number of usable processes in your environment (see README.rst) or lower the minprocs setting in the config file to allow the program to start.` + "\n"
	for _, c := range []struct{ script, minfds, minprocs, want string }{
		{"ulimit -n 200; ", "5000", "1", files},
		{"ulimit -u 90000; ", "1", "90001", processes},
	} {
		cmd := life(t, "limits", c.script, c.minfds, c.minprocs)
		asOrdinary(t, cmd)
		out, _ := cmd.CombinedOutput()
		if string(out) != c.want || cmd.ProcessState.ExitCode() != 2 {
			t.Errorf("got %q, %v\nwant %q", out, cmd.ProcessState, c.want)
		}
	}
}
