package rpc

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/internal/pytext"
	"github.com/sirdar-project/sirdar/xmlrpc"
)

// A Server answers calls of the methods of its tables. It may be used by any
// number of goroutines; calls do not wait for each other.
type Server struct {
	methods map[string]*Method // by full name
	log     *slog.Logger
	decoder xmlrpc.Decoder
}

// New makes a Server of namespaces. The system namespace is added; it replaces one
// of that name. Of two methods with the same full name the later one counts. Log
// may be nil.
func New(log *slog.Logger, namespaces ...Namespace) *Server {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	s := &Server{
		methods: make(map[string]*Method),
		log:     log,
		decoder: xmlrpc.Decoder{Classic: true},
	}
	for _, n := range namespaces {
		if n.Name != "system" {
			s.mount(n)
		}
	}
	s.mount(Namespace{Name: "system", Table: s.system()})
	return s
}

func (s *Server) mount(n Namespace) {
	for i := range n.Table {
		if name := n.Name + "." + n.Table[i].Name; !hidden(name) {
			s.methods[name] = &n.Table[i]
		}
	}
}

// Serve answers a request, whatever it is. Where HTTP would have a status for what
// went wrong, the answer is a fault with the codes that XML-RPC servers agreed on.
func (s *Server) Serve(ctx context.Context, request []byte) []byte {
	response, err := s.Answer(ctx, request)
	switch e := err.(type) {
	case nil:
		return response
	case *RequestError:
		return xmlrpc.AppendFault(nil, codeParseError, e.Error())
	default:
		return xmlrpc.AppendFault(nil, codeInternalError, err.Error())
	}
}

// The codes of the specification for fault code interoperability.
const (
	codeParseError    = -32700
	codeInternalError = -32603
)

// A RequestError says that a request is not a call. Over HTTP it is the status 400.
type RequestError struct {
	Reason string // "unmarshallable" or "no method name"
	Err    error  // where, if it is known
}

// Error returns the reason.
func (e *RequestError) Error() string {
	if e.Err == nil {
		return e.Reason
	}
	return e.Reason + ": " + e.Err.Error()
}

// Unwrap returns what is known of the reason.
func (e *RequestError) Unwrap() error { return e.Err }

// Answer answers a request. A fault is an answer. The error is a [*RequestError]
// where the request is no call, and anything else where the server itself failed;
// both are logged already, as Supervisor logs them.
func (s *Server) Answer(ctx context.Context, request []byte) ([]byte, error) {
	return s.Append(ctx, nil, request)
}

// Append is [Server.Answer] for those who have a buffer to append the answer to.
func (s *Server) Append(ctx context.Context, dst, request []byte) ([]byte, error) {
	call, err := s.decoder.Call(request)
	if err != nil {
		return nil, s.refuse(request, &RequestError{Reason: "unmarshallable", Err: err})
	}
	if call.Method == "" {
		return nil, s.refuse(request, &RequestError{Reason: "no method name"})
	}

	s.trace(ctx, "XML-RPC method called: %s()", call.Method)
	result, err := s.Call(ctx, call.Method, call.Params)
	if fault := faultOf(err); fault != nil {
		s.trace(ctx, "XML-RPC method %s() returned fault: [%d] %s", call.Method, fault.Code, fault.Text)
		return xmlrpc.AppendFault(dst, int(fault.Code), fault.Text), nil
	}
	var response []byte
	if err == nil {
		response, err = xmlrpc.AppendResponse(dst, result)
	}
	if err != nil {
		s.logf(sirdar.LevelCritical, "Handling XML-RPC request with data %s raised an unexpected exception: %v", excerpt(request), err)
		return nil, err
	}
	s.trace(ctx, "XML-RPC method %s() returned successfully", call.Method)
	return response, nil
}

// Call calls a method by its full name. The name is looked up in the tables and
// nowhere else: there is nothing that a name with more or stranger parts could
// reach.
func (s *Server) Call(ctx context.Context, name string, args []any) (result any, err error) {
	m, ok := s.methods[name]
	if !ok {
		return nil, sirdar.NewFault(sirdar.UnknownMethod, "")
	}
	if !m.accepts(len(args)) {
		return nil, ErrParameters
	}
	defer func() {
		if trouble := recover(); trouble != nil {
			err = fmt.Errorf("%s panicked: %v\n%s", name, trouble, debug.Stack())
		}
	}()
	return m.Func(ctx, args)
}

// hidden says whether a method is not for callers: its full name must have exactly
// two parts, and the second must not begin with an underscore.
func hidden(name string) bool {
	_, method, found := strings.Cut(name, ".")
	return !found || strings.Contains(method, ".") || strings.HasPrefix(method, "_")
}

func (s *Server) refuse(request []byte, e *RequestError) error {
	s.logf(sirdar.LevelError, "XML-RPC request data %s is invalid: %s", excerpt(request), e.Reason)
	return e
}

// excerpt quotes a request for the log, which must not be filled by who sends
// nonsense.
func excerpt(request []byte) string {
	const most = 4096
	if len(request) > most {
		return pytext.Repr(string(request[:most])) + "..."
	}
	return pytext.Repr(string(request))
}

// trace logs what only the most talkative log wants, at no cost to the others.
func (s *Server) trace(ctx context.Context, format string, args ...any) {
	if s.log.Enabled(ctx, sirdar.LevelTrace) {
		s.logf(sirdar.LevelTrace, format, args...)
	}
}

func (s *Server) logf(level slog.Level, format string, args ...any) {
	s.log.Log(context.Background(), level, fmt.Sprintf(format, args...))
}
