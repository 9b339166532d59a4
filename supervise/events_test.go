package supervise

import (
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/config"
	"github.com/sirdar-project/sirdar/event"
)

// listeners is a pool of one listener that has subscribed to the types.
func listeners(name string, types ...string) config.Group {
	g := program(name, priority(-1))
	g.Kind, g.Events, g.BufferSize = config.ListenerPool, types, 100
	return g
}

// inLoop runs f in the loop.
func inLoop(t *testing.T, s *Supervisor, f func()) {
	t.Helper()
	if err := s.call(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

// waiting takes what waits for a pool: type and payload of each event.
func waiting(t *testing.T, s *Supervisor, pool string) (all []string) {
	t.Helper()
	synctest.Wait()
	inLoop(t, s, func() {
		p := s.group(pool).pool
		for d, ok := p.Take(); ok; d, ok = p.Take() {
			header, payload, _ := strings.Cut(string(p.Envelope(d)), "\n")
			h, err := event.ParseHeader(header)
			if err != nil {
				t.Error(err)
			}
			all = append(all, strings.TrimSpace(h.Type+" "+payload))
		}
	})
	return all
}

// Time begins at midnight of 2000-01-01 under synctest, a multiple of an hour.
func TestTicksComeWhenAPeriodBegins(t *testing.T) {
	inBubble(t, []config.Group{listeners("l", "TICK")}, nil, func(t *testing.T, s *Supervisor, h *fakeHost) {
		time.Sleep(4 * time.Second)
		if got := waiting(t, s, "l"); len(got) != 0 {
			t.Errorf("before a period has begun there are %q", got)
		}
		time.Sleep(7 * time.Second)
		if got, want := waiting(t, s, "l"), []string{"TICK_5 when:946684805", "TICK_5 when:946684810"}; !slices.Equal(got, want) {
			t.Errorf("after 11 s there are %q, want %q", got, want)
		}
		time.Sleep(time.Minute)
		got := waiting(t, s, "l")
		if i := slices.Index(got, "TICK_60 when:946684860"); len(got) != 13 || i < 1 || got[i-1] != "TICK_5 when:946684860" {
			t.Errorf("in a minute there are %q, want twelve TICK_5, and TICK_60 right after the last of the minute", got)
		}
	})
}

// Nobody who wants a tick, no timer.
func TestNothingTicksUnlessSomebodyListens(t *testing.T) {
	inBubble(t, []config.Group{listeners("l", "PROCESS_STATE"), program("a")}, nil, func(t *testing.T, s *Supervisor, h *fakeHost) {
		time.Sleep(2 * time.Second)
		synctest.Wait()
		inLoop(t, s, func() {
			if next := s.tick(time.Now()); !next.IsZero() || len(s.alarms) != 0 {
				t.Errorf("the next tick is at %v, %d alarms are armed; want none", next, len(s.alarms))
			}
		})
	})
}

// A pool hears of its own group and of what comes after it, in this order.
func TestWhatAPoolHearsOfTheStart(t *testing.T) {
	inBubble(t, []config.Group{program("early", priority(-2)), listeners("l", "EVENT"), program("x")}, nil, func(t *testing.T, s *Supervisor, h *fakeHost) {
		time.Sleep(2 * time.Second)
		got := waiting(t, s, "l")
		want := []string{
			"PROCESS_GROUP_ADDED groupname:l", "PROCESS_GROUP_ADDED groupname:x", "SUPERVISOR_STATE_CHANGE_RUNNING",
			"PROCESS_STATE_STARTING processname:early groupname:early from_state:STOPPED tries:0",
			"PROCESS_STATE_STARTING processname:l groupname:l from_state:STOPPED tries:0",
			"PROCESS_STATE_STARTING processname:x groupname:x from_state:STOPPED tries:0",
			"PROCESS_STATE_RUNNING processname:early groupname:early from_state:STARTING pid:101",
			"PROCESS_STATE_RUNNING processname:l groupname:l from_state:STARTING pid:102",
			"PROCESS_STATE_RUNNING processname:x groupname:x from_state:STARTING pid:103",
		}
		if len(got) == len(want) {
			slices.Sort(got[6:]) // these happen at the same time
		}
		if !slices.Equal(got, want) {
			t.Errorf("it hears\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
		}
	})
}

// say has the listener of a pool say something.
func say(t *testing.T, s *Supervisor, name, words string) {
	t.Helper()
	inLoop(t, s, func() { s.spoken(&voice{r: s.group(name).entries[0].run}, []byte(words)) })
}

// pipeTo gives a process a standard input of which the test has the other end.
func pipeTo(t *testing.T, s *Supervisor, name string) (read func() string) {
	t.Helper()
	var fds [2]int
	if err := syscall.Pipe(fds[:]); err != nil {
		t.Fatal(err)
	}
	for _, fd := range fds {
		if err := syscall.SetNonblock(fd, true); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { syscall.Close(fds[0]) })
	inLoop(t, s, func() { s.group(name).entries[0].run.stdin = newStdin(fds[1]) })
	return func() string {
		synctest.Wait()
		buf := make([]byte, 4096)
		n, _ := syscall.Read(fds[0], buf)
		return string(buf[:max(n, 0)])
	}
}

func TestOnlyWhoIsRunningAndReadyIsSentEvents(t *testing.T) {
	inBubble(t, []config.Group{listeners("l", "REMOTE_COMMUNICATION")}, nil, func(t *testing.T, s *Supervisor, h *fakeHost) {
		read := pipeTo(t, s, "l")
		for _, data := range []string{"a", "b"} {
			if err := s.SendEvent(t.Context(), "t", data); err != nil {
				t.Fatal(err)
			}
		}
		say(t, s, "l", event.ReadyText)
		if got := read(); got != "" {
			t.Errorf("it is ready but not RUNNING, and was sent %q", got)
		}
		time.Sleep(1100 * time.Millisecond)
		const first = "ver:3.0 server: serial:0 pool:l poolserial:0 eventname:REMOTE_COMMUNICATION len:8\ntype:t\na"
		if got := read(); got != first {
			t.Errorf("it was sent %q, want %q", got, first)
		}
		say(t, s, "l", event.Result("FAIL")+event.ReadyText)
		if got := read(); got != first {
			t.Errorf("after FAIL it was sent %q, want %q", got, first)
		}
		say(t, s, "l", event.Result(event.Accepted))
		if got := read(); got != "" {
			t.Errorf("before it is ready it was sent %q", got)
		}
		say(t, s, "l", event.ReadyText)
		if got, want := read(), "ver:3.0 server: serial:1 pool:l poolserial:1 eventname:REMOTE_COMMUNICATION len:8\ntype:t\nb"; got != want {
			t.Errorf("then it was sent %q, want %q", got, want)
		}
	})
}

// A listener whose input is closed keeps nobody from anything.
func TestAnEventThatCannotBeWrittenWaits(t *testing.T) {
	inBubble(t, []config.Group{listeners("l", "REMOTE_COMMUNICATION")}, nil, func(t *testing.T, s *Supervisor, h *fakeHost) {
		time.Sleep(2 * time.Second)
		say(t, s, "l", event.ReadyText)
		if err := s.SendEvent(t.Context(), "t", "a"); err != nil {
			t.Fatal(err)
		}
		if got, want := waiting(t, s, "l"), []string{"REMOTE_COMMUNICATION type:t\na"}; !slices.Equal(got, want) {
			t.Errorf("waiting are %q, want %q", got, want)
		}
	})
}

// At the end a listener is given a second to hear the rest, and no more.
func TestAStuckListenerHoldsUpTheEndForASecond(t *testing.T) {
	inBubble(t, []config.Group{listeners("l", "EVENT"), program("a")}, nil, func(t *testing.T, s *Supervisor, h *fakeHost) {
		read := pipeTo(t, s, "l")
		time.Sleep(2 * time.Second)
		say(t, s, "l", event.ReadyText)
		read() // and it never answers
		if err := s.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		<-s.gone
		wantStory(t, h, "0s start l", "0s start a", "2s kill a terminated", "2s a is gone", "3s kill l terminated", "3s l is gone")
	})
}

// What goes beyond the bound is discarded, counted, and said once.
func TestOutputThatOverrunsTheLoopIsCounted(t *testing.T) {
	inBubble(t, []config.Group{listeners("l", "PROCESS_LOG")}, nil, func(t *testing.T, s *Supervisor, h *fakeHost) {
		time.Sleep(2 * time.Second)
		inLoop(t, s, func() { // nobody is heard meanwhile
			for range 3 {
				s.overheard(event.Log("x", "x", 1, sirdar.Stdout, nil), mostOverheard/2-eventBytes)
			}
		})
		if got := waiting(t, s, "l"); len(got) != 2 {
			t.Errorf("%d events arrived, want 2", len(got))
		}
		if lost, left := s.hearsay.lost.Load(), s.hearsay.bytes.Load(); lost != 0 || left != 0 {
			t.Errorf("%d losses are not told, %d bytes not given back", lost, left)
		}
	})
}
