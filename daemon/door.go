package daemon

import (
	"errors"
	"net"
	"sync"
	"syscall"
	"time"
)

// A door is a listener that outlives the servers behind it: a restart puts
// another server behind the same socket, and a client that comes in between waits
// instead of being refused.
type door struct {
	net.Listener
	came chan net.Conn
	shut chan struct{}
	once sync.Once
}

// newDoor lets clients in from now on; they wait for a visit.
func newDoor(l net.Listener) *door {
	d := &door{Listener: l, came: make(chan net.Conn), shut: make(chan struct{})}
	go d.accept()
	return d
}

// accept ends with the socket. That there is no descriptor left for a client, or
// that he has gone again, is no reason: he waits, and is tried again soon.
func (d *door) accept() {
	var pause time.Duration
	for {
		conn, err := d.Listener.Accept()
		if isPassing(err) {
			pause = min(max(2*pause, 5*time.Millisecond), time.Second)
			select {
			case <-time.After(pause):
				continue
			case <-d.shut:
				return
			}
		}
		pause = 0
		if err != nil {
			d.Close()
			return
		}
		select {
		case d.came <- conn:
		case <-d.shut:
			conn.Close()
			return
		}
	}
}

// isPassing says whether an error of accept(2) is about one client or a shortage.
func isPassing(err error) bool {
	for _, passing := range []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, syscall.ECONNABORTED} {
		if errors.Is(err, passing) {
			return true
		}
	}
	return false
}

// Close closes the socket.
func (d *door) Close() error {
	var err error
	d.once.Do(func() {
		close(d.shut)
		err = d.Listener.Close()
	})
	return err
}

// visit returns a listener through which one server takes the clients. Closing it
// leaves the door open.
func (d *door) visit() net.Listener { return &visit{door: d, over: make(chan struct{})} }

type visit struct {
	*door
	over chan struct{}
	once sync.Once
}

// Accept waits for the next client.
func (v *visit) Accept() (net.Conn, error) {
	select {
	case conn := <-v.came:
		return conn, nil
	case <-v.over:
	case <-v.shut:
	}
	return nil, net.ErrClosed
}

// Close ends the visit.
func (v *visit) Close() error {
	v.once.Do(func() { close(v.over) })
	return nil
}
