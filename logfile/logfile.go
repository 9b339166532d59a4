// Package logfile holds where output ends: log files that rotate, reopen,
// clear, can be read and followed, and that look after themselves in trouble;
// syslog; the daemon's own log in Supervisor's format.
//
// The rule for trouble: a program must never feel that its log is ill. A
// directory that was removed, a full disk or a broken pipe costs the bytes that
// could not be written and nothing else. The file says so at most once a minute,
// tries again with every write, and goes on by itself when the trouble is over.
package logfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Options say how a File behaves. The zero Options never rotate and are silent
// about trouble.
type Options struct {
	// MaxBytes is the size from which the file is rolled over; 0 or less is
	// never. It is looked at after each write, so that a file exceeds it by one
	// write at most.
	MaxBytes int64

	// Backups is how many rolled files are kept, as path.1 (the newest) to
	// path.N. With 0 the file is truncated instead, and its content is lost.
	Backups int

	// Mode is the permission of a file that is created, before umask; 0 means
	// 0666.
	Mode os.FileMode

	// Warn is told about trouble and its end, at most once a minute each. It is
	// called without any lock held, by whoever wrote. Nil means nobody listens.
	Warn func(text string)

	// Now is the clock for "once a minute"; nil means time.Now.
	Now func() time.Time

	// Budget, if not nil, is shared by several files and bounds how many
	// descriptors they hold together.
	Budget *Budget
}

// A File is a log that is appended to: a regular file that may rotate, or
// something that only takes bytes, such as a pipe, a terminal or /dev/stdout,
// which never rotates.
//
// It may be used by several goroutines at once. Reopen and Close never wait for a
// write that hangs: what they ask for is then done by the writer as soon as it can.
type File struct {
	path    string
	o       Options
	changed atomic.Pointer[chan struct{}]
	emptied atomic.Uint32 // how often a file was truncated in place by us
	pending atomic.Uint32 // asked for while the lock was held: askReopen, askClose
	pipe    atomic.Pointer[os.File]

	mu     sync.Mutex
	open   bool  // between Open and Close
	fd     int   // the regular file; -1 while there is none
	size   int64 // of the regular file, before the write at hand
	stale  bool  // open path by its name before the next write
	failed bool  // the last rotation failed half-way

	trouble trouble
	note    string // to be told to Warn when the lock is released
	shelf   shelf
}

const (
	askReopen = 1 << iota
	askClose
)

// New returns the File for a path. Nothing is opened yet.
func New(path string, o Options) *File {
	if o.Mode == 0 {
		o.Mode = 0o666
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &File{path: path, o: o, fd: -1}
}

// Path returns the name that New was given.
func (f *File) Path() string { return f.path }

// Open opens the file for appending and creates it if it is missing. Its error
// is an [*fs.PathError] that holds the errno; the caller should not start the
// program then. Opening an open file does nothing.
func (f *File) Open() error {
	f.mu.Lock()
	defer f.unlock()

	if f.open {
		return nil
	}
	if err := f.openByName(0); err != nil {
		return err
	}
	f.open = true
	if f.fd >= 0 {
		f.o.Budget.used(f)
	}
	return nil
}

// Write appends p as it is, unbuffered, and then rolls the file over if it has
// reached MaxBytes.
//
// The result is always len(p) and nil, whatever became of the bytes, because a
// caller who stops draining a program's output on an error would block or kill
// the program. The one error is [fs.ErrClosed]: the file was not open.
func (f *File) Write(p []byte) (int, error) {
	f.mu.Lock()
	if !f.open {
		f.unlock()
		return 0, &fs.PathError{Op: "write", Path: f.path, Err: fs.ErrClosed}
	}
	f.write(p)
	f.unlock()
	f.announce()
	return len(p), nil
}

// Reopen closes the file and opens it by its name again, as SIGUSR2 asks for: a
// file that was renamed or removed is created anew. If that fails the old file is
// kept in use and every write tries again. A file that is not open stays so.
func (f *File) Reopen() {
	f.ask(askReopen)
}

// Close closes the file. A write that waits for room in a pipe is abandoned, unless
// the pipe could not be opened by its name and is blocking: then the file is closed
// when the write has ended.
func (f *File) Close() {
	f.pending.Or(askClose)
	if pipe := f.pipe.Load(); pipe != nil {
		pipe.Close() // wakes a writer that waits for room
	}
	f.ask(askClose)
}

// Clear empties the log. An open file is removed and created anew, as Supervisor
// does it; the log of a program that does not run is truncated, where Supervisor
// does nothing. Backups stay. A missing file is no error; pipes and the like are
// left alone. Clear waits for a write that is under way.
func (f *File) Clear() error {
	if f.pipe.Load() != nil || isDescriptorName(f.path) {
		return nil
	}
	f.mu.Lock()
	err := f.clear()
	f.unlock()
	f.announce()
	return err
}

func (f *File) clear() error {
	if !f.open {
		info, err := os.Stat(f.path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil && !info.Mode().IsRegular() {
			return nil
		}
		if err := os.Truncate(f.path, 0); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		f.emptied.Add(1)
		return nil
	}
	if err := os.Remove(f.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := f.replace(0); err != nil {
		f.fail("open", err, 0)
		return err
	}
	return nil
}

// ask leaves a request and does it at once if nobody holds the lock; else the
// holder does it when it lets go.
func (f *File) ask(what uint32) {
	f.pending.Or(what)
	if f.mu.TryLock() {
		f.doPending()
		f.unlock()
	}
	f.announce()
}

func (f *File) doPending() {
	asked := f.pending.Swap(0)
	if asked&askReopen != 0 && f.open && f.pipe.Load() == nil {
		if err := f.replace(0); err != nil {
			f.fail("reopen", err, 0)
		}
	}
	if asked&askClose != 0 {
		f.open = false
		f.release()
	}
}

// unlock lets go of the lock, does what was asked for meanwhile, and passes on
// what there is to warn of. Whoever asks sets pending before it tries the lock,
// and unlock looks at pending after it has let go: no request is overlooked.
func (f *File) unlock() {
	for {
		note := f.note
		f.note = ""
		f.mu.Unlock()
		if note != "" && f.o.Warn != nil {
			f.o.Warn(note)
		}
		if f.pending.Load() == 0 || !f.mu.TryLock() {
			return
		}
		f.doPending()
	}
}

// write does the work of Write.
func (f *File) write(p []byte) {
	if err := f.ready(); err != nil {
		f.fail("open", err, len(p))
		return
	}
	n, err := f.put(p)
	if err != nil {
		f.stale = f.stale || f.fd >= 0 && heals(err)
		f.fail("write", err, len(p)-n)
		return
	}
	f.size += int64(n)
	if f.o.MaxBytes > 0 && f.fd >= 0 && f.size >= f.o.MaxBytes && !f.stale {
		if err := f.rotate(); err != nil {
			f.fail("rotate", err, 0)
			return
		}
	}
	if !f.stale {
		f.well()
	}
}

// ready sees to it that there is something to write to, and learns its size.
//
// The fstat before each write costs about 0.2 µs, against several for the write
// and the wake-up before it. It finds a deleted log before a byte is lost in it,
// and counts what others wrote or truncated. A log that was only renamed is
// written on until Reopen, as with Supervisor.
func (f *File) ready() error {
	if f.pipe.Load() != nil {
		return nil
	}
	if f.fd >= 0 {
		f.o.Budget.used(f)
		var st syscall.Stat_t
		if err := syscall.Fstat(f.fd, &st); err == nil && st.Nlink > 0 {
			f.size = st.Size
			if f.stale {
				if err := f.replace(0); err != nil { // the old one still takes bytes
					f.fail("reopen", err, 0)
				}
			}
			return nil
		}
	}
	if err := f.replace(0); err != nil {
		f.release() // a deleted file only eats disk space
		return err
	}
	return nil
}

// replace opens path anew and lets go of what was open. If it fails nothing has
// changed but that it will be tried again.
func (f *File) replace(flags int) error {
	old := f.fd
	if err := f.openByName(flags); err != nil {
		f.stale = true
		return err
	}
	f.stale = false
	if old >= 0 {
		syscall.Close(old)
	}
	if f.fd >= 0 {
		f.o.Budget.used(f)
	}
	return nil
}

// openByName opens path for appending, a regular file as a bare descriptor, all
// else as a pipe.
func (f *File) openByName(flags int) error {
	fd, st, err := openAppend(f.path, flags, f.o.Mode)
	if (err == syscall.EMFILE || err == syscall.ENFILE) && f.o.Budget.spare(f) {
		fd, st, err = openAppend(f.path, flags, f.o.Mode)
	}
	if err != nil {
		return &fs.PathError{Op: "open", Path: f.path, Err: err}
	}
	if st.Mode&syscall.S_IFMT == syscall.S_IFREG && !isDescriptorName(f.path) {
		f.fd, f.size = fd, st.Size
		return nil
	}
	f.fd = -1
	f.pipe.Store(os.NewFile(uintptr(fd), f.path))
	return nil
}

// release closes what is open.
func (f *File) release() {
	f.releaseFile()
	if pipe := f.pipe.Swap(nil); pipe != nil {
		pipe.Close()
	}
}

func (f *File) releaseFile() {
	if f.fd >= 0 {
		syscall.Close(f.fd)
		f.fd = -1
	}
	f.o.Budget.closed(f)
}

// put writes all of p or says how much of it went out.
func (f *File) put(p []byte) (n int, err error) {
	if pipe := f.pipe.Load(); pipe != nil {
		return putPipe(pipe, p)
	}
	for n < len(p) {
		m, err := syscall.Write(f.fd, p[n:])
		switch {
		case err == syscall.EINTR:
		case err != nil:
			return n, err
		case m == 0:
			return n, syscall.EIO
		default:
			n += m
		}
	}
	return n, nil
}

// heals says whether an error of a write may be gone when the file is opened
// anew. A full disk is not such an error.
func heals(err error) bool {
	return !errors.Is(err, syscall.ENOSPC) && !errors.Is(err, syscall.EDQUOT) && !errors.Is(err, syscall.EFBIG)
}

// Changed returns a channel that is closed when the log next changes: a write,
// a rotation, a clear. Ask before you read. It costs nothing while nobody asks.
func (f *File) Changed() <-chan struct{} {
	for {
		if c := f.changed.Load(); c != nil {
			return *c
		}
		c := make(chan struct{})
		if f.changed.CompareAndSwap(nil, &c) {
			return c
		}
	}
}

func (f *File) announce() {
	if f.changed.Load() == nil {
		return
	}
	if c := f.changed.Swap(nil); c != nil {
		close(*c)
	}
}

// trouble is what a File remembers of failures.
type trouble struct {
	now     bool      // the last thing tried failed
	said    bool      // and it was told
	lost    int64     // bytes dropped and not yet told of
	warned  time.Time // the last warning
	started bool      // warned is set
}

// quiet is how long a File keeps silent after a warning.
const quiet = time.Minute

func (f *File) mayWarn() bool {
	t := &f.trouble
	return !t.started || f.o.Now().Sub(t.warned) >= quiet
}

func (f *File) warn(text string) {
	f.trouble.warned, f.trouble.started = f.o.Now(), true
	f.note = text
}

// fail notes that something did not work and that bytes were dropped for it.
func (f *File) fail(verb string, err error, dropped int) {
	if errors.Is(err, fs.ErrClosed) {
		return // by our Close, while it waited for room
	}
	t := &f.trouble
	t.now = true
	t.lost += int64(dropped)
	if !f.mayWarn() {
		return
	}
	t.said = true
	cause := err
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		cause = pathErr.Err
	}
	var linkErr *os.LinkError
	if errors.As(err, &linkErr) {
		cause = linkErr.Err
	}
	text := fmt.Sprintf("cannot %s log %q: %v", verb, f.path, cause)
	var errno syscall.Errno
	if errors.As(err, &errno) {
		text += fmt.Sprintf(" (errno %d)", int(errno))
	}
	if t.lost > 0 {
		text += fmt.Sprintf("; %d bytes dropped so far, each write tries again", t.lost)
	}
	f.warn(text)
}

// well notes that everything works.
func (f *File) well() {
	t := &f.trouble
	if !t.now && t.lost == 0 {
		return
	}
	t.now = false
	if !t.said && (t.lost == 0 || !f.mayWarn()) {
		return
	}
	text := fmt.Sprintf("log %q works again; %d bytes were dropped", f.path, t.lost)
	if t.said {
		f.note = text // the end of what was told is always told
	} else {
		f.warn(text)
	}
	t.said, t.lost = false, 0
}
