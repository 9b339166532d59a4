package spawn

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// CloseInherited sees to it that no descriptor that we were started with, other
// than 0, 1 and 2, is passed on to a child. The descriptors themselves stay open:
// somebody may have given us one on purpose, such as a log to write to. To be
// called once, early in main; what we open ourselves is never inherited anyway.
func CloseInherited() {
	if closeOnExecFrom(3) == nil {
		return
	}
	for _, fd := range openDescriptors() {
		if fd > 2 {
			unix.CloseOnExec(fd)
		}
	}
}

// openDescriptors lists what is open; where nothing tells, every number that can
// be.
func openDescriptors() (fds []int) {
	if entries, err := os.ReadDir("/dev/fd"); err == nil { // Linux: a link to /proc/self/fd
		for _, e := range entries {
			if fd, err := strconv.Atoi(e.Name()); err == nil {
				fds = append(fds, fd)
			}
		}
		return fds
	}
	for fd := range 65536 {
		fds = append(fds, fd)
	}
	return fds
}
