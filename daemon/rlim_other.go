//go:build !freebsd

package daemon

// An rlim is a number in a syscall.Rlimit.
type rlim = uint64

func limitNumber[T int | uint64](n T) rlim { return rlim(n) }
