//go:build linux

package pid1

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/sirdar-project/sirdar/tests/running"
)

const readOnlyConfiguration = `[supervisord]
logfile=/dev/stdout
logfile_maxbytes=0
silent=true
pidfile=/supervisord.pid
[program:live]
command=/probe live 1
stdout_logfile=/dev/stdout
redirect_stderr=true
`

// In a root that cannot be written to, and without /proc, the logs go to the
// container's standard output.
func TestSupervisordWorksInAReadOnlyRoot(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root may mount")
	}
	root := t.TempDir()
	for binary, pkg := range map[string]string{"supervisord": "./cmd/supervisord", "probe": "./tests/pid1/probe"} {
		if err := running.Build(filepath.Join(root, binary), pkg); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(root, "supervisord.conf"), []byte(readOnlyConfiguration), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(root, "dev"), 0o755); err != nil {
		t.Fatal(err)
	}
	script := `mount --bind "$1" "$1" && mount --bind /dev "$1/dev" && mount -o remount,ro,bind "$1" && exec chroot "$1" /supervisord -n -c /supervisord.conf`
	init := exec.Command("unshare", "--mount", "--pid", "--fork", "sh", "-c", script, "sh", root)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	init.Stdout, init.Stderr = w, w
	if err := init.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	var said transcript
	go io.Copy(&said, r)
	await := func(text string) {
		t.Helper()
		running.AwaitFor(t, text, func() bool { return strings.Contains(said.String(), text) })
	}
	t.Cleanup(func() {
		init.Process.Kill()
		if t.Failed() {
			t.Logf("supervisord said:\n%s", said.String())
		}
	})

	await("CRIT could not write pidfile /supervisord.pid\n")
	await("INFO success: live entered RUNNING state")
	await("the orphans are on their own\n")
	children, err := os.ReadFile(fmt.Sprintf("/proc/%[1]d/task/%[1]d/children", init.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(children)))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := init.Wait(); err != nil {
		t.Errorf("supervisord ended with %v, want exit status 0", err)
	}
	await("got SIGTERM\n")
	await("INFO stopped: live (exit status 0)\n")
}

// A transcript is what was written to it so far.
type transcript struct {
	mu   sync.Mutex
	text strings.Builder
}

func (t *transcript) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.Write(p)
}

func (t *transcript) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}
