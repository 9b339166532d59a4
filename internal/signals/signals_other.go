//go:build !linux

package signals

import "syscall"

// local are the names that the BSDs add.
var local = []named{
	{"SIGIO", syscall.SIGIO},
	{"SIGEMT", syscall.SIGEMT},
	{"SIGINFO", syscall.SIGINFO},
}
