package ctl

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/sirdar-project/sirdar"
)

// The commands that bring what runs in line with the configuration.
var groupCommands = []command{
	{
		name: "reread", takes: nothing, reach: unchecked, run: reread,
		help: []topic{{"reread", "Read the configuration again and say what differs; nothing is started or stopped"}},
	},
	{
		name: "update", takes: groups, reach: unchecked, run: update,
		help: []topic{
			{"update", "Read the configuration again and bring all groups in line: add, remove, restart what changed"},
			{"update all", "The same"},
			{"update <gname> [...]", "Bring only these groups in line"},
		},
	},
	{
		name: "add", takes: groups, reach: unchecked, run: add,
		help: []topic{{"add <name> [...]", "Activate groups that the configuration has and that are not active"}},
	},
	{
		name: "remove", takes: groups, reach: unchecked, run: remove,
		help: []topic{{"remove <name> [...]", "Deactivate groups whose processes are all stopped"}},
	},
}

func reread(ctx context.Context, c *call) error {
	changes, err := c.node.Reread(ctx)
	switch faultCode(err) {
	case sirdar.ShutdownState:
		c.fail("ERROR: supervisor shutting down")
		return nil
	case sirdar.CantReread:
		c.fail("ERROR: %v", err)
		return nil
	}
	if err != nil {
		return err
	}

	what := map[string]string{}
	for _, name := range changes.Added {
		what[name] = "available"
	}
	for _, name := range changes.Changed {
		what[name] = "changed"
	}
	for _, name := range changes.Removed {
		what[name] = "disappeared"
	}
	if len(what) == 0 {
		c.say("No config updates to processes")
	}
	for _, name := range slices.Sorted(maps.Keys(what)) {
		c.say("%s: %s", name, what[name])
	}
	return nil
}

// update goes on past a name that nobody has and past a group that will not
// stop. Any other trouble ends it where it stands.
func update(ctx context.Context, c *call) error {
	changes, err := c.node.Reread(ctx)
	if faultCode(err) == sirdar.ShutdownState {
		c.fail("ERROR: already shutting down")
		return nil
	}
	if err != nil {
		return err
	}

	wanted := func(string) bool { return true }
	if len(c.args) > 0 && !wantsAll(c.args) {
		wanted = func(group string) bool { return slices.Contains(c.args, group) }
		if err := c.findGroups(ctx, changes.Added); err != nil {
			return err
		}
	}

	for _, group := range changes.Removed {
		if wanted(group) {
			if err := c.takeAway(ctx, group); err != nil {
				return err
			}
		}
	}
	for _, group := range changes.Changed {
		if wanted(group) {
			if err := c.replace(ctx, group); err != nil {
				return err
			}
		}
	}
	for _, group := range changes.Added {
		if wanted(group) {
			if err := c.node.AddGroup(ctx, group); err != nil {
				return fmt.Errorf("%s: %w", group, err)
			}
			c.say("%s: added process group", group)
		}
	}
	return nil
}

// findGroups says which of the arguments name no group, neither an active one nor
// one that the configuration has just brought.
func (c *call) findGroups(ctx context.Context, added []string) error {
	rows, err := c.node.Info(ctx, sirdar.All)
	if err != nil {
		return err
	}
	known := append(groupNames(rows), added...)
	var told []string
	for _, group := range c.args {
		if !slices.Contains(known, group) && !slices.Contains(told, group) {
			c.fail("ERROR: no such group: %s", group)
			told = append(told, group)
		}
	}
	return nil
}

// takeAway stops and removes a group, unless one of its processes refuses to
// stop.
func (c *call) takeAway(ctx context.Context, group string) error {
	results, err := c.node.Stop(ctx, sirdar.OfGroup(group), true)
	if err != nil {
		return fmt.Errorf("%s: %w", group, err)
	}
	c.say("%s: stopped", group)
	if slices.ContainsFunc(results, refused) {
		c.fail("%s: has problems; not removing", group)
		return nil
	}
	if err := c.node.RemoveGroup(ctx, group); err != nil {
		return fmt.Errorf("%s: %w", group, err)
	}
	c.say("%s: removed process group", group)
	return nil
}

func refused(r sirdar.Result) bool { return r.Fault != nil && r.Fault.Code == sirdar.Failed }

// replace stops a group and makes it anew from the configuration.
func (c *call) replace(ctx context.Context, group string) error {
	if _, err := c.node.Stop(ctx, sirdar.OfGroup(group), true); err != nil {
		return fmt.Errorf("%s: %w", group, err)
	}
	c.say("%s: stopped", group)
	if err := c.node.RemoveGroup(ctx, group); err != nil {
		return fmt.Errorf("%s: %w", group, err)
	}
	if err := c.node.AddGroup(ctx, group); err != nil {
		return fmt.Errorf("%s: %w", group, err)
	}
	c.say("%s: updated process group", group)
	return nil
}

func add(ctx context.Context, c *call) error {
	for _, name := range c.args {
		err := c.node.AddGroup(ctx, name)
		switch faultCode(err) {
		case sirdar.ShutdownState:
			c.fail("ERROR: shutting down")
			continue
		case sirdar.AlreadyAdded:
			c.say("ERROR: process group already active") // and no failure
			continue
		case sirdar.BadName:
			c.fail("ERROR: no such process/group: %s", name)
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		c.say("%s: added process group", name)
	}
	return nil
}

func remove(ctx context.Context, c *call) error {
	for _, name := range c.args {
		err := c.node.RemoveGroup(ctx, name)
		switch faultCode(err) {
		case sirdar.StillRunning:
			c.fail("ERROR: process/group still running: %s", name)
			continue
		case sirdar.BadName:
			c.fail("ERROR: no such process/group: %s", name)
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		c.say("%s: removed process group", name)
	}
	return nil
}
