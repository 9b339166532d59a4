package xmlrpc

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
)

// An Unmarshaler is a value that stores an XML-RPC value in itself. The value is of
// one of the types that the package's documentation lists.
type Unmarshaler interface {
	UnmarshalXMLRPC(value any) error
}

// A TypeError says that an XML-RPC value does not fit where it should be stored.
type TypeError struct {
	Value string       // what it is: "string", "struct" …
	Type  reflect.Type // what it does not fit
	Path  string       // where it stands: "[3].name"; empty for the whole value
}

// Error returns "xmlrpc: a string at [3].name does not fit int".
func (e *TypeError) Error() string {
	at := ""
	if e.Path != "" {
		at = " at " + strings.TrimPrefix(e.Path, ".")
	}
	return fmt.Sprintf("xmlrpc: a value of type %s%s does not fit %v", e.Value, at, e.Type)
}

// Unmarshal stores a value, as a [Decoder] returns it, where into points:
//
//   - integers in Go's integers, if they fit, and in floats; doubles in floats
//   - strings, booleans, times and base64 in Go's strings, bools, [time.Time] and
//     []byte
//   - arrays in slices, which are made anew
//   - structs in [Struct], in maps with strings as keys, and in Go's structs: a
//     member goes to the field with the tag `xmlrpc:"name"`, or, without a tag, with
//     the member's name. Members without a field are left out; fields without a
//     member, and those with the tag "-", stay as they are
//   - nil as the zero value of pointers, slices, maps and interfaces
//   - anything in an empty interface, in what a pointer points to if it fits there
//     (the pointer is set to a new value), and in an [Unmarshaler]
//
// Anything else is a [*TypeError].
func Unmarshal(value, into any) error {
	to, err := targetOf(into)
	if err != nil {
		return err
	}
	return to.plan.assign(to.value, value)
}

// A target is where a value will be stored.
type target struct {
	plan   *plan
	value  reflect.Value
	stored bool
}

func targetOf(into any) (*target, error) {
	v := reflect.ValueOf(into)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return nil, fmt.Errorf("xmlrpc: cannot store a value in %T: it is no pointer, or nil", into)
	}
	return &target{plan: planOf(v.Type().Elem()), value: v.Elem()}, nil
}

// A plan is what is known of a Go type that values are stored in and made of.
type plan struct {
	kind   kind
	typ    reflect.Type
	elem   *plan          // of pointers, slices and maps
	fields []field        // of structs
	places map[string]int // of structs: which field has a name

	appends    bool // it is an Appender
	unmarshals bool // a pointer to it is an Unmarshaler
}

type field struct {
	name      string
	index     []int
	omitEmpty bool
	plan      *plan

	// The member of that name as it is written, up to its value or, if that is a
	// string, up to its text.
	open, openString string
}

type kind uint8

const (
	kindNone kind = iota // stands for nothing in XML-RPC
	kindAny
	kindString
	kindBool
	kindInt
	kindUint
	kindFloat
	kindBytes
	kindTime
	kindStruct  // one of Go
	kindMembers // a Struct
	kindMap
	kindSlice
	kindPointer
)

var (
	plans    sync.Map // of reflect.Type to *plan
	planning sync.Mutex
)

// planOf returns the plan of a type, which is made once.
func planOf(t reflect.Type) *plan {
	if p, ok := plans.Load(t); ok {
		return p.(*plan)
	}
	planning.Lock()
	defer planning.Unlock()
	made := make(map[reflect.Type]*plan)
	p := makePlan(t, made)
	for t, p := range made {
		plans.LoadOrStore(t, p)
	}
	return p
}

var (
	typeTime        = reflect.TypeFor[time.Time]()
	typeStruct      = reflect.TypeFor[Struct]()
	typeAppender    = reflect.TypeFor[Appender]()
	typeUnmarshaler = reflect.TypeFor[Unmarshaler]()
)

// makePlan makes plans of a type and of all that it consists of, which may be the
// type itself.
func makePlan(t reflect.Type, made map[reflect.Type]*plan) *plan {
	if p := made[t]; p != nil {
		return p
	}
	p := &plan{
		typ:        t,
		kind:       kindOf(t),
		appends:    t.Implements(typeAppender),
		unmarshals: reflect.PointerTo(t).Implements(typeUnmarshaler),
	}
	made[t] = p
	switch p.kind {
	case kindSlice, kindPointer, kindMap:
		p.elem = makePlan(t.Elem(), made)
	case kindStruct:
		p.makeFields(made)
	}
	return p
}

func kindOf(t reflect.Type) kind {
	switch {
	case t == typeTime:
		return kindTime
	case t == typeStruct:
		return kindMembers
	}
	switch t.Kind() {
	case reflect.String:
		return kindString
	case reflect.Bool:
		return kindBool
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return kindInt
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return kindUint
	case reflect.Float32, reflect.Float64:
		return kindFloat
	case reflect.Struct:
		return kindStruct
	case reflect.Pointer:
		return kindPointer
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return kindBytes
		}
		return kindSlice
	case reflect.Map:
		if t.Key().Kind() == reflect.String {
			return kindMap
		}
	case reflect.Interface:
		return kindAny
	}
	return kindNone
}

// makeFields finds the fields of a struct, those of embedded structs included.
func (p *plan) makeFields(made map[reflect.Type]*plan) {
	p.places = make(map[string]int)
	for _, f := range reflect.VisibleFields(p.typ) {
		name, options, _ := strings.Cut(f.Tag.Get("xmlrpc"), ",")
		if !f.IsExported() || name == "-" || f.Anonymous && name == "" && f.Type.Kind() == reflect.Struct || throughPointer(p.typ, f.Index) {
			continue
		}
		name = cmp.Or(name, f.Name)
		if _, taken := p.places[name]; taken {
			continue
		}
		p.places[name] = len(p.fields)
		open := string(OpenMember(nil, name))
		p.fields = append(p.fields, field{
			name:       name,
			index:      f.Index,
			omitEmpty:  options == "omitempty",
			plan:       makePlan(f.Type, made),
			open:       open,
			openString: open + "<value><string>",
		})
	}
}

// throughPointer says whether a field is that of an embedded pointer, which may be
// nil.
func throughPointer(t reflect.Type, index []int) bool {
	for _, i := range index[:len(index)-1] {
		if t = t.Field(i).Type; t.Kind() == reflect.Pointer {
			return true
		}
	}
	return false
}

// of returns the field in a struct.
func (f *field) of(s reflect.Value) reflect.Value {
	if len(f.index) == 1 {
		return s.Field(f.index[0])
	}
	return s.FieldByIndex(f.index)
}

// field returns the field for a member, nil if there is none. Members mostly come
// in the order of the fields: next says where to look first.
func (p *plan) field(name string, next *int) *field {
	i := *next
	if i >= len(p.fields) || p.fields[i].name != name {
		var ok bool
		if i, ok = p.places[name]; !ok {
			return nil
		}
	}
	*next = i + 1
	return &p.fields[i]
}

// assign stores a value.
func (p *plan) assign(dst reflect.Value, value any) error {
	if p.unmarshals {
		return dst.Addr().Interface().(Unmarshaler).UnmarshalXMLRPC(value)
	}
	if value == nil {
		switch p.kind {
		case kindAny, kindPointer, kindSlice, kindMap, kindMembers, kindBytes:
			dst.SetZero()
			return nil
		}
		return p.unfit(value)
	}
	switch p.kind {
	case kindAny:
		if v := reflect.ValueOf(value); v.Type().AssignableTo(p.typ) {
			dst.Set(v)
			return nil
		}
	case kindPointer:
		fresh := reflect.New(p.typ.Elem())
		dst.Set(fresh)
		return p.elem.assign(fresh.Elem(), value)
	case kindFloat:
		switch v := value.(type) {
		case float64:
			dst.SetFloat(v)
			return nil
		case int:
			dst.SetFloat(float64(v))
			return nil
		}
	}

	switch v := value.(type) {
	case string:
		if p.kind == kindString {
			dst.SetString(v)
			return nil
		}
	case int:
		if p.kind == kindInt && !dst.OverflowInt(int64(v)) {
			dst.SetInt(int64(v))
			return nil
		}
		if p.kind == kindUint && v >= 0 && !dst.OverflowUint(uint64(v)) {
			dst.SetUint(uint64(v))
			return nil
		}
	case bool:
		if p.kind == kindBool {
			dst.SetBool(v)
			return nil
		}
	case []byte:
		if p.kind == kindBytes {
			dst.SetBytes(v)
			return nil
		}
	case time.Time:
		if p.kind == kindTime {
			dst.Set(reflect.ValueOf(v))
			return nil
		}
	case []any:
		if p.kind == kindSlice {
			return p.assignSlice(dst, v)
		}
	case Struct:
		switch p.kind {
		case kindMembers:
			dst.Set(reflect.ValueOf(v))
			return nil
		case kindMap:
			return p.assignMap(dst, v)
		case kindStruct:
			return p.assignStruct(dst, v)
		}
	}
	return p.unfit(value)
}

func (p *plan) assignSlice(dst reflect.Value, list []any) error {
	fresh := reflect.MakeSlice(p.typ, len(list), len(list))
	dst.Set(fresh)
	for i, v := range list {
		if err := p.elem.assign(fresh.Index(i), v); err != nil {
			return within(err, fmt.Sprintf("[%d]", i))
		}
	}
	return nil
}

func (p *plan) assignMap(dst reflect.Value, s Struct) error {
	fresh := reflect.MakeMapWithSize(p.typ, len(s))
	dst.Set(fresh)
	for _, m := range s {
		v := reflect.New(p.typ.Elem()).Elem()
		if err := p.elem.assign(v, m.Value); err != nil {
			return within(err, "."+m.Name)
		}
		fresh.SetMapIndex(reflect.ValueOf(m.Name).Convert(p.typ.Key()), v)
	}
	return nil
}

func (p *plan) assignStruct(dst reflect.Value, s Struct) error {
	next := 0
	for _, m := range s {
		f := p.field(m.Name, &next)
		if f == nil {
			continue
		}
		if err := f.plan.assign(f.of(dst), m.Value); err != nil {
			return within(err, "."+m.Name)
		}
	}
	return nil
}

func (p *plan) unfit(value any) error { return &TypeError{Value: typeName(value), Type: p.typ} }

// within puts a step in front of where a TypeError happened.
func within(err error, step string) error {
	if e, ok := err.(*TypeError); ok {
		e.Path = step + e.Path
	}
	return err
}

// typeName is the XML-RPC type of a value of a Decoder.
func typeName(value any) string {
	switch value.(type) {
	case nil:
		return "nil"
	case string:
		return "string"
	case int:
		return "int"
	case bool:
		return "boolean"
	case float64:
		return "double"
	case []byte:
		return "base64"
	case time.Time:
		return "dateTime.iso8601"
	case []any:
		return "array"
	case Struct:
		return "struct"
	}
	return fmt.Sprintf("%T", value)
}

// into reads a value element as value does and stores it. It gives up where the
// value does not fit.
func (q *quick) into(p *plan, dst reflect.Value, depth int) bool {
	switch {
	case p.unmarshals:
	case p.kind == kindString:
		letter, text, ok := q.open(depth)
		if !ok {
			return false
		}
		if letter != '/' {
			if !q.skip("<string>") {
				return false
			}
			if text, ok = q.textUntil("</string>"); !ok || !q.close() {
				return false
			}
		}
		dst.SetString(text)
		return true
	case p.kind == kindInt:
		if _, _, ok := q.open(depth); !ok {
			return false
		}
		n, ok := q.int()
		if !ok || dst.OverflowInt(int64(n)) {
			return false
		}
		dst.SetInt(int64(n))
		return q.close()
	case p.kind == kindStruct:
		return q.intoStruct(p, dst, depth)
	case p.kind == kindSlice:
		return q.intoSlice(p, dst, depth)
	case p.kind == kindPointer && !q.ahead("<value><nil/>"):
		fresh := reflect.New(p.typ.Elem())
		dst.Set(fresh)
		return q.into(p.elem, fresh.Elem(), depth)
	}
	value, ok := q.value(depth)
	return ok && p.assign(dst, value) == nil
}

func (q *quick) intoStruct(p *plan, dst reflect.Value, depth int) bool {
	if _, _, ok := q.open(depth); !ok || !q.skip("<struct>") {
		return false
	}
	next := 0
	for {
		name, more, ok := q.nextMember(depth)
		if !ok {
			return false
		}
		if !more {
			return q.close()
		}
		if f := p.field(name, &next); f != nil {
			ok = q.into(f.plan, f.of(dst), depth+3)
		} else {
			_, ok = q.value(depth + 3)
		}
		if !ok || !q.leaveMember() {
			return false
		}
	}
}

func (q *quick) intoSlice(p *plan, dst reflect.Value, depth int) bool {
	if _, _, ok := q.open(depth); !ok || !q.enterArray(depth) {
		return false
	}
	list := reflect.MakeSlice(p.typ, 0, 0)
	dst.Set(list)
	from, n := q.pos, 0
	for q.blanks(); q.ahead("<value>"); q.blanks() {
		if n == dst.Cap() {
			dst.Grow(q.guess(from, n))
		}
		dst.SetLen(n + 1)
		if !q.into(p.elem, dst.Index(n), depth+3) {
			return false
		}
		n++
	}
	return q.leaveArray() && q.close()
}

// guess returns how many more elements to make room for, going by how long those
// read since from were. A document cannot talk it into more than a few thousand.
func (q *quick) guess(from, read int) int {
	if read == 0 {
		return 1
	}
	const most = 4096
	each := (q.pos - from) / read
	return min((len(q.doc)-q.pos)/each+1, max(read, most))
}

// appendValue writes what a Go value stands for.
func (p *plan) appendValue(dst []byte, v reflect.Value) ([]byte, error) {
	if p.appends {
		if v.Kind() == reflect.Pointer && v.IsNil() {
			return AppendNil(dst), nil
		}
		return v.Interface().(Appender).AppendXMLRPC(dst), nil
	}
	switch p.kind {
	case kindString:
		return AppendString(dst, v.String()), nil
	case kindInt:
		return AppendInt(dst, v.Int()), nil
	case kindUint:
		if n := v.Uint(); n <= math.MaxInt64 {
			return AppendInt(dst, int64(n)), nil
		}
		return dst, fmt.Errorf("xmlrpc: cannot write %d: it does not fit 64 bits with a sign", v.Uint())
	case kindBool:
		return AppendBool(dst, v.Bool()), nil
	case kindFloat:
		return AppendDouble(dst, v.Float()), nil
	case kindBytes:
		return AppendBase64(dst, v.Bytes()), nil
	case kindSlice:
		return p.appendSlice(dst, v)
	case kindStruct:
		return p.appendStruct(dst, v)
	case kindMap:
		return p.appendMap(dst, v)
	case kindPointer, kindAny:
		if v.IsNil() {
			return AppendNil(dst), nil
		}
		if p.kind == kindPointer {
			return p.elem.appendValue(dst, v.Elem())
		}
		return AppendValue(dst, v.Interface())
	case kindTime, kindMembers:
		return AppendValue(dst, v.Interface())
	}
	return dst, fmt.Errorf("xmlrpc: cannot write a value of type %v", p.typ)
}

func (p *plan) appendSlice(dst []byte, v reflect.Value) ([]byte, error) {
	var err error
	dst = OpenArray(dst)
	for i := range v.Len() {
		if dst, err = p.elem.appendValue(dst, v.Index(i)); err != nil {
			return dst, err
		}
	}
	return CloseArray(dst), nil
}

func (p *plan) appendStruct(dst []byte, v reflect.Value) ([]byte, error) {
	var err error
	dst = OpenStruct(dst)
	for i := range p.fields {
		f := &p.fields[i]
		value := f.of(v)
		if f.omitEmpty && value.IsZero() {
			continue
		}
		if f.plan.kind == kindString && !f.plan.appends {
			dst = append(dst, f.openString...)
			dst = appendText(dst, value.String())
			dst = append(dst, "</string></value>\n</member>\n"...)
			continue
		}
		dst = append(dst, f.open...)
		if dst, err = f.plan.appendValue(dst, value); err != nil {
			return dst, err
		}
		dst = CloseMember(dst)
	}
	return CloseStruct(dst), nil
}

func (p *plan) appendMap(dst []byte, v reflect.Value) ([]byte, error) {
	var err error
	members := make(map[string]reflect.Value, v.Len())
	for entries := v.MapRange(); entries.Next(); {
		members[entries.Key().String()] = entries.Value()
	}
	dst = OpenStruct(dst)
	for _, name := range slices.Sorted(maps.Keys(members)) {
		dst = OpenMember(dst, name)
		if dst, err = p.elem.appendValue(dst, members[name]); err != nil {
			return dst, err
		}
		dst = CloseMember(dst)
	}
	return CloseStruct(dst), nil
}
