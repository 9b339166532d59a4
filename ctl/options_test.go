package ctl

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/sirdar-project/sirdar/config"
)

func TestWrongOptionsAreExplainedAndExitWithTwo(t *testing.T) {
	tests := []struct{ args, want string }{
		{"-z", "option -z not recognized"},
		{"--foo", "option --foo not recognized"},
		{"-c", "option -c requires argument"},
		{"-is", "option -s requires argument"},
		{"--serverurl", "option --serverurl requires argument"},
		{"--interactive=1", "option --interactive must not have an argument"},
		{"--h", "option --h not a unique prefix"},
		{"-i -i", "conflicting command line option '-i'"},
		{"-i --inter", "conflicting command line option '--interactive'"},
		{"-u a --username=b", "conflicting command line option '--username'"},
		{"-r a --history-file=b", "conflicting command line option '--history-file'"},
		{"-s foo", "invalid value for -s 'foo': value 'foo' is not a URL"},
		{"--server http:", "invalid value for --serverurl 'http:': value 'http:' is not a URL"},
		{"-h -z", "option -z not recognized"},
		{"-i -i -h", "conflicting command line option '-i'"},
	}
	for _, test := range tests {
		t.Run(test.args, func(t *testing.T) {
			got := (&stage{}).run(t, strings.Fields(test.args)...)
			want := "Error: " + test.want + "\nFor help, use supervisorctl -h\n"
			if got.err != want || got.out != "" || got.exit != 2 {
				t.Errorf("exit status %d, printed %q and %q; want %q on standard error", got.exit, got.out, got.err, want)
			}
		})
	}
}

func TestOptionsAreReadAsGetoptReadsThem(t *testing.T) {
	tests := []struct {
		args   []string
		values string // long=value, sorted
		action []string
	}{
		{nil, "", nil},
		{[]string{"status", "-c", "x"}, "", []string{"status", "-c", "x"}},
		{[]string{"-cfile", "status"}, "configuration=file", []string{"status"}},
		{[]string{"-ic", "file", "status"}, "configuration=file interactive=", []string{"status"}},
		{[]string{"--conf=a=b"}, "configuration=a=b", nil},
		{[]string{"--user", "me", "--pass", ""}, "password= username=me", nil},
		{[]string{"--history", "f"}, "history_file=f", nil},
		{[]string{"-s", "unix:///tmp/x", "--", "-c"}, "serverurl=unix:///tmp/x", []string{"-c"}},
		{[]string{"-"}, "", []string{"-"}},
	}
	for _, test := range tests {
		t.Run(strings.Join(test.args, " "), func(t *testing.T) {
			o, err := parseOptions(test.args)
			if err != nil {
				t.Fatal(err)
			}
			var values []string
			for name, value := range o.values {
				values = append(values, name+"="+value)
			}
			slices.Sort(values)
			if got := strings.Join(values, " "); got != test.values {
				t.Errorf("options %q, want %q", got, test.values)
			}
			if !slices.Equal(o.action, test.action) {
				t.Errorf("action %q, want %q", o.action, test.action)
			}
		})
	}
}

func TestUsageNamesEveryOption(t *testing.T) {
	for _, flag := range []string{"-h", "-?", "--help", "--he"} {
		got := (&stage{}).run(t, flag, "-i", "-i")
		if got.exit != 0 || got.err != "" {
			t.Fatalf("%s: exit status %d, %q", flag, got.exit, got.err)
		}
		for _, o := range optionTable {
			if !strings.Contains(got.out, "--"+o.Long) || !strings.Contains(got.out, o.Doc) {
				t.Errorf("%s does not tell of --%s", flag, o.Long)
			}
		}
	}
}

func TestTheCommandLineBeatsTheFileWhichBeatsTheDefaults(t *testing.T) {
	tests := []struct {
		name     string
		settings config.Ctl
		args     []string
		want     string
	}{
		{"defaults", config.Ctl{}, nil, "http://localhost:9001"},
		{"file", config.Ctl{ServerURL: "unix:///s", Username: "u", Password: "p"}, nil, "unix:///s u p"},
		{"command line", config.Ctl{ServerURL: "unix:///s", Username: "u", Password: "p"},
			[]string{"-s", "http://h", "-u", "me", "-p", "secret"}, "http://h me secret"},
		{"empty file name is no file", config.Ctl{ServerURL: "unix:///s"}, []string{"-c", ""}, "http://localhost:9001"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			st := &stage{node: newFake(), settings: test.settings}
			st.run(t, append(test.args, "pid")...)
			if got := strings.Join(st.dialled, ", "); got != test.want {
				t.Errorf("dialled %q, want %q", got, test.want)
			}
		})
	}
}

func TestNobodyIsDialledForWhatNeedsNobody(t *testing.T) {
	for _, line := range []string{"help", "help status", "exit", "nonsense", "open ftp://x", "shutdown now", ""} {
		st := &stage{node: newFake()}
		if st.run(t, line); len(st.dialled) > 0 {
			t.Errorf("%q dialled %q", line, st.dialled)
		}
	}
}

func TestAnAddressThatNobodySpeaksIsAnErrorOfTheCommand(t *testing.T) {
	st := &stage{dialErr: errors.New("Unknown protocol for serverurl ftp://x")}
	got := st.run(t, "-s", "ftp://x", "status")
	if got.out != "error: Unknown protocol for serverurl ftp://x\n" || got.exit != 1 || got.err != "" {
		t.Errorf("exit status %d, printed %q and %q", got.exit, got.out, got.err)
	}
}

func TestAFileThatIsNoConfigurationIsDistinguishedByTheExitStatus(t *testing.T) {
	for _, test := range []struct {
		wrong *config.Error
		exit  int
	}{
		{&config.Error{Text: "could not find config file x"}, 2},
		{&config.Error{Text: "no section headers", Syntax: true}, 1},
	} {
		st := &stage{loadErr: test.wrong}
		got := st.run(t, "-c", "x", "status")
		if want := "Error: " + test.wrong.Text + "\nFor help, use supervisorctl -h\n"; got.err != want || got.exit != test.exit || got.out != "" {
			t.Errorf("exit status %d, printed %q and %q", got.exit, got.out, got.err)
		}
	}
}
