package ctl

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/sirdar-project/sirdar/internal/pytext"
)

// An option is one row of the table of command-line options.
type option struct {
	short string // one letter, without the dash
	long  string // without the dashes; "" if there is none
	value string // what stands for its value in the usage; "" if it takes none
	doc   string
	check func(string) error // nil accepts everything
}

var optionTable = []option{
	{short: "c", long: "configuration", value: "FILE", doc: "read this file and look for no other"},
	{short: "h", long: "help", doc: "print this text and exit"},
	{short: "?", doc: "the same"},
	{short: "i", long: "interactive", doc: "ask before shutdown and reload, ask for a missing password"},
	{short: "s", long: "serverurl", value: "URL", doc: "where supervisord listens: http://host:port or unix:///path", check: checkURL},
	{short: "u", long: "username", value: "NAME", doc: "the user name that the server wants"},
	{short: "p", long: "password", value: "PASSWORD", doc: "the password that goes with it"},
	{short: "r", long: "history_file", value: "FILE", doc: "keep the lines typed at the prompt in this file"},
	// Supervisor's documentation spells it so and its program refuses it.
	{long: "history-file", value: "FILE", doc: "the same"},
}

// options is a command line that has been read.
type options struct {
	help        bool
	interactive bool
	values      map[string]string // by long name
	action      []string          // the command and its arguments
}

// parseOptions reads a command line without the program's name as the classic
// getopt does: short options may be clustered and carry their value along, long
// ones may be cut to a prefix that only they have, and the first word that is no
// option ends them. The whole line is split before any option counts.
func parseOptions(args []string) (options, error) {
	given, action, err := split(args)
	if err != nil {
		return options{}, err
	}

	o := options{values: map[string]string{}, action: action}
	for _, g := range given {
		name := g.name()
		if name == "help" {
			o.help = true
			return o, nil
		}
		if g.check != nil {
			if err := g.check(g.arg); err != nil {
				return options{}, fmt.Errorf("invalid value for %s %s: %w", g.typed, pytext.Repr(g.arg), err)
			}
		}
		if _, twice := o.values[name]; twice {
			return options{}, fmt.Errorf("conflicting command line option %s", pytext.Repr(g.typed))
		}
		o.values[name] = g.arg
	}
	_, o.interactive = o.values["interactive"]
	return o, nil
}

// A given is an option as it stood on the command line.
type given struct {
	option
	typed string // "-c" or "--configuration", the prefix completed
	arg   string
}

// name is what the option is called, whatever way it was spelled.
func (g *given) name() string {
	if g.short == "?" {
		return "help"
	}
	return strings.ReplaceAll(g.long, "-", "_")
}

func split(args []string) (all []given, rest []string, err error) {
	for len(args) > 0 {
		word := args[0]
		switch {
		case word == "--":
			return all, args[1:], nil
		case strings.HasPrefix(word, "--"):
			var g given
			if g, args, err = splitLong(word[2:], args[1:]); err != nil {
				return nil, nil, err
			}
			all = append(all, g)
		case strings.HasPrefix(word, "-") && word != "-":
			var cluster []given
			if cluster, args, err = splitShort(word[1:], args[1:]); err != nil {
				return nil, nil, err
			}
			all = append(all, cluster...)
		default:
			return all, args, nil
		}
	}
	return all, nil, nil
}

func splitLong(word string, rest []string) (given, []string, error) {
	name, arg, hasArg := strings.Cut(word, "=")
	opt, err := longOption(name)
	if err != nil {
		return given{}, nil, err
	}
	typed := "--" + opt.long
	switch {
	case opt.value == "" && hasArg:
		return given{}, nil, fmt.Errorf("option %s must not have an argument", typed)
	case opt.value != "" && !hasArg:
		if len(rest) == 0 {
			return given{}, nil, fmt.Errorf("option %s requires argument", typed)
		}
		arg, rest = rest[0], rest[1:]
	}
	return given{opt, typed, arg}, rest, nil
}

// longOption finds the option whose name this is, or of whose name alone it is a
// beginning.
func longOption(name string) (option, error) {
	var found []option
	for _, o := range optionTable {
		if o.long == name && name != "" {
			return o, nil
		}
		if o.long != "" && strings.HasPrefix(o.long, name) {
			found = append(found, o)
		}
	}
	if len(found) == 0 {
		return option{}, fmt.Errorf("option --%s not recognized", name)
	}
	// Two spellings of one option do not make its prefix ambiguous.
	first := given{option: found[0]}
	for _, o := range found[1:] {
		if other := (given{option: o}); other.name() != first.name() {
			return option{}, fmt.Errorf("option --%s not a unique prefix", name)
		}
	}
	return found[0], nil
}

func splitShort(letters string, rest []string) ([]given, []string, error) {
	var all []given
	for letters != "" {
		letter := letters[:1]
		letters = letters[1:]
		opt, ok := shortOption(letter)
		if !ok {
			return nil, nil, fmt.Errorf("option -%s not recognized", letter)
		}
		g := given{option: opt, typed: "-" + letter}
		if opt.value != "" {
			switch {
			case letters != "":
				g.arg, letters = letters, ""
			case len(rest) > 0:
				g.arg, rest = rest[0], rest[1:]
			default:
				return nil, nil, fmt.Errorf("option -%s requires argument", letter)
			}
		}
		all = append(all, g)
	}
	return all, rest, nil
}

func shortOption(letter string) (option, bool) {
	for _, o := range optionTable {
		if o.short == letter {
			return o, true
		}
	}
	return option{}, false
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
	var b strings.Builder
	fmt.Fprintf(&b, `supervisorctl -- steer the programs that supervisord runs

Usage: %s [options] [action [arguments]]

Options:
`, argv0)
	for _, o := range optionTable {
		fmt.Fprintf(&b, "  %-28s %s\n", o.spelling(), o.doc)
	}
	b.WriteString(`
Options stand before the action. The action is a command such as "status" or
"restart web"; "help" lists them all. Without an action a prompt is opened that
reads commands until "exit".

Without -c the section [supervisorctl] is read from the first supervisord.conf
that exists beside the program's directory, here, or in /etc. There need not be
one.
`)
	return b.String()
}

// spelling is the left column of the usage: "-c, --configuration FILE".
func (o *option) spelling() string {
	var forms []string
	if o.short != "" {
		forms = append(forms, "-"+o.short)
	}
	if o.long != "" {
		forms = append(forms, "--"+o.long)
	}
	return strings.TrimSpace(strings.Join(forms, ", ") + " " + o.value)
}
