//go:build linux

package events

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/user"
	"strings"
	"syscall"
	"testing"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/tests/running"
)

// fcgi is a group of two FastCGI processes on a unix socket.
const fcgi = `[fcgi-program:f]
command=/bin/sleep 1000
process_name=%(program_name)s_%(process_num)d
numprocs=2
startsecs=0
socket=unix://{dir}/f.sock
`

// stdin is what the standard input of a process is: "socket:[123]".
func stdin(t *testing.T, pid int) string {
	t.Helper()
	link, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/0", pid))
	if err != nil {
		t.Fatal(err)
	}
	return link
}

// connects says whether somebody listens to a unix socket.
func connects(t *testing.T, path string) bool {
	t.Helper()
	conn, err := net.Dial("unix", path)
	if errors.Is(err, syscall.ECONNREFUSED) {
		return false
	}
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	return true
}

// core 227
func TestASocketIsTriedBeforeTheDaemonStarts(t *testing.T) {
	t.Parallel()
	d := running.Start(t, fcgi, nil)
	awaitRunning(d, "f:f_0", "f:f_1")
	var story []string
	for line := range strings.Lines(d.Log()) {
		for _, word := range []string{"Creating socket", "Closing socket", "supervisord started", "spawned: 'f_0'"} {
			if strings.Contains(line, word) {
				story = append(story, strings.Replace(line[len("2006-01-02 15:04:05,000 "):len(line)-1], d.Path("f.sock"), "PATH", 1))
			}
		}
	}
	want := []string{"INFO Creating socket unix://PATH", "INFO Closing socket unix://PATH", "INFO supervisord started with pid", "INFO Creating socket unix://PATH", "INFO spawned: 'f_0' with pid"}
	if len(story) != len(want) {
		t.Fatalf("the log says\n%q, want\n%q", story, want)
	}
	for i := range want {
		if !strings.HasPrefix(story[i], want[i]) {
			t.Errorf("line %d is %q, want %q", i, story[i], want[i])
		}
	}
}

// core 228, 229
func TestProcessesShareASocketThatLivesAsLongAsOneOfThem(t *testing.T) {
	t.Parallel()
	d := running.Start(t, fcgi, nil)
	first, second := d.AwaitRunning("f:f_0", 0), d.AwaitRunning("f:f_1", 0)
	one, other := stdin(t, first), stdin(t, second)
	if one != other || !strings.HasPrefix(one, "socket:") {
		t.Errorf("their standard inputs are %s and %s, want the same socket", one, other)
	}
	d.Ctl("stop", "f:f_0")
	if !connects(t, d.Path("f.sock")) {
		t.Error("nobody listens although one process lives")
	}
	d.Ctl("start", "f:f_0")
	if again := stdin(t, d.AwaitRunning("f:f_0", first)); again != one {
		t.Errorf("a restarted process has %s, want %s", again, one)
	}
	d.Ctl("stop", "f:*")
	awaitClosed := func() bool { return strings.Count(d.Log(), "INFO Closing socket unix://"+d.Path("f.sock")+"\n") == 2 }
	d.Await("the socket is closed", awaitClosed)
	if connects(t, d.Path("f.sock")) { // the file is there, or this would fail
		t.Error("somebody listens although all processes are stopped")
	}
	d.Ctl("start", "f:f_1")
	awaitRunning(d, "f:f_1")
	if !connects(t, d.Path("f.sock")) {
		t.Error("nobody listens after a new start")
	}
}

// waiting counts how many connections a unix socket keeps waiting.
func waiting(t *testing.T, path string) (n int) {
	t.Helper()
	for ; n < 100; n++ {
		fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_NONBLOCK, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer syscall.Close(fd)
		if err := syscall.Connect(fd, &syscall.SockaddrUnix{Name: path}); err == syscall.EAGAIN {
			return n
		} else if err != nil {
			t.Fatal(err)
		}
	}
	return n
}

func permissions(t *testing.T, path string) (mode os.FileMode, uid, gid uint32) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	owner := info.Sys().(*syscall.Stat_t)
	return info.Mode().Perm(), owner.Uid, owner.Gid
}

// core 230
func TestASocketHasItsModeAndBacklog(t *testing.T) {
	t.Parallel()
	d := running.Start(t, fcgi+strings.NewReplacer(":f]", ":g]", "f.sock", "g.sock").Replace(fcgi)+"socket_mode=0642\nsocket_backlog=3\n", nil)
	awaitRunning(d, "f:f_0", "g:g_0")
	if mode, _, _ := permissions(t, d.Path("f.sock")); mode != 0o700 {
		t.Errorf("the socket's mode is %o, want 700", mode)
	}
	if mode, _, _ := permissions(t, d.Path("g.sock")); mode != 0o642 {
		t.Errorf("with socket_mode=0642 it is %o", mode)
	}
	if n := waiting(t, d.Path("g.sock")); n != 4 { // Linux lets one more wait than it was told
		t.Errorf("with socket_backlog=3, %d connections may wait, want 4", n)
	}
	if n := waiting(t, d.Path("f.sock")); n != 100 {
		t.Errorf("without socket_backlog only %d connections may wait", n)
	}
}

// core 230
func TestASocketHasItsOwner(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("only root may give a socket away")
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		t.Fatal(err)
	}
	d := running.Start(t, fcgi+"user=nobody\n"+strings.NewReplacer(":f]", ":g]", "f.sock", "g.sock").Replace(fcgi)+"user=nobody\nsocket_owner=root:nogroup\n", nil)
	awaitRunning(d, "f:f_0", "g:g_0")
	if _, uid, gid := permissions(t, d.Path("f.sock")); fmt.Sprint(uid) != nobody.Uid || fmt.Sprint(gid) != nobody.Gid {
		t.Errorf("the socket belongs to %d:%d, want the program's user nobody and his group", uid, gid)
	}
	if _, uid, gid := permissions(t, d.Path("g.sock")); uid != 0 || fmt.Sprint(gid) != nobody.Gid {
		t.Errorf("with socket_owner=root:nogroup it belongs to %d:%d", uid, gid)
	}
}

// core 231
func TestAFastCGIProgramInAGroupGetsAPipe(t *testing.T) {
	t.Parallel()
	d := running.Start(t, fcgi+"[group:g]\nprograms=f\n", nil)
	if got := stdin(t, d.AwaitRunning("g:f_0", 0)); !strings.HasPrefix(got, "pipe:") {
		t.Errorf("its standard input is %s, want a pipe", got)
	}
	if strings.Contains(d.Log(), "Creating socket") {
		t.Error("a socket was made for it")
	}
}

// core 232
func TestAFastCGIProgramTakesNoInput(t *testing.T) {
	t.Parallel()
	d := running.Start(t, fcgi, nil)
	c := dial(t, d)
	awaitRunning(d, "f:f_0")
	err := c.SendStdin(t.Context(), sirdar.Select("f:f_0"), "hello")
	if err == nil || err.Error() != sirdar.NewFault(sirdar.NoFile, "f:f_0").Error() {
		t.Errorf("SendStdin: %v, want NO_FILE: f:f_0", err)
	}
}

// core 233
func TestASocketThatCannotBeMadeEndsTheStart(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]string{
		"unix": strings.Replace(fcgi, "f.sock", "nowhere/f.sock", 1),
		"tcp":  strings.Replace(fcgi, "unix://{dir}/f.sock", "tcp://192.0.2.1:9", 1), // no address of ours
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := running.Start(t, config, nil)
			if status := d.Exit(); status != 1 {
				t.Errorf("exit status %d, want 1", status)
			}
			reason := map[string]string{
				"unix": "unix://" + d.Path("nowhere/f.sock") + ": [Errno 2] No such file or directory",
				"tcp":  "tcp://192.0.2.1:9: [Errno 99] Cannot assign requested address",
			}[name]
			if !strings.Contains(d.Output(), "Could not create FastCGI socket "+reason+"\n") {
				t.Errorf("it said:\n%s\nwant: Could not create FastCGI socket %s", d.Output(), reason)
			}
		})
	}
}

// A later failure is a failed start like any other; Supervisor ends with a
// traceback, and leaves its programs alone.
func TestASocketThatCannotBeMadeLaterIsAFailedStart(t *testing.T) {
	t.Parallel()
	d := running.Start(t, strings.Replace(fcgi, "f.sock", "sub/f.sock", 1)+"autostart=false\nstartretries=1\n", running.Files{"sub/": ""})
	c := dial(t, d)
	if err := os.RemoveAll(d.Path("sub")); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Start(t.Context(), sirdar.Select("f:f_0"), true); !errors.Is(err, &sirdar.Fault{Code: sirdar.SpawnError}) {
		t.Errorf("start: %v, want SPAWN_ERROR", err)
	}
	infos, err := c.Info(t.Context(), sirdar.Select("f:f_0"))
	if err != nil {
		t.Fatal(err)
	}
	if want := "Could not create FastCGI socket unix://" + d.Path("sub/f.sock") + ": [Errno 2] No such file or directory"; infos[0].SpawnErr != want {
		t.Errorf("spawnerr is %q, want %q", infos[0].SpawnErr, want)
	}
	awaitLog(d, "gave up: f_0 entered FATAL state")
	d.Write("sub/", "")
	d.Ctl("start", "f:f_0")
	awaitRunning(d, "f:f_0")
}

// A file that is no socket costs a start and not the file.
func TestAFileInTheWayOfASocketIsLeftAlone(t *testing.T) {
	t.Parallel()
	d := running.Start(t, fcgi, running.Files{"f.sock": "precious"})
	if status := d.Exit(); status != 1 {
		t.Errorf("exit status %d, want 1", status)
	}
	if got := d.Read("f.sock"); got != "precious" {
		t.Errorf("the file holds %q", got)
	}
}

// A real conversation over TCP: each process takes connections from the socket
// that is its standard input.
func TestProcessesAcceptOnTheirStandardInput(t *testing.T) {
	t.Parallel()
	port, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := port.Addr().String()
	port.Close()
	const server = `import os, socket
s = socket.socket(fileno=0)
while True:
    c, _ = s.accept()
    c.sendall(os.environ['SUPERVISOR_PROCESS_NAME'].encode())
    c.close()
`
	config := strings.NewReplacer("/bin/sleep 1000", "/usr/bin/python3 {dir}/server.py", "unix://{dir}/f.sock", "tcp://"+address).Replace(fcgi)
	d := running.Start(t, config, running.Files{"server.py": server})
	awaitRunning(d, "f:f_0", "f:f_1")
	ask := func() string {
		conn, err := net.Dial("tcp4", address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		answer := make([]byte, 100)
		n, _ := conn.Read(answer)
		return string(answer[:n])
	}
	if got := ask(); got != "f_0" && got != "f_1" {
		t.Errorf("the answer came from %q", got)
	}
	d.Ctl("stop", "f:f_0")
	if got := ask(); got != "f_1" {
		t.Errorf("the answer came from %q although only f_1 runs", got)
	}
}
