package web_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/rpc"
	"github.com/sirdar-project/sirdar/supervisortest"
	"github.com/sirdar-project/sirdar/web"
	"github.com/sirdar-project/sirdar/xmlrpc"
)

const call = "<methodCall><methodName>supervisor.getAPIVersion</methodName></methodCall>"

const answered = "<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n<value><string>3.0</string></value>\n</param>\n</params>\n</methodResponse>\n"

// A client is a connection on which requests are written by hand.
type client struct {
	t *testing.T
	net.Conn
	in *bufio.Reader
}

func connect(t *testing.T, address string) client {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	return client{t: t, Conn: conn, in: bufio.NewReader(conn)}
}

func (c client) send(request string) {
	c.t.Helper()
	if _, err := io.WriteString(c, request); err != nil {
		c.t.Fatal(err)
	}
}

// receive reads one answer to a request of some method.
func (c client) receive(method string) (*http.Response, string) {
	c.t.Helper()
	res, err := http.ReadResponse(c.in, &http.Request{Method: method})
	if err != nil {
		c.t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return res, string(body)
}

// closed says whether the server has closed the connection.
func (c client) closed() bool {
	_, err := c.in.Peek(1)
	return err == io.EOF
}

func post(path, headers, body string) string {
	return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: x\r\n%sContent-Length: %d\r\n\r\n%s", path, headers, len(body), body)
}

func TestAddressesAndMethods(t *testing.T) {
	address := listen(t, "tcp", options(supervisortest.NewFake()))
	get := func(path string) string { return "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n" }
	for _, c := range []struct {
		name, request string
		status        int
		body          string // "" means whatever
	}{
		{"a call", post("/RPC2", "", call), 200, answered},
		{"any path that begins so", post("/RPC2foo/bar", "", call), 200, answered},
		{"a query", post("/RPC2?x=1", "", call), 200, answered},
		{"an escaped path", post("/%52PC2", "", call), 200, answered},
		{"any content type", post("/RPC2", "Content-Type: application/json\r\n", call), 200, answered},
		{"names of headers in any case", fmt.Sprintf("POST /RPC2 HTTP/1.1\r\nhost:\r\nCONTENT-LENGTH: %d\r\n\r\n%s", len(call), call), 200, answered},
		{"a body in chunks", fmt.Sprintf("POST /RPC2 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(call), call), 200, answered},
		{"another case", post("/rpc2", "", call), 400, ""},
		{"two slashes", post("//RPC2", "", call), 400, ""},
		{"GET of RPC2", get("/RPC2"), 400, ""},
		{"an empty body", post("/RPC2", "", ""), 400, ""},
		{"junk", post("/RPC2", "", "junk"), 400, ""},
		{"no method name", post("/RPC2", "", "<methodCall/>"), 400, ""},
		{"not UTF-8", post("/RPC2", "", "<a><methodName>\xff</methodName></a>"), 400, ""},
		{"no length", "POST /RPC2 HTTP/1.1\r\nHost: x\r\n\r\n", 411, ""},
		{"ok.html", get("/ok.html"), 200, "OK"},
		{"nothing there", get("/nope"), 404, ""},
		{"dots", get("/../../etc/passwd"), 404, ""},
		{"PUT", "PUT /nope HTTP/1.1\r\nHost: x\r\n\r\n", 400, ""},
		{"lower case", "post /nope HTTP/1.1\r\nHost: x\r\n\r\n", 400, ""},
		{"POST of a log", post("/logtail/echo", "", ""), 400, ""},
		{"nobody's log", get("/logtail/nobody"), 404, ""},
		{"a group's log", get("/logtail/pair:*"), 404, ""},
		{"another channel", get("/logtail/echo/foo"), 404, ""},
		{"more parts", get("/logtail/echo/stdout/x"), 404, ""},
		{"no log", get("/logtail/quiet"), 404, ""},
		{"no name", get("/logtail"), 404, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn := connect(t, address)
			conn.send(c.request)
			res, body := conn.receive("GET")
			if res.StatusCode != c.status || c.body != "" && body != c.body {
				t.Errorf("%d %q, want %d %q", res.StatusCode, body, c.status, c.body)
			}
			if res.Header.Get("Server") != "Medusa/1.12" || res.Header.Get("Date") == "" || res.ContentLength < 0 {
				t.Errorf("headers %v", res.Header)
			}
		})
	}
}

func TestErrorBodiesAreThoseOfSupervisor(t *testing.T) {
	o := options(supervisortest.NewFake())
	o.Username, o.Password = "u", "p"
	guarded, open := listen(t, "tcp", o), listen(t, "tcp", options(supervisortest.NewFake()))
	for _, c := range []struct {
		address, request string
		length           int
	}{
		{open, "GET /RPC2 HTTP/1.1\r\nHost: x\r\n\r\n", 136},
		{guarded, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", 137},
		{open, "GET /nope HTTP/1.1\r\nHost: x\r\n\r\n", 134},
		{open, "POST /RPC2 HTTP/1.1\r\nHost: x\r\n\r\n", 140},
		{open, post("/RPC2", "", "<a><methodName>supervisor.getProcessInfo</methodName><params><value><int>5</int></value></params></a>"), 146},
	} {
		conn := connect(t, c.address)
		conn.send(c.request)
		res, body := conn.receive("GET")
		if len(body) != c.length || res.Header.Get("Content-Type") != "text/html" {
			t.Errorf("%d: %d bytes, want %d\n%s", res.StatusCode, len(body), c.length, body)
		}
		if res.StatusCode == 404 {
			const want = "<head>\r\n<title>Error response</title>\r\n</head>\r\n<body>\r\n<h1>Error response</h1>\r\n" +
				"<p>Error code 404.\r\n<p>Message: Not Found.\r\n</body>\r\n"
			if body != want {
				t.Errorf("the page is %q", body)
			}
		}
	}
}

func TestCredentialsAreNeededEverywhere(t *testing.T) {
	basic := func(text string) string {
		return "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(text)) + "\r\n"
	}
	const hash = "{SHA}e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4" // secret
	for _, c := range []struct {
		name, password, path, header string
		status                       int
	}{
		{"none", "secret", "/ok.html", "", 401},
		{"none, and nothing there", "secret", "/nope", "", 401},
		{"none, for a log", "secret", "/logtail/echo", "", 401},
		{"the right ones", "secret", "/ok.html", basic("user:secret"), 200},
		{"a wrong password", "secret", "/ok.html", basic("user:secreT"), 401},
		{"a longer password", "secret", "/ok.html", basic("user:secrets"), 401},
		{"a wrong user", "secret", "/ok.html", basic("User:secret"), 401},
		{"colons in the password", "se:cr:et", "/ok.html", basic("user:se:cr:et"), 200},
		{"names in any case", "secret", "/ok.html", strings.ToUpper("authorization: basic ") + base64.StdEncoding.EncodeToString([]byte("user:secret")) + "\r\n", 200},
		{"another scheme", "secret", "/ok.html", "Authorization: Digest x\r\n", 401},
		{"no colon", "secret", "/ok.html", basic("user"), 401},
		{"not base64", "secret", "/ok.html", "Authorization: Basic dXNlcjpzZWNyZXQ\r\n", 400},
		{"not UTF-8", "secret", "/ok.html", basic("user:\xff"), 400},
		{"a hash, the password", hash, "/ok.html", basic("user:secret"), 200},
		{"a hash, the hash", hash, "/ok.html", basic("user:" + hash), 401},
		{"a hash, its digits", hash, "/ok.html", basic("user:" + hash[5:]), 401},
		{"a hash, another password", hash, "/ok.html", basic("user:x"), 401},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := options(supervisortest.NewFake())
			o.Username, o.Password = "user", c.password
			conn := connect(t, listen(t, "tcp", o))
			conn.send("GET " + c.path + " HTTP/1.1\r\nHost: x\r\n" + c.header + "\r\n")
			res, _ := conn.receive("GET")
			if res.StatusCode != c.status {
				t.Errorf("%d, want %d", res.StatusCode, c.status)
			}
			if c.status == 401 {
				if res.Header.Get("WWW-Authenticate") != `Basic realm="default"` || !conn.closed() {
					t.Errorf("headers %v; the connection must end", res.Header)
				}
			}
		})
	}
}

func TestConnectionsAreKeptAsClientsAskFor(t *testing.T) {
	address := listen(t, "tcp", options(supervisortest.NewFake()))
	for _, c := range []struct {
		version, header string
		kept            bool
	}{
		{"1.1", "", true}, {"1.1", "Connection: close\r\n", false}, {"1.1", "Connection: Close\r\n", false},
		{"1.0", "", false}, {"1.0", "Connection: keep-alive\r\n", true}, {"1.0", "Connection: Keep-Alive\r\n", true},
	} {
		t.Run(c.version+" "+c.header, func(t *testing.T) {
			conn := connect(t, address)
			request := fmt.Sprintf("POST /RPC2 HTTP/%s\r\nHost: x\r\n%sContent-Length: %d\r\n\r\n%s", c.version, c.header, len(call), call)
			conn.send(request)
			if res, body := conn.receive("POST"); res.StatusCode != 200 || body != answered {
				t.Fatalf("%d %q", res.StatusCode, body)
			}
			if !c.kept {
				if !conn.closed() {
					t.Error("the connection stays open")
				}
				return
			}
			conn.send(request)
			if res, body := conn.receive("POST"); res.StatusCode != 200 || body != answered {
				t.Errorf("the second answer is %d %q", res.StatusCode, body)
			}
		})
	}
}

func TestPipelinedRequestsAreAnsweredInOrder(t *testing.T) {
	conn := connect(t, listen(t, "tcp", options(supervisortest.NewFake())))
	conn.send(post("/RPC2", "", call) + "GET /ok.html HTTP/1.1\r\nHost: x\r\n\r\n" + post("/RPC2", "", "junk"))
	for _, want := range []string{"200 " + answered, "200 OK", "400"} {
		res, body := conn.receive("POST")
		if got := fmt.Sprint(res.StatusCode, " ", body); !strings.HasPrefix(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestBodiesAreBounded(t *testing.T) {
	address := listen(t, "tcp", options(supervisortest.NewFake()))

	large := "<a><methodName>supervisor.getAPIVersion</methodName><!--" + strings.Repeat("x", 5<<20) + "--></a>"
	conn := connect(t, address)
	conn.send(post("/RPC2", "", large))
	if res, body := conn.receive("POST"); res.StatusCode != 200 || body != answered {
		t.Errorf("5 MiB: %d", res.StatusCode)
	}

	conn = connect(t, address)
	conn.send("POST /RPC2 HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n")
	if res, _ := conn.receive("POST"); res.StatusCode != 413 {
		t.Errorf("100 MB announced: %d", res.StatusCode)
	}
}

func TestLogsAreStreamedInChunks(t *testing.T) {
	fake := supervisortest.NewFake()
	address := listen(t, "tcp", options(fake))
	fake.Write("echo", strings.Repeat("x", 1000)+strings.Repeat("y", 1000))
	for _, path := range []string{"/logtail/echo", "/logtail/echo/stdout", "/logtail/echo%3Aecho", "/logtailx/echo"} {
		conn := connect(t, address)
		conn.send("GET " + path + " HTTP/1.1\r\nHost: \r\n\r\n")
		head := conn.head()
		for _, want := range []string{
			"HTTP/1.1 200 OK\r\n", "Content-Type: text/plain;charset=utf-8\r\n", "X-Accel-Buffering: no\r\n", "Transfer-Encoding: chunked\r\n",
		} {
			if !strings.Contains(head, want) {
				t.Errorf("%s: %q misses %q", path, head, want)
			}
		}
		conn.expect("400\r\n" + strings.Repeat("x", 24) + strings.Repeat("y", 1000) + "\r\n")
		conn.Close()
	}
	fake.AwaitFollowers(t, 0)

	conn := connect(t, address)
	conn.send("GET /logtail/echo/stderr HTTP/1.1\r\nHost: x\r\n\r\n")
	conn.head() // at once, although the log is empty
	conn.Close()
	fake.AwaitFollowers(t, 0)

	conn = connect(t, address)
	conn.send("GET /mainlogtailx HTTP/1.1\r\nHost: x\r\n\r\n")
	if head := conn.head(); strings.Contains(head, "X-Accel") {
		t.Errorf("the main log's head is %q", head)
	}
	conn.expect("22\r\nsupervisord started with pid 4711\n\r\n")
}

func TestOldClientsGetLogsWithoutChunks(t *testing.T) {
	fake := supervisortest.NewFake()
	conn := connect(t, listen(t, "tcp", options(fake)))
	fake.Write("echo", "a\xff\n")
	conn.send("GET /logtail/echo HTTP/1.0\r\n\r\n")
	if head := conn.head(); !strings.HasPrefix(head, "HTTP/1.0 200 OK\r\n") || strings.Contains(head, "chunked") {
		t.Errorf("head %q", head)
	}
	conn.expect("a\xff\n")
	fake.Write("echo", "b")
	conn.expect("b")
}

func TestTheEndOfAFollowerIsNoticed(t *testing.T) {
	fake := supervisortest.NewFake()
	address := listen(t, "tcp", options(fake))
	for _, stray := range []string{"", "\r\n", "\r\n\r\nGET / HTTP/1.1\r\n"} {
		conn := connect(t, address)
		conn.send("GET /logtail/echo HTTP/1.1\r\nHost: x\r\n\r\n")
		conn.head()
		fake.AwaitFollowers(t, 1)
		if stray != "" {
			conn.send(stray) // supervisorctl tail -f does so
		}
		conn.Close()
		fake.AwaitFollowers(t, 0)
	}
}

func TestShutdownEndsStreamsAndLetsCallsFinish(t *testing.T) {
	release := make(chan struct{})
	called := make(chan struct{})
	fake := supervisortest.NewFake()
	o := options(fake)
	o.RPC = rpc.New(nil, rpc.Namespace{Name: "slow", Table: rpc.Table{{
		Name: "wait",
		Func: func(ctx context.Context, _ []any) (any, error) {
			close(called)
			<-release
			return true, ctx.Err()
		},
	}}})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := web.NewServer(o)
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()

	follower := connect(t, l.Addr().String())
	follower.send("GET /logtail/echo HTTP/1.1\r\nHost: x\r\n\r\n")
	follower.head()
	caller := connect(t, l.Addr().String())
	caller.send(post("/RPC2", "", "<a><methodName>slow.wait</methodName></a>"))
	<-called

	down := make(chan error, 1)
	go func() { down <- server.Shutdown(context.Background()) }()
	fake.AwaitFollowers(t, 0)
	if !follower.closed() {
		t.Error("the stream stays open")
	}
	close(release)
	if res, body := caller.receive("POST"); res.StatusCode != 200 || !strings.Contains(body, "<boolean>1") {
		t.Errorf("the call was answered with %d %q", res.StatusCode, body)
	}
	if err := <-down; err != nil {
		t.Error(err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestACallerWhoHangsUpIsNoticed(t *testing.T) {
	called, cancelled := make(chan struct{}), make(chan struct{})
	o := options(supervisortest.NewFake())
	o.RPC = rpc.New(nil, rpc.Namespace{Name: "slow", Table: rpc.Table{{
		Name: "wait",
		Func: func(ctx context.Context, _ []any) (any, error) {
			close(called)
			<-ctx.Done()
			close(cancelled)
			return nil, ctx.Err()
		},
	}}})
	conn := connect(t, listen(t, "tcp", o))
	conn.send(post("/RPC2", "", "<a><methodName>slow.wait</methodName></a>"))
	<-called
	conn.Close()
	<-cancelled
}

// A journal keeps log lines.
type journal struct {
	mu sync.Mutex
	bytes.Buffer
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.Buffer.Write(b)
}

func TestRequestsAreLoggedAsSupervisorLogsThem(t *testing.T) {
	var lines journal
	log := slog.New(slog.NewTextHandler(&lines, &slog.HandlerOptions{Level: sirdar.LevelBlather, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	fake := supervisortest.NewFake()
	o := options(fake)
	o.Log, o.RPC = log, rpc.New(log)
	handler := web.Handler(o)
	request := func(method, path, body, peer string) {
		r, err := http.NewRequest(method, path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.RemoteAddr, r.RequestURI = peer, path
		if body != "" {
			r.Header.Set("Content-Length", "1")
		}
		handler.ServeHTTP(discard{}, r)
	}
	request("GET", "/ok.html", "", "127.0.0.1:41262")
	request("GET", "/error.html", "", "@")
	request("POST", "/RPC2", "<a><methodName>system.nope</methodName></a>", "@")
	request("POST", "/RPC2", "ju'nk", "@")
	request("POST", "/RPC2", "<methodCall/>", "@")

	got := lines.String()
	for _, want := range []string{
		`level=DEBUG-4 msg="127.0.0.1:41262 - - [`, `] \"GET /ok.html HTTP/1.1\" 200 1`,
		`level=ERROR msg="localhost:0 - - [`, `] \"GET /error.html HTTP/1.1\" 404 `,
		`level=DEBUG-4 msg="XML-RPC method called: system.nope()"`,
		`level=DEBUG-4 msg="XML-RPC method system.nope() returned fault: [1] UNKNOWN_METHOD"`,
		`level=ERROR msg="XML-RPC request data \"ju'nk\" is invalid: unmarshallable"`,
		`level=ERROR msg="XML-RPC request data '<methodCall/>' is invalid: no method name"`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the log misses %s:\n%s", want, got)
		}
	}
}

// discard is an answer that nobody reads.
type discard struct{}

func (discard) Header() http.Header         { return http.Header{} }
func (discard) Write(b []byte) (int, error) { return len(b), nil }
func (discard) WriteHeader(int)             {}

// head reads the head of an answer.
func (c client) head() string {
	c.t.Helper()
	var head strings.Builder
	for {
		line, err := c.in.ReadString('\n')
		if err != nil {
			c.t.Fatal(err)
		}
		head.WriteString(line)
		if line == "\r\n" {
			return head.String()
		}
	}
}

// expect reads exactly a text.
func (c client) expect(want string) {
	c.t.Helper()
	got := make([]byte, len(want))
	if n, err := io.ReadFull(c.in, got); err != nil || string(got) != want {
		c.t.Errorf("read %q, %v, want %q", got[:n], err, want)
	}
}

func TestManyCallersAreServedSideBySide(t *testing.T) {
	address := listen(t, "tcp", options(supervisortest.NewFake()))
	c, err := xmlrpc.NewClient("http://" + address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			for range 5 {
				v, err := c.Call(context.Background(), "supervisor.getAPIVersion")
				if err != nil || v != "3.0" {
					t.Errorf("%v, %v", v, err)
				}
			}
		})
	}
	group.Wait()
}
