package xmlrpc

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// A Decoder reads calls and answers, within limits. The zero Decoder is ready for
// use and has limits that no honest client meets; it may be used by any number of
// goroutines.
//
// A Decoder reads elements and does not insist on the document's shape: the root
// element may have any name, a value may stand without its param, a value element
// of unknown type is its text. Surrounding blanks of numbers do not count, a
// boolean is true when its text is "1".
type Decoder struct {
	// MaxBytes bounds the document, MaxElements the number of elements, MaxDepth
	// how deep they stand in each other. Zero means 32 MiB, 4 Mi and 200.
	MaxBytes    int
	MaxElements int
	MaxDepth    int

	// Classic restricts the types to those that XML-RPC had in 2003, as servers
	// do which know no others and have no bytes: i8 and the other integers of
	// later days are then unknown types, and base64 is text in disguise. The
	// declared encoding is ignored: it is always UTF-8.
	Classic bool
}

// DecodeCall reads a request with the zero Decoder.
func DecodeCall(doc []byte) (*Call, error) { return new(Decoder).Call(doc) }

// DecodeResponse reads an answer with the zero Decoder.
func DecodeResponse(doc []byte) (any, error) { return new(Decoder).Response(doc) }

// Call reads a request. Errors are of the type [*SyntaxError]. A request without
// method name is no error here: its Method is empty.
func (d *Decoder) Call(doc []byte) (*Call, error) {
	c, err := d.read(doc, nil)
	if err != nil {
		return nil, err
	}
	return &Call{Method: c.method, Params: c.params}, nil
}

// Response reads an answer and returns its value; an answer that says no is an
// error of the type [*Fault], anything else that is wrong is a [*SyntaxError].
func (d *Decoder) Response(doc []byte) (any, error) {
	c, err := d.read(doc, nil)
	switch {
	case err != nil:
		return nil, err
	case c.fault != nil:
		return nil, c.fault
	case len(c.params) == 0:
		return nil, &SyntaxError{Offset: len(doc), Reason: "answer without a value"}
	}
	return c.params[0], nil
}

// ResponseInto reads an answer as [Decoder.Response] does and stores its value
// where into points, by the rules of [Unmarshal] but without making a generic
// value first. After an error a part of the value may be stored.
func (d *Decoder) ResponseInto(doc []byte, into any) error {
	to, err := targetOf(into)
	if err != nil {
		return err
	}
	c, err := d.read(doc, to)
	switch {
	case err != nil:
		return err
	case c.fault != nil:
		return c.fault
	case to.stored:
		return nil
	case len(c.params) == 0:
		return &SyntaxError{Offset: len(doc), Reason: "answer without a value"}
	}
	return to.plan.assign(to.value, c.params[0])
}

// A content is what stands in a document.
type content struct {
	method string
	params []any
	fault  *Fault
}

// read reads a document. It may store an answer's value in a target, if there is
// one, and says so there.
func (d *Decoder) read(doc []byte, to *target) (content, error) {
	if len(doc) > d.bytes() {
		return content{}, &SyntaxError{Reason: "document too long"}
	}
	text := string(doc)
	if !d.Classic {
		var err error
		if text, err = decodeCharset(text); err != nil {
			return content{}, err
		}
	}
	q := quick{doc: text, left: d.elements(), maxDepth: d.depth(), classic: d.Classic}
	if c, ok := q.document(to); ok {
		if to != nil {
			to.stored = c.fault == nil && c.params == nil
		}
		return c, nil
	}
	return d.readThoroughly(text)
}

// readThoroughly reads what no quick reader can.
func (d *Decoder) readThoroughly(text string) (content, error) {
	b := &builder{classic: d.Classic}
	s := scanner{doc: text, left: d.elements(), maxDepth: d.depth(), reader: b}
	err := s.scan()
	return b.content, err
}

func (d *Decoder) bytes() int    { return orDefault(d.MaxBytes, 32<<20) }
func (d *Decoder) elements() int { return orDefault(d.MaxElements, 4<<20) }
func (d *Decoder) depth() int    { return orDefault(d.MaxDepth, 200) }

func orDefault(n, otherwise int) int {
	if n == 0 {
		return otherwise
	}
	return n
}

// A builder makes values of elements from the inside outwards: whenever an element
// ends, its children's values are taken from the stack and its own is put there.
type builder struct {
	classic bool
	open    []element
	values  []any
	members []Member

	// The text of the innermost open element so far, up to its first child: in one
	// piece, or, once there is a second, in more.
	piece string
	more  []byte

	content
}

// An element is one that is open.
type element struct {
	tag      tag
	children int    // how many have ended
	values   int    // where its children's values begin
	members  int    // struct: where its members begin
	text     string // what stands before its first child
	label    string // member of a struct: its name, which is not on the stack
	labelled bool
}

type tag uint8

const (
	tagOther tag = iota
	tagValue
	tagString
	tagInt
	tagLongInt // an integer of a later day
	tagBoolean
	tagDouble
	tagTime
	tagBase64
	tagNil
	tagArray
	tagData
	tagStruct
	tagMember
	tagName
	tagParam
	tagParams
	tagMethodName
	tagFault
)

// tagOf knows an element by its name.
func tagOf(name string, classic bool) tag {
	switch name {
	case "value":
		return tagValue
	case "string":
		return tagString
	case "int", "i4":
		return tagInt
	case "boolean":
		return tagBoolean
	case "double":
		return tagDouble
	case "dateTime.iso8601":
		return tagTime
	case "base64":
		return tagBase64
	case "array":
		return tagArray
	case "data":
		return tagData
	case "struct":
		return tagStruct
	case "member":
		return tagMember
	case "name":
		return tagName
	case "param":
		return tagParam
	case "params":
		return tagParams
	case "methodName":
		return tagMethodName
	}
	if classic {
		return tagOther
	}
	switch name {
	case "fault":
		return tagFault
	case "nil", "ex:nil":
		return tagNil
	case "i8", "ex:i8", "i1", "ex:i1", "i2", "ex:i2":
		return tagLongInt
	case "float", "ex:float":
		return tagDouble
	}
	return tagOther
}

func (b *builder) begin(name string) {
	if n := len(b.open); n > 0 && b.open[n-1].children == 0 {
		b.open[n-1].text = b.takeText()
	}
	b.open = append(b.open, element{
		tag:     tagOf(name, b.classic),
		values:  len(b.values),
		members: len(b.members),
	})
}

func (b *builder) text(piece string) {
	switch {
	case b.open[len(b.open)-1].children > 0: // it stands behind a child
	case b.more != nil:
		b.more = append(b.more, piece...)
	case b.piece != "":
		b.more = append(append([]byte{}, b.piece...), piece...)
	default:
		b.piece = piece
	}
}

// takeText ends the text of the innermost element.
func (b *builder) takeText() string {
	text := b.piece
	if b.more != nil {
		text = string(b.more)
	}
	b.piece, b.more = "", nil
	return text
}

func (b *builder) end() error {
	top := len(b.open) - 1
	e := &b.open[top]
	if e.children == 0 {
		e.text = b.takeText()
	}
	var parent, grandparent *element
	if top > 0 {
		parent = &b.open[top-1]
		parent.children++
	}
	if top > 1 {
		grandparent = &b.open[top-2]
	}

	switch {
	case e.tag == tagName && grandparent != nil && grandparent.tag == tagStruct && parent.children == 1:
		parent.label, parent.labelled = e.text, true
		b.values = b.values[:e.values]
	case parent != nil && parent.tag == tagStruct:
		if err := b.endMember(e); err != nil {
			return err
		}
	default:
		value, err := b.valueOf(e)
		if err != nil {
			return err
		}
		b.values = append(b.values[:e.values], value)
	}
	b.open = b.open[:top]
	return nil
}

// endMember ends a child of a struct, whatever its own name is: its two children
// are a name and a value.
func (b *builder) endMember(e *element) error {
	if e.children != 2 {
		return errors.New("member of a struct without a name and a value")
	}
	children := b.values[e.values:]
	if !e.labelled {
		name, ok := children[0].(string)
		if !ok && children[0] != nil {
			return errors.New("name of a member is not a string")
		}
		e.label, children = name, children[1:]
	}
	b.members = append(b.members, Member{Name: e.label, Value: children[0]})
	b.values = b.values[:e.values]
	return nil
}

// valueOf makes the value of an element that ends.
func (b *builder) valueOf(e *element) (any, error) {
	children := b.values[e.values:]
	switch e.tag {
	case tagValue:
		if len(children) == 0 {
			return e.text, nil
		}
		return children[0], nil
	case tagString:
		return e.text, nil
	case tagInt, tagLongInt:
		return parseInt(e.text)
	case tagBoolean:
		return e.text == "1", nil
	case tagDouble:
		return parseDouble(e.text)
	case tagTime:
		return parseTime(e.text, b.classic)
	case tagBase64:
		return parseBase64(e.text, b.classic)
	case tagNil:
		return nil, nil
	case tagStruct:
		s := unique(b.members[e.members:])
		b.members = b.members[:e.members]
		return s, nil
	case tagData:
		return append(make([]any, 0, len(children)), children...), nil
	case tagArray, tagParam:
		if len(children) == 0 {
			return nil, errors.New("element without the element that belongs inside")
		}
		return children[0], nil
	case tagParams:
		b.params = append(make([]any, 0, len(children)), children...)
		return nil, nil
	case tagMethodName:
		b.method = e.text
	case tagFault:
		return nil, b.endFault(children)
	}
	if e.text == "" {
		return nil, nil
	}
	return e.text, nil
}

func (b *builder) endFault(children []any) error {
	if len(children) > 0 {
		if s, ok := children[0].(Struct); ok {
			b.fault = faultIn(s)
			return nil
		}
	}
	return errors.New("fault without a struct")
}

// faultIn returns the fault that a struct tells of.
func faultIn(s Struct) *Fault {
	code, _ := s.Get("faultCode").(int)
	text, _ := s.Get("faultString").(string)
	return &Fault{Code: code, Text: text}
}

// unique copies the members of a struct. Of members with the same name the last
// one counts, at the place of the first.
func unique(members []Member) Struct {
	s := make(Struct, 0, len(members))
	if len(members) <= 32 {
		for _, m := range members {
			if i := slices.IndexFunc(s, func(o Member) bool { return o.Name == m.Name }); i >= 0 {
				s[i].Value = m.Value
				continue
			}
			s = append(s, m)
		}
		return s
	}
	place := make(map[string]int, len(members))
	for _, m := range members {
		if i, ok := place[m.Name]; ok {
			s[i].Value = m.Value
			continue
		}
		place[m.Name] = len(s)
		s = append(s, m)
	}
	return s
}

func parseInt(text string) (any, error) {
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil {
		return nil, errors.New("not an integer that fits 64 bits")
	}
	return int(n), nil
}

func parseDouble(text string) (any, error) {
	text = strings.TrimSpace(text)
	if strings.ContainsAny(text, "xXpP_") {
		return nil, errors.New("not a double")
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return nil, errors.New("not a double")
	}
	return f, nil
}

// parseTime reads a date and time. What servers of later days write for it, dashes,
// fractions and zones, is unknown to the classic reader.
func parseTime(text string, classic bool) (any, error) {
	if t, err := time.Parse(timeFormat, text); err == nil && (classic || len(text) == len(timeFormat)) {
		return t, nil
	}
	if !classic {
		for _, format := range [...]string{timeFormat, timeFormat + "Z07:00", "2006-01-02T15:04:05", time.RFC3339} {
			if t, err := time.Parse(format, strings.TrimSpace(text)); err == nil {
				return t.UTC(), nil
			}
		}
	}
	return nil, errors.New("not a date and time as YYYYMMDDTHH:MM:SS")
}

func parseBase64(text string, classic bool) (any, error) {
	data, err := decodeBase64(text)
	if err != nil {
		return nil, err
	}
	if !classic {
		return data, nil
	}
	if !utf8.Valid(data) {
		return nil, errors.New("base64 text is not UTF-8")
	}
	return string(data), nil
}

// decodeBase64 skips what does not belong to the alphabet, as MIME wants it, and
// ends where padding completes a group of four.
func decodeBase64(text string) ([]byte, error) {
	data := make([]byte, 0, len(text)*3/4)
	var bits uint32
	group, pads := 0, 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '=' {
			if pads++; group >= 2 && group+pads >= 4 {
				return data, nil
			}
			continue
		}
		digit := base64Digit(c)
		if digit < 0 {
			continue
		}
		pads = 0
		bits = bits<<6 | uint32(digit)
		if group++; group > 1 {
			data = append(data, byte(bits>>(8-2*group)))
		}
		group %= 4
	}
	if group != 0 {
		return nil, errors.New("base64 ends in the middle of a group")
	}
	return data, nil
}

func base64Digit(c byte) int {
	switch {
	case 'A' <= c && c <= 'Z':
		return int(c - 'A')
	case 'a' <= c && c <= 'z':
		return int(c-'a') + 26
	case '0' <= c && c <= '9':
		return int(c-'0') + 52
	case c == '+':
		return 62
	case c == '/':
		return 63
	}
	return -1
}
