package event

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/internal/pytext"
)

// An Event is something that happened. The pools that take it share it, because its
// serial number is one for all.
type Event struct {
	Type string // "PROCESS_STATE_RUNNING"

	head     string
	data     []byte // what a program or a client said; it follows the head
	serial   uint64
	numbered bool
}

// Numbers counts the events that any pool has taken. It goes on when a daemon
// restarts itself.
type Numbers struct{ next uint64 }

// number gives an event its serial number, if it has none yet.
func (n *Numbers) number(e *Event) {
	if !e.numbered {
		e.serial, e.numbered = n.next, true
		n.next++
	}
}

// A Change is a process's change of state.
type Change struct {
	Process, Group string
	From, To       sirdar.State
	PID            int  // 0 = none
	Tries          int  // failed starts in a row
	Expected       bool // EXITED: the exit was expected
}

// State is a PROCESS_STATE event.
func State(c Change) *Event {
	head := fmt.Sprintf("processname:%s groupname:%s from_state:%v", c.Process, c.Group, c.From)
	switch c.To {
	case sirdar.Starting, sirdar.Backoff:
		head += fmt.Sprintf(" tries:%d", c.Tries)
	case sirdar.Exited:
		expected := 0
		if c.Expected {
			expected = 1
		}
		head += fmt.Sprintf(" expected:%d pid:%d", expected, c.PID)
	case sirdar.Running, sirdar.Stopping, sirdar.Stopped:
		head += fmt.Sprintf(" pid:%d", c.PID)
	}
	return &Event{Type: "PROCESS_STATE_" + c.To.String(), head: head}
}

// The types that are raised by a program's output, by [sirdar.Stream].
var (
	logTypes           = [...]string{"PROCESS_LOG_STDOUT", "PROCESS_LOG_STDERR"}
	communicationTypes = [...]string{"PROCESS_COMMUNICATION_STDOUT", "PROCESS_COMMUNICATION_STDERR"}
)

// LogType is the type of a Log event of a stream.
func LogType(s sirdar.Stream) string { return logTypes[s] }

// CommunicationType is the type of a Communication event of a stream.
func CommunicationType(s sirdar.Stream) string { return communicationTypes[s] }

// Log is a PROCESS_LOG event: a piece of a program's output. The event keeps data.
func Log(process, group string, pid int, stream sirdar.Stream, data []byte) *Event {
	head := fmt.Sprintf("processname:%s groupname:%s pid:%d channel:%v\n", process, group, pid, stream)
	return &Event{Type: logTypes[stream], head: head, data: data}
}

// Communication is a PROCESS_COMMUNICATION event: what a program wrote between the
// capture tokens. The event keeps data.
func Communication(process, group string, pid int, stream sirdar.Stream, data []byte) *Event {
	head := fmt.Sprintf("processname:%s groupname:%s pid:%d\n", process, group, pid)
	return &Event{Type: communicationTypes[stream], head: head, data: data}
}

// Remote is a REMOTE_COMMUNICATION event: what a client has sent.
func Remote(typ, data string) *Event {
	return &Event{Type: "REMOTE_COMMUNICATION", head: "type:" + typ + "\n", data: []byte(data)}
}

// SupervisorRunning says that the daemon is about to start its programs.
func SupervisorRunning() *Event { return &Event{Type: "SUPERVISOR_STATE_CHANGE_RUNNING"} }

// SupervisorStopping says that the daemon is about to stop them, to end or to
// restart.
func SupervisorStopping() *Event { return &Event{Type: "SUPERVISOR_STATE_CHANGE_STOPPING"} }

// GroupAdded says that a group is one of the daemon's now.
func GroupAdded(group string) *Event {
	return &Event{Type: "PROCESS_GROUP_ADDED", head: "groupname:" + group + "\n"}
}

// GroupRemoved says that it no longer is.
func GroupRemoved(group string) *Event {
	return &Event{Type: "PROCESS_GROUP_REMOVED", head: "groupname:" + group + "\n"}
}

// TickPeriods are the periods of the TICK events, in seconds and in the order in
// which they are raised when they fall together.
var TickPeriods = [...]int64{5, 60, 3600}

// TickType is the type of the tick of a period.
func TickType(period int64) string { return fmt.Sprintf("TICK_%d", period) }

// Tick says that a period of seconds began at a time since the epoch, which is a
// multiple of it.
func Tick(period, when int64) *Event {
	return &Event{Type: TickType(period), head: fmt.Sprintf("when:%d", when)}
}

// Payload is what a listener reads after the header. Data that is no UTF-8 is shown
// as Python shows bytes.
func (e *Event) Payload() string {
	if !utf8.Valid(e.data) {
		return e.head + "Undecodable: " + pytext.ReprBytes(e.data)
	}
	return e.head + string(e.data)
}

// Covers says whether a subscription to one type means another: itself, all that
// lie below it, and EVENT means every one.
func Covers(subscription, typ string) bool {
	if subscription == "EVENT" || subscription == typ {
		return true
	}
	return strings.HasPrefix(typ, subscription) && typ[len(subscription)] == '_'
}
