//go:build darwin || freebsd || netbsd || openbsd || dragonfly

package config

import "syscall"

// signals are the names that Python's signal module has on the BSDs.
var signals = map[string]syscall.Signal{
	"SIGABRT":     syscall.SIGABRT,
	"SIGALRM":     syscall.SIGALRM,
	"SIGBUS":      syscall.SIGBUS,
	"SIGCHLD":     syscall.SIGCHLD,
	"SIGCONT":     syscall.SIGCONT,
	"SIGEMT":      syscall.SIGEMT,
	"SIGFPE":      syscall.SIGFPE,
	"SIGHUP":      syscall.SIGHUP,
	"SIGILL":      syscall.SIGILL,
	"SIGINFO":     syscall.SIGINFO,
	"SIGINT":      syscall.SIGINT,
	"SIGIO":       syscall.SIGIO,
	"SIGIOT":      syscall.SIGABRT,
	"SIGKILL":     syscall.SIGKILL,
	"SIGPIPE":     syscall.SIGPIPE,
	"SIGPROF":     syscall.SIGPROF,
	"SIGQUIT":     syscall.SIGQUIT,
	"SIGSEGV":     syscall.SIGSEGV,
	"SIGSTOP":     syscall.SIGSTOP,
	"SIGSYS":      syscall.SIGSYS,
	"SIGTERM":     syscall.SIGTERM,
	"SIGTRAP":     syscall.SIGTRAP,
	"SIGTSTP":     syscall.SIGTSTP,
	"SIGTTIN":     syscall.SIGTTIN,
	"SIGTTOU":     syscall.SIGTTOU,
	"SIGURG":      syscall.SIGURG,
	"SIGUSR1":     syscall.SIGUSR1,
	"SIGUSR2":     syscall.SIGUSR2,
	"SIGVTALRM":   syscall.SIGVTALRM,
	"SIGWINCH":    syscall.SIGWINCH,
	"SIGXCPU":     syscall.SIGXCPU,
	"SIGXFSZ":     syscall.SIGXFSZ,
	"SIG_BLOCK":   1,
	"SIG_DFL":     0,
	"SIG_IGN":     1,
	"SIG_SETMASK": 3,
	"SIG_UNBLOCK": 2,
}
