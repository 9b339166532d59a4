package logfile

import (
	"errors"
	"io/fs"
	"os"
	"strconv"
	"syscall"
)

// rotate rolls the file over: path.N-1 becomes path.N and so on, path becomes
// path.1, and path is created anew. The descriptor stays open until the new file
// is, so that a rotation that fails loses nothing: the old file grows on.
func (f *File) rotate() error {
	if f.o.Backups <= 0 {
		err := f.replace(syscall.O_TRUNC)
		f.emptied.Add(1)
		return err
	}
	if err := f.shift(); err != nil {
		f.failed = true
		return err
	}
	f.failed = false
	return f.replace(syscall.O_TRUNC)
}

// shift renames the backups and the file.
//
// After a failure backups are shifted only as far as the first gap. Else a file
// that cannot be renamed, where its backups can, would push the backups out one
// by one with every try.
func (f *File) shift() error {
	last := f.o.Backups
	if f.failed {
		last = f.firstGap()
	}
	for i := last - 1; i >= 1; i-- {
		if err := rename(f.backup(i), f.backup(i+1)); err != nil {
			return err
		}
	}
	return rename(f.path, f.backup(1))
}

func (f *File) firstGap() int {
	for i := 1; i < f.o.Backups; i++ {
		if _, err := os.Lstat(f.backup(i)); errors.Is(err, fs.ErrNotExist) {
			return i
		}
	}
	return f.o.Backups
}

func (f *File) backup(i int) string { return f.path + "." + strconv.Itoa(i) }

// rename replaces to by from; that from is missing does not matter.
func rename(from, to string) error {
	if err := os.Rename(from, to); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
