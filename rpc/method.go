package rpc

import (
	"context"
	"errors"

	"github.com/sirdar-project/sirdar"
)

// Access says what a method can do to a node, for whoever decides who may call it.
type Access int

// The kinds of access.
const (
	Read    Access = iota // looks at the node
	Control               // starts, stops, signals, writes to programs
	Admin                 // changes the daemon itself
)

// String returns "read", "control" or "admin".
func (a Access) String() string {
	switch a {
	case Read:
		return "read"
	case Control:
		return "control"
	}
	return "admin"
}

// A Method is one row of a table.
type Method struct {
	Name   string // without its namespace
	Help   string // what system.methodHelp answers
	Access Access

	// Signature is what system.methodSignature answers: the type of the result,
	// then those of the parameters. A call with fewer or more parameters is
	// refused before Func sees it, except that the last Optional ones may be left
	// out. A method without Signature looks at its parameters itself.
	Signature []string
	Optional  int

	// Func does the work; it may take its time. The values of args and of the
	// result are those of package xmlrpc. Its errors are answered so: a
	// [*sirdar.Fault] as that fault, [ErrParameters] as INCORRECT_PARAMETERS,
	// anything else as a failure of the server, see [Failure].
	Func func(ctx context.Context, args []any) (any, error)
}

// ErrParameters is the error of a method whose parameters are not what it wants.
var ErrParameters = errors.New("incorrect parameters")

// accepts says whether a method can be called with that many parameters.
func (m *Method) accepts(count int) bool {
	if m.Signature == nil {
		return true
	}
	most := len(m.Signature) - 1
	return count <= most && count >= most-m.Optional
}

// A Table is a list of methods.
type Table []Method

// A Namespace is a table under a name: the table's method "x" is called "name.x".
type Namespace struct {
	Name  string
	Table Table
}

// A Failure is an error of a method that is no fault: Supervisor answers it with
// the HTTP status 500, and inside a multicall with a FAILED that quotes it.
type Failure struct {
	Class string // what Python calls such an error: "ValueError"
	Text  string
}

// Error returns the text.
func (f *Failure) Error() string { return f.Text }

// quoted is how a multicall tells of an error that is no fault.
func quoted(err error) string {
	var failure *Failure
	if errors.As(err, &failure) {
		return "<class '" + failure.Class + "'>:" + failure.Text
	}
	return err.Error()
}

// faultOf returns the fault that an error of a method stands for, nil if it stands
// for none.
func faultOf(err error) *sirdar.Fault {
	var fault *sirdar.Fault
	switch {
	case errors.As(err, &fault):
		return fault
	case errors.Is(err, ErrParameters):
		return sirdar.NewFault(sirdar.IncorrectParameters, "")
	}
	return nil
}
