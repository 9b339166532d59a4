package event

import (
	"fmt"
	"strconv"
	"strings"
)

// A Header is the line that announces an event to a listener.
type Header struct {
	Server     string // the daemon's identifier
	Serial     uint64 // counts the events of the daemon
	Pool       string // of the listener
	PoolSerial uint64 // counts the events of the pool
	Type       string
	Len        int // of the payload that follows, in characters, not bytes
}

// String is the line without its end.
func (h Header) String() string {
	return fmt.Sprintf("ver:3.0 server:%s serial:%d pool:%s poolserial:%d eventname:%s len:%d",
		h.Server, h.Serial, h.Pool, h.PoolSerial, h.Type, h.Len)
}

// ParseHeader reads the line that announces an event, with or without its end. Its
// words may come in any order, and others may stand between them.
func ParseHeader(line string) (Header, error) {
	words := make(map[string]string)
	for _, word := range strings.Fields(line) {
		key, value, ok := strings.Cut(word, ":")
		if !ok {
			return Header{}, fmt.Errorf("%q in the header of an event is no key:value", word)
		}
		words[key] = value
	}
	h := Header{Server: words["server"], Pool: words["pool"], Type: words["eventname"]}
	if h.Type == "" {
		return Header{}, fmt.Errorf("the header of an event names no eventname: %q", line)
	}
	for key, number := range map[string]*uint64{"serial": &h.Serial, "poolserial": &h.PoolSerial} {
		var err error
		if *number, err = strconv.ParseUint(words[key], 10, 64); err != nil {
			return Header{}, fmt.Errorf("the header of an event has a bad %s: %q", key, words[key])
		}
	}
	n, err := strconv.ParseUint(words["len"], 10, 31)
	if err != nil {
		return Header{}, fmt.Errorf("the header of an event has a bad len: %q", words["len"])
	}
	h.Len = int(n)
	return h, nil
}
