// Package getopt reads a command line the way Python's getopt module does, with
// what Supervisor's programs add to it: values are checked, and no option is given
// twice. The texts of its errors are theirs.
package getopt

import (
	"fmt"
	"strings"

	"github.com/sirdar-project/sirdar/internal/pytext"
)

// An Option is one row of a program's table of options.
type Option struct {
	Short string             // letters, each of which means it; without the dash
	Long  string             // without the dashes
	Also  string             // another spelling of Long, "" = none
	Arg   string             // what stands for its argument in the usage; "" = it takes none
	Doc   string             // one line for the usage
	Ends  bool               // what comes after it does not count: help, version
	Check func(string) error // of its argument; nil accepts everything
}

// A Given is an option as it stood on the command line.
type Given struct {
	*Option
	Shown string // as errors show it: "-c", or "--configuration" with the prefix completed
	Value string // its argument
}

// Parse reads args, without the program's name. Short options may stand together
// and carry their argument along, long ones may be cut to a prefix that only they
// have, and the first word that is no option ends them. The whole line is split
// before any option counts; the first that Ends is the last that is returned. The
// rest comes with the error of a value as well: a program that takes no words may
// want to say so first.
func Parse(args []string, table []Option) (given []Given, rest []string, err error) {
	all, rest, err := split(args, table)
	if err != nil {
		return nil, nil, err
	}
	seen := map[*Option]bool{}
	for _, g := range all {
		given = append(given, g)
		if g.Ends {
			break
		}
		if g.Check != nil {
			if err := g.Check(g.Value); err != nil {
				return nil, rest, fmt.Errorf("invalid value for %s %s: %w", g.Shown, pytext.Repr(g.Value), err)
			}
		}
		if seen[g.Option] {
			return nil, rest, fmt.Errorf("conflicting command line option %s", pytext.Repr(g.Shown))
		}
		seen[g.Option] = true
	}
	return given, rest, nil
}

// Usage returns the lines that describe the options, with the left column so wide.
func Usage(table []Option, width int) string {
	var b strings.Builder
	for _, o := range table {
		var names []string
		for _, letter := range o.Short {
			names = append(names, "-"+string(letter))
		}
		for _, long := range []string{o.Long, o.Also} {
			if long != "" {
				names = append(names, "--"+long)
			}
		}
		left := strings.TrimSpace(strings.Join(names, ", ") + " " + o.Arg)
		fmt.Fprintf(&b, "  %-*s %s\n", width, left, o.Doc)
	}
	return b.String()
}

// split reads the options without looking at what they mean.
func split(args []string, table []Option) (all []Given, rest []string, err error) {
	for len(args) > 0 && strings.HasPrefix(args[0], "-") && args[0] != "-" {
		word := args[0]
		args = args[1:]
		if word == "--" {
			break
		}
		var g Given
		if text, ok := strings.CutPrefix(word, "--"); ok {
			if g, args, err = long(text, args, table); err != nil {
				return nil, nil, err
			}
			all = append(all, g)
			continue
		}
		for cluster := word[1:]; cluster != ""; {
			if g, cluster, args, err = short(cluster, args, table); err != nil {
				return nil, nil, err
			}
			all = append(all, g)
		}
	}
	return all, args, nil
}

// long reads a long option, whose argument follows an equals sign or is the next
// word.
func long(text string, args []string, table []Option) (Given, []string, error) {
	name, value, attached := strings.Cut(text, "=")
	o, full, err := match(name, table)
	if err != nil {
		return Given{}, nil, err
	}
	g := Given{Option: o, Shown: "--" + full, Value: value}
	switch {
	case o.Arg == "" && attached:
		return Given{}, nil, fmt.Errorf("option %s must not have an argument", g.Shown)
	case o.Arg == "" || attached:
	case len(args) == 0:
		return Given{}, nil, fmt.Errorf("option %s requires argument", g.Shown)
	default:
		g.Value, args = args[0], args[1:]
	}
	return g, args, nil
}

// match finds the option of that name, or the only one of which it is a beginning,
// and returns its name in full. Two spellings of one option do not make their
// common beginning ambiguous.
func match(name string, table []Option) (found *Option, full string, err error) {
	matches := 0
	for i := range table {
		o := &table[i]
		for _, spelling := range []string{o.Long, o.Also} {
			if spelling == "" || !strings.HasPrefix(spelling, name) {
				continue
			}
			if spelling == name {
				return o, name, nil
			}
			if o != found {
				matches++
				found, full = o, spelling
			}
		}
	}
	switch matches {
	case 0:
		return nil, "", fmt.Errorf("option --%s not recognized", name)
	case 1:
		return found, full, nil
	}
	return nil, "", fmt.Errorf("option --%s not a unique prefix", name)
}

// short reads the first letter of a cluster. The argument of an option is the rest
// of the cluster or the next word.
func short(cluster string, args []string, table []Option) (g Given, rest string, left []string, err error) {
	letter := string([]rune(cluster)[:1])
	rest = cluster[len(letter):]
	for i := range table {
		if strings.Contains(table[i].Short, letter) {
			g = Given{Option: &table[i], Shown: "-" + letter}
		}
	}
	switch {
	case g.Option == nil:
		return Given{}, "", nil, fmt.Errorf("option -%s not recognized", letter)
	case g.Arg == "":
		return g, rest, args, nil
	case rest != "":
		g.Value = rest
		return g, "", args, nil
	case len(args) == 0:
		return Given{}, "", nil, fmt.Errorf("option -%s requires argument", letter)
	}
	g.Value = args[0]
	return g, "", args[1:], nil
}
