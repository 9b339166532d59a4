//go:build linux

package bugs

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/tests/running"
)

const sleeper = "[program:sleeper]\ncommand=/bin/sleep 1000\n"

// breakages are ways to spoil a configuration under a running daemon. Their
// errors name a file and, where there is one, a line.
var breakages = []struct {
	name  string
	spoil func(t *testing.T, d *running.Daemon)
	file  string
	says  string // in the fault and in the log
	line  string // as file:line in the log; "" where there is none
	ctl   bool   // supervisorctl is tried too
}{
	{"bad value", func(t *testing.T, d *running.Daemon) {
		appendTo(t, d, "supervisord.conf", "startsecs=1s\n")
	}, "supervisord.conf", "invalid literal for int() with base 10: '1s' in section 'program:sleeper'", lastLine, true},
	{"program without command", func(t *testing.T, d *running.Daemon) {
		appendTo(t, d, "supervisord.conf", "[program:bad]\n")
	}, "supervisord.conf", "program section program:bad does not specify a command", lastLine, false},
	{"missing file", func(t *testing.T, d *running.Daemon) {
		if err := os.Remove(d.Path("supervisord.conf")); err != nil {
			t.Fatal(err)
		}
	}, "supervisord.conf", "could not find config file", "", true},
	{"unreadable file", func(t *testing.T, d *running.Daemon) {
		if err := os.Chmod(d.Path("supervisord.conf"), 0); err != nil {
			t.Fatal(err)
		}
	}, "supervisord.conf", "could not read config file", "", false},
	{"empty file", func(t *testing.T, d *running.Daemon) {
		d.Write("supervisord.conf", "")
	}, "supervisord.conf", ".ini file does not include supervisord section", "", false},
	{"half-written file", func(t *testing.T, d *running.Daemon) {
		text := d.Read("supervisord.conf")
		d.Write("supervisord.conf", strings.TrimSuffix(text, "mand=/bin/sleep 1000\n"))
	}, "supervisord.conf", "Source contains parsing errors", lastLine, false},
	{"bad value in an included file", func(t *testing.T, d *running.Daemon) {
		d.Write("conf.d/a.conf", "[program:a]\ncommand=/bin/true\nautostart=perhaps\n")
		appendTo(t, d, "supervisord.conf", "[include]\nfiles=conf.d/*.conf\n")
	}, "conf.d/a.conf", "not a valid boolean value: 'perhaps'", "3", false},
	{"include without files", func(t *testing.T, d *running.Daemon) {
		appendTo(t, d, "supervisord.conf", "[include]\n")
	}, "supervisord.conf", "has [include] section, but no files setting", lastLine, false},
}

// lastLine stands for the number of the last line.
const lastLine = "last"

func appendTo(t *testing.T, d *running.Daemon, file, text string) {
	t.Helper()
	d.Write(file, d.Read(file)+text)
}

// The daemon is an ordinary user's, because root can read every file.
//
// users-want 2A 1, 2B 6
//
// core 197
func TestABadConfigurationAtReloadStopsNothing(t *testing.T) {
	t.Parallel()
	for _, b := range breakages {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			d, c := startAs(t, running.How{Attr: ordinary()}, sleeper, nil)
			before := awaitState(t, d, c, "sleeper", sirdar.Running)
			good, mode := d.Read("supervisord.conf"), os.FileMode(0o644)
			b.spoil(t, d)
			want := d.Path(b.file)
			switch b.line {
			case "":
			case lastLine:
				want += fmt.Sprintf(":%d", strings.Count(strings.TrimSuffix(d.Read(b.file), "\n"), "\n")+1)
			default:
				want += ":" + b.line
			}

			errors := 0
			mustHaveChangedNothing := func(by string) {
				t.Helper()
				errors++
				d.Await(fmt.Sprintf("the log tells of %s's error", by), func() bool {
					return len(lines(d.Log(), " ERRO ")) >= errors
				})
				told := lines(d.Log(), " ERRO ")
				if last := told[len(told)-1]; len(told) != errors || !strings.Contains(last, want) || !strings.Contains(last, b.says) {
					t.Errorf("after %s the log's errors are\n%s\nwant one that names %s and says %q", by, strings.Join(told, "\n"), want, b.says)
				}
				if now := info(t, c, "sleeper"); now.PID != before.PID || now.State != sirdar.Running {
					t.Errorf("after %s the program is %v with pid %d, was RUNNING with %d", by, now.State, now.PID, before.PID)
				}
				about, err := c.About(inTime(t))
				if err != nil || about.PID != d.Pid() || about.Mood != sirdar.Up {
					t.Errorf("after %s supervisord says of itself %+v (%v), its pid was %d", by, about, err, d.Pid())
				}
			}

			d.Signal(syscall.SIGHUP)
			mustHaveChangedNothing("SIGHUP")
			for name, ask := range map[string]func() error{
				"restart":      func() error { return c.Restart(inTime(t)) },
				"reloadConfig": func() error { _, err := c.Reread(inTime(t)); return err },
			} {
				if err := ask(); !isFault(err, sirdar.CantReread) || !strings.Contains(err.Error(), b.says) {
					t.Errorf("%s answers %v, want CANT_REREAD: … %s", name, err, b.says)
				}
				mustHaveChangedNothing(name)
			}
			if b.ctl {
				// It is given a configuration of its own, since this one is spoilt.
				d.Write("ctl.conf", "[supervisorctl]\nserverurl=unix://{dir}/s.sock\n")
				for _, command := range []string{"reload", "reread", "update"} {
					if out, status := d.CtlOf("ctl.conf", command); !strings.Contains(out, b.says) || status == 0 {
						t.Errorf("supervisorctl %s prints %q with exit status %d", command, out, status)
					}
					mustHaveChangedNothing("supervisorctl " + command)
				}
			}

			// The daemon is as able to reload as ever.
			os.Remove(d.Path("supervisord.conf"))
			d.Write("supervisord.conf", good)
			if err := os.Chmod(d.Path("supervisord.conf"), mode); err != nil {
				t.Fatal(err)
			}
			if changes, err := c.Reread(inTime(t)); err != nil || len(changes.Added)+len(changes.Changed)+len(changes.Removed) > 0 {
				t.Errorf("with the good configuration again reloadConfig answers %+v (%v)", changes, err)
			}
		})
	}
}

const beforeUpdate = `[program:changed]
command=/bin/sleep 1001
[program:same]
command=/bin/sleep 1002
[program:removed]
command=/bin/sleep 1003
[group:pair]
programs=left,right
[program:left]
command=/bin/sleep 1004
[program:right]
command=/bin/sleep 1005
`

// users-want 2B 10
func TestUpdateRunsTheNewCommandAndLeavesTheSiblings(t *testing.T) {
	t.Parallel()
	d, c := start(t, beforeUpdate, nil)
	all := []string{"changed", "same", "removed", "pair:left", "pair:right"}
	pids := func() map[string]int {
		found := make(map[string]int)
		infos, err := c.Info(inTime(t), sirdar.All)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range infos {
			found[p.FullName()] = p.PID
		}
		return found
	}
	for _, name := range all {
		awaitState(t, d, c, name, sirdar.Running)
	}
	before := pids()

	text := strings.Replace(d.Read("supervisord.conf"), "sleep 1001", "sleep 2001", 1)
	text = strings.Replace(text, "[program:removed]\ncommand=/bin/sleep 1003\n", "[program:added]\ncommand=/bin/sleep 2003\n", 1)
	d.Write("supervisord.conf", text)

	mustPrint(t, d, 0, "added: available\nchanged: changed\nremoved: disappeared\n", "reread")
	for name, pid := range pids() {
		if pid != before[name] {
			t.Errorf("reread alone changed %s: pid %d, was %d", name, pid, before[name])
		}
	}
	if line := commandLine(before["changed"]); line != "/bin/sleep 1001" {
		t.Errorf("reread alone changed the command to %q", line)
	}

	mustPrint(t, d, 0, "removed: stopped\nremoved: removed process group\n"+
		"changed: stopped\nchanged: updated process group\n"+
		"added: added process group\n", "update")
	awaitState(t, d, c, "changed", sirdar.Running)
	awaitState(t, d, c, "added", sirdar.Running)
	after := pids()
	for name, command := range map[string]string{"changed": "/bin/sleep 2001", "added": "/bin/sleep 2003"} {
		if line := commandLine(after[name]); line != command {
			t.Errorf("%s runs %q after the update, want %q", name, line, command)
		}
	}
	for _, name := range []string{"same", "pair:left", "pair:right"} {
		if after[name] != before[name] {
			t.Errorf("the update changed %s: pid %d, was %d", name, after[name], before[name])
		}
	}
	if pid, is := after["removed"]; is || alive(before["removed"]) {
		t.Errorf("the removed program is still there (listed: %v, pid %d)", is, pid)
	}
	if alive(before["changed"]) {
		t.Errorf("the changed program's old process %d still runs", before["changed"])
	}
	mustPrint(t, d, 0, "", "update")
}

// mustPrint runs supervisorctl and compares what it prints.
func mustPrint(t *testing.T, d *running.Daemon, status int, want string, args ...string) {
	t.Helper()
	got, exit := d.CtlStatus(args...)
	if got != want || exit != status {
		t.Errorf("supervisorctl %s prints, with exit status %d,\n%s\nwant, with %d,\n%s", strings.Join(args, " "), exit, got, status, want)
	}
}

// users-want 2B 10
//
// core 203
func TestAddAndRemoveActOnGroups(t *testing.T) {
	t.Parallel()
	d, c := start(t, beforeUpdate, nil)
	before := awaitState(t, d, c, "same", sirdar.Running)

	mustPrint(t, d, 0, "ERROR: process group already active\n", "add", "same")
	mustPrint(t, d, 1, "ERROR: no such process/group: nosuch\n", "add", "nosuch")
	mustPrint(t, d, 1, "ERROR: process/group still running: same\n", "remove", "same")
	mustPrint(t, d, 1, "ERROR: no such process/group: nosuch\n", "remove", "nosuch")
	if now := info(t, c, "same"); now.PID != before.PID {
		t.Errorf("refused requests changed the pid to %d, was %d", now.PID, before.PID)
	}

	mustPrint(t, d, 0, "same: stopped\n", "stop", "same")
	mustPrint(t, d, 0, "same: removed process group\n", "remove", "same")
	if _, err := c.Info(inTime(t), sirdar.Select("same")); !isFault(err, sirdar.BadName) {
		t.Errorf("a removed group's process is still described (%v)", err)
	}
	mustPrint(t, d, 0, "same: added process group\n", "add", "same")
	after := awaitState(t, d, c, "same", sirdar.Running)
	if line := commandLine(after.PID); line != "/bin/sleep 1002" {
		t.Errorf("the group that was added again runs %q", line)
	}
}

// users-want 2B 7
func TestIncludeMatchesTheFilesThatPythonsGlobMatches(t *testing.T) {
	t.Parallel()
	names := []string{
		"a.conf", "a.conf.bak", "a.conf~", "b.conf.disabled", "bconf", ".hidden.conf", "[x].conf", "x.conf",
		"sub/one/c.conf", "sub/two/c.conf", "sub/.three/c.conf", "sub/d.conf", "q1.ini", "q22.ini", "r-a.inc", "r-c.inc",
	}
	files := make(running.Files)
	for i, name := range names {
		files["conf.d/"+name] = fmt.Sprintf("[program:p%02d]\ncommand=/bin/true\nautostart=false\n", i)
	}
	section := "[include]\nfiles="
	for _, pattern := range []string{
		"conf.d/*.conf", "conf.d/[[]x].conf", "conf.d/[x].conf", "conf.d/sub/*/c.conf", "conf.d/*/*.conf", "conf.d/*/*/*.conf",
		"conf.d/q?.ini", "conf.d/r-[a-b].inc", "conf.d/r-[!a].inc", "{dir}/conf.d/.*.conf", "conf.d/*f", "conf.d/*",
		"conf.d/nothing", "conf.d/nothing*", "conf.d/sub/**/c.conf", "conf.d", "conf.d/", "conf.d/*/",
	} {
		section += " " + pattern
	}
	ours := whatIsRead(t, running.How{}, section+"\n", files)
	theirs := whatIsRead(t, python(t), section+"\n", files)
	if len(theirs) < len(names) {
		t.Fatalf("Python's reads only %v", theirs)
	}
	if !slices.Equal(ours, theirs) {
		t.Errorf("included:\n%s\nPython's:\n%s", strings.Join(ours, "\n"), strings.Join(theirs, "\n"))
	}
}

// python runs Debian's supervisord, which is Python's.
func python(t *testing.T) running.How {
	t.Helper()
	return running.How{Binary: running.Need(t, "supervisor", "/usr/bin/supervisord")}
}

// whatIsRead tells which programs, and which files in which order, a daemon has
// read.
func whatIsRead(t *testing.T, how running.How, sections string, files running.Files) []string {
	t.Helper()
	d, c := startAs(t, how, sections, files)
	infos, err := c.Info(inTime(t), sirdar.All)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, p := range infos {
		found = append(found, p.FullName())
	}
	for _, line := range regexp.MustCompile(`(Included extra file|No file matches via include) ".*`).FindAllString(d.Log(), -1) {
		found = append(found, strings.ReplaceAll(line, d.Dir, "{dir}"))
	}
	return found
}
