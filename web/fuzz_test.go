package web_test

import (
	"bufio"
	"bytes"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/api"
	"github.com/sirdar-project/sirdar/rpc"
	"github.com/sirdar-project/sirdar/supervisortest"
	"github.com/sirdar-project/sirdar/web"
	"github.com/sirdar-project/sirdar/xmlrpc"
)

// Whatever a client sends, in whatever order: nothing panics, every answer is one
// of HTTP, what is called XML-RPC is XML-RPC, and the connection ends.
func FuzzHTTP(f *testing.F) {
	for _, request := range []string{
		post("/RPC2", "", call),
		post("/RPC2", "Connection: close\r\n", call) + "trailing",
		post("/RPC2", "", call) + "GET /ok.html HTTP/1.0\r\n\r\n",
		post("/RPC2", "", "<a><methodName>supervisor.getAllProcessInfo</methodName></a>"),
		post("/RPC2", "", "<a><methodName>supervisor.tailProcessStdoutLog</methodName><params><param><value>echo</value></param><param><int>0</int></param><param><int>9</int></param></params></a>"),
		post("/RPC2", "", "<a><methodName>system.multicall</methodName><params><array><data><struct><m><name>methodName</name><value>supervisor.getState</value></m></struct></data></array></params></a>"),
		post("/RPC2", "Expect: 100-continue\r\n", call),
		"POST /RPC2 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<a/>\n\r\n0\r\n\r\n",
		"POST /RPC2 HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999999\r\n\r\n<",
		"POST /RPC2 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n<a/>",
		"POST /RPC2 HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET /logtail/echo HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET /logtail/echo/stderr HTTP/1.0\r\n\r\n",
		"GET /mainlogtail HTTP/1.1\r\nHost: x\r\n\r\nGET",
		"GET /logtail/%2e%2e/%00 HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET /index.html?action=stop HTTP/1.1\r\nHost: x\r\n\r\nGET /nope HTTP/1.1\r\nHost: x\r\n\r\n",
		"OPTIONS * HTTP/1.1\r\nHost: x\r\nAuthorization: Basic dTpw\r\n\r\n",
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		"\x16\x03\x01\x00\x05hello",
	} {
		f.Add([]byte(request))
	}
	f.Fuzz(func(t *testing.T, sent []byte) {
		answers, log := talk(sent)
		if strings.Contains(log, "panic") {
			t.Fatalf("%q: the log says\n%s", sent, log)
		}
		if bytes.Contains(sent, []byte("HEAD")) || bytes.Contains(sent, []byte("logtail")) {
			return // answers without bodies, and streams that break off
		}
		in := bufio.NewReader(bytes.NewReader(answers))
		for {
			if _, err := in.Peek(1); err == io.EOF {
				return
			}
			res, err := http.ReadResponse(in, nil)
			if err != nil {
				t.Fatalf("%q is answered with %q: %v", sent, answers, err)
			}
			body, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatalf("%q is answered with %q: %v", sent, answers, err)
			}
			if res.StatusCode == http.StatusOK && res.Header.Get("Content-Type") == "text/xml" {
				checkXMLRPC(t, sent, body)
			}
		}
	})
}

// checkXMLRPC says whether a body is a value or a fault.
func checkXMLRPC(t *testing.T, sent, body []byte) {
	t.Helper()
	_, err := xmlrpc.DecodeResponse(body)
	if _, isFault := err.(*xmlrpc.Fault); err != nil && !isFault {
		t.Fatalf("%q is answered with %q: %v", sent, body, err)
	}
}

// talk sends bytes to a new server and returns what it answers until it ends the
// connection, and its log.
func talk(sent []byte) (answers []byte, log string) {
	var lines journal
	fake := supervisortest.NewFake()
	o := options(fake)
	o.Log = slog.New(slog.NewTextHandler(&lines, &slog.HandlerOptions{Level: sirdar.LevelBlather}))
	o.RPC = rpc.New(o.Log, rpc.Namespace{Name: "supervisor", Table: api.Table(fake)})

	conn := &script{in: bytes.NewReader(sent), closed: make(chan struct{})}
	one := &oneListener{conns: make(chan net.Conn, 1), closed: conn.closed}
	one.conns <- conn
	_ = web.NewServer(o).Serve(one) // ends with its only connection
	return conn.written(), lines.String()
}

// A script is a connection whose client sends some bytes and then hangs up its
// end, but still reads.
type script struct {
	in *bytes.Reader

	lock   sync.Mutex
	out    bytes.Buffer
	once   sync.Once
	closed chan struct{}
}

func (s *script) Read(b []byte) (int, error) { return s.in.Read(b) }

func (s *script) Write(b []byte) (int, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	return s.out.Write(b)
}

func (s *script) written() []byte {
	s.lock.Lock()
	defer s.lock.Unlock()
	return s.out.Bytes()
}

func (s *script) Close() error {
	s.once.Do(func() { close(s.closed) })
	return nil
}

func (s *script) LocalAddr() net.Addr              { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 9001} }
func (s *script) RemoteAddr() net.Addr             { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 40000} }
func (s *script) SetDeadline(time.Time) error      { return nil }
func (s *script) SetReadDeadline(time.Time) error  { return nil }
func (s *script) SetWriteDeadline(time.Time) error { return nil }

// A oneListener has one connection, and ends when that is closed.
type oneListener struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (l *oneListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *oneListener) Close() error   { return nil }
func (l *oneListener) Addr() net.Addr { return &net.UnixAddr{Name: "fuzz", Net: "unix"} }
