package logfile_test

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/sirdar-project/sirdar/logfile"
)

const twenty = "0123456789abcdefghij"

func logWith(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// core 210
func TestReadFollowsTheTable(t *testing.T) {
	path := logWith(t, twenty)
	tests := []struct {
		offset, length int64
		want           string
		err            error
	}{
		{0, 0, twenty, nil},
		{0, 5, "01234", nil},
		{5, 5, "56789", nil},
		{5, 0, "56789abcdefghij", nil},
		{15, 100, "fghij", nil},
		{20, 0, "", nil},
		{25, 5, "", nil},
		{-5, 0, "fghij", nil},
		{-100, 0, twenty, nil},
		{0, 21, twenty, nil},
		{-5, 3, "", logfile.ErrBadArguments},
		{-5, -3, "", logfile.ErrBadArguments},
		{0, -1, "", logfile.ErrBadArguments},
		{5, -1, "", logfile.ErrBadArguments},
		{math.MinInt64, 0, twenty, nil},
		{math.MaxInt64, math.MaxInt64, "", nil},
		{1, math.MaxInt64, twenty[1:], nil},
	}
	for _, test := range tests {
		got, err := logfile.Read(path, test.offset, test.length)
		if string(got) != test.want || !errors.Is(err, test.err) {
			t.Errorf("Read(%d, %d) = %q, %v; want %q, %v", test.offset, test.length, got, err, test.want, test.err)
		}
	}
}

// core 210
func TestTailFollowsTheTable(t *testing.T) {
	path := logWith(t, twenty)
	tests := []struct {
		offset, length int64
		want           string
		overflow       bool
	}{
		{0, 0, "", true},
		{0, 5, "fghij", true},
		{0, 20, twenty, false},
		{0, 100, twenty, false},
		{5, 5, "fghij", true},
		{5, 15, "56789abcdefghij", false},
		{5, 100, twenty, false},
		{19, 5, "fghij", false},
		{18, 1, "j", true},
		{20, 0, "", false},
		{20, 5, "", false},
		{25, 5, "", false},
		{100, 5, "", false},
		{-5, 3, "hij", true},
		{-5, 30, twenty, false},
		{0, -5, "", true},
		{30, -5, "", false},
		{math.MaxInt64, math.MaxInt64, "", false},
		{math.MinInt64, math.MinInt64, "", true},
	}
	for _, test := range tests {
		got, err := logfile.Tail(path, test.offset, test.length)
		if err != nil || string(got.Bytes) != test.want || got.Offset != 20 || got.Overflow != test.overflow {
			t.Errorf("Tail(%d, %d) = %q, %d, %v, %v; want %q, 20, %v", test.offset, test.length, got.Bytes, got.Offset, got.Overflow, err, test.want, test.overflow)
		}
	}
}

// Every offset and length round the size, as Supervisor's own functions answer it.
//
// core 210
func TestReadAndTailAgreeWithSupervisor(t *testing.T) {
	for _, size := range []int{0, 1, 7} {
		path := logWith(t, twenty[:size])
		want := python(t, `
import sys
from supervisor.options import readFile, tailFile
for o in range(-9, 10):
    for n in range(-9, 10):
        try: r = readFile(sys.argv[1], o, n)
        except ValueError as e: r = 'fault ' + str(e)
        if isinstance(r, bytes): r = r.decode()
        print(o, n, r)
        t = tailFile(sys.argv[1], o, n)
        print(o, n, t[0], t[1], t[2])
`, path)
		var got string
		for offset := int64(-9); offset < 10; offset++ {
			for length := int64(-9); length < 10; length++ {
				b, err := logfile.Read(path, offset, length)
				answer := string(b)
				if errors.Is(err, logfile.ErrBadArguments) {
					answer = "fault BAD_ARGUMENTS"
				}
				got += fmt.Sprintln(offset, length, answer)
				tail, err := logfile.Tail(path, offset, length)
				if err != nil {
					t.Fatal(err)
				}
				overflow := "False"
				if tail.Overflow {
					overflow = "True"
				}
				got += fmt.Sprintln(offset, length, string(tail.Bytes), tail.Offset, overflow)
			}
		}
		sameLines(t, got, want)
	}
}

// core 209
func TestReadingWhatIsNotThereOrNoLog(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "log")
	if _, err := logfile.Read(missing, -1, -1); !errors.Is(err, logfile.ErrNoFile) {
		t.Errorf("Read of a missing log: %v, want ErrNoFile before bad arguments", err)
	}
	tail, err := logfile.Tail(missing, 5, 5)
	if !errors.Is(err, logfile.ErrNoFile) || tail.Bytes != nil || tail.Offset != 0 || tail.Overflow {
		t.Errorf("Tail of a missing log: %v, %v", tail, err)
	}

	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{t.TempDir(), fifo} {
		if _, err := logfile.Read(path, 0, 0); !errors.Is(err, logfile.ErrFailed) {
			t.Errorf("Read of %s: %v, want ErrFailed at once", path, err)
		}
		tail, err := logfile.Tail(path, 7, 5)
		if !errors.Is(err, logfile.ErrFailed) || tail.Offset != 7 {
			t.Errorf("Tail of %s: %v, %v, want ErrFailed and the offset that was given", path, tail, err)
		}
	}
}
