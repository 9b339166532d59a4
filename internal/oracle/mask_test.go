//go:build linux

package oracle

import "testing"

// Small pids meet other numbers: the milliseconds of a log line, the size of a file.
func TestAPidIsMaskedAndNothingElse(t *testing.T) {
	r := &Run{dir: "/run", port: 9001, port2: 9002, pid: 745}
	for in, want := range map[string]string{
		"2026-11-22 01:25:45,745 INFO supervisord started with pid 745": "INFO supervisord started with pid PID",
		"745\n":                                  "PID\n",
		"/run/main.log -rw-r--r-- 0:0 745 bytes": "{dir}/main.log -rw-r--r-- 0:0 745 bytes",
		"/run/sd.pid -rw-r--r-- 0:0 4 bytes":     "{dir}/sd.pid -rw-r--r-- 0:0 N bytes",
		"/run/s.sock.745":                        "{dir}/s.sock.PID",
	} {
		if got := r.masked(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}
