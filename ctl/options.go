package ctl

import (
	"fmt"
	"net/url"

	"github.com/sirdar-project/sirdar/internal/getopt"
	"github.com/sirdar-project/sirdar/internal/pytext"
)

var optionTable = []getopt.Option{
	{Short: "c", Long: "configuration", Arg: "FILE", Doc: "read this file and look for no other"},
	{Short: "h?", Long: "help", Doc: "print this text and exit", Ends: true},
	{Short: "i", Long: "interactive", Doc: "ask before shutdown and reload, ask for a missing password"},
	{Short: "s", Long: "serverurl", Arg: "URL", Doc: "where supervisord listens: http://host:port or unix:///path", Check: checkURL},
	{Short: "u", Long: "username", Arg: "NAME", Doc: "the user name that the server wants"},
	{Short: "p", Long: "password", Arg: "PASSWORD", Doc: "the password that goes with it"},
	// Supervisor's documentation spells the last one with a dash, and its program
	// refuses that.
	{Short: "r", Long: "history_file", Also: "history-file", Arg: "FILE", Doc: "keep the lines typed at the prompt in this file"},
}

// options is a command line that has been read.
type options struct {
	help        bool
	interactive bool
	values      map[string]string // by long name
	action      []string          // the command and its arguments
}

// parseOptions reads a command line without the program's name.
func parseOptions(args []string) (options, error) {
	given, action, err := getopt.Parse(args, optionTable)
	if err != nil {
		return options{}, err
	}
	o := options{values: map[string]string{}, action: action}
	for _, g := range given {
		o.values[g.Long] = g.Value
	}
	_, o.help = o.values["help"]
	_, o.interactive = o.values["interactive"]
	return o, nil
}

// checkURL accepts what has a scheme and something behind it. Whether anybody
// speaks that scheme is found out at the first call, as in Supervisor.
func checkURL(value string) error {
	u, err := url.Parse(value)
	if err != nil || u.Scheme == "" || u.Host == "" && u.Path == "" && u.Opaque == "" {
		return fmt.Errorf("value %s is not a URL", pytext.Repr(value))
	}
	return nil
}

// usage is the answer to -h.
func usage(argv0 string) string {
	return fmt.Sprintf(`supervisorctl -- steer the programs that supervisord runs

Usage: %s [options] [action [arguments]]

Options:
%s
Options stand before the action. The action is a command such as "status" or
"restart web"; "help" lists them all. Without an action a prompt is opened that
reads commands until "exit".

Without -c the section [supervisorctl] is read from the first supervisord.conf
that exists beside the program's directory, here, or in /etc. There need not be
one.
`, argv0, getopt.Usage(optionTable, 28))
}
