// Package birthlimit knows the soft limit of descriptors that this process was
// started with.
//
// Go's package syscall raises that limit as far as it goes before anything of ours
// runs, gives the first one back to children, and tells it to nobody. Supervisor's
// minfds= is about the first one. So this package looks before syscall does: it
// imports nothing, and by the language's rule packages are initialized in the order
// of their paths as soon as what they import is, hence before "syscall". That is why
// it must never import anything.
package birthlimit

// soft is the limit; ok says whether it could be read.
var soft, ok = read()

// NoFile returns the soft limit of open files that the process was started with,
// or false where there is no way to know it: then nothing but what Go made of it
// can be seen.
func NoFile() (limit uint64, known bool) { return soft, ok }
