package api

import (
	"context"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/xmlrpc"
)

// A Client is a node at the other end of a wire. It implements
// [sirdar.Supervisor] and is safe for any number of goroutines.
//
// What the node refuses comes back as a [*sirdar.Fault]. What kept the node from
// being asked comes back as itself, wrapped: a [*StatusError] where the HTTP
// server answered with anything but 200, the network's own error (test it with
// errors.Is against syscall.ECONNREFUSED, fs.ErrNotExist and the like) where
// there was nobody to ask.
//
// Over the wire logs are text: what is not UTF-8 or not allowed in XML comes as
// U+FFFD. A log that is followed comes as the bytes that were written.
type Client struct {
	wire Wire
	http *xmlrpc.Client // nil when the wire is not HTTP
}

var _ sirdar.Supervisor = (*Client)(nil)

// About tells who answers. It asks five methods in one request.
func (c *Client) About(ctx context.Context) (sirdar.About, error) {
	methods := []string{"getIdentification", "getSupervisorVersion", "getAPIVersion", "getPID", "getState"}
	calls := make([]any, len(methods))
	for i, m := range methods {
		calls[i] = xmlrpc.Struct{{Name: "methodName", Value: "supervisor." + m}}
	}
	v, err := c.Call(ctx, "system.multicall", calls)
	r := read(v, err).list(len(methods))
	for i := range r.lists {
		r.refuseFault(r.lists[i])
	}
	about := sirdar.About{
		Identifier: r.at(0).string(),
		Version:    r.at(1).string(),
		APIVersion: r.at(2).string(),
		PID:        r.at(3).int(),
		Mood:       sirdar.Mood(r.at(4).member("statecode").int()),
	}
	return about, *r.err
}

// Info describes the selected processes.
func (c *Client) Info(ctx context.Context, sel sirdar.Selector) ([]sirdar.ProcessInfo, error) {
	if sel.IsProcess() {
		r := read(c.supervisor(ctx, "getProcessInfo", sel.String()))
		info := r.info()
		if *r.err != nil {
			return nil, *r.err
		}
		return []sirdar.ProcessInfo{info}, nil
	}

	r := read(c.supervisor(ctx, "getAllProcessInfo")).list(-1)
	infos := make([]sirdar.ProcessInfo, 0, len(r.lists))
	for i := range r.lists {
		info := r.at(i).info()
		if sel.IsAll() || info.Group == sel.Group {
			infos = append(infos, info)
		}
	}
	switch {
	case *r.err != nil:
		return nil, *r.err
	case sel.IsGroup() && len(infos) == 0:
		return nil, sirdar.NewFault(sirdar.BadName, sel.String())
	}
	return infos, nil
}

// Configs describes every configured process.
func (c *Client) Configs(ctx context.Context) ([]sirdar.ConfigInfo, error) {
	r := read(c.supervisor(ctx, "getAllConfigInfo")).list(-1)
	configs := make([]sirdar.ConfigInfo, len(r.lists))
	for i := range r.lists {
		configs[i] = r.at(i).config()
	}
	if *r.err != nil {
		return nil, *r.err
	}
	return configs, nil
}

// Start starts the selected processes.
func (c *Client) Start(ctx context.Context, sel sirdar.Selector, wait bool) ([]sirdar.Result, error) {
	return c.several(ctx, "start", sel, wait)
}

// Stop stops the selected processes.
func (c *Client) Stop(ctx context.Context, sel sirdar.Selector, wait bool) ([]sirdar.Result, error) {
	return c.several(ctx, "stop", sel, wait)
}

// Signal sends a signal to the selected processes.
func (c *Client) Signal(ctx context.Context, sel sirdar.Selector, signal string) ([]sirdar.Result, error) {
	return c.several(ctx, "signal", sel, signal)
}

// several calls one of the three methods of a verb.
func (c *Client) several(ctx context.Context, verb string, sel sirdar.Selector, arg any) ([]sirdar.Result, error) {
	switch {
	case sel.IsAll():
		return results(c.supervisor(ctx, verb+"AllProcesses", arg))
	case sel.IsGroup() && sel.String() == sel.Group:
		return results(c.supervisor(ctx, verb+"ProcessGroup", sel.Group, arg))
	case sel.IsGroup():
		return results(c.supervisor(ctx, verb+"Process", sel.String(), arg))
	}
	return nil, void(c.supervisor(ctx, verb+"Process", sel.String(), arg))
}

// SendStdin writes to the standard input of one process.
func (c *Client) SendStdin(ctx context.Context, sel sirdar.Selector, chars string) error {
	return void(c.supervisor(ctx, "sendProcessStdin", sel.String(), chars))
}

// SendEvent raises a REMOTE_COMMUNICATION event.
func (c *Client) SendEvent(ctx context.Context, typ, data string) error {
	return void(c.supervisor(ctx, "sendRemoteCommEvent", typ, data))
}

// ReadLog reads from a process's log.
func (c *Client) ReadLog(ctx context.Context, sel sirdar.Selector, stream sirdar.Stream, offset, length int64) ([]byte, error) {
	return bytesOf(c.supervisor(ctx, "readProcess"+channel(stream)+"Log", sel.String(), offset, length))
}

// TailLog reads the end of a process's log.
func (c *Client) TailLog(ctx context.Context, sel sirdar.Selector, stream sirdar.Stream, offset, length int64) (sirdar.Tail, error) {
	r := read(c.supervisor(ctx, "tailProcess"+channel(stream)+"Log", sel.String(), offset, length)).list(3)
	tail := sirdar.Tail{
		Bytes:    []byte(r.at(0).string()),
		Offset:   int64(r.at(1).int()),
		Overflow: r.at(2).bool(),
	}
	return tail, *r.err
}

// channel is a stream in the name of a method.
func channel(s sirdar.Stream) string {
	if s == sirdar.Stderr {
		return "Stderr"
	}
	return "Stdout"
}

// FollowLog reads a log as it grows. Its first emit may be of nothing: it says that
// the log is there.
func (c *Client) FollowLog(ctx context.Context, sel sirdar.Selector, stream sirdar.Stream, emit func([]byte) error) error {
	return c.follow(ctx, logPath(sel, stream), emit)
}

// ClearLogs empties both logs of the selected processes.
func (c *Client) ClearLogs(ctx context.Context, sel sirdar.Selector) ([]sirdar.Result, error) {
	switch {
	case sel.IsAll():
		return results(c.supervisor(ctx, "clearAllProcessLogs"))
	case sel.IsProcess():
		return nil, void(c.supervisor(ctx, "clearProcessLogs", sel.String()))
	}
	infos, err := c.Info(ctx, sel)
	if err != nil {
		return nil, err
	}
	var cleared []sirdar.Result
	for _, info := range infos {
		_, err := c.ClearLogs(ctx, sirdar.OfProcess(info.Group, info.Name))
		fault, isFault := err.(*sirdar.Fault)
		if err != nil && !isFault {
			return cleared, err
		}
		cleared = append(cleared, sirdar.Result{Name: info.Name, Group: info.Group, Fault: fault})
	}
	return cleared, nil
}

// ReadMainLog reads from the daemon's log.
func (c *Client) ReadMainLog(ctx context.Context, offset, length int64) ([]byte, error) {
	return bytesOf(c.supervisor(ctx, "readLog", offset, length))
}

// FollowMainLog reads the daemon's log as it grows.
func (c *Client) FollowMainLog(ctx context.Context, emit func([]byte) error) error {
	return c.follow(ctx, "/mainlogtail", emit)
}

// ClearMainLog empties the daemon's log.
func (c *Client) ClearMainLog(ctx context.Context) error {
	return void(c.supervisor(ctx, "clearLog"))
}

// Reread parses the configuration file again.
func (c *Client) Reread(ctx context.Context) (sirdar.Changes, error) {
	r := read(c.supervisor(ctx, "reloadConfig")).list(1).at(0).list(3)
	changes := sirdar.Changes{
		Added:   r.at(0).strings(),
		Changed: r.at(1).strings(),
		Removed: r.at(2).strings(),
	}
	return changes, *r.err
}

// AddGroup activates a group of the last parsed configuration.
func (c *Client) AddGroup(ctx context.Context, name string) error {
	return void(c.supervisor(ctx, "addProcessGroup", name))
}

// RemoveGroup takes away a group whose processes are all stopped.
func (c *Client) RemoveGroup(ctx context.Context, name string) error {
	return void(c.supervisor(ctx, "removeProcessGroup", name))
}

// Shutdown begins the shutdown.
func (c *Client) Shutdown(ctx context.Context) error { return void(c.supervisor(ctx, "shutdown")) }

// Restart begins the restart.
func (c *Client) Restart(ctx context.Context) error { return void(c.supervisor(ctx, "restart")) }

// supervisor calls a method of the supervisor namespace.
func (c *Client) supervisor(ctx context.Context, method string, args ...any) (any, error) {
	return c.Call(ctx, "supervisor."+method, args...)
}

// void drops the answer, which is always true.
func void(_ any, err error) error { return err }
