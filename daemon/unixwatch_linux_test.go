package daemon

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestARemovedSocketFileComesBack(t *testing.T) {
	dir := shortDir(t)
	path := filepath.Join(dir, "sock")
	said := newSaid()
	open(t, unixServer(path), said.say)
	for name, remove := range map[string]func() error{
		"removed": func() error { return os.Remove(path) },
		"moved":   func() error { return os.Rename(path, path+"-moved") },
	} {
		if err := remove(); err != nil {
			t.Fatal(err)
		}
		if got := said.next(t); !strings.Contains(got, "made anew") {
			t.Errorf("%s: said %q", name, got)
		}
		info, err := os.Lstat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o700 {
			t.Errorf("%s: its mode is %v", name, info.Mode())
		}
		if !greeted(t, "unix", path) {
			t.Errorf("%s: nobody is there", name)
		}
	}
}

func TestASocketFileComesBackWithItsDirectories(t *testing.T) {
	dir := shortDir(t)
	path := filepath.Join(dir, "a", "b", "sock")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	said := newSaid()
	open(t, unixServer(path), said.say)
	for os.RemoveAll(filepath.Join(dir, "a")) != nil { // it may come back while we are at it
	}
	for !strings.Contains(said.next(t), "cannot be made anew yet") {
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	for !strings.Contains(said.next(t), "and made anew") {
	}
	if !greeted(t, "unix", path) {
		t.Error("nobody is there")
	}
}

func TestWhatAnotherPutsInThePlaceStaysUntilHeRemovesIt(t *testing.T) {
	path := filepath.Join(shortDir(t), "sock")
	said := newSaid()
	l := open(t, unixServer(path), said.say)
	if err := os.WriteFile(path+"-new", []byte("his"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+"-new", path); err != nil {
		t.Fatal(err)
	}
	if got := said.next(t); !strings.Contains(got, "cannot be made anew yet: file already exists") {
		t.Errorf("said %q", got)
	}
	if content(t, path) != "his" {
		t.Error("his file was changed")
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if got := said.next(t); !strings.Contains(got, "made anew") {
		t.Errorf("said %q", got)
	}
	if !greeted(t, "unix", path) {
		t.Error("nobody is there")
	}
	// And what he puts there at the end is not removed with the listener.
	if err := os.WriteFile(path+"-new", []byte("his"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+"-new", path); err != nil {
		t.Fatal(err)
	}
	l.Close()
	if content(t, path) != "his" {
		t.Error("his file was removed")
	}
}
