package daemon

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// queueBound is how much of the log may wait for whoever takes it, in bytes.
const queueBound = 1 << 20

// flushPatience is how long the end of the daemon waits for its log to be taken.
const flushPatience = 2 * time.Second

// A queue is a writer that never blocks: what is written is written to the sink by
// a goroutine. The loop that supervises logs through it, so a terminal or a log
// driver that takes nothing (docker logs with a full pipe) holds up no program.
// When more than queueBound waits, what comes then is dropped, and how much it was
// is said where the gap is.
type queue struct {
	sink io.Writer

	mu      sync.Mutex
	changed sync.Cond
	buf     []byte
	spare   []byte
	dropped int // lines that did not fit
	busy    bool
	closed  bool
}

func newQueue(sink io.Writer) *queue {
	q := &queue{sink: sink}
	q.changed.L = &q.mu
	go q.run()
	return q
}

// Write takes a copy of p. It never fails.
func (q *queue) Write(p []byte) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.buf)+len(p) > queueBound {
		q.dropped++
		return len(p), nil
	}
	q.buf = append(q.buf, p...)
	q.changed.Broadcast()
	return len(p), nil
}

func (q *queue) run() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for {
		for len(q.buf) == 0 && q.dropped == 0 && !q.closed {
			q.changed.Wait()
		}
		if len(q.buf) == 0 && q.dropped == 0 {
			return
		}
		p, dropped := q.buf, q.dropped
		q.buf, q.spare, q.dropped, q.busy = q.spare[:0], nil, 0, true
		q.mu.Unlock()
		if dropped > 0 {
			p = fmt.Appendf(p, "%d log lines were dropped here: nobody took them\n", dropped)
		}
		q.sink.Write(p) // a sink that fails says so itself or has nobody to say it to
		q.mu.Lock()
		q.spare, q.busy = p, false
		q.changed.Broadcast()
	}
}

// Flush returns when everything written so far has been taken.
func (q *queue) Flush() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.buf) > 0 || q.busy {
		q.changed.Wait()
	}
}

// Close lets the goroutine end once everything was taken, and waits for that, but
// not for a sink that takes nothing.
func (q *queue) Close() {
	q.mu.Lock()
	q.closed = true
	q.changed.Broadcast()
	q.mu.Unlock()
	taken := make(chan struct{})
	go func() { q.Flush(); close(taken) }()
	select {
	case <-taken:
	case <-time.After(flushPatience):
	}
}
