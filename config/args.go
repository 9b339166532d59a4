package config

import (
	"fmt"
	"strings"

	"github.com/sirdar-project/sirdar/internal/pytext"
)

// Options is what supervisord's command line says.
type Options struct {
	Help       bool   // -h: print Usage and end
	Version    bool   // -v: print the version and end
	ConfigPath string // -c; "" = look in the usual places
	Dir        string // the working directory when it was read

	argv0     string
	hasConfig bool
	settings  []setting
}

// A setting is an option of the command line that stands over a key of the file.
type setting struct {
	option *Option
	flag   string // as errors show it
	text   string
}

// usageError makes the error of a wrong command line.
func usageError(format string, args ...any) error {
	return &Error{Text: fmt.Sprintf(format, args...)}
}

// ParseArgs reads supervisord's command line: argv0 is how it was called, args what
// follows. Values are checked on this host. The first of -h and -v ends the
// reading, as in Supervisor. The error is an [*Error].
func ParseArgs(argv0 string, args []string) (*Options, error) {
	return parseArgs(argv0, args, ThisHost())
}

func parseArgs(argv0 string, args []string, h Host) (*Options, error) {
	given, rest, err := getopt(args, flags())
	if err != nil {
		return nil, err
	}
	if len(rest) > 0 {
		return nil, usageError("positional arguments are not supported: %s", pytext.ReprList(rest))
	}
	o := &Options{Dir: h.Dir, argv0: argv0}
	var user string
	t := &target{host: &h, sup: &Supervisord{}, user: &user}
	seen := map[string]bool{}
	for _, g := range given {
		switch g.flag.long {
		case "help":
			o.Help = true
			return o, nil
		case "version":
			o.Version = true
			return o, nil
		}
		if g.flag.option != nil {
			if err := g.flag.option.set(t, g.text); err != nil {
				return nil, usageError("invalid value for %s %s: %v", g.shown, pytext.Repr(g.text), err)
			}
			o.settings = append(o.settings, setting{g.flag.option, g.shown, g.text})
		}
		if g.flag.long == "configuration" {
			o.ConfigPath, o.hasConfig = g.text, true
		}
		if seen[g.flag.long] {
			return nil, usageError("conflicting command line option %s", pytext.Repr(g.shown))
		}
		seen[g.flag.long] = true
	}
	return o, nil
}

// find returns the path of the configuration file, as it was given.
func (o *Options) find(h *Host) (string, error) {
	if o.hasConfig || o.ConfigPath != "" {
		return o.ConfigPath, nil
	}
	if path := Find(o.argv0, *h); path != "" {
		return path, nil
	}
	return "", usageError("No config file found at default paths (%s); use the -c option to specify a config file at a different path", strings.Join(searchPaths(o.argv0), ", "))
}

// Find returns the first of the usual places of a configuration file where there is
// something, or "": for supervisord and supervisorctl, which was called argv0.
func Find(argv0 string, h Host) string {
	for _, path := range searchPaths(argv0) {
		if h.exists(h.abs(path)) {
			return path
		}
	}
	return ""
}

// searchPaths returns the usual places of a configuration file: beside the
// directory that the program is in, then here, then in /etc.
func searchPaths(argv0 string) []string {
	bin, _ := pytext.SplitPath(argv0)
	home, _ := pytext.SplitPath(bin)
	return []string{
		pytext.JoinPath(home, "etc/supervisord.conf"),
		pytext.JoinPath(home, "supervisord.conf"),
		"supervisord.conf",
		"etc/supervisord.conf",
		"/etc/supervisord.conf",
		"/etc/supervisor/supervisord.conf",
	}
}

// A flag is an option of the command line.
type flag struct {
	short  string // one letter, or ""
	long   string
	arg    string // the name of its argument, "" = it takes none
	doc    string
	option *Option // the key that it stands over; nil = none
}

// flags returns supervisord's options.
func flags() []flag {
	list := []flag{
		{short: "c", long: "configuration", arg: "FILENAME", doc: "the configuration file; looked for if not given"},
		{short: "h", long: "help", doc: "print this and end"},
		{short: "v", long: "version", doc: "print the version and end"},
	}
	for _, o := range optionsIn(InSupervisord) {
		if o.Long != "" {
			list = append(list, flag{o.Short, o.Long, o.Arg, o.Doc, o})
		}
	}
	return append(list, flag{long: "profile_options", arg: "LIST", doc: "taken and ignored: there is no Python to profile"})
}

// A given is an option as it was given.
type given struct {
	flag  *flag
	shown string // its name as errors show it: -n, --nodaemon
	text  string // its argument; of one that takes none, what it sets its key to
}

// getopt reads options the way Python's getopt module does: short ones may stand
// together, long ones may be cut short as long as they are the only one that begins
// so, and the first word that is no option ends them.
func getopt(args []string, flags []flag) (list []given, rest []string, err error) {
	for len(args) > 0 && strings.HasPrefix(args[0], "-") && args[0] != "-" {
		word := args[0]
		args = args[1:]
		if word == "--" {
			break
		}
		if long, ok := strings.CutPrefix(word, "--"); ok {
			var g given
			if g, args, err = longOption(long, args, flags); err != nil {
				return nil, nil, err
			}
			list = append(list, g)
			continue
		}
		for cluster := word[1:]; cluster != ""; {
			var g given
			if g, cluster, args, err = shortOption(cluster, args, flags); err != nil {
				return nil, nil, err
			}
			list = append(list, g)
		}
	}
	return list, args, nil
}

// longOption reads a long option, whose argument follows an equals sign or is the
// next word.
func longOption(text string, args []string, flags []flag) (given, []string, error) {
	name, value, attached := strings.Cut(text, "=")
	f, err := matchLong(name, flags)
	if err != nil {
		return given{}, nil, err
	}
	g := given{flag: f, shown: "--" + f.long, text: "true"}
	switch {
	case f.arg == "" && attached:
		return given{}, nil, usageError("option --%s must not have an argument", f.long)
	case f.arg == "":
	case attached:
		g.text = value
	case len(args) == 0:
		return given{}, nil, usageError("option --%s requires argument", f.long)
	default:
		g.text, args = args[0], args[1:]
	}
	return g, args, nil
}

// matchLong finds the option of that name, or the only one that begins so.
func matchLong(name string, flags []flag) (*flag, error) {
	var found *flag
	matches := 0
	for i := range flags {
		switch {
		case flags[i].long == name:
			return &flags[i], nil
		case strings.HasPrefix(flags[i].long, name):
			found = &flags[i]
			matches++
		}
	}
	switch matches {
	case 0:
		return nil, usageError("option --%s not recognized", name)
	case 1:
		return found, nil
	}
	return nil, usageError("option --%s not a unique prefix", name)
}

// shortOption reads the first letter of a cluster. The argument of an option is the
// rest of the cluster or the next word.
func shortOption(cluster string, args []string, flags []flag) (g given, rest string, left []string, err error) {
	letter := string([]rune(cluster)[:1])
	rest = cluster[len(letter):]
	f := matchShort(letter, flags)
	if f == nil {
		return given{}, "", nil, usageError("option -%s not recognized", letter)
	}
	g = given{flag: f, shown: "-" + letter, text: "true"}
	switch {
	case f.arg == "":
		return g, rest, args, nil
	case rest != "":
		g.text = rest
		return g, "", args, nil
	case len(args) == 0:
		return given{}, "", nil, usageError("option -%s requires argument", letter)
	}
	g.text = args[0]
	return g, "", args[1:], nil
}

// matchShort finds the option of that letter. A question mark asks for help, too.
func matchShort(letter string, flags []flag) *flag {
	if letter == "?" {
		letter = "h"
	}
	for i := range flags {
		if flags[i].short == letter {
			return &flags[i]
		}
	}
	return nil
}

// Usage returns the help of supervisord, which was called argv0.
func Usage(argv0 string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "supervisord keeps programs running, as a configuration file says.\n\nUsage: %s [options]\n\nOptions:\n", argv0)
	for _, f := range flags() {
		names := "--" + f.long
		if f.short != "" {
			names = "-" + f.short + ", " + names
		}
		if f.arg != "" {
			names += " " + f.arg
		}
		fmt.Fprintf(&b, "  %-36s %s\n", names, f.doc)
	}
	b.WriteString("\nAn option stands over the key of the same name in the [supervisord] section.\n")
	return b.String()
}
