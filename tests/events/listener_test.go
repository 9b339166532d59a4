//go:build linux

package events

import (
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/tests/running"
)

// send raises REMOTE_COMMUNICATION events with numbered data.
func send(t *testing.T, c sirdar.Supervisor, from, to int) {
	t.Helper()
	for i := from; i <= to; i++ {
		if err := c.SendEvent(t.Context(), "test", fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
}

// awaitRunning waits until programs are RUNNING.
func awaitRunning(d *running.Daemon, names ...string) {
	for _, name := range names {
		d.AwaitRunning(name, 0)
	}
}

// data returns the data of the REMOTE_COMMUNICATION events that a pool has read.
func data(t *testing.T, d *running.Daemon, pool string) (all []string) {
	for _, e := range read(t, d, pool) {
		if text, ok := strings.CutPrefix(e.payload, "type:test\n"); ok {
			all = append(all, text)
		}
	}
	return all
}

// core 222
func TestAListenersStderrIsCaptured(t *testing.T) {
	t.Parallel()
	const speaker = `[eventlistener:speaker]
command=/bin/sh -c "printf '<!--XSUPERVISOR:BEGIN-->from a listener<!--XSUPERVISOR:END-->' | tee /dev/stderr; exec sleep 1000"
events=TICK_3600
startsecs=0
stdout_capture_maxbytes=100
stdout_events_enabled=true
stderr_capture_maxbytes=100
stderr_events_enabled=true
priority=5
`
	d := running.Start(t, pool("hearer", "PROCESS_COMMUNICATION,PROCESS_LOG", "ok")+speaker, files)
	got := await(t, d, "hearer", "PROCESS_COMMUNICATION_STDERR", "processname:speaker groupname:speaker pid:")
	if !strings.HasSuffix(got.payload, "\nfrom a listener") {
		t.Errorf("the payload is %q", got.payload)
	}
	for _, e := range read(t, d, "hearer") {
		if strings.HasSuffix(e.Type, "_STDOUT") {
			t.Errorf("a listener's standard output raised %s", e.Type)
		}
	}
}

// core 223
func TestBytesThatAreNoTextAreQuotedInEventsAndLoggedAsTheyAre(t *testing.T) {
	t.Parallel()
	const binary = `[program:binary]
command=/bin/sh -c "printf 'bad\\377 h\\303\\251\\n'; exec sleep 1000"
stdout_logfile={dir}/binary.log
stdout_events_enabled=true
`
	d := running.Start(t, pool("hearer", "PROCESS_LOG", "ok")+binary, files)
	got := await(t, d, "hearer", "PROCESS_LOG_STDOUT", "processname:binary ")
	if want := `Undecodable: b'bad\xff h\xc3\xa9\n'`; !strings.HasSuffix(got.payload, "\n"+want) {
		t.Errorf("the payload is %q, want it to end with %q", got.payload, want)
	}
	if got, want := d.Read("binary.log"), "bad\xff h\xc3\xa9\n"; got != want {
		t.Errorf("the log holds %q, want %q", got, want)
	}
}

// core 234
func TestAListenerThatTalksNonsenseRunsOnAndHearsNoMore(t *testing.T) {
	t.Parallel()
	const garbage = `[eventlistener:garbage]
command=/bin/sh -c "echo this is no protocol; exec cat"
events=REMOTE_COMMUNICATION
startsecs=0
stdout_logfile={dir}/garbage.log
`
	d := running.Start(t, garbage, nil)
	c := dial(t, d)
	awaitLog(d, "WARN garbage: has entered the UNKNOWN state and will no longer receive events, this usually indicates the process violated the eventlistener protocol\n")
	awaitRunning(d, "garbage")
	send(t, c, 1, 3)
	if got := d.Read("garbage.log"); got != "this is no protocol\n" {
		t.Errorf("the listener was sent events, or its log lacks what it said: %q", got)
	}
}

// core 235
func TestAFullBufferDiscardsTheOldestAndSaysSo(t *testing.T) {
	t.Parallel()
	const never = `[eventlistener:never]
command=/bin/cat
events=REMOTE_COMMUNICATION
buffer_size=2
startsecs=0
`
	d := running.Start(t, never, nil)
	c := dial(t, d)
	send(t, c, 1, 4)
	awaitLog(d, "ERRO pool never event buffer overflowed, discarding event 1\n")
	if n := strings.Count(d.Log(), "ERRO pool never event buffer overflowed, discarding event "); n != 2 {
		t.Errorf("%d events were discarded, want 2:\n%s", n, d.Log())
	}
	if !strings.Contains(d.Log(), "discarding event 0\n") {
		t.Error("event 0 was not the first to go")
	}
}

// core 236
func TestARejectedEventComesAgainToItsOwnPoolOnly(t *testing.T) {
	t.Parallel()
	d := running.Start(t, pool("fail", "REMOTE_COMMUNICATION", "fail")+pool("other", "REMOTE_COMMUNICATION", "ok")+pool("ticks", "TICK_3600", "ok"), files)
	c := dial(t, d)
	send(t, c, 1, 2)
	await(t, d, "fail", "REMOTE_COMMUNICATION", "2")
	await(t, d, "other", "REMOTE_COMMUNICATION", "2")
	awaitLog(d, "WARN fail: event was rejected\n")
	for pool, want := range map[string]string{"fail": "1 1 2", "other": "1 2", "ticks": ""} {
		if got := strings.Join(data(t, d, pool), " "); got != want {
			t.Errorf("%s read %q, want %q", pool, got, want)
		}
		orderly(t, pool, read(t, d, pool))
	}
}

func TestWhatAListenerDiesOfIsDeliveredAgain(t *testing.T) {
	t.Parallel()
	d := running.Start(t, pool("mortal", "REMOTE_COMMUNICATION", "die"), files)
	c := dial(t, d)
	send(t, c, 1, 5)
	await(t, d, "mortal", "REMOTE_COMMUNICATION", "5")
	if got := strings.Join(data(t, d, "mortal"), " "); got != "1 1 2 3 4 5" {
		t.Errorf("mortal read %q, want 1 twice and the rest in order", got)
	}
	orderly(t, "mortal", read(t, d, "mortal"))
}

func TestTheFirstReadyListenerOfAPoolGetsTheEvent(t *testing.T) {
	t.Parallel()
	const three = `[eventlistener:three]
command=/usr/bin/python3 -u {dir}/listener.py {dir}/three_%(process_num)d.txt hang
process_name=three_%(process_num)d
numprocs=3
events=REMOTE_COMMUNICATION
startsecs=0
`
	d := running.Start(t, three, files)
	c := dial(t, d)
	awaitRunning(d, "three:three_0", "three:three_1", "three:three_2")
	for i := range 3 {
		d.Await("it is ready", func() bool { return strings.HasPrefix(d.Ctl("tail", fmt.Sprintf("three:three_%d", i)), "READY") })
	}
	for i := range 3 {
		send(t, c, i, i)
		name := fmt.Sprintf("three_%d", i)
		d.Await(name+" got it", func() bool { return strings.Contains(d.Read(name+".txt"), fmt.Sprintf("type:test\n%d", i)) })
	}
}

// An event that is larger than a pipe and a queue, and one that is no text.
func TestLargeEventsArrive(t *testing.T) {
	t.Parallel()
	d := running.Start(t, pool("big", "REMOTE_COMMUNICATION", "ok"), files)
	c := dial(t, d)
	text := strings.Repeat("0123456789abcdé", 200_000)
	if err := c.SendEvent(t.Context(), "test", text); err != nil {
		t.Fatal(err)
	}
	send(t, c, 1, 1)
	d.Await("both arrive", func() bool { return len(data(t, d, "big")) == 2 })
	if got := data(t, d, "big"); got[0] != text || got[1] != "1" {
		t.Errorf("%d bytes and %q arrived", len(got[0]), got[1])
	}
}

// users-want 2A 8: a stuck listener slows nobody's log.
func TestAStuckListenerSlowsNoLog(t *testing.T) {
	t.Parallel()
	const chatty = `[program:chatty]
command=/usr/bin/seq 1 500000
stdout_logfile={dir}/chatty.log
stdout_logfile_maxbytes=0
stdout_events_enabled=true
startsecs=0
autorestart=false
autostart=false
`
	d := running.Start(t, pool("stuck", "PROCESS_LOG,REMOTE_COMMUNICATION", "hang")+chatty, files)
	c := dial(t, d)
	send(t, c, 1, 1)
	await(t, d, "stuck", "REMOTE_COMMUNICATION", "1")
	d.Ctl("start", "chatty")
	awaitLog(d, "exited: chatty (exit status 0; expected)")
	if text := d.Read("chatty.log"); strings.Count(text, "\n") != 500000 || !strings.HasSuffix(text, "\n500000\n") {
		t.Errorf("the log has %d lines and ends with %q", strings.Count(text, "\n"), text[max(0, len(text)-20):])
	}
}

// At the end listeners hear of the others' end before their own.
func TestListenersHearOfTheEnd(t *testing.T) {
	t.Parallel()
	const programs = `[program:a]
command=/bin/sleep 1000
startsecs=0
[program:b]
command=/bin/sleep 1000
startsecs=0
priority=5
`
	d := running.Start(t, pool("witness", "PROCESS_STATE_STOPPING,PROCESS_STATE_STOPPED,SUPERVISOR_STATE_CHANGE", "ok")+programs, files)
	dial(t, d)
	awaitRunning(d, "a", "b")
	await(t, d, "witness", "SUPERVISOR_STATE_CHANGE_RUNNING", "")
	d.Signal(syscall.SIGTERM)
	if status := d.Exit(); status != 0 {
		t.Errorf("exit status %d, want 0", status)
	}
	var got []string
	for _, e := range read(t, d, "witness") {
		name, _, _ := strings.Cut(strings.TrimPrefix(e.payload, "processname:"), " ")
		got = append(got, strings.TrimSpace(strings.TrimPrefix(e.Type, "PROCESS_STATE_")+" "+name))
	}
	want := "SUPERVISOR_STATE_CHANGE_RUNNING, SUPERVISOR_STATE_CHANGE_STOPPING, STOPPING a, STOPPED a, STOPPING b, STOPPED b"
	if strings.Join(got, ", ") != want {
		t.Errorf("it read %s\nwant %s", strings.Join(got, ", "), want)
	}
}

// The numbers of events go on over a restart; those of a pool begin again.
func TestNumbersGoOnOverARestart(t *testing.T) {
	t.Parallel()
	d := running.Start(t, pool("p", "REMOTE_COMMUNICATION,SUPERVISOR_STATE_CHANGE_RUNNING", "ok"), files)
	c := dial(t, d)
	send(t, c, 1, 3)
	await(t, d, "p", "REMOTE_COMMUNICATION", "3")
	if err := c.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.Await("it hears of the new life", func() bool { return len(read(t, d, "p")) == 5 })
	last := read(t, d, "p")[4]
	if last.Type != "SUPERVISOR_STATE_CHANGE_RUNNING" || last.Serial != 4 || last.PoolSerial != 0 {
		t.Errorf("after the restart came %+v, want SUPERVISOR_STATE_CHANGE_RUNNING with serial 4 and poolserial 0", last.Header)
	}
}
