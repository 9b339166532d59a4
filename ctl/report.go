package ctl

import (
	"bytes"
	"context"
	"fmt"

	"github.com/sirdar-project/sirdar"
)

// The commands that report and change nothing.
var reportCommands = []command{
	{
		name: "status", takes: processes, reach: unchecked, run: status,
		help: []topic{
			{"status", "Show every process: its name, its state, and since when or why"},
			{"status <name>", "Show one process"},
			{"status <gname>:*", "Show the processes of a group"},
			{"status <name> <name>", "Show several processes or groups"},
		},
	},
	{
		name: "pid", takes: processes, reach: checked, run: pid,
		help: []topic{
			{"pid", "Print the process id of supervisord"},
			{"pid <name>", "Print the process id of one process, 0 when it does not run"},
			{"pid all", "Print the process id of every process, one on a line, as status orders them"},
		},
	},
	{
		name: "avail", takes: nothing, reach: unchecked, run: avail,
		help: []topic{{"avail", "List every configured process, whether it is in use, and its priorities"}},
	},
	{
		name: "version", takes: nothing, reach: checked, run: version,
		help: []topic{{"version", "Print the version of the supervisord that answers"}},
	},
}

// status has exit statuses of its own: 4 when nobody answers.
func status(ctx context.Context, c *call) error {
	if ok, err := c.upcheck(ctx); err != nil {
		return err
	} else if !ok {
		c.exit = statusUnknown
		return nil
	}

	rows, err := c.node.Info(ctx, sirdar.All)
	if err != nil {
		return err
	}
	if len(c.args) > 0 && !wantsAll(c.args) {
		rows = c.pick(rows)
	}
	for _, row := range rows {
		if row.State.IsStopped() {
			c.exit = statusNotRunning
		}
	}
	return c.write(statusTable(rows))
}

// pick returns the rows that the arguments name, in the arguments' order, and
// says which names nobody has.
func (c *call) pick(rows []sirdar.ProcessInfo) []sirdar.ProcessInfo {
	var picked []sirdar.ProcessInfo
	for _, name := range c.args {
		sel := sirdar.Select(name)
		found := false
		for _, row := range rows {
			if row.Group == sel.Group && (sel.IsGroup() || row.Name == sel.Process) {
				picked = append(picked, row)
				found = true
			}
		}
		switch {
		case found:
			continue
		case sel.IsGroup():
			c.say("%s: ERROR (no such group)", sel.Group)
		default:
			c.say("%s: ERROR (no such process)", name)
		}
		c.exit = statusUnknown
	}
	return picked
}

// statusTable is the text that scripts cut into columns: the name in a column of
// 33, or three more than the longest name if that exceeds 30, then the state in
// 10, then the description.
func statusTable(rows []sirdar.ProcessInfo) []byte {
	width := 30
	for _, row := range rows {
		width = max(width, len([]rune(row.FullName())))
	}
	var b bytes.Buffer
	for _, row := range rows {
		fmt.Fprintf(&b, "%-*s%-10s%s\n", width+3, row.FullName(), row.State, row.Description)
	}
	return b.Bytes()
}

func pid(ctx context.Context, c *call) error {
	if len(c.args) == 0 {
		c.say("%d", c.about.PID)
		return nil
	}
	if wantsAll(c.args) {
		rows, err := c.node.Info(ctx, sirdar.All)
		for _, row := range rows {
			c.say("%d", row.PID)
		}
		return err
	}
	for _, name := range c.args {
		info, err := c.one(ctx, name)
		switch {
		case faultCode(err) == sirdar.BadName:
			c.fail("No such process %s", name)
			continue
		case err != nil:
			return err
		}
		c.say("%d", info.PID)
		if info.PID == 0 {
			c.exit = exitNotRunning
		}
	}
	return nil
}

// one describes a single process. A whole group is no process: it is BAD_NAME.
func (c *call) one(ctx context.Context, name string) (sirdar.ProcessInfo, error) {
	sel := sirdar.Select(name)
	if !sel.IsProcess() {
		return sirdar.ProcessInfo{}, sirdar.NewFault(sirdar.BadName, name)
	}
	rows, err := c.node.Info(ctx, sel)
	if err != nil {
		return sirdar.ProcessInfo{}, err
	}
	if len(rows) != 1 {
		return sirdar.ProcessInfo{}, fmt.Errorf("asked about %s, supervisord described %d processes", name, len(rows))
	}
	return rows[0], nil
}

func avail(ctx context.Context, c *call) error {
	configs, err := c.node.Configs(ctx)
	if faultCode(err) == sirdar.ShutdownState {
		c.fail("ERROR: supervisor shutting down")
		return nil
	}
	for _, conf := range configs {
		use, start := "avail", "manual"
		if conf.InUse {
			use = "in use"
		}
		if conf.Autostart {
			start = "auto"
		}
		c.say("%-32s %-9s %-9s %d:%d", sirdar.FullName(conf.Group, conf.Name), use, start, conf.GroupPriority, conf.Priority)
	}
	return err
}

func version(_ context.Context, c *call) error {
	c.say("%s", c.about.Version)
	return nil
}
