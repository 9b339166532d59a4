package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/api"
	"github.com/sirdar-project/sirdar/config"
	"github.com/sirdar-project/sirdar/rpc"
	"github.com/sirdar-project/sirdar/web"
)

// answerPatience is how long the end of a life waits for calls that are being
// answered.
const answerPatience = time.Second

// servers are the sockets of the daemon and what is behind them. A restart is
// prepared, and its sockets opened, while the old life goes on.
type servers struct {
	mu      sync.Mutex
	doors   []*socket
	running []*web.Server
}

// A socket is one open [inet_http_server] or [unix_http_server].
type socket struct {
	conf config.Server
	*door
}

// same says whether two sections want the same socket. Who may use it may differ.
func same(a, b config.Server) bool {
	a.Username, a.Password, a.Section = b.Username, b.Password, b.Section
	return a == b
}

// find returns the open socket that a section wants, or nil.
func (s *servers) find(conf config.Server) *socket {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.doors {
		if same(d.conf, conf) {
			return d
		}
	}
	return nil
}

// holds says whether a socket of ours has the address of a section, be it with
// another mode or owner. The lock is held.
func (s *servers) holds(conf config.Server) bool {
	return slices.ContainsFunc(s.doors, func(d *socket) bool {
		return d.conf.Network == conf.Network && d.conf.Address == conf.Address
	})
}

// open opens the sockets whose addresses are not ours yet. On an error none of
// them is, and what was open before stays.
func (s *servers) open(conf []config.Server, say func(string)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var opened []*socket
	for _, c := range conf {
		if s.holds(c) {
			continue
		}
		l, err := Listen(c, say)
		if err != nil {
			for _, d := range opened {
				d.Close()
			}
			return err
		}
		opened = append(opened, &socket{conf: c, door: newDoor(l)})
	}
	s.doors = append(s.doors, opened...)
	return nil
}

// keep closes the sockets that a configuration does not want.
func (s *servers) keep(conf []config.Server) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var kept []*socket
	for _, d := range s.doors {
		if slices.ContainsFunc(conf, func(c config.Server) bool { return same(d.conf, c) }) {
			kept = append(kept, d)
		} else {
			d.Close()
		}
	}
	s.doors = kept
}

// interfaces makes the RPC interfaces of a configuration. The error is in
// Supervisor's words; the log has the reason.
func interfaces(conf *config.Config, sup sirdar.Supervisor, log *slog.Logger) ([]rpc.Namespace, error) {
	var spaces []rpc.Namespace
	for _, i := range conf.Interfaces {
		factory, err := rpc.Resolve(i.Name, i.Factory)
		if err != nil {
			return nil, err
		}
		table, err := factory(sup, i.Options)
		if err != nil {
			log.Warn(err.Error())
			return nil, fmt.Errorf("Could not make %s rpc interface", i.Name)
		}
		spaces = append(spaces, rpc.Namespace{Name: i.Name, Table: table})
	}
	return spaces, nil
}

// serve puts a server behind each socket.
func (s *servers) serve(conf *config.Config, sup sirdar.Supervisor, spaces []rpc.Namespace, log *slog.Logger) {
	calls := rpc.New(log, spaces...)
	for _, c := range conf.Servers {
		for _, space := range spaces {
			log.Info(fmt.Sprintf("RPC interface '%s' initialized", space.Name))
		}
		if c.Username == "" {
			log.Log(context.Background(), sirdar.LevelCritical, fmt.Sprintf("Server '%s' running without any HTTP authentication checking", c.Section))
		}
		server := web.NewServer(web.Options{Supervisor: sup, RPC: calls, Username: c.Username, Password: c.Password, Log: log})
		s.running = append(s.running, server)
		visit := s.find(c).visit()
		go func() {
			if err := server.Serve(visit); err != nil {
				log.Error(fmt.Sprintf("the server of [%s] ended: %v", c.Section, err))
			}
		}()
	}
}

// stop ends the servers; the sockets stay open.
func (s *servers) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), answerPatience)
	defer cancel()
	for _, server := range s.running {
		// Calls that are not answered by now are cut off.
		_ = server.Shutdown(ctx)
	}
	s.running = nil
}

// close closes every socket.
func (s *servers) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, d := range s.doors {
		errs = append(errs, d.Close())
	}
	s.doors = nil
	return errors.Join(errs...)
}

// The stock interface is always in the box.
var _ = api.MainInterface
