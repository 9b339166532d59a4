//go:build !linux || !(amd64 || arm64 || riscv64 || loong64)

package birthlimit

func read() (soft uint64, ok bool) { return 0, false }
