package process

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Stories are behaviours of one process over time. Each is a file of
// testdata/stories: what happens, then "----", then the same with what the machine
// makes of it.
func TestStories(t *testing.T) {
	stories := []struct{ says, file string }{
		// core 139, 140
		{"a program that exits at once is tried four times with growing pauses", "quick_exit"},
		{"a program that cannot be started is tried four times with growing pauses", "spawn_errors"},
		// core 141
		{"startretries=0 means one attempt", "one_attempt"},
		// core 141
		{"a negative startretries means one attempt", "negative_retries"},
		{"RUNNING and an exit clear the count of failures, another failure does not", "count_cleared"},
		// core 142
		{"with startsecs=0 RUNNING comes at once", "startsecs_zero"},
		// core 143
		{"with startsecs=0 an instant exit is an exit", "startsecs_zero_instant_exit"},
		{"a life of exactly startsecs is neither RUNNING nor too quick", "startsecs_exact"},
		{"a program that dies at once is never RUNNING", "dies_at_once"},
		// core 144
		{"an expected exit stays EXITED", "exit_expected"},
		// core 145, 180
		{"an unexpected exit is restarted for ever", "exit_unexpected"},
		// core 146
		{"autorestart=true restarts an expected exit", "exit_always"},
		{"autorestart=false restarts nothing", "exit_never"},
		// core 147, 148
		{"a signal from outside is an unexpected exit with status -1", "killed_from_outside"},
		// core 149
		{"autostart=false starts nothing", "not_autostarted"},
		{"autostart is for the first start only", "autostart_only_once"},
		// core 150
		{"a stop is a warning unless the exit code is expected", "stop"},
		// core 151
		{"exitcodes decide the level of the stopped line", "stop_exitcodes"},
		// core 152
		{"who ignores the stop signal gets SIGKILL after stopwaitsecs", "stop_ignored"},
		// core 153
		{"stopwaitsecs=0 is an immediate SIGKILL", "stop_no_grace"},
		{"stopasgroup and killasgroup each rule one signal", "stop_groups"},
		{"a second stop changes nothing", "stop_twice"},
		// core 159, 160
		{"a stop in BACKOFF keeps the count of failures", "stop_in_backoff"},
		// core 161
		{"a stopped process that never forked shows the epoch", "stop_never_forked"},
		{"a stop before the birth is carried out after it", "stop_before_birth"},
		{"a stop before a failed birth leaves nothing to try", "stop_before_failed_birth"},
		{"the waiting line comes at most every two seconds", "stop_report"},
		{"a stop that is refused ends in UNKNOWN and its death in STOPPED", "kill_refused"},
		{"a stop that finds nobody waits for the death", "kill_too_late"},
		{"a signal that is refused ends in UNKNOWN and its death in EXITED", "signal_refused"},
		{"a signal that finds nobody waits for the death", "signal_too_late"},
		{"nothing is started while the daemon goes down", "shutdown"},
		// core 175
		{"a shutdown makes BACKOFF FATAL without a line", "shutdown_backoff"},
		{"the last try is given up even during shutdown", "shutdown_backoff_last_try"},
		// core 185
		{"a loop of instant exits is one spawn a second", "instant_exit_loop"},
	}
	told := map[string]bool{}
	for _, s := range stories {
		told[s.file+".txt"] = true
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

	files, err := os.ReadDir("testdata/stories")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !told[f.Name()] {
			t.Errorf("testdata/stories/%s is in no test", f.Name())
		}
	}
}
