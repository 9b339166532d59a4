package logfile

import (
	"os"
	"syscall"
	"unsafe"
)

// waitWritable waits until a descriptor takes bytes again.
func waitWritable(f *os.File) error {
	conn, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var errno syscall.Errno
	err = conn.Control(func(fd uintptr) {
		const pollout = 4
		p := struct {
			fd              int32
			events, revents int16
		}{int32(fd), pollout, 0}
		// A second at a time, so that Close is noticed.
		timeout := syscall.Timespec{Sec: 1}
		_, _, errno = syscall.Syscall6(syscall.SYS_PPOLL, uintptr(unsafe.Pointer(&p)), 1, uintptr(unsafe.Pointer(&timeout)), 0, 0, 0)
	})
	if err != nil {
		return err
	}
	if errno != 0 && errno != syscall.EINTR {
		return errno
	}
	return nil
}

func dup(fd int) (int, error) {
	n, _, errno := syscall.Syscall(syscall.SYS_FCNTL, uintptr(fd), syscall.F_DUPFD_CLOEXEC, 3)
	if errno != 0 {
		return -1, errno
	}
	return int(n), nil
}
