package daemon

import (
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/sirdar-project/sirdar/config"
)

// A said is what listeners had to say.
type said struct {
	mu    sync.Mutex
	texts []string
	news  chan struct{}
}

func newSaid() *said { return &said{news: make(chan struct{}, 100)} }

func (s *said) say(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.texts = append(s.texts, text)
	s.news <- struct{}{}
}

func (s *said) all() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.texts, "\n")
}

// next waits for the next thing that is said.
func (s *said) next(t *testing.T) string {
	t.Helper()
	select {
	case <-s.news:
	case <-time.After(time.Minute):
		t.Fatalf("nothing more is said after %q", s.all())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.texts[len(s.texts)-1]
}

// shortDir is a directory whose path is short enough for sockets.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "sirdar")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func unixServer(path string) config.Server {
	return config.Server{Section: "unix_http_server", Network: "unix", Address: path, Mode: 0o700, UID: -1, GID: -1}
}

func tcpServer(address string) config.Server {
	return config.Server{Section: "inet_http_server", Network: "tcp", Address: address, UID: -1, GID: -1}
}

// open listens and greets everybody who connects.
func open(t *testing.T, s config.Server, say func(string)) net.Listener {
	t.Helper()
	l, err := Listen(s, say)
	if err != nil {
		t.Fatal(err)
	}
	var greeting sync.WaitGroup
	greeting.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			io.WriteString(conn, "hello")
			conn.Close()
		}
	})
	t.Cleanup(func() {
		l.Close()
		greeting.Wait()
	})
	return l
}

// greeted says whether somebody greets at an address.
func greeted(t *testing.T, network, address string) bool {
	t.Helper()
	conn, err := net.Dial(network, address)
	if err != nil {
		return false
	}
	defer conn.Close()
	text, _ := io.ReadAll(conn)
	return string(text) == "hello"
}

// listenerLife listens on its argument until it is killed.
func listenerLife(args []string) int {
	if _, err := Listen(unixServer(args[0]), func(text string) { fmt.Println(text) }); err != nil {
		fmt.Println(err)
		return 2
	}
	fmt.Println("listening")
	io.Copy(io.Discard, os.Stdin)
	return 0
}

// core 108
func TestASocketHasItsModeAndOwner(t *testing.T) {
	for _, mode := range []uint32{0o700, 0o770} {
		path := filepath.Join(shortDir(t), "sock")
		s := unixServer(path)
		s.Mode = mode
		if os.Getuid() == 0 {
			s.UID, s.GID = 65534, 1
		}
		open(t, s, newSaid().say)
		info, err := os.Lstat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != fs.ModeSocket|fs.FileMode(mode) {
			t.Errorf("the mode is %v, want %o", info.Mode(), mode)
		}
		if owner := info.Sys().(*syscall.Stat_t); os.Getuid() == 0 && (owner.Uid != 65534 || owner.Gid != 1) {
			t.Errorf("the owner is %d:%d", owner.Uid, owner.Gid)
		}
		if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) != 1 {
			t.Errorf("beside the socket there is something: %v", entries)
		}
		if !greeted(t, "unix", path) {
			t.Error("nobody is there")
		}
	}
}

// core 110
func TestASocketFileGoesWithItsListener(t *testing.T) {
	path := filepath.Join(shortDir(t), "sock")
	l := open(t, unixServer(path), newSaid().say)
	if l.Addr().String() != path {
		t.Errorf("its address is %v", l.Addr())
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(path); err == nil {
		t.Error("the file is still there")
	}
	if _, err := l.Accept(); err == nil {
		t.Error("it still accepts")
	}
	open(t, unixServer(path), newSaid().say)
}

// core 106
func TestASocketThatIsInUseIsLeftAlone(t *testing.T) {
	path := filepath.Join(shortDir(t), "sock")
	open(t, unixServer(path), newSaid().say)
	for _, s := range []config.Server{unixServer(path)} {
		said := newSaid()
		if _, err := Listen(s, said.say); err != errInUse {
			t.Errorf("got %v", err)
		}
		if said.all() != "" || !greeted(t, "unix", path) {
			t.Errorf("the first one was harmed; said: %q", said.all())
		}
	}
	// One that is busy, or stopped, accepts nothing but is alive all the same.
	busy := filepath.Join(shortDir(t), "busy")
	l, err := net.Listen("unix", busy)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, err := Listen(unixServer(busy), newSaid().say); err != errInUse {
		t.Errorf("busy: got %v", err)
	}
}

// core 107
func TestAStaleSocketIsReplaced(t *testing.T) {
	path := filepath.Join(shortDir(t), "sock")
	cmd := life(t, "listener", "", path)
	if line, _ := awaited(t, cmd); line != "listening\n" {
		t.Fatal(line)
	}
	cmd.Process.Kill()
	cmd.Wait()
	said := newSaid()
	open(t, unixServer(path), said.say)
	if want := "Unlinking stale socket " + path; said.all() != want {
		t.Errorf("said %q, want %q", said.all(), want)
	}
	if !greeted(t, "unix", path) {
		t.Error("nobody is there")
	}
}

func TestWhatIsNoSocketIsNotDeleted(t *testing.T) {
	dir := shortDir(t)
	precious := filepath.Join(dir, "precious")
	if err := os.WriteFile(precious, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(precious, link); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{precious, link, dir} {
		_, err := Listen(unixServer(path), newSaid().say)
		if err == nil || !strings.Contains(err.Error(), path+" exists and is not a socket") {
			t.Errorf("%s: got %v", path, err)
		}
	}
	if content(t, precious) != "precious" {
		t.Error("the file was changed")
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 2 {
		t.Errorf("something was left behind: %v", entries)
	}
}

func TestADanglingLinkIsAStaleSocket(t *testing.T) {
	path := filepath.Join(shortDir(t), "sock")
	if err := os.Symlink("/nonexistent/sock", path); err != nil {
		t.Fatal(err)
	}
	open(t, unixServer(path), newSaid().say)
	if !greeted(t, "unix", path) {
		t.Error("nobody is there")
	}
}

// core 109
func TestAPathThatIsTooLong(t *testing.T) {
	dir := shortDir(t)
	pid := len(fmt.Sprint(os.Getpid()))
	fits := filepath.Join(dir, strings.Repeat("x", 107-1-pid-len(dir)-1))
	open(t, unixServer(fits), newSaid().say)
	_, err := Listen(unixServer(fits+"x"), newSaid().say)
	if want := "Cannot open an HTTP server: socket.error reported AF_UNIX path too long"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestListenErrorsHaveSupervisorsWords(t *testing.T) {
	dir := shortDir(t)
	taken := open(t, tcpServer("127.0.0.1:0"), newSaid().say).Addr().String()
	for _, c := range []struct {
		server config.Server
		want   string
	}{
		{unixServer(dir + "/missing/sock"), "Cannot open an HTTP server: socket.error reported errno.ENOENT (2)"},
		{unixServer("/dev/null/sock"), "Cannot open an HTTP server: socket.error reported errno.ENOTDIR (20)"},
		{tcpServer(taken), errInUse.Error()},
		{tcpServer("192.0.2.1:0"), "Cannot open an HTTP server: socket.error reported errno.EADDRNOTAVAIL (99)"},
		{tcpServer("no.such.host.invalid:0"), "Cannot open an HTTP server: socket.error reported -"},
	} {
		l, err := Listen(c.server, newSaid().say)
		if err == nil {
			l.Close()
		}
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", c.server.Address, err, c.want)
		}
	}
}

func TestASocketThatMayNotBeGivenAway(t *testing.T) {
	dir := shortDir(t)
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "sock")
	s := unixServer(path)
	s.UID, s.GID = 0, 0
	if os.Getuid() == 0 {
		// Root may; so does it as another would find it: on the error alone.
		if err := own(path+"-missing", s); err != syscall.ENOENT {
			t.Errorf("got %v", err)
		}
		return
	}
	_, err := Listen(s, newSaid().say)
	want := fmt.Sprintf(`Not permitted to chown %s to uid/gid (0, 0); adjust "sockchown" value in config file or on command line to values that the current user (%s) can successfully chown`, path, effectiveUser())
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if entries, _ := os.ReadDir(dir); len(entries) > 0 {
		t.Errorf("something was left behind: %v", entries)
	}
}

func TestNoHostAndAStarAreAllIPv4Addresses(t *testing.T) {
	for _, host := range []string{"", "*"} {
		l := open(t, tcpServer(host+":0"), newSaid().say)
		address := l.Addr().(*net.TCPAddr)
		if !address.IP.Equal(net.IPv4zero) {
			t.Errorf("%q listens on %v", host, address)
		}
		if !greeted(t, "tcp4", fmt.Sprintf("127.0.0.1:%d", address.Port)) {
			t.Errorf("%q: nobody is there", host)
		}
	}
}
