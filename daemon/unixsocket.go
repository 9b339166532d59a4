package daemon

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/user"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/sirdar-project/sirdar/config"
	"github.com/sirdar-project/sirdar/spawn"
)

// A unixListener is a listener on a unix socket that outlives its socket file:
// when the file is removed, a new one is made, and Accept goes on with that.
type unixListener struct {
	server config.Server
	say    func(string)
	watch  io.Closer // sees to it that bringBack is called

	mu      sync.Mutex
	current *net.UnixListener
	file    os.FileInfo // the socket file that is ours
	closed  bool
}

// listenUnix opens a server's unix socket.
func listenUnix(s config.Server, say func(string)) (net.Listener, error) {
	l := &unixListener{server: s, say: say}
	var err error
	l.current, l.file, err = bindUnix(s, say)
	if err != nil {
		return nil, err
	}
	if l.watch, err = watchSocketFile(l); err != nil {
		say(fmt.Sprintf("the socket file %s will not be made anew if it is removed: %v", s.Address, err))
	}
	return l, nil
}

// Accept waits for the next connection, on whatever socket is the current one.
func (l *unixListener) Accept() (net.Conn, error) {
	for {
		current := l.socket()
		conn, err := current.Accept()
		if err == nil || current == l.socket() {
			return conn, err
		}
	}
}

func (l *unixListener) socket() *net.UnixListener {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.current
}

// Close ends listening and removes the socket file, unless it is another's by now.
func (l *unixListener) Close() error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return net.ErrClosed
	}
	l.closed = true
	l.mu.Unlock()
	if l.watch != nil {
		l.watch.Close()
	}
	if l.isThere() {
		os.Remove(l.server.Address)
	}
	return l.current.Close()
}

// Addr returns the socket's path.
func (l *unixListener) Addr() net.Addr {
	return &net.UnixAddr{Name: l.server.Address, Net: "unix"}
}

// isThere says whether the socket file is where it should be.
func (l *unixListener) isThere() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	there, err := os.Lstat(l.server.Address)
	return err == nil && os.SameFile(there, l.file)
}

// bringBack makes the socket file anew when there is nothing in its place. What
// somebody else has put there is his: then we wait until it is gone.
func (l *unixListener) bringBack() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return net.ErrClosed
	}
	if _, err := os.Lstat(l.server.Address); err == nil {
		return fs.ErrExist
	}
	next, file, err := bindUnix(l.server, l.say)
	if err != nil {
		return err
	}
	before := l.current
	l.current, l.file = next, file
	before.Close() // its Accept goes on with the next one
	l.say(fmt.Sprintf("the socket file %s was removed by somebody, and made anew", l.server.Address))
	return nil
}

var errPathTooLong = errors.New("AF_UNIX path too long")

// backlog is how many connections may wait to be accepted.
const backlog = 1024

// bindUnix makes a socket that listens, under a name of its own, and then puts it
// in its place: nobody can connect to one that is not ready or not protected yet,
// and of two daemons that start at the same time only one can win.
func bindUnix(s config.Server, say func(string)) (*net.UnixListener, os.FileInfo, error) {
	temporary := s.Address + "." + strconv.Itoa(os.Getpid())
	if len(temporary) >= len(syscall.RawSockaddrUnix{}.Path) {
		return nil, nil, listenError(errPathTooLong)
	}
	if info, err := os.Lstat(temporary); err == nil && info.Mode().Type() == fs.ModeSocket {
		os.Remove(temporary) // of a predecessor that died in between
	}
	l, err := socketAt(temporary, s)
	if err != nil {
		return nil, nil, err
	}
	defer os.Remove(temporary)
	file, err := os.Lstat(temporary)
	if err == nil {
		err = putInPlace(temporary, s.Address, say)
	}
	if err != nil {
		l.Close()
		return nil, nil, err
	}
	return l, file, nil
}

// socketAt makes a listening socket with the mode and owner of a server.
func socketAt(path string, s config.Server) (*net.UnixListener, error) {
	fd, err := spawn.NewSocket(syscall.AF_UNIX)
	if err != nil {
		return nil, listenError(err)
	}
	f := os.NewFile(uintptr(fd), path)
	defer f.Close()
	if err := syscall.Bind(fd, &syscall.SockaddrUnix{Name: path}); err != nil {
		return nil, listenError(err)
	}
	if err = syscall.Chmod(path, s.Mode); err == nil {
		err = own(path, s)
	}
	if err == nil {
		err = syscall.Listen(fd, backlog)
	}
	if err != nil {
		os.Remove(path)
		return nil, listenError(err)
	}
	l, err := net.FileListener(f)
	if err != nil {
		os.Remove(path)
		return nil, listenError(err)
	}
	unix := l.(*net.UnixListener)
	unix.SetUnlinkOnClose(false) // it knows the temporary name only
	return unix, nil
}

// A chownError says that a socket file may not be given to its owner.
type chownError struct{ text string }

func (e *chownError) Error() string { return e.text }

// own gives a socket file to its owner.
func own(path string, s config.Server) error {
	if s.UID == -1 && s.GID == -1 {
		return nil
	}
	err := syscall.Chown(path, s.UID, s.GID)
	if err != syscall.EPERM {
		return err
	}
	return &chownError{fmt.Sprintf(`Not permitted to chown %s to uid/gid (%d, %d); adjust "sockchown" value in config file or on command line to values that the current user (%s) can successfully chown`,
		s.Address, s.UID, s.GID, effectiveUser())}
}

func effectiveUser() string {
	uid := strconv.Itoa(os.Geteuid())
	if u, err := user.LookupId(uid); err == nil {
		return u.Username
	}
	return uid
}

// putInPlace gives a socket its real name. A socket of that name to which nobody
// listens any more is removed; one that is in use is an error, and so is anything
// that is no socket, which Supervisor would have deleted.
func putInPlace(temporary, path string, say func(string)) error {
	for {
		err := os.Link(temporary, path)
		if err == nil {
			return nil
		}
		there, statErr := os.Stat(path) // through a symbolic link
		switch {
		case statErr != nil && !errors.Is(err, fs.ErrExist):
			return moveInPlace(temporary, path, err)
		case statErr == nil && there.Mode().Type() != fs.ModeSocket:
			return fmt.Errorf("Cannot open an HTTP server: %s exists and is not a socket.  "+ //nolint:staticcheck // like its neighbours
				"Remove it, or set another file for the server.", path)
		case statErr == nil && isUsed(path):
			return errInUse
		}
		say("Unlinking stale socket " + path)
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return listenError(err)
		}
	}
}

// moveInPlace is for file systems that know no hard links.
func moveInPlace(temporary, path string, linkErr error) error {
	if os.Rename(temporary, path) != nil {
		return listenError(linkErr)
	}
	return nil
}

// isUsed says whether somebody listens to a socket. Only a clear refusal means
// that nobody does: what we may not connect to, or what is too busy to take us, is
// alive.
func isUsed(path string) bool {
	conn, err := net.DialTimeout("unix", path, 5*time.Second)
	if err != nil {
		return !errors.Is(err, syscall.ECONNREFUSED) && !errors.Is(err, syscall.ENOENT)
	}
	conn.Close()
	return true
}
