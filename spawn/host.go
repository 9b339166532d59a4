package spawn

import (
	"errors"
	"os"
	"os/signal"
	"runtime"
	"sync"
	"syscall"
	"time"

	"github.com/sirdar-project/sirdar/internal/pytext"
)

// A Host starts, signals and reaps the children of this process. There is one
// per process, because there is one set of children.
//
// Children are started by a few goroutines of its own, each bound to its thread
// for as long as it lives: forking takes most of a millisecond, in which nobody
// else should wait, and only a thread can have a umask of its own. Nothing is
// kept per child but its number.
//
// Kill and Reap belong to the one goroutine that owns the processes: a pid is
// ours from fork to wait, so no signal can reach a pid that was given away.
type Host struct {
	wake     chan struct{}
	signals  chan os.Signal
	ended    sync.WaitGroup
	patience time.Duration // see patience

	mu       sync.Mutex
	asked    *sync.Cond          // the queue has grown, or no more will come
	queue    []*birth            // first come, first served
	newest   *birth              // the last one that was asked for
	starters int                 // how many more may be made
	idle     int                 // starters waiting for work
	closed   bool                //
	begun    uint64              // births begun so far
	underway map[*birth]struct{} // births between fork and answer
	children map[int]struct{}    // born and not yet reaped
	doubtful struct {            // a dead child that is not known to be ours
		pid   int    // 0 = none
		until uint64 // births begun when it was first seen
	}
}

// A birth is one Spawn that was asked for.
type birth struct {
	spec    *Spec
	done    func(Born)
	number  uint64        // in order of beginning
	earlier *birth        // the one asked for before this
	told    chan struct{} // closed when done has returned
}

// patience is how long an answer waits for the answers to earlier starts, so
// that they come in the order of asking although several threads start. It ends,
// because an exec from a dead network file system may take for ever.
const patience = time.Second

// New returns a Host that starts children on as many threads as starters says,
// made when they are first needed. SIGPIPE and SIGXFSZ are ignored from then on:
// children inherit that from Supervisor, whose interpreter ignores them, and
// programs have come to rely on it.
func New(starters int) *Host {
	h := &Host{
		wake:     make(chan struct{}, 1),
		signals:  make(chan os.Signal, 1),
		patience: patience,
		starters: max(starters, 1),
		underway: make(map[*birth]struct{}),
		children: make(map[int]struct{}),
	}
	h.asked = sync.NewCond(&h.mu)
	signal.Ignore(syscall.SIGPIPE, syscall.SIGXFSZ)
	signal.Notify(h.signals, syscall.SIGCHLD)
	h.poke() // who is PID 1, or was exec'd, may have children that died before
	h.ended.Add(1)
	go h.listen()
	return h
}

// listen passes SIGCHLD on as a wake-up.
func (h *Host) listen() {
	defer h.ended.Done()
	for range h.signals {
		h.poke()
	}
}

// poke makes Wake deliver. Several pokes may be heard as one.
func (h *Host) poke() {
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

// Wake delivers when a child may have died: call Reap then.
func (h *Host) Wake() <-chan struct{} { return h.wake }

// Spawn starts a child and calls done with the answer, from another goroutine,
// exactly once. It never blocks. Answers come in the order in which Spawn was
// called, unless a start takes unusually long. The Spec must not be changed
// afterwards.
func (h *Host) Spawn(spec *Spec, done func(Born)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		go done(failed(errors.New("supervisord is ending: cannot spawn " + pytext.Repr(spec.Name))))
		return
	}
	b := &birth{spec: spec, done: done, earlier: h.newest, told: make(chan struct{})}
	h.newest = b
	h.queue = append(h.queue, b)
	if h.idle < len(h.queue) && h.starters > 0 {
		h.starters--
		h.ended.Add(1)
		go h.start()
	}
	h.asked.Signal()
}

// start is the life of a starting thread.
func (h *Host) start() {
	defer h.ended.Done()
	runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
	t := newThread()
	for b := h.next(); b != nil; b = h.next() {
		born := t.start(b.spec)
		b.waitForEarlier(h.patience)
		b.done(born)
		h.settled(b, born)
	}
}

// next returns the birth whose turn it is; nil when no more will come.
func (h *Host) next() *birth {
	h.mu.Lock()
	defer h.mu.Unlock()
	for len(h.queue) == 0 {
		if h.closed {
			return nil
		}
		h.idle++
		h.asked.Wait()
		h.idle--
	}
	b := h.queue[0]
	h.queue[0] = nil
	h.queue = h.queue[1:]
	h.begun++
	b.number = h.begun
	h.underway[b] = struct{}{}
	return b
}

// waitForEarlier waits until the start asked for before this one is answered.
func (b *birth) waitForEarlier(patience time.Duration) {
	if b.earlier == nil {
		return
	}
	select {
	case <-b.earlier.told:
	default:
		timer := time.NewTimer(patience)
		select {
		case <-b.earlier.told:
		case <-timer.C:
		}
		timer.Stop()
	}
	b.earlier = nil
}

// settled notes that a birth was answered.
func (h *Host) settled(b *birth, born Born) {
	h.mu.Lock()
	delete(h.underway, b)
	if born.Err == nil {
		h.children[born.PID] = struct{}{}
	}
	if h.newest == b {
		h.newest = nil
	}
	waiting := h.doubtful.pid != 0
	if born.Err != nil {
		h.doubtful.pid = 0 // it may have been this one, which ForkExec has reaped
	}
	h.mu.Unlock()
	close(b.told)
	if waiting {
		h.poke()
	}
}

// Kill sends a signal to a child, or with group to its process group. Errors are
// the kernel's: ESRCH, EPERM.
func (h *Host) Kill(pid int, sig syscall.Signal, group bool) error {
	if pid <= 1 {
		return syscall.ESRCH // 0, -1 and 1 would mean others than a child
	}
	if group {
		pid = -pid
	}
	return syscall.Kill(pid, sig)
}

// Close ends the starting threads after they have done what was asked, and waits
// for them. Children live on.
func (h *Host) Close() {
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		return
	}
	h.closed = true
	h.mu.Unlock()
	h.asked.Broadcast()
	signal.Stop(h.signals)
	close(h.signals)
	h.ended.Wait()
}
