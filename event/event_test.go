package event_test

import (
	"log/slog"
	"testing"
	"unicode/utf8"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/event"
)

// The payloads are what Supervisor's own daemon was seen to send.
func TestPayloadsAreSupervisors(t *testing.T) {
	change := func(name string, from, to sirdar.State, pid, tries int, expected bool) *event.Event {
		return event.State(event.Change{Process: name, Group: name, From: from, To: to, PID: pid, Tries: tries, Expected: expected})
	}
	for _, c := range []struct {
		got           *event.Event
		typ, payload  string
		characters    int
		subscriptions []string // that cover it
	}{
		{change("all", sirdar.Stopped, sirdar.Starting, 0, 0, false),
			"PROCESS_STATE_STARTING", "processname:all groupname:all from_state:STOPPED tries:0", 56, []string{"PROCESS_STATE"}},
		{change("all", sirdar.Starting, sirdar.Running, 29723, 0, false),
			"PROCESS_STATE_RUNNING", "processname:all groupname:all from_state:STARTING pid:29723", 59, nil},
		{change("failing", sirdar.Starting, sirdar.Backoff, 0, 1, false),
			"PROCESS_STATE_BACKOFF", "processname:failing groupname:failing from_state:STARTING tries:1", 65, nil},
		{change("failing", sirdar.Backoff, sirdar.Fatal, 0, 4, false),
			"PROCESS_STATE_FATAL", "processname:failing groupname:failing from_state:BACKOFF", 56, nil},
		{change("exit3", sirdar.Running, sirdar.Exited, 19000, 0, false),
			"PROCESS_STATE_EXITED", "processname:exit3 groupname:exit3 from_state:RUNNING expected:0 pid:19000", 73, nil},
		{change("cat", sirdar.Running, sirdar.Stopping, 21461, 0, false),
			"PROCESS_STATE_STOPPING", "processname:cat groupname:cat from_state:RUNNING pid:21461", 58, nil},
		{change("failing", sirdar.Backoff, sirdar.Stopped, 0, 2, false),
			"PROCESS_STATE_STOPPED", "processname:failing groupname:failing from_state:BACKOFF pid:0", 62, nil},
		{change("x", sirdar.Running, sirdar.Unknown, 7, 0, false),
			"PROCESS_STATE_UNKNOWN", "processname:x groupname:x from_state:RUNNING", 44, nil},
		{event.Log("cat", "cat", 21461, sirdar.Stdout, []byte("hello é\n")),
			"PROCESS_LOG_STDOUT", "processname:cat groupname:cat pid:21461 channel:stdout\nhello é\n", 63, []string{"PROCESS_LOG"}},
		{event.Log("und", "und", 30433, sirdar.Stdout, []byte("bad\xff h\xc3\xa9\n")),
			"PROCESS_LOG_STDOUT", "processname:und groupname:und pid:30433 channel:stdout\nUndecodable: b'bad\\xff h\\xc3\\xa9\\n'", 90, nil},
		{event.Communication("emit", "emit", 17885, sirdar.Stderr, []byte("err comm")),
			"PROCESS_COMMUNICATION_STDERR", "processname:emit groupname:emit pid:17885\nerr comm", 50, []string{"PROCESS_COMMUNICATION"}},
		{event.Remote("mytype", "line1\nline2"),
			"REMOTE_COMMUNICATION", "type:mytype\nline1\nline2", 23, nil},
		{event.GroupAdded("all"), "PROCESS_GROUP_ADDED", "groupname:all\n", 14, []string{"PROCESS_GROUP"}},
		{event.GroupRemoved("cat"), "PROCESS_GROUP_REMOVED", "groupname:cat\n", 14, []string{"PROCESS_GROUP"}},
		{event.SupervisorRunning(), "SUPERVISOR_STATE_CHANGE_RUNNING", "", 0, []string{"SUPERVISOR_STATE_CHANGE"}},
		{event.SupervisorStopping(), "SUPERVISOR_STATE_CHANGE_STOPPING", "", 0, nil},
		{event.Tick(5, 1795297190), "TICK_5", "when:1795297190", 15, []string{"TICK"}},
		{event.Tick(3600, 7200), "TICK_3600", "when:7200", 9, nil},
	} {
		if c.got.Type != c.typ || c.got.Payload() != c.payload {
			t.Errorf("got %s %q, want %s %q", c.got.Type, c.got.Payload(), c.typ, c.payload)
		}
		if n := utf8.RuneCountInString(c.got.Payload()); n != c.characters {
			t.Errorf("%s has %d characters, want %d", c.typ, n, c.characters)
		}
		if !sirdar.IsEventType(c.got.Type) {
			t.Errorf("nobody can subscribe to %s", c.got.Type)
		}
		for _, s := range append(c.subscriptions, "EVENT", c.typ) {
			if !event.Covers(s, c.typ) {
				t.Errorf("a subscription to %s does not cover %s", s, c.typ)
			}
		}
	}
}

func TestASubscriptionCoversNoMoreThanItSays(t *testing.T) {
	for _, c := range [][2]string{
		{"TICK_5", "TICK_60"}, {"TICK_60", "TICK_5"}, {"PROCESS_STATE_STOPPED", "PROCESS_STATE_STOPPING"},
		{"PROCESS_LOG_STDOUT", "PROCESS_LOG_STDERR"}, {"PROCESS_LOG", "PROCESS_STATE_RUNNING"}, {"", "TICK_5"},
	} {
		if event.Covers(c[0], c[1]) {
			t.Errorf("a subscription to %q covers %s", c[0], c[1])
		}
	}
}

// said gathers what was written to the main log.
type said []string

func (s *said) say(level slog.Level, text string) {
	*s = append(*s, map[slog.Level]string{
		sirdar.LevelDebug: "DEBG ", sirdar.LevelWarn: "WARN ", sirdar.LevelError: "ERRO ",
	}[level]+text)
}

func newPool(s *said, size int, types ...string) *event.Pool {
	return &event.Pool{Name: "pool", Server: "me", Types: types, Size: size, Say: s.say}
}

// envelopes takes all events out of a pool.
func envelopes(p *event.Pool) (all []string) {
	for d, ok := p.Take(); ok; d, ok = p.Take() {
		all = append(all, string(p.Envelope(d)))
	}
	return all
}
