package config

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// oneProgram is a configuration of one program with some lines.
func oneProgram(lines ...string) string {
	return "[supervisord]\n[program:x]\ncommand=/x\n" + strings.Join(lines, "\n") + "\n"
}

func TestRefusals(t *testing.T) {
	const inX = " in section 'program:x' (file: '%s')"
	for _, c := range []struct {
		text, want string
		line       int
	}{
		// core 6
		{"", ".ini file does not include supervisord section", 0},
		{"[program:x]\ncommand=/x\n", ".ini file does not include supervisord section", 0},
		// core 7
		{"a=b\n", "File contains no section headers.\nfile: '%s', line: 1\n'a=b\\n'", 1},
		// core 8
		{"[supervisord]\nx\ny\n", "Source contains parsing errors: '%s'\n\t[line  2]: 'x\\n'\n\t[line  3]: 'y\\n'", 2},
		// core 10
		{"\ufeff[supervisord]\n", "File contains no section headers.\nfile: '%s', line: 1\n'\\ufeff[supervisord]\\n'", 1},
		// core 12
		{"[supervisord]\n;\xe9 \n", "'utf-8' codec can't decode byte 0xe9 in position 15: invalid continuation byte", 0},
		// core 34
		{oneProgram("priority=%(program_name)s"), "Format string '%%(program_name)s' for 'program:x.priority' contains names ('program_name') which cannot be expanded. Available names: ENV_E, here", 4},
		// core 32
		{oneProgram("directory=100%"), "Format string '100%%' for 'program:x.directory' is badly formatted: incomplete format" + inX, 4},
		{oneProgram("directory=date +%Y"), "Format string 'date +%%Y' for 'program:x.directory' is badly formatted: unsupported format character 'Y' (0x59) at index 7" + inX, 4},
		// core 31
		{oneProgram("startsecs=%(nope)s"), "Format string '%%(nope)s' for 'program:x.startsecs' contains names ('nope') which cannot be expanded. Available names: ENV_E, group_name, here, host_node_name, program_name" + inX, 4},
		// core 35
		{oneProgram("startsecs=%(process_num)d"), "Format string '%%(process_num)d' for 'program:x.startsecs' contains names ('process_num') which cannot be expanded. Available names: ENV_E, group_name, here, host_node_name, program_name" + inX, 4},
		// core 36
		{oneProgram("stdout_logfile=/tmp/a%%b.log"), "Format string '/tmp/a%%b.log' for 'stdout_logfile' is badly formatted: unsupported format character 'b' (0x62) at index 7" + inX, 4},
		// core 39
		{"[supervisord]\n[unix_http_server]\nfile=/tmp/x\nchmod=%(here)s\n", "Format string '%%(here)s' for 'unix_http_server.chmod' contains names ('here') which cannot be expanded. Available names: ENV_E", 4},
		// core 49
		{"[supervisord]\n[include]\n", ".ini file has [include] section, but no files setting", 2},
		// core 50
		{oneProgram("startsecs=1s"), "invalid literal for int() with base 10: '1s'" + inX, 4},
		// core 52
		{oneProgram("stdout_logfile_maxbytes=10TB"), "invalid literal for int() with base 10: '10tb'" + inX, 4},
		{oneProgram("stdout_logfile_maxbytes=10K"), "invalid literal for int() with base 10: '10k'" + inX, 4},
		{oneProgram("stdout_logfile_maxbytes=10B"), "invalid literal for int() with base 10: '10b'" + inX, 4},
		// core 53
		{"[supervisord]\nlogfile_maxbytes=1.5MB\n", "invalid literal for int() with base 10: '1.5'", 2},
		// core 54
		{oneProgram("autostart=maybe"), "not a valid boolean value: 'maybe'" + inX, 4},
		// core 55
		{oneProgram("autostart="), "not a valid boolean value: ''" + inX, 4},
		// core 56
		{oneProgram("autorestart=Maybe"), "invalid 'autorestart' value 'maybe'" + inX, 4},
		// core 57
		{oneProgram("stopsignal=FOO"), "value 'FOO' is not a valid signal name" + inX, 4},
		{oneProgram("stopsignal=99"), "value '99' is not a valid signal number" + inX, 4},
		{oneProgram("stopsignal=35"), "value '35' is not a valid signal number" + inX, 4},
		// core 59
		{oneProgram("exitcodes=0,256"), "not a valid list of exit codes: '0,256'" + inX, 4},
		{oneProgram("exitcodes=a"), "not a valid list of exit codes: 'a'" + inX, 4},
		{oneProgram("exitcodes=0,"), "not a valid list of exit codes: '0,'" + inX, 4},
		// core 60
		{oneProgram("umask=9"), "9 can not be converted to an octal type" + inX, 4},
		// core 61
		{"[supervisord]\n\nloglevel=WARNING\n", "bad logging level name 'WARNING'", 3},
		// core 62
		{oneProgram("user=nosuchuser"), "Invalid user name nosuchuser" + inX, 4},
		{oneProgram("user=99999"), "Invalid user id 99999" + inX, 4},
		{oneProgram("user="), "Invalid user name " + inX, 4},
		{"[supervisord]\nuser=nosuchuser\n", "Invalid user name nosuchuser", 2},
		// core 63
		{"[supervisord]\ndirectory=/nonexistent\n", "/nonexistent is not an existing directory", 2},
		// core 64
		{oneProgram("stdout_logfile=/nonexistent/a"), "The directory named as part of the path /nonexistent/a does not exist" + inX, 4},
		// core 67
		{"[supervisord]\n[program:x]\n", "program section program:x does not specify a command" + inX, 2},
		// core 69
		{oneProgram("stopasgroup=true", "killasgroup=false"), "Cannot set stopasgroup=true and killasgroup=false" + inX, 5},
		// core 70
		{oneProgram("numprocs=2"), "%%(process_num) must be present within process_name when numprocs > 1" + inX, 2},
		// core 72
		{"[supervisord]\n[program:a b]\n", "Invalid name: 'a b' because of character: ' '", 2},
		{"[supervisord]\n[program:a:b]\n", "Invalid name: 'a:b' because of character: ':'", 2},
		{"[supervisord]\n[group:a/b]\n", "Invalid name: 'a/b' because of character: '/'", 2},
		{oneProgram("process_name=a/b"), "Invalid name: 'a/b' because of character: '/'" + inX, 4},
		// core 76
		{oneProgram("environment=A=foo@bar"), "Unexpected end of key/value pairs in value 'A=foo@bar'" + inX, 4},
		// core 78
		{oneProgram(`environment=A="x`), "No closing quotation" + inX, 4},
		// core 79
		{oneProgram("[group:g]", "programs=y"), "[group:g] names unknown program or fcgi-program y", 5},
		{oneProgram("[group:g]", "programs=x,y"), "[program:x] names unknown program or fcgi-program y", 5},
		// core 80
		{oneProgram("[eventlistener:l]", "events=EVENT", "command=/l", "[group:g]", "programs=l"), "[group:g] names unknown program or fcgi-program l", 8},
		// core 81
		{oneProgram("[fcgi-program:x]", "[group:g]", "programs=x"), "[group:g] name x is ambiguous (exists as program and fcgi-program)", 6},
		// core 83
		{"[supervisord]\n[eventlistener:l]\ncommand=/l\n", `[eventlistener:l] section requires an "events" line`, 2},
		{"[supervisord]\n[eventlistener:l]\ncommand=/l\nevents=foo\n", "Unknown event type FOO in [eventlistener:l] events", 4},
		{"[supervisord]\n[eventlistener:l]\ncommand=/l\nevents=EVENT\nbuffer_size=0\n", "[eventlistener:l] section sets invalid buffer_size (0)", 5},
		{"[supervisord]\n[eventlistener:l]\nredirect_stderr=true\nevents=EVENT\n", "[eventlistener:l] section sets redirect_stderr=true but this is not allowed because it will interfere with the eventlistener protocol", 3},
		// core 84
		{"[supervisord]\n[fcgi-program:f]\n", `[fcgi-program:f] section requires a "socket" line`, 2},
		{"[supervisord]\n[fcgi-program:f]\nsocket=http://foo\n", "('Bad socket format %%s', 'http://foo') in [fcgi-program:f] socket", 3},
		{"[supervisord]\n[fcgi-program:f]\nsocket=unix://rel\n", "('Unix socket path %%s is not an absolute path', 'rel') in [fcgi-program:f] socket", 3},
		{"[supervisord]\n[fcgi-program:f]\nsocket=tcp://h:70000\n", "70000 is above upper bound (65535) in [fcgi-program:f] socket", 3},
		{"[supervisord]\n[fcgi-program:f]\nsocket=tcp://h:7\nsocket_mode=0700\n", "socket_owner and socket_mode params should only be used with a Unix domain socket in [fcgi-program:f] socket", 3},
		{"[supervisord]\n[fcgi-program:f]\nsocket_owner=nosuchuser\n", "Invalid socket_owner value nosuchuser", 3},
		{"[supervisord]\n[fcgi-program:f]\nsocket_mode=99\n", "Invalid socket_mode value 99", 3},
		{"[supervisord]\n[fcgi-program:f]\nsocket_backlog=0\n", "Invalid socket_backlog value 0", 3},
		// core 85
		{"[supervisord]\n[unix_http_server]\n", "section [unix_http_server] has no file value", 2},
		{"[supervisord]\n[unix_http_server]\nfile=\n", "section [unix_http_server] has no file value", 3},
		{"[supervisord]\n[unix_http_server]\nfile=/tmp/x\nchmod=9\n", "Invalid chmod value 9", 4},
		{"[supervisord]\n[unix_http_server]\nfile=/tmp/x\nchown=nosuch\n", "Invalid sockchown value nosuch", 4},
		{"[supervisord]\n[unix_http_server]\nfile=/tmp/x\nusername=u\n", "Section [unix_http_server] contains incomplete authentication: If a username or a password is specified, both the username and password must be specified", 4},
		// core 86
		{"[supervisord]\n[inet_http_server]\nport=abc\n", "not a valid port number: 'abc' ", 3},
		{"[supervisord]\n[inet_http_server]\nport=127.0.0.1:\n", "no port number specified in ''", 3},
		{"[supervisord]\n[inet_http_server]\nport=h:0\n", "0 is below lower bound (1)", 3},
		{"[supervisord]\n[inet_http_server]\n", "section [inet_http_server] has no port value", 2},
		// core 87
		{oneProgram("startsecs=x", "autostart=x"), "not a valid boolean value: 'x'" + inX, 5},
		{"[supervisord]\n[rpcinterface:x]\n", "section [rpcinterface:x] does not specify a supervisor.rpcinterface_factory", 2},
		// Supervisor would make them until the memory is full.
		{oneProgram("process_name=%(process_num)d", "numprocs=1000000"), "numprocs is 1000000, and 100000 is the most that can be" + inX, 5},
		// Supervisor would print the whole environment.
		{oneProgram("directory=%s"), "Format string '%%s' for 'program:x.directory' is badly formatted: format requires a name, as in %%(name)s" + inX, 4},
	} {
		path := filepath.Join(t.TempDir(), "s.conf")
		write(t, path, c.text)
		h := ThisHost()
		h.Environ = []string{"E=1"}
		o, err := parseArgs("supervisord", []string{"-c", path}, h)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Load(o, h)
		want := strings.ReplaceAll(strings.ReplaceAll(c.want, "%%", "%"), "'%s')", "'"+path+"')")
		if strings.Contains(c.want, "parsing errors: '%s'") || strings.Contains(c.want, "file: '%s', line") {
			want = strings.Replace(want, "%s", path, 1)
		}
		var bad *Error
		if !errors.As(err, &bad) || bad.Text != want || bad.Line != c.line {
			t.Errorf("%q:\n got %v (line %d)\nwant %s (line %d)", c.text, err, lineOf(bad), want, c.line)
			continue
		}
		if bad.File != path {
			t.Errorf("%q: the error is in file %q", c.text, bad.File)
		}
	}
}

func lineOf(e *Error) int {
	if e == nil {
		return 0
	}
	return e.Line
}

func TestValuesOfPrograms(t *testing.T) {
	home := t.TempDir()
	for _, c := range []struct {
		line string
		got  func(Process) any
		want any
	}{
		// core 30
		{"startsecs=%(ENV_FOO)s", func(p Process) any { return p.StartSecs }, 12},
		// core 51
		{"startsecs=1_000", func(p Process) any { return p.StartSecs }, 1000},
		{"startsecs= 007 ", func(p Process) any { return p.StartSecs }, 7},
		{"startretries=-3", func(p Process) any { return p.StartRetries }, -3},
		// core 52
		{"stdout_logfile_maxbytes=1 MB", func(p Process) any { return p.Stdout.MaxBytes }, int64(1 << 20)},
		// core 54
		{"autostart=ON", func(p Process) any { return p.Autostart }, true},
		{"autostart=Yes", func(p Process) any { return p.Autostart }, true},
		{"autostart=0", func(p Process) any { return p.Autostart }, false},
		// core 56
		{"autorestart=Unexpected", func(p Process) any { return p.Autorestart }, RestartUnexpected},
		{"autorestart=TRUE", func(p Process) any { return p.Autorestart }, RestartAlways},
		// core 57
		{"stopsignal=sigusr1", func(p Process) any { return int(p.StopSignal) }, 10},
		{"stopsignal=10", func(p Process) any { return int(p.StopSignal) }, 10},
		// 0 is no signal, and may be said.
		{"stopsignal=0", func(p Process) any { return int(p.StopSignal) }, 0},
		// core 59
		{"exitcodes=", func(p Process) any { return len(p.ExitCodes) }, 0},
		// core 63
		{"directory=/nonexistent", func(p Process) any { return p.Directory }, "/nonexistent"},
		// core 65
		{"stdout_logfile=OFF", func(p Process) any { return p.Stdout.Auto || p.Stdout.Path != "" }, false},
		{"stdout_logfile=none", func(p Process) any { return p.Stdout.Auto || p.Stdout.Path != "" }, false},
		{"stdout_logfile=", func(p Process) any { return p.Stdout.Auto || p.Stdout.Path != "" }, false},
		{"stdout_logfile=Auto", func(p Process) any { return p.Stdout.Auto }, true},
		{"stdout_logfile=Syslog", func(p Process) any { return p.Stdout.Syslog && !p.Stdout.Auto }, true},
		{"stdout_logfile=Syslog\nstdout_syslog=false", func(p Process) any { return p.Stdout.Syslog }, true},
		// core 66
		{"stdout_logfile=~/foo.log", func(p Process) any { return p.Stdout.Path }, filepath.Join(home, "foo.log")},
		// core 36
		{"stdout_logfile=/tmp/a%%%%b.log", func(p Process) any { return p.Stdout.Path }, "/tmp/a%b.log"},
		// core 35
		{"directory=/d/%(process_num)d", func(p Process) any { return p.Directory }, "/d/0"},
		// core 37
		{"environment=Z=\"zz\"\ncommand=a %(ENV_Z)s", func(p Process) any { return p.Command }, "a zz"},
		// core 38
		{"command=%(ENV_G)s", func(p Process) any { return p.Command }, "global"},
		// core 45
		{"directory=/d/%%(here)s", func(p Process) any { return p.Directory }, "/d/%(here)s"},
		// core 68
		{"command=", func(p Process) any { return p.Command }, ""},
		// core 69
		{"stopasgroup=true", func(p Process) any { return p.KillAsGroup }, true},
		// core 74
		{"process_name=%(ENV_ODD)s", func(p Process) any { return p.Name }, "a b/c:d"},
		// core 75
		{"environment=A=1;B=2", environmentOf, "[{G global} {A 1} {B 2}]"},
		// core 76
		{"environment=A=$HOME", environmentOf, "[{G global} {A $}]"},
		{"environment=A=foo#bar,B=1", environmentOf, "[{G global} {A foo}]"},
		// core 77
		{`environment=A="a\"b"`, environmentOf, `[{G global} {A a"b}]`},
		{"environment=G=own", environmentOf, "[{G own}]"},
		// core 25
		{"unknown=key", func(p Process) any { return p.Name }, "x"},
		{"serverurl=", func(p Process) any { return p.HasServerURL }, true},
		{"serverurl=auto", func(p Process) any { return p.HasServerURL }, false},
	} {
		path := filepath.Join(t.TempDir(), "s.conf")
		write(t, path, "[supervisord]\nenvironment=G=global\n[program:x]\ncommand=/x\n"+c.line+"\n")
		q := question{Dir: "/", Environ: map[string]string{"FOO": "12", "ODD": "a b/c:d", "HOME": home}, Args: []string{"-c", path}}
		conf, err := q.load()
		if err != nil {
			t.Errorf("%s: %v", c.line, err)
			continue
		}
		if got := c.got(conf.Groups[0].Processes[0]); got != c.want {
			t.Errorf("%s: got %v, want %v", c.line, got, c.want)
		}
	}
}

func environmentOf(p Process) any { return fmt.Sprint(p.Environment) }

func names(c *Config) string {
	var list []string
	for _, g := range c.Groups {
		for _, p := range g.Processes {
			list = append(list, g.Name+":"+p.Name)
		}
	}
	return strings.Join(list, " ")
}

func TestNamesOfProcesses(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		// core 33
		{oneProgram("process_name=%(program_name)s%(process_num)02d", "numprocs=2", "numprocs_start=5"), "x:x05 x:x06"},
		{oneProgram("process_name=p%(process_num)d", "numprocs=12"), "x:p0 x:p1 x:p10 x:p11 x:p2 x:p3 x:p4 x:p5 x:p6 x:p7 x:p8 x:p9"},
		// core 71
		{oneProgram("numprocs=0"), ""},
		// core 73
		{"[supervisord]\n[program:]\ncommand=/x\n", ":"},
		// core 82
		{oneProgram("[group:g]"), "x:x"},
		// core 26
		{"[supervisord]\n[ program:x ]\ncommand=/x\n[program: y ]\ncommand=/y\n", "y:y"},
		// core 178
		{oneProgram("process_name=same", "[program:y]", "command=/y", "process_name=same", "[group:g]", "programs=x,y"), "g:same"},
		// core 9
		{"[supervisord]\n[program:x\ncommand=/x\n", ""},
		{oneProgram("[group:a]", "programs=x", "[group:b]", "programs=x"), "a:x b:x"},
	} {
		if got := names(loadText(t, c.text)); got != c.want {
			t.Errorf("%s got %s, want %s", c.text, got, c.want)
		}
	}
}

func TestOfTwoProcessesWithOneNameTheLastCounts(t *testing.T) {
	conf := loadText(t, oneProgram("process_name=same", "[program:y]", "command=/y", "process_name=same", "[group:g]", "programs=x,y"))
	if p := conf.Groups[0].Processes[0]; p.Command != "/y" {
		t.Errorf("got %+v", p)
	}
}

func texts(notes []Note) string {
	var list []string
	for _, n := range notes {
		list = append(list, fmt.Sprint(n.Level, " ", n.Text))
	}
	return strings.Join(list, "\n")
}

// core 41, 42, 43, 44, 46
func TestIncludes(t *testing.T) {
	dir := t.TempDir()
	for path, text := range map[string]string{
		"s.conf":      "[supervisord]\nidentifier=main\n[include]\nfiles=none/*.x d/b*.conf\n",
		"d/b2.conf":   "[program:p]\ncommand=%(here)s/two\n[include]\nfiles=nested.conf\n",
		"d/b1.conf":   "[program:p]\ncommand=%(here)s/one\nstartsecs=7\n[supervisord]\nidentifier=included\n",
		"nested.conf": "[program:nested]\ncommand=/x\n",
	} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(path)), 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, path), text)
	}
	o, err := ParseArgs("supervisord", []string{"-c", filepath.Join(dir, "s.conf")})
	if err != nil {
		t.Fatal(err)
	}
	conf, err := Load(o, ThisHost())
	if err != nil {
		t.Fatal(err)
	}
	if got := names(conf); got != "p:p" {
		t.Errorf("programs are %s", got)
	}
	p := conf.Groups[0].Processes[0]
	if p.Command != dir+"/d/two" || p.StartSecs != 7 || conf.Supervisord.Identifier != "included" {
		t.Errorf("got %+v of %s", p, conf.Supervisord.Identifier)
	}
	want := fmt.Sprintf("WARN No file matches via include \"%[1]s/none/*.x\"\nINFO Included extra file \"%[1]s/d/b1.conf\" during parsing\nINFO Included extra file \"%[1]s/d/b2.conf\" during parsing", dir)
	if got := texts(conf.Notes); got != want {
		t.Errorf("notes are\n%s\nwant\n%s", got, want)
	}
}

// core 47
func TestAnUnreadableIncludeIsReportedAndIgnored(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "s.conf"), "[supervisord]\n[include]\nfiles=x.conf d\n")
	write(t, filepath.Join(dir, "x.conf"), "[program:x]\n")
	if err := os.Mkdir(filepath.Join(dir, "d"), 0o755); err != nil {
		t.Fatal(err)
	}
	h := ThisHost()
	read := h.ReadFile
	h.ReadFile = func(path string) ([]byte, error) {
		if filepath.Base(path) == "x.conf" {
			return nil, os.ErrPermission
		}
		return read(path)
	}
	o, err := parseArgs("supervisord", []string{"-c", filepath.Join(dir, "s.conf")}, h)
	if err != nil {
		t.Fatal(err)
	}
	conf, err := Load(o, h)
	if err != nil {
		t.Fatal(err)
	}
	if got := texts(conf.Notes); strings.Count(got, "INFO Included extra file") != 2 || len(conf.Groups) != 0 {
		t.Errorf("notes are %s", got)
	}
}

// core 48
func TestAnErrorInAnIncludeNamesItsFileAndLine(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "s.conf"), "[supervisord]\n[program:main]\ncommand=/x\n[include]\nfiles=x.conf\n")
	for text, want := range map[string]string{
		"[program:x]\ncommand=/x\nstartsecs=1s\n": filepath.Join(dir, "x.conf"),
		// A section that the main file has, too, is said to be there; the line is where it is.
		"\n[program:main]\nstartsecs=1s\n": filepath.Join(dir, "s.conf"),
	} {
		write(t, filepath.Join(dir, "x.conf"), text)
		o, err := ParseArgs("supervisord", []string{"-c", filepath.Join(dir, "s.conf")})
		if err != nil {
			t.Fatal(err)
		}
		_, err = Load(o, ThisHost())
		var bad *Error
		if !errors.As(err, &bad) || !strings.HasSuffix(bad.Text, fmt.Sprintf("(file: '%s')", want)) || bad.Line != 3 || bad.File != filepath.Join(dir, "x.conf") {
			t.Errorf("got %+v", bad)
		}
	}
}

func TestWarningsComeBeforeWhatIsOnlyTold(t *testing.T) {
	conf := loadText(t, oneProgram("stdout_logfile=syslog", "stdout_logfile_maxbytes=0", "stderr_logfile_maxbytes=0", "[program:y]", "command=/y", "redirect_stderr=true", "stderr_logfile=/tmp/y"))
	want := strings.Join([]string{
		"WARN For [program:x], stdout_logfile=syslog but this is deprecated and will be removed.  Use stdout_syslog=true to enable syslog instead.",
		"WARN For [program:x], AUTO logging used for stderr_logfile without rollover, set maxbytes > 0 to avoid filling up filesystem unintentionally",
		"WARN For [program:y], redirect_stderr=true but stderr_logfile has also been set to a filename, the filename has been ignored",
	}, "\n")
	if got := texts(conf.Notes); got != want {
		t.Errorf("notes are\n%s\nwant\n%s", got, want)
	}
}

// core 40
func TestThePercentSignOfTheGlobalEnvironmentIsDoubledOnce(t *testing.T) {
	conf := loadText(t, "[supervisord]\nenvironment=A=\"50%%\",H=\"%(host_node_name)s\"\n")
	if got := conf.Supervisord.Environment; got[0].Value != "50%" || got[1].Value != ThisHost().Hostname {
		t.Errorf("got %q", got)
	}
}

func TestOtherKeysAreForTheFactory(t *testing.T) {
	conf := loadText(t, "[DEFAULT]\nfoo=1\n[supervisord]\n[rpcinterface:x]\nsupervisor.rpcinterface_factory=a:b\nbar=%%\n")
	i := conf.Interfaces[0]
	if i.Name != "x" || i.Factory != "a:b" || fmt.Sprint(i.Options) != "map[bar:% foo:1]" {
		t.Errorf("got %+v", i)
	}
}

func TestAFactoryThatTheHostDoesNotHaveIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.conf")
	write(t, path, "[supervisord]\n[rpcinterface:x]\nsupervisor.rpcinterface_factory=nope:x\n")
	h := ThisHost()
	h.Plugin = func(spec string) error { return errors.New("no such plug-in") }
	o, err := parseArgs("supervisord", []string{"-c", path}, h)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Load(o, h); err == nil || err.Error() != "nope:x cannot be resolved within [rpcinterface:x]: no such plug-in" {
		t.Errorf("error %v", err)
	}
}

// core 114, 115, 116
func TestServersAndTheirURL(t *testing.T) {
	for _, c := range []struct{ text, order, url string }{
		{"", "", ""},
		{"[inet_http_server]\nport=9001\n[inet_http_serverZZ]\nport=Host:9002\n", "inet_http_server inet_http_serverZZ", "http://host:9002"},
		{"[inet_http_server:x]\nport=*:9001\n", "inet_http_server:x", "http://localhost:9001"},
		{"[unix_http_server:two]\nfile=/tmp/../a\n[inet_http_server]\nport=1\n[unix_http_server]\nfile=/b\n", "inet_http_server unix_http_server:two unix_http_server", "unix:///a"},
	} {
		conf := loadText(t, "[supervisord]\n"+c.text)
		var order []string
		for _, s := range conf.Servers {
			order = append(order, s.Section)
		}
		if got := strings.Join(order, " "); got != c.order {
			t.Errorf("%q: servers are %s, want %s", c.text, got, c.order)
		}
		if got := ServerURL(conf.Servers); got != c.url {
			t.Errorf("%q: URL is %s, want %s", c.text, got, c.url)
		}
	}
}

// core 113
func TestAUTOLogsAreInTMPDIR(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "s.conf")
	write(t, path, "[supervisord]\n")
	for _, c := range []struct {
		environ map[string]string
		want    string
	}{
		{map[string]string{"TMPDIR": dir}, dir},
		{map[string]string{"TMPDIR": filepath.Join(dir, "nope"), "TEMP": dir}, dir},
		{map[string]string{"TMPDIR": ""}, "/tmp"},
	} {
		conf, err := question{Dir: "/", Environ: c.environ, Args: []string{"-c", path}}.load()
		if err != nil || conf.Supervisord.ChildLogDir != c.want {
			t.Errorf("%v: got %+v, %v, want %s", c.environ, conf, err, c.want)
		}
	}
}

func TestTheGroupsOfAUserAreItsOwn(t *testing.T) {
	h := ThisHost()
	h.UserByName = func(name string) (*Account, error) {
		return &Account{Name: name, UID: 7, GID: 8, Groups: func() ([]int, error) { return []int{8, 9, 10}, nil }}, nil
	}
	h.UserByID = func(int) (*Account, error) { return h.UserByName("it") }
	u, err := h.user("it")
	if err != nil || u.UID != 7 || u.GID != 8 || !slices.Equal(u.Groups, []int{8, 9, 10}) {
		t.Errorf("got %+v, %v", u, err)
	}
	this := ThisHost()
	root, err := this.user("root")
	if err != nil || root.UID != 0 || len(root.Groups) == 0 || root.Groups[0] != root.GID {
		t.Errorf("root is %+v, %v", root, err)
	}
}

func FuzzLoad(f *testing.F) {
	g := &generator{Rand: rand.New(rand.NewPCG(1, 2))}
	for range 30 {
		f.Add(g.file(false))
	}
	f.Fuzz(func(t *testing.T, text string) {
		h := ThisHost()
		h.ReadFile = func(path string) ([]byte, error) {
			if path != "/s.conf" {
				return nil, os.ErrNotExist
			}
			return []byte(text), nil
		}
		stat := h.Stat
		h.Stat = func(path string) (os.FileInfo, error) {
			if path == "/s.conf" {
				return stat("/")
			}
			return stat(path)
		}
		conf, err := Load(&Options{ConfigPath: "/s.conf", Dir: "/"}, h)
		var bad *Error
		switch {
		case err != nil && (!errors.As(err, &bad) || bad.Text == ""):
			t.Errorf("error of type %T: %v", err, err)
		case err == nil:
			if added, changed, removed := Diff(active(conf), conf); len(added)+len(removed) > 0 || len(changed) > len(conf.Groups)-len(active(conf)) {
				t.Errorf("it differs from itself: %q %q %q", added, changed, removed)
			}
		}
	})
}

// A container whose file system is read-only has no place for temporary files, and
// starts all the same as long as no program has an AUTO log.
func TestAPlaceForAutoLogsIsNeededOnlyByWhoHasOne(t *testing.T) {
	h := ThisHost()
	h.Writable = func(string) bool { return false }
	for _, c := range []struct{ logs, want string }{
		{"stdout_logfile=/dev/stdout\nstderr_logfile=NONE\n", ""},
		{"stdout_logfile=/dev/stdout\nredirect_stderr=true\n", ""},
		{"stdout_logfile=/dev/stdout\n", "No usable temporary directory found in ["},
	} {
		path := filepath.Join(t.TempDir(), "s.conf")
		write(t, path, "[supervisord]\n[program:x]\ncommand=/bin/cat\n"+c.logs)
		o, err := ParseArgs("supervisord", []string{"-c", path})
		if err != nil {
			t.Fatal(err)
		}
		conf, err := Load(o, h)
		switch {
		case err == nil && c.want == "":
			if dir := conf.Supervisord.ChildLogDir; dir != "" {
				t.Errorf("%q: childlogdir is %q, which cannot be written to", c.logs, dir)
			}
		case err == nil || c.want == "" || !strings.HasPrefix(err.Error(), c.want):
			t.Errorf("%q: %v, want %q", c.logs, err, c.want)
		}
	}
}
