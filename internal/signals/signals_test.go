package signals

import (
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

func TestNamesWithAndWithoutSIGInAnyCaseAndNumbersAreSignals(t *testing.T) { // core 57, 58
	for _, c := range []struct {
		text string
		want syscall.Signal
	}{
		{"TERM", syscall.SIGTERM},
		{"SIGTERM", syscall.SIGTERM},
		{"sigusr1", syscall.SIGUSR1},
		{" hup ", syscall.SIGHUP},
		{"9", syscall.SIGKILL},
		{" 9 ", syscall.SIGKILL},
		{"+0_9", syscall.SIGKILL},
		{"0", 0},
		{"-0", 0},
		{"IOT", syscall.SIGABRT},
	} {
		got, ok := Parse(c.text)
		if !ok || got != c.want {
			t.Errorf("Parse(%q) = %d, %t; want %d, true", c.text, got, ok, c.want)
		}
	}
}

func TestWhatIsNoSignalIsRefused(t *testing.T) { // core 57
	for _, text := range []string{"", "FOO", "99", "-1", "RTMIN+1", "SIG", "1 5", "15.0", "99999999999999999999", "_9", "9_", "1__5"} {
		if sig, ok := Parse(text); ok {
			t.Errorf("Parse(%q) = %d, want a refusal", text, sig)
		}
	}
}

func TestIsNumberAgreesWithPythonsInt(t *testing.T) {
	for text, want := range map[string]bool{
		"15": true, " 15\n": true, "-3": true, "+1_0": true, "007": true,
		"": false, "-": false, "1__0": false, "_1": false, "1_": false, "0x9": false, "1.0": false, "TERM": false,
	} {
		if got := IsNumber(text); got != want {
			t.Errorf("IsNumber(%q) = %t, want %t", text, got, want)
		}
	}
}

// The whole table is compared with Supervisor's own, over every number and name
// that either could know.
func TestNamesAndNumbersAreThoseOfSupervisor(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the reference is Debian's supervisor")
	}
	script := `
import signal
from supervisor.options import signame
from supervisor.datatypes import signal_number
for n in range(-1, 70):
    print('name', n, signame(n))
    try: print('number', n, int(signal_number(str(n))))
    except ValueError: print('number', n, 'refused')
for k in sorted(dir(signal)):
    if k.startswith('SIG') and not k.startswith('SIG_'):
        print('parse', k, int(signal_number(k)))
`
	out, err := exec.Command("/usr/bin/python3", "-c", script).CombinedOutput()
	if err != nil {
		t.Fatalf("python's supervisor (the Debian package): %v\n%s", err, out)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) < 150 {
		t.Fatalf("only %d lines from the reference:\n%s", len(lines), out)
	}
	for _, want := range lines {
		kind, rest, _ := strings.Cut(want, " ")
		key, _, _ := strings.Cut(rest, " ")
		if got := answer(kind, key); got != want {
			t.Errorf("ours: %s\nSupervisor's: %s", got, want)
		}
	}
}

func answer(kind, key string) string {
	if kind == "name" {
		var n int
		fmt.Sscan(key, &n)
		return fmt.Sprintf("name %d %s", n, Name(syscall.Signal(n)))
	}
	sig, ok := Parse(key)
	if !ok {
		return fmt.Sprintf("%s %s refused", kind, key)
	}
	return fmt.Sprintf("%s %s %d", kind, key, int(sig))
}
