package rpc

import (
	"fmt"
	"strings"
	"time"

	"github.com/sirdar-project/sirdar/internal/pytext"
	"github.com/sirdar-project/sirdar/xmlrpc"
)

// noAttribute is what Python says where a value is not of the type that is needed.
func noAttribute(value any, attribute string) string {
	return fmt.Sprintf("'%s' object has no attribute '%s'", pythonType(value), attribute)
}

// NoAttribute is the failure of a method that was given a value on which Python
// would look for an attribute in vain: a number where a name belongs.
func NoAttribute(value any, attribute string) error {
	return &Failure{Class: "AttributeError", Text: noAttribute(value, attribute)}
}

func pythonType(value any) string {
	switch value.(type) {
	case nil:
		return "NoneType"
	case bool:
		return "bool"
	case int:
		return "int"
	case float64:
		return "float"
	case string:
		return "str"
	case []any:
		return "list"
	case xmlrpc.Struct:
		return "dict"
	case []byte:
		return "bytes"
	case time.Time:
		return "datetime.datetime"
	}
	return "object"
}

// Text returns a value as Python's str shows it, which is how Supervisor quotes
// values and puts those that are not text into events.
func Text(value any) string {
	if s, ok := value.(string); ok {
		return s
	}
	return repr(value)
}

func repr(value any) string {
	switch v := value.(type) {
	case nil:
		return "None"
	case bool:
		if v {
			return "True"
		}
		return "False"
	case string:
		return pytext.Repr(v)
	case float64:
		return xmlrpc.FormatDouble(v)
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = repr(v[i])
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case xmlrpc.Struct:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = pytext.Repr(v[i].Name) + ": " + repr(v[i].Value)
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case time.Time:
		return v.Format(time.DateTime)
	}
	return fmt.Sprint(value)
}
