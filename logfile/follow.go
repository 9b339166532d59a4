package logfile

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
)

// truncated is what a follower is told when a log was emptied under it.
const truncated = "==> File truncated <==\n"

// firstPiece is how much of the end of a log a follower gets to begin with.
const firstPiece = 1024

// Follow calls emit with the last 1,024 bytes of a log and then with every new
// piece, until ctx ends or emit fails; it returns that error. The bytes are valid
// during the call only.
//
// It goes on where the log goes on: over rotations, however many there were while
// emit was slow and as long as the backups are there, and into a new file after a
// removal. It sleeps until the writer, f, writes. A log that does not exist is
// [ErrNoFile].
func Follow(ctx context.Context, f *File, emit func([]byte) error) error {
	emptied := f.emptied.Load()
	in, size, err := openLog(f.path)
	if err != nil {
		return err
	}
	fo := &follower{file: f, in: in, pos: max(0, size-firstPiece), emptied: emptied, emit: emit, buf: make([]byte, 32<<10)}
	defer func() { fo.in.Close() }()

	for {
		changed := f.Changed()
		if err := fo.catchUp(ctx); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		}
	}
}

type follower struct {
	file    *File
	in      *os.File
	pos     int64
	emptied uint32 // how often the file had been emptied when we last looked
	emit    func([]byte) error
	buf     []byte
}

// catchUp emits all that there is, in the file at hand and in those after it.
func (fo *follower) catchUp(ctx context.Context) error {
	for {
		if err := fo.drain(ctx); err != nil {
			return err
		}
		next, err := fo.next()
		if err != nil || next == nil {
			return err
		}
		// Who finds the next file finds this one complete: it is renamed only
		// after the last write.
		err = fo.drain(ctx)
		fo.in.Close()
		fo.in, fo.pos, fo.emptied = next, 0, fo.file.emptied.Load()
		if err != nil {
			return err
		}
	}
}

// drain emits what is left in the file at hand.
func (fo *follower) drain(ctx context.Context) error {
	info, err := fo.in.Stat()
	if err != nil {
		return err
	}
	if emptied := fo.file.emptied.Load(); info.Size() < fo.pos || emptied != fo.emptied && fo.isCurrent(info) {
		fo.emptied, fo.pos = emptied, 0
		if err := fo.emit([]byte(truncated)); err != nil {
			return err
		}
	}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := fo.in.ReadAt(fo.buf, fo.pos)
		if n > 0 {
			fo.pos += int64(n)
			if err := fo.emit(fo.buf[:n]); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (fo *follower) isCurrent(info os.FileInfo) bool {
	now, err := os.Stat(fo.file.path)
	return err == nil && os.SameFile(info, now)
}

// next opens the file that came after the one at hand; nil while there is none.
func (fo *follower) next() (*os.File, error) {
	info, err := fo.in.Stat()
	if err != nil {
		return nil, err
	}
	for {
		at := fo.position(info)
		if at == 0 {
			return nil, nil
		}
		name := fo.file.path
		if at > 1 {
			name = fo.file.backup(at - 1)
		}
		next, _, err := openLog(name)
		switch {
		case errors.Is(err, ErrNoFile) && at <= 1:
			return nil, nil // until it is created
		case errors.Is(err, ErrNoFile):
			next, _, err = openLog(fo.file.path)
			if errors.Is(err, ErrNoFile) {
				return nil, nil
			}
			return next, err
		case err != nil:
			return nil, err
		}
		if fo.position(info) == at {
			return next, nil
		}
		next.Close() // it was rolled over meanwhile
	}
}

// position says where a file is now: 0 at the log's own name (or nothing is there),
// N at that of its Nth backup, 1 also if it is nowhere.
func (fo *follower) position(info os.FileInfo) int {
	now, err := os.Stat(fo.file.path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && os.SameFile(info, now) {
		return 0
	}
	for i := 1; i <= fo.file.o.Backups; i++ {
		old, err := os.Stat(fo.file.backup(i))
		if err != nil {
			continue
		}
		if os.SameFile(info, old) {
			return i
		}
	}
	return 1
}
