package supervisortest

import (
	"context"

	"github.com/sirdar-project/sirdar"
)

// A log is a file in memory. The nil log is one that a process does not have. The
// Fake's lock guards it.
type log struct {
	path   string
	exists bool
	data   []byte
	grown  chan struct{} // closed when something is added
}

func newLog(path string) *log { return &log{path: path, exists: true} }

func (l *log) name() string {
	if l == nil {
		return ""
	}
	return l.path
}

func (l *log) config() sirdar.StreamInfo {
	i := sirdar.StreamInfo{Logfile: "none", LogfileBackups: 10, LogfileMaxBytes: 50 << 20}
	if l != nil {
		i.Logfile = l.path
	}
	return i
}

func (l *log) append(text string) {
	l.exists = true
	l.data = append(l.data, text...)
	if l.grown != nil {
		close(l.grown)
		l.grown = nil
	}
}

func (l *log) clear() {
	if l != nil {
		l.data = nil
	}
}

// missing is the fault of a log that is not there.
func (l *log) missing() error {
	switch {
	case l == nil:
		return fault(sirdar.NoFile, "")
	case !l.exists:
		return fault(sirdar.NoFile, l.path)
	}
	return nil
}

func (l *log) read(offset, length int64) ([]byte, error) {
	if err := l.missing(); err != nil {
		return nil, err
	}
	size := int64(len(l.data))
	switch {
	case offset < 0 && length != 0 || length < 0:
		return nil, fault(sirdar.BadArguments, "")
	case offset < 0:
		offset = max(0, size+offset)
	}
	end := size
	if length > 0 {
		end = min(size, offset+length)
	}
	return append([]byte{}, l.data[min(offset, size):max(end, min(offset, size))]...), nil
}

func (l *log) tail(offset, length int64) sirdar.Tail {
	if l.missing() != nil {
		return sirdar.Tail{}
	}
	offset, length = max(0, offset), max(0, length)
	size := int64(len(l.data))
	overflow := size > offset+length
	if overflow {
		offset = size - 1
	}
	if offset+length > size {
		if offset > size-1 {
			length = 0
		}
		offset = max(0, size-length)
	}
	end := min(size, offset+length)
	return sirdar.Tail{Bytes: append([]byte{}, l.data[offset:end]...), Offset: size, Overflow: overflow}
}

// follow emits a log as it grows.
func (f *Fake) follow(ctx context.Context, l *log, emit func([]byte) error) error {
	f.mu.Lock()
	err := l.missing()
	if err != nil {
		f.mu.Unlock()
		return err
	}
	f.addFollowers(1)
	defer func() {
		f.mu.Lock()
		f.addFollowers(-1)
		f.mu.Unlock()
	}()
	at := max(0, len(l.data)-1024)
	for first := true; ; first = false {
		at = min(at, len(l.data)) // it was emptied meanwhile
		piece := append([]byte{}, l.data[at:]...)
		at = len(l.data)
		if l.grown == nil {
			l.grown = make(chan struct{})
		}
		grown := l.grown
		f.mu.Unlock()

		if first || len(piece) > 0 {
			if err := emit(piece); err != nil {
				return err
			}
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return ctx.Err()
		}
		f.mu.Lock()
	}
}
