package xmlrpc_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/sirdar-project/sirdar/xmlrpc"
)

type Calculator struct{}

func (Calculator) Div(x, y int) int { return x / y }

// The server of Python's tutorial, called by the client of the tutorial. Outside of
// tests it would be served by http.ListenAndServe("localhost:8000", server).
func ExampleServer() {
	server := new(xmlrpc.Server)
	server.HandleFunc("pow", func(x, y int) int { return int(math.Pow(float64(x), float64(y))) })
	server.HandleFunc("add", func(x, y int) int { return x + y })
	server.HandleValue("", Calculator{})
	listening := httptest.NewServer(server)
	defer listening.Close()

	python(listening.URL, `
		print(s.pow(2, 3))
		print(s.add(2, 3))
		print(s.div(5, 2))
		print(s.system.listMethods())`)
	// Output:
	// 8
	// 5
	// 2
	// ['add', 'div', 'pow', 'system.listMethods', 'system.methodHelp', 'system.methodSignature', 'system.multicall']
}

// python runs lines of Python in which s is Python's own client of the server at a
// URL.
func python(url, lines string) {
	script := "import sys, xmlrpc.client\ns = xmlrpc.client.ServerProxy(sys.argv[1])" + strings.ReplaceAll(lines, "\t", "")
	out, err := exec.Command("/usr/bin/python3", "-c", script, url).CombinedOutput()
	fmt.Print(string(out))
	if err != nil {
		log.Fatal(err)
	}
}

// newExample serves the methods that the other examples call, and returns its URL.
func newExample() (url string, stop func()) {
	server := new(xmlrpc.Server)
	server.HandleFunc("add", func(x, y int) int { return x + y })
	server.HandleFunc("where", func(city string) (map[string]any, error) {
		if city != "Mainz" {
			return nil, &xmlrpc.Fault{Code: 4, Text: "unknown city " + city}
		}
		return map[string]any{"lat": 50.0, "lon": 8.27, "river": "Rhein"}, nil
	})
	http := httptest.NewServer(server)
	return http.URL, http.Close
}

func ExampleClient() {
	url, stop := newExample()
	defer stop()

	client, err := xmlrpc.NewClient(url)
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	ctx := context.Background()

	sum, err := client.Call(ctx, "add", 2, 3)
	fmt.Println(sum, err)

	var place struct {
		Lat   float64 `xmlrpc:"lat"`
		Lon   float64 `xmlrpc:"lon"`
		River string  `xmlrpc:"river"`
	}
	err = client.CallInto(ctx, &place, "where", "Mainz")
	fmt.Println(place.Lat, place.Lon, place.River, err)

	_, err = client.Call(ctx, "where", "Atlantis")
	var fault *xmlrpc.Fault
	if errors.As(err, &fault) {
		fmt.Println(fault.Code, fault.Text)
	}
	// Output:
	// 5 <nil>
	// 50 8.27 Rhein <nil>
	// 4 unknown city Atlantis
}

func ExampleClient_Multicall() {
	url, stop := newExample()
	defer stop()
	client, err := xmlrpc.NewClient(url)
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	results, err := client.Multicall(context.Background(),
		xmlrpc.Call{Method: "add", Params: []any{2, 3}},
		xmlrpc.Call{Method: "where", Params: []any{"Atlantis"}},
	)
	if err != nil {
		log.Fatal(err) // not one call was made
	}
	for _, r := range results {
		fmt.Println(r.Value, r.Err)
	}
	// Output:
	// 5 <nil>
	// <nil> unknown city Atlantis (fault 4)
}

func ExampleNewClient_unixSocket() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	socket := filepath.Join(dir, "calc.sock")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		log.Fatal(err)
	}
	server := new(xmlrpc.Server)
	server.HandleFunc("add", func(x, y int) int { return x + y })
	serving := &http.Server{Handler: server}
	defer serving.Close()
	go serving.Serve(listener)

	client, err := xmlrpc.NewClient("unix://" + socket)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(client.Call(context.Background(), "add", 2, 3))
	// Output: 5 <nil>
}

// A thousand callers ask a server whose method asks another server: one Client
// serves them all, and none waits for another.
func ExampleClient_concurrentChain() {
	url, stop := newExample()
	defer stop()
	behind, err := xmlrpc.NewClient(url)
	if err != nil {
		log.Fatal(err)
	}
	defer behind.Close()

	server := new(xmlrpc.Server)
	server.HandleFunc("next", func(ctx context.Context, n int) (any, error) {
		return behind.Call(ctx, "add", n, 1) // given up when our own caller hangs up
	})
	front := httptest.NewServer(server)
	defer front.Close()
	client, err := xmlrpc.NewClient(front.URL)
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	var right atomic.Int32
	var callers sync.WaitGroup
	for n := range 1000 {
		callers.Go(func() {
			if next, err := client.Call(context.Background(), "next", n); err == nil && next == n+1 {
				right.Add(1)
			}
		})
	}
	callers.Wait()
	fmt.Println(right.Load(), "right answers")
	// Output: 1000 right answers
}

// Serve needs no HTTP: what brings a request here may bring back the answer.
func ExampleServer_Serve() {
	server := new(xmlrpc.Server)
	server.HandleFunc("add", func(x, y int) int { return x + y })

	request, err := xmlrpc.AppendCall(nil, "add", 2, 3)
	if err != nil {
		log.Fatal(err)
	}
	response := server.Serve(context.Background(), request)
	fmt.Println(xmlrpc.DecodeResponse(response))
	// Output: 5 <nil>
}
