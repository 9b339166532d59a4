package logfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"syscall"

	"github.com/sirdar-project/sirdar"
)

// Why a log cannot be read; to be asked for with errors.Is. They stand for the
// faults of the same names.
var (
	ErrBadArguments = errors.New("bad arguments")
	ErrNoFile       = errors.New("no such log")
	ErrFailed       = errors.New("cannot read log")
)

// Read returns a piece of a log as readProcessStdoutLog defines it: length bytes
// from offset, with length 0 everything from there; a negative offset, with length
// 0, is that many bytes from the end. Beyond the end there is nothing.
func Read(path string, offset, length int64) ([]byte, error) {
	f, size, err := openLog(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()

	if offset < 0 && length != 0 || length < 0 {
		return nil, fmt.Errorf("%w: offset %d, length %d", ErrBadArguments, offset, length)
	}
	if offset < 0 {
		offset = max(0, size+offset)
	}
	if length == 0 {
		length = math.MaxInt64
	}
	return readPiece(f, size, offset, length)
}

// Tail returns the end of a log as tailProcessStdoutLog defines it, which is not
// what one would think: always the last length bytes, unless offset+length is
// exactly the size, or offset is at or behind the end. With an error the Tail is
// what Supervisor answers then.
func Tail(path string, offset, length int64) (sirdar.Tail, error) {
	f, size, err := openLog(path)
	if errors.Is(err, ErrNoFile) {
		return sirdar.Tail{}, err
	}
	if err != nil {
		return sirdar.Tail{Offset: offset}, err
	}
	defer f.Close()

	start, n, overflow := tailPiece(size, offset, length)
	b, err := readPiece(f, size, start, n)
	if err != nil {
		return sirdar.Tail{Offset: offset}, err
	}
	return sirdar.Tail{Bytes: b, Offset: size, Overflow: overflow}, nil
}

// tailPiece says which bytes of a log of some size a tail request gets.
func tailPiece(size, offset, length int64) (start, n int64, overflow bool) {
	end := offset + length
	if length > 0 && end < offset {
		end = math.MaxInt64
	}
	if size > end {
		overflow = true
		offset = size - 1
		end = offset + length
	}
	if end > size {
		if offset > size-1 {
			length = 0
		}
		offset = size - length
	}
	return max(0, offset), max(0, length), overflow
}

// openLog opens a log for reading and tells its size. It never waits, be the
// path a pipe.
func openLog(path string) (*os.File, int64, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK|syscall.O_NOCTTY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, fmt.Errorf("%w: %w", ErrNoFile, err)
	}
	if err != nil {
		return nil, 0, fmt.Errorf("%w: %w", ErrFailed, err)
	}
	size, err := f.Seek(0, io.SeekEnd)
	if err == nil {
		var info os.FileInfo
		if info, err = f.Stat(); err == nil && info.IsDir() {
			err = &fs.PathError{Op: "read", Path: path, Err: syscall.EISDIR}
		}
	}
	if err != nil {
		f.Close()
		return nil, 0, fmt.Errorf("%w: %w", ErrFailed, err)
	}
	return f, size, nil
}

// readPiece reads n bytes at offset, or what there is of them.
func readPiece(f *os.File, size, offset, n int64) ([]byte, error) {
	n = min(n, size-offset)
	if n <= 0 {
		return nil, nil
	}
	b := make([]byte, n)
	m, err := f.ReadAt(b, offset)
	if err != nil && err != io.EOF {
		return nil, fmt.Errorf("%w: %w", ErrFailed, err)
	}
	return b[:m], nil
}
