package rpc

import (
	"context"
	"maps"
	"slices"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/xmlrpc"
)

// system returns the methods by which a server tells of itself.
func (s *Server) system() Table {
	return Table{
		{
			Name:      "listMethods",
			Help:      "Lists the full names of all methods of this server.\n\n@return array  names, sorted",
			Signature: []string{"array"},
			Func: func(context.Context, []any) (any, error) {
				return slices.Sorted(maps.Keys(s.methods)), nil
			},
		},
		{
			Name:      "methodHelp",
			Help:      "Tells what a method does.\n\n@param string name  the full name of the method\n@return string  its help text",
			Signature: []string{"string", "string"},
			Func: func(_ context.Context, args []any) (any, error) {
				m, err := s.described(args[0])
				switch {
				case err != nil:
					return nil, err
				case m.Help == "":
					return "None", nil
				}
				return m.Help, nil
			},
		},
		{
			Name: "methodSignature",
			Help: "Tells the types of a method's result and parameters.\n\n@param string name  the full name of the method\n" +
				"@return array  the type of the result, then those of the parameters",
			Signature: []string{"array", "string"},
			Func: func(_ context.Context, args []any) (any, error) {
				m, err := s.described(args[0])
				switch {
				case err != nil:
					return nil, err
				case m.Signature == nil:
					return nil, sirdar.NewFault(sirdar.SignatureUnsupported, "")
				}
				return m.Signature, nil
			},
		},
		{
			Name: "multicall",
			Help: "Calls several methods, one after the other, and returns an array of their bare results. The result of a\n" +
				"call that failed is a struct with faultCode and faultString.\n\n" +
				"@param array calls  structs with methodName and params\n@return array  one result for each call",
			Signature: []string{"array", "array"},
			Func:      s.multicall,
		},
	}
}

// described looks up the method that help or signature is wanted of.
func (s *Server) described(name any) (*Method, error) {
	if name, ok := name.(string); ok && s.methods[name] != nil {
		return s.methods[name], nil
	}
	return nil, sirdar.NewFault(sirdar.SignatureUnsupported, "")
}

// multicall makes calls in their order, waiting for each. Its results are bare, not
// in arrays of one as elsewhere: Supervisor's clients expect them so.
func (s *Server) multicall(ctx context.Context, args []any) (any, error) {
	calls, ok := args[0].([]any)
	if !ok {
		if _, isText := args[0].(string); isText {
			return nil, &Failure{Class: "AttributeError", Text: "'str' object has no attribute 'pop'"}
		}
		return nil, ErrParameters
	}
	results := make([]any, 0, len(calls))
	for _, c := range calls {
		call, ok := c.(xmlrpc.Struct)
		if !ok {
			return nil, &Failure{Class: "AttributeError", Text: noAttribute(c, "get")}
		}
		if err := ctx.Err(); err != nil {
			return nil, err // nobody reads the results any more
		}
		result, err := s.oneOfMany(ctx, call)
		if err != nil {
			result = faultStruct(err)
		}
		results = append(results, result)
	}
	return results, nil
}

func (s *Server) oneOfMany(ctx context.Context, call xmlrpc.Struct) (any, error) {
	name, _ := call.Lookup("methodName")
	if name == nil {
		return nil, sirdar.NewFault(sirdar.IncorrectParameters, "No methodName")
	}
	if name == "system.multicall" {
		return nil, sirdar.NewFault(sirdar.IncorrectParameters, "Recursive system.multicall forbidden")
	}
	method, ok := name.(string)
	if !ok {
		return nil, &Failure{Class: "AttributeError", Text: noAttribute(name, "split")}
	}
	params, found := call.Lookup("params")
	if !found {
		return s.Call(ctx, method, nil)
	}
	args, ok := spread(params)
	if !ok {
		// The method must exist before its parameters can be wrong.
		if s.methods[method] == nil {
			return nil, sirdar.NewFault(sirdar.UnknownMethod, "")
		}
		return nil, ErrParameters
	}
	return s.Call(ctx, method, args)
}

// spread makes the arguments of what stands as params: an array's elements, a
// string's characters, a struct's names.
func spread(params any) (args []any, ok bool) {
	switch p := params.(type) {
	case []any:
		return p, true
	case string:
		for _, r := range p {
			args = append(args, string(r))
		}
		return args, true
	case xmlrpc.Struct:
		for _, m := range p {
			args = append(args, m.Name)
		}
		return args, true
	}
	return nil, false
}

// faultStruct is the result of a call that failed.
func faultStruct(err error) any {
	fault := faultOf(err)
	if fault == nil {
		fault = sirdar.NewFault(sirdar.Failed, quoted(err))
	}
	return xmlrpc.Struct{
		{Name: "faultCode", Value: int(fault.Code)},
		{Name: "faultString", Value: fault.Text},
	}
}
