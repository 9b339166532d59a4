package logfile_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sirdar-project/sirdar/logfile"
)

// follow runs Follow beside a test.
type follow struct {
	pieces chan string
	done   chan error
	stop   context.CancelFunc
}

func startFollow(t *testing.T, f *logfile.File) *follow {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	fo := &follow{pieces: make(chan string), done: make(chan error, 1), stop: cancel}
	t.Cleanup(cancel)
	go func() {
		fo.done <- logfile.Follow(ctx, f, func(p []byte) error {
			select {
			case fo.pieces <- string(p):
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}()
	return fo
}

// expect reads pieces until they make up a text.
func (fo *follow) expect(t *testing.T, want string) {
	t.Helper()
	var got string
	for len(got) < len(want) {
		select {
		case piece := <-fo.pieces:
			got += piece
		case err := <-fo.done:
			t.Fatalf("Follow ended with %v after %q, want %q", err, got, want)
		}
	}
	if got != want {
		t.Fatalf("followed %q, want %q", got, want)
	}
}

func TestFollowBeginsWithTheLastKilobyte(t *testing.T) {
	path := logWith(t, strings.Repeat("x", 5000)+strings.Repeat("y", 1024))
	f := opened(t, path, logfile.Options{})
	fo := startFollow(t, f)
	fo.expect(t, strings.Repeat("y", 1024))
	write(t, f, "more")
	fo.expect(t, "more")
	write(t, f, "and more")
	fo.expect(t, "and more")
	fo.stop()
	if err := <-fo.done; !errors.Is(err, context.Canceled) {
		t.Errorf("Follow ended with %v", err)
	}
}

func TestFollowOfWhatIsNotThere(t *testing.T) {
	f := logfile.New(filepath.Join(t.TempDir(), "log"), logfile.Options{})
	err := logfile.Follow(context.Background(), f, func([]byte) error { return nil })
	if !errors.Is(err, logfile.ErrNoFile) {
		t.Errorf("Follow: %v, want ErrNoFile", err)
	}
}

func TestFollowGoesOnOverRotationRemovalAndRestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	f := opened(t, path, logfile.Options{MaxBytes: 20, Backups: 3})
	write(t, f, "first")
	fo := startFollow(t, f)
	fo.expect(t, "first")

	write(t, f, " and rolled over")
	write(t, f, "second")
	fo.expect(t, " and rolled oversecond")

	os.Remove(path)
	write(t, f, "third")
	fo.expect(t, "third")

	f.Clear()
	write(t, f, "fourth")
	fo.expect(t, "fourth")

	os.Rename(path, path+".gone")
	f.Reopen()
	write(t, f, "fifth")
	fo.expect(t, "fifth")

	f.Close()
	if err := f.Open(); err != nil {
		t.Fatal(err)
	}
	write(t, f, "sixth")
	fo.expect(t, "sixth")
}

func TestFollowTellsOfATruncation(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	f := opened(t, path, logfile.Options{})
	write(t, f, "a long line")
	fo := startFollow(t, f)
	fo.expect(t, "a long line")
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	write(t, f, "short")
	fo.expect(t, "==> File truncated <==\nshort")

	// Ours is noticed even if the new content is longer than the old.
	f.Close()
	if err := f.Clear(); err != nil {
		t.Fatal(err)
	}
	if err := f.Open(); err != nil {
		t.Fatal(err)
	}
	write(t, f, "much longer than before")
	fo.expect(t, "==> File truncated <==\nmuch longer than before")
}

// A slow reader meets several rotations at once and misses nothing.
func TestFollowFindsItsWayThroughTheBackups(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	f := opened(t, path, logfile.Options{MaxBytes: 10, Backups: 100})
	write(t, f, "begin\n")
	fo := startFollow(t, f)
	fo.expect(t, "begin\n")
	var want strings.Builder
	for i := range 200 {
		s := fmt.Sprintf("line %d\n", i)
		want.WriteString(s)
		write(t, f, s)
	}
	fo.expect(t, want.String())
}

func TestFollowEndsWithTheErrorOfEmit(t *testing.T) {
	f := opened(t, logWith(t, "something"), logfile.Options{})
	gone := errors.New("the client went away")
	if err := logfile.Follow(context.Background(), f, func([]byte) error { return gone }); err != gone {
		t.Errorf("Follow: %v, want %v", err, gone)
	}
}
