// Package ctl is supervisorctl: the command line with which people and scripts
// steer a supervisord, ours or Python's.
//
// One table says everything about the commands (see command.go): the one-shot
// command line, the prompt, the help and the completion all read it. A command
// speaks to the daemon only through [sirdar.Supervisor], so the tests put a fake
// there and the program an [api.Client].
//
// Standard output and exit status are Supervisor's, line by line, because scripts
// read them. Where Supervisor prints a raw Python exception, the line here begins
// with the same "error: " and goes on in plain words. The texts of the help are
// our own.
package ctl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/signal"
	"strings"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/api"
	"github.com/sirdar-project/sirdar/config"
)

// Exit statuses, which Supervisor took from the LSB's rules for init scripts.
const (
	exitOK         = 0
	exitGeneric    = 1
	exitUsage      = 2 // arguments that mean nothing
	exitNoMethods  = 3 // no supervisor namespace on the other side
	exitRefused    = 4 // nobody listens
	exitWrongAPI   = 5
	exitNotRunning = 7
	exitInterrupt  = 130 // what a shell makes of a death by SIGINT

	// status has its own two.
	statusNotRunning = 3
	statusUnknown    = 4
)

// Main is the program supervisorctl: it reads its options and its configuration,
// runs one command or the prompt, and returns the exit status. args[0] is the
// program's name. Ctrl-C is Main's own business: the context must not end with
// it, or the prompt would end with the first tail -f.
func Main(ctx context.Context, args []string, in io.Reader, out, err io.Writer) int {
	host := config.ThisHost()
	host.Plugin = noPlugin
	return program{
		dial:          dial,
		find:          func(argv0 string) string { return config.Find(argv0, host) },
		load:          func(path string) (*config.Ctl, error) { return config.LoadCtl(path, host) },
		interruptible: onInterrupt,
	}.run(ctx, args, in, out, err)
}

// A program is supervisorctl with its ways to the world outside, so that a test
// can put others there.
type program struct {
	dial          dialer
	find          func(argv0 string) (path string) // "" = there is no file
	load          func(path string) (*config.Ctl, error)
	interruptible interruptible
}

// A dialer makes the Supervisor that answers at a URL. It need not open a
// connection.
type dialer func(url, username, password string) (sirdar.Supervisor, error)

// An interruptible derives a context that ends when the user presses Ctrl-C.
type interruptible func(context.Context) (context.Context, context.CancelFunc)

// dial makes the client. Supervisor's speaks to /RPC2 whatever path a URL has.
func dial(address, username, password string) (sirdar.Supervisor, error) {
	if u, err := url.Parse(address); err == nil && strings.HasPrefix(u.Scheme, "http") {
		u.Path, u.RawPath, u.RawQuery, u.Fragment = "", "", "", ""
		address = u.String()
	}
	return api.Dial(address, username, password)
}

func onInterrupt(ctx context.Context) (context.Context, context.CancelFunc) {
	return signal.NotifyContext(ctx, os.Interrupt)
}

// noPlugin answers for every [ctlplugin:x]: there is no Python in here that could
// load it.
func noPlugin(string) error { return errors.New("plug-ins written in Python cannot be loaded") }

func (p program) run(ctx context.Context, args []string, in io.Reader, out, err io.Writer) int {
	opts, wrong := parseOptions(args[1:])
	if wrong == nil && opts.help {
		fmt.Fprint(out, usage(args[0]))
		return exitOK
	}
	var settings *config.Ctl
	if wrong == nil {
		settings, wrong = p.settings(opts, args[0])
	}
	if wrong != nil {
		fmt.Fprintf(err, "Error: %v\nFor help, use %s -h\n", wrong, args[0])
		return exitOfConfig(wrong)
	}

	s := &session{
		settings:      settings,
		interactive:   opts.interactive || len(opts.action) == 0,
		dial:          p.dial,
		interruptible: p.interruptible,
		out:           &shared{to: out},
		err:           &shared{to: err},
	}
	oneShot := len(opts.action) > 0
	s.input = s.openInput(in, isStdTerminal(in, out), !oneShot)
	defer s.input.Close()
	if oneShot {
		s.do(ctx, joinAction(opts.action))
		return s.exit
	}
	s.shell(ctx)
	return exitOK
}

// settings merges the configuration file, if there is one, with the command
// line, which wins.
func (p program) settings(opts options, argv0 string) (*config.Ctl, error) {
	path, given := opts.values["configuration"]
	if !given {
		path = p.find(argv0)
	}
	settings, err := p.load(path)
	if err != nil {
		return nil, err
	}
	for name, setting := range map[string]*string{
		"serverurl":    &settings.ServerURL,
		"username":     &settings.Username,
		"password":     &settings.Password,
		"history_file": &settings.HistoryFile,
	} {
		if value, given := opts.values[name]; given {
			*setting = value
		}
	}
	return settings, nil
}

// exitOfConfig is 2, except where Supervisor dies of a file that is no
// configuration at all.
func exitOfConfig(err error) int {
	var wrong *config.Error
	if errors.As(err, &wrong) && wrong.Syntax {
		return exitGeneric
	}
	return exitUsage
}
