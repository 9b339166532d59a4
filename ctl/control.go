package ctl

import (
	"context"
	"errors"
	"fmt"

	"github.com/sirdar-project/sirdar"
)

// The commands that do one thing to the processes that are named.
var controlCommands = []command{
	{
		name: "start", takes: processes, reach: checked, run: start,
		help: []topic{
			{"start <name>", "Start a process and wait until it runs"},
			{"start <gname>:*", "Start the processes of a group"},
			{"start <name> <name>", "Start several processes or groups, one after another"},
			{"start all", "Start every process"},
		},
	},
	{
		name: "stop", takes: processes, reach: checked, run: stop,
		help: []topic{
			{"stop <name>", "Stop a process and wait until it is gone"},
			{"stop <gname>:*", "Stop the processes of a group"},
			{"stop <name> <name>", "Stop several processes or groups, one after another"},
			{"stop all", "Stop every process"},
		},
	},
	{
		name: "restart", takes: processes, reach: checked, run: restart,
		help: []topic{
			{"restart <name>", "Stop a process, then start it"},
			{"restart <gname>:*", "Stop the processes of a group, then start them"},
			{"restart <name> <name>", "Stop several processes or groups, then start them"},
			{"restart all", "Stop every process, then start every process"},
			{"", "The configuration is not read again: reread and update do that"},
		},
	},
	{
		name: "signal", takes: processes, reach: checked, run: signalThem,
		help: []topic{
			{"signal <signal name> <name>", "Send a signal, such as HUP or 15, to a process"},
			{"signal <signal name> <gname>:*", "Send it to the processes of a group"},
			{"signal <signal name> <name> <name>", "Send it to several processes or groups"},
			{"signal <signal name> all", "Send it to every process"},
		},
	},
	{
		name: "clear", takes: processes, reach: checked, run: clearLogs,
		help: []topic{
			{"clear <name>", "Empty the log files of a process"},
			{"clear <name> <name>", "Empty the log files of several processes"},
			{"clear all", "Empty the log files of every process"},
		},
	},
}

// A deed is something that can be done to one process, to a group or to all, and
// how its outcome is told.
type deed struct {
	do      func(context.Context, sirdar.Supervisor, sirdar.Selector) ([]sirdar.Result, error)
	done    string                      // "started"
	faults  map[sirdar.FaultCode]string // what stands in ERROR (…)
	ignored sirdar.FaultCode            // told, and no failure
	noGroup int                         // exit status for a group that nobody has
	single  bool                        // it cannot be done to a group
}

// ownWords stands for a fault that is told by its text alone.
const ownWords = ""

var starting = deed{
	do: func(ctx context.Context, node sirdar.Supervisor, sel sirdar.Selector) ([]sirdar.Result, error) {
		return node.Start(ctx, sel, true)
	},
	done: "started",
	faults: map[sirdar.FaultCode]string{
		sirdar.BadName:             "no such process",
		sirdar.NoFile:              "no such file",
		sirdar.NotExecutable:       "file is not executable",
		sirdar.AlreadyStarted:      "already started",
		sirdar.SpawnError:          "spawn error",
		sirdar.AbnormalTermination: "abnormal termination",
	},
	ignored: sirdar.AlreadyStarted,
	noGroup: exitUsage,
}

var stopping = deed{
	do: func(ctx context.Context, node sirdar.Supervisor, sel sirdar.Selector) ([]sirdar.Result, error) {
		return node.Stop(ctx, sel, true)
	},
	done:    "stopped",
	faults:  signalFaults,
	ignored: sirdar.NotRunning,
	noGroup: exitGeneric,
}

func signalling(name string) deed {
	return deed{
		do: func(ctx context.Context, node sirdar.Supervisor, sel sirdar.Selector) ([]sirdar.Result, error) {
			return node.Signal(ctx, sel, name)
		},
		done:    "signalled",
		faults:  signalFaults,
		ignored: sirdar.Success,
		noGroup: exitGeneric,
	}
}

var signalFaults = map[sirdar.FaultCode]string{
	sirdar.BadName:    "no such process",
	sirdar.BadSignal:  "bad signal name",
	sirdar.NotRunning: "not running",
	sirdar.Failed:     ownWords,
}

var clearing = deed{
	do: func(ctx context.Context, node sirdar.Supervisor, sel sirdar.Selector) ([]sirdar.Result, error) {
		return node.ClearLogs(ctx, sel)
	},
	done: "cleared",
	faults: map[sirdar.FaultCode]string{
		sirdar.BadName: "no such process",
		sirdar.Failed:  "failed",
	},
	ignored: sirdar.Success,
	single:  true,
}

func start(ctx context.Context, c *call) error {
	if len(c.args) == 0 {
		return c.wrongUse(exitUsage, "Error: start requires a process name")
	}
	return c.each(ctx, starting, c.args)
}

func stop(ctx context.Context, c *call) error {
	if len(c.args) == 0 {
		return c.wrongUse(exitGeneric, "Error: stop requires a process name")
	}
	return c.each(ctx, stopping, c.args)
}

// restart is the whole of stop, whatever becomes of it, and then the whole of
// start: a name that nobody has is told twice. An error that is more than a
// process's own trouble ends both.
func restart(ctx context.Context, c *call) error {
	if len(c.args) == 0 {
		return c.wrongUse(exitGeneric, "Error: restart requires a process name")
	}
	if err := c.each(ctx, stopping, c.args); err != nil {
		return err
	}
	return c.each(ctx, starting, c.args)
}

func signalThem(ctx context.Context, c *call) error {
	if len(c.args) < 2 {
		return c.wrongUse(exitGeneric, "Error: signal requires a signal name and a process name")
	}
	return c.each(ctx, signalling(c.args[0]), c.args[1:])
}

func clearLogs(ctx context.Context, c *call) error {
	if len(c.args) == 0 {
		return c.wrongUse(exitGeneric, "Error: clear requires a process name")
	}
	return c.each(ctx, clearing, c.args)
}

// each does a deed to everything that is named, one name after another, and tells
// the outcome of each process.
func (c *call) each(ctx context.Context, d deed, names []string) error {
	if wantsAll(names) {
		results, err := d.do(ctx, c.node, sirdar.All)
		if err != nil {
			return err
		}
		return c.tell(d, results)
	}
	for _, name := range names {
		if err := c.doTo(ctx, d, sirdar.Select(name)); err != nil {
			return err
		}
	}
	return nil
}

func (c *call) doTo(ctx context.Context, d deed, sel sirdar.Selector) error {
	if sel.IsGroup() && d.single {
		// Supervisor takes the missing process's name for None.
		c.fail("%s:None: ERROR (no such process)", sel.Group)
		return nil
	}

	results, err := d.do(ctx, c.node, sel)
	var fault *sirdar.Fault
	switch {
	case err != nil && !errors.As(err, &fault):
		return err
	case sel.IsProcess():
		results = []sirdar.Result{{Name: sel.Process, Group: sel.Group, Fault: fault}}
	case faultCode(err) == sirdar.BadName:
		c.say("%s: ERROR (no such group)", sel.Group)
		c.exit = d.noGroup
		return nil
	case err != nil:
		return err
	}
	return c.tell(d, results)
}

// tell prints a line for each result and keeps the exit status that goes with it.
func (c *call) tell(d deed, results []sirdar.Result) error {
	for _, r := range results {
		name := sirdar.FullName(r.Group, r.Name)
		if r.Fault == nil {
			c.say("%s: %s", name, d.done)
			continue
		}
		words, known := d.faults[r.Fault.Code]
		switch {
		case !known:
			return fmt.Errorf("%s: %w", name, r.Fault)
		case words == ownWords:
			c.say("%s", r.Fault.Text)
		default:
			c.say("%s: ERROR (%s)", name, words)
		}
		if r.Fault.Code != d.ignored {
			c.exit = exitOf(r.Fault.Code)
		}
	}
	return nil
}

// exitOf is the exit status of a process's failure: 7 where the process is dead,
// 1 otherwise.
func exitOf(code sirdar.FaultCode) int {
	switch code {
	case sirdar.SpawnError, sirdar.AbnormalTermination, sirdar.NotRunning:
		return exitNotRunning
	}
	return exitGeneric
}
