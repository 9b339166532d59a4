package birthlimit

const prlimit64 = 302 // the system call's number
