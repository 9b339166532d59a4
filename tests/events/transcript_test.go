//go:build linux

package events

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/sirdar-project/sirdar/tests/running"
)

// transcripts are the pools of the story below and what they have subscribed to.
var transcripts = map[string]string{
	"groups":    "PROCESS_GROUP",
	"mood":      "SUPERVISOR_STATE_CHANGE",
	"remote":    "REMOTE_COMMUNICATION",
	"ticks":     "TICK_5",
	"doubled":   "remote_communication,EVENT",
	"comm":      "PROCESS_COMMUNICATION",
	"logs":      "PROCESS_LOG",
	"states":    "PROCESS_STATE",
	"rejecting": "REMOTE_COMMUNICATION",
	"mortal":    "REMOTE_COMMUNICATION",
}

// programs raise every kind of event.
const programs = `[program:plain]
command=/bin/sh -c "printf 'hello é\n'; exec sleep 1000"
stdout_events_enabled=true
[program:binary]
command=/bin/sh -c "printf 'bad\377 h\303\251\n' >&2; exec sleep 1000"
stderr_events_enabled=true
[program:talker]
command=/bin/sh -c "printf 'before the message<!--XSUPERVISOR:BEGIN-->hello, listener<!--XSUPERVISOR:END-->'; printf '<!--XSUPERVISOR:BEGIN-->\303\244rger<!--XSUPERVISOR:END-->' >&2; exec sleep 1000"
stdout_events_enabled=true
stdout_capture_maxbytes=1000
stderr_capture_maxbytes=1000
[program:quiet]
command=/bin/sh -c "echo nobody hears this; exec sleep 1000"
[program:failing]
command=/bin/false
autostart=false
startretries=1
startsecs=30
[program:finishing]
command=/bin/sh -c "exit 0"
startsecs=0
autorestart=false
autostart=false
[program:dying]
command=/bin/sh -c "exit 3"
startsecs=0
autorestart=false
autostart=false
`

// story plays the same to a daemon, whoever's it is, and returns what the listeners
// read.
//
// Supervisor gives a rejected event to all pools whose listeners have the same
// priority as the one that rejected it. That each has its own hides this defect.
func story(t *testing.T, binary string) map[string][]envelope {
	t.Helper()
	sections := programs
	for i, name := range slices.Sorted(maps.Keys(transcripts)) {
		how := map[string]string{"rejecting": "fail", "mortal": "die"}[name]
		if how == "" {
			how = "ok"
		}
		sections += pool(name, transcripts[name], how, "autorestart=true", fmt.Sprintf("priority=%d", i))
	}
	d := running.How{Binary: binary}.Start(t, sections, files)
	c := dial(t, d)
	for _, name := range []string{"plain", "binary", "talker", "quiet"} {
		await(t, d, "states", "PROCESS_STATE_RUNNING", "processname:"+name+" ")
	}
	d.Ctl("start", "failing")
	await(t, d, "states", "PROCESS_STATE_FATAL", "failing")
	d.Ctl("start", "finishing", "dying")
	await(t, d, "states", "PROCESS_STATE_EXITED", "dying")
	for _, e := range [][2]string{{"first", "one\ntwo"}, {"sécond", ""}, {"", "…"}} {
		if err := c.SendEvent(t.Context(), e[0], e[1]); err != nil {
			t.Errorf("SendEvent(%q): %v", e, err)
		}
	}
	d.Ctl("stop", "plain")
	d.Ctl("remove", "plain")
	d.Ctl("add", "plain")
	await(t, d, "groups", "PROCESS_GROUP_ADDED", "plain")
	await(t, d, "ticks", "TICK_5", "when:")
	for _, name := range []string{"remote", "rejecting", "mortal"} {
		await(t, d, name, "REMOTE_COMMUNICATION", "…")
	}
	d.Await("plain runs again", func() bool {
		again := 0
		for _, e := range read(t, d, "states") {
			if e.Type == "PROCESS_STATE_RUNNING" && strings.HasPrefix(e.payload, "processname:plain ") {
				again++
			}
		}
		return again == 2
	})
	await(t, d, "doubled", "PROCESS_STATE_STOPPED", "plain")
	heard := make(map[string][]envelope)
	for name := range transcripts {
		heard[name] = read(t, d, name)
	}
	d.Signal(syscall.SIGTERM)
	if status := d.Exit(); status != 0 {
		t.Errorf("exit status %d, want 0", status)
	}
	heard["mood"] = read(t, d, "mood")
	if line, _, _ := strings.Cut(d.Read("remote.txt"), "\n"); !envelopeLine.MatchString(line) {
		t.Errorf("the header is %q", line)
	}
	return heard
}

// lasting is what a pool has read, as far as it is the same in every run.
func lasting(pool string, read []envelope) []string {
	var lines []string
	for _, e := range read {
		lines = append(lines, e.masked())
	}
	switch pool {
	case "ticks": // how many there are depends on how fast the machine is
		return lines[:1]
	case "doubled": // everything happens; only this comes twice
		lines = slices.DeleteFunc(lines, func(l string) bool { return !strings.HasPrefix(l, "REMOTE") })
	case "states", "comm", "logs":
		// What several programs do at the same time has no order; what one does has.
		lines = slices.DeleteFunc(lines, isAboutListener)
		slices.SortStableFunc(lines, func(a, b string) int { return strings.Compare(about(a), about(b)) })
	}
	return lines
}

// about names the process and, for output, the stream that an event is about.
func about(masked string) string {
	typ, payload, _ := strings.Cut(masked, "\n")
	name, _, _ := strings.Cut(payload, " ")
	if strings.HasSuffix(typ, "_STDERR") {
		return name + " stderr"
	}
	return name
}

func isAboutListener(masked string) bool {
	_, is := transcripts[strings.TrimPrefix(about(masked), "processname:")]
	return is
}

// What listeners read is what they read from Supervisor.
//
// core 221, 236, 237
func TestListenersReadWhatTheyReadFromSupervisor(t *testing.T) {
	t.Parallel()
	python := running.Need(t, "supervisor", "/usr/bin/supervisord")
	theirs, ours := story(t, python), story(t, "")
	for name := range transcripts {
		want, got := lasting(name, theirs[name]), lasting(name, ours[name])
		if len(want) == 0 {
			t.Errorf("%s: Supervisor's listener read nothing: the story proves nothing", name)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s read from ours:\n%q\nand from Supervisor:\n%q", name, got, want)
		}
		orderly(t, name, theirs[name])
		orderly(t, name, ours[name])
	}
}
