package daemon

import (
	"fmt"
	"syscall"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/config"
	"github.com/sirdar-project/sirdar/internal/birthlimit"
	"golang.org/x/sys/unix"
)

// RaiseLimits sees to it that this process and its children may have as many open
// files and processes as minfds= and minprocs= ask for. What is to be logged about
// it is returned, because there is no log yet; an error ends the start.
//
// Open files are counted from the soft limit that we were started with. Go has
// raised ours to the hard limit since, which is good: thousands of pipes need it.
// It gives the first limit back to each child, so where that is enough nothing is
// done, and our own stays high. Where minfds is more, the limit is set, and then it
// holds for us as well, because a child can inherit nothing but what we have: that
// is Supervisor's limit too.
func RaiseLimits(minfds, minprocs int) ([]config.Note, error) {
	var notes []config.Note
	for _, l := range []limit{
		{"RLIMIT_NOFILE", syscall.RLIMIT_NOFILE, minfds, tooFewFiles},
		{"RLIMIT_NPROC", unix.RLIMIT_NPROC, minprocs, tooFewProcesses},
	} {
		raised, err := l.raise()
		if err != nil {
			return nil, err
		}
		if raised {
			text := fmt.Sprintf("Increased %s limit to %d", l.name, l.wanted)
			notes = append(notes, config.Note{Level: sirdar.LevelInfo, Text: text})
		}
	}
	return notes, nil
}

// descriptors is how many open files this process may have now, 0 if nobody knows.
func descriptors() uint64 {
	var now syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &now); err != nil {
		return 0
	}
	return uint64(now.Cur)
}

// A limit is one resource of which a configuration wants a minimum.
type limit struct {
	name     string
	resource int
	wanted   int
	tooFew   string // takes the wanted number and the limit
}

// raise raises the soft limit to what is wanted, and the hard limit with it where
// it is lower, which only root may.
func (l limit) raise() (raised bool, err error) {
	var now syscall.Rlimit
	if err := syscall.Getrlimit(l.resource, &now); err != nil {
		return false, fmt.Errorf("cannot read %s: %w", l.name, err)
	}
	wanted := limitNumber(l.wanted)
	if l.soft(now) >= wanted { // unlimited is the greatest number
		return false, nil
	}
	now.Cur = wanted
	now.Max = max(now.Max, wanted)
	if err := syscall.Setrlimit(l.resource, &now); err != nil {
		// The second number is meant to be the limit; Supervisor prints what it
		// tried to set.
		return false, fmt.Errorf(l.tooFew, l.wanted, now.Max)
	}
	return true, nil
}

// soft is the soft limit as we were started with it.
func (l limit) soft(now syscall.Rlimit) rlim {
	first, known := birthlimit.NoFile()
	if l.resource == syscall.RLIMIT_NOFILE && known && now.Cur == now.Max-1 {
		return limitNumber(first) // Go has raised it to just that, see syscall's rlimit.go
	}
	return now.Cur
}

const (
	tooFewFiles = `The minimum number of file descriptors required to run this process is %d as per the "minfds" command-line argument or config file setting. ` +
		`The current environment will only allow you to open %d file descriptors.  ` +
		`Either raise the number of usable file descriptors in your environment (see README.rst) or lower the minfds setting in the config file to allow the process to start.`
	tooFewProcesses = `The minimum number of available processes required to run this program is %d as per the "minprocs" command-line argument or config file setting. ` +
		`The current environment will only allow you to open %d processes.  ` +
		`Either raise the number of usable processes in your environment (see README.rst) or lower the minprocs setting in the config file to allow the program to start.`
)
