package spawn

import (
	"errors"
	"os"
	"syscall"

	"github.com/sirdar-project/sirdar/internal/pytext"
)

// A thread is a starting thread: the calling goroutine is locked to it.
type thread struct {
	ownUmask bool // its umask is its own
	noUmask  bool // it was refused one
}

// start brings one child into the world, or says why not.
func (t *thread) start(spec *Spec) Born {
	p, err := openPipes(spec)
	if err != nil {
		return failed(pipeError(spec.Name, err))
	}
	way := (*thread).fork
	if spec.way != nil {
		way = spec.way
	}
	pid, err := way(t, spec, p.child[:])
	p.closeChildEnds(spec)
	if err != nil {
		p.closeOurEnds()
		return failed(forkError(spec.Name, err))
	}
	return Born{PID: pid, Stdin: p.ours[0], Stdout: p.ours[1], Stderr: p.ours[2]}
}

// fork makes the child: directly where it can, by way of the stub where only a
// child itself can do what is asked, or can say why it cannot be done.
func (t *thread) fork(spec *Spec, files []int) (pid int, err error) {
	if t.canDirectly(spec) {
		pid, err = t.direct(spec, files)
		if err == nil || tooManyFiles(err) {
			return pid, err
		}
	}
	return startStub(spec, files)
}

// canDirectly says whether the start may succeed without the stub.
func (t *thread) canDirectly(spec *Spec) bool {
	switch {
	case spec.HasDir && spec.Dir == "":
		return false // fails, but ForkExec would take it for no directory
	case spec.Cred != nil && spec.Cred.UID != os.Getuid() && os.Getuid() != 0:
		return false // fails, with Supervisor's words
	case spec.Umask >= 0:
		return t.takeUmask()
	}
	return true
}

// direct forks and execs in one go. Whatever fails, the child is gone when it
// returns, and has left no trace.
func (t *thread) direct(spec *Spec, files []int) (pid int, err error) {
	if spec.Umask >= 0 {
		before := syscall.Umask(spec.Umask)
		defer syscall.Umask(before)
	}
	attr := &syscall.ProcAttr{
		Env:   spec.Env,
		Files: []uintptr{uintptr(files[0]), uintptr(files[1]), uintptr(files[2])},
		Sys:   &syscall.SysProcAttr{Setpgid: true, Credential: spec.Cred.credential()},
	}
	if spec.HasDir {
		attr.Dir = spec.Dir
	}
	return syscall.ForkExec(spec.Path, spec.Args, attr)
}

// credential says who a child is to become; nil = nothing is to be done. A child
// that is to be who we are keeps all of our groups, as with Supervisor.
func (c *Cred) credential() *syscall.Credential {
	if c == nil || c.UID == os.Getuid() {
		return nil
	}
	groups := make([]uint32, len(c.Groups))
	for i, g := range c.Groups {
		groups[i] = uint32(g)
	}
	return &syscall.Credential{Uid: uint32(c.UID), Gid: uint32(c.GID), Groups: groups}
}

// failed is the Born of a child that is not.
func failed(err error) Born {
	return Born{Stdin: -1, Stdout: -1, Stderr: -1, Err: err}
}

// tooManyFiles says whether an error means that descriptors have run out. EBADF
// does too: it is dup's answer when the next number lies above the limit.
func tooManyFiles(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.EBADF)
}

// pipeError is the spawnerr of a child for which no pipes could be made.
func pipeError(name string, err error) error {
	if tooManyFiles(err) {
		return errors.New("too many open files to spawn " + pytext.Repr(name))
	}
	return errors.New("unknown error making dispatchers for " + pytext.Repr(name) + ": " + ErrnoName(err))
}

// forkError is the spawnerr of a child that could not be forked.
func forkError(name string, err error) error {
	switch {
	case errors.Is(err, syscall.EAGAIN):
		return errors.New("Too many processes in process table to spawn " + pytext.Repr(name))
	case tooManyFiles(err):
		return pipeError(name, err)
	}
	return errors.New("unknown error during fork for " + pytext.Repr(name) + ": " + ErrnoName(err))
}
