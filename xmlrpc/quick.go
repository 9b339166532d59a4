package xmlrpc

import (
	"strings"
	"unicode/utf8"
)

// A quick reader reads documents of the form in which nearly all are written: the
// elements of XML-RPC in their places, without attributes, comments, sections or
// carriage returns. It gives up at the first byte that is anything else, and at
// everything that is wrong; then the scanner and the builder read the document
// from its beginning, and only they say what is wrong with it. What a quick reader
// does read, they read the same.
type quick struct {
	doc      string
	pos      int
	left     int // elements that the document may still open
	maxDepth int
	classic  bool

	// Values and members of what is being read, the innermost last.
	values  []any
	members []Member
	last    Struct // the struct read before this one, which often has the same names
}

// document reads the document. With a target, an answer's value goes there and not
// into the content.
func (q *quick) document(target *target) (c content, ok bool) {
	prologue := scanner{doc: q.doc}
	if prologue.xmlDeclaration() != nil || q.maxDepth < 3 {
		return c, false
	}
	q.pos = prologue.pos
	q.left--
	q.blanks()
	switch {
	case q.skip("<methodCall>"):
		ok = q.call(&c) && q.skip("</methodCall>")
	case q.skip("<methodResponse>") && !q.classic:
		ok = q.response(&c, target) && q.skip("</methodResponse>")
	}
	q.blanks()
	return c, ok && q.pos == len(q.doc) && q.left >= 0
}

func (q *quick) call(c *content) (ok bool) {
	q.blanks()
	q.left--
	if !q.skip("<methodName>") {
		return false
	}
	if c.method, ok = q.textUntil("</methodName>"); !ok {
		return false
	}
	q.blanks()
	if q.skip("<params>") {
		q.left--
		c.params = []any{}
		for q.blanks(); q.skip("<param>"); q.blanks() {
			q.left--
			q.blanks()
			value, ok := q.value(3)
			q.blanks()
			if !ok || !q.skip("</param>") {
				return false
			}
			c.params = append(c.params, value)
		}
		if !q.skip("</params>") {
			return false
		}
		q.blanks()
	}
	return true
}

func (q *quick) response(c *content, target *target) (ok bool) {
	q.blanks()
	q.left--
	if q.skip("<fault>") {
		q.blanks()
		value, ok := q.value(2)
		s, isStruct := value.(Struct)
		q.blanks()
		if !ok || !isStruct || !q.skip("</fault>") {
			return false
		}
		c.fault = faultIn(s)
		q.blanks()
		return true
	}

	if !q.skip("<params>") {
		return false
	}
	q.blanks()
	q.left--
	if !q.skip("<param>") {
		return false
	}
	q.blanks()
	if target != nil {
		ok = q.into(target.plan, target.value, 3)
	} else {
		c.params = make([]any, 1)
		c.params[0], ok = q.value(3)
	}
	q.blanks()
	if !ok || !q.skip("</param>") {
		return false
	}
	q.blanks()
	ok = q.skip("</params>")
	q.blanks()
	return ok
}

// open enters a value that stands inside of depth elements, and returns the first
// letter of its type's name, or '/' where it has none: then text is its text, and
// the value is read to its end.
func (q *quick) open(depth int) (letter byte, text string, ok bool) {
	if q.left -= 2; q.left < 0 || depth+2 > q.maxDepth || !q.skip("<value>") {
		return 0, "", false
	}
	if q.pos < len(q.doc) && q.doc[q.pos] != '<' {
		if text, ok = q.text(); !ok {
			return 0, "", false
		}
	}
	if q.pos+1 >= len(q.doc) {
		return 0, "", false
	}
	letter = q.doc[q.pos+1]
	if letter == '/' {
		return letter, text, q.skip("</value>")
	}
	return letter, "", text == "" || strings.Trim(text, " \t\n") == ""
}

// close leaves a value behind its type's end tag.
func (q *quick) close() bool {
	if q.skip("</value>") {
		return true
	}
	q.blanks()
	return q.skip("</value>")
}

// value reads a value element that stands inside of depth others.
func (q *quick) value(depth int) (value any, ok bool) {
	letter, text, ok := q.open(depth)
	if !ok {
		return nil, false
	}
	switch letter {
	case '/':
		return text, true
	case 's':
		if q.skip("<string>") {
			if text, ok = q.textUntil("</string>"); ok {
				value = text
			}
		} else if ok = q.skip("<string/>"); ok {
			value = ""
		} else {
			value, ok = q.structure(depth)
		}
	case 'i':
		var n int
		if n, ok = q.int(); ok {
			value = n
		}
	case 'b':
		if q.skip("<boolean>") {
			text, ok = q.textUntil("</boolean>")
			value = text == "1"
		} else if ok = q.skip("<base64>"); ok {
			if text, ok = q.textUntil("</base64>"); ok {
				value, ok = worked(parseBase64(text, q.classic))
			}
		}
	case 'd':
		if q.skip("<double>") {
			if text, ok = q.textUntil("</double>"); ok {
				value, ok = worked(parseDouble(text))
			}
		} else if ok = q.skip("<dateTime.iso8601>"); ok {
			if text, ok = q.textUntil("</dateTime.iso8601>"); ok {
				value, ok = worked(parseTime(text, q.classic))
			}
		}
	case 'a':
		value, ok = q.array(depth)
	case 'n':
		ok = q.skip("<nil/>") && !q.classic
	default:
		return nil, false
	}
	if !ok || !q.close() {
		return nil, false
	}
	return value, true
}

func worked(value any, err error) (any, bool) { return value, err == nil }

// int reads one of the integers, from its start tag to its end tag.
func (q *quick) int() (n int, ok bool) {
	var end string
	switch {
	case q.skip("<int>"):
		end = "</int>"
	case q.skip("<i4>"):
		end = "</i4>"
	case q.skip("<i8>") && !q.classic:
		end = "</i8>"
	default:
		return 0, false
	}

	// Up to 18 digits cannot overflow. What has more, or is no number, is not for
	// quick readers.
	at, negative := q.pos, false
	if at < len(q.doc) && q.doc[at] == '-' {
		negative = true
		at++
	}
	from := at
	for at < len(q.doc) && q.doc[at]-'0' <= 9 {
		n = n*10 + int(q.doc[at]-'0')
		at++
	}
	if at == from || at-from > 18 {
		return 0, false
	}
	q.pos = at
	if negative {
		n = -n
	}
	return n, q.skip(end)
}

func (q *quick) array(depth int) (list []any, ok bool) {
	if !q.enterArray(depth) {
		return nil, false
	}
	base := len(q.values)
	for q.blanks(); q.ahead("<value>"); q.blanks() {
		value, ok := q.value(depth + 3)
		if !ok {
			return nil, false
		}
		q.values = append(q.values, value)
	}
	list = append(make([]any, 0, len(q.values)-base), q.values[base:]...)
	q.values = q.values[:base]
	return list, q.leaveArray()
}

func (q *quick) enterArray(depth int) bool {
	if !q.skip("<array>") || depth+3 > q.maxDepth {
		return false
	}
	q.left--
	q.blanks()
	return q.skip("<data>")
}

func (q *quick) leaveArray() bool {
	if !q.skip("</data>") {
		return false
	}
	q.blanks()
	return q.skip("</array>")
}

func (q *quick) structure(depth int) (s Struct, ok bool) {
	if !q.skip("<struct>") {
		return nil, false
	}
	base := len(q.members)
	for {
		name, more, ok := q.nextMember(depth)
		if !ok {
			return nil, false
		}
		if !more {
			break
		}
		value, ok := q.value(depth + 3)
		if !ok || !q.leaveMember() {
			return nil, false
		}
		q.members = append(q.members, Member{Name: name, Value: value})
	}
	members := q.members[base:]
	if sameNames(members, q.last) {
		s = append(make(Struct, 0, len(members)), members...)
	} else {
		s = unique(members)
	}
	q.members = q.members[:base]
	q.last = s
	return s, true
}

// sameNames says whether members have the names of a struct in which none stands
// twice.
func sameNames(members []Member, s Struct) bool {
	if len(members) != len(s) {
		return false
	}
	for i := range members {
		if members[i].Name != s[i].Name {
			return false
		}
	}
	return true
}

// nextMember goes on inside a struct that is the type of a value at depth: to the
// value of its next member, or past its end.
func (q *quick) nextMember(depth int) (name string, more, ok bool) {
	q.blanks()
	if !q.skip("<member>") {
		return "", false, q.skip("</struct>")
	}
	if q.left -= 2; q.left < 0 || depth+3 > q.maxDepth {
		return "", false, false
	}
	q.blanks()
	if !q.skip("<name>") {
		return "", false, false
	}
	if name, ok = q.textUntil("</name>"); !ok {
		return "", false, false
	}
	q.blanks()
	return name, true, true
}

func (q *quick) leaveMember() bool {
	q.blanks()
	return q.skip("</member>")
}

// skip passes one expected word.
func (q *quick) skip(word string) bool {
	if !strings.HasPrefix(q.doc[q.pos:], word) {
		return false
	}
	q.pos += len(word)
	return true
}

func (q *quick) ahead(word string) bool { return strings.HasPrefix(q.doc[q.pos:], word) }

// blanks passes white space, but for carriage returns.
func (q *quick) blanks() {
	for q.pos < len(q.doc) && q.doc[q.pos] <= ' ' {
		if c := q.doc[q.pos]; c != '\n' && c != ' ' && c != '\t' {
			return
		}
		q.pos++
	}
}

// textUntil reads text and the end tag behind it.
func (q *quick) textUntil(end string) (text string, ok bool) {
	if text, ok = q.text(); !ok {
		return "", false
	}
	return text, q.skip(end)
}

// text reads up to the next tag.
func (q *quick) text() (text string, ok bool) {
	rest := q.doc[q.pos:]
	for i := 0; i < len(rest); i++ {
		if !ends[rest[i]] {
			continue
		}
		if rest[i] == '<' {
			q.pos += i
			return rest[:i], true
		}
		return q.roughText(i)
	}
	return "", false
}

// ends marks the bytes that are not simply text: those that are not plain, and the
// bracket that begins "]]>".
var ends = func() (t [256]bool) {
	for c := range t {
		t[c] = !plain[c] && c != '>' || c == ']' || c == '\r'
	}
	return t
}()

// roughText reads up to the next tag a text that begins with so many plain bytes
// and goes on with another.
func (q *quick) roughText(bytes int) (text string, ok bool) {
	var done []byte // what stands before from, where that is not one piece
	from, wide := q.pos, false
	at := q.pos + bytes
	for ; at < len(q.doc) && q.doc[at] != '<'; at++ {
		switch c := q.doc[at]; {
		case !ends[c]:
		case c >= utf8.RuneSelf:
			wide = true
		case c == ']':
			if strings.HasPrefix(q.doc[at:], "]]>") {
				return "", false
			}
		case c == '&':
			piece, size, err := new(scanner).reference(q.doc[at:])
			if err != nil {
				return "", false
			}
			done = append(append(done, q.doc[from:at]...), piece...)
			from = at + size
			at = from - 1
		default:
			return "", false
		}
	}
	if at >= len(q.doc) || wide && !validText(q.doc[q.pos:at]) {
		return "", false
	}
	q.pos = at
	if done == nil {
		return q.doc[from:at], true
	}
	return string(append(done, q.doc[from:at]...)), true
}

// validText says whether text without control characters is UTF-8 of characters
// that XML allows.
func validText(s string) bool {
	return utf8.ValidString(s) && !strings.Contains(s, "\uFFFE") && !strings.Contains(s, "\uFFFF")
}
