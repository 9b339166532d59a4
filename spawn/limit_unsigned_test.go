//go:build !freebsd

package spawn

// limitOf is n as the system's Rlimit has it.
func limitOf(n int) uint64 { return uint64(n) }
