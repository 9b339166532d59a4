package signals

import "syscall"

// local are the names that Linux adds. The C library keeps two of the 33
// real-time signals for itself, so the first is 34.
var local = []named{
	{"SIGPOLL", syscall.SIGIO},
	{"SIGIO", syscall.SIGIO},
	{"SIGCLD", syscall.SIGCHLD},
	{"SIGPWR", syscall.SIGPWR},
	{"SIGSTKFLT", 16},
	{"SIGRTMIN", 34},
	{"SIGRTMAX", 64},
}
