package process

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sirdar-project/sirdar"
)

var (
	replayScripts = flag.Int("replay.scripts", 100_000, "how many random scripts to replay against Python's Subprocess")
	replaySeed    = flag.Uint64("replay.seed", 1, "the seed of the first script; each script has its own")
)

// The machine is replayed against Supervisor's real Subprocess class: both run the
// same random scripts, and every event with its payload, every spawn attempt,
// every signal, every log line and what is left at the end must be the same, in
// the same order. A script is one policy and up to 60 inputs; time goes in steps
// of 1/512 s, many of them whole seconds, so that deadlines are also met exactly.
//
// Where the two differ on purpose, or the class has no answer, the scripts
// keep away or both sides look away:
//
//   - A death in UNKNOWN: Python asserts and the daemon dies with the child. The
//     same holds for give up outside BACKOFF and a signal request in UNKNOWN.
//   - A stop in STOPPING: the class would send the stop signal again, by
//     killasgroup's rule, and begin the grace anew. No request gets that far
//     (NOT_RUNNING), and Step says nothing.
//   - A stop in UNKNOWN: as above, and the class also asserts.
//   - A death at the very instant of the birth: Python cannot tell it from a
//     clock that was set back, warns, and counts the exit as not too quick.
//   - The description of a running process: Python subtracts whole seconds of
//     the wall clock, we truncate the measured time. TestUptimeReadsAsPythonsTimedelta has the text.
//   - Pause is off: in Python the main loop's poll is the pause.
//   - A tick is two transitions of the class and two of ours, since the class takes
//     BACKOFF → STARTING → BACKOFF → FATAL in one, and Step takes FATAL in
//     the next tick, which Next asks for at once.
//   - A birth is answered at once, as fork does. A stop before the birth is in the
//     golden table.
//   - The traceback of an "unknown problem" line is cut to its last line, and that
//     to its message.
//
// core 139-142, 144-148, 150-153, 159, 160, 175, 180
func TestReplayAgainstPythonsSubprocess(t *testing.T) {
	cmd := exec.Command("/usr/bin/python3", "-u", "testdata/replay.py")
	cmd.Env = []string{"TZ=UTC", "LC_ALL=C.UTF-8"}
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("the reference needs Debian's packages python3 and supervisor: %v", err)
	}

	first, n := *replaySeed, *replayScripts
	written := make(chan error, 1)
	go func() {
		defer in.Close()
		w := bufio.NewWriterSize(in, 1<<16)
		for i := range n {
			w.WriteString(randomScript(first + uint64(i)).String())
		}
		written <- w.Flush()
	}()

	theirs := bufio.NewReaderSize(out, 1<<16)
	lines, bad := 0, 0
	states := map[string]int{}
	for i := range n {
		seed := first + uint64(i)
		want, err := readTrace(theirs)
		if err != nil {
			t.Errorf("script %d: the reference ended: %v", seed, err)
			break
		}
		s := randomScript(seed)
		got := s.replay()
		lines += len(want)
		if len(got) > 0 {
			states[strings.Fields(got[len(got)-1])[1]]++
		}
		if diff := firstDifference(got, want); diff != "" && bad < 5 {
			bad++
			t.Errorf("script %d (-replay.seed=%[1]d -replay.scripts=1)\n%s\n%s", seed, s, diff)
		}
	}

	io.Copy(io.Discard, theirs)
	writeErr := <-written
	if err := cmd.Wait(); err != nil || writeErr != nil {
		t.Fatalf("the reference: %v, %v\n%s", err, writeErr, complaints.String())
	}
	if lines < 20*n && n > 100 {
		t.Errorf("%d scripts made only %d lines of trace: they prove too little", n, lines)
	}
	t.Logf("%d scripts, %d lines of trace; they ended in %v", n, lines, states)
}

// readTrace reads one script's trace, up to the empty line.
func readTrace(r *bufio.Reader) ([]string, error) {
	var trace []string
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return nil, err
		}
		if line == "\n" {
			return trace, nil
		}
		trace = append(trace, line[:len(line)-1])
	}
}

func firstDifference(got, want []string) string {
	for i := range max(len(got), len(want)) {
		g, w := "(nothing)", "(nothing)"
		if i < len(got) {
			g = got[i]
		}
		if i < len(want) {
			w = want[i]
		}
		if g != w {
			before := strings.Join(want[max(0, i-6):min(i, len(want))], "\n  ")
			return fmt.Sprintf("after\n  %s\nours: %s\nPython's: %s", before, g, w)
		}
	}
	return ""
}

// The verbs of a script, by their numbers in replay.py.
const (
	verbTick = iota
	verbStart
	verbStop
	verbDie
	verbGiveUp
	verbSignal
	verbReport
	verbMood
	verbs
)

// An op is one line of a script: time passes, then something happens.
type op struct {
	dt      int // units of 1/512 s
	verb    int
	arg     int // a wait status, a signal or a mood
	birth   int // what becomes of a spawn: 0 = a child, else an index of births
	killErr int // what becomes of a kill: an index of killErrors
}

// births are the ways not to be born; replay.py makes the class meet them.
var births = []string{
	1: "can't find command '/x'",
	2: "too many open files to spawn 'p'",
	3: "unknown error making dispatchers for 'p': EISDIR",
	4: "Too many processes in process table to spawn 'p'",
	5: "unknown error during fork for 'p': ENOMEM",
}

var killErrors = []error{nil, syscall.ESRCH, syscall.EPERM}

type script struct {
	pol Policy
	ops []op
}

func randomScript(seed uint64) script {
	r := rand.New(rand.NewPCG(seed, 0))
	s := script{pol: Policy{
		Name:         "p",
		Autostart:    r.IntN(2) == 0,
		Autorestart:  Autorestart(r.IntN(3)),
		StartSecs:    pick(r, 0, 1, 1, 1, 2, 3, 10, -1),
		StartRetries: pick(r, 0, 1, 2, 3, 3, 3, -1),
		ExitCodes:    [][]int{{0}, {0}, {0, 2}, {3}, {}}[r.IntN(5)],
		StopSignal:   pick[syscall.Signal](r, 15, 15, 15, 9, 2, 10, 0),
		StopWaitSecs: pick(r, 0, 1, 2, 10, -1),
		StopAsGroup:  r.IntN(3) == 0,
		KillAsGroup:  r.IntN(3) == 0,
		Pause:        -1,
	}}

	// Each script has its own temper, so that some run long and some never start.
	unlucky, deadly, hasty := r.IntN(3) == 0, r.IntN(3), r.IntN(4) == 0
	for range 10 + r.IntN(51) {
		o := op{
			dt:   pick(r, 0, 1, 1, 7, 255, 511, 512, 512, 513, 1024, 1025, 1536, 2048, 5120, 6000),
			verb: pick(r, verbTick, verbTick, verbTick, verbTick, verbTick, verbTick, verbStart, verbStart, verbStop, verbDie, verbReport, verbReport, verbGiveUp, verbSignal, verbMood),
		}
		if hasty {
			o.dt = pick(r, 0, 1, 7, 127, 255, 511)
		}
		if deadly > 0 && r.IntN(4) < deadly {
			o.verb = verbDie
		}
		if unlucky && r.IntN(2) == 0 || r.IntN(12) == 0 {
			o.birth = 1 + r.IntN(len(births)-1)
		}
		if r.IntN(10) == 0 {
			o.killErr = 1 + r.IntN(10)/9 // EPERM ends what can be compared: rarely
		}
		switch o.verb {
		case verbDie:
			o.dt = max(o.dt, 1)
			o.arg = pick(r, 0, 0, 0, 1<<8, 2<<8, 3<<8, 255<<8, 15, 9, 3|0x80, 11|0x80, 35, 64)
		case verbSignal:
			o.arg = pick(r, 1, 10, 35, 0)
		case verbMood:
			o.arg = pick(r, 1, 1, 1, 0, -1)
		}
		s.ops = append(s.ops, o)
	}
	return s
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

// String is the script as replay.py reads it.
func (s script) String() string {
	bit := map[bool]int{true: 1}
	b := fmt.Appendf(nil, "%d,%d,%d,%d,%d,%d,%d,%d", bit[s.pol.Autostart], s.pol.Autorestart, s.pol.StartSecs, s.pol.StartRetries,
		int(s.pol.StopSignal), s.pol.StopWaitSecs, bit[s.pol.StopAsGroup], bit[s.pol.KillAsGroup])
	for _, code := range s.pol.ExitCodes {
		b = fmt.Appendf(b, ",%d", code)
	}
	b = append(b, ';')
	for _, o := range s.ops {
		b = fmt.Appendf(b, "%d,%d,%d,%d,%d ", o.dt, o.verb, o.arg, o.birth, o.killErr)
	}
	return string(append(b, '\n'))
}

// A replayer is the world round one Proc: it answers spawns and kills as the op
// says, and writes down what happens.
type replayer struct {
	p     Proc
	pol   *Policy
	now   time.Time
	pid   int
	op    op
	trace []string
}

var replayEpoch = time.Unix(1_700_000_000, 0)

const replayUnit = time.Second / 512

func (s script) replay() []string {
	r := &replayer{pol: &s.pol, now: replayEpoch}
	mood := sirdar.Up
	for _, o := range s.ops {
		r.op = o
		r.now = r.now.Add(time.Duration(o.dt) * replayUnit)
		state := r.p.State
		switch o.verb {
		case verbTick:
			r.step(Tick{mood})
			r.step(Tick{mood})
		case verbStart:
			r.step(Start{})
		case verbStop:
			if state != sirdar.Stopping && state != sirdar.Unknown {
				r.step(Stop{})
			}
		case verbDie:
			if state != sirdar.Unknown {
				r.step(Died{syscall.WaitStatus(o.arg)})
			}
		case verbGiveUp:
			r.step(GiveUp{})
		case verbSignal:
			r.step(Signal{syscall.Signal(o.arg)})
		case verbReport:
			r.step(StopReport{})
		case verbMood:
			mood = sirdar.Mood(o.arg)
		}
	}
	r.trace = append(r.trace, r.left())
	return r.trace
}

func (r *replayer) step(in Input) {
	var out []Effect
	r.p, out = Step(r.p, r.pol, r.now, in, nil)
	for _, e := range out {
		r.trace = append(r.trace, traceLine(e))
		switch e := e.(type) {
		case Spawn:
			if r.op.birth != 0 {
				r.step(NotBorn{births[r.op.birth]})
				continue
			}
			r.pid++
			r.step(Born{r.pid})
		case Kill:
			if err := killErrors[r.op.killErr]; err != nil {
				r.step(KillFailed{e, err})
			}
		}
	}
}

// traceLine is an effect in the words of replay.py.
func traceLine(e Effect) string {
	switch e := e.(type) {
	case Spawn:
		return "spawn"
	case Kill:
		if e.Group {
			return fmt.Sprintf("kill %d %d", -e.PID, int(e.Signal))
		}
		return fmt.Sprintf("kill %d %d", e.PID, int(e.Signal))
	case Change:
		text := fmt.Sprintf("PROCESS_STATE_%s processname:p groupname: from_state:%s", e.To, e.From)
		switch e.To {
		case sirdar.Starting, sirdar.Backoff:
			return fmt.Sprintf("%s tries:%d", text, e.Tries)
		case sirdar.Exited:
			return fmt.Sprintf("%s expected:%d pid:%d", text, map[bool]int{true: 1}[e.Expected], e.PID)
		case sirdar.Running, sirdar.Stopping, sirdar.Stopped:
			return fmt.Sprintf("%s pid:%d", text, e.PID)
		}
		return text
	case Log:
		return levelName(e.Level) + " " + e.Text
	}
	return fmt.Sprintf("%T?", e)
}

func (r *replayer) left() string {
	exit := "None"
	if r.p.HasExited {
		exit = fmt.Sprint(r.p.ExitStatus)
	}
	spawnErr := r.p.SpawnErr
	if spawnErr == "" {
		spawnErr = "None"
	}
	units := func(at time.Time) int {
		if at.IsZero() {
			return 0
		}
		return int(at.Sub(replayEpoch) / replayUnit)
	}
	description := ""
	if r.p.State != sirdar.Running {
		description = Description(&r.p, "p", r.now.UTC())
	}
	return fmt.Sprintf("left %s pid %d backoff %d start %d stop %d exitstatus %s spawnerr %s description %s",
		r.p.State, r.p.PID, r.p.Backoff, units(r.p.LastStart), units(r.p.LastStop), exit, spawnErr, description)
}
