package process

import (
	"flag"
	"fmt"
	"log/slog"
	"math"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/internal/signals"
)

var update = flag.Bool("update", false, "rewrite the golden files of testdata from what the machine does")

// A story is a process and what happens to it, told in lines:
//
//	policy startsecs=1 autorestart=true
//	0 tick
//	0 born 7
//	1.5 died 0
//
// A line is the second at which something happens, what it is, and its argument.
// "down", "restarting" and "up" change the mood of the daemon, "wait" lets time pass until the
// next tick is due, and ticks. tell writes down what the machine makes of it.
type story struct {
	p    Proc
	pol  Policy
	now  time.Time
	mood sirdar.Mood
	last []Kill
}

// storyEpoch is second 0 of every story.
var storyEpoch = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// newStory has the defaults of a [program:x] section.
func newStory() *story {
	return &story{
		now:  storyEpoch,
		mood: sirdar.Up,
		pol: Policy{
			Name:         "x",
			Autostart:    true,
			StartSecs:    1,
			StartRetries: 3,
			ExitCodes:    []int{0},
			StopSignal:   syscall.SIGTERM,
			StopWaitSecs: 10,
		},
	}
}

// tell reads the script and returns it with, under each line, the effects and
// how things stand afterwards.
func tell(t testing.TB, script string) string {
	t.Helper()
	var b strings.Builder
	s := newStory()
	for line := range strings.Lines(script) {
		line = strings.TrimSpace(line)
		switch {
		case line == "":
		case strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "policy "):
			if err := s.pol.set(strings.Fields(line)[1:]); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
		default:
			in, err := s.read(line)
			if err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			fmt.Fprintln(&b, line)
			for _, e := range s.step(in) {
				fmt.Fprintln(&b, "\t"+effectText(e))
			}
			fmt.Fprintln(&b, "\t= "+s.standing())
		}
	}
	return b.String()
}

func (s *story) step(in Input) []Effect {
	p, effects := Step(s.p, &s.pol, s.now, in, nil)
	s.p = p
	for _, e := range effects {
		if k, ok := e.(Kill); ok {
			s.last = append(s.last, k)
		}
	}
	return effects
}

// read turns a line into an input and sets the clock.
func (s *story) read(line string) (Input, error) {
	at, what, _ := strings.Cut(line, " ")
	verb, arg, _ := strings.Cut(strings.TrimSpace(what), " ")
	if at == "-" && verb == "wait" {
		next := Next(&s.p, &s.pol, s.mood)
		if next.IsZero() {
			return nil, fmt.Errorf("nothing is armed")
		}
		if next.After(s.now) {
			s.now = next
		}
		return Tick{s.mood}, nil
	}
	second, err := strconv.ParseFloat(at, 64)
	if err != nil {
		return nil, err
	}
	s.now = storyEpoch.Add(time.Duration(math.Round(second * 1e9)))
	return s.input(verb, strings.TrimSpace(arg))
}

func (s *story) input(verb, arg string) (Input, error) {
	switch verb {
	case "tick":
		return Tick{s.mood}, nil
	case "down":
		s.mood = sirdar.ShuttingDown
		return Tick{s.mood}, nil
	case "restarting":
		s.mood = sirdar.Restarting
		return Tick{s.mood}, nil
	case "up":
		s.mood = sirdar.Up
		return Tick{s.mood}, nil
	case "start":
		return Start{}, nil
	case "born":
		pid, err := strconv.Atoi(arg)
		return Born{pid}, err
	case "notborn":
		return NotBorn{arg}, nil
	case "died":
		status, err := parseStatus(arg)
		return Died{status}, err
	case "stop":
		return Stop{}, nil
	case "giveup":
		return GiveUp{}, nil
	case "signal":
		sig, ok := signals.Parse(arg)
		if !ok {
			return nil, fmt.Errorf("no signal %q", arg)
		}
		return Signal{sig}, nil
	case "killfailed": // the last Kill
		if len(s.last) == 0 {
			return nil, fmt.Errorf("no Kill that could fail")
		}
		errno := map[string]error{"ESRCH": syscall.ESRCH, "EPERM": syscall.EPERM}[arg]
		return KillFailed{s.last[len(s.last)-1], errno}, nil
	case "report":
		return StopReport{}, nil
	}
	return nil, fmt.Errorf("nobody knows the verb %q", verb)
}

// parseStatus makes a wait status of "3", "SIGTERM" or "SIGQUIT core".
func parseStatus(text string) (syscall.WaitStatus, error) {
	if code, err := strconv.Atoi(text); err == nil {
		return syscall.WaitStatus(code << 8), nil
	}
	name, core := strings.CutSuffix(text, " core")
	sig, ok := signals.Parse(name)
	if !ok {
		return 0, fmt.Errorf("no wait status %q", text)
	}
	status := syscall.WaitStatus(sig)
	if core {
		status |= 0x80
	}
	return status, nil
}

// set takes settings as a configuration file would write them.
func (pol *Policy) set(settings []string) error {
	for _, setting := range settings {
		key, value, _ := strings.Cut(setting, "=")
		n, err := strconv.Atoi(value)
		switch key {
		case "startsecs":
			pol.StartSecs = n
		case "startretries":
			pol.StartRetries = n
		case "stopwaitsecs":
			pol.StopWaitSecs = n
		case "autostart":
			pol.Autostart, err = strconv.ParseBool(value)
		case "stopasgroup":
			pol.StopAsGroup, err = strconv.ParseBool(value)
		case "killasgroup":
			pol.KillAsGroup, err = strconv.ParseBool(value)
		case "autorestart":
			err = nil
			pol.Autorestart = map[string]Autorestart{"unexpected": RestartUnexpected, "false": RestartNever, "true": RestartAlways}[value]
		case "stopsignal":
			err = nil
			pol.StopSignal, _ = signals.Parse(value)
		case "exitcodes":
			err = nil
			pol.ExitCodes = nil
			for code := range strings.SplitSeq(value, ",") {
				n, codeErr := strconv.Atoi(code)
				if codeErr != nil {
					err = codeErr
				}
				pol.ExitCodes = append(pol.ExitCodes, n)
			}
		default:
			err = fmt.Errorf("nobody knows the setting %q", key)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// effectText is an effect as the golden files show it.
func effectText(e Effect) string {
	switch e := e.(type) {
	case Spawn:
		return "spawn"
	case Kill:
		whom := fmt.Sprintf("pid %d", e.PID)
		if e.Group {
			whom = fmt.Sprintf("group %d", e.PID)
		}
		if e.Request {
			whom += " (requested)"
		}
		return fmt.Sprintf("kill %s with %s", whom, signals.Name(e.Signal))
	case Change:
		text := fmt.Sprintf("%s → %s pid:%d tries:%d", e.From, e.To, e.PID, e.Tries)
		if e.To == sirdar.Exited {
			text += fmt.Sprintf(" expected:%t", e.Expected)
		}
		return text
	case Log:
		return levelName(e.Level) + " " + e.Text
	}
	return fmt.Sprintf("%T, which nobody knows", e)
}

// levelName is a level in the main log's spelling; the machine uses four of seven.
func levelName(level slog.Level) string {
	return map[slog.Level]string{
		sirdar.LevelCritical: "CRIT",
		sirdar.LevelWarn:     "WARN",
		sirdar.LevelInfo:     "INFO",
		sirdar.LevelDebug:    "DEBG",
	}[level]
}

// standing is how things are: state, child, count, what clients see, next tick.
func (s *story) standing() string {
	text := s.p.State.String()
	if s.p.PID != 0 {
		text += fmt.Sprintf(" pid %d", s.p.PID)
	}
	if s.p.Backoff != 0 {
		text += fmt.Sprintf(" backoff %d", s.p.Backoff)
	}
	if s.p.HasExited {
		text += fmt.Sprintf(" exitstatus %d", s.p.ExitStatus)
	}
	if s.p.SpawnErr != "" {
		text += fmt.Sprintf(" spawnerr %q", s.p.SpawnErr)
	}
	if d := Description(&s.p, s.pol.Name, s.now); d != "" {
		text += fmt.Sprintf(", %q", d)
	}
	return text + ", next tick " + s.nextText()
}

func (s *story) nextText() string {
	next := Next(&s.p, &s.pol, s.mood)
	switch {
	case next.IsZero():
		return "never"
	case !next.After(s.now):
		return "at once"
	}
	return "at " + strconv.FormatFloat(next.Sub(storyEpoch).Seconds(), 'f', -1, 64)
}

// golden compares with a file of testdata, or rewrites it with -update.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (go test -update writes it)", err)
	}
	if diff := firstDifference(strings.Split(got, "\n"), strings.Split(string(want), "\n")); diff != "" {
		t.Errorf("%s differs (go test -update rewrites it, then read git diff)\n%s", path, diff)
	}
}
