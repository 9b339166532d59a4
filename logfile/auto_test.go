package logfile_test

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/logfile"
)

// core 208
func TestCreateAuto(t *testing.T) {
	dir := t.TempDir()
	shape := regexp.MustCompile(`^p:1-stderr---super\.visor-[a-z0-9_]{8}\.log$`)
	seen := map[string]bool{}
	for range 100 {
		path, err := logfile.CreateAuto(dir, "p:1", sirdar.Stderr, "super.visor")
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Dir(path) != dir || !shape.MatchString(filepath.Base(path)) || seen[path] {
			t.Fatalf("CreateAuto made %q", path)
		}
		seen[path] = true
		info := stat(t, path)
		if info.Mode() != 0o600 || info.Size() != 0 {
			t.Fatalf("%s has mode %v and size %d, want 0600 and 0", path, info.Mode(), info.Size())
		}
	}
	if _, err := logfile.CreateAuto(filepath.Join(dir, "missing"), "p", sirdar.Stdout, "x"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("in a missing directory: %v", err)
	}
}

func TestCleanAutoRemovesWhatSupervisorRemoves(t *testing.T) {
	dir := t.TempDir()
	names := map[string]bool{ // is it to stay?
		"p-stdout---other-abcdefgh.log":       false,
		"p-stdout---other-abcdefgh.log.3":     false,
		"p-stdout---other-abcdefgh.log.bak":   false,
		"p-stdout---other-abcdefgh.log.12345": false,
		"x---other-y.log":                     false,
		"---other-abcdefgh.log":               true,
		"p-stdout---other-.log":               true,
		"p-stdout---other-a b.log":            true,
		"p-stdout---o.her-abcdefgh.log":       true,
		"p-stdout---another-abcdefgh.log":     true,
		"p-stdout---otter-abcdefgh.log":       true,
		"supervisord.log":                     true,
	}
	for name := range names {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	inTheWay := filepath.Join(dir, "d-stdout---other-abcdefgh.log")
	mkdir(t, inTheWay)

	failed := logfile.CleanAuto(dir, "other")
	if len(failed) != 1 || failed[0].Error() != "Failed to clean up '"+inTheWay+"'" {
		t.Errorf("CleanAuto: %v, want the directory in the way only", failed)
	}
	for name, stays := range names {
		_, err := os.Stat(filepath.Join(dir, name))
		if there := err == nil; there != stays {
			t.Errorf("%q is there: %v, want %v", name, there, stays)
		}
	}
	if _, err := os.Stat(inTheWay); err != nil {
		t.Errorf("the directory went: %v", err)
	}

	// An identifier is no regular expression.
	if failed := logfile.CleanAuto(dir, "o.ter"); failed != nil {
		t.Error(failed)
	}
	if _, err := os.Stat(filepath.Join(dir, "p-stdout---otter-abcdefgh.log")); err != nil {
		t.Error("the identifier o.ter removed a log of otter")
	}
	if failed := logfile.CleanAuto(filepath.Join(dir, "missing"), "x"); !slices.Contains(failed, logfile.ErrNoChildLogDir) {
		t.Errorf("a missing directory: %v", failed)
	}
}
