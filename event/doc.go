// Package event says what happened. So far it holds the capture filter, which
// finds the messages in a program's output.
package event
