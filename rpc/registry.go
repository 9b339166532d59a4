package rpc

import (
	"fmt"

	"github.com/sirdar-project/sirdar"
)

// A Factory makes the table of an RPC interface. The settings are the other keys of
// its configuration section, in lower case, with their values as they stand there.
type Factory func(sup sirdar.Supervisor, settings map[string]string) (Table, error)

// factories is filled while packages are initialised and only read afterwards.
var factories = map[string]Factory{}

// Register makes an RPC interface known under the name that configuration files
// give as supervisor.rpcinterface_factory: "package.module:factory". It is for
// init functions, and panics when the name is taken.
func Register(name string, f Factory) {
	if factories[name] != nil {
		panic("rpc: RPC interface " + name + " is registered twice")
	}
	factories[name] = f
}

// Resolve finds the factory that the section [rpcinterface:namespace] names. The
// error says what Supervisor says of a module that cannot be imported.
func Resolve(namespace, name string) (Factory, error) {
	if f, ok := factories[name]; ok {
		return f, nil
	}
	return nil, fmt.Errorf("%s cannot be resolved within [rpcinterface:%s]: no RPC interface of that name is part of this program", name, namespace)
}
