package xmlrpc

import (
	"fmt"
	"net/http"
)

// A Struct is an XML-RPC struct. Its members keep their order; names are unique in
// what a [Decoder] returns.
type Struct []Member

// A Member is one named value of a [Struct].
type Member struct {
	Name  string
	Value any
}

// Get returns the value of a member, nil when there is none of that name.
func (s Struct) Get(name string) any {
	v, _ := s.Lookup(name)
	return v
}

// Lookup returns the value of a member and whether there is one.
func (s Struct) Lookup(name string) (any, bool) {
	for i := range s {
		if s[i].Name == name {
			return s[i].Value, true
		}
	}
	return nil, false
}

// A Call is a request: a method and what it is called with.
type Call struct {
	Method string
	Params []any
}

// A Fault is an answer that says no.
type Fault struct {
	Code int
	Text string
}

// Error returns the fault's text and number.
func (f *Fault) Error() string { return fmt.Sprintf("%s (fault %d)", f.Text, f.Code) }

// A SyntaxError says where a document stops being a call or an answer.
type SyntaxError struct {
	Offset int // bytes from the beginning
	Reason string
}

// Error returns the reason and the offset.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("xmlrpc: %s at byte %d", e.Reason, e.Offset)
}

// A StatusError says that an HTTP server answered, and not with 200.
type StatusError struct {
	Code int // the HTTP status: 401, 404, 500 …
	URL  string
}

// Error returns "URL: 401 Unauthorized".
func (e *StatusError) Error() string {
	return fmt.Sprintf("%s: %d %s", e.URL, e.Code, http.StatusText(e.Code))
}
