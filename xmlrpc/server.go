package xmlrpc

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"sync"
	"time"
)

// The codes of faults that a [Server] makes itself, as the specification for fault
// code interoperability has them.
const (
	CodeParse         = -32700 // the request is no call
	CodeNoMethod      = -32601 // there is no method of that name
	CodeParameters    = -32602 // the method cannot be called with these parameters
	CodeInternal      = -32603 // the method panicked, or its result cannot be written
	CodeOfApplication = -32500 // the method's error, when that is no *Fault
)

// A Server answers calls of the methods that it was given. The zero Server is ready
// for use and has the methods of the system namespace, by which clients ask what
// else there is: system.listMethods, system.methodHelp, system.methodSignature, and
// system.multicall, which makes several calls in one request.
//
// A Server may be used by any number of goroutines, and calls its methods in the
// goroutines of those who ask: as many at a time as there are requests. The
// context of a call ends when its caller hangs up.
type Server struct {
	// Decoder reads the requests, within its limits.
	Decoder Decoder

	// BodyTime bounds how long a client may take to send the body of a request.
	// Zero means a minute; with a negative one only what the [http.Server] says
	// counts.
	BodyTime time.Duration

	// Log takes the panics of methods. Nil means [slog.Default].
	Log *slog.Logger

	lock    sync.RWMutex
	methods map[string]*Method
}

// Handle gives the Server a method, which replaces one of the same name.
func (s *Server) Handle(name string, m Method) {
	s.lock.Lock()
	defer s.lock.Unlock()
	if s.methods == nil {
		s.methods = make(map[string]*Method)
	}
	s.methods[name] = &m
}

// HandleFunc gives the Server a Go function as a method, see [MethodOf]. It panics
// when the function cannot be one.
func (s *Server) HandleFunc(name string, function any) { s.Handle(name, MethodOf(function)) }

// method returns the method of a name, nil if there is none.
func (s *Server) method(name string) *Method {
	s.lock.RLock()
	m := s.methods[name]
	s.lock.RUnlock()
	if m == nil {
		m = s.system(name)
	}
	return m
}

// Serve answers a request, whatever it is.
func (s *Server) Serve(ctx context.Context, request []byte) []byte {
	return s.appendAnswer(nil, ctx, request)
}

func (s *Server) appendAnswer(dst []byte, ctx context.Context, request []byte) []byte {
	start := len(dst)
	call, err := s.Decoder.Call(request)
	if err != nil {
		return AppendFault(dst, CodeParse, err.Error())
	}
	result, err := s.Call(ctx, call.Method, call.Params...)
	if err != nil {
		fault := faultOf(err)
		return AppendFault(dst, fault.Code, fault.Text)
	}
	dst, err = AppendResponse(dst, result)
	if err != nil {
		return AppendFault(dst[:start], CodeInternal, err.Error())
	}
	return dst
}

// Call calls a method as a request would, but with Go's values: parameters are
// those that [Unmarshal] takes, and the result is what the method returned. Errors
// are the method's own, or of the type [*Fault] where it could not be called.
func (s *Server) Call(ctx context.Context, method string, params ...any) (result any, err error) {
	m := s.method(method)
	if m == nil {
		return nil, &Fault{Code: CodeNoMethod, Text: fmt.Sprintf("there is no method %q", method)}
	}
	defer func() {
		trouble := recover()
		if trouble == nil {
			return
		}
		log := s.Log
		if log == nil {
			log = slog.Default()
		}
		log.ErrorContext(ctx, fmt.Sprintf("xmlrpc: method %s panicked: %v\n%s", method, trouble, debug.Stack()))
		result, err = nil, &Fault{Code: CodeInternal, Text: "method " + method + " panicked"}
	}()
	return m.Call(ctx, params)
}

// faultOf returns the fault by which an error is answered.
func faultOf(err error) *Fault {
	var fault *Fault
	if errors.As(err, &fault) {
		return fault
	}
	return &Fault{Code: CodeOfApplication, Text: err.Error()}
}

// ServeHTTP answers a request that is posted. What the Server cannot do is said by
// a fault, with the status 200; other statuses are 405 for another HTTP method, 413
// for a body beyond the Decoder's MaxBytes, and 400 for one that breaks off. How
// long a client may take is for the [http.Server] to bound.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "XML-RPC calls are posted", http.StatusMethodNotAllowed)
		return
	}
	request, err := s.readBody(w, r)
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		http.Error(w, "the call is too long", http.StatusRequestEntityTooLarge)
		return
	case err != nil:
		http.Error(w, "the call breaks off", http.StatusBadRequest)
		return
	}

	buffer := answers.Get().(*[]byte)
	answer := s.appendAnswer((*buffer)[:0], r.Context(), request)
	w.Header().Set("Content-Type", "text/xml")
	w.Header().Set("Content-Length", strconv.Itoa(len(answer)))
	_, _ = w.Write(answer) // the client is gone, and nobody is left to be told
	if cap(answer) <= keptAnswer {
		*buffer = answer
		answers.Put(buffer)
	}
}

func (s *Server) readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	control := http.NewResponseController(w)
	if s.BodyTime >= 0 {
		// Where there is no connection of which a deadline could be set, there is
		// none that could stall.
		_ = control.SetReadDeadline(time.Now().Add(cmp.Or(s.BodyTime, time.Minute)))
	}
	// To the very end: from there on net/http watches for the client's hanging up.
	request, err := io.ReadAll(http.MaxBytesReader(w, r.Body, int64(s.Decoder.bytes())))
	if err == nil && s.BodyTime >= 0 {
		// Not after an error: net/http would wait for the rest of the body.
		_ = control.SetReadDeadline(time.Time{})
	}
	return request, err
}

// Answers are written into buffers that are used again, unless they are very large.
var answers = sync.Pool{New: func() any { return new([]byte) }}

const keptAnswer = 2 << 20 // bytes
