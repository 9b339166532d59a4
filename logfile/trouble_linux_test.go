package logfile_test

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sirdar-project/sirdar/logfile"
)

// TestMain turns this program into one that logs to its standard output, and into
// one that runs out of descriptors.
func TestMain(m *testing.M) {
	switch os.Getenv("LOGFILE_TEST_AS") {
	case "":
		os.Exit(m.Run())
	case "stdout":
		logToStdout()
	case "poor":
		logWithoutDescriptors()
	}
}

// as runs this program in one of those roles, and returns its standard error.
func as(t *testing.T, role string, stdout *os.File, cred *syscall.Credential, args ...string) string {
	t.Helper()
	cmd := exec.Command("/proc/self/exe", args...)
	cmd.Env = []string{"LOGFILE_TEST_AS=" + role}
	cmd.Stdout = stdout
	var stderr strings.Builder
	cmd.Stderr = &stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: cred}
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	return stderr.String()
}

func logToStdout() {
	f := logfile.New("/dev/stdout", logfile.Options{MaxBytes: 10, Backups: 1, Warn: func(text string) { fmt.Fprintln(os.Stderr, text) }})
	if err := f.Open(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for i := range 10000 {
		fmt.Fprintf(f, "line %04d\n", i)
	}
	f.Close()
}

// In a container supervisord may be an ordinary user whose standard output is a
// pipe or terminal that belongs to root: it may write there, but cannot open it by
// name. And it may be a socket, which nobody can open by name.
//
// core 215, 216
func TestStdoutOfWhateverKind(t *testing.T) {
	var creds []*syscall.Credential
	creds = append(creds, nil)
	if os.Getuid() == 0 {
		creds = append(creds, &syscall.Credential{Uid: 65534, Gid: 65534})
	}
	for _, cred := range creds {
		for _, kind := range []string{"pipe", "non-blocking pipe", "socket"} {
			t.Run(fmt.Sprintf("%s/other user %v", kind, cred != nil), func(t *testing.T) {
				r, w := pair(t, kind)
				got := make(chan string)
				go func() {
					b, _ := io.ReadAll(r)
					got <- string(b)
				}()
				stderr := as(t, "stdout", w, cred)
				w.Close()
				sameLines(t, <-got, lines(0, 9999))
				if stderr != "" {
					t.Errorf("warnings: %s", stderr)
				}
			})
		}
	}
}

// pair returns a reading and a writing end.
func pair(t *testing.T, kind string) (r, w *os.File) {
	t.Helper()
	if kind == "socket" {
		fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		return os.NewFile(uintptr(fds[0]), "r"), os.NewFile(uintptr(fds[1]), "w")
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	// exec.Cmd makes the descriptor that it hands over blocking; non-blocking is
	// what a parent such as node leaves behind.
	if kind == "non-blocking pipe" {
		dup, err := syscall.Dup(int(w.Fd()))
		if err != nil {
			t.Fatal(err)
		}
		w.Close()
		w = os.NewFile(uintptr(dup), "w")
		if err := syscall.SetNonblock(dup, true); err != nil {
			t.Fatal(err)
		}
	}
	return r, w
}

// A small file system that is filled and freed: users-want 2A 7.
func TestAFullDiskCostsWhatDidNotFitAndNoMore(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can mount a small file system")
	}
	dir := t.TempDir()
	type result struct{ skip, fail string }
	done := make(chan result)
	go func() {
		// The mount is seen by this thread only, and goes with it.
		runtime.LockOSThread()
		if err := syscall.Unshare(syscall.CLONE_NEWNS); err != nil {
			done <- result{skip: fmt.Sprint("no mount namespace here: ", err)}
			return
		}
		if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
			done <- result{skip: fmt.Sprint("no private mounts here: ", err)}
			return
		}
		if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=64k"); err != nil {
			done <- result{skip: fmt.Sprint("no tmpfs here: ", err)}
			return
		}
		done <- result{fail: fillDisk(dir)}
	}()
	r := <-done
	if r.skip != "" {
		t.Skip(r.skip)
	}
	if r.fail != "" {
		t.Error(r.fail)
	}
}

// fillDisk logs into a file system of 64 KiB and says what was wrong.
func fillDisk(dir string) string {
	path := filepath.Join(dir, "log")
	c, w := newClock(), warnings{}
	f := logfile.New(path, logfile.Options{Warn: w.Warn, Now: c.Now})
	if err := f.Open(); err != nil {
		return err.Error()
	}
	defer f.Close()
	for i := range 10 { // 100,000 bytes, and the seventh piece fits in part
		f.Write([]byte(strings.Repeat(fmt.Sprint(i), 10000)))
	}
	b, err := os.ReadFile(path)
	if err != nil || len(b) != 65536 || !strings.HasSuffix(string(b), "56"+strings.Repeat("6", 5535)) {
		return fmt.Sprintf("the log holds %d bytes, %v; want all that fits", len(b), err)
	}
	if texts := w.take(); len(texts) != 1 || !strings.Contains(texts[0], "no space left on device (errno 28); 4464 bytes dropped so far") {
		return fmt.Sprintf("warnings: %q", texts)
	}
	if err := os.Truncate(path, 10); err != nil {
		return err.Error()
	}
	c.advance(time.Second)
	f.Write([]byte("again"))
	b, _ = os.ReadFile(path)
	if string(b) != "0000000000again" {
		return fmt.Sprintf("after the disk had room again the log holds %q", b)
	}
	if texts := w.take(); len(texts) != 1 || !strings.HasSuffix(texts[0], "works again; 34464 bytes were dropped") {
		return fmt.Sprintf("at the end: %q", texts)
	}
	return ""
}

// Without a free descriptor one of the quiet logs gives up its own.
func TestWithoutDescriptorsTheBudgetGivesOne(t *testing.T) {
	dir := t.TempDir()
	if stderr := as(t, "poor", nil, nil, dir); stderr != "" {
		t.Error(stderr)
	}
	for i := range 20 {
		if got := read(t, filepath.Join(dir, fmt.Sprint(i))); got != "one two" {
			t.Errorf("log %d holds %q", i, got)
		}
	}
}

func logWithoutDescriptors() {
	dir := os.Args[1]
	budget := logfile.NewBudget(100)
	limit := syscall.Rlimit{Cur: 16, Max: 16}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var files []*logfile.File
	for i := range 20 {
		f := logfile.New(filepath.Join(dir, fmt.Sprint(i)), logfile.Options{Budget: budget, Warn: func(text string) { fmt.Fprintln(os.Stderr, text) }})
		if err := f.Open(); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		files = append(files, f)
	}
	for _, text := range []string{"one ", "two"} {
		for _, f := range files {
			f.Write([]byte(text))
		}
	}
}
