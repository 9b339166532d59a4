package spawn

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// bothWays runs a test on the direct way and by way of the stub: a child must
// not be able to tell which way it came.
func bothWays(t *testing.T, test func(t *testing.T, run func(*Spec) outcome)) {
	t.Parallel()
	for name, way := range map[string]func(*thread, *Spec, []int) (int, error){
		"directly": (*thread).fork,
		"by stub":  func(_ *thread, spec *Spec, files []int) (int, error) { return startStub(spec, files) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, func(spec *Spec) outcome {
				spec.way = way
				return ours().run(t, spec)
			})
		})
	}
}

// core 129
func TestAChildLeadsItsOwnGroupInOurSession(t *testing.T) {
	bothWays(t, func(t *testing.T, run func(*Spec) outcome) {
		o := run(shell("cat /proc/$$/stat"))
		fields := strings.Fields(o.Stdout[strings.LastIndex(o.Stdout, ")")+1:])
		pid, group, session := strings.Fields(o.Stdout)[0], fields[2], fields[3]
		if pid != group {
			t.Errorf("pid %s is in process group %s", pid, group)
		}
		ourSession, _, _ := syscall.RawSyscall(syscall.SYS_GETSID, 0, 0, 0)
		if session != strconv.Itoa(int(ourSession)) {
			t.Errorf("its session is %s, ours is %d", session, ourSession)
		}
	})
}

// core 129
func TestAChildHasTheUmaskAndDirectoryThatItsSpecSays(t *testing.T) {
	bothWays(t, func(t *testing.T, run func(*Spec) outcome) {
		before := umaskOfUs(t)
		dir := t.TempDir()
		spec := shell("umask; pwd -P")
		spec.Umask = 0o137
		spec.HasDir, spec.Dir = true, dir
		if o := run(spec); o.Stdout != "0137\n"+dir+"\n" {
			t.Errorf("got %+v", o)
		}
		if after := umaskOfUs(t); after != before {
			t.Errorf("our own umask became %s", after)
		}
		here, err := os.Getwd()
		if err != nil {
			t.Fatal(err)
		}
		if o := run(shell("umask; pwd -P")); o.Stdout != before+"\n"+here+"\n" {
			t.Errorf("without umask and directory: %q, want %q and %q", o.Stdout, before, here)
		}
	})
}

// umaskOfUs reads the umask without changing it.
func umaskOfUs(t *testing.T) string {
	t.Helper()
	return statusLine(t, readFile(t, "/proc/self/status"), "Umask")
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// statusLine finds a line of /proc/PID/status.
func statusLine(t *testing.T, status, name string) string {
	t.Helper()
	for line := range strings.Lines(status) {
		if value, ok := strings.CutPrefix(line, name+":"); ok {
			return strings.TrimSpace(value)
		}
	}
	t.Fatalf("no line %s in %q", name, status)
	return ""
}

// core 130
func TestAChildHasThreeDescriptorsAndAnInputWithoutEnd(t *testing.T) {
	bothWays(t, func(t *testing.T, run func(*Spec) outcome) {
		// Descriptors of ours, one of which would be inherited.
		dir, err := syscall.Open(t.TempDir(), syscall.O_RDONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer syscall.Close(dir)
		CloseInherited()
		// The list is made by the shell itself; ls would show its own descriptor.
		// The fourth is the directory that the shell is listing: 3 was free.
		o := run(shell(`cd /proc/$$/fd && echo *; readlink 0 1 2`))
		list, links, _ := strings.Cut(o.Stdout, "\n")
		if list != "0 1 2 3" || strings.Count(links, "pipe:") != 3 {
			t.Errorf("a child has %q", o.Stdout)
		}
	})
	o := ours().start(shell("read x && echo $x")) // ends only with a line, or an end
	if o.Err != nil {
		t.Fatal(o.Err)
	}
	if status, err := syscall.Wait4(o.PID, nil, syscall.WNOHANG, nil); status != 0 || err != nil {
		t.Errorf("a child that reads ended by itself: %v, %v", status, err)
	}
	if _, err := syscall.Write(o.Stdin, []byte("line\n")); err != nil {
		t.Fatal(err)
	}
	if got := ours().see(o); got.Stdout != "line\n" {
		t.Errorf("got %+v", got)
	}
}

func TestAChildsEndsBlock(t *testing.T) {
	bothWays(t, func(t *testing.T, run func(*Spec) outcome) {
		o := run(shell("for fd in 0 1 2; do grep flags /proc/$$/fdinfo/$fd; done"))
		for i, line := range strings.Split(strings.TrimSpace(o.Stdout), "\n") {
			flags, err := strconv.ParseInt(strings.TrimSpace(strings.TrimPrefix(line, "flags:")), 8, 64)
			if err != nil || flags&syscall.O_NONBLOCK != 0 {
				t.Errorf("descriptor %d: %s, %v", i, line, err)
			}
		}
	})
}

// ignoredByUs is what this process was told to ignore by who started it, which
// children inherit: make, for example, ignores two real-time signals.
func ignoredByUs(t *testing.T) uint64 {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	mask, err := strconv.ParseUint(statusLine(t, string(status), "SigIgn"), 16, 64)
	if err != nil {
		t.Fatal(err)
	}
	return mask
}

// core 131
func TestAChildIgnoresPipeAndXfszAndBlocksNothing(t *testing.T) {
	bothWays(t, func(t *testing.T, run func(*Spec) outcome) {
		spec := shell("")
		spec.Path, spec.Args = "/bin/cat", []string{"cat", "/proc/self/status"}
		o := run(spec)
		for name, want := range map[string]string{
			"SigIgn": fmt.Sprintf("%016x", 0x1001000|ignoredByUs(t)),
			"SigBlk": "0000000000000000",
			"SigCgt": "0000000000000000",
		} {
			if got := statusLine(t, o.Stdout, name); got != want {
				t.Errorf("%s is %s, want %s", name, got, want)
			}
		}
	})
}

func TestTheEnvironmentAndTheWordsArriveAsTheyAre(t *testing.T) {
	bothWays(t, func(t *testing.T, run func(*Spec) outcome) {
		spec := shell(`env; printf '<%s>' "$@"`, "a b", "", "$HOME *", "\xff\x00"[:1], `"`)
		spec.Env = []string{"A=1", "EMPTY=", "B=x=y \n z", "BYTES=\xfe"}
		o := run(spec)
		for _, v := range append(spec.Env, `<a b><><$HOME *><`+"\xff"+`><">`) {
			if !strings.Contains(o.Stdout, v) {
				t.Errorf("%q is not in %q", v, o.Stdout)
			}
		}
		if strings.Contains(o.Stdout, "HOME=") {
			t.Errorf("our own environment got in: %q", o.Stdout)
		}
	})
}

// A shell's limit is what the tests were started with, however high Go has
// raised ours.
func TestAChildHasTheLimitThatWeWereStartedWith(t *testing.T) {
	bothWays(t, func(t *testing.T, run func(*Spec) outcome) {
		// A child of a shell that lowers its soft limit, which then is the
		// daemon: the limit of its children is the lowered one.
		spec := shell(`ulimit -S -n 100; exec "$@"`, ourselvesByPath(t), "child:nested", "/bin/sh", "-c", "ulimit -n")
		spec.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0")
		if o := run(spec); o.Stdout != "100\n" {
			t.Errorf("got %+v", o)
		}
	})
}

// ourselvesByPath is a path of this binary for those who cannot use our link.
func ourselvesByPath(t *testing.T) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// core 133
func TestAChildIsExactlyWhoItIsToBe(t *testing.T) {
	needRoot(t)
	bothWays(t, func(t *testing.T, run func(*Spec) outcome) {
		spec := shell("id -u; id -g; id -G; cat /proc/self/status; echo HOME=$HOME")
		spec.Env = append(spec.Env, "HOME=/of/ours")
		spec.Cred = &Cred{UID: 65534, GID: 65533, Groups: []int{65533, 7, 1}}
		o := run(spec)
		if !strings.HasPrefix(o.Stdout, "65534\n65533\n65533 1 7\n") && !strings.HasPrefix(o.Stdout, "65534\n65533\n65533 7 1\n") {
			t.Errorf("id says %q", o.Stdout)
		}
		for name, want := range map[string]string{"Uid": "65534\t65534\t65534\t65534", "Gid": "65533\t65533\t65533\t65533", "Groups": "1 7 65533"} {
			if got := statusLine(t, o.Stdout, name); got != want {
				t.Errorf("%s is %q, want %q", name, got, want)
			}
		}
		if !strings.HasSuffix(o.Stdout, "HOME=/of/ours\n") {
			t.Errorf("HOME was changed: %q", o.Stdout)
		}
	})
}

func TestAChildThatIsToBeWhoWeAreKeepsOurGroups(t *testing.T) {
	t.Parallel()
	spec := shell("id -u; id -G")
	plain := ours().run(t, spec)
	spec.Cred = &Cred{UID: os.Getuid(), GID: 12345, Groups: []int{12345}}
	if o := ours().run(t, spec); o != plain {
		t.Errorf("got %+v, without user %+v", o, plain)
	}
}

// core 127
func TestAnOrdinaryUserCannotBecomeAnother(t *testing.T) {
	t.Parallel()
	o := ours().run(t, asOrdinary(life("becomes", "33"), 65534))
	want := "supervisor: couldn't setuid to 33: Can't drop privilege as nonroot user\n"
	o.failsWith(t, want)
}

// core 125
func TestAMissingDirectoryIsToldWhereTheProgramWouldSpeak(t *testing.T) {
	t.Parallel()
	for dir, want := range map[string]string{
		"/nonexistent/dir": "supervisor: couldn't chdir to /nonexistent/dir: ENOENT\n",
		"/dev/null":        "supervisor: couldn't chdir to /dev/null: ENOTDIR\n",
		"":                 "supervisor: couldn't chdir to : ENOENT\n",
	} {
		spec := shell("echo never")
		spec.HasDir, spec.Dir = true, dir
		ours().run(t, spec).failsWith(t, want)
	}
}

func TestWithRedirectedStderrTheComplaintIsOnStdout(t *testing.T) {
	t.Parallel()
	spec := shell("echo never")
	spec.HasDir, spec.Dir, spec.RedirectErr = true, "/nonexistent", true
	o := ours().run(t, spec)
	if want := "supervisor: couldn't chdir to /nonexistent: ENOENT\nsupervisor: child process was not spawned\n"; o.Stdout != want {
		t.Errorf("got %+v", o)
	}
}

// core 126
func TestAFileThatCannotBeExecutedIsToldWhereTheProgramWouldSpeak(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, c := range map[string]struct{ text, errno string }{
		"no-interpreter": {"#!/nonexistent/interpreter\n", "ENOENT"},
		"no-shebang":     {"echo never\n", "ENOEXEC"},
		"empty":          {"", "ENOEXEC"},
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(c.text), 0o755); err != nil {
			t.Fatal(err)
		}
		spec := shell("")
		spec.Path, spec.Args = path, []string{name, "argument"}
		ours().run(t, spec).failsWith(t, "supervisor: couldn't exec "+name+": "+c.errno+"\n")
	}
}

// core 124
func TestARelativePathIsExecutedInTheNewDirectory(t *testing.T) {
	t.Parallel()
	spec := shell("")
	spec.Path, spec.Args = "./rel.sh", []string{"./rel.sh"}
	spec.HasDir, spec.Dir = true, t.TempDir()
	ours().run(t, spec).failsWith(t, "supervisor: couldn't exec ./rel.sh: ENOENT\n")

	script := filepath.Join(spec.Dir, "rel.sh")
	if err := os.WriteFile(script, []byte("#!/bin/sh\necho here\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	if o := ours().run(t, spec); o.Stdout != "here\n" {
		t.Errorf("got %+v", o)
	}
}

func TestAnEnvironmentThatIsTooBigIsToldToo(t *testing.T) {
	t.Parallel()
	spec := shell("echo never")
	spec.Env = []string{"BIG=" + strings.Repeat("x", 1<<20)}
	ours().run(t, spec).failsWith(t, "supervisor: couldn't exec sh: E2BIG\n")
}

// What blocks signals in the process that starts us must not in our children.
func TestASignalMaskOfOursIsNotPassedOn(t *testing.T) {
	t.Parallel()
	o := ours().run(t, life("masked"))
	if got := statusLine(t, o.Stdout, "SigBlk"); got != "0000000000000000" {
		t.Errorf("a child blocks %s", got)
	}
}

// The kernel may refuse a thread its own umask: then the stub sets it.
func TestWithoutAUmaskOfItsOwnAThreadUsesTheStub(t *testing.T) {
	t.Parallel()
	spec := shell("umask")
	spec.Umask = 0o27
	spec.way = func(_ *thread, spec *Spec, files []int) (int, error) {
		return (&thread{noUmask: true}).fork(spec, files)
	}
	before := umaskOfUs(t)
	if o := ours().run(t, spec); o.Stdout != "0027\n" {
		t.Errorf("got %+v", o)
	}
	if after := umaskOfUs(t); after != before {
		t.Errorf("our own umask became %s", after)
	}
}

func TestTheNameOfTheUserIsNotNeeded(t *testing.T) {
	needRoot(t)
	t.Parallel()
	const uid = 54322
	if _, err := user.LookupId(fmt.Sprint(uid)); err == nil {
		t.Fatalf("there is a user %d", uid)
	}
	if o := ours().run(t, asOrdinary(shell("id -u"), uid)); o.Stdout != "54322\n" {
		t.Errorf("got %+v", o)
	}
}
