package ctl

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/sirdar-project/sirdar"
)

// The command that puts a process in the foreground.
var foregroundCommands = []command{
	{
		name: "fg", takes: processes, reach: checked, run: foreground,
		help: []topic{{"fg <process>", "See what a process writes and type what it reads, until Ctrl-C"}},
	},
}

func foreground(ctx context.Context, c *call) error {
	switch {
	case len(c.args) == 0:
		return c.wrongUse(exitGeneric, "ERROR: no process name supplied")
	case len(c.args) > 1:
		c.fail("ERROR: too many process names supplied")
		return nil
	}
	name := c.args[0]
	info, err := c.one(ctx, name)
	switch {
	case faultCode(err) == sirdar.BadName:
		c.fail("ERROR: bad process name supplied")
		return nil
	case err != nil:
		return err
	case info.State != sirdar.Running:
		c.fail("ERROR: process not running")
		return nil
	}

	c.say(howToLeave)
	stopShowing := c.show(ctx, name)
	last, err := c.feed(ctx, name)
	stopShowing()
	for _, line := range last {
		c.say("%s", line)
	}
	return err
}

// show prints both outputs of a process until the function that it returns is
// called. That function waits until nothing more is printed.
func (c *call) show(ctx context.Context, name string) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var showing sync.WaitGroup
	for _, stream := range []sirdar.Stream{sirdar.Stdout, sirdar.Stderr} {
		showing.Go(func() {
			err := c.node.FollowLog(ctx, sirdar.Select(name), stream, c.write)
			if ctx.Err() == nil {
				c.complain(logPath(name, stream), err)
			}
		})
	}
	return func() {
		cancel()
		showing.Wait()
	}
}

// feed passes lines to a process's standard input until there are no more, Ctrl-C
// is pressed, or the process turns out to run no longer, and returns what is to
// be said of the end. That a process has died is noticed with the next line.
func (c *call) feed(ctx context.Context, name string) (last []string, err error) {
	const left, killed = "Exiting foreground", "Process got killed"
	for {
		line, err := c.input.Line(ctx, "")
		if errors.Is(err, io.EOF) || errors.Is(err, errInterrupted) {
			return []string{left}, nil
		}
		if err != nil {
			return []string{left}, err
		}

		err = c.node.SendStdin(ctx, sirdar.Select(name), line+"\n")
		switch {
		case ctx.Err() != nil:
			return []string{left}, nil
		case faultCode(err) == sirdar.NotRunning:
			return []string{killed, left}, nil
		case faultCode(err) != 0:
			return []string{"ERROR: " + err.Error(), left}, nil
		case err != nil:
			return nil, err
		}

		info, err := c.one(ctx, name)
		switch {
		case ctx.Err() != nil:
			return []string{left}, nil
		case err != nil:
			return nil, err
		case info.State != sirdar.Running:
			return []string{killed, left}, nil
		}
	}
}
