package xmlrpc_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sirdar-project/sirdar/xmlrpc"
)

// calculator is the instance of Python's tutorial.
type calculator struct{}

func (calculator) Div(x, y int) (int, error) {
	if y == 0 {
		return 0, errors.New("division by zero")
	}
	return x / y, nil
}

func (calculator) Channel() chan int { return nil } // no method for callers

func power(x, y int) int {
	result := 1
	for range y {
		result *= x
	}
	return result
}

func add(x, y int) int { return x + y }

type point struct {
	X int `xmlrpc:"x"`
	Y int `xmlrpc:"y"`
}

// newTutorial is the server of Python's tutorial, and some more methods.
func newTutorial() *xmlrpc.Server {
	s := new(xmlrpc.Server)
	s.Log = slog.New(slog.DiscardHandler)
	s.HandleFunc("pow", power)
	s.HandleFunc("add", add)
	s.HandleValue("", calculator{})
	s.HandleFunc("join", func(separator string, words ...string) string { return strings.Join(words, separator) })
	s.HandleFunc("mirror", func(p point) point { return point{p.Y, p.X} })
	s.HandleFunc("echo", func(v any) any { return v })
	s.HandleFunc("nothing", func() {})
	s.HandleFunc("refuse", func() error { return fmt.Errorf("wrapped: %w", &xmlrpc.Fault{Code: 7, Text: "no"}) })
	s.HandleFunc("panic", func() { panic("at the disco") })
	s.Handle("documented", xmlrpc.Method{
		Help: "Says what it was told.",
		Call: func(_ context.Context, params []any) (any, error) { return len(params), nil },
	})
	s.Handle("strange", xmlrpc.Method{Call: func(context.Context, []any) (any, error) { return make(chan int), nil }})
	return s
}

func TestCallsAreAnswered(t *testing.T) {
	s := newTutorial()
	for _, c := range []struct {
		method string
		params []any
		want   any
		fault  string
	}{
		{"pow", []any{2, 3}, 8, ""},
		{"div", []any{5, 2}, 2, ""},
		{"div", []any{5, 0}, nil, "division by zero (fault -32500)"},
		{"join", []any{"-", "a", "b"}, "a-b", ""},
		{"join", []any{"-"}, "", ""},
		{"join", nil, nil, "called with 0 parameters instead of at least 1 (fault -32602)"},
		{"mirror", []any{map[string]any{"x": 1, "y": 2}}, xmlrpc.Struct{{Name: "x", Value: 2}, {Name: "y", Value: 1}}, ""},
		{"mirror", []any{map[string]any{"x": "1"}}, nil, "parameter 1: xmlrpc: a value of type string at x does not fit int (fault -32602)"},
		{"echo", []any{[]any{nil, true, 1.5}}, []any{nil, true, 1.5}, ""},
		{"nothing", nil, nil, ""},
		{"refuse", nil, nil, "no (fault 7)"},
		{"panic", nil, nil, "method panic panicked (fault -32603)"},
		{"strange", nil, nil, "xmlrpc: cannot write a value of type chan int (fault -32603)"},
		{"pow", []any{2}, nil, "called with 1 parameters instead of 2 (fault -32602)"},
		{"pow", []any{2, "3"}, nil, "parameter 2: xmlrpc: a value of type string does not fit int (fault -32602)"},
		{"channel", nil, nil, `there is no method "channel" (fault -32601)`},
		{"Div", []any{5, 2}, nil, `there is no method "Div" (fault -32601)`},
		{"", nil, nil, `there is no method "" (fault -32601)`},
		{"documented", []any{1, 2, 3}, 3, ""},
		{"system.methodHelp", []any{"documented"}, "Says what it was told.", ""},
		{"system.methodHelp", []any{"pow"}, "", ""},
		{"system.methodHelp", []any{"nope"}, nil, `there is no method "nope" (fault -32601)`},
		{"system.methodSignature", []any{"pow"}, []any{[]any{"int", "int", "int"}}, ""},
		{"system.methodSignature", []any{"mirror"}, []any{[]any{"struct", "struct"}}, ""},
		{"system.methodSignature", []any{"echo"}, []any{[]any{"any", "any"}}, ""},
		{"system.methodSignature", []any{"nothing"}, []any{[]any{"nil"}}, ""},
		{"system.methodSignature", []any{"documented"}, "undef", ""},
		{"system.listMethods", nil, []any{
			"add", "div", "documented", "echo", "join", "mirror", "nothing", "panic", "pow", "refuse", "strange",
			"system.listMethods", "system.methodHelp", "system.methodSignature", "system.multicall",
		}, ""},
	} {
		request, err := xmlrpc.AppendCall(nil, c.method, c.params...)
		if err != nil {
			t.Fatal(err)
		}
		got, err := xmlrpc.DecodeResponse(s.Serve(context.Background(), request))
		if !reflect.DeepEqual(got, c.want) || err == nil && c.fault != "" || err != nil && err.Error() != c.fault {
			t.Errorf("%s%v = %v, %v, want %v, %s", c.method, c.params, got, err, c.want, c.fault)
		}
	}
}

func TestWhatIsNoCallIsAnsweredWithAFault(t *testing.T) {
	for _, request := range []string{"", "junk", "<methodCall>", "<methodCall><methodName>\xff</methodName></methodCall>"} {
		_, err := xmlrpc.DecodeResponse(newTutorial().Serve(context.Background(), []byte(request)))
		var fault *xmlrpc.Fault
		if !errors.As(err, &fault) || fault.Code != xmlrpc.CodeParse {
			t.Errorf("%q: %v", request, err)
		}
	}
}

func TestFunctionsThatCannotBeMethodsAreRefused(t *testing.T) {
	for _, function := range []any{
		nil, 5, (func())(nil), func(chan int) {}, func() chan int { return nil }, func() (int, int) { return 1, 2 }, func(io.Reader) {},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%T is taken as a method", function)
				}
			}()
			xmlrpc.MethodOf(function)
		}()
	}
}

func TestABatchIsAnsweredByItsConvention(t *testing.T) {
	client := serve(t, newTutorial())
	results, err := client.Multicall(context.Background(),
		xmlrpc.Call{Method: "pow", Params: []any{2, 10}},
		xmlrpc.Call{Method: "nope"},
		xmlrpc.Call{Method: "system.multicall", Params: []any{[]any{}}},
		xmlrpc.Call{Method: "panic"},
		xmlrpc.Call{Method: "strange"},
		xmlrpc.Call{Method: "echo", Params: []any{[]any{"one"}}},
		xmlrpc.Call{Method: "nothing"},
	)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"1024 <nil>", `<nil> there is no method "nope" (fault -32601)`, "<nil> system.multicall inside of system.multicall (fault -32602)",
		"<nil> method panic panicked (fault -32603)", "<nil> xmlrpc: cannot write a value of type chan int (fault -32603)", "[one] <nil>", "<nil> <nil>",
	}
	for i, r := range results {
		if got := fmt.Sprint(r.Value, " ", r.Err); got != want[i] {
			t.Errorf("call %d: %s, want %s", i, got, want[i])
		}
	}
	if len(results) != len(want) {
		t.Errorf("%d results", len(results))
	}
}

// serve serves on TCP for the duration of a test, and returns a client.
func serve(t *testing.T, h http.Handler) *xmlrpc.Client {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return newClient(t, server.URL)
}

func newClient(t *testing.T, url string) *xmlrpc.Client {
	t.Helper()
	client, err := xmlrpc.NewClient(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

const tutorialClient = `
import json, sys, xmlrpc.client
s = xmlrpc.client.ServerProxy(sys.argv[1], allow_none=True)
def fault(f):
    try:
        return f()
    except xmlrpc.client.Fault as e:
        return [e.faultCode, e.faultString]
batch = xmlrpc.client.MultiCall(s)
batch.pow(2, 9)
batch.add(2, 3)
json.dump([s.pow(2, 3), s.add(2, 3), s.div(5, 2), s.system.listMethods()[:3], s.system.methodSignature('add'), s.nothing(), fault(lambda: s.div(1, 0)),
    fault(lambda: s.nope()), list(batch()), s.mirror({'x': 1, 'y': 2}), s.echo('\u20ac<&>'), s.echo(xmlrpc.client.Binary(b'\x00\xff')).data.hex()], sys.stdout)
`

func TestPythonsClientUnderstandsTheTutorialServer(t *testing.T) {
	server := httptest.NewServer(newTutorial())
	defer server.Close()
	out, err := exec.Command("/usr/bin/python3", "-c", tutorialClient, server.URL).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	const want = `[8, 5, 2, ["add", "div", "documented"], [["int", "int", "int"]], null, [-32500, "division by zero"],
		[-32601, "there is no method \"nope\""], [512, 5], {"x": 2, "y": 1}, "\u20ac<&>", "00ff"]`
	var got, wanted any
	if json.Unmarshal(out, &got) != nil || json.Unmarshal([]byte(want), &wanted) != nil || !reflect.DeepEqual(got, wanted) {
		t.Errorf("Python sees\n%s\nwant\n%s", out, want)
	}
}

// pythonsTutorial is Python's own server, on a port of its choice, which it prints.
const pythonsTutorial = `
from xmlrpc.server import SimpleXMLRPCServer
server = SimpleXMLRPCServer(('127.0.0.1', 0), logRequests=False)
server.register_introspection_functions()
server.register_multicall_functions()
server.register_function(pow)
server.register_function(lambda x, y: x + y, 'add')
print(server.server_address[1], flush=True)
server.serve_forever()
`

func TestOurClientUnderstandsPythonsServer(t *testing.T) {
	cmd := exec.Command("/usr/bin/python3", "-c", pythonsTutorial)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	var port int
	if _, err := fmt.Fscan(out, &port); err != nil {
		t.Fatal(err)
	}
	client := newClient(t, fmt.Sprintf("http://127.0.0.1:%d", port))
	defer client.Close() // before Python is killed: it serves one connection at a time
	ctx := context.Background()

	var n int
	if err := client.CallInto(ctx, &n, "pow", 2, 10); err != nil || n != 1024 {
		t.Errorf("pow: %d, %v", n, err)
	}
	var fault *xmlrpc.Fault
	if _, err := client.Call(ctx, "nope"); !errors.As(err, &fault) || !strings.Contains(fault.Text, `method "nope" is not supported`) {
		t.Errorf("nope: %v", err)
	}
	results, err := client.Multicall(ctx, xmlrpc.Call{Method: "add", Params: []any{1, 2}}, xmlrpc.Call{Method: "nope"})
	if err != nil || len(results) != 2 || results[0].Value != 3 || !errors.As(results[1].Err, &fault) {
		t.Errorf("batch: %v, %v", results, err)
	}
}

func TestOnlyPostedCallsOfBoundedLengthAreTaken(t *testing.T) {
	s := newTutorial()
	s.Decoder.MaxBytes = 1000
	for _, c := range []struct {
		request *http.Request
		status  int
	}{
		{httptest.NewRequest("GET", "/", nil), 405},
		{httptest.NewRequest("POST", "/", strings.NewReader(strings.Repeat(" ", 1001))), 413},
		{httptest.NewRequest("POST", "/", io.MultiReader(strings.NewReader("<"), brokenReader{})), 400},
		{httptest.NewRequest("POST", "/", strings.NewReader("junk")), 200},
	} {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, c.request)
		if w.Code != c.status {
			t.Errorf("%s: status %d, want %d", c.request.Method, w.Code, c.status)
		}
	}
}

func TestAClientThatStallsIsTurnedAway(t *testing.T) {
	s := newTutorial()
	s.BodyTime = 10 * time.Millisecond
	server := httptest.NewServer(s)
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n<methodCall>")
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusBadRequest {
		t.Errorf("status %d", res.StatusCode)
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestACallEndsWhenItsCallerHangsUp(t *testing.T) {
	begun, ended := make(chan bool), make(chan error)
	s := new(xmlrpc.Server)
	s.HandleFunc("wait", func(ctx context.Context) error {
		close(begun)
		<-ctx.Done()
		ended <- ctx.Err()
		return ctx.Err()
	})
	client := serve(t, s)
	ctx, hangUp := context.WithCancel(context.Background())
	go func() { <-begun; hangUp() }()
	if _, err := client.Call(ctx, "wait"); !errors.Is(err, context.Canceled) {
		t.Errorf("the caller sees %v", err)
	}
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the method sees %v", err)
	}
}

func TestPanicsAreLogged(t *testing.T) {
	var log bytes.Buffer
	s := newTutorial()
	s.Log = slog.New(slog.NewTextHandler(&log, nil))
	if _, err := s.Call(context.Background(), "panic"); err == nil {
		t.Error("a panic is no error")
	}
	if !strings.Contains(log.String(), "at the disco") || !strings.Contains(log.String(), "server_test.go") {
		t.Errorf("the log says %q", log.String())
	}
}

func TestClientsReachServersOverTLS(t *testing.T) {
	server := httptest.NewTLSServer(newTutorial())
	defer server.Close()
	client := newClient(t, server.URL)
	if _, err := client.Call(context.Background(), "add", 1, 2); err == nil {
		t.Error("a certificate of nobody's is trusted")
	}

	client = newClient(t, server.URL)
	client.Transport.TLSClientConfig = &tls.Config{RootCAs: x509.NewCertPool()}
	client.Transport.TLSClientConfig.RootCAs.AddCert(server.Certificate())
	if sum, err := client.Call(context.Background(), "add", 1, 2); err != nil || sum != 3 {
		t.Errorf("add = %v, %v", sum, err)
	}
}

// chain makes two servers, the first of which asks the second, and returns a client
// of the first. Both listen where listen says.
func chain(t *testing.T, listen func(name string) (net.Listener, string)) *xmlrpc.Client {
	t.Helper()
	start := func(name string, s *xmlrpc.Server) *xmlrpc.Client {
		l, url := listen(name)
		server := httptest.NewUnstartedServer(s)
		server.Listener.Close()
		server.Listener = l
		server.Start()
		t.Cleanup(server.Close)
		return newClient(t, url)
	}
	back := new(xmlrpc.Server)
	back.HandleFunc("square", func(n int) int { return n * n })
	behind := start("back", back)

	front := new(xmlrpc.Server)
	front.HandleFunc("squarePlusOne", func(ctx context.Context, n int) (int, error) {
		var square int
		err := behind.CallInto(ctx, &square, "square", n)
		return square + 1, err
	})
	return start("front", front)
}

func TestAThousandCallersOfAChainAreAllAnswered(t *testing.T) {
	dir := t.TempDir()
	for network, listen := range map[string]func(name string) (net.Listener, string){
		"tcp": func(string) (net.Listener, string) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			return l, "http://" + l.Addr().String()
		},
		"unix": func(name string) (net.Listener, string) {
			path := filepath.Join(dir, name)
			l, err := net.Listen("unix", path)
			if err != nil {
				t.Fatal(err)
			}
			return l, "unix://" + path
		},
	} {
		t.Run(network, func(t *testing.T) {
			client := chain(t, listen)
			var callers sync.WaitGroup
			for caller := range 1000 {
				callers.Go(func() {
					for i := range 3 {
						var got int
						n := caller + i
						if err := client.CallInto(context.Background(), &got, "squarePlusOne", n); err != nil || got != n*n+1 {
							t.Errorf("squarePlusOne(%d) = %d, %v", n, got, err)
						}
					}
				})
			}
			callers.Wait()
		})
	}
}

// Whatever is asked, the answer can be read.
func FuzzServe(f *testing.F) {
	for _, c := range []xmlrpc.Call{
		{Method: "pow", Params: []any{2, 3}}, {Method: "join", Params: []any{",", "a\x00"}}, {Method: "mirror", Params: []any{point{1, 2}}}, {Method: "echo", Params: []any{[]byte("x")}},
		{Method: "panic"}, {Method: "strange"}, {Method: "refuse"}, {Method: "system.listMethods"}, {Method: "system.methodSignature", Params: []any{"pow"}},
		{Method: "system.multicall", Params: []any{[]any{map[string]any{"methodName": "add", "params": []any{1, 2}}, map[string]any{"methodName": "system.multicall", "params": []any{[]any{}}}}}},
	} {
		request, err := xmlrpc.AppendCall(nil, c.Method, c.Params...)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(request)
	}
	s := newTutorial()
	s.HandleFunc("pow", add) // which takes no time, whatever the numbers
	f.Fuzz(func(t *testing.T, request []byte) {
		answer := s.Serve(context.Background(), request)
		_, err := xmlrpc.DecodeResponse(answer)
		var fault *xmlrpc.Fault
		if err != nil && !errors.As(err, &fault) {
			t.Fatalf("%q is answered with %q: %v", request, answer, err)
		}
	})
}
