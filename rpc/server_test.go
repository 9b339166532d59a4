package rpc_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/rpc"
	"github.com/sirdar-project/sirdar/xmlrpc"
)

// example is a table with a method for every way in which a call can end.
var example = rpc.Table{
	{
		Name: "add", Help: "Adds two numbers.\n\n@param int a  one", Signature: []string{"int", "int", "int"}, Optional: 1,
		Func: func(_ context.Context, args []any) (any, error) {
			sum := 0
			for _, a := range args {
				n, ok := a.(int)
				if !ok {
					return nil, rpc.ErrParameters
				}
				sum += n
			}
			return sum, nil
		},
	},
	{Name: "any", Func: func(_ context.Context, args []any) (any, error) { return args, nil }},
	{Name: "refuse", Func: func(context.Context, []any) (any, error) { return nil, sirdar.NewFault(sirdar.BadName, "x") }},
	{Name: "break", Func: func(context.Context, []any) (any, error) { return nil, errors.New("broken") }},
	{Name: "fail", Func: func(context.Context, []any) (any, error) { return nil, rpc.NoAttribute(5, "split") }},
	{Name: "panic", Func: func(context.Context, []any) (any, error) { panic("at the disco") }},
	{Name: "strange", Func: func(context.Context, []any) (any, error) { return make(chan int), nil }},
	{Name: "_hidden", Func: func(context.Context, []any) (any, error) { return "seen", nil }},
}

func newServer() *rpc.Server { return rpc.New(nil, rpc.Namespace{Name: "x", Table: example}) }

// call makes a call through bytes and back.
func call(t *testing.T, method string, args ...any) (any, error) {
	t.Helper()
	request, err := xmlrpc.AppendCall(nil, method, args...)
	if err != nil {
		t.Fatal(err)
	}
	return xmlrpc.DecodeResponse(newServer().Serve(context.Background(), request))
}

func TestCallsAreDispatched(t *testing.T) {
	for _, c := range []struct {
		method string
		args   []any
		want   any
		fault  string
	}{
		{"x.add", []any{1, 2}, 3, ""},
		{"x.add", []any{1}, 1, ""},
		{"x.add", nil, nil, "INCORRECT_PARAMETERS (fault 2)"},
		{"x.add", []any{1, 2, 3}, nil, "INCORRECT_PARAMETERS (fault 2)"},
		{"x.add", []any{"1"}, nil, "INCORRECT_PARAMETERS (fault 2)"},
		{"x.any", []any{1, "a", true}, []any{1, "a", true}, ""},
		{"x.refuse", nil, nil, "BAD_NAME: x (fault 10)"},
		{"x.break", nil, nil, "broken (fault -32603)"},
	} {
		got, err := call(t, c.method, c.args...)
		if !reflect.DeepEqual(got, c.want) || c.fault != "" && (err == nil || err.Error() != c.fault) {
			t.Errorf("%s%v = %v, %v, want %v, %s", c.method, c.args, got, err, c.want, c.fault)
		}
	}
}

// users-want 2A 5: the names by which CVE-2017-11610 reached a shell, and all that
// are like them, are names of no method.
func TestNameTraversalIsAnUnknownMethod(t *testing.T) {
	names := []string{
		"supervisor.supervisord.options.warnings.linecache.os.system", "supervisor.supervisord.options.execve",
		"x.add.__globals__", "x.__class__", "x._hidden", "x._", "x.", ".add", "add", "x", "", ".", "..", "x..add", "x.add.", ".x.add",
		"X.add", "x.Add", " x.add", "x.add ", "x add", "x/add", "y.add", "system._listMethods", "system.namespaces", "system.multicall.x",
	}
	for _, name := range names {
		for _, args := range [][]any{nil, {"touch /tmp/x"}} {
			got, err := newServer().Call(context.Background(), name, args)
			if !errors.Is(err, &sirdar.Fault{Code: sirdar.UnknownMethod, Text: "UNKNOWN_METHOD"}) {
				t.Errorf("%q = %v, %v", name, got, err)
			}
			if name == "" {
				continue // over the wire it is no call at all
			}
			if got, err := call(t, name, args...); err == nil || err.Error() != "UNKNOWN_METHOD (fault 1)" {
				t.Errorf("%q over the wire = %v, %v", name, got, err)
			}
			results, err := call(t, "system.multicall", []any{xmlrpc.Struct{{Name: "methodName", Value: name}, {Name: "params", Value: args}}})
			if list, ok := results.([]any); err != nil || !ok || len(list) != 1 || !isFault(list[0], 1, "UNKNOWN_METHOD") {
				t.Errorf("%q in a multicall = %v, %v", name, results, err)
			}
		}
	}
}

func isFault(v any, code int, text string) bool {
	return reflect.DeepEqual(v, xmlrpc.Struct{{Name: "faultCode", Value: code}, {Name: "faultString", Value: text}})
}

func TestMulticallAnswersBareResultsInOrder(t *testing.T) {
	one := func(method any, params ...any) xmlrpc.Struct {
		s := xmlrpc.Struct{}
		if method != nil {
			s = append(s, xmlrpc.Member{Name: "methodName", Value: method})
		}
		if len(params) > 0 {
			s = append(s, xmlrpc.Member{Name: "params", Value: params[0]})
		}
		return s
	}
	fault := func(code int, text string) any {
		return xmlrpc.Struct{{Name: "faultCode", Value: code}, {Name: "faultString", Value: text}}
	}
	for _, c := range []struct {
		call xmlrpc.Struct
		want any
	}{
		{one("x.add", []any{1, 2}), 3},
		{one("x.any"), []any{}},
		{one("x.any", "äb"), []any{"ä", "b"}},
		{one("x.any", xmlrpc.Struct{{Name: "key", Value: 1}}), []any{"key"}},
		{one("x.any", 5), fault(2, "INCORRECT_PARAMETERS")},
		{one("x.nope", 5), fault(1, "UNKNOWN_METHOD")},
		{one("x.add"), fault(2, "INCORRECT_PARAMETERS")},
		{one("x.refuse"), fault(10, "BAD_NAME: x")},
		{one(nil), fault(2, "INCORRECT_PARAMETERS: No methodName")},
		{one("system.multicall", []any{[]any{}}), fault(2, "INCORRECT_PARAMETERS: Recursive system.multicall forbidden")},
		{one("system.methodHelp", []any{"x.any"}), "None"},
		{one("x.break"), fault(30, "FAILED: broken")},
		{one("x.fail"), fault(30, "FAILED: <class 'AttributeError'>:'int' object has no attribute 'split'")},
		{one(5), fault(30, "FAILED: <class 'AttributeError'>:'int' object has no attribute 'split'")},
	} {
		got, err := call(t, "system.multicall", []any{c.call, one("x.add", []any{40, 2})})
		if want := []any{c.want, 42}; err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%v: %v, %v, want %v", c.call, got, err, want)
		}
	}

	if got, err := call(t, "system.multicall", []any{}); err != nil || !reflect.DeepEqual(got, []any{}) {
		t.Errorf("no calls: %v, %v", got, err)
	}
	for _, arg := range []any{"text", []any{"text"}} {
		if got, err := call(t, "system.multicall", arg); err == nil || !strings.Contains(err.Error(), "-32603") {
			t.Errorf("multicall(%v) = %v, %v", arg, got, err)
		}
	}
	for _, arg := range []any{xmlrpc.Struct{}, 5, true} {
		if got, err := call(t, "system.multicall", arg); err == nil || err.Error() != "INCORRECT_PARAMETERS (fault 2)" {
			t.Errorf("multicall(%v) = %v, %v", arg, got, err)
		}
	}
}

func TestMulticallEndsWithItsCaller(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	calls := 0
	server := rpc.New(nil, rpc.Namespace{Name: "x", Table: rpc.Table{{Name: "hangUp", Func: func(context.Context, []any) (any, error) {
		calls++
		cancel()
		return true, nil
	}}}})
	hangUp := xmlrpc.Struct{{Name: "methodName", Value: "x.hangUp"}}
	_, err := server.Call(ctx, "system.multicall", []any{[]any{hangUp, hangUp}})
	if !errors.Is(err, context.Canceled) || calls != 1 {
		t.Errorf("%d calls, %v", calls, err)
	}
}

func TestAServerTellsOfItself(t *testing.T) {
	names, err := call(t, "system.listMethods")
	want := []any{"system.listMethods", "system.methodHelp", "system.methodSignature", "system.multicall",
		"x.add", "x.any", "x.break", "x.fail", "x.panic", "x.refuse", "x.strange"}
	if err != nil || !reflect.DeepEqual(names, want) {
		t.Errorf("methods %v, %v", names, err)
	}
	if help, err := call(t, "system.methodHelp", "x.add"); err != nil || !strings.HasPrefix(help.(string), "Adds two numbers.") {
		t.Errorf("help %v, %v", help, err)
	}
	if sig, err := call(t, "system.methodSignature", "x.add"); err != nil || !reflect.DeepEqual(sig, []any{"int", "int", "int"}) {
		t.Errorf("signature %v, %v", sig, err)
	}
	for _, c := range [][2]any{
		{"system.methodHelp", "x.nope"}, {"system.methodHelp", 5}, {"system.methodSignature", "x.nope"}, {"system.methodSignature", "x.any"},
	} {
		if got, err := call(t, c[0].(string), c[1]); err == nil || err.Error() != "SIGNATURE_UNSUPPORTED (fault 4)" {
			t.Errorf("%v = %v, %v", c, got, err)
		}
	}
}

func TestAnswerTellsWhoseFaultItIs(t *testing.T) {
	var bad *rpc.RequestError
	for doc, reason := range map[string]string{"junk": "unmarshallable", "<a/>": "no method name", "": "unmarshallable"} {
		_, err := newServer().Answer(context.Background(), []byte(doc))
		if !errors.As(err, &bad) || bad.Reason != reason {
			t.Errorf("%q: %v", doc, err)
		}
		if _, err := xmlrpc.DecodeResponse(newServer().Serve(context.Background(), []byte(doc))); err == nil || !strings.Contains(err.Error(), "-32700") {
			t.Errorf("%q is served %v", doc, err)
		}
	}
	for _, method := range []string{"x.break", "x.fail", "x.panic", "x.strange"} {
		_, err := newServer().Answer(context.Background(), []byte("<a><methodName>"+method+"</methodName></a>"))
		if err == nil || errors.As(err, &bad) {
			t.Errorf("%s: %v", method, err)
		}
	}
}

func TestLaterTablesWinAndSystemIsNotReplaced(t *testing.T) {
	say := func(word string) rpc.Table {
		return rpc.Table{{Name: "say", Func: func(context.Context, []any) (any, error) { return word, nil }}}
	}
	s := rpc.New(nil, rpc.Namespace{Name: "a", Table: say("first")}, rpc.Namespace{Name: "a", Table: say("second")}, rpc.Namespace{Name: "system", Table: say("no")})
	if got, err := s.Call(context.Background(), "a.say", nil); err != nil || got != "second" {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := s.Call(context.Background(), "system.say", nil); err == nil {
		t.Errorf("%v", got)
	}
}

func TestFactoriesAreFoundByTheNamesInConfigurations(t *testing.T) {
	rpc.Register("test.module:factory", func(sirdar.Supervisor, map[string]string) (rpc.Table, error) { return example, nil })
	f, err := rpc.Resolve("x", "test.module:factory")
	if err != nil {
		t.Fatal(err)
	}
	if table, err := f(nil, nil); err != nil || len(table) != len(example) {
		t.Errorf("%d methods, %v", len(table), err)
	}
	if _, err := rpc.Resolve("x", "nomod:f"); err == nil || !strings.HasPrefix(err.Error(), "nomod:f cannot be resolved within [rpcinterface:x]: ") {
		t.Errorf("error %v", err)
	}
	defer func() {
		if recover() == nil {
			t.Error("a second registration of the same name is accepted")
		}
	}()
	rpc.Register("test.module:factory", nil)
}

func TestValuesAreQuotedAsPythonQuotesThem(t *testing.T) {
	for _, c := range []struct {
		value any
		want  string
	}{
		{"text", "text"}, {5, "5"}, {true, "True"}, {false, "False"}, {nil, "None"}, {1.5, "1.5"}, {1e20, "1e+20"},
		{[]any{1, "a'b", true}, `[1, "a'b", True]`}, {xmlrpc.Struct{{Name: "k", Value: []any{}}}, "{'k': []}"}, {[]any{}, "[]"},
	} {
		if got := rpc.Text(c.value); got != c.want {
			t.Errorf("%v is quoted %s, want %s", c.value, got, c.want)
		}
	}
}

func TestAccessHasNames(t *testing.T) {
	var names []string
	for _, a := range []rpc.Access{rpc.Read, rpc.Control, rpc.Admin} {
		names = append(names, a.String())
	}
	if !slices.Equal(names, []string{"read", "control", "admin"}) {
		t.Errorf("names %q", names)
	}
}
