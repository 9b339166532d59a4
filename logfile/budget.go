package logfile

import "sync"

// A Budget bounds how many descriptors a set of files holds. Of more open files
// than that, those that were written to least recently have their descriptor
// closed; they stay open for their users, and the next write opens them by name.
//
// So a quiet program costs no descriptor for its logs, and ten thousand programs
// do not need twenty thousand. The price: where a log was closed for the budget and
// then renamed, what follows is written to a new file, where Supervisor would go
// on in the renamed one until SIGUSR2. As long as the files are no more than the
// budget there is no difference.
//
// A nil Budget closes nothing.
type Budget struct {
	max int

	mu          sync.Mutex
	first, last *File // most recently written first
	n           int
}

// NewBudget returns a Budget of so many descriptors, at least one.
func NewBudget(descriptors int) *Budget { return &Budget{max: max(1, descriptors)} }

// Open returns how many descriptors are held now.
func (b *Budget) Open() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.n
}

// shelf is a File's place in its Budget. The Budget's lock guards it.
type shelf struct {
	prev, next *File
	on         bool
}

// used puts a file that holds a descriptor to the front. The file's lock is held.
func (b *Budget) used(f *File) {
	if b == nil {
		return
	}
	b.mu.Lock()
	if b.first != f {
		b.take(f)
		b.put(f)
	}
	var oldest *File
	if b.n > b.max {
		oldest = b.last
		b.take(oldest)
	}
	b.mu.Unlock()

	if oldest != nil && !oldest.park() {
		b.mu.Lock()
		b.take(oldest)
		b.put(oldest) // it is being written to right now
		b.mu.Unlock()
	}
}

// spare closes one descriptor of another file, if there is one: the process has no
// more.
func (b *Budget) spare(f *File) bool {
	if b == nil {
		return false
	}
	b.mu.Lock()
	oldest := b.last
	if oldest == f {
		oldest = nil
	}
	b.mu.Unlock()
	return oldest != nil && oldest.park()
}

// closed forgets a file.
func (b *Budget) closed(f *File) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.take(f)
}

func (b *Budget) put(f *File) {
	f.shelf = shelf{next: b.first, on: true}
	if b.first != nil {
		b.first.shelf.prev = f
	} else {
		b.last = f
	}
	b.first = f
	b.n++
}

func (b *Budget) take(f *File) {
	s := f.shelf
	if !s.on {
		return
	}
	if s.prev != nil {
		s.prev.shelf.next = s.next
	} else {
		b.first = s.next
	}
	if s.next != nil {
		s.next.shelf.prev = s.prev
	} else {
		b.last = s.prev
	}
	f.shelf = shelf{}
	b.n--
}

// park closes the descriptor until the next write. It says no to a file that is in
// use or in trouble: what is open then may be the only way to the bytes.
func (f *File) park() bool {
	if !f.mu.TryLock() {
		return false
	}
	defer f.unlock()
	if f.stale || f.trouble.now {
		return false
	}
	f.releaseFile()
	return true
}
