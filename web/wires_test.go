package web_test

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/api"
	"github.com/sirdar-project/sirdar/rpc"
	"github.com/sirdar-project/sirdar/supervisortest"
	"github.com/sirdar-project/sirdar/web"
)

// options makes the options of a server for a Supervisor.
func options(sup sirdar.Supervisor) web.Options {
	return web.Options{
		Supervisor: sup,
		RPC:        rpc.New(nil, rpc.Namespace{Name: "supervisor", Table: api.Table(sup)}),
	}
}

// listen serves on a free address of a network, "tcp" or "unix", until the test
// ends, and returns the address.
func listen(t *testing.T, network string, o web.Options) string {
	t.Helper()
	address := "127.0.0.1:0"
	if network == "unix" {
		address = filepath.Join(t.TempDir(), "s.sock")
	}
	l, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	server := web.NewServer(o)
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			t.Errorf("shutdown: %v", err)
		}
		if err := <-ended; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return l.Addr().String()
}

// dial makes a client of a URL.
func dial(t *testing.T, url, username, password string) *api.Client {
	t.Helper()
	c, err := api.Dial(url, username, password)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestTCPPassesTheSuite(t *testing.T) {
	supervisortest.Test(t, func(t *testing.T) sirdar.Supervisor {
		o := options(supervisortest.NewFake())
		o.Username, o.Password = "user", "pa:ss wörd"
		return dial(t, "http://"+listen(t, "tcp", o), "user", "pa:ss wörd")
	})
}

func TestUnixSocketPassesTheSuite(t *testing.T) {
	supervisortest.Test(t, func(t *testing.T) sirdar.Supervisor {
		return dial(t, "unix://"+listen(t, "unix", options(supervisortest.NewFake())), "", "")
	})
}

func TestClientErrorsTellWhyTheNodeWasNotAsked(t *testing.T) {
	ctx := context.Background()
	o := options(supervisortest.NewFake())
	o.Username, o.Password = "user", "secret"
	address := listen(t, "tcp", o)

	var status *api.StatusError
	_, err := dial(t, "http://"+address, "user", "wrong").About(ctx)
	if !errors.As(err, &status) || status.Code != http.StatusUnauthorized {
		t.Errorf("a wrong password: %v", err)
	}
	_, err = dial(t, "http://user:secret@"+address, "", "").About(ctx)
	if err != nil {
		t.Errorf("credentials in the URL: %v", err)
	}
	err = dial(t, "http://"+address, "user", "secret").FollowLog(ctx, sirdar.Select("nobody"), sirdar.Stdout, func([]byte) error { return nil })
	if !errors.As(err, &status) || status.Code != http.StatusNotFound {
		t.Errorf("following nobody's log: %v", err)
	}
	_, err = dial(t, "http://"+address+"/elsewhere", "user", "secret").About(ctx)
	if !errors.As(err, &status) || status.Code != http.StatusBadRequest {
		t.Errorf("a path that is not /RPC2: %v", err)
	}

	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if _, err := dial(t, "http://"+l.Addr().String(), "", "").About(ctx); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("nobody listens: %v", err)
	}
	missing := filepath.Join(t.TempDir(), "none.sock")
	if _, err := dial(t, "unix://"+missing, "", "").About(ctx); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no socket file: %v", err)
	}
	if _, err := api.Dial("ftp://x", "", ""); err == nil {
		t.Error("an ftp URL is accepted")
	}
}
