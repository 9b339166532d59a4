package process

import (
	"fmt"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/sirdar-project/sirdar"
)

// FuzzStep sends a process through whatever the bytes spell, sensible or not, and
// holds it to what must be true of any process at any moment. The first bytes are
// the policy; then each pair is an input and the time before it.
func FuzzStep(f *testing.F) {
	f.Add([]byte{1, 0, 1, 3, 10, 0, 0, 0, 3, 1, 0, 200, 5, 10})
	f.Add([]byte{1, 2, 0, 0, 0, 0, 0, 0, 3, 0, 5, 1, 0, 30, 3, 0, 8, 10, 14, 0, 5, 2})
	f.Add([]byte{0, 1, 255, 255, 255, 3, 1, 0, 7, 0, 0, 8, 3, 0, 4, 0, 9, 0, 0, 60})
	f.Fuzz(func(t *testing.T, data []byte) {
		w := newWorld(t, data)
		for len(w.data) >= 2 {
			w.now = w.now.Add(fuzzDelay(w.next()))
			w.input(w.next())
			w.check()
		}
		w.stopEnds()
	})
}

// A world is a Proc, the child and the unanswered Spawn that belong to it.
type world struct {
	t       *testing.T
	data    []byte
	p       Proc
	pol     Policy
	now     time.Time
	mood    sirdar.Mood
	spawned bool // a Spawn waits for its answer
	pids    int
	kills   []Kill
	buf     []Effect
}

func newWorld(t *testing.T, data []byte) *world {
	w := &world{t: t, data: data, now: storyEpoch, mood: sirdar.Up}
	w.pol = Policy{
		Name:         "x",
		Autostart:    w.next()%2 == 1,
		Autorestart:  Autorestart(w.next() % 4), // one of them is nobody's
		StartSecs:    fuzzNumber(w.next()),
		StartRetries: fuzzNumber(w.next()),
		StopWaitSecs: fuzzNumber(w.next()),
		StopSignal:   syscall.SIGTERM,
	}
	groups := w.next()
	w.pol.StopAsGroup, w.pol.KillAsGroup = groups&1 != 0, groups&2 != 0
	for code := range int(groups >> 6) {
		w.pol.ExitCodes = append(w.pol.ExitCodes, code)
	}
	return w
}

func (w *world) next() byte {
	if len(w.data) == 0 {
		return 0
	}
	b := w.data[0]
	w.data = w.data[1:]
	return b
}

// fuzzNumber gives small numbers as they are, and the extremes of int.
func fuzzNumber(b byte) int {
	switch b {
	case 253:
		return -1 << 63
	case 254:
		return 1<<63 - 1
	}
	return int(int8(b))
}

// fuzzDelay gives nothing, tenths of a second, and days.
func fuzzDelay(b byte) time.Duration {
	if b >= 250 {
		return time.Duration(b-249) * 24 * time.Hour
	}
	return time.Duration(b) * 100 * time.Millisecond
}

func (w *world) input(b byte) {
	switch b % 16 {
	case 0, 1, 2:
		w.step(Tick{w.mood})
	case 3:
		w.pids++
		w.step(Born{w.pids}) // whether or not anybody asked
	case 4:
		w.step(NotBorn{"there is no such thing"})
	case 5, 6:
		w.step(Died{syscall.WaitStatus(b>>4) << 8})
	case 7:
		w.step(Died{syscall.WaitStatus(b >> 4)})
	case 8:
		w.step(Start{})
	case 9:
		w.step(Stop{})
	case 10:
		w.step(GiveUp{})
	case 11:
		w.step(Signal{syscall.Signal(b >> 4)})
	case 12:
		if len(w.kills) > 0 { // perhaps one of long ago
			w.step(KillFailed{w.kills[int(b>>4)%len(w.kills)], []error{syscall.ESRCH, syscall.EPERM}[b>>7]})
		}
	case 13:
		w.step(StopReport{})
	case 14:
		w.mood = sirdar.Mood(int(b>>4)%3 - 1)
		w.step(Tick{w.mood})
	case 15:
		w.step(nil) // no input at all
	}
}

// step does a step and checks what it asks for.
func (w *world) step(in Input) []Effect {
	before := w.p
	p, effects := Step(w.p, &w.pol, w.now, in, w.buf[:0])
	w.p, w.buf = p, effects

	if len(effects) > 4 {
		w.t.Fatalf("%T in %s has %d effects: %v", in, before.State, len(effects), effects)
	}
	if len(effects) == 0 && p != before {
		w.t.Fatalf("%T changes silently: %+v became %+v", in, before, p)
	}

	_, isBorn := in.(Born)
	_, isNotBorn := in.(NotBorn)
	if isBorn || isNotBorn {
		w.spawned = false
	}
	state := before.State
	for _, e := range effects {
		switch e := e.(type) {
		case Change:
			if e.From != state || e.To == e.From {
				w.t.Fatalf("%T in %s: a change from %s to %s", in, state, e.From, e.To)
			}
			state = e.To
		case Spawn:
			if w.spawned || before.PID != 0 {
				w.t.Fatalf("%T in %+v: a second child is asked for", in, before)
			}
			w.spawned = true
		case Kill:
			if e.PID == 0 || e.PID != p.PID {
				w.t.Fatalf("%T: a signal to pid %d, the child is %d", in, e.PID, p.PID)
			}
			w.kills = append(w.kills, e)
		case Log:
			if levelName(e.Level) == "" || e.Text == "" {
				w.t.Fatalf("%T: a line of level %v: %q", in, e.Level, e.Text)
			}
		}
	}
	if state != p.State {
		w.t.Fatalf("%T: the changes end in %s, the process is %s", in, state, p.State)
	}
	return effects
}

// check holds the process to what is always true, and Next to its word.
func (w *world) check() {
	p := w.p
	alive := []sirdar.State{sirdar.Starting, sirdar.Running, sirdar.Stopping, sirdar.Unknown}
	if p.PID != 0 && !slices.Contains(alive, p.State) {
		w.t.Fatalf("%s has pid %d", p.State, p.PID)
	}
	if p.PID == 0 && (p.State == sirdar.Running || p.State == sirdar.Unknown) {
		w.t.Fatalf("%s has no pid", p.State)
	}
	if unborn := p.PID == 0 && (p.State == sirdar.Starting || p.State == sirdar.Stopping); unborn != w.spawned {
		w.t.Fatalf("%s with pid %d: a Spawn waits for an answer: %t", p.State, p.PID, w.spawned)
	}
	if p.Backoff < 0 || p.State == sirdar.Backoff && p.Backoff == 0 {
		w.t.Fatalf("%s with %d failed starts", p.State, p.Backoff)
	}
	if p.Killing && p.State != sirdar.Stopping && p.State != sirdar.Unknown || !p.Killing && p.State == sirdar.Stopping {
		w.t.Fatalf("%s with Killing %t", p.State, p.Killing)
	}
	Description(&p, "x", w.now)

	next := Next(&p, &w.pol, w.mood)
	late := w.now.AddDate(300, 0, 0)
	switch {
	case next.IsZero():
		w.expectTick(late, false)
	case next.After(w.now):
		w.expectTick(next.Add(-1), false)
		w.expectTick(next, true)
	default:
		w.expectTick(w.now, true)
	}
}

// expectTick asks what a tick would do, without doing it.
func (w *world) expectTick(at time.Time, want bool) {
	_, effects := Step(w.p, &w.pol, at, Tick{w.mood}, nil)
	if got := len(effects) > 0; got != want {
		w.t.Fatalf("in %s, mood %s, Next says %v: a tick at %v does %v", w.p.State, w.mood, Next(&w.p, &w.pol, w.mood), at, effects)
	}
}

// stopEnds asks for a stop and lets the world take its course: the child is born
// if it was under way, ignores every signal but SIGKILL, and dies of that. The
// process must come to rest, with no child, and stay there; only EXITED, which a
// stop does not reach, may be restarted.
func (w *world) stopEnds() {
	if w.p.State == sirdar.Exited || w.p.State == sirdar.Stopped {
		return
	}
	w.step(Stop{})
	if w.spawned {
		w.pids++
		w.step(Born{w.pids})
	}
	for range 3 {
		next := Next(&w.p, &w.pol, w.mood)
		if next.IsZero() {
			break
		}
		if next.After(w.now) {
			w.now = next
		}
		for _, e := range w.step(Tick{w.mood}) {
			if k, ok := e.(Kill); ok && k.Signal == syscall.SIGKILL {
				w.step(Died{syscall.WaitStatus(syscall.SIGKILL)})
				break
			}
		}
	}
	if !w.p.State.IsStopped() {
		w.t.Fatalf("a stop ends in %+v", w.p)
	}
	if w.p.PID != 0 && w.p.State != sirdar.Unknown {
		w.t.Fatalf("a stop leaves pid %d", w.p.PID)
	}
	if next := Next(&w.p, &w.pol, w.mood); !next.IsZero() {
		w.t.Fatalf("after a stop %s is armed for %v", w.p.State, next)
	}
}

// Whatever is due at once must not stay due at once, or the daemon would spin:
// at one instant a process comes to rest after a few ticks, even when every
// child is born dead.
func TestTicksOfOneInstantEnd(t *testing.T) {
	for _, startSecs := range []int{-1, 0, 1} {
		for _, ending := range []string{"not born", "dies at once", "ignores SIGKILL"} {
			t.Run(fmt.Sprintf("startsecs=%d, %s", startSecs, ending), func(t *testing.T) {
				pol := Policy{Name: "x", Autostart: true, Autorestart: RestartAlways, StartSecs: startSecs, StartRetries: 1000}
				p, now := Proc{}, storyEpoch
				ticks := 0
				var out []Effect
				for ; ticks < 10; ticks++ {
					next := Next(&p, &pol, sirdar.Up)
					if next.IsZero() || next.After(now) {
						break
					}
					p, out = Step(p, &pol, now, Tick{sirdar.Up}, nil)
					if !slices.Contains(out, Effect(Spawn{})) {
						continue
					}
					switch ending {
					case "not born":
						p, _ = Step(p, &pol, now, NotBorn{"no"}, nil)
					case "dies at once":
						p, _ = Step(p, &pol, now, Born{1}, nil)
						p, _ = Step(p, &pol, now, Died{0}, nil)
					case "ignores SIGKILL":
						p, _ = Step(p, &pol, now, Born{1}, nil)
						p, _ = Step(p, &pol, now, Stop{}, nil)
					}
				}
				if ticks == 0 || ticks == 10 {
					t.Errorf("%d ticks at one instant: %+v", ticks, p)
				}
			})
		}
	}
}
