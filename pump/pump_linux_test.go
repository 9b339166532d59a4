//go:build linux && !portable

package pump

import (
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func newTestPump(t *testing.T) *Pump {
	t.Helper()
	p, err := New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// counter is a sink that counts and wakes who waits.
type counter struct {
	mu    sync.Mutex
	cond  *sync.Cond
	bytes int
	ends  int
}

func newCounter() *counter {
	c := new(counter)
	c.cond = sync.NewCond(&c.mu)
	return c
}

func (c *counter) Chunk(p []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bytes += len(p)
	c.cond.Broadcast()
}

func (c *counter) End() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ends++
	c.cond.Broadcast()
}

func (c *counter) await(bytes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.bytes < bytes {
		c.cond.Wait()
	}
}

func testPipe(t *testing.T) (int, *os.File) {
	t.Helper()
	var fds [2]int
	if err := unix.Pipe2(fds[:], unix.O_CLOEXEC|unix.O_NONBLOCK); err != nil {
		t.Fatal(err)
	}
	w := os.NewFile(uintptr(fds[1]), "write end")
	t.Cleanup(func() { w.Close() })
	return fds[0], w
}

// settle waits until nothing moves any more.
func (p *Pump) settle() {
	for {
		p.mu.Lock()
		quiet := p.running == 0 && p.queue.first == nil && len(p.resting) == 0 && p.armed == 0
		p.mu.Unlock()
		if quiet {
			return
		}
		runtime.Gosched()
	}
}

// No worker, no timer and no resting stream is left, however chatty it was: the
// one thread sleeps in epoll_wait.
func TestAQuietPumpSleeps(t *testing.T) {
	p := newTestPump(t)
	var writers []*os.File
	c := newCounter()
	for range 100 {
		fd, w := testPipe(t)
		if _, err := p.Add(fd, c); err != nil {
			t.Fatal(err)
		}
		writers = append(writers, w)
	}
	line := []byte("a line of output\n")
	for range 200 {
		for _, w := range writers {
			if _, err := w.Write(line); err != nil {
				t.Fatal(err)
			}
		}
	}
	c.await(100 * 200 * len(line))
	p.settle()

	var set unix.ItimerSpec
	if err := unix.TimerfdGettime(p.timer, &set); err != nil {
		t.Fatal(err)
	}
	if set.Value != (unix.Timespec{}) {
		t.Errorf("the timer of a quiet pump is set: %v", set.Value)
	}
	// And it wakes up again.
	before := c.bytes
	writers[42].Write(line)
	c.await(before + len(line))
}

func TestAQuietStreamIsSmall(t *testing.T) {
	p := newTestPump(t)
	var fds []int
	for range 200 {
		fd, _ := testPipe(t)
		fds = append(fds, fd)
	}
	c := newCounter()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for _, fd := range fds {
		if _, err := p.Add(fd, c); err != nil {
			t.Fatal(err)
		}
	}
	runtime.ReadMemStats(&after)
	if per := (after.TotalAlloc - before.TotalAlloc) / uint64(len(fds)); per > 200 {
		t.Errorf("a quiet stream costs %d bytes, want a hundred", per)
	}
}

func TestAChattyStreamRestsAndGetsALargerPipe(t *testing.T) {
	p := newTestPump(t)
	fd, w := testPipe(t)
	c := newCounter()
	s, err := p.Add(fd, c)
	if err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 100)
	total := 0
	for {
		if _, err := w.Write(line); err != nil {
			t.Fatal(err)
		}
		total += len(line)
		p.mu.Lock()
		grown := s.large
		p.mu.Unlock()
		if grown {
			break
		}
	}
	size, err := unix.FcntlInt(w.Fd(), unix.F_GETPIPE_SZ, 0)
	if err != nil || size < smallPipe {
		t.Errorf("the pipe holds %d bytes, %v; want at least %d", size, err, smallPipe)
	}
	c.await(total)
	w.Close()
	for c.done() == 0 {
		runtime.Gosched()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.spare != pipeBudget() {
		t.Errorf("the closed pipe still counts: %d bytes to spare, want %d", p.spare, pipeBudget())
	}
}

func (c *counter) done() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ends
}

func TestAPipeIsEnlargedOnlyWithinTheBudget(t *testing.T) {
	p := newTestPump(t)
	p.spare = 4 << 20
	var sizes []int32
	for range 200 {
		fd, _ := testPipe(t)
		s := &Stream{pump: p, fd: int32(fd), size: pipeSize(int32(fd))}
		p.grow(s)
		sizes = append(sizes, s.size)
		t.Cleanup(func() { unix.Close(fd) })
	}
	if p.spare < 0 || p.spare > 2<<20 {
		t.Errorf("%d bytes of 4 MiB are left", p.spare)
	}
	if !slices.IsSortedFunc(sizes, func(a, b int32) int { return int(b - a) }) {
		t.Errorf("sizes %v, want them to fall", sizes)
	}
}

func TestHeapGivesTheEarliestFirst(t *testing.T) {
	var h heap
	var all []*Stream
	for range 500 {
		s := &Stream{due: time.Duration(rand.IntN(100))}
		all = append(all, s)
		h.push(s)
	}
	for _, i := range rand.Perm(len(all))[:250] {
		h.remove(all[i])
		all[i] = nil
	}
	left := 0
	for last := time.Duration(0); len(h) > 0; left++ {
		s := h[0]
		h.remove(s)
		if s.due < last {
			t.Fatalf("due %d came after %d", s.due, last)
		}
		last = s.due
	}
	if left != 250 {
		t.Errorf("%d came out, want 250", left)
	}
}

// The stream of an old pipe must not hear of a new one in its slot.
func TestSlotsAreUsedAgain(t *testing.T) {
	p := newTestPump(t)
	for range 300 {
		fd, w := testPipe(t)
		c := newCounter()
		if _, err := p.Add(fd, c); err != nil {
			t.Fatal(err)
		}
		w.Write([]byte("x"))
		c.await(1)
		w.Close()
		c.mu.Lock()
		for c.ends == 0 {
			c.cond.Wait()
		}
		c.mu.Unlock()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.streams) > 3 {
		t.Errorf("%d slots for one stream at a time", len(p.streams))
	}
}
