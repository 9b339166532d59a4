package daemon

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"

	"github.com/sirdar-project/sirdar/config"
	"github.com/sirdar-project/sirdar/spawn"
)

// Listen opens the socket of a server. What a user should know but what ends
// nothing is said through say, now and as long as the listener lives. An error has
// the text with which Supervisor refuses to start.
//
// A unix socket's file has its mode and owner before anybody can see it, is made
// anew when somebody removes it, and is removed when its listener is closed.
func Listen(s config.Server, say func(text string)) (net.Listener, error) {
	if s.Network == "unix" {
		return listenUnix(s, say)
	}
	// Go sets SO_REUSEADDR, and takes the system's limit for the backlog.
	l, err := net.Listen("tcp4", ipv4Address(s.Address))
	if err != nil {
		return nil, listenError(err)
	}
	return l, nil
}

// ipv4Address is an address as configured, with * meaning the same as no host.
func ipv4Address(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err == nil && host == "*" {
		host = ""
	}
	if err != nil {
		return address
	}
	return net.JoinHostPort(host, port)
}

var errInUse = errors.New("Another program is already listening on a port that one of our HTTP servers is configured to use.  " + //nolint:staticcheck // Supervisor's words
	"Shut this program down first before starting supervisord.")

// listenError turns an error of listening into Supervisor's text.
func listenError(err error) error {
	const failed = "Cannot open an HTTP server: socket.error reported "
	var errno syscall.Errno
	var dns *net.DNSError
	var chown *chownError
	switch {
	case errors.As(err, &chown):
		return chown
	case errors.Is(err, syscall.EADDRINUSE):
		return errInUse
	case errors.As(err, &dns):
		return errors.New(failed + resolverCode(dns))
	case errors.Is(err, errPathTooLong):
		return errors.New(failed + errPathTooLong.Error())
	case errors.As(err, &errno) && strings.HasPrefix(spawn.ErrnoName(errno), "E"):
		return fmt.Errorf(failed+"errno.%s (%d)", spawn.ErrnoName(errno), int(errno))
	}
	return fmt.Errorf("Cannot open an HTTP server: %w", err) //nolint:staticcheck // like its neighbours
}

// resolverCode is the C library's number for a name that was not resolved.
func resolverCode(err *net.DNSError) string {
	if err.IsTemporary || err.IsTimeout {
		return "-3" // EAI_AGAIN
	}
	return "-2" // EAI_NONAME
}
