package daemon

import (
	"net"
	"sync"
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

func (d *door) accept() {
	for {
		conn, err := d.Listener.Accept()
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
