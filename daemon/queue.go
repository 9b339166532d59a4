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
// is said where the gap is. What was one Write is one Write of the sink's, so that
// a file is rotated between lines.
type queue struct {
	sink io.Writer

	mu      sync.Mutex
	changed sync.Cond
	waiting batch
	spare   batch
	dropped int // lines that did not fit
	busy    bool
	closed  bool
}

// A batch is several lines in one piece of memory.
type batch struct {
	text []byte
	ends []int // where each line ends
}

func (b *batch) add(line []byte) {
	b.text = append(b.text, line...)
	b.ends = append(b.ends, len(b.text))
}

// writeTo gives the lines to w one by one, and forgets them.
func (b *batch) writeTo(w io.Writer) {
	begin := 0
	for _, end := range b.ends {
		w.Write(b.text[begin:end]) // a sink that fails says so itself or has nobody to say it to
		begin = end
	}
	b.text, b.ends = b.text[:0], b.ends[:0]
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
	if len(q.waiting.text)+len(p) > queueBound {
		q.dropped++
		return len(p), nil
	}
	q.waiting.add(p)
	q.changed.Broadcast()
	return len(p), nil
}

func (q *queue) run() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for {
		for q.empty() && !q.closed {
			q.changed.Wait()
		}
		if q.empty() {
			return
		}
		lines, dropped := q.waiting, q.dropped
		q.waiting, q.spare, q.dropped, q.busy = q.spare, batch{}, 0, true
		q.mu.Unlock()
		if dropped > 0 {
			lines.add(fmt.Appendf(nil, "%d log lines were dropped here: nobody took them\n", dropped))
		}
		lines.writeTo(q.sink)
		q.mu.Lock()
		q.spare, q.busy = lines, false
		q.changed.Broadcast()
	}
}

func (q *queue) empty() bool { return len(q.waiting.ends) == 0 && q.dropped == 0 }

// Flush returns when everything written so far has been taken.
func (q *queue) Flush() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for !q.empty() || q.busy {
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
