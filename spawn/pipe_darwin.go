package spawn

import "syscall"

// openPipe makes a pipe that no child inherits. It returns -1, -1 on failure.
// There is no pipe2 here, so nobody may fork between the two steps.
func openPipe() (r, w int, err error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	var fds [2]int
	if err := syscall.Pipe(fds[:]); err != nil {
		return -1, -1, err
	}
	syscall.CloseOnExec(fds[0])
	syscall.CloseOnExec(fds[1])
	return fds[0], fds[1], nil
}
