package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/sirdar-project/sirdar"
)

// A Server serves one or several listeners until it is shut down.
type Server struct {
	http *http.Server
	log  *slog.Logger
	end  context.CancelFunc // ends the streams
}

// NewServer makes a Server. Give each listener that has its own credentials a
// Server of its own.
func NewServer(o Options) *Server {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	life, end := context.WithCancel(context.Background())
	return &Server{
		log: o.Log,
		end: end,
		http: &http.Server{
			Handler:           newHandler(o, life),
			ReadHeaderTimeout: headerTime,
			IdleTimeout:       idleTime,
			MaxHeaderBytes:    maxHeader,
			ErrorLog:          slog.NewLogLogger(o.Log.Handler(), sirdar.LevelTrace),
		},
	}
}

// Serve answers a listener's clients. It returns nil when the server is shut down,
// and closes the listener.
func (s *Server) Serve(l net.Listener) error {
	s.logStart(l.Addr())
	err := s.http.Serve(l)
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// logStart writes the line that Supervisor's server writes when it starts.
func (s *Server) logStart(addr net.Addr) {
	if !s.log.Enabled(context.Background(), sirdar.LevelTrace) {
		return
	}
	host, name, port := addr.String(), "<unix domain socket>", addr.String()
	if tcp, ok := addr.(*net.TCPAddr); ok {
		host, port = tcp.IP.String(), fmt.Sprint(tcp.Port)
		name = hostname(host)
	}
	s.log.Log(context.Background(), sirdar.LevelTrace, fmt.Sprintf("%s:Medusa (V1.12) started at %s\n\tHostname: %s\n\tPort:%s",
		host, time.Now().Format(time.ANSIC), name, port))
}

// hostname is the name of an address, or the address.
func hostname(ip string) string {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	names, err := net.DefaultResolver.LookupAddr(ctx, ip)
	if err != nil || len(names) == 0 {
		return ip
	}
	return strings.TrimSuffix(names[0], ".")
}

// Shutdown ends the streams, stops listening and waits for calls that are being
// answered. When ctx ends first their connections are closed, and its error is
// returned.
func (s *Server) Shutdown(ctx context.Context) error {
	s.end()
	err := s.http.Shutdown(ctx)
	if err != nil {
		s.http.Close()
	}
	return err
}
