package daemon

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/config"
)

// asOrdinary makes a command run as an ordinary user, which we may be already. The
// binary then is found through our own descriptor, since the directories above it
// are closed to others.
func asOrdinary(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if os.Getuid() != 0 {
		return
	}
	self, err := os.Open(cmd.Args[3])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { self.Close() })
	cmd.ExtraFiles = []*os.File{self}
	cmd.Args[3] = "/proc/self/fd/3"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
}

// privilegesLife becomes the user that its arguments describe, and shows who it
// is: every thread of it, and a child.
func privilegesLife(args []string) int {
	uid, _ := strconv.Atoi(args[0])
	gid, _ := strconv.Atoi(args[1])
	notes, err := DropPrivileges(&config.User{Name: "somebody", UID: uid, GID: gid, Groups: []int{gid, 7, 1}})
	if err != nil {
		fmt.Println("Error:", err)
		return 2
	}
	for _, n := range notes {
		fmt.Println(n.Level, n.Text)
	}
	var seen []string
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		fmt.Println(err)
		return 1
	}
	for _, thread := range threads {
		status, err := os.ReadFile("/proc/self/task/" + thread.Name() + "/status")
		if err != nil {
			continue // it has ended
		}
		for line := range strings.Lines(string(status)) {
			if name, value, _ := strings.Cut(line, ":"); name == "Uid" || name == "Gid" || name == "Groups" {
				seen = append(seen, name+" "+strings.Join(strings.Fields(value), " "))
			}
		}
	}
	slices.Sort(seen)
	fmt.Println(strings.Join(slices.Compact(seen), "\n"))
	out, err := exec.Command("/bin/sh", "-c", "id -u; id -g; echo $HOME").Output()
	fmt.Print(string(out))
	return map[bool]int{true: 0, false: 1}[err == nil]
}

// core 96
func TestDropPrivilegesIsForEveryThread(t *testing.T) {
	needRoot(t)
	cmd := life(t, "privileges", "export HOME=/of/before; ", "65534", "65533")
	out, err := cmd.CombinedOutput()
	want := "INFO Set uid to user 65534 succeeded\nGid 65533 65533 65533 65533\nGroups 1 7 65533\nUid 65534 65534 65534 65534\n65534\n65533\n/of/before\n"
	if string(out) != want || err != nil {
		t.Errorf("got %q, %v\nwant %q", out, err, want)
	}
}

// core 98
func TestAnOrdinaryUserCannotBecomeAnother(t *testing.T) {
	cmd := life(t, "privileges", "", "0", "0")
	asOrdinary(t, cmd)
	out, _ := cmd.CombinedOutput()
	if want := "Error: Can't drop privilege as nonroot user\n"; string(out) != want || cmd.ProcessState.ExitCode() != 2 {
		t.Errorf("got %q, %v\nwant %q", out, cmd.ProcessState, want)
	}
}

func TestToBecomeWhoOneIsChangesNothing(t *testing.T) {
	before, err := os.Getgroups()
	if err != nil {
		t.Fatal(err)
	}
	notes, err := DropPrivileges(&config.User{Name: "me", UID: os.Getuid(), GID: 12345, Groups: []int{12345}})
	want := fmt.Sprintf("Set uid to user %d succeeded", os.Getuid())
	if err != nil || len(notes) != 1 || notes[0].Text != want {
		t.Errorf("got %v, %v; want %s", notes, err, want)
	}
	if after, _ := os.Getgroups(); !slices.Equal(before, after) || os.Getgid() == 12345 {
		t.Errorf("groups were %v, are %v, gid is %d", before, after, os.Getgid())
	}
}

// core 97
func TestRootWithoutUserIsWarned(t *testing.T) {
	notes, err := DropPrivileges(nil)
	if err != nil {
		t.Fatal(err)
	}
	if os.Getuid() != 0 {
		if len(notes) > 0 {
			t.Errorf("an ordinary user is told %v", notes)
		}
		return
	}
	if len(notes) != 1 || notes[0].Level != sirdar.LevelCritical || !strings.HasPrefix(notes[0].Text, "Supervisor is running as root.  Privileges were not dropped because no user is specified") {
		t.Errorf("got %v", notes)
	}
}
