package api

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/rpc"
)

// MainInterface is the name under which configuration files ask for the methods of
// this package, in [rpcinterface:supervisor].
const MainInterface = "supervisor.rpcinterface:make_main_rpcinterface"

func init() {
	rpc.Register(MainInterface, func(sup sirdar.Supervisor, options map[string]string) (rpc.Table, error) {
		if len(options) > 0 {
			keys := slices.Sorted(maps.Keys(options))
			return nil, fmt.Errorf("%s takes no keys, but its section (or [DEFAULT]) has %s", MainInterface, strings.Join(keys, ", "))
		}
		return Table(sup), nil
	})
}

// Table returns the methods that ask a Supervisor: supervisor.* of the stock
// daemon, with its older names.
func Table(sup sirdar.Supervisor) rpc.Table {
	n := node{sup}
	var t rpc.Table
	t = append(t, n.status()...)
	t = append(t, n.processes()...)
	t = append(t, n.groups()...)
	t = append(t, n.logs()...)
	return append(t, n.messages()...)
}

// A node is the Supervisor that the methods ask.
type node struct{ sup sirdar.Supervisor }

type function = func(ctx context.Context, args []any) (any, error)

// sig writes a signature: the type of the result, then those of the parameters.
func sig(types ...string) []string { return types }

// alias repeats the last method of a table under an older name.
func alias(t rpc.Table, names ...string) rpc.Table {
	m := t[len(t)-1]
	for _, name := range names {
		m.Name = name
		t = append(t, m)
	}
	return t
}

// status has the methods about the daemon itself.
func (n node) status() rpc.Table {
	t := rpc.Table{{
		Name:      "getAPIVersion",
		Help:      "Returns the version of this API, which is not that of the program.\n\n@return string version  the version",
		Signature: sig("string"),
		Func:      n.about(func(a sirdar.About) any { return a.APIVersion }),
	}}
	t = alias(t, "getVersion")
	return append(t, rpc.Table{
		{
			Name:      "getSupervisorVersion",
			Help:      "Returns the release of Supervisor whose behaviour this daemon has.\n\n@return string version  the version",
			Signature: sig("string"),
			Func:      n.about(func(a sirdar.About) any { return a.Version }),
		},
		{
			Name:      "getIdentification",
			Help:      "Returns the identifier that the configuration gives to this daemon.\n\n@return string identifier  the identifier",
			Signature: sig("string"),
			Func:      n.about(func(a sirdar.About) any { return a.Identifier }),
		},
		{
			Name: "getState",
			Help: "Returns what the daemon is doing. While it is shutting down or restarting the answer is the fault\n" +
				"SHUTDOWN_STATE.\n\n@return struct state  statecode, an int, and statename",
			Signature: sig("struct"),
			Func:      n.about(func(a sirdar.About) any { return mood(a.Mood) }),
		},
		{
			Name:      "getPID",
			Help:      "Returns the process id of the daemon.\n\n@return int pid  the process id",
			Signature: sig("int"),
			Func:      n.about(func(a sirdar.About) any { return a.PID }),
		},
		{
			Name:      "shutdown",
			Help:      "Begins to stop all processes and then the daemon; the answer does not wait for the end.\n\n@return boolean result  always true",
			Access:    rpc.Admin,
			Signature: sig("boolean"),
			Func:      done(func(ctx context.Context) error { return n.sup.Shutdown(ctx) }),
		},
		{
			Name: "restart",
			Help: "Begins to stop all processes, to read the configuration again and to start anew; the answer does not\n" +
				"wait for the end.\n\n@return boolean result  always true",
			Access:    rpc.Admin,
			Signature: sig("boolean"),
			Func:      done(func(ctx context.Context) error { return n.sup.Restart(ctx) }),
		},
	}...)
}

// about makes a method that tells one thing of the daemon.
func (n node) about(pick func(sirdar.About) any) function {
	return func(ctx context.Context, _ []any) (any, error) {
		a, err := n.sup.About(ctx)
		if err != nil {
			return nil, err
		}
		return pick(a), nil
	}
}

// done makes a method that answers true when something has been done.
func done(do func(ctx context.Context) error) function {
	return func(ctx context.Context, _ []any) (any, error) { return succeeded(do(ctx)) }
}

// succeeded is the answer true, unless there was an error.
func succeeded(err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return true, nil
}

// processes has the methods about processes.
func (n node) processes() rpc.Table {
	t := rpc.Table{
		{
			Name:      "getProcessInfo",
			Help:      "Describes one process.\n\n@param string name  \"name\" or \"group:name\"\n@return struct info  what is known of it",
			Signature: sig("struct", "string"),
			Func:      n.getProcessInfo,
		},
		{
			Name:      "getAllProcessInfo",
			Help:      "Describes every process, in the order of groups and names.\n\n@return array infos  one struct for each process",
			Signature: sig("array"),
			Func: func(ctx context.Context, _ []any) (any, error) {
				infos, err := n.sup.Info(ctx, sirdar.All)
				return infoList(infos), err
			},
		},
		{
			Name: "getAllConfigInfo",
			Help: "Tells what the configuration that was read last says of every process, in the order of their names.\n\n" +
				"@return array configs  one struct for each process",
			Signature: sig("array"),
			Func: func(ctx context.Context, _ []any) (any, error) {
				configs, err := n.sup.Configs(ctx)
				return configList(configs), err
			},
		},
	}
	for _, v := range []struct {
		verb, does, doing string
		act               func(ctx context.Context, sel sirdar.Selector, wait bool) ([]sirdar.Result, error)
	}{
		{"start", "Starts", "RUNNING or has failed", n.sup.Start},
		{"stop", "Stops", "stopped", n.sup.Stop},
	} {
		wait := "@param boolean wait  answer only when everything is " + v.doing + "; true if left out\n"
		t = append(t, rpc.Table{
			{
				Name: v.verb + "Process",
				Help: v.does + " one process, or with a name like \"group:*\" a whole group, as " + v.verb + "ProcessGroup does.\n\n" +
					"@param string name  \"name\" or \"group:name\"\n" + wait + "@return boolean result  always true",
				Access:    rpc.Control,
				Signature: sig("boolean", "string", "boolean"),
				Optional:  1,
				Func: func(ctx context.Context, args []any) (any, error) {
					sel, err := n.selector(ctx, args[0])
					if err != nil {
						return nil, err
					}
					results, err := v.act(ctx, sel, waits(args[1:]))
					return outcome(sel, results, err)
				},
			},
			{
				Name: v.verb + "ProcessGroup",
				Help: v.does + " all processes of a group.\n\n@param string name  the group\n" + wait +
					"@return array results  a struct for each process that it applied to",
				Access:    rpc.Control,
				Signature: sig("array", "string", "boolean"),
				Optional:  1,
				Func: func(ctx context.Context, args []any) (any, error) {
					group, err := n.group(ctx, args[0])
					if err != nil {
						return nil, err
					}
					results, err := v.act(ctx, group, waits(args[1:]))
					return resultList(results), err
				},
			},
			{
				Name:      v.verb + "AllProcesses",
				Help:      v.does + " all processes.\n\n" + wait + "@return array results  a struct for each process that it applied to",
				Access:    rpc.Control,
				Signature: sig("array", "boolean"),
				Optional:  1,
				Func: func(ctx context.Context, args []any) (any, error) {
					results, err := v.act(ctx, sirdar.All, waits(args))
					return resultList(results), err
				},
			},
		}...)
	}
	return append(t, n.signals()...)
}

// signals has the methods that send signals.
func (n node) signals() rpc.Table {
	const signal = "@param string signal  a name such as \"HUP\" or \"SIGHUP\", or a number\n"
	return rpc.Table{
		{
			Name: "signalProcess",
			Help: "Sends a signal to one process, or with a name like \"group:*\" to a whole group.\n\n" +
				"@param string name  \"name\" or \"group:name\"\n" + signal + "@return boolean result  always true",
			Access:    rpc.Control,
			Signature: sig("boolean", "string", "string"),
			Func: func(ctx context.Context, args []any) (any, error) {
				sel, err := n.selector(ctx, args[0])
				if err != nil {
					return nil, err
				}
				return n.signal(ctx, sel, args[1])
			},
		},
		{
			Name: "signalProcessGroup",
			Help: "Sends a signal to all processes of a group.\n\n@param string name  the group\n" + signal +
				"@return array results  a struct for each process that it was sent to",
			Access:    rpc.Control,
			Signature: sig("array", "string", "string"),
			Func: func(ctx context.Context, args []any) (any, error) {
				group, err := n.group(ctx, args[0])
				if err != nil {
					return nil, err
				}
				return n.signal(ctx, group, args[1])
			},
		},
		{
			Name: "signalAllProcesses",
			Help: "Sends a signal to all processes.\n\n" + signal +
				"@return array results  a struct for each process that it was sent to",
			Access:    rpc.Control,
			Signature: sig("array", "string"),
			Func: func(ctx context.Context, args []any) (any, error) {
				return n.signal(ctx, sirdar.All, args[0])
			},
		},
	}
}

func (n node) signal(ctx context.Context, sel sirdar.Selector, value any) (any, error) {
	signal, ok := signalText(value)
	results, err := n.sup.Signal(ctx, sel, signal)
	switch {
	case !ok && (len(results) > 0 || errors.Is(err, noSignal)):
		return nil, rpc.NoAttribute(value, "strip") // somebody would have got it
	case signal == "" && errors.Is(err, noSignal):
		return nil, emptySignal
	case signal == "":
		for i := range results {
			if results[i].Fault != nil && results[i].Fault.Is(noSignal) {
				results[i].Fault = emptySignal
			}
		}
	}
	return outcome(sel, results, err)
}

// A fault about a signal quotes it, even if it is empty.
var (
	noSignal    = &sirdar.Fault{Code: sirdar.BadSignal}
	emptySignal = &sirdar.Fault{Code: sirdar.BadSignal, Text: "BAD_SIGNAL: "}
)

// outcome is true for one process, and a list of results for several.
func outcome(sel sirdar.Selector, results []sirdar.Result, err error) (any, error) {
	switch {
	case err != nil:
		return nil, err
	case sel.IsProcess():
		return true, nil
	}
	return resultList(results), nil
}

func (n node) getProcessInfo(ctx context.Context, args []any) (any, error) {
	sel, err := n.process(ctx, args[0])
	if err != nil {
		return nil, err
	}
	infos, err := n.sup.Info(ctx, sel)
	if err != nil {
		return nil, err
	}
	if len(infos) != 1 {
		return nil, sirdar.NewFault(sirdar.BadName, sel.String())
	}
	return (*info)(&infos[0]), nil
}

// groups has the methods about the configuration and its groups.
func (n node) groups() rpc.Table {
	return rpc.Table{
		{
			Name: "reloadConfig",
			Help: "Reads the configuration again, changes nothing that runs, and tells which groups differ.\n\n" +
				"@return array result  [[added, changed, removed]], each an array of names",
			Access:    rpc.Admin,
			Signature: sig("array"),
			Func: func(ctx context.Context, _ []any) (any, error) {
				changes, err := n.sup.Reread(ctx)
				if err != nil {
					return nil, err
				}
				return []any{[]any{changes.Added, changes.Changed, changes.Removed}}, nil
			},
		},
		{
			Name: "addProcessGroup",
			Help: "Activates a group of the configuration that was read last; its processes with autostart start.\n\n" +
				"@param string name  the group\n@return boolean result  always true",
			Access:    rpc.Admin,
			Signature: sig("boolean", "string"),
			Func: func(ctx context.Context, args []any) (any, error) {
				group, err := n.group(ctx, args[0])
				if errors.Is(err, rpc.ErrParameters) {
					// A list is compared with the names, not looked up.
					err = sirdar.NewFault(sirdar.BadName, rpc.Text(args[0]))
				}
				if err != nil {
					return nil, err
				}
				return succeeded(n.sup.AddGroup(ctx, group.Group))
			},
		},
		{
			Name: "removeProcessGroup",
			Help: "Takes away a group whose processes are all stopped.\n\n" +
				"@param string name  the group\n@return boolean result  always true",
			Access:    rpc.Admin,
			Signature: sig("boolean", "string"),
			Func: func(ctx context.Context, args []any) (any, error) {
				group, err := n.group(ctx, args[0])
				if err != nil {
					return nil, err
				}
				return succeeded(n.sup.RemoveGroup(ctx, group.Group))
			},
		},
	}
}

// logs has the methods about the logs of processes and of the daemon.
func (n node) logs() rpc.Table {
	const (
		place = "@param int offset  where to begin; a negative one counts from the end\n@param int length  how much; 0 means up to the end\n"
		name  = "@param string name  \"name\" or \"group:name\"\n"
	)
	t := rpc.Table{{
		Name:      "readLog",
		Help:      "Reads from the daemon's log.\n\n" + place + "@return string text  what stands there",
		Signature: sig("string", "int", "int"),
		Func:      n.readMainLog,
	}}
	t = alias(t, "readMainLog")
	t = append(t, rpc.Method{
		Name:      "clearLog",
		Help:      "Empties the daemon's log.\n\n@return boolean result  always true",
		Access:    rpc.Admin,
		Signature: sig("boolean"),
		Func:      done(func(ctx context.Context) error { return n.sup.ClearMainLog(ctx) }),
	})

	for _, s := range []struct {
		stream           sirdar.Stream
		name             string
		olderReadAndTail []string
	}{
		{sirdar.Stdout, "Stdout", []string{"readProcessLog", "tailProcessLog"}},
		{sirdar.Stderr, "Stderr", nil},
	} {
		t = append(t, rpc.Method{
			Name:      "readProcess" + s.name + "Log",
			Help:      "Reads from a process's " + s.stream.String() + " log.\n\n" + name + place + "@return string text  what stands there",
			Signature: sig("string", "string", "int", "int"),
			Func:      n.readLog(s.stream),
		})
		if s.olderReadAndTail != nil {
			t = alias(t, s.olderReadAndTail[0])
		}
		t = append(t, rpc.Method{
			Name: "tailProcess" + s.name + "Log",
			Help: "Reads on in a process's " + s.stream.String() + " log. Ask with the offset of the last answer to get what was\n" +
				"written since; when that is more than length, its end is returned and overflow is true.\n\n" + name +
				"@param int offset  where the last answer ended\n@param int length  how much at most\n" +
				"@return array result  [text, offset, overflow]",
			Signature: sig("array", "string", "int", "int"),
			Func:      n.tailLog(s.stream),
		})
		if s.olderReadAndTail != nil {
			t = alias(t, s.olderReadAndTail[1])
		}
	}

	t = append(t, rpc.Method{
		Name:      "clearProcessLogs",
		Help:      "Empties the stdout and stderr logs of a process.\n\n" + name + "@return boolean result  always true",
		Access:    rpc.Control,
		Signature: sig("boolean", "string"),
		Func: func(ctx context.Context, args []any) (any, error) {
			sel, err := n.process(ctx, args[0])
			if err != nil {
				return nil, err
			}
			_, err = n.sup.ClearLogs(ctx, sel)
			return succeeded(err)
		},
	})
	t = alias(t, "clearProcessLog")
	return append(t, rpc.Method{
		Name:      "clearAllProcessLogs",
		Help:      "Empties the logs of all processes.\n\n@return array results  a struct for each process",
		Access:    rpc.Control,
		Signature: sig("array"),
		Func: func(ctx context.Context, _ []any) (any, error) {
			results, err := n.sup.ClearLogs(ctx, sirdar.All)
			return resultList(results), err
		},
	})
}

// messages has the methods that bring something to programs.
func (n node) messages() rpc.Table {
	return rpc.Table{
		{
			Name: "sendProcessStdin",
			Help: "Writes to the standard input of a process.\n\n@param string name  \"name\" or \"group:name\"\n" +
				"@param string chars  what to write\n@return boolean result  always true",
			Access:    rpc.Control,
			Signature: sig("boolean", "string", "string"),
			Func:      n.sendProcessStdin,
		},
		{
			Name: "sendRemoteCommEvent",
			Help: "Raises a REMOTE_COMMUNICATION event for event listeners.\n\n@param string type  the event's type key\n" +
				"@param string data  the event's body\n@return boolean result  always true",
			Access:    rpc.Control,
			Signature: sig("boolean", "string", "string"),
			Func: func(ctx context.Context, args []any) (any, error) {
				return succeeded(n.sup.SendEvent(ctx, rpc.Text(args[0]), rpc.Text(args[1])))
			},
		},
	}
}

func (n node) sendProcessStdin(ctx context.Context, args []any) (any, error) {
	chars, ok := args[1].(string)
	if !ok {
		if err := n.up(ctx); err != nil {
			return nil, err
		}
		return nil, sirdar.NewFault(sirdar.IncorrectParameters, rpc.Text(args[1]))
	}
	sel, err := n.process(ctx, args[0])
	if err != nil {
		return nil, err
	}
	return succeeded(n.sup.SendStdin(ctx, sel, chars))
}
