package supervise

import (
	"fmt"
	"slices"
	"sync"
	"unicode/utf8"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/config"
	"github.com/sirdar-project/sirdar/event"
	"github.com/sirdar-project/sirdar/internal/pytext"
	"github.com/sirdar-project/sirdar/logfile"
)

// An output is one of a program's two outputs: where its bytes go. It lives as
// long as its entry; a run opens and closes it.
type output struct {
	s       *Supervisor
	process string
	group   string
	stream  sirdar.Stream
	file    *logfile.File // nil = not kept
	syslog  bool
	capture int64 // capture_maxbytes; 0 = capture mode is off
	events  bool  // it raises PROCESS_LOG events

	mu   sync.Mutex
	open int // runs that write to it: a new one may begin before the old one's last byte is written
}

// openLogs is how many log files are held open at once: 256, or an eighth of a low
// limit, since pipes need the most. Beyond it the quiet ones give up their
// descriptor until they are written to again: descriptors, not memory, are where a
// supervisor of many programs meets its wall.
func openLogs(descriptors uint64) int {
	const most = 256
	if descriptors == 0 {
		return most
	}
	return int(min(most, descriptors/8))
}

// newOutput makes the output that a configuration asks for. An AUTO log gets its
// name and its empty file here.
func (s *Supervisor) newOutput(g *group, cfg *config.Process, stream sirdar.Stream, log config.Log) (*output, error) {
	o := &output{
		s: s, process: cfg.Name, group: g.cfg.Name, stream: stream,
		syslog: log.Syslog, capture: log.CaptureMaxBytes, events: log.EventsEnabled,
	}
	path := log.Path
	if log.Auto {
		d := &s.conf.Load().Supervisord
		auto, err := logfile.CreateAuto(d.ChildLogDir, cfg.Name, stream, d.Identifier)
		if err != nil {
			return nil, err
		}
		path = auto
	}
	if path == "" {
		return o, nil
	}
	options := logfile.Options{
		MaxBytes: log.MaxBytes,
		Backups:  log.Backups,
		Warn:     func(text string) { s.log(sirdar.LevelWarn, text) },
		Budget:   s.budget,
	}
	if log.Auto {
		options.Mode = 0o600
	}
	o.file = logfile.New(path, options)
	return o, nil
}

// path returns the log's path, "" if there is none.
func (o *output) path() string {
	if o == nil || o.file == nil {
		return ""
	}
	return o.file.Path()
}

// acquire opens the log for one more run.
func (o *output) acquire() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.open == 0 && o.file != nil {
		if err := o.file.Open(); err != nil {
			return err
		}
	}
	o.open++
	return nil
}

// release says that a run has written its last byte.
func (o *output) release() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.open--
	if o.open == 0 && o.file != nil {
		o.file.Close()
	}
}

// isOpen says whether a run writes to it.
func (o *output) isOpen() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.open > 0
}

// reopen opens the log again by its name, if a run has it open.
func (o *output) reopen() {
	if o.file != nil && o.isOpen() {
		o.file.Reopen()
	}
}

// A tap takes the bytes of one run's pipe to their output. It is the pump's sink,
// and the sink of the filter that finds captured pieces in them.
type tap struct {
	*output
	pid    int
	filter *event.Capture
	end    func()
}

// newTap makes the tap of one run; end is called after its last byte.
func newTap(o *output, pid int, end func()) *tap {
	t := &tap{output: o, pid: pid, end: end}
	t.filter = event.NewCapture(o.capture, t, t.clean)
	return t
}

// Chunk takes what was read from the pipe.
func (t *tap) Chunk(p []byte) { t.filter.Feed(p) }

// End says that the pipe was read to its end.
func (t *tap) End() {
	t.filter.Flush()
	t.release()
	t.end()
}

// clean strips ANSI escapes where strip_ansi asks for it.
func (t *tap) clean(p []byte) []byte {
	if t.s.strip.Load() {
		return logfile.StripANSI(p)
	}
	return p
}

// Log takes a piece of ordinary output.
func (t *tap) Log(p []byte) {
	if t.file != nil {
		t.file.Write(p) // trouble is the file's own business; it never stops us
	}
	if t.syslog && t.s.Syslog != nil {
		t.s.Syslog.Lines(t.process, p)
	}
	t.Captured(p)
}

// Captured takes a piece that is not for the log file.
func (t *tap) Captured(p []byte) {
	if t.s.Log.Enabled(background, sirdar.LevelDebug) {
		t.debug(p)
	}
	if t.events && t.s.wanted(event.LogType(t.stream)) {
		t.s.overheard(event.Log(t.process, t.group, t.pid, t.stream, slices.Clone(p)), len(p))
	}
}

// Communication ends a capture.
func (t *tap) Communication(data []byte) {
	if t.s.wanted(event.CommunicationType(t.stream)) {
		t.s.overheard(event.Communication(t.process, t.group, t.pid, t.stream, slices.Clone(data)), len(data))
	}
	t.s.log(sirdar.LevelDebug, fmt.Sprintf("%s %s emitted a comm event", quoted(t.process), t.stream))
}

// debug shows output in the main log.
func (t *tap) debug(p []byte) {
	text := string(p)
	if !utf8.Valid(p) {
		text = "Undecodable: " + pytext.ReprBytes(p)
	}
	t.s.log(sirdar.LevelDebug, fmt.Sprintf("%s %s output:\n%s", quoted(t.process), t.stream, text))
}

// quoted quotes a name as Supervisor's log lines do.
func quoted(name string) string { return pytext.Repr(name) }
