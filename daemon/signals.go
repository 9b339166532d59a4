package daemon

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/internal/signals"
	"github.com/sirdar-project/sirdar/supervise"
)

// A hearing keeps the signals that nobody has acted on yet. There is one for the
// whole life of the process: at no moment, between two lives of a restart or at the
// very end, does a signal find nobody at home and do what it does to any process.
type hearing chan os.Signal

// beginHearing keeps SIGQUIT, from the first moment on, because Go's runtime would
// answer it with a dump of its goroutines. The other signals may end us as long as
// there is nothing to tidy up.
func beginHearing() hearing {
	h := make(hearing, 16)
	signal.Notify(h, syscall.SIGQUIT)
	return h
}

// all keeps all signals that supervisord understands. SIGCHLD is the host's.
// SIGUSR1 and the rest, of which Supervisor dies and leaves its programs alone, do
// nothing: Go's runtime catches them.
func (h hearing) all() {
	signal.Notify(h, syscall.SIGTERM, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGHUP, syscall.SIGUSR2)
}

// listenToSignals acts on what is heard, until stop is called. That says whether an
// exit was asked for: sup may have ended before it could hear of it.
func (d *daemon) listenToSignals(sup *supervise.Supervisor) (stop func() (exit bool)) {
	over, ended := make(chan struct{}), make(chan struct{})
	exit := false
	go func() {
		defer close(ended)
		for {
			select {
			case sig := <-d.heard:
				exit = d.hear(sup, sig.(syscall.Signal)) || exit
			case <-over:
				return
			}
		}
	}()
	return func() bool {
		close(over)
		<-ended
		return exit
	}
}

// hear acts on one signal and says whether it asks for the exit.
func (d *daemon) hear(sup *supervise.Supervisor, sig syscall.Signal) (exit bool) {
	name := signals.Name(sig)
	switch sig {
	case syscall.SIGHUP:
		if sup.Mood() == sirdar.ShuttingDown {
			d.log.Warn(fmt.Sprintf("ignored %s indicating restart request (shutdown in progress)", name))
			return false
		}
		d.log.Warn(fmt.Sprintf("received %s indicating restart request", name))
		// Reading may hang on a dead file system, and SIGTERM is to be heard
		// meanwhile. What cannot be used is in the log.
		go func() { _ = sup.HangUp(context.Background()) }()
	case syscall.SIGUSR2:
		d.log.Info(fmt.Sprintf("received %s indicating log reopen request", name))
		sup.ReopenLogs()
	default:
		d.log.Warn(fmt.Sprintf("received %s indicating exit request", name))
		sup.Exit()
		return true
	}
	return false
}
