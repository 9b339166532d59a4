package ctl

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"syscall"

	"github.com/sirdar-project/sirdar"
)

// The commands about the daemon itself.
var daemonCommands = []command{
	{
		name: "shutdown", takes: nothing, reach: unchecked, run: shutdown,
		help: []topic{{"shutdown", "Stop all processes and supervisord itself"}},
	},
	{
		name: "reload", takes: nothing, reach: unchecked, run: reload,
		help: []topic{{"reload", "Stop all processes and let supervisord begin anew with the configuration as it is then"}},
	},
	{
		name: "open", run: open,
		help: []topic{{"open <url>", "Speak to another supervisord: http://host:port or unix:///path/of/the/socket"}},
	},
}

func shutdown(ctx context.Context, c *call) error {
	if yes, err := c.confirm(ctx, "Really shut the remote supervisord process down y/N? "); !yes {
		return err
	}
	err := c.node.Shutdown(ctx)
	switch {
	case faultCode(err) == sirdar.ShutdownState:
		c.say("ERROR: already shutting down") // which is what was wanted
		return nil
	case errors.Is(err, syscall.ECONNREFUSED):
		c.fail("ERROR: %s refused connection (already shut down?)", c.settings.ServerURL)
		return nil
	case errors.Is(err, syscall.ENOENT):
		c.fail("ERROR: %s no such file (already shut down?)", c.settings.ServerURL)
		return nil
	case err != nil:
		return err
	}
	c.say("Shut down")
	return nil
}

func reload(ctx context.Context, c *call) error {
	if yes, err := c.confirm(ctx, "Really restart the remote supervisord process y/N? "); !yes {
		return err
	}
	err := c.node.Restart(ctx)
	switch {
	case faultCode(err) == sirdar.ShutdownState:
		c.fail("ERROR: already shutting down")
		return nil
	case err != nil:
		return err
	}
	c.say("Restarted supervisord")
	return nil
}

// open turns to another daemon and shows its status, whose exit status does not
// count.
func open(ctx context.Context, c *call) error {
	address := strings.Join(c.args, " ")
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "unix" && u.Scheme != "http" {
		c.fail("ERROR: url must be http:// or unix://")
		return nil
	}
	c.settings.ServerURL = address
	c.dialled = nil
	if err := c.connect(); err != nil {
		return err
	}
	before := c.exit
	c.args = nil
	err = status(ctx, c)
	c.exit = before
	return err
}
