// Package spawn is the only door to the kernel's processes: it starts children
// with pipes on their standard descriptors, sends signals and reaps.
package spawn

import "syscall"

// A Spec says what to start and how. It is ready to be exec'd: the command is
// split and resolved, the environment is complete.
type Spec struct {
	Name        string   // for error texts: the process's name
	Path        string   // the file to exec
	Args        []string // argv; Args[0] is the word as written
	Env         []string // "KEY=value"
	Dir         string   // change here after the user was changed …
	HasDir      bool     // … if set; an empty Dir then fails with ENOENT
	Umask       int      // -1 = inherit
	Cred        *Cred    // nil = stay who we are
	RedirectErr bool     // descriptor 2 is descriptor 1
	Stdin       int      // ≥ 0: a descriptor to give as standard input instead of a pipe; else -1

	way func(*thread, *Spec, []int) (pid int, err error) // for tests: nil = fork
}

// Cred is who the child is to become.
type Cred struct {
	UID, GID int
	Groups   []int
}

// A Born is the answer to a start: the child's pid and our ends of its pipes, or
// an error whose text is Supervisor's spawnerr ("too many open files to spawn 'x'").
type Born struct {
	PID    int
	Stdin  int // our write end, non-blocking; -1 = none
	Stdout int // our read end, non-blocking
	Stderr int // our read end, non-blocking; -1 when redirected
	Err    error
}

// A Death is one reaped child, ours or an orphan that was given to us.
type Death struct {
	PID    int
	Status syscall.WaitStatus
}
