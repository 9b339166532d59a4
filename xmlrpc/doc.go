// Package xmlrpc speaks XML-RPC: it reads and writes calls and answers, and has a
// client for servers behind HTTP, HTTPS and unix sockets.
//
// Go values stand for XML-RPC's as follows:
//
//	int, i4, i8            int
//	boolean                bool
//	double                 float64
//	string, bare text      string
//	dateTime.iso8601       time.Time, in UTC since the format has no zone
//	base64                 []byte
//	array                  []any
//	struct                 Struct, its members in the order of the document
//	nil                    nil
//
// What is written equals, byte for byte, what Python's xmlrpc.client.dumps
// writes, and it is always well-formed: bytes that are not UTF-8 and characters
// that XML 1.0 forbids go out as U+FFFD. What is read must be well-formed XML, but
// beyond that the reader is as forgiving as servers and clients in the wild need
// it to be; see [Decoder]. No entity is ever expanded but the five of XML itself
// and character references.
//
// A value that knows how to write itself, an [Appender], needs no reflection and
// no intermediate value.
package xmlrpc
