package xmlrpc

import (
	"encoding/binary"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// decodeCharset turns a document into UTF-8. It goes by a byte order mark, or by
// the encoding of the XML declaration, and knows those that clients really send.
func decodeCharset(doc string) (string, error) {
	switch {
	case strings.HasPrefix(doc, "\xFE\xFF"):
		return decodeUTF16(doc[2:], binary.BigEndian), nil
	case strings.HasPrefix(doc, "\xFF\xFE"):
		return decodeUTF16(doc[2:], binary.LittleEndian), nil
	}
	switch name := declaredEncoding(doc); strings.ToLower(name) {
	case "", "utf-8", "utf8", "us-ascii", "ascii":
		return doc, nil
	case "iso-8859-1", "iso8859-1", "latin1", "latin-1":
		return decodeSingle(doc, nil), nil
	case "windows-1252", "cp1252":
		return decodeSingle(doc, &windows1252), nil
	default:
		return "", &SyntaxError{Reason: "unknown encoding " + name}
	}
}

// declaredEncoding returns what the XML declaration says, "" if nothing.
func declaredEncoding(doc string) string {
	if !strings.HasPrefix(doc, "<?xml") {
		return ""
	}
	declaration, _, _ := strings.Cut(doc, "?>")
	_, rest, found := strings.Cut(declaration, "encoding")
	rest = strings.TrimLeft(rest, " \t\r\n=")
	if !found || rest == "" || rest[0] != '"' && rest[0] != '\'' {
		return ""
	}
	name, _, _ := strings.Cut(rest[1:], rest[:1])
	return name
}

func decodeUTF16(doc string, order binary.ByteOrder) string {
	units := make([]uint16, len(doc)/2)
	for i := range units {
		units[i] = order.Uint16([]byte(doc[2*i : 2*i+2]))
	}
	return string(utf16.Decode(units))
}

// decodeSingle decodes one byte per character; high, if any, says what 0x80 to 0x9F
// are where that is not their own number.
func decodeSingle(doc string, high *[32]rune) string {
	out := make([]byte, 0, len(doc)+len(doc)/8)
	for i := 0; i < len(doc); i++ {
		r := rune(doc[i])
		if high != nil && 0x80 <= r && r < 0xA0 {
			r = high[r-0x80]
		}
		out = utf8.AppendRune(out, r)
	}
	return string(out)
}

var windows1252 = [32]rune{
	0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D, 0x017D, 0x8F,
	0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D, 0x017E, 0x0178,
}
