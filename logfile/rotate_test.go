package logfile

import (
	"os"
	"path/filepath"
	"testing"
)

// A log that is a mount point of its own (a container's bind mount) cannot be
// renamed, but its backups can.
func TestARotationThatKeepsFailingKeepsTheBackups(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	f := New(path, Options{Backups: 3})
	put := func(suffix, content string) {
		if err := os.WriteFile(path+suffix, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	put(".2", "two")
	put(".3", "three")
	f.failed = true // and what was .1 and .2 has moved on
	for range 5 {
		if err := f.shift(); err != nil { // the log is missing: nothing to move into .1
			t.Fatal(err)
		}
	}
	for suffix, want := range map[string]string{".2": "two", ".3": "three"} {
		got, err := os.ReadFile(path + suffix)
		if err != nil || string(got) != want {
			t.Errorf("%s holds %q, %v; want %q", suffix, got, err, want)
		}
	}
}
