package event_test

import (
	"strings"
	"testing"

	"github.com/sirdar-project/sirdar/event"
)

// talk lets a listener write the pieces, and sends it an event whenever it is ready
// before a piece. It returns how it ends, the log, and how many events were sent
// and came back.
func talk(pieces ...string) (state event.ListenerState, log said, sent, back int) {
	var n event.Numbers
	p := newPool(new(said), 10, "TICK")
	l := event.NewListener("l", log.say)
	for _, piece := range pieces {
		if l.State() == event.Ready && piece != "" {
			p.Offer(event.Tick(5, 5), &n)
			d, _ := p.Take()
			l.Sent(d)
			sent++
		}
		if l.Heard([]byte(piece)) != nil {
			back++
		}
	}
	return l.State(), log, sent, back
}

const (
	ready    = "DEBG l: ACKNOWLEDGED -> READY"
	sent0    = "DEBG event 0 sent to listener l"
	ackn     = "DEBG l: BUSY -> ACKNOWLEDGED"
	done     = "DEBG l: event was processed"
	rejected = "WARN l: event was rejected"
	lost     = "DEBG l: BUSY -> UNKNOWN"
	violated = "WARN l: has entered the UNKNOWN state and will no longer receive events, this usually indicates the process violated the eventlistener protocol"
)

// core 234, 236
func TestAListenerIsUnderstoodAsSupervisorDoes(t *testing.T) {
	pieces := func(p ...string) []string { return p }
	for _, c := range []struct {
		name   string
		pieces []string
		state  event.ListenerState
		back   int
		log    []string
	}{
		{"silence", pieces(""), event.Acknowledged, 0, nil},
		{"too little to tell", pieces("RE", "ADY"), event.Acknowledged, 0, nil},
		{"ready, in pieces", pieces("RE", "ADY", "\n"), event.Ready, 0, []string{ready}},
		{"garbage", pieces("garbage\n"), event.Unknown, 0, []string{"DEBG l: ACKNOWLEDGED -> UNKNOWN", violated}},
		{"a short word and more", pieces("hi", "\n", "you"), event.Unknown, 0, []string{"DEBG l: ACKNOWLEDGED -> UNKNOWN", violated}},
		{"ready twice", pieces("READY\nREADY\n"), event.Unknown, 0, []string{ready, "DEBG l: READY -> UNKNOWN", violated}},
		{"ready after the end", pieces("garbage", "READY\n", "READY\n"), event.Unknown, 0, []string{"DEBG l: ACKNOWLEDGED -> UNKNOWN", violated}},
		{"an event", pieces("READY\n", "RESULT 2\nOK"), event.Acknowledged, 0, []string{ready, sent0, done, ackn}},
		{"and the next word at once", pieces("READY\n", "RESULT 2\nOKREADY\n"), event.Ready, 0, []string{ready, sent0, done, ackn, ready}},
		{"byte by byte", append(pieces("READY\n"), strings.Split("RESULT 2\nOKREADY\n", "")...), event.Ready, 0, []string{ready, sent0, done, ackn, ready}},
		{"no answer", pieces("READY\n", "RESULT"), event.Busy, 0, []string{ready, sent0}},
		{"half an answer", pieces("READY\n", "RESULT 2\nO"), event.Busy, 0, []string{ready, sent0}},
		{"only the number counts", pieces("READY\n", "FOOBAR 2\nOK"), event.Acknowledged, 0, []string{ready, sent0, done, ackn}},
		{"a carriage return", pieces("READY\n", "RESULT 2\r\nOK"), event.Acknowledged, 0, []string{ready, sent0, done, ackn}},
		{"FAIL", pieces("READY\n", "RESULT 4\nFAIL"), event.Acknowledged, 1, []string{ready, sent0, rejected, ackn}},
		{"OK and a line end", pieces("READY\n", "RESULT 3\nOK\n"), event.Acknowledged, 1, []string{ready, sent0, rejected, ackn}},
		{"a long result", pieces("READY\n", "RESULT 100000\n"+strings.Repeat("OK", 50000)), event.Acknowledged, 1, []string{ready, sent0, rejected, ackn}},
		{"an empty result is judged when more comes", pieces("READY\n", "RESULT 0\n"), event.Busy, 0, []string{ready, sent0}},
		{"as it does here", pieces("READY\n", "RESULT 0\nREADY\n"), event.Ready, 1, []string{ready, sent0, rejected, ackn, ready}},
		{"no number", pieces("READY\n", "RESULT abc\n"), event.Unknown, 1, []string{ready, sent0, "WARN l: bad result line: 'RESULT abc'", lost, violated}},
		{"nothing", pieces("READY\n", "RESULT \n"), event.Unknown, 1, []string{ready, sent0, "WARN l: bad result line: 'RESULT '", lost, violated}},
		{"no result", pieces("READY\n", "OK\n"), event.Unknown, 1, []string{ready, sent0, "WARN l: bad result line: 'OK'", lost, violated}},
		{"less than nothing", pieces("READY\n", "RESULT -1\n"), event.Unknown, 1, []string{ready, sent0, "WARN l: bad result line: 'RESULT -1'", lost, violated}},
		{"no text", pieces("READY\n", "RESULT \xff\n"), event.Unknown, 1, []string{ready, sent0, `WARN l: bad result line: 'Undecodable: b'RESULT \xff''`, lost, violated}},
	} {
		t.Run(c.name, func(t *testing.T) {
			state, log, _, back := talk(c.pieces...)
			if state != c.state || back != c.back {
				t.Errorf("ends %v with %d events back, want %v and %d", state, back, c.state, c.back)
			}
			want(t, "log", log, c.log)
		})
	}
}

func TestALineWithoutEndIsNotKeptForEver(t *testing.T) {
	state, _, _, back := talk("READY\n", strings.Repeat("x", 4000), strings.Repeat("x", 4000))
	if state != event.Unknown || back != 1 {
		t.Errorf("a line of 8,000 characters ends %v with %d events back, want UNKNOWN and 1", state, back)
	}
}

func TestWhatADeadListenerWasBusyWithComesBackOnce(t *testing.T) {
	var n event.Numbers
	p := newPool(new(said), 10, "TICK")
	p.Offer(event.Tick(5, 5), &n)
	d, _ := p.Take()
	l := event.NewListener("l", new(said).say)
	l.Heard([]byte(event.ReadyText))
	l.Sent(d)
	if got := l.Gone(); got == nil || *got != d {
		t.Errorf("Gone = %v, want what was sent", got)
	}
	if got := l.Gone(); got != nil {
		t.Errorf("the second Gone = %v, want nothing", got)
	}
}

func TestResultIsUnderstood(t *testing.T) {
	for text, back := range map[string]int{event.Accepted: 0, "FAIL": 1} {
		if state, _, _, got := talk(event.ReadyText, event.Result(text)); state != event.Acknowledged || got != back {
			t.Errorf("Result(%q) ends %v with %d events back, want ACKNOWLEDGED and %d", text, state, got, back)
		}
	}
}

// However the output is cut, as long as no event comes in between, it means the same.
func FuzzListenerDoesNotDependOnThePieces(f *testing.F) {
	f.Add("RESULT 2\nOKREADY\n", []byte{3, 1, 9})
	f.Add("RESULT 4\nFAILREADY\n", []byte{1})
	f.Add("RESULT 0\nREADY\nx", []byte{10})
	f.Add("x 99999999999999999999\n", []byte{})
	f.Fuzz(func(t *testing.T, answer string, cuts []byte) {
		var n event.Numbers
		hear := func(pieces []string) (event.ListenerState, int, said) {
			var log said
			p := newPool(new(said), 10, "TICK")
			p.Offer(event.Tick(5, 5), &n)
			d, _ := p.Take()
			l := event.NewListener("l", log.say)
			l.Heard([]byte(event.ReadyText))
			l.Sent(d)
			back := 0
			for _, piece := range pieces {
				if l.Heard([]byte(piece)) != nil {
					back++
				}
			}
			return l.State(), back, log
		}
		var pieces []string
		rest := answer
		for _, cut := range cuts {
			n := min(int(cut), len(rest))
			pieces, rest = append(pieces, rest[:n]), rest[n:]
		}
		state, back, log := hear([]string{answer})
		state2, back2, log2 := hear(append(pieces, rest))
		if len(answer) <= 4096 && (state != state2 || back != back2 || len(log) != len(log2)) {
			t.Errorf("at once: %v, %d back, %q\nin pieces: %v, %d back, %q", state, back, log, state2, back2, log2)
		}
		if back > 1 || back2 > 1 {
			t.Errorf("one event came back %d and %d times", back, back2)
		}
	})
}
