//go:build linux

// Package events runs supervisord with event listeners and FastCGI programs and
// looks at what they read and inherit. What listeners read is compared with what
// they read from Python's daemon.
//
// SIRDAR_TEST_SUPERVISORD=/usr/bin/supervisord runs all of it against that one.
package events

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/sirdar-project/sirdar/api"
	"github.com/sirdar-project/sirdar/event"
	"github.com/sirdar-project/sirdar/tests/running"
)

func TestMain(m *testing.M) { os.Exit(running.Main(m)) }

// listener is an event listener as its authors write them: in text mode, counting
// characters. It keeps what it reads in a file and answers as its second argument
// says.
const listener = `import os, sys
kept, how = open(sys.argv[1], 'a', encoding='utf-8'), sys.argv[2]
first = not os.path.exists(sys.argv[1] + '.second')
while True:
    sys.stdout.write('READY\n')
    sys.stdout.flush()
    line = sys.stdin.readline()
    if not line:
        break
    words = dict(word.split(':') for word in line.split())
    kept.write(line + sys.stdin.read(int(words['len'])) + '\n\0\n')
    kept.flush()
    if first and how != 'ok':
        first = False
        open(sys.argv[1] + '.second', 'w').close()
        if how == 'die':
            os._exit(3)
        if how == 'hang':
            sys.stdin.read()
        sys.stdout.write('RESULT 4\nFAIL')
    else:
        sys.stdout.write('RESULT 2\nOK')
    sys.stdout.flush()
`

// pool is the section of a listener that keeps what it reads in NAME.txt.
func pool(name, types, how string, more ...string) string {
	return fmt.Sprintf("[eventlistener:%s]\ncommand=/usr/bin/python3 -u {dir}/listener.py {dir}/%[1]s.txt %[3]s\nevents=%[2]s\nstartsecs=0\nbuffer_size=500\n%[4]s\n",
		name, types, how, strings.Join(more, "\n"))
}

var files = running.Files{"listener.py": listener}

// An envelope is what a listener has read of one event.
type envelope struct {
	event.Header
	payload string
}

// read returns what the listener of a pool has read so far.
func read(t testing.TB, d *running.Daemon, pool string) (list []envelope) {
	t.Helper()
	text := d.Read(pool + ".txt")
	for one := range strings.SplitSeq(text, "\n\x00\n") {
		if one == "" {
			continue
		}
		line, payload, ok := strings.Cut(one, "\n")
		if !ok {
			break // it is being written
		}
		h, err := event.ParseHeader(line)
		if err != nil {
			t.Fatalf("%s: %v", pool, err)
		}
		list = append(list, envelope{h, payload})
	}
	return list
}

// await waits until the listener of a pool has read an event with a text in it.
func await(t testing.TB, d *running.Daemon, pool, typ, text string) (found envelope) {
	t.Helper()
	d.Await(fmt.Sprintf("%s reads %s with %q", pool, typ, text), func() bool {
		for _, e := range read(t, d, pool) {
			if e.Type == typ && strings.Contains(e.payload, text) {
				found = e
				return true
			}
		}
		return false
	})
	return found
}

// dial makes a client of a daemon, once it answers.
func dial(t testing.TB, d *running.Daemon) *api.Client {
	t.Helper()
	c, err := api.Dial("unix://"+d.Path("s.sock"), "", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	d.Await("supervisord answers", func() bool {
		_, err := c.About(t.Context())
		return err == nil
	})
	return c
}

// awaitLog waits until the main log has a text.
func awaitLog(d *running.Daemon, text string) {
	d.Await(fmt.Sprintf("the log says %q", text), func() bool { return strings.Contains(d.Log(), text) })
}

// numbers are what is another in every run.
var numbers = regexp.MustCompile(`\b(pid|when):[1-9][0-9]*`)

// masked is an event without what is another in every run.
func (e envelope) masked() string {
	return e.Type + "\n" + numbers.ReplaceAllString(e.payload, "$1:N")
}

var envelopeLine = regexp.MustCompile(`^ver:3\.0 server:supervisor serial:\d+ pool:remote poolserial:\d+ eventname:REMOTE_COMMUNICATION len:\d+$`)

// orderly checks the numbers of what a pool has read: they grow together, and an
// event that comes again has those that it had.
func orderly(t *testing.T, pool string, list []envelope) {
	t.Helper()
	for i, e := range list {
		if e.Server != "supervisor" || e.Pool != pool {
			t.Errorf("%s read an event from %s for %s", pool, e.Server, e.Pool)
		}
		if i == 0 {
			continue
		}
		before := list[i-1]
		again := e.PoolSerial == before.PoolSerial
		switch {
		case again && (e.Serial != before.Serial || e.payload != before.payload):
			t.Errorf("%s: event %d came again as another: %+v, %+v", pool, e.PoolSerial, before, e)
		case !again && (e.PoolSerial != before.PoolSerial+1 || e.Serial <= before.Serial):
			t.Errorf("%s: %+v came after %+v", pool, e.Header, before.Header)
		}
	}
}
