package daemon

import (
	"bufio"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/sirdar-project/sirdar/config"
)

// withMode is a unix socket's section with a mode.
func withMode(path string, mode uint32) config.Server {
	conf := unixServer(path)
	conf.Mode = mode
	return conf
}

// ask sends one request for a page and returns the status.
func ask(t *testing.T, path string) int {
	t.Helper()
	conn, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, "GET /ok.html HTTP/1.0\r\n\r\n")
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode
}

// A restart keeps a socket that is still wanted, makes one anew whose mode has
// changed, and closes one that is wanted no longer.
func TestARestartKeepsTheSocketsThatAreStillWanted(t *testing.T) {
	dir := shortDir(t)
	a, b, c := filepath.Join(dir, "a"), filepath.Join(dir, "b"), filepath.Join(dir, "c")
	var s servers
	defer s.close()
	say := func(text string) { t.Errorf("said %q", text) }
	open := func(conf ...config.Server) {
		t.Helper()
		for range 2 {
			if err := s.open(conf, say); err != nil {
				t.Fatal(err)
			}
			s.keep(conf)
		}
		s.serve(&config.Config{Servers: conf}, nil, nil, slog.New(slog.DiscardHandler))
	}

	open(withMode(a, 0o700), withMode(b, 0o700))
	kept := s.doors[0]
	s.stop()
	open(withMode(a, 0o700), withMode(b, 0o770), withMode(c, 0o700))
	if s.doors[0] != kept {
		t.Error("a socket that did not change was made anew")
	}
	if info, err := os.Stat(b); err != nil || info.Mode().Perm() != 0o770 {
		t.Errorf("the mode of b: %v, %v; want 0770", info, err)
	}
	for _, path := range []string{a, b, c} {
		if status := ask(t, path); status != http.StatusOK {
			t.Errorf("%s answers %d, want 200", path, status)
		}
	}
	s.stop()
	open(withMode(c, 0o700))
	if _, err := os.Lstat(a); err == nil {
		t.Error("a socket that nobody wants is still there")
	}
}

// A client that comes while one server has ended and the next has not begun waits.
func TestAClientWaitsAtTheDoorDuringARestart(t *testing.T) {
	path := filepath.Join(shortDir(t), "s")
	conf := config.Config{Servers: []config.Server{unixServer(path)}}
	var s servers
	defer s.close()
	if err := s.open(conf.Servers, nil); err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	s.serve(&conf, nil, nil, log)
	s.stop()
	status := make(chan int)
	go func() { status <- ask(t, path) }()
	s.serve(&conf, nil, nil, log)
	if got := <-status; got != http.StatusOK {
		t.Errorf("the waiting client got %d, want 200", got)
	}
	s.stop()
}
