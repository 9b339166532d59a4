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
	"fmt"
	"io"
	"os"
	"os/signal"

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
	return program{
		dial: func(url, username, password string) (sirdar.Supervisor, error) {
			return api.Dial(url, username, password)
		},
		find: findConfig,
		load: func(path string) (config.Ctl, error) {
			return config.Ctl{}, fmt.Errorf("reading %s is not built yet: give -s instead", path)
		},
		interruptible: onInterrupt,
	}.run(ctx, args, in, out, err)
}

// A program is supervisorctl with its ways to the world outside, so that a test
// can put others there.
type program struct {
	dial          dialer
	find          func(argv0 string) string
	load          func(path string) (config.Ctl, error)
	interruptible interruptible
}

// A dialer makes the Supervisor that answers at a URL. It need not open a
// connection.
type dialer func(url, username, password string) (sirdar.Supervisor, error)

// An interruptible derives a context that ends when the user presses Ctrl-C.
type interruptible func(context.Context) (context.Context, context.CancelFunc)

func onInterrupt(ctx context.Context) (context.Context, context.CancelFunc) {
	return signal.NotifyContext(ctx, os.Interrupt)
}

func (p program) run(ctx context.Context, args []string, in io.Reader, out, err io.Writer) int {
	opts, wrong := parseOptions(args[1:])
	if wrong == nil && opts.help {
		fmt.Fprint(out, usage(args[0]))
		return exitOK
	}

	var settings config.Ctl
	if wrong == nil {
		settings, wrong = p.settings(opts, args[0])
	}
	if wrong != nil {
		fmt.Fprintf(err, "Error: %v\nFor help, use %s -h\n", wrong, args[0])
		return exitUsage
	}

	s := &session{
		settings:      settings,
		interactive:   opts.interactive || len(opts.action) == 0,
		dial:          p.dial,
		interruptible: p.interruptible,
		out:           out,
		err:           err,
	}
	if len(opts.action) > 0 {
		s.input = newPlainInput(in, out, err)
		s.do(ctx, joinAction(opts.action))
		return s.exit
	}
	s.input = newInput(in, out, err, s)
	defer s.input.Close()
	s.shell(ctx)
	return exitOK
}

// settings merges the configuration file, if there is one, with the command
// line, which wins. No file at all is no error: supervisorctl then knocks at the
// default address.
func (p program) settings(opts options, argv0 string) (config.Ctl, error) {
	settings := config.Ctl{ServerURL: defaultURL, Prompt: defaultPrompt}
	path := opts.value("configuration", p.find(argv0))
	if path != "" {
		var err error
		if settings, err = p.load(path); err != nil {
			return config.Ctl{}, err
		}
		if err := refusePlugins(settings.Plugins); err != nil {
			return config.Ctl{}, err
		}
	}
	settings.ServerURL = opts.value("serverurl", settings.ServerURL)
	settings.Username = opts.value("username", settings.Username)
	settings.Password = opts.value("password", settings.Password)
	settings.HistoryFile = opts.value("history_file", settings.HistoryFile)
	return settings, nil
}

// refusePlugins says of a [ctlplugin:x] what Supervisor says of one that it
// cannot import: a Python class cannot be loaded into this program.
func refusePlugins(plugins []config.Interface) error {
	for _, p := range plugins {
		return fmt.Errorf("%s cannot be resolved within [ctlplugin:%s]", p.Factory, p.Name)
	}
	return nil
}
