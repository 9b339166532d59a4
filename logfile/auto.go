package logfile

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"syscall"

	"github.com/sirdar-project/sirdar"
)

// CreateAuto creates the log of an output whose configuration says AUTO, empty and
// readable by its owner only, and returns its path:
//
//	DIR/PROCESS-stdout---IDENTIFIER-xxxxxxxx.log
//
// with eight random characters, so that programs of the same name never meet.
func CreateAuto(dir, process string, stream sirdar.Stream, identifier string) (string, error) {
	for {
		name := fmt.Sprintf("%s-%s---%s-%s.log", process, stream, identifier, randomWord())
		path := filepath.Join(dir, name)
		f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		return path, f.Close()
	}
}

// randomWord returns eight characters of those that Python's tempfile uses.
func randomWord() string {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789_"
	var b [8]byte
	for i := range b {
		b[i] = letters[rand.IntN(len(letters))]
	}
	return string(b[:])
}

// A CleanupError says which leftover could not be removed. Its text is the line
// for the log.
type CleanupError struct {
	Path string
	Err  error
}

func (e *CleanupError) Error() string { return fmt.Sprintf("Failed to clean up '%s'", e.Path) }

// Unwrap returns why.
func (e *CleanupError) Unwrap() error { return e.Err }

// ErrNoChildLogDir is in the result of CleanAuto when the directory cannot be
// read. Its text is the line for the log.
var ErrNoChildLogDir = errors.New("Could not clear childlog dir")

// CleanAuto removes the AUTO logs that a daemon with an identifier left in a
// directory, with their backups: every name that begins as one. It returns what
// went wrong. The identifier is taken literally, where Supervisor takes it as a
// regular expression and removes other instances' logs.
func CleanAuto(dir, identifier string) []error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return []error{ErrNoChildLogDir}
	}
	left := regexp.MustCompile(`^.+?---` + regexp.QuoteMeta(identifier) + `-\S+\.log`)
	var failed []error
	for _, entry := range entries {
		if !left.MatchString(entry.Name()) {
			continue
		}
		path := filepath.Join(dir, entry.Name())
		if err := syscall.Unlink(path); err != nil { // os.Remove would remove a directory
			failed = append(failed, &CleanupError{Path: path, Err: err})
		}
	}
	return failed
}
