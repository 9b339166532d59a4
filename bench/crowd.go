//go:build linux

package main

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// settle is how long a daemon is left alone before it is weighed or killed: longer
// than startsecs, so that nothing is due any more.
const settle = 3 * time.Second

// crowdOf describes n programs that do nothing, both streams captured.
func (r *rig) crowdOf(n int, keys string) func(dir, records string) string {
	return func(dir, records string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "[program:p%04d]\ncommand=%s idle %d %s\nstdout_logfile=%s/p%04d.out\nstderr_logfile=%s/p%04d.err\n%s",
				i, r.child, i, records, dir, i, dir, i, keys)
		}
		return b.String()
	}
}

// measureCrowd asks what a thousand programs cost: to start, to keep, to end.
func measureCrowd(ctx context.Context, r *rig, t *table) error {
	for round := range r.rounds {
		r.say("crowd, round %d", round+1)
		for _, s := range r.subjects {
			if err := r.daemonCrowd(ctx, t, s, round == 0); err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
		}
		if err := r.bareCrowd(ctx, t); err != nil {
			return err
		}
	}
	for _, s := range r.subjects {
		if err := r.emptyWeight(ctx, t, s); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return nil
}

func (r *rig) launched() string { return fmt.Sprintf("launch → %d programs exec'd", r.programs) }
func (r *rig) memory() string   { return fmt.Sprintf("memory (PSS) with %d programs", r.programs) }
func (r *rig) gone() string     { return fmt.Sprintf("SIGTERM with %d programs → gone", r.programs) }

func (r *rig) bareCrowd(ctx context.Context, t *table) error {
	s, err := r.bare("crowd", r.programs)
	if err != nil {
		return err
	}
	defer s.end()
	if err := s.awaitRecords(ctx, r.programs); err != nil {
		return err
	}
	t.add(r.launched(), "s", lower, limit, s.lastExec().Seconds())
	took, err := s.stop(ctx)
	if err != nil {
		return err
	}
	t.add(r.gone(), "s", lower, limit, took.Seconds())
	return nil
}

// lastExec is the time from the launch to the latest record.
func (s *session) lastExec() time.Duration {
	var last time.Duration
	for _, record := range s.records.all {
		last = max(last, record.when)
	}
	return last - s.launch
}

func (r *rig) daemonCrowd(ctx context.Context, t *table, who subject, watch bool) error {
	s, err := r.daemon(who, r.crowdOf(r.programs, ""))
	if err != nil {
		return err
	}
	defer s.end()
	if err := s.awaitRecords(ctx, r.programs); err != nil {
		return err
	}
	t.add(r.launched(), "s", lower, who.name, s.lastExec().Seconds())
	cpu, err := cpuTime(s.pid())
	if err != nil {
		return err
	}
	t.add("  CPU of it", "s", lower, who.name, cpu.Seconds())

	if err := pause(ctx, settle); err != nil {
		return err
	}
	w := weigh(s.pid())
	t.add(r.memory(), "KB", lower, who.name, float64(w.pssKB))
	t.add("  threads", "", lower, who.name, float64(w.threads))
	t.add("  descriptors", "", lower, who.name, float64(w.fds))
	if watch {
		if err := r.watchIdle(ctx, t, who, s); err != nil {
			return err
		}
	}
	took, err := s.stop(ctx)
	if err != nil {
		return err
	}
	t.add(r.gone(), "s", lower, who.name, took.Seconds())
	return nil
}

// watchIdle measures what a daemon does while nothing happens.
func (r *rig) watchIdle(ctx context.Context, t *table, who subject, s *session) error {
	r.say("%s idle for %v", who.name, r.idle)
	before, err := cpuTime(s.pid())
	if err != nil {
		return err
	}
	switches := weigh(s.pid()).switches
	if err := pause(ctx, r.idle); err != nil {
		return err
	}
	after, err := cpuTime(s.pid())
	if err != nil {
		return err
	}
	t.add(fmt.Sprintf("CPU in %v of idling", r.idle), "s", lower, who.name, (after - before).Seconds())
	t.add("  switches", "", lower, who.name, float64(weigh(s.pid()).switches-switches))
	return nil
}

// emptyWeight weighs a daemon with one program, and thereby each of the others.
func (r *rig) emptyWeight(ctx context.Context, t *table, who subject) error {
	s, err := r.daemon(who, r.crowdOf(1, "startsecs=0\n"))
	if err != nil {
		return err
	}
	defer s.end()
	if err := s.awaitRecords(ctx, 1); err != nil {
		return err
	}
	if err := pause(ctx, settle); err != nil {
		return err
	}
	alone := float64(weigh(s.pid()).pssKB)
	t.add("memory (PSS) with one program", "KB", lower, who.name, alone)
	t.add("  each further one", "KB", lower, who.name, (t.median(r.memory(), who.name)-alone)/float64(r.programs-1))
	_, err = s.stop(ctx)
	return err
}

// pause lets time pass: here time itself is what is measured.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
