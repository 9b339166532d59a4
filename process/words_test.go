package process

import (
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/sirdar-project/sirdar"
)

func TestExitTextSaysHowAChildEnded(t *testing.T) {
	for status, want := range map[syscall.WaitStatus]string{
		0:        "exit status 0",
		3 << 8:   "exit status 3",
		255 << 8: "exit status 255",
		15:       "terminated by SIGTERM",
		3 | 0x80: "terminated by SIGQUIT (core dumped)",
		6 | 0x80: "terminated by SIGABRT (core dumped)",
		17:       "terminated by SIGCHLD",
		29:       "terminated by SIGPOLL",
		34:       "terminated by SIGRTMIN",
		35:       "terminated by signal 35",
		64:       "terminated by SIGRTMAX",
		0x137f:   "unknown termination cause 0x137f", // stopped by SIGSTOP: we do not ask for those
		0xffff:   "unknown termination cause 0xffff", // continued
		0x007f:   "unknown termination cause 0x007f",
	} {
		if got := ExitText(status); got != want {
			t.Errorf("ExitText(%#x) = %q, want %q", uint32(status), got, want)
		}
	}
}

func TestUptimeReadsAsPythonsTimedelta(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Hour:              "0:00:00",
		0:                       "0:00:00",
		999 * time.Millisecond:  "0:00:00",
		65 * time.Second:        "0:01:05",
		10 * time.Hour:          "10:00:00",
		24*time.Hour - 1:        "23:59:59",
		26*time.Hour + 184*1e9:  "1 day, 2:03:04",
		48 * time.Hour:          "2 days, 0:00:00",
		100_000 * time.Hour / 2: "2083 days, 8:00:00",
	} {
		p := Proc{State: sirdar.Running, PID: 1234, LastStart: storyEpoch}
		want := "pid 1234, uptime " + want
		if got := Description(&p, "x", storyEpoch.Add(d)); got != want {
			t.Errorf("after %v: %q, want %q", d, got, want)
		}
	}
}

func TestDescriptionOfEachState(t *testing.T) {
	zone := time.FixedZone("far east", 9*3600)
	ran := Proc{LastStart: storyEpoch, LastStop: storyEpoch.Add(26 * time.Minute)}
	for _, c := range []struct {
		name string
		p    Proc
		want string
	}{
		{"never started", Proc{State: sirdar.Stopped}, "Not started"},
		{"stopped", with(ran, sirdar.Stopped, ""), "Nov 21 09:26 PM"},
		{"exited", with(ran, sirdar.Exited, "Bad exit code 3"), "Nov 21 09:26 PM"},
		{"never forked", with(Proc{LastStart: storyEpoch}, sirdar.Stopped, "no"), "Jan 01 09:00 AM"},
		{"backoff", with(ran, sirdar.Backoff, "command is empty"), "command is empty"},
		{"fatal", with(ran, sirdar.Fatal, "command is empty"), "command is empty"},
		{"fatal without a reason", with(ran, sirdar.Fatal, ""), `unknown error (try "tail x")`},
		{"starting", with(ran, sirdar.Starting, ""), ""},
		{"stopping", with(ran, sirdar.Stopping, ""), ""},
		{"unknown", with(ran, sirdar.Unknown, ""), ""},
	} {
		if got := Description(&c.p, "x", storyEpoch.In(zone)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func with(p Proc, state sirdar.State, spawnErr string) Proc {
	p.State, p.SpawnErr = state, spawnErr
	return p
}

func TestEpochNeverExceedsWhatXMLRPCHolds(t *testing.T) {
	for _, c := range []struct {
		at   time.Time
		want int64
	}{
		{time.Time{}, 0},
		{time.Unix(1_700_000_000, 999_999_999), 1_700_000_000},
		{time.Unix(1<<31-1, 0), 1<<31 - 1},
		{time.Unix(1<<31, 0), 1<<31 - 1},
		{time.Unix(1<<40, 0), 1<<31 - 1},
		{time.Unix(-1<<40, 0), -1 << 31},
	} {
		if got := Epoch(c.at); got != c.want {
			t.Errorf("Epoch(%v) = %d, want %d", c.at, got, c.want)
		}
	}
}

// A jump of the wall clock, by an hour back or ten years on, moves no deadline in
// any state and does not touch the uptime: only the dates that clients see
// change. Supervisor shows 0:00:00 after a jump back and warns at the exit that
// laststart is in the future; it need not be copied, for nothing is unknown here.
//
// users-want.md 2A 4.
//
// core 181, 182
func TestAJumpOfTheWallClockMovesNoDeadline(t *testing.T) {
	for _, jump := range []time.Duration{-time.Hour, 10 * 365 * 24 * time.Hour} {
		t.Run(jump.String(), func(t *testing.T) {
			boot := time.Now() // with a monotonic reading, which Add moves too
			pol := newStory().pol
			p := Proc{}
			step := func(seconds float64, in Input) []Effect {
				now := boot.Add(time.Duration(seconds * 1e9))
				if seconds >= 0.5 { // that is when the clock is set
					now = wallJump(t, now, jump)
				}
				var out []Effect
				p, out = Step(p, &pol, now, in, nil)
				return out
			}
			tick := func(seconds float64, want sirdar.State) {
				t.Helper()
				step(seconds, Tick{sirdar.Up})
				if p.State != want {
					t.Fatalf("at %v s: %s, want %s", seconds, p.State, want)
				}
			}

			tick(0, sirdar.Starting)
			step(0.1, Born{1})
			step(0.9, Died{0}) // after 0.8 s by any honest clock: too quickly
			tick(1.8, sirdar.Backoff)
			tick(2.0, sirdar.Starting)
			step(2.0, Born{2})
			tick(2.9, sirdar.Starting)
			tick(3.1, sirdar.Running)

			up := wallJump(t, boot.Add(67*time.Second), jump)
			if got := Description(&p, "x", up); got != "pid 2, uptime 0:01:05" {
				t.Errorf("described as %q", got)
			}

			step(70, Stop{})
			for i, lines := range []int{1, 0, 1} {
				at := []float64{70, 71.9, 72.1}[i]
				if out := step(at, StopReport{}); len(out) != lines {
					t.Errorf("%d lines at %v s, want %d", len(out), at, lines)
				}
			}
			if out := step(79.9, Tick{sirdar.Up}); len(out) != 0 {
				t.Errorf("at 79.9 s: %v", out)
			}
			if out := step(80.1, Tick{sirdar.Up}); len(out) != 3 {
				t.Errorf("at 80.1 s no SIGKILL: %v", out)
			}
		})
	}
}

// A running child is stopped before the clock is set, and the deadlines that were
// made before hold after it.
//
// core 181
func TestADeadlineFromBeforeTheJumpHolds(t *testing.T) {
	boot := time.Now()
	s := func(seconds float64) time.Time { return boot.Add(time.Duration(seconds * 1e9)) }
	pol := newStory().pol
	for name, p := range map[string]Proc{
		"STARTING": {State: sirdar.Starting, PID: 1, LastStart: s(-0.5)},
		"BACKOFF":  {State: sirdar.Backoff, Backoff: 1, LastStart: s(-1), Deadline: s(0.5)},
		"STOPPING": {State: sirdar.Stopping, PID: 1, Killing: true, LastStart: s(-99), Deadline: s(0.5)},
		"EXITED":   {State: sirdar.Exited, ExitStatus: 3, HasExited: true, LastStart: s(-0.5)},
	} {
		for _, jump := range []time.Duration{-time.Hour, 10 * 365 * 24 * time.Hour} {
			if _, out := Step(p, &pol, wallJump(t, s(0.4), jump), Tick{sirdar.Up}, nil); len(out) != 0 {
				t.Errorf("%s, jump %v: too early: %v", name, jump, out)
			}
			if _, out := Step(p, &pol, wallJump(t, s(0.6), jump), Tick{sirdar.Up}, nil); len(out) == 0 {
				t.Errorf("%s, jump %v: nothing when due", name, jump)
			}
		}
	}
}

// wallJump is t on a machine whose wall clock was set by d since: the wall
// reading moves, the monotonic reading does not. Package time has no way to say
// that, so this looks inside: seconds stand in 33 bits above 30 of nanoseconds.
func wallJump(t *testing.T, at time.Time, d time.Duration) time.Time {
	jumped := at
	*(*uint64)(unsafe.Pointer(&jumped)) += uint64(int64(d/time.Second)) << 30
	if jumped.Unix()-at.Unix() != int64(d/time.Second) || jumped.Sub(at) != 0 {
		t.Fatalf("a time is made otherwise than this test believes: %v, %v", at, jumped)
	}
	return jumped
}

// A status question or a needless tick is asked a thousand times a second: neither
// may make garbage.
func TestATickThatDoesNothingAllocatesNothing(t *testing.T) {
	pol := newStory().pol
	p := Proc{State: sirdar.Running, PID: 7, LastStart: storyEpoch}
	buf := make([]Effect, 0, 4)
	n := testing.AllocsPerRun(100, func() {
		_, buf = Step(p, &pol, storyEpoch, Tick{sirdar.Up}, buf[:0])
		Next(&p, &pol, sirdar.Up)
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkStep(b *testing.B) {
	pol := newStory().pol
	buf := make([]Effect, 0, 4)
	b.Run("idle tick", func(b *testing.B) {
		p := Proc{State: sirdar.Running, PID: 7, LastStart: storyEpoch}
		b.ReportAllocs()
		for b.Loop() {
			p, buf = Step(p, &pol, storyEpoch, Tick{sirdar.Up}, buf[:0])
		}
	})
	b.Run("a whole life", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			p := Proc{}
			for i, in := range []Input{Tick{sirdar.Up}, Born{7}, Tick{sirdar.Up}, Stop{}, Died{15}} {
				p, buf = Step(p, &pol, storyEpoch.Add(time.Duration(i)*time.Minute), in, buf[:0])
			}
		}
	})
}
