package event

import (
	"fmt"
	"log/slog"
	"slices"
	"unicode/utf8"

	"github.com/sirdar-project/sirdar"
)

// A Pool is the buffer of a pool of listeners: events that wait until one of them
// is ready. When it is full, the oldest event makes room.
type Pool struct {
	Name   string
	Server string   // the daemon's identifier
	Types  []string // what the pool has subscribed to
	Size   int      // how many events may wait

	// Say writes a line to the main log.
	Say func(level slog.Level, text string)

	next   uint64
	buffer []Delivery
}

// A Delivery is an event on its way to the listeners of one pool. However often it
// is sent, its numbers stay the same.
type Delivery struct {
	event  *Event
	serial uint64 // of the pool
}

// Serial is the number that the log calls the event by.
func (d Delivery) Serial() uint64 { return d.event.serial }

// Wants says whether the pool has subscribed to a type.
func (p *Pool) Wants(typ string) bool {
	return slices.ContainsFunc(p.Types, func(s string) bool { return Covers(s, typ) })
}

// Offer leaves an event with the pool, once for every subscription that covers it:
// who subscribes to a type and to the one above it gets it twice, as from
// Supervisor, with the same numbers.
func (p *Pool) Offer(e *Event, n *Numbers) {
	var d Delivery
	for _, s := range p.Types {
		switch {
		case !Covers(s, e.Type):
			continue
		case d.event == nil:
			n.number(e)
			d = Delivery{event: e, serial: p.next}
			p.next++
		default:
			p.sayAgain(d)
		}
		p.makeRoom()
		p.buffer = append(p.buffer, d)
	}
}

// Take takes the oldest event out of the buffer.
func (p *Pool) Take() (d Delivery, ok bool) {
	if len(p.buffer) == 0 {
		return Delivery{}, false
	}
	d = p.buffer[0]
	p.buffer = slices.Delete(p.buffer, 0, 1)
	return d, true
}

// Return puts an event back at the head of the buffer: nobody could take it, or who
// took it did not do its work.
func (p *Pool) Return(d Delivery) {
	p.sayAgain(d)
	p.makeRoom()
	p.buffer = slices.Insert(p.buffer, 0, d)
}

// Waiting is how many events wait.
func (p *Pool) Waiting() int { return len(p.buffer) }

func (p *Pool) sayAgain(d Delivery) {
	p.Say(sirdar.LevelDebug, fmt.Sprintf("rebuffering event %d for pool %s (buf size=%d, max=%d)",
		d.Serial(), p.Name, len(p.buffer), p.Size))
}

// makeRoom makes room for one more.
func (p *Pool) makeRoom() {
	if len(p.buffer) < p.Size {
		return
	}
	if oldest, ok := p.Take(); ok {
		p.Say(sirdar.LevelError, fmt.Sprintf("pool %s event buffer overflowed, discarding event %d", p.Name, oldest.Serial()))
	}
}

// Envelope is what a listener reads: the header and the payload.
func (p *Pool) Envelope(d Delivery) []byte {
	payload := d.event.Payload()
	h := Header{
		Server: p.Server, Serial: d.event.serial,
		Pool: p.Name, PoolSerial: d.serial,
		Type: d.event.Type, Len: utf8.RuneCountInString(payload),
	}
	return append(append([]byte(h.String()), '\n'), payload...)
}
