package logfile_test

import (
	"os/exec"
	"strings"
	"testing"
)

// python runs a script against Debian's Supervisor and returns what it prints.
func python(t *testing.T, script string, args ...string) string {
	t.Helper()
	cmd := exec.Command("/usr/bin/python3", append([]string{"-c", script}, args...)...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("Debian's supervisor is needed: %v\n%s", err, stderr.String())
	}
	return string(out)
}

// sameLines compares two transcripts and shows the first line that differs.
func sameLines(t *testing.T, got, want string) {
	t.Helper()
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(g), len(w)) {
		var a, b string
		if i < len(g) {
			a = g[i]
		}
		if i < len(w) {
			b = w[i]
		}
		if a != b {
			t.Fatalf("line %d is %q, want %q", i+1, a, b)
		}
	}
}
