//go:build linux

package bugs

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/tests/running"
)

// limited starts a supervisord whose descriptors are limited: by a soft and a hard
// limit, as a login or a container may have them.
func limited(soft, hard int) running.How {
	limits := fmt.Sprintf("--nofile=%d:%d", soft, hard)
	return running.How{Prefix: []string{"/usr/bin/prlimit", limits}}
}

// many is more programs than 256 descriptors allow, each with two logs of its own.
// Root could raise the hard limit; minfds makes no use of that.
const many = `[supervisord]
minfds=200
[program:many]
command=/bin/sleep 1000
numprocs=200
process_name=p_%(process_num)03d
startsecs=0
`

// users-want 2A 14
//
// core 136
func TestTooFewDescriptorsStopOnlyWhatNeedsThem(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, retries string }{
		{"by itself", "startretries=1000\n"},
		{"on request", "startretries=0\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d, c := startAs(t, limited(256, 256), many+test.retries, nil)
			// Every process runs, or cannot be started for want of descriptors.
			var up, waiting []sirdar.ProcessInfo
			look := func() {
				up, waiting = nil, nil
				infos, err := c.Info(inTime(t), sirdar.All)
				if err != nil {
					t.Fatal(err)
				}
				for _, p := range infos {
					switch p.State {
					case sirdar.Running:
						up = append(up, p)
					case sirdar.Backoff, sirdar.Fatal:
						waiting = append(waiting, p)
					}
				}
			}
			d.Await("all were tried", func() bool {
				look()
				return len(up)+len(waiting) == 200
			})
			if len(up) < 20 || len(waiting) < 20 {
				t.Fatalf("%d run and %d do not: this limit is not what the test is about", len(up), len(waiting))
			}
			for _, p := range waiting {
				if want := fmt.Sprintf("too many open files to spawn '%s'", p.Name); p.SpawnErr != want {
					t.Errorf("%s: %q, want %q", p.Name, p.SpawnErr, want)
				}
				awaitLogged(t, d, fmt.Sprintf("INFO spawnerr: too many open files to spawn '%s'", p.Name))
			}

			// Several clients at once are answered all the same.
			var all sync.WaitGroup
			for range 10 {
				all.Go(func() {
					own := dial(t, d)
					if infos, err := own.Info(inTime(t), sirdar.All); err != nil || len(infos) != 200 {
						t.Errorf("status tells of %d processes (%v)", len(infos), err)
					}
				})
			}
			all.Wait()
			if out, status := d.CtlStatus("status", "many:p_000"); !strings.HasPrefix(out, "many:p_000") {
				t.Errorf("supervisorctl prints %q with exit status %d", out, status)
			}

			freed := 20
			for _, p := range up[:freed] {
				stop(t, c, p.FullName())
			}
			late := make(map[string]bool)
			for _, p := range waiting {
				late[p.Name] = true
				if test.name == "on request" && freed > 10 {
					if _, err := c.Start(inTime(t), sirdar.OfProcess("many", p.Name), true); err != nil {
						t.Errorf("start %s: %v", p.Name, err)
					}
					freed--
				}
			}
			d.Await("others run now", func() bool {
				look()
				started := 0
				for _, p := range up {
					if late[p.Name] {
						started++
					}
				}
				return started >= 10
			})
			mustEndWell(t, d)
			if log := d.Log(); strings.Contains(log, "Traceback") || strings.Contains(log, "panic") {
				t.Errorf("trouble:\n%s", log)
			}
		})
	}
}

// users-want 2A 14
//
// core 100
func TestChildrenHaveTheLimitsThatSupervisordWasGiven(t *testing.T) {
	t.Parallel()
	const limits = `[program:limits]
command=/bin/sh -c "ulimit -Sn; ulimit -Hn"
startsecs=0
autorestart=false
stdout_logfile={dir}/limits.log
`
	for _, test := range []struct {
		soft, hard int
		minfds     int
		want       string
	}{
		{256, 256, 200, "256\n256\n"},
		{1024, 4096, 1024, "1024\n4096\n"},
		{1024, 4096, 512, "1024\n4096\n"},
		{100, 4096, 150, "150\n4096\n"},
		{4096, 4096, 1024, "4096\n4096\n"},
	} {
		t.Run(fmt.Sprint(test.soft, test.hard, test.minfds), func(t *testing.T) {
			t.Parallel()
			d, _ := startAs(t, limited(test.soft, test.hard), fmt.Sprintf("[supervisord]\nminfds=%d\n", test.minfds)+limits, nil)
			d.Await("the program has spoken", func() bool { return strings.Count(d.Read("limits.log"), "\n") == 2 })
			if got := d.Read("limits.log"); got != test.want {
				t.Errorf("the child's limits are %q, want %q", got, test.want)
			}
			raised := regexp.MustCompile(`INFO Increased RLIMIT_NOFILE limit to \d+`).FindString(d.Log())
			want := ""
			if test.minfds > test.soft {
				want = fmt.Sprintf("INFO Increased RLIMIT_NOFILE limit to %d", test.minfds)
			}
			if raised != want {
				t.Errorf("the log says %q, want %q", raised, want)
			}
		})
	}
}
