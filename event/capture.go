package event

import "bytes"

// The tokens between which a program's output is captured.
const (
	BeginToken = "<!--XSUPERVISOR:BEGIN-->"
	EndToken   = "<!--XSUPERVISOR:END-->"
)

// A CaptureSink takes what a Capture has told apart. The bytes are the sink's to
// change, and are valid during the call only.
type CaptureSink interface {
	// Log takes a piece of ordinary output.
	Log(p []byte)

	// Captured takes a piece of output from between the tokens. It is not for the
	// log file, but is shown in the main log and raises PROCESS_LOG events as
	// ordinary output does.
	Captured(p []byte)

	// Communication takes all that was captured when the end token came: the
	// payload of a PROCESS_COMMUNICATION event. It is empty if nothing stood
	// between the tokens.
	Communication(data []byte)
}

// A Capture filters the output of one stream: what stands between BeginToken and
// EndToken is no log but a message. There is no nesting; an end token outside and a
// begin token inside are ordinary text.
//
// It decides as Supervisor does, piece by piece: while no more is there than the
// token that is waited for is long, the piece waits; where the token is not found,
// as much is kept back as may be its beginning. Supervisor loses what waits when
// the program ends, which is all of a program's output if that is short; here
// Flush passes it on.
type Capture struct {
	sink     CaptureSink
	strip    func([]byte) []byte
	maxBytes int64
	inside   bool
	held     []byte // begins what comes next
	captured []byte
}

// NewCapture returns a Capture that keeps maxBytes of what stands between two
// tokens: with a piece that would be too much, as many bytes as it has go from the
// front first. A piece larger than maxBytes is kept whole. With maxBytes 0 the mode
// is off, and everything is ordinary output.
//
// Strip, if not nil, is applied to each piece after the tokens were found, as
// strip_ansi has to be; it may work in place.
func NewCapture(maxBytes int64, sink CaptureSink, strip func([]byte) []byte) *Capture {
	return &Capture{sink: sink, strip: strip, maxBytes: maxBytes}
}

// Feed takes the next piece of output, which it may change.
func (c *Capture) Feed(p []byte) {
	if len(p) == 0 {
		return
	}
	if c.maxBytes == 0 {
		c.pass(p)
		return
	}
	if len(c.held) > 0 {
		c.held = append(c.held, p...)
		p = c.held
	}
	rest := c.scan(p)
	c.hold(rest)
}

// Flush passes on what waits, be it a last token: the stream is at its end. What
// was captured without an end token is dropped, as Supervisor does. The Capture is
// then as new.
func (c *Capture) Flush() {
	switch {
	case bytes.Equal(c.held, c.token()):
		c.toggle()
	case !c.inside:
		c.pass(c.held)
	}
	c.inside, c.held, c.captured = false, nil, nil
}

// scan passes on what is decided in p and returns the rest.
func (c *Capture) scan(p []byte) []byte {
	for {
		token := c.token()
		if len(p) <= len(token) {
			return p
		}
		i := bytes.Index(p, token)
		if i < 0 {
			keep := overlap(p, token)
			c.pass(p[:len(p)-keep])
			return p[len(p)-keep:]
		}
		c.pass(p[:i])
		p = p[i+len(token):]
		c.toggle()
	}
}

var beginToken, endToken = []byte(BeginToken), []byte(EndToken)

// token returns the token that is waited for.
func (c *Capture) token() []byte {
	if c.inside {
		return endToken
	}
	return beginToken
}

func (c *Capture) toggle() {
	c.inside = !c.inside
	if !c.inside {
		c.sink.Communication(c.captured)
		c.captured = nil
	}
}

// pass gives a piece to where it belongs.
func (c *Capture) pass(p []byte) {
	if len(p) == 0 {
		return
	}
	// The bytes after p are still to be scanned, so it must not grow into them.
	p = p[:len(p):len(p)]
	if c.strip != nil {
		p = c.strip(p)
	}
	if !c.inside {
		c.sink.Log(p)
		return
	}
	if over := int64(len(c.captured)+len(p)) > c.maxBytes; over {
		c.captured = c.captured[min(len(p), len(c.captured)):]
	}
	c.captured = append(c.captured, p...)
	c.sink.Captured(p)
}

// hold keeps rest, which may be a part of held, for the next Feed. It keeps no
// large array for a few bytes.
func (c *Capture) hold(rest []byte) {
	const small = 256
	if cap(c.held) > small {
		c.held = nil
	}
	c.held = append(c.held[:0], rest...)
}

// overlap returns the length of the longest end of p that is a beginning of token,
// and not the whole of it.
func overlap(p, token []byte) int {
	n := min(len(p), len(token)-1)
	for ; n > 0; n-- {
		if bytes.HasSuffix(p, token[:n]) {
			return n
		}
	}
	return 0
}
