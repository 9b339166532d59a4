//go:build linux

package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// readFile returns a file's text, "" when it cannot be read.
func readFile(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return string(text)
}

func firstWords(path string, n int) string {
	words := strings.Fields(readFile(path))
	return strings.Join(words[:min(n, len(words))], " ")
}

func cores() int { return runtime.NumCPU() }

// monotonic is the clock that the children's records use.
func monotonic() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &t); err != nil {
		panic(err) // there is no Linux without this clock
	}
	return time.Duration(t.Nano())
}

// cpuTime is the processor time of all threads of a process, those that have ended
// included, to the nanosecond: every process has such a clock (clock_getcpuclockid).
func cpuTime(pid int) (time.Duration, error) {
	const sched = 2
	var t unix.Timespec
	if err := unix.ClockGettime(int32(^pid<<3|sched), &t); err != nil {
		return 0, fmt.Errorf("the processor time of process %d: %w", pid, err)
	}
	return time.Duration(t.Nano()), nil
}

// weight is what a process weighs at a moment.
type weight struct {
	pssKB, threads, fds int
	switches            int // voluntary, of the threads that there are
}

func weigh(pid int) weight {
	proc := fmt.Sprintf("/proc/%d", pid)
	w := weight{pssKB: field(proc+"/smaps_rollup", "Pss:")}
	fds, err := os.ReadDir(proc + "/fd")
	if err == nil {
		w.fds = len(fds)
	}
	tasks, err := os.ReadDir(proc + "/task")
	if err == nil {
		w.threads = len(tasks)
	}
	for _, task := range tasks {
		w.switches += field(proc+"/task/"+task.Name()+"/status", "voluntary_ctxt_switches:")
	}
	return w
}

// field finds a number in one of /proc's "Name: number" files, 0 when it is not there.
func field(path, name string) int {
	for line := range strings.Lines(readFile(path)) {
		words := strings.Fields(line)
		if len(words) > 1 && words[0] == name {
			n, err := strconv.Atoi(words[1])
			if err == nil {
				return n
			}
		}
	}
	return 0
}
