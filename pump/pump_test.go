package pump_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/sirdar-project/sirdar/pump"
)

// sink gathers what it gets.
type sink struct {
	mu    sync.Mutex
	got   bytes.Buffer
	ends  int
	ended chan struct{}
	news  chan struct{} // holds one when something arrived
}

func newSink() *sink { return &sink{ended: make(chan struct{}), news: make(chan struct{}, 1)} }

func (s *sink) Chunk(p []byte) {
	s.mu.Lock()
	s.got.Write(p)
	s.mu.Unlock()
	select {
	case s.news <- struct{}{}:
	default:
	}
}

func (s *sink) End() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ends++; s.ends == 1 {
		close(s.ended)
	}
}

func (s *sink) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.got.String()
}

// await returns when the sink has got at least n bytes.
func (s *sink) await(n int) {
	for len(s.String()) < n {
		<-s.news
	}
}

func newPump(t testing.TB) *pump.Pump {
	t.Helper()
	p, err := pump.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// pipe returns a read end as the pump wants it and a write end.
func pipe(t testing.TB) (int, *os.File) {
	t.Helper()
	var fds [2]int
	if err := syscall.Pipe(fds[:]); err != nil {
		t.Fatal(err)
	}
	syscall.CloseOnExec(fds[0])
	syscall.CloseOnExec(fds[1])
	if err := syscall.SetNonblock(fds[0], true); err != nil {
		t.Fatal(err)
	}
	w := os.NewFile(uintptr(fds[1]), "write end")
	t.Cleanup(func() { w.Close() })
	return fds[0], w
}

func add(t testing.TB, p *pump.Pump, fd int, s pump.Sink) *pump.Stream {
	t.Helper()
	stream, err := p.Add(fd, s)
	if err != nil {
		t.Fatal(err)
	}
	return stream
}

func TestWhatIsWrittenArrivesAndTheEndIsToldOnce(t *testing.T) {
	p := newPump(t)
	fd, w := pipe(t)
	s := newSink()
	stream := add(t, p, fd, s)
	w.WriteString("one ")
	s.await(4)
	w.WriteString("two")
	w.Close()
	<-s.ended
	stream.Finish()
	stream.Finish()
	p.Close()
	if s.String() != "one two" || s.ends != 1 {
		t.Errorf("got %q and %d ends", s.String(), s.ends)
	}
	if _, err := syscall.Write(fd, nil); err != syscall.EBADF {
		t.Errorf("the pump left descriptor %d open (%v)", fd, err)
	}
	if _, err := p.Add(fd, s); err == nil {
		t.Error("a closed pump took a pipe")
	}
}

// core 225. users-want 2A 6.
func TestFiveMegabytesWrittenAtExitArriveWhole(t *testing.T) {
	p := newPump(t)
	fd, w := pipe(t)
	s := newSink()
	stream := add(t, p, fd, s)
	cmd := exec.Command("/bin/sh", "-c", `i=0; while [ $i -lt 5 ]; do head -c 1000000 /dev/zero; i=$((i+1)); done; echo last words`)
	cmd.Stdout = w
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	// The write end is still open here, as if a grandchild held it.
	stream.Finish()
	<-s.ended
	if got := s.String(); len(got) != 5000011 || !strings.HasSuffix(got, "\x00last words\n") {
		t.Errorf("%d bytes arrived, want 5000011 with the last words", len(got))
	}
}

// users-want 2B 5.
func TestFinishDoesNotWaitForAGrandchildThatGoesOnWriting(t *testing.T) {
	p := newPump(t)
	fd, w := pipe(t)
	s := newSink()
	stream := add(t, p, fd, s)
	written := make(chan struct{})
	go func() {
		defer close(written)
		b := bytes.Repeat([]byte("x"), 100)
		for {
			if _, err := w.Write(b); err != nil {
				return // EPIPE: nobody reads any more
			}
		}
	}()
	s.await(1 << 20)
	stream.Finish()
	<-s.ended
	<-written
}

// blocking is a sink that hangs until it is released.
type blocking struct {
	*sink
	entered chan struct{}
	once    sync.Once
	release chan struct{}
}

func (b *blocking) Chunk(p []byte) {
	b.once.Do(func() { close(b.entered) })
	<-b.release
	b.sink.Chunk(p)
}

func TestSinksThatHangHoldUpNobodyElse(t *testing.T) {
	p := newPump(t)
	release := make(chan struct{})
	var hung []*blocking
	for range 50 {
		fd, w := pipe(t)
		b := &blocking{sink: newSink(), entered: make(chan struct{}), release: release}
		add(t, p, fd, b)
		w.WriteString("held")
		hung = append(hung, b)
	}
	for _, b := range hung {
		<-b.entered
	}
	fd, w := pipe(t)
	s := newSink()
	add(t, p, fd, s)
	w.WriteString("through")
	s.await(7)
	close(release)
	for _, b := range hung {
		b.await(4)
	}
}

func TestAChattyStreamDoesNotStarveAQuietOne(t *testing.T) {
	p := newPump(t)
	stop := make(chan struct{})
	var writers sync.WaitGroup
	for range 4 {
		fd, w := pipe(t)
		add(t, p, fd, newNull())
		writers.Go(func() {
			b := make([]byte, 64<<10)
			for {
				select {
				case <-stop:
					w.Close()
					return
				default:
					w.Write(b)
				}
			}
		})
	}
	fd, w := pipe(t)
	s := newSink()
	add(t, p, fd, s)
	for i := range 50 {
		w.WriteString("quiet")
		s.await(5 * (i + 1))
	}
	close(stop)
	writers.Wait()
}

type null struct{}

func newNull() null         { return null{} }
func (null) Chunk(p []byte) {}
func (null) End()           {}

func TestManyStreamsEachInOrder(t *testing.T) {
	p := newPump(t)
	const n, rounds = 200, 50
	var sinks []*sink
	var writers sync.WaitGroup
	for i := range n {
		fd, w := pipe(t)
		s := newSink()
		sinks = append(sinks, s)
		add(t, p, fd, s)
		writers.Go(func() {
			for r := range rounds {
				fmt.Fprintf(w, "%d %d\n", i, r)
			}
			w.Close()
		})
	}
	writers.Wait()
	for i, s := range sinks {
		<-s.ended
		var want strings.Builder
		for r := range rounds {
			fmt.Fprintf(&want, "%d %d\n", i, r)
		}
		if s.String() != want.String() {
			t.Fatalf("stream %d brought %q", i, s.String())
		}
	}
}

func TestCloseFinishesWhatIsOpen(t *testing.T) {
	p := newPump(t)
	var sinks []*sink
	for i := range 20 {
		fd, w := pipe(t)
		s := newSink()
		add(t, p, fd, s)
		fmt.Fprintf(w, "stream %02d", i)
		sinks = append(sinks, s)
	}
	p.Close()
	for i, s := range sinks {
		if want := fmt.Sprintf("stream %02d", i); s.String() != want || s.ends != 1 {
			t.Errorf("got %q and %d ends, want %q and one", s.String(), s.ends, want)
		}
	}
}

func TestAPromptStreamAnswersAtOnce(t *testing.T) {
	p := newPump(t)
	fd, w := pipe(t)
	s := newSink()
	if _, err := p.AddPrompt(fd, s); err != nil {
		t.Fatal(err)
	}
	for i := range 1000 {
		w.WriteString("OK")
		s.await(2 * (i + 1))
	}
}
