package supervise

import (
	"fmt"
	"sync"
	"syscall"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/config"
	"github.com/sirdar-project/sirdar/spawn"
)

// A sharedSocket is the listening socket of a group of FastCGI processes: open as
// long as one of them lives or is being started.
type sharedSocket struct {
	s    *Supervisor
	url  string
	spec spawn.Socket

	mu      sync.Mutex
	fd      int
	holders int
}

// newSharedSocket makes the socket of a group, nil if it has none. To find out
// early what is wrong with it, it is opened and closed again.
func (s *Supervisor) newSharedSocket(cfg *config.Socket) (*sharedSocket, error) {
	if cfg == nil {
		return nil, nil
	}
	k := &sharedSocket{s: s, url: cfg.URL, spec: spawn.Socket{
		Network: cfg.Network, Address: cfg.Address,
		Mode: cfg.Mode, UID: cfg.UID, GID: cfg.GID, Backlog: cfg.Backlog,
	}}
	if _, err := k.acquire(); err != nil {
		return nil, err
	}
	k.release()
	return k, nil
}

// acquire returns the socket for one more process, and opens it for the first. It
// may block, so the clerk calls it.
func (k *sharedSocket) acquire() (fd int, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.holders == 0 {
		k.s.log(sirdar.LevelInfo, "Creating socket "+k.url)
		if k.fd, err = k.spec.Listen(); err != nil {
			return -1, fmt.Errorf("Could not create FastCGI socket %s: %w", k.url, err)
		}
	}
	k.holders++
	return k.fd, nil
}

// release says that a process has ended. It never waits: as long as there is a
// holder, nobody opens the socket. The file of a unix socket stays.
func (k *sharedSocket) release() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.holders--; k.holders == 0 {
		k.s.log(sirdar.LevelInfo, "Closing socket "+k.url)
		syscall.Close(k.fd)
	}
}
