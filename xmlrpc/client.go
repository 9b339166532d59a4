package xmlrpc

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// A Client calls the methods of one server. It keeps connections open between
// calls and may be used by any number of goroutines: calls do not wait for each
// other. Its fields are set, if at all, before the first call.
type Client struct {
	// Username and Password are sent with every request (Basic) unless both are
	// empty.
	Username, Password string

	// Decoder reads the answers.
	Decoder Decoder

	// Transport carries the requests. NewClient makes it; give it a TLS
	// configuration or a proxy where those are needed.
	Transport *http.Transport

	base string // scheme and host, as HTTP knows them
	path string // where calls are posted
}

// NewClient makes a Client for the server at a URL: http://host:port/path,
// https://host:port/path or unix:///path/of/the/socket. The path of the first two
// is /RPC2 if there is none; over a unix socket it is always /RPC2. Username and
// password may stand in the URL. No connection is opened yet.
func NewClient(rawURL string) (*Client, error) {
	if socket, ok := strings.CutPrefix(rawURL, "unix://"); ok {
		if socket == "" {
			return nil, fmt.Errorf("xmlrpc: %s names no socket", rawURL)
		}
		return newClient("http://localhost", "/RPC2", func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", socket)
		}), nil
	}

	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, fmt.Errorf("xmlrpc: %w", err)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("xmlrpc: %s is no http://, https:// or unix:// URL", rawURL)
	}
	path := u.EscapedPath()
	if path == "" || path == "/" {
		path = "/RPC2"
	}
	c := newClient(u.Scheme+"://"+u.Host, path, new(net.Dialer).DialContext)
	c.Username = u.User.Username()
	c.Password, _ = u.User.Password()
	return c, nil
}

func newClient(base, path string, dial func(ctx context.Context, network, address string) (net.Conn, error)) *Client {
	c := &Client{base: base, path: path}
	c.Transport = &http.Transport{
		DialContext:         dial,
		MaxIdleConnsPerHost: 64,
		IdleConnTimeout:     time.Minute,
		DisableCompression:  true,
	}
	return c
}

// Call calls a method and returns its answer. An answer that says no is a
// [*Fault]; an HTTP status other than 200 is a [*StatusError]; errors of the
// network are wrapped.
func (c *Client) Call(ctx context.Context, method string, params ...any) (any, error) {
	request, err := AppendCall(nil, method, params...)
	if err != nil {
		return nil, err
	}
	response, err := c.RoundTrip(ctx, request)
	if err != nil {
		return nil, err
	}
	return c.Decoder.Response(response)
}

// RoundTrip sends a request, as [AppendCall] makes it, and returns the answer as it
// came.
func (c *Client) RoundTrip(ctx context.Context, request []byte) ([]byte, error) {
	res, err := c.Do(ctx, http.MethodPost, c.path, request)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	most := int64(orDefault(c.Decoder.MaxBytes, 32<<20))
	body, err := io.ReadAll(io.LimitReader(res.Body, most+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("xmlrpc: reading the answer of %s: %w", c.base, err)
	case int64(len(body)) > most:
		return nil, fmt.Errorf("xmlrpc: the answer of %s has more than %d bytes", c.base, most)
	}
	return body, nil
}

// Do sends any HTTP request to the same server, with the same credentials. The
// path begins with a slash and is escaped already. The status of the answer is 200,
// others are a [*StatusError]; the caller closes the answer's body.
func (c *Client) Do(ctx context.Context, method, path string, body []byte) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("xmlrpc: %w", err)
	}
	if c.Username != "" || c.Password != "" {
		req.SetBasicAuth(c.Username, c.Password)
	}
	if body != nil {
		req.Header.Set("Content-Type", "text/xml")
	}
	res, err := c.Transport.RoundTrip(req)
	if err != nil {
		return nil, fmt.Errorf("xmlrpc: %s: %w", c.base, err)
	}
	if res.StatusCode != http.StatusOK {
		res.Body.Close()
		return nil, &StatusError{Code: res.StatusCode, URL: c.base + path}
	}
	return res, nil
}

// Close closes the connections that are idle. The Client stays usable.
func (c *Client) Close() { c.Transport.CloseIdleConnections() }
