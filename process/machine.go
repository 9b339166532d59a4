package process

import (
	"fmt"
	"log/slog"
	"math"
	"slices"
	"syscall"
	"time"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/internal/signals"
)

// Step answers one input: it returns the process as it is afterwards and appends
// what is to be done to out. It is total: every input has an answer in every
// state, and where it means nothing the answer is the same process and no effect.
//
// Durations are measured with now.Sub and now.Before, so with times from
// time.Now() a jump of the wall clock moves no deadline.
func Step(p Proc, pol *Policy, now time.Time, in Input, out []Effect) (Proc, []Effect) {
	m := machine{Proc: p, pol: pol, now: now, out: out}
	switch in := in.(type) {
	case Tick:
		m.tick(in.Mood)
	case Start:
		m.start()
	case Born:
		m.born(in.PID)
	case NotBorn:
		m.notBorn(in.Err)
	case Died:
		m.died(in.Status)
	case Stop:
		m.stop()
	case GiveUp:
		m.giveUp()
	case Signal:
		m.signal(in.Signal)
	case KillFailed:
		m.killFailed(in)
	case StopReport:
		m.stopReport()
	}
	return m.Proc, m.out
}

// Next says when a Tick would next have an effect if nothing else comes in. A
// time in the past means at once; zero means that no time will do anything.
func Next(p *Proc, pol *Policy, mood sirdar.Mood) time.Time {
	up := mood == sirdar.Up
	switch p.State {
	case sirdar.Stopped:
		if up && pol.Autostart && p.LastStart.IsZero() {
			return atOnce
		}
	case sirdar.Starting:
		if p.PID != 0 {
			return justAfter(p.LastStart.Add(seconds(pol.StartSecs)))
		}
	case sirdar.Backoff:
		if p.Backoff > pol.StartRetries {
			return atOnce
		}
		if up {
			return justAfter(p.Deadline)
		}
	case sirdar.Stopping:
		if p.PID != 0 {
			return p.Deadline
		}
	case sirdar.Exited:
		if up && pol.restarts(p) {
			return p.LastStart.Add(pol.pause())
		}
	case sirdar.Running, sirdar.Fatal, sirdar.Unknown:
	}
	return time.Time{}
}

// atOnce is earlier than any clock and yet not zero.
var atOnce = time.Time{}.Add(1)

// justAfter is the first instant after t: Supervisor's comparisons are strict,
// a process is RUNNING when it has been up for more than startsecs.
func justAfter(t time.Time) time.Time { return t.Add(1) }

// seconds is a duration of n seconds, or some hundred years where that is
// longer than a Duration holds: configured numbers have no limit.
func seconds(n int) time.Duration {
	const most = int(math.MaxInt64 / int64(time.Second) / 2)
	return time.Duration(min(max(n, -most), most)) * time.Second
}

func (pol *Policy) pause() time.Duration {
	if pol.Pause == 0 {
		return Pause
	}
	return max(pol.Pause, 0)
}

// restarts says whether a process that exited as p did is to be started again.
func (pol *Policy) restarts(p *Proc) bool {
	switch pol.Autorestart {
	case RestartAlways:
		return true
	case RestartUnexpected:
		return !slices.Contains(pol.ExitCodes, p.ExitStatus)
	case RestartNever:
	}
	return false
}

// A machine is one step under way.
type machine struct {
	Proc
	pol *Policy
	now time.Time
	out []Effect
}

// due says whether the process's next deadline has come.
func (m *machine) due(mood sirdar.Mood) bool {
	next := Next(&m.Proc, m.pol, mood)
	return !next.IsZero() && !m.now.Before(next)
}

func (m *machine) tick(mood sirdar.Mood) {
	if !m.due(mood) {
		return
	}
	switch m.State {
	case sirdar.Stopped, sirdar.Exited:
		m.spawn()
	case sirdar.Starting:
		m.Backoff = 0
		m.change(sirdar.Running)
		m.log(sirdar.LevelInfo, "success: %s entered RUNNING state, process has stayed up for > than %d seconds (startsecs)", m.pol.Name, m.pol.StartSecs)
	case sirdar.Backoff:
		if m.Backoff <= m.pol.StartRetries {
			m.spawn()
			return
		}
		m.giveUp()
		m.log(sirdar.LevelInfo, "gave up: %s entered FATAL state, too many start retries too quickly", m.pol.Name)
	case sirdar.Stopping:
		m.log(sirdar.LevelWarn, "killing '%s' (%d) with SIGKILL", m.pol.Name, m.PID)
		m.kill(syscall.SIGKILL, m.pol.KillAsGroup)
		m.Deadline = m.now.Add(max(seconds(m.pol.StopWaitSecs), m.pol.pause()))
	case sirdar.Running, sirdar.Fatal, sirdar.Unknown: // never due
	}
}

func (m *machine) start() {
	switch m.State {
	case sirdar.Stopped, sirdar.Exited, sirdar.Fatal, sirdar.Backoff:
		m.spawn()
	case sirdar.Starting, sirdar.Running, sirdar.Stopping, sirdar.Unknown:
		m.log(sirdar.LevelWarn, "process '%s' already running", m.pol.Name)
	}
}

// spawn begins a run. What the last one left is forgotten but for the count of
// failed starts, which only RUNNING, EXITED and FATAL clear.
func (m *machine) spawn() {
	m.Killing = false
	m.SpawnErr = ""
	m.ExitStatus, m.HasExited = 0, false
	m.LastStart = m.now
	m.change(sirdar.Starting)
	m.do(Spawn{})
}

func (m *machine) born(pid int) {
	if !m.unborn() || pid <= 0 {
		return
	}
	m.PID = pid
	m.LastStart = m.now
	m.log(sirdar.LevelInfo, "spawned: '%s' with pid %d", m.pol.Name, pid)
	if m.State == sirdar.Stopping { // it was stopped before it existed
		m.terminate()
	}
}

func (m *machine) notBorn(why string) {
	if !m.unborn() {
		return
	}
	m.SpawnErr = why
	m.log(sirdar.LevelInfo, "spawnerr: %s", why)
	if m.State == sirdar.Stopping {
		m.Killing = false
		m.change(sirdar.Stopped)
		return
	}
	m.backOff()
}

// unborn says whether a Spawn is not answered yet.
func (m *machine) unborn() bool {
	return m.PID == 0 && (m.State == sirdar.Starting || m.State == sirdar.Stopping)
}

func (m *machine) backOff() {
	m.Backoff++
	m.Deadline = m.now.Add(seconds(m.Backoff))
	m.change(sirdar.Backoff)
}

func (m *machine) died(status syscall.WaitStatus) {
	if m.PID == 0 {
		return
	}
	m.LastStop = m.now
	code := exitCode(status)

	switch m.State {
	case sirdar.Starting:
		if m.now.Sub(m.LastStart) < seconds(m.pol.StartSecs) {
			m.SpawnErr = "Exited too quickly (process log may have details)"
			m.backOff()
			m.log(sirdar.LevelWarn, "exited: %s (%s; not expected)", m.pol.Name, ExitText(status))
			break
		}
		m.change(sirdar.Running) // it had been up for exactly long enough
		m.exit(code, status)
	case sirdar.Running:
		m.exit(code, status)
	case sirdar.Unknown:
		if !m.Killing {
			m.exit(code, status)
			break
		}
		m.stopped(code, status)
	case sirdar.Stopping:
		m.stopped(code, status)
	case sirdar.Stopped, sirdar.Backoff, sirdar.Exited, sirdar.Fatal: // they have no child
	}
	m.PID = 0
}

// exit is the end of a run that nobody asked to end.
func (m *machine) exit(code int, status syscall.WaitStatus) {
	m.Backoff = 0
	m.ExitStatus, m.HasExited = code, true
	if slices.Contains(m.pol.ExitCodes, code) {
		m.do(m.changed(sirdar.Exited, true))
		m.log(sirdar.LevelInfo, "exited: %s (%s; expected)", m.pol.Name, ExitText(status))
		return
	}
	m.SpawnErr = fmt.Sprintf("Bad exit code %d", code)
	m.do(m.changed(sirdar.Exited, false))
	m.log(sirdar.LevelWarn, "exited: %s (%s; not expected)", m.pol.Name, ExitText(status))
}

// stopped is the end of a run that somebody asked to end.
func (m *machine) stopped(code int, status syscall.WaitStatus) {
	m.Killing = false
	m.ExitStatus, m.HasExited = code, true
	m.change(sirdar.Stopped)
	level := sirdar.LevelWarn
	if slices.Contains(m.pol.ExitCodes, code) {
		level = sirdar.LevelInfo
	}
	m.log(level, "stopped: %s (%s)", m.pol.Name, ExitText(status))
}

func (m *machine) stop() {
	switch m.State {
	case sirdar.Starting, sirdar.Running:
		m.LastReport = time.Time{}
		if m.PID != 0 {
			m.terminate()
			return
		}
		m.Killing = true
		m.change(sirdar.Stopping)
	case sirdar.Backoff:
		m.log(sirdar.LevelDebug, "Attempted to kill %s, which is in BACKOFF state.", m.pol.Name)
		m.change(sirdar.Stopped)
	case sirdar.Stopped, sirdar.Exited, sirdar.Fatal:
		m.log(sirdar.LevelDebug, "attempted to kill %s with sig %s but it wasn't running", m.pol.Name, signals.Name(m.pol.StopSignal))
	case sirdar.Stopping, sirdar.Unknown: // asked already; not to be asked
	}
}

// terminate sends the stop signal and arms the SIGKILL.
func (m *machine) terminate() {
	m.Deadline = m.now.Add(seconds(m.pol.StopWaitSecs))
	m.Killing = true
	m.kill(m.pol.StopSignal, m.pol.StopAsGroup)
}

func (m *machine) kill(sig syscall.Signal, group bool) {
	whom := ""
	if group {
		whom = "process group "
	}
	m.log(sirdar.LevelDebug, "killing %s (pid %d) %swith signal %s", m.pol.Name, m.PID, whom, signals.Name(sig))
	if m.State != sirdar.Stopping {
		m.change(sirdar.Stopping)
	}
	m.do(Kill{PID: m.PID, Signal: sig, Group: group})
}

func (m *machine) giveUp() {
	if m.State != sirdar.Backoff {
		return
	}
	m.Backoff = 0
	m.change(sirdar.Fatal)
}

func (m *machine) signal(sig syscall.Signal) {
	switch {
	case m.State == sirdar.Unknown:
	case m.PID == 0:
		m.log(sirdar.LevelDebug, "attempted to send %s sig %s but it wasn't running", m.pol.Name, signals.Name(sig))
	default:
		m.log(sirdar.LevelDebug, "sending %s (pid %d) sig %s", m.pol.Name, m.PID, signals.Name(sig))
		m.do(Kill{PID: m.PID, Signal: sig, Request: true})
	}
}

func (m *machine) killFailed(f KillFailed) {
	if m.PID == 0 || m.PID != f.Kill.PID || !m.State.IsSignallable() {
		return
	}
	text, gone := killTrouble(m.pol.Name, f)
	if gone {
		m.log(sirdar.LevelDebug, "%s", text)
		return
	}
	m.log(sirdar.LevelCritical, "%s", text)
	m.change(sirdar.Unknown)
}

func (m *machine) stopReport() {
	if m.State != sirdar.Stopping {
		return
	}
	if !m.LastReport.IsZero() && m.now.Sub(m.LastReport) <= ReportEvery {
		return
	}
	m.LastReport = m.now
	m.log(sirdar.LevelInfo, "waiting for %s to stop", m.pol.Name)
}

// change moves to another state and tells of it.
func (m *machine) change(to sirdar.State) { m.do(m.changed(to, false)) }

func (m *machine) changed(to sirdar.State, expected bool) Change {
	c := Change{From: m.State, To: to, PID: m.PID, Tries: m.Backoff, Expected: expected}
	m.State = to
	return c
}

func (m *machine) do(e Effect) { m.out = append(m.out, e) }

func (m *machine) log(level slog.Level, format string, args ...any) {
	m.do(Log{Level: level, Text: fmt.Sprintf(format, args...)})
}
