package event

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"unicode/utf8"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/internal/pytext"
)

// What a listener writes.
const (
	ReadyText = "READY\n" // it waits for an event
	Accepted  = "OK"      // the result that says that an event was processed
)

// Result is a listener's answer to an event: [Accepted], or any other text, which
// means that the event is to be sent again.
func Result(text string) string { return fmt.Sprintf("RESULT %d\n%s", len(text), text) }

// ListenerState is how far a listener is in its conversation with the daemon.
type ListenerState int

// The states of a listener.
const (
	Acknowledged ListenerState = iota // it is expected to become ready
	Ready                             // it waits for an event
	Busy                              // it has got one and is expected to answer
	Unknown                           // it has broken the protocol, for good
)

// String is the state's name in Supervisor's log lines.
func (s ListenerState) String() string {
	return [...]string{"ACKNOWLEDGED", "READY", "BUSY", "UNKNOWN"}[s]
}

// A Listener understands what one run of an event listener writes on its standard
// output. It is as lenient and as strict as Supervisor: of the result line only
// the number after the first seven characters counts, and a single byte at the
// wrong time ends the conversation.
type Listener struct {
	name string
	say  func(level slog.Level, text string)

	state    ListenerState
	unread   []byte
	event    *Delivery // what it is busy with
	answered bool      // the result line has come
	missing  int64     // bytes of the result that have not
	result   []byte    // its beginning: more than Accepted has is of no interest
}

// NewListener returns the listener for a process that was just started. Say writes
// a line to the main log.
func NewListener(process string, say func(slog.Level, string)) *Listener {
	return &Listener{name: process, say: say}
}

// State is how far the conversation is.
func (l *Listener) State() ListenerState { return l.state }

// Sent says that a listener that was Ready was sent an event.
func (l *Listener) Sent(d Delivery) {
	l.say(sirdar.LevelDebug, fmt.Sprintf("event %d sent to listener %s", d.Serial(), l.name))
	l.state, l.event = Busy, &d
}

// Gone says that the process has ended. What it was busy with has to be sent again.
func (l *Listener) Gone() (unfinished *Delivery) {
	unfinished, l.event = l.event, nil
	l.state = Unknown
	return unfinished
}

// Heard takes what the listener has written, in any pieces. It returns the event
// that the listener has rejected, or nil.
func (l *Listener) Heard(p []byte) (rejected *Delivery) {
	l.unread = append(l.unread, p...)
	for progress := true; progress && len(l.unread) > 0; {
		var again *Delivery
		switch l.state {
		case Acknowledged:
			progress = l.hearReady()
		case Busy:
			again, progress = l.hearResult()
		case Ready:
			l.become(Unknown) // nobody has asked it
		case Unknown:
			l.unread = nil
		}
		if again != nil {
			rejected = again // one at most: it gets the next event from others
		}
	}
	return rejected
}

// hearReady waits for READY. Without progress there is too little to tell.
func (l *Listener) hearReady() (progress bool) {
	if len(l.unread) < len(ReadyText) {
		return false
	}
	rest, ok := bytes.CutPrefix(l.unread, []byte(ReadyText))
	if !ok {
		l.become(Unknown)
		return true
	}
	l.unread = rest
	l.become(Ready)
	return true
}

// longestLine is how many bytes a result line may have.
const longestLine = 4096

// hearResult waits for the result line and then for the result.
func (l *Listener) hearResult() (rejected *Delivery, progress bool) {
	if !l.answered {
		line, rest, ok := bytes.Cut(l.unread, []byte("\n"))
		if !ok && len(line) <= longestLine {
			return nil, false
		}
		l.unread = rest
		n, ok := resultLength(line)
		if !ok {
			return l.babbled(line), true
		}
		l.answered, l.missing = true, n
		return nil, true
	}
	n := min(l.missing, int64(len(l.unread)))
	l.result = append(l.result, l.unread[:min(n, int64(len(Accepted)+1-len(l.result)))]...)
	l.unread = l.unread[n:]
	l.missing -= n
	if l.missing > 0 {
		return nil, true
	}
	return l.judge(), true
}

// resultLength reads the number of a result line. It is the only thing in it that
// is looked at, and has to be what Python's int takes.
func resultLength(line []byte) (int64, bool) {
	const word = len("RESULT ")
	if len(line) <= word {
		return 0, false
	}
	text := string(line[word:])
	if strings.Trim(text, "0123456789_+ \t\r\v\f") != "" {
		return 0, false
	}
	n, err := pytext.ParseInt(text)
	return n, err == nil
}

// babbled ends the conversation with a listener whose result line means nothing.
func (l *Listener) babbled(line []byte) (rejected *Delivery) {
	text := string(line)
	if !utf8.Valid(line) {
		text = "Undecodable: " + pytext.ReprBytes(line)
	}
	l.say(sirdar.LevelWarn, fmt.Sprintf("%s: bad result line: '%s'", l.name, text))
	rejected, l.event = l.event, nil
	l.become(Unknown)
	return rejected
}

// judge looks at a complete result.
func (l *Listener) judge() (rejected *Delivery) {
	if string(l.result) == Accepted {
		l.say(sirdar.LevelDebug, l.name+": event was processed")
	} else {
		l.say(sirdar.LevelWarn, l.name+": event was rejected")
		rejected = l.event
	}
	l.event, l.answered, l.result = nil, false, nil
	l.become(Acknowledged)
	return rejected
}

// become changes the state and says so.
func (l *Listener) become(s ListenerState) {
	l.say(sirdar.LevelDebug, fmt.Sprintf("%s: %v -> %v", l.name, l.state, s))
	l.state = s
	if s == Unknown {
		l.unread = nil
		l.say(sirdar.LevelWarn, l.name+": has entered the UNKNOWN state and will no longer receive events, this usually indicates the process violated the eventlistener protocol")
	}
}
