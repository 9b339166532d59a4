package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/rpc"
	"github.com/sirdar-project/sirdar/xmlrpc"
)

// A Wire carries a request to a node and brings back the answer: both as bytes of
// XML-RPC. The Serve method of an [rpc.Server] is a Wire.
type Wire func(ctx context.Context, request []byte) (response []byte, err error)

// Direct is the wire to a server in this very program.
func Direct(s *rpc.Server) Wire {
	return func(ctx context.Context, request []byte) ([]byte, error) { return s.Serve(ctx, request), nil }
}

// NewClient makes a Client of the node behind a wire. Such a Client cannot follow
// logs, which are streams; [Dial]'s can.
func NewClient(w Wire) *Client { return &Client{wire: w} }

// Dial makes a Client of the node at a URL: http://host:port, https://host:port or
// unix:///path/of/the/socket. It opens no connection yet. Username and password
// may be empty; credentials inside the URL count when they are.
func Dial(url, username, password string) (*Client, error) {
	http, err := xmlrpc.NewClient(url)
	if err != nil {
		return nil, err
	}
	if username != "" || password != "" {
		http.Username, http.Password = username, password
	}
	return &Client{wire: http.RoundTrip, http: http}, nil
}

// A StatusError says that the HTTP server answered, and not with 200.
type StatusError = xmlrpc.StatusError

// Call calls any method by its full name; the methods of the stock API have their
// own Go methods. The values are those of package xmlrpc.
func (c *Client) Call(ctx context.Context, method string, args ...any) (any, error) {
	request, err := xmlrpc.AppendCall(nil, method, args...)
	if err != nil {
		return nil, err
	}
	response, err := c.wire(ctx, request)
	if err != nil {
		return nil, err
	}
	value, err := xmlrpc.DecodeResponse(response)
	var fault *xmlrpc.Fault
	if errors.As(err, &fault) {
		return nil, &sirdar.Fault{Code: sirdar.FaultCode(fault.Code), Text: fault.Text}
	}
	return value, err
}

// Close closes the connections that are idle. The Client stays usable.
func (c *Client) Close() error {
	if c.http != nil {
		c.http.Close()
	}
	return nil
}

// follow reads a stream of the HTTP server and hands on each piece as it comes.
// The server's only word for a log that is not there is 404; the error is then a
// [*StatusError] and a NO_FILE fault alike.
func (c *Client) follow(ctx context.Context, path string, emit func([]byte) error) error {
	if c.http == nil {
		return errors.New("api: this wire has no streams: logs cannot be followed over it")
	}
	res, err := c.http.Do(ctx, http.MethodGet, path, nil)
	var status *StatusError
	if errors.As(err, &status) && status.Code == http.StatusNotFound {
		return &noSuchLog{status: status, fault: sirdar.NewFault(sirdar.NoFile, "")}
	}
	if err != nil {
		return err
	}
	defer res.Body.Close()

	if err := emit(nil); err != nil { // the log is there, and may be empty
		return err
	}
	buffer := make([]byte, 32<<10)
	for {
		n, err := res.Body.Read(buffer)
		if n > 0 {
			if err := emit(buffer[:n]); err != nil {
				return err
			}
		}
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == io.EOF:
			return io.ErrUnexpectedEOF // it has no end of its own
		case err != nil:
			return err
		}
	}
}

// noSuchLog is a 404 that means NO_FILE.
type noSuchLog struct {
	status *StatusError
	fault  *sirdar.Fault
}

func (e *noSuchLog) Error() string   { return e.status.Error() }
func (e *noSuchLog) Unwrap() []error { return []error{e.status, e.fault} }

// logPath returns the path under which a log can be followed.
func logPath(sel sirdar.Selector, stream sirdar.Stream) string {
	return "/logtail/" + escapePath(sel.String()) + "/" + stream.String()
}

// escapePath keeps what may stand in a path as it is and escapes everything else.
func escapePath(name string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		c := name[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~:*@", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.Write([]byte{'%', hex[c>>4], hex[c&15]})
	}
	return b.String()
}
