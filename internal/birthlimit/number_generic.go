//go:build arm64 || riscv64 || loong64

package birthlimit

const prlimit64 = 261 // the system call's number
