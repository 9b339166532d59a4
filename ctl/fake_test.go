package ctl

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/config"
)

// A fake is a daemon that answers what a test told it to answer and writes down
// what it was asked. A method that it does not have panics.
type fake struct {
	sirdar.Supervisor
	about   sirdar.About
	rows    []sirdar.ProcessInfo
	configs []sirdar.ConfigInfo
	changes sirdar.Changes
	log     string                     // what ReadLog and FollowLog give
	errs    map[string]error           // by "verb name", as in calls
	results map[string][]sirdar.Result // likewise
	calls   []string

	following func(context.Context) // what FollowLog does after it gave the log
}

// newFake is a daemon with one process in every state that a user meets.
func newFake() *fake {
	row := func(group, name string, state sirdar.State, pid int, description string) sirdar.ProcessInfo {
		return sirdar.ProcessInfo{Group: group, Name: name, State: state, PID: pid, Description: description}
	}
	return &fake{
		about: sirdar.About{Identifier: "supervisor", Version: "4.4.0", APIVersion: "3.0", PID: 77, Mood: sirdar.Up},
		rows: []sirdar.ProcessInfo{
			row("cat", "cat", sirdar.Running, 101, "pid 101, uptime 0:00:40"),
			row("gone", "gone", sirdar.Exited, 0, "Nov 21 09:32 PM"),
			row("grp", "a", sirdar.Running, 102, "pid 102, uptime 1:02:03"),
			row("grp", "b", sirdar.Starting, 103, ""),
			row("idle", "idle", sirdar.Stopped, 0, "Not started"),
			row("sick", "sick", sirdar.Fatal, 0, "Exited too quickly (process log may have details)"),
		},
		errs:    map[string]error{},
		results: map[string][]sirdar.Result{},
	}
}

func fault(code sirdar.FaultCode, detail string) *sirdar.Fault { return sirdar.NewFault(code, detail) }

// asked writes down a call and returns the error that stands for it.
func (f *fake) asked(format string, args ...any) (string, error) {
	call := strings.TrimSpace(fmt.Sprintf(format, args...))
	f.calls = append(f.calls, call)
	return call, f.errs[call]
}

func (f *fake) About(context.Context) (sirdar.About, error) {
	_, err := f.asked("about")
	return f.about, err
}

func (f *fake) Info(_ context.Context, sel sirdar.Selector) ([]sirdar.ProcessInfo, error) {
	_, err := f.asked("info %s", sel)
	if err != nil || sel.IsAll() {
		return f.rows, err
	}
	for _, row := range f.rows {
		if row.Group == sel.Group && row.Name == sel.Process {
			return []sirdar.ProcessInfo{row}, nil
		}
	}
	return nil, fault(sirdar.BadName, sel.String())
}

func (f *fake) Configs(context.Context) ([]sirdar.ConfigInfo, error) {
	_, err := f.asked("configs")
	return f.configs, err
}

func (f *fake) act(format string, args ...any) ([]sirdar.Result, error) {
	call, err := f.asked(format, args...)
	return f.results[call], err
}

func (f *fake) Start(_ context.Context, sel sirdar.Selector, wait bool) ([]sirdar.Result, error) {
	return f.act("start %s", word(sel, wait))
}

func (f *fake) Stop(_ context.Context, sel sirdar.Selector, wait bool) ([]sirdar.Result, error) {
	return f.act("stop %s", word(sel, wait))
}

// word names what is selected; a call that would not wait for its end stands out.
func word(sel sirdar.Selector, wait bool) string {
	name := sel.String()
	if sel.IsAll() {
		name = "(all)"
	}
	if !wait {
		name += " without waiting"
	}
	return name
}

func (f *fake) Signal(_ context.Context, sel sirdar.Selector, signal string) ([]sirdar.Result, error) {
	return f.act("signal %s %s", signal, word(sel, true))
}

func (f *fake) ClearLogs(_ context.Context, sel sirdar.Selector) ([]sirdar.Result, error) {
	return f.act("clear %s", word(sel, true))
}

func (f *fake) ReadLog(_ context.Context, sel sirdar.Selector, stream sirdar.Stream, offset, length int64) ([]byte, error) {
	_, err := f.asked("read %s %s %d %d", sel, stream, offset, length)
	return []byte(f.log), err
}

func (f *fake) ReadMainLog(_ context.Context, offset, length int64) ([]byte, error) {
	_, err := f.asked("read main %d %d", offset, length)
	return []byte(f.log), err
}

func (f *fake) FollowLog(ctx context.Context, sel sirdar.Selector, stream sirdar.Stream, emit func([]byte) error) error {
	return f.follow(ctx, emit, "follow %s %s", sel, stream)
}

func (f *fake) FollowMainLog(ctx context.Context, emit func([]byte) error) error {
	return f.follow(ctx, emit, "follow main")
}

func (f *fake) follow(ctx context.Context, emit func([]byte) error, format string, args ...any) error {
	call := fmt.Sprintf(format, args...)
	if err := f.errs[call]; err != nil {
		return err
	}
	if err := emit([]byte(f.log)); err != nil {
		return err
	}
	if f.following != nil {
		f.following(ctx)
	}
	<-ctx.Done()
	return ctx.Err()
}

func (f *fake) SendStdin(_ context.Context, sel sirdar.Selector, chars string) error {
	_, err := f.asked("stdin %s %q", sel, chars)
	return err
}

func (f *fake) Reread(context.Context) (sirdar.Changes, error) {
	_, err := f.asked("reread")
	return f.changes, err
}

func (f *fake) AddGroup(_ context.Context, name string) error {
	_, err := f.asked("add %s", name)
	return err
}

func (f *fake) RemoveGroup(_ context.Context, name string) error {
	_, err := f.asked("remove %s", name)
	return err
}

func (f *fake) Shutdown(context.Context) error {
	_, err := f.asked("shutdown")
	return err
}

func (f *fake) Restart(context.Context) error {
	_, err := f.asked("restart")
	return err
}

// An outcome is what a user sees of one run.
type outcome struct {
	out, err string
	exit     int
}

// A stage is the world that a run of the program sees.
type stage struct {
	node     sirdar.Supervisor
	dialErr  error
	loadErr  error
	settings config.Ctl // of the file, if it has a ServerURL
	stdin    string
	dialled  []string // "URL name password"
	ctrlC    func(context.Context) (context.Context, context.CancelFunc)
}

func (st *stage) run(t *testing.T, args ...string) outcome {
	t.Helper()
	p := program{
		dial: func(url, username, password string) (sirdar.Supervisor, error) {
			st.dialled = append(st.dialled, strings.TrimSpace(url+" "+username+" "+password))
			return st.node, st.dialErr
		},
		find: func(string) string {
			if st.settings.ServerURL != "" {
				return "supervisord.conf"
			}
			return ""
		},
		load: func(path string) (*config.Ctl, error) {
			if st.loadErr != nil || path == "" {
				return defaults(), st.loadErr
			}
			settings := st.settings
			return &settings, nil
		},
		interruptible: context.WithCancel,
	}
	if st.ctrlC != nil {
		p.interruptible = st.ctrlC
	}
	var out, err bytes.Buffer
	exit := p.run(t.Context(), append([]string{"supervisorctl"}, args...), strings.NewReader(st.stdin), &out, &err)
	return outcome{out.String(), err.String(), exit}
}

// defaults are what holds without a configuration file.
func defaults() *config.Ctl {
	return &config.Ctl{ServerURL: "http://localhost:9001", Prompt: "supervisor"}
}
