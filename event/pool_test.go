package event_test

import (
	"slices"
	"testing"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/event"
)

func want[T comparable](t *testing.T, what string, got, want []T) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n%#v, want\n%#v", what, got, want)
	}
}

// core 237
func TestTheEnvelopeHasTheseWordsInThisOrder(t *testing.T) {
	var log said
	var n event.Numbers
	p := newPool(&log, 10, "PROCESS_LOG")
	p.Offer(event.Log("cat", "cat", 7, sirdar.Stdout, []byte("é")), &n)
	want(t, "envelope", envelopes(p), []string{
		"ver:3.0 server:me serial:0 pool:pool poolserial:0 eventname:PROCESS_LOG_STDOUT len:52\nprocessname:cat groupname:cat pid:7 channel:stdout\né",
	})
}

// The number of an event is the same in all pools; what nobody takes has none.
func TestSerialsCountWhatIsTaken(t *testing.T) {
	var log said
	var n event.Numbers
	ticks, all := newPool(&log, 10, "TICK"), newPool(&log, 10, "EVENT")
	states := newPool(&log, 10, "PROCESS_STATE")
	raise := func(e *event.Event, pools ...*event.Pool) {
		for _, p := range pools {
			p.Offer(e, &n)
		}
	}
	raise(event.Remote("a", "b"), ticks)      // nobody wants it
	raise(event.Remote("c", "d"), ticks, all) // 0
	raise(event.Tick(5, 10), ticks, all, states)
	const head = "ver:3.0 server:me serial:"
	want(t, "pool of ticks", envelopes(ticks), []string{head + "1 pool:pool poolserial:0 eventname:TICK_5 len:7\nwhen:10"})
	want(t, "pool of all", envelopes(all), []string{
		head + "0 pool:pool poolserial:0 eventname:REMOTE_COMMUNICATION len:8\ntype:c\nd",
		head + "1 pool:pool poolserial:1 eventname:TICK_5 len:7\nwhen:10",
	})
	want(t, "pool of states", envelopes(states), nil)
	want(t, "log", log, nil)
}

// As from Supervisor: once for every subscription, with the same numbers.
func TestOverlappingSubscriptionsGetCopies(t *testing.T) {
	var log said
	var n event.Numbers
	p := newPool(&log, 10, "TICK", "TICK_5")
	p.Offer(event.Tick(5, 10), &n)
	const copied = "ver:3.0 server:me serial:0 pool:pool poolserial:0 eventname:TICK_5 len:7\nwhen:10"
	want(t, "events", envelopes(p), []string{copied, copied})
	want(t, "log", log, []string{"DEBG rebuffering event 0 for pool pool (buf size=1, max=10)"})
}

// core 235
func TestTheOldestEventMakesRoom(t *testing.T) {
	var log said
	var n event.Numbers
	p := newPool(&log, 2, "TICK")
	for when := range int64(4) {
		p.Offer(event.Tick(5, when), &n)
	}
	taken, _ := p.Take()
	p.Offer(event.Tick(5, 4), &n)
	p.Return(taken)
	const head = "ver:3.0 server:me serial:"
	want(t, "events", envelopes(p), []string{
		head + "2 pool:pool poolserial:2 eventname:TICK_5 len:6\nwhen:2",
		head + "4 pool:pool poolserial:4 eventname:TICK_5 len:6\nwhen:4",
	})
	want(t, "log", log, []string{
		"ERRO pool pool event buffer overflowed, discarding event 0",
		"ERRO pool pool event buffer overflowed, discarding event 1",
		"DEBG rebuffering event 2 for pool pool (buf size=2, max=2)",
		"ERRO pool pool event buffer overflowed, discarding event 3",
	})
}

func TestHeadersAreRead(t *testing.T) {
	h := event.Header{Server: "me", Serial: 7, Pool: "p", PoolSerial: 3, Type: "TICK_5", Len: 15}
	got, err := event.ParseHeader(h.String() + "\n")
	if err != nil || got != h {
		t.Errorf("ParseHeader = %+v, %v; want %+v", got, err, h)
	}
	for _, bad := range []string{
		"", "ver:3.0", "words", "serial:1 poolserial:1 len:1",
		"serial:x poolserial:1 eventname:TICK_5 len:1", "serial:1 poolserial:-1 eventname:TICK_5 len:1",
		"serial:1 poolserial:1 eventname:TICK_5 len:", "serial:1 poolserial:1 eventname:TICK_5 len:99999999999",
	} {
		if h, err := event.ParseHeader(bad); err == nil {
			t.Errorf("ParseHeader(%q) = %+v, want an error", bad, h)
		}
	}
}

func FuzzHeadersSurviveAJourney(f *testing.F) {
	f.Add("ver:3.0 server:supervisor serial:269 pool:evall poolserial:269 eventname:PROCESS_GROUP_REMOVED len:14")
	f.Add("serial:0 poolserial:0 eventname:: len:0 \x00:")
	f.Fuzz(func(t *testing.T, line string) {
		h, err := event.ParseHeader(line)
		if err != nil {
			return
		}
		if again, err := event.ParseHeader(h.String()); err != nil || again != h {
			t.Errorf("%+v became %+v, %v", h, again, err)
		}
	})
}
