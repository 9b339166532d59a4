package process

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// stories are behaviours of one process over time. Each is a file of
// testdata/stories: what happens, then "----", then the same with what the machine
// makes of it.
var stories = []struct{ file, says string }{
	// core 139, 140
	{"quick_exit", "a program that exits at once is tried four times with growing pauses"},
	{"spawn_errors", "a program that cannot be started is tried four times with growing pauses"},
	// core 141
	{"one_attempt", "startretries=0 means one attempt"},
	// core 141
	{"negative_retries", "a negative startretries means one attempt"},
	{"count_cleared", "RUNNING and an exit clear the count of failures, another failure does not"},
	// core 142
	{"startsecs_zero", "with startsecs=0 RUNNING comes at once"},
	// core 143
	{"startsecs_zero_instant_exit", "with startsecs=0 an instant exit is an exit"},
	{"startsecs_exact", "a life of exactly startsecs is neither RUNNING nor too quick"},
	{"dies_at_once", "a program that dies at once is never RUNNING"},
	// core 144
	{"exit_expected", "an expected exit stays EXITED"},
	// core 145, 180
	{"exit_unexpected", "an unexpected exit is restarted for ever"},
	// core 146
	{"exit_always", "autorestart=true restarts an expected exit"},
	{"exit_never", "autorestart=false restarts nothing"},
	// core 147, 148
	{"killed_from_outside", "a signal from outside is an unexpected exit with status -1"},
	// core 149
	{"not_autostarted", "autostart=false starts nothing"},
	{"autostart_only_once", "autostart is for the first start only"},
	// core 150
	{"stop", "a stop is a warning unless the exit code is expected"},
	// core 151
	{"stop_exitcodes", "exitcodes decide the level of the stopped line"},
	// core 152
	{"stop_ignored", "who ignores the stop signal gets SIGKILL after stopwaitsecs"},
	// core 153
	{"stop_no_grace", "stopwaitsecs=0 is an immediate SIGKILL"},
	{"stop_groups", "stopasgroup and killasgroup each rule one signal"},
	{"stop_twice", "a second stop changes nothing"},
	// core 159, 160
	{"stop_in_backoff", "a stop in BACKOFF keeps the count of failures"},
	// core 161
	{"stop_never_forked", "a stopped process that never forked shows the epoch"},
	{"stop_before_birth", "a stop before the birth is carried out after it"},
	{"stop_before_failed_birth", "a stop before a failed birth leaves nothing to try"},
	{"stop_report", "the waiting line comes at most every two seconds"},
	{"kill_refused", "a stop that is refused ends in UNKNOWN and its death in STOPPED"},
	{"kill_too_late", "a stop that finds nobody waits for the death"},
	{"signal_refused", "a signal that is refused ends in UNKNOWN and its death in EXITED"},
	{"signal_too_late", "a signal that finds nobody waits for the death"},
	{"shutdown", "nothing is started while the daemon goes down"},
	// core 175
	{"shutdown_backoff", "a shutdown makes BACKOFF FATAL without a line"},
	{"shutdown_backoff_last_try", "the last try is given up even during shutdown"},
	// core 185
	{"instant_exit_loop", "a loop of instant exits is one spawn a second"},
}

func TestStories(t *testing.T) {
	for _, s := range stories {
		t.Run(s.says, func(t *testing.T) {
			path := filepath.Join("testdata/stories", s.file+".txt")
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			script, _, _ := strings.Cut(string(text), "----\n")
			golden(t, path, script+"----\n"+tell(t, script))
		})
	}
}

func TestEveryStoryOfTestdataIsTold(t *testing.T) {
	told := map[string]bool{}
	for _, s := range stories {
		told[s.file+".txt"] = true
	}
	files, err := os.ReadDir("testdata/stories")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !told[f.Name()] {
			t.Errorf("testdata/stories/%s is in no test", f.Name())
		}
	}
	if len(files) != len(stories) {
		t.Errorf("%d files, %d stories", len(files), len(stories))
	}
}
