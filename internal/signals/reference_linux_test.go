package signals

import (
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// The whole table is compared with Supervisor's own, over every number and name
// that either could know.
func TestNamesAndNumbersAreThoseOfSupervisor(t *testing.T) {
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
