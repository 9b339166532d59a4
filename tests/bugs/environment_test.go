//go:build linux

package bugs

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/tests/running"
)

// settings are values of environment= on which all releases of Supervisor agree.
var settings = []string{
	`A=1,B=2`,
	`A = 1 , B = 2`,
	`A=1,`,
	`A="a,b",B='c d',C=3`,
	`A="",B=1`,
	`A=""`,
	`A=1;B=2`,
	`A==b`,
	`A=/a/b.c+d-e(f):g_h`,
	`A=$HOME`,
	`A=http://h:80/x?y=1`,
	`A="a b",B=c d`,
	`A=foo#bar,B=1`,
	`A="foo#bar",B=1`,
	`A="50%%",B="%%(x)s"`,
	`A="%(program_name)s",B="%(ENV_INHERITED)s"`,
	`A="a\nb"`,
	`A="1",A="2"`,
	`A="  kept blanks  ",B="	tab"`,
	"A=\"1\",\n B=\"2\",\n C='3'",
	`A='{"k": [1, 2]}'`,
	`INHERITED="overridden"`,
	`SUPERVISOR_PROCESS_NAME="mine",SUPERVISOR_ENABLED="0"`,
	`GLOBAL="of the program"`,
	`A="naïve Ωmega 日本"`,
	`A="it's"`,
	`A="-----BEGIN KEY-----"`,
	`PATH="/usr/bin:/bin",HOME="/nowhere",USER="me"`,
	`LD_LIBRARY_PATH=/a:/b,_=x,a.b=c`,
}

// Two settings mean something else since Supervisor 4.4, whose meaning is ours.
var newSettings = map[string]string{
	`A="a\"b",B=2`:          `A=a"b B=2`,
	`A="{""k"": 1}"`:        `A={k: 1}`,
	`A="a\\b"`:              `A=a\b`,
	`A='say "hi"'`:          `A=say "hi"`,
	`A=a\b`:                 `A=ab`,
	`A="'x'"`:               `A='x'`,
	`A=pre"mid"post`:        `A=premidpost`,
	`A="x"y`:                `A=xy`,
	`A="a""b"`:              `A=ab`,
	`"A"="1"`:               `A=1`,
	`A="{\"k\": \"v, w\"}"`: `A={"k": "v, w"}`,
}

// environProgram logs the environment of the process itself, not of a shell.
const environProgram = `[program:p%02d]
command=/bin/cat /proc/self/environ
environment=%s
startsecs=0
autostart=false
autorestart=false
stdout_logfile={dir}/p%02d.env
`

// environs returns what the programs of some settings found in their environment,
// sorted.
func environs(t *testing.T, how running.How, settings []string) [][]string {
	t.Helper()
	sections := "[supervisord]\nenvironment=GLOBAL=\"g, h\",OTHER='x y'\n"
	for i, s := range settings {
		sections += fmt.Sprintf(environProgram, i, s, i)
	}
	how.Env = []string{"INHERITED=plain words", "ODD=a, 'b' \"c\" %d", "EMPTY="}
	d, c := startAs(t, how, sections, nil)
	all := make([][]string, len(settings))
	for i := range settings {
		name := fmt.Sprintf("p%02d", i)
		if _, err := c.Start(inTime(t), sirdar.Select(name), false); err != nil {
			t.Fatal(err)
		}
		awaitState(t, d, c, name, sirdar.Exited)
		text := strings.ReplaceAll(d.Read(name+".env"), d.Dir, "{dir}")
		all[i] = strings.Split(strings.TrimSuffix(text, "\x00"), "\x00")
		slices.Sort(all[i])
	}
	return all
}

// users-want 2B 9
//
// core 75
func TestTheEnvironmentIsThatOfPythonsChild(t *testing.T) {
	t.Parallel()
	ours, theirs := environs(t, running.How{}, settings), environs(t, python(t), settings)
	for i, s := range settings {
		if len(theirs[i]) < 5 {
			t.Errorf("environment=%s: Python's child has only %q", s, theirs[i])
		}
		if !slices.Equal(ours[i], theirs[i]) {
			t.Errorf("environment=%s: the child has\n%s\nPython's has\n%s", s, difference(ours[i], theirs[i]), difference(theirs[i], ours[i]))
		}
	}
}

// difference lists what is only in a.
func difference(a, b []string) string {
	var only []string
	for _, v := range a {
		if !slices.Contains(b, v) {
			only = append(only, fmt.Sprintf("%q", v))
		}
	}
	return strings.Join(only, " ")
}

// users-want 2B 9
//
// core 77
func TestTheEnvironmentIsReadAsSince44(t *testing.T) {
	t.Parallel()
	var written []string
	for s := range newSettings {
		written = append(written, s)
	}
	for i, environ := range environs(t, running.How{}, written) {
		got := slices.DeleteFunc(environ, func(v string) bool { return !strings.HasPrefix(v, "A=") && !strings.HasPrefix(v, "B=") })
		if strings.Join(got, " ") != newSettings[written[i]] {
			t.Errorf("environment=%s: the child has %q, want %q", written[i], got, newSettings[written[i]])
		}
	}
}

// users-want 2B 11
//
// core 133
func TestAUsersProgramHasExactlyTheUsersGroups(t *testing.T) {
	t.Parallel()
	needRoot(t)
	wanted, err := exec.Command("/usr/bin/id", "-G", "daemon").Output()
	do(t, err)
	attr := &syscall.SysProcAttr{Credential: &syscall.Credential{Groups: []uint32{0, 4, 24, 27, 999}}}
	d, c := startAs(t, running.How{Attr: attr, Env: []string{"HOME=/root", "USER=root"}}, `[program:plain]
command=/bin/cat /proc/self/status /proc/self/environ
user=daemon
startsecs=0
autorestart=false
stdout_logfile={dir}/plain.log
[program:explicit]
command=/bin/cat /proc/self/status /proc/self/environ
user=daemon
environment=HOME="/explicit",PATH="/bin"
startsecs=0
autorestart=false
stdout_logfile={dir}/explicit.log
[program:root]
command=/bin/cat /proc/self/status
startsecs=0
autorestart=false
stdout_logfile={dir}/root.log
`, nil)
	for _, name := range []string{"plain", "explicit", "root"} {
		awaitState(t, d, c, name, sirdar.Exited)
	}
	field := func(log, name string) string {
		for _, line := range lines(d.Read(log), name+":") {
			if rest, ok := strings.CutPrefix(line, name+":"); ok {
				return strings.Join(strings.Fields(rest), " ")
			}
		}
		return "?"
	}
	if groups := field("root.log", "Groups"); groups != "0 4 24 27 999" {
		t.Fatalf("supervisord has the groups %q: the test proves nothing", groups)
	}
	for _, log := range []string{"plain.log", "explicit.log"} {
		if got, want := field(log, "Groups"), strings.TrimSpace(string(wanted)); got != want {
			t.Errorf("%s: the groups are %q, want %q", log, got, want)
		}
		uid, gid := field(log, "Uid"), field(log, "Gid")
		if uid != "1 1 1 1" || gid != "1 1 1 1" {
			t.Errorf("%s: uid %q, gid %q, want daemon's", log, uid, gid)
		}
	}
	// Not set for the user's sake, which Supervisor never did; what is explicit wins.
	for log, want := range map[string]string{"plain.log": "HOME=/root\x00", "explicit.log": "HOME=/explicit\x00"} {
		if !strings.Contains(d.Read(log), want) {
			t.Errorf("%s: the environment lacks %q", log, want)
		}
	}
	if !strings.Contains(d.Read("explicit.log"), "PATH=/bin\x00") {
		t.Error("the explicit PATH was overridden")
	}
}

// users-want 2B 11
//
// core 127
func TestAUserThatCannotBeMeansNoSpawn(t *testing.T) {
	t.Parallel()
	const wanted = "[program:wanted]\ncommand=/usr/bin/touch {dir}/it-ran\nstartretries=0\nstderr_logfile={dir}/wanted.err\nuser="

	d := running.How{}.Prepare(t, wanted+"nosuchuser\n", nil)
	if said, status := d.Second(running.How{}); status != 2 || !strings.Contains(said, "Invalid user name nosuchuser in section 'program:wanted'") {
		t.Errorf("with an unknown user the exit status is %d, want 2, and supervisord says %q", status, said)
	}

	// At a reload it is an error that changes nothing.
	other, c := start(t, sleeper, nil)
	before := awaitState(t, other, c, "sleeper", sirdar.Running)
	appendTo(t, other, "supervisord.conf", strings.ReplaceAll(wanted, "{dir}", d.Dir)+"nosuchuser\n")
	if _, err := c.Reread(inTime(t)); !isFault(err, sirdar.CantReread) {
		t.Errorf("reloadConfig answers %v, want CANT_REREAD", err)
	}
	if now := info(t, c, "sleeper"); now.PID != before.PID {
		t.Errorf("the pid is %d, was %d", now.PID, before.PID)
	}

	// An ordinary user's supervisord cannot become another user.
	do(t, os.Chmod(d.Dir, 0o777))
	e, c := startAs(t, running.How{Attr: ordinary()}, strings.ReplaceAll(wanted, "{dir}", d.Dir)+"daemon\n", nil)
	awaitState(t, e, c, "wanted", sirdar.Fatal)
	awaitLogged(t, e, "WARN exited: wanted (exit status 127; not expected)")
	if said, want := d.Read("wanted.err"), "supervisor: couldn't setuid to 1: Can't drop privilege as nonroot user\n"; !strings.Contains(said, want) {
		t.Errorf("the program's stderr is %q, want %q in it", said, want)
	}
	if _, err := os.Stat(d.Path("it-ran")); err == nil {
		t.Error("the program ran as somebody else than its user")
	}
}
