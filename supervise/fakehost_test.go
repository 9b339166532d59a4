package supervise

import (
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sirdar-project/sirdar/config"
	"github.com/sirdar-project/sirdar/spawn"
)

// A fakeHost is an operating system in which nothing happens but what the test
// says. Under synctest an hour in it takes no time.
type fakeHost struct {
	mu     sync.Mutex
	t      *testing.T
	pid    int
	born   map[int]string // pid → program
	deaths []spawn.Death
	wake   chan struct{}
	story  []string // what was asked of the host, in order
	begin  time.Time

	// How programs behave, by name.
	deaf   map[string]bool          // ignores everything but SIGKILL
	slow   map[string]time.Duration // takes so long to end after a signal
	lives  map[string]time.Duration // ends by itself after so long …
	exits  map[string]int           // … with this status
	refuse map[string]error         // cannot be started
}

func newFakeHost(t *testing.T) *fakeHost {
	return &fakeHost{
		t: t, pid: 100, born: map[int]string{}, wake: make(chan struct{}, 1), begin: time.Now(),
		deaf: map[string]bool{}, slow: map[string]time.Duration{}, lives: map[string]time.Duration{},
		exits: map[string]int{}, refuse: map[string]error{},
	}
}

func (h *fakeHost) tell(format string, args ...any) {
	h.story = append(h.story, fmt.Sprintf("%v ", time.Since(h.begin).Round(time.Millisecond))+fmt.Sprintf(format, args...))
}

func (h *fakeHost) Spawn(spec *spawn.Spec, done func(spawn.Born)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.tell("start %s", spec.Name)
	if err := h.refuse[spec.Name]; err != nil {
		go done(spawn.Born{Err: err, Stdin: -1, Stdout: -1, Stderr: -1})
		return
	}
	h.pid++
	pid := h.pid
	h.born[pid] = spec.Name
	done(spawn.Born{PID: pid, Stdin: -1, Stdout: -1, Stderr: -1})
	if life, ok := h.lives[spec.Name]; ok {
		time.AfterFunc(life, func() { h.die(pid, syscall.WaitStatus(h.exits[spec.Name]<<8)) })
	}
}

func (h *fakeHost) Kill(pid int, sig syscall.Signal, group bool) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	name, ok := h.born[pid]
	if !ok {
		return syscall.ESRCH
	}
	h.tell("kill %s %v", name, sig)
	if h.deaf[name] && sig != syscall.SIGKILL {
		return nil
	}
	time.AfterFunc(h.slow[name], func() { h.die(pid, syscall.WaitStatus(sig)) })
	return nil
}

func (h *fakeHost) die(pid int, status syscall.WaitStatus) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, ok := h.born[pid]; !ok {
		return
	}
	h.tell("%s is gone", h.born[pid])
	delete(h.born, pid)
	h.deaths = append(h.deaths, spawn.Death{PID: pid, Status: status})
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

func (h *fakeHost) Reap(int) []spawn.Death {
	h.mu.Lock()
	defer h.mu.Unlock()
	d := h.deaths
	h.deaths = nil
	return d
}

func (h *fakeHost) Wake() <-chan struct{} { return h.wake }

// heard returns the story so far, without the times if they are not asked for.
func (h *fakeHost) heard() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.story)
}

func (h *fakeHost) alive() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.born)
}

// program is a configuration of one process that runs /bin/true as far as the
// fake is concerned.
func program(name string, change ...func(*config.Process)) config.Group {
	p := config.Process{
		Name: name, Command: "/bin/true", Umask: -1, Priority: 999, Autostart: true,
		StartSecs: 1, StartRetries: 3, ExitCodes: []int{0}, StopSignal: syscall.SIGTERM, StopWaitSecs: 10,
	}
	for _, c := range change {
		c(&p)
	}
	return config.Group{Name: name, Priority: p.Priority, Processes: []config.Process{p}}
}

func priority(n int) func(*config.Process) {
	return func(p *config.Process) { p.Priority = n }
}

// inBubble runs a supervisor of the groups under fake time and host, and a test
// beside it. The supervisor is shut down at the end, and must end.
func inBubble(t *testing.T, groups []config.Group, prepare func(*fakeHost), test func(*testing.T, *Supervisor, *fakeHost)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		host := newFakeHost(t)
		if prepare != nil {
			prepare(host)
		}
		conf := &config.Config{Groups: groups}
		s, err := New(Options{
			Config: conf,
			Load:   func() (*config.Config, error) { return conf, nil },
			Host:   host,
			Log:    slog.New(slog.NewTextHandler(io.Discard, nil)),
		})
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan struct{})
		go func() { s.Run(); close(ended) }()
		synctest.Wait()
		test(t, s, host)
		s.Exit()
		<-ended
		if n := host.alive(); n != 0 {
			t.Errorf("%d programs outlived their supervisor", n)
		}
		if len(s.alarms) != 0 {
			t.Errorf("%d alarms are armed after the end", len(s.alarms))
		}
	})
}

// wantStory compares what the host was asked to do with what was expected.
func wantStory(t *testing.T, h *fakeHost, want ...string) {
	t.Helper()
	if got := h.heard(); !slices.Equal(got, want) {
		t.Errorf("the host was asked:\n  %s\nwant:\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}
