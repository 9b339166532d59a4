package logfile

import (
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// isDescriptorName says whether a path names a descriptor of a process rather
// than a file. Such a name is never renamed, removed or rotated, be it a regular
// file that the descriptor leads to.
func isDescriptorName(path string) bool {
	switch path {
	case "/dev/stdin", "/dev/stdout", "/dev/stderr":
		return true
	}
	if n, ok := strings.CutPrefix(path, "/dev/fd/"); ok {
		return isNumber(n)
	}
	rest, ok := strings.CutPrefix(path, "/proc/")
	if !ok {
		return false
	}
	pid, rest, ok := strings.Cut(rest, "/")
	n, isFD := strings.CutPrefix(rest, "fd/")
	return ok && isFD && isNumber(n) && (pid == "self" || isNumber(pid))
}

// ownDescriptor returns which of our own descriptors a path names, -1 if none.
func ownDescriptor(path string) int {
	switch path {
	case "/dev/stdin":
		return 0
	case "/dev/stdout":
		return 1
	case "/dev/stderr":
		return 2
	}
	for _, prefix := range []string{"/dev/fd/", "/proc/self/fd/", "/proc/" + strconv.Itoa(os.Getpid()) + "/fd/"} {
		if n, ok := strings.CutPrefix(path, prefix); ok && isNumber(n) {
			fd, err := strconv.Atoi(n)
			if err == nil {
				return fd
			}
		}
	}
	return -1
}

func isNumber(s string) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return s != ""
}

// openAppend opens a log for appending.
//
// It opens without waiting (O_NONBLOCK): a pipe or terminal that is opened by
// name gets a file description of its own, so that waiting for room costs no
// thread and the other users of the pipe do not notice; on a regular file the
// flag means nothing.
//
// One of our own descriptors is duplicated instead where the name cannot be
// opened (a socket; a pipe or terminal that belongs to another user) and where
// it leads to a regular file: two descriptions with two positions in one file
// would overwrite each other.
func openAppend(path string, flags int, mode os.FileMode) (int, *syscall.Stat_t, error) {
	st := new(syscall.Stat_t)
	own := ownDescriptor(path)
	if own >= 0 {
		if err := syscall.Fstat(own, st); err != nil {
			return -1, nil, err
		}
		if st.Mode&syscall.S_IFMT == syscall.S_IFREG || st.Mode&syscall.S_IFMT == syscall.S_IFSOCK {
			fd, err := dup(own)
			return fd, st, err
		}
		flags = 0
	}
	const how = syscall.O_WRONLY | syscall.O_APPEND | syscall.O_CREAT | syscall.O_CLOEXEC | syscall.O_NOCTTY | syscall.O_NONBLOCK
	fd, err := open(path, how|flags, uint32(mode.Perm()))
	if err != nil && own >= 0 {
		fd, err := dup(own)
		return fd, st, err
	}
	if err != nil {
		return -1, nil, err
	}
	if err := syscall.Fstat(fd, st); err != nil {
		syscall.Close(fd)
		return -1, nil, err
	}
	return fd, st, nil
}

func open(path string, flags int, mode uint32) (fd int, err error) {
	for {
		fd, err = syscall.Open(path, flags, mode)
		if err != syscall.EINTR {
			return fd, err
		}
	}
}

// putPipe writes all of p to something that may have no room, and waits for it.
// A descriptor that is not blocking waits in Go's poller, where it costs no
// thread and ends with Close.
func putPipe(pipe *os.File, p []byte) (n int, err error) {
	for n < len(p) {
		var m int
		m, err = pipe.Write(p[n:])
		n += m
		switch {
		case err == nil:
		case errors.Is(err, syscall.EAGAIN): // a shared descriptor that somebody made non-blocking
			if err := waitWritable(pipe); err != nil {
				return n, err
			}
		case errors.Is(err, io.ErrShortWrite):
		default:
			return n, err
		}
	}
	return n, nil
}
