package config

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sirdar-project/sirdar/internal/pytext"
)

func TestCommandLines(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string // the error
	}{
		// core 90
		{[]string{"-n", "-n"}, "conflicting command line option '-n'"},
		{[]string{"-n", "--nodaemon"}, "conflicting command line option '--nodaemon'"},
		{[]string{"-c", "a", "-c", "b"}, "conflicting command line option '-c'"},
		// core 91
		{[]string{"--log"}, "option --log not a unique prefix"},
		// core 92
		{[]string{"foo", "-x"}, "positional arguments are not supported: ['foo', '-x']"},
		// core 93
		{[]string{"-m", "99"}, "invalid value for -m '99': 99 can not be converted to an octal type"},
		{[]string{"--umask=9"}, "invalid value for --umask '9': 9 can not be converted to an octal type"},
		{[]string{"-x"}, "option -x not recognized"},
		{[]string{"--foo"}, "option --foo not recognized"},
		{[]string{"-c"}, "option -c requires argument"},
		{[]string{"--conf"}, "option --configuration requires argument"},
		{[]string{"--nodaemon=1"}, "option --nodaemon must not have an argument"},
		{[]string{"-e", "warning"}, "invalid value for -e 'warning': bad logging level name 'warning'"},
	} {
		_, err := ParseArgs("supervisord", c.args)
		var bad *Error
		if !errors.As(err, &bad) || bad.Text != c.want || bad.File != "" {
			t.Errorf("%q: error %v, want %s", c.args, err, c.want)
		}
	}
}

// core 89
func TestHelpAndVersionEndTheReading(t *testing.T) {
	for _, c := range []struct {
		args          string
		help, version bool
	}{
		{"-v", false, true}, {"--vers", false, true}, {"-n -v -n", false, true},
		{"-h", true, false}, {"-?", true, false}, {"--help", true, false}, {"-vh", false, true}, {"-hv", true, false},
	} {
		o, err := ParseArgs("supervisord", strings.Fields(c.args))
		if err != nil || o.Help != c.help || o.Version != c.version {
			t.Errorf("%s: %+v, %v", c.args, o, err)
		}
	}
}

func TestTheCommandLineStandsOverTheFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "s.conf")
	write(t, path, "[supervisord]\nloglevel=info\nidentifier=file\nminfds=5\n")
	o, err := ParseArgs("supervisord", []string{"-nsedebug", "--ident", "line", "-c", path, "--minprocs=7"})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // and again when it is read again
		conf, err := Load(o, ThisHost())
		if err != nil {
			t.Fatal(err)
		}
		s := conf.Supervisord
		if !s.NoDaemon || !s.Silent || s.LogLevel != levels["debug"] || s.Identifier != "line" || s.MinProcs != 7 || s.MinFDs != 5 {
			t.Errorf("got %+v", s)
		}
	}
}

func TestARelativePathIsFoundAgainAfterChdir(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "s.conf"), "[supervisord]\n")
	t.Chdir(dir)
	o, err := ParseArgs("supervisord", []string{"-c", "s.conf"})
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir("/")
	conf, err := Load(o, ThisHost())
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(o.Dir, "s.conf"); conf.Path != want {
		t.Errorf("path is %s, want %s", conf.Path, want)
	}
	if want := filepath.Join(o.Dir, "supervisord.log"); conf.Supervisord.Logfile != want {
		t.Errorf("logfile is %s, want %s", conf.Supervisord.Logfile, want)
	}
}

// etcless is this host without the files in /etc that would be found.
func etcless(dir string) Host {
	h := ThisHost()
	h.Dir = dir
	stat := h.Stat
	h.Stat = func(path string) (os.FileInfo, error) {
		if strings.HasPrefix(path, "/etc/") || strings.HasPrefix(path, "/usr/") {
			return nil, os.ErrNotExist
		}
		return stat(path)
	}
	return h
}

// core 1
func TestNoFileAnywhereNamesSixPaths(t *testing.T) {
	const tail = "supervisord.conf, etc/supervisord.conf, /etc/supervisord.conf, /etc/supervisor/supervisord.conf); use the -c option to specify a config file at a different path"
	for argv0, first := range map[string]string{
		"/usr/bin/supervisord": "/usr/etc/supervisord.conf, /usr/supervisord.conf, ",
		"./bin/supervisord":    "./etc/supervisord.conf, ./supervisord.conf, ",
		"bin/supervisord":      "etc/supervisord.conf, supervisord.conf, ",
		"supervisord":          "etc/supervisord.conf, supervisord.conf, ",
	} {
		h := etcless(t.TempDir())
		o, err := parseArgs(argv0, nil, h)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Load(o, h)
		if want := "No config file found at default paths (" + first + tail; err == nil || err.Error() != want {
			t.Errorf("%s: error %v\nwant %s", argv0, err, want)
		}
		if path := Find(argv0, h); path != "" {
			t.Errorf("%s: found %s", argv0, path)
		}
	}
}

// core 2
func TestTheFirstFileFoundIsRead(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "etc"), 0o755); err != nil {
		t.Fatal(err)
	}
	h := etcless(dir)
	o, err := parseArgs("/usr/bin/supervisord", nil, h)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"etc/supervisord.conf", "supervisord.conf"} {
		write(t, filepath.Join(dir, path), "[supervisord]\n")
		conf, err := Load(o, h)
		if err != nil || conf.Path != filepath.Join(dir, path) {
			t.Errorf("read %+v, %v, want %s", conf, err, path)
		}
	}
}

// core 4, 5
func TestAFileThatCannotBeReadIsNamed(t *testing.T) {
	dir := t.TempDir()
	h := ThisHost()
	for path, want := range map[string]string{
		"missing": "could not find config file missing",
		dir:       "could not read config file " + dir,
		"~/x":     "could not find config file ~/x",
		"":        "could not find config file ",
	} {
		o, err := parseArgs("supervisord", []string{"-c", path}, h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Load(o, h); err == nil || err.Error() != want {
			t.Errorf("-c %s: error %v, want %s", path, err, want)
		}
	}
	path := filepath.Join(dir, "unreadable")
	write(t, path, "")
	h.ReadFile = func(string) ([]byte, error) { return nil, os.ErrPermission }
	o, err := parseArgs("supervisord", []string{"-c", path}, h)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Load(o, h); err == nil || err.Error() != "could not read config file "+path {
		t.Errorf("error %v", err)
	}
}

// core 89-93
func TestRandomCommandLinesAreReadAsSupervisorReadsThem(t *testing.T) {
	dir := t.TempDir()
	scene(t, dir)
	write(t, filepath.Join(dir, "s.conf"), "[supervisord]\nlogfile=logs/file.log\nuser=daemon\nloglevel=warn\n")
	g := &generator{Rand: rand.New(rand.NewPCG(9, 3))}
	var questions []question
	for range 1500 {
		args := []string{"-c", "s.conf"}
		for range g.IntN(4) {
			args = append(args, g.pick(
				"-n", "-s", "-ns", "-nn", "-k", "-t", "-nkt", "-v", "-h", "-?", "--help", "--h", "--version", "-x", "-nx", "-:", "-é",
				"--nodaemon", "--nodae", "--n", "--no", "--log", "--logfile", "--logfile_", "--logfile_m", "--silent=", "--s", "--", "-", "---", "--=", "--=x", "",
				"-e", "-edebug", "-eINFO", "--loglevel=warn", "--loglevel", "debug", "-l", "logs/x.log", "-l/nonexistent/x", "--logfile=", "-j", "-j/tmp/p", "--pidfile=~/p",
				"-m", "-m022", "--umask", "9", "077", "-m-1", "-y", "-y1KB", "-y", "1.5MB", "--logfile_maxbytes=0", "-z", "-z5", "-z5x", "-a", "-a100", "--minfds=1_0", "--minprocs", "7",
				"-u", "-udaemon", "-unosuch", "--user=0", "--user=99999", "-i", "-iid", "--identifier=", "-q", "-qlogs", "-q/nonexistent", "--childlogdir=~", "-d", "-d.", "--directory=nope",
				"-c", "other.conf", "--conf=s.conf", "--profile_options=calls,callers", "--profile_options", "--strip_ansi", "--nocleanup", "foo"))
		}
		questions = append(questions, question{Dir: dir, Environ: environ(dir), Args: args, As44: true})
	}
	for i, want := range askPython(t, questions) {
		q := questions[i]
		got := q.answer(t)
		o, err := parseArgs("supervisord", q.Args, q.host())
		switch {
		case err == nil && o.Help:
			got = `{"refused":"help"}`
		case err == nil && o.Version:
			got = `{"refused":"version"}`
		}
		if diff := differences(t, got, normal(t, want)); diff != nil {
			t.Errorf("%s: %s", pytext.ReprList(q.Args), strings.Join(diff, "\n"))
		}
	}
}

func TestUsageTellsEveryOption(t *testing.T) {
	usage := Usage("/usr/bin/supervisord")
	if !strings.Contains(usage, "Usage: /usr/bin/supervisord [options]") {
		t.Error("the usage does not say how it was called")
	}
	for _, o := range optionsIn(InSupervisord) {
		if !strings.Contains(usage, "--"+o.Long) || !strings.Contains(usage, o.Doc) && o.Long != "" {
			t.Errorf("no word of --%s", o.Long)
		}
	}
}
