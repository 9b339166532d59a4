package spawn

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestMain lets the test binary be three things: the stub, a child with a life
// of its own (argv[1] is "child:" and the name of an entry of lives), and the tests.
func TestMain(m *testing.M) {
	Stub()
	if len(os.Args) > 1 {
		if name, ok := strings.CutPrefix(os.Args[1], "child:"); ok {
			os.Exit(lives[name](os.Args[2:]))
		}
	}
	CloseInherited()
	os.Exit(m.Run())
}

// A family is a Host and somebody who collects its deaths, so that tests that
// run side by side each find their own.
type family struct {
	*Host
	mu   sync.Mutex
	news *sync.Cond
	dead map[int]syscall.WaitStatus
	born map[int]bool
	odd  []string // what contradicts Reap's promise
}

// ours is the one family of this process.
var ours = sync.OnceValue(func() *family {
	f := &family{Host: New(2), dead: make(map[int]syscall.WaitStatus), born: make(map[int]bool)}
	f.patience = time.Hour // a loaded machine is slow, and answers are to come in order all the same
	f.news = sync.NewCond(&f.mu)
	go func() {
		for range f.Wake() {
			f.bury(f.Reap(0))
		}
	}()
	return f
})

func (f *family) bury(deaths []Death) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, d := range deaths {
		if !f.born[d.PID] {
			f.odd = append(f.odd, fmt.Sprintf("%d died (%#x) and was never born", d.PID, uint32(d.Status)))
		}
		delete(f.born, d.PID)
		f.dead[d.PID] = d.Status
	}
	f.news.Broadcast()
}

// start spawns and waits for the answer.
func (f *family) start(spec *Spec) Born {
	answer := make(chan Born, 1)
	f.Spawn(spec, func(b Born) {
		f.mu.Lock()
		f.born[b.PID] = true
		f.mu.Unlock()
		answer <- b
	})
	return <-answer
}

// wait waits for the death of a child.
func (f *family) wait(pid int) syscall.WaitStatus {
	f.mu.Lock()
	defer f.mu.Unlock()
	for {
		if status, ok := f.dead[pid]; ok {
			delete(f.dead, pid)
			return status
		}
		f.news.Wait()
	}
}

// An outcome is all that one child left behind.
type outcome struct {
	Stdout, Stderr string
	Status         syscall.WaitStatus
}

// run runs a program to its end with nothing on its standard input.
func (f *family) run(t testing.TB, spec *Spec) outcome {
	t.Helper()
	born := f.start(spec)
	if born.Err != nil {
		t.Fatalf("cannot start: %v", born.Err)
	}
	return f.see(born)
}

// see reads what a child writes, and waits for its end.
func (f *family) see(born Born) (o outcome) {
	var reading sync.WaitGroup
	for fd, text := range map[int]*string{born.Stdout: &o.Stdout, born.Stderr: &o.Stderr} {
		if fd >= 0 {
			reading.Go(func() { *text = readAll(fd) })
		}
	}
	o.Status = f.wait(born.PID)
	reading.Wait()
	closeIf(born.Stdin)
	return o
}

// readAll reads a descriptor to its end and closes it.
func readAll(fd int) string {
	file := os.NewFile(uintptr(fd), "pipe")
	defer file.Close()
	data, err := io.ReadAll(file)
	if err != nil {
		return string(data) + "\n" + err.Error()
	}
	return string(data)
}

// shell is the Spec of a shell command.
func shell(script string, args ...string) *Spec {
	return &Spec{
		Name:  "shell",
		Path:  "/bin/sh",
		Args:  append([]string{"sh", "-c", script, "sh"}, args...),
		Env:   []string{"PATH=/bin:/usr/bin"},
		Umask: -1,
		Stdin: -1,
	}
}

// life is the Spec of one of the lives of this binary.
func life(name string, args ...string) *Spec {
	return &Spec{
		Name:  name,
		Path:  ourselves(),
		Args:  append([]string{"life", "child:" + name}, args...),
		Env:   append(os.Environ(), "GORACE=atexit_sleep_ms=0"), // else a race-tested binary takes a second to end
		Umask: -1,
		Stdin: -1,
	}
}

// asOrdinary makes a Spec run as an ordinary user, which we may be already.
func asOrdinary(spec *Spec, uid int) *Spec {
	if os.Getuid() == 0 {
		spec.Cred = &Cred{UID: uid, GID: uid, Groups: []int{uid}}
	}
	return spec
}

func needRoot(t *testing.T) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("needs root: changes the user")
	}
}

// failsWith checks that a child said why it is not a program, and exited with 127.
func (o outcome) failsWith(t *testing.T, complaint string) {
	t.Helper()
	want := complaint + "supervisor: child process was not spawned\n"
	if o.Stderr != want || o.Stdout != "" || o.Status.ExitStatus() != 127 {
		t.Errorf("stdout %q, stderr %q, status %d\nwant nothing, %q, 127", o.Stdout, o.Stderr, o.Status.ExitStatus(), want)
	}
}
