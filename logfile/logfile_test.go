package logfile_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/sirdar-project/sirdar/logfile"
)

// clock is a clock that stands still until it is told to go.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func newClock() *clock { return &clock{t: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// warnings gathers what a File says.
type warnings struct {
	mu    sync.Mutex
	texts []string
}

func (w *warnings) Warn(text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.texts = append(w.texts, text)
}

func (w *warnings) take() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := w.texts
	w.texts = nil
	return t
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func write(t *testing.T, f *logfile.File, s string) {
	t.Helper()
	n, err := f.Write([]byte(s))
	if n != len(s) || err != nil {
		t.Fatalf("Write(%d bytes) = %d, %v; a caller must never be stopped", len(s), n, err)
	}
}

func opened(t *testing.T, path string, o logfile.Options) *logfile.File {
	t.Helper()
	f := logfile.New(path, o)
	if err := f.Open(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f
}

func lines(from, to int) string {
	var b strings.Builder
	for i := from; i <= to; i++ {
		fmt.Fprintf(&b, "line %04d\n", i)
	}
	return b.String()
}

// core 204, 205, 206
func TestRotationFollowsTheTable(t *testing.T) {
	burst := strings.Repeat("x", 65536)
	tests := []struct {
		name     string
		maxBytes int64
		backups  int
		before   string
		writes   []string
		want     map[string]string // suffix → content; all else must be absent
	}{
		{"30/2 and twelve lines", 30, 2, "", split(lines(0, 11)),
			map[string]string{"": "", ".1": lines(9, 11), ".2": lines(6, 8)}},
		{"30/0 and eight lines", 30, 0, "", split(lines(0, 7)),
			map[string]string{"": lines(6, 7)}},
		{"30/3 rolls at exactly 30", 30, 3, "", []string{strings.Repeat("a", 29), "b", strings.Repeat("c", 31), "ddd"},
			map[string]string{"": "ddd", ".1": strings.Repeat("c", 31), ".2": strings.Repeat("a", 29) + "b"}},
		{"30/2 and old content", 30, 2, strings.Repeat("o", 25), []string{"0123456789"},
			map[string]string{"": "", ".1": strings.Repeat("o", 25) + "0123456789"}},
		{"1KB/5 and a burst", 1024, 5, "", []string{burst, burst, burst, burst, strings.Repeat("y", 37856), "0123456789"},
			map[string]string{"": "0123456789", ".1": strings.Repeat("y", 37856), ".2": burst, ".3": burst, ".4": burst, ".5": burst}},
		{"0/2 grows for ever", 0, 2, "", split(lines(0, 99)),
			map[string]string{"": lines(0, 99)}},
		{"negative is 0", -1, 2, "", split(lines(0, 9)),
			map[string]string{"": lines(0, 9)}},
		{"1/3 puts each line in a backup", 1, 3, "", split(lines(0, 4)),
			map[string]string{"": "", ".1": lines(4, 4), ".2": lines(3, 3), ".3": lines(2, 2)}},
		{"30/1 keeps one", 30, 1, "", split(lines(0, 7)),
			map[string]string{"": lines(6, 7), ".1": lines(3, 5)}},
		{"30/negative is 30/0", 30, -3, "", split(lines(0, 7)),
			map[string]string{"": lines(6, 7)}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "log")
			if test.before != "" {
				if err := os.WriteFile(path, []byte(test.before), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			var w warnings
			f := opened(t, path, logfile.Options{MaxBytes: test.maxBytes, Backups: test.backups, Warn: w.Warn})
			for _, s := range test.writes {
				write(t, f, s)
			}
			f.Close()

			got := map[string]string{}
			names, _ := filepath.Glob(path + "*")
			for _, name := range names {
				got[strings.TrimPrefix(name, path)] = read(t, name)
			}
			for suffix, want := range test.want {
				if content, ok := got[suffix]; !ok || content != want {
					t.Errorf("F%s holds %.60q (exists: %v), want %.60q", suffix, content, ok, want)
				}
				delete(got, suffix)
			}
			if len(got) > 0 {
				t.Errorf("files that nobody expects: %.100v", got)
			}
			if texts := w.take(); texts != nil {
				t.Errorf("warnings about nothing: %q", texts)
			}
		})
	}
}

func split(s string) []string {
	return strings.SplitAfter(s, "\n")[:strings.Count(s, "\n")]
}

func TestAGapInTheBackupsIsIgnored(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	for suffix, s := range map[string]string{".2": "two", ".3": "three"} {
		if err := os.WriteFile(path+suffix, []byte(s), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	f := opened(t, path, logfile.Options{MaxBytes: 3, Backups: 4})
	write(t, f, "new")
	for suffix, want := range map[string]string{"": "", ".1": "new", ".3": "two", ".4": "three"} {
		if got := read(t, path+suffix); got != want {
			t.Errorf("F%s holds %q, want %q", suffix, got, want)
		}
	}
	if _, err := os.Stat(path + ".2"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("F.2 exists (%v), want a gap that has moved on", err)
	}
}

func TestOpenSaysWhyItFails(t *testing.T) {
	err := logfile.New(filepath.Join(t.TempDir(), "no", "log"), logfile.Options{}).Open()
	var errno syscall.Errno
	if !errors.As(err, &errno) || errno != syscall.ENOENT {
		t.Fatalf("Open in a missing directory: %v, want an error that holds ENOENT", err)
	}
	err = logfile.New(t.TempDir(), logfile.Options{}).Open()
	if !errors.As(err, &errno) || errno != syscall.EISDIR {
		t.Fatalf("Open of a directory: %v, want an error that holds EISDIR", err)
	}
}

// core 208
func TestModeOfANewFile(t *testing.T) {
	for _, mode := range []os.FileMode{0, 0o600} {
		path := filepath.Join(t.TempDir(), "log")
		f := opened(t, path, logfile.Options{Mode: mode, MaxBytes: 3, Backups: 1})
		ask := mode
		if ask == 0 {
			ask = 0o666
		}
		plain := filepath.Join(t.TempDir(), "plain")
		fd, err := os.OpenFile(plain, os.O_CREATE|os.O_WRONLY, ask)
		if err != nil {
			t.Fatal(err)
		}
		fd.Close()
		want := stat(t, plain).Mode()
		if got := stat(t, path).Mode(); got != want {
			t.Errorf("mode of the new file is %v, want %v", got, want)
		}
		write(t, f, "rolled")
		if got := stat(t, path).Mode(); got != want {
			t.Errorf("mode after a rotation is %v, want %v", got, want)
		}
		if err := f.Clear(); err != nil {
			t.Fatal(err)
		}
		if got := stat(t, path).Mode(); got != want {
			t.Errorf("mode after Clear is %v, want %v", got, want)
		}
	}
}

func stat(t *testing.T, path string) os.FileInfo {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info
}

// core 191
func TestReopenFollowsTheName(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	f := opened(t, path, logfile.Options{})
	write(t, f, "one ")
	if err := os.Rename(path, path+".old"); err != nil {
		t.Fatal(err)
	}
	write(t, f, "two ")
	f.Reopen()
	if got := read(t, path); got != "" {
		t.Errorf("Reopen made a file with %q, want an empty one at once", got)
	}
	write(t, f, "three")
	if got := read(t, path+".old"); got != "one two " {
		t.Errorf("the renamed file holds %q, want what was written before Reopen", got)
	}
	if got := read(t, path); got != "three" {
		t.Errorf("the new file holds %q", got)
	}
}

func TestReopenOfAClosedFileDoesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	f := logfile.New(path, logfile.Options{})
	f.Reopen()
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Reopen of a file that is not open created it (%v)", err)
	}
	if _, err := f.Write([]byte("x")); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("Write to a file that is not open: %v, want fs.ErrClosed", err)
	}
}

// core 211
func TestClearEmptiesTheLogAndKeepsTheBackups(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	f := opened(t, path, logfile.Options{MaxBytes: 6, Backups: 2})
	write(t, f, "backup")
	write(t, f, "gone")
	if err := f.Clear(); err != nil {
		t.Fatal(err)
	}
	if got := read(t, path); got != "" {
		t.Errorf("after Clear the log holds %q", got)
	}
	write(t, f, "more")
	if got := read(t, path); got != "more" {
		t.Errorf("after Clear and a write the log holds %q, want %q", got, "more")
	}
	if got := read(t, path+".1"); got != "backup" {
		t.Errorf("the backup holds %q, want it untouched", got)
	}

	f.Close()
	if err := f.Clear(); err != nil {
		t.Fatal(err)
	}
	if got := read(t, path); got != "" {
		t.Errorf("Clear of a stopped program's log left %q", got)
	}
	os.Remove(path)
	if err := f.Clear(); err != nil {
		t.Errorf("Clear of a missing log: %v", err)
	}
}

// core 207
func TestADeletedLogComesBackWithoutLosingAByte(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	var w warnings
	f := opened(t, path, logfile.Options{MaxBytes: 100, Backups: 1, Warn: w.Warn})
	write(t, f, "before")
	os.Remove(path)
	write(t, f, "after")
	if got := read(t, path); got != "after" {
		t.Errorf("the new log holds %q, want %q", got, "after")
	}
	if err := os.WriteFile(path+".new", []byte("foreign "), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
	write(t, f, "too")
	if got := read(t, path); got != "foreign too" {
		t.Errorf("the replaced log holds %q, want %q", got, "foreign too")
	}
	if texts := w.take(); texts != nil {
		t.Errorf("warnings though nothing was lost: %q", texts)
	}
}

func TestWhatOthersAppendOrTruncateCounts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	a := opened(t, path, logfile.Options{MaxBytes: 10, Backups: 1})
	b := opened(t, path, logfile.Options{})
	write(t, b, "123456789")
	if err := os.Truncate(path, 2); err != nil {
		t.Fatal(err)
	}
	write(t, a, "345678")
	write(t, b, "9")
	if got := read(t, path); got != "123456789"[:2]+"3456789" {
		t.Errorf("the log holds %q", got)
	}
	write(t, a, "0")
	if got := read(t, path+".1"); got != "1234567890" {
		t.Errorf("rolled over %q, want exactly ten bytes", got)
	}
}

// A removed directory: users-want 2A 7.
func TestARemovedDirectoryCostsOnlyWhatWasWrittenMeanwhile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "logs")
	mkdir(t, dir)
	path := filepath.Join(dir, "log")
	c, w := newClock(), warnings{}
	f := opened(t, path, logfile.Options{MaxBytes: 1 << 20, Backups: 3, Warn: w.Warn, Now: c.Now})
	write(t, f, "before\n")
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	for range 60 { // thirty seconds
		write(t, f, "lost\n")
		c.advance(time.Second / 2)
	}
	want := fmt.Sprintf("cannot open log %q: no such file or directory (errno 2); 5 bytes dropped so far, each write tries again", path)
	if texts := w.take(); len(texts) != 1 || texts[0] != want {
		t.Errorf("warnings in the first half minute:\n%q, want one:\n%q", texts, want)
	}
	for range 120 {
		write(t, f, "lost\n")
		c.advance(time.Second / 2)
	}
	if texts := w.take(); len(texts) != 1 || !strings.Contains(texts[0], "605 bytes dropped so far") {
		t.Errorf("warnings in the next minute: %q, want one with the sum", texts)
	}

	mkdir(t, dir)
	write(t, f, "after\n")
	write(t, f, "after\n")
	if got := read(t, path); got != "after\nafter\n" {
		t.Errorf("after the trouble the log holds %q", got)
	}
	want = fmt.Sprintf("log %q works again; 900 bytes were dropped", path)
	if texts := w.take(); len(texts) != 1 || texts[0] != want {
		t.Errorf("at the end of the trouble: %q, want %q", texts, want)
	}
}

func mkdir(t *testing.T, dir string) {
	t.Helper()
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
}

func TestTroubleThatComesAndGoesIsToldOnceAMinute(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "logs")
	path := filepath.Join(dir, "log")
	mkdir(t, dir)
	c, w := newClock(), warnings{}
	f := opened(t, path, logfile.Options{Warn: w.Warn, Now: c.Now})
	flap := func(times int) {
		for range times {
			os.RemoveAll(dir)
			write(t, f, "x")
			mkdir(t, dir)
			write(t, f, "y")
			c.advance(time.Second)
		}
	}
	flap(50)
	if texts := w.take(); len(texts) != 2 || !strings.Contains(texts[1], " 1 bytes were dropped") {
		t.Errorf("in the first minute: %q, want the first trouble and its end", texts)
	}
	c.advance(time.Minute)
	write(t, f, "z")
	if texts := w.take(); len(texts) != 1 || !strings.Contains(texts[0], "49 bytes were dropped") {
		t.Errorf("later: %q, want the sum of what was not told", texts)
	}
}

// A rotation that cannot be done: the file grows on and not a byte is missing.
func TestARotationThatFailsLosesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	// A directory that is not empty cannot be replaced by a file, by root neither.
	mkdir(t, path+".1")
	mkdir(t, path+".1/full")
	c, w := newClock(), warnings{}
	f := opened(t, path, logfile.Options{MaxBytes: 10, Backups: 1, Warn: w.Warn, Now: c.Now})
	var all string
	for i := range 20 {
		s := fmt.Sprintf("line %d\n", i)
		all += s
		write(t, f, s)
	}
	if got := read(t, path); got != all {
		t.Errorf("the log holds %q, want every line", got)
	}
	if texts := w.take(); len(texts) != 1 || !strings.HasPrefix(texts[0], fmt.Sprintf("cannot rotate log %q: ", path)) {
		t.Errorf("warnings: %q, want one", texts)
	}
	os.RemoveAll(path + ".1")
	write(t, f, "last\n")
	if got := read(t, path+".1"); got != all+"last\n" {
		t.Errorf("rolled over %q, want every line", got)
	}
	if texts := w.take(); len(texts) != 1 || !strings.HasSuffix(texts[0], "works again; 0 bytes were dropped") {
		t.Errorf("at the end: %q", texts)
	}
}

func TestReadOnlyDirectoryForAnOrdinaryUser(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root may write everywhere; the same rule is tested with a directory in the way")
	}
	dir := filepath.Join(t.TempDir(), "logs")
	mkdir(t, dir)
	path := filepath.Join(dir, "log")
	var w warnings
	f := opened(t, path, logfile.Options{MaxBytes: 4, Backups: 1, Warn: w.Warn})
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(dir, 0o755)
	write(t, f, "full")
	write(t, f, "more")
	if got := read(t, path); got != "fullmore" {
		t.Errorf("the log holds %q, want it to grow", got)
	}
	if texts := w.take(); len(texts) != 1 || !strings.Contains(texts[0], "permission denied") {
		t.Errorf("warnings: %q", texts)
	}
}

func TestAFullDeviceDropsAndSaysSo(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("no /dev/full on this system")
	}
	c, w := newClock(), warnings{}
	f := opened(t, "/dev/full", logfile.Options{MaxBytes: 1, Backups: 1, Warn: w.Warn, Now: c.Now})
	for range 10 {
		write(t, f, "12345")
	}
	want := `cannot write log "/dev/full": no space left on device (errno 28); 5 bytes dropped so far, each write tries again`
	if texts := w.take(); len(texts) != 1 || texts[0] != want {
		t.Errorf("warnings: %q, want %q", texts, want)
	}
}

// core 215, 216
func TestAPipeNeverRotatesAndIsWaitedFor(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	var warned warnings
	f := opened(t, fmt.Sprintf("/dev/fd/%d", w.Fd()), logfile.Options{MaxBytes: 10, Backups: 2, Warn: warned.Warn})

	want := bytes.Repeat([]byte("0123456789abcdef"), 20000) // more than a pipe holds
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := 0; i < len(want); i += 5000 {
			f.Write(want[i : i+5000])
		}
	}()
	got := make([]byte, 0, len(want))
	buf := make([]byte, 4096)
	for len(got) < len(want) {
		n, err := r.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, buf[:n]...)
	}
	<-done
	if !bytes.Equal(got, want) {
		t.Error("what came out of the pipe is not what was written")
	}
	if err := f.Clear(); err != nil {
		t.Errorf("Clear of a pipe: %v, want it left alone", err)
	}
	f.Reopen()
	if texts := warned.take(); texts != nil {
		t.Errorf("warnings: %q", texts)
	}
}

func TestABrokenPipeDropsAndSaysSo(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	var warned warnings
	f := opened(t, fmt.Sprintf("/dev/fd/%d", w.Fd()), logfile.Options{Warn: warned.Warn})
	r.Close()
	write(t, f, "nobody")
	write(t, f, "hears")
	if texts := warned.take(); len(texts) != 1 || !strings.Contains(texts[0], "broken pipe (errno 32); 6 bytes dropped") {
		t.Errorf("warnings: %q", texts)
	}
}

func TestASocketAsStdoutIsWrittenByOurOwnDescriptor(t *testing.T) {
	pair, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(pair[0])
	defer syscall.Close(pair[1])
	f := opened(t, fmt.Sprintf("/dev/fd/%d", pair[0]), logfile.Options{MaxBytes: 1})
	write(t, f, "by socket")
	buf := make([]byte, 100)
	n, err := syscall.Read(pair[1], buf)
	if err != nil || string(buf[:n]) != "by socket" {
		t.Errorf("read %q, %v", buf[:n], err)
	}
	f.Close()
	if _, err := syscall.Write(pair[0], []byte("still ours")); err != nil {
		t.Errorf("closing the log closed our descriptor: %v", err)
	}
}

func TestOurOwnRegularStdoutIsNotOverwritten(t *testing.T) {
	out, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	f := opened(t, fmt.Sprintf("/dev/fd/%d", out.Fd()), logfile.Options{MaxBytes: 1, Backups: 1})
	out.WriteString("ours ")
	write(t, f, "log ")
	out.WriteString("ours")
	f.Reopen()
	if err := f.Clear(); err != nil {
		t.Fatal(err)
	}
	if got := read(t, out.Name()); got != "ours log ours" {
		t.Errorf("the file holds %q", got)
	}
}

// A writer that waits for a full pipe must not hold up the loop that closes or
// reopens the log.
func TestCloseAndReopenDoNotWaitForAWriterThatHangs(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	var warned warnings
	f := opened(t, fmt.Sprintf("/dev/fd/%d", w.Fd()), logfile.Options{Warn: warned.Warn})
	written := make(chan struct{})
	go func() {
		defer close(written)
		f.Write(make([]byte, 8<<20))
	}()
	buf := make([]byte, 1)
	if _, err := r.Read(buf); err != nil { // the writer is at it
		t.Fatal(err)
	}
	f.Reopen()
	f.Close()
	<-written
	if _, err := f.Write([]byte("x")); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("Write after Close: %v, want fs.ErrClosed", err)
	}
	if texts := warned.take(); texts != nil {
		t.Errorf("warnings: %q", texts)
	}
}

func TestAWriterAndThreeWhoDisturbIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	f := opened(t, path, logfile.Options{MaxBytes: 1000, Backups: 40})
	stop := make(chan struct{})
	var group sync.WaitGroup
	for _, disturb := range []func(){f.Reopen, func() { f.Changed() }, func() { os.Remove(path + ".none") }} {
		group.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					disturb()
				}
			}
		})
	}
	for i := range 3000 {
		write(t, f, fmt.Sprintf("line %04d\n", i))
	}
	close(stop)
	group.Wait()
	f.Close()

	var all strings.Builder
	names, _ := filepath.Glob(path + ".*")
	for i := len(names); i >= 1; i-- {
		all.WriteString(read(t, fmt.Sprintf("%s.%d", path, i)))
	}
	all.WriteString(read(t, path))
	if all.String() != lines(0, 2999) {
		t.Error("lines are missing, doubled or out of order")
	}
}

func TestChangedIsClosedByWhatChangesTheLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	f := opened(t, path, logfile.Options{})
	for name, change := range map[string]func(){
		"a write": func() { write(t, f, "x") },
		"a clear": func() { f.Clear() },
		"reopen":  f.Reopen,
	} {
		c := f.Changed()
		select {
		case <-c:
			t.Fatalf("closed before %s", name)
		default:
		}
		change()
		select {
		case <-c:
		default:
			t.Errorf("not closed after %s", name)
		}
	}
}
