package supervise

import (
	"container/heap"
	"time"
)

// alarms orders the entries by when each next needs attention, so that the loop
// can sleep on one timer however many processes there are.
type alarms []*entry

// Len, Less, Swap, Push and Pop make it a heap.
func (a alarms) Len() int           { return len(a) }
func (a alarms) Less(i, j int) bool { return a[i].due.Before(a[j].due) }
func (a alarms) Swap(i, j int) {
	a[i], a[j] = a[j], a[i]
	a[i].place, a[j].place = i+1, j+1
}

// Push is heap.Interface's.
func (a *alarms) Push(x any) {
	e := x.(*entry)
	*a = append(*a, e)
	e.place = len(*a)
}

// Pop is heap.Interface's.
func (a *alarms) Pop() any {
	old := *a
	e := old[len(old)-1]
	old[len(old)-1] = nil
	*a = old[:len(old)-1]
	e.place = 0
	return e
}

// set says when e next needs attention; the zero time means never.
func (a *alarms) set(e *entry, due time.Time) {
	e.due = due
	switch {
	case due.IsZero() && e.place > 0:
		heap.Remove(a, e.place-1)
	case due.IsZero():
	case e.place > 0:
		heap.Fix(a, e.place-1)
	default:
		heap.Push(a, e)
	}
}

// next returns the earliest entry, or nil.
func (a alarms) next() *entry {
	if len(a) == 0 {
		return nil
	}
	return a[0]
}
