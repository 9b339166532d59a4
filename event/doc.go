// Package event says what happened, in the bytes that Supervisor's event listeners
// read: the events with their payloads, the buffer of a pool of listeners, what a
// listener's output means, and the filter that finds the messages in a program's
// output. It reads and writes nothing.
package event
