package web_test

import (
	"bufio"
	"encoding/json"
	"os/exec"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sirdar-project/sirdar/supervisortest"
)

// stock runs Debian's supervisorctl, unmodified, and returns what it prints.
func stock(t *testing.T, args ...string) (output string, exit int) {
	t.Helper()
	out, err := exec.Command("/usr/bin/supervisorctl", args...).CombinedOutput()
	if err != nil {
		failed, ok := err.(*exec.ExitError)
		if !ok {
			t.Fatal(err)
		}
		exit = failed.ExitCode()
	}
	return string(out), exit
}

var changing = regexp.MustCompile(`pid \d+, uptime \d:\d\d:\d\d|[A-Z][a-z]{2} \d\d \d\d:\d\d [AP]M`)

func TestStockSupervisorctlSteersTheFake(t *testing.T) {
	for _, network := range []string{"tcp", "unix"} {
		t.Run(network, func(t *testing.T) { steerWithStock(t, network) })
	}
}

func steerWithStock(t *testing.T, network string) {
	fake := supervisortest.NewFake()
	o := options(fake)
	o.Username, o.Password = "user", "{SHA}e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4" // secret
	url := map[string]string{"tcp": "http://", "unix": "unix://"}[network] + listen(t, network, o)
	credentials := []string{"-u", "user", "-p", "secret", "-s", url}
	for _, c := range []struct {
		command string
		want    string
		exit    int
	}{
		{"version", "4.4.0\n", 0},
		{"status", "" +
			"echo                             RUNNING   PID\n" +
			"lost                             STOPPED   Not started\n" +
			"never                            STOPPED   Not started\n" +
			"pair:one                         RUNNING   PID\n" +
			"pair:two                         RUNNING   PID\n" +
			"quiet                            RUNNING   PID\n" +
			"stubborn                         RUNNING   PID\n", 3},
		{"status nobody", "nobody: ERROR (no such process)\n", 4},
		{"start never lost echo nobody", "" +
			"never: started\n" +
			"lost: ERROR (no such file)\n" +
			"echo: ERROR (already started)\n" +
			"nobody: ERROR (no such process)\n", 1},
		{"stop never", "never: stopped\n", 0},
		{"status never", "never                            STOPPED   PID\n", 3},
		{"stop never", "never: ERROR (not running)\n", 0},
		{"restart pair:*", "pair:one: stopped\npair:two: stopped\npair:one: started\npair:two: started\n", 0},
		{"signal HUP echo pair:*", "echo: signalled\npair:one: signalled\npair:two: signalled\n", 0},
		{"signal NOPE echo", "echo: ERROR (bad signal name)\n", 1},
		{"signal HUP all", "echo: signalled\npair:one: signalled\npair:two: signalled\nquiet: signalled\nstubborn: signalled\n", 0},
		{"tail quiet", "quiet: ERROR (no log file)\n", 1},
		{"clear echo", "echo: cleared\n", 0},
		{"reread", "No config updates to processes\n", 0},
		{"update", "", 0},
		{"remove pair", "ERROR: process/group still running: pair\n", 1},
		{"stop pair:*", "pair:one: stopped\npair:two: stopped\n", 0},
		{"remove pair", "pair: removed process group\n", 0},
		{"add pair", "pair: added process group\n", 0},
		{"add pair", "ERROR: process group already active\n", 0},
		{"avail", "" +
			"echo                             in use    auto      999:999\n" +
			"lost                             in use    manual    999:999\n" +
			"never                            in use    manual    999:999\n" +
			"pair:one                         in use    auto      999:999\n" +
			"quiet                            in use    auto      999:999\n" +
			"stubborn                         in use    auto      999:999\n" +
			"pair:two                         in use    auto      999:999\n", 0},
		{"pid echo", "", 0},
		{"maintail", "supervisord started with pid 4711\n\n", 0},
	} {
		got, exit := stock(t, append(slices.Clone(credentials), strings.Fields(c.command)...)...)
		got = changing.ReplaceAllString(got, "PID")
		if c.command == "pid echo" {
			got = strings.Trim(got, "0123456789\n")
		}
		if c.command == "avail" {
			got = sortLines(got)
			c.want = sortLines(c.want)
		}
		if got != c.want || exit != c.exit {
			t.Errorf("supervisorctl %s prints, and exits with %d,\n%s\nwant %d,\n%s", c.command, exit, got, c.exit, c.want)
		}
	}
	got, exit := stock(t, "-u", "user", "-p", "wrong", "-s", url, "status")
	if !strings.HasPrefix(got, "Server requires authentication\n") || exit != 1 {
		t.Errorf("a wrong password: %d, %s", exit, got)
	}
	followWithStock(t, fake, credentials...)
}

func sortLines(text string) string {
	lines := strings.SplitAfter(text, "\n")
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// followWithStock runs supervisorctl tail -f until it shows what a process writes,
// and sees that the server notices its end.
func followWithStock(t *testing.T, fake *supervisortest.Fake, args ...string) {
	t.Helper()
	ctl := exec.Command("/usr/bin/supervisorctl", append(args, "tail", "-f", "echo")...)
	ctl.Env = append(ctl.Environ(), "PYTHONUNBUFFERED=1")
	out, err := ctl.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := ctl.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	expect := func(want string) {
		t.Helper()
		if !lines.Scan() || lines.Text() != want {
			t.Errorf("tail -f prints %q, want %q", lines.Text(), want)
		}
	}
	expect("==> Press Ctrl-C to exit <==")
	fake.AwaitFollowers(t, 1)
	fake.Write("echo", "Grüße\n")
	expect("Grüße")
	fake.Write("echo", "more\n")
	expect("more")
	if err := ctl.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = ctl.Wait() // it was killed
	fake.AwaitFollowers(t, 0)
}

const transport = `
import json, sys, xmlrpc.client
from supervisor.xmlrpc import SupervisorTransport
url, user, password = sys.argv[1:]
proxy = xmlrpc.client.ServerProxy('http://127.0.0.1', transport=SupervisorTransport(user, password, url))
def fault(f, *args):
    try:
        return f(*args)
    except xmlrpc.client.Fault as e:
        return [e.faultCode, e.faultString]
s = proxy.supervisor
json.dump([
    len(proxy.system.listMethods()),
    s.getState(),
    [i['name'] for i in s.getAllProcessInfo()],
    sorted(s.getProcessInfo('echo')),
    s.startProcess('never'),
    fault(s.startProcess, 'never'),
    fault(s.getProcessInfo, 'nobody'),
    fault(s.getProcessInfo),
    s.readProcessStdoutLog('bytes', 0, 0),
    s.tailProcessStdoutLog('bytes', 0, 4),
    s.reloadConfig(),
    proxy.system.multicall([{'methodName': 'supervisor.getAPIVersion', 'params': []}, {'methodName': 'supervisor.nope'}]),
    proxy.system.methodSignature('supervisor.startProcess'),
    s.sendRemoteCommEvent('t', 5),
], sys.stdout)
`

func TestPythonsSupervisorTransportUnderstandsTheServer(t *testing.T) {
	fake := supervisortest.NewFake()
	fake.AddProcess("bytes", "bytes", "a\x00b\xff\u20ac\n", "")
	o := options(fake)
	o.Username, o.Password = "user", "secret"
	out, err := exec.Command("/usr/bin/python3", "-c", transport, "unix://"+listen(t, "unix", o), "user", "secret").Output()
	if err != nil {
		t.Fatal(err, string(err.(*exec.ExitError).Stderr))
	}
	const want = `[41, {"statecode": 1, "statename": "RUNNING"},
		["bytes", "echo", "lost", "never", "one", "two", "quiet", "stubborn"],
		["description", "exitstatus", "group", "logfile", "name", "now", "pid", "spawnerr", "start", "state", "statename", "stderr_logfile", "stdout_logfile", "stop"],
		true, [60, "ALREADY_STARTED: never"], [10, "BAD_NAME: nobody"], [2, "INCORRECT_PARAMETERS"],
		"a\ufffdb\ufffd\u20ac\n", ["\u20ac\n", 8, true], [[[], [], []]],
		["3.0", {"faultCode": 1, "faultString": "UNKNOWN_METHOD"}],
		["boolean", "string", "boolean"], true]`
	if !sameJSON(out, []byte(want)) {
		t.Errorf("Python found\n%s\nwant\n%s", out, want)
	}
	if got := fake.Events(); len(got) != 1 || got[0] != "t:5" {
		t.Errorf("events %q", got)
	}
}

func sameJSON(a, b []byte) bool {
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}
