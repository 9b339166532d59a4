package supervise

import (
	"errors"
	"os"
	"sync"
	"syscall"
)

// maxQueued is how much input may wait for a program that does not read what it
// was sent before, in bytes.
const maxQueued = 1 << 20

// errStdinFull says that a program does not read its input.
var errStdinFull = errors.New("the program does not read its standard input; what was sent before is still waiting")

// A stdin is our end of a child's standard input. Writing never blocks: what the
// pipe does not take is kept and written when the child reads.
type stdin struct {
	mu     sync.Mutex
	fd     int
	file   *os.File // non-nil while something is queued or once something was
	queue  []byte
	busy   bool // a goroutine writes the queue
	closed bool
}

// newStdin takes over a non-blocking write end; -1 is a child without one.
func newStdin(fd int) *stdin { return &stdin{fd: fd, closed: fd < 0} }

// write sends p. EPIPE says that the child has closed its standard input.
func (w *stdin) write(p []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return syscall.EPIPE
	}
	if !w.busy {
		n, err := w.tryWrite(p)
		if err != nil {
			return err
		}
		p = p[n:]
	}
	if len(p) == 0 {
		return nil
	}
	if w.busy && len(w.queue)+len(p) > maxQueued {
		return errStdinFull
	}
	w.queue = append(w.queue, p...)
	if !w.busy {
		w.busy = true
		if w.file == nil {
			w.file = os.NewFile(uintptr(w.fd), "stdin")
		}
		go w.flush()
	}
	return nil
}

// tryWrite writes what the pipe takes at once.
func (w *stdin) tryWrite(p []byte) (int, error) {
	for {
		n, err := syscall.Write(w.fd, p)
		switch err {
		case syscall.EINTR:
		case syscall.EAGAIN:
			return 0, nil
		default:
			return max(n, 0), err
		}
	}
}

// flush writes the queue until it is empty or the pipe is gone.
func (w *stdin) flush() {
	for {
		w.mu.Lock()
		p := w.queue
		w.queue = nil
		if len(p) == 0 || w.closed {
			w.busy = false
			w.mu.Unlock()
			return
		}
		w.mu.Unlock()
		if _, err := w.file.Write(p); err != nil {
			w.close()
		}
	}
}

// close closes our end; what is queued is dropped, since nobody is left to read it.
func (w *stdin) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return
	}
	w.closed = true
	if w.file != nil {
		w.file.Close()
		return
	}
	syscall.Close(w.fd)
}
