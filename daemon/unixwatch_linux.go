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
// /tmp wakes us. While it is missing, all directories that lead to it are watched,
// each for the next one, because tidying up may have taken them too; a directory's
// own end is no use, for it is told late or never while the kernel remembers a name
// in it.
type socketWatch struct {
	listener *unixListener
	events   *os.File       // of inotify
	awaited  map[int]string // what is watched now, with the name of interest in it; "" = itself
	told     string         // why the file is not back, as told last
	ended    chan struct{}
}

func watchSocketFile(l *unixListener) (io.Closer, error) {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return nil, fmt.Errorf("inotify: %w", err)
	}
	w := &socketWatch{listener: l, events: os.NewFile(uintptr(fd), "inotify"), ended: make(chan struct{})}
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
			if w.wait() != nil {
				return
			}
			continue
		}
		w.watchDirectories()
		switch err := w.listener.bringBack(); {
		case err == nil:
			w.told = ""
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

// watchFile watches the file itself; false = it is not there.
func (w *socketWatch) watchFile() (ok bool) {
	w.rewatch(func(watch func(path, name string, events uint32) error) {
		ok = watch(w.listener.server.Address, "", unix.IN_ATTRIB|unix.IN_MOVE_SELF|unix.IN_DELETE_SELF|unix.IN_DONT_FOLLOW) == nil
	})
	return ok
}

// watchDirectories watches the directories that lead to the file, down to the
// first that is missing: from the top, so that what happens to one while we are at
// it is an event of the one above.
func (w *socketWatch) watchDirectories() {
	const changes = unix.IN_CREATE | unix.IN_MOVED_TO | unix.IN_DELETE | unix.IN_MOVED_FROM | unix.IN_ATTRIB | unix.IN_ONLYDIR
	w.rewatch(func(watch func(path, name string, events uint32) error) {
		dir := "/"
		for name := range strings.SplitSeq(strings.Trim(w.listener.server.Address, "/"), "/") {
			if watch(dir, name, changes) == unix.ENOENT {
				return
			}
			dir = filepath.Join(dir, name)
		}
	})
}

// rewatch replaces what is watched by what add asks for.
func (w *socketWatch) rewatch(add func(watch func(path, name string, events uint32) error)) {
	conn, err := w.events.SyscallConn()
	if err != nil {
		return
	}
	// Within Control the descriptor cannot be closed and given to another.
	_ = conn.Control(func(fd uintptr) {
		for mark := range w.awaited {
			_, _ = unix.InotifyRmWatch(int(fd), uint32(mark)) // EINVAL: it went with what it watched
		}
		w.awaited = make(map[int]string)
		add(func(path, name string, events uint32) error {
			mark, err := unix.InotifyAddWatch(int(fd), path, events)
			if err == nil {
				w.awaited[mark] = name
			}
			return err
		})
	})
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

// concernsUs says whether one of the events is about something that we wait for.
func (w *socketWatch) concernsUs(events []byte) bool {
	const header = unix.SizeofInotifyEvent
	for len(events) >= header {
		mark := int(int32(binary.NativeEndian.Uint32(events)))
		mask := binary.NativeEndian.Uint32(events[4:])
		size := int(binary.NativeEndian.Uint32(events[12:]))
		name := string(bytes.TrimRight(events[header:header+size], "\x00"))
		events = events[header+size:]
		if mask&unix.IN_Q_OVERFLOW != 0 {
			return true // anything may have happened
		}
		if awaited, ok := w.awaited[mark]; ok && (name == "" || name == awaited) {
			return true
		}
	}
	return false
}
