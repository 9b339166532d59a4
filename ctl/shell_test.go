package ctl

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/api"
	"github.com/sirdar-project/sirdar/config"
)

func TestThePromptShowsTheStatusFirstAndEndsWithTheInput(t *testing.T) {
	st := &stage{node: newFake(), stdin: "\nversion\nnonsense\nfg idle\npid cat"}
	got := st.run(t)
	want := statusOfAll + "supervisor> supervisor> 4.4.0\nsupervisor> *** Unknown syntax: nonsense\n" +
		"supervisor> ERROR: process not running\nsupervisor> 101\nsupervisor> \n"
	if got.out != want || got.err != "" || got.exit != 0 {
		t.Errorf("exit status %d, printed %q and %q, want\n%q", got.exit, got.out, got.err, want)
	}
}

func TestThePromptIsTheConfiguredOne(t *testing.T) {
	st := &stage{node: newFake(), settings: config.Ctl{ServerURL: "unix:///s", Prompt: "web 1"}, stdin: "exit\nversion\n"}
	if got := st.run(t); got.out != statusOfAll+"web 1> \n" {
		t.Errorf("printed %q", got.out)
	}
}

func TestErrorsDoNotEndThePromptNorShowInItsExitStatus(t *testing.T) {
	node := newFake()
	node.errs["about"] = noSocket()
	st := &stage{node: node, stdin: "start x\nquit\n"}
	got := st.run(t, "-s", "unix:///gone")
	if want := "unix:///gone no such file\nsupervisor> unix:///gone no such file\nsupervisor> \n"; got.out != want || got.exit != 0 {
		t.Errorf("exit status %d, printed %q, want %q", got.exit, got.out, want)
	}
}

func TestShutdownAndReloadAskWhenSomebodyIsThere(t *testing.T) {
	const shutdown, reload = "Really shut the remote supervisord process down y/N? ", "Really restart the remote supervisord process y/N? "
	tests := []struct {
		line, answer string
		want         string
		calls        string
		exit         int
	}{
		{"shutdown", "y\n", shutdown + "Shut down\n", "shutdown", 0},
		{"shutdown", "Yes, please\n", shutdown + "Shut down\n", "shutdown", 0},
		{"shutdown", "no\n", shutdown, "", 0},
		{"shutdown", "\n", shutdown, "", 0},
		{"shutdown", " y\n", shutdown, "", 0},
		{"reload", "y\n", reload + "Restarted supervisord\n", "restart", 0},
		{"reload", "n\n", reload, "", 0},
		{"reload", "", reload + "error: no answer: the input has ended\n", "", 1},
	}
	for _, test := range tests {
		t.Run(test.line+" "+test.answer, func(t *testing.T) {
			node := newFake()
			st := &stage{node: node, stdin: test.answer}
			got := st.run(t, "-i", test.line)
			if got.out != test.want || got.exit != test.exit {
				t.Errorf("exit status %d, printed %q, want %d, %q", got.exit, got.out, test.exit, test.want)
			}
			if calls := strings.Join(node.calls, ", "); calls != test.calls {
				t.Errorf("asked %q, want %q", calls, test.calls)
			}
		})
	}
}

func TestAnActionWithTheInteractiveFlagOpensNoPrompt(t *testing.T) {
	st := &stage{node: newFake(), stdin: "version\n"}
	if got := st.run(t, "-i", "version"); got.out != "4.4.0\n" || got.exit != 0 {
		t.Errorf("exit status %d, printed %q", got.exit, got.out)
	}
}

// A locked node is a daemon that wants a password.
type locked struct {
	*fake
	open bool
}

func (l *locked) About(ctx context.Context) (sirdar.About, error) {
	if !l.open {
		return sirdar.About{}, &api.StatusError{Code: 401}
	}
	return l.fake.About(ctx)
}

func TestAPasswordIsAskedForUntilItIsAccepted(t *testing.T) {
	node := &locked{fake: newFake()}
	st := &stage{node: node, stdin: "me\nwrong\nme\nright\n"}
	attempts := 0
	p := program{
		dial: func(_, username, password string) (sirdar.Supervisor, error) {
			attempts++
			node.open = username == "me" && password == "right"
			return node, nil
		},
		find:          func(string) string { return "" },
		load:          func(string) (*config.Ctl, error) { return defaults(), nil },
		interruptible: context.WithCancel,
	}
	var out, errOut strings.Builder
	exit := p.run(t.Context(), []string{"supervisorctl", "-i", "version"}, strings.NewReader(st.stdin), &out, &errOut)

	want := "Server requires authentication\nUsername:\nServer requires authentication\nUsername:\n4.4.0\n"
	if out.String() != want || exit != 0 || attempts != 3 {
		t.Errorf("exit status %d after %d attempts, printed %q, want %q", exit, attempts, out.String(), want)
	}
	if asked := strings.Count(errOut.String(), "Password:"); asked != 2 {
		t.Errorf("asked for a password %d times, want 2: %q", asked, errOut.String())
	}
}

// endless is an input on which nothing comes until the test ends.
type endless struct{ done <-chan struct{} }

func (e endless) Read([]byte) (int, error) {
	<-e.done
	return 0, io.EOF
}

// An interrupter presses Ctrl-C while something is under way.
type interrupter struct {
	lock    sync.Mutex
	cancels []context.CancelFunc
}

func (i *interrupter) watch(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	i.lock.Lock()
	defer i.lock.Unlock()
	i.cancels = append(i.cancels, cancel)
	return ctx, cancel
}

// press cancels what was begun last.
func (i *interrupter) press() {
	i.lock.Lock()
	defer i.lock.Unlock()
	i.cancels[len(i.cancels)-1]()
}

func TestCtrlCAtThePromptEndsItQuietly(t *testing.T) {
	begun := 0
	p := program{
		dial: func(string, string, string) (sirdar.Supervisor, error) { return newFake(), nil },
		find: func(string) string { return "" },
		load: func(string) (*config.Ctl, error) { return defaults(), nil },
		interruptible: func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			if begun++; begun == 2 { // the first is status, the second the prompt
				cancel()
			}
			return ctx, cancel
		},
	}
	var out strings.Builder
	exit := p.run(t.Context(), []string{"supervisorctl"}, endless{t.Context().Done()}, &out, io.Discard)
	if want := statusOfAll + "supervisor> \n"; out.String() != want || exit != 0 {
		t.Errorf("exit status %d, printed %q", exit, out.String())
	}
}

func TestCtrlCEndsAFollowedLogAndLeavesThePrompt(t *testing.T) {
	for _, line := range []string{"tail -f cat stderr", "maintail -f"} {
		node := newFake()
		node.log = "so far\n"
		ctrlC := &interrupter{}
		node.following = func(context.Context) { ctrlC.press() }
		st := &stage{node: node, stdin: line + "\nversion\n", ctrlC: ctrlC.watch}
		got := st.run(t)
		want := "supervisor> ==> Press Ctrl-C to exit <==\nso far\n\nsupervisor> 4.4.0\nsupervisor> \n"
		if !strings.HasSuffix(got.out, want) || got.err != "" || got.exit != 0 {
			t.Errorf("%s: exit status %d, printed %q and %q", line, got.exit, got.out, got.err)
		}
	}
}

func TestALogThatCannotBeFollowedIsToldOnStandardErrorOnly(t *testing.T) {
	const url = "http://localhost:9001"
	tests := []struct {
		line, call string
		err        error
		want       string
	}{
		{"tail -f nope", "follow nope stdout", fault(sirdar.BadName, "nope"), url + "/logtail/nope/stdout Cannot read, status code 404\n"},
		{"tail -f g:x stderr", "follow g:x stderr", fault(sirdar.NoFile, ""), url + "/logtail/g:x/stderr Cannot read, status code 404\n"},
		{"tail -f x", "follow x stdout", &api.StatusError{Code: 500}, url + "/logtail/x/stdout Cannot read, status code 500\n"},
		{"tail -f x", "follow x stdout", errors.New("no route"), url + "/logtail/x/stdout Cannot connect, error: no route\n"},
		{"tail -f x", "follow x stdout", io.ErrUnexpectedEOF, ""},
		{"maintail -f", "follow main", fault(sirdar.NoFile, ""), url + "/mainlogtail Cannot read, status code 404\n"},
	}
	for _, test := range tests {
		node := newFake()
		node.errs[test.call] = test.err
		got := (&stage{node: node}).run(t, test.line)
		if got.err != test.want || got.out != "==> Press Ctrl-C to exit <==\n" || got.exit != 0 {
			t.Errorf("%s: exit status %d, printed %q and %q", test.line, got.exit, got.out, got.err)
		}
	}
}

func TestForegroundPassesLinesOnAndShowsBothOutputs(t *testing.T) {
	node := newFake()
	node.log = ""
	got := (&stage{node: node, stdin: "one\n\ntwo"}).run(t, "fg", "grp:a")
	if want := "==> Press Ctrl-C to exit <==\nExiting foreground\n"; got.out != want || got.err != "" || got.exit != 0 {
		t.Errorf("exit status %d, printed %q and %q", got.exit, got.out, got.err)
	}
	want := []string{"about", "info grp:a", `stdin grp:a "one\n"`, "info grp:a", `stdin grp:a "\n"`, "info grp:a", `stdin grp:a "two\n"`, "info grp:a"}
	if !slices.Equal(node.calls, want) {
		t.Errorf("asked %q", node.calls)
	}
}

func TestForegroundEndsWhenTheProcessDoes(t *testing.T) {
	tests := []struct {
		name string
		err  error
		want string
	}{
		{"killed", fault(sirdar.NotRunning, "cat"), "Process got killed\nExiting foreground\n"},
		{"no stdin", fault(sirdar.NoFile, "cat"), "ERROR: NO_FILE: cat\nExiting foreground\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			node := newFake()
			node.errs[`stdin cat "x\n"`] = test.err
			got := (&stage{node: node, stdin: "x\ny\n"}).run(t, "fg cat")
			if want := "==> Press Ctrl-C to exit <==\n" + test.want; got.out != want || got.exit != 0 {
				t.Errorf("exit status %d, printed %q", got.exit, got.out)
			}
		})
	}
}

// A dying node's process leaves RUNNING after the first look.
type dying struct {
	*fake
	looks int
}

func (d *dying) Info(ctx context.Context, sel sirdar.Selector) ([]sirdar.ProcessInfo, error) {
	rows, err := d.fake.Info(ctx, sel)
	if d.looks++; d.looks > 1 {
		rows[0].State = sirdar.Exited
	}
	return rows, err
}

func TestForegroundNoticesADeathWithTheNextLine(t *testing.T) {
	got := (&stage{node: &dying{fake: newFake()}, stdin: "x\ny\n"}).run(t, "fg cat")
	if want := "==> Press Ctrl-C to exit <==\nProcess got killed\nExiting foreground\n"; got.out != want || got.exit != 0 {
		t.Errorf("exit status %d, printed %q", got.exit, got.out)
	}
}

func TestForegroundSaysWhichOutputCannotBeShown(t *testing.T) {
	node := newFake()
	node.errs["follow cat stderr"] = fault(sirdar.NoFile, "")
	reading, write := io.Pipe()
	p := program{
		dial:          func(string, string, string) (sirdar.Supervisor, error) { return node, nil },
		find:          func(string) string { return "" },
		load:          func(string) (*config.Ctl, error) { return defaults(), nil },
		interruptible: context.WithCancel,
	}
	told := make(chan string, 1)
	exits := make(chan int)
	go func() {
		exits <- p.run(t.Context(), []string{"supervisorctl", "fg", "cat"}, reading, io.Discard, tellTo(told))
	}()
	if got, want := <-told, "http://localhost:9001/logtail/cat/stderr Cannot read, status code 404\n"; got != want {
		t.Errorf("told %q, want %q", got, want)
	}
	write.Close()
	if exit := <-exits; exit != 0 {
		t.Errorf("exit status %d", exit)
	}
}

// tellTo is a writer that passes on what is written.
type tellTo chan<- string

func (c tellTo) Write(text []byte) (int, error) {
	c <- string(text)
	return len(text), nil
}

func TestCtrlCEndsTheForeground(t *testing.T) {
	node := newFake()
	ctrlC := &interrupter{}
	var once sync.Once
	node.following = func(context.Context) { once.Do(ctrlC.press) }
	p := program{
		dial:          func(string, string, string) (sirdar.Supervisor, error) { return node, nil },
		find:          func(string) string { return "" },
		load:          func(string) (*config.Ctl, error) { return defaults(), nil },
		interruptible: ctrlC.watch,
	}
	var out strings.Builder
	exit := p.run(t.Context(), []string{"supervisorctl", "fg", "cat"}, endless{t.Context().Done()}, &out, io.Discard)
	if want := "==> Press Ctrl-C to exit <==\n\nExiting foreground\n"; out.String() != want || exit != 0 {
		t.Errorf("exit status %d, printed %q", exit, out.String())
	}
}

func TestCompletionOffersWhatACommandTakes(t *testing.T) {
	s := &session{
		dial:     func(string, string, string) (sirdar.Supervisor, error) { return newFake(), nil },
		settings: defaults(),
	}
	tests := []struct{ line, want string }{
		{"s", "shutdown |signal |start |status |stop "},
		{"hel", "help "},
		{"help re", "reload |remove |reread |restart "},
		{"start ", "cat |gone |grp:a |grp:* |grp:b |idle |sick "},
		{"start grp", "grp:a |grp:* |grp:b "},
		{"start cat:", "cat:cat |cat:* "},
		{"stop cat gr", "grp:a |grp:* |grp:b "},
		{"add g", "gone |grp "},
		{"version ", ""},
		{"open ", ""},
		{"nonsense x", ""},
		{"EO", ""},
	}
	for _, test := range tests {
		if got := strings.Join(s.complete(test.line), "|"); got != test.want {
			t.Errorf("%q offers %q, want %q", test.line, got, test.want)
		}
	}
	if got := len(s.complete("")); got != len(commandNames()) {
		t.Errorf("an empty line offers %d words", got)
	}
}

func TestCompletionAsksTheDaemonOnceBetweenCommands(t *testing.T) {
	node := newFake()
	s := &session{
		dial:          func(string, string, string) (sirdar.Supervisor, error) { return node, nil },
		interruptible: context.WithCancel,
		settings:      defaults(),
		out:           io.Discard,
	}
	s.complete("start ")
	s.complete("stop c")
	if len(node.calls) != 1 {
		t.Errorf("asked %q", node.calls)
	}
	s.do(t.Context(), "help")
	s.complete("start ")
	if len(node.calls) != 2 {
		t.Errorf("after a command asked %q", node.calls)
	}
}

func TestCompletionKeepsWhatStandsRoundTheWord(t *testing.T) {
	s := &session{settings: defaults(), dial: func(string, string, string) (sirdar.Supervisor, error) { return newFake(), nil }}
	head, words, tail := s.completeAt("start ca grp:a", len("start ca"))
	if head != "start " || len(words) != 1 || words[0] != "cat " || tail != " grp:a" {
		t.Errorf("%q %q %q", head, words, tail)
	}
}
