package ctl

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/sirdar-project/sirdar"
)

// completionPatience is how long the Tab key may wait for the daemon.
const completionPatience = 3 * time.Second

// completeAt is what the line editor asks when Tab is pressed: the line is kept
// before and after the word under the cursor. The position counts runes.
func (s *session) completeAt(line string, pos int) (head string, words []string, tail string) {
	runes := []rune(line)
	before := string(runes[:pos])
	start := strings.LastIndexAny(before, " \t") + 1
	return before[:start], s.complete(before), string(runes[pos:])
}

// complete returns what the last word of a line can become, each with a space
// behind it.
func (s *session) complete(line string) []string {
	words := strings.Fields(line)
	if len(words) == 0 || line[len(line)-1] == ' ' {
		words = append(words, "")
	}
	last := words[len(words)-1]

	var offers []string
	if len(words) == 1 {
		offers = commandNames()
	} else if cmd, known := lookup(words[0]); known {
		switch cmd.takes {
		case commands:
			offers = commandNames()
		case groups:
			offers = groupNames(s.live())
		case processes:
			offers = processNames(s.live(), strings.Contains(last, ":"))
		}
	}

	var fitting []string
	for _, offer := range offers {
		if strings.HasPrefix(offer, last) {
			fitting = append(fitting, offer+" ")
		}
	}
	return fitting
}

// live asks the daemon for its processes, once until the next command. When it
// does not answer there is nothing to offer and nothing is said: the user is in the
// middle of a line.
func (s *session) live() []sirdar.ProcessInfo {
	if s.rows != nil {
		return s.rows
	}
	ctx, stop := context.WithTimeout(context.Background(), completionPatience)
	defer stop()
	c := &call{session: s}
	if c.connect() != nil {
		return nil
	}
	s.rows, _ = c.node.Info(ctx, sirdar.All)
	return s.rows
}

func commandNames() []string {
	var names []string
	for _, cmd := range table {
		if !cmd.hidden || cmd.name == "help" {
			names = append(names, cmd.name)
		}
	}
	return names
}

func groupNames(rows []sirdar.ProcessInfo) []string {
	var names []string
	for _, row := range rows {
		if !slices.Contains(names, row.Group) {
			names = append(names, row.Group)
		}
	}
	return names
}

// processNames offers the short names, and for the processes of a larger group
// also the whole group. Once the user has typed a colon even a process that is
// alone in its group is offered by its long name.
func processNames(rows []sirdar.ProcessInfo, long bool) []string {
	var names []string
	for _, row := range rows {
		if !long && row.Name == row.Group {
			names = append(names, row.Name)
			continue
		}
		names = append(names, row.Group+":"+row.Name)
		if whole := row.Group + ":*"; !slices.Contains(names, whole) {
			names = append(names, whole)
		}
	}
	return names
}
