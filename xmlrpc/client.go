package xmlrpc

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"syscall"
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

	// Transport carries the requests. NewClient makes it; give it a TLSClientConfig
	// or a Proxy where those are needed.
	Transport *http.Transport

	// BareResults is for servers whose system.multicall answers with the results as
	// they are, and not, as is the convention, each in an array of its own.
	BareResults bool

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
			return dialUnix(ctx, socket)
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
		DialContext:        dial,
		DisableCompression: true,

		// As many connections as there are calls at a time: a limit could make
		// servers that call each other wait for each other for ever. They are kept
		// for the next calls, but not as long as servers keep theirs: a call that
		// meets a connection just being closed would fail.
		MaxIdleConnsPerHost: 1024,
		IdleConnTimeout:     4 * time.Second,
	}
	return c
}

// dialUnix connects to a unix socket. When too many others are just doing the same
// the kernel does not make us wait but says EAGAIN, and never when to try again.
func dialUnix(ctx context.Context, socket string) (net.Conn, error) {
	for wait := time.Millisecond; ; wait = min(2*wait, 50*time.Millisecond) {
		conn, err := new(net.Dialer).DialContext(ctx, "unix", socket)
		if !errors.Is(err, syscall.EAGAIN) {
			return conn, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %w", ctx.Err(), err)
		case <-time.After(wait):
		}
	}
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

// CallInto calls a method and stores its answer where into points, as
// [Decoder.ResponseInto] does.
func (c *Client) CallInto(ctx context.Context, into any, method string, params ...any) error {
	request, err := AppendCall(nil, method, params...)
	if err != nil {
		return err
	}
	response, err := c.RoundTrip(ctx, request)
	if err != nil {
		return err
	}
	return c.Decoder.ResponseInto(response, into)
}

// A Result is the outcome of one call of a [Client.Multicall].
type Result struct {
	Value any   // see Unmarshal for how to store it in a Go type
	Err   error // a *Fault where the server says no
}

// Multicall makes calls in one request, with the server's system.multicall, which
// makes them one after the other. There is a Result for each, in their order; the
// error is of the request as a whole.
func (c *Client) Multicall(ctx context.Context, calls ...Call) ([]Result, error) {
	batch := make([]batchCall, len(calls))
	for i, call := range calls {
		batch[i] = batchCall(call)
		if call.Params == nil {
			batch[i].Params = []any{}
		}
	}
	var values []any
	if err := c.CallInto(ctx, &values, "system.multicall", batch); err != nil {
		return nil, err
	}
	if len(values) != len(calls) {
		return nil, fmt.Errorf("xmlrpc: %s answered %d calls with %d results", c.base, len(calls), len(values))
	}
	results := make([]Result, len(values))
	for i, value := range values {
		results[i] = c.resultOf(value)
	}
	return results, nil
}

// resultOf reads what stands for the outcome of one call of many.
func (c *Client) resultOf(value any) Result {
	s, _ := value.(Struct)
	if _, isFault := s.Get("faultCode").(int); isFault {
		return Result{Err: faultIn(s)}
	}
	if c.BareResults {
		return Result{Value: value}
	}
	if list, ok := value.([]any); ok && len(list) == 1 {
		return Result{Value: list[0]}
	}
	return Result{Err: &TypeError{Value: typeName(value), Type: reflect.TypeFor[[1]any]()}}
}

// RoundTrip sends a request, as [AppendCall] makes it, and returns the answer as it
// came.
func (c *Client) RoundTrip(ctx context.Context, request []byte) ([]byte, error) {
	res, err := c.Do(ctx, http.MethodPost, c.path, request)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	most := int64(c.Decoder.bytes())
	var body bytes.Buffer
	// What a server announces is believed up to a size that costs nothing.
	body.Grow(int(max(0, min(res.ContentLength, most, 1<<20))) + bytes.MinRead)
	switch _, err := body.ReadFrom(io.LimitReader(res.Body, most+1)); {
	case err != nil:
		return nil, fmt.Errorf("xmlrpc: reading the answer of %s: %w", c.base, err)
	case int64(body.Len()) > most:
		return nil, fmt.Errorf("xmlrpc: the answer of %s has more than %d bytes", c.base, most)
	}
	return body.Bytes(), nil
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
