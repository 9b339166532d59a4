package ctl

import (
	"context"
	"strings"
)

// helpWidth is how wide the list of commands may become: the 80 columns of a
// terminal, the last one left free.
const helpWidth = 79

var shellCommands = []command{
	{
		name: "help", takes: commands, hidden: true, run: help,
		help: []topic{
			{"help", "List the commands"},
			{"help <action>", "Tell what one command does"},
		},
	},
	{
		name: "exit", run: leave,
		help: []topic{{"exit", "Leave the prompt"}},
	},
	{
		name: "quit", run: leave,
		help: []topic{{"quit", "Leave the prompt"}},
	},
	{name: "EOF", hidden: true, run: leave}, // what Ctrl-D stands for
}

func leave(_ context.Context, c *call) error {
	c.say("")
	return errLeave
}

func help(_ context.Context, c *call) error {
	if len(c.args) == 0 {
		c.listCommands("default")
		return nil
	}
	topic := strings.Join(c.args, " ")
	cmd, known := lookup(topic)
	if !known || len(cmd.help) == 0 {
		c.say("*** No help on %s", topic)
		return nil
	}
	c.sayHelp(&cmd)
	return nil
}

// listCommands prints the names of the commands under a heading, in columns.
func (c *call) listCommands(owner string) {
	var names []string
	for _, cmd := range table {
		if !cmd.hidden {
			names = append(names, cmd.name)
		}
	}
	heading := owner + " commands (type help <topic>):"
	c.say("")
	c.say("%s", heading)
	c.say("%s", strings.Repeat("=", len(heading)))
	for _, row := range columns(names, helpWidth) {
		c.say("%s", row)
	}
	c.say("")
}

// sayHelp prints a command's topics, tabs between what is typed and what it
// does.
func (s *session) sayHelp(cmd *command) {
	const tab = 8
	width := 0
	for _, t := range cmd.help {
		width = max(width, len(t.syntax))
	}
	stops := width/tab + 1
	for _, t := range cmd.help {
		s.say("%s%s%s", t.syntax, strings.Repeat("\t", stops-len(t.syntax)/tab), t.text)
	}
}

// columns lays out words downwards in as few rows as fit the width, two spaces
// between columns, each column as wide as its longest word: the layout that
// users know from Supervisor.
func columns(words []string, width int) []string {
	rows := 1
	for ; rows < len(words); rows++ {
		if total(columnWidths(words, rows)) <= width {
			break
		}
	}
	widths := columnWidths(words, rows)
	lines := make([]string, rows)
	for i := range lines {
		var cells []string
		for col := range widths {
			if at := col*rows + i; at < len(words) {
				cells = append(cells, words[at])
			} else if col == len(widths)-1 {
				continue // a gap at the end is not padded
			} else {
				cells = append(cells, "")
			}
		}
		for col := range cells {
			cells[col] += strings.Repeat(" ", widths[col]-len(cells[col]))
		}
		lines[i] = strings.Join(cells, "  ")
	}
	return lines
}

func columnWidths(words []string, rows int) []int {
	widths := make([]int, (len(words)+rows-1)/rows)
	for i, word := range words {
		widths[i/rows] = max(widths[i/rows], len(word))
	}
	return widths
}

func total(widths []int) int {
	sum := 2 * (len(widths) - 1)
	for _, w := range widths {
		sum += w
	}
	return sum
}
