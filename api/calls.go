package api

import (
	"context"
	"errors"

	"github.com/sirdar-project/sirdar"
)

var errNotBuilt = errors.New("api: this call is not built yet")

type transport struct{}

func (transport) call(context.Context, string, ...any) (any, error) { return nil, errNotBuilt }

// About tells who answers.
func (c *Client) About(ctx context.Context) (sirdar.About, error) { return sirdar.About{}, errNotBuilt }

// Info describes the selected processes.
func (c *Client) Info(ctx context.Context, sel sirdar.Selector) ([]sirdar.ProcessInfo, error) {
	return nil, errNotBuilt
}

// Configs describes every configured process.
func (c *Client) Configs(ctx context.Context) ([]sirdar.ConfigInfo, error) { return nil, errNotBuilt }

// Start starts the selected processes.
func (c *Client) Start(ctx context.Context, sel sirdar.Selector, wait bool) ([]sirdar.Result, error) {
	return nil, errNotBuilt
}

// Stop stops the selected processes.
func (c *Client) Stop(ctx context.Context, sel sirdar.Selector, wait bool) ([]sirdar.Result, error) {
	return nil, errNotBuilt
}

// Signal signals the selected processes.
func (c *Client) Signal(ctx context.Context, sel sirdar.Selector, signal string) ([]sirdar.Result, error) {
	return nil, errNotBuilt
}

// SendStdin writes to a process.
func (c *Client) SendStdin(ctx context.Context, sel sirdar.Selector, chars string) error {
	return errNotBuilt
}

// SendEvent raises an event.
func (c *Client) SendEvent(ctx context.Context, typ, data string) error { return errNotBuilt }

// ReadLog reads a log.
func (c *Client) ReadLog(ctx context.Context, sel sirdar.Selector, stream sirdar.Stream, offset, length int64) ([]byte, error) {
	return nil, errNotBuilt
}

// TailLog reads the end of a log.
func (c *Client) TailLog(ctx context.Context, sel sirdar.Selector, stream sirdar.Stream, offset, length int64) (sirdar.Tail, error) {
	return sirdar.Tail{}, errNotBuilt
}

// FollowLog follows a log.
func (c *Client) FollowLog(ctx context.Context, sel sirdar.Selector, stream sirdar.Stream, emit func([]byte) error) error {
	return errNotBuilt
}

// ClearLogs empties logs.
func (c *Client) ClearLogs(ctx context.Context, sel sirdar.Selector) ([]sirdar.Result, error) {
	return nil, errNotBuilt
}

// ReadMainLog reads the daemon's log.
func (c *Client) ReadMainLog(ctx context.Context, offset, length int64) ([]byte, error) {
	return nil, errNotBuilt
}

// FollowMainLog follows the daemon's log.
func (c *Client) FollowMainLog(ctx context.Context, emit func([]byte) error) error {
	return errNotBuilt
}

// ClearMainLog empties the daemon's log.
func (c *Client) ClearMainLog(ctx context.Context) error { return errNotBuilt }

// Reread parses the configuration again.
func (c *Client) Reread(ctx context.Context) (sirdar.Changes, error) {
	return sirdar.Changes{}, errNotBuilt
}

// AddGroup activates a group.
func (c *Client) AddGroup(ctx context.Context, name string) error { return errNotBuilt }

// RemoveGroup takes a group away.
func (c *Client) RemoveGroup(ctx context.Context, name string) error { return errNotBuilt }

// Shutdown begins the shutdown.
func (c *Client) Shutdown(ctx context.Context) error { return errNotBuilt }

// Restart begins the restart.
func (c *Client) Restart(ctx context.Context) error { return errNotBuilt }
