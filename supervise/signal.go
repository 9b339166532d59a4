package supervise

import (
	"context"
	"errors"
	"slices"
	"syscall"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/internal/signals"
	"github.com/sirdar-project/sirdar/process"
)

// Signal implements [sirdar.Supervisor]. The signal goes to the child alone, never
// to its process group, and changes no state by itself.
func (s *Supervisor) Signal(ctx context.Context, sel sirdar.Selector, text string) ([]sirdar.Result, error) {
	if err := s.up(); err != nil {
		return nil, err
	}
	list, err := s.lookup(sel)
	if err != nil {
		return nil, err
	}
	sig, known := signals.Parse(text)
	if !sel.IsProcess() {
		list = slices.DeleteFunc(list, func(e *entry) bool { return !e.state().IsSignallable() })
		slices.SortStableFunc(list, byPriority)
	}
	return s.each(ctx, sel, list, func(todo []*task) {
		for _, t := range todo {
			if !known {
				t.done(sirdar.NewFault(sirdar.BadSignal, text))
				continue
			}
			s.await(t.e, func() bool { return s.signalled(t, sig) })
		}
	})
}

// signalled sends the signal, once there is a child to send it to.
func (s *Supervisor) signalled(t *task, sig syscall.Signal) bool {
	e := t.e
	if e.proc.State.IsSignallable() && e.proc.PID == 0 {
		return false // being born
	}
	if !e.proc.State.IsSignallable() {
		t.done(sirdar.NewFault(sirdar.NotRunning, t.name))
		return true
	}
	s.step(e, process.Signal{Signal: sig})
	if e.proc.State == sirdar.Unknown {
		t.done(sirdar.NewFault(sirdar.Failed, e.trouble))
		return true
	}
	t.done(nil)
	return true
}

// SendStdin implements [sirdar.Supervisor].
func (s *Supervisor) SendStdin(ctx context.Context, sel sirdar.Selector, chars string) error {
	if err := s.up(); err != nil {
		return err
	}
	e, err := s.lookupOne(sel)
	if err != nil {
		return err
	}
	var sent error
	if err := s.call(ctx, func() { sent = e.send(chars) }); err != nil {
		return err
	}
	switch {
	case errors.Is(sent, errNoChild):
		return sirdar.NewFault(sirdar.NotRunning, sel.String())
	case errors.Is(sent, syscall.EPIPE):
		return sirdar.NewFault(sirdar.NoFile, sel.String())
	case sent != nil:
		return sirdar.NewFault(sirdar.Failed, sent.Error())
	}
	return nil
}

var errNoChild = errors.New("there is no child")

// send writes to the child's standard input.
func (e *entry) send(chars string) error {
	if e.run == nil || e.run.stdin == nil || e.proc.PID == 0 || e.proc.Killing {
		return errNoChild
	}
	return e.run.stdin.write([]byte(chars))
}
