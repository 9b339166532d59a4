// Package oracle compares our supervisord with Python's.
//
// A [Scenario] is a value: a configuration, more files, an environment and a
// script of [Step]s: start the daemon, ask it something with Debian's own
// supervisorctl or over XML-RPC, send it or its children signals, wait for a
// state or a line, edit files, look at files and at /proc. [Play] runs it against
// one of the two daemons in a directory of its own and returns a transcript, in
// which everything that two runs of one daemon do not share (pids, times, paths,
// ports, random names: see the table of masks) is replaced by a word. The two
// transcripts must be equal.
//
// Where ours differs on purpose, the scenario says so with [Differs], which names
// a row of [Differences] and pins what each of the two says. Each row stands in
// docs/differences.md as well.
//
// Python polls once a second and ours does not, so only what a program or the
// daemon says by itself is compared in order; lines of different programs may
// come in any order.
//
// The daemon under test is /usr/bin/supervisord of Debian's package supervisor
// (4.2.5). The flag -self plays Supervisor against itself: a scenario that
// then differs is a flaky one.
package oracle
