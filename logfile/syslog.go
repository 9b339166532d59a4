package logfile

import (
	"bytes"
	"net"
	"sync"
	"syscall"
	"time"
)

// A Syslog sends lines to the system's logger, with facility user, severity info
// and a tag, in the form that the C library uses:
//
//	<14>Nov 21 21:44:27 supervisord: text
//
// It never waits and never fails: a line that nobody takes, because there is no
// logger or because it is too slow, is dropped. It connects again by itself.
type Syslog struct {
	addr string
	tag  string
	now  func() time.Time

	mu   sync.Mutex
	conn *net.UnixConn
	line []byte
}

// SyslogAddress is where the system's logger listens.
const SyslogAddress = "/dev/log"

// NewSyslog returns a Syslog that sends to a datagram socket, [SyslogAddress] if
// addr is empty. The tag is the base name of the program.
func NewSyslog(addr, tag string) *Syslog {
	if addr == "" {
		addr = SyslogAddress
	}
	return &Syslog{addr: addr, tag: tag, now: time.Now}
}

// Write sends p as one message, as it is: a line of the daemon's log keeps its
// newline. It makes Syslog a writer for a Handler.
func (s *Syslog) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.send("", p)
	return len(p), nil
}

// Lines sends each line of a piece of a program's output as "name line". Newlines
// at the end of the piece are dropped, empty lines within it are not. Lines are
// those of the piece: one that goes on in the next becomes two messages. Bytes that are
// not UTF-8 are sent as they are, where Supervisor drops the whole piece.
func (s *Syslog) Lines(name string, p []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for line := range bytes.SplitSeq(bytes.TrimRight(p, "\n"), []byte{'\n'}) {
		s.send(name, line)
	}
}

// Close closes the connection. A later message opens it again.
func (s *Syslog) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hangUp()
}

func (s *Syslog) send(name string, text []byte) {
	b := append(s.line[:0], "<14>"...)
	b = s.now().Local().AppendFormat(b, time.Stamp)
	b = append(b, ' ')
	b = append(b, s.tag...)
	b = append(b, ": "...)
	if name != "" {
		b = append(b, name...)
		b = append(b, ' ')
	}
	b = append(b, text...)
	s.line = b
	if cap(b) > 64<<10 {
		s.line = nil
	}

	if s.conn != nil {
		if err := s.deliver(b); err == nil || busy(err) {
			return
		}
		s.hangUp() // the logger was started anew
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: s.addr, Net: "unixgram"})
	if err != nil {
		return
	}
	s.conn = conn
	if err := s.deliver(b); err != nil && !busy(err) {
		s.hangUp()
	}
}

// deliver makes one attempt that does not wait.
func (s *Syslog) deliver(b []byte) error {
	raw, err := s.conn.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Write(func(fd uintptr) bool {
		_, failed = syscall.Write(int(fd), b)
		return true
	})
	if err != nil {
		return err
	}
	return failed
}

// busy says whether an error of deliver is about this message only.
func busy(err error) bool {
	return err == syscall.EAGAIN || err == syscall.ENOBUFS || err == syscall.EMSGSIZE || err == syscall.EINTR
}

func (s *Syslog) hangUp() {
	if s.conn != nil {
		s.conn.Close()
		s.conn = nil
	}
}
