package pytext

import (
	"errors"
	"strconv"
	"strings"
	"syscall"
)

// OSError is what Python's str shows of an OSError about a path:
// "[Errno 2] No such file or directory: '/x'". Without a path that part is left
// out; an error that is not the system's is its own text.
func OSError(err error, path string) string {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return err.Error()
	}
	text := errno.Error() // the C library's, but for the first letter
	text = "[Errno " + strconv.Itoa(int(errno)) + "] " + strings.ToUpper(text[:1]) + text[1:]
	if path != "" {
		text += ": " + Repr(path)
	}
	return text
}
