package ctl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strings"
	"unicode"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/api"
	"github.com/sirdar-project/sirdar/internal/pytext"
)

// defaultTail is how many bytes of a log are shown when nobody says.
const defaultTail = 1600

// howToLeave stands above whatever goes on until Ctrl-C.
const howToLeave = "==> Press Ctrl-C to exit <=="

// The commands that show logs.
var logCommands = []command{
	{
		name: "tail", takes: processes, reach: checked, run: tail,
		help: []topic{
			{"tail <name>", "Show the last 1600 bytes of what a process wrote on its standard output"},
			{"tail <name> stderr", "Show the end of its standard error"},
			{"tail -100 <name>", "Show the last 100 bytes"},
			{"tail -f <name>", "Show the end and go on showing what is written, until Ctrl-C"},
		},
	},
	{
		name: "maintail", reach: checked, run: mainTail,
		help: []topic{
			{"maintail", "Show the last 1600 bytes of supervisord's own log"},
			{"maintail -100", "Show the last 100 bytes"},
			{"maintail -f", "Show the end and go on showing what is written, until Ctrl-C"},
		},
	},
}

func tail(ctx context.Context, c *call) error {
	args := c.args
	switch {
	case len(args) < 1:
		return c.wrongUse(exitGeneric, "Error: too few arguments")
	case len(args) > 3:
		return c.wrongUse(exitGeneric, "Error: too many arguments")
	}

	modifier := ""
	if strings.HasPrefix(args[0], "-") {
		modifier, args = args[0], args[1:]
	}
	if len(args) == 0 {
		c.fail("Error: tail requires process name")
		return nil
	}
	name, stream := args[0], sirdar.Stdout
	if len(args) > 1 {
		// Of three words without an option the second is passed over, as in Supervisor.
		channel := strings.ToLower(args[len(args)-1])
		switch channel {
		case sirdar.Stdout.String():
		case sirdar.Stderr.String():
			stream = sirdar.Stderr
		default:
			c.fail("Error: bad channel %s", pytext.Repr(channel))
			return nil
		}
	}
	sel := sirdar.Select(name)

	if modifier == "-f" {
		return c.follow(ctx, logPath(name, stream), func(ctx context.Context, emit func([]byte) error) error {
			return c.node.FollowLog(ctx, sel, stream, emit)
		})
	}
	size, ok := c.tailSize(modifier)
	if !ok {
		return nil
	}
	text, err := c.node.ReadLog(ctx, sel, stream, -size, 0)
	return c.showLog(name, text, err)
}

func mainTail(ctx context.Context, c *call) error {
	if len(c.args) > 1 {
		return c.wrongUse(exitGeneric, "Error: too many arguments")
	}
	modifier := ""
	if len(c.args) == 1 {
		if modifier = c.args[0]; !strings.HasPrefix(modifier, "-") {
			c.fail("Error: bad argument %s", modifier)
			return nil
		}
	}

	if modifier == "-f" {
		return c.follow(ctx, "/mainlogtail", c.node.FollowMainLog)
	}
	size, ok := c.tailSize(modifier)
	if !ok {
		return nil
	}
	text, err := c.node.ReadMainLog(ctx, -size, 0)
	return c.showLog("supervisord", text, err)
}

// tailSize reads "-100"; without an option it is the default. XML-RPC has no
// integers beyond 32 bits: whoever wants more gets that much.
func (c *call) tailSize(modifier string) (size int64, ok bool) {
	if modifier == "" {
		return defaultTail, true
	}
	size, err := pytext.ParseInt(modifier[1:])
	if err != nil {
		c.fail("Error: bad argument %s", modifier)
		return 0, false
	}
	return min(max(size, -math.MaxInt32), math.MaxInt32), true
}

// showLog prints a piece of a log and a line end, or says why there is none.
func (c *call) showLog(name string, text []byte, err error) error {
	words := map[sirdar.FaultCode]string{
		sirdar.NoFile:  "no log file",
		sirdar.Failed:  "unknown error reading log",
		sirdar.BadName: "no such process name",
	}
	if said, known := words[faultCode(err)]; known {
		c.fail("%s: ERROR (%s)", name, said)
		return nil
	}
	if err != nil {
		return err
	}
	return c.write(append(text, '\n'))
}

// follow shows a log until Ctrl-C. What goes wrong is told on standard error and
// is no failure of the command, as in Supervisor.
func (c *call) follow(ctx context.Context, path string, follow func(context.Context, func([]byte) error) error) error {
	c.say(howToLeave)
	err := follow(ctx, c.write)
	if ctx.Err() != nil {
		c.say("")
		return nil
	}
	c.complain(path, err)
	return nil
}

// complain says on standard error why a log cannot be followed. That the other
// side ended the stream needs no words.
func (c *call) complain(path string, err error) {
	if err == nil || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return
	}
	url := c.settings.ServerURL + path
	if status := httpStatus(err); status != 0 {
		fmt.Fprintf(c.err, "%s Cannot read, status code %d\n", url, status)
		return
	}
	fmt.Fprintf(c.err, "%s Cannot connect, error: %v\n", url, err)
}

// httpStatus is the status with which the server refuses to show a log. A log
// that is not there may come as the fault that says so.
func httpStatus(err error) int {
	var status *api.StatusError
	if errors.As(err, &status) {
		return status.Code
	}
	switch faultCode(err) {
	case sirdar.NoFile, sirdar.BadName:
		return http.StatusNotFound
	}
	return 0
}

// logPath is the place where the server shows a process's log.
func logPath(name string, stream sirdar.Stream) string {
	return fmt.Sprintf("/logtail/%s/%s", strings.TrimFunc(name, unicode.IsSpace), stream)
}
