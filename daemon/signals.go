package daemon

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/internal/signals"
	"github.com/sirdar-project/sirdar/supervise"
)

// listenToSignals acts on the signals that supervisord understands until stop is
// called. SIGCHLD is the host's. SIGUSR1 and the rest, of which Supervisor dies and
// leaves its programs alone, do nothing: Go's runtime catches them.
func (d *daemon) listenToSignals(sup *supervise.Supervisor) (stop func()) {
	heard := make(chan os.Signal, 16)
	signal.Notify(heard, syscall.SIGTERM, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGHUP, syscall.SIGUSR2)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for sig := range heard {
			d.hear(sup, sig.(syscall.Signal))
		}
	}()
	return func() {
		signal.Stop(heard)
		close(heard)
		<-ended
	}
}

// hear acts on one signal.
func (d *daemon) hear(sup *supervise.Supervisor, sig syscall.Signal) {
	name := signals.Name(sig)
	switch sig {
	case syscall.SIGHUP:
		if sup.Mood() == sirdar.ShuttingDown {
			d.log.Warn(fmt.Sprintf("ignored %s indicating restart request (shutdown in progress)", name))
			return
		}
		d.log.Warn(fmt.Sprintf("received %s indicating restart request", name))
		var fault *sirdar.Fault
		if err := sup.Restart(context.Background()); errors.As(err, &fault) && fault.Code != sirdar.CantReread {
			d.log.Debug(fmt.Sprintf("%s changed nothing: %v", name, err)) // a restart is under way
		}
	case syscall.SIGUSR2:
		d.log.Info(fmt.Sprintf("received %s indicating log reopen request", name))
		sup.ReopenLogs()
	default:
		d.log.Warn(fmt.Sprintf("received %s indicating exit request", name))
		sup.Exit()
	}
}
