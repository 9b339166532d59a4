package xmlrpc

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// Linux lets only so many clients wait at a unix socket; others are told to come
// again.
func TestAUnixSocketWithManyAtTheDoorIsTriedAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	file := os.NewFile(uintptr(fd), path)
	defer file.Close()
	if err := errors.Join(syscall.Bind(fd, &syscall.SockaddrUnix{Name: path}), syscall.Listen(fd, 0)); err != nil {
		t.Fatal(err)
	}
	for err == nil {
		var conn net.Conn
		if conn, err = net.Dial("unix", path); err == nil {
			defer conn.Close()
		}
	}
	if !errors.Is(err, syscall.EAGAIN) {
		t.Fatalf("one too many is told %v", err)
	}

	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if _, err := dialUnix(ctx, path); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("while nobody is let in: %v", err)
	}

	listener, err := net.FileListener(file)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			conn.Close()
		}
	}()
	conn, err := dialUnix(context.Background(), path)
	if err != nil {
		t.Fatalf("after others were let in: %v", err)
	}
	conn.Close()
}
