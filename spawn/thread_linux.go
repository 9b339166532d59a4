package spawn

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// newThread prepares the calling thread for starting children: its signal mask,
// which they inherit, is empty, whatever ours was when we were started.
func newThread() *thread {
	var none unix.Sigset_t
	_ = unix.PthreadSigmask(unix.SIG_SETMASK, &none, nil) // cannot fail with these arguments
	return &thread{}
}

// takeUmask gives the thread a umask of its own, so that setting it touches no
// other thread. The thread then no longer sees a change of the process's working
// directory or umask, which happens only in daemonizing, before any child. The
// kernel may refuse: Docker's default seccomp profile does.
func (t *thread) takeUmask() bool {
	if !t.ownUmask && !t.noUmask {
		err := syscall.Unshare(syscall.CLONE_FS)
		t.ownUmask, t.noUmask = err == nil, err != nil
	}
	return t.ownUmask
}
