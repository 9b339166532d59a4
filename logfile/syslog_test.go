package logfile

import (
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// logger is a stand-in for the system's logger.
func logger(t *testing.T, addr string) *net.UnixConn {
	t.Helper()
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: addr, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func receive(t *testing.T, conn *net.UnixConn) string {
	t.Helper()
	b := make([]byte, 1<<16)
	n, err := conn.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	return string(b[:n])
}

func testSyslog(addr string) *Syslog {
	s := NewSyslog(addr, "supervisord")
	s.now = func() time.Time { return time.Date(2026, 11, 2, 3, 4, 5, 0, time.Local) }
	return s
}

// core 218
func TestSyslogLines(t *testing.T) {
	addr := filepath.Join(t.TempDir(), "log")
	conn := logger(t, addr)
	s := testSyslog(addr)
	defer s.Close()
	s.Lines("cat", []byte("one\n\ntwo\xff\n\n"))
	s.Lines("cat", []byte("\n"))
	s.Write([]byte("2026-11-02 03:04:05,000 INFO text\n"))
	for _, want := range []string{
		"<14>Nov  2 03:04:05 supervisord: cat one",
		"<14>Nov  2 03:04:05 supervisord: cat ",
		"<14>Nov  2 03:04:05 supervisord: cat two\xff",
		"<14>Nov  2 03:04:05 supervisord: cat ",
		"<14>Nov  2 03:04:05 supervisord: 2026-11-02 03:04:05,000 INFO text\n",
	} {
		if got := receive(t, conn); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestSyslogComesBackAfterTheLoggerDid(t *testing.T) {
	addr := filepath.Join(t.TempDir(), "log")
	s := testSyslog(addr)
	defer s.Close()
	s.Lines("x", []byte("nobody is there"))
	first := logger(t, addr)
	s.Lines("x", []byte("first"))
	if got := receive(t, first); got != "<14>Nov  2 03:04:05 supervisord: x first" {
		t.Errorf("got %q", got)
	}
	first.Close()
	if err := os.Remove(addr); err != nil {
		t.Fatal(err)
	}
	s.Lines("x", []byte("nobody again"))
	second := logger(t, addr)
	s.Lines("x", []byte("second"))
	if got := receive(t, second); got != "<14>Nov  2 03:04:05 supervisord: x second" {
		t.Errorf("got %q", got)
	}
}

func TestSyslogDoesNotWaitForALoggerThatHangs(t *testing.T) {
	addr := filepath.Join(t.TempDir(), "log")
	conn := logger(t, addr)
	s := testSyslog(addr)
	defer s.Close()
	for range 10000 { // many times what a socket holds
		s.Lines("x", []byte("line"))
	}
	if got := receive(t, conn); got != "<14>Nov  2 03:04:05 supervisord: x line" {
		t.Errorf("got %q", got)
	}
}
