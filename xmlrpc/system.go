package xmlrpc

import (
	"context"
	"fmt"
	"maps"
	"slices"
)

// systemNames are the methods that every Server has.
var systemNames = []string{"system.listMethods", "system.methodHelp", "system.methodSignature", "system.multicall"}

// system returns one of the methods that every Server has, nil if name is another.
func (s *Server) system(name string) *Method {
	var m Method
	switch name {
	case "system.listMethods":
		m = MethodOf(s.listMethods)
		m.Help = "Lists the names of all methods, sorted."
	case "system.methodHelp":
		m = MethodOf(s.methodHelp)
		m.Help = "Tells what the method of a name does."
	case "system.methodSignature":
		m = MethodOf(s.methodSignature)
		m.Help = "Lists the signatures of the method of a name; each is a list of the type of the result and those of the parameters."
	case "system.multicall":
		m = MethodOf(s.multicall)
		m.Help = "Makes several calls, structs with methodName and params, one after the other. The result of each is an array" +
			" of one element or, if it failed, a struct with faultCode and faultString."
	default:
		return nil
	}
	return &m
}

func (s *Server) listMethods() []string {
	s.lock.RLock()
	defer s.lock.RUnlock()
	names := append(slices.Collect(maps.Keys(s.methods)), systemNames...)
	slices.Sort(names)
	return slices.Compact(names)
}

func (s *Server) methodHelp(name string) (string, error) {
	m, err := s.existing(name)
	if err != nil {
		return "", err
	}
	return m.Help, nil
}

func (s *Server) methodSignature(name string) (any, error) {
	m, err := s.existing(name)
	switch {
	case err != nil:
		return nil, err
	case m.Signature == nil:
		return "undef", nil // the convention for a method that does not say
	}
	return [][]string{m.Signature}, nil
}

func (s *Server) existing(name string) (*Method, error) {
	if m := s.method(name); m != nil {
		return m, nil
	}
	return nil, &Fault{Code: CodeNoMethod, Text: fmt.Sprintf("there is no method %q", name)}
}

// A batchCall is one call of a system.multicall.
type batchCall struct {
	Method string `xmlrpc:"methodName"`
	Params []any  `xmlrpc:"params"`
}

func (s *Server) multicall(ctx context.Context, calls []batchCall) ([]any, error) {
	results := make([]any, len(calls))
	for i, c := range calls {
		if err := ctx.Err(); err != nil {
			return nil, err // nobody reads the results any more
		}
		results[i] = s.oneOfMany(ctx, c)
	}
	return results, nil
}

// oneOfMany makes one call and returns what stands for its outcome.
func (s *Server) oneOfMany(ctx context.Context, c batchCall) any {
	if c.Method == "system.multicall" {
		return faultValue{Code: CodeParameters, Text: "system.multicall inside of system.multicall"}
	}
	result, err := s.Call(ctx, c.Method, c.Params...)
	if err != nil {
		return faultValue(*faultOf(err))
	}
	written, err := AppendValue(nil, result)
	if err != nil {
		return faultValue{Code: CodeInternal, Text: err.Error()}
	}
	return []any{writtenValue(written)}
}

// A faultValue is a fault as it stands among the results of a multicall.
type faultValue Fault

// AppendXMLRPC writes the struct.
func (f faultValue) AppendXMLRPC(dst []byte) []byte { return AppendFaultValue(dst, f.Code, f.Text) }

// A writtenValue is written already: so it is known that it can be.
type writtenValue []byte

// AppendXMLRPC writes the value.
func (v writtenValue) AppendXMLRPC(dst []byte) []byte { return append(dst, v...) }
