package spawn

import (
	"fmt"
	"os"
	"runtime"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

func init() {
	lives["orphanage"] = orphanage
	lives["masked"] = masked
}

func TestOrphansThatAreGivenToUsAreReaped(t *testing.T) {
	t.Parallel()
	o := ours().run(t, life("orphanage"))
	if want := "child: exit 3\norphan: exit 42\n"; o.Stdout != want || o.Status.ExitStatus() != 0 {
		t.Errorf("got %+v, want %q", o, want)
	}
}

// orphanage is given the orphans of its children, as PID 1 is.
func orphanage([]string) int {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		fmt.Println(err)
		return 1
	}
	h := New(2)
	answer := make(chan Born)
	// The grandchild ends only after its parent has, and must then be ours.
	h.Spawn(shell("(while kill -0 $$ 2>/dev/null; do sleep 0.01; done; exit 42) & exit 3"), func(b Born) { answer <- b })
	child := (<-answer).PID
	told := map[string]syscall.WaitStatus{}
	for len(told) < 2 {
		<-h.Wake()
		for _, d := range h.Reap(0) {
			if d.PID == child {
				told["child"] = d.Status
			} else {
				told["orphan"] = d.Status
			}
		}
	}
	fmt.Println("child: exit", told["child"].ExitStatus())
	fmt.Println("orphan: exit", told["orphan"].ExitStatus())
	return 0
}

// masked becomes, with a signal blocked, a process whose child shows its mask.
// (A shell would not do for that child: it empties the mask of what it forks.)
func masked([]string) int {
	runtime.LockOSThread()
	var set unix.Sigset_t
	set.Val[0] = 1<<(syscall.SIGTERM-1) | 1<<(syscall.SIGUSR1-1)
	if err := unix.PthreadSigmask(unix.SIG_SETMASK, &set, nil); err != nil {
		panic(err)
	}
	fmt.Println(syscall.Exec(ourselves(), []string{"life", "child:nested", "/bin/cat", "/proc/self/status"}, os.Environ()))
	return 1
}
