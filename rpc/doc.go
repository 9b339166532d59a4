// Package rpc serves tables of methods. [Server.Serve], bytes in and bytes out, is
// the whole of an XML-RPC server; HTTP, a unix socket, a pipe to a child or a
// message bus are a few lines round it.
//
// A method is a row of a table: its name, its help, its signature, who may call it
// and its function. The system namespace (listMethods, methodHelp,
// methodSignature, multicall) reads the tables, and so can whoever decides what a
// caller may do.
//
// Tables come from RPC interfaces: named constructors that packages register when
// they are initialised and that configuration files name in
// supervisor.rpcinterface_factory.
package rpc
