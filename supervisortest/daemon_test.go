package supervisortest

import (
	"context"
	"os"
	"syscall"
	"testing"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/api"
	"github.com/sirdar-project/sirdar/tests/running"
)

func TestMain(m *testing.M) { os.Exit(running.Main(m)) }

func TestTheDaemonPassesTheSuite(t *testing.T) {
	Test(t, func(t *testing.T) sirdar.Supervisor {
		return client(t, startWithConfig(t, running.How{}))
	})
}

// startWithConfig starts a daemon with the programs of the suite, and waits until
// they run.
func startWithConfig(t *testing.T, how running.How) *running.Daemon {
	daemon := how.Start(t, Config("{dir}"), nil)
	c := client(t, daemon)
	var stubborn int
	daemon.Await("all programs to run", func() bool {
		infos, err := c.Info(context.Background(), sirdar.All)
		started := 0
		for _, i := range infos {
			if i.State == sirdar.Running {
				started++
			}
			if i.Name == "stubborn" {
				stubborn = i.PID
			}
		}
		return err == nil && started == 5
	})
	// Nobody waits an hour for the stubborn one.
	t.Cleanup(func() {
		if err := syscall.Kill(-stubborn, syscall.SIGKILL); err != nil && err != syscall.ESRCH {
			t.Error(err)
		}
	})
	return daemon
}

// client makes a client of a daemon.
func client(t *testing.T, daemon *running.Daemon) *api.Client {
	c, err := api.Dial("unix://"+daemon.Dir+"/s.sock", "", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}
