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
		daemon := running.Start(t, Config("{dir}"), nil)
		client, err := api.Dial("unix://"+daemon.Dir+"/s.sock", "", "")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { client.Close() })
		daemon.Await("all programs to run", func() bool {
			infos, err := client.Info(context.Background(), sirdar.All)
			started := 0
			for _, i := range infos {
				if i.State == sirdar.Running {
					started++
				}
			}
			return err == nil && started == 5
		})

		// Nobody waits an hour for the stubborn one.
		infos, err := client.Info(context.Background(), sirdar.Select("stubborn"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := syscall.Kill(-infos[0].PID, syscall.SIGKILL); err != nil && err != syscall.ESRCH {
				t.Error(err)
			}
		})
		return client
	})
}
