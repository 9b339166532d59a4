package xmlrpc

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A scanner walks through a document and checks that it is well-formed. What it
// meets it tells its reader; the strings it hands out are parts of the document.
type scanner struct {
	doc  string
	pos  int
	left int // elements that the document may still open

	maxDepth int
	open     []string // names of the elements that are open
	rooted   bool     // the root element has begun

	// What the document holds nowhere need not be looked for in every text.
	hasReference bool // "&"
	hasReturn    bool // "\r"
	hasCDATAEnd  bool // "]]>"

	reader reader
}

// A reader is told of a document's elements in their order. Text comes in as many
// pieces as comments, references and the like cut it into.
type reader interface {
	begin(name string)
	text(piece string)
	end() error
}

// fail makes a SyntaxError of the present position.
func (s *scanner) fail(reason string) error { return &SyntaxError{Offset: s.pos, Reason: reason} }

// scan walks through the whole document.
func (s *scanner) scan() error {
	if err := s.survey(); err != nil {
		return err
	}
	if err := s.xmlDeclaration(); err != nil {
		return err
	}
	for s.pos < len(s.doc) {
		run := s.doc[s.pos:]
		if i := strings.IndexByte(run, '<'); i >= 0 {
			run = run[:i]
		}
		if run != "" {
			if err := s.characters(run); err != nil {
				return err
			}
			continue
		}
		if err := s.markup(); err != nil {
			return err
		}
	}
	switch {
	case len(s.open) > 0:
		return s.fail("document ends inside element " + s.open[len(s.open)-1])
	case !s.rooted:
		return s.fail("document without an element")
	}
	return nil
}

// survey checks every character once and finds out what later steps can skip.
func (s *scanner) survey() error {
	s.doc = strings.TrimPrefix(s.doc, "\uFEFF")
	if !utf8.ValidString(s.doc) {
		return s.fail("document is not UTF-8")
	}
	for i := 0; i < len(s.doc); i++ {
		if c := s.doc[i]; !suspect[c] {
			continue
		}
		if r, _ := utf8.DecodeRuneInString(s.doc[i:]); !isChar(r) {
			s.pos = i
			return s.fail("character that XML forbids")
		}
	}
	s.hasReference = strings.IndexByte(s.doc, '&') >= 0
	s.hasReturn = strings.IndexByte(s.doc, '\r') >= 0
	s.hasCDATAEnd = strings.Contains(s.doc, "]]>")
	return nil
}

// suspect marks the bytes of valid UTF-8 that begin a character which may be
// forbidden: control characters, and the first byte of U+F000 to U+FFFF.
var suspect = func() (t [256]bool) {
	for c := range 0x20 {
		t[c] = !isChar(rune(c))
	}
	t[0xEF] = true
	return t
}()

// xmlDeclaration passes the declaration at the very beginning. What it says of the
// encoding was somebody else's business.
func (s *scanner) xmlDeclaration() error {
	if !strings.HasPrefix(s.doc, "<?xml") || len(s.doc) > 5 && isNameByte(s.doc[5]) {
		return nil
	}
	end := strings.Index(s.doc, "?>")
	if end < 0 {
		return s.fail("XML declaration without end")
	}
	body := scanner{doc: s.doc[:end], pos: 5}
	names, err := body.attributes()
	if err != nil {
		return err
	}
	if len(names) == 0 || names[0] != "version" || body.pos != end {
		return body.fail("malformed XML declaration")
	}
	for _, name := range names[1:] {
		if name != "encoding" && name != "standalone" {
			return body.fail("malformed XML declaration")
		}
	}
	s.pos = end + len("?>")
	return nil
}

// characters passes the text up to the next markup.
func (s *scanner) characters(run string) error {
	if len(s.open) == 0 {
		if strings.Trim(run, " \t\r\n") != "" {
			return s.fail("text outside of the root element")
		}
		s.pos += len(run)
		return nil
	}
	if s.hasCDATAEnd && strings.Contains(run, "]]>") {
		return s.fail("]]> in a text")
	}
	if !s.hasReference {
		s.emit(run)
		s.pos += len(run)
		return nil
	}

	stop := s.pos + len(run)
	for s.pos < stop {
		rest := s.doc[s.pos:stop]
		i := strings.IndexByte(rest, '&')
		if i < 0 {
			s.emit(rest)
			s.pos = stop
			break
		}
		s.emit(rest[:i])
		s.pos += i
		piece, size, err := s.reference(rest[i:])
		if err != nil {
			return err
		}
		s.reader.text(piece)
		s.pos += size
	}
	return nil
}

// emit tells a piece of text, with line ends as XML wants them.
func (s *scanner) emit(piece string) {
	if piece == "" {
		return
	}
	if s.hasReturn && strings.IndexByte(piece, '\r') >= 0 {
		piece = newlines.Replace(piece)
	}
	s.reader.text(piece)
}

var newlines = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// reference reads one of the five entities of XML or a character reference.
func (s *scanner) reference(at string) (piece string, size int, err error) {
	const longest = len("&#x0010FFFF;")
	end := strings.IndexByte(at[:min(len(at), longest+20)], ';')
	if end < 0 {
		return "", 0, s.fail("reference without end")
	}
	size = end + 1
	switch name := at[1:end]; {
	case name == "lt":
		return "<", size, nil
	case name == "gt":
		return ">", size, nil
	case name == "amp":
		return "&", size, nil
	case name == "quot":
		return `"`, size, nil
	case name == "apos":
		return "'", size, nil
	case strings.HasPrefix(name, "#"):
		r, ok := characterNumber(name[1:])
		if !ok {
			return "", 0, s.fail("reference to a character that XML forbids")
		}
		return string(r), size, nil
	}
	return "", 0, s.fail("reference to an entity; none is expanded")
}

func characterNumber(digits string) (rune, bool) {
	base := 10
	if hex, ok := strings.CutPrefix(digits, "x"); ok {
		digits, base = hex, 16
	}
	if digits == "" || digits[0] == '+' {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || n > unicode.MaxRune || !isChar(rune(n)) {
		return 0, false
	}
	return rune(n), true
}

// markup passes what begins with "<".
func (s *scanner) markup() error {
	rest := s.doc[s.pos:]
	switch {
	case len(rest) < 2:
		return s.fail("document ends in markup")
	case rest[1] == '/':
		return s.endTag()
	case rest[1] == '?':
		return s.instruction(rest)
	case strings.HasPrefix(rest, "<!--"):
		return s.comment(rest)
	case strings.HasPrefix(rest, "<![CDATA["):
		return s.cdata(rest)
	case strings.HasPrefix(rest, "<!DOCTYPE"):
		return s.doctype()
	}
	return s.startTag()
}

func (s *scanner) startTag() error {
	if len(s.open) == 0 && s.rooted {
		return s.fail("second root element")
	}
	if s.left--; s.left < 0 {
		return s.fail("too many elements")
	}
	if len(s.open) >= s.maxDepth {
		return s.fail("elements too deep in each other")
	}
	s.pos++
	name := s.name()
	if name == "" {
		return s.fail("tag without a name")
	}
	if s.pos < len(s.doc) && s.doc[s.pos] != '>' {
		if _, err := s.attributes(); err != nil {
			return err
		}
	}

	empty := s.skip("/")
	if !s.skip(">") {
		return s.fail("malformed tag of element " + name)
	}
	s.rooted = true
	s.reader.begin(name)
	if empty {
		return s.at(s.reader.end())
	}
	s.open = append(s.open, name)
	return nil
}

func (s *scanner) endTag() error {
	if len(s.open) == 0 {
		return s.fail("end tag without a start tag")
	}
	name := s.open[len(s.open)-1]
	rest := s.doc[s.pos+len("</"):]
	if !strings.HasPrefix(rest, name) || len(rest) > len(name) && isNameByte(rest[len(name)]) {
		return s.fail("end tag is not that of element " + name)
	}
	s.pos += len("</") + len(name)
	s.blanks()
	if !s.skip(">") {
		return s.fail("malformed end tag of element " + name)
	}
	s.open = s.open[:len(s.open)-1]
	return s.at(s.reader.end())
}

// at gives an error of the reader the present position.
func (s *scanner) at(err error) error {
	if err == nil {
		return nil
	}
	return s.fail(err.Error())
}

// attributes passes attributes, up to the end of the tag, and returns their names.
// XML-RPC gives no attribute a meaning.
func (s *scanner) attributes() (names []string, err error) {
	const most = 64
	for {
		gap := s.blanks()
		name := s.name()
		if name == "" {
			return names, nil
		}
		if !gap {
			return nil, s.fail("no space before attribute " + name)
		}
		for _, other := range names {
			if other == name {
				return nil, s.fail("attribute " + name + " stands twice")
			}
		}
		if names = append(names, name); len(names) > most {
			return nil, s.fail("too many attributes")
		}
		s.blanks()
		if !s.skip("=") {
			return nil, s.fail("attribute " + name + " without a value")
		}
		s.blanks()
		if err := s.attributeValue(); err != nil {
			return nil, err
		}
	}
}

func (s *scanner) attributeValue() error {
	if s.pos >= len(s.doc) || s.doc[s.pos] != '"' && s.doc[s.pos] != '\'' {
		return s.fail("attribute value without quotes")
	}
	size := strings.IndexByte(s.doc[s.pos+1:], s.doc[s.pos])
	if size < 0 {
		return s.fail("attribute value without end")
	}
	value := s.doc[s.pos+1 : s.pos+1+size]
	if strings.IndexByte(value, '<') >= 0 {
		return s.fail("< in an attribute value")
	}
	for rest := value; ; {
		i := strings.IndexByte(rest, '&')
		if i < 0 {
			break
		}
		_, n, err := s.reference(rest[i:])
		if err != nil {
			return err
		}
		rest = rest[i+n:]
	}
	s.pos += size + 2
	return nil
}

// instruction passes a processing instruction.
func (s *scanner) instruction(rest string) error {
	end := strings.Index(rest, "?>")
	if end < 0 {
		return s.fail("processing instruction without end")
	}
	s.pos += len("<?")
	target := s.name()
	switch {
	case target == "":
		return s.fail("processing instruction without a name")
	case strings.EqualFold(target, "xml"):
		return s.fail("XML declaration not at the beginning")
	case rest[len("<?")+len(target)] != '?' && !s.blanks():
		return s.fail("malformed processing instruction")
	}
	s.pos = len(s.doc) - len(rest) + end + len("?>")
	return nil
}

func (s *scanner) comment(rest string) error {
	body := rest[len("<!--"):]
	end := strings.Index(body, "--")
	if end < 0 || !strings.HasPrefix(body[end:], "-->") {
		return s.fail("malformed comment")
	}
	s.pos += len("<!--") + end + len("-->")
	return nil
}

func (s *scanner) cdata(rest string) error {
	if len(s.open) == 0 {
		return s.fail("text outside of the root element")
	}
	body := rest[len("<![CDATA["):]
	end := strings.Index(body, "]]>")
	if end < 0 {
		return s.fail("CDATA section without end")
	}
	s.emit(body[:end])
	s.pos += len("<![CDATA[") + end + len("]]>")
	return nil
}

// doctype passes a document type declaration without looking at what it declares:
// a reference to an entity of its making is an error where it stands.
func (s *scanner) doctype() error {
	if s.rooted {
		return s.fail("document type declaration inside the document")
	}
	s.pos += len("<!DOCTYPE")
	if !s.blanks() || s.name() == "" {
		return s.fail("malformed document type declaration")
	}
	inside := false // the brackets of the internal subset
	for s.pos < len(s.doc) {
		rest := s.doc[s.pos:]
		switch c := rest[0]; {
		case c == '"' || c == '\'':
			end := strings.IndexByte(rest[1:], c)
			if end < 0 {
				return s.fail("quotation without end")
			}
			s.pos += end + 2
		case strings.HasPrefix(rest, "<!--"):
			if err := s.comment(rest); err != nil {
				return err
			}
		case strings.HasPrefix(rest, "<?"):
			if err := s.instruction(rest); err != nil {
				return err
			}
		case c == '[' && !inside:
			inside = true
			s.pos++
		case c == ']' && inside:
			inside = false
			s.pos++
		case c == '>' && !inside:
			s.pos++
			return nil
		default:
			s.pos++
		}
	}
	return s.fail("document type declaration without end")
}

// skip passes one expected word.
func (s *scanner) skip(word string) bool {
	if !strings.HasPrefix(s.doc[s.pos:], word) {
		return false
	}
	s.pos += len(word)
	return true
}

// blanks passes white space and says whether there was any.
func (s *scanner) blanks() bool {
	from := s.pos
	for s.pos < len(s.doc) && isBlank(s.doc[s.pos]) {
		s.pos++
	}
	return s.pos > from
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// name passes a name and returns it, "" if there is none.
func (s *scanner) name() string {
	from := s.pos
	for s.pos < len(s.doc) {
		c := s.doc[s.pos]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s.doc[s.pos:])
			if !isNameRune(r) {
				break
			}
			s.pos += size
			continue
		}
		if !isNameByte(c) || s.pos == from && (c == '-' || c == '.' || '0' <= c && c <= '9') {
			break
		}
		s.pos++
	}
	return s.doc[from:s.pos]
}

// isNameByte says whether a byte may stand in a name; bytes of characters beyond
// ASCII are looked at more closely by isNameRune.
func isNameByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		c == '_' || c == ':' || c == '-' || c == '.' || c >= utf8.RuneSelf
}

func isNameRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r == 0xB7
}
