package process

import (
	"log/slog"

	"github.com/sirdar-project/sirdar"
)

// levelName is a level in the main log's spelling.
func levelName(level slog.Level) string {
	return map[slog.Level]string{
		sirdar.LevelCritical: "CRIT",
		sirdar.LevelWarn:     "WARN",
		sirdar.LevelInfo:     "INFO",
		sirdar.LevelDebug:    "DEBG",
	}[level]
}
