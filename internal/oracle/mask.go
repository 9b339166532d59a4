//go:build linux

package oracle

import (
	"regexp"
	"strconv"
	"strings"
)

// A mask replaces what two runs of the same daemon do not share.
type mask struct {
	pattern *regexp.Regexp
	word    string
	reason  string
}

// times go first of all: their milliseconds may be the run's pid.
var times = regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} `)

// masks are applied to every piece of a transcript in this order, after the times
// are gone and the run's directory, port and pid have become {dir}, {port} and PID.
var masks = []mask{
	{regexp.MustCompile(`(\.pid \S+ \S+) \d+ bytes`), "$1 N bytes", "how many digits a process id has"},
	{regexp.MustCompile(`\bpid \d+`), "pid PID", "process ids"},
	{regexp.MustCompile(`killing '([^']*)' \(\d+\)`), "killing '$1' (PID)", "process ids"},
	{regexp.MustCompile(`process '([^']*)' \(\d+\)`), "process '$1' (PID)", "process ids"},
	{regexp.MustCompile(`problem (killing|sending sig) (\S+) \(\d+\)`), "problem $1 $2 (PID)", "process ids"},
	{regexp.MustCompile(`Traceback \(most recent call last\):\\n.*?Error: (\[Errno[^\\]*)\\n`), "$1", "where in Python's source an exception came up, in a fault"},
	{regexp.MustCompile(`Traceback \(most recent call last\):\n(?: .*\n)*\w+Error: (\[Errno)`), "$1", "the same in the log"},
	{regexp.MustCompile(`uptime (\d+ days?, )?\d+:\d\d:\d\d`), "uptime T", "durations"},
	{regexp.MustCompile(`\b(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d\d \d\d:\d\d [AP]M\b`), "DATE", "time a process stopped"},
	{regexp.MustCompile(`\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT`), "DATE", "times of HTTP headers"},
	{regexp.MustCompile(`\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}`), "DATE", "start time of an HTTP server"},
	{regexp.MustCompile(`\[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\]`), "[DATE]", "times of access lines"},
	{regexp.MustCompile(`---(\w+)-[a-z0-9_]{8}\.log`), "---$1-RANDOM.log", "the random part of AUTO log names"},
}

// masked returns text as the transcript shows it.
func (r *Run) masked(text string) string {
	text = times.ReplaceAllString(text, "")
	text = strings.ReplaceAll(text, r.dir, "{dir}")
	text = regexp.MustCompile(`\b`+strconv.Itoa(r.port)+`\b`).ReplaceAllString(text, "{port}")
	text = regexp.MustCompile(`\b`+strconv.Itoa(r.port2)+`\b`).ReplaceAllString(text, "{port2}")
	if r.pid > 0 {
		text = regexp.MustCompile(`\b`+strconv.Itoa(r.pid)+`\b( bytes)?`).ReplaceAllStringFunc(text, maskPid)
	}
	for _, m := range masks {
		text = m.pattern.ReplaceAllString(text, m.word)
	}
	return text
}

// maskPid replaces a number that is the run's pid, unless it is the size of a file.
func maskPid(found string) string {
	if strings.HasSuffix(found, " bytes") {
		return found
	}
	return "PID"
}
