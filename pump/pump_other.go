//go:build !linux || portable

package pump

import (
	"errors"
	"os"
	"sync"
	"syscall"
	"time"
)

// A Pump moves bytes, here with one goroutine per pipe that waits in Go's poller
// and borrows a buffer while there is data. The build tag "portable" has it built,
// and so tested, on Linux too.
type Pump struct {
	buffers sync.Pool
	group   sync.WaitGroup

	mu      sync.Mutex
	streams map[*Stream]bool
	closed  bool
}

// A Stream is one pipe of a Pump.
type Stream struct {
	pump   *Pump
	sink   Sink
	file   *os.File
	finish chan struct{}
	once   sync.Once
}

// New returns a Pump.
func New() (*Pump, error) {
	p := &Pump{streams: map[*Stream]bool{}}
	p.buffers.New = func() any { return new([MaxChunk]byte) }
	return p, nil
}

// Add hands the non-blocking read end of a pipe over to the pump, which closes
// it. On an error the descriptor is still the caller's.
func (p *Pump) Add(fd int, sink Sink) (*Stream, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, ErrClosed
	}
	s := &Stream{pump: p, sink: sink, file: os.NewFile(uintptr(fd), "pipe"), finish: make(chan struct{})}
	p.streams[s] = true
	p.group.Go(s.run)
	return s, nil
}

// AddPrompt is Add for a pipe on which somebody waits for each answer. Here every
// pipe is read at once.
func (p *Pump) AddPrompt(fd int, sink Sink) (*Stream, error) { return p.Add(fd, sink) }

// Finish says that the program is dead: what is in the pipe now is moved, then the
// pipe is closed and the sink's End is called. It does not wait for any of that.
func (s *Stream) Finish() {
	s.once.Do(func() {
		close(s.finish)
		s.file.SetReadDeadline(time.Unix(1, 0)) // wakes the one who waits
	})
}

// Close finishes all streams and returns when every sink had its End.
func (p *Pump) Close() {
	p.mu.Lock()
	p.closed = true
	for s := range p.streams {
		s.Finish()
	}
	p.mu.Unlock()
	p.group.Wait()
}

func (s *Stream) run() {
	defer s.close()
	conn, err := s.file.SyscallConn()
	if err != nil {
		return
	}
	for {
		var more bool
		err := conn.Read(func(fd uintptr) bool {
			var waits bool
			more, waits = s.turn(int(fd), MaxChunk)
			return !waits
		})
		if errors.Is(err, os.ErrDeadlineExceeded) {
			break
		}
		if err != nil || !more {
			return
		}
	}
	// A read after its deadline fails even with data waiting; so by hand.
	conn.Control(func(fd uintptr) {
		for range 64 { // more than any pipe holds, so that a grandchild cannot hold us
			if more, waits := s.turn(int(fd), MaxChunk); !more || waits {
				return
			}
		}
	})
}

// turn reads once. It says whether there may be more, and whether one has to wait
// for it.
func (s *Stream) turn(fd, size int) (more, waits bool) {
	buf := s.pump.buffers.Get().(*[MaxChunk]byte)
	defer s.pump.buffers.Put(buf)
	for {
		n, err := syscall.Read(fd, buf[:size])
		switch {
		case err == syscall.EINTR:
			continue
		case err == syscall.EAGAIN:
			return true, true
		case err != nil || n == 0:
			return false, false
		}
		s.sink.Chunk(buf[:n])
		return true, false
	}
}

func (s *Stream) close() {
	s.file.Close()
	s.sink.End()
	s.pump.mu.Lock()
	delete(s.pump.streams, s)
	s.pump.mu.Unlock()
}
