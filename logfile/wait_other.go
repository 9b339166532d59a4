//go:build !linux

package logfile

import (
	"os"
	"syscall"
	"time"
)

// waitWritable waits a moment; it is met only where a shared descriptor was made
// non-blocking by somebody else after it was opened.
func waitWritable(*os.File) error {
	time.Sleep(10 * time.Millisecond)
	return nil
}

func dup(fd int) (int, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	n, err := syscall.Dup(fd)
	if err == nil {
		syscall.CloseOnExec(n)
	}
	return n, err
}
