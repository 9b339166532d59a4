package xmlrpc

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"unicode"
	"unicode/utf8"
)

// A Method is what a [Server] calls by a name.
type Method struct {
	// Help is what system.methodHelp answers.
	Help string

	// Signature is what system.methodSignature answers: the XML-RPC type of the
	// result, then those of the parameters. The Server checks nothing by it.
	Signature []string

	// Call does the work; it may take its time, and should give up when its
	// context ends. Parameters are as a [Decoder] reads them, results as
	// [AppendValue] writes them. An error that is or wraps a [*Fault] is answered
	// as that fault, others with the code CodeOfApplication and their text.
	Call func(ctx context.Context, params []any) (any, error)
}

var (
	typeContext = reflect.TypeFor[context.Context]()
	typeError   = reflect.TypeFor[error]()
)

// MethodOf makes a Method of a Go function. Its parameters, the first of which may
// be a [context.Context] and the last of which may be variadic, get their values
// from the call as [Unmarshal] stores them; a call that does not fit is answered
// with a fault. It returns a result, an error, both in this order, or nothing,
// which is answered with nil. The Signature is that of the function. MethodOf
// panics when function is none, or none of this kind.
func MethodOf(function any) Method {
	m, err := methodOf(reflect.ValueOf(function))
	if err != nil {
		panic(fmt.Sprintf("xmlrpc: %T cannot be a method: %v", function, err))
	}
	return m
}

// HandleValue gives the Server the exported methods of a value, all that can be
// methods by the rules of [MethodOf]: Div becomes "div", or "calc.div" with the
// prefix "calc.". Whoever can reach the Server can call all of them. It panics when
// there are none.
func (s *Server) HandleValue(prefix string, value any) {
	v := reflect.ValueOf(value)
	found := false
	for i := range v.NumMethod() {
		m, err := methodOf(v.Method(i))
		if err != nil {
			continue
		}
		found = true
		s.Handle(prefix+uncapitalize(v.Type().Method(i).Name), m)
	}
	if !found {
		panic(fmt.Sprintf("xmlrpc: %T has no methods that can be called", value))
	}
}

func uncapitalize(name string) string {
	first, size := utf8.DecodeRuneInString(name)
	return string(unicode.ToLower(first)) + name[size:]
}

// A function is a Go function that calls are made of.
type function struct {
	value     reflect.Value
	inContext bool    // its first parameter is the context
	params    []*plan // the others; of a variadic one, what each of its values is
	variadic  bool
	result    bool // its first result is no error
	fails     bool // its last result is an error
}

func methodOf(v reflect.Value) (Method, error) {
	if !v.IsValid() || v.Kind() != reflect.Func || v.IsNil() {
		return Method{}, errors.New("it is no function")
	}
	t := v.Type()
	f := &function{value: v, variadic: t.IsVariadic()}
	for i := range t.NumIn() {
		in := t.In(i)
		if i == 0 && in == typeContext {
			f.inContext = true
			continue
		}
		if f.variadic && i == t.NumIn()-1 {
			in = in.Elem()
		}
		p := planOf(in)
		if !p.fits() && !p.unmarshals {
			return Method{}, fmt.Errorf("there is no XML-RPC type for its parameter of type %v", in)
		}
		f.params = append(f.params, p)
	}

	results := t.NumOut()
	if results > 0 && t.Out(results-1) == typeError {
		f.fails = true
		results--
	}
	if results > 1 {
		return Method{}, errors.New("it has more than one result besides an error")
	}
	signature := []string{"nil"}
	if f.result = results == 1; f.result {
		p := planOf(t.Out(0))
		if !p.fits() && !p.appends {
			return Method{}, fmt.Errorf("there is no XML-RPC type for its result of type %v", p.typ)
		}
		signature[0] = p.typeName()
	}
	for _, p := range f.params {
		signature = append(signature, p.typeName())
	}
	return Method{Signature: signature, Call: f.call}, nil
}

func (f *function) call(ctx context.Context, params []any) (any, error) {
	if err := f.checkCount(len(params)); err != nil {
		return nil, err
	}
	in := make([]reflect.Value, 0, len(params)+1)
	if f.inContext {
		in = append(in, reflect.ValueOf(ctx))
	}
	for i, value := range params {
		p := f.params[min(i, len(f.params)-1)]
		v := reflect.New(p.typ).Elem()
		if err := p.assign(v, value); err != nil {
			return nil, &Fault{Code: CodeParameters, Text: fmt.Sprintf("parameter %d: %v", i+1, err)}
		}
		in = append(in, v)
	}

	var result any
	var err error
	out := f.value.Call(in)
	if f.fails {
		err, _ = out[len(out)-1].Interface().(error)
	}
	if f.result {
		result = out[0].Interface()
	}
	return result, err
}

func (f *function) checkCount(count int) error {
	want, least := len(f.params), ""
	if f.variadic {
		want, least = want-1, "at least "
	}
	if count == want || f.variadic && count > want {
		return nil
	}
	return &Fault{Code: CodeParameters, Text: fmt.Sprintf("called with %d parameters instead of %s%d", count, least, want)}
}

// fits says whether any XML-RPC value could be stored.
func (p *plan) fits() bool {
	return p.kind != kindNone && (p.kind != kindAny || p.typ.NumMethod() == 0)
}

// typeName is the XML-RPC type that a Go type stands for, "any" where there is not
// one.
func (p *plan) typeName() string {
	switch p.kind {
	case kindString:
		return "string"
	case kindBool:
		return "boolean"
	case kindInt, kindUint:
		return "int"
	case kindFloat:
		return "double"
	case kindBytes:
		return "base64"
	case kindTime:
		return "dateTime.iso8601"
	case kindStruct, kindMembers, kindMap:
		return "struct"
	case kindSlice:
		return "array"
	case kindPointer:
		return p.elem.typeName()
	}
	return "any"
}
