// Package xmlrpc speaks XML-RPC: it reads and writes calls and answers, serves Go's
// functions and methods, and has a client for servers behind HTTP, HTTPS and unix
// sockets. Servers and clients may be used by any number of goroutines.
//
// A function becomes a method of a server, and a call of it, in a few lines:
//
//	server := new(xmlrpc.Server)
//	server.HandleFunc("add", func(x, y int) int { return x + y })
//	go http.ListenAndServe("localhost:8000", server)
//
//	client, err := xmlrpc.NewClient("http://localhost:8000")
//	…
//	var sum int
//	err = client.CallInto(ctx, &sum, "add", 2, 3)
//
// # Values
//
// Where no Go type is given, XML-RPC's values are read as follows:
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
// [Unmarshal] stores them in other types, Go's structs among them, and
// [Client.CallInto] and [Decoder.ResponseInto] read an answer right into such a
// type. [AppendValue] writes all of them. A value that writes itself is an
// [Appender], one that reads itself an [Unmarshaler].
//
// # On the wire
//
// What is written equals, byte for byte, what Python's xmlrpc.client.dumps
// writes, and it is always well-formed: bytes that are not UTF-8 and characters
// that XML 1.0 forbids go out as U+FFFD. What is read must be well-formed XML, but
// beyond that the reader is as forgiving as servers and clients in the wild need
// it to be; see [Decoder]. No entity is ever expanded but the five of XML itself
// and character references. Strings that were read are parts of the document,
// which stays in memory as long as one of them does.
package xmlrpc
