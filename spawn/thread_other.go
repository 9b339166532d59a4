//go:build !linux

package spawn

func newThread() *thread { return &thread{} }

// takeUmask fails: here a umask belongs to the whole process, so the stub sets it.
func (t *thread) takeUmask() bool { return false }
