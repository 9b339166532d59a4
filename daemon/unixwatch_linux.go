package daemon

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// A socketWatch waits, without looking around from time to time, for its
// listener's socket file to disappear, and brings it back.
//
// While the file is there it watches the file itself: removing it changes its
// number of links, which is an event. So nothing that happens to its neighbours in
// /tmp wakes us. While it is missing, the nearest directory that exists is
// watched, because tidying up may have taken that too.
type socketWatch struct {
	listener *unixListener
	events   *os.File // of inotify
	mark     int      // what is watched now; -1 = nothing
	awaited  string   // the name of interest in the directory that is watched; "" = all that comes
	told     string   // why the file is not back, as told last
	ended    chan struct{}
}

func watchSocketFile(l *unixListener) (io.Closer, error) {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return nil, fmt.Errorf("inotify: %w", err)
	}
	w := &socketWatch{listener: l, events: os.NewFile(uintptr(fd), "inotify"), mark: -1, ended: make(chan struct{})}
	go w.run()
	return w, nil
}

// Close ends the watch and waits until it has ended.
func (w *socketWatch) Close() error {
	err := w.events.Close()
	<-w.ended
	return err
}

// run looks each time after it has begun to watch: what happens in between is an
// event then.
func (w *socketWatch) run() {
	defer close(w.ended)
	for {
		if w.watchFile() && w.listener.isThere() {
			w.told = ""
			if w.wait() != nil {
				return
			}
			continue
		}
		w.watchDirectory()
		switch err := w.listener.bringBack(); {
		case err == nil:
			continue
		case errors.Is(err, net.ErrClosed):
			return
		default:
			w.tell(err)
		}
		if w.wait() != nil {
			return
		}
	}
}

// tell says why the file cannot come back, once for each reason.
func (w *socketWatch) tell(err error) {
	if text := err.Error(); text != w.told {
		w.told = text
		w.listener.say(fmt.Sprintf("the socket file %s was removed by somebody, and cannot be made anew yet: %s",
			w.listener.server.Address, text))
	}
}

func (w *socketWatch) watchFile() bool {
	w.awaited = ""
	return w.watch(w.listener.server.Address, unix.IN_ATTRIB|unix.IN_MOVE_SELF|unix.IN_DELETE_SELF|unix.IN_DONT_FOLLOW)
}

// watchDirectory watches the nearest directory above the file that exists, for
// what leads to the file.
func (w *socketWatch) watchDirectory() {
	const changes = unix.IN_CREATE | unix.IN_MOVED_TO | unix.IN_DELETE | unix.IN_MOVED_FROM |
		unix.IN_ATTRIB | unix.IN_DELETE_SELF | unix.IN_MOVE_SELF | unix.IN_ONLYDIR
	for path := w.listener.server.Address; ; {
		dir, name := filepath.Split(path)
		path = strings.TrimRight(dir, "/")
		w.awaited = name
		if w.watch(filepath.Clean(dir), changes) || path == "" {
			return
		}
	}
}

// watch replaces what is watched.
func (w *socketWatch) watch(path string, events uint32) (ok bool) {
	conn, err := w.events.SyscallConn()
	if err != nil {
		return false
	}
	// Within Control the descriptor cannot be closed and given to another.
	_ = conn.Control(func(fd uintptr) {
		if w.mark >= 0 {
			_, _ = unix.InotifyRmWatch(int(fd), uint32(w.mark)) // EINVAL: it went with its file
			w.mark = -1
		}
		if mark, err := unix.InotifyAddWatch(int(fd), path, events); err == nil {
			w.mark, ok = mark, true
		}
	})
	return ok
}

// wait returns when something happened to what is watched, or with an error when
// the watch was closed.
func (w *socketWatch) wait() error {
	buf := make([]byte, 4096)
	for {
		n, err := w.events.Read(buf)
		if err != nil {
			return err
		}
		if w.concernsUs(buf[:n]) {
			return nil
		}
	}
}

// concernsUs says whether one of the events is of the watch that we have now, and
// about the name that we wait for or the watched thing itself.
func (w *socketWatch) concernsUs(events []byte) bool {
	const header = unix.SizeofInotifyEvent
	for len(events) >= header {
		mark := int(int32(binary.NativeEndian.Uint32(events)))
		mask := binary.NativeEndian.Uint32(events[4:])
		size := int(binary.NativeEndian.Uint32(events[12:]))
		name := string(bytes.TrimRight(events[header:header+size], "\x00"))
		events = events[header+size:]
		switch {
		case mask&unix.IN_Q_OVERFLOW != 0:
			return true // anything may have happened
		case mark == w.mark && (name == "" || name == w.awaited):
			return true
		}
	}
	return false
}
