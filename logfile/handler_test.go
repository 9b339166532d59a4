package logfile_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/logfile"
)

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("broken") }

func record(level slog.Level, text string, args ...any) slog.Record {
	r := slog.NewRecord(time.Date(2026, 1, 2, 3, 4, 5, 6_999_999, time.Local), level, text, 0)
	r.Add(args...)
	return r
}

func TestHandlerWritesSupervisorsFormat(t *testing.T) {
	var level slog.LevelVar
	level.Set(sirdar.LevelBlather)
	path := filepath.Join(t.TempDir(), "log")
	f := opened(t, path, logfile.Options{})
	var out bytes.Buffer
	h := logfile.NewHandler(&level, brokenWriter{}, f, &out)
	ctx := context.Background()

	if err := h.Handle(ctx, record(sirdar.LevelInfo, "spawned: 'x' with pid 7")); err == nil {
		t.Error("the error of a broken writer was hidden")
	}
	for _, level := range []slog.Level{sirdar.LevelCritical, sirdar.LevelError, sirdar.LevelWarn, sirdar.LevelDebug, sirdar.LevelTrace, sirdar.LevelBlather} {
		h.Handle(ctx, record(level, "text"))
	}
	h.WithAttrs([]slog.Attr{slog.Int("a", 1)}).WithGroup("g").Handle(ctx,
		record(sirdar.LevelInfo, "text", "b", "two words", slog.Group("h", "c", true), "empty", ""))

	want := `2026-01-02 03:04:05,006 INFO spawned: 'x' with pid 7
2026-01-02 03:04:05,006 CRIT text
2026-01-02 03:04:05,006 ERRO text
2026-01-02 03:04:05,006 WARN text
2026-01-02 03:04:05,006 DEBG text
2026-01-02 03:04:05,006 TRAC text
2026-01-02 03:04:05,006 BLAT text
2026-01-02 03:04:05,006 INFO text a=1 g.b="two words" g.h.c=true g.empty=""
`
	sameLines(t, read(t, path), want)
	sameLines(t, out.String(), want)
}

func TestHandlerLevelCanBeChanged(t *testing.T) {
	var level slog.LevelVar
	var out bytes.Buffer
	log := slog.New(logfile.NewHandler(&level, &out))
	log.Debug("hidden")
	level.Set(sirdar.LevelDebug)
	log.Debug("shown")
	level.Set(sirdar.LevelError)
	log.Warn("hidden")
	if !bytes.HasSuffix(out.Bytes(), []byte(" DEBG shown\n")) || bytes.Contains(out.Bytes(), []byte("hidden")) {
		t.Errorf("the log holds %q", out.String())
	}
}
