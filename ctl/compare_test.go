//go:build linux

package ctl

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/api"
	"github.com/sirdar-project/sirdar/internal/oracle"
)

// The comparison: Debian's supervisorctl and ours run the same invocations in the
// same order, each against a Python supervisord of its own with the same
// configuration, and must print and return the same. What may differ stands in the
// table differences, with the reason, and must differ just so.

const (
	pythonDaemon = "/usr/bin/supervisord"
	pythonCtl    = "/usr/bin/supervisorctl"
)

// patience bounds whatever is awaited; only a failure waits as long.
const patience = 60 * time.Second

// asProgram, in the environment, turns the test binary into supervisorctl.
const asProgram = "SIRDAR_TEST_RUNS_SUPERVISORCTL"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		args := append([]string{pythonCtl}, os.Args[1:]...)
		os.Exit(Main(context.Background(), args, os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// A scene is a configuration and what is done with it.
type scene struct {
	name   string
	config string // "" = no daemon is started; DIR and PORT are filled in
	ready  string // states that are awaited first: "cat RUNNING, idle STOPPED"
	before func(t *testing.T, l *lane)
	rows   []row
}

// A row is one invocation.
type row struct {
	args    string            // DIR and PORT are filled in; words are split at blanks, or at | if there is one
	bare    bool              // -c DIR/s.conf is not put in front
	stdin   string            // what can be read at once
	talk    []turn            // instead of stdin: a conversation
	files   map[string]string // written before
	then    string            // states that are awaited afterwards
	up      bool              // afterwards the daemon answers as a new one
	loose   bool              // the order of lines depends on who is faster
	pids    bool              // numbers are process ids
	race    bool              // what Python does after the last turn is a race, which it often loses: it is killed
	differs *difference
}

// A turn of a conversation: something is awaited on standard output, then
// something is done.
type turn struct {
	await string
	send  string
	press os.Signal
	close bool
}

// A difference is a deliberate one. same says whether two outcomes differ in the
// allowed way and in nothing else; the exit status is always compared.
type difference struct {
	reason string
	allows func(python, ours outcome) bool
}

var (
	helpWords = &difference{
		reason: "help explains in our own words; the line that says what is wrong is the same",
		allows: func(python, ours outcome) bool {
			p, pHelp := cutHelp(python.out)
			o, oHelp := cutHelp(ours.out)
			return p == o && pHelp != "" && oHelp != "" && python.err == ours.err
		},
	}
	usageWords = &difference{
		reason: "the usage is written in our own words, and tells where the configuration is looked for",
		allows: func(python, ours outcome) bool {
			return ours.err == "" && python.err == "" && strings.Contains(ours.out, "--serverurl URL") && strings.Contains(python.out, "--serverurl URL")
		},
	}
	rawException = &difference{
		reason: "where Supervisor prints a raw Python exception, plain words follow the same error: ",
		allows: func(python, ours outcome) bool {
			p, o := strings.Split(python.out, "\n"), strings.Split(ours.out, "\n")
			raw := 0
			for i := range p {
				if before, _, isRaw := strings.Cut(p[i], "error: <class '"); isRaw && i < len(o) && strings.HasPrefix(o[i], before+"error: ") {
					p[i], o[i] = "", ""
					raw++
				}
			}
			return raw > 0 && slices.Equal(p, o) && python.err == ours.err
		},
	}
	interrupted = &difference{
		reason: "Ctrl-C in a followed log gives a fresh line; in Python it may also strike in the middle and be told as a raw exception",
		allows: func(python, ours outcome) bool {
			return ours.err == "" && strings.HasSuffix(ours.out, "\n\n") &&
				strings.TrimRight(ours.out, "\n") == strings.TrimRight(python.out, "\n")
		},
	}
	freshLine = &difference{
		reason: "Ctrl-C puts what follows on a fresh line",
		allows: func(python, ours outcome) bool {
			return strings.TrimSuffix(python.out, foregroundLeft)+"\n"+foregroundLeft == ours.out && ours.err == python.err
		},
	}
	secondLineOf401 = &difference{
		reason: "a refused password is told once; Supervisor runs the command twice and adds a raw exception",
		allows: func(python, ours outcome) bool {
			p, _, raw := strings.Cut(python.out, "error: <class 'xmlrpc.client.ProtocolError'>")
			return raw && p == ours.out
		},
	}
	noTraceback = &difference{
		reason: "a file that cannot be parsed is told in the form of every other wrong configuration, not as a traceback",
		allows: func(python, ours outcome) bool {
			return strings.Contains(python.err, "Traceback") && strings.HasPrefix(ours.err, "Error: ")
		},
	}
	askedOnTerminal = &difference{
		reason: "a password that cannot be hidden is warned of in fewer words",
		allows: func(python, ours outcome) bool {
			return python.out == ours.out && strings.Contains(python.err, "echoed") && strings.Contains(ours.err, "echoed")
		},
	}
)

// foregroundLeft is the last that fg says.
const foregroundLeft = "Exiting foreground\n"

// cutHelp divides an output before its first line of help.
func cutHelp(out string) (before, help string) {
	for line := range strings.Lines(out) {
		if strings.Contains(line, "\t") || strings.HasPrefix(line, "tail [-f]") {
			return before, out[len(before):]
		}
		before += line
	}
	return before, ""
}

func TestOursPrintsAndReturnsWhatDebiansSupervisorctlDoes(t *testing.T) {
	total := 0
	for _, s := range scenes {
		total += len(s.rows)
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			s.play(t)
		})
	}
	if total < 100 {
		t.Errorf("only %d invocations are compared", total)
	}
	t.Logf("%d invocations", total)
}

// play runs a scene on both sides at once and compares row by row.
func (s *scene) play(t *testing.T) {
	python, ours := newLane(t, s, "python"), newLane(t, s, "ours")
	var playing sync.WaitGroup
	for _, l := range []*lane{python, ours} {
		playing.Go(func() { l.play(t) })
	}
	playing.Wait()

	for i, r := range s.rows {
		if i >= len(python.outcomes) || i >= len(ours.outcomes) {
			return // a lane has given up, and has said why
		}
		r.compare(t, python.outcomes[i], ours.outcomes[i])
	}
}

func (r *row) compare(t *testing.T, python, ours outcome) {
	t.Helper()
	if python.exit != ours.exit {
		t.Errorf("supervisorctl %s: exit status %d, Python's is %d", r.args, ours.exit, python.exit)
	}
	if r.differs != nil {
		if !r.differs.allows(python, ours) {
			t.Errorf("supervisorctl %s: differs otherwise than this allows: %s\nPython's:\n%s\nours:\n%s", r.args, r.differs.reason, python, ours)
		}
		return
	}
	if diff := oracle.Diff(python.String(), ours.String()); diff != "" {
		t.Errorf("supervisorctl %s (- Python's, + ours):\n%s", r.args, diff)
	}
}

// String shows both outputs.
func (o outcome) String() string {
	return fmt.Sprintf("exit status %d\n--- standard output\n%s--- standard error\n%s", o.exit, o.out, o.err)
}

// A lane is one of the two sides of a scene.
type lane struct {
	scene    *scene
	side     string // "python" or "ours"
	dir      string
	port     string
	node     *api.Client // the daemon, asked beside the rows
	outcomes []outcome
}

func newLane(t *testing.T, s *scene, side string) *lane {
	t.Helper()
	// Not t.TempDir, whose names are too long for a socket.
	dir, err := os.MkdirTemp("", "ctl")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return &lane{scene: s, side: side, dir: dir, port: freePort(t)}
}

// freePort finds a port on which nobody listens.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// fill puts the lane's places into a text.
func (l *lane) fill(text string) string {
	return strings.NewReplacer("DIR", l.dir, "PORT", l.port).Replace(text)
}

func (l *lane) write(t *testing.T, name, text string) bool {
	t.Helper()
	if err := os.WriteFile(filepath.Join(l.dir, name), []byte(l.fill(text)), 0o666); err != nil {
		t.Error(err)
		return false
	}
	return true
}

// play starts the daemon, runs the rows and ends the daemon. It stops at the first
// thing that keeps it from going on.
func (l *lane) play(t *testing.T) {
	if l.scene.config != "" {
		if !l.write(t, "s.conf", l.scene.config) {
			return
		}
		end, err := l.startDaemon()
		if err != nil {
			t.Error(err)
			return
		}
		defer end()
		if !l.await(t, l.scene.ready) {
			return
		}
	}
	if l.scene.before != nil {
		l.scene.before(t, l)
	}
	for _, r := range l.scene.rows {
		for name, text := range r.files {
			if !l.write(t, name, text) {
				return
			}
		}
		before := 0
		if r.up {
			before = l.firstChild()
		}
		got, err := l.run(&r)
		if err != nil {
			t.Errorf("%s: supervisorctl %s: %v\n%s", l.side, r.args, err, got)
			return
		}
		l.outcomes = append(l.outcomes, l.masked(&r, got))
		if r.up && !l.awaitAnother(t, before) || !l.await(t, r.then) {
			t.Errorf("%s: after supervisorctl %s, which gave\n%s", l.side, r.args, got)
			return
		}
	}
}

// startDaemon starts Python's supervisord. The function that it returns kills it
// and all that it has started.
func (l *lane) startDaemon() (end func(), err error) {
	daemon := exec.Command(pythonDaemon, "-n", "-c", filepath.Join(l.dir, "s.conf"))
	daemon.Dir = l.dir
	var said bytes.Buffer
	daemon.Stdout, daemon.Stderr = &said, &said
	if err := daemon.Start(); err != nil {
		return nil, err
	}
	exited := make(chan error, 1)
	go func() { exited <- daemon.Wait() }()
	if l.node, err = api.Dial("unix://"+filepath.Join(l.dir, "s.sock"), "", ""); err != nil {
		return nil, err
	}
	kill := func() {
		rows, _ := l.node.Info(context.Background(), sirdar.All)
		for _, row := range rows {
			if row.PID > 0 {
				syscall.Kill(-row.PID, syscall.SIGKILL)
			}
		}
		daemon.Process.Kill()
		<-exited
	}
	if !poll(l.listening) {
		kill()
		return nil, fmt.Errorf("%s: the daemon does not listen:\n%s", l.side, &said)
	}
	return kill, nil
}

// listening says whether the daemon accepts connections.
func (l *lane) listening() bool {
	conn, err := net.Dial("unix", filepath.Join(l.dir, "s.sock"))
	if err == nil {
		conn.Close()
	}
	return err == nil
}

// poll asks until the answer is yes.
func poll(yes func() bool) bool {
	deadline := time.Now().Add(patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for time.Now().Before(deadline) {
		if yes() {
			return true
		}
		<-tick.C
	}
	return false
}

// await waits until processes have the states that are listed: "cat RUNNING, g:x
// EXITED"; "none" in place of a state means that there is no such process.
func (l *lane) await(t *testing.T, states string) bool {
	t.Helper()
	if states == "" {
		return true
	}
	var last string
	ok := poll(func() bool {
		rows, err := l.node.Info(context.Background(), sirdar.All)
		if err != nil {
			last = err.Error()
			return false
		}
		last = string(statusTable(rows))
		for _, want := range strings.Split(states, ",") {
			name, state, _ := strings.Cut(strings.TrimSpace(want), " ")
			at := slices.IndexFunc(rows, func(r sirdar.ProcessInfo) bool { return r.FullName() == name })
			if at < 0 && state != "none" || at >= 0 && rows[at].State.String() != state {
				return false
			}
		}
		return true
	})
	if !ok {
		t.Errorf("%s: awaited %s, it is\n%s", l.side, states, last)
	}
	return ok
}

// firstChild returns the pid of the first process that has one, which changes when
// the daemon begins anew; the daemon's own pid stays.
func (l *lane) firstChild() int {
	rows, _ := l.node.Info(context.Background(), sirdar.All)
	for _, row := range rows {
		if row.PID > 0 {
			return row.PID
		}
	}
	return 0
}

func (l *lane) awaitAnother(t *testing.T, before int) bool {
	t.Helper()
	if poll(func() bool { now := l.firstChild(); return now != 0 && now != before }) {
		return true
	}
	t.Errorf("%s: the daemon did not come back", l.side)
	return false
}

// run runs one invocation.
func (l *lane) run(r *row) (outcome, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, pythonCtl, l.args(r)...)
	// With a dumb terminal Python's readline writes no escape codes.
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + l.dir, "TERM=dumb", "LC_ALL=C.UTF-8", "PYTHONWARNINGS=ignore", asProgram + "=1"}
	if l.side == "ours" {
		self, err := os.Executable()
		if err != nil {
			return outcome{}, err
		}
		cmd.Path = self
	}
	cmd.Dir = l.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // no terminal to ask passwords on
	var out, errOut watched
	cmd.Stdout, cmd.Stderr = &out, &errOut

	err := l.converse(ctx, cmd, r, &out)
	got := outcome{out: out.String(), err: errOut.String(), exit: cmd.ProcessState.ExitCode()}
	if r.race && l.side == "python" && got.exit < 0 && ctx.Err() == nil {
		got.exit, got.err, err = 0, "", nil // spec rpc 5.4: Ctrl-C or EOF, exit 0
	}
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && got.exit >= 0 {
		err = nil
	}
	return got, err
}

// converse starts the command, plays the row's turns and waits for the end.
func (l *lane) converse(ctx context.Context, cmd *exec.Cmd, r *row, out *watched) error {
	if r.talk == nil {
		cmd.Stdin = strings.NewReader(r.stdin)
		return cmd.Run()
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	for _, turn := range r.talk {
		if err := out.await(ctx, turn.await); err != nil {
			cmd.Process.Kill()
			return errors.Join(err, cmd.Wait())
		}
		switch {
		case turn.send != "":
			io.WriteString(in, turn.send)
		case turn.press != nil:
			cmd.Process.Signal(turn.press)
			if l.side == "python" {
				defer pressAgain(cmd.Process, turn.press)()
			}
		case turn.close:
			in.Close()
		}
	}
	if r.race && l.side == "python" {
		cmd.Process.Kill()
	}
	return cmd.Wait()
}

// pressAgain sends a signal from time to time until the function that it returns
// is called: Python loses one that comes just before it begins to read.
func pressAgain(p *os.Process, sig os.Signal) (stop func()) {
	stopped := make(chan struct{})
	var pressing sync.WaitGroup
	pressing.Go(func() {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				p.Signal(sig)
			case <-stopped:
				return
			}
		}
	})
	return func() {
		close(stopped)
		pressing.Wait()
	}
}

func (l *lane) args(r *row) []string {
	text := l.fill(r.args)
	var words []string
	if strings.Contains(text, "|") {
		words = strings.Split(text, "|")
	} else {
		words = strings.Fields(text)
	}
	if r.bare {
		return words
	}
	return append([]string{"-c", filepath.Join(l.dir, "s.conf")}, words...)
}

var (
	pidText    = regexp.MustCompile(`pid \d+, uptime (\d+ days, )?\d+:\d\d:\d\d`)
	dateText   = regexp.MustCompile(`[A-Z][a-z]{2} \d\d \d\d:\d\d [AP]M`)
	numberLine = regexp.MustCompile(`(?m)^[1-9]\d*$`)
	logTime    = regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}`)
	logPID     = regexp.MustCompile(`pid:? \d+`)
)

// masked hides what must differ between two runs: places, process ids, times.
func (l *lane) masked(r *row, o outcome) outcome {
	mask := func(text string) string {
		text = strings.NewReplacer(l.dir, "DIR", l.port, "PORT").Replace(text)
		text = pidText.ReplaceAllString(text, "pid PID, uptime TIME")
		text = dateText.ReplaceAllString(text, "DATE")
		text = logTime.ReplaceAllString(text, "TIME")
		text = logPID.ReplaceAllString(text, "pid PID")
		if r.pids {
			text = numberLine.ReplaceAllString(text, "PID")
		}
		if r.loose {
			lines := strings.SplitAfter(text, "\n")
			slices.Sort(lines)
			text = strings.Join(lines, "")
		}
		return text
	}
	if r.race {
		before, _, _ := strings.Cut(o.out, foregroundLeft)
		o.out = before + foregroundLeft
	}
	return outcome{out: mask(o.out), err: mask(o.err), exit: o.exit}
}

// watched is an output in which a text can be awaited.
type watched struct {
	lock sync.Mutex
	text bytes.Buffer
	more chan struct{} // closed at the next write
}

func (w *watched) Write(text []byte) (int, error) {
	w.lock.Lock()
	defer w.lock.Unlock()
	if w.more != nil {
		close(w.more)
		w.more = nil
	}
	return w.text.Write(text)
}

func (w *watched) String() string {
	w.lock.Lock()
	defer w.lock.Unlock()
	return w.text.String()
}

func (w *watched) await(ctx context.Context, text string) error {
	for {
		w.lock.Lock()
		found := strings.Contains(w.text.String(), text)
		if w.more == nil {
			w.more = make(chan struct{})
		}
		more := w.more
		w.lock.Unlock()
		if found {
			return nil
		}
		select {
		case <-more:
		case <-ctx.Done():
			return fmt.Errorf("awaited %q", text)
		}
	}
}
