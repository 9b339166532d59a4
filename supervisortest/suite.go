package supervisortest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sirdar-project/sirdar"
)

// Test runs the suite. For each of its tests open makes a Supervisor that has just
// started with the programs of [Config], and sees to its end.
func Test(t *testing.T, open func(t *testing.T) sirdar.Supervisor) {
	for _, test := range []struct {
		name string
		run  func(t *testing.T, s subject)
	}{
		{"it tells who it is", aboutItself},
		{"it lists processes by group and name", listsInOrder},
		{"a name that nobody has is BAD_NAME", badNames},
		{"a stopped process starts once", startsOnce},
		{"a running process stops once", stopsOnce},
		{"a command that does not exist is NO_FILE and changes nothing", lostCommand},
		{"a group starts and stops as a whole", wholeGroup},
		{"all processes stop but those that do not run", stopsAll},
		{"signals go to processes that run", signals},
		{"what a program writes can be read from anywhere", readsLogs},
		{"the end of a log can be polled", tailsLogs},
		{"a log that is not there is NO_FILE", missingLogs},
		{"a log can be emptied while it is written", clearsLogs},
		{"a log can be followed", followsLogs},
		{"standard input takes text for processes that run", sendsStdin},
		{"the main log can be read", mainLog},
		{"groups can be removed and added again", addsAndRemoves},
		{"configurations are listed by process name", configs},
		{"nothing is done any more while it shuts down", shutsDown},
	} {
		t.Run(test.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			t.Cleanup(cancel)
			test.run(t, subject{Supervisor: open(t), t: t, ctx: ctx})
		})
	}
}

// TestEvents is the part of the suite for Supervisors that have events.
func TestEvents(t *testing.T, open func(t *testing.T) sirdar.Supervisor) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	s := subject{Supervisor: open(t), t: t, ctx: ctx}
	s.must(s.SendEvent(ctx, "type", "data"))
	s.must(s.Shutdown(ctx))
	s.must(s.SendEvent(ctx, "type", "data")) // the mood does not matter
}

// A subject is a Supervisor under test.
type subject struct {
	sirdar.Supervisor
	t   *testing.T
	ctx context.Context
}

func (s subject) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatalf("unexpected error: %v", err)
	}
}

// fault expects an error to be a fault with exactly this text.
func (s subject) fault(err error, code sirdar.FaultCode, text string) {
	s.t.Helper()
	var fault *sirdar.Fault
	if !errors.As(err, &fault) || fault.Code != code || fault.Text != text {
		s.t.Errorf("got %v, want fault %d %q", err, code, text)
	}
}

// state returns the state of one process.
func (s subject) state(name string) sirdar.State {
	s.t.Helper()
	infos, err := s.Info(s.ctx, sirdar.Select(name))
	s.must(err)
	if len(infos) != 1 {
		s.t.Fatalf("%d infos of %s", len(infos), name)
	}
	return infos[0].State
}

func (s subject) expectState(name string, want sirdar.State) {
	s.t.Helper()
	if got := s.state(name); got != want {
		s.t.Errorf("%s is %s, want %s", name, got, want)
	}
}

// expectResults compares results without regard to their order.
func (s subject) expectResults(results []sirdar.Result, err error, want ...string) {
	s.t.Helper()
	s.must(err)
	got := make([]string, len(results))
	for i, r := range results {
		got[i] = sirdar.FullName(r.Group, r.Name) + " OK"
		if r.Fault != nil {
			got[i] = sirdar.FullName(r.Group, r.Name) + " " + r.Fault.Text
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		s.t.Errorf("results %q, want %q", got, want)
	}
}

func aboutItself(t *testing.T, s subject) {
	about, err := s.About(s.ctx)
	s.must(err)
	if about.Version != sirdar.CompatVersion || about.APIVersion != sirdar.APIVersion {
		t.Errorf("versions %q and %q", about.Version, about.APIVersion)
	}
	if about.Identifier == "" || about.PID <= 0 || about.Mood != sirdar.Up {
		t.Errorf("about %+v", about)
	}
}

func listsInOrder(t *testing.T, s subject) {
	infos, err := s.Info(s.ctx, sirdar.All)
	s.must(err)
	var names []string
	for i := range infos {
		names = append(names, infos[i].FullName())
	}
	want := []string{"echo", "lost", "never", "pair:one", "pair:two", "quiet", "stubborn"}
	if !slices.Equal(names, want) {
		t.Errorf("processes %q, want %q", names, want)
	}

	echo := infos[0]
	if echo.State != sirdar.Running || echo.PID <= 0 || echo.Start == 0 || echo.Stop != 0 || echo.Now < echo.Start {
		t.Errorf("echo runs, and is told as %+v", echo)
	}
	if !strings.HasPrefix(echo.Description, fmt.Sprintf("pid %d, uptime 0:0", echo.PID)) {
		t.Errorf("description %q", echo.Description)
	}
	if !strings.HasSuffix(echo.StdoutLogfile, "echo.out") || !strings.HasSuffix(echo.StderrLogfile, "echo.err") {
		t.Errorf("logs %q and %q", echo.StdoutLogfile, echo.StderrLogfile)
	}
	never := infos[2]
	if never.State != sirdar.Stopped || never.PID != 0 || never.Start != 0 || never.Description != "Not started" {
		t.Errorf("never was not started, and is told as %+v", never)
	}
	if quiet := infos[5]; quiet.StdoutLogfile != "" || quiet.StderrLogfile != "" {
		t.Errorf("logs %q and %q of a process without logs", quiet.StdoutLogfile, quiet.StderrLogfile)
	}

	pair, err := s.Info(s.ctx, sirdar.OfGroup("pair"))
	s.must(err)
	if len(pair) != 2 || pair[0].Name != "one" || pair[1].Name != "two" {
		t.Errorf("the group pair has %+v", pair)
	}
}

func badNames(t *testing.T, s subject) {
	for _, name := range []string{"nobody", "one", "pair", "pair:nobody", "echo:other"} {
		want := "BAD_NAME: " + name
		sel := sirdar.Select(name)
		_, err := s.Info(s.ctx, sel)
		s.fault(err, sirdar.BadName, want)
		_, err = s.Start(s.ctx, sel, true)
		s.fault(err, sirdar.BadName, want)
		_, err = s.Stop(s.ctx, sel, true)
		s.fault(err, sirdar.BadName, want)
		_, err = s.Signal(s.ctx, sel, "HUP")
		s.fault(err, sirdar.BadName, want)
		_, err = s.ReadLog(s.ctx, sel, sirdar.Stdout, 0, 0)
		s.fault(err, sirdar.BadName, want)
		_, err = s.TailLog(s.ctx, sel, sirdar.Stdout, 0, 0)
		s.fault(err, sirdar.BadName, want)
		_, err = s.ClearLogs(s.ctx, sel)
		s.fault(err, sirdar.BadName, want)
		s.fault(s.SendStdin(s.ctx, sel, "x"), sirdar.BadName, want)
	}
	for _, sel := range []sirdar.Selector{sirdar.OfGroup("nobody"), sirdar.Select("nobody:*"), sirdar.Select("nobody:")} {
		want := "BAD_NAME: " + sel.String()
		_, err := s.Start(s.ctx, sel, true)
		s.fault(err, sirdar.BadName, want)
		_, err = s.Stop(s.ctx, sel, true)
		s.fault(err, sirdar.BadName, want)
		_, err = s.Signal(s.ctx, sel, "HUP")
		s.fault(err, sirdar.BadName, want)
	}
	s.fault(s.AddGroup(s.ctx, "nobody"), sirdar.BadName, "BAD_NAME: nobody")
	s.fault(s.RemoveGroup(s.ctx, "nobody"), sirdar.BadName, "BAD_NAME: nobody")
}

func startsOnce(t *testing.T, s subject) {
	_, err := s.Start(s.ctx, sirdar.Select("never"), true)
	s.must(err)
	s.expectState("never", sirdar.Running)
	for _, wait := range []bool{true, false} {
		_, err = s.Start(s.ctx, sirdar.Select("never"), wait)
		s.fault(err, sirdar.AlreadyStarted, "ALREADY_STARTED: never")
	}
	_, err = s.Start(s.ctx, sirdar.Select("pair:one"), true)
	s.fault(err, sirdar.AlreadyStarted, "ALREADY_STARTED: pair:one")
}

func stopsOnce(t *testing.T, s subject) {
	_, err := s.Stop(s.ctx, sirdar.Select("echo"), true)
	s.must(err)
	infos, err := s.Info(s.ctx, sirdar.Select("echo"))
	s.must(err)
	if i := infos[0]; i.State != sirdar.Stopped || i.PID != 0 || i.ExitStatus != -1 || i.Stop == 0 {
		t.Errorf("a process stopped by a signal is told as %+v", i)
	}
	_, err = s.Stop(s.ctx, sirdar.Select("echo"), true)
	s.fault(err, sirdar.NotRunning, "NOT_RUNNING: echo")

	_, err = s.Stop(s.ctx, sirdar.Select("stubborn"), false)
	s.must(err)
	s.expectState("stubborn", sirdar.Stopping)
	_, err = s.Stop(s.ctx, sirdar.Select("stubborn"), true)
	s.fault(err, sirdar.NotRunning, "NOT_RUNNING: stubborn")
}

func lostCommand(t *testing.T, s subject) {
	const text = "NO_FILE: can't find command '/nonexistent/prog'"
	_, err := s.Start(s.ctx, sirdar.Select("lost"), true)
	s.fault(err, sirdar.NoFile, text)
	infos, err := s.Info(s.ctx, sirdar.Select("lost"))
	s.must(err)
	if i := infos[0]; i.State != sirdar.Stopped || i.SpawnErr != "" || i.Start != 0 {
		t.Errorf("nothing was tried, and it is told as %+v", i)
	}
	results, err := s.Start(s.ctx, sirdar.Select("lost:*"), true)
	s.expectResults(results, err, "lost "+text)
}

func wholeGroup(t *testing.T, s subject) {
	results, err := s.Start(s.ctx, sirdar.OfGroup("pair"), true)
	s.expectResults(results, err)
	results, err = s.Stop(s.ctx, sirdar.OfGroup("pair"), true)
	s.expectResults(results, err, "pair:one OK", "pair:two OK")
	results, err = s.Stop(s.ctx, sirdar.Select("pair:*"), true)
	s.expectResults(results, err)
	_, err = s.Start(s.ctx, sirdar.Select("pair:two"), true)
	s.must(err)
	results, err = s.Start(s.ctx, sirdar.Select("pair:*"), true)
	s.expectResults(results, err, "pair:one OK")
	s.expectState("pair:one", sirdar.Running)
}

func stopsAll(t *testing.T, s subject) {
	results, err := s.Stop(s.ctx, sirdar.All, false)
	s.expectResults(results, err, "echo OK", "quiet OK", "pair:one OK", "pair:two OK", "stubborn OK")
}

func signals(t *testing.T, s subject) {
	for _, signal := range []string{"CONT", "SIGCONT", "cont", " cont ", "18", "0"} {
		_, err := s.Signal(s.ctx, sirdar.Select("echo"), signal)
		s.must(err)
	}
	for _, signal := range []string{"NOPE", "-1", "9999", "RTMIN+1"} {
		_, err := s.Signal(s.ctx, sirdar.Select("never"), signal)
		s.fault(err, sirdar.BadSignal, "BAD_SIGNAL: "+signal)
	}
	_, err := s.Signal(s.ctx, sirdar.Select("never"), "CONT")
	s.fault(err, sirdar.NotRunning, "NOT_RUNNING: never")
	results, err := s.Signal(s.ctx, sirdar.Select("pair:*"), "NOPE")
	s.expectResults(results, err, "pair:one BAD_SIGNAL: NOPE", "pair:two BAD_SIGNAL: NOPE")
	results, err = s.Signal(s.ctx, sirdar.All, "CONT")
	s.expectResults(results, err, "echo OK", "quiet OK", "pair:one OK", "pair:two OK", "stubborn OK")
}

const digits = "0123456789\n"

// write makes echo write a text, and waits until it stands at the end of its log.
func (s subject) write(text string) {
	s.t.Helper()
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	s.must(s.SendStdin(s.ctx, sirdar.Select("echo"), text))
	end := []byte(text[max(0, len(text)-1024):]) // what was written before is shown only so far back
	var got []byte
	err := s.FollowLog(ctx, sirdar.Select("echo"), sirdar.Stdout, func(piece []byte) error {
		if got = append(got, piece...); bytes.HasSuffix(got, end) {
			cancel()
		}
		return nil
	})
	if !bytes.HasSuffix(got, end) {
		s.t.Fatalf("followed %q until %v", got, err)
	}
}

func readsLogs(t *testing.T, s subject) {
	s.write(digits)
	for _, c := range []struct {
		offset, length int64
		want           string
	}{
		{0, 0, digits}, {3, 4, "3456"}, {3, 0, "3456789\n"}, {-4, 0, "789\n"}, {-100, 0, digits}, {50, 5, ""}, {11, 0, ""}, {0, 100, digits},
	} {
		got, err := s.ReadLog(s.ctx, sirdar.Select("echo"), sirdar.Stdout, c.offset, c.length)
		if err != nil || string(got) != c.want {
			t.Errorf("from %d, %d bytes: %q, %v, want %q", c.offset, c.length, got, err, c.want)
		}
	}
	for _, c := range [][2]int64{{-4, 1}, {0, -1}, {-4, -1}} {
		_, err := s.ReadLog(s.ctx, sirdar.Select("echo"), sirdar.Stdout, c[0], c[1])
		s.fault(err, sirdar.BadArguments, "BAD_ARGUMENTS")
	}
	got, err := s.ReadLog(s.ctx, sirdar.Select("echo"), sirdar.Stderr, 0, 0)
	if err != nil || len(got) > 0 {
		t.Errorf("the empty log reads %q, %v", got, err)
	}
}

func tailsLogs(t *testing.T, s subject) {
	s.write(digits)
	for _, c := range []struct {
		offset, length int64
		want           string
		overflow       bool
	}{
		{0, 0, "", true}, {0, 5, "6789\n", true}, {0, 100, digits, false}, {8, 4, "789\n", false}, {11, 4, "", false}, {50, 5, "", false},
	} {
		got, err := s.TailLog(s.ctx, sirdar.Select("echo"), sirdar.Stdout, c.offset, c.length)
		s.must(err)
		if string(got.Bytes) != c.want || got.Offset != int64(len(digits)) || got.Overflow != c.overflow {
			t.Errorf("from %d, %d bytes: %q, %d, %v", c.offset, c.length, got.Bytes, got.Offset, got.Overflow)
		}
	}
	got, err := s.TailLog(s.ctx, sirdar.Select("quiet"), sirdar.Stdout, 0, 10)
	if err != nil || len(got.Bytes) > 0 || got.Offset != 0 || got.Overflow {
		t.Errorf("the tail of no log is %+v, %v", got, err)
	}
}

func missingLogs(t *testing.T, s subject) {
	_, err := s.ReadLog(s.ctx, sirdar.Select("quiet"), sirdar.Stdout, 0, 0)
	s.fault(err, sirdar.NoFile, "NO_FILE")
	infos, err := s.Info(s.ctx, sirdar.Select("never"))
	s.must(err)
	_, err = s.ReadLog(s.ctx, sirdar.Select("never"), sirdar.Stdout, 0, 0)
	s.fault(err, sirdar.NoFile, "NO_FILE: "+infos[0].StdoutLogfile)

	for _, name := range []string{"quiet", "never"} {
		err := s.FollowLog(s.ctx, sirdar.Select(name), sirdar.Stdout, func(piece []byte) error {
			return fmt.Errorf("emitted %q", piece)
		})
		if !errors.Is(err, &sirdar.Fault{Code: sirdar.NoFile}) {
			t.Errorf("following the log of %s: %v", name, err)
		}
	}
}

func clearsLogs(t *testing.T, s subject) {
	s.write(digits)
	_, err := s.ClearLogs(s.ctx, sirdar.Select("echo"))
	s.must(err)
	got, err := s.ReadLog(s.ctx, sirdar.Select("echo"), sirdar.Stdout, 0, 0)
	if err != nil || len(got) > 0 {
		t.Errorf("after clearing the log reads %q, %v", got, err)
	}
	s.write("again\n")
	results, err := s.ClearLogs(s.ctx, sirdar.All)
	s.expectResults(results, err, "echo OK", "lost OK", "never OK", "pair:one OK", "pair:two OK", "quiet OK", "stubborn OK")
	got, err = s.ReadLog(s.ctx, sirdar.Select("echo"), sirdar.Stdout, 0, 0)
	if err != nil || len(got) > 0 {
		t.Errorf("after clearing all logs the log reads %q, %v", got, err)
	}
}

func followsLogs(t *testing.T, s subject) {
	stop := errors.New("enough")
	// A log that is empty is told of at once.
	err := s.FollowLog(s.ctx, sirdar.Select("echo"), sirdar.Stderr, func(piece []byte) error {
		if len(piece) > 0 {
			t.Errorf("an empty log begins with %q", piece)
		}
		return stop
	})
	if !errors.Is(err, stop) {
		t.Errorf("the error of emit comes back as %v", err)
	}

	long := strings.Repeat("x", 2000) + "\n"
	s.write(long)
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	var got []byte
	wrote := false
	err = s.FollowLog(ctx, sirdar.Select("echo"), sirdar.Stdout, func(piece []byte) error {
		got = append(got, piece...)
		if len(got) >= 1024 && !wrote {
			wrote = true
			if string(got) != long[len(long)-1024:] {
				t.Errorf("it begins with %d bytes, not with the last 1024", len(got))
			}
			return s.SendStdin(ctx, sirdar.Select("echo"), "more\n")
		}
		if bytes.HasSuffix(got, []byte("more\n")) {
			cancel()
		}
		return nil
	})
	if string(got) != long[len(long)-1024:]+"more\n" {
		t.Errorf("followed %d bytes, ending in %q, until %v", len(got), got[max(0, len(got)-10):], err)
	}
}

func sendsStdin(t *testing.T, s subject) {
	s.write("Grüße, \u20ac\n")
	s.fault(s.SendStdin(s.ctx, sirdar.Select("never"), "x"), sirdar.NotRunning, "NOT_RUNNING: never")
}

func mainLog(t *testing.T, s subject) {
	all, err := s.ReadMainLog(s.ctx, 0, 0)
	s.must(err)
	end, err := s.ReadMainLog(s.ctx, -10, 0)
	s.must(err)
	if len(all) == 0 || len(end) != 10 {
		t.Errorf("the main log reads %q, its end %q", all, end)
	}
	_, err = s.ReadMainLog(s.ctx, -10, 5)
	s.fault(err, sirdar.BadArguments, "BAD_ARGUMENTS")

	stop := errors.New("enough")
	if err := s.FollowMainLog(s.ctx, func([]byte) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("following it ends with %v", err)
	}
	s.must(s.ClearMainLog(s.ctx))
	rest, err := s.ReadMainLog(s.ctx, 0, 0)
	s.must(err)
	if bytes.HasPrefix(rest, all) {
		t.Errorf("after clearing it still reads %q", rest)
	}
}

func addsAndRemoves(t *testing.T, s subject) {
	changes, err := s.Reread(s.ctx)
	s.must(err)
	if len(changes.Added)+len(changes.Changed)+len(changes.Removed) > 0 {
		t.Errorf("nothing has changed, but %+v", changes)
	}
	s.fault(s.AddGroup(s.ctx, "pair"), sirdar.AlreadyAdded, "ALREADY_ADDED: pair")
	s.fault(s.RemoveGroup(s.ctx, "pair"), sirdar.StillRunning, "STILL_RUNNING: pair")

	_, err = s.Stop(s.ctx, sirdar.OfGroup("pair"), true)
	s.must(err)
	s.must(s.RemoveGroup(s.ctx, "pair"))
	_, err = s.Info(s.ctx, sirdar.Select("pair:one"))
	s.fault(err, sirdar.BadName, "BAD_NAME: pair:one")
	changes, err = s.Reread(s.ctx)
	s.must(err)
	if !slices.Equal(changes.Added, []string{"pair"}) {
		t.Errorf("pair can be added, but %+v", changes)
	}
	s.must(s.AddGroup(s.ctx, "pair"))
	if got := s.state("pair:one"); !got.IsRunning() && got != sirdar.Stopped {
		t.Errorf("the added process is %s", got)
	}
}

func configs(t *testing.T, s subject) {
	configs, err := s.Configs(s.ctx)
	s.must(err)
	var names []string
	for _, c := range configs {
		names = append(names, c.Name)
	}
	want := []string{"echo", "lost", "never", "one", "quiet", "stubborn", "two"}
	if !slices.Equal(names, want) {
		t.Fatalf("configurations %q, want %q", names, want)
	}
	echo, never, one, quiet, stubborn := configs[0], configs[2], configs[3], configs[4], configs[5]
	if !echo.Autostart || never.Autostart || !echo.InUse || echo.Command != "/bin/cat" || echo.Priority != 999 {
		t.Errorf("echo %+v, never %+v", echo, never)
	}
	if echo.Autorestart != "unexpected" || !slices.Equal(echo.ExitCodes, []int{0}) || echo.StopSignal != 15 || echo.StartRetries != 3 {
		t.Errorf("defaults of echo are told as %+v", echo)
	}
	if echo.Directory != "none" || echo.UID != -1 || echo.Stdout.LogfileMaxBytes != 50<<20 || echo.Stdout.LogfileBackups != 10 {
		t.Errorf("defaults of echo are told as %+v", echo)
	}
	if one.Group != "pair" || one.GroupPriority != 999 || quiet.Stdout.Logfile != "none" {
		t.Errorf("one %+v, quiet %+v", one, quiet)
	}
	if stubborn.StopWaitSecs != 3600 || !stubborn.KillAsGroup {
		t.Errorf("stubborn %+v", stubborn)
	}
}

func shutsDown(t *testing.T, s subject) {
	s.write(digits)
	s.must(s.Shutdown(s.ctx))
	const text = "SHUTDOWN_STATE"
	_, err := s.About(s.ctx)
	s.fault(err, sirdar.ShutdownState, text)
	_, err = s.Info(s.ctx, sirdar.All)
	s.fault(err, sirdar.ShutdownState, text)
	_, err = s.Info(s.ctx, sirdar.Select("nobody"))
	s.fault(err, sirdar.ShutdownState, text)
	_, err = s.Start(s.ctx, sirdar.Select("never"), true)
	s.fault(err, sirdar.ShutdownState, text)
	_, err = s.Stop(s.ctx, sirdar.All, true)
	s.fault(err, sirdar.ShutdownState, text)
	_, err = s.ReadMainLog(s.ctx, 0, 0)
	s.fault(err, sirdar.ShutdownState, text)
	_, err = s.Reread(s.ctx)
	s.fault(err, sirdar.ShutdownState, text)
	s.fault(s.Restart(s.ctx), sirdar.ShutdownState, text)

	stop := errors.New("enough")
	err = s.FollowLog(s.ctx, sirdar.Select("echo"), sirdar.Stdout, func(piece []byte) error {
		if len(piece) == 0 {
			return nil
		}
		return stop
	})
	if !errors.Is(err, stop) {
		t.Errorf("logs can still be followed, but: %v", err)
	}
}
