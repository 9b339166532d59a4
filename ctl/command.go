package ctl

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sirdar-project/sirdar"
)

// A command is one row of the table: everything that the one-shot command line,
// the prompt, the help and the completion know of it.
type command struct {
	name   string
	help   []topic
	takes  kind
	reach  reach
	hidden bool // not in the list that help prints
	run    func(context.Context, *call) error
}

// A topic is one line of a command's help: how to type it, and what that does.
type topic struct{ syntax, text string }

// A kind says what a command's arguments are names of. Completion offers those.
type kind int

const (
	anything  kind = iota // words that cannot be guessed
	nothing               // no argument is accepted
	commands              // names of commands
	groups                // names of groups
	processes             // names of processes, and group:*
)

// reach says how far a command goes.
type reach int

const (
	offline   reach = iota // it does not speak to the daemon
	unchecked              // it speaks, and sees for itself whether anybody answers
	checked                // the daemon must answer first, with our version of the API
)

// A call is one command being run.
type call struct {
	*session
	command *command
	args    []string
	node    sirdar.Supervisor // nil when the command is offline
	about   sirdar.About      // who answered, when the command is checked
}

// table holds all commands, ordered by name. It is filled at the start, because
// help, which is in the table, reads it.
var table []command

func init() {
	table = slices.Concat(shellCommands, reportCommands, controlCommands, foregroundCommands,
		logCommands, groupCommands, daemonCommands)
	slices.SortFunc(table, func(a, b command) int { return strings.Compare(a.name, b.name) })
}

// lookup finds a command by its whole name.
func lookup(name string) (command, bool) {
	i := slices.IndexFunc(table, func(c command) bool { return c.name == name })
	if i < 0 {
		return command{}, false
	}
	return table[i], true
}

// wrongUse is said of arguments that a command cannot do anything with: the error
// line, the command's help, and the exit status.
func (c *call) wrongUse(exit int, format string, args ...any) error {
	c.say(format, args...)
	c.sayHelp(c.command)
	c.exit = exit
	return nil
}

// fail says what is wrong and leaves the generic exit status.
func (c *call) fail(format string, args ...any) {
	c.say(format, args...)
	c.exit = exitGeneric
}

// refuseArguments answers a command that takes none and was given some.
func (c *call) refuseArguments() error {
	return c.wrongUse(exitGeneric, "Error: %s accepts no arguments", c.command.name)
}

// wantsAll says whether the user wants everything.
func wantsAll(names []string) bool { return slices.Contains(names, "all") }

// parse splits a line into the command's name and the rest. The name ends where
// letters, digits and underscores end, so "status;pid" is the command status with
// the argument ";pid"; a question mark is help. A line that has no name is
// answered with name "".
func parse(line string) (name, rest string) {
	if after, ok := strings.CutPrefix(line, "?"); ok {
		line = "help " + after
	}
	end := strings.IndexFunc(line, func(r rune) bool { return !isNameRune(r) })
	if end < 0 {
		return line, ""
	}
	return line[:end], strings.TrimSpace(line[end:])
}

func isNameRune(r rune) bool {
	return r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
}

// joinAction makes one line of the words of the command line. Each command splits
// it again at white space: Ansible passes "signal HUP" as one word.
func joinAction(words []string) string { return strings.Join(words, " ") }

// write puts text on standard output as it is.
func (s *session) write(text []byte) error {
	_, err := s.out.Write(text)
	return err
}

// say puts one line on standard output.
func (s *session) say(format string, args ...any) {
	fmt.Fprintf(s.out, format+"\n", args...)
}
