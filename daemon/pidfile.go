package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"syscall"

	"github.com/sirdar-project/sirdar"
)

// A Pidfile is the file that holds our process number. It is locked while we
// live, so that a second supervisord with the same configuration notices us even
// when there is no server whose port would be taken.
//
// What is no regular file (pidfile=/dev/null is seen in containers) is not locked:
// others share it.
type Pidfile struct {
	path string
	held *os.File // open and locked; nil = not yet, or not a regular file
	ours bool     // we have written it
}

// ClaimPidfile looks whether another supervisord holds a pidfile: that is an
// error, which ends the start before anything of the other's was touched. Nothing
// is written yet, and a file that does not exist is not made.
func ClaimPidfile(path string) (*Pidfile, error) {
	p := &Pidfile{path: path}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return p, nil // Write will tell whether that matters
	}
	return p, p.hold(f)
}

// Path returns the file's path.
func (p *Pidfile) Path() string { return p.path }

// hold takes an open file as the one to keep, unless another process has locked it.
func (p *Pidfile) hold(f *os.File) error {
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return errors.Join(err, f.Close())
	}
	if p.held != nil {
		if before, err := p.held.Stat(); err == nil && os.SameFile(before, info) {
			return f.Close()
		}
		p.held.Close()
		p.held = nil
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err == syscall.EWOULDBLOCK {
		defer f.Close()
		return fmt.Errorf("Another supervisord%s is already running: it holds the pidfile %s.  "+ //nolint:staticcheck // like its neighbours
			"Shut that one down first, or set another pidfile for this one.", holder(f), p.path)
	}
	p.held = f // also where the file system knows no locks
	return nil
}

// holder says which process a pidfile names.
func holder(f *os.File) string {
	data, _ := io.ReadAll(io.LimitReader(f, 32))
	if pid, err := strconv.Atoi(strings.TrimSpace(string(data))); err == nil {
		return fmt.Sprintf(" (pid %d)", pid)
	}
	return ""
}

// Write writes our number into the file, over whatever stands there. If that
// cannot be done it is logged, and life goes on. It may be called again, after a
// restart.
func (p *Pidfile) Write(log *slog.Logger) (ok bool) {
	if err := p.write(); err != nil {
		log.Log(context.Background(), sirdar.LevelCritical, "could not write pidfile "+p.path)
		log.Debug(fmt.Sprintf("the pidfile: %v", err))
		return false
	}
	p.ours = true
	return true
}

func (p *Pidfile) write() error {
	f, err := os.OpenFile(p.path, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return err
	}
	line := []byte(strconv.Itoa(os.Getpid()) + "\n")
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		_, err = f.Write(line)
		return errors.Join(err, f.Close())
	}
	if err := p.hold(f); err != nil {
		return err
	}
	if err := p.held.Truncate(0); err != nil {
		return err
	}
	_, err = p.held.WriteAt(line, 0)
	return err
}

// Remove removes the file, if it still is the one that we wrote and still holds
// our number, and gives it up. There is nothing to do for a nil Pidfile.
func (p *Pidfile) Remove() {
	if p == nil {
		return
	}
	if p.ours && p.isOurs() {
		os.Remove(p.path)
	}
	p.ours = false
	if p.held != nil {
		p.held.Close()
		p.held = nil
	}
}

// isOurs looks at what stands at the path now.
func (p *Pidfile) isOurs() bool {
	data, err := os.ReadFile(p.path)
	if err != nil || strings.TrimSpace(string(data)) != strconv.Itoa(os.Getpid()) {
		return false
	}
	if p.held == nil {
		return false // not a regular file: it was there before us
	}
	held, err1 := p.held.Stat()
	there, err2 := os.Stat(p.path)
	return err1 == nil && err2 == nil && os.SameFile(held, there)
}
