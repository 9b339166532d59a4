// Package process decides. It holds the state machine of one supervised process
// as a pure function: what came in and what time it is go in, the new state and
// the things to do come out. It has no clock, no goroutine and touches nothing;
// package supervise acts on what it decides.
//
// # The machine at once
//
// A process is in one of eight states. On the left what it is, then what takes it
// somewhere else. Whatever is not listed changes nothing.
//
//	STOPPED   at rest     Start, or Tick if autostart and never started  → STARTING
//	EXITED    at rest     Start, or Tick if autorestart wants it         → STARTING
//	FATAL     at rest     Start                                          → STARTING
//	STARTING  unborn      Born: stays, the clock of startsecs begins
//	                      NotBorn                                        → BACKOFF
//	                      Stop                                           → STOPPING, unborn
//	          child       Tick: up for more than startsecs               → RUNNING
//	                      Died before startsecs                          → BACKOFF
//	                      Died later                                     → RUNNING → EXITED
//	                      Stop                                           → STOPPING
//	RUNNING   child       Died                                           → EXITED
//	                      Stop                                           → STOPPING
//	BACKOFF   waiting     Tick: Backoff seconds are over, or Start       → STARTING
//	                      Tick: failed more than startretries times      → FATAL
//	                      Stop                                           → STOPPED
//	                      GiveUp                                         → FATAL, silently
//	STOPPING  child       Tick: stopwaitsecs are over: SIGKILL, and again after as long
//	                      Died                                           → STOPPED
//	          unborn      Born: stays, and gets its stop signal now
//	                      NotBorn                                        → STOPPED
//	UNKNOWN   child that  Died, a stop had been asked for                → STOPPED
//	          cannot be   Died otherwise                                 → EXITED
//	          signalled
//
// and from STARTING, RUNNING and STOPPING with a child, a Kill that fails with
// anything but "no such process" → UNKNOWN.
//
// # Inputs
//
// Requests (Start, Stop, Signal, GiveUp, StopReport) come from people and from
// the daemon's own shutdown. Whether a request is refused with a fault is the
// caller's to say; the machine answers it with a line in the log at most. Answers
// (Born, NotBorn, KillFailed) follow an effect of ours. Died comes from the
// kernel. Tick is time: it is only needed when [Next] says so, but never harms.
//
// # Who wins
//
// Death wins over everything: the state after Died is a state without a child.
// An answer or a signal that comes too late finds no child, or another pid, and
// is dropped. A Kill that finds nobody waits for the Died that must come.
//
// A stop wins over a birth. Births are answered later than they are asked for,
// so a Stop may find STARTING without a pid. The process is STOPPING at once, its
// child gets the signal as soon as it exists, and stopwaitsecs count from then.
//
// The first stop wins over later ones: a second Stop neither sends the signal
// again nor begins the grace anew. A Start does not undo a stop.
//
// The mood wins over wishes of the configuration: unless the daemon is
// [sirdar.Up], a Tick starts nothing. It still ends what has begun: STARTING
// becomes RUNNING, STOPPING gets its SIGKILL, BACKOFF that is beyond startretries
// becomes FATAL.
//
// # Numbers
//
// Comparisons are strict as in Supervisor: up for more than startsecs is RUNNING,
// dead before startsecs is BACKOFF, a death at exactly startsecs is an exit.
// Backoff counts failed starts in a row. RUNNING, EXITED and FATAL clear it, a
// stop does not: who is stopped at the last try has one try when started again.
//
// startsecs count from the birth and not from the request, so that a queue before
// fork cannot make a program RUNNING that died at once.
//
// # Where Supervisor differs
//
// Supervisor restarts what exited, and repeats SIGKILL, when its loop next comes
// round: within a second. Here both are done at once, but not twice within
// [Pause]. A child that dies in UNKNOWN takes Supervisor's daemon with it by an
// assertion; here it is an exit. Clocks that were set back need no correction,
// for durations are measured on the monotonic clock.
package process
