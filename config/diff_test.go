package config

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// loadText reads a configuration from a text.
func loadText(t *testing.T, text string) *Config {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s.conf")
	write(t, path, text)
	o, err := ParseArgs("supervisord", []string{"-c", path})
	if err != nil {
		t.Fatal(err)
	}
	conf, err := Load(o, ThisHost())
	if err != nil {
		t.Fatalf("%s\n%v", text, err)
	}
	return conf
}

func TestDiff(t *testing.T) {
	const old = "[supervisord]\n[program:a]\ncommand=/a\n[program:b]\ncommand=/b\npriority=1\n"
	for _, c := range []struct {
		what, old, next         string
		added, changed, removed string
	}{
		{"nothing", old, old, "", "", ""},
		{"a new program", old, old + "[program:c]\ncommand=/c\n", "c", "", ""},
		{"a program gone", old, "[supervisord]\n[program:a]\ncommand=/a\n", "", "", "b"},
		{"all new", "[supervisord]\n", old, "b a", "", ""},
		{"all gone", old, "[supervisord]\n", "", "", "b a"},
		// core 195
		{"a blank in a command", old, strings.Replace(old, "/a", "/a  x", 1), "", "a", ""},
		{"the order of exit codes", old + "exitcodes=0,1\n", old + "exitcodes=1,0\n", "", "b", ""},
		{"a user", old, old + "user=root\n", "", "b", ""},
		{"another kind", old, strings.Replace(old, "program:a]", "eventlistener:a]\nevents=EVENT\npriority=999", 1), "", "a", ""},
		{"the spelling of a signal", old, old + "stopsignal=15\n", "", "", ""},
		{"an unknown key", old, old + "foo=bar\n", "", "", ""},
		{"a program that moves", old, old + "[group:g]\nprograms=b\n", "g", "", "b"},
		{"the order in a group", old + "[group:g]\nprograms=a,b\n", old + "[group:g]\nprograms=b,a\n", "", "g", ""},
		{"the priority of a group", old + "[group:g]\nprograms=a,b\n", old + "[group:g]\nprograms=a,b\npriority=1\n", "", "g", ""},
		{"a group that is its one program", old, old + "[group:a]\nprograms=a\n", "", "", ""},
		{"the order of variables", old + "environment=X=1,Y=2\n", old + "environment=Y=2,X=1\n", "", "", ""},
		// Supervisor sees neither of these two.
		{"a log that is AUTO now", old + "stdout_logfile=/tmp/x\n", old, "", "b", ""},
		{"a log that is AUTO and was not", old + "stdout_logfile=NONE\n", old, "", "b", ""},
		{"a log that is no longer AUTO", old, old + "stdout_logfile=/tmp/x\n", "", "b", ""},
		// core 196
		{"the global environment", old, strings.Replace(old, "[program:a", "environment=G=1\n[program:a", 1), "", "b a", ""},
		// core 201
		{"two groups with one name", old + "[group:a]\nprograms=b\npriority=5\n", old + "[group:a]\nprograms=b\npriority=5\n", "", "a", ""},
	} {
		before := loadText(t, c.old)
		added, changed, removed := Diff(active(before), loadText(t, c.next))
		got := fmt.Sprint(added, changed, removed)
		want := fmt.Sprint(strings.Fields(c.added), strings.Fields(c.changed), strings.Fields(c.removed))
		if got != want {
			t.Errorf("%s: got %s, want %s", c.what, got, want)
		}
	}
}

func TestOnlyTheURLOfAFastCGISocketCounts(t *testing.T) {
	const text = "[supervisord]\n[fcgi-program:f]\ncommand=/f\nsocket=unix:///tmp/f.sock\n"
	before := active(loadText(t, text))
	for next, want := range map[string]int{
		text + "socket_mode=0600\nsocket_backlog=5\n": 0,
		strings.Replace(text, "f.sock", "g.sock", 1):  1,
	} {
		if _, changed, _ := Diff(before, loadText(t, next)); len(changed) != want {
			t.Errorf("%s: changed %q", next, changed)
		}
	}
}

// active is what runs of a configuration: of two groups with one name the first.
func active(c *Config) []Group {
	var list []Group
	for _, g := range c.Groups {
		if !slices.ContainsFunc(list, func(h Group) bool { return h.Name == g.Name }) {
			list = append(list, g)
		}
	}
	return list
}

// mutate changes, adds or drops a line of a configuration.
func (g *generator) mutate(text string) string {
	lines := strings.SplitAfter(text, "\n")
	for range 1 + g.IntN(2) {
		i := 1 + g.IntN(len(lines))
		programs := optionsIn(InProgram)
		o := programs[g.IntN(len(programs))]
		switch {
		case g.chance(5) && i < len(lines):
			lines = slices.Delete(lines, i, i+1)
		case g.chance(8):
			lines = slices.Insert(lines, i, "[program:new]\ncommand=/new\n")
		default:
			lines = slices.Insert(lines, i, o.Key+"="+g.good(o)+"\n")
		}
	}
	return strings.Join(lines, "")
}

// core 195, 196, 201
func TestRandomChangesAreFoundAsSupervisorFindsThem(t *testing.T) {
	top := t.TempDir()
	scene(t, top)
	g := &generator{Rand: rand.New(rand.NewPCG(195, 201))}
	var questions []question
	for i := range 1000 {
		text := g.file(false)
		old, next := filepath.Join(top, fmt.Sprint(i, ".old")), filepath.Join(top, fmt.Sprint(i, ".new"))
		write(t, old, text)
		write(t, next, g.mutate(text))
		questions = append(questions, question{Call: "diff", Dir: top, Environ: environ(top), Args: []string{old, next}, As44: true})
	}
	compared := 0
	for i, want := range askPython(t, questions) {
		q := questions[i]
		var confs []*Config
		for _, path := range q.Args {
			one := q
			one.Args = []string{"-c", path}
			if conf, err := one.load(); err == nil {
				confs = append(confs, conf)
			}
		}
		if len(confs) < 2 || strings.Contains(want, `"crashed"`) {
			continue
		}
		compared++
		before, after := blind(active(confs[0]), confs[1].Groups)
		added, changed, removed := Diff(before, &Config{Groups: after})
		got := encode(t, [][]string{list(added), list(changed), list(removed)})
		if got != normal(t, want) {
			t.Errorf("%q\n got %s\nwant %s", q.Args, got, want)
		}
	}
	if compared < 300 {
		t.Errorf("only %d pairs could be compared", compared)
	}
}

// blind makes copies of groups that are as Supervisor sees them, to whom a log that
// is AUTO on one side is the same on both.
func blind(active, next []Group) (a, b []Group) {
	a, b = copyGroups(active), copyGroups(next)
	for i := range a {
		for j := range b {
			if a[i].Name != b[j].Name || len(a[i].Processes) != len(b[j].Processes) {
				continue
			}
			for k := range a[i].Processes {
				p, q := &a[i].Processes[k], &b[j].Processes[k]
				for _, logs := range [][2]*Log{{&p.Stdout, &q.Stdout}, {&p.Stderr, &q.Stderr}} {
					if logs[0].Auto || logs[1].Auto {
						logs[0].Auto, logs[1].Auto, logs[0].Path, logs[1].Path = true, true, "", ""
					}
				}
			}
		}
	}
	return a, b
}

func copyGroups(groups []Group) []Group {
	list := slices.Clone(groups)
	for i := range list {
		list[i].Processes = slices.Clone(list[i].Processes)
	}
	return list
}

func list(l []string) []string {
	if l == nil {
		return []string{}
	}
	return l
}
