//go:build linux

package oracle

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// dropped are lines of the main log that do not stand in a transcript.
var dropped = []mask{
	{regexp.MustCompile(`^DEBG fd \d+ closed, stopped monitoring`), "", "names Python objects by address"},
	{regexp.MustCompile(`^DEBG received SIGCHLD`), "", "signals that are pending together count once"},
	{regexp.MustCompile(`^BLAT`), "", "says when Python's loop turned"},
}

// hurried are lines that come or do not come depending on how quick the daemon and
// the child are; a scenario with Waiting keeps them.
var hurried = regexp.MustCompile(`^INFO waiting for .* to (stop|die)$`)

// repeated are lines that say the same again and again: until something else
// happens, or once for each place that the log goes to.
var repeated = regexp.MustCompile(`^INFO waiting for .* to (stop|die)$|^WARN killing '[^']*' \(PID\) with SIGKILL$|^INFO reopening log file$`)

// about finds the program that a line of the main log speaks of.
var about = []*regexp.Regexp{
	regexp.MustCompile(`^\w+ (?:spawned:|killing|process) '([^']*)'`),
	regexp.MustCompile(`^\w+ (?:success|exited|stopped|gave up): (\S*) `),
	regexp.MustCompile(`^DEBG (?:killing|sending) (\S+) \(pid`),
	regexp.MustCompile(`^DEBG '([^']*)' std`),
	regexp.MustCompile(`(?i)^DEBG attempted to (?:kill|send) (\S+?),? `),
	regexp.MustCompile(`^INFO waiting for (\S+) to stop`),
	regexp.MustCompile(`^CRIT unknown problem killing (\S+) `),
	regexp.MustCompile(`^INFO (spawnerr: .*)`),
}

// logged writes the main log as the transcript shows it: what is said of the
// daemon first, then what is said of each program; in order each, because the
// daemons interleave programs differently.
func (r *Run) logged(text string) string {
	lines := strings.SplitAfter(r.masked(text), "\n")
	parts := map[string][]string{}
	last, wanted := "", true
	for _, line := range lines {
		line = strings.TrimSuffix(line, "\n")
		if line == "" {
			continue
		}
		if logLine.MatchString(line) { // else it is more of the line before: a traceback, a child's output
			last, wanted = subject(line), r.wants(line)
		}
		if wanted && !repeats(parts[last], line) {
			parts[last] = append(parts[last], line)
		}
	}

	var out strings.Builder
	names := make([]string, 0, len(parts))
	for name := range parts {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, line := range parts[name] {
			fmt.Fprintf(&out, "%s\n", line)
		}
	}
	return out.String()
}

var logLine = regexp.MustCompile(`^(CRIT|ERRO|WARN|INFO|DEBG|TRAC|BLAT) `)

// subject returns the name of the program that a line speaks of, empty for the
// daemon.
func subject(line string) string {
	for _, pattern := range about {
		if m := pattern.FindStringSubmatch(line); m != nil {
			return m[1]
		}
	}
	return ""
}

// wants says whether a line stands in this run's transcript.
func (r *Run) wants(line string) bool {
	for _, d := range dropped {
		if d.pattern.MatchString(line) {
			return false
		}
	}
	for _, pattern := range r.scenario.Ignore {
		if regexp.MustCompile(pattern).MatchString(line) {
			return false
		}
	}
	return r.scenario.Waiting || !hurried.MatchString(line)
}

// repeats says whether a line only says again what the last one said.
func repeats(lines []string, line string) bool {
	return len(lines) > 0 && lines[len(lines)-1] == line && repeated.MatchString(line)
}
