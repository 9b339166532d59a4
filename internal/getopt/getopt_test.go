package getopt

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

var table = []Option{
	{Short: "h?", Long: "help", Ends: true},
	{Short: "n", Long: "nodaemon"},
	{Short: "k", Long: "nocleanup"},
	{Short: "e", Long: "loglevel", Arg: "LEVEL", Check: func(v string) error {
		if v == "bad" {
			return errors.New("bad logging level name 'bad'")
		}
		return nil
	}},
	{Long: "logfile", Arg: "FILE"},
	{Short: "r", Long: "history_file", Also: "history-file", Arg: "FILE"},
}

// What Supervisor's programs themselves make of such lines is compared in package
// config, with Python beside it.
func TestParse(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"", " |"},
		{"-n", " -n |"},
		{"-nk", " -n -k |"},
		{"-ne debug", " -n -e=debug |"},
		{"-nedebug x -k", " -n -e=debug | x -k"},
		{"--nod", " --nodaemon |"},
		{"--no", "option --no not a unique prefix"},
		{"--log", "option --log not a unique prefix"},
		{"--loglevel=a=b", " --loglevel=a=b |"},
		{"--loglevel info rest", " --loglevel=info | rest"},
		{"--loglevel", "option --loglevel requires argument"},
		{"-e", "option -e requires argument"},
		{"--nodaemon=1", "option --nodaemon must not have an argument"},
		{"--foo", "option --foo not recognized"},
		{"-x", "option -x not recognized"},
		{"-n -n", "conflicting command line option '-n'"},
		{"-n --nodaemon", "conflicting command line option '--nodaemon'"},
		{"-e bad", "invalid value for -e 'bad': bad logging level name 'bad'"},
		{"-? -n -n", " -? |"},
		{"-n -- -k", " -n | -k"},
		{"- -n", " | - -n"},
		{"--history x", " --history_file=x |"},
		{"--history-file x", " --history-file=x |"},
	} {
		given, rest, err := Parse(strings.Fields(c.line), table)
		var b strings.Builder
		for _, g := range given {
			fmt.Fprintf(&b, " %s", g.Shown)
			if g.Arg != "" {
				fmt.Fprintf(&b, "=%s", g.Value)
			}
		}
		got := strings.TrimRight(b.String()+" | "+strings.Join(rest, " "), " ")
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%q: %q, want %q", c.line, got, c.want)
		}
	}
}
