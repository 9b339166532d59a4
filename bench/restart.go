//go:build linux

package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"syscall"
	"time"
)

// lonePatience bounds the lone kills of a daemon that takes a second for each.
const lonePatience = 20 * time.Second

// measureRestart asks how soon a killed program runs again: one alone among its
// idle siblings, and all at once.
func measureRestart(ctx context.Context, r *rig, t *table) error {
	r.say("restart: %s", limit)
	s, err := r.bare("keep", r.crowd)
	if err != nil {
		return err
	}
	if err := r.killings(ctx, t, limit, s); err != nil {
		return err
	}
	for _, who := range r.subjects {
		r.say("restart: %s", who.name)
		s, err := r.daemon(who, r.crowdOf(r.crowd, "startsecs=0\nautorestart=true\n"))
		if err != nil {
			return err
		}
		if err := r.killings(ctx, t, who.name, s); err != nil {
			return fmt.Errorf("%s: %w", who.name, err)
		}
	}
	return nil
}

func (r *rig) killings(ctx context.Context, t *table, column string, s *session) error {
	defer s.end()
	if err := s.awaitRecords(ctx, r.crowd); err != nil {
		return err
	}
	if err := pause(ctx, settle); err != nil {
		return err
	}
	if err := r.killLone(ctx, t, column, s); err != nil {
		return err
	}
	for range r.rounds {
		if err := pause(ctx, settle); err != nil {
			return err
		}
		if err := r.killAll(ctx, t, column, s); err != nil {
			return err
		}
	}
	_, err := s.stop(ctx)
	return err
}

// killLone kills one program at a time, a different one each, and waits for its
// return and a little longer, so that no kill wakes the daemon for another.
func (r *rig) killLone(ctx context.Context, t *table, column string, s *session) error {
	var took []float64
	pids := s.pids()
	began := monotonic()
	for i := 0; i < r.kills && monotonic()-began < lonePatience; i++ {
		before := len(s.records.read())
		killed := monotonic()
		if err := syscall.Kill(pids[i%r.crowd], syscall.SIGKILL); err != nil {
			return fmt.Errorf("killing program %d: %w", i, err)
		}
		if err := s.awaitRecords(ctx, before+1); err != nil {
			return err
		}
		back := s.records.all[before]
		pids[back.id] = back.pid
		took = append(took, (back.when-killed).Seconds()*1e3)
		if err := pause(ctx, 20*time.Millisecond+rand.N(40*time.Millisecond)); err != nil {
			return err
		}
	}
	t.add("lone program killed → running, p50", "ms", lower, column, quantile(took, 0.5))
	t.add("  p99", "ms", lower, column, quantile(took, 0.99))
	return nil
}

// killAll kills every program at once and waits until all are back.
func (r *rig) killAll(ctx context.Context, t *table, column string, s *session) error {
	before := len(s.records.read())
	pids := s.pids()
	killed := monotonic()
	for _, pid := range pids {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			return err
		}
	}
	if err := s.awaitRecords(ctx, before+len(pids)); err != nil {
		return err
	}
	var last time.Duration
	for _, record := range s.records.all[before:] {
		last = max(last, record.when)
	}
	t.add(fmt.Sprintf("%d killed at once → all running", r.crowd), "ms", lower, column, (last-killed).Seconds()*1e3)
	return nil
}

// pids is the latest pid of every program, by its id.
func (s *session) pids() map[int]int {
	pids := map[int]int{}
	for _, record := range s.records.read() {
		pids[record.id] = record.pid
	}
	return pids
}
