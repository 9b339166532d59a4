package logfile

import "bytes"

// StripANSI removes terminal control sequences from a piece of output, in place,
// and returns what is left. As Supervisor has it: from each ESC [ to the first of
// the letters HfABCDRsuJKhlpm, or to the end of the piece; other sequences, and
// one that was split between two pieces, stay.
func StripANSI(p []byte) []byte {
	start := bytes.Index(p, ansiBegin)
	if start < 0 {
		return p
	}
	kept := p[:start]
	for {
		p = p[start+len(ansiBegin):]
		end := bytes.IndexAny(p, ansiEnds)
		if end < 0 {
			return kept
		}
		p = p[end+1:]
		start = bytes.Index(p, ansiBegin)
		if start < 0 {
			return append(kept, p...)
		}
		kept = append(kept, p[:start]...)
	}
}

var ansiBegin = []byte("\x1b[")

const ansiEnds = "HfABCDRsuJKhlpm"
