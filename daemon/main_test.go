package daemon

import (
	"bytes"
	"log/slog"
	"os"
	"os/exec"
	"testing"

	"github.com/sirdar-project/sirdar/spawn"
)

// TestMain lets the test binary be other processes too: what changes a whole
// process, its limits, its user, its session, is tried in one of its own.
func TestMain(m *testing.M) {
	spawn.Stub()
	if name := os.Getenv(lifeVariable); name != "" {
		os.Exit(lives[name](os.Args[1:]))
	}
	os.Exit(m.Run())
}

// lifeVariable says which of the lives a process of this binary is to lead.
const lifeVariable = "SIRDAR_TEST_LIFE"

var lives = map[string]func(args []string) int{
	"limits":     limitsLife,
	"privileges": privilegesLife,
	"daemon":     daemonLife,
	"holder":     holderLife,
	"listener":   listenerLife,
}

// life returns a command that runs one of the lives. With a script, a shell runs
// that first, and what it execs is the life.
func life(t *testing.T, name, script string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/bin/bash", append([]string{"-c", script + `exec "$0" "$@"`, self}, args...)...)
	cmd.Env = append(os.Environ(), lifeVariable+"="+name, "GORACE=atexit_sleep_ms=0")
	return cmd
}

// logTo is a log that shows level and text.
func logTo(out *bytes.Buffer) *slog.Logger {
	return slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{
		Level: slog.LevelDebug,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	}))
}

func needRoot(t *testing.T) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("needs root: changes the user")
	}
}
