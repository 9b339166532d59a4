package api

import (
	"context"
	"fmt"
	"net/http"

	"github.com/sirdar-project/sirdar"
)

// A Client is a node at the other end of a wire. It implements
// [sirdar.Supervisor] and is safe for any number of goroutines.
//
// What the node refuses comes back as a [*sirdar.Fault]. What kept the node from
// being asked comes back as itself, wrapped: a [*StatusError] where the HTTP
// server answered with anything but 200, the network's own error (test it with
// errors.Is against syscall.ECONNREFUSED, fs.ErrNotExist and the like) where
// there was nobody to ask.
type Client struct {
	transport
}

var _ sirdar.Supervisor = (*Client)(nil)

// Dial makes a Client of the node at a URL: http://host:port, https://host:port or
// unix:///path/of/the/socket. It opens no connection yet. Username and password
// may be empty; credentials inside the URL count when they are.
func Dial(url, username, password string) (*Client, error) {
	return nil, fmt.Errorf("api: dialling %s is not built yet", url)
}

// Call calls any method by its name; the methods of the stock API have their own
// Go methods.
func (c *Client) Call(ctx context.Context, method string, args ...any) (any, error) {
	return c.call(ctx, method, args...)
}

// Close closes idle connections. The Client stays usable.
func (c *Client) Close() error { return nil }

// A StatusError says that the HTTP server answered, and not with 200.
type StatusError struct {
	Code int // the HTTP status: 401, 404, 500 …
	URL  string
}

// Error returns "URL: 401 Unauthorized".
func (e *StatusError) Error() string {
	return fmt.Sprintf("%s: %d %s", e.URL, e.Code, http.StatusText(e.Code))
}
