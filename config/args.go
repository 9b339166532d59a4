package config

import (
	"fmt"
	"strings"

	"github.com/sirdar-project/sirdar/internal/getopt"
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
	var user string
	t := &target{host: &h, sup: &Supervisord{}, user: &user}
	given, rest, err := getopt.Parse(args, flags(t))
	if len(rest) > 0 {
		return nil, usageError("positional arguments are not supported: %s", pytext.ReprList(rest))
	}
	if err != nil {
		return nil, usageError("%v", err)
	}
	o := &Options{Dir: h.Dir, argv0: argv0}
	for _, g := range given {
		switch g.Long {
		case "help":
			o.Help = true
		case "version":
			o.Version = true
		case "configuration":
			o.ConfigPath, o.hasConfig = g.Value, true
		default:
			if option := optionOfFlag(g.Long); option != nil {
				o.settings = append(o.settings, setting{option, g.Shown, flagValue(option, g.Value)})
			}
		}
	}
	return o, nil
}

// flagValue is what a flag sets its key to.
func flagValue(o *Option, text string) string {
	if o.Arg == "" {
		return "true"
	}
	return text
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

// flags returns supervisord's options; values are checked against t.
func flags(t *target) []getopt.Option {
	list := []getopt.Option{
		{Short: "c", Long: "configuration", Arg: "FILENAME", Doc: "the configuration file; looked for if not given"},
		{Short: "h?", Long: "help", Doc: "print this and end", Ends: true},
		{Short: "v", Long: "version", Doc: "print the version and end", Ends: true},
	}
	for _, o := range optionsIn(InSupervisord) {
		if o.Long == "" {
			continue
		}
		check := func(text string) error { return o.set(t, flagValue(o, text)) }
		list = append(list, getopt.Option{Short: o.Short, Long: o.Long, Arg: o.Arg, Doc: o.Doc, Check: check})
	}
	return append(list, getopt.Option{Long: "profile_options", Arg: "LIST", Doc: "taken and ignored: there is no Python to profile"})
}

// optionOfFlag returns the key over which a flag stands, or nil.
func optionOfFlag(long string) *Option {
	for _, o := range optionsIn(InSupervisord) {
		if o.Long == long && long != "" {
			return o
		}
	}
	return nil
}

// Usage returns the help of supervisord, which was called argv0.
func Usage(argv0 string) string {
	return fmt.Sprintf(`supervisord keeps programs running, as a configuration file says.

Usage: %s [options]

Options:
%s
An option stands over the key of the same name in the [supervisord] section.
`, argv0, getopt.Usage(flags(nil), 36))
}
