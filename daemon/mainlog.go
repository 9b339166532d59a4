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
func (d *daemon) openMainLog(conf *config.Supervisord) (*mainLog, error) {
	l := &mainLog{syslog: logfile.NewSyslog("", filepath.Base(d.program))}
	var sinks []io.Writer
	if conf.Logfile == "syslog" {
		sinks = append(sinks, l.syslog) // which never blocks
	} else {
		l.file = logfile.New(conf.Logfile, logfile.Options{
			MaxBytes: conf.LogfileMaxBytes,
			Backups:  conf.LogfileBackups,
			Warn:     func(text string) { fmt.Fprintln(d.stderr, text) },
		})
		if err := l.file.Open(); err != nil {
			return nil, fmt.Errorf("cannot open the main log: %w", err)
		}
		sinks = append(sinks, l.queueFor(l.file))
	}
	if conf.NoDaemon && !conf.Silent {
		sinks = append(sinks, l.queueFor(d.out))
	}
	d.log.close()
	l.Logger = slog.New(logfile.NewHandler(conf.LogLevel, sinks...))
	return l, nil
}

func (l *mainLog) queueFor(w io.Writer) *queue {
	q := newQueue(w)
	l.queues = append(l.queues, q)
	return q
}

// flush returns when the file has taken everything that was logged.
func (l *mainLog) flush() {
	if l.file != nil {
		l.queues[0].Flush()
	}
}

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
