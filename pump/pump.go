// Package pump moves what programs write from many pipes to where it is to go.
//
// It is made for thousands of pipes of which most are silent: a quiet pipe costs
// its descriptor and a hundred bytes, no goroutine, no buffer and no timer; a
// pump whose pipes are all quiet sleeps. It is made for chatty programs as well:
// large buffers are borrowed while there is data, the pipe of a program that
// fills it is enlarged, and of a program that writes many small pieces many are
// moved at once. Each stream has its turn, so a chatty one does not starve the
// others, and a sink that blocks holds up its own stream only.
package pump

import "errors"

// A Sink takes what came out of one pipe.
type Sink interface {
	// Chunk is called with each piece as it was read, at most MaxChunk bytes, by
	// one goroutine at a time. The bytes are the sink's to change, and are valid
	// during the call only. It may block: the program then waits when its pipe is
	// full, and nobody else does.
	Chunk(p []byte)

	// End is called once, after the last Chunk: the pipe is at its end or was
	// finished, and is closed.
	End()
}

// MaxChunk is the most bytes that a Chunk gets: what Supervisor reads at once,
// and by how much a log may therefore exceed its maxbytes.
const MaxChunk = 128 << 10

// ErrClosed is returned by Add after Close.
var ErrClosed = errors.New("the pump is closed")
