// Package process decides. It holds the state machine of one supervised process
// as a pure function: what came in and what time it is go in, the new state and
// the things to do come out. It has no clock, no goroutine and touches nothing;
// package supervise acts on what it decides.
package process
