// Package pidproxy is the program of that name: it runs a command that puts
// itself into the background or ignores signals, and passes the signals that it
// gets itself on to the process whose number stands in a pidfile.
package pidproxy

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/sirdar-project/sirdar/internal/pytext"
	"github.com/sirdar-project/sirdar/internal/signals"
)

const usage = `
pidproxy -- run a command and pass signals on to the process in a pidfile.

The command is started. From then on each SIGTERM, SIGHUP, SIGINT, SIGQUIT,
SIGUSR1 and SIGUSR2 that arrives here is sent to the process whose number stands
in the pidfile.

Usage: %s <pidfile name> <command> [<cmdarg1> ...]

`

// Main runs pidproxy PIDFILE COMMAND [ARG…]. The command's path is taken from
// the working directory; PATH is not searched.
//
// It returns 1 when it was called wrongly, else 0: when the command has ended,
// whatever its status, or once SIGTERM, SIGINT or SIGQUIT was passed on. Unlike
// Supervisor's it ends as soon as the command does, and not at the next of the
// looks that it takes every five seconds; and a command that cannot be started is
// reported.
func Main(ctx context.Context, args []string, in io.Reader, out, err io.Writer) int {
	if len(args) < 3 {
		name := "pidproxy"
		if len(args) > 0 {
			name = args[0]
		}
		fmt.Fprintf(out, usage, name)
		return 1
	}
	p := &proxy{pidfile: args[1], out: out, err: err}
	return p.run(ctx, args[2:], in)
}

// A proxy stands between its parent and the process of a pidfile.
type proxy struct {
	pidfile  string
	out, err io.Writer
}

// run starts the command and passes signals on until it or they say to end.
func (p *proxy) run(ctx context.Context, command []string, in io.Reader) int {
	heard := make(chan os.Signal, 16)
	signal.Notify(heard, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGINT,
		syscall.SIGQUIT, syscall.SIGUSR1, syscall.SIGUSR2)
	defer signal.Stop(heard)
	signal.Ignore(syscall.SIGPIPE, syscall.SIGXFSZ) // as supervisord's own children have it

	ended, err := p.start(command, in)
	if err != nil {
		fmt.Fprintf(p.err, "pidproxy: cannot start %s: %v\n", command[0], err)
		return 0
	}
	for {
		select {
		case <-ended:
			return 0
		case <-ctx.Done():
			return 0
		case sig := <-heard:
			if exit, over := p.passOn(sig.(syscall.Signal)); over {
				return exit
			}
		}
	}
}

// start starts the command; ended is closed when it has ended.
func (p *proxy) start(command []string, in io.Reader) (ended <-chan struct{}, err error) {
	path, err := filepath.Abs(command[0])
	if err != nil {
		return nil, err
	}
	cmd := &exec.Cmd{Path: path, Args: command, Stdin: in, Stdout: p.out, Stderr: p.err}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	end := make(chan struct{})
	go func() {
		defer close(end)
		_ = cmd.Wait() // how it ended is nobody's business here
	}()
	return end, nil
}

// passOn sends a signal to the process in the pidfile. With over the proxy is to
// end.
func (p *proxy) passOn(sig syscall.Signal) (exit int, over bool) {
	pid, ok := p.target()
	if !ok {
		fmt.Fprintf(p.out, "Can't read child pidfile %s!\n", p.pidfile)
		return 0, false
	}
	last := sig == syscall.SIGTERM || sig == syscall.SIGINT || sig == syscall.SIGQUIT
	if err := syscall.Kill(pid, sig); err != nil {
		fmt.Fprintf(p.err, "pidproxy: cannot send %s to pid %d of %s: %v\n", signals.Name(sig), pid, p.pidfile, err)
		return 1, last
	}
	return 0, last
}

// target reads the pidfile. A number that is no process's is as good as none:
// 0 and below would mean whole groups of processes.
func (p *proxy) target() (pid int, ok bool) {
	data, err := os.ReadFile(p.pidfile)
	if err != nil {
		return 0, false
	}
	n, err := pytext.ParseInt(strings.TrimSpace(string(data)))
	return int(n), err == nil && n > 0
}
