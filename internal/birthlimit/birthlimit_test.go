package birthlimit_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/sirdar-project/sirdar/internal/birthlimit"
)

func TestMain(m *testing.M) {
	if os.Args[0] == "told" {
		var now syscall.Rlimit
		syscall.Getrlimit(syscall.RLIMIT_NOFILE, &now)
		limit, known := birthlimit.NoFile()
		fmt.Println(limit, known, now.Cur >= 199)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestTheFirstLimitIsKnownAlthoughGoHasRaisedIt(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/bin/bash", "-c", `ulimit -S -n 100; ulimit -H -n 200; exec -a told "$0"`, self)
	cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0")
	out, err := cmd.CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != "100 true true" {
		t.Errorf("a process started with 100 of 200 files says %q, %v; want 100, known, and that Go raised it", out, err)
	}
}
