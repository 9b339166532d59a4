//go:build !linux

package spawn

import "syscall"

// Reap collects at most limit children that have died (0 = all), and never blocks.
// A death is reported after the Born of its child was delivered. What is not in
// it yet, because there were more or a start is still under way, makes Wake
// deliver again.
//
// Without Linux's way to look at a dead child before reaping it, nothing is
// reaped while a start is under way: it may be the child that could not exec,
// which ForkExec is about to wait for.
func (h *Host) Reap(limit int) []Death {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.underway) > 0 {
		h.doubtful.pid = -1 // settled pokes
		return nil
	}
	h.doubtful.pid = 0
	var dead []Death
	for limit == 0 || len(dead) < limit {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
		switch {
		case err == syscall.EINTR:
		case err != nil || pid == 0:
			return dead
		default:
			delete(h.children, pid)
			dead = append(dead, Death{PID: pid, Status: status})
		}
	}
	h.poke()
	return dead
}
