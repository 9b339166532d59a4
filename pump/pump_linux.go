//go:build linux && !portable

package pump

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A Pump moves bytes. It holds two descriptors and one OS thread that waits.
//
// One goroutine waits for pipes to become readable and for the timer, and puts
// streams into a queue. Workers take them from there, one turn at a time. There
// are as many workers as processors, and while all of them hang in blocked sinks
// one more is added every few milliseconds; when the queue is empty they end.
//
// Each pipe is watched for one event at a time (EPOLLONESHOT), so that a stream is
// always in exactly one of these places: armed, queued, with a worker (turning),
// or resting. A stream that writes all the time never comes back to the epoll set:
// it goes round by rest, queue and turn.
type Pump struct {
	began   time.Time
	epoll   int
	timer   int // a timerfd in the epoll set; armed only while something is due
	workers sync.WaitGroup
	buffers sync.Pool

	mu      sync.Mutex
	streams []*Stream // by slot; nil where the slot is free
	free    []int32   // slots
	stamp   int32     // of the latest stream
	live    int
	queue   list
	resting heap
	running int // workers
	limit   int // of workers, while they make progress
	turns   uint64
	seen    uint64        // turns when the watchdog last looked
	watch   time.Duration // when the watchdog looks again; 0 = it sleeps
	armed   time.Duration // what the timer is set to; 0 = nothing
	spare   int           // bytes by which pipes may still be enlarged
	closed  bool
	gone    chan struct{} // closed when the waiting goroutine has ended
}

// place is where a stream is.
type place uint8

const (
	armed place = iota
	queued
	turning
	rests
	ended
)

// A Stream is one pipe of a Pump.
type Stream struct {
	pump *Pump
	sink Sink
	next *Stream // in the queue

	last time.Duration // when the last turn ended
	due  time.Duration // when the rest is over

	fd    int32
	slot  int32
	stamp int32 // tells the users of a slot apart
	at    int32 // in the heap
	size  int32 // of the pipe; 0 = not asked yet

	place   place
	watched bool // it is in the epoll set
	prompt  bool // it never rests
	fixed   bool // enlarging the pipe was tried
	large   bool // and done
	finish  bool // the writer is dead
}

const (
	// turnBytes is how much a stream may move before it is another's turn.
	turnBytes = 1 << 20

	// gather is how long a stream that was read a moment ago rests before it is
	// read again.
	gather = 2 * time.Millisecond

	// shortest is the shortest rest that is worth its wake-up.
	shortest = 100 * time.Microsecond

	// patience is how long a full house of workers may make no progress before
	// another is added.
	patience = 5 * time.Millisecond

	// crowd is how many workers get a large buffer. Those beyond it are there
	// because others hang, and may come to hang as well.
	crowd      = 16
	smallChunk = 4 << 10

	// A pipe is enlarged to largePipe, to less when the spare becomes scarce, and
	// not by less than smallPipe.
	largePipe = 1 << 20
	smallPipe = 128 << 10
)

// New returns a Pump.
func New() (*Pump, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("cannot create an epoll instance: %w", err)
	}
	timer, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_CLOEXEC|unix.TFD_NONBLOCK)
	if err != nil {
		unix.Close(epoll)
		return nil, fmt.Errorf("cannot create a timer descriptor: %w", err)
	}
	p := &Pump{began: time.Now(), epoll: epoll, timer: timer, limit: max(2, runtime.GOMAXPROCS(0)), spare: pipeBudget(), gone: make(chan struct{})}
	p.buffers.New = func() any { return new([MaxChunk]byte) }
	if err := unix.EpollCtl(epoll, unix.EPOLL_CTL_ADD, timer, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: -1}); err != nil {
		unix.Close(timer)
		unix.Close(epoll)
		return nil, fmt.Errorf("cannot watch the timer descriptor: %w", err)
	}
	go p.wait()
	return p, nil
}

// Add hands the non-blocking read end of a pipe over to the pump, which closes
// it. On an error the descriptor is still the caller's.
func (p *Pump) Add(fd int, sink Sink) (*Stream, error) { return p.add(fd, sink, false) }

// AddPrompt is Add for a pipe on which somebody waits for each answer, as on an
// event listener's: it is always read at once.
func (p *Pump) AddPrompt(fd int, sink Sink) (*Stream, error) { return p.add(fd, sink, true) }

func (p *Pump) add(fd int, sink Sink, prompt bool) (*Stream, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, ErrClosed
	}
	p.stamp++
	s := &Stream{pump: p, sink: sink, fd: int32(fd), stamp: p.stamp, prompt: prompt, last: p.now() - time.Hour}
	if n := len(p.free); n > 0 {
		s.slot, p.free = p.free[n-1], p.free[:n-1]
	} else {
		s.slot = int32(len(p.streams))
		p.streams = append(p.streams, nil)
	}
	if err := s.watch(); err != nil {
		p.free = append(p.free, s.slot)
		return nil, fmt.Errorf("cannot watch descriptor %d: %w", fd, err)
	}
	p.streams[s.slot] = s
	p.live++
	return s, nil
}

// Finish says that the program is dead: what is in the pipe now is moved, then the
// pipe is closed and the sink's End is called. It does not wait for any of that,
// and nothing waits for the pipe's end, which a grandchild could hold off for ever.
func (s *Stream) Finish() {
	p := s.pump
	p.mu.Lock()
	defer p.mu.Unlock()
	p.finish(s)
	p.hire()
}

func (p *Pump) finish(s *Stream) {
	if s.place == ended || s.finish {
		return
	}
	s.finish = true
	switch s.place {
	case armed:
		p.enqueue(s)
	case rests:
		p.resting.remove(s)
		p.enqueue(s)
	}
}

// Close finishes all streams and returns when every sink had its End.
func (p *Pump) Close() {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		<-p.gone
		return
	}
	p.closed = true
	for _, s := range p.streams {
		if s != nil {
			p.finish(s)
		}
	}
	p.hire()
	p.setTimer(p.now() + 1) // the waiting goroutine is to look up
	p.mu.Unlock()

	<-p.gone
	p.workers.Wait()
	unix.Close(p.timer)
	unix.Close(p.epoll)
}

// wait is the goroutine that waits.
func (p *Pump) wait() {
	defer close(p.gone)
	events := make([]unix.EpollEvent, 128)
	for {
		n, err := unix.EpollWait(p.epoll, events, -1)
		if err != nil && err != unix.EINTR {
			panic(fmt.Sprintf("pump: epoll_wait: %v", err)) // the descriptor is ours alone
		}
		p.mu.Lock()
		for _, e := range events[:max(n, 0)] {
			p.ready(e)
		}
		p.wakeRested()
		p.hire()
		done := p.closed && p.live == 0
		p.arm()
		p.mu.Unlock()
		if done {
			return
		}
	}
}

// ready puts a stream that has something to read into the queue.
func (p *Pump) ready(e unix.EpollEvent) {
	if e.Fd < 0 {
		var expirations [8]byte
		unix.Read(p.timer, expirations[:])
		p.armed = 0
		return
	}
	s := p.streams[e.Fd]
	if s != nil && s.stamp == e.Pad && s.place == armed {
		p.enqueue(s)
	}
}

func (p *Pump) enqueue(s *Stream) {
	s.place = queued
	p.queue.push(s)
}

// wakeRested queues the streams whose rest is over, or nearly.
func (p *Pump) wakeRested() {
	if len(p.resting) == 0 {
		return
	}
	t := p.now() + shortest
	for len(p.resting) > 0 && p.resting[0].due <= t {
		s := p.resting[0]
		p.resting.remove(s)
		p.enqueue(s)
	}
}

// hire starts workers for what is queued.
func (p *Pump) hire() {
	if p.queue.first == nil {
		p.watch = 0
		return
	}
	for s := p.queue.first; s != nil && p.running < p.limit; s = s.next {
		p.startWorker()
	}
	if p.running < p.limit {
		return
	}
	// All are busy. If nobody has begun a turn for a while they hang.
	t := p.now()
	switch {
	case p.watch == 0 || p.turns != p.seen:
		p.seen, p.watch = p.turns, t+patience
		p.arm()
	case t >= p.watch:
		p.startWorker()
		p.watch = t + patience
	}
}

func (p *Pump) startWorker() {
	p.running++
	p.workers.Add(1)
	go p.work(p.running > crowd)
}

// arm sets the timer to what is due next, if it is not set so.
func (p *Pump) arm() {
	next := p.watch
	if len(p.resting) > 0 && (next == 0 || p.resting[0].due < next) {
		next = p.resting[0].due
	}
	if next != 0 && (p.armed == 0 || next < p.armed) {
		p.setTimer(next)
	}
}

func (p *Pump) setTimer(t time.Duration) {
	p.armed = t
	in := max(1, t-p.now())
	unix.TimerfdSettime(p.timer, 0, &unix.ItimerSpec{Value: unix.NsecToTimespec(int64(in))}, nil)
}

// work is a worker: it gives the streams in the queue their turns.
func (p *Pump) work(small bool) {
	defer p.workers.Done()
	var buf []byte
	if small {
		buf = make([]byte, smallChunk)
	} else {
		large := p.buffers.Get().(*[MaxChunk]byte)
		defer p.buffers.Put(large)
		buf = large[:]
	}

	p.mu.Lock()
	for {
		if p.queue.first == nil {
			p.running--
			p.mu.Unlock()
			return
		}
		s := p.queue.pop()
		s.place = turning
		p.turns++
		finish := s.finish
		p.mu.Unlock()

		moved, first, left := s.turn(buf, finish)

		p.mu.Lock()
		p.after(s, moved, first, left, finish)
	}
}

// leftover is what a turn left in the pipe.
type leftover uint8

const (
	nothing leftover = iota // it was empty at the last look
	more
	end // and there will never be any
)

// turn moves what is in the pipe, but not more than is one stream's share. It
// returns how much that was and how much the first read brought.
func (s *Stream) turn(buf []byte, finish bool) (moved, first int, left leftover) {
	share := turnBytes
	if finish {
		// What the dead program wrote is in the pipe; what a grandchild adds
		// meanwhile could go on for ever.
		share = s.waiting()
	}
	for moved < share {
		n, err := s.read(buf)
		switch {
		case err == unix.EINTR:
			continue
		case err == unix.EAGAIN:
			return moved, first, nothing
		case err != nil || n == 0:
			return moved, first, end
		}
		if moved == 0 {
			first = n
		}
		moved += n
		s.sink.Chunk(buf[:n])
		if n < len(buf) && !finish {
			return moved, first, nothing
		}
	}
	return moved, first, more
}

// read reads without telling Go's scheduler, which would take the processor away
// from a call of more than 20 µs, as copying a large chunk is, and give it back
// late: on a busy machine that cost a third of the throughput. The descriptor is
// non-blocking, so the call is short for certain; the sink's write is not, and is
// made the usual way.
func (s *Stream) read(buf []byte) (int, error) {
	n, _, errno := unix.RawSyscall(unix.SYS_READ, uintptr(s.fd), uintptr(unsafe.Pointer(unsafe.SliceData(buf))), uintptr(len(buf)))
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}

// waiting returns how many bytes are in the pipe.
func (s *Stream) waiting() int {
	n, err := unix.IoctlGetInt(int(s.fd), unix.TIOCINQ)
	if err != nil {
		return turnBytes
	}
	return n
}

// after decides where a stream goes after its turn. The lock is held, and let go
// of while the sink's End is called.
func (p *Pump) after(s *Stream, moved, first int, left leftover, finished bool) {
	if finished || left == end {
		p.end(s)
		return
	}
	t := p.now()
	pause := s.pause(t, moved)
	s.last = t
	if s.size > 0 && (first >= int(s.size)/2 || pause > 0 && pause < gather) {
		p.grow(s)
	}
	switch {
	case s.finish || left == more:
		p.enqueue(s)
	case pause >= shortest:
		s.unwatch()
		s.place = rests
		s.due = t + pause
		p.resting.push(s)
		p.arm()
	default:
		s.place = armed
		if err := s.watch(); err != nil {
			p.end(s)
		}
	}
}

// pause returns how long a stream is to rest after it moved so many bytes. A
// stream that was read long ago does not rest. One that was read just before
// writes small pieces faster than it is good to be woken for each: it rests, but
// not so long that its pipe could fill up.
func (s *Stream) pause(t time.Duration, moved int) time.Duration {
	since := t - s.last
	if s.prompt || since > gather || moved == 0 {
		return 0
	}
	if s.size == 0 {
		s.size = pipeSize(s.fd)
	}
	fills := time.Duration(int64(s.size) * int64(since) / int64(moved))
	return min(gather, fills*2/5)
}

// pipeSize returns how much a pipe holds: 64 KiB, unless the user has so many
// pipes that the system makes them small.
func pipeSize(fd int32) int32 {
	n, err := unix.FcntlInt(uintptr(fd), unix.F_GETPIPE_SZ, 0)
	if err != nil {
		return 4096 // no pipe at all
	}
	return int32(n)
}

// grow enlarges a stream's pipe, once, as far as our budget and the system allow.
func (p *Pump) grow(s *Stream) {
	if s.fixed {
		return
	}
	s.fixed = true
	size := largePipe
	for size > p.spare/8 {
		size /= 2
	}
	for ; size >= smallPipe && size > int(s.size); size /= 2 {
		n, err := unix.FcntlInt(uintptr(s.fd), unix.F_SETPIPE_SZ, size)
		if err == nil {
			s.size = int32(n)
			s.large = true
			p.spare -= n
			return
		}
	}
}

// pipeBudget returns by how many bytes all pipes together may be enlarged. Who is
// subject to the limit of a user's pipe memory (fs.pipe-user-pages-soft) takes a
// quarter of it: when it is used up, all new pipes of the user get two pages.
func pipeBudget() int {
	const budget = 64 << 20
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&header, &data[0]); err == nil && data[0].Effective&(1<<unix.CAP_SYS_RESOURCE|1<<unix.CAP_SYS_ADMIN) != 0 {
		return budget
	}
	text, err := os.ReadFile("/proc/sys/fs/pipe-user-pages-soft")
	if err != nil {
		return 0
	}
	pages, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0
	}
	if pages == 0 { // no limit
		return budget
	}
	return min(budget, pages*os.Getpagesize()/4)
}

// end closes a stream and tells its sink.
func (p *Pump) end(s *Stream) {
	s.unwatch()
	unix.Close(int(s.fd))
	s.place = ended
	if s.large {
		p.spare += int(s.size)
	}
	p.mu.Unlock()
	s.sink.End()
	p.mu.Lock()
	p.streams[s.slot] = nil
	p.free = append(p.free, s.slot)
	p.live--
	if p.closed && p.live == 0 {
		p.setTimer(p.now() + 1)
	}
}

// watch has the stream queued when there is something to read.
func (s *Stream) watch() error {
	if s.watched {
		return s.ctl(unix.EPOLL_CTL_MOD)
	}
	s.watched = true
	return s.ctl(unix.EPOLL_CTL_ADD)
}

// unwatch takes the stream out of the epoll set. A stream that is there, be it
// disarmed, makes each write into its pipe a tenth dearer.
func (s *Stream) unwatch() {
	if s.watched {
		s.watched = false
		s.ctl(unix.EPOLL_CTL_DEL)
	}
}

func (s *Stream) ctl(op int) error {
	return unix.EpollCtl(s.pump.epoll, op, int(s.fd), &unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLONESHOT, Fd: s.slot, Pad: s.stamp})
}

// now returns the time since the pump began.
func (p *Pump) now() time.Duration { return time.Since(p.began) }

// list is a queue of streams, linked through themselves.
type list struct{ first, last *Stream }

func (l *list) push(s *Stream) {
	s.next = nil
	if l.last == nil {
		l.first = s
	} else {
		l.last.next = s
	}
	l.last = s
}

// pop takes the first; there must be one.
func (l *list) pop() *Stream {
	s := l.first
	l.first = s.next
	if l.first == nil {
		l.last = nil
	}
	s.next = nil
	return s
}

// heap holds resting streams, the one that is due first at its top.
type heap []*Stream

func (h *heap) push(s *Stream) {
	s.at = int32(len(*h))
	*h = append(*h, s)
	h.up(int(s.at))
}

func (h *heap) remove(s *Stream) {
	i, last := int(s.at), len(*h)-1
	h.swap(i, last)
	(*h)[last] = nil
	*h = (*h)[:last]
	if i < last {
		h.down(i)
		h.up(i)
	}
}

func (h *heap) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if (*h)[parent].due <= (*h)[i].due {
			return
		}
		h.swap(i, parent)
		i = parent
	}
}

func (h *heap) down(i int) {
	for {
		child := 2*i + 1
		if child >= len(*h) {
			return
		}
		if child+1 < len(*h) && (*h)[child+1].due < (*h)[child].due {
			child++
		}
		if (*h)[i].due <= (*h)[child].due {
			return
		}
		h.swap(i, child)
		i = child
	}
}

func (h *heap) swap(i, j int) {
	(*h)[i], (*h)[j] = (*h)[j], (*h)[i]
	(*h)[i].at, (*h)[j].at = int32(i), int32(j)
}
