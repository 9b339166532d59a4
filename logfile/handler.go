package logfile

import (
	"context"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/sirdar-project/sirdar"
)

// A Handler writes the daemon's log in Supervisor's format, one line a record:
//
//	2026-11-21 21:44:27,123 INFO supervisord started with pid 6599
//
// in local time, the milliseconds cut off. Attributes follow as key=value.
type Handler struct {
	to     *outputs
	level  slog.Leveler
	attrs  string // " key=value", made by WithAttrs
	prefix string // "group."
}

// outputs are shared by a Handler and those derived from it.
type outputs struct {
	mu   sync.Mutex
	line []byte
	out  []io.Writer
}

// NewHandler returns a Handler that writes records of at least a level to each of
// the writers, in one Write a line: a File, and perhaps standard output; or a
// Syslog. An error of one of them does not keep a line from the others. A
// [slog.LevelVar] can be changed while it runs.
func NewHandler(level slog.Leveler, out ...io.Writer) *Handler {
	return &Handler{to: &outputs{out: out}, level: level}
}

// Enabled says whether records of a level are written.
func (h *Handler) Enabled(_ context.Context, level slog.Level) bool {
	return level >= h.level.Level()
}

// Handle writes one record.
func (h *Handler) Handle(_ context.Context, r slog.Record) error {
	h.to.mu.Lock()
	defer h.to.mu.Unlock()

	line := appendStamp(h.to.line[:0], r.Time)
	line = append(line, ' ')
	line = append(line, LevelName(r.Level)...)
	line = append(line, ' ')
	line = append(line, r.Message...)
	line = append(line, h.attrs...)
	r.Attrs(func(a slog.Attr) bool {
		line = appendAttr(line, h.prefix, a)
		return true
	})
	line = append(line, '\n')
	h.to.line = line
	if cap(line) > 64<<10 {
		h.to.line = nil
	}

	var first error
	for _, w := range h.to.out {
		if _, err := w.Write(line); err != nil && first == nil {
			first = err
		}
	}
	return first
}

// WithAttrs returns a Handler that adds attributes to each line.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	with := *h
	b := []byte(h.attrs)
	for _, a := range attrs {
		b = appendAttr(b, h.prefix, a)
	}
	with.attrs = string(b)
	return &with
}

// WithGroup returns a Handler that puts "name." before the keys to come.
func (h *Handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	with := *h
	with.prefix += name + "."
	return &with
}

// LevelName returns the four letters that stand for a level in the log.
func LevelName(level slog.Level) string {
	switch {
	case level >= sirdar.LevelCritical:
		return "CRIT"
	case level >= sirdar.LevelError:
		return "ERRO"
	case level >= sirdar.LevelWarn:
		return "WARN"
	case level >= sirdar.LevelInfo:
		return "INFO"
	case level >= sirdar.LevelDebug:
		return "DEBG"
	case level >= sirdar.LevelTrace:
		return "TRAC"
	}
	return "BLAT"
}

// appendStamp appends a time as Python's logging does, with a comma.
func appendStamp(b []byte, t time.Time) []byte {
	b = t.Local().AppendFormat(b, "2006-01-02 15:04:05.000")
	b[len(b)-4] = ','
	return b
}

func appendAttr(b []byte, prefix string, a slog.Attr) []byte {
	a.Value = a.Value.Resolve()
	if a.Equal(slog.Attr{}) {
		return b
	}
	if a.Value.Kind() == slog.KindGroup {
		if a.Key != "" {
			prefix += a.Key + "."
		}
		for _, member := range a.Value.Group() {
			b = appendAttr(b, prefix, member)
		}
		return b
	}
	b = append(b, ' ')
	b = append(b, prefix...)
	b = append(b, a.Key...)
	b = append(b, '=')
	text := a.Value.String()
	if text == "" || strings.ContainsAny(text, " \t\r\n\"=") {
		return strconv.AppendQuote(b, text)
	}
	return append(b, text...)
}
