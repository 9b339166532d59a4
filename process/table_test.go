package process

import (
	"fmt"
	"strings"
	"testing"
)

// situations are all that a process can be in: every state, with the conditions
// that its answers depend on. Each is reached by a story, so none is made up.
var situations = []struct{ name, script string }{
	{"STOPPED never started", "policy autostart=false"},
	{"STOPPED autostart", "0 signal HUP"},
	{"STOPPED after a run", "0 tick\n0 born 7\n2 tick\n3 stop\n4 died SIGTERM"},
	{"STARTING unborn", "0 tick"},
	{"STARTING with a child", "0 tick\n4.5 born 7"},
	{"STARTING long enough", "0 tick\n0 born 7"},
	{"RUNNING", "0 tick\n0 born 7\n2 tick"},
	{"BACKOFF waiting", "0 tick\n4 born 7\n4.5 died 1"},
	{"BACKOFF over", "0 tick\n1 notborn too many open files to spawn 'x'"},
	{"BACKOFF beyond startretries", "policy startretries=0\n0 tick\n0 born 7\n0.5 died 1"},
	{"STOPPING unborn", "0 tick\n4 stop"},
	{"STOPPING with a child", "0 tick\n0 born 7\n2 tick\n4 stop"},
	{"STOPPING overdue", "policy stopwaitsecs=1 killasgroup=true\n0 tick\n0 born 7\n2 tick\n3 stop"},
	{"EXITED to be restarted", "0 tick\n0 born 7\n2 tick\n3 died 1"},
	{"EXITED just started", "policy startsecs=0\n0 tick\n4.5 born 7\n4.6 tick\n4.7 died 1"},
	{"EXITED for good", "0 tick\n0 born 7\n2 tick\n3 died 0"},
	{"FATAL", "policy startretries=0\n0 tick\n0 notborn can't find command 'x'\n0 tick"},
	{"UNKNOWN after a stop", "0 tick\n0 born 7\n2 tick\n3 stop\n3 killfailed EPERM"},
	{"UNKNOWN after a signal", "0 tick\n0 born 7\n2 tick\n3 signal HUP\n3 killfailed EPERM"},
}

// inputs are all that can come in, at second 5, with the arguments on which
// answers depend.
var inputs = []string{
	"tick", "down", "start", "stop", "giveup", "signal HUP", "report",
	"born 8", "notborn can't find command 'x'",
	"died 0", "died 3", "died SIGSEGV core",
	"killfailed ESRCH", "killfailed EPERM",
}

// TestEveryStateAnswersEveryInput writes the whole machine down: each situation
// with each input. An input that changes nothing and does nothing is a line of
// its own, so that silence is seen too.
//
// users-want.md 2B 1: every state × {exit ok, exit bad, stop, start, timeout}.
func TestEveryStateAnswersEveryInput(t *testing.T) {
	var b strings.Builder
	for _, situation := range situations {
		fmt.Fprintf(&b, "%s: %s\n", situation.name, strings.ReplaceAll(situation.script, "\n", "; "))
		for _, line := range inputs {
			s := newStory()
			s.play(t, situation.script)
			if strings.HasPrefix(line, "killfailed") && len(s.last) == 0 {
				s.last = []Kill{{PID: s.p.PID}} // a Kill that nobody asked for
			}
			in, err := s.read("5 " + line)
			if err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			whole := s.p
			effects := s.step(in)
			if len(effects) == 0 && s.p == whole {
				fmt.Fprintf(&b, "\t%s: nothing\n", line)
				continue
			}
			if len(effects) == 0 {
				t.Errorf("%s + %s changes the process silently: %+v became %+v", situation.name, line, whole, s.p)
			}
			fmt.Fprintf(&b, "\t%s\n", line)
			for _, e := range effects {
				fmt.Fprintf(&b, "\t\t%s\n", effectText(e))
			}
			fmt.Fprintf(&b, "\t\t= %s\n", s.standing())
		}
		fmt.Fprintln(&b)
	}
	golden(t, "testdata/table.txt", b.String())
}

// play lets a script happen without writing it down.
func (s *story) play(t testing.TB, script string) {
	t.Helper()
	for line := range strings.Lines(script) {
		line = strings.TrimSpace(line)
		if settings, ok := strings.CutPrefix(line, "policy "); ok {
			if err := s.pol.set(strings.Fields(settings)); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			continue
		}
		in, err := s.read(line)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		s.step(in)
	}
}
