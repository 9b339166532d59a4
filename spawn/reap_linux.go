package spawn

import (
	"syscall"
	"unsafe"
)

// Reap collects at most limit children that have died (0 = all), and never blocks. A death
// is reported after the Born of its child was delivered. What is not in it yet,
// because there were more or a start is still under way, makes Wake deliver again.
//
// A child that could not exec is waited for by ForkExec; an orphan that was given
// to us (as PID 1) is reaped here like any other child.
func (h *Host) Reap(limit int) []Death {
	var dead []Death
	for limit == 0 || len(dead) < limit {
		pid := peek()
		if pid == 0 || !h.mayReap(pid) {
			return dead
		}
		var status syscall.WaitStatus
		if got, err := wait(pid, &status); err == nil && got == pid {
			dead = append(dead, Death{PID: pid, Status: status})
		}
	}
	h.poke()
	return dead
}

// mayReap says whether a dead child may be reaped now. One that is not known may
// belong to a start that is not answered yet, or be a child that failed to exec,
// which ForkExec is about to reap. As long as it is a zombie its pid cannot be
// given to another, so it is left until every start that was under way when it
// was first seen is answered. After that it is an orphan.
func (h *Host) mayReap(pid int) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, ours := h.children[pid]; ours {
		delete(h.children, pid)
		return true
	}
	if h.doubtful.pid != pid {
		h.doubtful.pid, h.doubtful.until = pid, h.begun
	}
	for b := range h.underway {
		if b.number <= h.doubtful.until {
			return false
		}
	}
	h.doubtful.pid = 0
	return true
}

// peek returns the pid of a dead child without reaping it; 0 = there is none.
func peek() int {
	const all, pidAt = 0, 2 + unsafe.Sizeof(uintptr(0))/4 // P_ALL; three ints, then aligned to a pointer
	var info [32]int32
	for {
		_, _, errno := syscall.Syscall6(syscall.SYS_WAITID, all, 0, uintptr(unsafe.Pointer(&info)),
			syscall.WEXITED|syscall.WNOHANG|syscall.WNOWAIT, 0, 0)
		switch errno {
		case 0:
			return int(info[pidAt])
		case syscall.EINTR:
		default:
			return 0 // ECHILD: nothing to wait for
		}
	}
}

// wait reaps one child if it is dead.
func wait(pid int, status *syscall.WaitStatus) (int, error) {
	for {
		got, err := syscall.Wait4(pid, status, syscall.WNOHANG, nil)
		if err != syscall.EINTR {
			return got, err
		}
	}
}
