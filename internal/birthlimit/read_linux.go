//go:build amd64 || arm64 || riscv64 || loong64

package birthlimit

import "unsafe"

// rawSyscall6 is syscall.RawSyscall6, without an import of syscall.
//
//go:linkname rawSyscall6 syscall.RawSyscall6
//go:noescape
func rawSyscall6(trap, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2, errno uintptr)

func read() (soft uint64, ok bool) {
	const noFile = 7 // RLIMIT_NOFILE
	var limit struct{ soft, hard uint64 }
	_, _, errno := rawSyscall6(prlimit64, 0, noFile, 0, uintptr(unsafe.Pointer(&limit)), 0, 0)
	return limit.soft, errno == 0
}
