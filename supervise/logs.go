package supervise

import (
	"context"
	"errors"
	"os"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/logfile"
)

// logOf returns one of a process's outputs, if it is kept in a file.
func (s *Supervisor) logOf(sel sirdar.Selector, stream sirdar.Stream) (*logfile.File, error) {
	e, err := s.lookupOne(sel)
	if err != nil {
		return nil, err
	}
	if o := e.out[stream]; o != nil {
		return o.file, nil
	}
	return nil, nil
}

// ReadLog implements [sirdar.Supervisor].
func (s *Supervisor) ReadLog(_ context.Context, sel sirdar.Selector, stream sirdar.Stream, offset, length int64) ([]byte, error) {
	if err := s.up(); err != nil {
		return nil, err
	}
	f, err := s.logOf(sel, stream)
	if err != nil {
		return nil, err
	}
	return readFile(f, offset, length)
}

func readFile(f *logfile.File, offset, length int64) ([]byte, error) {
	if f == nil {
		return nil, sirdar.NewFault(sirdar.NoFile, "")
	}
	p, err := logfile.Read(f.Path(), offset, length)
	switch {
	case errors.Is(err, logfile.ErrBadArguments):
		return nil, sirdar.NewFault(sirdar.BadArguments, "")
	case errors.Is(err, logfile.ErrNoFile):
		return nil, sirdar.NewFault(sirdar.NoFile, f.Path())
	case err != nil:
		return nil, sirdar.NewFault(sirdar.Failed, err.Error())
	}
	return p, nil
}

// TailLog implements [sirdar.Supervisor].
func (s *Supervisor) TailLog(_ context.Context, sel sirdar.Selector, stream sirdar.Stream, offset, length int64) (sirdar.Tail, error) {
	if err := s.up(); err != nil {
		return sirdar.Tail{}, err
	}
	f, err := s.logOf(sel, stream)
	if err != nil || f == nil {
		return sirdar.Tail{}, err
	}
	// A log that cannot be read has an empty tail and is no fault.
	tail, _ := logfile.Tail(f.Path(), offset, length)
	return tail, nil
}

// FollowLog implements [sirdar.Supervisor].
func (s *Supervisor) FollowLog(ctx context.Context, sel sirdar.Selector, stream sirdar.Stream, emit func([]byte) error) error {
	f, err := s.logOf(sel, stream)
	if err != nil {
		return err
	}
	return s.follow(ctx, f, emit)
}

// follow follows a file until ctx ends or the daemon does.
func (s *Supervisor) follow(ctx context.Context, f *logfile.File, emit func([]byte) error) error {
	if f == nil {
		return sirdar.NewFault(sirdar.NoFile, "")
	}
	if _, err := os.Stat(f.Path()); err != nil {
		return sirdar.NewFault(sirdar.NoFile, f.Path())
	}
	if err := emit(nil); err != nil { // the log is there, even if it stays empty for long
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-s.gone:
			cancel()
		case <-ctx.Done():
		}
	}()
	err := logfile.Follow(ctx, f, emit)
	if errors.Is(err, logfile.ErrFailed) {
		return sirdar.NewFault(sirdar.NoFile, f.Path())
	}
	return err
}

// ClearLogs implements [sirdar.Supervisor]. It empties the logs of stopped
// processes too, which Supervisor only says it does.
func (s *Supervisor) ClearLogs(_ context.Context, sel sirdar.Selector) ([]sirdar.Result, error) {
	if err := s.up(); err != nil {
		return nil, err
	}
	list, err := s.lookup(sel)
	if err != nil {
		return nil, err
	}
	if sel.IsProcess() {
		if list[0].clearLogs() != nil {
			return nil, sirdar.NewFault(sirdar.Failed, sel.String())
		}
		return nil, nil
	}
	var results []sirdar.Result
	for _, e := range list {
		r := sirdar.Result{Name: e.cfg.Name, Group: e.group.cfg.Name}
		if e.clearLogs() != nil {
			r.Fault = sirdar.NewFault(sirdar.Failed, e.fullName())
		}
		results = append(results, r)
	}
	return results, nil
}

func (e *entry) clearLogs() error {
	var errs []error
	for _, o := range e.out {
		if o != nil && o.file != nil {
			errs = append(errs, o.file.Clear())
		}
	}
	return errors.Join(errs...)
}

// ReadMainLog implements [sirdar.Supervisor].
func (s *Supervisor) ReadMainLog(_ context.Context, offset, length int64) ([]byte, error) {
	if err := s.up(); err != nil {
		return nil, err
	}
	if s.MainLog == nil {
		return nil, sirdar.NewFault(sirdar.NoFile, "syslog")
	}
	s.flush()
	return readFile(s.MainLog, offset, length)
}

// flush brings what was logged to the main log's file.
func (s *Supervisor) flush() {
	if s.Flush != nil {
		s.Flush()
	}
}

// FollowMainLog implements [sirdar.Supervisor].
func (s *Supervisor) FollowMainLog(ctx context.Context, emit func([]byte) error) error {
	return s.follow(ctx, s.MainLog, emit)
}

// ClearMainLog implements [sirdar.Supervisor].
func (s *Supervisor) ClearMainLog(context.Context) error {
	if err := s.up(); err != nil {
		return err
	}
	if s.MainLog == nil {
		return sirdar.NewFault(sirdar.NoFile, "")
	}
	if _, err := os.Stat(s.MainLog.Path()); err != nil {
		return sirdar.NewFault(sirdar.NoFile, "")
	}
	s.log(sirdar.LevelInfo, "reopening log file")
	s.flush()
	if err := s.MainLog.Clear(); err != nil {
		return sirdar.NewFault(sirdar.Failed, "")
	}
	return nil
}

// ReopenLogs opens the main log and the logs of the running processes again by
// their names. It is what SIGUSR2 asks for.
func (s *Supervisor) ReopenLogs() {
	s.log(sirdar.LevelInfo, "supervisord logreopen")
	if s.MainLog != nil {
		s.flush()
		s.MainLog.Reopen()
	}
	for _, e := range s.entries() {
		for _, o := range e.out {
			if o != nil {
				o.reopen()
			}
		}
	}
}
