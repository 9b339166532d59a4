package spawn

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
)

func TestAChildsThreePipesAreItsStandardDescriptors(t *testing.T) {
	t.Parallel()
	born := ours().start(shell("read line; echo out $line; echo err >&2; exit 3"))
	if born.Err != nil {
		t.Fatal(born.Err)
	}
	for name, fd := range map[string]int{"stdin": born.Stdin, "stdout": born.Stdout, "stderr": born.Stderr} {
		if flags := fcntl(t, fd, syscall.F_GETFL); flags&syscall.O_NONBLOCK == 0 {
			t.Errorf("our end of %s blocks", name)
		}
		if flags := fcntl(t, fd, syscall.F_GETFD); flags&syscall.FD_CLOEXEC == 0 {
			t.Errorf("our end of %s is inherited by other children", name)
		}
	}
	if _, err := syscall.Write(born.Stdin, []byte("hello\n")); err != nil {
		t.Fatal(err)
	}
	o := ours().see(born)
	if o.Stdout != "out hello\n" || o.Stderr != "err\n" || o.Status.ExitStatus() != 3 {
		t.Errorf("got %+v", o)
	}
}

func fcntl(t *testing.T, fd, cmd int) int {
	t.Helper()
	flags, _, errno := syscall.Syscall(syscall.SYS_FCNTL, uintptr(fd), uintptr(cmd), 0)
	if errno != 0 {
		t.Fatal(errno)
	}
	return int(flags)
}

func TestRedirectedStderrGoesWhereStdoutGoes(t *testing.T) {
	t.Parallel()
	spec := shell("echo one; echo two >&2; echo three")
	spec.RedirectErr = true
	born := ours().start(spec)
	if born.Err != nil || born.Stderr != -1 {
		t.Fatalf("got %+v", born)
	}
	if o := ours().see(born); o.Stdout != "one\ntwo\nthree\n" {
		t.Errorf("stdout is %q", o.Stdout)
	}
}

func TestAGivenDescriptorIsStandardInput(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "input")
	if err := os.WriteFile(file, []byte("given\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	spec := shell("cat")
	spec.Stdin = int(f.Fd())
	born := ours().start(spec)
	if born.Err != nil || born.Stdin != -1 {
		t.Fatalf("got %+v", born)
	}
	if o := ours().see(born); o.Stdout != "given\n" {
		t.Errorf("stdout is %q", o.Stdout)
	}
	if _, err := f.Stat(); err != nil {
		t.Errorf("the descriptor was closed: %v", err)
	}
}

// Every status must be the right one although children die while their start is
// still being reported, and although failing starts leave children of their own.
func TestAThousandQuickDeathsEachWithItsOwnStatus(t *testing.T) {
	t.Parallel()
	const n = 1000
	var done sync.WaitGroup
	for i := range n {
		spec := shell("exit " + strconv.Itoa(i%256))
		if i%100 == 7 { // the direct way fails, the stub exits with 127
			spec.Path = "/nonexistent/program"
		}
		done.Go(func() {
			born := ours().start(spec)
			if born.Err != nil {
				t.Errorf("%d: %v", i, born.Err)
				return
			}
			want := i % 256
			if i%100 == 7 {
				want = 127
			}
			if o := ours().see(born); o.Status.ExitStatus() != want {
				t.Errorf("%d exited with %d, want %d", i, o.Status.ExitStatus(), want)
			}
		})
	}
	done.Wait()
	ours().mu.Lock()
	defer ours().mu.Unlock()
	for _, odd := range ours().odd {
		t.Error(odd)
	}
}

func TestASignalsDeathIsTold(t *testing.T) {
	t.Parallel()
	for _, group := range []bool{false, true} {
		born := ours().start(shell("kill -STOP $$; echo never"))
		if born.Err != nil {
			t.Fatal(born.Err)
		}
		if err := ours().Kill(born.PID, syscall.SIGKILL, group); err != nil {
			t.Fatal(err)
		}
		if o := ours().see(born); !o.Status.Signaled() || o.Status.Signal() != syscall.SIGKILL || o.Stdout != "" {
			t.Errorf("group %v: got %+v", group, o)
		}
		if err := ours().Kill(born.PID, syscall.SIGTERM, group); err != syscall.ESRCH {
			t.Errorf("killing the dead: %v", err)
		}
	}
}

func TestAGroupSignalReachesGrandchildren(t *testing.T) {
	t.Parallel()
	// The pipe reaches its end only when the grandchild is gone too.
	born := ours().start(shell("sleep 1000 & echo up; wait"))
	if born.Err != nil {
		t.Fatal(born.Err)
	}
	if err := ours().Kill(born.PID, syscall.SIGTERM, true); err != nil {
		t.Fatal(err)
	}
	if o := ours().see(born); o.Status.Signal() != syscall.SIGTERM {
		t.Errorf("got %+v", o)
	}
}

func TestKillRefusesWhatIsNoChild(t *testing.T) {
	for _, pid := range []int{1, 0, -1, -5} {
		if err := ours().Kill(pid, syscall.Signal(0), false); err != syscall.ESRCH {
			t.Errorf("Kill(%d): %v", pid, err)
		}
	}
}

func TestAnswersComeInTheOrderOfAsking(t *testing.T) {
	t.Parallel()
	const n = 100
	var mu sync.Mutex
	var order []int
	var done sync.WaitGroup
	for i := range n {
		done.Add(1)
		ours().Spawn(shell("exit"), func(b Born) {
			mu.Lock()
			order = append(order, i)
			mu.Unlock()
			ours().mu.Lock()
			ours().born[b.PID] = true
			ours().mu.Unlock()
			go func() {
				defer done.Done()
				ours().see(b)
			}()
		})
	}
	done.Wait()
	for i, got := range order {
		if i != got {
			t.Fatalf("answers came in the order %v", order)
		}
	}
}

// core 136
func TestWithoutDescriptorsNothingStartsAndNothingLeaks(t *testing.T) {
	t.Parallel()
	o := ours().run(t, life("few-files"))
	want := "spawn p4: too many open files to spawn 'p4'\nleaked: 0\nafterwards: fine\n"
	if o.Stdout != want || o.Stderr != "" || o.Status.ExitStatus() != 0 {
		t.Errorf("stdout %q, stderr %q, status %#x\nwant %q", o.Stdout, o.Stderr, o.Status, want)
	}
}

// core 137
func TestWithoutRoomInTheProcessTableNothingStarts(t *testing.T) {
	t.Parallel()
	o := ours().run(t, asOrdinary(life("few-processes"), 54321))
	want := "spawn p2: Too many processes in process table to spawn 'p2'\nafterwards: fine\n"
	if o.Stdout != want || o.Stderr != "" || o.Status.ExitStatus() != 0 {
		t.Errorf("stdout %q, stderr %q, status %#x\nwant %q", o.Stdout, o.Stderr, o.Status, want)
	}
}

func TestAThousandStartsLeakNoDescriptor(t *testing.T) {
	t.Parallel()
	o := ours().run(t, life("thousand"))
	if want := "leaked: 0\n"; o.Stdout != want || o.Status.ExitStatus() != 0 {
		t.Errorf("got %+v", o)
	}
}

func TestCloseDoesWhatWasAskedAndThenRefuses(t *testing.T) {
	t.Parallel()
	o := ours().run(t, life("closing"))
	want := strings.Repeat("born\n", 5) + "supervisord is ending: cannot spawn 'shell'\n"
	if o.Stdout != want {
		t.Errorf("got %q, want %q", o.Stdout, want)
	}
}

// What a start costs, beside a bare loop of fork and exec with the same pipes.
func BenchmarkSpawn(b *testing.B) {
	for _, threads := range []int{1, 2} {
		b.Run(fmt.Sprintf("starters=%d", threads), func(b *testing.B) {
			h := New(threads)
			defer h.Close()
			benchmarkStarts(b, func(spec *Spec, done func(Born)) { h.Spawn(spec, done) })
		})
	}
	b.Run("bare", func(b *testing.B) {
		benchmarkStarts(b, func(spec *Spec, done func(Born)) {
			p, err := openPipes(spec)
			if err != nil {
				b.Fatal(err)
			}
			files := []uintptr{uintptr(p.child[0]), uintptr(p.child[1]), uintptr(p.child[2])}
			pid, err := syscall.ForkExec(spec.Path, spec.Args, &syscall.ProcAttr{Files: files})
			p.closeChildEnds(spec)
			done(Born{PID: pid, Stdin: p.ours[0], Stdout: p.ours[1], Stderr: p.ours[2], Err: err})
		})
	})
	b.Run("stub", func(b *testing.B) {
		benchmarkStarts(b, func(spec *Spec, done func(Born)) { done((&thread{noUmask: true}).start(spec)) })
	})
}

func benchmarkStarts(b *testing.B, spawn func(*Spec, func(Born))) {
	var pending sync.WaitGroup
	for b.Loop() {
		pending.Add(1)
		spec := &Spec{Name: "true", Path: "/bin/true", Args: []string{"true"}, Umask: 0o22, Stdin: -1}
		spawn(spec, func(born Born) {
			defer pending.Done()
			if born.Err != nil {
				b.Error(born.Err)
			}
			for _, fd := range []int{born.Stdin, born.Stdout, born.Stderr} {
				closeIf(fd)
			}
		})
		if b.N%100 == 0 { // let few be alive at a time
			pending.Wait()
		}
	}
	pending.Wait()
	for {
		if _, err := syscall.Wait4(-1, nil, 0, nil); err == syscall.ECHILD {
			return
		}
	}
}
