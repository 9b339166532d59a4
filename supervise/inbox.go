package supervise

import "sync"

// An inbox holds what others want the loop to do, in order. Posting never blocks,
// so that neither a starter nor the pump can wait for the loop while the loop
// waits for them. Its length is bounded by who posts: a request waits for its
// answer, a start and a pipe's end post once each.
type inbox struct {
	mu    sync.Mutex
	queue []func()
	spare []func()
	wake  chan struct{} // holds a token while there may be something to do
}

func newInbox() *inbox { return &inbox{wake: make(chan struct{}, 1)} }

// post leaves f to be run by the loop.
func (b *inbox) post(f func()) {
	b.mu.Lock()
	b.queue = append(b.queue, f)
	b.mu.Unlock()
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// drain runs what is there. It is the loop's.
func (b *inbox) drain() {
	b.mu.Lock()
	todo := b.queue
	b.queue = b.spare[:0]
	b.mu.Unlock()
	for i, f := range todo {
		f()
		todo[i] = nil
	}
	b.spare = todo
}

// A clerk does jobs one after the other, in the order in which they came, away
// from the loop.
type clerk struct {
	mu     sync.Mutex
	cond   *sync.Cond
	queue  []*run
	closed bool
}

// newClerk starts a clerk whose every job is do.
func newClerk(do func(*run)) *clerk {
	c := &clerk{}
	c.cond = sync.NewCond(&c.mu)
	go func() {
		for r := c.take(); r != nil; r = c.take() {
			do(r)
		}
	}()
	return c
}

func (c *clerk) add(r *run) {
	c.mu.Lock()
	c.queue = append(c.queue, r)
	c.mu.Unlock()
	c.cond.Signal()
}

// take waits for the next job; nil means that the clerk was closed.
func (c *clerk) take() *run {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.queue) == 0 && !c.closed {
		c.cond.Wait()
	}
	if len(c.queue) == 0 {
		return nil
	}
	r := c.queue[0]
	c.queue[0] = nil
	c.queue = c.queue[1:]
	return r
}

func (c *clerk) close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.cond.Signal()
}
