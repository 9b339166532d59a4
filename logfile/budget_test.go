package logfile_test

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/sirdar-project/sirdar/logfile"
)

func TestABudgetBoundsDescriptorsAndLosesNothing(t *testing.T) {
	dir := t.TempDir()
	budget := logfile.NewBudget(3)
	var files []*logfile.File
	for i := range 10 {
		files = append(files, opened(t, filepath.Join(dir, fmt.Sprint(i)), logfile.Options{Budget: budget, MaxBytes: 1000, Backups: 1}))
	}
	if n := budget.Open(); n != 3 {
		t.Errorf("%d descriptors are held, want 3", n)
	}
	held := 0
	fds, err := os.ReadDir("/proc/self/fd")
	if err == nil {
		for _, fd := range fds {
			if to, _ := os.Readlink("/proc/self/fd/" + fd.Name()); filepath.Dir(to) == dir {
				held++
			}
		}
		if held != 3 {
			t.Errorf("the process holds %d of the logs, want 3", held)
		}
	}

	var writers sync.WaitGroup
	for i, f := range files {
		writers.Go(func() {
			for range 100 {
				fmt.Fprintf(f, "%d", i)
			}
		})
	}
	writers.Wait()
	for i := range files {
		got := read(t, filepath.Join(dir, fmt.Sprint(i)))
		if len(got) != 100 {
			t.Errorf("log %d holds %d bytes, want 100", i, len(got))
		}
	}
	// Under pressure the bound is exceeded by those that were writing; then it
	// settles.
	for range 2 {
		for _, f := range files {
			write(t, f, "x")
		}
	}
	if n := budget.Open(); n != 3 {
		t.Errorf("%d descriptors are held after writing, want 3", n)
	}
	for _, f := range files {
		f.Close()
	}
	if n := budget.Open(); n != 0 {
		t.Errorf("%d descriptors are held after closing", n)
	}
}
