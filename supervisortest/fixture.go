package supervisortest

import (
	"fmt"
	"path/filepath"
)

// Config returns the programs that a Supervisor under test must have, as a piece of
// a configuration file; their logs are in dir. [Fake] has the same ones. All
// processes that start by themselves are RUNNING when a test begins:
//
//	echo      RUNNING, writes what it reads; has an empty stderr log
//	never     STOPPED and never started
//	lost      STOPPED; its command does not exist
//	quiet     RUNNING without logs
//	pair      a group of one and two, both RUNNING
//	stubborn  RUNNING, does not stop when it is asked to
func Config(dir string) string {
	return fmt.Sprintf(`
[program:echo]
command=/bin/cat
stdout_logfile=%[1]s
stderr_logfile=%[2]s
startsecs=0

[program:never]
command=/bin/cat
autostart=false
startsecs=0
stdout_logfile=%[3]s

[program:lost]
command=/nonexistent/prog
autostart=false

[program:quiet]
command=/bin/cat
startsecs=0
stdout_logfile=NONE
stderr_logfile=NONE

[group:pair]
programs=one,two

[program:one]
command=/bin/cat
startsecs=0

[program:two]
command=/bin/cat
startsecs=0

[program:stubborn]
command=/bin/sh -c 'trap "" TERM; while :; do sleep 1; done'
startsecs=0
stopwaitsecs=3600
killasgroup=true
`, filepath.Join(dir, "echo.out"), filepath.Join(dir, "echo.err"), filepath.Join(dir, "never.out"))
}
