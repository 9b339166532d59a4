package supervisortest

import (
	"context"
	"testing"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/api"
	"github.com/sirdar-project/sirdar/rpc"
)

func TestTheFakePassesTheSuite(t *testing.T) {
	open := func(*testing.T) sirdar.Supervisor { return NewFake() }
	Test(t, open)
	TestEvents(t, open)
}

// direct is a client without HTTP. Logs cannot be followed over its wire, so that
// is asked of the node itself.
type direct struct {
	*api.Client
	node sirdar.Supervisor
}

func (d direct) FollowLog(ctx context.Context, sel sirdar.Selector, stream sirdar.Stream, emit func([]byte) error) error {
	return d.node.FollowLog(ctx, sel, stream, emit)
}

func (d direct) FollowMainLog(ctx context.Context, emit func([]byte) error) error {
	return d.node.FollowMainLog(ctx, emit)
}

func TestADirectCallPassesTheSuite(t *testing.T) {
	open := func(*testing.T) sirdar.Supervisor {
		fake := NewFake()
		server := rpc.New(nil, rpc.Namespace{Name: "supervisor", Table: api.Table(fake)})
		return direct{api.NewClient(api.Direct(server)), fake}
	}
	Test(t, open)
	TestEvents(t, open)
}
