package pytext

import (
	"errors"
	"io/fs"
	"syscall"
	"testing"
)

func TestOSErrorIsPythons(t *testing.T) {
	for _, c := range []struct {
		err  error
		path string
		want string
	}{
		{&fs.PathError{Op: "chdir", Path: "/x", Err: syscall.ENOENT}, "/x", "[Errno 2] No such file or directory: '/x'"},
		{syscall.EACCES, "it's", `[Errno 13] Permission denied: "it's"`},
		{syscall.ESRCH, "", "[Errno 3] No such process"},
		{syscall.EIO, "", "[Errno 5] Input/output error"},
		{errors.New("else"), "/x", "else"},
	} {
		if got := OSError(c.err, c.path); got != c.want {
			t.Errorf("OSError(%v, %q) = %q, want %q", c.err, c.path, got, c.want)
		}
	}
}
