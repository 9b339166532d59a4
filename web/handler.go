package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/rpc"
)

// Options says what a server shows, and to whom.
type Options struct {
	Supervisor sirdar.Supervisor // whose logs can be followed
	RPC        *rpc.Server       // what answers at /RPC2

	// Username, unless it is empty, is needed for every address, with the
	// Password. A password that begins with {SHA} is the SHA-1 of the real one in
	// lower-case hexadecimal digits.
	Username, Password string

	// Log takes a line for each request, at LevelTrace. Nil means none.
	Log *slog.Logger
}

// Limits that no honest client meets.
const (
	maxHeader  = 1 << 20          // bytes of a request's header
	maxBody    = 16 << 20         // bytes of a request's body
	headerTime = time.Minute      // for a request's header to arrive
	bodyTime   = time.Minute      // for its body
	answerTime = 5 * time.Minute  // for the client to take the answer
	idleTime   = 30 * time.Minute // between two requests on a connection
)

// Handler returns what a server does with its requests. Streams need a connection
// of HTTP/1 that can be taken over from the server.
func Handler(o Options) http.Handler {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return newHandler(o, context.Background())
}

func newHandler(o Options, life context.Context) *handler {
	return &handler{options: o, gate: newGate(o.Username, o.Password), life: life}
}

type handler struct {
	options Options
	gate    gate
	life    context.Context // the streams end with it
}

// ServeHTTP looks first who asks, then what for: by the beginning of the path, as
// Supervisor does.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a := &answer{w: w, r: r, log: h.options.Log}
	if status := h.gate.admit(r); status != http.StatusOK {
		a.refuse(status)
		return
	}
	switch path := r.URL.Path; {
	case strings.HasPrefix(path, "/RPC2"):
		h.serveRPC(a)
	case strings.HasPrefix(path, "/logtail"):
		h.serveLogtail(a)
	case strings.HasPrefix(path, "/mainlogtail"):
		h.serveMainLogtail(a)
	case strings.Trim(path, "/") == "ok.html" && (r.Method == http.MethodGet || r.Method == http.MethodPost):
		a.send(http.StatusOK, "text/plain", []byte("OK"))
	case r.Method == http.MethodGet || r.Method == http.MethodHead || isPage(r):
		a.refuse(http.StatusNotFound)
	default:
		a.refuse(http.StatusBadRequest)
	}
}

// isPage says whether a form is posted to one of the pages.
func isPage(r *http.Request) bool {
	switch strings.TrimLeft(r.URL.Path, "/") {
	case "", "index.html", "tail.html":
		return r.Method == http.MethodPost
	}
	return false
}

// An answer is the one answer to a request, and its line in the log.
type answer struct {
	w   http.ResponseWriter
	r   *http.Request
	log *slog.Logger
}

const serverName = "Medusa/1.12"

// send answers with a body of known length.
func (a *answer) send(status int, contentType string, body []byte) {
	header := a.w.Header()
	header["Server"] = []string{serverName}
	header["Date"] = []string{time.Now().UTC().Format(http.TimeFormat)}
	header["Content-Type"] = []string{contentType}
	header["Content-Length"] = []string{strconv.Itoa(len(body))}
	// A client that does not take its answer must not keep it here for ever.
	_ = http.NewResponseController(a.w).SetWriteDeadline(time.Now().Add(answerTime))
	a.w.WriteHeader(status)
	if a.r.Method != http.MethodHead {
		_, _ = a.w.Write(body) // the client is gone, and nobody is left to be told
	}
	a.logAccess(status, headerSize(status, header)+len(body))
}

// refuse answers with an error.
func (a *answer) refuse(status int) {
	if status == http.StatusUnauthorized {
		a.w.Header()["WWW-Authenticate"] = []string{`Basic realm="default"`}
		a.w.Header().Set("Connection", "close")
	}
	a.send(status, "text/html", errorBody(status))
}

// errorBody is the page that tells of an error.
func errorBody(status int) []byte {
	lines := []string{
		"<head>", "<title>Error response</title>", "</head>", "<body>", "<h1>Error response</h1>",
		fmt.Sprintf("<p>Error code %d.", status),
		fmt.Sprintf("<p>Message: %s.", http.StatusText(status)),
		"</body>", "",
	}
	return []byte(strings.Join(lines, "\r\n"))
}

// headerSize is how many bytes the head of an answer has.
func headerSize(status int, header http.Header) int {
	size := len("HTTP/1.1 200 ") + len(http.StatusText(status)) + 2*len("\r\n")
	for name, values := range header {
		for _, value := range values {
			size += len(name) + len(": ") + len(value) + len("\r\n")
		}
	}
	return size
}

// logAccess writes the line of a request.
func (a *answer) logAccess(status, size int) {
	line := fmt.Sprintf("%s - - [%s] \"%s %s %s\" %d %d",
		peer(a.r), time.Now().UTC().Format("02/Jan/2006:15:04:05 -0700"), a.r.Method, a.r.RequestURI, a.r.Proto, status, size)
	level := sirdar.LevelTrace
	if strings.Contains(strings.ToLower(line), "error") {
		level = sirdar.LevelError // whatever the word is about: Supervisor looks for it
	}
	a.log.Log(context.Background(), level, line)
}

// peer names the client: the clients of a unix socket have no name of their own.
func peer(r *http.Request) string {
	if !strings.Contains(r.RemoteAddr, ":") || strings.HasPrefix(r.RemoteAddr, "/") {
		return "localhost:0"
	}
	return r.RemoteAddr
}
