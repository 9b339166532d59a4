package config

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A generator writes configuration files that are mostly good.
type generator struct {
	*rand.Rand
	programs []string // that the file has so far
}

func (g *generator) pick(list ...string) string { return list[g.IntN(len(list))] }

// chance is true once in n times.
func (g *generator) chance(n int) bool { return g.IntN(n) == 0 }

// value returns a value for an option: a good one most of the time.
func (g *generator) value(o *Option) string {
	switch {
	case g.chance(90):
		return g.bad(o)
	case g.chance(40):
		return g.expression(o)
	}
	return g.good(o)
}

func (g *generator) good(o *Option) string {
	switch o.Type {
	case typeInt:
		if o.Key == "numprocs" {
			return g.pick("1", "2", "3", "0", "-1", "12")
		}
		return g.pick("0", "1", "2", "10", "999", "-1", "1_000", "007", "+5", "1")
	case typeBool:
		return g.pick("true", "false", "on", "OFF", "Yes", "no", "1", "0")
	case typeSize:
		return g.pick("0", "1", "1MB", "50mb", "2 KB", "1gb", "10Kb", "-1")
	case typeOctal:
		return g.pick("022", "0700", "0o770", "777", "27", "-1", "07777")
	case typeFile:
		return g.pick("x.log", "logs/x.log", "%(here)s/logs/y.log", "~/z.log", "/dev/stdout", "/tmp/w.log", "syslog", "NONE")
	case typeDir:
		return g.pick("logs", "%(here)s", "/tmp", "~", ".")
	case typeLevel:
		return g.pick("critical", "ERROR", "warn", "Info", "debug", "trace", "blather")
	case typeUser:
		return g.pick("root", "daemon", "nobody", "0", "www-data", "1")
	case typeOwner:
		return g.pick("root", "daemon:daemon", "nobody:0", "0:0", "www-data")
	case typeVars:
		return g.pick(`A="1"`, `A=1,B="two, 2"`, `A="%(ENV_HOME)s",PATH='/bin'`, "", `K="100%%"`, "A=1;B=2", `A="x"y`, `Q="it's"`, `Z="a\"b"`, `A=1 #c`, "A=1,\n  B=2,\n  C=3", `N="%(process_num)02d"`)
	case typeLogFile:
		return g.pick("AUTO", "none", "OFF", "/dev/stdout", "/dev/fd/1", "logs/%(program_name)s.log", "%(here)s/logs/%(group_name)s_%(process_num)02d.log", "Syslog", "", "~/a.log", "/tmp/a%%%%b.log")
	case typeText:
		if o.Key == "process_name" {
			return g.pick("%(program_name)s_%(process_num)02d", "%(process_num)s", "%(group_name)s-%(process_num)d", "%(program_name)s%(process_num)x", "same")
		}
		return g.pick("text", "two words", "", "%(ENV_HOME)s", "50%%", "é日", "a;b#c")
	case typeCommand:
		return g.pick("/bin/cat", `sh -c "echo %(program_name)s"`, "/bin/x --port=80%(process_num)02d", "date +%%Y", "", "/bin/cat ; comment", "a\n  b", "%(ENV_HOME)s/bin/x", "%(here)s/run %(host_node_name)s")
	case typeList:
		switch o.Key {
		case "programs":
			if !g.chance(8) {
				return strings.Join(g.programs[:g.IntN(len(g.programs)+1)], g.pick(",", " , "))
			}
			return g.pick("a", "a,b", "b , a", "c", "a,b,c", "f", "")
		case "events":
			return g.pick("EVENT", "tick_5", "PROCESS_STATE,TICK_60", "PROCESS_STATE_EXITED , process_log")
		}
		return g.pick("0", "0,1,2", "", "0, 2 ,255", "7")
	}
	switch o.Key {
	case "autorestart":
		return g.pick("true", "false", "unexpected", "Unexpected", "1")
	case "stopsignal":
		return g.pick("TERM", "quit", "SIGUSR1", "9", "INT", "sigcld", "0", "RTMIN", "_DFL")
	case "serverurl":
		return g.pick("AUTO", "auto", "", "http://127.0.0.1:9001", "unix:///tmp/x.sock", "~/x")
	case "port":
		return g.pick("9001", "127.0.0.1:9001", ":9002", "*:9003", "LOCALHOST:9004", "[::1]:9005", "::1:80")
	case "file":
		return g.pick("/tmp/x.sock", "%(here)s/x.sock", "~/x.sock", "x/../y.sock", "//tmp//x")
	case "socket":
		return g.pick("tcp://localhost:9000", "unix:///tmp/f.sock", "unix://%(here)s/%(program_name)s.sock", "tcp://A.b:1")
	case "directory":
		return g.pick("/tmp", "", "%(here)s/%(process_num)d", "~", "/nonexistent")
	case "result_handler":
		return defaultHandler
	}
	return g.pick("", "x")
}

// bad returns what is mostly wrong.
func (g *generator) bad(o *Option) string {
	switch o.Key {
	case "events":
		return g.pick("FOO", "TICK_5,", "") // of several unknown events Python reports any
	case "result_handler":
		return "nope:x" // what is no module:attribute has an error text of pkg_resources
	}
	return g.pick("", "maybe", "1s", "1.5MB", "10TB", "0x10", "9", "-", "a b", "FOO", "99", "256", "0,", "/nonexistent/a",
		"nosuchuser", "99999", "nobody:nosuchgroup", "h:", "h:0", "h:70000", "abc", "0", "http://foo", "unix://rel", "tcp://h:70000", "tcp://h:x",
		`A="`, "A=foo@bar", "A", "A=1,B", `A=\`, "x:y", "a/b", "it's", `"q"`, "é", "1__0", "%", "~nosuchuser/x", "INFO2", "٣")
}

// expression returns an expansion, which may not be allowed here.
func (g *generator) expression(o *Option) string {
	switch o.Key {
	case "events":
		return "%(ENV_EVENTS)s"
	case "result_handler":
		return "nope:%(ENV_NUM)s"
	}
	return g.pick("%(here)s", "%(ENV_HOME)s", "%(ENV_NUM)s", "%(ENV_TRUE)s", "%(ENV_NOPE)s", "%(program_name)s", "%(process_num)d", "%(group_name)s",
		"%(host_node_name)s", "%(numprocs)s", "100%", "date +%Y", "%(ENV_A)s", "%(x", "%(ENV_NUM)d", "%(ENV_NUM)03s", "%%(here)s", "%(process_num)#x", "%d", "%(ENV_K0)s", "%(ENV_PCT)s", "%(a(b)c)s", "%(ENV_NUM)y")
}

// section writes one section with some of the keys of its kind.
func (g *generator) section(b *strings.Builder, header string, kind Kinds, needed ...string) {
	fmt.Fprintf(b, "[%s]\n", header)
	seen := map[string]bool{}
	write := func(o *Option, value string) {
		if seen[o.Key] {
			return
		}
		seen[o.Key] = true
		key := o.Key
		if g.chance(20) {
			key = strings.ToUpper(key)
		}
		fmt.Fprintf(b, "%s%s%s%s\n", key, g.pick("=", "=", " = ", ":"), value, g.pick("", "", "", " ; comment", " # comment"))
	}
	for _, key := range needed {
		if !g.chance(40) {
			write(option(kind, key), g.value(option(kind, key)))
		}
	}
	options := optionsIn(kind)
	for range g.IntN(6) {
		o := options[g.IntN(len(options))]
		if o.Key != "supervisor.rpcinterface_factory" {
			write(o, g.value(o))
		}
	}
	if kind&inAnyServer != 0 && seen["username"] != seen["password"] && !g.chance(6) {
		write(option(kind, "username"), "user")
		write(option(kind, "password"), "secret")
	}
	if g.chance(20) {
		b.WriteString("unknown=key\n")
	}
}

// file writes a configuration, or a part of one.
func (g *generator) file(included bool) string {
	var b strings.Builder
	if !included {
		g.programs = nil
	}
	if !included || g.chance(3) {
		g.section(&b, "supervisord", InSupervisord)
	}
	if !included && g.chance(4) {
		fmt.Fprintf(&b, "[include]\nfiles = %s\n", g.pick("conf.d/*.conf", "conf.d/b.conf conf.d/a.conf", "none/*.conf", "%(here)s/conf.d/?.conf", "conf.d/[!a].*", "conf.d", ""))
	}
	if g.chance(12) {
		b.WriteString("[DEFAULT]\n" + g.pick("startsecs=7", "command=/bin/default %(here)s", "user=daemon", "priority=5", "environment=D=1") + "\n")
	}
	for range g.IntN(5) {
		name := g.pick("a", "b", "c", "a", "b", "c", "with blank", "x:y", "s/l", " d ", "é", "")
		if !g.chance(10) {
			name = g.pick("a", "b", "c", "d")
		}
		switch g.IntN(9) {
		case 0, 1, 2, 3:
			g.programs = append(g.programs, name)
			g.section(&b, "program:"+name, InProgram, "command", "process_name")
		case 4:
			g.section(&b, "eventlistener:"+g.pick("l", name), InEventListener, "command", "events", "process_name")
		case 5:
			g.section(&b, "fcgi-program:"+g.pick("f", name), InFastCGI, "command", "socket", "process_name")
		case 6:
			g.section(&b, "group:"+g.pick("g", name), InGroup, "programs")
		case 7:
			g.section(&b, "unix_http_server"+g.pick("", ":x"), InUnixServer, "file")
		case 8:
			g.section(&b, "inet_http_server"+g.pick("", ":x", "Z"), InInetServer, "port")
		}
	}
	if g.chance(6) {
		b.WriteString("[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n" + g.pick("", "k=%(ENV_HOME)s\n", "k=%(here)s\n"))
	}
	return b.String()
}

// args returns a command line, mostly none.
func (g *generator) args() []string {
	if !g.chance(12) {
		return nil
	}
	var args []string
	for range 1 + g.IntN(3) {
		args = append(args, g.pick("-n", "-ns", "-e", "-eWARN", "--nodae", "--log", "--loglevel=debug", "-y1KB", "-z", "-m", "-m99", "022", "-u", "daemon", "nosuch",
			"-l", "logs/q.log", "-j", "/nonexistent/x", "-i", "id", "-q", "/tmp", "-k", "-t", "-a10", "--minprocs", "5", "--nodaemon=1", "--profile_options=calls", "foo", "-x", "--foo", "-d~", "-l", "", "--", "-", "--user=0", "--silent"))
	}
	return args
}

// scene makes a working directory with the directories that values name.
func scene(t *testing.T, dir string) {
	t.Helper()
	for _, sub := range []string{"logs", "conf.d", "home"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// environ is the environment of random configurations.
func environ(dir string) map[string]string {
	return map[string]string{
		"HOME": filepath.Join(dir, "home"), "NUM": "12", "TRUE": "true", "A": "from outside", "TMPDIR": dir,
		"PCT": "%(here)s/p.log", "EVENTS": "TICK_5", "LANG": "C.UTF-8",
	}
}

// resolved leaves out why a plug-in cannot be resolved, which is ours to say.
func resolved(answer string) string {
	if i := strings.Index(answer, " cannot be resolved within ["); i > 0 {
		return answer[:i] + `"}`
	}
	return answer
}

func TestRandomConfigurationsAreReadAsSupervisorReadsThem(t *testing.T) {
	const files = 1500
	top := t.TempDir()
	g := &generator{Rand: rand.New(rand.NewPCG(44, 2026))}
	var questions []question
	var texts []string
	for i := range files {
		dir := filepath.Join(top, fmt.Sprint(i))
		scene(t, dir)
		text := g.file(false)
		write(t, filepath.Join(dir, "s.conf"), text)
		if strings.Contains(text, "[include]") {
			for _, name := range []string{"a.conf", "b.conf", ".h.conf"} {
				part := g.file(true)
				write(t, filepath.Join(dir, "conf.d", name), part)
				text += "\n--- " + name + "\n" + part
			}
		}
		path := g.pick("s.conf", filepath.Join(dir, "s.conf"), "./conf.d/../s.conf")
		questions = append(questions, question{Dir: dir, Environ: environ(dir), Args: append([]string{"-c", path}, g.args()...), As44: true})
		texts = append(texts, text)
	}
	refused, bad := 0, 0
	for i, want := range askPython(t, questions) {
		if strings.Contains(want, `"crashed"`) {
			continue
		}
		if strings.Contains(want, `"refused"`) {
			refused++
		}
		got := questions[i].answer(t)
		if strings.Contains(got, "has no file value") && !strings.Contains(want, `"refused"`) {
			continue // an empty file=, on which Supervisor hangs when it starts
		}
		if diff := differences(t, resolved(got), resolved(normal(t, want))); diff != nil {
			t.Errorf("%v:\n%s\n%s", questions[i].Args, texts[i], strings.Join(diff, "\n"))
			if bad++; bad == 8 {
				t.Fatal("and so on")
			}
		}
	}
	t.Logf("%d of %d refused", refused, files)
	if refused < files/10 || refused > files*9/10 {
		t.Errorf("%d of %d files refused: the corpus is lopsided", refused, files)
	}
}
