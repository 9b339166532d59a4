package api

import (
	"context"
	"fmt"
	"math"
	"strconv"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/internal/pytext"
	"github.com/sirdar-project/sirdar/rpc"
	"github.com/sirdar-project/sirdar/xmlrpc"
)

// up returns the fault SHUTDOWN_STATE while the daemon is not up. Supervisor's
// methods look at that before their parameters.
func (n node) up(ctx context.Context) error {
	_, err := n.sup.About(ctx)
	return err
}

// selector reads the name of a process, or of a whole group ("group:*").
func (n node) selector(ctx context.Context, arg any) (sirdar.Selector, error) {
	name, ok := arg.(string)
	if ok && name != "" {
		return sirdar.Select(name), nil
	}
	if err := n.up(ctx); err != nil {
		return sirdar.Selector{}, err
	}
	if ok {
		return sirdar.Selector{}, errEmptyName
	}
	return sirdar.Selector{}, rpc.NoAttribute(arg, "split")
}

// process reads the name of one process; that of a whole group is BAD_NAME.
func (n node) process(ctx context.Context, arg any) (sirdar.Selector, error) {
	sel, err := n.selector(ctx, arg)
	if err != nil || sel.IsProcess() {
		return sel, err
	}
	if err := n.up(ctx); err != nil {
		return sel, err
	}
	return sel, sirdar.NewFault(sirdar.BadName, sel.String())
}

// group reads the name of a group. Nothing in it has a meaning: "group:*" is a
// name that no group has.
func (n node) group(ctx context.Context, arg any) (sirdar.Selector, error) {
	if name, ok := arg.(string); ok && name != "" {
		return sirdar.OfGroup(name), nil
	}
	if err := n.up(ctx); err != nil {
		return sirdar.Selector{}, err
	}
	switch arg.(type) {
	case nil:
		return sirdar.Selector{}, sirdar.NewFault(sirdar.BadName, "")
	case string:
		return sirdar.Selector{}, errEmptyName
	case bool, int, float64:
		// They are looked up like any name, and nobody has such a name.
		return sirdar.Selector{}, sirdar.NewFault(sirdar.BadName, rpc.Text(arg))
	}
	return sirdar.Selector{}, rpc.ErrParameters // what cannot be looked up
}

// errEmptyName is what is said of the name "".
var errEmptyName = &sirdar.Fault{Code: sirdar.BadName, Text: "BAD_NAME: "}

// waits reads the parameter wait: whether it is left out, or true in Python's eyes.
// PHP's clients send numbers.
func waits(args []any) bool {
	if len(args) == 0 {
		return true
	}
	switch v := args[0].(type) {
	case nil:
		return false
	case bool:
		return v
	case int:
		return v != 0
	case float64:
		return v != 0
	case string:
		return v != ""
	case []any:
		return len(v) > 0
	case xmlrpc.Struct:
		return len(v) > 0
	}
	return true
}

// integer reads an offset or a length: an integer, a double that is cut, a boolean,
// or a string that is an integer.
func integer(arg any) (int64, error) {
	switch v := arg.(type) {
	case int:
		return int64(v), nil
	case bool:
		if v {
			return 1, nil
		}
		return 0, nil
	case float64:
		switch {
		case math.IsNaN(v):
			return 0, &rpc.Failure{Class: "ValueError", Text: "cannot convert float NaN to integer"}
		case math.IsInf(v, 0):
			return 0, &rpc.Failure{Class: "OverflowError", Text: "cannot convert float infinity to integer"}
		case v >= math.MaxInt64:
			return math.MaxInt64, nil
		case v <= math.MinInt64:
			return math.MinInt64, nil
		}
		return int64(v), nil
	case string:
		i, err := pytext.ParseInt(v)
		if err != nil {
			return 0, &rpc.Failure{Class: "ValueError", Text: err.Error()}
		}
		return i, nil
	}
	return 0, rpc.ErrParameters
}

// integers reads an offset and a length.
func integers(args []any) (offset, length int64, err error) {
	if offset, err = integer(args[0]); err != nil {
		return 0, 0, err
	}
	length, err = integer(args[1])
	return offset, length, err
}

// signalText reads a signal; numbers are told as text.
func signalText(arg any) (string, bool) {
	switch v := arg.(type) {
	case string:
		return v, true
	case int:
		return strconv.Itoa(v), true
	case bool:
		if v {
			return "1", true
		}
		return "0", true
	case float64:
		if math.IsNaN(v) || math.Abs(v) > 1e6 {
			return rpc.Text(v), true // no signal, and quoted as it was given
		}
		return fmt.Sprint(int(v)), true
	}
	return "", false
}
