package spawn

import "syscall"

// pipes are the standard descriptors of a child to be: its ends and ours. They
// stay bare numbers: what reads them is not the Go runtime's poller but package
// pump, and an os.File for each would cost memory for every child.
type pipes struct {
	child [3]int
	ours  [3]int // -1 = there is none
}

// openPipes makes what a Spec asks for. When it fails nothing stays open.
func openPipes(spec *Spec) (p pipes, err error) {
	p = pipes{child: [3]int{-1, -1, -1}, ours: [3]int{-1, -1, -1}}
	defer func() {
		if err != nil {
			p.closeChildEnds(spec)
			p.closeOurEnds()
		}
	}()
	if spec.Stdin >= 0 {
		p.child[0] = spec.Stdin
	} else if p.child[0], p.ours[0], err = openPipe(); err != nil {
		return p, err
	}
	if p.ours[1], p.child[1], err = openPipe(); err != nil {
		return p, err
	}
	if spec.RedirectErr {
		p.child[2] = p.child[1]
	} else if p.ours[2], p.child[2], err = openPipe(); err != nil {
		return p, err
	}
	for _, fd := range p.ours {
		if fd < 0 {
			continue
		}
		if err = syscall.SetNonblock(fd, true); err != nil {
			return p, err
		}
		if isReserved(fd) {
			return p, syscall.EMFILE
		}
	}
	return p, nil
}

// isReserved says whether a descriptor is one of the last that the limit allows: a
// sixteenth of them, 64 at most. Children do not get those, so that who supervises
// them can still be asked, to stop some for example, and logs can be opened.
// Numbers are given out from the lowest, so a number tells how many are in use.
func isReserved(fd int) bool {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return false
	}
	most := uint64(limit.Cur)
	return uint64(fd) >= most-min(64, most/16)
}

// closeChildEnds closes what only the child needs. A descriptor that was given
// as standard input stays its owner's.
func (p *pipes) closeChildEnds(spec *Spec) {
	if spec.Stdin < 0 {
		closeIf(p.child[0])
	}
	closeIf(p.child[1])
	if p.child[2] != p.child[1] {
		closeIf(p.child[2])
	}
}

func (p *pipes) closeOurEnds() {
	for _, fd := range p.ours {
		closeIf(fd)
	}
}

func closeIf(fd int) {
	if fd >= 0 {
		syscall.Close(fd)
	}
}
