package event_test

import (
	"bytes"
	"fmt"
	"os/exec"
	"reflect"
	"strings"
	"testing"

	"github.com/sirdar-project/sirdar/event"
)

const begin, end = event.BeginToken, event.EndToken

// heard is a CaptureSink that remembers.
type heard struct {
	log      strings.Builder
	captured strings.Builder
	messages []string
	order    []string
}

func (h *heard) Log(p []byte)      { h.log.Write(p); h.order = append(h.order, "log "+string(p)) }
func (h *heard) Captured(p []byte) { h.captured.Write(p); h.order = append(h.order, "cap "+string(p)) }
func (h *heard) Communication(data []byte) {
	h.messages = append(h.messages, string(data))
	h.order = append(h.order, "com "+string(data))
}

func feed(maxBytes int64, pieces ...string) *heard {
	h := new(heard)
	c := event.NewCapture(maxBytes, h, nil)
	for _, piece := range pieces {
		c.Feed([]byte(piece))
	}
	c.Flush()
	return h
}

// core 220
func TestCaptureFollowsTheTable(t *testing.T) {
	thirty := func(c string) string { return strings.Repeat(c, 30) }
	tests := []struct {
		name     string
		maxBytes int64
		pieces   []string
		log      string
		messages []string
	}{
		{"short output is not lost at the end", 1000, []string{"hi\n", "there\n"}, "hi\nthere\n", nil},
		{"a payload", 1000, []string{"before" + begin + "payload" + end + "after"}, "beforeafter", []string{"payload"}},
		{"a token in three reads", 1000, []string{"before<!--XSUP", "ERVISOR:BEG", "IN-->payload" + end, "after"}, "beforeafter", []string{"payload"}},
		{"no nesting", 1000, []string{"A" + begin + "one" + begin + "two" + end + "three" + end + "four, and more than a token is long"},
			"Athree" + end + "four, and more than a token is long", []string{"one" + begin + "two"}},
		{"begin without end", 1000, []string{"text before" + begin + "never to be seen"}, "text before", nil},
		{"two in a row", 1000, []string{begin + "one" + end + begin + "two" + end}, "", []string{"one", "two"}},
		{"nothing between", 1000, []string{begin + end + "."}, ".", []string{""}},
		{"larger than maxbytes in one read", 10, []string{begin + strings.Repeat("x", 50) + end}, "", []string{strings.Repeat("x", 50)}},
		{"five reads of thirty with seventy", 70, []string{begin + thirty("1"), thirty("2"), thirty("3"), thirty("4"), thirty("5"), end + "..."},
			"...", []string{thirty("4") + thirty("5")}},
		{"off", 0, []string{"a" + begin + "b" + end}, "a" + begin + "b" + end, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			h := feed(test.maxBytes, test.pieces...)
			if h.log.String() != test.log {
				t.Errorf("log holds %q, want %q", h.log.String(), test.log)
			}
			if !reflect.DeepEqual(h.messages, test.messages) {
				t.Errorf("messages %q, want %q", h.messages, test.messages)
			}
		})
	}
}

// core 221
func TestAMessageComesAfterItsPieces(t *testing.T) {
	h := feed(1000, "before this"+begin+"payload that is long enough"+end+"after")
	want := []string{"log before this", "cap payload that is long enough", "com payload that is long enough", "log after"}
	if !reflect.DeepEqual(h.order, want) {
		t.Errorf("order:\n%q, want\n%q", h.order, want)
	}
}

func TestStripWorksOnEachPieceAfterTheTokens(t *testing.T) {
	h := new(heard)
	drop := func(p []byte) []byte { return bytes.ReplaceAll(p, []byte("-"), nil) }
	c := event.NewCapture(1000, h, drop)
	c.Feed([]byte("a-b" + begin + "c-d" + end + "e-f"))
	c.Flush()
	if h.log.String() != "abef" || !reflect.DeepEqual(h.messages, []string{"cd"}) {
		t.Errorf("log %q, messages %q", h.log.String(), h.messages)
	}
}

func TestCaptureThatIsOffAllocatesNothing(t *testing.T) {
	c := event.NewCapture(0, discard{}, nil)
	p := []byte("a line of output\n")
	if n := testing.AllocsPerRun(100, func() { c.Feed(p) }); n != 0 {
		t.Errorf("%v allocations a piece", n)
	}
}

type discard struct{}

func (discard) Log([]byte)           {}
func (discard) Captured([]byte)      {}
func (discard) Communication([]byte) {}

// reference is what a Capture is to do, without pieces: cut at the tokens.
func reference(all string) (log, captured string, messages []string) {
	for {
		before, rest, found := strings.Cut(all, begin)
		log += before
		if !found {
			return log, captured, messages
		}
		message, after, found := strings.Cut(rest, end)
		if !found {
			return log, captured, messages
		}
		captured += message
		messages = append(messages, message)
		all = after
	}
}

func FuzzCaptureDoesNotDependOnThePieces(f *testing.F) {
	f.Add("before"+begin+"payload"+end+"after", []byte{3, 9, 1, 1, 30})
	f.Add(begin+begin+end+end+"<!--XSUPERVISOR:", []byte{1})
	f.Add("<<<!--XSUPERVISOR:BEGIN--><!--XSUPERVISOR:EN<!--XSUPERVISOR:END-->", []byte{25, 24, 23})
	f.Fuzz(func(t *testing.T, all string, cuts []byte) {
		log, captured, messages := reference(all)
		var pieces []string
		rest := all
		for i := 0; len(rest) > 0; i++ {
			n := len(rest)
			if i < len(cuts) {
				n = min(n, int(cuts[i]))
			}
			pieces = append(pieces, rest[:n])
			rest = rest[n:]
		}
		h := feed(1<<40, pieces...)
		if h.log.String() != log {
			t.Errorf("log holds %q, want %q", h.log.String(), log)
		}
		if !reflect.DeepEqual(h.messages, messages) {
			t.Errorf("messages %q, want %q", h.messages, messages)
		}
		// What is captured without an end is passed on as captured, piece by piece.
		if !strings.HasPrefix(h.captured.String(), captured) {
			t.Errorf("captured %q, want it to begin with %q", h.captured.String(), captured)
		}
	})
}

// Supervisor's own dispatcher, fed with the same pieces, passes on the same; what
// it holds at the end is what Flush adds.
//
// core 220
func TestCaptureAgreesWithSupervisorPieceByPiece(t *testing.T) {
	python := "/usr/bin/python3"
	script := `
import sys, random
from supervisor.dispatchers import POutputDispatcher
from supervisor import events
from supervisor.loggers import BoundIO
class Log:
    def __init__(self, out, bound=None): self.out, self.handlers, self.bound = out, [], bound
    def info(self, data):
        self.out(data)
        if self.bound: self.bound.write(data)
    def getvalue(self): return self.bound.getvalue()
class Options:
    strip_ansi = False; loglevel = 100
    class logger:
        debug = staticmethod(lambda *a, **k: None)
class Config: options = Options; name = 'x'; stdout_events_enabled = False
class Process: config = Config; pid = 1
def run(maxbytes, pieces):
    out = []
    d = POutputDispatcher.__new__(POutputDispatcher)
    class Type:
        channel = 'stdout'
        def __init__(self, process, pid, data): out.append(('com', data)); d.capturelog.bound.clear()
    d.process, d.event_type, d.channel = Process, Type, 'stdout'
    d.normallog = Log(lambda b: out.append(('log', b)))
    d.capturelog = Log(lambda b: out.append(('cap', b)), BoundIO(maxbytes))
    d.childlog = d.normallog
    d.begintoken_data = (b'<!--XSUPERVISOR:BEGIN-->', 24)
    d.endtoken_data = (b'<!--XSUPERVISOR:END-->', 22)
    d.log_to_mainlog = False
    d.stdout_events_enabled = d.stderr_events_enabled = False
    for p in pieces:
        d.output_buffer += p
        d.record_output()
    return out, d.output_buffer, d.capturemode, d.capturelog
r = random.Random(7)
words = [b'<!--XSUPERVISOR:BEGIN-->', b'<!--XSUPERVISOR:END-->', b'<!--XSUPERVISOR:', b'<', b'word', b'a longer piece of output, longer than a token']
for n in range(2000):
    all = b''.join(r.choice(words) for i in range(r.randrange(12)))
    pieces = []
    while all:
        k = r.randrange(1, 40); pieces.append(all[:k]); all = all[k:]
    maxbytes = r.choice([10, 50, 1000])
    out, held, inside, last = run(maxbytes, pieces)
    if inside and held == words[1]: out.append(('com', last.getvalue()))
    if not inside and held and held != words[0]: out.append(('log', held))
    print(maxbytes, '|'.join(p.decode() for p in pieces), sep='\t')
    print('|'.join(k + ' ' + b.decode() for k, b in out))
`
	cmd := exec.Command(python, "-c", script)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	output, err := cmd.Output()
	if err != nil {
		t.Fatalf("Debian's supervisor is needed: %v\n%s", err, stderr.String())
	}
	answers := strings.Split(strings.TrimSuffix(string(output), "\n"), "\n")
	if len(answers) != 4000 {
		t.Fatalf("%d lines from Python, want 4000", len(answers))
	}
	for i := 0; i < len(answers); i += 2 {
		maxBytes, pieces, _ := strings.Cut(answers[i], "\t")
		var n int64
		fmt.Sscan(maxBytes, &n)
		h := feed(n, strings.Split(pieces, "|")...)
		if got := strings.Join(h.order, "|"); got != answers[i+1] {
			t.Fatalf("pieces %q with %d bytes:\n%q, want\n%q", pieces, n, got, answers[i+1])
		}
	}
}
