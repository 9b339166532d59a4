package web

import (
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/sirdar-project/sirdar/rpc"
)

// serveRPC answers a call.
func (h *handler) serveRPC(a *answer) {
	if a.r.Method != http.MethodPost {
		a.refuse(http.StatusBadRequest)
		return
	}
	// A request without a length has no body, says HTTP. Supervisor wants a zero
	// to be said aloud.
	if a.r.ContentLength == 0 && a.r.Header.Get("Content-Length") == "" && len(a.r.TransferEncoding) == 0 {
		a.refuse(http.StatusLengthRequired)
		return
	}
	request, status := readBody(a)
	if status != http.StatusOK {
		a.refuse(status)
		return
	}

	buffer := answers.Get().(*[]byte)
	response, err := h.options.RPC.Append(a.r.Context(), (*buffer)[:0], request)
	var bad *rpc.RequestError
	switch {
	case errors.As(err, &bad):
		a.refuse(http.StatusBadRequest)
	case err != nil:
		a.refuse(http.StatusInternalServerError)
	default:
		a.send(http.StatusOK, "text/xml", response)
		if cap(response) <= keptAnswer {
			*buffer = response
			answers.Put(buffer)
		}
	}
}

// Answers are written into buffers that are used again: growing a new one for each
// list of a thousand processes takes longer than writing it. Very large ones, as
// for whole logs, are let go.
var answers = sync.Pool{New: func() any { return new([]byte) }}

const keptAnswer = 2 << 20 // bytes

// readBody reads a whole body, of bounded length and in bounded time. The status is
// 200, or the reason why there is none.
func readBody(a *answer) ([]byte, int) {
	if a.r.ContentLength > maxBody {
		a.w.Header().Set("Connection", "close")
		return nil, http.StatusRequestEntityTooLarge
	}
	control := http.NewResponseController(a.w)
	_ = control.SetReadDeadline(time.Now().Add(bodyTime))

	body := http.MaxBytesReader(a.w, a.r.Body, maxBody)
	request, err := readAll(body, a.r.ContentLength)
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		return nil, http.StatusRequestEntityTooLarge
	case err != nil:
		return nil, http.StatusBadRequest
	}
	// From here on the connection is only watched for the client's hanging up.
	_ = control.SetReadDeadline(time.Time{})
	return request, http.StatusOK
}

// readAll reads to the end. What a client announces is believed only up to a size
// that it may ask for without sending anything.
func readAll(body io.Reader, announced int64) ([]byte, error) {
	if announced <= 0 || announced > 64<<10 {
		return io.ReadAll(body)
	}
	b := make([]byte, announced)
	if _, err := io.ReadFull(body, b); err != nil {
		return nil, err
	}
	// Reading to the end, not just to the last byte, is what makes net/http begin
	// to watch the connection, so that a client that hangs up ends its call.
	_, err := body.Read(make([]byte, 1))
	if err == io.EOF {
		err = nil
	}
	return b, err
}
