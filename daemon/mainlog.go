package daemon

import (
	"fmt"
	"io"
	"log/slog"
	"path/filepath"

	"github.com/sirdar-project/sirdar/config"
	"github.com/sirdar-project/sirdar/logfile"
)

// A mainLog is supervisord's own log: a file or syslog, and the terminal when it
// runs in the foreground.
type mainLog struct {
	*slog.Logger
	file   *logfile.File // nil when it goes to syslog
	syslog *logfile.Syslog
	queues []*queue
}

// openMainLog opens the log that a configuration asks for. The old one, if there
// is one, is closed once the new one is open.
func openMainLog(conf *config.Supervisord, program string, out io.Writer, old *mainLog) (*mainLog, error) {
	l := &mainLog{syslog: logfile.NewSyslog("", filepath.Base(program))}
	if conf.Logfile == "syslog" {
		l.sinkTo(l.syslog)
	} else {
		l.file = logfile.New(conf.Logfile, logfile.Options{MaxBytes: conf.LogfileMaxBytes, Backups: conf.LogfileBackups})
		if err := l.file.Open(); err != nil {
			return nil, fmt.Errorf("cannot open the main log: %w", err)
		}
		l.sinkTo(l.file)
	}
	if conf.NoDaemon && !conf.Silent {
		l.sinkTo(out)
	}
	old.close()
	var sinks []io.Writer
	for _, q := range l.queues {
		sinks = append(sinks, q)
	}
	l.Logger = slog.New(logfile.NewHandler(conf.LogLevel, sinks...))
	return l, nil
}

func (l *mainLog) sinkTo(w io.Writer) { l.queues = append(l.queues, newQueue(w)) }

// flush returns when the file has taken everything that was logged.
func (l *mainLog) flush() { l.queues[0].Flush() }

// close brings what was logged to where it belongs and closes the file. A nil log
// has nothing to close.
func (l *mainLog) close() {
	if l == nil {
		return
	}
	for _, q := range l.queues {
		q.Close()
	}
	if l.file != nil {
		l.file.Close()
	}
}
