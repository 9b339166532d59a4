package spawn

// limitOf is n as the system's Rlimit has it.
func limitOf(n int) int64 { return int64(n) }
