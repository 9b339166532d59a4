package ctl

import (
	"context"
	"errors"
	"io"
	"strings"
)

// shell is the interactive mode: the status first, then a prompt until exit,
// Ctrl-D or Ctrl-C. No error ends it, and none shows in the program's exit status.
func (s *session) shell(ctx context.Context) {
	for leave := s.do(ctx, "status"); !leave; {
		line, err := s.readCommand(ctx)
		switch {
		case errors.Is(err, io.EOF):
			line = "EOF"
		case errors.Is(err, errInterrupted):
			return
		case err != nil:
			s.say("error: %v", err)
			return
		}
		leave = s.do(ctx, line)
	}
}

func (s *session) readCommand(ctx context.Context) (string, error) {
	ctx, stop := s.interruptible(ctx)
	defer stop()
	line, err := s.input.Line(ctx, s.settings.Prompt+"> ")
	if err == nil && strings.TrimSpace(line) != "" {
		s.input.Remember(line)
	}
	return line, err
}
