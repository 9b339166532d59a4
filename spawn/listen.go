package spawn

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"syscall"

	"github.com/sirdar-project/sirdar/internal/pytext"
)

// A Socket is a listening socket to be given to children as their standard input.
type Socket struct {
	Network string // "tcp" or "unix"
	Address string // host:port, or an absolute path
	Mode    uint32 // of the unix socket's file
	UID     int    // of its owner; -1 = unchanged
	GID     int
	Backlog int // connections that may wait; 0 = as many as the system allows
}

// Listen opens the socket and returns its descriptor, which no child inherits by
// itself. It may block: a host's name has to be found. A socket file that is in the
// way is removed, as Supervisor does; anything else is left alone. The texts of
// errors are Supervisor's.
func (s *Socket) Listen() (fd int, err error) {
	if s.Network == "unix" {
		fd, err = s.bindUnix()
	} else {
		fd, err = s.bindTCP()
	}
	if err != nil {
		return -1, err
	}
	backlog := s.Backlog
	if backlog == 0 {
		backlog = mostWaiting
	}
	if err := syscall.Listen(fd, backlog); err != nil {
		syscall.Close(fd)
		return -1, systemError(err)
	}
	return fd, nil
}

// mostWaiting is the longest queue of connections that can be asked for. The
// system cuts it to what it allows.
const mostWaiting = 4096

// NewSocket makes a stream socket that no child inherits.
func NewSocket(domain int) (int, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	fd, err := syscall.Socket(domain, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(fd)
	}
	return fd, err
}

func (s *Socket) bindTCP() (int, error) {
	addr, err := net.ResolveTCPAddr("tcp4", s.Address)
	if err != nil {
		return -1, err
	}
	fd, err := NewSocket(syscall.AF_INET)
	if err != nil {
		return -1, systemError(err)
	}
	at := &syscall.SockaddrInet4{Port: addr.Port}
	copy(at.Addr[:], addr.IP.To4())
	err = syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1)
	if err == nil {
		err = syscall.Bind(fd, at)
	}
	if err != nil {
		syscall.Close(fd)
		return -1, systemError(err)
	}
	return fd, nil
}

func (s *Socket) bindUnix() (int, error) {
	if len(s.Address) >= len(syscall.RawSockaddrUnix{}.Path) {
		return -1, errors.New("AF_UNIX path too long")
	}
	if err := s.clear(); err != nil {
		return -1, err
	}
	fd, err := NewSocket(syscall.AF_UNIX)
	if err != nil {
		return -1, systemError(err)
	}
	if err := syscall.Bind(fd, &syscall.SockaddrUnix{Name: s.Address}); err != nil {
		syscall.Close(fd)
		return -1, systemError(err)
	}
	// Nobody can connect before it listens, so nobody sees it unprotected.
	if err := s.protect(); err != nil {
		syscall.Close(fd)
		os.Remove(s.Address)
		return -1, err
	}
	return fd, nil
}

// clear removes the socket file that is in the way.
func (s *Socket) clear() error {
	there, err := os.Stat(s.Address)
	switch {
	case err != nil:
		return nil // nothing is there, or binding will tell what is wrong
	case there.Mode().Type() != fs.ModeSocket:
		return fmt.Errorf("%s exists and is not a socket: remove it, or set another socket", s.Address)
	}
	if err := os.Remove(s.Address); err != nil {
		return errors.New(pytext.OSError(err, s.Address))
	}
	return nil
}

// protect gives the socket's file its owner and mode.
func (s *Socket) protect() error {
	if s.UID != -1 || s.GID != -1 {
		if err := syscall.Chown(s.Address, s.UID, s.GID); err != nil {
			return fmt.Errorf("Could not change ownership of socket file: %s", pytext.OSError(err, s.Address))
		}
	}
	if err := syscall.Chmod(s.Address, s.Mode); err != nil {
		return fmt.Errorf("Could not change permissions of socket file: %s", pytext.OSError(err, s.Address))
	}
	return nil
}

// systemError is an error in Python's words.
func systemError(err error) error { return errors.New(pytext.OSError(err, "")) }
