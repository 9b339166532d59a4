//go:build !darwin

package spawn

import "golang.org/x/sys/unix"

// openPipe makes a pipe that no child inherits. It returns -1, -1 on failure.
func openPipe() (r, w int, err error) {
	var fds [2]int
	if err := unix.Pipe2(fds[:], unix.O_CLOEXEC); err != nil {
		return -1, -1, err
	}
	return fds[0], fds[1], nil
}
