//go:build linux

package main

import (
	"context"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

//go:embed c/child.c
var childSource string

// A subject is a daemon to be measured.
type subject struct {
	name string
	path string
}

// A rig is the place where measurements happen.
type rig struct {
	options
	dir      string
	child    string // the compiled child
	subjects []subject
	progress io.Writer
	runs     int
}

// newRig makes the scratch folder and compiles the child. It raises our own limit
// of descriptors, which the daemons inherit, as far as it goes.
func newRig(o options, progress io.Writer) (*rig, error) {
	all, err := subjects(o)
	if err != nil {
		return nil, err
	}
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		return nil, err
	}
	files.Cur = files.Max
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		return nil, err
	}

	parent := o.dir
	if _, err := os.Stat("/dev/shm"); parent == "" && err == nil {
		parent = "/dev/shm"
	}
	dir, err := os.MkdirTemp(parent, "bench")
	if err != nil {
		return nil, err
	}
	r := &rig{options: o, dir: dir, child: filepath.Join(dir, "child"), subjects: all, progress: progress}
	if err := r.compile(); err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

func (r *rig) compile() error {
	source := r.child + ".c"
	if err := os.WriteFile(source, []byte(childSource), 0o644); err != nil {
		return err
	}
	out, err := exec.Command("gcc", "-O2", "-static", "-s", "-o", r.child, source).CombinedOutput()
	if err != nil {
		return fmt.Errorf("cannot compile the benchmark's child (apt-get install gcc libc6-dev): %w\n%s", err, out)
	}
	return nil
}

func (r *rig) close() { os.RemoveAll(r.dir) }

func (r *rig) names() []string {
	names := []string{limit}
	for _, s := range r.subjects {
		names = append(names, s.name)
	}
	return names
}

func (r *rig) say(format string, args ...any) {
	fmt.Fprintf(r.progress, "# "+format+"\n", args...)
}

// A session is one daemon, or one limit, at work in a folder of its own.
type session struct {
	dir     string
	cmd     *exec.Cmd
	launch  time.Duration // monotonic
	records *records
	ended   chan struct{}
}

// folder makes a fresh folder for a session.
func (r *rig) folder() (string, error) {
	r.runs++
	dir := filepath.Join(r.dir, fmt.Sprintf("run%d", r.runs))
	return dir, os.Mkdir(dir, 0o755)
}

// daemon starts a subject with the programs that sections describes, given the
// command line's words up to the child's id and the path of its records.
func (r *rig) daemon(s subject, sections func(dir, records string) string) (*session, error) {
	dir, err := r.folder()
	if err != nil {
		return nil, err
	}
	records := filepath.Join(dir, "records")
	text := fmt.Sprintf(`[unix_http_server]
file=%[1]s/s.sock
[supervisord]
logfile=%[1]s/supervisord.log
pidfile=%[1]s/supervisord.pid
childlogdir=%[1]s
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
`, dir) + sections(dir, records)
	conf := filepath.Join(dir, "supervisord.conf")
	if err := os.WriteFile(conf, []byte(text), 0o644); err != nil {
		return nil, err
	}
	return launch(dir, records, s.path, "-n", "-c", conf)
}

// bare starts one of the child's limits.
func (r *rig) bare(mode string, n int) (*session, error) {
	dir, err := r.folder()
	if err != nil {
		return nil, err
	}
	records := filepath.Join(dir, "records")
	return launch(dir, records, r.child, mode, fmt.Sprint(n), records)
}

func launch(dir, recordsPath, path string, args ...string) (*session, error) {
	recs, err := newRecords(recordsPath)
	if err != nil {
		return nil, err
	}
	console, err := os.Create(filepath.Join(dir, "console"))
	if err != nil {
		return nil, err
	}
	defer console.Close()
	s := &session{dir: dir, records: recs, ended: make(chan struct{})}
	s.cmd = exec.Command(path, args...)
	s.cmd.Dir, s.cmd.Stdout, s.cmd.Stderr = dir, console, console
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	s.launch = monotonic()
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		s.cmd.Wait()
		close(s.ended)
	}()
	return s, nil
}

func (s *session) pid() int { return s.cmd.Process.Pid }

// errOver says that a daemon ended before it should.
var errOver = errors.New("ended early")

// await looks every pace until the condition holds. It fails when the daemon ends,
// when ctx does, and after two minutes.
func (s *session) await(ctx context.Context, pace time.Duration, what string, holds func() bool) error {
	tick := time.NewTicker(pace)
	defer tick.Stop()
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	for !holds() {
		select {
		case <-s.ended:
			return fmt.Errorf("%s while awaiting %s: %w; it said:\n%s", s.cmd.Path, what, errOver, readFile(filepath.Join(s.dir, "console")))
		case <-ctx.Done():
			return fmt.Errorf("awaiting %s: %w", what, ctx.Err())
		case <-tick.C:
		}
	}
	return nil
}

// awaitRecords waits until n records are there.
func (s *session) awaitRecords(ctx context.Context, n int) error {
	return s.await(ctx, time.Millisecond, fmt.Sprintf("%d records (%d are there)", n, len(s.records.all)), func() bool {
		return len(s.records.read()) >= n
	})
}

// stop sends SIGTERM and returns how long it took until the daemon was gone.
func (s *session) stop(ctx context.Context) (time.Duration, error) {
	began := monotonic()
	s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.ended:
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-time.After(2 * time.Minute):
		return 0, fmt.Errorf("%s is still there two minutes after SIGTERM", s.cmd.Path)
	}
	return monotonic() - began, nil
}

// end takes away whatever is left, without mercy: the daemon, then the children
// that told their pids and still are ours.
func (s *session) end() {
	s.cmd.Process.Kill()
	<-s.ended
	for _, r := range s.records.read() {
		if strings.Contains(readFile(fmt.Sprintf("/proc/%d/cmdline", r.pid)), s.records.path) {
			syscall.Kill(r.pid, syscall.SIGKILL)
		}
	}
	os.RemoveAll(s.dir)
}

// A record is what a child says of its start.
type record struct {
	id    int
	first bool // it is about to write, not just started
	pid   int
	when  time.Duration // monotonic
}

// records reads the children's records as they come.
type records struct {
	path string
	file *os.File
	rest []byte
	all  []record
}

func newRecords(path string) (*records, error) {
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	return &records{path: path, file: file}, nil
}

// read returns all records that there are now.
func (r *records) read() []record {
	more, err := io.ReadAll(r.file)
	if err != nil {
		panic(err) // a file in memory that we have open
	}
	r.rest = append(r.rest, more...)
	for ; len(r.rest) >= 16; r.rest = r.rest[16:] {
		id := binary.NativeEndian.Uint32(r.rest)
		r.all = append(r.all, record{
			id:    int(id &^ (1 << 31)),
			first: id>>31 == 1,
			pid:   int(binary.NativeEndian.Uint32(r.rest[4:])),
			when:  time.Duration(binary.NativeEndian.Uint64(r.rest[8:])),
		})
	}
	return r.all
}
