package supervisortest

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sirdar-project/sirdar"
)

// A Fake is a Supervisor without processes: what they would do happens at once, in
// memory. It has the programs of [Config], and those that AddProcess adds.
type Fake struct {
	mu       sync.Mutex
	mood     sirdar.Mood
	programs []*program // by group and name
	removed  []string   // groups that are configured and not active
	mainLog  *log
	events   []string

	followers int
	changed   chan struct{} // closed when followers changes
}

var _ sirdar.Supervisor = (*Fake)(nil)

// A program is one process of a Fake.
type program struct {
	group, name string
	command     string
	lost        bool // its command does not exist
	stubborn    bool
	state       sirdar.State
	start, stop time.Time
	pid         int
	exitStatus  int
	autostart   bool
	stdout      *log // nil when there is none
	stderr      *log
}

// NewFake makes a Fake whose processes have just started.
func NewFake() *Fake {
	f := &Fake{mood: sirdar.Up, mainLog: newLog("/fake/supervisord.log"), changed: make(chan struct{})}
	f.mainLog.append("supervisord started with pid 4711\n")
	for _, p := range []*program{
		{group: "echo", name: "echo", stdout: newLog("/fake/echo.out"), stderr: newLog("/fake/echo.err"), autostart: true},
		{group: "lost", name: "lost", lost: true, command: "/nonexistent/prog"},
		{group: "never", name: "never", stdout: &log{path: "/fake/never.out"}, stderr: newLog("/fake/never.err")},
		{group: "pair", name: "one", stdout: newLog("/fake/one.out"), stderr: newLog("/fake/one.err"), autostart: true},
		{group: "pair", name: "two", stdout: newLog("/fake/two.out"), stderr: newLog("/fake/two.err"), autostart: true},
		{group: "quiet", name: "quiet", autostart: true},
		{group: "stubborn", name: "stubborn", stubborn: true, stdout: newLog("/fake/stubborn.out"), stderr: newLog("/fake/stubborn.err"), autostart: true},
	} {
		f.add(p)
	}
	return f
}

// add adds a process, started if it starts by itself.
func (f *Fake) add(p *program) {
	if p.command == "" {
		p.command = "/bin/cat"
	}
	if p.autostart {
		f.run(p)
	}
	f.programs = append(f.programs, p)
	slices.SortFunc(f.programs, func(a, b *program) int {
		return cmp.Or(strings.Compare(a.group, b.group), strings.Compare(a.name, b.name))
	})
}

// AddProcess adds a running process, with logs that hold something.
func (f *Fake) AddProcess(group, name, stdout, stderr string) {
	p := &program{group: group, name: name, autostart: true, stdout: newLog("/fake/" + name + ".out"), stderr: newLog("/fake/" + name + ".err")}
	p.stdout.append(stdout)
	p.stderr.append(stderr)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.add(p)
}

// Events returns the remote communication events that were raised, as "type:data".
func (f *Fake) Events() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.events)
}

func (f *Fake) run(p *program) {
	p.state, p.start, p.pid = sirdar.Running, time.Now(), 5000+len(f.programs)
	p.exitStatus = 0
	if p.stdout != nil {
		p.stdout.exists = true
	}
}

func fault(code sirdar.FaultCode, detail string) *sirdar.Fault { return sirdar.NewFault(code, detail) }

// up locks the Fake, unless it is shutting down.
func (f *Fake) up() error {
	f.mu.Lock()
	if f.mood != sirdar.Up {
		f.mu.Unlock()
		return fault(sirdar.ShutdownState, "")
	}
	return nil
}

// selected returns the processes that a selector means.
func (f *Fake) selected(sel sirdar.Selector) ([]*program, error) {
	var found []*program
	for _, p := range f.programs {
		if slices.Contains(f.removed, p.group) {
			continue
		}
		if sel.IsAll() || p.group == sel.Group && (sel.IsGroup() || p.name == sel.Process) {
			found = append(found, p)
		}
	}
	if len(found) == 0 && !sel.IsAll() {
		return nil, fault(sirdar.BadName, sel.String())
	}
	return found, nil
}

// About tells who answers.
func (f *Fake) About(context.Context) (sirdar.About, error) {
	if err := f.up(); err != nil {
		return sirdar.About{}, err
	}
	defer f.mu.Unlock()
	return sirdar.About{
		Identifier: "supervisor", Version: sirdar.CompatVersion, APIVersion: sirdar.APIVersion,
		PID: os.Getpid(), Mood: f.mood,
	}, nil
}

// Info describes processes.
func (f *Fake) Info(_ context.Context, sel sirdar.Selector) ([]sirdar.ProcessInfo, error) {
	if err := f.up(); err != nil {
		return nil, err
	}
	defer f.mu.Unlock()
	programs, err := f.selected(sel)
	if err != nil {
		return nil, err
	}
	infos := make([]sirdar.ProcessInfo, 0, len(programs))
	for _, p := range programs {
		infos = append(infos, p.info(time.Now()))
	}
	return infos, nil
}

func (p *program) info(now time.Time) sirdar.ProcessInfo {
	i := sirdar.ProcessInfo{
		Name: p.name, Group: p.group, Now: now.Unix(), State: p.state, ExitStatus: p.exitStatus, PID: p.pid,
		StdoutLogfile: p.stdout.name(), StderrLogfile: p.stderr.name(),
	}
	if !p.start.IsZero() {
		i.Start = p.start.Unix()
	}
	if !p.stop.IsZero() {
		i.Stop = p.stop.Unix()
	}
	switch {
	case p.state == sirdar.Running:
		up := int(now.Sub(p.start).Seconds())
		i.Description = fmt.Sprintf("pid %d, uptime %d:%02d:%02d", p.pid, up/3600, up/60%60, up%60)
	case p.state == sirdar.Stopped && p.start.IsZero():
		i.Description = "Not started"
	case p.state == sirdar.Stopped:
		i.Description = p.stop.Format("Jan 02 03:04 PM")
	}
	return i
}

// Configs describes the configuration.
func (f *Fake) Configs(context.Context) ([]sirdar.ConfigInfo, error) {
	if err := f.up(); err != nil {
		return nil, err
	}
	defer f.mu.Unlock()
	var configs []sirdar.ConfigInfo
	for _, p := range f.programs {
		c := sirdar.ConfigInfo{
			Autostart: p.autostart, Autorestart: "unexpected", Directory: "none", UID: -1, Command: p.command,
			ExitCodes: []int{0}, Group: p.group, GroupPriority: 999, InUse: !slices.Contains(f.removed, p.group),
			Name: p.name, Priority: 999, StartRetries: 3, StopSignal: 15, StopWaitSecs: 10, ServerURL: "none",
			Stdout: p.stdout.config(), Stderr: p.stderr.config(),
		}
		if p.stubborn {
			c.StopWaitSecs, c.KillAsGroup = 3600, true
		}
		configs = append(configs, c)
	}
	slices.SortStableFunc(configs, func(a, b sirdar.ConfigInfo) int { return strings.Compare(a.Name, b.Name) })
	return configs, nil
}

// each does something to one process, whose fault is then the error, or to several.
func (f *Fake) each(sel sirdar.Selector, applies func(*program) bool, do func(*program) *sirdar.Fault) ([]sirdar.Result, error) {
	if err := f.up(); err != nil {
		return nil, err
	}
	defer f.mu.Unlock()
	programs, err := f.selected(sel)
	if err != nil {
		return nil, err
	}
	results := []sirdar.Result{}
	for _, p := range programs {
		if sel.IsProcess() {
			if fault := do(p); fault != nil {
				fault.Text = strings.Replace(fault.Text, "NAME", sel.String(), 1)
				return nil, fault
			}
			return nil, nil
		}
		if applies(p) {
			results = append(results, sirdar.Result{Name: p.name, Group: p.group, Fault: do(p)})
		}
	}
	return results, nil
}

// Start starts processes, which are RUNNING at once.
func (f *Fake) Start(_ context.Context, sel sirdar.Selector, _ bool) ([]sirdar.Result, error) {
	return f.each(sel, func(p *program) bool { return !p.state.IsRunning() }, func(p *program) *sirdar.Fault {
		switch {
		case p.lost:
			return fault(sirdar.NoFile, "can't find command '"+p.command+"'")
		case p.state.IsRunning():
			return fault(sirdar.AlreadyStarted, "NAME")
		}
		f.run(p)
		return nil
	})
}

// Stop stops processes, at once unless they are stubborn; nobody waits for those.
func (f *Fake) Stop(ctx context.Context, sel sirdar.Selector, wait bool) ([]sirdar.Result, error) {
	return f.each(sel, func(p *program) bool { return p.state.IsRunning() }, func(p *program) *sirdar.Fault {
		switch {
		case !p.state.IsRunning():
			return fault(sirdar.NotRunning, "NAME")
		case p.stubborn:
			p.state = sirdar.Stopping
		default:
			p.state, p.stop, p.pid, p.exitStatus = sirdar.Stopped, time.Now(), 0, -1
		}
		return nil
	})
}

// Signal sends a signal to nobody.
func (f *Fake) Signal(_ context.Context, sel sirdar.Selector, signal string) ([]sirdar.Result, error) {
	return f.each(sel, func(p *program) bool { return p.state.IsSignallable() }, func(p *program) *sirdar.Fault {
		switch {
		case !isSignal(signal):
			return fault(sirdar.BadSignal, signal)
		case !p.state.IsSignallable():
			return fault(sirdar.NotRunning, "NAME")
		}
		return nil
	})
}

func isSignal(signal string) bool {
	signal = strings.ToUpper(strings.TrimSpace(signal))
	if n, err := strconv.Atoi(signal); err == nil {
		return 0 <= n && n <= 31
	}
	return slices.Contains([]string{"HUP", "INT", "TERM", "KILL", "USR1", "USR2", "CONT", "STOP"}, strings.TrimPrefix(signal, "SIG"))
}

// one locks the Fake and finds one process.
func (f *Fake) one(sel sirdar.Selector) (*program, error) {
	if err := f.up(); err != nil {
		return nil, err
	}
	programs, err := f.selected(sel)
	if err == nil && !sel.IsProcess() {
		err = fault(sirdar.BadName, sel.String())
	}
	if err != nil {
		f.mu.Unlock()
		return nil, err
	}
	return programs[0], nil
}

// SendStdin makes a process write what it reads.
func (f *Fake) SendStdin(_ context.Context, sel sirdar.Selector, chars string) error {
	p, err := f.one(sel)
	if err != nil {
		return err
	}
	defer f.mu.Unlock()
	if p.pid == 0 {
		return fault(sirdar.NotRunning, sel.String())
	}
	if p.stdout != nil {
		p.stdout.append(chars)
	}
	return nil
}

// SendEvent remembers an event.
func (f *Fake) SendEvent(_ context.Context, typ, data string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.events = append(f.events, typ+":"+data)
	return nil
}

func (p *program) log(stream sirdar.Stream) *log {
	if stream == sirdar.Stderr {
		return p.stderr
	}
	return p.stdout
}

// ReadLog reads a log.
func (f *Fake) ReadLog(_ context.Context, sel sirdar.Selector, stream sirdar.Stream, offset, length int64) ([]byte, error) {
	p, err := f.one(sel)
	if err != nil {
		return nil, err
	}
	defer f.mu.Unlock()
	return p.log(stream).read(offset, length)
}

// TailLog reads the end of a log.
func (f *Fake) TailLog(_ context.Context, sel sirdar.Selector, stream sirdar.Stream, offset, length int64) (sirdar.Tail, error) {
	p, err := f.one(sel)
	if err != nil {
		return sirdar.Tail{}, err
	}
	defer f.mu.Unlock()
	return p.log(stream).tail(offset, length), nil
}

// FollowLog follows a log.
func (f *Fake) FollowLog(ctx context.Context, sel sirdar.Selector, stream sirdar.Stream, emit func([]byte) error) error {
	f.mu.Lock()
	programs, err := f.selected(sel)
	f.mu.Unlock()
	if err != nil {
		return err
	}
	return f.follow(ctx, programs[0].log(stream), emit)
}

// ClearLogs empties logs.
func (f *Fake) ClearLogs(_ context.Context, sel sirdar.Selector) ([]sirdar.Result, error) {
	return f.each(sel, func(*program) bool { return true }, func(p *program) *sirdar.Fault {
		p.stdout.clear()
		p.stderr.clear()
		return nil
	})
}

// ReadMainLog reads the daemon's log.
func (f *Fake) ReadMainLog(_ context.Context, offset, length int64) ([]byte, error) {
	if err := f.up(); err != nil {
		return nil, err
	}
	defer f.mu.Unlock()
	return f.mainLog.read(offset, length)
}

// FollowMainLog follows the daemon's log.
func (f *Fake) FollowMainLog(ctx context.Context, emit func([]byte) error) error {
	return f.follow(ctx, f.mainLog, emit)
}

// ClearMainLog empties the daemon's log.
func (f *Fake) ClearMainLog(context.Context) error {
	if err := f.up(); err != nil {
		return err
	}
	defer f.mu.Unlock()
	f.mainLog.clear()
	return nil
}

// Reread finds that nothing has changed.
func (f *Fake) Reread(context.Context) (sirdar.Changes, error) {
	if err := f.up(); err != nil {
		return sirdar.Changes{}, err
	}
	defer f.mu.Unlock()
	return sirdar.Changes{Added: slices.Clone(f.removed)}, nil
}

// AddGroup activates a group that was removed.
func (f *Fake) AddGroup(_ context.Context, name string) error {
	if err := f.up(); err != nil {
		return err
	}
	defer f.mu.Unlock()
	if !slices.ContainsFunc(f.programs, func(p *program) bool { return p.group == name }) {
		return fault(sirdar.BadName, name)
	}
	i := slices.Index(f.removed, name)
	if i < 0 {
		return fault(sirdar.AlreadyAdded, name)
	}
	f.removed = slices.Delete(f.removed, i, i+1)
	for _, p := range f.programs {
		if p.group == name && p.autostart {
			f.run(p)
		}
	}
	return nil
}

// RemoveGroup takes a group away.
func (f *Fake) RemoveGroup(_ context.Context, name string) error {
	if err := f.up(); err != nil {
		return err
	}
	defer f.mu.Unlock()
	programs, err := f.selected(sirdar.OfGroup(name))
	if err != nil {
		return err
	}
	for _, p := range programs {
		if !p.state.IsStopped() {
			return fault(sirdar.StillRunning, name)
		}
	}
	f.removed = append(f.removed, name)
	return nil
}

// Shutdown changes the mood, and nothing else.
func (f *Fake) Shutdown(context.Context) error {
	if err := f.up(); err != nil {
		return err
	}
	defer f.mu.Unlock()
	f.mood = sirdar.ShuttingDown
	return nil
}

// Restart does the same.
func (f *Fake) Restart(context.Context) error {
	if err := f.up(); err != nil {
		return err
	}
	defer f.mu.Unlock()
	f.mood = sirdar.Restarting
	return nil
}

// Write makes a process write to its standard output.
func (f *Fake) Write(name, text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range f.programs {
		if p.name == name {
			p.stdout.append(text)
		}
	}
}

// AwaitFollowers waits until that many logs are being followed.
func (f *Fake) AwaitFollowers(t *testing.T, count int) {
	t.Helper()
	limit := time.After(time.Minute)
	for {
		f.mu.Lock()
		now, changed := f.followers, f.changed
		f.mu.Unlock()
		if now == count {
			return
		}
		select {
		case <-changed:
		case <-limit:
			t.Fatalf("%d logs are followed, want %d", now, count)
		}
	}
}

// addFollowers counts, under the lock.
func (f *Fake) addFollowers(n int) {
	f.followers += n
	close(f.changed)
	f.changed = make(chan struct{})
}
