package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/sirdar-project/sirdar"
)

// serveLogtail streams a process's log: /logtail/NAME[/CHANNEL].
func (h *handler) serveLogtail(a *answer) {
	if a.r.Method != http.MethodGet {
		a.refuse(http.StatusBadRequest)
		return
	}
	_, name, _ := strings.Cut(strings.TrimLeft(a.r.URL.Path, "/"), "/")
	name, channel, found := strings.Cut(name, "/")
	if !found {
		channel = sirdar.Stdout.String()
	}
	sel := sirdar.Select(name)
	var which sirdar.Stream
	switch {
	case !sel.IsProcess():
		a.refuse(http.StatusNotFound)
		return
	case channel == sirdar.Stdout.String():
		which = sirdar.Stdout
	case channel == sirdar.Stderr.String():
		which = sirdar.Stderr
	default:
		a.refuse(http.StatusNotFound)
		return
	}
	s := stream{answer: a, life: h.life, header: "X-Accel-Buffering: no\r\n"}
	s.serve(func(ctx context.Context, emit func([]byte) error) error {
		return h.options.Supervisor.FollowLog(ctx, sel, which, emit)
	})
}

// serveMainLogtail streams the daemon's own log.
func (h *handler) serveMainLogtail(a *answer) {
	if a.r.Method != http.MethodGet {
		a.refuse(http.StatusBadRequest)
		return
	}
	s := stream{answer: a, life: h.life}
	s.serve(h.options.Supervisor.FollowMainLog)
}

// A stream is an answer without an end. It takes the connection over from net/http
// as soon as there is something to say: `supervisorctl tail -f` sends a stray line
// end after its request, behind which net/http does not see the client go.
type stream struct {
	*answer
	life   context.Context // the server's
	header string          // lines of its own
	conn   net.Conn
	ctx    context.Context // the stream's
	cancel context.CancelFunc
	buffer []byte
}

// serve follows a log until the client hangs up or the server stops.
func (s *stream) serve(follow func(ctx context.Context, emit func([]byte) error) error) {
	s.ctx, s.cancel = context.WithCancel(s.r.Context())
	defer s.cancel()
	defer context.AfterFunc(s.life, s.cancel)()

	err := follow(s.ctx, s.emit)
	switch {
	case s.conn != nil:
		s.conn.Close()
	case s.ctx.Err() != nil:
		s.w.Header().Set("Connection", "close")
		s.refuse(http.StatusInternalServerError)
	default:
		s.refuse(statusOf(err))
	}
}

// statusOf is the status of a log that cannot be followed.
func statusOf(err error) int {
	var fault *sirdar.Fault
	if err == nil || errors.As(err, &fault) {
		return http.StatusNotFound
	}
	return http.StatusInternalServerError
}

// emit sends a piece, as a chunk of its own where the client knows chunks. The
// first one, which may be empty, sends the head too.
func (s *stream) emit(piece []byte) error {
	s.buffer = s.buffer[:0]
	if s.conn == nil {
		if err := s.takeOver(); err != nil {
			return err
		}
		s.buffer = s.appendHead(s.buffer)
	}
	switch {
	case len(piece) == 0:
	case s.chunked():
		s.buffer = strconv.AppendInt(s.buffer, int64(len(piece)), 16)
		s.buffer = append(s.buffer, "\r\n"...)
		s.buffer = append(s.buffer, piece...)
		s.buffer = append(s.buffer, "\r\n"...)
	default:
		s.buffer = append(s.buffer, piece...)
	}
	if len(s.buffer) == 0 {
		return nil
	}
	_, err := s.conn.Write(s.buffer)
	return err
}

func (s *stream) chunked() bool { return s.r.ProtoAtLeast(1, 1) }

func (s *stream) appendHead(dst []byte) []byte {
	dst = fmt.Appendf(dst, "%s 200 OK\r\nServer: %s\r\nDate: %s\r\nContent-Type: text/plain;charset=utf-8\r\n%s",
		s.r.Proto, serverName, time.Now().UTC().Format(http.TimeFormat), s.header)
	if s.chunked() {
		dst = append(dst, "Transfer-Encoding: chunked\r\n"...)
	}
	return append(dst, "\r\n"...)
}

// takeOver makes the connection ours, and has it watched: whatever the client still
// sends is thrown away, and its end is the end of the stream. When the stream is to
// end, closing the connection frees whoever waits for a client that reads nothing.
func (s *stream) takeOver() error {
	conn, buffered, err := http.NewResponseController(s.w).Hijack()
	if err != nil {
		return err
	}
	if err := conn.SetDeadline(time.Time{}); err != nil {
		conn.Close()
		return err
	}
	s.conn = conn
	context.AfterFunc(s.ctx, func() { conn.Close() })
	go func() {
		_, _ = io.Copy(io.Discard, buffered)
		s.cancel()
	}()
	return nil
}
