package supervise

import (
	"errors"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/config"
)

func states(t *testing.T, s *Supervisor) map[string]sirdar.State {
	t.Helper()
	synctest.Wait()
	m := make(map[string]sirdar.State)
	for _, e := range s.entries() {
		m[e.cfg.Name] = e.state()
	}
	return m
}

func wantState(t *testing.T, s *Supervisor, name string, want sirdar.State) {
	t.Helper()
	if got := states(t, s)[name]; got != want {
		t.Errorf("%s is %v, want %v", name, got, want)
	}
}

// core 169
func TestAutostartGoesByPriorityThenName(t *testing.T) {
	groups := []config.Group{program("b", priority(1)), program("a"), program("c")}
	inBubble(t, groups, nil, func(t *testing.T, s *Supervisor, h *fakeHost) {
		wantStory(t, h, "0s start b", "0s start a", "0s start c")
		time.Sleep(1100 * time.Millisecond)
		for name, state := range states(t, s) {
			if state != sirdar.Running {
				t.Errorf("%s is %v after startsecs, want RUNNING", name, state)
			}
		}
	})
}

// A lone program that dies is started again at once, not at the next poll.
func TestALoneDeathIsAnsweredAtOnce(t *testing.T) {
	inBubble(t, []config.Group{program("x")}, func(h *fakeHost) {
		h.lives["x"], h.exits["x"] = 5*time.Second, 7
	}, func(t *testing.T, s *Supervisor, h *fakeHost) {
		time.Sleep(5 * time.Second)
		synctest.Wait()
		wantStory(t, h, "0s start x", "5s x is gone", "5s start x")
	})
}

// core 185
func TestAProgramThatExitsAtOnceIsNoForkStorm(t *testing.T) {
	always := func(p *config.Process) { p.StartSecs, p.Autorestart = 0, config.RestartAlways }
	inBubble(t, []config.Group{program("x", always)}, func(h *fakeHost) {
		h.lives["x"] = 10 * time.Millisecond
	}, func(t *testing.T, s *Supervisor, h *fakeHost) {
		time.Sleep(10*time.Second + 500*time.Millisecond)
		synctest.Wait()
		starts := 0
		for _, line := range h.heard() {
			if line[len(line)-7:] == "start x" {
				starts++
			}
		}
		if starts < 10 || starts > 12 {
			t.Errorf("%d starts in 10.5 s, want about one a second", starts)
		}
	})
}

// A program that dies at once is never reported RUNNING; 2B 1.
//
// core 139, 140
func TestQuickDeathsBackOffAndEndInFatal(t *testing.T) {
	inBubble(t, []config.Group{program("x")}, func(h *fakeHost) {
		h.lives["x"] = 20 * time.Millisecond
	}, func(t *testing.T, s *Supervisor, h *fakeHost) {
		var seen []sirdar.State
		for range 800 {
			state := states(t, s)["x"]
			if len(seen) == 0 || seen[len(seen)-1] != state {
				seen = append(seen, state)
			}
			time.Sleep(10 * time.Millisecond)
		}
		if slices.Contains(seen, sirdar.Running) {
			t.Errorf("it was seen RUNNING: %v", seen)
		}
		if seen[len(seen)-1] != sirdar.Fatal {
			t.Errorf("it ends %v, want FATAL: %v", seen[len(seen)-1], seen)
		}
		wantStory(t, h,
			"0s start x", "20ms x is gone",
			"1.02s start x", "1.04s x is gone",
			"3.04s start x", "3.06s x is gone",
			"6.06s start x", "6.08s x is gone")
	})
}

// 2A 10: the next priority gets its signal when the last one's programs are gone.
func TestStopAllGoesInReversePriorityAndWaits(t *testing.T) {
	groups := []config.Group{program("db", priority(1)), program("app1", priority(200)), program("app2", priority(200)), program("web", priority(300))}
	inBubble(t, groups, func(h *fakeHost) {
		h.slow["web"], h.slow["app1"], h.slow["app2"] = time.Second, 2*time.Second, 3*time.Second
	}, func(t *testing.T, s *Supervisor, h *fakeHost) {
		time.Sleep(2 * time.Second)
		before := len(h.heard())
		results, err := s.Stop(t.Context(), sirdar.All, true)
		if err != nil || len(results) != 4 {
			t.Errorf("stop all = %v, %v; want four results", results, err)
		}
		want := []string{
			"2s kill web terminated", "3s web is gone",
			"3s kill app2 terminated", "3s kill app1 terminated", "5s app1 is gone", "6s app2 is gone",
			"6s kill db terminated", "6s db is gone",
		}
		if got := h.heard()[before:]; !slices.Equal(got, want) {
			t.Errorf("stop all did\n%q, want\n%q", got, want)
		}
	})
}

// Supervisor takes a second for every idle group, and stops equal priorities one
// after the other.
func TestShutdownTakesNoTimeForWhatIsStopped(t *testing.T) {
	groups := []config.Group{program("deaf1"), program("deaf2")}
	for _, name := range []string{"i1", "i2", "i3", "i4", "i5", "i6", "i7", "i8"} {
		groups = append(groups, program(name, func(p *config.Process) { p.Autostart = false }))
	}
	inBubble(t, groups, func(h *fakeHost) {
		h.deaf["deaf1"], h.deaf["deaf2"] = true, true
	}, func(t *testing.T, s *Supervisor, h *fakeHost) {
		time.Sleep(2 * time.Second)
		begin := time.Now()
		if err := s.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		<-s.gone
		if took := time.Since(begin); took != 10*time.Second {
			t.Errorf("shutdown took %v, want exactly the stopwaitsecs of the deaf ones side by side, 10s", took)
		}
	})
}

// 2B 4: a neighbour's death does not cut a grace period short.
func TestANeighboursDeathLeavesTheGracePeriodAlone(t *testing.T) {
	flapping := func(p *config.Process) { p.StartSecs, p.Autorestart = 0, config.RestartAlways }
	inBubble(t, []config.Group{program("graceful"), program("flap", flapping)}, func(h *fakeHost) {
		h.slow["graceful"] = 5 * time.Second
		h.lives["flap"] = 50 * time.Millisecond
	}, func(t *testing.T, s *Supervisor, h *fakeHost) {
		time.Sleep(2 * time.Second)
		if _, err := s.Stop(t.Context(), sirdar.Select("graceful"), true); err != nil {
			t.Fatal(err)
		}
		for _, line := range h.heard() {
			if line == "kill graceful killed" {
				t.Error("it was killed within its grace period")
			}
		}
		infos, _ := s.Info(t.Context(), sirdar.Select("graceful"))
		if infos[0].ExitStatus != -1 || infos[0].State != sirdar.Stopped {
			t.Errorf("graceful is %v with status %d, want STOPPED and -1", infos[0].State, infos[0].ExitStatus)
		}
	})
}

// core 152, 153
func TestADeafProgramIsKilledAfterStopwaitsecs(t *testing.T) {
	two := func(p *config.Process) { p.StopWaitSecs = 2 }
	inBubble(t, []config.Group{program("deaf", two)}, func(h *fakeHost) {
		h.deaf["deaf"] = true
	}, func(t *testing.T, s *Supervisor, h *fakeHost) {
		time.Sleep(2 * time.Second)
		if _, err := s.Stop(t.Context(), sirdar.Select("deaf"), true); err != nil {
			t.Fatal(err)
		}
		wantStory(t, h, "0s start deaf", "2s kill deaf terminated", "4s kill deaf killed", "4s deaf is gone")
	})
}

// core 155, 158, 162-166
func TestRequestsAnswerByState(t *testing.T) {
	fault := func(code sirdar.FaultCode) error { return &sirdar.Fault{Code: code} }
	groups := []config.Group{
		program("up"),
		program("down", func(p *config.Process) { p.Autostart = false }),
		program("quick", func(p *config.Process) { p.Autostart = false }),
		program("slowly", func(p *config.Process) { p.StartSecs = 100 }),
	}
	inBubble(t, groups, func(h *fakeHost) {
		h.lives["quick"] = time.Millisecond
	}, func(t *testing.T, s *Supervisor, h *fakeHost) {
		time.Sleep(2 * time.Second)
		synctest.Wait()
		ctx := t.Context()
		for _, c := range []struct {
			what string
			got  func() error
			want error
		}{
			{"start of RUNNING", func() error { _, err := s.Start(ctx, sirdar.Select("up"), true); return err }, fault(sirdar.AlreadyStarted)},
			{"start of STARTING", func() error { _, err := s.Start(ctx, sirdar.Select("slowly"), true); return err }, fault(sirdar.AlreadyStarted)},
			{"start of what exits too quickly", func() error { _, err := s.Start(ctx, sirdar.Select("quick"), true); return err }, fault(sirdar.SpawnError)},
			{"start of BACKOFF", func() error { _, err := s.Start(ctx, sirdar.Select("quick"), true); return err }, fault(sirdar.AlreadyStarted)},
			{"stop of BACKOFF", func() error { _, err := s.Stop(ctx, sirdar.Select("quick"), true); return err }, nil},
			{"stop of STOPPED", func() error { _, err := s.Stop(ctx, sirdar.Select("down"), true); return err }, fault(sirdar.NotRunning)},
			{"signal of STOPPED", func() error { _, err := s.Signal(ctx, sirdar.Select("down"), "HUP"); return err }, fault(sirdar.NotRunning)},
			{"a signal that does not exist", func() error { _, err := s.Signal(ctx, sirdar.Select("down"), "FOO"); return err }, fault(sirdar.BadSignal)},
			{"a name that nobody has", func() error { _, err := s.Stop(ctx, sirdar.Select("nobody"), true); return err }, fault(sirdar.BadName)},
			{"a process that a group has not", func() error { _, err := s.Stop(ctx, sirdar.Select("up:nobody"), true); return err }, fault(sirdar.BadName)},
			{"start of STOPPED", func() error { _, err := s.Start(ctx, sirdar.Select("down"), true); return err }, nil},
			{"removal of a running group", func() error { return s.RemoveGroup(ctx, "up") }, fault(sirdar.StillRunning)},
			{"adding an active group", func() error { return s.AddGroup(ctx, "up") }, fault(sirdar.AlreadyAdded)},
			{"adding an unknown group", func() error { return s.AddGroup(ctx, "nobody") }, fault(sirdar.BadName)},
		} {
			if err := c.got(); !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", c.what, err, c.want)
			}
		}
		wantState(t, s, "down", sirdar.Running)
	})
}

// 2B 6: nothing happens before the new configuration is known to be good.
func TestABadConfigurationChangesNothing(t *testing.T) {
	inBubble(t, []config.Group{program("x")}, nil, func(t *testing.T, s *Supervisor, h *fakeHost) {
		s.Load = func() (*config.Config, error) {
			return nil, errors.New("program section program:bad does not specify a command")
		}
		time.Sleep(2 * time.Second)
		for what, err := range map[string]error{
			"restart": s.Restart(t.Context()),
			"reread":  func() error { _, err := s.Reread(t.Context()); return err }(),
		} {
			if !errors.Is(err, &sirdar.Fault{Code: sirdar.CantReread}) {
				t.Errorf("%s with a bad configuration: %v, want CANT_REREAD", what, err)
			}
		}
		wantState(t, s, "x", sirdar.Running)
		wantStory(t, h, "0s start x")
	})
}

// core 177
func TestDuringShutdownRequestsFault(t *testing.T) {
	inBubble(t, []config.Group{program("x")}, func(h *fakeHost) { h.slow["x"] = time.Second }, func(t *testing.T, s *Supervisor, h *fakeHost) {
		time.Sleep(2 * time.Second)
		if err := s.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		_, err := s.Info(t.Context(), sirdar.All)
		if !errors.Is(err, &sirdar.Fault{Code: sirdar.ShutdownState}) {
			t.Errorf("getAllProcessInfo during shutdown: %v, want SHUTDOWN_STATE", err)
		}
	})
}

// An idle supervisor has nothing to wake up for.
func TestNothingIsArmedWhenIdle(t *testing.T) {
	inBubble(t, []config.Group{program("a"), program("b")}, nil, func(t *testing.T, s *Supervisor, h *fakeHost) {
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if err := s.call(t.Context(), func() {
			if len(s.alarms) != 0 {
				t.Errorf("%d alarms are armed while all is RUNNING", len(s.alarms))
			}
		}); err != nil {
			t.Fatal(err)
		}
	})
}

// Readers never meet the loop: what they read is a copy, from the first moment on.
func TestReadersNeverSeeWhatTheLoopWrites(t *testing.T) {
	s, err := New(Options{Config: &config.Config{Groups: []config.Group{program("x")}}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.outgoing.close()
	for _, e := range s.entries() {
		if e.published.Load() == &e.proc {
			t.Errorf("%s: readers get the loop's own state", e.cfg.Name)
		}
	}
}
