//go:build linux

package bugs

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/api"
	"github.com/sirdar-project/sirdar/tests/running"
)

// An echo is a program that writes the lines that it is told. The main log shows
// each when supervisord has dealt with it, be the program's own log ill or not.
type echo struct {
	t *testing.T
	d *running.Daemon
	c *api.Client
	n int // the last line
}

// echoProgram ends when a write fails.
const echoProgram = `[supervisord]
loglevel=debug
[program:echo]
command=/bin/cat
startsecs=0
redirect_stderr=true
`

// say has the program write some lines, one by one, and returns their numbers.
func (e *echo) say(lines int) (from, to int) {
	e.t.Helper()
	from = e.n + 1
	for range lines {
		e.n++
		if err := e.c.SendStdin(inTime(e.t), sirdar.Select("echo"), fmt.Sprintf("line %d.\n", e.n)); err != nil {
			e.t.Fatal(err)
		}
		awaitText(e.d, "supervisord.log", fmt.Sprintf("line %d.\n", e.n))
	}
	return from, e.n
}

// mustHaveOnce demands that each line stands once in a text, or at most once.
func (e *echo) mustHaveOnce(text string, from, to int, atMost bool) {
	e.t.Helper()
	for i := from; i <= to; i++ {
		if n := strings.Count(text, fmt.Sprintf("line %d.\n", i)); n != 1 && (n != 0 || !atMost) {
			e.t.Errorf("line %d stands %d times in the log", i, n)
		}
	}
}

// complaints are what the main log tells of trouble.
func complaints(d *running.Daemon) []string {
	var found []string
	for _, line := range lines(d.Log(), " ") {
		if regexp.MustCompile(`^[-0-9]+ [:,0-9]+ (WARN|ERRO|CRIT) `).MatchString(line) &&
			!strings.Contains(line, "running as root") && !strings.Contains(line, "without any HTTP authentication") {
			found = append(found, line)
		}
	}
	return found
}

// An ailment is trouble with a program's log that begins and ends.
type ailment struct {
	name  string
	how   running.How
	path  string // the log, in the daemon's folder
	more  string // more keys of the program
	begin func(t *testing.T, dir string)
	end   func(t *testing.T, dir string)
	lossy bool // what is written meanwhile may be lost
	wipes bool // what was written before is gone with the file
	root  bool // only root can have it
}

func do(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

var ailments = []ailment{
	{
		name: "the file is deleted", path: "logs/echo.log", wipes: true,
		begin: func(t *testing.T, dir string) { do(t, os.Remove(dir+"/logs/echo.log")) },
		end:   func(*testing.T, string) {},
	},
	{
		name: "the folder is removed", path: "logs/echo.log", wipes: true, lossy: true,
		begin: func(t *testing.T, dir string) { do(t, os.RemoveAll(dir+"/logs")) },
		end:   func(t *testing.T, dir string) { do(t, os.Mkdir(dir+"/logs", 0o777), os.Chmod(dir+"/logs", 0o777)) },
	},
	{
		name: "the folder is moved away when the log is to be rotated", path: "logs/echo.log", lossy: true,
		more:  "stdout_logfile_maxbytes=25\nstdout_logfile_backups=100\n",
		begin: func(t *testing.T, dir string) { do(t, os.Rename(dir+"/logs", dir+"/away")) },
		end:   func(t *testing.T, dir string) { do(t, os.Rename(dir+"/away", dir+"/logs")) },
	},
	{
		name: "the folder is read-only and the file is deleted", path: "logs/echo.log", lossy: true, wipes: true,
		how:   running.How{Attr: ordinary()},
		begin: func(t *testing.T, dir string) { do(t, os.Remove(dir+"/logs/echo.log"), os.Chmod(dir+"/logs", 0o555)) },
		end:   func(t *testing.T, dir string) { do(t, os.Chmod(dir+"/logs", 0o777)) },
	},
	{
		name: "the folder is read-only when the log is to be rotated", path: "logs/echo.log",
		how:   running.How{Attr: ordinary()},
		more:  "stdout_logfile_maxbytes=25\nstdout_logfile_backups=100\n",
		begin: func(t *testing.T, dir string) { do(t, os.Chmod(dir+"/logs", 0o555)) },
		end:   func(t *testing.T, dir string) { do(t, os.Chmod(dir+"/logs", 0o777)) },
	},
	{
		name: "the disk is full", path: "disk/echo.log", lossy: true, root: true,
		how: running.How{
			Attr:   &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS},
			Prefix: []string{"/bin/sh", "-ec", `mount --make-rprivate / && mount -t tmpfs -o size=256k none {dir}/disk && exec "$0" "$@"`},
		},
		begin: func(t *testing.T, dir string) {
			f, err := os.Create(dir + "/disk/filler")
			do(t, err)
			for err == nil {
				_, err = f.Write(make([]byte, 512))
			}
			// What is left of the log's own last page is filled too.
			own, err := os.OpenFile(dir+"/disk/echo.log", os.O_WRONLY|os.O_APPEND, 0)
			do(t, err)
			for err == nil {
				_, err = own.WriteString(".\n")
			}
			do(t, f.Close(), own.Close())
		},
		end: func(t *testing.T, dir string) { do(t, os.Remove(dir+"/disk/filler")) },
	},
}

// users-want 2A 7, 2B 3
//
// core 207
func TestTroubleWithALogNeitherHarmsTheProgramNorOutlastsItsCause(t *testing.T) {
	t.Parallel()
	for _, a := range ailments {
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			if a.root {
				needRoot(t)
			}
			d, c := startAs(t, a.how, echoProgram+"stdout_logfile={dir}/"+a.path+"\n"+a.more, running.Files{filepath.Dir(a.path) + "/": ""})
			// A file system that only the daemon sees is seen through its root.
			dir := filepath.Join("/proc", fmt.Sprint(d.Pid()), "root", d.Dir)
			if !a.root {
				dir = d.Dir
			}
			logged := func() string { return readAll(t, filepath.Join(dir, a.path)+"*") }
			before := awaitState(t, d, c, "echo", sirdar.Running)
			e := &echo{t: t, d: d, c: c}

			_, healthy := e.say(10)
			text := logged()
			e.mustHaveOnce(text, 1, healthy, false)
			a.begin(t, dir)
			from, to := e.say(30)
			if now := info(t, c, "echo"); now.PID != before.PID || now.State != sirdar.Running {
				t.Errorf("the program is %v with pid %d, was RUNNING with %d", now.State, now.PID, before.PID)
			}
			if told := complaints(d); len(told) > 1 || a.lossy && len(told) == 0 {
				t.Errorf("%d warnings, want one at most and one where bytes are lost:\n%s", len(told), strings.Join(told, "\n"))
			}

			a.end(t, dir)
			again, last := e.say(10)
			after := logged()
			e.mustHaveOnce(after, from, to, a.lossy)
			e.mustHaveOnce(after, again, last, false)
			e.mustHaveOnce(after, 1, healthy, a.wipes)
			if now := info(t, c, "echo"); now.PID != before.PID {
				t.Errorf("at the end the pid is %d, was %d", now.PID, before.PID)
			}
			// One for the beginning, one for the end.
			if told := complaints(d); len(told) > 2 {
				t.Errorf("%d warnings in all:\n%s", len(told), strings.Join(told, "\n"))
			}
		})
	}
}

// readAll joins the files that match a pattern.
func readAll(t *testing.T, pattern string) string {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}

// users-want 2A 7, 2B 3
func TestALogThatNeverTakesAByteDoesNotHarmTheProgram(t *testing.T) {
	t.Parallel()
	for _, keys := range []string{"stdout_logfile=/dev/full\n", "stdout_logfile=/dev/full\nstdout_logfile_maxbytes=0\n"} {
		t.Run(keys, func(t *testing.T) {
			t.Parallel()
			d, c := start(t, echoProgram+keys, nil)
			before := awaitState(t, d, c, "echo", sirdar.Running)
			e := &echo{t: t, d: d, c: c}
			e.say(30)
			if now := info(t, c, "echo"); now.PID != before.PID || now.State != sirdar.Running {
				t.Errorf("the program is %v with pid %d, was RUNNING with %d", now.State, now.PID, before.PID)
			}
			if told := complaints(d); len(told) != 1 || !strings.Contains(told[0], "/dev/full") {
				t.Errorf("want one warning that names the log, got:\n%s", strings.Join(told, "\n"))
			}
		})
	}
}

// users-want 2A 7, 2B 3
func TestALogThatIsAPipeGoesOnWithItsNextReader(t *testing.T) {
	t.Parallel()
	d := running.How{}.Prepare(t, echoProgram+"stdout_logfile={dir}/pipe\n", nil)
	do(t, syscall.Mkfifo(d.Path("pipe"), 0o666))
	reader := openFIFO(t, d.Path("pipe"))
	d.Launch()
	c := dial(t, d)
	before := awaitState(t, d, c, "echo", sirdar.Running)
	e := &echo{t: t, d: d, c: c}

	from, to := e.say(10)
	e.mustHaveOnce(readNow(t, reader), from, to, false)
	do(t, reader.Close())
	e.say(30)
	if now := info(t, c, "echo"); now.PID != before.PID || now.State != sirdar.Running {
		t.Errorf("without a reader the program is %v with pid %d, was RUNNING with %d", now.State, now.PID, before.PID)
	}
	if told := complaints(d); len(told) != 1 {
		t.Errorf("want one warning, got:\n%s", strings.Join(told, "\n"))
	}
	next := openFIFO(t, d.Path("pipe"))
	from, to = e.say(10)
	e.mustHaveOnce(readNow(t, next), from, to, false)
	if now := info(t, c, "echo"); now.PID != before.PID {
		t.Errorf("at the end the pid is %d, was %d", now.PID, before.PID)
	}
	do(t, next.Close())
}

func openFIFO(t *testing.T, path string) *os.File {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	do(t, err)
	return f
}

// readNow reads what is in a pipe.
func readNow(t *testing.T, f *os.File) string {
	t.Helper()
	p := make([]byte, 1<<16)
	n, err := f.Read(p)
	do(t, err)
	return string(p[:n])
}

// numbered writes many more numbered lines to supervisord's own output than a pipe
// holds; the size at which a file would be rotated is the default.
const numbered = `[program:numbered]
command=/bin/seq 1 60000
startsecs=0
autorestart=false
stdout_logfile=/dev/stdout
`

func numberedLines() string {
	var all strings.Builder
	for i := 1; i <= 60000; i++ {
		fmt.Fprintln(&all, i)
	}
	return all.String()
}

// mainLogLine is a line of the main log, which goes to the same pipe.
var mainLogLine = regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} [A-Z]{4} .*\n`)

// users-want 2A 7
//
// core 216
func TestEveryLineArrivesThroughSupervisordsOwnPipe(t *testing.T) {
	t.Parallel()
	for name, more := range map[string]string{
		"child log":          "",
		"child and main log": "[supervisord]\nlogfile=/dev/stdout\nsilent=true\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, w, err := os.Pipe()
			do(t, err)
			defer r.Close()
			d, c := startAs(t, running.How{Stdout: w}, more+numbered, nil)
			do(t, w.Close())
			output := collect(r)
			awaitState(t, d, c, "numbered", sirdar.Exited)
			mustEndWell(t, d)
			all := output()
			if got, want := mainLogLine.ReplaceAllString(all, ""), numberedLines(); got != want {
				t.Errorf("%d bytes arrived, want %d, and differ at byte %d", len(got), len(want), firstDifference(got, want))
			}
			if n := strings.Count(all, "INFO spawned: 'numbered'"); n != 1 {
				t.Errorf("the main log's line arrived %d times", n)
			}
			if told := lines(all, "errno"); len(told) > 0 {
				t.Errorf("complaints: %q", told)
			}
		})
	}
}

// collect reads until the end and then returns all.
func collect(r io.Reader) func() string {
	var all []byte
	var done sync.WaitGroup
	done.Go(func() { all, _ = io.ReadAll(r) })
	return func() string {
		done.Wait()
		return string(all)
	}
}

// users-want 2A 7
func TestAReaderThatPausesHoldsUpNobodyElse(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	do(t, err)
	defer r.Close()
	d, c := startAs(t, running.How{Stdout: w}, numbered+`[program:other]
command=/bin/cat
startsecs=0
stdout_logfile={dir}/other.log
`, nil)
	do(t, w.Close())
	d.Await("the pipe is full", func() bool {
		waiting, err := unix.IoctlGetInt(int(r.Fd()), unix.TIOCINQ)
		do(t, err)
		return waiting > 60000
	})

	other := sirdar.Select("other")
	for i := range 20 {
		if err := c.SendStdin(inTime(t), other, fmt.Sprintf("word %d\n", i)); err != nil {
			t.Fatal(err)
		}
		awaitText(d, "other.log", fmt.Sprintf("word %d\n", i))
	}
	before := info(t, c, "other").PID
	stop(t, c, "other")
	if _, err := c.Start(inTime(t), other, true); err != nil {
		t.Errorf("start: %v", err)
	}
	if now := awaitState(t, d, c, "other", sirdar.Running); now.PID == before {
		t.Error("the other program has the pid that it had before it was stopped")
	}
	awaitText(d, "supervisord.log", "stopped: other")

	output := collect(r)
	awaitState(t, d, c, "numbered", sirdar.Exited)
	mustEndWell(t, d)
	if got, want := mainLogLine.ReplaceAllString(output(), ""), numberedLines(); got != want {
		t.Errorf("%d bytes arrived, want %d, and differ at byte %d", len(got), len(want), firstDifference(got, want))
	}
}

// users-want 2A 7, 2B 3
func TestAReaderThatHasGoneHarmsNeitherSupervisordNorItsPrograms(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	do(t, err)
	d, c := startAs(t, running.How{Stdout: w}, echoProgram+"stdout_logfile=/dev/stdout\n", nil)
	do(t, w.Close())
	before := awaitState(t, d, c, "echo", sirdar.Running)
	do(t, r.Close())
	e := &echo{t: t, d: d, c: c}
	e.say(30)
	if now := info(t, c, "echo"); now.PID != before.PID || now.State != sirdar.Running {
		t.Errorf("the program is %v with pid %d, was RUNNING with %d", now.State, now.PID, before.PID)
	}
	if told := complaints(d); len(told) != 1 || !strings.Contains(told[0], "/dev/stdout") {
		t.Errorf("want one warning that names the log, got:\n%s", strings.Join(told, "\n"))
	}
	mustEndWell(t, d)
}

// users-want 2A 15
func TestChattyProgramsStarveNobody(t *testing.T) {
	t.Parallel()
	const maxbytes, chunk = 256 << 10, 128 << 10 // a log exceeds its size by one read at most
	d, c := start(t, `[program:yes]
command=/usr/bin/nice -n 19 /usr/bin/yes
numprocs=20
process_name=%(process_num)02d
startsecs=0
stdout_logfile={dir}/yes-%(process_num)02d.log
stdout_logfile_maxbytes=256KB
stdout_logfile_backups=2
stderr_logfile=NONE
[program:other]
command=/bin/sleep 1000
autostart=false
startsecs=0
`, nil)
	rotated := func() []string {
		names, err := filepath.Glob(d.Path("yes-*.log.2"))
		do(t, err)
		return names
	}
	d.Await("every log has rotated twice", func() bool { return len(rotated()) == 20 })
	for range 10 {
		infos, err := c.Info(inTime(t), sirdar.All)
		if err != nil || len(infos) != 21 {
			t.Fatalf("status tells of %d processes (%v)", len(infos), err)
		}
		if _, err := c.Start(inTime(t), sirdar.Select("other"), true); err != nil {
			t.Fatalf("start: %v", err)
		}
		stop(t, c, "other")
	}
	if _, err := c.Stop(inTime(t), sirdar.OfGroup("yes"), true); err != nil {
		t.Fatalf("stop: %v", err)
	}
	mustEndWell(t, d)

	names, err := filepath.Glob(d.Path("yes-*.log*"))
	do(t, err)
	if len(names) != 60 {
		t.Errorf("there are %d logs, want 60", len(names))
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		do(t, err)
		size, isBackup := len(text), !strings.HasSuffix(name, ".log")
		if size >= maxbytes+chunk || isBackup && size < maxbytes || !isBackup && size >= maxbytes {
			t.Errorf("%s has %d bytes", filepath.Base(name), size)
		}
		if strings.Trim(string(text), "y\n") != "" || strings.Contains(string(text), "yy") || strings.Contains(string(text), "\n\n") {
			t.Errorf("%s holds something else than yes", filepath.Base(name))
		}
	}
}

// users-want 2B 19
//
// core 52, 205
func TestSizesAreReadAsSupervisorReadsThem(t *testing.T) {
	t.Parallel()
	d, c := start(t, `[program:one]
command=/bin/true
autostart=false
stdout_logfile_maxbytes=1MB
[program:spaced]
command=/bin/true
autostart=false
stdout_logfile_maxbytes=2 kb
[program:bare]
command=/bin/true
autostart=false
stdout_logfile_maxbytes=12345
[program:truncated]
command=/bin/sh -c "for i in 1 2 3 4 5 6 7 8; do echo 12345678$i; sleep 0.1; done"
startsecs=0
autorestart=false
stdout_logfile={dir}/truncated.log
stdout_logfile_maxbytes=30
stdout_logfile_backups=0
`, nil)
	configs, err := c.Configs(inTime(t))
	do(t, err)
	want := map[string]int64{"one": 1 << 20, "spaced": 2 << 10, "bare": 12345, "truncated": 30}
	for _, conf := range configs {
		if conf.Stdout.LogfileMaxBytes != want[conf.Name] {
			t.Errorf("%s rotates at %d, want %d", conf.Name, conf.Stdout.LogfileMaxBytes, want[conf.Name])
		}
	}
	awaitState(t, d, c, "truncated", sirdar.Exited)
	mustEndWell(t, d)
	if text := d.Read("truncated.log"); text == "" || len(text) >= 30 || !strings.HasSuffix(text, "123456788\n") {
		t.Errorf("the log without backups holds %q", text)
	}
	if backups, _ := filepath.Glob(d.Path("truncated.log.*")); len(backups) > 0 {
		t.Errorf("there are backups: %v", backups)
	}

	// What Supervisor does not understand is refused, not guessed.
	for size, shown := range map[string]string{"1M": "1m", "10K": "10k", "1.5MB": "1.5", "1TB": "1tb"} {
		d.Write("supervisord.conf", "[supervisord]\nlogfile={dir}/other.log\npidfile={dir}/other.pid\n[program:x]\ncommand=/bin/true\nstdout_logfile_maxbytes="+size+"\n")
		out, status := d.Second(running.How{})
		if status != 2 || !strings.Contains(out, "invalid literal for int() with base 10: '"+shown+"'") {
			t.Errorf("stdout_logfile_maxbytes=%s: exit status %d, %q", size, status, out)
		}
	}
}

// users-want 2B 19
func TestAMainLogThatIsStdoutStillHasALevelAndAPidfile(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	do(t, err)
	defer r.Close()
	d, _ := startAs(t, running.How{Stdout: w}, "[supervisord]\nlogfile=/dev/stdout\nlogfile_maxbytes=0\nloglevel=warn\n"+sleeper, nil)
	do(t, w.Close())
	output := collect(r)
	if got, want := d.Read("supervisord.pid"), fmt.Sprintf("%d\n", d.Pid()); got != want {
		t.Errorf("the pidfile holds %q, want %q", got, want)
	}
	d.Await("the program runs", func() bool { return len(children(t, d.Pid())) == 1 })
	mustEndWell(t, d)
	all := strings.Split(strings.TrimSuffix(output(), "\n"), "\n")
	if slices.ContainsFunc(all, func(line string) bool { return strings.Contains(line, " INFO ") }) {
		t.Errorf("loglevel=warn has no effect: %q", all)
	}
	if !slices.ContainsFunc(all, func(line string) bool {
		return strings.Contains(line, " WARN received SIGTERM indicating exit request")
	}) {
		t.Errorf("the main log lacks its warning: %q", all)
	}
}
